package load_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"bauta.dev/bauta/app/load"
)

// built is the real binary, made once: what is killed here is what is shipped.
var built string

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "bauta-load-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer func() { _ = os.RemoveAll(dir) }()
	built = filepath.Join(dir, "bauta")
	out, err := exec.CommandContext(context.Background(), "go", "build", "-o", built, "bauta.dev/bauta/app").CombinedOutput()
	if err != nil {
		fmt.Fprintf(os.Stderr, "build: %v\n%s", err, out)
		return 1
	}
	return m.Run()
}

// Sixty-four clients disclose while broker and PostgreSQL are killed. The long
// form, with ten kills of each, is part of "make bench".
func TestKillsUnderLoad(t *testing.T) {
	dir, err := os.MkdirTemp("", "bauta-kill-") //nolint:usetesting // a short path: it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	log, err := os.Create(filepath.Join(dir, "log")) //nolint:gosec // our own folder
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = log.Close() })
	data := filepath.Join(dir, "data")
	k := &load.Killing{
		Server: &load.Server{Binary: built, Log: log, Env: []string{
			"BAUTA_DATA_DIR=" + data, "BAUTA_KEYS=" + filepath.Join(dir, "keys"), "BAUTA_ADDR=127.0.0.1:0",
			"BAUTA_RATE_LIMIT=0", "BAUTA_DISCLOSURE_LIMIT=0",
		}},
		DataDir: data, Clients: 64, Orders: 64, Brokers: 2, Servers: 2, Seed: 7, Say: t.Logf,
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	report, err := k.Run(ctx)
	if err != nil {
		t.Fatal(err)
	}
	t.Log(&report)
	if report.Received == 0 || report.Retried == 0 {
		t.Error("nothing was received, or nothing retried: the test has not tried what it is for")
	}
	if _, err := k.Server.Stop(); err != nil {
		t.Errorf("stop: %v", err)
	}
}
