package main

import (
	"context"
	"fmt"
	"os"
	"slices"

	"bauta.dev/bauta/app/load"
)

// torture is the long form of the test in app/load, on a database of its own.
func torture(ctx context.Context, o options) error {
	dir, err := os.MkdirTemp("", "bt-")
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database has a user of its own
		return err
	}
	fmt.Fprintf(os.Stderr, "torture with -seed %d\n", o.seed)
	p := &place{options: o, dir: dir}
	r, err := (&load.Torture{
		Binary: o.binary, Dir: dir, Brokers: o.brokers, Clients: 64, Orders: o.orders / 10, Rounds: o.rounds, Seed: o.seed, Log: p.log(),
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	}).Run(ctx)
	if err != nil {
		return fmt.Errorf("torture with -seed %d: %w", o.seed, err)
	}
	var what []string
	for blow, times := range r.Sprung {
		what = append(what, fmt.Sprintf("%s: %d times", blow, times))
	}
	slices.Sort(what)
	for _, line := range what {
		fmt.Println(line)
	}
	fmt.Printf("%d values received, %d by retry; %d checkpoints seen; %s\n", r.Received, r.Replayed, r.Checkpoints, r.Entries)
	return nil
}
