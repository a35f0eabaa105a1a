package postgres_test

import (
	"context"
	"encoding/hex"
	"errors"
	"strconv"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
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

// overtaken is the store of a broker that another one overtakes, once: after it
// has looked its key up, and before it looks at the disclosure.
type overtaken struct {
	broker.Store
	by func()
}

func (o *overtaken) Disclosure(ctx context.Context, id broker.DisclosureID) (*broker.Found, error) {
	if by := o.by; by != nil {
		o.by = nil
		by()
	}
	return o.Store.Disclosure(ctx, id)
}

// A request whose retry is done by another broker, while this one is at it, finds
// done what it was to do. That is no refusal but its own outcome; a request of
// another key is refused.
func TestOvertakenByItsOwnRetry(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	h.perform(t, "t-1", "pay", "221.65", "card/1")
	h.perform(t, "t-1", "accept", "1", "a/1")
	id := h.ask(t, "t-1", "s-1", necessity.Deliver).ID
	revoke := func(b *broker.Broker, key string) (broker.DisclosureView, bool, error) {
		return b.Revoke(t.Context(), market, id, "mistake", h.NewOutcome(market, "revocation", key, nil))
	}
	var first broker.DisclosureView
	deps := h.Deps
	deps.Store = &overtaken{h.store, func() {
		var err error
		if first, _, err = revoke(h.Broker, "k"); err != nil {
			t.Error(err)
		}
	}}
	v, replayed, err := revoke(broker.New(deps), "k")
	if err != nil || !replayed || v.Place != first.Place || v.State != first.State {
		t.Errorf("overtaken by its own retry: %s at %d, replayed: %t, %v; the retry got %s at %d", v.State, v.Place.Index, replayed, err, first.State, first.Place.Index)
	}
	if _, _, err := revoke(h.Broker, "another"); !errors.Is(err, broker.ErrGone) {
		t.Errorf("another request: %v", err)
	}
	h.checkLog(t)
}
