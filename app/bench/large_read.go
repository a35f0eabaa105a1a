package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/broker/ledger"
)

// proofs measures inclusion proofs of random entries for the head, and for
// random trees up to it.
func (p *place) proofs(ctx context.Context) error {
	audit, err := p.server.Run(ctx, "key", "create", "--scope", "audit")
	if err != nil {
		return err
	}
	db, err := p.owner()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	var size int64
	if err := db.QueryRowContext(ctx, `SELECT max(size) FROM ledger_checkpoints`).Scan(&size); err != nil {
		return fmt.Errorf("read head: %w", err)
	}
	for _, of := range []struct {
		what string
		tree func() int64
	}{
		{"the head", func() int64 { return size }},
		{"random trees", func() int64 { return 1 + rand.Int64N(size) }},
	} {
		fmt.Fprintf(os.Stderr, "16 clients ask for inclusion proofs in %s…\n", of.what)
		if err := p.prove(of.what, audit, of.tree); err != nil {
			return err
		}
	}
	return nil
}

func (p *place) prove(what, audit string, tree func() int64) error {
	const clients = 16
	wires, err := load.Dial(p.server.URL, clients).Wires(clients)
	if err != nil {
		return err
	}
	defer func() {
		for _, w := range wires {
			w.Close()
		}
	}()
	took := make([][]time.Duration, clients)
	ask := func(c, _ int) error {
		size := tree()
		began := time.Now()
		_, err := wires[c].Get("/v1/ledger/proof?index="+strconv.FormatInt(rand.Int64N(size), 10)+"&size="+strconv.FormatInt(size, 10), audit)
		took[c] = append(took[c], time.Since(began))
		return err
	}
	load.Measure(clients, 2*time.Second, 0, ask)
	clear(took)
	broker, database := spent(p.server.Pid()), spent(p.cluster.Pid())
	r := load.Measure(clients, 0, time.Duration(p.seconds)*time.Second, ask)
	broker, database = spent(p.server.Pid())-broker, spent(p.cluster.Pid())-database
	all := slices.Concat(took...)
	if r.Errors > 0 || len(all) == 0 {
		return fmt.Errorf("%d proofs failed, %d did not", r.Errors, len(all))
	}
	slices.Sort(all)
	each := cost{r.PerSecond, broker / time.Duration(len(all)), database / time.Duration(len(all))}
	p.rows = append(p.rows,
		row{what: "inclusion proof in " + what + ", 16 connections: a second", result: rate(each.perSecond)},
		row{what: "processor time of one: broker + PostgreSQL", result: each.String()},
		row{what: "inclusion proof in " + what + ", 16 connections: p50", result: millis(all[len(all)/2])},
		row{what: "inclusion proof in " + what + ", 16 connections: p99", result: millis(all[len(all)*99/100]), reach: "under 5 ms"})
	return nil
}

// part is what one table takes.
type part struct{ all, indexes int64 }

// sizes gives what each table takes, whichever there are: rows that are changed time
// and again take what their old versions do until they are vacuumed.
func sizes(ctx context.Context, db *sql.DB) (map[string]part, error) {
	found := map[string]part{}
	const q = `SELECT c.oid::regclass::text, pg_total_relation_size(c.oid), pg_indexes_size(c.oid)
		FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r' AND n.nspname IN ('public', 'keys')`
	err := each(ctx, db, q, func(rows *sql.Rows) error {
		var table string
		var x part
		err := rows.Scan(&table, &x.all, &x.indexes)
		found[table] = x
		return err
	})
	return found, err
}

// disk adds a row for what all tables have grown by, and one for each that has.
func (p *place) disk(what string, before, after map[string]part, disclosures int) {
	var all int64
	var rows []row
	for _, table := range slices.Sorted(maps.Keys(after)) {
		grown, indexes := after[table].all-before[table].all, after[table].indexes-before[table].indexes
		all += grown
		if grown != 0 {
			rows = append(rows, row{what: what + ": " + table, result: fmt.Sprintf("%.1f, of it indexes %.1f",
				float64(grown)/float64(disclosures), float64(indexes)/float64(disclosures))})
		}
	}
	p.rows = append(append(p.rows, row{what: what, result: fmt.Sprintf("%.1f", float64(all)/float64(disclosures)), reach: "at most 1400"}), rows...)
}

// appends measures what the tree costs of a disclosure: one leaf, and a
// twentieth of what a commit does with the edge before it signs.
func (p *place) appends(disclosures float64) {
	edge, leaf := ledger.NewEdge(), [32]byte{1}
	const leaves, commit = 2_000_000, 20
	began := time.Now()
	for range leaves {
		edge.AppendLeaf(leaf)
	}
	alone := time.Since(began) / leaves
	began = time.Now()
	for range leaves / commit {
		edge = edge.Clone()
		for range commit {
			edge.AppendLeaf(leaf)
		}
		_, _ = edge.Root(), edge.Frontier()
	}
	whole := time.Since(began) / leaves
	one := float64(time.Second) / disclosures // of the machine's time, both cores
	share := func(of time.Duration) string { return fmt.Sprintf("%s, %.2f %%", of, 100*float64(of)/one) }
	p.rows = append(p.rows,
		row{what: "merkle append of one leaf, and its share of a disclosure's time", result: share(alone)},
		row{what: "the same, with a twentieth of a commit's clone, root and frontier", result: share(whole)})
}

// integrity times `ledger check` of the large ledger, while the broker runs;
// short is that of the nearly empty one.
func (p *place) integrity(ctx context.Context, short checked) error {
	c, err := p.check(ctx, p.server, "integrity")
	if err != nil {
		return err
	}
	p.rows = append(p.rows,
		row{what: "ledger check, integrity, entries a second", result: rate(c.perSecond()), reach: "150000/s"},
		row{what: "ledger check, integrity, memory", baseline: short.memory(), result: c.memory(), reach: "constant"})
	return p.remotely(ctx)
}

// remotely times `ledger check --url`, as somebody without the database checks.
func (p *place) remotely(ctx context.Context) error {
	audit, err := p.server.Run(ctx, "key", "create", "--scope", "audit")
	if err != nil {
		return err
	}
	vkey, err := p.server.Run(ctx, "ledger", "key")
	if err != nil {
		return err
	}
	with := *p.server
	with.Env = append(slices.Clone(with.Env), "BAUTA_API_KEY="+audit) // arguments are printed
	c, err := p.timed(ctx, &with, "ok %d entries", "ledger", "check", "--url", p.server.URL, "--key", vkey)
	if err == nil {
		p.rows = append(p.rows, row{what: "ledger check over HTTP, entries a second, and its memory", result: rate(c.perSecond()) + ", " + c.memory()})
	}
	return err
}

// realOnes is how many disclosures the rows are for that have to be held against
// what their entries say.
const realOnes = 100_000

// completeness times `ledger check` of real disclosures, in a database of their
// own; they also say what rows take that came one by one, with idempotency keys and
// with all budgets counted. Requesters and people stay within the limits as shipped;
// one key reaches more people in a minute than it may in an hour, so that floor is
// lifted: it is counted all the same.
func (p *place) completeness(ctx context.Context) error {
	if _, err := p.server.Stop(); err != nil {
		return err
	}
	q := &place{options: p.options, dir: p.dir, budgets: true, more: []string{
		"BAUTA_REACH_FLOOR=" + strconv.Itoa(max(50, p.orders)), "BAUTA_SUBJECT_LIMIT=" + strconv.Itoa(max(20, (realOnes+p.orders-1)/p.orders)),
	}}
	if err := q.openIn(ctx, "real"); err != nil {
		return err
	}
	p.server = q.server // the run ends with it
	fmt.Fprintf(os.Stderr, "a second broker: %d real disclosures…\n", realOnes)
	if err := q.client.Fill(q.orders); err != nil {
		return err
	}
	short, err := q.check(ctx, q.server, "all")
	if err != nil {
		return err
	}
	if err := q.discloseReal(ctx); err != nil {
		return err
	}
	c, err := q.check(ctx, q.server, "all")
	if err != nil {
		return err
	}
	if err := q.simulated(ctx); err != nil {
		return err
	}
	p.rows = append(append(p.rows, q.rows...),
		row{what: fmt.Sprintf("ledger check of %d real disclosures, with completeness, entries a second", realOnes), result: rate(c.perSecond()), reach: "15000/s"},
		row{what: "ledger check with completeness, memory", baseline: short.memory(), result: c.memory(), reach: "constant"})
	return nil
}

// discloseReal makes them over HTTP.
func (p *place) discloseReal(ctx context.Context) error {
	if err := p.tidy(ctx); err != nil {
		return err
	}
	db, err := p.owner()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	before, err := sizes(ctx, db)
	if err != nil {
		return err
	}
	if err := p.askEach(realOnes); err != nil {
		return err
	}
	if err := p.tidy(ctx); err != nil {
		return err
	}
	after, err := sizes(ctx, db)
	if err != nil {
		return err
	}
	p.disk(fmt.Sprintf("disk bytes a disclosure, %d real ones", realOnes), before, after, realOnes)
	return nil
}

// askEach discloses so often, from 64 connections, with an idempotency key each.
func (p *place) askEach(times int) error {
	wires, err := p.client.Wires(64)
	if err != nil {
		return err
	}
	failed := make(chan error, len(wires))
	for c, w := range wires {
		go func() {
			defer w.Close()
			for i := c; i < times; i += len(wires) {
				if err := w.AskOnce(i*7919%p.orders, strconv.Itoa(i)); err != nil {
					failed <- err
					return
				}
			}
			failed <- nil
		}()
	}
	var errs []error
	for range wires {
		errs = append(errs, <-failed)
	}
	return errors.Join(errs...)
}

// checked is what one `ledger check` took.
type checked struct {
	entries int
	took    time.Duration
	spent   time.Duration // processor time of the command
	kib     int
}

func (c checked) perSecond() float64 { return float64(c.entries) / c.took.Seconds() }
func (c checked) memory() string     { return fmt.Sprintf("%d MiB", c.kib/1024) }

// check runs `ledger check --only` as a whole command, and watches its memory.
func (p *place) check(ctx context.Context, s *load.Server, only string) (checked, error) {
	return p.timed(ctx, s, "ok %d entries", "ledger", "check", "--only", only)
}

// timed runs a command whose last line says how many it went through.
func (p *place) timed(ctx context.Context, s *load.Server, last string, args ...string) (c checked, err error) {
	fmt.Fprintf(os.Stderr, "bauta %s…\n", strings.Join(args, " "))
	cmd := exec.CommandContext(ctx, s.Binary, args...) //nolint:gosec // our own binary
	cmd.Env = append(os.Environ(), s.Env...)
	var out, said strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &said
	began := time.Now()
	if err := cmd.Start(); err != nil {
		return c, fmt.Errorf("run %s: %w", args[0], err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	for tick := time.NewTicker(50 * time.Millisecond); ; {
		select {
		case err := <-done:
			tick.Stop()
			c.took, c.spent = time.Since(began), cmd.ProcessState.UserTime()+cmd.ProcessState.SystemTime()
			if err != nil {
				return c, fmt.Errorf("run %s: %w: %s %s", args[0], err, strings.TrimSpace(out.String()), strings.TrimSpace(said.String()))
			}
			lines := strings.Split(strings.TrimSpace(out.String()), "\n")
			_, err = fmt.Sscanf(lines[len(lines)-1], last, &c.entries)
			return c, err
		case <-tick.C:
			if kib, err := resident(cmd.Process.Pid); err == nil { // it may just have ended
				c.kib = max(c.kib, kib)
			}
		}
	}
}
