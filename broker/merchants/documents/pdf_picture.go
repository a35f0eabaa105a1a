package documents

import (
	"io"
	"slices"
)

// A picture within a PDF has the bytes that its size takes, and no more: what stands
// behind its last row is drawn by nobody.

// spaces are the colour spaces of a picture by the samples that each of its pixels has.
var spacesTable = map[pdfName]int64{
	"G": 1, "DeviceGray": 1, "CalGray": 1, "I": 1, "Indexed": 1, "Separation": 1,
	"RGB": 3, "DeviceRGB": 3, "CalRGB": 3, "Lab": 3, "CMYK": 4, "DeviceCMYK": 4, "CalCMYK": 4,
}

// channels are the samples of a pixel; 0 is a colour space that no picture has.
func (f *pdfFile) channels(space any) int64 {
	list, err := f.list(space)
	if err != nil || len(list) == 0 {
		return 0
	}
	first, err := f.get(list[0])
	name, is := first.(pdfName)
	switch {
	case err != nil || !is:
		return 0
	case name == "ICCBased" && len(list) == 2:
		profile, err := f.get(list[1])
		s, is := profile.(pdfStream)
		if !is || err != nil {
			return 0
		}
		return f.number(s.dict["N"], 0, 4)
	case name == "DeviceN" && len(list) > 1:
		inks, err := f.list(list[1])
		if err != nil || len(inks) > 32 {
			return 0
		}
		return int64(len(inks))
	}
	return spacesTable[name]
}

// number is a whole number from 1 on; 0 where it is none, or too large.
func (f *pdfFile) number(o any, missing, most int64) int64 {
	o, err := f.get(o)
	if o == nil && err == nil {
		return missing
	}
	n, is := whole(o)
	if !is || n < 1 || int64(n) > most {
		return 0
	}
	return int64(n)
}

// room is how many bytes a picture takes, unpacked.
func (f *pdfFile) room(width, height, bits, space, mask any) (int64, error) {
	const side = 1 << 20 // of no picture that is drawn
	w, h := f.number(width, 0, side), f.number(height, 0, side)
	depth, samples := f.number(bits, 0, 16), int64(1)
	mask, err := f.get(mask)
	if err != nil {
		return 0, err
	}
	if mask == true {
		depth = 1
	} else {
		samples = f.channels(space)
	}
	if w*h*depth*samples == 0 {
		return 0, ErrUnsupported
	}
	return (w*depth*samples + 7) / 8 * h, nil
}

// picture are the data of one.
type picture struct {
	b      []byte
	filter pdfName
	parms  pdfDict
	room   int64 // that it takes, unpacked
	size   int   // that it has, where that was measured
}

// fitted cuts the data of a picture at its room. What is packed, and longer, is packed
// anew.
func (w *pdfWriter) fitted(p picture) ([]byte, error) {
	b, parms, room := p.b, p.parms, p.room
	if p.filter == "" {
		if described(b) {
			return nil, ErrUnsupported
		}
		return b[:min(int64(len(b)), room)], nil
	}
	if w.f.number(parms["Predictor"], 1, 15) >= 10 { // with a byte for each row, which can be another than the picture's
		line := (w.f.number(parms["Colors"], 1, 32)*w.f.number(parms["BitsPerComponent"], 8, 16)*w.f.number(parms["Columns"], 1, 1<<20) + 7) / 8
		if line == 0 {
			return nil, ErrDamaged
		}
		room = (room + line - 1) / line * (line + 1)
	}
	if p.size == 0 {
		used, n, err := w.f.measure(b, room)
		if err != nil {
			return nil, err
		}
		b, p.size = b[:used], n
	}
	if int64(p.size) <= room {
		return b, nil
	}
	if err := w.f.pay(int(room / 2)); err != nil { // packing takes its time
		return nil, err
	}
	if err := w.f.unzip(b); err != nil {
		return nil, err
	}
	out := w.packer()
	if _, err := io.Copy(out, io.LimitReader(punctual{w.f.zip, w.f.budget.over}, room)); err != nil {
		return nil, broken(err)
	}
	return out.end()
}

// packing are the parameters of a filter: numbers, and yes or no.
func (f *pdfFile) packing(parms pdfDict) (pdfDict, error) {
	out := pdfDict{}
	for key, o := range parms {
		if !slices.Contains(packingTable, key) {
			continue
		}
		o, err := f.get(o)
		if err != nil {
			return nil, err
		}
		if _, truth := o.(bool); truth || is(o, 'n') {
			out[key] = o
		}
	}
	return out, nil
}

var packingTable = []pdfName{
	"Predictor", "Colors", "Columns", "BitsPerComponent", "EarlyChange", "K", "BlackIs1", "EncodedByteAlign", "EndOfLine", "EndOfBlock", "Rows",
	"DamagedRowsBeforeError", "ColorTransform",
}
