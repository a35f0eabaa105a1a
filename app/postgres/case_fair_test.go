package postgres_test

import (
	"errors"
	"slices"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

func clockOf(v broker.CaseView, name string) disputes.Clock {
	i := slices.IndexFunc(v.Clocks, func(c disputes.Clock) bool { return c.Name == name })
	if i < 0 {
		return disputes.Clock{}
	}
	return v.Clocks[i]
}

// claimed is a case that hanna works on, two days old.
func (h *house) claimed(t *testing.T, id broker.TransactionID) broker.CaseID {
	t.Helper()
	h.received(t, id)
	c := h.dispute(t, id, disputes.Damaged, "100.00").ID
	h.at(h.clock().Add(49 * time.Hour))
	h.moves(t, "b-1", c, broker.CaseMove{Event: disputes.Escalate})
	h.handles(t, hanna, c, toHim)
	return c
}

// Our own clock stands still while the sides are waited for, also when the case comes
// back to that from outside.
func TestOurClockWaitsAsLongAsTheSidesDo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.claimed(t, "t-1")
	ask := question
	ask.Due = h.clock().Add(72 * time.Hour)
	h.handles(t, hanna, id, ask)
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.GoOutside, Reason: "adr"})
	h.at(h.clock().Add(10 * day))
	v := h.handles(t, lena, id, broker.CaseMove{Event: disputes.ComeBack})
	if c := clockOf(v, disputes.DecisionClock); v.State != disputes.Evidence || c.State(h.clock()) != "paused" || len(c.Paused) != 1 {
		t.Errorf("%s, and our clock is %+v", v.State, c)
	}
	if c := clockOf(v, disputes.EvidenceClock); !c.Due.Equal(h.clock().Add(72*time.Hour)) || !v.Deadline.Equal(c.Due) {
		t.Errorf("the sides have until %s", c.Due)
	}
	h.at(h.clock().Add(73 * time.Hour))
	h.judge(t)
	if c := clockOf(h.is(t, id, disputes.UnderReview), disputes.DecisionClock); c.State(h.clock()) != "running" {
		t.Errorf("our clock: %+v", c)
	}
	h.checkLog(t)
}

// A clock that was a year ahead, and is set right: what comes then stands behind what was
// written, and is due when the clock that is right says.
func TestClockThatWasAheadIsSetRight(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.Damaged, "100.00").ID
	right := h.clock().Add(time.Hour)
	h.at(right.Add(15 * day))
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("posted")})
	h.at(right)
	v := h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate})
	if c := clockOf(v, disputes.ResolveClock); !c.Due.Equal(right.Add(90*day)) || v.UpdatedAt.Before(right.Add(15*day)) {
		t.Errorf("due %s, updated %s", c.Due, v.UpdatedAt)
	}
	h.handles(t, hanna, id, toHim)
	ask := question
	ask.Due = right.Add(48 * time.Hour)
	if v = h.handles(t, hanna, id, ask); v.State != disputes.Evidence || !v.Deadline.Equal(ask.Due) {
		t.Errorf("%s until %s", v.State, v.Deadline)
	}
	h.hands(t, "b-1", id, disputes.PhotoItem, "photo")
	if v = h.is(t, id, disputes.Evidence); v.Items[0].Standing != disputes.Staged {
		t.Errorf("within its time it is %s", v.Items[0].Standing)
	}
	h.at(ask.Due.Add(time.Second))
	h.judge(t)
	h.is(t, id, disputes.UnderReview)
	h.checkLog(t)
}

// What is asked for has a time for each item. A round lasts until all who were asked in
// it have said that they have no more, or have no time any more; what one side hands in
// after its own time is late, though the other's goes on.
func TestEachSideHasItsOwnTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.claimed(t, "t-1")
	begun := h.clock()
	soon, later := begun.Add(48*time.Hour), begun.Add(10*day)
	ask := broker.CaseMove{Event: disputes.AskEvidence, Wanted: []disputes.Point{
		{By: disputes.Buyer, Type: disputes.PhotoItem, Due: soon}, {By: disputes.Seller, Type: disputes.Tracking, Due: later},
	}}
	early := ask
	early.Wanted = []disputes.Point{ask.Wanted[1], {By: disputes.Buyer, Type: disputes.PhotoItem, Due: begun.Add(47 * time.Hour)}}
	h.halted(t, hanna, id, early, "too_soon")
	if v := h.handles(t, hanna, id, ask); !v.Deadline.Equal(later) || !v.Checklist[0].Due.Equal(soon) {
		t.Errorf("the round lasts until %s, and the photo until %s", v.Deadline, v.Checklist[0].Due)
	}
	rest := broker.CaseMove{Event: disputes.Rest}
	if v := h.moves(t, "s-1", id, rest); v.State != disputes.Evidence || !v.Deadline.Equal(soon) || !clockOf(v, disputes.EvidenceClock).Due.Equal(soon) {
		t.Errorf("%s until %s: only the buyer is waited for", v.State, v.Deadline)
	}
	h.at(soon)
	h.judge(t)
	h.is(t, id, disputes.UnderReview)

	// In the next round nobody waits for who was asked in the one before.
	again := h.clock()
	ask = broker.CaseMove{Event: disputes.AskEvidence, Due: again.Add(3 * day), Wanted: []disputes.Point{{By: disputes.Seller, Type: disputes.Invoice}}}
	h.handles(t, hanna, id, ask)
	if v := h.moves(t, "s-1", id, rest); v.State != disputes.UnderReview {
		t.Errorf("%s, though all who were asked have no more", v.State)
	}
	h.checkLog(t)

	id = h.claimed(t, "t-2")
	begun = h.clock()
	h.handles(t, hanna, id, broker.CaseMove{Event: disputes.AskEvidence, Wanted: []disputes.Point{
		{By: disputes.Buyer, Type: disputes.PhotoItem, Due: begun.Add(2 * day)}, {By: disputes.Seller, Type: disputes.Tracking, Due: begun.Add(5 * day)},
	}})
	h.at(begun.Add(3 * day))
	h.hands(t, "b-1", id, disputes.PhotoItem, "too late")
	h.hands(t, "s-1", id, disputes.Tracking, "in time")
	if v := h.is(t, id, disputes.Evidence); v.Items[0].Standing != disputes.Late || v.Items[1].Standing != disputes.Staged {
		t.Errorf("%+v", v.Items)
	}
	if v := h.moves(t, "s-1", id, rest); v.State != disputes.UnderReview || v.Items[0].Standing != disputes.Late || v.Items[1].Standing != disputes.Submitted {
		t.Errorf("%s: the buyer has no time any more; %+v", v.State, v.Items)
	}
	h.checkLog(t)
}

// A seller's case about a cent holds up a cent. What was paid for and is in dispute holds
// up all of it. Whoever offers may give more than the case is about, and no more than was paid.
func TestWhatACaseHoldsUp(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	v, _, err := h.OpenCase(t.Context(), market, broker.CaseInput{
		Transaction: "t-1", By: "s-1", Reason: disputes.NotReturned, Lines: []broker.Obligation{broker.Return}, Amount: "0.01",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := h.payBack("t-1", "221.65", "all"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("the cent, too: %v", err)
	}
	if err := h.payBack("t-1", "200.00", "most"); err != nil {
		t.Errorf("what nobody disputes: %v", err)
	}
	offer := broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "21.66"}
	h.stopped(t, "s-1", v.ID, offer, "out_of_range")
	offer.Amount = "21.65"
	h.moves(t, "s-1", v.ID, offer)
	if err := h.payBack("t-1", "21.65", "offered"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("before it is accepted: %v", err)
	}
	h.moves(t, "b-1", v.ID, broker.CaseMove{Event: disputes.AcceptOffer, N: 1})
	if err := h.payBack("t-1", "21.65", "accepted"); err != nil {
		t.Errorf("what both agreed on: %v", err)
	}
	h.received(t, "t-2")
	h.dispute(t, "t-2", disputes.Damaged, "0.01")
	if err := h.payBack("t-2", "1.00", "past it"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("past a case about what was paid for: %v", err)
	}
	h.checkLog(t)
}

// What a case is about is not completed before it is over; and it can be cancelled, but
// nothing that the case is about is let off by that, nor opened.
func TestACaseOutlivesItsTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.deal(t, "t-1", "b-1", "s-1")
	h.perform(t, "t-1", broker.Accept, "1", "stock")
	id := h.disputes(t, "t-1", "b-1")
	_, _, err := h.Complete(t.Context(), market, "t-1", broker.CloseInput{Reason: "performed"}, nil)
	if f := fault.Of(err); f.Code != "disputed" || slices.Contains(f.Allowed, "completion") || !slices.Contains(f.Allowed, "cancellation") {
		t.Errorf("completed: %v, allowed %v", err, f.Allowed)
	}
	v, _, err := h.Cancel(t.Context(), market, "t-1", broker.CloseInput{Reason: "seller_withdrew"}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range v.Obligations {
		if waived := o.State == "waived"; waived != (o.ID == broker.Ship) { // pay and accept are done, deliver is in dispute
			t.Errorf("%s is %s", o.ID, o.State)
		}
	}
	if d := h.ask(t, "t-1", "s-1", necessity.Deliver); d.Decision != "refused" {
		t.Errorf("%s after the end", d.Decision)
	}
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Withdraw})
	h.checkLog(t)
}

// Two cases about halves of an amount that is large are together as large; and a handler
// who cannot approve is not told that he can.
func TestHalvesAreALargeCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	v := h.handles(t, hanna, id, half)
	allowed := func(who broker.Staff) []states.Event {
		seen, err := h.StaffCase(t.Context(), who, id)
		if err != nil {
			t.Fatal(err)
		}
		return seen.Allowed
	}
	if len(v.SecondFor) != 0 || !slices.Contains(allowed(heidi), disputes.Approve) || slices.Contains(allowed(hanna), disputes.Approve) {
		t.Errorf("second for %v", v.SecondFor)
	}
	h.LargeCase = "150.00"
	if _, _, err := h.OpenCase(t.Context(), market, broker.CaseInput{
		Transaction: "t-1", By: "s-1", Reason: disputes.NotReturned, Lines: []broker.Obligation{broker.Return}, Amount: "50.00",
	}, nil); err != nil {
		t.Fatal(err)
	}
	h.halted(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}, "lead_needed")
	if slices.Contains(allowed(heidi), disputes.Approve) || !slices.Contains(allowed(heidi), disputes.SendBack) || !slices.Contains(allowed(lena), disputes.Approve) {
		t.Errorf("a handler %v, a lead %v", allowed(heidi), allowed(lena))
	}
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("I withdraw all of it")})
	h.halted(t, lena, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}, "proposal_changed")
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Approve, Hash: h.is(t, id, disputes.Proposed).Hash})
	h.checkLog(t)
}
