package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// tellOfGlass says what happened in a break-glass session: to the operator's own people,
// and so to neither side, that there is one, or that its review is overdue; to the person
// whose values were seen that they were, at once or when a delay has ended.
func (b *Broker) tellOfGlass(ctx context.Context, n DueNotice, kind noticeKind) (Telling, error) {
	st, err := b.Store.StatementAt(ctx, n.Entry)
	if errors.Is(err, ErrNotFound) || err == nil && !slices.Contains(kind.of, st.Type) {
		return Telling{}, nil
	}
	if err != nil {
		return Telling{}, err
	}
	r, err := b.Store.GlassByRow(ctx, n.Of)
	if errors.Is(err, ErrNotFound) || err == nil && string(r.ID) != st.Members.String("session") {
		return Telling{}, nil
	}
	if err != nil {
		return Telling{}, err
	}
	switch n.Kind {
	case GlassViewedByStaff:
		if told := r.told(&st, b.now()); told.After(b.now()) {
			return Telling{Again: r.lookAgain(told, b.now())}, nil
		}
	case GlassReviewOverdue:
		if r.State == GlassReviewed {
			return Telling{}, nil
		}
		if r.Due.After(b.now()) {
			return Telling{Again: r.Due}, nil
		}
	default: // it is told at once
	}
	s, err := b.Store.Situation(ctx, r.Of, "", Counterpartys)
	if err != nil {
		return Telling{}, err
	}
	return Telling{Message: glassMessage(n, r, &s.Transaction.Transaction, &st)}, nil
}

// told is when the person is told of a look: at once, or when a delay ends. Whoever sees the
// values gives himself the delay, so it holds until the review is due, and longer only where
// another person has found by then that the session was justified.
func (r *GlassRecord) told(st *ledger.Statement, now time.Time) time.Time {
	told, x := timeIn(st, "told_at"), r.At(now)
	ends := x.Until.Add(ReviewTerm)
	if !x.Due.IsZero() {
		ends = x.Due
	}
	if x.State == GlassReviewed && x.Reviewed.Before(ends) {
		if x.Outcome == Justified {
			return told
		}
		ends = x.Reviewed
	}
	if told.After(ends) {
		return ends
	}
	return told
}

// reviewLook is how often a delay is looked at while its review can still end it.
const reviewLook = time.Hour

// lookAgain is when to look at a delay next: when it ends, or earlier where a review can
// still end it.
func (r *GlassRecord) lookAgain(told, now time.Time) time.Time {
	if soon := now.Add(reviewLook); r.State != GlassReviewed && told.After(soon) {
		return soon
	}
	return told
}

func glassMessage(n DueNotice, r *GlassRecord, t *Transaction, st *ledger.Statement) *Message {
	m := &Message{Type: n.Kind.String(), Timestamp: st.At.UTC(), Data: MessageData{
		BreakGlass: r.ID, Transaction: r.Of, For: []Addressee{}, Ledger: MessagePlace{n.Entry},
	}}
	if n.Kind == GlassViewedByStaff {
		m.Data.Subject = PartyID(st.Members.String("subject"))
		both := []Addressee{{t.Buyer, necessity.Buyer}, {t.Seller, necessity.Seller}}
		m.Data.For = slices.DeleteFunc(both, func(a Addressee) bool { return a.Party != m.Data.Subject })
		x := parseCaseLook(n.Entry, st)
		m.Data.Staff = &MessageStaff{Role: x.Role, Purpose: x.Purpose, Fields: append([]masking.Field{}, x.Fields...), Notes: []string{}}
		return m
	}
	if m.Data.ExpiresAt = r.Until.UTC(); n.Kind == GlassReviewOverdue {
		m.Timestamp, m.Data.ExpiresAt = r.Due.UTC(), time.Time{}
	}
	m.Data.Dispute, m.Data.Reason = r.Dispute, r.Reason
	m.Data.Staff = &MessageStaff{Role: r.Role, Purpose: ForEmergency, Fields: []masking.Field{}, Notes: []string{}}
	return m
}

// looksInGlass are moments at which values of a party were seen in break-glass sessions,
// as far as it may know of them by now, each with what came of the session's review.
func (b *Broker) looksInGlass(ctx context.Context, p *PartyRecord) ([]CaseLook, error) {
	records, err := b.Store.GlassesOf(ctx, p.Row)
	if err != nil {
		return nil, err
	}
	var all []CaseLook
	for i := range records {
		r := &records[i]
		s, err := b.Store.Situation(ctx, r.Of, "", Counterpartys)
		if err != nil {
			return nil, err
		}
		entries, err := b.Store.GlassEntries(ctx, r, s.Transaction.Key)
		if err != nil {
			return nil, err
		}
		for j := range entries {
			st := &entries[j].Statement
			if st.Type != ledger.GlassViewed || st.Members.String("subject") != string(p.ID) || r.told(st, b.now()).After(b.now()) {
				continue
			}
			x := parseCaseLook(entries[j].Index, st)
			x.Transaction, x.Review = r.Of, r.Outcome
			all = append(all, x)
		}
	}
	return all, nil
}
