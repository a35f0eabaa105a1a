package demo_test

import (
	"testing"

	"bauta.dev/bauta/app/demo"
	"bauta.dev/bauta/broker"
)

// A second start changes nothing; a start after visitors leaves them a fresh order.
func TestSeedTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	before, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Seed(t.Context(), h.Broker, h.clock); err != nil {
		t.Fatal(err)
	}
	after, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if after.Size != before.Size {
		t.Errorf("a second start wrote %d entries, want none", after.Size-before.Size)
	}
	_, _, err = h.Perform(t.Context(), broker.Caller{Key: "k", Source: "payment"}, "order-1001", broker.PerformanceInput{
		Obligation: broker.Pay, Done: "10.00", PerformedAt: h.clock(), Reference: "r-1",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := demo.Seed(t.Context(), h.Broker, h.clock); err != nil {
		t.Fatal(err)
	}
	if v, err := h.Transaction(t.Context(), "order-1002", ""); err != nil || v.State != "open" {
		t.Errorf("after a visit: %v, state %q, want a fresh order-1002", err, v.State)
	}
	if _, err := h.store.Check(t.Context(), func(int64, int64) {}); err != nil {
		t.Error(err)
	}
}
