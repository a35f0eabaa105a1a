package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/merchants"
)

// That a deadline of a registration has passed counts from then on for everybody
// who reads; it is written down by a move of the clock, which a timer has made, as
// with requests: tidy.go. What a merchant sells is held against the thresholds of
// its law in the same way, once a day.

// TidyMerchant looks after what a timer is about, and says when it wants to look again.
func (b *Broker) TidyMerchant(ctx context.Context, t DueTimer) (time.Time, error) {
	return again(ctx, func(ctx context.Context) (time.Time, error) {
		f, err := b.Store.MerchantByRow(ctx, t.Transaction)
		if errors.Is(err, ErrNotFound) {
			return time.Time{}, b.tidyMerchantsOf(ctx, t.Transaction)
		}
		if err != nil {
			return time.Time{}, err
		}
		now := b.now()
		if f.Timer != "" && !now.Before(f.Deadline) {
			return b.elapse(ctx, f)
		}
		next := f.Deadline // zero: there is none
		if f.counted() {
			if err := b.countSales(ctx, f); err != nil {
				return time.Time{}, err
			}
			if next.IsZero() || now.Add(recheck).Before(next) {
				next = now.Add(recheck)
			}
		}
		return next, nil
	})
}

// elapse writes down that a deadline of a registration has passed. One that closes
// waits until what it owes from its transactions is settled, and one that is over until
// nobody has to keep it; the law's do not.
func (b *Broker) elapse(ctx context.Context, f *FoundMerchant) (time.Time, error) {
	for _, t := range f.passed(b.now()) {
		c, err := b.courseOf(f, MerchantMove{Event: merchants.Life.Timers[t]})
		if err != nil {
			return time.Time{}, err
		}
		c.r, c.state, c.actor = f.MerchantRecord, f.State, merchants.ByClock // as it was before time had passed
		wait, err := c.waits(ctx, t)
		if err != nil {
			return time.Time{}, err
		}
		if !wait {
			return time.Time{}, c.commitClock(ctx)
		}
	}
	return b.now().Add(recheck), nil
}

func (c *merchantCourse) commitClock(ctx context.Context) error {
	w, err := c.write(ctx)
	if err == nil {
		_, err = c.b.commitMerchant(ctx, w)
	}
	return err
}

// eachSale goes through what a party sells or has sold, the newest first, until it
// is told to stop; eachDealing also through what it buys.
func (b *Broker) eachSale(ctx context.Context, f *FoundMerchant, each func(*TransactionRecord) bool) error {
	return b.eachDealing(ctx, f, func(t *TransactionRecord) bool { return t.Seller != f.Of.ID || each(t) })
}

func (b *Broker) eachDealing(ctx context.Context, f *FoundMerchant, each func(*TransactionRecord) bool) error {
	for after := Row(0); ; {
		ts, err := b.Store.TransactionsOf(ctx, f.Party, after, mostDealings)
		if err != nil {
			return err
		}
		for i := range ts {
			if after = ts[i].Row; !each(&ts[i]) {
				return nil
			}
		}
		if len(ts) < mostDealings {
			return nil
		}
	}
}

// settled: no transaction in which it sells is under way.
func (b *Broker) settled(ctx context.Context, f *FoundMerchant) (bool, error) {
	is := true
	err := b.eachSale(ctx, f, func(t *TransactionRecord) bool {
		is = !unsettled(t)
		return is
	})
	return is, err
}

func unsettled(t *TransactionRecord) bool {
	return slices.Contains([]string{"open", "partly_performed"}, t.State())
}

// countSales finds what holds now of the thresholds. Where the law then asks for more
// than is there, or shows more than is shown, the merchant is told; what the law
// showed for a threshold that it is under again, it shows no longer.
func (b *Broker) countSales(ctx context.Context, f *FoundMerchant) error {
	now := b.now()
	var months []merchants.Month
	err := b.eachSale(ctx, f, func(t *TransactionRecord) bool {
		if t.Currency == "USD" && t.CancelledAt.IsZero() && !t.BusinessBuyer {
			at := t.CreatedAt.UTC()
			months = append(months, merchants.Month{Year: at.Year(), Month: at.Month(), Sales: 1, Cents: int64(t.Amount)})
		}
		return true
	})
	if err != nil {
		return err
	}
	c, err := b.courseOf(f, MerchantMove{Event: merchants.Threshold})
	if err != nil {
		return err
	}
	c.over, c.actor = merchants.Thresholds(months, now), merchants.ByClock
	if len(both(c.over, f.Conditions)) < len(c.over) {
		asks, err := c.asksMore(ctx, c.over)
		switch {
		case err != nil:
			return err
		case asks && !slices.Contains(merchants.Life.Allowed(c.state, merchants.ByClock), merchants.Threshold):
			return nil // the law asks for more already, or it closes
		case asks:
			return c.commitClock(ctx)
		}
	}
	if len(both(f.Conditions, c.over)) == len(f.Conditions) {
		return nil
	}
	c.move.Event = merchants.Ebb
	return c.commitClock(ctx)
}

// asksMore says whether with these facts the law asks for more, or shows more, of
// what was approved.
func (c *merchantCourse) asksMore(ctx context.Context, facts []merchants.Condition) (bool, error) {
	v, err := c.b.Store.MerchantVersion(ctx, &c.f.MerchantRecord, c.r.Approved)
	if err != nil {
		return false, err
	}
	given, err := c.b.openVersion(c.f, v)
	if err != nil {
		return false, err
	}
	given.Facts = c.r.ApprovedFor
	before, _ := c.pack.Assess(given)
	shown := len(c.pack.Public(given, before))
	given.Facts = facts
	after, refused := c.pack.Assess(given)
	return refused != nil || len(c.pack.Public(given, after)) > shown, nil
}

// merchantNow finds a registration that somebody wants to change. A deadline that has
// passed is written down first, so that what follows from it has followed.
func (b *Broker) merchantNow(ctx context.Context, id MerchantID) (*FoundMerchant, error) {
	f, err := b.Store.MerchantByID(ctx, id)
	if err != nil || f.Timer == "" || b.now().Before(f.Deadline) {
		return f, err
	}
	if _, err := b.elapse(ctx, f); err != nil {
		return nil, err
	}
	return b.Store.MerchantByID(ctx, id)
}
