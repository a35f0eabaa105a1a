package documents

import (
	"bytes"
	"math"
	"slices"
)

// Pictures within what draws are bounded: ISO 32000-2 wants them small (8.9.7), and
// each takes a reader of its own to be begun.
const (
	maxInline   = 1000
	inlinePrice = 16 << 10
)

// inlineMembers are those of a picture within what draws, by either of their names.
var inlineMembers = map[pdfName]pdfName{
	"W": "W", "Width": "W", "H": "H", "Height": "H", "BPC": "BPC", "BitsPerComponent": "BPC", "CS": "CS", "ColorSpace": "CS", "IM": "IM", "ImageMask": "IM",
	"D": "D", "Decode": "D", "DP": "DP", "DecodeParms": "DP", "F": "F", "Filter": "F", "I": "I", "Interpolate": "I", "Intent": "Intent",
}

// inlineFilters are the filters that are taken, by either of their names: a JPEG has
// room for what is not drawn, and where a fax ends nothing says.
var inlineFilters = map[pdfName]pdfName{
	"AHx": "ASCIIHexDecode", "A85": "ASCII85Decode", "Fl": "FlateDecode", "RL": "RunLengthDecode",
	"ASCIIHexDecode": "ASCIIHexDecode", "ASCII85Decode": "ASCII85Decode", "FlateDecode": "FlateDecode", "RunLengthDecode": "RunLengthDecode",
}

// inline copies a picture that stands within what draws, to its end and no byte more.
func (d *drawer) inline() error {
	if d.pictures++; d.pictures > maxInline {
		return ErrTooComplex
	}
	if err := d.w.f.pay(inlinePrice); err != nil {
		return err
	}
	dict, err := d.inlineDict()
	if err != nil {
		return err
	}
	if bytes.HasPrefix(d.l.b[d.l.at:], []byte("\r\n")) {
		d.l.at++
	}
	if d.l.at++; d.l.at > len(d.l.b) { // the one blank behind ID
		return ErrTruncated
	}
	room, err := d.w.f.room(dict["W"], dict["H"], dict["BPC"], d.given(dict["CS"]), dict["IM"])
	if err != nil {
		return err
	}
	p, err := d.inlineData(dict, room)
	if err != nil {
		return err
	}
	d.l.at += blanksOf(d.l.b[d.l.at:])
	if end, err := d.l.next(); err != nil || end != pdfWord("EI") {
		return ErrDamaged
	}
	data, err := d.out.fitted(p)
	if err != nil {
		return err
	}
	delete(dict, "F")
	delete(dict, "DP")
	if p.filter != "" {
		dict["F"] = p.filter
		if len(p.parms) > 0 {
			dict["DP"] = p.parms
		}
	}
	return d.inlined(dict, data)
}

// given is a colour space that is named.
func (d *drawer) given(space any) any {
	if name, is := space.(pdfName); is && spacesTable[name] == 0 {
		return d.with.given["ColorSpace"][name]
	}
	return space
}

// inlineData are the bytes of a picture and how they are packed, the lexer behind them.
func (d *drawer) inlineData(dict pdfDict, room int64) (picture, error) {
	names, err := d.w.f.list(dict["F"])
	if err != nil || len(names) > 2 {
		return picture{}, ErrUnsupported
	}
	filters := make(pdfArray, len(names))
	for i, o := range names {
		name, _ := o.(pdfName)
		full := inlineFilters[name]
		if full == "" || i > 0 && (filters[0] == pdfName("FlateDecode") || filters[0] == pdfName("RunLengthDecode")) {
			return picture{}, ErrUnsupported
		}
		filters[i] = full
	}
	rest := d.l.b[d.l.at:]
	n, size, err := d.inlineEnd(rest, filters, room)
	if err != nil {
		return picture{}, err
	}
	d.l.at += n
	data, filter, parms, err := d.w.f.peel(pdfStream{dict: pdfDict{"Filter": filters, "DecodeParms": dict["DP"]}, raw: rest[:n]})
	if err == nil {
		parms, err = d.w.f.packing(parms)
	}
	return picture{b: data, filter: filter, parms: parms, room: room, size: size}, err
}

// inlineEnd is how many bytes of data a picture has: what it says itself, not where
// two letters are found; and how many they are unpacked, where that was measured.
func (d *drawer) inlineEnd(b []byte, filters pdfArray, room int64) (n, size int, err error) {
	end := 0
	switch {
	case len(filters) == 0:
		if room > int64(len(b)) {
			return 0, 0, ErrTruncated
		}
		return int(room), 0, nil
	case filters[0] == pdfName("FlateDecode"):
		return d.w.f.measure(b, math.MaxInt64)
	case filters[0] == pdfName("RunLengthDecode"):
		_, used, err := d.w.f.runs(b)
		return used, 0, err
	case filters[0] == pdfName("ASCII85Decode"):
		end = bytes.Index(b, []byte("~>")) + 1
	default:
		end = bytes.IndexByte(b, '>')
	}
	if end <= 0 {
		return 0, 0, ErrTruncated
	}
	return end + 1, 0, nil
}

func (d *drawer) inlined(dict pdfDict, data []byte) error {
	var err error
	if name, is := dict["CS"].(pdfName); is && spacesTable[name] == 0 {
		if dict["CS"], err = d.with.name("ColorSpace", name); err != nil {
			return err
		}
	}
	if dict["Intent"] != nil {
		dict["Intent"] = intent(dict["Intent"])
	}
	out := &d.out.out
	out.WriteString("BI")
	for _, key := range []pdfName{"BPC", "CS", "D", "DP", "F", "H", "I", "IM", "Intent", "W"} {
		if o, has := dict[key]; has {
			out.WriteByte(' ')
			d.out.write(key)
			out.WriteByte(' ')
			d.out.write(o)
		}
	}
	out.WriteString("\nID ")
	out.Write(data)
	out.WriteString("\nEI\n")
	return nil
}

// inlineDict reads the members of a picture, up to its data.
func (d *drawer) inlineDict() (pdfDict, error) {
	dict := pdfDict{}
	for {
		key, err := d.l.next()
		if err != nil || key == pdfWord("ID") {
			return dict, err
		}
		o, err := d.l.next()
		if err != nil {
			return nil, err
		}
		name, named := key.(pdfName)
		if _, operator := o.(pdfWord); !named || operator {
			return nil, ErrDamaged
		}
		if name = inlineMembers[name]; name == "" {
			continue
		}
		if _, twice := dict[name]; twice || !inlineFits(name, o) {
			return nil, ErrDamaged
		}
		dict[name] = o
	}
}

// inlineFits says whether a member is of its type: what is not is none that draws.
func inlineFits(name pdfName, o any) bool {
	switch name {
	case "W", "H", "BPC":
		return is(o, 'n')
	case "D":
		return is(o, 'a')
	case "IM", "I":
		_, yes := o.(bool)
		return yes
	case "Intent":
		return is(o, 'N')
	case "CS":
		return is(o, 'N') || palette(o)
	default: // how it is packed, of which nothing else is copied
	}
	return true
}

// palette says whether a colour space is one of colours that are listed: a device's,
// and as many of its bytes as there are colours.
func palette(o any) bool {
	list, _ := o.(pdfArray)
	if len(list) != 4 || list[0] != pdfName("I") && list[0] != pdfName("Indexed") {
		return false
	}
	base, _ := list[1].(pdfName)
	last, counted := whole(list[2])
	colours, text := list[3].(pdfString)
	if !slices.Contains([]pdfName{"G", "RGB", "CMYK", "DeviceGray", "DeviceRGB", "DeviceCMYK"}, base) || !counted || !text || last < 0 || last > 255 {
		return false
	}
	list[3] = colours[:min(len(colours), (last+1)*int(spacesTable[base]))]
	return true
}
