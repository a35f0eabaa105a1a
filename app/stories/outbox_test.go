package stories

import (
	"context"
	"errors"
	"log/slog"
	"sync/atomic"
	"testing"
	"time"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

func (d *desk) logger() *slog.Logger { return slog.New(slog.NewJSONHandler(d.house.log, nil)) }

// run runs a part of a broker until it is stopped, or the story ends.
func run(t *testing.T, part func(context.Context)) (stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		part(ctx)
	}()
	stop = func() {
		cancel()
		<-ended
	}
	t.Cleanup(stop)
	return stop
}

// timing is a store that sets a timer in each commit of a disclosure, as later
// parts of the broker do.
type timing struct {
	*postgres.Store
	timer broker.Timer
}

func (s *timing) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	if w.Disclosure != nil {
		timer := s.timer
		timer.Disclosure, timer.Transaction = w.Disclosure.ID, w.Of.Transaction.Row
		w.Timers = append(w.Timers, timer)
	}
	return s.Store.Commit(ctx, w)
}

// A timer is set in a commit, whether anybody listens or not, and is fired once
// its time has come, again after a failure and as often as it asks for.
func TestTimers(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	const kind = 701
	h.broker.Store = &timing{h.store, broker.Timer{Kind: kind, DueAt: noon.Add(time.Hour)}}
	var fired atomic.Int64
	due := make(chan broker.DueTimer, 10)
	o := outbox.New(outbox.Deps{
		Store: h.store, Broker: h.broker, Client: outbox.NewClient(), Now: h.clock.now, Log: h.logger(),
		Timers: map[broker.TimerKind]outbox.Handler{kind: func(_ context.Context, d broker.DueTimer) (time.Time, error) {
			due <- d
			switch fired.Add(1) {
			case 1:
				return time.Time{}, errors.New("the disk is full")
			case 2:
				return noon.Add(3 * time.Hour), nil
			}
			return time.Time{}, nil
		}},
	})
	run(t, o.Run)
	r := h.disclose(t, "t-1", "s-1", "deliver")
	id := r.at("id")
	h.sql(t, `INSERT INTO outbox (endpoint, kind, transaction_id, entry, due_at, next_at) VALUES (0, 702, 0, 0, '2026-01-01', '2026-01-01')`)
	time.Sleep(1500 * time.Millisecond)
	if n := fired.Load(); n != 0 {
		t.Fatalf("fired %d times before it was due", n)
	}
	h.clock.forward(time.Hour)
	if d := <-due; string(d.Disclosure) != id || d.Kind != kind || d.Transaction == 0 || d.Entry == 0 || !d.DueAt.Equal(noon.Add(time.Hour)) {
		t.Errorf("fired: %+v", d)
	}
	h.putOff(t, 0, 1, 5*time.Second)
	h.clock.forward(6 * time.Second)
	<-due
	h.putOff(t, 0, 0, noon.Add(3*time.Hour).Sub(h.clock.now()))
	time.Sleep(1500 * time.Millisecond)
	if n := fired.Load(); n != 2 {
		t.Fatalf("fired %d times, and asked to be left alone until three", n)
	}
	h.clock.forward(2 * time.Hour)
	if d := <-due; !d.DueAt.Equal(noon.Add(3 * time.Hour)) {
		t.Errorf("fired for %s", d.DueAt)
	}
	h.await(t, `SELECT state FROM outbox WHERE kind = 701`, "1")
	if got := h.ask(t, `SELECT state FROM outbox WHERE kind = 702`); got != "0" {
		t.Errorf("a timer that nobody here knows is in state %s", got)
	}
}
