package broker

import (
	"context"
	"errors"
	"maps"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// ahead is how far a clock elsewhere may be before ours.
const ahead = 5 * time.Minute

// PerformanceInput is what POST …/performances and …/reversals say. Done is a
// decimal string: money, or a count. By is whose word it is; empty for the
// platform, whose attest key Caller then holds.
type PerformanceInput struct {
	Obligation  Obligation
	Done        string
	PerformedAt time.Time
	Reference   string
	By          PartyID
}

// Repetition says whether a performance is told for the first time.
type Repetition uint8

// How a performance can be told.
const (
	First         Repetition = iota
	SameReference            // another request, with a reference that is known
	Replayed                 // the same request, by its idempotency key
)

// Perform records a part of an obligation. The platform's word moves it and may
// carry a grant; the creditor's moves it, and may carry one if he signed for it;
// the debtor's is a claim and moves nothing (states.md 3.1). The same reference with equal members gives the
// first outcome again.
func (b *Broker) Perform(ctx context.Context, c Caller, id TransactionID, in PerformanceInput, once *Outcome) (ObligationView, Repetition, error) {
	return b.move(ctx, c, id, in, false, once)
}

// Reverse takes performance back (refund, chargeback). Every live grant of the
// transaction is decided again on the new facts, and suspended in the same
// commit where its row no longer holds (I11).
func (b *Broker) Reverse(ctx context.Context, c Caller, id TransactionID, in PerformanceInput, once *Outcome) (ObligationView, Repetition, error) {
	return b.move(ctx, c, id, in, true, once)
}

func (b *Broker) move(ctx context.Context, c Caller, id TransactionID, in PerformanceInput, reversal bool, once *Outcome) (ObligationView, Repetition, error) {
	repetition := First
	do := func(ctx context.Context) (ObligationView, error) {
		v, again, err := b.moveOnce(ctx, c, id, in, reversal, once)
		if again {
			repetition = SameReference
		}
		return v, err
	}
	// The reference makes a repetition harmless, so doing it again is the replay.
	v, replayed, err := replayable(ctx, b, once, do, func(ctx context.Context, _ *Outcome) (ObligationView, error) { return do(ctx) })
	switch {
	case replayed:
		repetition = Replayed
	case err == nil && repetition == SameReference:
		err = b.spendWord(ctx, c.Word, once)
	}
	return v, repetition, err
}

func (b *Broker) moveOnce(ctx context.Context, c Caller, id TransactionID, in PerformanceInput, reversal bool, once *Outcome) (v ObligationView, repeated bool, err error) {
	v, err = again(ctx, func(ctx context.Context) (ObligationView, error) {
		s, err := b.Store.Situation(ctx, id, "", TheirOwn)
		if err != nil {
			return ObligationView{}, err
		}
		p, err := b.performance(s, c, in, reversal)
		if err != nil {
			return ObligationView{}, err
		}
		first, err := b.Store.Performance(ctx, p.Transaction, p.Obligation, reversal, p.Reference)
		if err == nil {
			repeated = true
			if err := samePerformance(first, p); err != nil || once == nil {
				return first.View, err
			}
			return first.View, b.Store.Remember(ctx, once.led("performance", string(p.Obligation), b.now()))
		} else if !errors.Is(err, ErrNotFound) {
			return ObligationView{}, err
		}
		w, err := b.writePerformance(ctx, c, s, p, once)
		if err != nil {
			return ObligationView{}, err
		}
		_, err = b.Store.Commit(ctx, w)
		return w.Performed[0].View, err
	})
	return v, repeated, err
}

// performance checks what is said against the transaction, before the rules.
func (b *Broker) performance(s *Situation, c Caller, in PerformanceInput, reversal bool) (*Performance, error) {
	t := &s.Transaction.Transaction
	d, ok := t.duty(in.Obligation)
	if !ok {
		return nil, validation("/obligation", ErrUnknownObligation)
	}
	q, err := ParseQuantity(in.Done, t.digits(d))
	if err != nil {
		e := fault.Of(err)
		return nil, fault.At("/done", e.Code, e.Detail)
	}
	if in.PerformedAt.After(b.now().Add(ahead)) {
		return nil, validation("/performed_at", ErrFuture)
	}
	if in.By != "" {
		if _, ok := t.Role(in.By); !ok {
			return nil, ErrNotFound
		}
	}
	return &Performance{
		Transaction: s.Transaction.Row, Obligation: d.id, Reversal: reversal, Reference: in.Reference,
		Quantity: q, PerformedAt: in.PerformedAt.UTC().Truncate(time.Microsecond), By: in.By, Signed: in.By != "" && c.speaksFor(in.By), Source: c.Source,
	}, nil
}

func samePerformance(first, p *Performance) error {
	if first.Quantity != p.Quantity || !first.PerformedAt.Equal(p.PerformedAt) || first.By != p.By {
		return ErrReference
	}
	return nil
}

func (b *Broker) writePerformance(ctx context.Context, c Caller, s *Situation, p *Performance, once *Outcome) (_ *Write, err error) {
	next := s.Transaction
	next.Version++
	next.Totals = maps.Clone(next.Totals)
	if p.Returns, err = b.returns(ctx, &next.Transaction, p); err != nil {
		return nil, err
	}
	standing, err := next.count(p)
	if err != nil {
		return nil, err
	}
	d, _ := next.duty(p.Obligation)
	p.View = next.view(d)
	w := &Write{Of: s, ExpectTransaction: &s.Transaction, Transaction: &next, Performed: []Performance{*p}, Word: c.spends(), Once: once.led("performance", string(p.Obligation), b.now())}
	total := next.Totals[p.Obligation]
	st := ledger.Statement{Type: ledger.PerformanceRecorded, At: b.now(), Members: ledger.Object{
		{Name: "transaction", Value: string(next.ID)},
		{Name: "obligation", Value: string(p.Obligation)},
		{Name: "total", Value: total.Done.Format(next.digits(d))},
		{Name: "performed_at", Value: p.PerformedAt},
		{Name: "source", Value: p.Source},
		{Name: "reference", Value: p.Reference},
		{Name: "key", Value: c.Key},
	}}
	quantity := p.Quantity.Format(next.digits(d))
	if p.Reversal || b.moves(s, &next.Transaction) {
		suspended, err := b.suspend(ctx, w, s, &next.Transaction, p.Reversal)
		if err != nil {
			return nil, err
		}
		st.Members = append(st.Members, ledger.Member{Name: "suspended", Value: suspended})
	}
	if p.Reversal {
		st.Type = ledger.PerformanceReversed
		st.Members = append(st.Members, ledger.Member{Name: "undone", Value: quantity})
	} else {
		st.Members = append(st.Members, ledger.Member{Name: "done", Value: quantity},
			ledger.Member{Name: "attested", Value: total.carries().Format(next.digits(d))},
			ledger.Member{Name: "attested_by", Value: attestedBy(&next.Transaction, p, d)}, ledger.Member{Name: "standing", Value: standing},
			ledger.Member{Name: "asserted_by", Value: c.assertedByParty(p.By)})
	}
	if w.Record, err = b.record(st, next.Key, keys{parties: next.Key}); err != nil {
		return nil, err
	}
	next.Newest = newest(w.Record)
	return w, nil
}

func attestedBy(t *Transaction, p *Performance, d duty) string {
	switch role, _ := t.Role(p.By); {
	case p.By == "":
		return "platform"
	case role == d.debtor:
		return "debtor"
	default:
		return "creditor"
	}
}

// count adds a performance to the totals, or takes a reversal from them.
func (t *Transaction) count(p *Performance) (standing string, err error) {
	if err := t.holdUp(p); err != nil {
		return "", err
	}
	d, _ := t.duty(p.Obligation)
	total := t.Totals[d.id]
	if p.Reversal {
		return "reversed", t.countBack(p, d.id, total)
	}
	switch state := t.State(); {
	case state == "cancelled", state == "completed" && !d.late, total.Waived:
		return "", ErrInvalidTransition.Offering(t.allowed())
	}
	role, isParty := t.Role(p.By)
	claim := isParty && role == d.debtor
	due, before, told := t.due(d), total.Done, t.told(p)
	switch {
	case claim:
		before = total.Claimed
	case !isParty: // what a party has confirmed, the platform may attest as well
		before = total.Attested
	default:
		before -= told // which the platform has attested already
	}
	if before+p.Quantity > due {
		return "", validation("/done", ErrOverPerformed)
	}
	t.bounce(p)
	standing = "attested"
	switch {
	case claim:
		total.Claimed += p.Quantity
		standing = "claim"
	case isParty: // it carries a grant only if the creditor signed for it (I3)
		total.Done += p.Quantity - told
		t.confirm(p)
		if p.Signed {
			total.Signed += p.Quantity
		}
	default:
		total.Attested += p.Quantity
		total.Done = min(due, total.Done+p.Quantity-told)
	}
	if !claim && p.PerformedAt.After(total.LastAt) {
		total.LastAt = p.PerformedAt
	}
	t.set(d.id, total)
	return standing, nil
}

// countBack takes back what a reversal is of.
func (t *Transaction) countBack(p *Performance, of Obligation, total Total) error {
	if p.Quantity > total.Done {
		return validation("/done", ErrOverReversed)
	}
	t.reverse(p)
	total.Done -= p.Quantity
	// What may carry a grant goes first: which part was reversed is not known.
	total.Attested = max(0, total.Attested-p.Quantity)
	total.Signed = max(0, total.Signed-p.Quantity)
	t.set(of, total)
	return nil
}

func (t *Transaction) set(o Obligation, total Total) {
	if t.Totals == nil {
		t.Totals = map[Obligation]Total{}
	}
	t.Totals[o] = total
}

// allowed names what can happen to the transaction in its state.
func (t *Transaction) allowed() []string {
	switch t.State() {
	case "cancelled":
		return []string{"reversal"}
	case "completed":
		var late []string
		for _, d := range duties(t.Kind, t.Handover) {
			if d.late && !t.Totals[d.id].Waived {
				late = append(late, "performance:"+string(d.id))
			}
		}
		return append(late, "reversal")
	}
	if t.Dispute.Open() {
		return []string{"performance", "reversal", "cancellation"}
	}
	return []string{"performance", "reversal", "completion", "cancellation"}
}

// CloseInput is what POST …/completion and …/cancellation say.
type CloseInput struct {
	Reason string // one of Reasons
	Note   masking.Text
}

// Reasons that a transaction can be completed or cancelled for.
func Reasons(cancel bool) []string {
	if cancel {
		return []string{"buyer_withdrew", "seller_withdrew", "not_paid", "not_available", "fraud_suspected", "agreed", "other"}
	}
	return []string{"performed", "accepted", "acceptance_window_over", "agreed", "other"}
}

// Complete ends a transaction; what is still open is waived, and the entry says so.
func (b *Broker) Complete(ctx context.Context, c Caller, id TransactionID, in CloseInput, once *Outcome) (TransactionView, bool, error) {
	return b.ended(ctx, c, id, in, false, once)
}

// Cancel ends a transaction, and with it everything that it could disclose.
func (b *Broker) Cancel(ctx context.Context, c Caller, id TransactionID, in CloseInput, once *Outcome) (TransactionView, bool, error) {
	return b.ended(ctx, c, id, in, true, once)
}

func (b *Broker) ended(ctx context.Context, c Caller, id TransactionID, in CloseInput, cancel bool, once *Outcome) (TransactionView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (TransactionView, error) {
		return b.close(ctx, c, id, in, cancel, once)
	}, func(ctx context.Context, _ *Outcome) (TransactionView, error) { return b.Transaction(ctx, id, "") })
}

func (b *Broker) close(ctx context.Context, c Caller, id TransactionID, in CloseInput, cancel bool, once *Outcome) (TransactionView, error) {
	return again(ctx, func(ctx context.Context) (TransactionView, error) {
		s, err := b.Store.Situation(ctx, id, "", TheirOwn)
		if err != nil {
			return TransactionView{}, err
		}
		next := s.Transaction
		if state := next.State(); state == "completed" || state == "cancelled" {
			return TransactionView{}, ErrInvalidTransition.Offering(next.allowed())
		}
		if !cancel && next.Dispute.Open() {
			return TransactionView{}, ErrDisputedEnd.Offering(next.allowed())
		}
		next.Version++
		next.Totals = maps.Clone(next.Totals)
		next.Reason = in.Reason
		waived := next.end(b.now(), cancel)
		w := &Write{Of: s, ExpectTransaction: &s.Transaction, Transaction: &next, Once: once.led("close", string(id), b.now())}
		suspended, err := b.suspend(ctx, w, s, &next.Transaction, cancel)
		if err != nil {
			return TransactionView{}, err
		}
		st := ledger.Statement{Type: ledger.TransactionCompleted, At: b.now(), Members: ledger.Object{
			{Name: "transaction", Value: string(id)},
			{Name: "reason", Value: in.Reason},
			{Name: "waived", Value: waived},
			{Name: "suspended", Value: suspended},
			{Name: "key", Value: c.Key},
		}}
		if cancel {
			st.Type = ledger.TransactionCancelled
		}
		if err := b.note(w, &st, &next, in.Note); err != nil {
			return TransactionView{}, err
		}
		if w.Record, err = b.record(st, next.Key, keys{parties: next.Key}); err != nil {
			return TransactionView{}, err
		}
		next.Newest = newest(w.Record)
		if _, err = b.Store.Commit(ctx, w); err != nil {
			return TransactionView{}, err
		}
		return b.facts(&next.Transaction), nil
	})
}

// end closes the transaction and waives what is still open; what a case is about is not
// let off by one that is cancelled meanwhile.
func (t *Transaction) end(now time.Time, cancel bool) (waived []string) {
	for _, d := range duties(t.Kind, t.Handover) {
		total := t.Totals[d.id]
		if due := t.due(d); !d.late && total.Done < due && !t.Dispute.about(d.id) {
			total.Waived = true
			t.set(d.id, total)
			waived = append(waived, string(d.id))
		}
	}
	if cancel {
		t.CancelledAt = now
	} else {
		t.CompletedAt = now
	}
	return waived
}

// note commits to free text and keeps it sealed; the entry has only the commitment.
func (b *Broker) note(w *Write, st *ledger.Statement, t *TransactionRecord, note masking.Text) error {
	if note.IsZero() {
		return nil
	}
	l := noteLabel(b.Origin, t.ID, t.Version)
	sealed, err := masking.SealValue(t.Key, l, masking.Value{Text: note}, b.Random)
	if err != nil {
		return err
	}
	w.Note = &SealedValue{Label: l, Sealed: sealed}
	st.Members = append(st.Members, ledger.Member{Name: "note", Value: encode(sealed.Commitment)})
	return nil
}

func noteLabel(origin string, id TransactionID, version int64) masking.Label {
	return masking.Label{Origin: origin, Owner: "transaction/" + string(id), Field: "note", Version: int(version)}
}
