package documents

import (
	"bytes"
	"io"
	"slices"
)

const (
	maxObjects  = 100_000
	maxSections = 256 // revisions, and the two of a linearised file
)

// place is where an object stands: at a byte, or in a stream of objects.
type place struct{ at, stream, index int }

// pdfFile is a PDF as it is read: the newest revision alone, an object when it
// is asked for. It mends nothing: what another reader might guess is refused.
type pdfFile struct {
	b       []byte
	budget  budget
	drawing budget // for what draws the pages, which has many more parts
	places  map[int]place
	objects map[int]any
	packed  map[int]*packed
	trailer pdfDict
	in      bytes.Reader // what zip unpacks
	zip     io.ReadCloser
}

// packed is a stream of objects, unpacked.
type packed struct {
	b       []byte
	numbers []int
	offsets []int
}

// openPDF reads where the objects are, as long as the time is not over.
func openPDF(b []byte, over func() bool) (*pdfFile, error) {
	f := &pdfFile{
		b: b, budget: budget{work: maxWork, parts: maxParts, bulk: maxBulk, over: over}, drawing: budget{work: maxWork, parts: maxDrawn, over: over},
		places: map[int]place{}, objects: map[int]any{}, packed: map[int]*packed{},
	}
	tail := bytes.LastIndex(b, []byte("startxref"))
	if tail < 0 {
		return nil, ErrTruncated
	}
	l := lexer{b: b, at: tail + len("startxref"), budget: &f.budget}
	o, err := l.next()
	if err != nil {
		return nil, err
	}
	at, ok := whole(o)
	if !ok {
		return nil, ErrDamaged
	}
	var seen []int
	for queue := []int{at}; len(queue) > 0; queue = queue[1:] {
		if at := queue[0]; slices.Contains(seen, at) || len(seen) == maxSections {
			return nil, ErrDamaged
		}
		seen = append(seen, queue[0])
		older, err := f.section(queue[0])
		if err != nil {
			return nil, err
		}
		queue = append(queue, older...)
	}
	return f, nil
}

// section reads one table of places, and says where others are, the newer first.
func (f *pdfFile) section(at int) ([]int, error) {
	if at < 0 || at >= len(f.b) {
		return nil, ErrDamaged
	}
	l := lexer{b: f.b, at: at, budget: &f.budget}
	first, err := l.next()
	if err != nil {
		return nil, err
	}
	var trailer pdfDict
	if first == pdfWord("xref") {
		trailer, err = f.table(&l)
	} else {
		trailer, err = f.tableStream(at)
	}
	if err != nil {
		return nil, err
	}
	if _, encrypted := trailer["Encrypt"]; encrypted {
		return nil, ErrEncrypted
	}
	if f.trailer == nil {
		f.trailer = trailer
	}
	var older []int
	for _, key := range []pdfName{"XRefStm", "Prev"} {
		if o, given := trailer[key]; given {
			n, ok := whole(o)
			if !ok {
				return nil, ErrDamaged
			}
			older = append(older, n)
		}
	}
	return older, nil
}

// table reads a table in text, up to the trailer's dictionary.
func (f *pdfFile) table(l *lexer) (pdfDict, error) {
	for {
		o, err := l.next()
		if err != nil {
			return nil, err
		}
		if o == pdfWord("trailer") {
			break
		}
		start, ok := whole(o)
		o, err = l.next()
		if err != nil {
			return nil, err
		}
		count, counted := whole(o)
		if !ok || !counted {
			return nil, ErrDamaged
		}
		for i := range count {
			if err := f.tableEntry(l, start+i); err != nil {
				return nil, err
			}
		}
	}
	o, err := l.next()
	if err != nil {
		return nil, err
	}
	trailer, ok := o.(pdfDict)
	if !ok {
		return nil, ErrDamaged
	}
	return trailer, nil
}

func (f *pdfFile) tableEntry(l *lexer, number int) error {
	var parts [3]any
	for i := range parts {
		o, err := l.next()
		if err != nil {
			return err
		}
		parts[i] = o
	}
	at, ok := whole(parts[0])
	switch {
	case !ok:
		return ErrDamaged
	case parts[2] == pdfWord("n"):
		return f.put(number, place{at: at})
	case parts[2] == pdfWord("f"):
		return f.put(number, place{})
	}
	return ErrDamaged
}

// put notes a place, unless a newer revision has said another.
func (f *pdfFile) put(number int, p place) error {
	if number < 0 || len(f.places) >= maxObjects {
		return ErrTooComplex
	}
	if _, newer := f.places[number]; !newer {
		f.places[number] = p
	}
	return nil
}

// tableStream reads a table that is a stream (7.5.8).
func (f *pdfFile) tableStream(at int) (pdfDict, error) {
	_, o, err := f.at(at, false)
	if err != nil {
		return nil, err
	}
	s, ok := o.(pdfStream)
	if !ok || s.dict["Type"] != pdfName("XRef") {
		return nil, ErrDamaged
	}
	b, err := f.unpack(s)
	if err != nil {
		return nil, err
	}
	widths, ok := wholes(s.dict["W"])
	if !ok || len(widths) != 3 || slices.Min(widths) < 0 || slices.Max(widths) > 8 || widths[1] == 0 {
		return nil, ErrDamaged
	}
	index := []int{0, len(b)}
	if o, given := s.dict["Index"]; given {
		if index, ok = wholes(o); !ok || len(index)%2 == 1 {
			return nil, ErrDamaged
		}
	}
	for ; len(index) > 0; index = index[2:] {
		for i := 0; i < index[1] && len(b) >= widths[0]+widths[1]+widths[2]; i++ {
			kind := 1
			if widths[0] > 0 {
				kind = number(&b, widths[0])
			}
			second, third := number(&b, widths[1]), number(&b, widths[2])
			if f.budget.parts--; f.budget.parts < 0 {
				return nil, ErrTooComplex
			}
			p := place{}
			switch kind {
			case 1:
				p.at = second
			case 2:
				p.stream, p.index = second, third
			}
			if err := f.put(index[0]+i, p); err != nil {
				return nil, err
			}
		}
	}
	return s.dict, nil
}

// number takes a number off b; one that no place can have is made some large
// one.
func number(b *[]byte, width int) int {
	n := 0
	for _, c := range (*b)[:width] {
		n = min(n<<8|int(c), 1<<40)
	}
	*b = (*b)[width:]
	return n
}

func wholes(o any) ([]int, bool) {
	list, ok := o.(pdfArray)
	out := make([]int, 0, len(list))
	for _, o := range list {
		n, is := whole(o)
		ok = ok && is
		out = append(out, n)
	}
	return out, ok
}
