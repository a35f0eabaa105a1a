package load_test

import (
	"context"
	"os"
	"testing"
	"time"

	"bauta.dev/bauta/app/load"
)

// shortRounds is enough to kill broker and database at every step of a commit, and
// to have every other step and every other blow (TestPlanLeavesNothingOut).
const shortRounds = 22

// Three brokers on one database, and all that the plan has. The long form is
// "make torture".
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
	ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
	defer cancel()
	jumping := dir + "/bauta"
	if err := load.BuildJumping(ctx, jumping); err != nil {
		t.Fatal(err)
	}
	r, err := (&load.Torture{
		Binary: jumping, Dir: dir, Brokers: 3, Clients: 24, Orders: 64, Rounds: shortRounds, Seed: 11, Log: log, Say: t.Logf,
	}).Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s; %d checkpoints seen, %d in the file, %d cosigned; %d hours", &r.KillReport, r.Checkpoints, r.InFile, r.Cosigned, r.Hours)
	if r.Received == 0 || r.Replayed == 0 || r.Checkpoints == 0 || r.InFile == 0 || r.Cosigned == 0 || r.Hours < 1 || len(r.Sprung) < shortRounds-2 {
		t.Errorf("too little happened to say anything: %v", r.Sprung)
	}
}
