package postgres_test

import (
	"encoding/base64"
	"errors"
	"slices"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Whoever decides has looked at the case as it is: a text that is only opened changes
// nothing of that, a move does. A clock that goes back takes nothing with it.
func TestCaseMatchesWhatWasLookedAt(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	seen, err := h.StaffCase(t.Context(), hanna, id)
	if err != nil || seen.Texts != nil {
		t.Fatalf("texts are read without an entry: %v", err)
	}
	texts, place, err := h.TextsOfCase(t.Context(), hanna, id, nil)
	if err != nil || len(texts) != 3 || place.Index == 0 {
		t.Fatalf("%d texts, %v", len(texts), err)
	}
	if _, _, err := h.TextsOfCase(t.Context(), heidi, id, nil); !errors.Is(err, broker.ErrNotAssigned) {
		t.Errorf("texts for who does not have the case: %v", err)
	}
	shown, err := h.OpenStaffEvidence(t.Context(), hanna, id, 1)
	if err != nil || string(shown.Content) != "shown photo" {
		t.Errorf("%v", err)
	}
	if _, err := h.OpenEvidence(t.Context(), market, "s-1", id, 1); err != nil {
		t.Error(err)
	}
	if _, err := h.OpenEvidence(t.Context(), market, "b-2", id, 1); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("a stranger opens evidence: %v", err)
	}
	h.at(h.clock().Add(-3 * time.Hour))
	match := half
	match.Match = &seen.Moves
	v := h.handles(t, hanna, id, match)
	if v.UpdatedAt.Before(seen.UpdatedAt) {
		t.Error("the case went back in time")
	}
	h.halted(t, lena, id, broker.CaseMove{Event: disputes.SendBack, Reason: "mistake", Match: &seen.Moves}, "changed")
	h.checkLog(t)
}

// A reveal is for who was given the case by somebody else, of what the policies would let
// the other side have, and the person sees it: at once, or later for a reason.
func TestRevealInCase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	reveal := broker.CaseReveal{Subject: "b-1", Fields: []masking.Field{masking.Name}, Purpose: "decide_case", Reason: "identity_unclear"}
	if _, _, err := h.RevealInCase(t.Context(), hanna, id, reveal, nil); !errors.Is(err, broker.ErrRevealNotYours) {
		t.Errorf("she has assigned it to herself: %v", err)
	}
	h.handles(t, hanna, id, broker.CaseMove{Event: disputes.Release})
	worker := h.account(t, "handler")
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Assign, To: worker.Account})
	got, _, err := h.RevealInCase(t.Context(), worker, id, reveal, nil)
	if err != nil || got.Values[masking.Name].Text.Reveal() != "Giovana Teixeira" {
		t.Fatal(err)
	}
	h.reversed(t, worker, id, reveal)
	looks, err := h.LooksInCases(t.Context(), "b-1")
	if err != nil || len(looks) != 1 || looks[0].Role != "handler" || !slices.Equal(looks[0].Fields, reveal.Fields) {
		t.Errorf("%+v, %v", looks, err)
	}
	later := reveal
	later.Delay, later.Until = "fraud_suspected", h.clock().Add(2*day)
	if _, _, err := h.RevealInCase(t.Context(), worker, id, later, nil); !errors.Is(err, broker.ErrOwnWork) {
		t.Errorf("a handler alone says that the person is told later: %v", err)
	}
	minor := reveal
	if minor.Subject = "s-1"; h.SetFlags(t.Context(), market, "s-1", []broker.Flag{broker.Minor}) != nil {
		t.Fatal("no flag")
	}
	if _, _, err := h.RevealInCase(t.Context(), worker, id, minor, nil); !errors.Is(err, broker.ErrNothingToOpen) {
		t.Errorf("a minor's: %v", err)
	}
	h.handles(t, lars, id, broker.CaseMove{Event: disputes.Release})
	worker = h.account(t, "lead")
	h.handles(t, hanna, id, broker.CaseMove{Event: disputes.Assign, To: worker.Account})
	if _, _, err := h.RevealInCase(t.Context(), worker, id, later, nil); !errors.Is(err, broker.ErrOwnWork) {
		t.Errorf("a delay, where a handler has assigned it: %v", err)
	}
	h.handles(t, lars, id, broker.CaseMove{Event: disputes.Release})
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Assign, To: worker.Account})
	if _, _, err := h.RevealInCase(t.Context(), worker, id, later, nil); err != nil {
		t.Fatal(err)
	}
	if looks, _ = h.LooksInCases(t.Context(), "b-1"); len(looks) != 1 {
		t.Error("the person is told before the time")
	}
	h.at(h.clock().Add(2*day + time.Second))
	if looks, _ = h.LooksInCases(t.Context(), "b-1"); len(looks) != 2 {
		t.Error("the person is not told when the time has come")
	}
	if looks, _ = h.LooksInCases(t.Context(), "s-1"); len(looks) != 0 {
		t.Error("the other side is told")
	}
	h.checkLog(t)
}

// reversed: reveals that may not be.
func (h *house) reversed(t *testing.T, who broker.Staff, id broker.CaseID, good broker.CaseReveal) {
	t.Helper()
	for name, x := range map[string]struct {
		change func(*broker.CaseReveal)
		code   string
	}{
		"a field that the other side could never have": {func(r *broker.CaseReveal) { r.Fields = []masking.Field{masking.Email} }, "nothing_to_open"},
		"another purpose":  {func(r *broker.CaseReveal) { r.Purpose = "curious" }, "unknown_purpose"},
		"an appeal's":      {func(r *broker.CaseReveal) { r.Purpose = "decide_appeal" }, "purpose_mismatch"},
		"no reason":        {func(r *broker.CaseReveal) { r.Reason = "" }, "unknown_reason"},
		"no field":         {func(r *broker.CaseReveal) { r.Fields = nil }, "unknown_field"},
		"a stranger's":     {func(r *broker.CaseReveal) { r.Subject = "b-2" }, "not_found"},
		"a delay for ever": {func(r *broker.CaseReveal) { r.Delay, r.Until = "safety", h.clock().Add(365*day) }, "unknown_delay"},
	} {
		r := good
		x.change(&r)
		if _, _, err := h.RevealInCase(t.Context(), who, id, r, nil); fault.Of(err).Code != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
}

// account is one that there is, of a role, as its own staff.
func (h *house) account(t *testing.T, role accounts.Role) broker.Staff {
	t.Helper()
	a, _, err := h.AddAccount(t.Context(), nil, masking.NewText(string(role)+".of.cases@desk.example.com"), role, nil)
	if err != nil {
		t.Fatal(err)
	}
	return broker.Staff{Account: string(a.ID), Role: string(role), Approves: true}
}

// A settle grant needs a case, lives as long as its term after the case, and no other
// grant lives longer for it.
func TestSettleNeedsACase(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	if v := h.ask(t, "t-1", "b-1", necessity.Settle); v.Decision != "refused" {
		t.Errorf("%s without a case", v.Decision)
	}
	deliver := h.ask(t, "t-1", "s-1", necessity.Deliver)
	id := h.dispute(t, "t-1", disputes.Damaged, "").ID
	v := h.ask(t, "t-1", "b-1", necessity.Settle)
	if v.Decision != "granted" || v.Values[masking.Name].Text.Reveal() != "Úrsula Ribeiro" {
		t.Fatalf("%s", v.Decision)
	}
	if want := h.clock().Add(90*day + 30*day); !v.ExpiresAt.Equal(want) {
		t.Errorf("ends %s, want %s", v.ExpiresAt, want)
	}
	met, err := h.Case(t.Context(), "b-1", id)
	if i := slices.IndexFunc(met.Clocks, func(c disputes.Clock) bool { return c.Name == disputes.DetailsClock }); err != nil || i < 0 || met.Clocks[i].State(h.clock()) != "met" {
		t.Errorf("what law gives the consumer: %+v, %v", met.Clocks, err)
	}
	if d, err := h.Disclosure(t.Context(), deliver.ID, "s-1"); err != nil || !d.ExpiresAt.Equal(deliver.ExpiresAt) {
		t.Errorf("another grant ends %s, not %s any more (%v)", d.ExpiresAt, deliver.ExpiresAt, err)
	}
	h.at(h.clock().Add(day))
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Withdraw})
	after, err := h.Disclosure(t.Context(), v.ID, "b-1")
	if err != nil || after.State != "live" || !after.ExpiresAt.Equal(h.clock().Add(30*day)) {
		t.Errorf("after the case: %s until %s (%v)", after.State, after.ExpiresAt, err)
	}
	if again := h.ask(t, "t-1", "b-1", necessity.Settle); again.Decision != "refused" {
		t.Errorf("%s after the case", again.Decision)
	}
	h.checkLog(t)
}

// The chain of a case's entries leaves none out, and each is as its schema has it.
func TestCaseEntriesAreAChain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	f, err := h.store.CaseByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	entries, err := h.store.CaseEntries(t.Context(), f)
	if err != nil || len(entries) < 8 || int64(len(entries)) != f.Version {
		t.Fatalf("%d entries, version %d: %v", len(entries), f.Version, err)
	}
	before := ""
	for i := range entries {
		e := &entries[i]
		if got := e.Statement.Members.String("before"); got != before {
			t.Errorf("entry %d (%s) comes after %q, want %q", i, e.Statement.Type, got, before)
		}
		leaf := tlog.RecordHash(e.Entry)
		before = base64.StdEncoding.EncodeToString(leaf[:])
	}
}
