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
		text := names[0] == "ASCIIHexDecode" || names[0] == "ASCII85Decode" || names[0] == "RunLengthDecode"
		if len(names) == 1 && !text {
			return b, names[0], parms[0], nil
		}
		switch names[0] {
		case "ASCIIHexDecode":
			b, err = f.hexes(b)
		case "ASCII85Decode":
			b, err = f.base85(b)
		case "RunLengthDecode":
			b, _, err = f.runs(b)
		case "FlateDecode":
			if len(parms[0]) > 0 {
				return nil, "", nil, ErrUnsupported
			}
			b, err = f.inflate(b)
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

// pay is asked for what is held; what only passes by costs less.
func (f *pdfFile) pay(n int) error {
	if f.budget.bulk -= n; f.budget.bulk < 0 {
		return ErrTooComplex
	}
	return nil
}

// passing is by how much less what is looked at costs than what is held: scans of
// several pages unpack to hundreds of MiB.
const passing = 8

// runs undoes runs of bytes (7.4.5), and says how many bytes that took.
func (f *pdfFile) runs(b []byte) ([]byte, int, error) {
	var out []byte
	for at := 0; at < len(b); {
		n := int(b[at])
		switch at++; {
		case n == 128:
			return out, at, f.pay(len(out) + at)
		case n < 128 && at+n < len(b):
			out = append(out, b[at:at+n+1]...)
			at += n + 1
		case n > 128 && at < len(b):
			out = append(out, bytes.Repeat(b[at:at+1], 257-n)...)
			at++
		default:
			return nil, 0, ErrTruncated
		}
		if len(out) > maxPlain {
			return nil, 0, ErrTooComplex
		}
	}
	return nil, 0, ErrTruncated
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

// inflate unpacks what is held then; what comes after it is none of the stream's.
func (f *pdfFile) inflate(b []byte) ([]byte, error) {
	var out bytes.Buffer
	used, n, err := f.inflateTo(&out, b, maxPlain)
	switch {
	case err != nil:
	case n > maxPlain:
		err = ErrTooComplex
	default:
		err = f.pay(n + used)
	}
	return out.Bytes(), err
}

// measure is inflate for what is not held, but for the words that metadata has: it
// says how many bytes it took and how many they are unpacked. What is more than most
// is not looked at any further.
func (f *pdfFile) measure(b []byte, most int64) (used, n int, err error) {
	var words finder
	limit := int(min(most, int64(passing*f.budget.bulk)))
	used, n, err = f.inflateTo(&words, b, limit)
	switch {
	case err != nil:
		return 0, 0, err
	case n > limit && int64(limit) < most:
		return 0, 0, ErrTooComplex
	case words.found:
		return 0, 0, ErrUnsupported
	}
	return used, n, f.pay((n + used) / passing)
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

// inflateTo unpacks one byte more than limit at most, with the one reader that there is: small pictures come by the thousand.
func (f *pdfFile) inflateTo(out io.Writer, b []byte, limit int) (used, n int, err error) {
	if err := f.unzip(b); err != nil {
		return 0, 0, err
	}
	written, err := io.Copy(out, io.LimitReader(punctual{f.zip, f.budget.over}, int64(limit)+1))
	if err != nil {
		return 0, 0, broken(err)
	}
	return len(b) - f.in.Len(), int(written), nil
}

func (f *pdfFile) unzip(b []byte) (err error) {
	f.in.Reset(b)
	if again, is := f.zip.(zlib.Resetter); is {
		err = again.Reset(&f.in, nil)
	} else {
		f.zip, err = zlib.NewReader(&f.in)
	}
	if err != nil {
		return broken(err)
	}
	return nil
}

// punctual reads until the time is over.
type punctual struct {
	io.Reader
	over func() bool
}

func (p punctual) Read(b []byte) (int, error) {
	if p.over() {
		return 0, ErrTooComplex
	}
	return p.Reader.Read(b)
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
	if b, err = f.inflate(b); err != nil {
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
