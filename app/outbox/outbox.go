// Package outbox decides when whoever listens is told what has been committed,
// and tells it again until it is taken over: at least once, in order for each
// transaction and endpoint, and never in anybody else's way.
package outbox

import (
	"context"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// Handler looks at a timer whose time has come, and says when it wants to be
// asked again; zero is never. It may be called twice for one timer, and late.
type Handler func(ctx context.Context, t broker.DueTimer) (again time.Time, err error)

// Deps is what an outbox needs.
type Deps struct {
	Store  *postgres.Store
	Broker *broker.Broker
	Timers map[broker.TimerKind]Handler
	Client *http.Client // of NewClient
	Now    func() time.Time
	Log    *slog.Logger
}

// How it works.
const (
	every   = time.Second      // it looks, if nothing wakes it before
	atOnce  = 16               // messages on their way to one endpoint
	lease   = 20 * time.Second // longer than an attempt takes, patience and all
	reading = 2                // connections of the reading pool that are used at once
	leaving = 1500 * time.Millisecond
	counted = 15 // looks between two counts
)

// Outbox runs in every broker; any number of them share the work.
type Outbox struct {
	Deps
	turns chan struct{} // for the database

	delivered, failed atomic.Int64
	mu                sync.Mutex
	backlogs          map[int64]postgres.Backlog
}

// New makes an outbox.
func New(d Deps) *Outbox { return &Outbox{Deps: d, turns: make(chan struct{}, reading)} }

// Run tells until ctx ends. What is on its way then has a moment to arrive; what
// does not is told by another broker, or after the next start.
func (o *Outbox) Run(ctx context.Context) {
	sending, cut := context.WithCancel(context.WithoutCancel(ctx))
	defer cut()
	stop := context.AfterFunc(ctx, func() { time.AfterFunc(leaving, cut) })
	defer stop()
	tick := time.NewTicker(every)
	defer tick.Stop()
	workers := map[int64]*worker{}
	var work sync.WaitGroup
	defer work.Wait()
	defer func() {
		for _, w := range workers {
			w.stop()
		}
	}()
	for looks := 0; ctx.Err() == nil; looks++ {
		o.look(ctx, sending, workers, &work, looks)
		for waiting := true; waiting; {
			select {
			case <-ctx.Done():
				waiting = false
			case <-tick.C:
				waiting = false
			case <-o.Store.Spoken():
				for _, w := range workers {
					w.poke()
				}
			}
		}
	}
}

// look reads who listens, keeps a worker for each of them, and fires timers.
func (o *Outbox) look(ctx, sending context.Context, workers map[int64]*worker, work *sync.WaitGroup, looks int) {
	var endpoints []broker.Endpoint
	err := o.turn(ctx, func() (err error) { endpoints, err = o.Store.Endpoints(ctx); return err })
	if err != nil {
		o.complain(ctx, "who listens is not known", err)
		return
	}
	listening := map[int64]*broker.Endpoint{}
	for i := range endpoints {
		if e := &endpoints[i]; e.DisabledAt.IsZero() {
			listening[e.ID] = e
		}
	}
	maps.DeleteFunc(workers, func(id int64, w *worker) bool {
		if listening[id] == nil {
			w.stop()
		}
		return listening[id] == nil
	})
	for id, e := range listening {
		if workers[id] == nil {
			w := &worker{outbox: o, wake: make(chan struct{}, 1), slots: make(chan struct{}, atOnce)}
			w.endpoint.Store(e)
			running, stop := context.WithCancel(ctx)
			w.stop = stop
			workers[id] = w
			work.Go(func() { w.run(running, sending) })
			continue
		}
		workers[id].endpoint.Store(e)
	}
	for len(o.Timers) > 0 && o.fire(ctx) == atOnce {
	}
	if looks%counted == 0 {
		o.count(ctx, len(endpoints))
	}
}

// turn uses the database, of which others have the larger share.
func (o *Outbox) turn(ctx context.Context, do func() error) error {
	select {
	case o.turns <- struct{}{}:
		defer func() { <-o.turns }()
		return do()
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (o *Outbox) complain(ctx context.Context, what string, err error) {
	if ctx.Err() == nil {
		o.Log.Warn(what, "cause", err.Error())
	}
}

// fire calls the handlers of some timers that are due, and says of how many. One
// that fails is asked again.
func (o *Outbox) fire(ctx context.Context) int {
	kinds := slices.Collect(maps.Keys(o.Timers))
	var due []postgres.Delivery
	err := o.turn(ctx, func() (err error) { due, err = o.Store.TakeTimers(ctx, kinds, atOnce, lease); return err })
	if err != nil {
		o.complain(ctx, "timers were not read", err)
		return 0
	}
	for i := range due {
		d := &due[i]
		t := d.Timer()
		again, err := o.Timers[t.Kind](ctx, t)
		settle := func() error { return o.Store.Finish(ctx, d, postgres.Done, 0) }
		switch {
		case err != nil:
			o.complain(ctx, "a timer failed, and is fired again", err)
			settle = func() error { return o.Store.Retry(ctx, d, o.Now().Add(backoff(d.Attempt)), 0) }
		case !again.IsZero():
			settle = func() error { return o.Store.Await(ctx, d, again) }
		}
		if err := o.turn(ctx, settle); err != nil {
			o.complain(ctx, "a timer was fired, and will be once more", err)
		}
	}
	return len(due)
}

// count keeps what waits, for the metrics.
func (o *Outbox) count(ctx context.Context, endpoints int) {
	var all map[int64]postgres.Backlog
	if endpoints > 0 {
		if err := o.turn(ctx, func() (err error) { all, err = o.Store.Backlogs(ctx); return err }); err != nil {
			o.complain(ctx, "what waits was not counted", err)
			return
		}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.backlogs = all
}

// Stats are for metrics: what this broker did since its start, and what waits
// for anybody, as it was counted last.
type Stats struct {
	Delivered, Failed int64 // attempts
	Waiting, GivenUp  int64
	Oldest            time.Duration // how long the oldest that waits is due
}

// Stats of the outbox.
func (o *Outbox) Stats() Stats {
	s := Stats{Delivered: o.delivered.Load(), Failed: o.failed.Load()}
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, b := range o.backlogs {
		s.Waiting, s.GivenUp = s.Waiting+b.Waiting, s.GivenUp+b.Failed
		if !b.Oldest.IsZero() {
			s.Oldest = max(s.Oldest, o.Now().Sub(b.Oldest))
		}
	}
	return s
}
