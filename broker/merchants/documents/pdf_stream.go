package documents

import (
	"encoding/binary"
	"math"
)

// content are a stream's bytes for the new PDF, looked through, with the members that
// come over, how they are packed and what is drawn with them.
func (w *pdfWriter) content(s pdfStream, from source) (dict pdfDict, b []byte, err error) {
	table, makes := w.maker(s, from)
	if makes == nil {
		return nil, nil, ErrUnsupported // a program for a printer, or what no reader knows
	}
	dict, _ = w.members(s.dict, table).(pdfDict)
	if dict == nil {
		dict = pdfDict{}
	}
	b, err = makes(s, dict)
	return dict, b, err
}

// maker is whose members a stream has, and what makes its bytes; nil: none.
func (w *pdfWriter) maker(s pdfStream, from source) (reading, func(pdfStream, pdfDict) ([]byte, error)) {
	draws := func(s pdfStream, dict pdfDict) ([]byte, error) { return w.drawing(s, dict, from.with) }
	switch is := w.got(s.dict["Subtype"]); from.as {
	case xobject:
		switch is {
		case pdfName("Image"):
			return picturing, w.image
		case pdfName("Form"):
			return forming, draws
		}
		return from.as, nil
	case pattern, drawing:
		return from.as, draws
	case encoders, program:
		return program, w.program
	case unicode:
		return unicode, w.program
	case function:
		return function, w.functions(s)
	case shading:
		if n, is := whole(w.got(s.dict["ShadingType"])); !is || n < 4 {
			return shading, nil // those are dictionaries
		}
	case glyphs:
		return glyphs, func(s pdfStream, dict pdfDict) ([]byte, error) { return w.cut(s, dict, mostGlyphs) }
	case profile:
		return profile, w.profile
	default:
	}
	return from.as, w.data
}

// mostGlyphs is the size of a table of all glyphs that there can be.
const mostGlyphs = 2 << 16

// functions makes a function's bytes: a program, or as many samples as it says.
func (w *pdfWriter) functions(s pdfStream) func(pdfStream, pdfDict) ([]byte, error) {
	switch kind, _ := whole(w.got(s.dict["FunctionType"])); kind {
	case 4:
		return w.calculator
	case 0:
		return w.samples
	}
	return nil
}

func (w *pdfWriter) samples(s pdfStream, dict pdfDict) ([]byte, error) {
	sizes, err := w.f.list(s.dict["Size"])
	if err != nil {
		return nil, err
	}
	ends, err := w.f.list(s.dict["Range"])
	if err != nil {
		return nil, err
	}
	bits := w.f.number(s.dict["BitsPerSample"], 0, 32) * int64(len(ends)/2)
	for _, o := range sizes {
		if bits *= w.f.number(o, 0, 1<<20); bits > 8*maxPlain {
			return nil, ErrTooComplex
		}
	}
	if bits == 0 || len(sizes) == 0 {
		return nil, ErrUnsupported
	}
	return w.cut(s, dict, (bits+7)/8)
}

// profile is a profile of colours, as long as it says itself.
func (w *pdfWriter) profile(s pdfStream, dict pdfDict) ([]byte, error) {
	b, err := w.f.unpack(s)
	if err == nil {
		err = w.f.pay(len(b))
	}
	if err != nil {
		return nil, err
	}
	if len(b) >= 4 {
		b = b[:min(int64(len(b)), int64(binary.BigEndian.Uint32(b)))]
	}
	dict["Filter"] = pdfName("FlateDecode")
	return w.deflated(b)
}

// drawing is a form, a pattern or a letter, which draw as pages do.
func (w *pdfWriter) drawing(s pdfStream, dict pdfDict, with *scope) ([]byte, error) {
	letter := with != nil
	if !letter {
		var err error
		if with, err = w.scope(s.dict["Resources"], false); err != nil {
			return nil, err
		}
	}
	b, err := w.f.unpack(s)
	if err != nil {
		return nil, err
	}
	if b, err = w.drawn(b, with); err != nil {
		return nil, err
	}
	if with.own && !letter {
		dict["Resources"] = w.resources(with)
	}
	dict["Filter"] = pdfName("FlateDecode")
	return b, nil
}

// unpeeled is what is left of a stream when all filters but the last are off; dict learns
// of that one.
func (w *pdfWriter) unpeeled(s pdfStream, dict pdfDict) (b []byte, filter pdfName, parms pdfDict, err error) {
	if b, filter, parms, err = w.f.peel(s); err != nil {
		return nil, "", nil, err
	}
	if parms, err = w.f.packing(parms); err != nil {
		return nil, "", nil, err
	}
	if filter != "" {
		dict["Filter"] = filter
		if len(parms) > 0 {
			dict["DecodeParms"] = parms
		}
	}
	return b, filter, parms, nil
}

// image are the bytes of a picture.
func (w *pdfWriter) image(s pdfStream, dict pdfDict) ([]byte, error) {
	b, filter, parms, err := w.unpeeled(s, dict)
	if err != nil {
		return nil, err
	}
	switch filter {
	case "DCTDecode":
		return stripJPEG(b)
	case "CCITTFaxDecode":
		if described(b) {
			return nil, ErrUnsupported
		}
		return b, nil
	default:
	}
	d := s.dict
	room, err := w.f.room(d["Width"], d["Height"], d["BitsPerComponent"], d["ColorSpace"], d["ImageMask"])
	if err != nil {
		return nil, err
	}
	return w.within(picture{b: b, filter: filter, parms: parms, room: room}, s, dict)
}

// cut are the bytes of a stream, and no more of them than there is room for.
func (w *pdfWriter) cut(s pdfStream, dict pdfDict, room int64) ([]byte, error) {
	b, filter, parms, err := w.unpeeled(s, dict)
	if err != nil {
		return nil, err
	}
	return w.within(picture{b: b, filter: filter, parms: parms, room: room}, s, dict)
}

func (w *pdfWriter) within(p picture, s pdfStream, dict pdfDict) ([]byte, error) {
	if p.filter != "" && p.filter != "FlateDecode" { // JBIG2 and JPEG 2000 hide too much, LZW and others are of the past
		return nil, ErrUnsupported
	}
	b, err := w.fitted(p)
	if err != nil {
		return nil, err
	}
	return w.repacked(b, s, dict)
}

// data are the bytes of a font, a profile and so on.
func (w *pdfWriter) data(s pdfStream, dict pdfDict) ([]byte, error) {
	b, filter, _, err := w.unpeeled(s, dict)
	if err != nil {
		return nil, err
	}
	switch filter {
	case "":
		if described(b) {
			return nil, ErrUnsupported
		}
		return w.repacked(b, s, dict)
	case "FlateDecode":
		used, _, err := w.f.measure(b, math.MaxInt64)
		return b[:used], err
	default:
		return nil, ErrUnsupported
	}
}

// repacked packs what was, and is not any more.
func (w *pdfWriter) repacked(b []byte, s pdfStream, dict pdfDict) ([]byte, error) {
	if dict["Filter"] != nil || len(b) <= len(s.raw) {
		return b, nil
	}
	dict["Filter"] = pdfName("FlateDecode")
	return w.deflated(b)
}

// deflated is what is packed, looked through.
func (w *pdfWriter) deflated(b []byte) ([]byte, error) {
	p := w.packer()
	_, _ = p.Write(b) // p keeps what went wrong
	return p.end()
}
