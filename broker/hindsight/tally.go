package hindsight

import (
	"cmp"
	"slices"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Unknown is what would have come of a field about which the entry can't tell:
// it was not looked for then, or its time was over.
const Unknown necessity.Outcome = "unknown"

// What is one kind of difference.
type What struct {
	Kind    necessity.Kind    `json:"kind"`
	Role    necessity.Role    `json:"role"`
	Purpose necessity.Purpose `json:"purpose"`
	Field   masking.Field     `json:"field"`
	From    necessity.Outcome `json:"from"`
	To      necessity.Outcome `json:"to"`
	Rule    string            `json:"rule"` // that would give it, or gave it
}

// Difference is how often it is, and where.
type Difference struct {
	What
	Requests int64    `json:"requests"`
	Examples []string `json:"examples"` // disclosures
}

// mostExamples bounds what is kept of a difference.
const mostExamples = 3

// Decisions are counts by decision.
type Decisions struct {
	Granted int64 `json:"granted"`
	Pending int64 `json:"pending"`
	Refused int64 `json:"refused"`
}

func (d *Decisions) count(decision string) {
	switch decision {
	case "granted":
		d.Granted++
	case "pending":
		d.Pending++
	default:
		d.Refused++
	}
}

// Apart are requests that were decided by more than a set of policies, so that no
// other set can be said to have decided them otherwise.
type Apart struct {
	Excluded   int64 `json:"requester_excluded"` // by whoever had lost its right to ask
	PastBudget int64 `json:"past_budget"`        // when too much was asked
	Consented  int64 `json:"consent"`            // with a consent: which fields it named, its own entry says
}

// Sum of them.
func (a *Apart) Sum() int64 { return a.Excluded + a.PastBudget + a.Consented }

// count says whether a request is one of them.
func (a *Apart) count(r *Request) bool {
	switch {
	case r.excluded:
		a.Excluded++
	case r.pastBudget:
		a.PastBudget++
	case r.Bits.Has(necessity.Consent):
		a.Consented++
	default:
		return false
	}
	return true
}

// Tally counts what would have been otherwise. It takes memory for kinds of
// difference, not for requests. One goroutine uses it; Add joins two.
type Tally struct {
	engine *necessity.Engine
	before func(version string) *necessity.Engine // nil where a set is not kept

	Requests int64 // that were replayed
	Changed  int64 // of them with any difference
	Unread   int64 // requests whose statement no longer opens
	Apart    Apart // requests that were not replayed
	Was, Is  Decisions

	differences map[What]*Difference
	asked       []masking.Field
}

// New makes a tally for a set of policies. before gives the sets that decided
// then, or nil.
func New(e *necessity.Engine, before func(version string) *necessity.Engine) *Tally {
	return &Tally{engine: e, before: before, differences: map[What]*Difference{}}
}

// Replay decides a request anew.
func (t *Tally) Replay(r *Request) {
	if t.Apart.count(r) {
		return
	}
	before := t.before(r.Policy)
	d := t.engine.Decide(r.Kind, r.Role, r.Purpose, r.Bits)
	t.asked = r.asked(d, before, t.asked[:0])
	is, was := answers(t.engine, r, t.asked), answers(before, r, t.asked)
	decision, changed := "refused", false
	for _, f := range t.asked {
		past, _ := r.field(f)
		would := is(f)
		to := past.become(was(f), would)
		switch {
		case to == necessity.Granted:
			decision = "granted"
		case to == necessity.Pending && decision == "refused":
			decision = "pending"
		}
		if whole := includes(f); whole != "" && slices.Contains(t.asked, whole) && to == is(whole).Outcome {
			continue // it would go out, or not, with what includes it
		}
		if to != past.Outcome {
			changed = true
			t.differ(r, past.Outcome, to, f, cmp.Or(would.Rule, past.Rule))
		}
	}
	t.Requests++
	t.Was.count(r.Decision)
	t.Is.count(decision)
	if changed {
		t.Changed++
	}
}

// answers are a set's, under the one ground of the request; nil where the set
// is not known.
func answers(e *necessity.Engine, r *Request, asked []masking.Field) func(masking.Field) *necessity.FieldDecision {
	if e == nil {
		return func(masking.Field) *necessity.FieldDecision { return nil }
	}
	d := e.Decide(r.Kind, r.Role, r.Purpose, r.Bits)
	ground := d.Ground(asked)
	return func(f masking.Field) *necessity.FieldDecision {
		if ground == "" {
			return d.Field(f)
		}
		return d.Under(ground, f)
	}
}

// become is what a field would have come to, as far as the entry can tell. What
// was not held then, or over, stays so where the sets answer alike.
func (p Past) become(was, would *necessity.FieldDecision) necessity.Outcome {
	lost := p.Reason == necessity.NotHeld || p.Reason == necessity.AlreadyPublic || p.Reason == necessity.TransactionClosed
	switch {
	case !lost || would.Outcome == necessity.Withheld:
		return would.Outcome
	case was != nil && was.Outcome == would.Outcome && was.Contact == would.Contact && was.Only == would.Only &&
		was.Expires == would.Expires && slices.Equal(was.Others, would.Others):
		return p.Outcome
	default:
		return Unknown
	}
}

func (t *Tally) differ(r *Request, from, to necessity.Outcome, f masking.Field, rule string) {
	what := What{r.Kind, r.Role, r.Purpose, f, from, to, rule}
	d := t.differences[what]
	if d == nil {
		d = &Difference{What: what}
		t.differences[what] = d
	}
	d.Requests++
	if len(d.Examples) < mostExamples {
		d.Examples = append(d.Examples, string(r.disclosure))
	}
}

// Add joins another tally to this one.
func (t *Tally) Add(o *Tally) {
	t.Requests, t.Changed, t.Unread = t.Requests+o.Requests, t.Changed+o.Changed, t.Unread+o.Unread
	t.Apart.Excluded, t.Apart.PastBudget, t.Apart.Consented =
		t.Apart.Excluded+o.Apart.Excluded, t.Apart.PastBudget+o.Apart.PastBudget, t.Apart.Consented+o.Apart.Consented
	for _, x := range []struct{ to, from *Decisions }{{&t.Was, &o.Was}, {&t.Is, &o.Is}} {
		x.to.Granted, x.to.Pending, x.to.Refused = x.to.Granted+x.from.Granted, x.to.Pending+x.from.Pending, x.to.Refused+x.from.Refused
	}
	for what, more := range o.differences {
		d := t.differences[what]
		if d == nil {
			d = &Difference{What: what}
			t.differences[what] = d
		}
		d.Requests += more.Requests
		d.Examples = append(d.Examples, more.Examples...)
		slices.Sort(d.Examples)
		d.Examples = d.Examples[:min(len(d.Examples), mostExamples)]
	}
}

// Differences are all of them: first what would have been revealed, then what a
// person would have decided, then what would have been withheld, then what
// can't be known; the most frequent first.
func (t *Tally) Differences() []Difference {
	rank := []necessity.Outcome{necessity.Granted, necessity.Pending, necessity.Withheld, Unknown}
	list := make([]Difference, 0, len(t.differences))
	for _, d := range t.differences {
		list = append(list, *d)
	}
	slices.SortFunc(list, func(a, b Difference) int {
		return cmp.Or(cmp.Compare(slices.Index(rank, a.To), slices.Index(rank, b.To)), -cmp.Compare(a.Requests, b.Requests),
			cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Role, b.Role), cmp.Compare(a.Purpose, b.Purpose), cmp.Compare(a.Field, b.Field),
			cmp.Compare(a.From, b.From), cmp.Compare(a.Rule, b.Rule))
	})
	return list
}
