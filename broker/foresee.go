package broker

import (
	"context"
	"slices"
	"time"

	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
)

// Foresee says how a request would be decided now, and records nothing but that
// it was asked: it counts against the requester's day like any other. It says of the
// fields that are asked for what the disclosable of a transaction says of all: the
// decision, which of them are granted and, of a refusal, which performance is
// missing; neither what is held nor, of a field that is not granted, whether a person
// would decide, nor by which rule or ground.
//
// The party's token is taken all the same. With an idempotency key the same dry run
// again is not counted again: it is worked out anew, for nothing is kept of it but
// that it was counted.
func (b *Broker) Foresee(ctx context.Context, who Caller, in DisclosureInput, once *Outcome) (DisclosureView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (DisclosureView, error) {
		return b.foreseeNow(ctx, who, in, func(requester Row, now time.Time) error { return b.countForeseen(ctx, who, requester, once, now) })
	}, func(ctx context.Context, _ *Outcome) (DisclosureView, error) {
		return b.foreseeNow(ctx, who, in, func(Row, time.Time) error { return nil })
	})
}

// foreseeNow works a dry run out, once it is counted.
func (b *Broker) foreseeNow(ctx context.Context, who Caller, in DisclosureInput, count func(Row, time.Time) error) (DisclosureView, error) {
	type found struct {
		s    *Situation
		role necessity.Role
	}
	x, err := again(ctx, func(ctx context.Context) (found, error) {
		s, err := b.Store.Situation(ctx, in.Transaction, in.Requester, Counterpartys)
		if err != nil {
			return found{}, err
		}
		role, ok := s.Transaction.Role(in.Requester)
		if !ok {
			return found{}, ErrNotFound
		}
		return found{s, role}, b.enforced(ctx, s)
	})
	if err != nil {
		return DisclosureView{}, err
	}
	now := b.now()
	if err := count(x.s.Party(x.role).Row, now); err != nil {
		return DisclosureView{}, err
	}
	e := b.engine()
	c := b.foresee(e, x.s, x.role, in, now)
	return DisclosureView{
		Decided: Decided{
			At: now, Transaction: in.Transaction, Requester: in.Requester, Subject: x.s.Transaction.Other(x.role), Purpose: in.Purpose,
			Decision: c.decision, Ground: c.ground, Fields: c.fields, Reasons: c.reasons, Policy: e.Version(), AssertedBy: who.assertedBy(),
		},
		Role: x.role, Currency: x.s.Transaction.Currency,
	}, nil
}

// countForeseen counts a dry run against the requester's day, and remembers its
// idempotency key with that. Whose token was taken before does not count, so that
// nobody else can use the day up with it.
func (b *Broker) countForeseen(ctx context.Context, who Caller, requester Row, once *Outcome, now time.Time) error {
	counted := b.Budgets == nil
	if w := who.spends(); w != nil {
		before, err := b.Store.SpendWord(ctx, w, once)
		if err != nil {
			return err
		}
		counted = counted || before
	}
	keep := once.led("dry_run", "", now)
	switch {
	case !counted:
		return b.Store.Count(ctx, budget.Day{Requester: int64(requester), Day: budget.DayOf(now)}, b.Budgets.Requests, now, keep)
	case keep != nil:
		return b.Store.Remember(ctx, keep)
	}
	return nil
}

// foresee concludes without a look at values, and leaves of the reasons those
// that anybody could work out from the transaction: that the purpose has no use
// for a field, that all is cancelled, and what is missing.
func (b *Broker) foresee(e *necessity.Engine, s *Situation, role necessity.Role, in DisclosureInput, now time.Time) conclusion {
	v := b.verdicts(e, s, role, in.Purpose, in.Citation, now)
	asked, necessary := in.Fields, v.plain.Necessary
	if len(asked) == 0 {
		asked = necessary
	}
	c := b.concludeUnseen(&v, s, role, in.Purpose, asked, now)
	c.reasons = slices.DeleteFunc(c.reasons, func(r Reason) bool { return len(r.Missing) == 0 })
	public := func(code necessity.Reason) {
		if !slices.ContainsFunc(c.reasons, func(r Reason) bool { return r.Code == code }) {
			c.reasons = append(c.reasons, Reason{Code: code, Detail: plain.Detail(code)})
		}
	}
	c.ground = ""
	for i := range c.fields {
		f := &c.fields[i]
		f.Rule, f.Reason = "", ""
		switch {
		case f.Outcome == necessity.Granted:
		case !slices.Contains(necessary, f.Field):
			f.Reason = necessity.NotNecessary
			public(f.Reason)
		case !s.Transaction.CancelledAt.IsZero():
			f.Reason = necessity.TransactionCancelled
			public(f.Reason)
		}
	}
	if c.decision != "refused" {
		c.fields = slices.DeleteFunc(c.fields, func(f FieldOutcome) bool { return f.Outcome != necessity.Granted && f.Reason != necessity.NotNecessary })
	}
	switch {
	case len(asked) == 0:
		public(necessity.NotNecessary)
	case c.decision != "refused":
		c.reasons = nil
	}
	return c
}
