package postgres_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking/fault"
)

func (h *house) refund(id broker.TransactionID, by broker.PartyID, amount, reference string) error {
	_, _, err := h.Perform(context.Background(), platform, id, broker.PerformanceInput{
		Obligation: broker.Refund, Done: amount, PerformedAt: h.clock(), Reference: reference, By: by,
	}, nil)
	return err
}

// owes opens a case of the seller's about what the buyer has not paid.
func (h *house) owes(id broker.TransactionID, amount string) (broker.CaseView, error) {
	v, _, err := h.OpenCase(context.Background(), market, broker.CaseInput{
		Transaction: id, By: "s-1", Reason: disputes.NotPaid, Lines: []broker.Obligation{broker.Pay}, Amount: amount,
	}, nil)
	return v, err
}

// A bank that has a case lets out what that case is about, once: neither in slices, nor by
// coming back and going out again, nor past another case.
func TestASmallCaseOutsideLetsOutNoMore(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	h.dispute(t, "t-1", disputes.Damaged, "")
	v, _, err := h.OpenCase(t.Context(), market, broker.CaseInput{
		Transaction: "t-1", By: "b-1", Reason: disputes.NotReceived, Lines: []broker.Obligation{broker.Ship}, Amount: "5.00",
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	out, in := broker.CaseMove{Event: disputes.GoOutside, Reason: "chargeback"}, broker.CaseMove{Event: disputes.ComeBack}
	h.handles(t, lena, v.ID, out)
	held := func(id broker.TransactionID, amount, reference string) {
		t.Helper()
		if err := h.payBack(id, amount, reference); !errors.Is(err, broker.ErrDisputed) {
			t.Errorf("%s, %s: %v", reference, amount, err)
		}
	}
	held("t-1", "6.00", "more")
	for _, slice := range []string{"3.00", "2.00"} {
		if err := h.payBack("t-1", slice, slice); err != nil {
			t.Error(err)
		}
	}
	held("t-1", "0.01", "once more")
	h.handles(t, lena, v.ID, in)
	h.handles(t, lena, v.ID, out)
	held("t-1", "0.01", "out again")
	h.perform(t, "t-1", broker.Pay, "2.00", "2.00") // the bank has given it back
	if err := h.payBack("t-1", "2.00", "taken anew"); err != nil {
		t.Error(err)
	}
	held("t-1", "0.01", "after that")

	h.received(t, "t-2")
	alone := h.dispute(t, "t-2", disputes.Damaged, "10.00").ID
	h.handles(t, lena, alone, out)
	held("t-2", "10.01", "more than it is about")
	if err := h.payBack("t-2", "10.00", "as much"); err != nil {
		t.Error(err)
	}
	h.checkLog(t)
}

// An instalment is no bounced refund; a payment with the refund's reference is.
func TestAnInstalmentIsNoBounce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	for o, done := range map[broker.Obligation]string{broker.Pay: "121.65", broker.Accept: "1", broker.Ship: "1", broker.Deliver: "1"} {
		h.perform(t, "t-1", o, done, string(o))
	}
	id := h.dispute(t, "t-1", disputes.Damaged, "100.00").ID
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "60.00"})
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 1})
	if err := h.payBack("t-1", "60.00", "agreed"); err != nil {
		t.Fatal(err)
	}
	h.perform(t, "t-1", broker.Pay, "100.00", "instalment")
	if err := h.payBack("t-1", "0.01", "doubled"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("an instalment lets more out: %v", err)
	}
	h.perform(t, "t-1", broker.Pay, "60.00", "agreed") // it has bounced
	if err := h.payBack("t-1", "60.00", "anew"); err != nil {
		t.Error(err)
	}
	h.checkLog(t)
}

// The buyer's word and the platform's are about one payment, whoever tells of it first,
// and in a case of the seller's, too. Such a case is about no more than is still to be paid.
func TestOneRefundToldTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []broker.TransactionID{"t-1", "t-2"} {
		h.order(t, id)
		h.perform(t, id, broker.Pay, "200.00", "paid")
		h.perform(t, id, broker.Accept, "1", "accepted")
		h.perform(t, id, broker.ApproveReturn, "1", "approved")
		for _, much := range []string{"21.66", "221.65"} {
			if _, err := h.owes(id, much); fault.Of(err).Code != "out_of_range" || fault.Of(err).Fields[0].Pointer != "/amount" {
				t.Errorf("%s of 21.65: %v", much, err)
			}
		}
		if v, err := h.owes(id, ""); err != nil || v.Amount != 2165 {
			t.Fatalf("%v, about %v", err, v.Amount)
		}
	}
	for id, first := range map[broker.TransactionID]broker.PartyID{"t-1": "b-1", "t-2": ""} {
		second := broker.PartyID("b-1")
		if first == "b-1" {
			second = ""
		}
		for _, by := range []broker.PartyID{first, second} {
			if err := h.refund(id, by, "178.35", "back by "+string(by)); err != nil {
				t.Errorf("%s, told by %q: %v", id, by, err)
			}
		}
		if err := h.refund(id, "b-1", "0.01", "past it"); !errors.Is(err, broker.ErrDisputed) {
			t.Errorf("%s: more than is free: %v", id, err)
		}
		v, err := h.Transaction(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range v.Obligations {
			if o.ID == broker.Refund && o.Done != "178.35" {
				t.Errorf("%s: %s is back", id, o.Done)
			}
		}
	}
	h.perform(t, "t-1", broker.Pay, "21.65", "rest")
	h.received(t, "t-3")
	if _, err := h.owes("t-3", ""); fault.Of(err).Code != "out_of_range" {
		t.Errorf("all of it is paid: %v", err)
	}
	h.checkLog(t)
}

// What the sides were asked for goes on after a case was outside with the time that was
// left, and the entry and a letter say until when. What was over before stays so.
func TestTimeForEvidenceStandsStillOutside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.claimed(t, "t-1")
	begun := h.clock()
	ask := broker.CaseMove{Event: disputes.AskEvidence, Wanted: []disputes.Point{
		{By: disputes.Buyer, Type: disputes.PhotoItem, Due: begun.Add(72 * time.Hour)},
		{By: disputes.Buyer, Type: disputes.Invoice, Due: begun.Add(49 * time.Hour)},
		{By: disputes.Seller, Type: disputes.Tracking, Due: begun.Add(96 * time.Hour)},
	}}
	h.handles(t, hanna, id, ask)
	h.at(begun.Add(50 * time.Hour))
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.GoOutside, Reason: "adr"})
	h.at(h.clock().Add(20 * day))
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.ComeBack})
	all, err := h.Letters(t.Context(), "b-1", id, "en")
	if err != nil || len(all) != 2 {
		t.Fatalf("%d letters: %v", len(all), err)
	}
	on := func(at time.Time) string { return ", by " + at.UTC().Format("2 January 2006, 15:04 UTC") }
	photo, seller := begun.Add(72*time.Hour+20*day), begun.Add(96*time.Hour)
	first, second := all[0].Text.Reveal(), all[1].Text.Reveal()
	if !strings.Contains(first, on(ask.Wanted[0].Due)) || !strings.Contains(first, on(ask.Wanted[1].Due)) || strings.Contains(first, on(seller)) {
		t.Errorf("each side its own times:\n%s", first)
	}
	if !strings.Contains(second, on(photo)) || strings.Count(second, ", by ") != 1 {
		t.Errorf("what is open yet:\n%s", second)
	}
	h.hands(t, "b-1", id, disputes.PhotoItem, "in time")
	h.hands(t, "b-1", id, disputes.Invoice, "too late")
	v := h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Rest})
	if v.State != disputes.Evidence || v.Items[0].Standing != disputes.Staged || v.Items[1].Standing != disputes.Late || !v.Deadline.Equal(seller.Add(20*day)) {
		t.Errorf("%s until %s, %+v", v.State, v.Deadline, v.Items)
	}
	h.checkLog(t)
}
