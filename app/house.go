package main

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/cluster"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// house is what a command works in: the keys, the database, and the store on it.
type house struct {
	keys    *masking.Folder
	private *private // nil on a database of the operator's own
	store   *postgres.Store
	anchor  *anchor.Anchor
	packs   *merchants.Packs // the laws of markets
}

// open finds keys and database by the settings; where no broker runs it starts
// the private cluster. Keys come first: a wrong folder touches no database, and
// a database is never there without its keys. Whoever opens closes.
func (p *program) open(ctx context.Context, may intent) (*house, error) {
	if err := p.checkpointFileApart(); err != nil {
		return nil, err
	}
	if _, err := p.witnesses(); err != nil {
		return nil, err
	}
	packs, err := merchants.Load()
	if err != nil {
		return nil, err
	}
	keys, err := p.openKeys(may)
	if err != nil {
		return nil, err
	}
	h := &house{keys: keys, packs: packs}
	cfg := postgres.Config{
		URL: p.DatabaseURL, Keys: keys, Origin: p.Origin, Looking: may == looking, Random: p.random, Now: p.now, Log: p.log,
	}
	if p.DatabaseURL == "" {
		if h.private, err = startPrivate(ctx, p.DataDir, may >= serving, p.log); err != nil {
			return nil, err
		}
		c := h.private.cluster()
		cfg.URL, cfg.OwnerURL = c.URL(cluster.RoleApp), c.URL(cluster.RoleOwner)
	}
	if h.store, err = postgres.Open(ctx, cfg); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	if h.anchor, err = p.anchor(h.store, may); err != nil {
		return nil, errors.Join(err, h.close(ctx))
	}
	return h, nil
}

// Of an end that may take 10 s: how long all of it takes at most, and how much
// of that requests and commits under way get before the database has the rest.
const (
	ending     = 8500 * time.Millisecond
	draining   = 3 * time.Second
	committing = 2 * time.Second
)

// end is a context for what is done after ctx has ended.
func end(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.WithoutCancel(ctx), ending)
}

// close lets commits finish, and then ends the database if it is this
// process's. Unless ctx is from end already, the whole of its time begins here.
func (h *house) close(ctx context.Context) error {
	if _, limited := ctx.Deadline(); !limited {
		var cancel context.CancelFunc
		ctx, cancel = end(ctx)
		defer cancel()
	}
	if h.store != nil {
		within(committing, h.store.Close)
	}
	if h.private == nil {
		return nil
	}
	return h.private.stop(ctx)
}

// within waits for do, but not for ever: what it leaves running ends with the process.
func within(limit time.Duration, do func()) {
	done := make(chan struct{})
	go func() {
		do()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(limit):
	}
}

// terms are what an operator may choose about deciding.
type terms struct {
	budgets *budget.Limits // nil: none
	hints   bool
	office  *disputes.Office // nil: always at work
	large   string           // the amount from which a lead approves
	reveals int              // in cases, a day and account; 0: no limit
	sound   func() error     // nil: what this process reveals, nobody audits meanwhile
}

func (h *house) broker(p *program, e *necessity.Engine, t terms) *broker.Broker {
	return broker.New(broker.Deps{
		Store: h.store, Engine: e, Packs: h.packs, Now: p.now, Random: p.random, Origin: h.store.SealingOrigin(),
		Staff: h.keys.Staff, Auditor: h.keys.Auditor, Once: h.keys.MAC,
		Budgets: t.budgets, PeerMasks: t.hints, Sound: t.sound, Office: t.office, LargeCase: t.large, RevealLimit: t.reveals,
	})
}

// operator is a broker for the operator's own hand. Witnesses are asked before
// its first commit, as a server asks them. On a new log it writes the beginning;
// on any other it leaves the policy set in force alone, for a broker may be
// deciding by it right now.
func (h *house) operator(ctx context.Context, p *program) (*broker.Broker, error) {
	e, err := p.engine()
	if err != nil {
		return nil, err
	}
	if len(h.anchor.Witnesses) > 0 {
		if err := h.anchorFirst(ctx, p); err != nil {
			return nil, err
		}
	}
	b := h.broker(p, e, terms{})
	if _, err := h.store.PolicyInForce(ctx); !errors.Is(err, broker.ErrNotFound) {
		return b, err
	}
	vkey, _ := h.store.Verifier()
	return b, b.Begin(ctx, h.store, vkey)
}

// visit opens the house for one command and closes it after.
func (p *program) visit(ctx context.Context, may intent, do func(*house) error) error {
	h, err := p.open(ctx, may)
	if err != nil {
		return err
	}
	err = do(h)
	return errors.Join(err, h.close(ctx))
}
