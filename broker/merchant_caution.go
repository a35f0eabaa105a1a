package broker

import (
	"context"
	"errors"
	"slices"
	"strings"

	"bauta.dev/bauta/broker/merchants"
)

// A party whose safety is in question is no merchant like any other. Its data is
// published only where two people have approved it who knew that, and then without the
// ways to reach it; that of a minor, or of somebody whose data may be stored and
// nothing else, is not published at all. What becomes known later ends the profile at
// once, and the registration goes back to be looked at.

// fearsSomebody stands for a requester that the party holds off: it may read as well
// what everybody may.
const fearsSomebody = "fears_somebody"

// cautions are what has to be known before anything of a party is published.
func (p *Party) cautions() []string {
	var all []string
	for _, f := range p.Flags {
		all = append(all, string(f))
	}
	if len(p.Fears) > 0 {
		all = append(all, fearsSomebody)
	}
	slices.Sort(all)
	return all
}

// knows says whether those who approved it knew all that there is to be known.
func (r *MerchantRecord) knows(p *Party) bool {
	return !slices.ContainsFunc(p.cautions(), func(x string) bool { return !slices.Contains(r.Known, x) })
}

// public says whether anything of a registration is public now.
func (r *MerchantRecord) public(of *Party) bool {
	never := slices.Contains(of.Flags, Minor) || slices.Contains(of.Flags, Restricted)
	return r.Shown && !of.excluded() && !never && r.knows(of)
}

// guarded are public fields without the ways to reach somebody who must not be found.
func (p *Party) guarded(fields []merchants.PublicField) []merchants.PublicField {
	if len(p.cautions()) == 0 {
		return fields
	}
	return slices.DeleteFunc(fields, func(f merchants.PublicField) bool {
		at := string(f.Pointer)
		return strings.HasPrefix(at, "/contact/") || strings.HasPrefix(at, "/address/") && f.Pointer != "/address/country"
	})
}

// lookAnew has the registrations of a party looked at, if it has any, because of what
// has become known of it. One that is approved at this moment by who does not know is
// not shown either.
func (b *Broker) lookAnew(ctx context.Context, w *Write, p *PartyRecord) error {
	if b.Packs == nil || len(p.cautions()) == 0 {
		return nil
	}
	records, err := b.Store.MerchantsOf(ctx, p.Row)
	if len(records) > 0 {
		w.Timers = append(w.Timers, Timer{Kind: Reviewing, Transaction: p.Row, DueAt: b.now()})
	}
	return err
}

// tidyMerchantsOf looks after the registrations of a party, where a timer is about that.
func (b *Broker) tidyMerchantsOf(ctx context.Context, party Row) error {
	records, err := b.Store.MerchantsOf(ctx, party)
	for i := range records {
		err = errors.Join(err, b.tidyCautioned(ctx, records[i].Row))
	}
	return err
}

func (b *Broker) tidyCautioned(ctx context.Context, row Row) error {
	_, err := again(ctx, func(ctx context.Context) (struct{}, error) {
		f, err := b.Store.MerchantByRow(ctx, row)
		if err != nil {
			return struct{}{}, err
		}
		c, err := b.courseOf(f, MerchantMove{Event: merchants.LookAnew})
		if err != nil || c.state != merchants.Active || f.State != c.state || f.knows(&f.Of.Party) {
			return struct{}{}, err
		}
		c.actor = merchants.ByClock
		return struct{}{}, c.commitClock(ctx)
	})
	return err
}
