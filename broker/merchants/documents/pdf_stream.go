package documents

import "math"

// content are a stream's bytes for the new PDF, looked through; dict learns
// how they are packed, and what is drawn with them.
func (w *pdfWriter) content(s pdfStream, dict pdfDict, from source) ([]byte, error) {
	is, err := w.f.get(s.dict["Subtype"])
	if err != nil {
		return nil, err
	}
	function, err := w.f.get(s.dict["FunctionType"])
	if err != nil {
		return nil, err
	}
	calculator, _ := whole(function)
	switch {
	case from.as == xobject && is == pdfName("Image"):
		return w.image(s, dict)
	case from.as == pattern, from.as == drawing, from.as == xobject && is == pdfName("Form"):
		return w.drawing(s, dict, from.with)
	case from.as == xobject:
		return nil, ErrUnsupported // a program for a printer, or what no reader knows
	case from.as == program, calculator == 4:
		return w.program(s, dict)
	}
	return w.data(s, dict)
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

func (w *pdfWriter) program(s pdfStream, dict pdfDict) ([]byte, error) {
	b, err := w.f.unpack(s)
	if err != nil {
		return nil, err
	}
	dict["Filter"] = pdfName("FlateDecode")
	return w.deflated(uncommented(b))
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
	case "", "FlateDecode":
	default: // JBIG2 and JPEG 2000 hide too much, LZW and others are of the past
		return nil, ErrUnsupported
	}
	d := s.dict
	room, err := w.f.room(d["Width"], d["Height"], d["BitsPerComponent"], d["ColorSpace"], d["ImageMask"])
	if err != nil {
		return nil, err
	}
	if b, err = w.fitted(picture{b: b, filter: filter, parms: parms, room: room}); err != nil {
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
