package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// The internal clock stands still while the requester is asked; a question that
// nobody answers withdraws the request, written down or not.
func TestQuestionsAndDeadlines(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	id := h.atRisk(t, "t-1")
	h.does(t, hanna, id, broker.Move{Event: broker.Take})
	h.at(noon.Add(time.Hour))
	h.does(t, hanna, id, broker.Move{Event: broker.Ask, Reason: "evidence_missing"})
	h.at(noon.Add(4 * time.Hour))
	v := h.says(t, "s-1", id, broker.Move{Event: broker.Answer, Note: masking.NewText("the carrier wants a number")})
	if v.State != broker.Hearing || !v.Request.Due.Equal(noon.Add(27*time.Hour)) || !v.Request.Statutory.Equal(noon.Add(30*24*time.Hour)) {
		t.Errorf("%s, due %s, by law %s", v.State, v.Request.Due, v.Request.Statutory)
	}
	h.does(t, hanna, id, broker.Move{Event: broker.Ask, Reason: "purpose_unclear"})
	h.at(h.clock().Add(5*24*time.Hour + time.Second))
	if v, err := h.StandingOf(ctx, id, "s-1"); err != nil || v.State != broker.TakenBack {
		t.Errorf("%s, %v, want withdrawn by time alone", v.State, err)
	}
	if open, _, err := h.OpenRequests(ctx, hanna, broker.RequestFilter{Limit: 10}); err != nil || len(open) != 0 {
		t.Errorf("%d are open, %v", len(open), err)
	}
	due, err := h.store.TakeTimers(ctx, []broker.TimerKind{broker.Tidying}, 10, time.Minute)
	if err != nil || len(due) != 4 { // two hearings and two questions; the first three deadlines were overtaken
		t.Errorf("%d deadlines, %v", len(due), err)
	}
	const entries = `SELECT count(*) FROM ledger_entries`
	size := h.count(t, entries)
	for range 2 { // twice for each is once
		for i := range due {
			if _, err := h.Tidy(ctx, due[i].Timer()); err != nil {
				t.Error(err)
			}
		}
	}
	if n := h.count(t, entries) - size; n != 1 {
		t.Errorf("%d entries of what passed", n)
	}
	h.checkLog(t)
}

func TestRequestsAreListed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	var ids []broker.DisclosureID
	for i := range 3 {
		h.at(noon.Add(time.Duration(i) * time.Minute))
		ids = append(ids, h.atRisk(t, broker.TransactionID("t-"+string(rune('1'+i)))))
	}
	first, next, err := h.OpenRequests(ctx, audra, broker.RequestFilter{Limit: 2})
	if err != nil || len(first) != 2 || first[0].Disclosure.ID != ids[0] || next == "" {
		t.Fatalf("%d, next %q, %v", len(first), next, err)
	}
	rest, next, err := h.OpenRequests(ctx, audra, broker.RequestFilter{Limit: 2, After: next})
	if err != nil || len(rest) != 1 || rest[0].Disclosure.ID != ids[2] || next != "" {
		t.Errorf("%d, next %q, %v", len(rest), next, err)
	}
	h.does(t, hanna, ids[1], broker.Move{Event: broker.Take})
	counts := func(who broker.Staff, want broker.RequestCounts) {
		t.Helper()
		if n, err := h.CountRequests(ctx, who); err != nil || n != want {
			t.Errorf("in the queues of %s: %+v, %v, want %+v", who.Account, n, err, want)
		}
	}
	counts(hanna, broker.RequestCounts{Taken: 1, Free: 2, All: 3})
	counts(lena, broker.RequestCounts{Free: 2, All: 3})
	for filter, want := range map[broker.RequestFilter]int{
		{Taken: hanna.Account, Limit: 9}: 1, {State: broker.Hearing, Limit: 9}: 3, {State: broker.Pending, Limit: 9}: 0, {Overdue: true, Limit: 9}: 0,
		{Free: true, Limit: 9}: 2, {Second: true, Limit: 9}: 0,
	} {
		if got, _, err := h.OpenRequests(ctx, lena, filter); err != nil || len(got) != want {
			t.Errorf("%+v: %d, %v, want %d", filter, len(got), err, want)
		}
	}
	h.at(noon.Add(26 * time.Hour))
	for filter, want := range map[broker.RequestFilter]int{{State: broker.Pending, Limit: 9}: 3, {Overdue: true, Limit: 9}: 3} {
		if got, _, err := h.OpenRequests(ctx, lena, filter); err != nil || len(got) != want {
			t.Errorf("a day later, %+v: %d, %v, want %d", filter, len(got), err, want)
		}
	}
	counts(hanna, broker.RequestCounts{Taken: 1, Free: 2, Overdue: 3, All: 3})
	h.does(t, hanna, ids[1], broker.Move{Event: broker.Propose, Reason: "necessary", Choice: broker.Choice{Event: broker.Propose, Reason: "necessary"}})
	counts(hanna, broker.RequestCounts{Taken: 1, Free: 2, Overdue: 3, All: 3}) // nobody is the second for himself
	made := broker.Staff{Account: "hnd_made", Role: "lead", Approves: true, Makers: []string{hanna.Account}}
	late := broker.Staff{Account: "hnd_late", Role: "lead"}
	for _, x := range []struct {
		who  broker.Staff
		want int
	}{{lena, 1}, {hanna, 0}, {heidi, 0}, {audra, 0}, {made, 0}, {late, 0}} {
		who, want := x.who, x.want
		counts(who, broker.RequestCounts{Taken: map[string]int{hanna.Account: 1}[who.Account], Free: 2, Second: want, Overdue: 3, All: 3})
		if got, _, err := h.OpenRequests(ctx, who, broker.RequestFilter{Second: true, Limit: 9}); err != nil || len(got) != want {
			t.Errorf("for %s as the second: %d, %v, want %d", who.Account, len(got), err, want)
		}
	}
	if _, err := h.CountRequests(ctx, broker.Staff{Account: "x", Role: "merchant_reviewer"}); !errors.Is(err, broker.ErrRole) {
		t.Errorf("a merchant reviewer counts requests: %v", err)
	}
	if _, _, err := h.OpenRequests(ctx, broker.Staff{Account: "x", Role: "merchant_reviewer"}, broker.RequestFilter{Limit: 9}); !errors.Is(err, broker.ErrRole) {
		t.Errorf("a merchant reviewer lists requests: %v", err)
	}
}

// Of sixteen people and a party who want sixteen things at once, one is first,
// and there are never more than three requests that wait.
func TestRequestsUnderPressure(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx := context.Background()
	id := h.atRisk(t, "t-1")
	var wait sync.WaitGroup
	var mu sync.Mutex
	taken, opened := 0, 1
	for i := range 16 {
		wait.Go(func() {
			who := broker.Staff{Account: "hnd_" + string(rune('a'+i)), Role: "handler"}
			_, _, err := h.StaffMove(ctx, who, id, broker.Move{Event: broker.Take}, nil)
			v, _, errAsk := h.Disclose(ctx, market, broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver}, nil)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				taken++
			}
			if errAsk == nil && v.Decision == "pending" {
				opened++
			} else if !errors.Is(errAsk, broker.ErrTooManyPending) && !errors.Is(errAsk, broker.ErrConflict) {
				t.Errorf("%v", errAsk)
			}
		})
	}
	wait.Wait()
	if taken != 1 || opened != 3 {
		t.Errorf("taken by %d, %d open, want 1 and 3", taken, opened)
	}
	h.checkLog(t)
}
