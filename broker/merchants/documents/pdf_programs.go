package documents

import (
	"fmt"
	"slices"
	"strings"
)

// Programs within a PDF are small languages of a few words each. What is made of them has
// none but these.

// calculatesTable are the words of a function that is calculated (ISO 32000-2, 7.10.5).
var calculatesTable = strings.Fields("{ } abs add atan ceiling cos cvi cvr div exp floor idiv ln log mod mul neg round sin sqrt sub truncate " +
	"and bitshift eq false ge gt le lt ne not or true xor if ifelse copy dup exch index pop roll")

// calculator is a function that is calculated: numbers, and the words that there are.
func (w *pdfWriter) calculator(s pdfStream, dict pdfDict) ([]byte, error) {
	b, err := w.f.unpack(s)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, word := range strings.FieldsFunc(strings.NewReplacer("{", " { ", "}", " } ").Replace(string(uncommented(b))), func(r rune) bool { return r <= ' ' }) {
		if !slices.Contains(calculatesTable, word) {
			o, err := wordOrNumber(word)
			n, is := o.(pdfNumber)
			if !is || err != nil {
				return nil, ErrUnsupported
			}
			word = string(n)
		}
		out = append(out, word)
	}
	dict["Filter"] = pdfName("FlateDecode")
	return w.deflated([]byte(strings.Join(out, " ")))
}

// The parts of a map of characters (Adobe Technical Note 5014), by what an entry of each
// has: s is the code of a letter, n a number, t what it stands for, in text.
var mapsTable = map[pdfWord]string{
	"begincodespacerange": "ss", "begincidrange": "ssn", "begincidchar": "sn", "beginnotdefrange": "ssn", "beginnotdefchar": "sn",
	"beginbfchar": "st", "beginbfrange": "sst",
}

const (
	longestCode = 4  // bytes of the code of a letter
	longestText = 16 // and of what one stands for: ligatures have a few letters
)

const (
	mapHead = "/CIDInit /ProcSet findresource begin\n12 dict begin\nbegincmap\n/CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def\n/CMapName /Adobe-Identity-UCS def\n"
	mapTail = "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
)

// program is a map of characters, written anew: of each part the entries that are such.
// What stands before a part, or is no entry of it, does not come over.
func (w *pdfWriter) program(s pdfStream, dict pdfDict) ([]byte, error) {
	b, err := w.f.unpack(s)
	if err != nil {
		return nil, err
	}
	dict["Filter"] = pdfName("FlateDecode")
	if dict["Type"] == pdfName("CMap") {
		dict["CMapName"] = pdfName("Adobe-Identity-UCS") // which one has to have
	}
	out := pdfWriter{f: w.f}
	out.out.WriteString(mapHead)
	l := &lexer{b: b, budget: &w.f.drawing, most: maxElements}
	var before pdfArray
	for {
		if l.blanks(); l.at >= len(b) {
			break
		}
		o, err := l.next()
		if err != nil {
			return nil, err
		}
		word, is := o.(pdfWord)
		if !is {
			before = append(before[max(0, len(before)-1):], o)
			continue
		}
		switch entry, part := mapsTable[word]; {
		case part:
			if err := out.part(l, string(word), entry); err != nil {
				return nil, err
			}
		case word == "usecmap" && len(before) > 0:
			if name, is := before[len(before)-1].(pdfName); is && slices.Contains(mappedTable, name) {
				fmt.Fprintf(&out.out, "/%s usecmap\n", name)
			}
		case word == "def" && len(before) == 2 && before[0] == pdfName("WMode") && before[1] == pdfNumber("1"):
			out.out.WriteString("/WMode 1 def\n")
		}
		before = before[:0]
	}
	out.out.WriteString(mapTail)
	return w.deflated(out.out.Bytes())
}

// part copies the entries of one part of a map, up to its end.
func (w *pdfWriter) part(l *lexer, begin, entry string) error {
	var all []pdfArray
	var one pdfArray
	for {
		if l.blanks(); l.at >= len(l.b) {
			return ErrTruncated
		}
		o, err := l.next()
		if err != nil {
			return err
		}
		if _, end := o.(pdfWord); end {
			break
		}
		if one = append(one, o); len(one) < len(entry) {
			continue
		}
		if mapsTo(one, entry) {
			all = append(all, one)
		}
		one = nil
	}
	const most = 100 // entries of one part
	for chunk := range slices.Chunk(all, most) {
		fmt.Fprintf(&w.out, "%d %s\n", len(chunk), begin)
		for _, one := range chunk {
			for _, o := range one {
				w.write(o)
				w.out.WriteByte(' ')
			}
			w.out.WriteByte('\n')
		}
		w.out.WriteString(strings.Replace(begin, "begin", "end", 1) + "\n")
	}
	return nil
}

// mapsTo says whether objects are an entry of a map.
func mapsTo(one pdfArray, entry string) bool {
	for i, o := range one {
		text, is := o.(pdfString)
		n, counted := o.(pdfNumber)
		list, several := o.(pdfArray)
		switch entry[i] {
		case 's':
			is = is && len(text) <= longestCode
		case 't':
			is = is && len(text) <= longestText || several && !slices.ContainsFunc(list, func(o any) bool {
				text, is := o.(pdfString)
				return !is || len(text) > longestText
			})
		default:
			_, is = whole(n)
			is = is && counted
		}
		if !is {
			return false
		}
	}
	return true
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
