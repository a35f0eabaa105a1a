package masking

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// state is what a folder says of the log's keys.
func state(t *testing.T, dir string) string {
	t.Helper()
	f, err := OpenFolder(dir, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	s := f.LedgerKey.Reveal() + " next " + f.NextLedgerKey.Reveal()
	for _, p := range f.Predecessors {
		s += " after " + p.Verifier
	}
	return s
}

// One generation of keys takes the place of another in steps, and each of them
// can be the last one for a while.
func TestSuccessionOfKeys(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	if err := f.SetLedgerKey("one"); err != nil {
		t.Fatal(err)
	}
	stale, err := OpenFolder(dir, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := f.BeginSuccession("two"); err != nil || state(t, dir) != "one next two" {
		t.Fatalf("begun: %s, %v", state(t, dir), err)
	}
	if err := stale.BeginSuccession("other"); !errors.Is(err, ErrSuccessionBegun) || stale.NextLedgerKey.Reveal() != "two" {
		t.Errorf("begun twice: %v", err)
	}
	if err := f.FinishSuccession("other", []Predecessor{{7, "vkey"}}); err != nil || state(t, dir) != "one next two" {
		t.Errorf("finished by another key: %s, %v", state(t, dir), err)
	}
	list := []Predecessor{{3, "before"}, {0, "one+v"}}
	if err := f.FinishSuccession("two", list); err != nil || state(t, dir) != "two next  after before after one+v" {
		t.Fatalf("finished: %s, %v", state(t, dir), err)
	}
	if f.LedgerKey.Reveal() != "two" || !f.NextLedgerKey.IsZero() || len(f.Predecessors) != 2 || f.Predecessors[0] != list[0] {
		t.Error("what was read before is not what holds")
	}
	if err := stale.FinishSuccession("two", nil); err != nil || state(t, dir) != "two next  after before after one+v" {
		t.Errorf("finished twice: %s, %v", state(t, dir), err)
	}
	if err := stale.BeginSuccession("three"); err != nil { // it has read by now who holds
		t.Error(err)
	}
	if info, err := os.Stat(filepath.Join(dir, predecessorsFile)); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", info, err)
	}
}

// Who read the folder before another succession does not begin one on top.
func TestSuccessionOfStaleKeys(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	if err := f.SetLedgerKey("one"); err != nil {
		t.Fatal(err)
	}
	stale, err := OpenFolder(dir, nil, false)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(f.BeginSuccession("two"), f.FinishSuccession("two", []Predecessor{{3, "one+v"}})); err != nil {
		t.Fatal(err)
	}
	if err := stale.BeginSuccession("three"); !errors.Is(err, ErrLedgerKeyIsSet) || state(t, dir) != "two next  after one+v" {
		t.Errorf("%s, %v", state(t, dir), err)
	}
	for _, skey := range []string{"", " x", "x\ny"} {
		if err := f.BeginSuccession(skey); !errors.Is(err, errNoLedgerKey) {
			t.Errorf("%q: %v", skey, err)
		}
	}
}

// A crash between the two renames of a generation leaves one key by two names, or
// a list that is ahead: what is read then is of one time.
func TestSuccessionHalfDone(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	if err := errors.Join(f.SetLedgerKey("two"), f.BeginSuccession("two")); err != nil {
		t.Fatal(err)
	}
	if got := state(t, dir); got != "two next " {
		t.Errorf("one key by two names: %s", got)
	}
	for _, spoilt := range []string{"", "3", "x vkey", "03 vkey", "-1 vkey", "3 vkey x", "3 vkey\n", "3 vkey\n\n4 vkey", "3 "} {
		if err := os.WriteFile(filepath.Join(dir, predecessorsFile), []byte(spoilt+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFolder(dir, nil, false); !errors.Is(err, ErrFolderBroken) || !strings.Contains(err.Error(), predecessorsFile) {
			t.Errorf("%q: %v", spoilt, err)
		}
	}
}
