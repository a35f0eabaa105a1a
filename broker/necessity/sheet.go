package necessity

import (
	"fmt"
	"math/bits"
	"slices"
	"sync/atomic"

	"bauta.dev/bauta/masking"
)

// sheet is the part of the engine for one kind, role and purpose: the rules
// that can apply there, what they answer in every situation, and which decisions
// were made of that so far. All of it is bounded by the conditions that its
// rules mention.
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
}

// clause has what comes of one field under one ground.
type clause struct {
	field   int
	ground  Ground
	nth     int              // the ground's place in the sheet
	modes   [4]mode          // in the order in which they are asked; until all is answered
	reads   Bits             // the conditions on which the answers depend
	answers []*FieldDecision // by situation
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
				s.clause(f, r.ground).permit(r, place)
			}
		}
	}
	for i, f := range fieldTable {
		if len(s.fields[i]) == 0 {
			continue
		}
		s.necessary = append(s.necessary, f)
		for _, c := range s.fields[i] {
			c.nth = slices.Index(s.grounds, c.ground)
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
		c := &clause{field: field, ground: ground, modes: [4]mode{{auto: true, alias: true}, {auto: true}, {alias: true}, {}}}
		s.fields[field] = slices.Insert(s.fields[field], i, c)
	}
	if !slices.Contains(s.grounds, ground) {
		s.grounds = append(s.grounds, ground)
		slices.SortFunc(s.grounds, func(a, b Ground) int { return slices.Index(groundTable, a) - slices.Index(groundTable, b) })
	}
	return s.fields[field][i]
}

// permit adds a permit to the modes that it is for.
func (c *clause) permit(r *rule, place int) {
	c.reads |= r.reads
	for i := range c.modes {
		m := &c.modes[i]
		t := r.holds[spot{place, c.field, m.auto && r.modes}]
		if m.alias == r.relay && (r.auto || !m.auto) && t != nil {
			m.permits = append(m.permits, voice{r, t})
		}
	}
}

// gives says whether any permit gives an alias, or the value itself.
func (c *clause) gives(alias bool) bool {
	return slices.ContainsFunc(c.modes[:], func(m mode) bool { return m.alias == alias && len(m.permits) > 0 })
}

// lay puts under a clause what of the floor can apply to it.
func (s *sheet) lay(c *clause, floor []*rule) error {
	if c.gives(true) {
		c.reads |= Relay.Bit() // there may be none
	}
	for _, r := range floor {
		applies, err := s.forbid(c, r)
		if err != nil {
			return fmt.Errorf("evaluate %s: %w", r.id, err)
		}
		if applies {
			c.reads |= r.reads
			s.mentioned |= r.reads
		}
	}
	return nil
}

// forbid adds a policy of the floor to the modes in which it can apply, and
// says whether there is any; an error means that it errs.
func (s *sheet) forbid(c *clause, r *rule) (can bool, err error) {
	var truths [len(c.modes)]truth
	for i := range c.modes {
		m := &c.modes[i]
		switch {
		case !c.gives(m.alias):
			continue
		case !m.auto && !r.modes:
			truths[i] = truths[i-2] // as where the engine decides
		default:
			if truths[i], err = s.truth(c, r, m); err != nil {
				return false, err
			}
		}
		if truths[i] != nil {
			m.forbids = append(m.forbids, voice{r, truths[i]})
			can = true
		}
	}
	return can, nil
}

// truth asks Cedar when a policy of the floor applies; nil if it never does.
func (s *sheet) truth(c *clause, r *rule, m *mode) (t truth, err error) {
	f, n := frame{s.kind, c.ground, m.auto, m.alias}, 0
	for b := range situations(r.reads) {
		ok, err := r.matches(request(s.role, s.purpose, c.field, f.context(r.reads, b)))
		if err != nil {
			return nil, err
		}
		if ok && t == nil {
			t = newTruth(r.reads)
		}
		if ok {
			t.set(n)
		}
		n++
	}
	return t, nil
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

// tabulate answers every situation. It comes after the bound on conditions was
// checked.
func (s *sheet) tabulate() {
	tell := s.mentioned
	for _, clauses := range s.fields {
		for _, c := range clauses {
			tell |= c.reads
		}
	}
	if s.kind == UsedGoods && s.mentioned.Has(Shipped) {
		tell |= Meet.Bit() // who meets ships nothing: that is then not what is missing
	}
	s.told = tell.Conditions()
	s.decisions = make([]atomic.Pointer[Decision], 1<<len(s.told))
	for _, clauses := range s.fields {
		for _, c := range clauses {
			s.answer(c)
			clear(c.modes[:]) // answered once and for all
		}
	}
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
