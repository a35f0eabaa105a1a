package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"
)

// ErrNotCanonical says that bytes are not what a writer of statements writes.
var ErrNotCanonical = errors.New("the bytes are not a canonical statement")

// Member is one thing that a statement says. Value is a string, int, int64,
// bool, []string, []Object, Object or time.Time, as the schema has it for the
// type; nil, the zero time and what has no length leave the member out, while
// 0 and false are said.
type Member struct {
	Name  string
	Value any
}

// Object is a set of members; their order does not matter.
type Object []Member

// Lookup finds a member's value; false if it is absent.
func (o Object) Lookup(name string) (any, bool) {
	for i := range o {
		if o[i].Name == name {
			return o[i].Value, !absent(o[i].Value)
		}
	}
	return nil, false
}

// Statement is everything that one entry is about, for all audiences together.
// The broker keeps its canonical bytes sealed beside the log; they are not in
// it. At is cut to microseconds, UTC.
type Statement struct {
	Type    Type
	At      time.Time
	Members Object
}

// encoded is a statement's canonical bytes and where each member lies in them,
// so that what an audience sees is cut from the very bytes that are sealed.
type encoded struct {
	schema *schema
	bytes  []byte
	spans  [maxMembers]span // by place in the schema; empty where absent
}

type span struct{ from, to int }

func (s Statement) encode() (encoded, error) {
	schema, ok := s.Type.schema()
	if !ok {
		return encoded{}, fmt.Errorf("write statement: %w", ErrTypeUnknown)
	}
	e := encoded{schema: schema}
	var vals values
	if err := place(schema.members, s.Members, &vals); err != nil {
		return encoded{}, fmt.Errorf("write %s: %w", schema.name, err)
	}
	at, name := find(schema.members, nameAt), find(schema.members, nameType)
	if vals[at] != nil || vals[name] != nil {
		return encoded{}, fmt.Errorf("write %s: type and at: %w", schema.name, ErrMemberDuplicate)
	}
	vals[at], vals[name] = s.At, schema.name
	b := make([]byte, 0, 1024)
	for i := range schema.members {
		if vals[i] == nil {
			continue
		}
		b = append(b, ',')
		from := len(b)
		var err error
		if b, err = appendValue(appendName(b, schema.members[i].name), &schema.members[i], vals[i]); err != nil {
			return encoded{}, fmt.Errorf("write %s of %s: %w", schema.members[i].name, schema.name, err)
		}
		e.spans[i] = span{from, len(b)}
	}
	b[0] = '{'
	e.bytes = append(b, '}')
	return e, nil
}

// appendContent writes what a may see. "at" and "type" are seen by all, so it
// is never empty.
func (e *encoded) appendContent(b []byte, a Audience) []byte {
	start := len(b)
	for i := range e.schema.members {
		if s := e.spans[i]; s.to > 0 && e.schema.members[i].seen.has(a) {
			b = append(append(b, ','), e.bytes[s.from:s.to]...)
		}
	}
	b[start] = '{'
	return append(b, '}')
}

// Canonical gives the statement with all its members as JSON in the form of
// RFC 8785, restricted as in docs/entry-format.md, section 5. Errors:
// ErrTypeUnknown, ErrMemberUnknown, ErrMemberDuplicate, ErrValue.
func (s Statement) Canonical() ([]byte, error) {
	e, err := s.encode()
	return e.bytes, err
}

// Content gives the canonical bytes of what one audience may see: its members
// by the schema, and always "type" and "at". Errors are those of Canonical,
// and ErrAudienceUnknown if the type has no such audience.
func (s Statement) Content(a Audience) ([]byte, error) {
	e, err := s.encode()
	if err != nil {
		return nil, err
	}
	if e.schema.index(a) < 0 {
		return nil, fmt.Errorf("write %s for %s: %w", e.schema.name, a, ErrAudienceUnknown)
	}
	return e.appendContent(make([]byte, 0, len(e.bytes)), a), nil
}

// index gives the place of an audience's digest, or -1.
func (s *schema) index(a Audience) int {
	for i, has := range s.audiences {
		if has == a {
			return i
		}
	}
	return -1
}

// ParseStatement is the strict inverse of Canonical: whatever Canonical would
// not write byte for byte is ErrNotCanonical. Integers come back as int64,
// members in canonical order.
func ParseStatement(b []byte) (Statement, error) {
	root, err := parseObject(b)
	if err != nil {
		return Statement{}, fmt.Errorf("read statement: %w", err)
	}
	s, err := interpret(root)
	if err != nil {
		return Statement{}, fmt.Errorf("read statement: %w", err)
	}
	again, err := s.Canonical()
	if err != nil {
		return Statement{}, fmt.Errorf("read statement: %w", err)
	}
	if !bytes.Equal(b, again) {
		return Statement{}, fmt.Errorf("read statement: %w", ErrNotCanonical)
	}
	return s, nil
}

// ParseContent reads the part of one audience as strictly as ParseStatement,
// and refuses a member that this audience may not see with ErrMemberUnknown.
func ParseContent(a Audience, b []byte) (Statement, error) {
	s, err := ParseStatement(b)
	if err != nil {
		return Statement{}, err
	}
	schema, _ := s.Type.schema() // ParseStatement gives listed types only
	if schema.index(a) < 0 {
		return Statement{}, fmt.Errorf("read part for %s: %w", a, ErrAudienceUnknown)
	}
	for _, m := range s.Members {
		if !schema.members[find(schema.members, m.Name)].seen.has(a) {
			return Statement{}, fmt.Errorf("read %s for %s: %w", m.Name, a, ErrMemberUnknown)
		}
	}
	return s, nil
}

// interpret gives a parsed object the meaning that the schema has for it: it
// takes out "type" and "at", and makes times of texts. The rest of the schema is
// held by writing it again.
func interpret(root Object) (Statement, error) {
	var s Statement
	name, _ := root.Lookup(nameType)
	at, _ := root.Lookup(nameAt)
	typeName, isName := name.(string)
	when, isTime := at.(string)
	if !isName || !isTime {
		return s, ErrNotCanonical
	}
	var err error
	if s.Type, err = ParseType(typeName); err != nil {
		return s, err
	}
	if s.At, err = time.Parse(timeLayout, when); err != nil {
		return s, ErrNotCanonical
	}
	for _, m := range root {
		if m.Name != nameType && m.Name != nameAt {
			s.Members = append(s.Members, m)
		}
	}
	schema, _ := s.Type.schema() // listed, or ParseType had failed
	return s, interpretTimes(schema.members, s.Members)
}

func interpretTimes(specs []spec, o Object) error {
	for i := range o {
		at := find(specs, o[i].Name)
		if at < 0 {
			return fmt.Errorf("read %s: %w", printable(o[i].Name), ErrMemberUnknown)
		}
		switch v := o[i].Value.(type) {
		case string:
			if specs[at].shape != moment {
				continue
			}
			t, err := time.Parse(timeLayout, v)
			if err != nil {
				return ErrNotCanonical
			}
			o[i].Value = t
		case Object:
			if specs[at].shape != object {
				continue // flags, or wrong, which writing finds
			}
			if err := interpretTimes(specs[at].parts, v); err != nil {
				return err
			}
		case []Object:
			for _, inner := range v {
				if err := interpretTimes(specs[at].parts, inner); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// Seen are the members that at least one of some audiences may see, of those that the
// type has; nil where it has none of them.
func (s Statement) Seen(by ...Audience) Object {
	schema, ok := s.Type.schema()
	if !ok || !slices.ContainsFunc(by, func(a Audience) bool { return schema.index(a) >= 0 }) {
		return nil
	}
	seen := Object{}
	for _, m := range s.Members {
		i := find(schema.members, m.Name)
		if i >= 0 && slices.ContainsFunc(by, func(a Audience) bool { return schema.members[i].seen.has(a) }) {
			seen = append(seen, m)
		}
	}
	return seen
}
