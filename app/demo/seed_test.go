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
	for order, state := range map[broker.TransactionID]string{"parcel-71": "negotiation", "parcel-72": "settled", "parcel-73": "claim"} {
		found, _, err := h.Cases(t.Context(), broker.CaseFilter{Transaction: order, Limit: 2})
		if err != nil || len(found) != 1 || string(found[0].State) != state {
			t.Errorf("the case of %s: %v %v, want one in %s", order, found, err, state)
		}
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
