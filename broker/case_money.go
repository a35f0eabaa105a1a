package broker

import (
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
	return &Dispute{
		Lines: maps.Clone(d.Lines), Before: maps.Clone(d.Before), External: maps.Clone(d.External), Confirmed: maps.Clone(d.Confirmed), Cases: d.Cases,
		Refundable: maps.Clone(d.Refundable), Refunded: maps.Clone(d.Refunded), Held: maps.Clone(d.Held), OpenedAt: d.OpenedAt, EndedAt: d.EndedAt,
	}
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
// confirms and what the platform attests are one and the same payment; what is taken back
// of it may be paid again. What a case elsewhere is about is not ours to refuse.
func (t *Transaction) holdUp(p *Performance) error {
	role, isParty := t.Role(p.By)
	back := p.Obligation == Pay && p.Reversal || p.Obligation == Refund && !p.Reversal
	again := p.Obligation == Pay && !p.Reversal || p.Obligation == Refund && p.Reversal
	if !t.Dispute.Open() || isParty && role == seller || !back && !again || isParty && again {
		return nil // the seller's own claim moves nothing
	}
	d := t.Dispute.clone()
	if again {
		d.unpay(p.Quantity)
	} else if left := d.pay(p.Quantity, isParty); left > d.outside()+t.undisputed() {
		return ErrDisputed
	}
	t.Dispute = d
	return nil
}

// pay counts money back against what may be, and says what is left.
func (d *Dispute) pay(q Quantity, confirmed bool) Quantity {
	if !confirmed {
		for _, id := range slices.Sorted(maps.Keys(d.Confirmed)) {
			part := min(q, d.Confirmed[id])
			d.Confirmed[id] -= part
			q -= part
		}
	}
	for _, id := range slices.Sorted(maps.Keys(d.Refundable)) {
		part := min(q, d.Refundable[id])
		d.Refundable[id] -= part
		set(&d.Refunded, id, d.Refunded[id]+part)
		if confirmed {
			set(&d.Confirmed, id, d.Confirmed[id]+part)
		}
		q -= part
	}
	return q
}

// unpay takes back what was counted: it may be paid again.
func (d *Dispute) unpay(q Quantity) {
	for _, id := range slices.Sorted(maps.Keys(d.Refunded)) {
		if _, ordered := d.Refundable[id]; !ordered {
			continue
		}
		part := min(q, d.Refunded[id])
		d.Refunded[id] -= part
		d.Refundable[id] += part
		q -= part
	}
}

// outside is how much can be taken back because of cases that somebody else has: all
// there is where no other one is open.
func (d *Dispute) outside() Quantity {
	sum := Quantity(0)
	for _, q := range d.External {
		sum += q
	}
	for _, id := range d.Lines {
		if _, is := d.External[id]; !is {
			return sum
		}
	}
	if len(d.External) > 0 {
		return maxMinor
	}
	return 0
}

// undisputed is how much of what was paid no open case is about: nothing where one is
// about what the seller owes for it, else what is left beside the amounts of all. Cases
// outside are not ours to hold anything up for.
func (t *Transaction) undisputed() Quantity {
	d, free := t.Dispute, t.Totals[Pay].Done-t.Totals[Refund].Done
	counted := map[CaseID]bool{}
	for l, id := range d.Lines {
		owed, _ := t.duty(l)
		_, external := d.External[id]
		held, known := d.Held[id]
		switch {
		case external || counted[id]:
		case owed.debtor == seller || !known:
			return 0
		default:
			counted[id] = true
			free -= held - min(held, d.Refunded[id])
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
			d.Cases++
		case disputes.FreeLines:
			d.free(id, c.now)
		case disputes.OrderRemedy:
			set(&d.Refundable, id, max(0, c.owed()-d.Refunded[id]))
		case disputes.TakeRemedy:
			delete(d.Refundable, id)
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
	delete(d.Refundable, id)
	delete(d.Refunded, id)
	delete(d.External, id)
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
