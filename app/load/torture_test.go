package load_test

import (
	"context"
	"os"
	"testing"
	"time"

	"bauta.dev/bauta/app/load"
)

// Three brokers on one database: at every named step of a commit a connection is
// cut, a broker killed or frozen, the database killed, or its disk full. The
// long form is "make torture".
func TestTorture(t *testing.T) {
	dir, err := os.MkdirTemp("", "bt-") //nolint:usetesting // a short path: it holds sockets
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database has a user of its own
		t.Fatal(err)
	}
	log, err := os.Create(dir + "/log") //nolint:gosec // our own folder
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
	defer cancel()
	r, err := (&load.Torture{
		Binary: built, Dir: dir, Brokers: 3, Clients: 24, Orders: 64, Rounds: 25, Seed: 11, Log: log, Say: t.Logf,
	}).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d received, %d by retry, %d checkpoints seen; %s", r.Received, r.Replayed, r.Checkpoints, r.Entries)
	if r.Received == 0 || r.Replayed == 0 || r.Checkpoints == 0 || len(r.Sprung) < 20 {
		t.Errorf("too little happened to say anything: %v", r.Sprung)
	}
}
