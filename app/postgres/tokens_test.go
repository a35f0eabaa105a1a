package postgres_test

import (
	"context"
	"errors"
	"strings"
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
	in := broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}
	for what, ask := range map[string]func(b *broker.Broker, c broker.Caller, i int) error{
		"a request": func(b *broker.Broker, c broker.Caller, _ int) error {
			_, _, err := b.Disclose(context.Background(), c, in, nil)
			return err
		},
		"a dry run": func(b *broker.Broker, c broker.Caller, _ int) error {
			_, _, err := b.Foresee(context.Background(), c, in, nil)
			return err
		},
		"either": func(b *broker.Broker, c broker.Caller, i int) (err error) {
			if i%4 < 2 {
				_, _, err = b.Foresee(context.Background(), c, in, nil)
			} else {
				_, _, err = b.Disclose(context.Background(), c, in, nil)
			}
			return err
		},
	} {
		c := h.signed("s-1", what)
		errs := make([]error, 16)
		var wait sync.WaitGroup
		for i := range errs {
			wait.Go(func() { errs[i] = ask(houses[i%2].Broker, c, i) })
		}
		wait.Wait()
		taken := 0
		for _, err := range errs {
			switch {
			case err == nil:
				taken++
			case !errors.Is(err, broker.ErrTokenUsed):
				t.Errorf("%s: %v", what, err)
			}
		}
		if taken != 1 {
			t.Errorf("one token was taken %d times for %s", taken, what)
		}
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

// The row of a token that was taken for what leaves no entry is missed by the broker
// that took it, and the token does no work there however often somebody deletes it.
func TestATokenTakenAsideIsMissed(t *testing.T) {
	t.Parallel()
	h := due(t)
	a := adversaryOf(t, h)
	in := broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}
	foresee := func(token, key string) error {
		c := h.signed("s-1", token)
		_, _, err := h.Foresee(context.Background(), c, in, h.NewOutcome(c, "disclose", key, nil))
		return err
	}
	disclose := func(token string) error {
		_, _, err := h.Disclose(context.Background(), h.signed("s-1", token), in, nil)
		return err
	}
	if err := errors.Join(foresee("one", "k-1"), foresee("two", "k-2"), h.store.CheckAsides(t.Context())); err != nil {
		t.Fatal(err)
	}
	a.sql(t, `DELETE FROM party_tokens WHERE entry IS NULL`)
	if err := h.store.CheckAsides(t.Context()); !isFinding(err) || !strings.Contains(err.Error(), "of party_tokens: missing") {
		t.Errorf("rows taken out: %v", err)
	}
	if err := disclose("one"); !errors.Is(err, broker.ErrTokenUsed) {
		t.Errorf("more work: %v", err)
	}
	if err := foresee("one", "k-other"); !errors.Is(err, broker.ErrTokenUsed) {
		t.Errorf("another dry run: %v", err)
	}
	if err := foresee("two", "k-2"); err != nil {
		t.Errorf("the same again: %v", err)
	}
	h.at(noon.Add(8 * time.Minute)) // nobody would take them any more
	if err := h.store.CheckAsides(t.Context()); err != nil {
		t.Errorf("when their time is over: %v", err)
	}
}
