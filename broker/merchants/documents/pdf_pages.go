package documents

import (
	"maps"
	"slices"
	"strconv"
)

// inherited are what a page has from the nodes above it, where it says nothing.
var inheritedTable = []pdfName{"Resources", "MediaBox", "CropBox", "Rotate"}

// pages are the pages in their order, each with what it inherits.
func (f *pdfFile) pages() ([]pdfDict, error) {
	root, err := f.dict(f.trailer["Root"])
	if err != nil {
		return nil, err
	}
	var out []pdfDict
	seen := map[pdfRef]bool{}
	if err := f.branch(root["Pages"], pdfDict{}, 0, seen, &out); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, ErrDamaged
	}
	return out, nil
}

// branch walks one node of the tree of pages. A node that was met before is a
// circle, or a page twice: neither is lawful.
func (f *pdfFile) branch(o any, above pdfDict, depth int, seen map[pdfRef]bool, out *[]pdfDict) error {
	ref, is := o.(pdfRef)
	if !is || seen[ref] {
		return ErrDamaged
	}
	seen[ref] = true
	if depth > maxDepth || len(*out) >= maxPages || len(seen) > 4*maxPages {
		return ErrTooComplex
	}
	node, err := f.dict(ref)
	if err != nil {
		return err
	}
	node = maps.Clone(node)
	for _, key := range inheritedTable {
		if _, has := node[key]; !has && above[key] != nil {
			node[key] = above[key]
		}
	}
	kids, inner := node["Kids"]
	if !inner {
		if node["Type"] != pdfName("Page") {
			return ErrDamaged
		}
		*out = append(*out, node)
		return nil
	}
	list, err := f.list(kids)
	if err != nil {
		return err
	}
	for _, kid := range list {
		if err := f.branch(kid, node, depth+1, seen, out); err != nil {
			return err
		}
	}
	return nil
}

func (f *pdfFile) dict(o any) (pdfDict, error) {
	o, err := f.get(o)
	if err != nil {
		return nil, err
	}
	d, is := o.(pdfDict)
	if !is {
		return nil, ErrDamaged
	}
	return d, nil
}

// usePrice is what each use of a stream costs that draws a page, however short it is: a
// page has a few.
const usePrice = 8 << 10

// contents is all that draws a page as one stream: where one of several ends, nothing
// has to. Each use is paid for, and its bytes.
func (w *pdfWriter) contents(o any, with *scope) (any, error) {
	list, err := w.f.list(o)
	if err != nil {
		return nil, err
	}
	var all []byte
	for i, o := range list {
		if o, err = w.f.get(o); err != nil {
			return nil, err
		}
		s, is := o.(pdfStream)
		if !is {
			return nil, ErrDamaged
		}
		b, err := w.f.unpack(s)
		if err == nil {
			err = w.f.pay(usePrice + len(b))
		}
		switch {
		case err != nil:
			return nil, err
		case len(all)+len(b) > maxPlain:
			return nil, ErrTooComplex
		case i == 0:
			all = slices.Clip(b) // which may be the original's
		default:
			all = append(append(all, '\n'), b...)
		}
	}
	if all, err = w.drawn(all, with); err != nil {
		return nil, err
	}
	w.offsets = append(w.offsets, 0)
	number := len(w.offsets)
	w.object(number, pdfStream{dict: pdfDict{"Filter": pdfName("FlateDecode"), "Length": pdfNumber(strconv.Itoa(len(all)))}, raw: all})
	return pdfRef(number), nil
}

// page has its boxes, how it is turned, what is drawn and with what.
func (w *pdfWriter) page(p pdfDict) (pdfDict, error) {
	out := pdfDict{"Type": pdfName("Page"), "Parent": pdfRef(2)}
	for _, key := range []pdfName{"MediaBox", "CropBox"} {
		if err := w.box(out, key, p[key]); err != nil {
			return nil, err
		}
	}
	for _, key := range []pdfName{"Rotate", "UserUnit", "Group"} {
		o, err := w.f.get(p[key])
		if err != nil {
			return nil, err
		}
		if grouped, is := o.(pdfDict); is && key == "Group" {
			out[key] = w.value(grouped, group)
		} else if n, is := o.(pdfNumber); is && key != "Group" {
			out[key] = n
		}
	}
	with, err := w.scope(p["Resources"], true)
	if err != nil {
		return nil, err
	}
	if out["Contents"], err = w.contents(p["Contents"], with); err != nil {
		return nil, err
	}
	out["Resources"] = w.resources(with)
	return out, nil
}

// box is a box of four numbers; what is none is left behind.
func (w *pdfWriter) box(out pdfDict, key pdfName, o any) error {
	const sides = 4
	list, err := w.f.list(o)
	if err != nil || len(list) != sides {
		return err
	}
	box := make(pdfArray, sides)
	for i, side := range list {
		if box[i], err = w.f.get(side); err != nil {
			return err
		}
		if !is(box[i], 'n') {
			return nil
		}
	}
	out[key] = box
	return nil
}
