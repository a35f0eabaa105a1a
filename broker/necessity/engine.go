package necessity

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io/fs"
	"math/bits"
	"slices"
	"strings"
)

// Engine decides by one set of policies: the floor and the permits. It never
// changes, and any number of goroutines may use it.
type Engine struct {
	version string
	text    string   // the permits, in canonical form
	floor   string   // likewise
	sheets  []*sheet // by place
}

// Default is the floor with the permits that ship inside the binary. Its error
// is an ErrPoliciesInvalid, and means that the binary was built wrong.
func Default() (*Engine, error) {
	return load(folderOf(defaultFiles, "defaults"))
}

// Load is the floor with the permits of an operator: the *.cedar files at the
// top of a folder. The error is an *InvalidError with every problem, and an
// ErrPoliciesInvalid; no part of a set with a problem comes into force.
func Load(fsys fs.FS) (*Engine, error) {
	return load(folderOf(fsys, "."))
}

func load(read reader) (*Engine, error) {
	e, problems := build(floorText, read)
	if len(problems) > 0 {
		return nil, fmt.Errorf("load policies: %w", &InvalidError{problems})
	}
	return e, nil
}

// Version names the set: "sha256:" and the hash of floor and permits in
// canonical form, so neither comments, layout, order nor file names change it.
func (e *Engine) Version() string { return e.version }

// Decide says for each field what a requester of this side may learn for this
// purpose while just these conditions hold; conditions that no policy here
// mentions make no difference. It is never nil: an unknown kind, role or
// purpose has everything withheld. Decisions are remembered: at most one for
// each situation that the policies can tell apart. The result is shared, and
// for reading only.
func (e *Engine) Decide(k Kind, r Role, p Purpose, b Bits) *Decision {
	i := place(k, r, p)
	if i < 0 {
		return &Decision{Kind: k, Role: r, Purpose: p}
	}
	s := e.sheets[i]
	n := s.number(b)
	if d := s.decisions[n].Load(); d != nil {
		return d
	}
	d := s.decide(n)
	s.decisions[n].Store(d) // two may race to it, with equal decisions
	return d
}

// newEngine prepares a sheet for each kind, role and purpose.
func newEngine(floor, permits []*rule) (*Engine, []Problem) {
	e := &Engine{version: version(floor, permits), text: canonical(permits), floor: canonical(floor), sheets: make([]*sheet, places())}
	var problems []Problem
	for i := range e.sheets {
		var err error
		if e.sheets[i], err = newSheet(i, floor, permits); err != nil {
			return nil, []Problem{{"floor.cedar", 0, err.Error()}}
		}
		if n := bits.OnesCount32(uint32(e.sheets[i].mentioned)); n > maxConditions {
			problems = append(problems, e.sheets[i].tooMany())
		}
	}
	if len(problems) > 0 {
		return nil, problems
	}
	for _, s := range e.sheets {
		s.tabulate()
	}
	return e, nil
}

// version hashes each policy by length and text, in the order of the ids.
func version(sets ...[]*rule) string {
	h := sha256.New()
	for _, set := range sets {
		sorted := byID(set)
		var size [8]byte
		binary.BigEndian.PutUint64(size[:], uint64(len(sorted)))
		h.Write(size[:])
		for _, r := range sorted {
			text := r.policy.MarshalCedar()
			binary.BigEndian.PutUint64(size[:], uint64(len(text)))
			h.Write(size[:])
			h.Write(text)
		}
	}
	return "sha256:" + hex.EncodeToString(h.Sum(nil))
}

func byID(set []*rule) []*rule {
	return slices.SortedFunc(slices.Values(set), func(a, b *rule) int { return strings.Compare(a.id, b.id) })
}
