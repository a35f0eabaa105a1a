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
		if told := timeIn(&st, "told_at"); told.After(b.now()) {
			return Telling{Again: told}, nil
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
			if st.Type != ledger.GlassViewed || st.Members.String("subject") != string(p.ID) || timeIn(st, "told_at").After(b.now()) {
				continue
			}
			x := parseCaseLook(entries[j].Index, st)
			x.Transaction, x.Review = r.Of, r.Outcome
			all = append(all, x)
		}
	}
	return all, nil
}
