package postgres_test

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// One side makes 20 offers, and its messages and its looks are counted, each for itself.
// Where those end, TestBoundsOfASide says.
func TestBoundsOfACase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.Damaged, "100.00").ID
	h.hands(t, "b-1", id, disputes.PhotoItem, "photo")
	say := broker.CaseMove{Event: disputes.Message, Text: masking.NewText("and another thing")}
	h.moves(t, "s-1", id, say)
	h.moves(t, "s-1", id, say)
	h.moves(t, "b-1", id, say)
	if v := h.handles(t, lena, id, say); v.Written[disputes.Seller] != 2 || v.Written[disputes.Buyer] != 1 || len(v.Written) != 2 {
		t.Errorf("messages are counted as %v", v.Written)
	}
	none := broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferNone}
	for range 20 {
		h.moves(t, "s-1", id, none)
	}
	h.stopped(t, "b-1", id, none, "too_many")
	for _, who := range []broker.PartyID{"s-1", "s-1", "b-1"} {
		if _, err := h.OpenEvidence(t.Context(), market, who, id, 1); err != nil {
			t.Fatal(err)
		}
	}
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate})
	h.handles(t, hanna, id, toHim)
	if _, err := h.OpenStaffEvidence(t.Context(), hanna, id, 1); err != nil {
		t.Errorf("who has the case looks: %v", err)
	}
	if f := h.find(t, id); f.Looked[disputes.Seller] != 2 || f.Looked[disputes.Buyer] != 1 || len(f.Looked) != 2 {
		t.Errorf("looks are counted as %v", f.Looked)
	}
	h.checkLog(t)
}

// There are ten cases about one transaction, each about what the last one was about.
func TestTenCasesAboutATransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deal(t, "t-1", "b-1", "s-1")
	in := lost("t-1", "b-1")
	for n := range 11 {
		v, _, err := h.OpenCase(t.Context(), market, in, nil)
		if n == 10 {
			if fault.Of(err).Code != "too_many" {
				t.Errorf("case %d: %v", n+1, err)
			}
			break
		}
		if err != nil {
			t.Fatalf("case %d: %v", n+1, err)
		}
		h.moves(t, "b-1", v.ID, broker.CaseMove{Event: disputes.Withdraw})
		in.Follows = v.ID
	}
}

// A decision waits for what an endpoint was not told, for a day in all: that one of the
// sides goes on talking, or that the staff say more, makes it no longer.
func TestADecisionWaitsADayForAnEndpoint(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	h.listen(t)
	say := broker.CaseMove{Event: disputes.Message, Text: masking.NewText("wait")}
	h.moves(t, "s-1", id, say)
	h.handles(t, hanna, id, half) // what one side says holds up nothing
	said := h.clock()
	h.handles(t, lars, id, say)
	v := h.is(t, id, disputes.Proposed)
	approve := broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}
	h.halted(t, heidi, id, approve, "not_told")
	h.handles(t, lars, id, broker.CaseMove{Event: disputes.Release})
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Assign, To: lena.Account})
	h.at(said.Add(20 * time.Hour))
	h.moves(t, "s-1", id, say)
	h.handles(t, lars, id, say)
	h.halted(t, lena, id, half, "not_told")
	h.at(said.Add(24*time.Hour + time.Microsecond))
	h.moves(t, "s-1", id, say)
	h.handles(t, lars, id, say) // a minute ago, and for an endpoint that is down since yesterday
	v = h.handles(t, lena, id, half)
	if v = h.handles(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}); v.State != disputes.Decided {
		t.Error(v.State)
	}
	h.checkLog(t)
}
