package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"time"

	"bauta.dev/bauta/app/load"
	"bauta.dev/bauta/app/postgres/cluster"
)

var (
	tps     = regexp.MustCompile(`tps = ([0-9.]+)`)
	latency = regexp.MustCompile(`latency average = ([0-9.]+) ms`)
)

// pgbench runs the baseline's own tool, as the cluster's owner.
func (p *place) pgbench(ctx context.Context, found *regexp.Regexp, args ...string) (float64, error) {
	name, err := serverProgram("pgbench")
	if err != nil {
		return 0, err
	}
	cmd := exec.CommandContext(ctx, name, append(args, p.cluster.URL(cluster.RoleOwner))...) //nolint:gosec // our own arguments
	out, err := cmd.CombinedOutput()
	if err != nil {
		return 0, fmt.Errorf("pgbench: %w: %s", err, out)
	}
	if found == nil {
		return 0, nil
	}
	m := found.FindSubmatch(out)
	if m == nil {
		return 0, fmt.Errorf("pgbench said nothing of %s", found)
	}
	return strconv.ParseFloat(string(m[1]), 64)
}

// serverProgram finds a program that comes with PostgreSQL.
func serverProgram(name string) (string, error) {
	if path, err := exec.LookPath(name); err == nil {
		return path, nil
	}
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/" + name) // the pattern is well formed
	if len(found) == 0 {
		return "", fmt.Errorf("%s is missing: install postgresql (Debian) or postgresql-contrib", name)
	}
	return found[len(found)-1], nil
}

// disclose measures disclosures, reads and a single disclosure's latency.
func (p *place) disclose(ctx context.Context) error {
	fmt.Fprintln(os.Stderr, "pgbench: TPC-B-like at scale 10…")
	if _, err := p.pgbench(ctx, nil, "-i", "-q", "-s", "10"); err != nil {
		return err
	}
	seconds := strconv.Itoa(p.seconds)
	best := 0.0
	for _, clients := range []string{"8", "16", "64"} {
		got, err := p.pgbench(ctx, tps, "-n", "-M", "prepared", "-c", clients, "-j", "2", "-T", seconds)
		if err != nil {
			return err
		}
		best = max(best, got)
	}
	selects, err := p.pgbench(ctx, tps, "-n", "-S", "-M", "prepared", "-c", "64", "-j", "2", "-T", seconds)
	if err != nil {
		return err
	}
	insert := filepath.Join(p.dir, "insert.sql")
	if err := os.WriteFile(insert, []byte("INSERT INTO pgbench_history (tid, bid, aid, delta, mtime) VALUES (1, 1, 1, 1, now());\n"), 0o600); err != nil {
		return err
	}
	single, err := p.pgbench(ctx, latency, "-n", "-M", "prepared", "-c", "1", "-T", seconds, "-f", insert)
	if err != nil {
		return err
	}
	fmt.Fprintln(os.Stderr, "filling a marketplace…")
	if err := p.client.Fill(p.orders); err != nil {
		return err
	}
	return p.measure(best, selects, single)
}

func (p *place) measure(best, selects, single float64) error {
	lasting := time.Duration(p.seconds) * time.Second
	wires, err := p.client.Wires(64)
	if err != nil {
		return err
	}
	defer func() {
		for _, w := range wires {
			w.Close()
		}
	}()
	fmt.Fprintln(os.Stderr, "64 clients disclose…")
	many := load.Measure(64, 2*time.Second, lasting, func(client, i int) error {
		return wires[client].Ask((client*7919 + i) % p.orders)
	})
	fmt.Fprintln(os.Stderr, "64 clients read masked parties…")
	reads := load.Measure(64, 2*time.Second, lasting, func(client, i int) error {
		return wires[client].Party((client*7919 + i) % p.orders)
	})
	one := load.Measure(1, time.Second, lasting/2, func(_, i int) error {
		return wires[0].Ask(i % p.orders)
	})
	if many.Errors+reads.Errors+one.Errors > 0 {
		return fmt.Errorf("%d disclosures and %d reads failed", many.Errors+one.Errors, reads.Errors)
	}
	ms := float64(one.Median.Microseconds()) / 1000
	p.rows = append(p.rows,
		row{"disclosures/s at 64 connections ÷ TPC-B", rate(best), rate(many.PerSecond), many.PerSecond / best, "1.5"},
		row{"masked reads/s at 64 connections ÷ select-only", rate(selects), rate(reads.PerSecond), reads.PerSecond / selects, "0.5"},
		row{"one disclosure, median ÷ one insert", fmt.Sprintf("%.2f ms", single), fmt.Sprintf("%.2f ms", ms), ms / single, "at most 3"},
	)
	return nil
}

func rate(x float64) string { return fmt.Sprintf("%.0f/s", x) }
