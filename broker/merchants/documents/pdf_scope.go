package documents

import (
	"fmt"
	"slices"
	"strconv"
)

// scope is what something that draws can name: what its resources have is given another
// name when it is first drawn with, and what is not drawn with is left behind.
type scope struct {
	own   bool // it has resources of its own
	given map[pdfName]pdfDict
	used  map[pdfName][]pdfName       // in the order in which they are drawn with
	index map[pdfName]map[pdfName]int // of used
}

// categories are the kinds of resources: how their new names begin, and how they are read.
var categoryTable = map[pdfName]struct {
	letter string
	as     reading
}{
	"Font": {"F", typeface}, "XObject": {"X", xobject}, "ExtGState": {"G", state}, "ColorSpace": {"C", spaces}, "Pattern": {"P", pattern}, "Shading": {"S", shading},
}

// namers are the operators that name a resource.
var namerTable = map[pdfWord]pdfName{
	"gs": "ExtGState", "Tf": "Font", "Do": "XObject", "sh": "Shading", "cs": "ColorSpace", "CS": "ColorSpace",
	"sc": "Pattern", "SC": "Pattern", "scn": "Pattern", "SCN": "Pattern",
}

// unnamed is what resources are drawn with that are not there.
const unnamed = pdfName("None")

// scope reads resources. Each that is there is paid for.
func (w *pdfWriter) scope(o any, always bool) (*scope, error) {
	s := &scope{given: map[pdfName]pdfDict{}, used: map[pdfName][]pdfName{}, index: map[pdfName]map[pdfName]int{}}
	o, err := w.f.get(o)
	if err != nil {
		return nil, err
	}
	all, is := o.(pdfDict)
	s.own = is || always
	w.f.budget.parts -= len(all)
	for category := range categoryTable {
		if o, err = w.f.get(all[category]); err != nil {
			return nil, err
		}
		if given, is := o.(pdfDict); is {
			s.given[category] = given
			w.f.budget.parts -= len(given)
		}
		s.index[category] = map[pdfName]int{}
	}
	return s, nil
}

// name is the new name of a resource.
func (s *scope) name(category, old pdfName) (pdfName, error) {
	if category == "ColorSpace" && slices.Contains([]pdfName{"DeviceGray", "DeviceRGB", "DeviceCMYK", "Pattern"}, old) {
		return old, nil
	}
	if !s.own {
		return "", ErrUnsupported // the resources of whatever draws it: readers differ
	}
	if s.given[category][old] == nil {
		return unnamed, nil
	}
	i, has := s.index[category][old]
	if !has {
		i = len(s.used[category])
		s.index[category][old] = i
		s.used[category] = append(s.used[category], old)
	}
	return pdfName(categoryTable[category].letter + strconv.Itoa(i)), nil
}

// rename gives the resources among operands their new names.
func (s *scope) rename(operator pdfWord, operands pdfArray) (err error) {
	if operator == "ri" {
		operands[0] = intent(operands[0])
		return nil
	}
	category, names := namerTable[operator]
	if !names || len(operands) == 0 {
		return nil
	}
	at := 0
	if category == "Pattern" {
		at = len(operands) - 1
	}
	if old, is := operands[at].(pdfName); is {
		operands[at], err = s.name(category, old)
	}
	return err
}

// intent is how colours are meant, one of four; any other name means the first.
func intent(o any) any {
	if name, is := o.(pdfName); is && slices.Contains([]pdfName{"AbsoluteColorimetric", "Perceptual", "Saturation"}, name) {
		return name
	}
	return pdfName("RelativeColorimetric")
}

// resources are those that were drawn with, and what the colours of a device stand for.
func (w *pdfWriter) resources(s *scope) pdfDict {
	out := pdfDict{}
	for _, category := range []pdfName{"ColorSpace", "ExtGState", "Font", "Pattern", "Shading", "XObject"} {
		dict, kind := pdfDict{}, categoryTable[category]
		for i, old := range s.used[category] {
			v := w.value(s.given[category][old], kind.as)
			switch {
			case v == nil && category == "ColorSpace":
				v = pdfName("DeviceGray") // what is named is there
			case v == nil:
				v = pdfDict{}
			}
			dict[pdfName(fmt.Sprint(kind.letter, i))] = v
		}
		if category == "ColorSpace" {
			for _, name := range []pdfName{"DefaultGray", "DefaultRGB", "DefaultCMYK"} {
				if o := s.given[category][name]; o != nil {
					dict[name] = w.value(o, kind.as)
				}
			}
		}
		if len(dict) > 0 {
			out[category] = dict
		}
	}
	return out
}
