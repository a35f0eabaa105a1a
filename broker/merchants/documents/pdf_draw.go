package documents

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"slices"
	"strings"
)

// What draws a page is written anew, operator by operator: what is not drawn, comments
// and names and texts of marked content above all, does not come over.

// maxDrawn bounds what is read of that: objects and their bytes.
const maxDrawn = 8_000_000

// drawers are the operators that are kept, with what stands before them: n is a number,
// N a name, s a string, a an array of numbers, t one of strings and numbers, * colours.
// What marks content (BMC, BDC, EMC, MP, DP), and what no table knows, is left behind.
var drawers = map[pdfWord]string{
	"q": "", "Q": "", "cm": "nnnnnn", "w": "n", "J": "n", "j": "n", "M": "n", "d": "an", "ri": "N", "i": "n", "gs": "N",
	"m": "nn", "l": "nn", "c": "nnnnnn", "v": "nnnn", "y": "nnnn", "h": "", "re": "nnnn",
	"S": "", "s": "", "f": "", "F": "", "f*": "", "B": "", "B*": "", "b": "", "b*": "", "n": "", "W": "", "W*": "",
	"BT": "", "ET": "", "Tc": "n", "Tw": "n", "Tz": "n", "TL": "n", "Tf": "Nn", "Tr": "n", "Ts": "n",
	"Td": "nn", "TD": "nn", "Tm": "nnnnnn", "T*": "", "Tj": "s", "TJ": "t", "'": "s", `"`: "nns", "d0": "nn", "d1": "nnnnnn",
	"CS": "N", "cs": "N", "SC": "*", "SCN": "*", "sc": "*", "scn": "*", "G": "n", "g": "n", "RG": "nnn", "rg": "nnn", "K": "nnnn", "k": "nnnn",
	"sh": "N", "Do": "N",
}

// drawn is what draws, written anew.
func (w *pdfWriter) drawn(b []byte) ([]byte, error) {
	out := &pdfWriter{}
	l := &lexer{b: b, budget: &w.f.drawing}
	var operands pdfArray
	for {
		if l.blanks(); l.at >= len(b) {
			break
		}
		o, err := l.next()
		if err != nil {
			return nil, err
		}
		operator, is := o.(pdfWord)
		if !is {
			if operands = append(operands, o); len(operands) > maxDepth+1 {
				return nil, ErrDamaged
			}
			continue
		}
		takes, draws := drawers[operator]
		switch {
		case operator == "BI":
			if err := w.inline(l, out); err != nil {
				return nil, err
			}
		case draws && !fits(operands, takes):
			return nil, ErrDamaged // readers differ in what they make of it
		case draws:
			for _, x := range operands {
				out.operand(x)
				out.out.WriteByte(' ')
			}
			out.out.WriteString(string(operator) + "\n")
		}
		operands = operands[:0]
	}
	return out.out.Bytes(), nil
}

// fits says whether operands are those of an operator.
func fits(operands pdfArray, takes string) bool {
	if takes == "*" {
		numbers := operands
		if n := len(operands); n > 0 {
			if _, name := operands[n-1].(pdfName); name {
				numbers = operands[:n-1]
			}
		}
		return !slices.ContainsFunc(numbers, func(o any) bool { return !is(o, 'n') })
	}
	if len(operands) != len(takes) {
		return false
	}
	for i, o := range operands {
		if !is(o, takes[i]) {
			return false
		}
	}
	return true
}

func is(o any, kind byte) bool {
	switch o := o.(type) {
	case pdfNumber:
		return kind == 'n'
	case pdfName:
		return kind == 'N'
	case pdfString:
		return kind == 's'
	case pdfArray:
		return (kind == 'a' || kind == 't') && !slices.ContainsFunc(o, func(x any) bool { return !is(x, 'n') && (kind == 'a' || !is(x, 's')) })
	}
	return false
}

// operand writes an object as what draws has it: text as text.
func (w *pdfWriter) operand(o any) {
	switch o := o.(type) {
	case pdfString:
		w.out.WriteByte('(')
		w.out.WriteString(asLiteral.Replace(string(o)))
		w.out.WriteByte(')')
	case pdfArray:
		w.out.WriteByte('[')
		for i, x := range o {
			if i > 0 {
				w.out.WriteByte(' ')
			}
			w.operand(x)
		}
		w.out.WriteByte(']')
	default:
		w.write(o)
	}
}

var asLiteral = strings.NewReplacer([]string{`\`, `\\`, "(", `\(`, ")", `\)`, "\r", `\r`, "\n", `\n`}...)

// deflated is content as the new PDF has it.
func deflated(b []byte) ([]byte, error) {
	var out bytes.Buffer
	z := zlib.NewWriter(&out)
	if _, err := z.Write(b); err != nil {
		return nil, fmt.Errorf("pack what draws: %w", err)
	}
	if err := z.Close(); err != nil {
		return nil, fmt.Errorf("pack what draws: %w", err)
	}
	return out.Bytes(), nil
}

// uncommented is a program in the syntax of PostScript (a function, a map of
// characters) without its comments.
func uncommented(b []byte) []byte {
	var out []byte
	depth := 0
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case depth == 0 && c == '%':
			for i < len(b) && b[i] != '\n' && b[i] != '\r' {
				i++
			}
			out = append(out, '\n')
			continue
		case depth > 0 && c == '\\' && i+1 < len(b):
			out = append(out, c)
			i++
			c = b[i]
		case c == '(':
			depth++
		case depth > 0 && c == ')':
			depth--
		}
		out = append(out, c)
	}
	return out
}

// inlineMembers are those of a picture within what draws, by either of their names.
var inlineMembers = map[pdfName]pdfName{
	"W": "W", "Width": "W", "H": "H", "Height": "H", "BPC": "BPC", "BitsPerComponent": "BPC", "CS": "CS", "ColorSpace": "CS", "IM": "IM", "ImageMask": "IM",
	"D": "D", "Decode": "D", "DP": "DP", "DecodeParms": "DP", "F": "F", "Filter": "F", "I": "I", "Interpolate": "I", "Intent": "Intent",
}

// inlineFilters are the filters that are taken, by either of their names.
var inlineFilters = map[pdfName]pdfName{
	"AHx": "ASCIIHexDecode", "A85": "ASCII85Decode", "Fl": "FlateDecode", "CCF": "CCITTFaxDecode",
	"ASCIIHexDecode": "ASCIIHexDecode", "ASCII85Decode": "ASCII85Decode", "FlateDecode": "FlateDecode", "CCITTFaxDecode": "CCITTFaxDecode",
}

// inline copies a picture that stands within what draws, to its end and no byte more.
func (w *pdfWriter) inline(l *lexer, out *pdfWriter) error {
	dict, err := w.inlineDict(l)
	if err != nil {
		return err
	}
	if l.at++; l.at > len(l.b) { // the one blank behind ID
		return ErrTruncated
	}
	names, err := w.f.list(dict["F"])
	if err != nil {
		return err
	}
	for i, o := range names {
		name, _ := o.(pdfName)
		if names[i] = inlineFilters[name]; names[i] == pdfName("") {
			return ErrUnsupported // a JPEG has room for what is not drawn
		}
	}
	n, err := w.inlineEnd(l.b[l.at:], dict, names)
	if err != nil {
		return err
	}
	data, filter, parms, err := w.f.peel(pdfStream{dict: pdfDict{"Filter": names, "DecodeParms": dict["DP"]}, raw: l.b[l.at : l.at+n]})
	if err != nil {
		return err
	}
	if filter == "FlateDecode" {
		used, err := w.f.measure(data)
		if err != nil {
			return err
		}
		data = data[:used]
	}
	l.at += n
	l.at += blanksOf(l.b[l.at:])
	if end, err := l.next(); err != nil || end != pdfWord("EI") {
		return ErrDamaged
	}
	delete(dict, "F")
	delete(dict, "DP")
	if filter != "" {
		dict["F"] = filter
		if parms != nil {
			dict["DP"] = packing(parms)
		}
	}
	return out.inlined(dict, data)
}

// packing are the parameters of a filter: numbers, and yes or no.
func packing(parms pdfDict) pdfDict {
	out := pdfDict{}
	for key, o := range parms {
		_, truth := o.(bool)
		if _, keep := keptTable[known][key]; keep && (truth || is(o, 'n')) {
			out[key] = o
		}
	}
	return out
}

func (w *pdfWriter) inlined(dict pdfDict, data []byte) error {
	w.out.WriteString("BI")
	for _, key := range []pdfName{"BPC", "CS", "D", "DP", "F", "H", "I", "IM", "Intent", "W"} {
		if o, has := dict[key]; has {
			w.out.WriteByte(' ')
			w.write(key)
			w.out.WriteByte(' ')
			w.write(o)
		}
	}
	w.out.WriteString("\nID ")
	w.out.Write(data)
	w.out.WriteString("\nEI\n")
	return nil
}

// inlineDict reads the members of a picture, up to its data.
func (w *pdfWriter) inlineDict(l *lexer) (pdfDict, error) {
	dict := pdfDict{}
	for {
		key, err := l.next()
		if err != nil || key == pdfWord("ID") {
			return dict, err
		}
		o, err := l.next()
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
	list, of := o.(pdfArray)
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
		return is(o, 'N') || of && !slices.ContainsFunc(list, func(x any) bool { return !is(x, 'N') && !is(x, 'n') && !is(x, 's') })
	}
	return true // how it is packed, of which nothing else is copied
}

// inlineEnd is how many bytes of data a picture has: what it says itself, not
// where two letters are found, but for a fax, whose end nothing else tells.
func (w *pdfWriter) inlineEnd(b []byte, dict pdfDict, filters pdfArray) (int, error) {
	end := -1
	first := any(nil)
	if len(filters) > 0 {
		first = filters[0]
	}
	switch first {
	case nil:
		return inlineSize(dict, len(b))
	case pdfName("FlateDecode"):
		return w.f.measure(b)
	case pdfName("ASCII85Decode"):
		end = bytes.Index(b, []byte("~>")) + 1
	case pdfName("ASCIIHexDecode"):
		end = bytes.IndexByte(b, '>')
	default:
		for from := 0; end < 0; from++ {
			at := bytes.Index(b[from:], []byte("EI"))
			if at < 0 {
				return 0, ErrTruncated
			}
			if from += at; from > 0 && isBlank(b[from-1]) && (from+2 == len(b) || isBlank(b[from+2])) {
				return from - 1, nil
			}
		}
	}
	if end <= 0 {
		return 0, ErrTruncated
	}
	return end + 1, nil
}

// inlineSize is how long the data of a picture is that is not packed.
func inlineSize(dict pdfDict, most int) (int, error) {
	width, okW := whole(dict["W"])
	height, okH := whole(dict["H"])
	bits, okB := whole(dict["BPC"])
	space, _ := dict["CS"].(pdfName)
	if list, is := dict["CS"].(pdfArray); is && len(list) > 0 {
		space, _ = list[0].(pdfName)
	}
	channels := map[pdfName]int{"G": 1, "DeviceGray": 1, "I": 1, "Indexed": 1, "RGB": 3, "DeviceRGB": 3, "CMYK": 4, "DeviceCMYK": 4}[space]
	if dict["IM"] == true {
		channels, bits, okB = 1, 1, true
	}
	if !okW || !okH || !okB || channels == 0 || width < 1 || height < 1 || bits < 1 || bits > 16 {
		return 0, ErrUnsupported
	}
	n := int64(height) * ((int64(width)*int64(channels*bits) + 7) / 8)
	if n > int64(most) {
		return 0, ErrTruncated
	}
	return int(n), nil
}
