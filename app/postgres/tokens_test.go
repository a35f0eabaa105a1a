package postgres_test

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// One token at two brokers, sixteen times at the same moment: it is taken once.
func TestATokenIsTakenOnce(t *testing.T) {
	t.Parallel()
	h := due(t)
	houses := []*house{h, enter(t, h.db, h.keys)}
	c := h.signed("s-1", "only")
	errs := make([]error, 16)
	var wait sync.WaitGroup
	for i := range errs {
		wait.Go(func() {
			_, _, errs[i] = houses[i%2].Disclose(context.Background(), c, broker.DisclosureInput{
				Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
			}, nil)
		})
	}
	wait.Wait()
	taken := 0
	for _, err := range errs {
		switch {
		case err == nil:
			taken++
		case !errors.Is(err, broker.ErrTokenUsed):
			t.Error(err)
		}
	}
	if taken != 1 {
		t.Errorf("one token was taken %d times", taken)
	}
	// Around midnight a token with the same number has another day.
	h.at(noon.Add(12 * time.Hour))
	for i, want := range []error{nil, broker.ErrTokenUsed} {
		_, _, err := h.Disclose(context.Background(), h.signed("s-1", "midnight"), broker.DisclosureInput{
			Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver,
		}, nil)
		if !errors.Is(err, want) {
			t.Errorf("use %d: %v, want %v", i, err, want)
		}
		h.at(noon.Add(12*time.Hour - 6*time.Minute))
	}
	h.at(noon)
	h.checkLog(t)
}

// The broker forgets tokens that can't be taken again, and the log is whole.
func TestTokensAreSwept(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	if _, _, err := h.Disclose(context.Background(), h.signed("s-1", "one"), broker.DisclosureInput{
		Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver,
	}, nil); err != nil {
		t.Fatal(err)
	}
	for _, x := range []struct {
		after time.Duration
		left  int
	}{{24 * time.Hour, 1}, {97 * time.Hour, 0}} {
		h.at(noon.Add(x.after))
		if err := h.store.Sweep(context.Background()); err != nil {
			t.Fatal(err)
		}
		if n := h.count(t, `SELECT count(*) FROM party_tokens`); n != x.left {
			t.Errorf("%d tokens after %v, want %d", n, x.after, x.left)
		}
		h.checkLog(t)
	}
}
