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

// Each dictionary has its own members, each name is of its list, and what can be measured
// is cut: a palette, a function's samples, a profile, a table, the tables of a JPEG.
func TestNothingRidesAlongInsideWhatDraws(t *testing.T) {
	t.Parallel()
	state := func(members string, more ...string) []byte {
		return onPage("/ExtGState<</G<<"+members+">>>>", "", "/G gs", more...)
	}
	picture := func(members, space string, more ...string) []byte {
		return onPage("/XObject<</X 5 0 R>>", "", "/X Do",
			append([]string{stream("/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace"+space+members, "x")}, more...)...)
	}
	typeface := func(members string, more ...string) []byte {
		return onPage("/Font<</F<</Type/Font/Subtype/Type1"+members+">>>>", "", "/F 1 Tf", more...)
	}
	text, name := "("+needle+")", "/"+needle
	tables := "\x00" + strings.Repeat("1", 64) + "\x03" + needle + strings.Repeat(" ", 64-len(needle))
	profile := "\x00\x00\x00\x08prof"
	for what, b := range map[string][]byte{
		"a palette":                  picture("", "[/Indexed/DeviceGray 0(x"+needle+")]"),
		"a palette as a stream":      picture("", "[/Indexed/DeviceGray 0 6 0 R]", stream("", "x"+needle)),
		"a packed palette":           onPage("/ColorSpace<</C[/Indexed/DeviceRGB 0 5 0 R]>>", "", "/C cs", stream("/Filter/FlateDecode", deflate("rgb"+needle))),
		"texts of a picture":         picture("/CharSet"+text+"/FontFamily"+text+"/Registry"+text, "/DeviceGray"),
		"texts of a state":           state("/CharSet" + text + "/FontFamily" + text + "/Ordering" + text),
		"texts of a shading":         onPage("/Shading<</S<</ShadingType 2/ColorSpace/DeviceGray/Registry"+text+"/FontName"+name+">>>>", "", "/S sh"),
		"texts of a font":            typeface("/FontDescriptor<</FontFamily" + text + "/CharSet" + text + "/FontStretch" + name + ">>/CIDSystemInfo<</Registry" + text + "/Ordering" + text + ">>"),
		"a program that is none":     state("/TR 5 0 R", stream("", needle)),
		"a function of its own kind": state("/TR 5 0 R", stream("/FunctionType 9", needle)),
		"behind a function":          state("/TR 5 0 R", stream("/FunctionType 0/Domain[0 1]/Range[0 1]/Size[2]/BitsPerSample 8", "xy"+needle)),
		"behind packed samples":      state("/TR 5 0 R", stream("/FunctionType 0/Domain[0 1]/Range[0 1]/Size[2]/BitsPerSample 8/Filter/FlateDecode", deflate("xy"+needle))),
		"words of a function":        state("/TR 5 0 R", stream("/FunctionType 4/Domain[0 1]/Range[0 1]", "{ "+needle+" }")),
		"a text of a function":       state("/TR 5 0 R", stream("/FunctionType 4/Domain[0 1]/Range[0 1]", "{ "+text+" }")),
		"a shading that is none":     onPage("/Shading<</S 5 0 R>>", "", "/S sh", stream("/ShadingType 1", needle)),
		"a set of letters":           typeface("/FontDescriptor<</CIDSet 5 0 R>>", stream("", needle)),
		"a second profile":           onPage("/ColorSpace<</C[/ICCBased 5 0 R 6 0 R]>>", "", "/C cs", stream("/N 1", profile), stream("/N 1", needle)),
		"behind a profile":           onPage("/ColorSpace<</C[/ICCBased 5 0 R]>>", "", "/C cs", stream("/N 1/Alternate"+name, profile+needle)),
		"behind all glyphs":          typeface("/CIDToGIDMap 5 0 R", stream("/Filter/FlateDecode", deflate(strings.Repeat("\x00\x01", mostGlyphs/2)+needle))),
		"a text of a map":            typeface("/ToUnicode 5 0 R", stream("/CMapName"+name, "/Notice "+text+" def /"+needle+" usecmap "+needle+" 1 beginbfchar <01> "+text+" endbfchar")),
		"a code of a map":            typeface("/Encoding 5 0 R", stream("/Type/CMap/UseCMap"+name, "1 begincidchar "+text+" 1 endcidchar")),
		"names of types":             state("/Type" + name + "/BM" + name + "/RI" + name + "/SMask<</S" + name + "/TR" + name + ">>/Font[<</Subtype" + name + ">> 1]"),
		"names of a picture":         picture("/Type"+name+"/Intent"+name+"/Name"+name+"/BaseFont"+name+"/Differences[1"+name+"]", "/DeviceGray"),
		"names of a font":            typeface("/Name" + name + "/Encoding<</BaseEncoding" + name + ">>"),
		"an encoding by its name":    typeface("/Encoding" + name),
		"a group":                    onPage("", "/Group<</Type"+name+"/S"+name+"/CS"+name+">>", "q Q"),
		"a space by its name":        onPage("/ColorSpace<</C"+name+">>", "", "/C cs"),
		"a space of its own kind":    onPage("/ColorSpace<</C["+name+name+"]>>", "", "/C cs"),
		"what inks are":              onPage("/ColorSpace<</C[/DeviceN[/Black]/DeviceGray<</FunctionType 2/N 1>><</Colorants<<"+name+" 1>>/Subtype"+name+">>]>>", "", "/C cs"),
		"a long name of a font":      typeface("/BaseFont/" + strings.Repeat("x", longestName) + needle),
		"a table of no component":    onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, markDQT, tables))),
		"a table of no scan":         onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, markDHT, "\x03"+string([]byte{byte(len(needle))})+strings.Repeat("\x00", 15)+needle))),
		"a table that is replaced":   onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, markDQT, "\x00"+needle+strings.Repeat(" ", 64-len(needle))))),
		"how colours are meant":      onPage("/XObject<</I 5 0 R>>", "", "/I Do", stream(smallJPEG, jpegWith(t, markAPP14, "Adobe"+needle[:6]+"\x01"))),
		"numbers of a picture":       state("/Matte[110101 19900307]/Width 110101"),
	} {
		sound(t, b)
		d, err := New(b)
		if err != nil {
			if what != "a program that is none" && what != "a function of its own kind" && what != "words of a function" && what != "a text of a function" && what != "a shading that is none" {
				t.Errorf("%s: %v", what, err)
			}
			continue
		}
		got := contents(t, d.Derivative.Reveal())
		for _, gone := range []string{needle, hex.EncodeToString([]byte(needle)), "110101", needle[:6]} {
			if strings.Contains(got, gone) {
				t.Errorf("%s: the derivative has the needle\n%s", what, got)
				break
			}
		}
	}
}

// What draws stays: the members, names and programs that lawful PDFs have.
func TestWhatDrawsStays(t *testing.T) {
	t.Parallel()
	b := onPage("/ExtGState<</G 5 0 R>>/Font<</F 6 0 R>>/ColorSpace<</S[/Separation/Gold/DeviceCMYK 8 0 R]/I[/ICCBased 9 0 R]/P[/Pattern/DeviceRGB]>>/Shading<</H 10 0 R>>/XObject<</X 11 0 R>>", "",
		"/G gs /F 1 Tf /S cs /I cs /P cs /H sh /X Do",
		"<</Type/ExtGState/BM[/Multiply/Normal]/CA .5/SMask/None/RI/Perceptual/TR/Identity/Font[6 0 R 3]/D[[3 1]0]>>",
		"<</Type/Font/Subtype/Type0/BaseFont/AB+Song/Encoding/UniGB-UCS2-H/DescendantFonts[7 0 R]/ToUnicode 12 0 R>>",
		"<</Type/Font/Subtype/CIDFontType2/BaseFont/AB+Song/CIDSystemInfo<</Registry(Adobe)/Ordering(GB1)/Supplement 2>>/W[1[500 600]]/CIDToGIDMap/Identity/FontDescriptor<</Type/FontDescriptor/FontName/AB+Song/Flags 4>>>>",
		stream("/FunctionType 4/Domain[0 1]/Range[0 1 0 1 0 1 0 1]", "{dup 0.5 mul 0 exch % half\n0}"),
		stream("/N 3/Range[0 1 0 1 0 1]", "\x00\x00\x00\x09profile"),
		"<</ShadingType 2/ColorSpace/DeviceRGB/Coords[0 0 1 1]/Function<</FunctionType 3/Domain[0 1]/Functions[<</FunctionType 2/N 1/C0[0 0 0]/C1[1 1 1]>>]/Bounds[]/Encode[0 1]>>/Extend[true false]>>",
		stream("/Type/XObject/Subtype/Image/Width 1/Height 1/BitsPerComponent 8/ColorSpace[/Indexed[/ICCBased 9 0 R]1 13 0 R]/Mask[0 0]/Decode[0 1]/Intent/Saturation", "x"),
		stream("", "/WMode 1 def /GBK-EUC-H usecmap 1 begincodespacerange<00><ffff>endcodespacerange 2 beginbfrange<01><02><0041><03><04>[<0042><00660066>]endbfrange 1 begincidrange<05><06>7 endcidrange"),
		stream("/Filter/FlateDecode", deflate("abcdef")))
	sound(t, b)
	d, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, d.Derivative.Reveal())
	for _, kept := range []string{
		"/BM [/Multiply /Normal ]", "/CA .5", "/SMask /None", "/RI /Perceptual", "/TR /Identity", "/D [[3 1 ] 0 ]", "/Encoding /UniGB-UCS2-H", "/BaseFont /AB+Song", "/Ordering <474231>", "/Supplement 2",
		"/W [1 [500 600 ] ]", "/CIDToGIDMap /Identity", "/Separation /Gold /DeviceCMYK", "{ dup 0.5 mul 0 exch 0 }", "/N 3", "\x09profi", "/FunctionType 3", "/C1 [1 1 1 ]", "/Extend [true false ]",
		"/Mask [0 0 ]", "/Intent /Saturation", "<616263646566>", "/WMode 1 def", "/GBK-EUC-H usecmap", "<00> <ffff>", "<03> <04> [<0042> <00660066> ]", "<05> <06> 7", "/Pattern /DeviceRGB",
	} {
		if !strings.Contains(got, kept) {
			t.Errorf("the derivative lacks %q", kept)
		}
	}
	if again, err := New(d.Derivative.Reveal()); err != nil || again.DerivativeHash != d.DerivativeHash {
		t.Errorf("again it is another one, %v", err)
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
