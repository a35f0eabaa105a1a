package postgres_test

import (
	"strconv"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking/fault"
)

// Whether a document will be kept is known before it is drawn; one that was sent before
// has its answer, however many there are now.
func TestDocumentsAreCountedFirst(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	once := func(i int) *broker.Outcome { return h.NewOutcome(market, "document", strconv.Itoa(i), nil) }
	const most = 32
	for i := range most {
		if err := h.TakesDocument(t.Context(), id, once(i)); err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
		in := broker.DocumentInput{Kind: "licence", Media: "image/png", Original: []byte("x"), Shows: "image/png", Derivative: []byte("x")}
		if _, _, err := h.StoreDocument(t.Context(), market, id, in, once(i)); err != nil {
			t.Fatalf("document %d: %v", i, err)
		}
	}
	for _, x := range []*broker.Outcome{nil, once(most)} {
		if err := h.TakesDocument(t.Context(), id, x); fault.Of(err).Code != "too_many" {
			t.Errorf("one more: %v", err)
		}
	}
	if err := h.TakesDocument(t.Context(), id, once(most-1)); err != nil {
		t.Errorf("the last one again: %v", err)
	}
	if _, _, err := h.CloseMerchant(t.Context(), market, id, broker.MerchantMove{Reason: "other"}, nil); err != nil {
		t.Fatal(err)
	}
	if err := h.TakesDocument(t.Context(), id, nil); fault.Of(err).Code != "invalid_transition" {
		t.Errorf("when it is over: %v", err)
	}
}
