package documents

import "bytes"

// at reads the object that begins at a byte, and its number. With deep, the
// length of a stream may stand in a stream of objects.
func (f *pdfFile) at(at int, deep bool) (int, any, error) {
	if at <= 0 || at >= len(f.b) {
		return 0, nil, ErrDamaged
	}
	l := lexer{b: f.b, at: at, budget: &f.budget}
	var head [4]any
	for i := range head {
		o, err := l.next()
		if err != nil {
			return 0, nil, err
		}
		head[i] = o
	}
	number, ok := whole(head[0])
	if _, generation := whole(head[1]); !ok || !generation || head[2] != pdfWord("obj") {
		return 0, nil, ErrDamaged
	}
	dict, ok := head[3].(pdfDict)
	if !ok {
		return number, head[3], nil
	}
	at = l.at + blanksOf(f.b[l.at:])
	if !bytes.HasPrefix(f.b[at:], []byte("stream")) {
		return number, dict, nil
	}
	raw, err := f.raw(at+len("stream"), dict, deep)
	return number, pdfStream{dict: dict, raw: raw}, err
}

// raw are a stream's bytes, which its length and its end have to agree about.
func (f *pdfFile) raw(at int, dict pdfDict, deep bool) ([]byte, error) {
	switch rest := f.b[at:]; {
	case bytes.HasPrefix(rest, []byte("\r\n")):
		at += 2
	case bytes.HasPrefix(rest, []byte("\n")):
		at++
	default:
		return nil, ErrDamaged
	}
	o := dict["Length"]
	if ref, is := o.(pdfRef); is {
		var err error
		if o, err = f.length(int(ref), deep); err != nil {
			return nil, err
		}
	}
	n, ok := whole(o)
	if !ok || n < 0 || n > len(f.b)-at {
		return nil, ErrDamaged
	}
	if end := at + n + blanksOf(f.b[at+n:]); !bytes.HasPrefix(f.b[end:], []byte("endstream")) {
		return nil, ErrDamaged
	}
	return f.b[at : at+n], nil
}

// blanksOf counts the blanks that b begins with, a few at most.
func blanksOf(b []byte) int {
	n := 0
	for n < min(len(b), 8) && isBlank(b[n]) {
		n++
	}
	return n
}

// length reads an object that has to be a number. It never leads to another
// one, so that lengths cannot go round in a circle.
func (f *pdfFile) length(number int, deep bool) (any, error) {
	p := f.places[number]
	if p.stream != 0 {
		if !deep {
			return nil, ErrDamaged
		}
		return f.inStream(number, p)
	}
	if p.at <= 0 || p.at >= len(f.b) {
		return nil, ErrDamaged
	}
	l := lexer{b: f.b, at: p.at, budget: &f.budget}
	var o any
	for range 4 {
		var err error
		if o, err = l.next(); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// get is what an object is, whether it stands there or is referred to. What
// there is not is null.
func (f *pdfFile) get(o any) (any, error) {
	ref, is := o.(pdfRef)
	if !is {
		return o, nil
	}
	if o, read := f.objects[int(ref)]; read {
		return o, nil
	}
	p := f.places[int(ref)]
	var err error
	switch {
	case p.stream != 0:
		o, err = f.inStream(int(ref), p)
	case p.at != 0:
		var number int
		if number, o, err = f.at(p.at, true); err == nil && number != int(ref) {
			err = ErrDamaged
		}
	default:
		o = nil
	}
	if _, is := o.(pdfRef); is {
		err = ErrDamaged
	}
	if err != nil {
		return nil, err
	}
	f.objects[int(ref)] = o
	return o, nil
}

// inStream reads an object out of a stream of them (7.5.7).
func (f *pdfFile) inStream(number int, p place) (any, error) {
	s := f.packed[p.stream]
	if s == nil {
		var err error
		if s, err = f.openStream(p.stream); err != nil {
			return nil, err
		}
		f.packed[p.stream] = s
	}
	if p.index >= len(s.numbers) || s.numbers[p.index] != number {
		return nil, ErrDamaged
	}
	l := lexer{b: s.b, at: s.offsets[p.index], budget: &f.budget}
	return l.next()
}

func (f *pdfFile) openStream(number int) (*packed, error) {
	at := f.places[number]
	if at.stream != 0 {
		return nil, ErrDamaged
	}
	_, o, err := f.at(at.at, false)
	if err != nil {
		return nil, err
	}
	s, ok := o.(pdfStream)
	count, counted := whole(s.dict["N"])
	first, known := whole(s.dict["First"])
	if !ok || !counted || !known || s.dict["Type"] != pdfName("ObjStm") {
		return nil, ErrDamaged
	}
	b, err := f.unpack(s)
	if err == nil {
		err = f.pay(2 * len(b)) // it is held to the end
	}
	if err != nil {
		return nil, err
	}
	out := &packed{b: b}
	l := lexer{b: b, budget: &f.budget}
	for range min(count, maxObjects) {
		var pair [2]int
		for i := range pair {
			o, err := l.next()
			if err != nil {
				return nil, err
			}
			if pair[i], ok = whole(o); !ok {
				return nil, ErrDamaged
			}
		}
		if at := first + pair[1]; at < 0 || at > len(b) {
			return nil, ErrDamaged
		}
		out.numbers, out.offsets = append(out.numbers, pair[0]), append(out.offsets, first+pair[1])
	}
	return out, nil
}
