package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
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
	binary := filepath.Join(dir, "bauta")
	if err := load.BuildJumping(ctx, binary); err != nil {
		return err
	}
	p := &place{options: o, dir: dir}
	r, err := (&load.Torture{
		Binary: binary, Dir: dir, Brokers: o.brokers, Clients: 64, Orders: o.orders / 10, Rounds: o.rounds, Seed: o.seed, Log: p.log(),
		Say: func(format string, args ...any) { fmt.Fprintf(os.Stderr, format+"\n", args...) },
	}).Run(ctx)
	if err != nil {
		return err
	}
	var what []string
	for blow, times := range r.Sprung {
		what = append(what, fmt.Sprintf("%s: %d times", blow, times))
	}
	slices.Sort(what)
	for _, line := range what {
		fmt.Println(line)
	}
	fmt.Printf("%s; %d checkpoints seen, %d of them in the checkpoint file, %d cosigned; %d hours from the earliest entry to the latest\n",
		&r.KillReport, r.Checkpoints, r.InFile, r.Cosigned, r.Hours)
	return nil
}
