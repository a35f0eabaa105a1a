package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/ledger"
)

// The bundle of a case is told from one of receipts, and each decision in it says what
// came of making it again.
func TestVerifyCase(t *testing.T) {
	t.Parallel()
	folder := filepath.Join("..", "broker", "bundle", "testdata")
	key, err := os.ReadFile(filepath.Join(folder, "log.vkey"))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(folder, "case.zip")
	var out bytes.Buffer
	c := verifyCommand{File: path, Key: []string{strings.TrimSpace(string(key))}}
	if err := c.Run(&program{stdout: &out}); err != nil || !strings.Contains(out.String(), "entry 3: disclosure_decided, 2026-03-04T12Z, said to parties and requester and staff, in the log of size 17: follows\n") ||
		!strings.HasSuffix(out.String(), "\nok 18 entries\n") {
		t.Errorf("%v\n%s", err, &out)
	}
	out.Reset()
	if err := (&verifyCommand{File: path}).Run(&program{stdout: &out}); !errors.Is(err, errUnanchored) || !strings.HasSuffix(out.String(), "\nunanchored\n") {
		t.Errorf("trusting nobody: %v\n%s", err, &out)
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	changed := filepath.Join(t.TempDir(), "changed.zip")
	if err := os.WriteFile(changed, bytes.Replace(file, []byte("It never came"), []byte("It later came"), 1), 0o600); err != nil {
		t.Fatal(err)
	}
	out.Reset()
	if err := (&verifyCommand{File: changed}).Run(&program{stdout: &out}); !errors.Is(err, ledger.ErrArchive) || out.Len() > 0 {
		t.Errorf("changed: %v\n%s", err, &out)
	}
	if !errors.Is(printed(t, bundle.Differs), bundle.ErrDiffers) {
		t.Error("what differs is no failure")
	}
}

// printed is how the command ends where a decision has come to something.
func printed(t *testing.T, v bundle.Verdict) error {
	t.Helper()
	var out bytes.Buffer
	e := bundle.Entry{ProvenEntry: ledger.ProvenEntry{Type: ledger.DisclosureDecided}, Verdict: v}
	err := (&program{stdout: &out}).printCase(bundle.Proven{Anchored: true, Entries: []bundle.Entry{e}})
	if !strings.Contains(out.String(), string(v)) {
		t.Errorf("%s is not said: %s", v, &out)
	}
	return err
}
