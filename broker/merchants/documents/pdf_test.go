package documents

import (
	"bytes"
	"errors"
	"fmt"
	"image/jpeg"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// contents are all bytes of a PDF that the writer made, its streams unpacked:
// what is not in them is not in the file.
func contents(tb testing.TB, b []byte) string {
	tb.Helper()
	f, err := openPDF(b, never)
	if err != nil {
		tb.Fatal(err)
	}
	var out strings.Builder
	for _, n := range slices.Sorted(maps.Keys(f.places)) {
		if n == 0 {
			continue
		}
		o, err := f.get(pdfRef(n))
		if err != nil {
			tb.Fatal(err)
		}
		s, is := o.(pdfStream)
		if !is {
			fmt.Fprintf(&out, "%d %v\n", n, o)
			continue
		}
		plain, filter, _, err := f.peel(s)
		if err == nil && filter == "FlateDecode" {
			plain, err = f.inflate(plain)
		}
		if err != nil {
			tb.Fatal(err)
		}
		fmt.Fprintf(&out, "%d %v %s\n", n, s.dict, plain)
	}
	return out.String() + string(b)
}

// laden is a PDF with everything in it that a derivative must not have.
func laden() []byte {
	b := bytes.NewBuffer(pdf("/Info 6 0 R/ID[(planted-id)(planted-id)]",
		"<</Type/Catalog/Pages 2 0 R/OpenAction 7 0 R/AA<</WC 7 0 R>>/Names<</JavaScript<</Names[(a)7 0 R]>>/EmbeddedFiles<</Names[(planted.exe)8 0 R]>>>>"+
			"/AcroForm<</Fields[10 0 R]/XFA 9 0 R>>/Metadata 11 0 R/URI<</Base(http://planted.example)>>/Outlines 12 0 R/OCProperties<<>>/PieceInfo<</Planted 6 0 R>>>>",
		"<</Type/Pages/Kids[3 0 R]/Count 1/MediaBox[0 0 200 100]/Rotate 90/AA<</O 7 0 R>>>>",
		"<</Type/Page/Parent 2 0 R/Contents[4 0 R]/AA<</O 7 0 R>>/Annots[10 0 R]/Thumb 13 0 R/Metadata 11 0 R/PieceInfo<</P 6 0 R>>/LastModified(planted-date)/Tabs/S/StructParents 0"+
			"/Resources<</Font<</F1 5 0 R>>/Properties<</MC0 6 0 R>>/XObject<</Fm0 14 0 R>>/ProcSet[/PDF]>>>>",
		stream("/Filter[/ASCIIHexDecode/FlateDecode]/Metadata 11 0 R", fmt.Sprintf("%x>", deflate(drawn+" /Fm0 Do")+"planted-behind-the-stream")),
		font,
		"<</Author(planted-author)/Producer(planted-producer)>>",
		"<</S/JavaScript/JS(app.alert('planted-script'))/Next<</S/Launch/F(planted-program)>>>>",
		"<</Type/Filespec/F(planted.exe)/EF<</F 9 0 R>>>>",
		stream("/Type/EmbeddedFile/Filter/FlateDecode", deflate("planted-attachment")),
		"<</Type/Annot/Subtype/Widget/FT/Tx/T(planted-field)/V(planted-answer)/Rect[0 0 10 10]/A 7 0 R/AP<</N 14 0 R>>>>",
		stream("/Type/Metadata/Subtype/XML", "<x:xmpmeta>planted-xmp</x:xmpmeta>"),
		"<</Type/Outlines/First<</Title(planted-outline)/A 7 0 R>>>>",
		stream("/Width 1/Height 1/ColorSpace/DeviceGray/BitsPerComponent 8", "planted-thumbnail"),
		stream("/Type/XObject/Subtype/Form/BBox[0 0 10 10]/Resources<</Font<</F1 5 0 R>>>>/Metadata 11 0 R/PieceInfo<</P 6 0 R>>/OPI<</P(planted-opi)>>/Ref<</F(planted-file)>>", "BT (Seal) Tj ET")))
	at := bytes.LastIndex(b.Bytes(), []byte("startxref\n"))
	var prev int
	_, _ = fmt.Sscanf(b.String()[at:], "startxref\n%d", &prev)                              // it was just written
	revise(b, fmt.Sprintf("/Prev %d", prev), 15, stream("", "planted-unreferenced object")) // and an older revision below
	return b.Bytes()
}

func TestPDFHasOnlyWhatIsDrawn(t *testing.T) {
	t.Parallel()
	b := laden()
	if n := strings.Count(contents(t, b), "planted"); n < 20 {
		t.Fatalf("planted %d times only", n)
	}
	d, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, d.Derivative.Reveal())
	for _, gone := range []string{
		"planted", "JavaScript", "JS", "OpenAction", "AA", "Launch", "EmbeddedFile", "Filespec", "AcroForm", "XFA", "Annot", "Widget", "Metadata", "xmp",
		"Info", "/ID", "Outlines", "Names", "URI", "Thumb", "PieceInfo", "OCProperties", "MC0", "StructParents", "LastModified", "Prev", "OPI",
	} {
		if strings.Contains(got, gone) {
			t.Errorf("the derivative has %q", gone)
		}
	}
	for _, kept := range []string{"Licence of Deneb Trading", "Seal", "Helvetica", "/MediaBox [0 0 200 100 ]", "/Rotate 90"} {
		if !strings.Contains(got, kept) {
			t.Errorf("the derivative lacks %q", kept)
		}
	}
	if strings.Count(got, "%%EOF") != 1 {
		t.Error("the derivative has revisions")
	}
}

// What draws is written anew: comments, marks and what no operator takes do not come
// over, whichever stream they are in.
func TestPDFIsDrawnAnew(t *testing.T) {
	t.Parallel()
	form := "q % planted-in-a-form\n/Span<</Alt(planted-alt)>>BDC BT (Seal) Tj ET EMC Q"
	b := pdf("", catalogue, tree,
		"<</Type/Page/Parent 2 0 R/Contents[4 0 R 6 0 R]/Resources<</Font<</F1 5 0 R/F3 11 0 R>>/XObject<</Fm0 7 0 R>>/Pattern<</P0 8 0 R>>/Shading<</S0<</ShadingType 1/Function 9 0 R>>>>>>>>",
		stream("", "% planted-comment\r/planted-tag<</ActualText(planted-actual)/E(planted\\)e)>>BDC BT/F1 12 Tf 20 50 Td(100% of \\(Deneb\\)\\r)Tj EMC\n"+
			"/planted-point MP /planted-point/MC0 DP BX(planted-unknown)/planted planted EX[(De)-20<6e6562>]TJ ET 1 0 0"),
		"<</Type/Font/Subtype/Type0/BaseFont/Helvetica/ToUnicode 10 0 R>>",
		stream("/Filter/FlateDecode", deflate("rg /Fm0 Do BI/W 2/H 1/BPC 8/CS/G/L 2/planted(planted) ID %(\nEI BI/W 1/H 1/CS[/I/RGB 0<ff0000>]/BPC 8/F[/AHx/Fl]/DP[null null]ID "+
			fmt.Sprintf("%x>", deflate("x")+"planted")+"EI /F3 1 Tf /Pattern cs /P0 scn /S0 sh Q")),
		stream("/Subtype/Form/BBox[0 0 1 1]", form),
		stream("/PatternType 1/PaintType 1/BBox[0 0 1 1]", "% planted\n0 0 1 1 re f"),
		stream("/FunctionType 4/Domain[0 1]/Range[0 1]", "{ % planted\n dup }"),
		stream("", "%!PS planted\n/CMapName/X def 1 beginbfchar <01><0041> endbfchar % planted"),
		"<</Type/Font/Subtype/Type3/CharProcs<</a 12 0 R>>/Encoding<</Differences[1/a]>>>>",
		stream("", "1 0 d0 % planted\n0 0 1 1 re f"))
	d, err := New(b)
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, d.Derivative.Reveal())
	for _, gone := range []string{"planted", "BDC", "EMC", "MP", "BX", "ActualText", "Alt", "% "} {
		if strings.Contains(strings.Replace(got, "100% of", "", 1), gone) {
			t.Errorf("the derivative has %q", gone)
		}
	}
	for _, kept := range []string{
		`(100% of \(Deneb\)\r) Tj`, "[(De) -20 (neb)] TJ", "1 0 0 rg", "(Seal) Tj", "0 0 1 1 re\nf", "{ dup }", "1 beginbfchar\n<01> <0041>", "1 0 d0",
		"/H 1 /W 2\nID %(\nEI", "/CS [/I /RGB 0 <ff0000> ] /F /FlateDecode", "/Pattern cs\n/P0 scn\n/S0 sh\n",
	} {
		if !strings.Contains(got, kept) {
			t.Errorf("the derivative lacks %q", kept)
		}
	}
	sound(t, b)
}

func TestPhotoInPDFHasNoEXIF(t *testing.T) {
	t.Parallel()
	d, err := New(scanned(t))
	if err != nil {
		t.Fatal(err)
	}
	got := contents(t, d.Derivative.Reveal())
	for _, gone := range []string{plantedGPS, plantedThumb, plantedMaker, plantedTrailer, "Exif", "xmpmeta"} {
		if strings.Contains(got, gone) {
			t.Errorf("the derivative has %q", gone)
		}
	}
	_, picture, _ := strings.Cut(got, "\xff\xd8\xff")
	picture, _, _ = strings.Cut(picture, "\xff\xd9")
	if p, err := New([]byte("\xff\xd8\xff" + picture + "\xff\xd9")); err != nil || p.Kind != JPEG {
		t.Errorf("the photo can't be read any more: %v", err)
	}
}

func TestPDFOfAnyMake(t *testing.T) {
	t.Parallel()
	revised := bytes.NewBuffer(simple(""))
	prev := strings.TrimSpace(strings.TrimSuffix(revised.String()[bytes.LastIndex(revised.Bytes(), []byte("startxref"))+9:], "%%EOF\n"))
	revise(revised, "/Prev "+prev, 4, stream("", strings.Replace(drawn, "Deneb", "Vega", 1)))
	for name, test := range map[string]struct {
		b           []byte
		want, never string
	}{
		"plain":      {simple(""), "Deneb", "Vega"},
		"1.5":        {compressed(), "Deneb", "ObjStm"},
		"revised":    {revised.Bytes(), "Vega", "Deneb"},
		"long words": {pdf("", catalogue, tree, plainPage, stream("", `/F1 0.0000000000000000000000000000000001 Tf(\(Deneb\)\061\n(x))Tj`), "<</Type/Font /BaseFont/A#20B/FirstChar -12/DW +.5/Name/X % words\n/CIDSystemInfo<</Registry(a\\)\\101(b)\\\n)/Ordering<61 6>/X null/WMode true>>>>"), "/A#20B", "words"},
	} {
		d, err := New(test.b)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got := contents(t, d.Derivative.Reveal())
		if !strings.Contains(got, test.want) || strings.Contains(got, test.never) {
			t.Errorf("%s: want %q, never %q, got\n%s", name, test.want, test.never, got)
		}
		again, err := New(d.Derivative.Reveal())
		if err != nil || again.DerivativeHash != d.DerivativeHash {
			t.Errorf("%s: the derivative's derivative is another one, %v", name, err)
		}
	}
}

// bomb unpacks to n MiB.
func bomb(n int) string { return deflate(strings.Repeat(" ", n<<20)) }

func TestPDFRefused(t *testing.T) {
	t.Parallel()
	page := func(resources string, more ...string) []byte {
		return pdf("", append([]string{catalogue, tree, "<</Type/Page/Parent 2 0 R/Contents 4 0 R/Resources" + resources + ">>", stream("", drawn+" /Im0 Do /P Do /I Do /F 1 Tf")}, more...)...)
	}
	image := func(filter string) []byte {
		return page("<</XObject<</Im0 5 0 R>>>>", stream("/Subtype/Image/Width 1/Height 1/Filter"+filter, "x"))
	}
	many := strings.Repeat("3 0 R ", 2)
	kids, pages := "", []string{}
	for i := range maxPages + 1 {
		kids += fmt.Sprintf("%d 0 R ", 3+i)
		pages = append(pages, "<</Type/Page/Parent 2 0 R>>")
	}
	for name, test := range map[string]struct {
		b    []byte
		want error
	}{
		"encrypted":                {simple("/Encrypt<</Filter/Standard/V 1/R 2>>"), ErrEncrypted},
		"no page":                  {pdf("", catalogue, "<</Type/Pages/Kids[]/Count 0>>"), ErrDamaged},
		"a page twice":             {pdf("", catalogue, "<</Type/Pages/Kids["+many+"]/Count 2>>", plainPage), ErrDamaged},
		"pages in a circle":        {pdf("", catalogue, "<</Type/Pages/Kids[2 0 R]/Count 1>>"), ErrDamaged},
		"too many pages":           {pdf("", append([]string{catalogue, "<</Type/Pages/Kids[" + kids + "]>>"}, pages...)...), ErrTooComplex},
		"revisions in a circle":    {simple("/Prev 9"), ErrDamaged},
		"nested":                   {page("<</Font " + strings.Repeat("[", 1<<20) + strings.Repeat("]", 1<<20) + ">>"), ErrTooComplex},
		"millions of parts":        {page("<</Font[" + strings.Repeat("0 ", maxParts) + "]>>"), ErrTooComplex},
		"a name twice":             {page("<</Font<<>>/Font<<>>>>"), ErrDamaged},
		"a length that lies":       {pdf("", catalogue, tree, plainPage, strings.Replace(stream("", drawn), "/Length", "/Length 1%", 1), font), ErrDamaged},
		"a length of itself":       {pdf("", catalogue, tree, plainPage, "<</Length 4 0 R>>\nstream\nx\nendstream", font), ErrDamaged},
		"a stream elsewhere":       {pdf("", catalogue, tree, plainPage, stream("/F(/etc/passwd)", ""), font), ErrUnsupported},
		"a bomb as a page":         {pdf("", catalogue, tree, plainPage, stream("/Filter/FlateDecode", bomb(17)), font), ErrTooComplex},
		"a bomb in a bomb":         {pdf("", catalogue, tree, plainPage, stream("/Filter[/FlateDecode/FlateDecode]", deflate(bomb(17))), font), ErrTooComplex},
		"JBIG2":                    {image("/JBIG2Decode"), ErrUnsupported},
		"JPEG 2000":                {image("/JPXDecode"), ErrUnsupported},
		"LZW":                      {image("/LZWDecode"), ErrUnsupported},
		"a cipher":                 {image("/Crypt"), ErrUnsupported},
		"a broken JPEG":            {image("/DCTDecode"), ErrTruncated},
		"too many filters":         {image("[/FlateDecode/FlateDecode/FlateDecode/FlateDecode/FlateDecode]"), ErrTooComplex},
		"a printer's program":      {page("<</XObject<</P 5 0 R>>>>", stream("/Subtype/PS", "x")), ErrUnsupported},
		"one by another name":      {pdf("", catalogue, tree, plainPage, stream("", "BI /W 1 /H 1 /F /D#43T ID x EI"), font), ErrUnsupported},
		"one by its full name":     {pdf("", catalogue, tree, plainPage, stream("", "BI /W 1 /H 1 /Fi#6cter [/AHx /DCTDecode] ID 00> EI"), font), ErrUnsupported},
		"more than a picture":      {pdf("", catalogue, tree, plainPage, stream("", "BI /W 1 /H 1 /BPC 8 /CS /G ID xplanted EI"), font), ErrDamaged},
		"more behind a packed one": {pdf("", catalogue, tree, plainPage, stream("", "BI /W 1 /H 1 /BPC 8 /CS /G /F /Fl ID "+deflate("x")+"planted EI"), font), ErrDamaged},
		"text that nothing draws":  {pdf("", catalogue, tree, plainPage, stream("", "(planted) 1 w"), font), ErrDamaged},
		"text among numbers":       {pdf("", catalogue, tree, plainPage, stream("", "[(planted)] 0 d"), font), ErrDamaged},
		"XMP in a font":            {page("<</Font<</F<</Type/Font/FontDescriptor<</FontFile 5 0 R>>>>>>>>", stream("/Filter/FlateDecode", deflate("<x:xmpmeta>planted"))), ErrUnsupported},
		"XMP in a picture":         {page("<</XObject<</I 5 0 R>>>>", stream("/Subtype/Image/Width 40000/Height 1/BitsPerComponent 8/ColorSpace/DeviceGray/Filter/FlateDecode", deflate(strings.Repeat("x", 32<<10-4)+"<?xpacket planted"))), ErrUnsupported},
		"XMP in a fax":             {page("<</XObject<</I 5 0 R>>>>", stream("/Subtype/Image/Width 1/Height 1/Filter/CCITTFaxDecode", "<?xpacket planted")), ErrUnsupported},
		"a form by another way":    {page("<</XObject<</P 5 0 R>>>>", stream("/Subtype 6 0 R", "x"), "/PS"), ErrUnsupported},
		"a JPEG within the page":   {pdf("", catalogue, tree, plainPage, stream("", "BI /W 1 /H 1 /F /DCT ID x EI"), font), ErrUnsupported},
		"EXIF within the page":     {pdf("", catalogue, tree, plainPage, stream("/Filter/FlateDecode", deflate("BI /W 1 ID Exif\x00\x00 EI")), font), ErrUnsupported},
		"no root":                  {bytes.Replace(simple(""), []byte("/Root"), []byte("/Boot"), 1), ErrDamaged},
		"places that are not":      {bytes.Replace(simple(""), []byte("xref\n0 1"), []byte("xref\nx 1"), 1), ErrDamaged},
		"an object that is others": {bytes.Replace(simple(""), []byte("5 0 obj"), []byte("6 0 obj"), 1), ErrDamaged},
		"the end alone":            {[]byte("%PDF-1.7\n%%EOF"), ErrTruncated},
	} {
		d, err := New(test.b)
		if !errors.Is(err, test.want) || d.Kind != "" {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// What one object costs is paid for each page that uses it: little that is
// used by many makes no more work than much.
func TestPDFPaysForEveryUse(t *testing.T) {
	t.Parallel()
	var dropped strings.Builder
	for i := range 50_000 {
		fmt.Fprintf(&dropped, "/x%d 0", i)
	}
	kids, pages := "", []string{}
	for i := range maxPages {
		kids += fmt.Sprintf("%d 0 R ", 3+i)
		pages = append(pages, "<</Type/Page/Parent 2 0 R>>")
	}
	b := pdf("", append([]string{catalogue, "<</Type/Pages/Kids[" + kids + "]/Resources<<" + dropped.String() + ">>>>"}, pages...)...)
	if _, err := New(b); !errors.Is(err, ErrTooComplex) {
		t.Errorf("got %v", err)
	}
}

func TestStripJPEGKeepsThePicture(t *testing.T) {
	t.Parallel()
	plain := asJPEG(t, corners(64, 32))
	got, err := stripJPEG(append(bytes.Clone(plain), plantedTrailer...))
	if err != nil || len(got) > len(plain)+16 {
		t.Fatalf("got %d bytes of %d, %v", len(got), len(plain), err)
	}
	a, errA := jpeg.Decode(bytes.NewReader(got))
	b, errB := jpeg.Decode(bytes.NewReader(plain))
	if errA != nil || errB != nil || !reflect.DeepEqual(a, b) {
		t.Errorf("it is another picture: %v, %v", errA, errB)
	}
	if again, err := stripJPEG(got); err != nil || !bytes.Equal(again, got) {
		t.Errorf("again it is another one: %v", err)
	}
}
