package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

const day = disputes.Day

var heidi = broker.Staff{Account: "hnd_heidi", Role: "handler", Approves: true}

// received is an order that is paid and, the carrier says, delivered.
func (h *house) received(tb testing.TB, id broker.TransactionID) {
	tb.Helper()
	h.order(tb, id)
	for o, done := range map[broker.Obligation]string{broker.Pay: "221.65", broker.Accept: "1", broker.Ship: "1", broker.Deliver: "1"} {
		h.perform(tb, id, o, done, string(o)+"/"+string(id))
	}
}

// dispute opens a case of the buyer's about an order.
func (h *house) dispute(tb testing.TB, id broker.TransactionID, reason disputes.Reason, amount string) broker.CaseView {
	tb.Helper()
	v, _, err := h.OpenCase(context.Background(), market, broker.CaseInput{
		Transaction: id, By: "b-1", Reason: reason, Lines: []broker.Obligation{broker.Deliver}, Amount: amount, Statement: masking.NewText("the box was empty"),
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// stopped and halted are moves that must fail with a code.
func (h *house) stopped(tb testing.TB, who broker.PartyID, id broker.CaseID, m broker.CaseMove, code string) {
	tb.Helper()
	_, _, err := h.MoveCase(context.Background(), market, who, id, m, nil)
	if fault.Of(err).Code != code {
		tb.Errorf("%s by %s: %v, want %s", m.Event, who, err, code)
	}
}

func (h *house) halted(tb testing.TB, who broker.Staff, id broker.CaseID, m broker.CaseMove, code string) {
	tb.Helper()
	_, _, err := h.MoveStaffCase(context.Background(), who, id, m, nil)
	if fault.Of(err).Code != code {
		tb.Errorf("%s by %s: %v, want %s", m.Event, who.Account, err, code)
	}
}

func (h *house) hands(tb testing.TB, who broker.PartyID, id broker.CaseID, kind disputes.EvidenceType, content string) broker.CaseView {
	tb.Helper()
	v, _, err := h.AddEvidence(context.Background(), market, who, id, broker.EvidenceInput{
		Type: kind, Media: "image/png", Shows: "image/png", Original: []byte(content), Derivative: []byte("shown " + content), Note: masking.NewText("as it came"),
	}, nil)
	if err != nil {
		tb.Fatalf("%s by %s: %v", kind, who, err)
	}
	return v
}

// judge has the broker look after the timers of cases that are due.
func (h *house) judge(tb testing.TB) {
	tb.Helper()
	h.tidies(tb, broker.Judging, h.TidyCase)
}

func (h *house) is(tb testing.TB, id broker.CaseID, want states.State) broker.CaseView {
	tb.Helper()
	v, err := h.StaffCase(context.Background(), lena, id)
	if err != nil || v.State != want {
		tb.Errorf("the case is %s, want %s (%v)", v.State, want, err)
	}
	return v
}

func (h *house) payBack(id broker.TransactionID, amount, reference string) error {
	_, _, err := h.Reverse(context.Background(), platform, id, broker.PerformanceInput{
		Obligation: broker.Pay, Done: amount, PerformedAt: h.clock(), Reference: reference,
	}, nil)
	return err
}

var (
	toHim    = broker.CaseMove{Event: disputes.Assign}
	question = broker.CaseMove{Event: disputes.AskEvidence, Wanted: []disputes.Point{{By: disputes.Buyer, Type: disputes.PhotoItem}, {By: disputes.Seller, Type: disputes.Tracking}}}
	half     = broker.CaseMove{Event: disputes.Propose, Outcome: disputes.PartRefund, Amount: "60.00", Code: "damaged_in_transit", Clause: "terms 7.2", Text: masking.NewText("the carrier's photo shows a torn box")}
)

// reviewed is a case in which both sides have handed in what they have.
func (h *house) reviewed(t *testing.T, id broker.TransactionID) broker.CaseID {
	t.Helper()
	h.received(t, id)
	c := h.dispute(t, id, disputes.Damaged, "100.00").ID
	h.at(h.clock().Add(49 * time.Hour))
	h.moves(t, "b-1", c, broker.CaseMove{Event: disputes.Escalate})
	h.handles(t, hanna, c, toHim)
	ask := question
	ask.Due = h.clock().Add(72 * time.Hour)
	h.handles(t, hanna, c, ask)
	h.hands(t, "b-1", c, disputes.PhotoItem, "photo")
	h.hands(t, "s-1", c, disputes.Tracking, "tracking")
	h.moves(t, "b-1", c, broker.CaseMove{Event: disputes.Rest})
	h.moves(t, "s-1", c, broker.CaseMove{Event: disputes.Rest})
	h.is(t, c, disputes.UnderReview)
	return c
}

// A whole life: talks, a claim, evidence, a decision by two, money back as far as that
// goes, and the end, after which lines are free.
func TestCaseIsDecidedByTwo(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	if err := h.payBack("t-1", "10.00", "side"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("a refund past the case: %v", err)
	}
	h.hands(t, "b-1", id, disputes.PhotoPackaging, "box")
	late := h.is(t, id, disputes.UnderReview)
	if late.Items[2].Standing != disputes.Late || bytes.Equal(late.Frozen, nil) {
		t.Errorf("%+v", late.Items)
	}
	admitted := h.handles(t, hanna, id, broker.CaseMove{Event: disputes.AdmitEvidence, N: 3})
	if admitted.Items[2].Standing != disputes.Admitted || bytes.Equal(admitted.Frozen, late.Frozen) {
		t.Error("what was admitted does not count, or the frozen set is as before")
	}
	h.halted(t, hanna, id, broker.CaseMove{Event: disputes.AdmitEvidence, N: 1}, "invalid_transition")
	h.halted(t, heidi, id, half, "not_assigned")
	more := half
	more.Amount = "100.01"
	h.halted(t, hanna, id, more, "out_of_range")
	v := h.handles(t, hanna, id, half)
	approve := broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}
	h.halted(t, hanna, id, approve, "own_work")
	made := broker.Staff{Account: "hnd_made", Role: "lead", Approves: true, Makers: []string{hanna.Account}}
	for _, x := range []struct {
		who  broker.Staff
		want int
	}{{heidi, 1}, {lena, 1}, {hanna, 0}, {made, 0}, {fresh, 0}, {audra, 0}} {
		if all, _, err := h.StaffCases(t.Context(), x.who, broker.CaseFilter{Second: true, Limit: 9}); err != nil || len(all) != x.want {
			t.Errorf("%d wait for %s as the second, %v, want %d", len(all), x.who.Account, err, x.want)
		}
	}
	h.halted(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: make([]byte, 32)}, "proposal_changed")
	h.halted(t, made, id, approve, "not_independent")
	h.halted(t, fresh, id, approve, "approval_not_yet")
	if told, err := h.Case(t.Context(), "b-1", id); err != nil || told.State != disputes.UnderReview || told.Proposal != nil {
		t.Errorf("the sides are told of a proposal: %s, %v", told.State, err)
	}
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "error"}, "invalid_transition")
	v = h.handles(t, heidi, id, approve)
	if v.State != disputes.Decided || v.Decision == nil || v.Decision.Amount != 6000 {
		t.Errorf("%s %+v", v.State, v.Decision)
	}
	told, err := h.Case(t.Context(), "s-1", id)
	if err != nil || !slices.ContainsFunc(told.Texts, func(x broker.CaseText) bool { return x.Text.Reveal() == half.Text.Reveal() }) {
		t.Errorf("the sides do not read the findings: %v", err)
	}
	if err := h.payBack("t-1", "60.01", "much"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("more than was decided: %v", err)
	}
	h.at(h.clock().Add(31 * day)) // the time to appeal is over, but the money is not back
	h.judge(t)
	h.is(t, id, disputes.Decided)
	if err := h.payBack("t-1", "60.00", "decided"); err != nil {
		t.Fatal(err)
	}
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "error"}, "invalid_transition")
	h.judge(t)
	h.at(h.clock().Add(25 * time.Hour))
	h.judge(t)
	h.is(t, id, disputes.Closed)
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.Message, Text: masking.NewText("still")}, "invalid_transition")
	if err := h.payBack("t-1", "10.00", "after"); err != nil {
		t.Errorf("nothing is disputed any more: %v", err)
	}
	h.checkLog(t)
}

// An appeal is for the side that lost, once, and for other people; nothing may be paid
// back on what it was about meanwhile.
func TestCaseIsAppealed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	v := h.handles(t, hanna, id, half)
	h.handles(t, heidi, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "unfair"}, "unknown_reason")
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "new_facts", Text: masking.NewText("the lens is broken, too")})
	if err := h.payBack("t-1", "60.00", "appealed"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("paid back what was appealed: %v", err)
	}
	h.hands(t, "b-1", id, disputes.ExpertReport, "report")
	h.halted(t, hanna, id, toHim, "decided_before")
	h.handles(t, lena, id, toHim)
	whole := half
	whole.Outcome, whole.Amount = disputes.Refund, ""
	v = h.handles(t, lena, id, whole)
	h.halted(t, hanna, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash}, "decided_before")
	v = h.handles(t, lars, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	if v.State != disputes.Final || v.Decision.Amount != 10000 {
		t.Errorf("%s %+v", v.State, v.Decision)
	}
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.Appeal, Reason: "error"}, "invalid_transition")
	away := broker.CaseMove{Event: disputes.GoOutside, Reason: "adr"} // would undo what two have decided
	h.halted(t, lena, id, away, "decided_before")
	h.halted(t, broker.Staff{Account: "hnd_new", Role: "lead", New: true, Makers: []string{lena.Account}}, id, away, "approval_not_yet")
	if err := h.payBack("t-1", "100.00", "final"); err != nil {
		t.Error(err)
	}
	h.at(h.clock().Add(15 * day))
	h.judge(t)
	h.is(t, id, disputes.Closed)
	h.checkLog(t)
}

// The two sides settle between themselves; what they agreed on may be paid back, and
// where it is not, the other one goes on.
func TestCaseIsSettled(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.NotAsDescribed, "").ID
	part := broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "40.00"}
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "221.65"}, "out_of_range")
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate}, "too_early")
	h.moves(t, "s-1", id, part)
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 1}, "own_offer")
	h.moves(t, "s-1", id, part) // another one in its place
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 1}, "offer_gone")
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 9}, "offer_gone")
	if v := h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.AcceptOffer, N: 2}); v.State != disputes.Settled {
		t.Errorf("%s", v.State)
	}
	h.stopped(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate}, "too_early")
	if err := h.payBack("t-1", "30.00", "first part"); err != nil {
		t.Fatal(err)
	}
	h.at(h.clock().Add(15 * day))
	h.judge(t)
	h.is(t, id, disputes.Settled)
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate})
	if err := h.payBack("t-1", "10.00", "second part"); !errors.Is(err, broker.ErrDisputed) {
		t.Errorf("paid back what is claimed now: %v", err)
	}
	h.checkLog(t)
}

// What nobody goes on with lapses, what its opener takes back is over, and a line that
// was in dispute before is so again only by a case that says which one it follows.
func TestCaseEndsWithoutADecision(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	first := h.dispute(t, "t-1", disputes.Damaged, "").ID
	again := broker.CaseInput{Transaction: "t-1", By: "b-1", Reason: disputes.Damaged, Lines: []broker.Obligation{broker.Deliver}}
	refused := func(in broker.CaseInput, code string) {
		t.Helper()
		if _, _, err := h.OpenCase(t.Context(), market, in, nil); fault.Of(err).Code != code {
			t.Errorf("%+v: %v, want %s", in, err, code)
		}
	}
	refused(again, "line_disputed")
	h.stopped(t, "s-1", first, broker.CaseMove{Event: disputes.Withdraw}, "invalid_transition")
	h.moves(t, "b-1", first, broker.CaseMove{Event: disputes.Withdraw})
	refused(again, "disputed_before")
	again.Follows = first
	v, _, err := h.OpenCase(t.Context(), market, again, nil)
	if err != nil || v.Follows != first {
		t.Fatal(err)
	}
	h.at(h.clock().Add(21 * day))
	if got := h.is(t, v.ID, disputes.Lapsed); len(got.Allowed) != 0 {
		t.Errorf("allowed %v", got.Allowed)
	}
	h.judge(t)
	h.is(t, v.ID, disputes.Lapsed)
	third := again
	third.Follows, third.By = v.ID, "s-1"
	refused(third, "unknown_line") // it owes that itself
	third.By, third.Reason = "b-2", disputes.Damaged
	refused(third, "not_found")
	h.at(h.clock().Add(100 * day))
	third.By = "b-1"
	refused(third, "too_late")
	h.checkLog(t)
}

// What goes outside comes back with what was left of its time; a bank takes money back
// meanwhile, whatever we think of it.
func TestCaseGoesOutside(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.NotReceived, "").ID
	out := broker.CaseMove{Event: disputes.GoOutside, Reason: "chargeback"}
	h.halted(t, hanna, id, out, "not_assigned")
	h.at(h.clock().Add(5 * day))
	h.handles(t, lena, id, out)
	h.stopped(t, "s-1", id, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferNone}, "invalid_transition")
	if err := h.payBack("t-1", "221.65", "chargeback"); err != nil {
		t.Errorf("a bank has taken it back: %v", err)
	}
	h.at(h.clock().Add(60 * day))
	h.judge(t)
	h.halted(t, broker.Staff{Account: "hnd_new", Role: "lead", New: true}, id, broker.CaseMove{Event: disputes.ComeBack}, "approval_not_yet")
	v := h.handles(t, lena, id, broker.CaseMove{Event: disputes.ComeBack})
	if v.State != disputes.Negotiation || !v.Deadline.Equal(h.clock().Add(15*day)) {
		t.Errorf("%s until %s, want 15 more days", v.State, v.Deadline)
	}
	i := slices.IndexFunc(v.Clocks, func(c disputes.Clock) bool { return c.Name == disputes.TalksClock })
	if c := v.Clocks[i]; !c.Due.Equal(v.Deadline) || len(c.Paused) != 1 {
		t.Errorf("%+v", c)
	}
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.GoOutside, Reason: "court"})
	h.halted(t, lena, id, broker.CaseMove{Event: disputes.Conclude, Reason: "court_decided"}, "not_independent")
	if v = h.handles(t, lars, id, broker.CaseMove{Event: disputes.Conclude, Reason: "court_decided"}); v.State != disputes.Closed {
		t.Errorf("%s", v.State)
	}
	h.checkLog(t)
}
