package ledger

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
)

func signerOf(tb testing.TB, seed byte, origin string) *Signer {
	tb.Helper()
	skey, _, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{seed}, 32)), origin)
	if err != nil {
		tb.Fatal(err)
	}
	s, err := NewSigner(skey)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

// succeed appends one entry of a type, under another key from then on.
func (l *memoryLog) succeed(tb testing.TB, s *Signer, typ Type) {
	tb.Helper()
	prev := l.edge.Size()
	entry := testEntry(prev)
	entry[1] = byte(typ)
	l.entries[prev] = entry
	_, full := l.edge.Append(entry)
	for _, tile := range full {
		l.tiles[tileKey{tile.Level, tile.Index}] = tile.Hashes
	}
	l.signer = s
	l.sign(tb, prev)
}

func erasOf(tb testing.TB, current *Signer, past ...Era) Eras {
	tb.Helper()
	e, err := NewEras(current.Verifier(), past...)
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// A log with three keys, one of which has nothing left in it, is right by all of
// them, and by nothing less.
func TestCheckEras(t *testing.T) {
	t.Parallel()
	one, two, three := signerOf(t, 1, "a.example"), signerOf(t, 2, "a.example/2"), signerOf(t, 3, "a.example/3")
	l := newLog(t)
	l.signer = one
	l.commit(t, 254)
	l.commit(t, 2)
	l.succeed(t, three, LogSucceeded)
	l.commit(t, 5)
	right := erasOf(t, three, Era{Until: 256, VKey: one.Verifier()}, Era{VKey: two.Verifier()})
	if r, err := Check(context.Background(), l, right, nil); err != nil || r.Entries != 262 {
		t.Errorf("%d entries, %v", r.Entries, err)
	}
	if _, err := CheckTail(context.Background(), l, right, 3); err != nil {
		t.Error(err)
	}
	ahead := erasOf(t, two, Era{Until: 256, VKey: one.Verifier()}, Era{Until: 300, VKey: three.Verifier()})
	if _, err := CheckTail(context.Background(), l, ahead, 3); err == nil {
		t.Error("the tail of a log that ends before a succession is right")
	}
	for _, row := range l.rows {
		if c, err := right.Open(row.Note); err != nil || c.Size != row.Size {
			t.Errorf("checkpoint %d: %v", row.Size, err)
		}
	}
	for _, x := range []struct {
		want string
		eras Eras
	}{
		{"checkpoint 262: its note is not signed by this log", erasOf(t, one)},
		{"checkpoint 254: its note is not signed by this log", erasOf(t, three, Era{VKey: one.Verifier()})},
		{"checkpoint 256: its note is not signed by this log", erasOf(t, three, Era{Until: 254, VKey: one.Verifier()})},
		{"checkpoint 257: its note is not signed by this log", erasOf(t, three, Era{Until: 257, VKey: one.Verifier()})},
		{"checkpoint 262: its note is not signed by this log", erasOf(t, two, Era{Until: 256, VKey: one.Verifier()}, Era{VKey: three.Verifier()})},
		{"checkpoint 262: it is the newest, and the log was", erasOf(t, two, Era{Until: 256, VKey: one.Verifier()}, Era{Until: 300, VKey: three.Verifier()})},
	} {
		if _, err := Check(context.Background(), l, x.eras, nil); err == nil || !strings.HasPrefix(err.Error(), x.want) {
			t.Errorf("%v, want %s", err, x.want)
		}
	}

	silent := newLog(t)
	silent.signer = one
	silent.commit(t, 256)
	silent.succeed(t, three, PolicyChanged)
	if _, err := Check(context.Background(), silent, right, nil); err == nil || !strings.HasPrefix(err.Error(), "entry 256: the log was succeeded there") {
		t.Errorf("a succession that nobody wrote down: %v", err)
	}
	loud := newLog(t, 10)
	loud.succeed(t, loud.signer, LogSucceeded)
	if _, err := Check(context.Background(), loud, UnderKey(loud.verifier(t)), nil); err == nil || !strings.HasPrefix(err.Error(), "entry 10: it says that") {
		t.Errorf("a succession that there was not: %v", err)
	}
}

// Which key has to have signed a size, and where one follows the other.
func TestEras(t *testing.T) {
	t.Parallel()
	a, b, c, d := signerOf(t, 1, "a"), signerOf(t, 2, "b"), signerOf(t, 3, "c"), signerOf(t, 4, "d")
	e := erasOf(t, d, Era{3, a.Verifier(), nil}, Era{0, b.Verifier(), nil}, Era{9, c.Verifier(), nil})
	for size, want := range map[int64]string{1: "a", 3: "a", 4: "c", 9: "c", 10: "d", 1 << 62: "d"} {
		if got := e.At(size).Name(); got != want {
			t.Errorf("%d is signed by %s, want %s", size, got, want)
		}
	}
	for index, want := range map[int64]string{0: "", 2: "", 3: "ac", 4: "", 9: "cd", 10: ""} {
		before, after, is := e.Succession(index)
		got := ""
		if is {
			got = before.Origin() + after.Origin()
		}
		if got != want {
			t.Errorf("at %d %q, want %q", index, got, want)
		}
	}
	for size, s := range map[int64]*Signer{3: a, 20: b, 21: d} {
		signed, err := s.Sign(size, [32]byte{})
		if err != nil {
			t.Fatal(err)
		}
		if got, era, err := e.Signed(signed.Note); err != nil || got.Size != size || e.All()[era].Origin() != s.Origin() {
			t.Errorf("signed by %s: %v", s.Origin(), err)
		}
		if _, err := e.Open(signed.Note); (err == nil) != (s != b) {
			t.Errorf("%d by %s is opened: %v", size, s.Origin(), err)
		}
	}
	if _, _, err := e.Signed([]byte("x\n1\n\n")); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("not a checkpoint: %v", err)
	}
	for what, past := range map[string][]Era{
		"not growing": {{5, a.Verifier(), nil}, {5, b.Verifier(), nil}}, "below 0": {{-1, a.Verifier(), nil}},
		"twice": {{5, a.Verifier(), nil}, {6, a.Verifier(), nil}}, "the current one": {{5, d.Verifier(), nil}},
	} {
		if _, err := NewEras(d.Verifier(), past...); !errors.Is(err, ErrEras) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if _, err := NewEras("x"); !errors.Is(err, ErrKey) {
		t.Errorf("no key: %v", err)
	}
}
