package postgres_test

import (
	"errors"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// owedYet pays back all that a case lets be paid back yet, which is this and no cent more.
func (h *house) owedYet(t *testing.T, id broker.TransactionID, amount, more, reference string) {
	t.Helper()
	if err := h.payBack(id, more, reference+", too much"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("%s: %s: %v", reference, more, err)
	}
	if err := h.payBack(id, amount, reference); err != nil {
		t.Errorf("%s: %s: %v", reference, amount, err)
	}
	if err := h.payBack(id, "0.01", reference+", a cent more"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("%s: a cent more: %v", reference, err)
	}
}

// A refund that bounces while the case is appealed is owed with what the appeal comes to,
// and the case is not over before all of it is paid.
func TestARefundBouncesOnAppeal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	v := h.handles(t, hanna, id, half)
	h.handles(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	if err := h.payBack("t-1", "60.00", "decided"); err != nil {
		t.Fatal(err)
	}
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "new_facts", Text: masking.NewText("the lens is broken, too")})
	h.perform(t, "t-1", broker.Pay, "60.00", "decided") // it has bounced
	if err := h.payBack("t-1", "0.01", "on appeal"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("nothing is decided: %v", err)
	}
	h.handles(t, lena, id, toHim)
	whole := half
	whole.Outcome, whole.Amount = disputes.Refund, ""
	v = h.handles(t, lena, id, whole)
	if v = h.handles(t, lars, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}); v.State != disputes.Final || v.Decision.Amount != 10000 {
		t.Fatalf("%s, %v", v.State, v.Decision.Amount)
	}
	h.at(h.clock().Add(15 * day))
	h.judge(t)
	h.is(t, id, disputes.Final) // nothing of it is with the buyer
	h.owedYet(t, "t-1", "100.00", "100.01", "final")
	h.at(h.clock().Add(15 * day))
	h.judge(t)
	h.is(t, id, disputes.Closed)
	h.checkLog(t)
}

// What was agreed, paid in part and not kept is a claim again. What bounces then is owed
// with what is decided; what a bank took and gave back likewise.
func TestARefundBouncesOnAClaim(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.NotAsDescribed, "100.00").ID
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "60.00"})
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 1})
	if err := h.payBack("t-1", "30.00", "agreed"); err != nil {
		t.Fatal(err)
	}
	h.at(h.clock().Add(15 * day))
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate})
	h.perform(t, "t-1", broker.Pay, "30.00", "agreed") // it has bounced
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.GoOutside, Reason: "chargeback"})
	if err := h.payBack("t-1", "20.00", "bank"); err != nil {
		t.Fatal(err)
	}
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.ComeBack})
	h.handles(t, hanna, id, toHim)
	ask := question
	ask.Due = h.clock().Add(72 * time.Hour)
	h.handles(t, hanna, id, ask)
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Rest})
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Rest})
	v := h.handles(t, hanna, id, half)
	h.handles(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	h.owedYet(t, "t-1", "40.00", "40.01", "decided")
	h.perform(t, "t-1", broker.Pay, "20.00", "bank") // the bank has given it back
	h.owedYet(t, "t-1", "20.00", "20.01", "the bank's part")
	h.perform(t, "t-1", broker.Pay, "40.00", "decided")
	h.owedYet(t, "t-1", "40.00", "40.01", "anew")
	h.checkLog(t)
}
