package documents

import (
	"bytes"
	"strconv"
)

// The objects of a PDF (ISO 32000-2, 7.3). Numbers are kept as they are
// written; nil is null, and bool a boolean.
type (
	pdfName   string
	pdfNumber string
	pdfString string
	pdfRef    int
	pdfArray  []any
	pdfDict   map[pdfName]any
	pdfStream struct {
		dict pdfDict
		raw  []byte
	}
	pdfWord string // obj, stream, xref, trailer, n, f
)

const (
	maxDepth = 32       // of arrays and dictionaries in each other
	maxWork  = 64 << 20 // bytes of PDF that are read as objects, some of them twice
	maxParts = 500_000  // objects that are read, those within others counted
	maxBulk  = 96 << 20 // bytes that are unpacked or copied
)

// budget bounds what is done for one PDF, whatever it says. Where it is used
// up, the PDF is refused.
type budget struct {
	work, parts, bulk int
	over              func() bool // the time that is given
	asked             int
}

// late asks for the time now and then.
func (b *budget) late() bool {
	b.asked++
	return b.asked%1024 == 0 && b.over()
}

// lexer reads objects from bytes. It never goes back, and never asks for what
// an object refers to.
type lexer struct {
	b      []byte
	at     int
	budget *budget
	most   int // objects that one can have within it; 0 leaves that to the budget
	within int
}

func isBlank(c byte) bool {
	return c == ' ' || c == '\n' || c == '\r' || c == '\t' || c == '\f' || c == 0
}
func isDelimiter(c byte) bool { return bytes.IndexByte([]byte("()<>[]{}/%"), c) >= 0 }

// blanks goes past blanks and comments.
func (l *lexer) blanks() {
	for l.at < len(l.b) {
		switch c := l.b[l.at]; {
		case isBlank(c):
			l.at++
		case c == '%':
			for l.at < len(l.b) && l.b[l.at] != '\n' && l.b[l.at] != '\r' {
				l.at++
			}
		default:
			return
		}
	}
}

// next reads one object; its bytes are paid for.
func (l *lexer) next() (any, error) {
	start := l.at
	l.within = 0
	o, err := l.object(0)
	if l.budget.late() {
		return nil, ErrTooComplex
	}
	if l.budget.work -= l.at - start + 1; l.budget.work < 0 {
		return nil, ErrTooComplex
	}
	return o, err
}

func (l *lexer) object(depth int) (any, error) {
	l.blanks()
	if l.at >= len(l.b) {
		return nil, ErrTruncated
	}
	if l.budget.parts--; depth > maxDepth || l.budget.parts < 0 {
		return nil, ErrTooComplex
	}
	if l.within++; l.most > 0 && l.within > l.most {
		return nil, ErrTooComplex
	}
	rest := l.b[l.at:]
	switch c := rest[0]; {
	case c == '/':
		return l.name()
	case c == '(':
		return l.literal()
	case c == '[':
		l.at++
		return l.array(depth)
	case bytes.HasPrefix(rest, []byte("<<")):
		l.at += 2
		return l.dict(depth)
	case c == '<':
		return l.hex()
	case isDelimiter(c):
		return nil, ErrDamaged
	}
	end := 0
	for end < len(rest) && !isBlank(rest[end]) && !isDelimiter(rest[end]) {
		end++
	}
	l.at += end
	return wordOrNumber(string(rest[:end]))
}

func wordOrNumber(s string) (any, error) {
	switch s {
	case "true", "false":
		return s == "true", nil
	case "null":
		return nil, nil //nolint:nilnil // null is an object
	}
	if c := s[0]; c != '+' && c != '-' && c != '.' && (c < '0' || c > '9') {
		return pdfWord(s), nil
	}
	const longest = 32 // characters: more are lawful, and draw nothing else
	points, point := 0, len(s)
	for i := range len(s) {
		switch c := s[i]; {
		case c == '.':
			points++
			point = i
		case (c == '+' || c == '-') && i == 0, c >= '0' && c <= '9':
		default:
			return nil, ErrDamaged
		}
	}
	if points > 1 || point >= longest && len(s) > longest {
		return nil, ErrDamaged
	}
	return pdfNumber(s[:min(len(s), longest)]), nil
}

func (l *lexer) name() (any, error) {
	var out []byte
	for l.at++; l.at < len(l.b) && !isBlank(l.b[l.at]) && !isDelimiter(l.b[l.at]); l.at++ {
		c := l.b[l.at]
		if c == '#' && l.at+2 < len(l.b) {
			n, err := strconv.ParseUint(string(l.b[l.at+1:l.at+3]), 16, 8)
			if err != nil {
				return nil, ErrDamaged
			}
			c = byte(n)
			l.at += 2
		}
		out = append(out, c)
	}
	return pdfName(out), nil
}

func (l *lexer) hex() (any, error) {
	end := bytes.IndexByte(l.b[l.at:], '>')
	if end < 0 {
		return nil, ErrTruncated
	}
	out, ok := unhex(l.b[l.at+1 : l.at+end])
	l.at += end + 1
	if !ok {
		return nil, ErrDamaged
	}
	return pdfString(out), nil
}

func unhex(b []byte) ([]byte, bool) {
	var digits []byte
	for _, c := range b {
		if !isBlank(c) {
			digits = append(digits, c)
		}
	}
	if len(digits)%2 == 1 {
		digits = append(digits, '0')
	}
	out := make([]byte, 0, len(digits)/2)
	for i := 0; i < len(digits); i += 2 {
		n, err := strconv.ParseUint(string(digits[i:i+2]), 16, 8)
		if err != nil {
			return nil, false
		}
		out = append(out, byte(n))
	}
	return out, true
}

// literal reads a string in parentheses.
func (l *lexer) literal() (any, error) {
	var out []byte
	open := 0
	for ; l.at < len(l.b); l.at++ {
		switch c := l.b[l.at]; c {
		case '(':
			if open++; open > 1 {
				out = append(out, c)
			}
		case ')':
			if open--; open == 0 {
				l.at++
				return pdfString(out), nil
			}
			out = append(out, c)
		case '\\':
			out = l.escape(out)
		default:
			out = append(out, c)
		}
	}
	return nil, ErrTruncated
}

// escape reads what is after a backslash, and stands on its last byte then.
func (l *lexer) escape(out []byte) []byte {
	l.at++
	if l.at >= len(l.b) {
		return out
	}
	c := l.b[l.at]
	if i := bytes.IndexByte([]byte("nrtbf"), c); i >= 0 {
		return append(out, "\n\r\t\b\f"[i])
	}
	switch {
	case c == '\r' || c == '\n':
		if c == '\r' && l.at+1 < len(l.b) && l.b[l.at+1] == '\n' {
			l.at++
		}
		return out
	case c < '0' || c > '7':
		return append(out, c)
	}
	n := 0
	for i := 0; i < 3 && l.at < len(l.b) && l.b[l.at] >= '0' && l.b[l.at] <= '7'; i++ {
		n = n*8 + int(l.b[l.at]-'0')
		l.at++
	}
	l.at--
	return append(out, byte(n)) //nolint:gosec // overflow is ignored, as 7.3.4.2 says
}

func (l *lexer) array(depth int) (any, error) {
	out := pdfArray{}
	for {
		if l.blanks(); l.at < len(l.b) && l.b[l.at] == ']' {
			l.at++
			return out, nil
		}
		o, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if o == pdfWord("R") {
			if out, err = refer(out); err != nil {
				return nil, err
			}
			continue
		}
		if _, word := o.(pdfWord); word {
			return nil, ErrDamaged
		}
		out = append(out, o)
	}
}

// refer makes a reference of the last two numbers of a list.
func refer(list pdfArray) (pdfArray, error) {
	if len(list) < 2 {
		return nil, ErrDamaged
	}
	n, ok := whole(list[len(list)-2])
	if _, generation := whole(list[len(list)-1]); !ok || !generation || n < 0 {
		return nil, ErrDamaged
	}
	return append(list[:len(list)-2], pdfRef(n)), nil
}

// dict reads members as a list first: only R tells a number from a reference.
func (l *lexer) dict(depth int) (any, error) {
	var list pdfArray
	for {
		if l.blanks(); bytes.HasPrefix(l.b[l.at:], []byte(">>")) {
			l.at += 2
			break
		}
		o, err := l.object(depth + 1)
		if err != nil {
			return nil, err
		}
		if o == pdfWord("R") {
			if list, err = refer(list); err != nil {
				return nil, err
			}
			continue
		}
		if _, word := o.(pdfWord); word {
			return nil, ErrDamaged
		}
		list = append(list, o)
	}
	out := pdfDict{}
	for i := 0; i < len(list); i += 2 {
		key, ok := list[i].(pdfName)
		if _, twice := out[key]; !ok || twice || i+1 == len(list) {
			return nil, ErrDamaged // two readers would take two different members
		}
		out[key] = list[i+1]
	}
	return out, nil
}

// whole is an object as a whole number.
func whole(o any) (int, bool) {
	n, ok := o.(pdfNumber)
	if !ok {
		return 0, false
	}
	i, err := strconv.ParseInt(string(n), 10, 32)
	return int(i), err == nil
}
