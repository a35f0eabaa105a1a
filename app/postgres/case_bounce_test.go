package postgres_test

import (
	"errors"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
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

// What the platform tells as a reversal of the payment, the buyer may confirm as a refund,
// before or after: it is one payment, and what is left is the same.
func TestARefundToldAsAReversal(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for id, first := range map[broker.TransactionID]string{"t-1": "buyer", "t-2": "platform"} {
		h.received(t, id)
		h.perform(t, id, broker.ApproveReturn, "1", "approved")
		c := h.dispute(t, id, disputes.NotAsDescribed, "100.00").ID
		h.moves(t, "s-1", c, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "60.00"})
		h.moves(t, "b-1", c, broker.CaseMove{Event: disputes.AcceptOffer, N: 1})
		tell := map[string]func() error{
			"buyer":    func() error { return h.refund(id, "b-1", "60.00", "confirmed") },
			"platform": func() error { return h.payBack(id, "60.00", "reversed") },
		}
		if err := tell[first](); err != nil {
			t.Errorf("%s first: %v", first, err)
		}
		delete(tell, first)
		for second, do := range tell {
			if err := do(); err != nil {
				t.Errorf("%s second: %v", second, err)
			}
		}
		if err := h.refund(id, "b-1", "0.01", "more"); !errors.Is(err, broker.ErrDisputed) {
			t.Errorf("%s first, and a cent more: %v", first, err)
		}
		v, err := h.Transaction(t.Context(), id, "")
		if err != nil {
			t.Fatal(err)
		}
		for _, o := range v.Obligations {
			if want, told := map[broker.Obligation]string{broker.Pay: "161.65", broker.Refund: "0.00"}[o.ID]; told && o.Done != want {
				t.Errorf("%s first: %s is %s, want %s", first, o.ID, o.Done, want)
			}
		}
		h.at(h.clock().Add(15 * day))
		h.judge(t)
		h.is(t, c, disputes.Closed)
	}
	h.checkLog(t)
}

// Where all is paid no case about the payment holds anything up, whatever its reason.
func TestACaseAboutWhatIsPaid(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	h.perform(t, "t-1", broker.Pay, "200.00", "paid")
	in := broker.CaseInput{Transaction: "t-1", By: "s-1", Reason: disputes.OtherReason, Lines: []broker.Obligation{broker.Pay}, Amount: "21.66"}
	if _, _, err := h.OpenCase(t.Context(), market, in, nil); fault.Of(err).Code != "out_of_range" {
		t.Errorf("more than is still to be paid: %v", err)
	}
	h.received(t, "t-2")
	in.Transaction, in.Amount = "t-2", ""
	for _, lines := range [][]broker.Obligation{{broker.Pay}, {broker.Return, broker.Pay}} {
		in.Lines = lines
		if _, _, err := h.OpenCase(t.Context(), market, in, nil); fault.Of(err).Code != "out_of_range" || fault.Of(err).Fields[0].Pointer != "/amount" {
			t.Errorf("all of it is paid, about %v: %v", lines, err)
		}
	}
	if err := h.payBack("t-2", "221.65", "back"); err != nil {
		t.Error(err)
	}
	h.checkLog(t)
}

// What a proposal rests on is opened by who could approve it, and by nobody else beside
// whoever has the case.
func TestWhoOpensWhatIsProposed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.LargeCase = "100.00"
	id := h.reviewed(t, "t-1")
	opens := func(who broker.Staff, may bool) {
		t.Helper()
		_, _, texts := h.TextsOfCase(t.Context(), who, id, nil)
		_, item := h.OpenStaffEvidence(t.Context(), who, id, 1)
		for _, err := range []error{texts, item} {
			if may && err != nil || !may && !errors.Is(err, broker.ErrNotAssigned) {
				t.Errorf("%s: %v", who.Account, err)
			}
		}
	}
	opens(lena, false) // nothing is proposed yet
	h.handles(t, hanna, id, half)
	of := func(role string, approves bool, makers ...string) broker.Staff {
		return broker.Staff{Account: "hnd_other", Role: role, Approves: approves, Makers: makers}
	}
	opens(lena, true)
	opens(hanna, true)  // whose case it is
	opens(heidi, false) // a lead has to approve it
	opens(of("lead", true, hanna.Account), false)
	opens(of("lead", false), false)
	h.LargeCase = "500.00"
	opens(heidi, true)
	opens(of("handler", true, hanna.Account), false)
	h.checkLog(t)
}
