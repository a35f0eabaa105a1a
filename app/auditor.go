package main

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

const (
	auditEvery  = time.Minute // the newest entries; and how soon what could not be made is tried again
	auditNewest = 100_000
)

// auditor verifies the ledger while the broker runs: the newest entries every
// minute, and within a day all of it, rows and all, at a pace that nobody notices.
// What it finds, or a request comes upon, makes the broker not ready until the same
// check finds nothing: on a record that was tampered with, nothing more is revealed
// (broker.Deps.Sound). It holds two connections of the reading pool at most.
type auditor struct {
	store *postgres.Store
	now   func() time.Time
	wait  func(ctx context.Context, d time.Duration)
	log   *slog.Logger
	rate  int   // entries a second; 0: done within auditWithin
	most  int64 // how many of the newest entries a minute's audit covers

	audited, findings atomic.Int64
	newest, whole     verdict
	pass              pass
	met               met
}

// verdict is what the last check of a kind came to.
type verdict struct {
	mu    sync.Mutex
	at    time.Time // of the last that could be made; zero: none yet
	wrong string    // places and reasons, never a value
}

// met are findings that requests came upon. Each stays until a pass over everything
// that began after it has found nothing, or the broker is started anew.
type met struct {
	mu  sync.Mutex
	all map[ledger.Finding]time.Time
}

// mostMet bounds them: one is enough to stop all reveals.
const mostMet = 16

func newAuditor(p *program, store *postgres.Store, rate int) *auditor {
	return &auditor{store: store, now: p.now, wait: sleep, log: p.log, rate: rate, most: auditNewest}
}

func sleep(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// run audits until ctx ends, and then stops at once.
func (a *auditor) run(ctx context.Context) {
	var work sync.WaitGroup
	work.Go(func() { a.everyMinute(ctx, a.minute) })
	work.Go(func() { a.everyMinute(ctx, a.goOn) })
	work.Wait()
}

// everyMinute does something now, and again a minute after each beginning, or at once
// where it took longer.
func (a *auditor) everyMinute(ctx context.Context, do func(context.Context)) {
	for ctx.Err() == nil {
		begun := a.now()
		do(ctx)
		a.wait(ctx, max(0, auditEvery-a.now().Sub(begun)))
	}
}

// minute audits the newest entries.
func (a *auditor) minute(ctx context.Context) {
	a.settle(ctx, "newest", &a.newest, a.auditNewest(ctx))
}

// sweepEvery is how often what nobody asks for any more is taken away.
const sweepEvery = time.Hour

// sweep does so until ctx ends. What fails is tried again an hour later.
func sweep(ctx context.Context, store *postgres.Store, log *slog.Logger) {
	repeat(ctx, sweepEvery, func() {
		if err := store.Sweep(ctx); err != nil && ctx.Err() == nil {
			log.Warn("old idempotency records stay for another hour", "cause", err.Error())
		}
	})
}

// lockTold is how long a lock-out may go without its entry.
const lockTold = time.Minute

// tellLocks writes the entries of accounts that failures have locked, until ctx ends.
func tellLocks(ctx context.Context, b *broker.Broker, log *slog.Logger) {
	repeat(ctx, lockTold, func() {
		if err := b.TellLocks(ctx); err != nil && ctx.Err() == nil {
			log.Warn("a locked account has no entry yet; it is tried again in a minute", "cause", explain(err))
		}
	})
}

// repeat does something now, and again so long after each beginning.
func repeat(ctx context.Context, every time.Duration, do func()) {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ctx.Err() == nil {
		do()
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (a *auditor) auditNewest(ctx context.Context) (err error) {
	defer broke(&err)
	n, err := a.store.CheckTail(ctx, a.most)
	a.audited.Add(n)
	if err != nil {
		return err
	}
	return a.store.CheckAsides(ctx)
}

// broke makes a panic of a check its finding: rows that break it are not ours.
func broke(err *error) {
	if recover() != nil {
		*err = ledger.Finding{Part: ledger.PartRow, Reason: "a row broke the check itself"}
	}
}

// settle keeps what a check came to. One that could not be made says nothing
// about the ledger, and is made again when its time comes.
func (a *auditor) settle(ctx context.Context, which string, v *verdict, err error) {
	wrong, found := errors.AsType[ledger.Finding](err)
	if err != nil && !found {
		if ctx.Err() == nil {
			a.log.Warn("the ledger could not be audited", "audit", which, "cause", explain(err))
		}
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.at, v.wrong = a.now(), ""
	if found {
		v.wrong = wrong.Error()
		a.findings.Add(1)
		a.log.Error("the ledger is not what was signed", "audit", which, "finding", v.wrong)
	}
}

// come notes what a request came upon; it is told by the door.
func (a *auditor) come(f ledger.Finding) {
	a.met.mu.Lock()
	defer a.met.mu.Unlock()
	_, known := a.met.all[f]
	if known || len(a.met.all) >= mostMet {
		return
	}
	if a.met.all == nil {
		a.met.all = map[ledger.Finding]time.Time{}
	}
	a.met.all[f] = a.now()
	a.findings.Add(1)
	a.log.Error("the ledger is not what was signed", "audit", "request", "finding", f.Error())
}

// forget takes away what was met before a pass began that has found nothing.
func (m *met) forget(begun time.Time) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for f, at := range m.all {
		if at.Before(begun) {
			delete(m.all, f)
		}
	}
}

func (m *met) list() []string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var all []string
	for f := range m.all {
		all = append(all, f.Error())
	}
	slices.Sort(all)
	return all
}

// found is what was found last, places and reasons, each once.
func (a *auditor) found() []string {
	all := a.met.list()
	for _, v := range []*verdict{&a.newest, &a.whole} {
		v.mu.Lock()
		if v.wrong != "" && !slices.Contains(all, v.wrong) {
			all = append(all, v.wrong)
		}
		v.mu.Unlock()
	}
	return all
}

// reasons say why the broker is not ready, if the last checks found anything.
func (a *auditor) reasons() []string {
	all := a.found()
	for i := range all {
		all[i] = "the ledger is not what was signed: " + all[i]
	}
	return all
}

// sound says why no value may be revealed now; nil while all is well.
func (a *auditor) sound() error {
	if err := a.store.Refusal(); err != nil {
		return broker.ErrRefused.Because(err).After(time.Minute)
	}
	if all := a.found(); len(all) > 0 {
		return broker.ErrTampered.Because(errors.New(all[0])).After(time.Minute)
	}
	return nil
}

// ready is the store's readiness, and the auditor's.
func (a *auditor) ready(ctx context.Context) []string {
	return append(a.store.Ready(ctx), a.reasons()...)
}

func (v *verdict) seconds() float64 {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at.IsZero() {
		return 0
	}
	return float64(v.at.UnixMilli()) / 1000
}

// measure shows what the auditor does among the metrics.
func (a *auditor) measure(r *prometheus.Registry) {
	counter := func(name, help string, of *atomic.Int64) prometheus.Collector {
		return prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: help}, func() float64 { return float64(of.Load()) })
	}
	gauge := func(name, help string, of func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, of)
	}
	r.MustRegister(
		counter("bauta_ledger_audit_entries_total", "Entries that this broker has audited.", &a.audited),
		counter("bauta_ledger_audit_findings_total", "Audits that found something wrong.", &a.findings),
		gauge("bauta_ledger_audit_newest_seconds", "Unix time of the last audit of the newest entries; 0 before the first.", a.newest.seconds),
		gauge("bauta_ledger_audit_whole_seconds", "Unix time of the last audit of everything; 0 before the first.", a.whole.seconds),
	)
}
