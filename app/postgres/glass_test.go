package postgres_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

var danger = broker.GlassInput{Transaction: "t-1", Reason: "danger_to_life", Text: masking.NewText("the courier has threatened the buyer")}

// breaks opens a session.
func (h *house) breaks(tb testing.TB, who broker.Staff, in broker.GlassInput) broker.GlassView {
	tb.Helper()
	v, _, err := h.BreakGlass(context.Background(), who, in, nil)
	if err != nil {
		tb.Fatalf("by %s: %v", who.Account, err)
	}
	return v
}

// mend has the broker look after the timers of sessions that are due.
func (h *house) mend(tb testing.TB) {
	tb.Helper()
	due, err := h.store.TakeTimers(context.Background(), []broker.TimerKind{broker.Mending}, 100, time.Minute)
	if err != nil || len(due) == 0 {
		tb.Fatalf("%d timers are due, %v", len(due), err)
	}
	for i := range due {
		again, err := h.TidyGlass(context.Background(), due[i].Timer())
		if err == nil && !again.IsZero() {
			err = errors.New("it is to be looked at again")
		}
		if err = errors.Join(err, h.store.Finish(context.Background(), &due[i], 1, 0)); err != nil {
			tb.Fatal(err)
		}
	}
}

func (h *house) glassIs(tb testing.TB, id broker.GlassID, want states.State) broker.GlassView {
	tb.Helper()
	v, err := h.Glass(context.Background(), lena, id)
	if err != nil || v.State != want {
		tb.Errorf("the session is %s, want %s (%v)", v.State, want, err)
	}
	return v
}

func (h *house) reviewsGlass(tb testing.TB, who broker.Staff, id broker.GlassID, outcome string) error {
	tb.Helper()
	_, _, err := h.ReviewGlass(context.Background(), who, id, outcome, masking.NewText("the police were called; nothing else would have done"), nil)
	return err
}

func wants(tb testing.TB, what string, err error, code string) {
	tb.Helper()
	if code == "" && err != nil || code != "" && fault.Of(err).Code != code {
		tb.Errorf("%s: %v, want %q", what, err, code)
	}
}

// A session opens what the floor leaves, for its opener alone, while it is open; the
// person sees it, by role, and later what came of its review.
func TestBreakGlass(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	worker := h.account(t, "handler")
	v := h.breaks(t, worker, danger)
	if v.State != broker.GlassOpen || !v.Until.Equal(h.clock().Add(15*time.Minute)) || v.Buyer != "b-1" || v.Text.IsZero() {
		t.Fatalf("%+v", v)
	}
	_, _, err := h.BreakGlass(t.Context(), worker, danger, nil)
	wants(t, "a second one at once", err, "session_open")
	look := broker.GlassLook{Subject: "b-1", Fields: []masking.Field{masking.Phone, masking.FullAddress}}
	got, _, err := h.RevealGlass(t.Context(), worker, v.ID, look, nil)
	if err != nil || len(got.Values) != 2 || got.Place.Index == 0 {
		t.Fatalf("%d values, %v", len(got.Values), err)
	}
	h.unseen(t, worker, v.ID)
	looks, err := h.LooksInCases(t.Context(), "b-1")
	if err != nil || len(looks) != 1 || looks[0].Role != "handler" || looks[0].Purpose != "break_glass" || looks[0].Transaction != "t-1" || !slices.Equal(looks[0].Fields, look.Fields) {
		t.Errorf("%+v, %v", looks, err)
	}
	wants(t, "a review while it is open", h.reviewsGlass(t, lena, v.ID, broker.Justified), "invalid_transition")
	h.at(h.clock().Add(15 * time.Minute))
	_, _, err = h.RevealGlass(t.Context(), worker, v.ID, look, nil)
	wants(t, "after its time", err, "invalid_transition")
	if v = h.glassIs(t, v.ID, broker.GlassOver); v.EndedBy != "" || !v.EndedAt.Equal(v.Until) || v.Reveals != 1 || len(v.Seen) != 1 || v.Version != 3 {
		t.Errorf("%+v", v)
	}
	_, _, err = h.BreakGlass(t.Context(), worker, danger, nil)
	wants(t, "another one before the review", err, "session_unreviewed")
	wants(t, "a review", h.reviewsGlass(t, lena, v.ID, broker.Justified), "")
	if v = h.glassIs(t, v.ID, broker.GlassReviewed); v.Review.IsZero() || v.Reviewer != lena.Account || v.Holds() {
		t.Errorf("%+v", v)
	}
	if looks, _ = h.LooksInCases(t.Context(), "b-1"); len(looks) != 1 || looks[0].Review != broker.Justified {
		t.Errorf("%+v", looks)
	}
	h.fraud(t)
	h.checkLog(t)
}

// fraud is no reason to find who is at risk; and a clock that is set back ends a session.
func (h *house) fraud(t *testing.T) {
	t.Helper()
	in := danger
	in.Reason = "ongoing_fraud"
	id := h.breaks(t, lars, in).ID
	if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	look := broker.GlassLook{Subject: "s-1", Fields: []masking.Field{masking.Phone}}
	_, _, err := h.RevealGlass(t.Context(), lars, id, look, nil)
	wants(t, "at risk", err, "nothing_to_open")
	h.at(h.clock().Add(-10 * time.Hour))
	look.Subject = "b-1"
	_, _, err = h.RevealGlass(t.Context(), lars, id, look, nil)
	wants(t, "with the clock set back", err, "invalid_transition")
}

// unseen are looks that may not be.
func (h *house) unseen(t *testing.T, who broker.Staff, id broker.GlassID) {
	t.Helper()
	try := func(what string, s broker.Staff, in broker.GlassLook, code string) {
		t.Helper()
		_, _, err := h.RevealGlass(t.Context(), s, id, in, nil)
		wants(t, what, err, code)
	}
	phone := broker.GlassLook{Subject: "b-1", Fields: []masking.Field{masking.Phone}}
	try("somebody else's", lena, phone, "not_yours")
	try("another handler's", hanna, phone, "not_found")
	try("an auditor's", broker.Staff{Account: "hnd_otto", Role: "auditor"}, phone, "role_missing")
	try("a stranger's data", who, broker.GlassLook{Subject: "b-9", Fields: phone.Fields}, "not_found")
	try("no field", who, broker.GlassLook{Subject: "b-1"}, "unknown_field")
	later := phone
	later.Delay, later.Until = "safety", h.clock().Add(day)
	try("a delay by a handler", who, later, "own_work")
	for flag := range map[broker.Flag]bool{broker.Minor: true, broker.Restricted: true} {
		if err := h.SetFlags(t.Context(), market, "s-1", []broker.Flag{flag}); err != nil {
			t.Fatal(err)
		}
		try(string(flag), who, broker.GlassLook{Subject: "s-1", Fields: phone.Fields}, "nothing_to_open")
	}
}

// Whoever is not reviewed in time sees nothing and opens no other session until he is; of
// whom one was not justified, never again. A timer ends what nobody ends.
func TestGlassIsReviewed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	worker, lead := h.account(t, "handler"), h.account(t, "lead")
	id := h.breaks(t, worker, danger).ID
	h.at(h.clock().Add(16 * time.Minute))
	h.mend(t)
	v := h.glassIs(t, id, broker.GlassOver)
	h.at(h.clock().Add(-time.Hour)) // a clock that goes back takes nothing with it
	h.glassIs(t, id, broker.GlassOver)
	h.at(v.Due)
	h.glassIs(t, id, broker.GlassOverdue)
	_, _, err := h.BreakGlass(t.Context(), worker, danger, nil)
	wants(t, "another session", err, "review_overdue")
	_, _, err = h.Look(t.Context(), worker, "dsc_0", broker.Glance{Purpose: "decide_request"}, nil)
	wants(t, "a look", err, "review_overdue")
	_, _, err = h.RevealInCase(t.Context(), worker, "dsp_0", broker.CaseReveal{Subject: "b-1", Fields: []masking.Field{masking.Name}, Purpose: "decide_case", Reason: "identity_unclear"}, nil)
	wants(t, "a reveal", err, "review_overdue")
	_, _, err = h.TextsOfCase(t.Context(), worker, "dsp_0", nil)
	wants(t, "texts", err, "review_overdue")
	_, err = h.OpenStaffEvidence(t.Context(), worker, "dsp_0", 1)
	wants(t, "evidence", err, "review_overdue")
	_, err = h.StaffBundle(t.Context(), worker, "dsp_0", bundle.Court)
	wants(t, "a bundle", err, "review_overdue")
	of := func(makers ...string) broker.Staff {
		return broker.Staff{Account: "hnd_new", Role: "lead", Approves: true, Makers: makers}
	}
	wants(t, "by whom his account was made", h.reviewsGlass(t, of(worker.Account), id, broker.Justified), "not_independent")
	wants(t, "by a new account", h.reviewsGlass(t, broker.Staff{Account: "hnd_new", Role: "lead"}, id, broker.Justified), "approval_not_yet")
	wants(t, "by himself", h.reviewsGlass(t, worker, id, broker.Justified), "role_missing")
	wants(t, "by a handler", h.reviewsGlass(t, hanna, id, broker.Justified), "not_found")
	wants(t, "by nobody's outcome", h.reviewsGlass(t, lena, id, "fine"), "unknown_reason")
	wants(t, "a review", h.reviewsGlass(t, lena, id, broker.NeedsFollowUp), "")
	wants(t, "a second one", h.reviewsGlass(t, lars, id, broker.Justified), "invalid_transition")
	own := h.breaks(t, lead, danger).ID
	if _, _, err := h.EndGlass(t.Context(), lena, own, nil); err != nil {
		t.Errorf("another lead ends it: %v", err)
	}
	wants(t, "by himself, who leads", h.reviewsGlass(t, lead, own, broker.Justified), "own_work")
	wants(t, "found wrong", h.reviewsGlass(t, lena, own, broker.NotJustified), "")
	h.at(h.clock().Add(100 * day))
	_, _, err = h.BreakGlass(t.Context(), lead, danger, nil)
	wants(t, "never again", err, "break_glass_not_justified")
	h.breaks(t, worker, danger)
	_, _, err = h.BreakGlass(t.Context(), broker.Staff{Account: "hnd_new", Role: "lead", New: true}, danger, nil)
	wants(t, "a new account", err, accounts.ErrNotYet.Code)
	h.checkLog(t)
}

// A delay that a lead gives himself holds until another person has found the session
// justified, and ends with any other review, or where there is none in time.
func TestGlassDelayEndsWithItsReview(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	looks := 0
	sees := func(what string, more int) {
		t.Helper()
		all, err := h.LooksInCases(t.Context(), "b-1")
		if looks += more; err != nil || len(all) != looks {
			t.Errorf("%s: the person sees %d looks, want %d (%v)", what, len(all), looks, err)
		}
	}
	for _, outcome := range []string{broker.NotJustified, broker.NeedsFollowUp, broker.Justified, ""} {
		lead := broker.Staff{Account: "hnd_" + outcome, Role: "lead"}
		id := h.breaks(t, lead, danger).ID
		look := broker.GlassLook{Subject: "b-1", Fields: []masking.Field{masking.Name}, Delay: "fraud_suspected", Until: h.clock().Add(20 * day)}
		if _, _, err := h.RevealGlass(t.Context(), lead, id, look, nil); err != nil {
			t.Fatal(err)
		}
		if _, _, err := h.EndGlass(t.Context(), lead, id, nil); err != nil {
			t.Fatal(err)
		}
		sees("before the review", 0)
		if outcome == "" {
			h.at(h.clock().Add(broker.ReviewTerm))
			sees("no review", 1)
			wants(t, "too late to keep it", h.reviewsGlass(t, lena, id, broker.Justified), "")
			sees("reviewed too late", 0)
			continue
		}
		wants(t, outcome, h.reviewsGlass(t, lena, id, outcome), "")
		if outcome == broker.Justified {
			sees(outcome, 0)
			h.at(look.Until)
		}
		sees(outcome, 1)
	}
	h.checkLog(t)
}

// What nobody has ever completed is old all the same, but for an open case.
func TestGlassOnWhatWasLeft(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	h.received(t, "t-2")
	id := h.dispute(t, "t-2", "damaged", "").ID
	h.handles(t, lena, id, broker.CaseMove{Event: "go_external", Reason: "court"}) // for years
	worker, lead := h.account(t, "handler"), h.account(t, "lead")
	in := danger
	in.Transaction = "t-2"
	h.at(h.clock().Add(900 * day))
	_, _, err := h.BreakGlass(t.Context(), worker, danger, nil)
	wants(t, "by a handler", err, "lead_needed")
	h.breaks(t, lead, danger)
	h.breaks(t, worker, in)
	h.checkLog(t)
}

// emergency leaves sessions of every kind; the first is over when others go on.
func (a *adversary) emergency(t *testing.T) {
	t.Helper()
	for _, s := range []broker.Staff{hanna, heidi, lars} {
		v, _, err := a.BreakGlass(t.Context(), s, broker.GlassInput{Transaction: "t-4", Reason: "danger_to_life", Text: danger.Text}, a.NewOutcome(market, "glass", s.Account, nil))
		if err != nil {
			t.Fatal(err)
		}
		a.glasses = append(a.glasses, v.ID)
	}
}

// cool ends and reviews one of them.
func (a *adversary) cool(t *testing.T) {
	t.Helper()
	look := broker.GlassLook{Subject: "b-2", Fields: []masking.Field{masking.Name}}
	_, _, looked := a.RevealGlass(t.Context(), hanna, a.glasses[0], look, a.NewOutcome(market, "glass/look", "1", nil))
	_, _, ended := a.EndGlass(t.Context(), hanna, a.glasses[0], nil)
	if err := errors.Join(looked, ended, a.reviewsGlass(t, lena, a.glasses[0], broker.Justified)); err != nil {
		t.Fatal(err)
	}
}
