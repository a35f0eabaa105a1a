package documents

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// spent is what making a PDF anew took of its budgets.
func spent(t *testing.T, b []byte) (parts, bulk int, err error) {
	t.Helper()
	f, err := openPDF(b, never)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f.rewritten()
	return maxDrawn - f.drawing.parts, maxBulk - f.budget.bulk, err
}

// onPageOf is a page that one empty stream draws, so often.
func onPageOf(uses int) []byte {
	return pdf("", catalogue, tree, "<</Type/Page/Parent 2 0 R/Contents["+strings.Repeat("4 0 R ", uses)+"]>>", stream("", ""))
}

// Small files that would be large work, or much to hold, are refused early on.
func TestPDFIsDrawnWithinBounds(t *testing.T) {
	t.Parallel()
	page := func(contents ...string) []byte {
		refs, objects := "", []string{}
		for i, c := range contents {
			refs += fmt.Sprintf("%d 0 R ", 4+i)
			objects = append(objects, stream("/Filter/FlateDecode", deflate(c)))
		}
		return pdf("", append([]string{catalogue, tree, "<</Type/Page/Parent 2 0 R/Contents[" + refs + "]>>"}, objects...)...)
	}
	small := "BI/W 1/H 1/BPC 8/CS/G/F/Fl ID " + deflate("x") + " EI "
	for name, test := range map[string]struct {
		b           []byte
		parts, bulk int // at most
	}{
		"an array of a million":      {page("[" + strings.Repeat("0 ", 1_000_000) + "] TJ"), 2 * maxElements, 5 << 20},
		"texts and numbers":          {page("[" + strings.Repeat("()0", 500_000) + "] TJ"), 2 * maxElements, 5 << 20},
		"arrays in arrays":           {page(strings.Repeat("[", 30) + strings.Repeat("[[]]", 300_000) + strings.Repeat("]", 30) + " TJ"), 2 * maxElements, 5 << 20},
		"properties by the thousand": {page("/P<</A[" + strings.Repeat("null ", 300_000) + "]>>BDC"), 2 * maxElements, 5 << 20},
		"many pictures":              {page(strings.Repeat(small, maxInline+1)), 20 * maxInline, 20 << 20},
		"a great many":               {page(strings.Repeat(small, 30_000), strings.Repeat(small, 10_000)), 20 * maxInline, 24 << 20},
		"many operators":             {page(strings.Repeat("q ", maxPage+1)), maxPage + 10, 11 << 20},
		"an empty stream, often":     {onPageOf(20_000), 10, maxBulk + usePrice},
		"streams that are joined":    {page(strings.Repeat(" ", maxPlain/2+1), strings.Repeat(" ", maxPlain/2+1)), 0, 34 << 20},
	} {
		parts, bulk, err := spent(t, test.b)
		if !errors.Is(err, ErrTooComplex) || parts > test.parts || bulk > test.bulk {
			t.Errorf("%s: %d parts, %d bytes, %v", name, parts, bulk, err)
		}
	}
}

// What is looked at, and not held, costs a part: scans are large unpacked.
func TestPDFOfLargeScans(t *testing.T) {
	t.Parallel()
	scan := func(w, h int) string {
		row := strings.Repeat("\x10\x20\x30", w)
		return stream(fmt.Sprintf("/Subtype/Image/Width %d/Height %d/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/FlateDecode", w, h), deflate(strings.Repeat(row, h)))
	}
	a4, fine := scan(2480, 3508), scan(4960, 7016)
	for name, b := range map[string][]byte{
		"five pages at 300 dpi": onPage("/XObject<</A 5 0 R/B 6 0 R/C 7 0 R/D 8 0 R/E 9 0 R>>", "", "/A Do/B Do/C Do/D Do/E Do", a4, a4, a4, a4, a4),
		"one at 600":            onPage("/XObject<</A 5 0 R>>", "", "/A Do", fine),
	} {
		if _, bulk, err := spent(t, b); err != nil || bulk > maxBulk/4 {
			t.Errorf("%s: %d bytes, %v", name, bulk, err)
		}
	}
	if _, _, err := spent(t, onPageOf(2_000)); err != nil {
		t.Errorf("a page of two thousand parts: %v", err)
	}
	bomb := stream("/Subtype/Image/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8/Filter/FlateDecode", bomb(32))
	if _, bulk, err := spent(t, onPage("/XObject<</A 5 0 R>>", "", "/A Do", bomb)); err != nil || bulk > usePrice+1<<10 {
		t.Errorf("a bomb behind a pixel: %d bytes, %v: only the pixel is unpacked", bulk, err)
	}
	f, err := openPDF(simple(""), never)
	if err != nil {
		t.Fatal(err)
	}
	f.budget.bulk = 100 << 10
	if _, _, err := f.measure([]byte(deflate(strings.Repeat("x", 1<<20))), 1<<30); !errors.Is(err, ErrTooComplex) {
		t.Errorf("more than the budget: %v", err)
	}
}

// Whatever is drawn ends with its time.
func TestDrawingEnds(t *testing.T) {
	t.Parallel()
	over, end := context.WithCancel(t.Context())
	end()
	for name, b := range map[string][]byte{
		"PDF": simple(""), "JPEG": photo(t, corners(64, 32), binary.BigEndian, 1), "PNG": asPNG(t, corners(64, 32)),
	} {
		if d, err := NewWithin(over, b); !errors.Is(err, ErrTooComplex) || d.Kind != "" {
			t.Errorf("%s: got %v", name, err)
		}
	}
	asked := 0
	b := onPage("", "", strings.Repeat("q Q ", 100_000))
	if _, err := rewrite(b, func() bool { asked++; return asked > 20 }); !errors.Is(err, ErrTooComplex) || asked != 21 {
		t.Errorf("asked %d times, %v", asked, err)
	}
	if !bytes.Contains(b, []byte("q Q")) {
		t.Error("nothing to draw")
	}
}
