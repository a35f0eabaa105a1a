package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// notices tell the sides what a move means for them.
func (c *caseCourse) notices(row *states.Row) []Notice {
	if !row.Has(disputes.TellBoth) && !row.Has(disputes.TellOther) {
		return nil
	}
	kind := CaseChanged
	switch {
	case row.On == disputes.Open:
		kind = CaseOpened
	case row.On == disputes.Approve:
		kind = CaseDecidedNotice
	case row.Has(disputes.SealCase):
		kind = CaseEnded
	case row.On == disputes.CheckDetails && detailsClock(&c.r) != nil:
		kind = CaseOverdue
	}
	return []Notice{{Kind: kind, Transaction: c.r.Transaction}}
}

// isForBoth says whether an entry is of a move that both sides have to be told of, and no
// side's own word to the other.
func isForBoth(st *ledger.Statement) bool {
	if st.Type == ledger.CaseOpened || st.Type == ledger.CaseDecided || st.Type == ledger.CaseClosed {
		return true
	}
	m := st.Members
	event, from, to := states.Event(m.String("event")), states.State(m.String("from")), states.State(m.String("to"))
	if event == disputes.Message {
		return m.String("by") == "staff"
	}
	return slices.ContainsFunc(disputes.Life.Rows, func(r states.Row) bool {
		return r.On == event && r.Has(disputes.TellBoth) && disputes.ToldState(r.After(from)) == to
	})
}

// tellOfCase says what an entry about a case says to both sides: no text, no value, and
// of a reveal nothing to anybody but the person whose values they were.
func (b *Broker) tellOfCase(ctx context.Context, n DueNotice, kind noticeKind) (Telling, error) {
	st, err := b.Store.StatementAt(ctx, n.Entry)
	if errors.Is(err, ErrNotFound) {
		return Telling{}, nil
	}
	if err != nil || !slices.Contains(kind.of, st.Type) {
		return Telling{}, err
	}
	f, err := b.Store.CaseByID(ctx, CaseID(st.Members.String("dispute")))
	if errors.Is(err, ErrNotFound) || err == nil && f.Transaction != n.Of {
		return Telling{}, nil
	}
	if err != nil {
		return Telling{}, err
	}
	if told := timeIn(&st, "told_at"); told.After(b.now()) {
		return Telling{Again: told}, nil
	}
	return Telling{Message: caseMessage(n, f.ID, &f.Situation.Transaction.Transaction, &st)}, nil
}

func caseMessage(n DueNotice, id CaseID, t *Transaction, st *ledger.Statement) *Message {
	data := MessageData{Dispute: id, Transaction: t.ID, Ledger: MessagePlace{n.Entry}}
	data.For = []Addressee{{t.Buyer, necessity.Buyer}, {t.Seller, necessity.Seller}}
	if st.Type == ledger.CaseRevealed {
		data.Subject = PartyID(st.Members.String("subject"))
		data.For = slices.DeleteFunc(data.For, func(a Addressee) bool { return a.Party != data.Subject })
		x := parseCaseLook(n.Entry, st)
		data.Staff = &MessageStaff{Role: x.Role, Purpose: x.Purpose, Fields: append([]masking.Field{}, x.Fields...), Notes: []string{}}
	} else {
		data.Event, data.State, data.Reason = eventOf(st), states.State(stateOf(st)), st.Members.String("reason")
		data.Outcome, data.ExpiresAt = st.Members.String("outcome"), timeIn(st, "until")
	}
	return &Message{Type: n.Kind.String(), Timestamp: st.At.UTC(), Data: data}
}

func eventOf(st *ledger.Statement) string {
	switch st.Type {
	case ledger.CaseOpened:
		return string(disputes.Open)
	case ledger.EvidenceStored:
		return string(disputes.AddEvidence)
	default:
		return st.Members.String("event")
	}
}

func stateOf(st *ledger.Statement) string {
	if st.Type == ledger.CaseOpened {
		return st.Members.String("state")
	}
	return st.Members.String("to")
}

// details says since when the consumer has what CPL 44 gives him of the merchant: name,
// address, and a phone or an e-mail. Zero: he has not.
func (b *Broker) details(ctx context.Context, f *FoundCase) (time.Time, error) {
	if !f.Situation.consumer() {
		return time.Time{}, nil
	}
	grants, err := b.Store.Grants(ctx, &f.Situation.Transaction)
	if err != nil {
		return time.Time{}, err
	}
	has := map[masking.Field]time.Time{}
	for i := range grants {
		g := &grants[i]
		if g.Requester != f.Situation.Transaction.Buyer || len(g.Looks) == 0 {
			continue
		}
		for _, o := range g.Fields {
			if at := g.Looks[0].At; o.Outcome == necessity.Granted && (has[o.Field].IsZero() || at.Before(has[o.Field])) {
				has[o.Field] = at
			}
		}
	}
	phone, email := has[masking.Phone], has[masking.Email]
	if phone.IsZero() || !email.IsZero() && email.Before(phone) {
		phone = email
	}
	var since time.Time
	for _, at := range []time.Time{has[masking.Name], has[masking.FullAddress], phone} {
		if at.IsZero() {
			return time.Time{}, nil
		}
		if at.After(since) {
			since = at
		}
	}
	return since, nil
}

// meet ends the clock of what law gives a consumer when he has it, by a grant of his or
// from the merchant's public profile.
func (b *Broker) meet(ctx context.Context, f *FoundCase, v *CaseRecord) error {
	i := slices.IndexFunc(v.Clocks, func(c disputes.Clock) bool { return c.Name == disputes.DetailsClock && c.Ended.IsZero() })
	if i < 0 {
		return nil
	}
	since, err := b.details(ctx, f)
	if err != nil {
		return err
	}
	if since.IsZero() {
		if since, err = b.shownSince(ctx, f.Situation.Seller.Row); err != nil || since.IsZero() {
			return err
		}
	}
	if since.Before(v.Clocks[i].Started) {
		since = v.Clocks[i].Started
	}
	v.Clocks = slices.Clone(v.Clocks)
	v.Clocks[i].End(since)
	return nil
}

// shownSince is since when the merchant's own public profile shows who it is.
func (b *Broker) shownSince(ctx context.Context, seller Row) (time.Time, error) {
	if b.Packs == nil {
		return time.Time{}, nil
	}
	records, err := b.Store.MerchantsOf(ctx, seller)
	for i := range records {
		if records[i].Shown {
			return records[i].ShownAt, err
		}
	}
	return time.Time{}, err
}
