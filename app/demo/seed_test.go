package demo_test

import (
	"slices"
	"testing"

	"bauta.dev/bauta/app/demo"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/ledger"
)

// A second start changes nothing; a start after visitors leaves them a fresh order. What
// is seeded has cases that can be proven to both sides.
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
	for _, order := range []broker.TransactionID{"parcel-71", "parcel-72", "parcel-73"} {
		h.bundled(t, order)
	}
	if _, err := h.store.Check(t.Context(), func(int64, int64) {}); err != nil {
		t.Error(err)
	}
}

// bundled makes each side's bundle of the case of an order: each has a decision in it,
// which follows from the policies.
func (h *house) bundled(t *testing.T, order broker.TransactionID) {
	t.Helper()
	vkey, _ := h.store.Verifier()
	trust, err := ledger.TrustKeys(vkey)
	if err != nil {
		t.Fatal(err)
	}
	found, _, err := h.Cases(t.Context(), broker.CaseFilter{Transaction: order, Limit: 1})
	if err != nil || len(found) != 1 {
		t.Fatal(order, found, err)
	}
	for _, side := range []broker.PartyID{found[0].Buyer, found[0].Seller} {
		file, err := h.CaseBundle(t.Context(), broker.Caller{Key: "k"}, side, found[0].ID)
		if err != nil {
			t.Fatal(order, side, err)
		}
		p, err := bundle.Verify(file, trust)
		if err != nil {
			t.Fatal(order, side, err)
		}
		var verdicts []bundle.Verdict
		for _, e := range p.Entries {
			if e.Verdict != "" {
				verdicts = append(verdicts, e.Verdict)
			}
		}
		if !slices.Equal(verdicts, []bundle.Verdict{bundle.Follows}) {
			t.Errorf("%s, to %s: %v", order, side, verdicts)
		}
	}
}
