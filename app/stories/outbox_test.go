package stories

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bauta.dev/bauta/app/outbox"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
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

// failing is a store whose first commit of what time does fails.
type failing struct {
	*postgres.Store
	failed atomic.Bool
}

func (s *failing) Commit(ctx context.Context, w *broker.Write) (ledger.Place, error) {
	if w.Record.Type == ledger.RequestMoved && s.failed.CompareAndSwap(false, true) {
		return ledger.Place{}, errors.New("the disk is full")
	}
	return s.Store.Commit(ctx, w)
}

// A deadline that has passed is written down when its time has come, whether
// anybody listens or not, again after a failure, and once; who listens is told then.
func TestDeadlinesPass(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	hanna := h.employ(t, "hanna", helena, accounts.Handler)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.broker.Store = &failing{Store: h.store}
	h.tell(t)
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	id := r.at("id")
	h.sql(t, `INSERT INTO outbox (endpoint, kind, transaction_id, entry, due_at, next_at) VALUES (0, 702, 0, 0, '2026-01-01', '2026-01-01')`)
	size := h.size(t)
	h.clock.set(noon.Add(24*time.Hour - time.Second))
	time.Sleep(1500 * time.Millisecond)
	if h.size(t) != size {
		t.Fatal("a hearing has ended before its time")
	}
	h.clock.forward(time.Second)
	h.putOff(t, 0, 1, 5*time.Second)
	h.clock.forward(6 * time.Second)
	h.await(t, `SELECT count(*) - `+size+` FROM ledger_entries`, "1")
	h.await(t, `SELECT string_agg(state::text, ' ' ORDER BY kind) FROM outbox`, "1 0") // one that nobody here knows is left alone

	l := h.listen(t)
	h.signIn(t, hanna)
	h.do(t, "hanna", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200, "hearing", "silent")
	for _, reason := range []string{"purpose_unclear", "evidence_missing"} { // the first question is answered: its time means nothing any more
		h.do(t, "hanna", "POST /v1/requests/"+id+"/question", `{"reason":"`+reason+`"}`).want(t, 200, "state", "info_needed")
		if reason == "purpose_unclear" {
			h.do(t, "market", "POST /v1/disclosures/"+id+"/answer", `{"party":"s-1"}`).want(t, 200)
			h.clock.forward(time.Minute)
		}
	}
	h.caughtUpButFor(t, 702)
	ends := h.clock.now().Add(5 * 24 * time.Hour)
	h.clock.set(ends.Add(-time.Second))
	h.caughtUpButFor(t, 702)
	if got := l.kinds(); got != "disclosure.information_needed disclosure.information_needed" {
		t.Fatalf("told before its time: %s", got)
	}
	h.clock.forward(time.Second)
	await(t, "it is told", func() bool { return strings.HasSuffix(l.kinds(), " disclosure.withdrawn") })
	if m := l.all()[2]; m.at != ends.Format(time.RFC3339) || m.disclosure != id {
		t.Errorf("told: %s", m.body)
	}
	h.caughtUpButFor(t, 702)
	if got := h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`); got != "6" {
		t.Errorf("%s entries: two of time, and four of people", got)
	}
}
