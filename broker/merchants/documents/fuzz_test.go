package documents

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"
	"testing"

	"bauta.dev/bauta/masking/fault"
)

// sound is what holds of every document, whoever made it: it is refused by a
// fault of its own, or its derivative is one document that is taken as it is.
func sound(t *testing.T, b []byte) {
	t.Helper()
	before := bytes.Clone(b)
	d, err := take(b, never) // a panic is one here
	if !bytes.Equal(before, b) {
		t.Fatal("the original was written into")
	}
	if err != nil {
		if f, is := errors.AsType[*fault.Error](err); !is || f.Kind == fault.Internal || f.Unwrap() != nil {
			t.Fatalf("refused with %v", err)
		}
		return
	}
	derivative := d.Derivative.Reveal()
	if len(derivative) > MaxBytes {
		t.Fatalf("a derivative of %d bytes", len(derivative))
	}
	again, err := take(derivative, never)
	if err != nil || again.Kind != d.Kind {
		t.Fatalf("the derivative is not taken: %v", err)
	}
	if d.Kind == PDF && again.DerivativeHash != d.DerivativeHash {
		t.Fatal("a derivative of the derivative is another one")
	}
	if twice, err := take(b, never); err != nil || twice.DerivativeHash != d.DerivativeHash {
		t.Fatal("the same made another derivative")
	}
}

func FuzzDocument(f *testing.F) {
	for _, b := range [][]byte{
		nil, []byte("%PDF-"), []byte("<svg onload=1>"), []byte("PK\x03\x04"),
		asPNG(f, corners(8, 8)), asJPEG(f, corners(8, 8)), asJPEG(f, image.NewGray(image.Rect(0, 0, 9, 9))),
		photo(f, corners(8, 8), binary.BigEndian, 6), simple(""), laden(), compressed(), scanned(f),
	} {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, b []byte) { sound(t, b) })
}

// FuzzPDF has objects alone varied: whatever they are, there is a table of
// where they stand.
func FuzzPDF(f *testing.F) {
	f.Add(catalogue, tree, plainPage, stream("", drawn), font, "")
	f.Add(catalogue, tree, plainPage, stream("/Filter[/FlateDecode]/DecodeParms[null]", deflate(drawn)), font, "/Info 5 0 R")
	f.Add("<</Pages 2 0 R>>", "<</Kids 5 0 R>>", plainPage, "[4 0 R]", "[3 0 R]", "/Prev 20")
	f.Add(catalogue, tree, plainPage, stream("/Filter/ASCII85Decode", "z~>"), stream("/Type/ObjStm/N 1/First 4", "6 0 []"), "/XRefStm 20")
	f.Add(catalogue, tree, plainPage, stream("", "/T<</Alt(x)>>BDC[(a)1<41>]TJ % x\nBI/W 1/H 1/BPC 8/CS/G ID xEI BI/F/Fl ID "+deflate("x")+" EI"), stream("/Subtype/Form", "BI/F/CCF/IM true ID x\nEI"), "")
	f.Add(catalogue, tree, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources<</Font<</A 5 0 R>>/ColorSpace<</B[/Indexed/DeviceRGB 0(xyz)]>>>>>>",
		stream("", "/A 1 Tf/B cs/C gs BI/W 1/H 1/BPC 8/CS/B/F/RL ID \x00x\x80 EI"), "<</Type/Font/Subtype/Type3/CharProcs<</a 4 0 R>>/Resources<</Font<</A 5 0 R>>/ColorSpace<</B/DeviceGray>>>>>>", "")
	f.Fuzz(func(t *testing.T, a, b, c, d, e, trailer string) {
		sound(t, pdf(trailer, a, b, c, d, e))
	})
}

// FuzzOrientation reads EXIF as it comes.
func FuzzOrientation(f *testing.F) {
	f.Add(exif(binary.LittleEndian, 6))
	f.Add(exif(binary.BigEndian, 3))
	f.Fuzz(func(t *testing.T, b []byte) {
		if turn := orientation(b); turn < 1 || turn > 8 {
			t.Errorf("got %d", turn)
		}
	})
}
