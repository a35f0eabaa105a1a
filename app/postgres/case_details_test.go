package postgres_test

import (
	"slices"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
)

// overdue are the cases that a lead has in his queue of them.
func (h *house) overdue(t *testing.T) (ids []broker.CaseID) {
	t.Helper()
	lines, _, err := h.StaffCases(t.Context(), lena, broker.CaseFilter{Overdue: true, Limit: 9})
	if err != nil {
		t.Fatal(err)
	}
	for i := range lines {
		ids = append(ids, lines[i].ID)
	}
	return ids
}

// What law gives the consumer of the merchant and does not come in time, both sides are
// told of once, and the staff have it in their queue until it has come.
func TestMerchantDetailsAreOverdue(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	e := h.listen(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.Damaged, "").ID
	told := func() (kinds []broker.NoticeKind) {
		t.Helper()
		for {
			due, err := h.store.TakeNotices(t.Context(), e.ID, 100, time.Minute)
			if err != nil {
				t.Fatal(err)
			}
			if len(due) == 0 {
				return kinds
			}
			for i := range due { // of a transaction one at a time
				if kind := due[i].Notice.Kind; kind == broker.CaseOverdue || kind == broker.CaseChanged {
					kinds = append(kinds, kind)
					x, err := h.Tell(t.Context(), due[i].Notice)
					if err != nil || x.Message == nil || x.Message.Data.Event != string(disputes.CheckDetails) || len(x.Message.Data.For) != 2 {
						t.Errorf("%+v, %v", x.Message, err)
					}
				}
				if err := h.store.Finish(t.Context(), &due[i], 1, 200); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	told()
	h.at(h.clock().Add(71 * time.Hour))
	h.judge(t)
	if got := told(); got != nil || len(h.overdue(t)) != 0 {
		t.Errorf("before the time: %v", got)
	}
	for day := range 3 {
		h.at(h.clock().Add(25 * time.Hour))
		h.judge(t)
		if got := told(); len(h.overdue(t)) != 1 || day == 0 != slices.Equal(got, []broker.NoticeKind{broker.CaseOverdue}) || day > 0 && got != nil {
			t.Errorf("day %d: told %v, overdue %v", day, got, h.overdue(t))
		}
	}
	v := h.is(t, id, disputes.Negotiation)
	if c := clockOf(v, disputes.DetailsClock); c.State(h.clock()) != "overdue" || v.Moves != 2 {
		t.Errorf("%+v after %d moves", c, v.Moves)
	}
	if d := h.ask(t, "t-1", "b-1", necessity.Settle); d.Decision != "granted" {
		t.Fatal(d.Decision)
	}
	h.at(h.clock().Add(25 * time.Hour))
	h.judge(t)
	if got := told(); !slices.Equal(got, []broker.NoticeKind{broker.CaseChanged}) || len(h.overdue(t)) != 0 {
		t.Errorf("once it has come: told %v, overdue %v", got, h.overdue(t))
	}
	if c := clockOf(h.is(t, id, disputes.Negotiation), disputes.DetailsClock); c.State(h.clock()) != "missed" {
		t.Errorf("%+v", c)
	}
	h.at(h.clock().Add(20 * day)) // the same timer is the deadline's
	h.judge(t)
	f := h.find(t, id)
	if f.State != disputes.Lapsed {
		t.Errorf("%s", f.State)
	}
	if _, err := h.CaseBundle(t.Context(), market, "b-1", id); err != nil {
		t.Error(err)
	}
	h.checkLog(t)
}

// What comes in time is told to nobody; and what is overdue while something is proposed
// says nothing of that to a side, whose bundle is whole all the same.
func TestMerchantDetailsInTime(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.received(t, "t-1")
	id := h.dispute(t, "t-1", disputes.Damaged, "").ID
	h.ask(t, "t-1", "b-1", necessity.Settle)
	h.at(h.clock().Add(80 * time.Hour))
	h.judge(t)
	if f := h.find(t, id); f.Moves != 1 || len(h.overdue(t)) != 0 {
		t.Errorf("%d moves, overdue %v", f.Moves, h.overdue(t))
	}
	h.received(t, "t-2")
	id = h.dispute(t, "t-2", disputes.Damaged, "100.00").ID
	h.at(h.clock().Add(49 * time.Hour))
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Escalate})
	h.handles(t, hanna, id, toHim)
	ask := question
	ask.Due = h.clock().Add(48 * time.Hour)
	h.handles(t, hanna, id, ask)
	h.moves(t, "b-1", id, broker.CaseMove{Event: disputes.Rest})
	h.moves(t, "s-1", id, broker.CaseMove{Event: disputes.Rest})
	h.handles(t, hanna, id, half)
	h.at(h.clock().Add(24 * time.Hour))
	h.judge(t)
	if got := h.overdue(t); !slices.Contains(got, id) {
		t.Errorf("overdue: %v", got)
	}
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.SendBack, Reason: "mistake"})
	for _, side := range []broker.PartyID{"b-1", "s-1"} {
		if _, err := h.CaseBundle(t.Context(), market, side, id); err != nil {
			t.Errorf("the bundle of %s: %v", side, err)
		}
	}
	h.checkLog(t)
}
