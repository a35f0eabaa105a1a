package ledger

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// Errors about a statement that the format does not allow.
var (
	ErrMemberUnknown   = errors.New("the entry type has no such member")
	ErrMemberDuplicate = errors.New("the member is there twice")
	ErrValue           = errors.New("the member cannot hold this value")
)

const (
	// MaxNumber is the largest number that a statement can say: beyond it RFC 8785
	// would not round-trip.
	MaxNumber = 1<<53 - 1

	// timeLayout is RFC 3339 in UTC with microseconds; Format cuts off what is finer.
	timeLayout = "2006-01-02T15:04:05.000000Z"
	hexDigits  = "0123456789abcdef"
)

// values holds the members of one object in the order of its specs; nil where
// a member is absent.
type values [maxMembers]any

// place sorts members into the order of specs, which is the canonical one.
// What is not listed or is there twice is refused, absent or not.
func place(specs []spec, o Object, into *values) error {
	var seen uint32
	for i := range o {
		at := find(specs, o[i].Name)
		if at < 0 {
			return fmt.Errorf("place %s: %w", printable(o[i].Name), ErrMemberUnknown)
		}
		if seen>>at&1 == 1 {
			return fmt.Errorf("place %s: %w", specs[at].name, ErrMemberDuplicate)
		}
		seen |= 1 << at
		if !absent(o[i].Value) {
			into[at] = o[i].Value
		}
	}
	return nil
}

// printable keeps text that came from outside the format out of errors.
func printable(name string) string {
	if !validName(name) || len(name) > 32 {
		return "member"
	}
	return name
}

// absent says whether a value leaves its member out: nil, or of no length.
func absent(v any) bool {
	switch v := v.(type) {
	case nil:
		return true
	case string:
		return v == ""
	case []string:
		return len(v) == 0
	case []Object:
		return len(v) == 0
	case Object:
		return len(v) == 0
	case time.Time:
		return v.IsZero()
	default:
		return false
	}
}

// appendObject writes o by its specs. An object none of whose members is
// present would be empty, which the format does not have: ErrValue.
func appendObject(b []byte, specs []spec, o Object) ([]byte, error) {
	var vals values
	if err := place(specs, o, &vals); err != nil {
		return nil, err
	}
	start := len(b)
	for i := range specs {
		if vals[i] == nil {
			continue
		}
		b = appendName(append(b, ','), specs[i].name)
		var err error
		if b, err = appendValue(b, &specs[i], vals[i]); err != nil {
			return nil, fmt.Errorf("write %s: %w", specs[i].name, err)
		}
	}
	if len(b) == start {
		return nil, ErrValue
	}
	b[start] = '{'
	return append(b, '}'), nil
}

func appendName(b []byte, name string) []byte {
	return append(append(append(b, '"'), name...), '"', ':')
}

// appendValue writes one value as its spec wants it, else ErrValue.
func appendValue(b []byte, s *spec, v any) ([]byte, error) {
	switch v := v.(type) {
	case string:
		if s.shape == text {
			return appendString(b, v)
		}
	case int:
		if s.shape == number {
			return appendInteger(b, int64(v))
		}
	case int64:
		if s.shape == number {
			return appendInteger(b, v)
		}
	case bool:
		if s.shape == flag {
			return strconv.AppendBool(b, v), nil
		}
	case time.Time:
		if s.shape == moment {
			return appendTime(b, v)
		}
	case []string:
		if s.shape == texts {
			return appendTexts(b, v)
		}
	case Object:
		if s.shape == object {
			return appendObject(b, s.parts, v)
		}
		if s.shape == flags {
			return appendFlags(b, v)
		}
	case []Object:
		if s.shape == objects {
			return appendObjects(b, s.parts, v)
		}
	}
	return nil, ErrValue
}

func appendInteger(b []byte, n int64) ([]byte, error) {
	if n > MaxNumber || n < -MaxNumber {
		return nil, ErrValue
	}
	return strconv.AppendInt(b, n, 10), nil
}

func appendTime(b []byte, t time.Time) ([]byte, error) {
	t = t.UTC()
	if t.Year() < 1970 || t.Year() > 9999 {
		return nil, ErrValue
	}
	return append(t.AppendFormat(append(b, '"'), timeLayout), '"'), nil
}

func appendTexts(b []byte, list []string) ([]byte, error) {
	start := len(b)
	for _, s := range list {
		if s == "" {
			return nil, ErrValue
		}
		var err error
		if b, err = appendString(append(b, ','), s); err != nil {
			return nil, err
		}
	}
	b[start] = '['
	return append(b, ']'), nil
}

func appendObjects(b []byte, specs []spec, list []Object) ([]byte, error) {
	start := len(b)
	for _, o := range list {
		var err error
		if b, err = appendObject(append(b, ','), specs, o); err != nil {
			return nil, err
		}
	}
	b[start] = '['
	return append(b, ']'), nil
}

// appendFlags writes an object whose names are free and whose values are all
// bool. Names are ASCII, so byte order is the UTF-16 order of RFC 8785.
func appendFlags(b []byte, o Object) ([]byte, error) {
	o = slices.Clone(o)
	slices.SortFunc(o, func(x, y Member) int { return strings.Compare(x.Name, y.Name) })
	start := len(b)
	for i := range o {
		v, ok := o[i].Value.(bool)
		if !ok || !validName(o[i].Name) {
			return nil, ErrValue
		}
		if i > 0 && o[i].Name == o[i-1].Name {
			return nil, ErrMemberDuplicate
		}
		b = strconv.AppendBool(appendName(append(b, ','), o[i].Name), v)
	}
	b[start] = '{'
	return append(b, '}'), nil
}

func validName(s string) bool {
	for i := range len(s) {
		c := s[i]
		if (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// appendString writes a string as RFC 8785 section 3.2.2.2 does. Bytes that are
// not UTF-8 are refused: replaced, two different strings would become one.
func appendString(b []byte, s string) ([]byte, error) {
	if !utf8.ValidString(s) {
		return nil, ErrValue
	}
	b = append(b, '"')
	from := 0
	for i := range len(s) {
		c := s[i]
		if c >= 0x20 && c != '"' && c != '\\' {
			continue
		}
		b = append(b, s[from:i]...)
		from = i + 1
		b = appendEscape(b, c)
	}
	return append(append(b, s[from:]...), '"'), nil
}

func appendEscape(b []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(b, '\\', c)
	case '\b':
		return append(b, '\\', 'b')
	case '\t':
		return append(b, '\\', 't')
	case '\n':
		return append(b, '\\', 'n')
	case '\f':
		return append(b, '\\', 'f')
	case '\r':
		return append(b, '\\', 'r')
	default:
		return append(b, '\\', 'u', '0', '0', hexDigits[c>>4], hexDigits[c&15])
	}
}
