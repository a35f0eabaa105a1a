package main

import (
	"context"
	"database/sql"
	"fmt"
	"os"
	"slices"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/app/postgres/cluster"
)

// large measures a broker on a ledger of many million entries: what stays as it
// is on an empty one, and what everything takes on disk.
func (p *place) large(ctx context.Context) error {
	if p.only == "" {
		p.rows = append(p.rows, row{what: "a ledger of 10 million entries", result: "-only large"})
		return nil
	}
	err := p.measureLarge(ctx)
	if err != nil {
		_, _ = p.server.Stop() // it may have been stopped; no broker stays behind
	}
	return err
}

func (p *place) measureLarge(ctx context.Context) error {
	fmt.Fprintln(os.Stderr, "filling a marketplace…")
	if err := p.client.Fill(p.orders); err != nil {
		return err
	}
	if err := p.tidy(ctx); err != nil {
		return err
	}
	soon, err := p.starting(ctx) // before anything is measured: on either ledger the broker has just started
	if err != nil {
		return err
	}
	empty, err := p.disclosing(ctx, "the ledger is nearly empty")
	if err != nil {
		return err
	}
	short, err := p.check(ctx, p.server, "integrity")
	if err != nil {
		return err
	}
	if err := p.restart(ctx, func() error { return p.fillLedger(ctx) }); err != nil {
		return err
	}
	late, err := p.starting(ctx)
	if err != nil {
		return err
	}
	full, err := p.disclosing(ctx, fmt.Sprintf("the ledger has %d entries more", p.entries))
	if err != nil {
		return err
	}
	p.rows = slices.Insert(p.rows, 0,
		row{"disclosures/s at 64 connections ÷ nearly empty ledger", rate(empty.plain.perSecond), rate(full.plain.perSecond), full.plain.perSecond / empty.plain.perSecond, "0.7"},
		row{"processor time of one: broker + PostgreSQL", empty.plain.String(), full.plain.String(), full.plain.whole() / max(empty.plain.whole(), 1), ""},
		row{"the same with idempotency keys", rate(empty.keyed.perSecond), rate(full.keyed.perSecond), full.keyed.perSecond / empty.keyed.perSecond, ""},
		row{"processor time of one: broker + PostgreSQL", empty.keyed.String(), full.keyed.String(), full.keyed.whole() / max(empty.keyed.whole(), 1), ""},
		row{"start to ready, the median of five", millis(soon), millis(late), float64(late) / float64(soon), "about 1"})
	p.appends(full.plain.perSecond)
	if err := p.proofs(ctx); err != nil {
		return err
	}
	if err := p.integrity(ctx, short); err != nil {
		return err
	}
	return p.completeness(ctx)
}

func millis(d time.Duration) string { return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000) }

// disclosed is how many disclosures a second there are, warm: without idempotency
// keys, and with a new one each.
type disclosed struct{ plain, keyed cost }

func (p *place) disclosing(ctx context.Context, when string) (d disclosed, err error) {
	fmt.Fprintf(os.Stderr, "64 clients disclose; %s…\n", when)
	wires, err := p.client.Wires(64)
	if err != nil {
		return d, err
	}
	defer func() {
		for _, w := range wires {
			w.Close()
		}
	}()
	plain := func(client, i int) error { return wires[client].Ask((client*7919 + i) % p.orders) }
	// A young cluster has yet to make the log files that an older one uses again,
	// and does so up to its first checkpoint.
	load.Measure(64, warmth, 0, plain)
	if err := p.do(ctx, `CHECKPOINT`); err != nil {
		return d, err
	}
	if d.plain, err = p.costs(plain); err != nil {
		return d, err
	}
	d.keyed, err = p.costs(func(client, i int) error {
		return wires[client].AskOnce((client*7919+i)%p.orders, fmt.Sprintf("%d-%d-%d", time.Now().UnixNano(), client, i))
	})
	return d, err
}

// starting is how long a start takes to "ready", the median of five.
func (p *place) starting(ctx context.Context) (time.Duration, error) {
	var took []time.Duration
	for range 5 {
		began := time.Now()
		if err := p.restart(ctx, func() error { began = time.Now(); return nil }); err != nil {
			return 0, err
		}
		took = append(took, time.Since(began))
	}
	slices.Sort(took)
	return took[len(took)/2], nil
}

// restart stops the broker, and does what has to be done before it starts again.
func (p *place) restart(ctx context.Context, meanwhile func() error) error {
	if _, err := p.server.Stop(); err != nil {
		return err
	}
	if err := meanwhile(); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, 10*time.Minute)
	defer cancel()
	if err := p.server.Start(ctx); err != nil {
		return err
	}
	client := load.Dial(p.server.URL, 64)
	client.Market, client.Attest = p.client.Market, p.client.Attest
	p.client = client
	return nil
}

// owner is the database of the broker under test, as its owner sees it. The
// socket stays the same, whoever runs the server.
func (p *place) owner() (*sql.DB, error) {
	db, err := sql.Open("postgres", p.cluster.DSN(cluster.RoleOwner))
	if err != nil {
		return nil, fmt.Errorf("open database: %w", err)
	}
	db.SetMaxOpenConns(1) // so that SET holds for what follows
	return db, nil
}

// do runs statements in order.
func (p *place) do(ctx context.Context, statements ...string) error {
	db, err := p.owner()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, s := range statements {
		if _, err := db.ExecContext(ctx, s); err != nil {
			return fmt.Errorf("prepare database: %w", err)
		}
	}
	return nil
}

// tidy does what autovacuum would do a minute later, before either measurement.
func (p *place) tidy(ctx context.Context) error {
	return p.do(ctx, `VACUUM ANALYZE`, `CHECKPOINT`)
}
