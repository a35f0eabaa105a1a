package necessity

import (
	"cmp"
	"math/bits"
	"slices"

	"bauta.dev/bauta/masking"
)

// decide answers every field of one situation: it puts together what was
// tabulated, so it costs the same however many policies there are.
func (s *sheet) decide(n int) *Decision {
	d := &Decision{
		Kind: s.kind, Role: s.role, Purpose: s.purpose, Bits: s.bits(n),
		Necessary: s.necessary, grounds: s.grounds,
		under: make([][fieldCount]*FieldDecision, len(s.grounds)),
	}
	for f, clauses := range s.fields {
		for _, c := range clauses {
			answer := c.answers[n]
			d.under[c.nth][f] = answer
			if d.best[f] == nil || better(answer, d.best[f]) {
				d.best[f] = answer
			}
		}
	}
	return d
}

// better orders answers for the same field under two grounds: granted,
// pending, withheld; of the withheld the one that says more.
func better(a, b *FieldDecision) bool {
	rank := func(d *FieldDecision) int {
		switch {
		case d.Outcome == Granted:
			return 0
		case d.Outcome == Pending:
			return 1
		case len(d.Missing) > 0:
			return 2 + len(d.Missing)
		case d.Reason != NotNecessary:
			return 100
		default:
			return 101
		}
	}
	return rank(a) < rank(b)
}

// answer fills in what comes of a clause in every situation. Those that nothing
// tells apart which it reads have one answer.
func (s *sheet) answer(c *clause) {
	reads := s.number(c.reads | closing | Meet.Bit())
	judged := s.judge(c, reads)
	nearest := s.nearest(judged, reads)
	c.answers = make([]*FieldDecision, len(judged))
	known := map[explanation]*FieldDecision{}
	for n := range c.answers {
		if same := n & reads; same != n {
			c.answers[n] = c.answers[same] // a smaller number
			continue
		}
		if c.answers[n] = judged[n]; judged[n].Outcome == Withheld {
			x := s.explain(judged, nearest, n)
			if known[x] == nil {
				known[x] = x.answer()
			}
			c.answers[n] = known[x]
		}
	}
}

// judge answers the situations that differ in what a clause reads. Those in
// which all its rules say the same have one answer.
func (s *sheet) judge(c *clause, reads int) []*FieldDecision {
	judged := make([]*FieldDecision, 1<<len(s.told))
	known := map[string]*FieldDecision{}
	var votes []byte
	for n := range judged {
		if n&reads != n {
			continue
		}
		b := s.bits(n)
		votes = c.votes(votes[:0], b)
		if known[string(votes)] == nil {
			known[string(votes)] = c.judge(b)
		}
		judged[n] = known[string(votes)]
	}
	return judged
}

// votes are what all rules say in a situation.
func (c *clause) votes(into []byte, b Bits) []byte {
	vote := func(yes bool) {
		if yes {
			into = append(into, 1)
		} else {
			into = append(into, 0)
		}
	}
	vote(b.Has(Relay))
	for i := range c.modes {
		for _, v := range c.modes[i].permits {
			vote(v.applies(b))
		}
		for _, v := range c.modes[i].forbids {
			vote(v.applies(b))
		}
	}
	return into
}

// judge goes through the modes: first what the engine alone may grant, then what
// a person may. A relay comes before the value (R1).
func (c *clause) judge(b Bits) *FieldDecision {
	d := FieldDecision{Field: fieldTable[c.field], Outcome: Withheld}
	for i := range c.modes {
		m := &c.modes[i]
		hold, forbids := m.allowed(b)
		switch {
		case len(hold) > 0 && (!m.alias || b.Has(Relay)):
			d = c.give(hold, m.auto)
			return &d
		case len(hold) > 0 && !d.blocked:
			d.blocked, d.Nearest = true, hold[0].id
		}
		if !m.auto { // a person's word: what forbids him forbids the engine
			d.Forbids = union(d.Forbids, forbids)
		}
	}
	return &d
}

// union is both lists, sorted, each name once; nil if there is none.
func union(a, b []string) []string {
	both := slices.Concat(a, b)
	slices.Sort(both)
	return slices.Compact(both)
}

// give answers by the permits that hold: their strictest terms together, under
// the name of the one with the shortest.
func (c *clause) give(hold rules, auto bool) FieldDecision {
	slices.SortFunc(hold, func(a, b *rule) int {
		return cmp.Or(cmp.Compare(a.expires.After, b.expires.After), cmp.Compare(a.views, b.views), cmp.Compare(a.id, b.id))
	})
	first := hold[0]
	d := FieldDecision{
		Field: fieldTable[c.field], Outcome: Pending, Ground: c.ground, Rule: first.id,
		Expires: first.expires, Views: first.views, Contact: first.contact, Only: first.only,
	}
	if auto {
		d.Outcome = Granted
	}
	if first.relay {
		d.Channel = ChannelRelay
	}
	events := []Event{first.expires.Event}
	for _, r := range hold[1:] {
		d.Views = min(d.Views, r.views)
		if r.only && !d.Only {
			d.Contact, d.Only = r.contact, true
		}
		if !slices.Contains(events, r.expires.Event) { // sorted: its first term is its shortest
			events = append(events, r.expires.Event)
			d.Others = append(d.Others, r.expires)
		}
	}
	if d.Field == masking.Email && d.Channel == "" {
		d.Only = true // an email is never a party's own
	}
	return d
}

// explanation is why a field is withheld, and what would change that.
type explanation struct {
	judged  *FieldDecision
	reason  Reason
	missing Bits
	nearest string
}

// answer is the judged one, explained.
func (x *explanation) answer() *FieldDecision {
	d := *x.judged
	d.Reason, d.Missing, d.Nearest = x.reason, x.missing.Conditions(), x.nearest
	return &d
}

// closing are the conditions under which nothing that could come about would
// open a field, or nothing is said of it.
const closing Bits = 1<<SubjectRestricted | 1<<SubjectMinor | 1<<SubjectAtRisk | 1<<Cancelled

// explain tells nothing of the subject's flags to who would be refused without
// them too.
func (s *sheet) explain(judged []*FieldDecision, nearest []uint16, n int) explanation {
	b := s.bits(n)
	open := s.number(b &^ closing)
	x := explanation{judged: judged[n], reason: NotNecessary, nearest: judged[n].Nearest}
	switch come := int(nearest[open]); {
	case b.Has(Cancelled):
		x.reason = TransactionCancelled
	case judged[open].Outcome != Withheld:
		x.reason = NotAvailable
	case judged[open].blocked:
		x.reason = RelayUnavailable
	case come != 0:
		would := judged[open|come]
		x.missing, x.nearest = s.bits(come), cmp.Or(would.Rule, would.Nearest)
		if owed(s.kind, x.missing, b) != 0 {
			x.reason = NoPerformance
		}
	}
	return x
}

// owed are those of some conditions that stand for an obligation.
func owed(k Kind, of, b Bits) Bits {
	for rest := of; rest != 0; rest &= rest - 1 {
		one := rest & -rest
		if _, _, ok := Condition(bits.TrailingZeros32(uint32(one))).Obligation(k, b); !ok { //nolint:gosec // a bit's place
			of &^= one
		}
	}
	return of
}

// nearest finds, for each situation that nothing closes, the fewest conditions
// that would have to come about for a permit to hold; of equals the set with most
// that somebody can do, then the one that comes first; 0 if nothing would help.
// It goes from the last situation to the first: those with a condition more are
// known by then.
func (s *sheet) nearest(judged []*FieldDecision, reads int) []uint16 {
	nearest := make([]uint16, len(judged))
	come, waits := s.coming(0)
	comeMeeting, waitsMeeting := s.coming(Meet.Bit())
	closing, meet := s.number(closing), s.number(Meet.Bit())
	for n := len(judged) - 1; n >= 0; n-- {
		if n&reads != n || n&closing != 0 || judged[n].holds() {
			continue
		}
		come, waits := come, waits
		if n&meet != 0 {
			come, waits = comeMeeting, waitsMeeting
		}
		best := uint16(0)
		for open := come &^ n & reads; open != 0; open &= open - 1 {
			one := open & -open
			if with := n | one; judged[with].holds() || nearest[with] != 0 {
				set := nearest[with] | uint16(one) //nolint:gosec // there are at most 12 bits
				if best == 0 || nearer(set, best, waits) {
					best = set
				}
			}
		}
		nearest[n] = best
	}
	return nearest
}

// coming are the conditions that can still come about, and those of them that
// are nobody's obligation: time, or a dispute.
func (s *sheet) coming(b Bits) (come int, waits uint16) {
	var can Bits
	for _, condition := range s.told {
		can = can.If(condition, condition.canCome(s.kind, b))
	}
	return s.number(can), uint16(s.number(can &^ owed(s.kind, can, b))) //nolint:gosec // there are at most 12 bits
}

// nearer orders sets of conditions that are missing.
func nearer(a, b, waits uint16) bool {
	return cmp.Or(
		cmp.Compare(bits.OnesCount16(a), bits.OnesCount16(b)), cmp.Compare(bits.OnesCount16(a&waits), bits.OnesCount16(b&waits)), cmp.Compare(a, b),
	) < 0
}
