// Command bench measures Bauta as ratios in one run on one machine
// (docs/benchmarks.md): against pgbench on the same durable PostgreSQL, with the
// load generator beside it. It prints a table, baseline and result.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"text/tabwriter"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/app/postgres/cluster"
)

type options struct {
	binary  string
	seconds int
	orders  int
	only    string
	kills   int
	parties int
	entries int
	rounds  int
	brokers int
	seed    uint64

	disputed int
	history  int
}

func main() {
	var o options
	flag.StringVar(&o.binary, "binary", "bin/bauta", "the broker to measure")
	flag.IntVar(&o.seconds, "seconds", 10, "how long each measurement lasts")
	flag.IntVar(&o.orders, "orders", 5000, "orders in the marketplace")
	flag.StringVar(&o.only, "only", "", "one of disclose (with reads and the single one), cases, import, merchants, pages, start, memory, kill, large, simulate, thief, torture; empty for all but cases, memory, pages, large, simulate and torture")
	flag.IntVar(&o.kills, "kills", 10, "how often broker and PostgreSQL are killed in the last part")
	flag.IntVar(&o.parties, "parties", 1_000_000, "parties when memory is measured")
	flag.IntVar(&o.entries, "entries", 10_000_000, "entries that are appended in bulk when a large ledger is measured")
	flag.IntVar(&o.rounds, "rounds", 200, "rounds of torture")
	flag.IntVar(&o.brokers, "brokers", 4, "brokers that are tortured")
	flag.IntVar(&o.disputed, "cases", 100_000, "open cases when a queue of them is measured")
	flag.IntVar(&o.history, "history", 500, "entries of the case that is read")
	flag.Uint64Var(&o.seed, "seed", uint64(time.Now().UnixNano()), "of the torture; the same seed, the same blows in the same order") //nolint:gosec // any number
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	run := run
	if o.only == "torture" {
		run = torture
	}
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

// row is one line of the table.
type row struct {
	what, baseline, result string
	ratio                  float64
	reach                  string
}

// place is where a run keeps its files, and its PostgreSQL.
type place struct {
	options
	dir     string
	cluster *cluster.Cluster
	server  *load.Server
	client  *load.Client
	rows    []row
	budgets bool     // leave them as shipped
	more    []string // settings of this broker alone
}

func (o options) wants(part string) bool { return o.only == "" || o.only == part }

func run(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "bauta-bench-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	p := &place{options: o, dir: dir}
	if o.binary, err = filepath.Abs(o.binary); err != nil {
		return err
	}
	p.binary = o.binary
	if err := p.open(ctx); err != nil {
		return err
	}
	for _, part := range []struct {
		name string
		do   func(context.Context) error
	}{
		{"disclose", p.disclose},
		{"import", p.imports},
		{"merchants", p.merchants},
		{"cases", p.cases},
		{"pages", p.pages},
		{"memory", p.memory},
		{"start", p.start},
		{"kill", p.kill},
		{"thief", p.thief},
		{"simulate", p.simulate},
		{"large", p.large},
	} {
		if !o.wants(part.name) {
			continue
		}
		if err := part.do(ctx); err != nil {
			_, _ = p.server.Stop() // or it would outlive the run
			return fmt.Errorf("%s: %w", part.name, err)
		}
	}
	p.print()
	_, err = p.server.Stop()
	return err
}

func (p *place) print() {
	w := tabwriter.NewWriter(os.Stdout, 2, 8, 2, ' ', 0)
	_, _ = fmt.Fprintln(w, "what\tbaseline\tBauta\tratio\tmust reach")
	for _, r := range p.rows {
		ratio := ""
		if r.ratio > 0 {
			ratio = fmt.Sprintf("%.2f", r.ratio)
		}
		_, _ = fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", r.what, r.baseline, r.result, ratio, r.reach)
	}
	_ = w.Flush()
}

// settings are what every broker of a run is started with: no limits, as the
// contract has it for load, but where budgets are to be counted.
func (p *place) settings(data string) []string {
	env := []string{
		"BAUTA_DATA_DIR=" + filepath.Join(p.dir, data), "BAUTA_KEYS=" + filepath.Join(p.dir, data+"-keys"),
		"BAUTA_ADDR=127.0.0.1:0", "BAUTA_RATE_LIMIT=0",
	}
	if !p.budgets {
		env = append(env, "BAUTA_DISCLOSURE_LIMIT=0")
	}
	return append(env, p.more...)
}

// open starts the broker on a private cluster, as durable as in production; the
// baseline runs on the same server.
func (p *place) open(ctx context.Context) error { return p.openIn(ctx, "data") }

func (p *place) openIn(ctx context.Context, data string) error {
	fmt.Fprintln(os.Stderr, "starting the broker on a PostgreSQL of its own…")
	p.server = &load.Server{Binary: p.binary, Env: p.settings(data), Log: p.log()}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := p.server.Start(ctx); err != nil {
		return err
	}
	p.client = load.Dial(p.server.URL, 64)
	var err error
	if p.cluster, err = cluster.Attach(ctx, filepath.Join(p.dir, data)); err != nil {
		return err
	}
	if p.client.Market, err = p.server.Run(ctx, "key", "create", "--scope", "marketplace"); err != nil {
		return err
	}
	p.client.Attest, err = p.server.Run(ctx, "key", "create", "--scope", "attest", "--source", "payment")
	return err
}

// log is where a broker's own log goes: a file that outlives a failed run.
func (p *place) log() io.Writer {
	f, err := os.OpenFile(filepath.Join(os.TempDir(), "bauta-bench.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return os.Stderr
	}
	return f
}
