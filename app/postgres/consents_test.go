package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// A party has 64 consents in force and no more; one that has expired makes room.
func TestConsentsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	give := func(n int) error {
		recipient := broker.PartyID(fmt.Sprint("r-", n/7))
		if n%7 == 0 {
			if _, _, err := h.PutParty(context.Background(), market, recipient, ursula()); err != nil {
				t.Fatal(err)
			}
		}
		expires := noon.AddDate(0, 1, 0)
		if n == 0 {
			expires = noon.AddDate(0, 0, 1)
		}
		_, _, err := h.GiveConsent(context.Background(), h.signed("b-1", fmt.Sprint("c", n, h.clock())), "b-1", broker.Consent{
			Purpose: necessity.Purposes()[n%7], Recipient: recipient, Fields: []masking.Field{masking.Phone}, Locale: "pt-BR", ExpiresAt: expires,
		})
		return err
	}
	for n := range broker.MostConsents {
		if err := give(n); err != nil {
			t.Fatal(err)
		}
	}
	if err := give(broker.MostConsents); !errors.Is(err, broker.ErrTooManyConsents) {
		t.Errorf("one more: %v", err)
	}
	h.at(noon.AddDate(0, 0, 1))
	if err := give(broker.MostConsents); err != nil {
		t.Errorf("one has expired: %v", err)
	}
	in, err := h.Consents(context.Background(), "b-1")
	if err != nil || len(in) != broker.MostConsents || in[0].Purpose != necessity.Purposes()[broker.MostConsents%7] {
		t.Errorf("%d consents in force, %v", len(in), err)
	}
	if _, err := h.Consents(context.Background(), "x-9"); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("of nobody: %v", err)
	}
	for name, c := range map[string]broker.Caller{"the platform": market, "another": h.signed("s-1", "s")} {
		_, _, err := h.GiveConsent(context.Background(), c, "b-1", broker.Consent{Purpose: necessity.Deliver, Recipient: "s-1", ExpiresAt: noon.AddDate(0, 2, 0)})
		if !errors.Is(err, broker.ErrConsentUnattested) {
			t.Errorf("%s gives a consent: %v", name, err)
		}
	}
	page := market
	page.Word = &broker.Word{Party: "b-1"}
	if err := h.WithdrawConsent(context.Background(), page, "b-1", necessity.Deliver, in[0].Recipient); err != nil {
		t.Errorf("on the party's own page: %v", err)
	}
	h.checkLog(t)
}
