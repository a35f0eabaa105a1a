package necessity

import (
	"cmp"
	"math/bits"
	"slices"

	cedar "github.com/cedar-policy/cedar-go"

	"bauta.dev/bauta/masking"
)

// decide answers every field of one situation.
func (s *sheet) decide(n int) *Decision {
	d := &Decision{
		Kind: s.kind, Role: s.role, Purpose: s.purpose, Bits: s.bits(n),
		Necessary: s.necessary, grounds: s.grounds,
		under: make([][fieldCount]*FieldDecision, len(s.grounds)),
	}
	for f, clauses := range s.fields {
		for _, c := range clauses {
			answer := s.judge(c, d.Bits)
			if answer.Outcome == Withheld {
				answer = s.explain(c, d.Bits, answer)
			}
			d.under[slices.Index(s.grounds, c.ground)][f] = answer
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

// judge asks Cedar, once for each clause and situation: first what the engine
// alone may grant, then what a person may. A relay comes before the value (R1).
func (s *sheet) judge(c *clause, b Bits) *FieldDecision {
	slot := &s.judged[c.index<<len(s.told)+s.number(b)]
	if d := slot.Load(); d != nil {
		return d
	}
	d := FieldDecision{Field: fieldTable[c.field], Outcome: Withheld}
	for _, auto := range []bool{true, false} {
		alias, forbids := s.allowed(c, c.alias, auto, true, b)
		if len(alias) > 0 && b.Has(Relay) {
			d = c.give(alias, auto)
			break
		}
		value, more := s.allowed(c, c.value, auto, false, b)
		if len(value) > 0 {
			d = c.give(value, auto)
			break
		}
		if len(alias) > 0 && !d.blocked {
			d.blocked, d.Nearest = true, alias[0].id
		}
		d.Forbids = union(forbids, more) // a person's word: what forbids him forbids the engine
	}
	shared := s.share(d)
	slot.Store(shared)
	return shared
}

// allowed gives the permits that hold, or the forbids in their way. Cedar
// skips a policy that errs, a forbid too: here any error denies.
func (s *sheet) allowed(c *clause, permits rules, auto, alias bool, b Bits) (hold rules, forbids []string) {
	set := make(rules, 0, len(permits)+len(c.floor))
	for _, r := range permits {
		if r.auto || !auto {
			set = append(set, r)
		}
	}
	if len(set) == 0 {
		return nil, nil
	}
	set = append(set, c.floor...)
	f := frame{s.kind, c.ground, auto, alias}
	decision, diag := cedar.Authorize(set, nil, request(s.role, s.purpose, c.field, f.context(s.mentioned, b)))
	if len(diag.Errors) > 0 {
		return nil, []string{"error:" + string(diag.Errors[0].PolicyID)}
	}
	if decision != cedar.Allow {
		for _, reason := range diag.Reasons {
			forbids = append(forbids, string(reason.PolicyID))
		}
		return nil, forbids
	}
	for _, reason := range diag.Reasons {
		hold = append(hold, c.byID[reason.PolicyID])
	}
	return hold, nil
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

// explain says why a field is withheld, and what would change that. It tells
// nothing of the subject's flags to who would be refused without them too.
func (s *sheet) explain(c *clause, b Bits, judged *FieldDecision) *FieldDecision {
	d := *judged
	open := b &^ Of(SubjectRestricted, SubjectMinor, SubjectAtRisk)
	switch clear := s.judge(c, open); {
	case b.Has(Cancelled):
		d.Reason = TransactionCancelled
	case clear.Outcome != Withheld:
		d.Reason = NotAvailable
	case clear.blocked:
		d.Reason = RelayUnavailable
	default:
		d.Reason = NotNecessary
		come, would := s.nearest(c, open)
		if would == nil {
			break
		}
		d.Missing, d.Nearest = come.Conditions(), cmp.Or(would.Rule, would.Nearest)
		for _, condition := range d.Missing {
			if _, _, ok := condition.Obligation(s.kind, b); ok {
				d.Reason = NoPerformance
			}
		}
	}
	return s.share(d)
}

// nearest finds the fewest conditions that would have to come about for a
// permit to hold; of equals the set with most that somebody can do, then the
// one that comes first. would is nil when there is none.
func (s *sheet) nearest(c *clause, b Bits) (come Bits, would *FieldDecision) {
	var open Bits
	for _, condition := range s.told {
		if !b.Has(condition) && condition.canCome(s.kind, b) {
			open |= condition.Bit()
		}
	}
	for size := 1; size <= bits.OnesCount32(uint32(open)) && would == nil; size++ {
		waits := size + 1
		for set := range situations(open) {
			if bits.OnesCount32(uint32(set)) != size {
				continue
			}
			d := s.judge(c, b|set)
			if n := s.waiting(set, b); d.holds() && n < waits {
				come, would, waits = set, d, n
			}
		}
	}
	return come, would
}

// waiting counts the conditions that are no obligation: time, or a dispute.
func (s *sheet) waiting(set, b Bits) int {
	n := 0
	for _, condition := range set.Conditions() {
		if _, _, ok := condition.Obligation(s.kind, b); !ok {
			n++
		}
	}
	return n
}
