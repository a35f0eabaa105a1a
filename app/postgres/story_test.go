package postgres_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

func TestMainStory(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")

	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if v.Decision != "refused" || len(v.Values) != 0 || v.Reasons[0].Code != necessity.NoPerformance {
		t.Fatalf("before performance: %s, %v", v.Decision, v.Reasons)
	}
	if want := (broker.Missing{Obligation: broker.Pay, Need: "221.65", Have: "0.00"}); v.Reasons[0].Missing[0] != want && v.Reasons[0].Missing[1] != want {
		t.Errorf("missing = %v, want %v among them", v.Reasons[0].Missing, want)
	}

	h.perform(t, "t-1", broker.Pay, "221.65", "card/1")
	h.perform(t, "t-1", broker.Accept, "1", "stock")
	v = h.ask(t, "t-1", "s-1", necessity.Deliver)
	if v.Decision != "granted" || v.Ground != necessity.Ground3b || v.ViewsLeft != 19 {
		t.Fatalf("after payment and acceptance: %s under %q, %d views left", v.Decision, v.Ground, v.ViewsLeft)
	}
	if len(v.Values) != 3 || v.Values[masking.Name].Text.Reveal() != "Giovana Teixeira" ||
		v.Values[masking.Phone].Text.Reveal() != "+5587991935795" ||
		v.Values[masking.FullAddress].Address.Street.Reveal() != "Estrada do Coco, 2138" {
		t.Errorf("exactly name, address and phone should open; %d values did", len(v.Values))
	}

	again, _, err := h.View(context.Background(), market, v.ID, "s-1", nil)
	if err != nil || again.ViewsLeft != 18 || len(again.Values) != 3 {
		t.Fatalf("view: %v, %d left, %d values", err, again.ViewsLeft, len(again.Values))
	}
	if _, _, err := h.View(context.Background(), market, v.ID, "b-1", nil); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("the subject views a grant on itself: %v, want not found", err)
	}

	h.perform(t, "t-1", broker.Ship, "1", "ship/1")
	h.perform(t, "t-1", broker.Deliver, "1", "parcel/1")
	h.at(noon.Add(14*24*time.Hour + time.Second))
	if _, _, err := h.View(context.Background(), market, v.ID, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("14 days after delivery: %v, want gone", err)
	}
	h.checkLog(t)
}

func TestReversalSuspends(t *testing.T) {
	t.Parallel()
	h := due(t)
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if _, _, err := h.Reverse(context.Background(), platform, "t-1", broker.PerformanceInput{
		Obligation: broker.Pay, Done: "221.65", PerformedAt: h.clock(), Reference: "chargeback/1",
	}, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := h.View(context.Background(), market, v.ID, "s-1", nil); !errors.Is(err, broker.ErrGone) {
		t.Errorf("after the payment went back: %v, want gone", err)
	}
	h.perform(t, "t-1", broker.Pay, "221.65", "card/2")
	if got, err := h.Disclosure(context.Background(), v.ID, "s-1"); err != nil || got.State != "suspended" {
		t.Errorf("paying again brings the grant back: %v %v", got.State, err)
	}
	if v := h.ask(t, "t-1", "s-1", necessity.Deliver); v.Decision != "granted" {
		t.Errorf("a new request after paying again: %s", v.Decision)
	}
	h.checkLog(t)
}

func TestSupersededValueStaysClosed(t *testing.T) {
	t.Parallel()
	h := due(t)
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	in := giovana()
	in.Contact = broker.Contact{Values: map[masking.Field]masking.Value{masking.Phone: {Text: masking.NewText("+5587991930000")}}}
	if _, _, err := h.PutParty(context.Background(), market, "b-1", in); err != nil {
		t.Fatal(err)
	}
	got, _, err := h.View(context.Background(), market, v.ID, "s-1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, shown := got.Values[masking.Phone]; shown || len(got.Superseded) != 1 || got.Superseded[0] != masking.Phone || len(got.Values) != 2 {
		t.Errorf("a changed phone: shown %v, superseded %v, %d values", shown, got.Superseded, len(got.Values))
	}
	h.checkLog(t)
}
