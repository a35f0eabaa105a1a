package anchor_test

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/broker/ledger"
)

// The file grows with the log, holds it in order, and half a record at its end
// is what a crash leaves.
func TestFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "checkpoints")
	h.anchor(t, path)
	for range 3 {
		h.grow(t, 2)
		size := h.head(t).Size
		soon(t, "it is in the file", func() bool { return lastOf(t, h, path).Size == size })
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	last := lastOf(t, h, path)
	record := len(last.Note) + 1
	for cut := 1; cut < record; cut++ {
		half := filepath.Join(t.TempDir(), "half")
		write(t, half, whole[:len(whole)-cut])
		f, err := anchor.OpenFile(half, h.store.Eras(), true)
		if err != nil {
			t.Fatalf("without its last %d bytes: %v", cut, err)
		}
		if c, _ := f.Last(); c.Size >= last.Size {
			t.Fatalf("without its last %d bytes it still ends at %d", cut, c.Size)
		}
		if err := f.Append(last); err != nil {
			t.Fatalf("append: %v", err)
		}
		if got, err := os.ReadFile(half); err != nil || string(got) != string(whole) {
			t.Fatalf("without its last %d bytes, and appended to: %v\n%s", cut, err, got)
		}
	}
	n := 0
	if err := h.file(t, path).Each(func(ledger.Checkpoint) error { n++; return nil }); err != nil || n < 3 {
		t.Errorf("%d records, %v", n, err)
	}
}

// Nobody waits for the file: not even while another process holds it.
func TestFileHeld(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "checkpoints")
	h.anchor(t, path)
	held, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = held.Close() }() // before the anchor ends
	if err := syscall.Flock(int(held.Fd()), syscall.LOCK_EX); err != nil {
		t.Fatal(err)
	}
	h.grow(t, 1)
	time.Sleep(1500 * time.Millisecond) // by now it is waited for
	began := time.Now()
	for range 3 {
		h.grow(t, 1)
		if err := h.store.Look(t.Context()); err != nil {
			t.Error(err)
		}
	}
	if took := time.Since(began); took > time.Second {
		t.Errorf("three writes took %s", took)
	}
}

// Whatever else was done to the file is refused.
func TestFileEdited(t *testing.T) {
	t.Parallel()
	h, other := newHouse(t), newHouse(t)
	path := filepath.Join(t.TempDir(), "checkpoints")
	f := h.file(t, path)
	for range 3 {
		h.grow(t, 1)
		if err := f.Append(h.head(t)); err != nil {
			t.Fatal(err)
		}
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	record := len(h.head(t).Note) + 1
	edited := filepath.Join(t.TempDir(), "edited")
	refused := func(what string, b []byte) {
		t.Helper()
		write(t, edited, b)
		f, err := anchor.OpenFile(edited, h.store.Eras(), false)
		if err == nil {
			err = f.Each(func(ledger.Checkpoint) error { return nil })
		}
		if !errors.Is(err, anchor.ErrRecord) && !errors.Is(err, anchor.ErrOrder) {
			t.Errorf("%s: %v", what, err)
		}
	}
	for i := range whole[:len(whole)-record] { // in the last one, half a record is no fault
		b := append([]byte(nil), whole...)
		b[i] ^= 1
		refused("a byte changed", b)
	}
	refused("a record of another log", append(append([]byte(nil), whole...), append(other.head(t).Note, '\n')...))
	refused("a record twice", append(append([]byte(nil), whole...), whole[len(whole)-record:]...))
	refused("text", append(append([]byte(nil), whole...), "text"...))
	refused("zeroes", append(append([]byte(nil), whole...), make([]byte, 100)...))
	write(t, path, whole[:len(whole)-record])
	if err := f.Refresh(); !errors.Is(err, anchor.ErrChanged) {
		t.Errorf("cut while it is used: %v", err)
	}
	if _, err := f.Last(); !errors.Is(err, anchor.ErrChanged) {
		t.Errorf("cut while it is used, it is believed: %v", err)
	}
	write(t, path, whole)
	if err := f.Refresh(); err != nil {
		t.Errorf("put back: %v", err)
	}
}

func write(t *testing.T, path string, b []byte) {
	t.Helper()
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// A long file costs a start no more than a short one: its end is read.
func TestLongFile(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	path := filepath.Join(t.TempDir(), "checkpoints")
	signer, err := ledger.NewSigner(h.keys.LedgerKey.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for size := int64(1); b.Len() < 200<<10; size++ {
		c, err := signer.Sign(size, [32]byte{byte(size)})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(&b, string(c.Note)+"\n")
	}
	write(t, path, []byte(b.String()))
	n := int64(0)
	f, err := anchor.OpenFile(path, h.store.Eras(), false)
	if err == nil {
		err = f.Each(func(ledger.Checkpoint) error { n++; return nil })
	}
	if err != nil {
		t.Fatal(err)
	}
	if last, err := f.Last(); err != nil || last.Size != n {
		t.Errorf("it ends at %d, want %d, %v", last.Size, n, err)
	}
	if err := f.Refresh(); err != nil {
		t.Error(err)
	}
}
