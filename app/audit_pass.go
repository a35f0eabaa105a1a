package main

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker/ledger"
)

const (
	auditAgain   = time.Hour      // after a pass over everything has ended, at the earliest
	auditWithin  = 20 * time.Hour // how long one takes at most, at the rate that nobody set
	auditDay     = 24 * time.Hour // what is promised
	auditAtLeast = 300            // entries a second, however small the log
	auditSave    = time.Minute    // how often the place is kept
	auditStale   = 48 * time.Hour // a pass that began so long ago is not gone on with: see postgres.KeptAudit
	auditBatch   = 4096           // entries between two places that a check can go on from
)

// pass is the audit of everything that is under way. Its place is kept, so that a
// log whose broker is started anew every few hours is audited whole all the same,
// and an error of the database costs a minute.
type pass struct {
	postgres.AuditPass

	known   bool      // it was read
	saved   time.Time // when it was kept last
	ended   time.Time // when this process was through with one
	foundAt int64     // how far it was when it found what whole says; -1: nothing
	rows    bool      // and that was among the rows
	warned  bool      // that the rate does not do
}

// goOn goes on with the pass, or begins one when its time has come. It returns when
// the pass is over, or has found something, or could not go on; the next minute
// takes it up where it was, so that what was mended is noticed, and what was not is
// found again.
func (a *auditor) goOn(ctx context.Context) {
	p := &a.pass
	if !p.known {
		kept, err := a.store.KeptAudit(ctx)
		if err != nil {
			a.settle(ctx, "whole", &a.whole, err)
			return
		}
		p.AuditPass, p.known, p.foundAt = kept, true, -1
		a.whole.resume(kept.Finished)
	}
	now := a.now()
	if since := now.Sub(p.ended); p.Begun.IsZero() && since >= 0 && since < auditAgain {
		return
	}
	if p.Begun.IsZero() || now.Sub(p.Begun) > auditStale || p.Begun.After(now) {
		p.AuditPass, p.warned = postgres.AuditPass{Begun: now, Finished: p.Finished}, false
		p.foundAt, p.rows = -1, false // what is said stays said until this pass has found nothing
	}
	err := a.auditWhole(ctx)
	a.save(ctx)
	a.settle(ctx, "whole", &a.whole, err)
}

func (a *auditor) auditWhole(ctx context.Context) (err error) {
	defer broke(&err)
	p := &a.pass
	at, half := a.pace(ctx, p.Verified), p.Begun.Add(auditWithin/2)
	if !p.Whole {
		progress := at.by(half)
		report, err := a.store.CheckOn(ctx, p.Verified, progress, func(size int64) {
			p.Verified = size
			a.passed(ctx, size)
		})
		if err != nil {
			return a.stopped(err, at.done)
		}
		p.Verified, p.Whole = report.Entries, true
		if p.foundAt >= 0 && !p.rows {
			a.clear()
		}
	}
	at = a.pace(ctx, p.Done)
	p.rows = true
	_, err = a.store.AuditComplete(ctx, &p.AuditPass, at.by(p.Begun.Add(auditWithin)), func() { a.passed(ctx, p.Done) })
	if err != nil {
		return a.stopped(err, at.done)
	}
	a.met.forget(p.Begun)
	p.ended = a.now()
	p.AuditPass, p.foundAt, p.rows = postgres.AuditPass{Finished: p.ended}, -1, false
	return nil
}

// stopped notes where a finding was made.
func (a *auditor) stopped(err error, done int64) error {
	if _, found := errors.AsType[ledger.Finding](err); found {
		a.pass.foundAt = done
	}
	return err
}

// passed is told each place that a check can go on from. What was found before it
// is found no more.
func (a *auditor) passed(ctx context.Context, size int64) {
	if at := a.pass.foundAt; at >= 0 && size > at+auditBatch {
		a.clear()
	}
	if a.now().Sub(a.pass.saved) >= auditSave {
		a.save(ctx)
	}
}

// clear takes back a finding of the pass: the place is as it has to be.
func (a *auditor) clear() {
	a.pass.foundAt = -1
	a.whole.mu.Lock()
	defer a.whole.mu.Unlock()
	a.whole.wrong = ""
}

// save keeps the place. What cannot be kept is kept in a minute.
func (a *auditor) save(ctx context.Context) {
	a.pass.saved = a.now()
	if err := a.store.KeepAudit(ctx, a.pass.AuditPass); err != nil && ctx.Err() == nil {
		a.log.Warn("how far the audit has come is not kept", "cause", explain(err))
	}
}

// pacing keeps a check waiting until its time has come.
type pacing struct {
	a     *auditor
	ctx   context.Context //nolint:containedctx // it lives as long as the one check
	begun time.Time
	from  int64
	done  int64
}

func (a *auditor) pace(ctx context.Context, from int64) *pacing {
	return &pacing{a: a, ctx: ctx, begun: a.now(), from: from, done: from}
}

// by is a progress that is through at a time, if no rate is set: whoever was down
// for hours makes them up, at four times the pace at most.
func (p *pacing) by(end time.Time) func(done, total int64) {
	within := max(end.Sub(p.begun), auditWithin/8)
	return func(done, total int64) {
		p.a.audited.Add(max(done-p.done, 0))
		if done < p.from { // it began at the beginning after all
			p.from = done
		}
		p.done = done
		rate := float64(p.a.rate)
		if p.a.rate == 0 {
			rate = max(float64(total-p.from)/within.Seconds(), auditAtLeast)
		}
		p.a.warn(total)
		due := p.begun.Add(time.Duration(float64(done-p.from) / rate * float64(time.Second)))
		if wait := due.Sub(p.a.now()); wait > 0 && done < total {
			p.a.wait(p.ctx, wait)
		}
	}
}

// tooSlow is how long a pass takes at the rate that was set, if that is more than a day.
func (a *auditor) tooSlow(total int64) (time.Duration, bool) {
	if a.rate == 0 {
		return 0, false
	}
	takes := time.Duration(2 * float64(total) / float64(a.rate) * float64(time.Second)) // the log, and the rows
	return takes, takes > auditDay
}

// warn says once a pass that --audit-rate does not do.
func (a *auditor) warn(total int64) {
	takes, slow := a.tooSlow(total)
	if !slow || a.pass.warned {
		return
	}
	a.pass.warned = true
	a.log.Warn("--audit-rate is too low for this log: an audit of everything takes more than a day",
		"entries", total, "audit_rate", a.rate, "takes_hours", int(takes.Hours()), "wanted", 2*total/int64(auditDay.Seconds())+1)
}

// resume says when everything was found right last, before this process was started.
func (v *verdict) resume(at time.Time) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.at.IsZero() {
		v.at = at
	}
}
