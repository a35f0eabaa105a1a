package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/ascii85"
	"io"
	"slices"
)

// filters are what a stream's bytes went through, each with its parameters.
func (f *pdfFile) filters(d pdfDict) ([]pdfName, []pdfDict, error) {
	if _, external := d["F"]; external {
		return nil, nil, ErrUnsupported // the bytes are in another file
	}
	names, err := f.list(d["Filter"])
	if err != nil {
		return nil, nil, err
	}
	parms, err := f.list(d["DecodeParms"])
	if err != nil {
		return nil, nil, err
	}
	if len(names) > 4 {
		return nil, nil, ErrTooComplex
	}
	filters, dicts := make([]pdfName, len(names)), make([]pdfDict, len(names))
	for i, o := range names {
		if o, err = f.get(o); err != nil {
			return nil, nil, err
		}
		name, ok := o.(pdfName)
		if !ok {
			return nil, nil, ErrDamaged
		}
		filters[i] = name
		if i < len(parms) {
			if o, err = f.get(parms[i]); err != nil {
				return nil, nil, err
			}
			dicts[i], _ = o.(pdfDict)
		}
	}
	return filters, dicts, nil
}

// list is one object or an array of them as a list.
func (f *pdfFile) list(o any) (pdfArray, error) {
	o, err := f.get(o)
	if list, is := o.(pdfArray); is || err != nil || o == nil {
		return list, err
	}
	return pdfArray{o}, nil
}

// peel takes off all filters but the last, which a viewer does better, and
// says how what is left is packed.
func (f *pdfFile) peel(s pdfStream) ([]byte, pdfName, pdfDict, error) {
	names, parms, err := f.filters(s.dict)
	if err != nil {
		return nil, "", nil, err
	}
	b := s.raw
	for len(names) > 0 {
		ascii := names[0] == "ASCIIHexDecode" || names[0] == "ASCII85Decode"
		if len(names) == 1 && !ascii {
			return b, names[0], parms[0], nil
		}
		switch names[0] {
		case "ASCIIHexDecode":
			b, err = f.hexes(b)
		case "ASCII85Decode":
			b, err = f.base85(b)
		case "FlateDecode":
			if parms[0] != nil {
				return nil, "", nil, ErrUnsupported
			}
			b, _, err = f.inflate(b)
		default:
			return nil, "", nil, ErrUnsupported
		}
		if err != nil {
			return nil, "", nil, err
		}
		names, parms = names[1:], parms[1:]
	}
	return b, "", nil, nil
}

func (f *pdfFile) pay(n int) error {
	if f.budget.bulk -= n; f.budget.bulk < 0 {
		return ErrTooComplex
	}
	return nil
}

func (f *pdfFile) hexes(b []byte) ([]byte, error) {
	if err := f.pay(len(b)); err != nil {
		return nil, err
	}
	end := bytes.IndexByte(b, '>')
	if end < 0 {
		return nil, ErrTruncated
	}
	out, ok := unhex(b[:end])
	if !ok {
		return nil, ErrDamaged
	}
	return out, nil
}

func (f *pdfFile) base85(b []byte) ([]byte, error) {
	b, _, ended := bytes.Cut(b, []byte("~>"))
	if !ended {
		return nil, ErrTruncated
	}
	out := make([]byte, 4*len(b)+4) // z stands for four bytes
	if err := f.pay(len(out)); err != nil {
		return nil, err
	}
	n, _, err := ascii85.Decode(out, b, true)
	if err != nil {
		return nil, ErrDamaged
	}
	return out[:n], nil
}

// maxPlain bounds what of one stream is held unpacked.
const maxPlain = 16 << 20

// inflate unpacks, and says how many bytes that took: what comes after them is
// none of the stream's.
func (f *pdfFile) inflate(b []byte) ([]byte, int, error) {
	var out bytes.Buffer
	used, err := f.inflateTo(&out, b, maxPlain)
	return out.Bytes(), used, err
}

// measure is inflate for what is not held, but for the words that metadata has.
func (f *pdfFile) measure(b []byte) (int, error) {
	var words finder
	used, err := f.inflateTo(&words, b, f.budget.bulk)
	if err == nil && words.found {
		err = ErrUnsupported
	}
	return used, err
}

// metadata is how XMP begins and what EXIF stands behind, wherever they are.
var metadata = [][]byte{[]byte("<?xpacket"), []byte("<x:xmpmeta"), []byte("Exif\x00\x00")}

func described(b []byte) bool {
	return slices.ContainsFunc(metadata, func(word []byte) bool { return bytes.Contains(b, word) })
}

// finder looks for metadata in what is written into it, also across two writes.
type finder struct {
	last  []byte
	found bool
}

func (f *finder) Write(p []byte) (int, error) {
	const most = 16 // bytes that can be the beginning of a word
	joined := append(f.last, p[:min(len(p), most)]...)
	f.found = f.found || described(joined) || described(p)
	if len(p) >= most {
		joined = p
	}
	f.last = append(f.last[:0:0], joined[max(0, len(joined)-most):]...)
	return len(p), nil
}

func (f *pdfFile) inflateTo(out io.Writer, b []byte, limit int) (int, error) {
	in := bytes.NewReader(b)
	z, err := zlib.NewReader(in)
	if err != nil {
		return 0, broken(err)
	}
	n, err := io.Copy(out, io.LimitReader(z, int64(limit)+1))
	if err != nil {
		return 0, broken(err)
	}
	if n > int64(limit) {
		return 0, ErrTooComplex
	}
	used := len(b) - in.Len()
	return used, f.pay(int(n) + used)
}

// unpack is the content of a stream that says where objects are.
func (f *pdfFile) unpack(s pdfStream) ([]byte, error) {
	b, filter, parms, err := f.peel(s)
	if err != nil || filter == "" {
		return b, err
	}
	if filter != "FlateDecode" {
		return nil, ErrUnsupported
	}
	if b, _, err = f.inflate(b); err != nil {
		return nil, err
	}
	predictor, given := whole(parms["Predictor"])
	if !given || predictor == 1 {
		return b, nil
	}
	columns, ok := whole(parms["Columns"])
	if _, more := parms["Colors"]; more || !ok || predictor < 10 || columns < 1 || columns > 1<<10 {
		return nil, ErrUnsupported
	}
	return unpredict(b, columns)
}

// unpredict undoes the predictors of PNG (7.4.4.4) for one byte a sample.
func unpredict(b []byte, columns int) ([]byte, error) {
	out := make([]byte, 0, len(b))
	above := make([]byte, columns)
	for ; len(b) > columns; b = b[columns+1:] {
		out = append(out, b[1:columns+1]...)
		row := out[len(out)-columns:]
		for i := range row {
			var left, corner byte
			if i > 0 {
				left, corner = row[i-1], above[i-1]
			}
			switch b[0] {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2) //nolint:gosec // a mean of bytes
			case 4:
				row[i] += paeth(left, above[i], corner)
			default:
				return nil, ErrDamaged
			}
		}
		above = row
	}
	return out, nil
}

func paeth(left, above, corner byte) byte {
	p := int(left) + int(above) - int(corner)
	a, b, c := abs(p-int(left)), abs(p-int(above)), abs(p-int(corner))
	switch {
	case a <= b && a <= c:
		return left
	case b <= c:
		return above
	}
	return corner
}

func abs(n int) int { return max(n, -n) }
