package broker

import (
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// A registration that is over is kept for as long as somebody has to, and then nothing
// of what was given is: what is sealed goes from its tables, in the commit whose entry
// says so. What stays is a record that it was there, and its entries, which commit to
// what they were about and hold none of it.

// ErrErased is what whoever wants to open or change what was given reads after that.
var ErrErased = fault.New(fault.Gone, "erased", "nothing that was given with this registration is kept any more")

// MerchantErasure is what must still be so of a registration's party when what was
// given goes: no case of it is open, and it is a side of so many transactions.
type MerchantErasure struct {
	Party    Row
	Dealings int
}

// waits says whether what a deadline brings about has to wait for something that only
// the store knows.
func (c *merchantCourse) waits(ctx context.Context, t states.Timer) (wait bool, err error) {
	switch t {
	case merchants.NoticeTimer:
		c.settled, err = c.b.settled(ctx, c.f)
		return !c.settled, err
	case merchants.LeftoverTimer, merchants.RetentionTimer:
		err = c.lookForDuties(ctx)
		return c.erases == nil, err
	}
	return false, nil
}

// lookForDuties finds out whether nobody has to keep the registration any more. What
// is not known does not hold.
func (c *merchantCourse) lookForDuties(ctx context.Context) error {
	if c.mustKeep() {
		return nil
	}
	records, err := c.b.Store.MerchantsOf(ctx, c.f.Party)
	if err != nil || slices.ContainsFunc(records, func(r MerchantRecord) bool { return r.State == merchants.Appealed }) {
		return err
	}
	cases, err := c.b.Store.CasesOf(ctx, c.f.Party)
	if err != nil || slices.ContainsFunc(cases, func(x CaseRecord) bool { return x.IsOpen() }) {
		return err
	}
	found, bound := MerchantErasure{Party: c.f.Party}, false
	err = c.b.eachDealing(ctx, c.f, func(t *TransactionRecord) bool {
		found.Dealings++
		bound = c.boundBy(t)
		return !bound
	})
	if err != nil || bound {
		return err
	}
	entries, err := c.b.Store.MerchantEntries(ctx, c.f)
	if err != nil {
		return err
	}
	for i := range entries {
		if entries[i].Statement.Members.String("note") != "" {
			c.notes++
		}
	}
	c.erases = &found
	return nil
}

// mustKeep says whether the registration itself, or its party, is a reason to keep it:
// the law of the day on which it was over and the law of today each have their time,
// and the longer one counts; a rejection can be appealed; and whoever's data is
// restricted has asked that nothing be done with it, erasing included.
func (c *merchantCourse) mustKeep() bool {
	r := &c.r
	ends, runs := c.pack.Ends(r.StateTimer, r.Since)
	return r.KeptUntil.IsZero() || c.now.Before(r.KeptUntil) || !runs || c.now.Before(ends) ||
		r.State == merchants.Rejected && !r.Appealed && c.now.Before(r.DecidedAt.AddDate(0, appealMonths, 0)) ||
		slices.Contains(c.f.Of.Flags, Restricted)
}

// boundBy says whether a transaction of its party is a reason to keep the registration:
// something is owed, or in dispute; or it was sold under this registration, and has
// ended less long ago than the law says.
func (c *merchantCourse) boundBy(t *TransactionRecord) bool {
	switch {
	case unsettled(t) || t.Dispute.Open():
		return true
	case c.state != merchants.Closed || t.Seller != c.f.Of.ID || !t.CreatedAt.Before(c.r.Since):
		return false
	}
	ends, runs := c.pack.Ends(merchants.RetentionTimer, t.endedAt())
	return !runs || c.now.Before(ends)
}

// endedAt is when the last thing happened that belongs to a transaction.
func (t *Transaction) endedAt() time.Time {
	last := t.CreatedAt
	for _, at := range []time.Time{t.CompletedAt, t.CancelledAt} {
		if at.After(last) {
			last = at
		}
	}
	for _, total := range t.Totals {
		if total.LastAt.After(last) {
			last = total.LastAt
		}
	}
	return last
}

// erase leaves of a record that it was there, and how much there was: the check of
// the ledger counts that.
func (r *MerchantRecord) erase(notes int) {
	r.MerchantFacts = MerchantFacts{
		State: r.State, Jurisdiction: r.Jurisdiction, Type: r.Type, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, Since: r.Since,
		Given: r.Given, Current: r.Current, Approved: r.Approved, Documents: r.Documents, Notes: notes,
		Assessed: merchants.Assessment{Pack: r.Assessed.Pack},
	}
}
