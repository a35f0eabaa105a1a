package postgres_test

import (
	"strconv"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
)

// A thing lies before one at a time, until his time is over, he lets go, or it is taken
// from him.
func TestDeskHolds(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, now := t.Context(), h.clock()
	hold := func(account string, at time.Time, over bool) string {
		t.Helper()
		has, err := h.store.Hold(ctx, broker.DeskHold{Thing: "dsp_1", Account: account, Until: at.Add(time.Minute)}, at, over)
		if err != nil {
			t.Fatal(err)
		}
		return has.Account
	}
	leave := func(account, thing string) {
		t.Helper()
		if err := h.store.Leave(ctx, account, thing, now); err != nil {
			t.Fatal(err)
		}
	}
	for i, c := range []struct {
		by, has string
		at      time.Time
		over    bool
	}{
		{"hanna", "hanna", now, false},
		{"hugo", "hanna", now, false},
		{"hanna", "hanna", now.Add(30 * time.Second), false},
		{"hugo", "hanna", now.Add(80 * time.Second), false},
		{"hugo", "hugo", now.Add(2 * time.Minute), false},
		{"hanna", "hanna", now.Add(2 * time.Minute), true},
	} {
		if has := hold(c.by, c.at, c.over); has != c.has {
			t.Errorf("%d: %s has it, not %s", i, has, c.has)
		}
	}
	leave("hugo", "")
	leave("hanna", "dsp_2")
	if all, err := h.store.Held(ctx, now); err != nil || len(all) != 1 || all[0].Account != "hanna" {
		t.Errorf("held: %v, %v", all, err)
	}
	leave("hanna", "dsp_1")
	if all, err := h.store.Held(ctx, now); err != nil || len(all) != 0 {
		t.Errorf("held: %v, %v", all, err)
	}
}

// Of many who open things at once each is told who has it.
func TestDeskHoldsAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	now := h.clock()
	var all sync.WaitGroup
	for n := range 40 {
		for _, account := range []string{"hanna", "hugo", "lena", "olga"} {
			all.Go(func() {
				hold := broker.DeskHold{Thing: "dsp_" + strconv.Itoa(n), Account: account, Until: now.Add(time.Minute)}
				if has, err := h.store.Hold(t.Context(), hold, now, false); err != nil || has.Account == "" {
					t.Errorf("%s: %v", hold.Thing, err)
				}
			})
		}
	}
	all.Wait()
}
