package demo

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// Seed writes the demonstration marketplace through the broker, as its platform
// would. It may run at each start, and after a start that was cut short: what
// is there stays as it is, and what visitors did to it stays too. It leaves an
// order that nobody has touched for the next visitor.
func Seed(ctx context.Context, b *broker.Broker, now func() time.Time) error {
	for _, p := range parties() {
		if err := putParty(ctx, b, p); err != nil {
			return fmt.Errorf("seed party %s: %w", p.id, err)
		}
	}
	start := now().UTC().Truncate(time.Hour)
	for _, o := range orders() {
		if err := putOrder(ctx, b, o, start); err != nil {
			return fmt.Errorf("seed order %s: %w", o.id, err)
		}
	}
	for _, d := range cases() {
		if err := putOrder(ctx, b, d.order, start); err != nil {
			return fmt.Errorf("seed order %s: %w", d.order.id, err)
		}
		if err := putCase(ctx, b, &d); err != nil {
			return fmt.Errorf("seed case of %s: %w", d.order.id, err)
		}
	}
	if err := leaveFresh(ctx, b, start); err != nil {
		return fmt.Errorf("seed fresh order: %w", err)
	}
	return nil
}

func putParty(ctx context.Context, b *broker.Broker, p party) error {
	c, err := p.contact.values(p.residency)
	if err != nil {
		return err
	}
	_, _, err = b.PutParty(ctx, caller(), p.id, broker.PartyInput{
		Kind: p.kind, Locale: p.locale, Residency: p.residency, Contact: c, Source: broker.Source{Kind: "registration"},
	})
	return err
}

// values are a contact as the broker takes it, normal like those of the door.
func (c contact) values(region string) (broker.Contact, error) {
	to := broker.Contact{Values: map[masking.Field]masking.Value{}}
	for _, x := range []struct {
		field masking.Field
		text  string
	}{
		{masking.FirstName, c.firstName},
		{masking.Name, c.name},
		{masking.Email, c.email},
		{masking.Phone, c.phone},
		{masking.Instructions, c.instructions},
	} {
		if x.text == "" {
			continue
		}
		text, err := masking.Normalize(x.field, masking.NewText(x.text), region)
		if err != nil {
			return to, fmt.Errorf("%s: %w", x.field, err)
		}
		to.Values[x.field] = masking.Value{Text: text}
	}
	if c.street == "" && c.city == "" {
		return to, nil
	}
	a, err := masking.NormalizeAddress(masking.Address{
		Street: masking.NewText(c.street), City: masking.NewText(c.city), Region: masking.NewText(c.region),
		PostalCode: masking.NewText(c.postalCode), Country: c.country,
	})
	if err != nil {
		return to, err
	}
	to.Values[masking.FullAddress] = masking.Value{Address: a}
	return to, nil
}

// putOrder writes an order once, and its history as far as it is not there:
// the references tell. A step that the order's state no longer takes was
// overtaken by a visitor.
func putOrder(ctx context.Context, b *broker.Broker, o order, start time.Time) error {
	v, err := b.Transaction(ctx, o.id, "")
	if errors.Is(err, broker.ErrNotFound) {
		var in broker.TransactionInput
		if in, err = o.input(start); err == nil {
			v, _, err = b.PutTransaction(ctx, caller(), o.id, in)
		}
	}
	if err != nil {
		return err
	}
	for i, s := range o.history {
		_, _, err := b.Perform(ctx, caller(), o.id, broker.PerformanceInput{
			Obligation: s.obligation, Done: s.done, PerformedAt: v.CreatedAt.Add(time.Duration(i+1) * time.Hour),
			Reference: "seed-" + strconv.Itoa(i+1),
		}, nil)
		if err != nil && !overtaken(err) {
			return err
		}
	}
	if err := askOnce(ctx, b, o, v); err != nil {
		return err
	}
	switch {
	case o.completed:
		_, _, err = b.Complete(ctx, caller(), o.id, broker.CloseInput{Reason: "performed"}, nil)
	case o.cancelled:
		_, _, err = b.Cancel(ctx, caller(), o.id, broker.CloseInput{Reason: "not_available"}, nil)
	}
	if overtaken(err) {
		return nil
	}
	return err
}

func overtaken(err error) bool {
	return errors.Is(err, broker.ErrInvalidTransition) || errors.Is(err, broker.ErrReference) ||
		err != nil && strings.HasPrefix(err.Error(), "validation_failed")
}

// askOnce leaves a grant, or a refusal, to be looked at; it opens nothing.
func askOnce(ctx context.Context, b *broker.Broker, o order, v broker.TransactionView) error {
	if o.asks == "" {
		return nil
	}
	found, _, err := b.Disclosures(ctx, broker.Filter{Transaction: o.id, Limit: 1})
	if err != nil || len(found) > 0 {
		return err
	}
	_, _, err = b.Disclose(ctx, caller(), broker.DisclosureInput{
		Transaction: o.id, Requester: partyOf(v, o.asker).ID, Purpose: o.asks, Fields: masking.Fields(),
	}, nil)
	return err
}
