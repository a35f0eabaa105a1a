package broker

import (
	"context"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
)

// Who objects to a grant, or to a request, for its safety fears its requester, and not
// that one grant; and so it is when people suspend one for that reason.
// Until people have decided for the requester, what it asks about the subject is
// decided as if the subject were at risk: by two people. It is a fact of the
// subject's, read with it in every decision and guarded by its version, so that
// nothing that was decided before is committed after.

// Fear is a safety objection, or a suspension for that reason, that nobody has decided
// against yet.
type Fear struct {
	Requester  Row          // whom the party fears
	Disclosure DisclosureID // that it is about
}

// fears says whether a party has objected to a requester for its safety.
func (p *Party) fears(requester Row) bool {
	return slices.ContainsFunc(p.Fears, func(f Fear) bool { return f.Requester == requester })
}

// reassured is the party without what it fears because of one disclosure.
func (p *PartyRecord) reassured(id DisclosureID) *PartyRecord {
	next := *p
	next.Fears = slices.DeleteFunc(slices.Clone(p.Fears), func(f Fear) bool { return f.Disclosure == id })
	return &next
}

// mayHoldOff answers those guards about whom the subject holds off. By its own word it
// holds off a few: somebody who says that of everybody would make people decide for
// all of them, so beyond that its objection waits for a person to say so.
func (c *course) mayHoldOff(g states.Guard) bool {
	requester, subject := c.f.sides()
	if g == notHeldOff {
		return !slices.ContainsFunc(subject.Fears, func(f Fear) bool { return f.Disclosure == c.f.ID })
	}
	others := map[Row]bool{}
	for _, f := range subject.Fears {
		if f.Requester != requester.Row {
			others[f.Requester] = true
		}
	}
	return len(others) < mostHeldOff
}

// sides are the requester and the subject of a disclosure, as they are.
func (f *Found) sides() (requester, subject *PartyRecord) {
	role, _ := f.Situation.Transaction.Role(f.Requester)
	return f.Situation.Party(role), f.Situation.Party(otherRole(role))
}

// without is the situation of a disclosure as it would be if people decided for its
// requester: its own objection is what they decide about. Where she has objected to
// several of his grants, each is decided without the others: else they would wait for
// one another for good. None lives before the last one is decided.
func (f *Found) without() *Situation {
	after := *f
	requester, subject := after.sides()
	next := *subject
	if slices.ContainsFunc(next.Fears, func(x Fear) bool { return x.Disclosure == f.ID }) {
		next.Fears = slices.DeleteFunc(slices.Clone(next.Fears), func(x Fear) bool { return x.Requester == requester.Row })
	}
	*subject = next
	return &after.Situation
}

// unsettle carries out what a row says of the subject's fear. Whoever is feared
// loses in the same commit every live grant on the subject's data, whatever it
// rests on: people's decisions as well. One that is made meanwhile makes it stale.
func (c *course) unsettle(ctx context.Context, w *Write, row *states.Row, st *ledger.Statement) error {
	requester, subject := c.f.sides()
	frees := row.Has(letBack) && slices.ContainsFunc(subject.Fears, func(f Fear) bool { return f.Disclosure == c.f.ID })
	if !row.Has(holdOff) && !frees {
		return nil
	}
	whole, _, err := c.b.Store.Party(ctx, subject.ID, MasksOnly) // nobody who decides has its masks
	switch {
	case err != nil:
		return err
	case whole.Version != subject.Version:
		return ErrStale
	}
	next := whole.reassured(c.f.ID)
	next.Version++
	w.Side, c.r.Feared = next, !frees
	if frees {
		st.Members = append(st.Members, ledger.Member{Name: "let_back", Value: true})
		return nil
	}
	next.Fears = append(next.Fears, Fear{requester.Row, c.f.ID})
	suspended, err := c.suspendOthers(ctx, w, subject.Row, requester.Row)
	st.Members = append(st.Members, ledger.Member{Name: "held_off", Value: true}, ledger.Member{Name: "suspended", Value: suspended})
	return err
}

// suspendOthers ends the live grants of a requester on a subject's data, but for the
// one that this is about.
func (c *course) suspendOthers(ctx context.Context, w *Write, subject, requester Row) ([]string, error) {
	live, all, err := c.b.Store.GrantsOf(ctx, subject, requester)
	if err != nil {
		return nil, err
	}
	w.ExpectGrantsOf = &GrantsOf{Subject: subject, Requester: requester, Count: all}
	var ids []string
	for i := range live {
		f := &live[i]
		if f.ID == c.f.ID || c.b.over(&f.Decided, &f.Situation) || f.Situation.lost(&f.Decided) {
			continue // or it has ended already
		}
		ids = append(ids, c.b.end(w, *f.Grant, Suspended))
	}
	return ids, nil
}
