package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/broker"
)

// policyEvery is how often is looked for another set, in the folder and in the
// database. A folder has to look the same twice: one that is being written is
// not read half way.
const policyEvery = 400 * time.Millisecond

// policyWatch makes a running broker follow the policy set in force, and offers
// what an operator puts into --policies.
type policyWatch struct {
	dir    string // empty: nothing is watched but the database
	broker *broker.Broker
	log    *slog.Logger

	before, handled [sha256.Size]byte // content of the folder: at the last look, and as it was last offered or refused
	numbers         [2]int64          // of the set in force and the newest proposal, when they were last told

	refused  atomic.Int64 // sets
	invalid  atomic.Bool  // what is in the folder now was refused
	proposed atomic.Bool  // a set waits for approval
	behind   atomic.Bool  // the set in force could not be loaded
}

// newPolicyWatch takes what is in the folder now as offered: Begin has done that.
func newPolicyWatch(p *program, b *broker.Broker) *policyWatch {
	w := &policyWatch{dir: p.Policies, broker: b, log: p.log}
	w.handled, _ = contentOf(w.dir)
	return w
}

func (w *policyWatch) run(ctx context.Context) {
	repeat(ctx, policyEvery, func() {
		w.follow(ctx)
		if w.dir != "" {
			w.look(ctx)
		}
	})
}

// follow makes the broker decide by what is in force, and says what has changed.
func (w *policyWatch) follow(ctx context.Context) {
	if err := w.broker.Follow(ctx); err != nil && !errors.Is(err, broker.ErrUnavailable) && ctx.Err() == nil {
		if !w.behind.Swap(true) {
			w.log.Error("the policy set in force can't be decided by; requests are refused", "cause", explain(err))
		}
		return
	}
	w.behind.Store(false)
	inForce, proposal, err := w.broker.Store.PolicyNumbers(ctx)
	if now := [2]int64{inForce, proposal}; err == nil && now != w.numbers {
		w.numbers = now
		w.tell(ctx)
	}
}

func (w *policyWatch) tell(ctx context.Context) {
	w.log.Info("policy set in force", "policy", w.broker.PolicyVersion(), "entry", w.numbers[0])
	p, err := w.broker.OpenProposal(ctx)
	w.proposed.Store(err == nil)
	if err == nil {
		w.log.Warn("a policy set waits for approval, and the old one goes on: bauta policy approve "+p.Version,
			"policy", p.Version, "diff", p.Diff, "reveals_more", p.Change.Reveals, "entry", p.Number)
	}
}

// look offers what is in the folder, if it is new and looked the same twice.
func (w *policyWatch) look(ctx context.Context) {
	now, err := contentOf(w.dir)
	settled := err == nil && now == w.before
	w.before = now
	if !settled || now == w.handled {
		return
	}
	e, err := loadPolicies(w.dir)
	if again, _ := contentOf(w.dir); again != now {
		return
	}
	if err != nil {
		w.handled = now
		w.refused.Add(1)
		w.invalid.Store(true)
		w.log.Error("the policies are refused, and the old set goes on", "cause", err.Error())
		return
	}
	w.invalid.Store(false)
	state, err := w.broker.Offer(ctx, e)
	if err != nil {
		if ctx.Err() == nil {
			w.log.Warn("the policies could not be offered; tried again", "cause", explain(err))
		}
		return
	}
	w.handled = now
	w.log.Info("policies read", "policy", e.Version(), "state", string(state))
}

// contentOf names what the *.cedar files of a folder hold, names and all.
func contentOf(dir string) (sum [sha256.Size]byte, err error) {
	names, err := filepath.Glob(filepath.Join(dir, "*.cedar"))
	if err != nil || dir == "" {
		return sum, err
	}
	h := sha256.New()
	for _, name := range names {
		text, err := os.ReadFile(name) //nolint:gosec // the operator named the folder
		if err != nil {
			return sum, err
		}
		one := sha256.Sum256(text)
		_, _ = h.Write(append([]byte(filepath.Base(name)+"\n"), one[:]...))
	}
	return [sha256.Size]byte(h.Sum(nil)), nil
}

// reasons say why the broker is not ready. That a set waits for approval, or
// was refused, is none: the old one goes on.
func (w *policyWatch) reasons() []string {
	if w.behind.Load() || w.broker.Undecided() {
		return []string{"the policy set in force can't be decided by this release: bauta policy approve puts one into force that it can"}
	}
	return nil
}

func (w *policyWatch) measure(r *prometheus.Registry) {
	gauge := func(name, help string, of *atomic.Bool) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, func() float64 {
			if of.Load() {
				return 1
			}
			return 0
		})
	}
	r.MustRegister(
		gauge("bauta_policy_invalid", "1 while the folder of policies holds a set that was refused.", &w.invalid),
		gauge("bauta_policy_proposed", "1 while a policy set waits for approval.", &w.proposed),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "bauta_policy_refused_total", Help: "Policy sets that were refused as invalid."},
			func() float64 { return float64(w.refused.Load()) }),
	)
}
