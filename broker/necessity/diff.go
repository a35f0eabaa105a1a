package necessity

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"bauta.dev/bauta/masking"
)

// Change is one thing that another set of policies answers differently.
type Change struct {
	Kind    Kind          `json:"kind"`
	Role    Role          `json:"role"`
	Purpose Purpose       `json:"purpose"`
	Field   masking.Field `json:"field"`

	// What changes: the outcomes, or where they are equal the terms, as in
	// "3b delivered+14d 20 views of delivery".
	From string `json:"from"`
	To   string `json:"to"`

	Rule    string `json:"rule"`    // the permit that grants, before or after
	Cells   int    `json:"cells"`   // in how many situations
	Example string `json:"example"` // the conditions that hold in the smallest of them
	Reveals bool   `json:"reveals"` // somebody may learn more, sooner, longer or with less asking than before
}

func (c Change) String() string {
	sign := "-"
	if c.Reveals {
		sign = "+"
	}
	example := c.Example
	if example == "" {
		example = "nothing"
	}
	return fmt.Sprintf("%s %s: the %s asks to %s: %s: %s, was %s (%s), in %d situations, the least when %s holds",
		sign, c.Kind, c.Role, c.Purpose, c.Field, c.To, c.From, c.Rule, c.Cells, example)
}

// Diff says what the other engine answers differently, by exhausting both: a
// line for each kind, role, purpose, field and pair of answers, in the order
// of the table; within a field, what reveals more comes first.
func (e *Engine) Diff(other *Engine) []Change {
	var changes []Change
	for i := range e.sheets {
		for _, f := range fieldTable {
			changes = append(changes, e.diffField(other, i, f)...)
		}
	}
	return changes
}

// diffField gathers the changes of one field, over what either set mentions.
func (e *Engine) diffField(other *Engine, place int, f masking.Field) []Change {
	k, r, p := at(place)
	var changes []Change
	for b := range situations(e.sheets[place].mentioned | other.sheets[place].mentioned) {
		was, is := e.Decide(k, r, p, b).Field(f), other.Decide(k, r, p, b).Field(f)
		from, to := string(was.Outcome), string(is.Outcome)
		if from == to {
			from, to = was.terms(), is.terms()
		}
		if from == to {
			continue
		}
		c := Change{
			Kind: k, Role: r, Purpose: p, Field: f, From: from, To: to,
			Rule: cmp.Or(is.Rule, was.Rule), Example: b.String(), Reveals: is.looser(was),
		}
		n := slices.IndexFunc(changes, func(o Change) bool {
			return o.From == c.From && o.To == c.To && o.Rule == c.Rule && o.Reveals == c.Reveals
		})
		if n < 0 {
			changes, n = append(changes, c), len(changes)
		}
		changes[n].Cells++
		if strings.Count(c.Example, " ") < strings.Count(changes[n].Example, " ") {
			changes[n].Example = c.Example
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		switch {
		case a.Reveals == b.Reveals:
			return 0
		case a.Reveals:
			return -1
		default:
			return 1
		}
	})
	return changes
}

// terms are how a field goes out, apart from the rule's name; "" if it does not.
func (d *FieldDecision) terms() string {
	if d.Outcome == Withheld {
		return ""
	}
	words := []string{string(d.Ground), d.Expires.String()}
	for _, other := range d.Others {
		words = append(words, other.String())
	}
	words = append(words, fmt.Sprintf("%d views of", d.Views), d.Contact)
	if d.Only {
		words = append(words, "only")
	}
	if d.Channel != "" {
		words = append(words, "by", d.Channel)
	}
	return strings.Join(words, " ")
}

// looser says that d may let out more than was: when in doubt, it does.
func (d *FieldDecision) looser(was *FieldDecision) bool {
	rank := map[Outcome]int{Withheld: 0, Pending: 1, Granted: 2}
	if d.Outcome != was.Outcome {
		return rank[d.Outcome] > rank[was.Outcome]
	}
	if d.Views > was.Views || d.Ground != was.Ground || d.Channel != was.Channel && was.Channel == ChannelRelay {
		return true
	}
	if d.Contact != was.Contact || was.Only && !d.Only {
		return true
	}
	for _, term := range append([]Expiry{was.Expires}, was.Others...) {
		endsNoLater := func(e Expiry) bool { return e.Event == term.Event && e.After <= term.After }
		if !endsNoLater(d.Expires) && !slices.ContainsFunc(d.Others, endsNoLater) {
			return true
		}
	}
	return false
}
