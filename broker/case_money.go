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

// clone copies what cases have made of a transaction, so that the one before stays.
func (d *Dispute) clone() *Dispute {
	if d == nil {
		return &Dispute{}
	}
	return &Dispute{
		Lines: maps.Clone(d.Lines), Before: maps.Clone(d.Before), External: slices.Clone(d.External),
		Refundable: maps.Clone(d.Refundable), Refunded: maps.Clone(d.Refunded), OpenedAt: d.OpenedAt, EndedAt: d.EndedAt,
	}
}

func set[K comparable, V any](m *map[K]V, k K, v V) {
	if *m == nil {
		*m = map[K]V{}
	}
	(*m)[k] = v
}

// paysBack says whether a performance gives the buyer money back: it is that which a
// case holds up. The seller's own claim moves nothing, and is held up by nothing.
func (t *Transaction) paysBack(p *Performance) bool {
	role, isParty := t.Role(p.By)
	return p.Obligation == Pay && p.Reversal || p.Obligation == Refund && !p.Reversal && (!isParty || role != seller)
}

// holdUp refuses a refund past an open case, and counts one that may be.
func (t *Transaction) holdUp(p *Performance) error {
	if !t.Dispute.Open() || !t.paysBack(p) || len(t.Dispute.External) > 0 {
		return nil
	}
	d := t.Dispute.clone()
	left := p.Quantity
	for _, id := range slices.Sorted(maps.Keys(d.Refundable)) {
		part := min(left, d.Refundable[id])
		d.Refundable[id] -= part
		set(&d.Refunded, id, d.Refunded[id]+part)
		left -= part
	}
	if left > 0 {
		return ErrDisputed
	}
	t.Dispute = d
	return nil
}

// remedied says whether what a case lets be paid back is paid back.
func (t *Transaction) remedied(id CaseID) bool {
	return t.Dispute == nil || t.Dispute.Refundable[id] == 0
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
			d.OpenedAt, d.EndedAt = c.now, time.Time{}
		case disputes.FreeLines:
			d.free(id, c.now)
		case disputes.OrderRemedy:
			set(&d.Refundable, id, max(0, c.owed()-d.Refunded[id]))
		case disputes.TakeRemedy:
			delete(d.Refundable, id)
		case disputes.LetRefunds:
			d.External = append(d.External, id)
		case disputes.HoldRefunds:
			d.External = slices.DeleteFunc(d.External, func(x CaseID) bool { return x == id })
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
	d.External = slices.DeleteFunc(d.External, func(x CaseID) bool { return x == id })
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
