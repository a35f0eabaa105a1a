package broker

import (
	"context"
	"time"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/necessity"
)

// A grant recoils with the facts that it rests on. Whatever changes a transaction
// (a reversal, an end, other terms, also a performance: a debt that is paid needs
// no debtor) decides its grants again, and suspends in the same commit those that
// no longer hold (I11). So do the safety flags of a party with the grants on its
// data, and the end of a consent with those that rest on it. A grant that is
// suspended or revoked stays so when the facts come back.

// suspend decides every live grant again on the facts as they are to be. Where they
// undo what was performed, what left soon before counts threefold.
func (b *Broker) suspend(ctx context.Context, w *Write, s *Situation, next *Transaction, undone bool) ([]string, error) {
	all, err := b.Store.Grants(ctx, &s.Transaction)
	if err != nil {
		return nil, err
	}
	n := len(all)
	w.ExpectGrants = &n
	w.ExpectParties = []*PartyRecord{&s.Buyer, &s.Seller}
	after := *s
	after.Transaction.Transaction = *next
	var ids []string
	var back []*Found
	for i := range all {
		f := &all[i]
		if b.holds(&f.Decided, &after) {
			continue
		}
		if undone && b.leftSoonBefore(f) {
			back = append(back, f)
		}
		if f.Grant == nil || f.Grant.State != Live || b.over(&f.Decided, s) && b.over(&f.Decided, &after) {
			continue // it has ended already
		}
		ids = append(ids, b.end(w, *f.Grant, Suspended))
	}
	return ids, b.takeBack(ctx, w, s, back)
}

// end writes that a grant is suspended or revoked, and has it told. What a revoked
// one leaves open is then looked after.
func (b *Broker) end(w *Write, g Grant, to GrantState) string {
	told := GrantSuspended
	if to == Revoked {
		told = GrantRevoked
		w.Timers = append(w.Timers, Timer{Kind: Tidying, Disclosure: g.Disclosure, Transaction: g.Transaction, DueAt: b.now()})
	}
	g.State, g.Version = to, g.Version+1
	w.Grants = append(w.Grants, g)
	w.Notices = append(w.Notices, Notice{Kind: told, Disclosure: g.Disclosure, Transaction: g.Transaction})
	return string(g.Disclosure)
}

// recoilAbout decides the live grants on a party's data that rest on what changes
// of it again, in whatever transaction, on the party as it is to be: those of one
// requester, or of AnyRow. A grant that is made meanwhile makes the write stale.
func (b *Broker) recoilAbout(ctx context.Context, w *Write, next *PartyRecord, requester Row, to GrantState, rests func(*Decided) bool) ([]string, error) {
	live, all, err := b.Store.GrantsOf(ctx, next.Row, requester)
	if err != nil {
		return nil, err
	}
	w.ExpectGrantsOf = &GrantsOf{Subject: next.Row, Requester: requester, Count: all}
	var ids []string
	for i := range live {
		d, after := &live[i].Decided, &live[i].Situation
		role, _ := after.Transaction.Role(d.Subject)
		after.Party(role).Party = next.Party
		if !rests(d) || b.holds(d, after) || b.over(d, after) || after.lost(d) {
			if d.Ground == necessity.Ground3a && rests(d) {
				w.Moved = append(w.Moved, live[i].Grant.Transaction) // it may end sooner now
			}
			continue // or it has ended already
		}
		ids = append(ids, b.end(w, *live[i].Grant, to))
	}
	return ids, nil
}

// over says whether the time of a grant is over on the facts of s.
func (b *Broker) over(d *Decided, s *Situation) bool { return !b.endsAt(d, s).After(b.now()) }

// ends is when a grant ends by its terms and the consent that it was decided on.
func (d *Decided) ends(t *Transaction) time.Time {
	ends := t.Ends(d.Expires, d.Purpose, d.At)
	if !d.Until.IsZero() && d.Until.Before(ends) {
		return d.Until
	}
	return ends
}

// endsAt is when a grant ends on the facts of s.
func (b *Broker) endsAt(d *Decided, s *Situation) time.Time {
	ends := d.ends(&s.Transaction.Transaction)
	if until := b.permitted(d, s); !until.IsZero() && until.Before(ends) {
		return until
	}
	return ends
}

// moves says whether a change of the facts can make any policy answer otherwise.
func (b *Broker) moves(s *Situation, next *Transaction) bool {
	after, now := *s, b.now()
	after.Transaction.Transaction = *next
	for _, side := range []PartyID{next.Buyer, next.Seller} {
		role, _ := next.Role(side)
		if b.situation(s, role, now) != b.situation(&after, role, now) {
			return true
		}
	}
	return false
}

// soon is how long after values left it counts threefold that they should not have.
const soon = 24 * time.Hour

func (b *Broker) leftSoonBefore(f *Found) bool {
	return b.Budgets != nil && len(f.Looks) > 0 && b.now().Sub(f.Looks[0].At) <= soon
}

// takeBack counts twice more what was revealed and then taken back, in whatever way
// and whatever has become of the grant meanwhile: paying, looking and undoing it is
// no trade. Each disclosure counts so once.
func (b *Broker) takeBack(ctx context.Context, w *Write, s *Situation, back []*Found) error {
	if len(back) == 0 {
		return nil
	}
	ids := make([]DisclosureID, len(back))
	for i, f := range back {
		ids[i] = f.ID
	}
	counted, err := b.Store.TakenBack(ctx, ids)
	if err != nil {
		return err
	}
	for _, f := range back {
		if counted[f.ID] {
			continue
		}
		role, _ := s.Transaction.Role(f.Requester)
		w.TakenBack = append(w.TakenBack, f.ID)
		w.Charges = append(w.Charges, budget.Charge{
			At: b.now(), Key: f.Statement.Members.String("key"), Requester: int64(s.Party(role).Row), Requests: 2,
			Subject: int64(s.Party(otherRole(role)).Row), Grants: 2, Again: 2,
		})
	}
	return nil
}
