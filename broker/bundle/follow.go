package bundle

import (
	"slices"
	"strings"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Deciding again has to do what package broker does around the engine: it picks one
// ground for a disclosure, reads fields that a consent names from a decision with it,
// drops a field that another one includes, and withholds last what is public. Which
// fields a consent named, what was dropped, and whether what is public had been given,
// the entry does not say: it follows if it does for any of them.

// holds says whether the claim is what would have been decided in a world.
func (c *claim) holds(by *necessity.Engine, w world) bool {
	if w.excluded && !c.person {
		return c.decision == "refused" && !slices.ContainsFunc(c.fields, func(f field) bool {
			return f.outcome != necessity.Withheld || f.reason != necessity.NotAvailable
		})
	}
	t := trial{claim: c, world: w, plain: by.Decide(c.kind, c.role, c.purpose, w.bits&^necessity.Consent.Bit())}
	named := [][]masking.Field{nil}
	if w.bits.Has(necessity.Consent) {
		t.allowed = by.Decide(c.kind, c.role, c.purpose, w.bits)
		named = subsets(masking.Fields())
	}
	for _, t.named = range named {
		for _, t.dropped = range subsets(c.droppable()) {
			if t.holds() {
				return true
			}
		}
	}
	return false
}

// droppable are fields that may have been asked for, and are in another one.
func (c *claim) droppable() []masking.Field {
	var all []masking.Field
	for _, pair := range [...][2]masking.Field{{masking.Name, masking.FirstName}, {masking.FullAddress, masking.Locality}} {
		given := func(f field) bool {
			return f.name == pair[0] && (f.outcome == necessity.Granted || f.reason == necessity.AlreadyPublic)
		}
		asked := func(f field) bool { return f.name == pair[1] }
		if slices.ContainsFunc(c.fields, given) && !slices.ContainsFunc(c.fields, asked) {
			all = append(all, pair[1])
		}
	}
	return all
}

func subsets(of []masking.Field) [][]masking.Field {
	all := make([][]masking.Field, 0, 1<<len(of))
	for n := range 1 << len(of) {
		var some []masking.Field
		for i, f := range of {
			if n>>i&1 == 1 {
				some = append(some, f)
			}
		}
		all = append(all, some)
	}
	return all
}

// trial is a world, and what the entry is silent about.
type trial struct {
	*claim
	world

	plain, allowed *necessity.Decision
	named          []masking.Field // by a consent
	dropped        []masking.Field // asked for, and in another field
}

// on is the decision that a field is read from.
func (t *trial) on(f masking.Field) *necessity.Decision {
	if t.allowed != nil && slices.Contains(t.named, f) {
		return t.allowed
	}
	return t.plain
}

// underwritten is the one ground of all that was asked for: that under which most is given.
func (t *trial) underwritten() necessity.Ground {
	var ground necessity.Ground
	most := 0
	for _, g := range necessity.Grounds() {
		n := 0
		for _, f := range t.fields {
			if t.on(f.name).Under(g, f.name).Outcome != necessity.Withheld {
				n++
			}
		}
		for _, f := range t.dropped {
			if t.on(f).Under(g, f).Outcome != necessity.Withheld {
				n++
			}
		}
		if n > most {
			ground, most = g, n
		}
	}
	return ground
}

func (t *trial) field(g necessity.Ground, f masking.Field) *necessity.FieldDecision {
	if g == "" {
		return t.on(f).Field(f)
	}
	return t.on(f).Under(g, f)
}

func (t *trial) holds() bool {
	g := t.underwritten()
	if t.ground != g && t.ground != "" {
		return false
	}
	decision := "refused"
	var given []*necessity.FieldDecision
	for _, f := range t.fields {
		fd := t.field(g, f.name)
		if !t.fits(fd, f) {
			return false
		}
		switch {
		case f.outcome == necessity.Granted:
			decision = "granted"
			given = append(given, fd)
		case f.outcome == necessity.Pending && decision == "refused":
			decision = "pending"
		}
	}
	for _, f := range t.dropped {
		fd := t.field(g, f)
		if !t.fits(fd, field{name: f, outcome: necessity.Granted, rule: fd.Rule}) {
			return false
		}
		given = append(given, fd)
	}
	if t.decision != decision || (t.ground == "") != (decision == "refused") {
		return false
	}
	return decision != "granted" || t.lives(append(given, t.public(g)...))
}

// public are the engine's answers for fields that were withheld as public after it had
// given them: the grant ends with them, too. One that leaves fewer looks than there are
// was not given.
func (t *trial) public(g necessity.Ground) []*necessity.FieldDecision {
	var all []*necessity.FieldDecision
	for _, f := range t.fields {
		if f.outcome != necessity.Withheld || f.reason != necessity.AlreadyPublic {
			continue
		}
		if fd := t.field(g, f.name); fd.Outcome == necessity.Granted && fd.Views >= t.views {
			all = append(all, fd)
		}
	}
	return all
}

// fits says whether the engine's answer for a field is what became of it.
func (t *trial) fits(fd *necessity.FieldDecision, f field) bool {
	gives := fd.Outcome != necessity.Withheld
	switch f.outcome {
	case necessity.Granted:
		return fd.Rule == f.rule && gives && (t.person || fd.Outcome == necessity.Granted && !t.world.past)
	case necessity.Pending:
		return fd.Rule == f.rule && !t.person && (fd.Outcome == necessity.Pending || fd.Outcome == necessity.Granted && t.world.past)
	case necessity.Withheld:
		switch f.reason {
		case necessity.AlreadyPublic:
			return true
		case necessity.NotHeld, necessity.TransactionClosed:
			return gives
		case necessity.DeniedByPerson:
			return t.person && gives
		case necessity.BelowFloor, necessity.PerformanceUnattested: // no_performance, with numbers
			return !gives && fd.Reason == necessity.NoPerformance
		default:
			return !gives && fd.Reason == f.reason
		}
	}
	return false
}

// lives says whether a grant ends as the strictest of what it gives does. A person may
// give less.
func (t *trial) lives(given []*necessity.FieldDecision) bool {
	views := given[0].Views
	ends := false
	for _, fd := range given {
		views = min(views, fd.Views)
		terms := make([]string, 0, 2)
		for _, x := range append([]necessity.Expiry{fd.Expires}, fd.Others...) {
			terms = append(terms, x.String())
		}
		all := strings.Join(terms, ",")
		ends = ends || t.expires == all || t.person && strings.HasPrefix(t.expires, all+",")
	}
	if t.person {
		return ends && t.views >= 1 && t.views <= views
	}
	return ends && t.views == views
}
