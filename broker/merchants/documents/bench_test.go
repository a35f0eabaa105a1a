package documents

import (
	"encoding/binary"
	"image"
	"testing"
)

// BenchmarkNew takes an A4 page at 300 dpi, a photo of 12 million pixels and
// a PDF with a photo in it.
func BenchmarkNew(b *testing.B) {
	page := image.NewGray(image.Rect(0, 0, 2480, 3508))
	for i := range page.Pix {
		page.Pix[i] = byte(i * i >> 7) //nolint:gosec // a pattern
	}
	for name, doc := range map[string][]byte{
		"page-png":  asPNG(b, page),
		"photo":     photo(b, corners(4000, 3000), binary.LittleEndian, 6),
		"small-pdf": scanned(b),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(doc)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := New(doc); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
