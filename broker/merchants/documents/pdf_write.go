package documents

import (
	"bytes"
	"compress/zlib"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
)

const maxPages = 200

// source is an object of the original, as one way of reading it.
type source struct {
	number int
	as     reading
	with   *scope // what letters are drawn with
}

// pdfWriter makes a new PDF. Objects that are referred to are copied once, one
// after the other: nothing that refers to itself makes it go round.
type pdfWriter struct {
	f       *pdfFile
	out     bytes.Buffer
	offsets []int // by number less 1
	numbers map[source]int
	waiting []source
	zip     *zlib.Writer
	err     error // of what was looked at on the way
}

// rewrite makes a PDF of the pages of another one.
func rewrite(b []byte, over func() bool) ([]byte, error) {
	f, err := openPDF(b, over)
	if err != nil {
		return nil, err
	}
	return f.rewritten()
}

func (f *pdfFile) rewritten() ([]byte, error) {
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
		if err := w.full(); err != nil {
			return nil, err
		}
	}
	for len(w.waiting) > 0 {
		next := w.waiting[0]
		w.waiting = w.waiting[1:]
		if err := w.copy(next); err != nil {
			return nil, err
		}
		if err := w.full(); err != nil {
			return nil, err
		}
	}
	w.end()
	return w.out.Bytes(), nil
}

// full says that the new PDF is more than is taken, that too much was looked at for
// it, or that the time is over.
func (w *pdfWriter) full() error {
	if w.err == nil && (w.out.Len() > MaxBytes || w.f.budget.parts < 0 || w.f.budget.over()) {
		return ErrTooComplex
	}
	return w.err
}

// refer is what an object is called in the new PDF, where it is written when its turn comes.
func (w *pdfWriter) refer(from source) pdfRef {
	if w.numbers[from] == 0 {
		w.offsets = append(w.offsets, 0)
		w.numbers[from] = len(w.offsets)
		w.waiting = append(w.waiting, from)
	}
	return pdfRef(w.numbers[from])
}

// letters are those of a font that is drawn like pages are. What they are drawn with is
// written after them all.
func (w *pdfWriter) letters(out, font pdfDict) error {
	o, err := w.f.get(font["CharProcs"])
	if err != nil {
		return err
	}
	all, _ := o.(pdfDict)
	with, err := w.scope(font["Resources"], false)
	if err != nil {
		return err
	}
	w.f.budget.parts -= len(all)
	procs := pdfDict{}
	for _, key := range slices.Sorted(maps.Keys(all)) {
		if ref, is := all[key].(pdfRef); is {
			procs[key] = w.refer(source{number: int(ref), as: drawing, with: with})
		}
	}
	out["CharProcs"] = procs
	if with.own {
		out["Resources"] = w.refer(source{as: offered, with: with})
	}
	return nil
}

// copy writes one object of the original.
func (w *pdfWriter) copy(from source) error {
	if len(w.offsets) > maxObjects {
		return ErrTooComplex
	}
	number := w.numbers[from]
	if from.as == offered {
		w.object(number, w.resources(from.with))
		return nil
	}
	o, err := w.f.get(pdfRef(from.number))
	if err != nil {
		return err
	}
	s, is := o.(pdfStream)
	if !is || !from.as.takesStream() {
		w.object(number, w.value(o, from.as))
		return nil
	}
	dict, b, err := w.content(s, from)
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
