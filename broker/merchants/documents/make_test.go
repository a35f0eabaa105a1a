package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"strings"
	"testing"
)

// What is planted into documents, and may be in none that anybody opens.
const (
	plantedGPS     = "48 deg 51 min N"
	plantedThumb   = "the thumbnail of a face"
	plantedTrailer = "a film behind the picture"
	plantedMaker   = "serial number 4711"
)

// corners is a picture whose four corners differ: red, green, blue, white.
func corners(w, h int) *image.RGBA {
	p := image.NewRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			c := color.RGBA{A: 255}
			switch {
			case x < w/2 && y < h/2:
				c.R = 255
			case y < h/2:
				c.G = 255
			case x < w/2:
				c.B = 255
			default:
				c.R, c.G, c.B = 255, 255, 255
			}
			p.SetRGBA(x, y, c)
		}
	}
	return p
}

func asJPEG(tb testing.TB, p image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := jpeg.Encode(&b, p, &jpeg.Options{Quality: 95}); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

func asPNG(tb testing.TB, p image.Image) []byte {
	tb.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, p); err != nil {
		tb.Fatal(err)
	}
	return b.Bytes()
}

// exif is a TIFF structure as cameras write it: how to turn the picture, who
// made it, a GPS directory and a thumbnail.
func exif(order binary.AppendByteOrder, turn uint16) []byte {
	head, magic := "II", []byte{42, 0}
	if order.AppendUint16(nil, 1)[0] == 0 {
		head, magic = "MM", []byte{0, 42}
	}
	entry := func(tag, kind uint16, count, value uint32) []byte {
		b := order.AppendUint32(order.AppendUint16(order.AppendUint16(nil, tag), kind), count)
		if kind == 3 {
			return order.AppendUint16(order.AppendUint16(b, uint16(value)), 0) //nolint:gosec // small
		}
		return order.AppendUint32(b, value)
	}
	const first, gps, second, heap = 8, 8 + 2 + 3*12 + 4, 50 + 2 + 12 + 4, 68 + 2 + 2*12 + 4
	b := append([]byte(head), magic...)
	b = order.AppendUint32(b, first)
	b = order.AppendUint16(b, 3)
	b = append(b, entry(0x010f, 2, uint32(len(plantedMaker)), heap)...)
	b = append(b, entry(0x0112, 3, 1, uint32(turn))...)
	b = append(b, entry(0x8825, 4, 1, gps)...)
	b = order.AppendUint32(b, second)
	b = order.AppendUint16(b, 1)
	b = append(b, entry(0x001d, 2, uint32(len(plantedGPS)), uint32(heap+len(plantedMaker)))...)
	b = order.AppendUint32(b, 0)
	b = order.AppendUint16(b, 2)
	b = append(b, entry(0x0201, 4, 1, uint32(heap+len(plantedMaker)+len(plantedGPS)))...)
	b = append(b, entry(0x0202, 4, 1, uint32(len(plantedThumb)))...)
	b = order.AppendUint32(b, 0)
	return append(b, plantedMaker+plantedGPS+plantedThumb...)
}

// photo is a JPEG with all that a camera puts beside the picture.
func photo(tb testing.TB, p image.Image, order binary.AppendByteOrder, turn uint16) []byte {
	tb.Helper()
	b := asJPEG(tb, p)
	seg := func(marker byte, body string) []byte {
		return append(binary.BigEndian.AppendUint16([]byte{0xff, marker}, uint16(len(body)+2)), body...) //nolint:gosec // short
	}
	out := bytes.Clone(b[:2])
	out = append(out, seg(markAPP1, "Exif\x00\x00"+string(exif(order, turn)))...)
	out = append(out, seg(markAPP1, "http://ns.adobe.com/xap/1.0/\x00<x:xmpmeta>"+plantedGPS+"</x:xmpmeta>")...)
	out = append(out, seg(0xed, "Photoshop 3.0\x00"+plantedMaker)...)
	out = append(out, seg(markCOM, plantedMaker+"<script>")...)
	out = append(out, b[2:]...)
	return append(out, plantedTrailer...)
}

// chunk puts a chunk behind the header of a PNG.
func chunk(b []byte, kind, body string) []byte {
	c := append(binary.BigEndian.AppendUint32(nil, uint32(len(body))), kind+body...) //nolint:gosec // short
	c = binary.BigEndian.AppendUint32(c, crc32.ChecksumIEEE([]byte(kind+body)))
	const header = 8 + 25
	return append(append(bytes.Clone(b[:header]), c...), b[header:]...)
}

// pdf writes objects 1, 2, … and a table of places, with members for the trailer.
func pdf(trailer string, objects ...string) []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	revise(&b, trailer, 1, objects...)
	return b.Bytes()
}

// revise appends a revision with objects from a number on.
func revise(b *bytes.Buffer, trailer string, first int, objects ...string) {
	offsets := make([]int, len(objects))
	for i, o := range objects {
		offsets[i] = b.Len()
		fmt.Fprintf(b, "%d 0 obj\n%s\nendobj\n", first+i, o)
	}
	at := b.Len()
	fmt.Fprintf(b, "xref\n0 1\n0000000000 65535 f \n%d %d\n", first, len(objects))
	for _, o := range offsets {
		fmt.Fprintf(b, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(b, "trailer\n<</Size %d/Root 1 0 R%s>>\nstartxref\n%d\n%%%%EOF\n", first+len(objects), trailer, at)
}

func stream(members, body string) string {
	return fmt.Sprintf("<<%s/Length %d>>\nstream\n%s\nendstream", members, len(body), body)
}

func deflate(body string) string {
	var b bytes.Buffer
	z := zlib.NewWriter(&b)
	_, _ = z.Write([]byte(body)) // a buffer takes all
	_ = z.Close()
	return b.String()
}

const (
	catalogue = "<</Type/Catalog/Pages 2 0 R>>"
	tree      = "<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]>>"
	plainPage = "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>"
	drawn     = "BT /F1 12 Tf 20 50 Td (Licence of Deneb Trading) Tj ET"
	font      = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
)

// simple is a PDF of one page with nothing beside it.
func simple(trailer string, more ...string) []byte {
	return pdf(trailer, append([]string{catalogue, tree, plainPage, stream("", drawn), font}, more...)...)
}

// scanned is a PDF as scanners and telephones make it: a photo on a page.
func scanned(tb testing.TB) []byte {
	tb.Helper()
	p := photo(tb, corners(64, 32), binary.LittleEndian, 1)
	return pdf("", catalogue, tree,
		"<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</XObject<</Im0 5 0 R>>>>>>",
		stream("/Filter/FlateDecode", deflate("q 200 0 0 100 0 0 cm /Im0 Do Q")),
		stream("/Type/XObject/Subtype/Image/Width 64/Height 32/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode/Metadata 6 0 R", string(p)),
		stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta>"+plantedGPS+"</x:xmpmeta>"))
}

// compressed is a PDF of version 1.5: places and objects in streams, the places
// with a predictor.
func compressed() []byte {
	var b bytes.Buffer
	b.WriteString("%PDF-1.5\n")
	content, inside := b.Len(), 0
	fmt.Fprintf(&b, "4 0 obj\n%s\nendobj\n", stream("/Filter/FlateDecode", deflate(drawn)))
	inside = b.Len()
	objects := []string{catalogue, tree, plainPage, font}
	numbers := []int{1, 2, 3, 5}
	var heads, bodies strings.Builder
	for i, o := range objects {
		fmt.Fprintf(&heads, "%d %d ", numbers[i], bodies.Len())
		bodies.WriteString(o + " ")
	}
	fmt.Fprintf(&b, "6 0 obj\n%s\nendobj\n", stream(fmt.Sprintf("/Type/ObjStm/N 4/First %d/Filter/FlateDecode", heads.Len()), deflate(heads.String()+bodies.String())))
	at := b.Len()
	rows := [][4]int{{0, 0, 0}, {2, 6, 0}, {2, 6, 1}, {2, 6, 2}, {1, content, 0}, {2, 6, 3}, {1, inside, 0}, {1, at, 0}}
	var table []byte
	above := make([]byte, 4)
	for _, r := range rows {
		row := []byte{byte(r[0]), byte(r[1] >> 8), byte(r[1]), byte(r[2])} //nolint:gosec // small
		table = append(table, 2)                                           // up
		for i := range row {
			table = append(table, row[i]-above[i])
		}
		above = row
	}
	fmt.Fprintf(&b, "7 0 obj\n%s\nendobj\nstartxref\n%d\n%%%%EOF\n",
		stream("/Type/XRef/Size 8/W[1 2 1]/Root 1 0 R/Filter/FlateDecode/DecodeParms<</Predictor 12/Columns 4>>", deflate(string(table))), at)
	return b.Bytes()
}

// never is a time that is not over.
func never() bool { return false }
