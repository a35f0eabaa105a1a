package ledger

import (
	"bytes"
	"strconv"
)

// maxDepth bounds recursion on foreign bytes; statements need three.
const maxDepth = 8

// parseObject reads one JSON object of the kinds of value that statements have.
// It need not be strict about form: the caller writes what it read again and
// compares. It must end, and never panic, on any bytes.
func parseObject(b []byte) (Object, error) {
	r := reader{rest: b}
	v, ok := r.value(maxDepth)
	o, isObject := v.(Object)
	if !ok || !isObject || len(r.rest) > 0 {
		return nil, ErrNotCanonical
	}
	return o, nil
}

// reader consumes rest from the front; each method says whether it could.
type reader struct{ rest []byte }

func (r *reader) take(c byte) bool {
	if len(r.rest) == 0 || r.rest[0] != c {
		return false
	}
	r.rest = r.rest[1:]
	return true
}

func (r *reader) word(w string, v any) (any, bool) {
	if !bytes.HasPrefix(r.rest, []byte(w)) {
		return nil, false
	}
	r.rest = r.rest[len(w):]
	return v, true
}

func (r *reader) value(depth int) (any, bool) {
	if len(r.rest) == 0 || depth == 0 {
		return nil, false
	}
	switch r.rest[0] {
	case '{':
		return r.object(depth)
	case '[':
		return r.array(depth)
	case '"':
		return r.string()
	case 't':
		return r.word("true", true)
	case 'f':
		return r.word("false", false)
	default:
		return r.integer()
	}
}

func (r *reader) object(depth int) (any, bool) {
	var o Object
	for first := true; ; first = false {
		if first && !r.take('{') || !first && !r.take(',') {
			return nil, false
		}
		name, ok := r.string()
		if !ok || !r.take(':') {
			return nil, false
		}
		v, ok := r.value(depth - 1)
		if !ok {
			return nil, false
		}
		o = append(o, Member{Name: name, Value: v})
		if r.take('}') {
			return o, true
		}
	}
}

// array reads a list of strings or a list of objects; there is no other.
func (r *reader) array(depth int) (any, bool) {
	var list []string
	var inner []Object
	for first := true; ; first = false {
		if first && !r.take('[') || !first && !r.take(',') {
			return nil, false
		}
		v, ok := r.value(depth - 1)
		if !ok {
			return nil, false
		}
		switch v := v.(type) {
		case string:
			list = append(list, v)
		case Object:
			inner = append(inner, v)
		default:
			return nil, false
		}
		if r.take(']') {
			break
		}
	}
	if len(list) > 0 && len(inner) > 0 {
		return nil, false
	}
	if len(inner) > 0 {
		return inner, true
	}
	return list, true
}

func (r *reader) integer() (any, bool) {
	n := 0
	for n < len(r.rest) && n < 20 && (r.rest[n] == '-' || r.rest[n] >= '0' && r.rest[n] <= '9') {
		n++
	}
	v, err := strconv.ParseInt(string(r.rest[:n]), 10, 64)
	if err != nil {
		return nil, false
	}
	r.rest = r.rest[n:]
	return v, true
}

// string reads a string with the escapes that canonical bytes use, and no others.
func (r *reader) string() (string, bool) {
	if !r.take('"') {
		return "", false
	}
	var s []byte
	for {
		n := bytes.IndexAny(r.rest, `"\`)
		if n < 0 {
			return "", false
		}
		s = append(s, r.rest[:n]...)
		r.rest = r.rest[n:]
		if r.take('"') {
			return string(s), true
		}
		c, ok := r.escape()
		if !ok {
			return "", false
		}
		s = append(s, c)
	}
}

func (r *reader) escape() (byte, bool) {
	if len(r.rest) < 2 {
		return 0, false
	}
	c := r.rest[1]
	r.rest = r.rest[2:]
	switch c {
	case '"', '\\':
		return c, true
	case 'b':
		return '\b', true
	case 't':
		return '\t', true
	case 'n':
		return '\n', true
	case 'f':
		return '\f', true
	case 'r':
		return '\r', true
	case 'u':
		if len(r.rest) < 4 {
			return 0, false
		}
		n, err := strconv.ParseUint(string(r.rest[:4]), 16, 16)
		r.rest = r.rest[4:]
		return byte(n), err == nil && n < 0x20
	default:
		return 0, false
	}
}
