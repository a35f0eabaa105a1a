package documents

import (
	"bytes"
	"encoding/hex"
	"image/jpeg"
	"strings"
	"testing"
)

const needle = "planted-110101199003070"

// onPage is a PDF of one page with resources, drawn by operators.
func onPage(resources, members, content string, more ...string) []byte {
	return pdf("", append([]string{catalogue, tree, "<</Type/Page/Parent 2 0 R/Contents 4 0 R" + members + "/Resources<<" + resources + ">>>>", stream("", content)}, more...)...)
}

// jpegWith is a JPEG with a segment behind its beginning.
func jpegWith(tb testing.TB, marker byte, body string) string {
	tb.Helper()
	b := asJPEG(tb, corners(16, 16))
	return string(b[:2]) + "\xff" + string([]byte{marker, 0, byte(len(body) + 2)}) + body + string(b[2:])
}

const smallJPEG = "/Type/XObject/Subtype/Image/Width 16/Height 16/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"

// What draws nothing has no place in a derivative, wherever it is put; what is drawn
// beside it stays, or the PDF is refused.
func TestNothingRidesAlong(t *testing.T) {
	t.Parallel()
	picture := func(members, body string) []byte {
		return onPage("/XObject<</"+needle+" 5 0 R>>", "", "/"+needle+" Do", stream("/Subtype/Image/Width 1/Height 2/ColorSpace/DeviceGray/BitsPerComponent 8"+members, body))
	}
	places := map[string][]byte{
		"a tail behind APP14":        onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, markAPP14, "Adobe\x00\x64\x00\x00\x00\x00\x01"+needle))),
		"a box":                      onPage("", "/CropBox[0 0 1 1("+needle+")]", "q Q"),
		"a box of text":              onPage("", "/CropBox[0 0 1("+needle+")]", "q Q"),
		"a unit":                     onPage("", "/UserUnit("+needle+")/Rotate("+needle+")", "q Q"),
		"a group":                    onPage("", "/Group<</S/Transparency/CS("+needle+")/BaseFont/"+needle+">>", "q Q"),
		"a width":                    onPage("/Font<</F<</Type/Font/Subtype/Type1/Widths[("+needle+")/"+needle+"<</Type/"+needle+">>]/FontDescriptor<</Flags("+needle+")>>>>>>", "", "/F 1 Tf"),
		"rows behind the last":       picture("", "xy"+needle),
		"packed rows":                picture("/Filter/FlateDecode", deflate("xy"+needle)),
		"foretold rows":              picture("/Filter/FlateDecode/DecodeParms<</Predictor 15/Columns 1>>", deflate("\x00x\x00y"+needle)),
		"runs":                       picture("/Filter/RunLengthDecode", "\x01xy"+string([]byte{byte(len(needle) - 1)})+needle+"\x80"),
		"parameters":                 picture("/Filter/FlateDecode/DecodeParms<</Columns 1/Predictor 1/K("+needle+")/BaseFont/"+needle+">>", deflate("xy")),
		"a form that is not drawn":   onPage("/XObject<</X 5 0 R>>", "", "q Q", stream("/Subtype/Form/BBox[0 0 1 1]", "BT("+needle+")Tj ET")),
		"a stream as a state":        onPage("/ExtGState<</G 5 0 R>>", "", "/G gs", stream("/Type/ExtGState", needle)),
		"a stream as a font":         onPage("/Font<</F<</Type/Font/Widths 5 0 R/FontDescriptor 5 0 R>>>>", "", "/F 1 Tf", stream("", needle)),
		"XObjects without a subtype": onPage("/XObject<</X 5 0 R>>", "", "/X Do", stream("/Type/XObject", "%"+needle+"\n0 0 m")),
		"a fax in the page":          onPage("", "", "BI/W 8/H 1/BPC 1/IM true/F/CCF ID "+needle+"\nEI"),
		"names of resources":         onPage("", "", "/"+needle+" gs/"+needle+" cs/"+needle+" scn/"+needle+" ri/"+needle+" Do/"+needle+" 1 Tf/"+needle+" sh"),
		"names that are there":       onPage("/ExtGState<</"+needle+"<</LW 1>>>>/ColorSpace<</"+needle+"/DeviceRGB>>", "", "/"+needle+" gs/"+needle+" cs BI/W 1/H 1/BPC 8/CS/"+needle+" ID xyz EI"),
		"a palette":                  onPage("", "", "BI/W 1/H 1/BPC 8/CS[/Indexed/DeviceGray 0(x"+needle+")]ID x EI"),
		"a picture in the page":      onPage("", "", "BI/W 1/H 1/BPC 8/CS/G/F/Fl/Intent/"+needle+" ID "+deflate("x"+needle)+"\nEI"),
		"names of a letter":          onPage("/Font<</F 5 0 R>>", "", "/F 1 Tf", "<</Type/Font/Subtype/Type3/Resources<</ExtGState<</"+needle+" 7 0 R>>/XObject<</X 8 0 R>>>>/CharProcs<</a 6 0 R>>>>", stream("", "1 0 d0/"+needle+" gs"), "<</LW 2>>", stream("/Subtype/Form", needle)),
	}
	for _, marker := range []string{"\xf0", "\xfd", "\x02", "\xbf", "\xc8", "\xcc", "\xdc", "\xe5", "\xfe"} {
		places["marker "+hex.EncodeToString([]byte(marker))] = onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, marker[0], needle)))
	}
	refused := 0
	for name, b := range places {
		sound(t, b)
		d, err := New(b)
		if err != nil {
			refused++
			continue
		}
		got := contents(t, d.Derivative.Reveal())
		if strings.Contains(got, needle) || strings.Contains(got, hex.EncodeToString([]byte(needle))) {
			t.Errorf("%s: the derivative has the needle\n%s", name, got)
		}
	}
	if refused != 2 {
		t.Errorf("%d were refused: only an XObject of no kind and a fax in a page are", refused)
	}
}

// What draws a page is what it was by another name.
func TestResourcesAreRenamed(t *testing.T) {
	t.Parallel()
	b := onPage("/Font<</A 5 0 R/B 6 0 R>>/ExtGState<</A<</LW 3>>>>/ColorSpace<</DefaultRGB[/CalRGB<</Gamma[1 1 1]>>]/Z[/Indexed/DeviceRGB 0(xyz)]>>/XObject<</A 7 0 R>>", "",
		"/B 2 Tf /A 1 Tf /A gs /Z cs /B 3 Tf /A Do /DeviceRGB cs /Perceptual ri BI/W 2/H 1/BPC 8/CS/Z ID xy EI", font,
		"<</Type/Font/Subtype/Type3/Resources 9 0 R/CharProcs<</a 8 0 R>>/Encoding<</Differences[1/a]>>>>",
		stream("/Subtype/Form/BBox[0 0 1 1]/Resources<</Font<</A 5 0 R>>>>", "/A 4 Tf"), stream("", "1 0 d0 /Q gs"), "<</ExtGState<</Q<</LW 5>>>>>>")
	sound(t, b)
	d, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, d.Derivative.Reveal())
	for _, kept := range []string{
		"/F0 2 Tf\n/F1 1 Tf\n/G0 gs\n/C0 cs\n/F0 3 Tf\n/X0 Do\n/DeviceRGB cs\n/Perceptual ri\nBI /BPC 8 /CS /C0 /H 1 /W 2\nID xy\nEI",
		"/F0 4 Tf", "1 0 d0\n/G0 gs", "/LW 3", "/LW 5", "/DefaultRGB", "/Indexed /DeviceRGB 0 <78797a>", "/Differences [1 /a ]",
	} {
		if !strings.Contains(got, kept) {
			t.Errorf("the derivative lacks %q:\n%s", kept, got)
		}
	}
	if _, err := New(onPage("/XObject<</X 5 0 R>>", "", "/X Do", stream("/Subtype/Form/BBox[0 0 1 1]", "/F 1 Tf"))); err == nil {
		t.Error("a form that draws with what is not its own was taken")
	}
}

// Lawful PDFs are taken as scanners and programs write them.
func TestLawfulPDFs(t *testing.T) {
	t.Parallel()
	for name, content := range map[string]string{
		"a long number":     "0.00000000000000000000000000000000001234567 0 m",
		"CR LF behind ID":   "BI/W 1/H 1/BPC 8/CS/G ID\r\nx\nEI",
		"runs":              "BI/W 4/H 1/BPC 8/CS/G/F/RL ID \xfdx\x80\nEI",
		"packed text":       "BI/W 1/H 1/BPC 8/CS/G/F[/AHx/RL]ID 00 78 80>EI",
		"a space by name":   "BI/W 1/H 1/BPC 8/CS/Cs1 ID xyz\nEI",
		"a palette":         "BI/W 1/H 1/BPC 8/CS[/I/RGB 1 <000000ffffff>]ID x\nEI",
		"a stencil":         "BI/W 8/H 1/IM true/D[1 0]ID x\nEI",
		"a long line":       "[" + strings.Repeat("(a)-1", maxElements/2) + "]TJ",
		"trailing operands": "q Q 1 2",
	} {
		b := onPage("/ColorSpace<</Cs1[/ICCBased 5 0 R]>>", "", content, stream("/N 3", "profile"))
		if _, err := New(b); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		sound(t, b)
	}
	for name, body := range map[string]string{"a line before": "\n" + string(asJPEG(t, corners(16, 16))), "zeros behind": string(asJPEG(t, corners(16, 16))) + "\x00\x00"} {
		d, err := New(onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, body)))
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		b := d.Derivative.Reveal()
		if _, err := jpeg.Decode(bytes.NewReader(b[bytes.Index(b, []byte("\xff\xd8\xff")):])); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
