package postgres_test

import (
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
)

// Keys that are looked up at the same moment share a query, with situations in
// between: each gets what it led to itself, and a forged row is the fault of the
// one that asked for it.
func TestOutcomesOfOneMoment(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	key := func(i int) [16]byte { return [16]byte{byte(i), 7} }
	const keys, forged = 48, 9
	for i := 1; i < keys; i += 2 {
		o := &broker.Outcome{Key: key(i), Body: [16]byte{byte(i)}, Kind: "performance", ID: strconv.Itoa(i), At: h.clock()}
		if err := h.store.Remember(t.Context(), o); err != nil {
			t.Fatal(err)
		}
	}
	odd := key(forged)
	h.exec(t, `UPDATE outcomes SET id = '11' WHERE key = '\x`+hex.EncodeToString(odd[:])+`'`)
	ask := func(i int) {
		switch o, err := h.store.Outcome(t.Context(), key(i)); {
		case i == forged && (err == nil || errors.Is(err, broker.ErrNotFound)):
			t.Errorf("key %d: %v, and its row is forged", i, err)
		case i != forged && i%2 == 1 && (err != nil || o.Key != key(i) || o.Body != [16]byte{byte(i)} || o.ID != strconv.Itoa(i)):
			t.Errorf("key %d led to %+v, %v", i, o, err)
		case i%2 == 0 && !errors.Is(err, broker.ErrNotFound):
			t.Errorf("key %d was never used: %v", i, err)
		}
	}
	var wait sync.WaitGroup
	for range 8 {
		for i := range keys {
			wait.Go(func() { ask(i) })
			wait.Go(func() {
				if s, err := h.store.Situation(t.Context(), "t-1", "s-1", broker.Counterpartys); err != nil || s.Transaction.ID != "t-1" {
					t.Errorf("situation: %v", err)
				}
			})
		}
	}
	wait.Wait()
	h.at(noon.Add(24 * time.Hour))
	if _, err := h.store.Outcome(t.Context(), key(1)); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("a day later: %v", err)
	}
}
