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
// of the table; within a field, what reveals more comes first. A disclosure has one
// ground, which is that of most of the fields that it is asked for: so what each
// ground gives is compared, and not what the best of them gives alone.
func (e *Engine) Diff(other *Engine) []Change {
	var changes []Change
	for i := range e.sheets {
		changes = append(changes, e.diffSheet(other, i)...)
	}
	return changes
}

// diffSheet gathers the changes of a kind, role and purpose, over what either set
// mentions.
func (e *Engine) diffSheet(other *Engine, place int) (all []Change) {
	k, r, p := at(place)
	var fields [fieldCount]lines
	for b := range situations(e.sheets[place].mentioned | other.sheets[place].mentioned) {
		was, is := e.Decide(k, r, p, b), other.Decide(k, r, p, b)
		for i, f := range fieldTable {
			for _, c := range compare(was, is, f) {
				c.Kind, c.Role, c.Purpose, c.Field, c.Cells, c.Example = k, r, p, f, 1, b.String()
				fields[i].add(c)
			}
		}
	}
	for _, changes := range fields {
		all = append(all, changes.sorted()...)
	}
	return all
}

// compare says what comes of a field otherwise: by the ground that gives most, and
// by each other that a disclosure may have.
func compare(was, is *Decision, f masking.Field) (changes []Change) {
	best, now := was.Field(f), is.Field(f)
	if from, to := string(best.Outcome), string(now.Outcome); from != to {
		c := Change{From: from, To: to, Rule: cmp.Or(now.Rule, best.Rule), Reveals: now.looser(best)}
		if c.Reveals && now.Outcome == Pending && best.Outcome == Granted { // for its terms
			c.From, c.To = best.under(best.Ground), now.under(now.Ground)
		}
		changes = append(changes, c)
	} else if from, to = best.terms(), now.terms(); from != to {
		changes = append(changes, Change{From: from, To: to, Rule: cmp.Or(now.Rule, best.Rule), Reveals: now.looser(best)})
	}
	for _, g := range groundTable {
		before, after := was.Under(g, f), is.Under(g, f)
		gone := after.Outcome == Withheld && now.Outcome == Withheld
		if before == best && (after == now && is.chooses(g) == was.chooses(g) || gone) || before.Outcome == Withheld && after == now && len(changes) > 0 {
			continue // said already
		}
		c := Change{From: before.under(g), To: after.under(g), Rule: cmp.Or(after.Rule, before.Rule), Reveals: after.looser(before)}
		if c.From == c.To && after.Outcome != Withheld && !was.chooses(g) && is.chooses(g) {
			c.From, c.Reveals = c.From+", a ground that no request had", true
		}
		if c.From != c.To {
			changes = append(changes, c)
		}
	}
	return changes
}

// chooses says whether there is a request whose one ground is this: one for all
// that it gives, if no earlier one gives all of that too.
func (d *Decision) chooses(g Ground) bool {
	n := slices.Index(d.grounds, g)
	if n < 0 {
		return false
	}
	gives := func(n, i int) bool { return d.under[n][i] != nil && d.under[n][i].Outcome != Withheld }
	for earlier := range n {
		all := true
		for i := range fieldTable {
			all = all && (gives(earlier, i) || !gives(n, i))
		}
		if all {
			return false
		}
	}
	return true
}

// lines are the changes of one field.
type lines []Change

// add counts a change with those that read alike.
func (l *lines) add(c Change) {
	n := slices.IndexFunc(*l, func(o Change) bool {
		return o.From == c.From && o.To == c.To && o.Rule == c.Rule && o.Reveals == c.Reveals
	})
	if n < 0 {
		*l = append(*l, c)
		return
	}
	o := &(*l)[n]
	o.Cells++
	if strings.Count(c.Example, " ") < strings.Count(o.Example, " ") {
		o.Example = c.Example
	}
}

// sorted has first what reveals more.
func (l lines) sorted() []Change {
	changes := l
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

// under is an answer with the ground that it is given under.
func (d *FieldDecision) under(g Ground) string {
	if d.Outcome == Withheld {
		return string(Withheld) + " under " + string(g)
	}
	return string(d.Outcome) + " " + d.terms()
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

// looser says that d may let out more than was: when in doubt, it does. What a
// person has to decide now may go out for longer than what the engine gave.
func (d *FieldDecision) looser(was *FieldDecision) bool {
	rank := map[Outcome]int{Withheld: 0, Pending: 1, Granted: 2}
	if d.Outcome == Withheld || rank[d.Outcome] > rank[was.Outcome] {
		return d.Outcome != Withheld
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
