package necessity

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	cedar "github.com/cedar-policy/cedar-go"

	"bauta.dev/bauta/masking"
)

// sheet is the part of the engine for one kind, role and purpose: the rules
// that can apply there, and what has been decided so far. What it remembers is
// bounded by the conditions that its rules mention.
type sheet struct {
	kind    Kind
	role    Role
	purpose Purpose

	fields    [fieldCount][]*clause // by field, in clause order; nil for a field that no permit names
	necessary []masking.Field
	grounds   []Ground
	permits   rules       // all that can hold here
	mentioned Bits        // by those and the part of the floor that can apply here: the table's conditions
	told      []Condition // what tells situations apart: mentioned, Relay if a channel needs it, Meet if shipping can be missing

	decisions []atomic.Pointer[Decision]
	judged    []atomic.Pointer[FieldDecision] // by clause and situation
	shared    sync.Map                        // string → *FieldDecision: equal ones are one
}

// clause has the rules for one field under one ground.
type clause struct {
	field  int
	ground Ground
	index  int // of this clause in the sheet
	byID   map[cedar.PolicyID]*rule
	value  rules // permits that give the value itself
	alias  rules // permits that give a relayed alias
	floor  rules // what of the floor can apply
}

// newSheet sorts the rules; an error means that the floor itself errs.
func newSheet(place int, floor, permits []*rule) (*sheet, error) {
	s := &sheet{}
	s.kind, s.role, s.purpose = at(place)
	for _, r := range permits {
		if r.reach[place] == 0 {
			continue
		}
		s.permits = append(s.permits, r)
		s.mentioned |= r.reads
		for f := range fieldTable {
			if r.reach[place].has(f) {
				s.clause(f, r.ground).add(r)
			}
		}
	}
	next := 0
	for i, f := range fieldTable {
		if len(s.fields[i]) == 0 {
			continue
		}
		s.necessary = append(s.necessary, f)
		for _, c := range s.fields[i] {
			c.index, next = next, next+1
			if err := s.lay(c, floor); err != nil {
				return nil, err
			}
		}
	}
	return s, nil
}

// clause finds or makes the clause of a field and ground.
func (s *sheet) clause(field int, ground Ground) *clause {
	byClause := func(c *clause, g Ground) int {
		return slices.Index(groundTable, c.ground) - slices.Index(groundTable, g)
	}
	i, found := slices.BinarySearchFunc(s.fields[field], ground, byClause)
	if !found {
		c := &clause{field: field, ground: ground, byID: map[cedar.PolicyID]*rule{}}
		s.fields[field] = slices.Insert(s.fields[field], i, c)
	}
	if !slices.Contains(s.grounds, ground) {
		s.grounds = append(s.grounds, ground)
		slices.SortFunc(s.grounds, func(a, b Ground) int { return slices.Index(groundTable, a) - slices.Index(groundTable, b) })
	}
	return s.fields[field][i]
}

func (c *clause) add(r *rule) {
	c.byID[cedar.PolicyID(r.id)] = r
	if r.relay {
		c.alias = append(c.alias, r)
	} else {
		c.value = append(c.value, r)
	}
}

// lay puts under a clause what of the floor can apply to it.
func (s *sheet) lay(c *clause, floor []*rule) error {
	for _, r := range floor {
		applies, err := s.canForbid(r, c)
		if err != nil {
			return fmt.Errorf("evaluate %s: %w", r.id, err)
		}
		if applies {
			c.floor = append(c.floor, r)
			s.mentioned |= r.reads
		}
	}
	return nil
}

func (s *sheet) canForbid(r *rule, c *clause) (bool, error) {
	can := false
	for _, auto := range []bool{false, true} {
		for _, alias := range []bool{false, true} {
			if alias && len(c.alias) == 0 || !alias && len(c.value) == 0 {
				continue
			}
			f := frame{s.kind, c.ground, auto, alias}
			for b := range situations(r.reads) {
				ok, err := r.matches(request(s.role, s.purpose, c.field, f.context(r.reads, b)))
				if err != nil {
					return false, err
				}
				can = can || ok
			}
		}
	}
	return can, nil
}

// tooMany names the permit with which the conditions grew too many.
func (s *sheet) tooMany() Problem {
	reads := s.mentioned
	for _, r := range s.permits {
		reads &^= r.reads // the floor's own
	}
	for _, r := range s.permits {
		if reads |= r.reads; bits.OnesCount32(uint32(reads)) > maxConditions {
			return r.problem("the policies for %s, %s asking to %s, and the floor under them, mention %d conditions, more than %d: %s",
				s.kind, s.role, s.purpose, bits.OnesCount32(uint32(s.mentioned)), maxConditions, s.mentioned)
		}
	}
	return Problem{"floor.cedar", 0, "mentions too many conditions: " + reads.String()}
}

// makeRoom allots the memory for what will be decided. It comes after the
// bound on conditions was checked.
func (s *sheet) makeRoom() {
	clauses, alias := 0, false
	for _, list := range s.fields {
		clauses += len(list)
		for _, c := range list {
			alias = alias || len(c.alias) > 0
		}
	}
	also := Bits(0)
	if alias {
		also |= Relay.Bit()
	}
	if s.kind == UsedGoods && s.mentioned.Has(Shipped) {
		also |= Meet.Bit() // who meets ships nothing: that is then not what is missing
	}
	s.told = (s.mentioned | also).Conditions()
	s.decisions = make([]atomic.Pointer[Decision], 1<<len(s.told))
	s.judged = make([]atomic.Pointer[FieldDecision], clauses<<len(s.told))
}

// number gives a situation its place among those that can be told apart.
func (s *sheet) number(b Bits) int {
	n := 0
	for i, c := range s.told {
		n |= int(b>>c&1) << i
	}
	return n
}

// bits is the inverse of number.
func (s *sheet) bits(n int) Bits {
	var b Bits
	for i, c := range s.told {
		b |= Bits(n>>i&1) << c
	}
	return b
}

// share gives equal field decisions one place in memory.
func (s *sheet) share(d FieldDecision) *FieldDecision {
	var key strings.Builder
	fmt.Fprintf(&key, "%+v", d)
	kept, _ := s.shared.LoadOrStore(key.String(), &d)
	return kept.(*FieldDecision)
}
