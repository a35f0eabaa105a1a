package masking

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// seeded is repeatable randomness.
func seeded(n int) io.Reader {
	return rand.NewChaCha8(sha256.Sum256(fmt.Append(nil, n)))
}

func newFolder(t *testing.T) (string, *Folder) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "a", "keys")
	f, err := OpenFolder(dir, seeded(1), true)
	if err != nil {
		t.Fatal(err)
	}
	return dir, f
}

func TestFolderIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	if len(f.ID) != 32 || !f.LedgerKey.IsZero() {
		t.Errorf("id %q, ledger key %q", f.ID, f.LedgerKey.Reveal())
	}
	again, err := OpenFolder(dir, seeded(2), true)
	if err != nil || again.ID != f.ID || !again.Matches(f.Check()) {
		t.Fatalf("a second start has other keys: %v", err)
	}
	read, err := OpenFolder(dir, nil, false)
	if err != nil || !read.Matches(f.Check()) {
		t.Fatalf("reading without making: %v", err)
	}
	seen := map[string]bool{}
	for _, k := range f.keyFiles() {
		raw, err := os.ReadFile(filepath.Join(dir, k.name))
		if err != nil || len(raw) != 65 || raw[64] != '\n' || seen[string(raw)] {
			t.Errorf("%s: %d bytes, %v", k.name, len(raw), err)
		}
		seen[string(raw)] = true
	}
	names, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range names {
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 || strings.HasSuffix(e.Name(), ".tmp") {
			t.Errorf("%s: %v, %v", e.Name(), info.Mode(), err)
		}
	}
	if info, err := os.Stat(dir); err != nil || info.Mode().Perm() != 0o700 {
		t.Errorf("folder: %v, %v", info.Mode(), err)
	}
}

func TestFolderIsRepeatable(t *testing.T) {
	t.Parallel()
	_, a := newFolder(t)
	_, b := newFolder(t)
	c, err := OpenFolder(filepath.Join(t.TempDir(), "k"), seeded(2), true)
	if err != nil || !a.Matches(b.Check()) || a.Matches(c.Check()) || a.Matches(nil) || a.ID == c.ID {
		t.Errorf("the same randomness gives other keys, or other randomness the same: %v", err)
	}
	if len(a.Check()) != 32 {
		t.Errorf("check of %d bytes", len(a.Check()))
	}
}

// Sixteen first starts at once: one makes the folder, all have its keys.
func TestFolderFirstStartsAgree(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	folders, errs := make([]*Folder, 16), make([]error, 16)
	var wg sync.WaitGroup
	for i := range folders {
		wg.Go(func() {
			if folders[i], errs[i] = OpenFolder(dir, seeded(i), true); errs[i] != nil {
				return
			}
			if err := folders[i].SetLedgerKey(fmt.Sprintf("PRIVATE+KEY+%d", i)); err != nil && !errors.Is(err, ErrLedgerKeyIsSet) {
				errs[i] = err
			}
			if err := folders[i].SetCosigningKey(fmt.Sprintf("PRIVATE+KEY+second+%d", i)); err != nil && !errors.Is(err, ErrLedgerKeyIsSet) {
				errs[i] = err
			}
		})
	}
	wg.Wait()
	for i, f := range folders {
		if errs[i] != nil {
			t.Fatal(errs[i])
		}
		if !f.Matches(folders[0].Check()) || f.LedgerKey.Reveal() != folders[0].LedgerKey.Reveal() || f.LedgerKey.IsZero() ||
			f.CosigningKey.Reveal() != folders[0].CosigningKey.Reveal() || f.CosigningKey.IsZero() {
			t.Errorf("start %d has keys of its own", i)
		}
	}
}

func TestFolderRefuses(t *testing.T) {
	t.Parallel()
	at := func(dir, name string) string { return filepath.Join(dir, name) }
	for name, c := range map[string]struct {
		spoil func(dir string) error
		want  error
		says  string
	}{
		"folder too open":  {func(d string) error { return os.Chmod(d, 0o750) }, ErrFolderTooOpen, "chmod 700"},
		"file too open":    {func(d string) error { return os.Chmod(at(d, "kek.key"), 0o640) }, ErrFolderTooOpen, "chmod 600"},
		"mark too open":    {func(d string) error { return os.Chmod(at(d, "folder.json"), 0o604) }, ErrFolderTooOpen, "chmod 600"},
		"key missing":      {func(d string) error { return os.Remove(at(d, "mac.key")) }, ErrFolderPartial, "mac.key"},
		"mark missing":     {func(d string) error { return os.Remove(at(d, "folder.json")) }, ErrFolderPartial, "folder.json"},
		"key short":        {func(d string) error { return os.WriteFile(at(d, "kek.key"), []byte("abcd\n"), 0o600) }, ErrFolderBroken, "kek.key"},
		"key empty":        {func(d string) error { return os.Truncate(at(d, "kek.key"), 0) }, ErrFolderBroken, "kek.key"},
		"key of two lines": {func(d string) error { return os.WriteFile(at(d, "kek.key"), []byte("ab\ncd\n"), 0o600) }, ErrFolderBroken, "kek.key"},
		"mark of no id":    {func(d string) error { return os.WriteFile(at(d, "folder.json"), []byte("{}"), 0o600) }, ErrFolderBroken, "folder.json"},
		"mark of a version": {func(d string) error {
			return os.WriteFile(at(d, "folder.json"), []byte(`{"id":"00112233445566778899aabbccddeeff","version":2}`), 0o600)
		}, ErrFolderBroken, "folder.json"},
		"key is a folder": {func(d string) error {
			return errors.Join(os.Remove(at(d, "kek.key")), os.Mkdir(at(d, "kek.key"), 0o700))
		}, ErrFolderBroken, "kek.key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir, _ := newFolder(t)
			if err := c.spoil(dir); err != nil {
				t.Fatal(err)
			}
			before := listing(t, dir)
			f, err := OpenFolder(dir, seeded(2), true)
			if f != nil || !errors.Is(err, c.want) || !strings.Contains(err.Error(), c.says) {
				t.Fatalf("%v, want %v and %q", err, c.want, c.says)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("the refusal changed the folder: %s, then %s", before, after)
			}
		})
	}
	if _, err := OpenFolder(filepath.Join(t.TempDir(), "none"), seeded(1), false); !errors.Is(err, ErrNoFolder) {
		t.Errorf("none: %v", err)
	}
	empty := t.TempDir()
	if err := os.Chmod(empty, 0o700); err != nil {
		t.Fatal(err)
	}
	if _, err := OpenFolder(empty, seeded(1), false); !errors.Is(err, ErrNoFolder) {
		t.Errorf("empty: %v", err)
	}
}

// listing is names and contents, without the lock.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		if raw, err := os.ReadFile(filepath.Join(dir, e.Name())); err == nil && e.Name() != lockFile {
			fmt.Fprintf(&b, "%s %x;", e.Name(), sha256.Sum256(raw))
		}
	}
	return b.String()
}

// A crash while the folder is made never leaves one that opens.
func TestFolderCutShort(t *testing.T) {
	t.Parallel()
	for _, n := range []int{0, 15, 16, 47, 48, 79, 80, 175} {
		dir := filepath.Join(t.TempDir(), "keys")
		if _, err := OpenFolder(dir, io.LimitReader(seeded(1), int64(n)), true); err == nil {
			t.Fatalf("made of %d bytes of randomness", n)
		}
		_, err := OpenFolder(dir, seeded(2), true)
		if n < 48 && err != nil || n >= 48 && !errors.Is(err, ErrFolderPartial) {
			t.Fatalf("after %d bytes: %v", n, err)
		}
	}
}

func TestSetLedgerKey(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	for _, bad := range []string{"", " x", "x\n", "a\nb"} {
		if err := f.SetLedgerKey(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if err := f.SetLedgerKey("PRIVATE+KEY+one"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetLedgerKey("PRIVATE+KEY+one"); err != nil {
		t.Errorf("the same again: %v", err)
	}
	if err := f.SetLedgerKey("PRIVATE+KEY+two"); !errors.Is(err, ErrLedgerKeyIsSet) || f.LedgerKey.Reveal() != "PRIVATE+KEY+one" {
		t.Errorf("another: %v", err)
	}
	again, err := OpenFolder(dir, nil, false)
	if err != nil || again.LedgerKey.Reveal() != "PRIVATE+KEY+one" || !again.Matches(f.Check()) {
		t.Errorf("read again: %v", err)
	}
}

// A folder from before the log had a second key gets one, and keeps all else.
func TestSetCosigningKey(t *testing.T) {
	t.Parallel()
	dir, f := newFolder(t)
	if err := f.SetLedgerKey("PRIVATE+KEY+one"); err != nil {
		t.Fatal(err)
	}
	older, err := OpenFolder(dir, nil, false)
	if err != nil || !older.CosigningKey.IsZero() {
		t.Fatalf("a folder without a second key: %v", err)
	}
	for _, bad := range []string{"", " x", "x\n", "a\nb"} {
		if err := older.SetCosigningKey(bad); err == nil {
			t.Errorf("%q is taken", bad)
		}
	}
	if err := older.SetCosigningKey("PRIVATE+KEY+second"); err != nil {
		t.Fatal(err)
	}
	if err := f.SetCosigningKey("PRIVATE+KEY+third"); !errors.Is(err, ErrLedgerKeyIsSet) || f.CosigningKey.Reveal() != "PRIVATE+KEY+second" {
		t.Errorf("another: %v", err)
	}
	again, err := OpenFolder(dir, nil, false)
	if err != nil || again.CosigningKey.Reveal() != "PRIVATE+KEY+second" || again.LedgerKey.Reveal() != "PRIVATE+KEY+one" || !again.Matches(f.Check()) {
		t.Errorf("read again: %v", err)
	}
	// A start that was cut off leaves a file that is not yet the key's.
	if err := os.Rename(filepath.Join(dir, cosigningFile), filepath.Join(dir, "."+cosigningFile+".tmp")); err != nil {
		t.Fatal(err)
	}
	if again, err = OpenFolder(dir, nil, false); err != nil || !again.CosigningKey.IsZero() {
		t.Fatalf("half written: %v", err)
	}
	if err := again.SetCosigningKey("PRIVATE+KEY+fourth"); err != nil {
		t.Error(err)
	}
	// What is broken is not taken for missing.
	for _, spoil := range []func(path string) error{
		func(path string) error { return os.Chmod(path, 0o640) },
		func(path string) error { return errors.Join(os.Chmod(path, 0o600), os.WriteFile(path, nil, 0o600)) },
	} {
		if err := spoil(filepath.Join(dir, cosigningFile)); err != nil {
			t.Fatal(err)
		}
		if _, err := OpenFolder(dir, nil, false); err == nil {
			t.Error("a spoilt second key is taken")
		}
	}
}
