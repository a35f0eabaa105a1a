package outbox

import (
	"context"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// waits are between the attempts for one message; the last of them repeats until
// three days are over.
var waits = []time.Duration{5 * time.Second, 30 * time.Second, 2 * time.Minute, 10 * time.Minute, time.Hour, 6 * time.Hour}

// mostAttempts for a message: an hour and a quarter, and then six hours each for
// three days.
const mostAttempts = 18

func backoff(attempt int) time.Duration { return waits[min(attempt, len(waits))-1] }

// longestPause bounds how long an endpoint that answers nothing is left alone.
const longestPause = 30 * time.Second

// worker tells one endpoint. It never waits for another one.
type worker struct {
	outbox   *Outbox
	endpoint atomic.Pointer[broker.Endpoint]
	wake     chan struct{}
	slots    chan struct{} // messages on their way
	inARow   atomic.Int64  // failures since the last success
	stop     context.CancelFunc
}

func (w *worker) poke() {
	select {
	case w.wake <- struct{}{}:
	default: // it is about to look
	}
}

// run tells until ctx ends; sending outlives it by a moment.
func (w *worker) run(ctx, sending context.Context) {
	var under sync.WaitGroup
	defer under.Wait()
	for ctx.Err() == nil {
		pause := w.pause()
		room := cap(w.slots) - len(w.slots)
		if pause > 0 { // one message tries whether it is back
			room = min(room, 1-min(1, len(w.slots)))
		}
		taken := w.take(ctx, sending, room, &under)
		if taken > 0 && pause == 0 && taken == room {
			continue
		}
		select {
		case <-ctx.Done():
		case <-w.wake:
			if pause > 0 {
				sleep(ctx, pause)
			}
		case <-time.After(max(every, pause)):
		}
	}
}

// pause is how long to leave the endpoint alone: it doubles with each failure in
// a row after the third.
func (w *worker) pause() time.Duration {
	n := w.inARow.Load() - 3
	if n < 0 {
		return 0
	}
	return min(every<<min(n, 10), longestPause)
}

func sleep(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}

// take sends what is due, as much as there is room for.
func (w *worker) take(ctx, sending context.Context, room int, under *sync.WaitGroup) int {
	o := w.outbox
	if room < 1 {
		return 0
	}
	var due []postgres.Delivery
	err := o.turn(ctx, func() (err error) {
		due, err = o.Store.TakeNotices(ctx, w.endpoint.Load().ID, room, lease)
		return err
	})
	if err != nil {
		o.complain(ctx, "the outbox was not read", err)
		return 0
	}
	for i := range due {
		w.slots <- struct{}{}
		under.Go(func() {
			w.deliver(sending, &due[i])
			<-w.slots
			if len(w.slots) <= cap(w.slots)/2 {
				w.poke()
			}
		})
	}
	return len(due)
}

// deliver makes one attempt, and writes down how it went. If that fails, or the
// process dies before, the message is sent again when the lease is over.
func (w *worker) deliver(ctx context.Context, d *postgres.Delivery) {
	o, e := w.outbox, w.endpoint.Load()
	var told broker.Telling
	err := o.turn(ctx, func() (err error) { told, err = o.Broker.Tell(ctx, d.Notice); return err })
	status := 0
	settle := func(ctx context.Context) error { return o.Store.Finish(ctx, d, postgres.NothingToSay, 0) }
	switch {
	case err != nil:
		o.complain(ctx, "a message could not be read", err)
		settle = func(ctx context.Context) error { return o.Store.Retry(ctx, d, o.Now().Add(backoff(d.Attempt)), 0) }
	case told.Message == nil && !told.Again.IsZero():
		settle = func(ctx context.Context) error { return o.Store.Await(ctx, d, told.Again) }
	case told.Message != nil:
		status, err = post(ctx, o.Client, e, d.MessageID, o.Now(), told.Message)
		settle = w.judge(ctx, e, d, status, err)
	}
	after, cancel := context.WithTimeout(context.WithoutCancel(ctx), patience)
	defer cancel()
	if err := o.turn(after, func() error { return settle(after) }); err != nil {
		o.Log.Warn("how a message went was not written down: it is sent again", "endpoint", e.ID, "cause", err.Error())
	}
}

// judge says what follows from an answer.
func (w *worker) judge(ctx context.Context, e *broker.Endpoint, d *postgres.Delivery, status int, err error) func(context.Context) error {
	o := w.outbox
	if ctx.Err() != nil { // cut off by our own end: it was no failure
		return func(ctx context.Context) error { return o.Store.GiveBack(ctx, d) }
	}
	if err == nil && accepted(status) {
		o.delivered.Add(1)
		w.inARow.Store(0)
		return func(ctx context.Context) error { return o.Store.Finish(ctx, d, postgres.Done, status) }
	}
	o.failed.Add(1)
	w.inARow.Add(1)
	o.Log.Warn("a message was not taken over", "endpoint", e.ID, "kind", d.Notice.Kind.String(), "entry", d.Notice.Entry, "attempt", d.Attempt, "status", status)
	switch {
	case status == http.StatusGone:
		return func(ctx context.Context) error {
			if err := o.Store.DisableEndpoint(ctx, e.ID); err != nil {
				return err
			}
			return o.Store.Finish(ctx, d, postgres.GivenUp, status)
		}
	case d.Attempt >= mostAttempts:
		return func(ctx context.Context) error { return o.Store.Finish(ctx, d, postgres.GivenUp, status) }
	}
	return func(ctx context.Context) error { return o.Store.Retry(ctx, d, o.Now().Add(backoff(d.Attempt)), status) }
}
