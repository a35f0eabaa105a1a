package documents

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

const maxPages = 200

// How the members of a dictionary are read: by names that ISO 32000 gives
// them, by names that the file gives them, or as resources; and which streams are
// read: those that draw, and those that are programs.
type reading uint8

const (
	known reading = iota
	named
	resources
	glyphs // by names that the file gives them, each a stream that draws
	drawing
	program
)

// kept are the members that what is drawn can have. All else is left behind:
// actions, scripts, forms, annotations, attachments, metadata, thumbnails,
// layers and what producers keep for themselves have none of these names.
var keptTable = map[reading]map[pdfName]reading{
	resources: {"Font": named, "XObject": named, "ExtGState": named, "ColorSpace": named, "Pattern": named, "Shading": named},
	known: keptNames("Type Subtype DecodeParms " +
		// images and forms
		"Width Height ColorSpace BitsPerComponent Intent ImageMask Mask Decode Interpolate SMask SMaskInData Matte FormType BBox Matrix Group S CS I K G BC " +
		// graphics states
		"LW LC LJ ML D RI OP op OPM Font BG BG2 UCR UCR2 TR TR2 FL SM SA BM CA ca AIS TK " +
		// patterns, shadings, functions, colours
		"PatternType PaintType TilingType XStep YStep Shading ExtGState ShadingType Background AntiAlias Coords Domain Function Extend BitsPerCoordinate BitsPerFlag VerticesPerRow " +
		"FunctionType Range Size BitsPerSample Order Encode C0 C1 N Functions Bounds WhitePoint BlackPoint Gamma Alternate " +
		// fonts
		"Name BaseFont FirstChar LastChar Widths FontDescriptor Encoding BaseEncoding Differences ToUnicode DescendantFonts CIDSystemInfo Registry Ordering Supplement DW W DW2 W2 " +
		"CIDToGIDMap WMode CMapName UseCMap FontBBox FontMatrix FontName FontFamily FontStretch FontWeight Flags ItalicAngle Ascent Descent Leading CapHeight XHeight StemV StemH " +
		"AvgWidth MaxWidth MissingWidth FontFile FontFile2 FontFile3 CharSet CIDSet Length1 Length2 Length3 " +
		// parameters of filters
		"Predictor Colors Columns EarlyChange BlackIs1 EncodedByteAlign EndOfLine EndOfBlock Rows DamagedRowsBeforeError ColorTransform"),
}

func keptNames(names string) map[pdfName]reading {
	out := map[pdfName]reading{}
	for _, n := range bytes.Fields([]byte(names)) {
		out[pdfName(n)] = known
	}
	out["Resources"], out["CharProcs"], out["ToUnicode"] = resources, glyphs, program
	return out
}

// source is an object of the original, as one way of reading it.
type source struct {
	number int
	as     reading
}

// pdfWriter makes a new PDF. Objects that are referred to are copied once, one
// after the other: nothing that refers to itself makes it go round.
type pdfWriter struct {
	f       *pdfFile
	out     bytes.Buffer
	offsets []int // by number less 1
	numbers map[source]int
	waiting []source
}

// rewrite makes a PDF of the pages of another one.
func rewrite(b []byte) ([]byte, error) {
	f, err := openPDF(b)
	if err != nil {
		return nil, err
	}
	pages, err := f.pages()
	if err != nil {
		return nil, err
	}
	w := &pdfWriter{f: f, numbers: map[source]int{}, offsets: make([]int, 2+len(pages))}
	w.out.WriteString("%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
	kids := pdfArray{}
	for i := range pages {
		kids = append(kids, pdfRef(3+i))
	}
	w.object(1, pdfDict{"Type": pdfName("Catalog"), "Pages": pdfRef(2)})
	w.object(2, pdfDict{"Type": pdfName("Pages"), "Kids": kids, "Count": pdfNumber(strconv.Itoa(len(kids)))})
	for i, p := range pages {
		page, err := w.page(p)
		if err != nil {
			return nil, err
		}
		w.object(3+i, page)
		if w.full() {
			return nil, ErrTooComplex
		}
	}
	for len(w.waiting) > 0 {
		next := w.waiting[0]
		w.waiting = w.waiting[1:]
		if err := w.copy(next); err != nil {
			return nil, err
		}
		if w.full() {
			return nil, ErrTooComplex
		}
	}
	w.end()
	return w.out.Bytes(), nil
}

// full says that the new PDF is more than is taken, or that too much was
// looked at for it.
func (w *pdfWriter) full() bool { return w.out.Len() > MaxBytes || w.f.budget.parts < 0 }

// page has its boxes, how it is turned, what is drawn and with what.
func (w *pdfWriter) page(p pdfDict) (pdfDict, error) {
	out := pdfDict{"Type": pdfName("Page"), "Parent": pdfRef(2)}
	for _, key := range []pdfName{"MediaBox", "CropBox", "Rotate", "UserUnit", "Group"} {
		o, err := w.f.get(p[key])
		if err != nil {
			return nil, err
		}
		if o != nil {
			out[key] = w.value(o, known)
		}
	}
	all, err := w.f.get(p["Resources"])
	if err != nil {
		return nil, err
	}
	out["Resources"] = w.value(all, resources)
	if _, is := all.(pdfDict); !is {
		out["Resources"] = pdfDict{}
	}
	out["Contents"], err = w.contents(p["Contents"])
	return out, err
}

// value is an object as the new PDF has it. What is used by many pages is
// looked at for each, and paid for; full says when that was too much.
func (w *pdfWriter) value(o any, as reading) any {
	if w.f.budget.parts--; w.f.budget.parts < 0 {
		return nil
	}
	switch o := o.(type) {
	case pdfRef:
		from := source{number: int(o), as: as}
		if w.numbers[from] == 0 {
			w.offsets = append(w.offsets, 0)
			w.numbers[from] = len(w.offsets)
			w.waiting = append(w.waiting, from)
		}
		return pdfRef(w.numbers[from])
	case pdfArray:
		out := make(pdfArray, len(o))
		for i := range o {
			out[i] = w.value(o[i], as)
		}
		return out
	case pdfDict:
		w.f.budget.parts -= len(o)
		var keys []pdfName
		for key := range o {
			if _, keep := keptTable[as][key]; keep || as == named || as == glyphs {
				keys = append(keys, key)
			}
		}
		slices.Sort(keys) // numbers are given on the way
		out := pdfDict{}
		for _, key := range keys {
			next := keptTable[as][key]
			if as == glyphs {
				next = drawing
			}
			out[key] = w.value(o[key], next)
		}
		return out
	}
	return o
}

// copy writes one object of the original.
func (w *pdfWriter) copy(from source) error {
	if len(w.offsets) > maxObjects {
		return ErrTooComplex
	}
	o, err := w.f.get(pdfRef(from.number))
	if err != nil {
		return err
	}
	number := w.numbers[from]
	s, is := o.(pdfStream)
	if !is {
		w.object(number, w.value(o, from.as))
		return nil
	}
	s.dict = maps.Clone(s.dict)
	parms := s.dict["DecodeParms"]
	delete(s.dict, "DecodeParms") // what is unpacked needs none
	dict, within := w.value(s.dict, known).(pdfDict)
	s.dict["DecodeParms"] = parms
	if !within {
		return ErrTooComplex
	}
	b, err := w.content(s, dict, from.as)
	if err != nil {
		return err
	}
	if err := w.f.pay(len(b)); err != nil {
		return err
	}
	dict["Length"] = pdfNumber(strconv.Itoa(len(b)))
	w.object(number, pdfStream{dict: dict, raw: b})
	return nil
}

// content are a stream's bytes for the new PDF, looked through; dict learns
// how they are packed.
func (w *pdfWriter) content(s pdfStream, dict pdfDict, as reading) ([]byte, error) {
	is, err := w.f.get(s.dict["Subtype"])
	if err != nil {
		return nil, err
	}
	switch as = w.f.readAs(s.dict, is, as); {
	case is == pdfName("PS"):
		return nil, ErrUnsupported // a program for a printer
	case as == drawing || as == program:
		b, err := w.f.unpack(s)
		if err == nil && as == drawing {
			b, err = w.drawn(b)
		}
		if err != nil {
			return nil, err
		}
		if as == program {
			b = uncommented(b)
		}
		if described(b) {
			return nil, ErrUnsupported
		}
		dict["Filter"] = pdfName("FlateDecode")
		return deflated(b)
	}
	return w.data(s, dict, is == pdfName("Image"))
}

// readAs: a form, a pattern and the drawing of a letter draw; functions of one type and
// maps of characters are programs.
func (f *pdfFile) readAs(d pdfDict, subtype any, as reading) reading {
	function, err := f.get(d["FunctionType"])
	if n, _ := whole(function); err == nil && n == 4 {
		return program
	}
	_, box := d["BBox"]
	_, shading := d["ShadingType"]
	_, characters := d["CMapName"]
	switch {
	case as == drawing || subtype == pdfName("Form") || box && !shading:
		return drawing
	case as == program || characters:
		return program
	}
	return known
}

// data are the bytes of a picture, a font and so on.
func (w *pdfWriter) data(s pdfStream, dict pdfDict, image bool) ([]byte, error) {
	b, filter, parms, err := w.f.peel(s)
	if err != nil {
		return nil, err
	}
	if filter != "" {
		dict["Filter"] = filter
		if parms != nil {
			dict["DecodeParms"] = w.value(parms, known)
		}
	}
	plain := b
	switch filter {
	case "":
	case "FlateDecode":
		var used int
		if image {
			used, err = w.f.measure(b)
			plain = nil
		} else {
			plain, used, err = w.f.inflate(b)
		}
		if err != nil {
			return nil, err
		}
		b = b[:used]
	case "DCTDecode":
		return stripJPEG(b)
	case "CCITTFaxDecode":
	default: // JBIG2 and JPEG 2000 hide too much, LZW and others are of the past
		return nil, ErrUnsupported
	}
	if described(plain) {
		return nil, ErrUnsupported
	}
	return b, nil
}

// object writes an object.
func (w *pdfWriter) object(number int, o any) {
	w.offsets[number-1] = w.out.Len()
	fmt.Fprintf(&w.out, "%d 0 obj\n", number)
	if s, is := o.(pdfStream); is {
		w.write(s.dict)
		w.out.WriteString("\nstream\n")
		w.out.Write(s.raw)
		w.out.WriteString("\nendstream")
	} else {
		w.write(o)
	}
	w.out.WriteString("\nendobj\n")
}

func (w *pdfWriter) write(o any) {
	switch o := o.(type) {
	case pdfName:
		w.out.WriteByte('/')
		for i := range len(o) {
			if c := o[i]; c <= ' ' || c >= 0x7f || c == '#' || isDelimiter(c) {
				fmt.Fprintf(&w.out, "#%02x", c)
			} else {
				w.out.WriteByte(c)
			}
		}
	case pdfNumber:
		w.out.WriteString(string(o))
	case pdfString:
		w.out.WriteString("<" + hex.EncodeToString([]byte(o)) + ">")
	case pdfRef:
		fmt.Fprintf(&w.out, "%d 0 R", int(o))
	case bool:
		w.out.WriteString(strconv.FormatBool(o))
	case pdfArray:
		w.out.WriteByte('[')
		for _, v := range o {
			w.write(v)
			w.out.WriteByte(' ')
		}
		w.out.WriteByte(']')
	case pdfDict:
		w.out.WriteString("<<")
		for _, key := range slices.Sorted(maps.Keys(o)) {
			w.write(key)
			w.out.WriteByte(' ')
			w.write(o[key])
			w.out.WriteByte('\n')
		}
		w.out.WriteString(">>")
	default: // null, and what can't be within
		w.out.WriteString("null")
	}
}

// end writes where the objects are.
func (w *pdfWriter) end() {
	at := w.out.Len()
	fmt.Fprintf(&w.out, "xref\n0 %d\n0000000000 65535 f \n", len(w.offsets)+1)
	for _, o := range w.offsets {
		fmt.Fprintf(&w.out, "%010d 00000 n \n", o)
	}
	fmt.Fprintf(&w.out, "trailer\n<</Size %d /Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n", len(w.offsets)+1, at)
}
