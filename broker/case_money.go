package broker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking/fault"
)

// What a case changes in its transaction: lines are in dispute, and nothing is paid back
// past the case but what its decision, or both sides, let be.

// ErrDisputed is a refund past a case.
var ErrDisputed = fault.New(fault.Conflict, "disputed", "a case about this transaction is open: what is paid back while it is, the two sides agree on in it, or it is decided; where a bank or a court has taken money back, a handler notes that first")

// ErrDisputedEnd is the completion of what a case is about.
var ErrDisputedEnd = fault.New(fault.Conflict, "disputed", "a case about this transaction is open: it is completed when that is over; it can be cancelled, which lets off nothing that the case is about")

// clone copies what cases have made of a transaction, so that the one before stays.
func (d *Dispute) clone() *Dispute {
	if d == nil {
		return &Dispute{}
	}
	x := &Dispute{
		Lines: maps.Clone(d.Lines), Before: maps.Clone(d.Before), External: maps.Clone(d.External), Outside: maps.Clone(d.Outside), Confirmed: maps.Clone(d.Confirmed), Word: d.Word, Reversed: d.Reversed, Cases: d.Cases,
		Ordered: maps.Clone(d.Ordered), Refundable: maps.Clone(d.Refundable), Refunded: maps.Clone(d.Refunded), Held: maps.Clone(d.Held), OpenedAt: d.OpenedAt, EndedAt: d.EndedAt,
	}
	for id, q := range x.Refundable {
		if _, known := x.Ordered[id]; !known { // it was written before that was
			set(&x.Ordered, id, q+x.back(id))
		}
	}
	return x
}

func set[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// holdUp refuses money back past open cases, and counts what may be. What the buyer says
// was not done as agreed is all that was paid for; what the seller says is owed to it is
// as much as it says. What the buyer
// confirms and what the platform attests are one and the same payment, whoever tells of it
// first; what is taken back of it may be paid again. What a case elsewhere is about is not
// ours to refuse, once.
func (t *Transaction) holdUp(p *Performance) error {
	role, isParty := t.Role(p.By)
	back := p.Obligation == Pay && p.Reversal || p.Obligation == Refund && !p.Reversal
	again := p.Obligation == Pay && !p.Reversal || p.Obligation == Refund && p.Reversal
	if !t.Dispute.Open() || isParty && role == seller || !back && !again || isParty && again {
		return nil // the seller's own claim moves nothing
	}
	d, q := t.Dispute.clone(), p.Quantity
	switch {
	case again && p.Reversal:
		d.unpay(q)
		d.attest(q) // what is back is nobody's word any more
	case again:
		d.unpay(min(q, p.Returns))
	default:
		told := t.told(p)
		if !isParty {
			told = max(told, d.attest(q))
		}
		left := d.pay(q-told, isParty)
		if left -= min(left, t.undisputed()); d.goOutside(left) > 0 {
			return ErrDisputed
		}
	}
	t.Dispute = d
	return nil
}

// told is how much of what is paid back the other one of platform and buyer has told of
// already: the one's word then is about what the other's was. The platform may call it a
// refund, or a reversal of the payment; the buyer confirms a refund.
func (t *Transaction) told(p *Performance) Quantity {
	role, isParty := t.Role(p.By)
	refund := p.Obligation == Refund && !p.Reversal
	if t.Dispute == nil || !refund && (p.Obligation != Pay || !p.Reversal || isParty) || isParty && role == seller {
		return 0
	}
	ahead := t.Dispute.Word - t.Totals[Refund].Attested - t.Dispute.Reversed
	if isParty {
		ahead = -ahead
	}
	return min(p.Quantity, max(0, ahead))
}

// reverse counts what is taken back of a refund, and with it the buyer's word on it; and
// what the platform takes back of the payment: what the buyer has confirmed as a refund is
// the same money then, and no refund beside it.
func (t *Transaction) reverse(p *Performance) {
	if p.Obligation == Refund {
		t.word(-p.Quantity)
	}
	if _, isParty := t.Role(p.By); p.Obligation != Pay || isParty || t.Dispute == nil {
		return
	}
	known, refund := t.told(p), t.Totals[Refund]
	if known = min(known, refund.Done); known > 0 {
		refund.Done -= known
		refund.Signed = min(refund.Signed, refund.Done)
		t.set(Refund, refund)
	}
	d := t.Dispute.clone()
	d.Reversed += p.Quantity
	t.Dispute = d
}

// bounce takes back a reversal of a payment, with the buyer's word on it: when it is paid
// back anew, that is another payment.
func (t *Transaction) bounce(p *Performance) {
	q := min(p.Quantity, p.Returns)
	if _, isParty := t.Role(p.By); isParty || q <= 0 || t.Dispute == nil {
		return
	}
	d, attested := t.Dispute.clone(), t.Totals[Refund].Attested
	q = min(q, d.Reversed)
	confirmed := min(d.Word, attested+d.Reversed) - attested
	d.Word -= min(q, max(0, confirmed))
	d.Reversed -= q
	t.Dispute = d
}

// confirm counts the buyer's word on a refund.
func (t *Transaction) confirm(p *Performance) {
	if p.Obligation == Refund {
		t.word(p.Quantity)
	}
}

func (t *Transaction) word(q Quantity) {
	if t.Dispute != nil {
		d := t.Dispute.clone()
		d.Word = max(0, d.Word+q)
		t.Dispute = d
	}
}

// returns is how much a payment takes back of one that was paid back: it has the same
// reference. Any other is one more payment. Where there was no case nobody asks.
func (b *Broker) returns(ctx context.Context, t *Transaction, p *Performance) (Quantity, error) {
	if p.Obligation != Pay || p.Reversal || t.Dispute == nil {
		return 0, nil
	}
	back, err := b.Store.Performance(ctx, p.Transaction, Pay, true, p.Reference)
	if errors.Is(err, ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return back.Quantity, nil
}

// attest takes what the platform tells of from what the buyer alone has confirmed, and
// says how much that was.
func (d *Dispute) attest(q Quantity) (known Quantity) {
	for _, id := range slices.Sorted(maps.Keys(d.Confirmed)) {
		part := min(q-known, d.Confirmed[id])
		d.Confirmed[id] -= part
		known += part
	}
	return known
}

// pay counts money back against what may be, and says what is left.
func (d *Dispute) pay(q Quantity, confirmed bool) Quantity {
	for _, id := range slices.Sorted(maps.Keys(d.Refundable)) {
		part := min(q, d.Refundable[id])
		set(&d.Refunded, id, d.Refunded[id]+part)
		d.settle(id)
		if confirmed {
			set(&d.Confirmed, id, d.Confirmed[id]+part)
		}
		q -= part
	}
	return q
}

// goOutside counts money back against the cases that somebody else has, each up to its
// amount and once, and says what is left.
func (d *Dispute) goOutside(q Quantity) Quantity {
	for _, id := range slices.Sorted(maps.Keys(d.External)) {
		part := min(q, max(0, d.External[id]-d.back(id)))
		if part > 0 {
			set(&d.Outside, id, d.Outside[id]+part)
			d.settle(id)
		}
		q -= part
	}
	return q
}

// back is what was paid back for a case, as it was decided or outside.
func (d *Dispute) back(id CaseID) Quantity { return d.Refunded[id] + d.Outside[id] }

// order lets be paid back for a case what was decided, or agreed; what is back already,
// as an earlier decision let it or outside, counts towards it.
func (d *Dispute) order(id CaseID, q Quantity) {
	set(&d.Ordered, id, q)
	set(&d.Refundable, id, 0)
	d.settle(id)
}

// settle is what may be paid back yet of what was ordered; nothing while nothing is.
func (d *Dispute) settle(id CaseID) {
	if _, ordered := d.Refundable[id]; ordered {
		d.Refundable[id] = max(0, d.Ordered[id]-d.back(id))
	}
}

// take ends what was ordered for a case. What is back of it stays counted: it can bounce
// yet, and counts towards what is ordered next.
func (d *Dispute) take(id CaseID) {
	delete(d.Ordered, id)
	delete(d.Refundable, id)
}

// unpay takes back what was counted: it may be paid again as soon as it is ordered, which
// it need not be at the moment.
func (d *Dispute) unpay(q Quantity) {
	for _, counted := range []map[CaseID]Quantity{d.Refunded, d.Outside} {
		for _, id := range slices.Sorted(maps.Keys(counted)) {
			part := min(q, counted[id])
			counted[id] -= part
			d.settle(id)
			q -= part
		}
	}
}

// undisputed is how much of what was paid no open case is about: nothing where one is
// about what the seller owes for it, else what is left beside the amounts of all.
func (t *Transaction) undisputed() Quantity {
	d, free := t.Dispute, t.Totals[Pay].Done-t.Totals[Refund].Done
	counted := map[CaseID]bool{}
	for l, id := range d.Lines {
		owed, _ := t.duty(l)
		held, known := d.Held[id]
		switch {
		case counted[id]:
		case owed.debtor == seller || !known:
			return 0
		default:
			counted[id] = true
			free -= held - min(held, d.back(id))
		}
	}
	return max(0, free)
}

// remedied says whether what a case lets be paid back is paid back, or all that there was.
// That it is, the platform attests: what the buyer has been talked into saying ends no case.
func (t *Transaction) remedied(id CaseID) bool {
	if t.Dispute == nil || t.Dispute.Refundable[id] == 0 && t.Dispute.Confirmed[id] == 0 {
		return true
	}
	return t.Totals[Pay].Done <= t.Totals[Refund].Done // there is nothing left to pay back
}

// affect carries out what a row does to the transaction; nil where it does nothing.
func (c *caseCourse) affect(row *states.Row) *TransactionRecord {
	next := c.f.Situation.Transaction
	d, id := next.Dispute.clone(), c.f.ID
	changed := false
	for _, e := range row.Effects {
		did := true
		switch e {
		case disputes.FreezeLines:
			for _, l := range c.r.Lines {
				set(&d.Lines, l, id)
				delete(d.Before, l)
			}
			set(&d.Held, id, c.r.Amount)
			d.OpenedAt, d.EndedAt = c.now, time.Time{}
			if back := next.Totals[Refund]; d.Cases == 0 {
				d.Word = max(0, back.Done-back.Attested)
			}
			d.Cases++
		case disputes.FreeLines:
			d.free(id, c.now)
		case disputes.OrderRemedy:
			d.order(id, c.owed())
		case disputes.TakeRemedy:
			d.take(id)
		case disputes.LetRefunds:
			set(&d.External, id, c.r.Amount)
		case disputes.HoldRefunds:
			delete(d.External, id)
		default:
			did = false
		}
		changed = changed || did
	}
	if !changed {
		return nil
	}
	next.Version++
	next.Dispute = d
	return &next
}

func (d *Dispute) free(id CaseID, now time.Time) {
	for l, x := range d.Lines {
		if x == id {
			delete(d.Lines, l)
			set(&d.Before, l, id)
		}
	}
	d.take(id)
	delete(d.Refunded, id)
	delete(d.External, id)
	delete(d.Outside, id)
	delete(d.Confirmed, id)
	delete(d.Held, id)
	if !d.Open() {
		d.EndedAt = now
	}
}

// owed is what was agreed, or decided, to be paid back.
func (c *caseCourse) owed() Quantity {
	if c.move.Event == disputes.AcceptOffer {
		return Quantity(c.offer().Amount)
	}
	if p := c.r.Proposal; p != nil && p.Outcome.PaysBack() {
		return p.Amount
	}
	return 0
}

// disputed is the event that the term of a grant counts from where a case is what it
// was given for: its end. While it is open the law's own term for it stands there, so
// that a grant which a case needs does not end before that; no other grant lives longer.
func (t *Transaction) disputed(p necessity.Purpose) (time.Time, bool) {
	needs := p == necessity.Settle || p == necessity.Collect && t.Kind == necessity.UsedGoods
	switch d := t.Dispute; {
	case d == nil || !needs:
		return time.Time{}, false
	case d.Open():
		return d.OpenedAt.Add(disputes.ResolveTerm), true
	default:
		return d.EndedAt, true
	}
}
