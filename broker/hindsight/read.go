package hindsight

import (
	"bytes"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Reader reads requests off statements, without making anything of what it does
// not need. One goroutine uses it.
type Reader struct {
	request Request
	words   map[string]string // rules and versions: few, and the same again and again
}

// NewReader makes one.
func NewReader() *Reader { return &Reader{words: map[string]string{}} }

// mostWords bounds what a reader remembers.
const mostWords = 1 << 12

// Read takes from the canonical bytes of a statement what is said of the
// request; false if they are not such. Kind and role are the transaction's to
// say. The request, and what it holds, is the reader's until the next Read.
func (r *Reader) Read(statement []byte, kind necessity.Kind, role necessity.Role) (*Request, bool) {
	q := &r.request
	*q = Request{Kind: kind, Role: role, Fields: q.Fields[:0]}
	decided := false
	s := scanner{rest: statement}
	s.object(func(name []byte) {
		switch string(name) {
		case "disclosure":
			q.disclosure = s.text()
		case "purpose":
			q.Purpose = necessity.Purpose(r.word(s.text()))
		case "decision":
			q.Decision = r.word(s.text())
		case "policy":
			q.Policy = r.word(s.text())
		case "type":
			decided = string(s.text()) == "disclosure_decided"
		case "facts", "situation": // entries from before there were facts have all in the situation
			s.object(func(name []byte) {
				if s.truth() {
					q.Bits |= conditions[string(name)]
				}
			})
		case "reasons":
			s.array(func() { q.because(&s) })
		case "fields":
			s.array(func() { q.Fields = append(q.Fields, r.past(&s)) })
		default:
			s.skip()
		}
	})
	return q, decided && !s.bad && len(s.rest) == 0
}

// because reads what else than a set of policies decided.
func (q *Request) because(s *scanner) {
	if !bytes.HasPrefix(s.rest, []byte{'"'}) {
		s.skip()
		return
	}
	code := s.text()
	q.excluded = q.excluded || string(code) == "requester_excluded"
	q.pastBudget = q.pastBudget || bytes.HasPrefix(code, []byte("past_budget:"))
}

func (r *Reader) past(s *scanner) (p Past) {
	s.object(func(name []byte) {
		switch string(name) {
		case "field":
			p.Field = masking.Field(r.word(s.text()))
		case "outcome":
			p.Outcome = necessity.Outcome(r.word(s.text()))
		case "reason":
			p.Reason = necessity.Reason(r.word(s.text()))
		case "rule":
			p.Rule = r.word(s.text())
		default:
			s.skip()
		}
	})
	return p
}

func (r *Reader) word(b []byte) string {
	if w, ok := r.words[string(b)]; ok {
		return w
	}
	if len(r.words) >= mostWords {
		clear(r.words)
	}
	w := string(b)
	r.words[w] = w
	return w
}

var conditions = func() map[string]necessity.Bits {
	m := map[string]necessity.Bits{}
	for _, c := range necessity.Conditions() {
		m[c.String()] = c.Bit()
	}
	return m
}()

// scanner walks over canonical JSON, which has no space and knows no null. The
// bytes are a writer's own; whatever else they are makes it bad, and it ends.
type scanner struct {
	rest []byte
	bad  bool
}

func (s *scanner) take(c byte) bool {
	if len(s.rest) == 0 || s.rest[0] != c {
		return false
	}
	s.rest = s.rest[1:]
	return true
}

func (s *scanner) fail() { s.rest, s.bad = nil, true }

func (s *scanner) object(member func(name []byte)) {
	if !s.take('{') {
		s.fail()
		return
	}
	for !s.bad {
		name := s.text()
		if !s.take(':') {
			s.fail()
			return
		}
		member(name)
		if s.take('}') {
			return
		}
		if !s.take(',') {
			s.fail()
		}
	}
}

func (s *scanner) array(each func()) {
	if !s.take('[') {
		s.fail()
		return
	}
	for !s.bad {
		each()
		if s.take(']') {
			return
		}
		if !s.take(',') {
			s.fail()
		}
	}
}

// text is a string as it is written: escapes, which no code has, stay.
func (s *scanner) text() []byte {
	if !s.take('"') {
		s.fail()
		return nil
	}
	for n := 0; ; n++ {
		i := bytes.IndexByte(s.rest[n:], '"')
		if i < 0 {
			s.fail()
			return nil
		}
		n += i
		slashes := 0
		for slashes < n && s.rest[n-1-slashes] == '\\' {
			slashes++
		}
		if slashes%2 == 0 {
			text := s.rest[:n]
			s.rest = s.rest[n+1:]
			return text
		}
	}
}

func (s *scanner) truth() bool {
	switch {
	case bytes.HasPrefix(s.rest, []byte("true")):
		s.rest = s.rest[4:]
		return true
	case bytes.HasPrefix(s.rest, []byte("false")):
		s.rest = s.rest[5:]
	default:
		s.fail()
	}
	return false
}

// skip goes over one value of any kind.
func (s *scanner) skip() {
	for depth := 0; !s.bad; {
		if len(s.rest) == 0 {
			s.fail()
			return
		}
		switch c := s.rest[0]; c {
		case '"':
			s.text()
		case '{', '[':
			depth++
			s.rest = s.rest[1:]
			continue
		case '}', ']':
			depth--
			s.rest = s.rest[1:]
		case ',', ':':
			s.rest = s.rest[1:]
			continue
		default:
			n := bytes.IndexAny(s.rest, ",}]")
			if n <= 0 {
				s.fail()
				return
			}
			s.rest = s.rest[n:]
		}
		if depth <= 0 {
			if depth < 0 {
				s.fail()
			}
			return
		}
	}
}
