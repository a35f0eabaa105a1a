package documents

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/jpeg"
	"image/png"
	"io"
	"log/slog"
	"strings"
	"testing"

	"bauta.dev/bauta/masking/fault"
)

func TestKindIsOfTheBytes(t *testing.T) {
	t.Parallel()
	for kind, b := range map[Kind][]byte{
		JPEG: asJPEG(t, corners(40, 20)),
		PNG:  asPNG(t, corners(40, 20)),
		PDF:  simple(""),
	} {
		d, err := Read(bytes.NewReader(b))
		if err != nil || d.Kind != kind {
			t.Errorf("%s: got %q, %v", kind, d.Kind, err)
			continue
		}
		if !bytes.Equal(d.Original.Reveal(), b) || d.OriginalHash != sha256.Sum256(b) || d.DerivativeHash != sha256.Sum256(d.Derivative.Reveal()) {
			t.Errorf("%s: the original or a hash is another", kind)
		}
		if got, err := sniff(d.Derivative.Reveal()); err != nil || got != kind {
			t.Errorf("%s: its derivative is %q, %v", kind, got, err)
		}
		again, err := New(bytes.Clone(b))
		if err != nil || again.DerivativeHash != d.DerivativeHash {
			t.Errorf("%s: the same again made another derivative, %v", kind, err)
		}
	}
}

// every way a document is refused, by its code.
func TestRefused(t *testing.T) {
	t.Parallel()
	scan, picture := asJPEG(t, corners(64, 32)), asPNG(t, corners(64, 32))
	zip := "PK\x03\x04 a file PK\x01\x02 a name PK\x05\x06" + strings.Repeat("\x00", 18)
	svg := `<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"><script>alert(1)</script></svg>`
	utf16 := []byte{0xff, 0xfe}
	for _, c := range svg {
		utf16 = binary.LittleEndian.AppendUint16(utf16, uint16(c)) //nolint:gosec // ASCII
	}
	for name, test := range map[string]struct {
		b    []byte
		want *fault.Error
	}{
		"empty":                         {nil, ErrEmpty},
		"too large":                     {make([]byte, MaxBytes+1), ErrTooLarge},
		"text":                          {[]byte("licence"), ErrType},
		"GIF":                           {[]byte("GIF89a\x01\x00\x01\x00"), ErrType},
		"HEIC":                          {[]byte("\x00\x00\x00\x18ftypheic"), ErrType},
		"XML":                           {[]byte("<?xml version='1.0'?><a/>"), ErrType},
		"SVG":                           {[]byte(svg), ErrSVG},
		"SVG behind a comment":          {[]byte("\xef\xbb\xbf<?xml version='1.0'?><!--" + strings.Repeat("x", 5000) + "-->" + svg), ErrSVG},
		"SVG in a name space":           {[]byte(`<s:SVG xmlns:s="http://www.w3.org/2000/svg"/>`), ErrSVG},
		"SVG in UTF-16":                 {utf16, ErrSVG},
		"HTML":                          {[]byte("\n<!DOCTYPE html><title>x</title>"), ErrHTML},
		"HTML with an SVG":              {[]byte("<html>" + svg), ErrHTML},
		"script":                        {[]byte("<script>1</script>"), ErrHTML},
		"ZIP":                           {[]byte(zip), ErrArchive},
		"ZIP that is a PDF":             {[]byte("PK\x03\x04" + string(simple(""))), ErrArchive},
		"gzip":                          {[]byte("\x1f\x8b\x08\x00"), ErrArchive},
		"PDF that is a ZIP":             {append(simple(""), zip...), ErrPolyglot},
		"PDF with a ZIP before its end": {bytes.Replace(simple(""), []byte("startxref"), []byte("%"+zip+"\nstartxref"), 1), ErrPolyglot},
		"PDF behind a script":           {append([]byte("#!/bin/sh\n"), simple("")...), ErrPolyglot},
		"PDF behind a page":             {append([]byte("<html>"), simple("")...), ErrPolyglot},
		"PDF before a page":             {append(simple(""), "<html>"...), ErrPolyglot},
		"JPEG that is a ZIP":            {append(bytes.Clone(scan), zip...), ErrPolyglot},
		"JPEG that is a PDF":            {append([]byte("\xff\xd8\xff\xfe\x00\x10%PDF-1.7\n%aaaa"), scan[2:]...), ErrPolyglot},
		"PNG that is a ZIP":             {append(bytes.Clone(picture), zip...), ErrPolyglot},
		"JPEG cut in its head":          {scan[:30], ErrTruncated},
		"JPEG cut in its scan":          {scan[:len(scan)-20], ErrTruncated},
		"JPEG without its end":          {scan[:len(scan)-2], ErrTruncated},
		"JPEG of two bytes":             {[]byte("\xff\xd8"), ErrTruncated},
		"PNG cut":                       {picture[:len(picture)-20], ErrTruncated},
		"PNG of four bytes":             {picture[:4], ErrTruncated},
		"PDF cut":                       {simple("")[:300], ErrTruncated},
		"PNG with a wrong sum":          {bytes.Replace(picture, []byte("IDAT"), []byte("IDAX"), 1), ErrDamaged},
		"JPEG of garbage":               {[]byte("\xff\xd8\xff\xe0\x00\x04abgarbage"), ErrDamaged},
	} {
		d, err := New(test.b)
		if !errors.Is(err, test.want) || d.Kind != "" || d.Original.Len() != 0 {
			t.Errorf("%s: got %v, want %v", name, err, test.want)
		}
	}
}

// endless gives bytes for ever, and counts them.
type endless struct{ given int }

func (e *endless) Read(b []byte) (int, error) {
	e.given += len(b)
	return len(b), nil
}

func TestTooLargeIsRefusedWhileItIsRead(t *testing.T) {
	t.Parallel()
	var upload endless
	if _, err := Read(&upload); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if upload.given > MaxBytes+1 {
		t.Errorf("%d bytes were read of an endless upload", upload.given)
	}
	gone := errors.New("the caller is gone")
	if _, err := Read(io.MultiReader(strings.NewReader("\xff\xd8\xff"), broke{gone})); !errors.Is(err, gone) {
		t.Errorf("got %v", err)
	}
}

type broke struct{ err error }

func (b broke) Read([]byte) (int, error) { return 0, b.err }

func TestEXIFIsGone(t *testing.T) {
	t.Parallel()
	taken := photo(t, corners(64, 32), binary.BigEndian, 1)
	laden := asPNG(t, corners(64, 32))
	for _, c := range [][2]string{{"eXIf", string(exif(binary.BigEndian, 1))}, {"tEXt", "Author\x00" + plantedMaker}, {"iTXt", "XML:com.adobe.xmp\x00\x00\x00\x00\x00" + plantedGPS}} {
		laden = chunk(laden, c[0], c[1])
	}
	laden = append(laden, plantedTrailer...)
	for kind, b := range map[Kind][]byte{JPEG: taken, PNG: laden} {
		d, err := New(b)
		if err != nil {
			t.Fatalf("%s: %v", kind, err)
		}
		for _, planted := range []string{plantedGPS, plantedThumb, plantedTrailer, plantedMaker, "Exif", "eXIf", "xmp", "script"} {
			if bytes.Contains(d.Derivative.Reveal(), []byte(planted)) {
				t.Errorf("%s: the derivative has %q", kind, planted)
			}
		}
		if !bytes.Contains(b, []byte(plantedGPS)) || !bytes.Contains(b, []byte(plantedTrailer)) {
			t.Errorf("%s: nothing was planted", kind)
		}
	}
}

// A picture is turned as its EXIF says; where its four quarters come to stand
// is worked out here from the words of the standard.
func TestOrientationIsApplied(t *testing.T) {
	t.Parallel()
	// red, green, blue, white: top left, top right, bottom left, bottom right
	for turn, want := range map[uint16]string{
		0: "rgbw", 1: "rgbw", 2: "grwb", 3: "wbgr", 4: "bwrg", 5: "rbgw", 6: "brwg", 7: "wgbr", 8: "gwrb", 9: "rgbw",
	} {
		for _, order := range []binary.AppendByteOrder{binary.LittleEndian, binary.BigEndian} {
			d, err := New(photo(t, corners(64, 32), order, turn))
			if err != nil {
				t.Fatal(err)
			}
			p, err := jpeg.Decode(bytes.NewReader(d.Derivative.Reveal()))
			if err != nil {
				t.Fatal(err)
			}
			if got := quarters(p); got != want {
				t.Errorf("turn %d, %v: got %s, want %s", turn, order, got, want)
			}
			lying := turn >= 5 && turn <= 8
			if wide := p.Bounds().Dx() == 64; wide == lying {
				t.Errorf("turn %d: got %v", turn, p.Bounds())
			}
		}
		d, err := New(chunk(asPNG(t, corners(64, 32)), "eXIf", string(exif(binary.LittleEndian, turn))))
		if err != nil {
			t.Fatal(err)
		}
		if p, err := png.Decode(bytes.NewReader(d.Derivative.Reveal())); err != nil || quarters(p) != want {
			t.Errorf("turn %d of a PNG: want %s, %v", turn, want, err)
		}
	}
}

func quarters(p image.Image) string {
	w, h := p.Bounds().Dx(), p.Bounds().Dy()
	var out strings.Builder
	for _, at := range []image.Point{{w / 4, h / 4}, {3 * w / 4, h / 4}, {w / 4, 3 * h / 4}, {3 * w / 4, 3 * h / 4}} {
		r, g, b, _ := p.At(at.X, at.Y).RGBA()
		switch {
		case r > 0xc000 && g > 0xc000 && b > 0xc000:
			out.WriteByte('w')
		case r > 0xc000:
			out.WriteByte('r')
		case g > 0xc000:
			out.WriteByte('g')
		case b > 0xc000:
			out.WriteByte('b')
		}
	}
	return out.String()
}

func TestWhatIsTransparentHidesNothing(t *testing.T) {
	t.Parallel()
	p := image.NewNRGBA(image.Rect(0, 0, 8, 8))
	for i := range 64 {
		p.SetNRGBA(i%8, i/8, color.NRGBA{R: 200, G: 10, B: 10})
	}
	d, err := New(asPNG(t, p))
	if err != nil {
		t.Fatal(err)
	}
	got, err := png.Decode(bytes.NewReader(d.Derivative.Reveal()))
	if err != nil || color.NRGBAModel.Convert(got.At(3, 3)) != (color.NRGBA{255, 255, 255, 255}) {
		t.Errorf("got %v, %v: what is under transparent pixels came over", got.At(3, 3), err)
	}
}

func TestPicturesAreMadeSmaller(t *testing.T) {
	t.Parallel()
	for from, want := range map[image.Point]image.Point{
		{7016, 400}: {3508, 200}, {10, 8001}: {4, 3508}, {3508, 10}: {3508, 10}, {9000, 1}: {3508, 1},
	} {
		g := image.NewGray(image.Rect(0, 0, from.X, from.Y))
		for i := range g.Pix {
			g.Pix[i] = 200
		}
		d, err := New(asPNG(t, g))
		if err != nil {
			t.Fatal(err)
		}
		p, err := png.Decode(bytes.NewReader(d.Derivative.Reveal()))
		if err != nil || p.Bounds().Size() != want {
			t.Errorf("%v: got %v, %v, want %v", from, p.Bounds().Size(), err, want)
			continue
		}
		if grey, is := p.(*image.Gray); !is || grey.GrayAt(want.X/2, want.Y/2).Y != 200 {
			t.Errorf("%v: got a %T, or another grey", from, p)
		}
	}
}

// A bomb is refused by what its head says, before a pixel is made.
func TestBombsAreRefusedByTheirHead(t *testing.T) {
	t.Parallel()
	small := asPNG(t, image.NewGray(image.Rect(0, 0, 8, 8)))
	sized := func(w, h uint32, depth, colours byte) []byte {
		head := binary.BigEndian.AppendUint32(binary.BigEndian.AppendUint32(nil, w), h)
		return append(chunk(small[:33], "IHDR", string(append(head, depth, colours, 0, 0, 0)))[:8],
			append(chunk(small[:33], "IHDR", string(append(head, depth, colours, 0, 0, 0)))[33:], small[33:]...)...)
	}
	scan := asJPEG(t, corners(64, 32))
	sof := bytes.Index(scan, []byte{0xff, 0xc0})
	large := bytes.Clone(scan)
	copy(large[sof+5:], "\xff\xff\xff\xff")
	progressive := bytes.Clone(scan)
	progressive[sof+1] = markSOF2
	copy(progressive[sof+5:], "\x13\x88\x13\x88") // 25 million: few enough, were it not progressive
	for name, b := range map[string][]byte{
		"PNG of 2^29 by 2^29": sized(1<<29, 1<<29, 8, 0),
		"PNG of 10,000²":      sized(10_000, 10_000, 8, 0),
		"PNG of 16 bits":      sized(6_000, 6_000, 16, 6),
		"PNG in colour":       sized(4_200, 4_000, 8, 2), // 16.8 million: 64 MiB and a little more
		"PNG as a line":       sized(30_000_000, 1, 8, 0),
		"JPEG of 65,535²":     large,
		"progressive JPEG":    progressive,
	} {
		if _, err := New(b); !errors.Is(err, ErrPixels) {
			t.Errorf("%s: got %v", name, err)
		}
	}
	scans := bytes.Repeat([]byte("\xff\xda\x00\x08\x01\x01\x00\x00\x00\x00"), 5000)
	if _, err := New(append(append(bytes.Clone(scan[:len(scan)-2]), scans...), 0xff, 0xd9)); !errors.Is(err, ErrDamaged) {
		t.Errorf("a JPEG of thousands of scans: got %v", err)
	}
}

// A picture is measured by what its decoder will hold of it.
func TestPicturesAreMeasuredInMemory(t *testing.T) {
	t.Parallel()
	frame := func(marker byte, sampling ...byte) []segment {
		body := make([]byte, 6, 6+3*len(sampling))
		for i, s := range sampling {
			body = append(body, byte(i), s, 0)
		}
		return []segment{{marker: markAPP0}, {marker: marker, body: body}}
	}
	for name, test := range map[string]struct {
		model color.Model
		all   []segment
		want  int64
	}{
		"grey":                   {color.GrayModel, frame(markSOF0, 0x11), 8},
		"half the colours":       {color.YCbCrModel, frame(markSOF0, 0x21, 0x11, 0x11), 16},
		"a quarter":              {color.YCbCrModel, frame(markSOF0, 0x22, 0x11, 0x11), 12},
		"all colours":            {color.YCbCrModel, frame(markSOF0, 0x11, 0x11, 0x11), 24},
		"made into another":      {color.RGBAModel, frame(markSOF0, 0x11, 0x11, 0x11), 56},
		"for print":              {color.CMYKModel, frame(markSOF0, 0x11, 0x11, 0x11, 0x11), 64},
		"progressive, a quarter": {color.YCbCrModel, frame(markSOF2, 0x22, 0x11, 0x11), 60},
		"no frame":               {color.YCbCrModel, nil, 32},
		"no components":          {color.YCbCrModel, frame(markSOF0), 32},
	} {
		if got := jpegCost(test.model, test.all); got != test.want {
			t.Errorf("%s: %d bits of a pixel, want %d", name, got, test.want)
		}
	}
}

func TestDocumentsDoNotPrint(t *testing.T) {
	t.Parallel()
	d, err := New(simple("/Planted(" + plantedMaker + ")"))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	for _, v := range []any{d, &d, d.Original, &d.Original, []Document{d}, map[string]Bytes{"k": d.Original}, struct{ v Bytes }{d.Original}, struct{ v *Document }{&d}, struct{ v Document }{d}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "% x", "%X", "%d", "%b", "%c", "%U"} {
			fmt.Fprintf(&b, verb+"\n", v)
		}
		if raw, err := json.Marshal(v); err == nil {
			b.Write(raw)
		}
		slog.New(slog.NewTextHandler(&b, nil)).Info("m", "v", v)
		slog.New(slog.NewJSONHandler(&b, nil)).Info("m", "v", v)
	}
	for _, content := range []string{plantedMaker, "Deneb"} {
		for _, form := range []string{content, hex.EncodeToString([]byte(content)), fmt.Sprintf("% x", content), strings.Trim(fmt.Sprint([]byte(content)), "[]")} { //nolint:staticcheck // as fmt does
			if strings.Contains(strings.ToLower(b.String()), strings.ToLower(form)) {
				t.Errorf("a document prints its content: %q", form)
			}
		}
	}
	if !bytes.Contains(d.Original.Reveal(), []byte(plantedMaker)) {
		t.Error("nothing was planted")
	}
}
