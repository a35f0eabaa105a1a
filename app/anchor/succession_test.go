package anchor_test

import (
	"bytes"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// succeed gives the log another key, and a broker that has it.
func (h *house) succeed(t *testing.T, origin string) *house {
	t.Helper()
	st, err := h.store.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := h.store.BeginSuccession(origin)
	if err != nil {
		t.Fatal(err)
	}
	w, err := h.Succession(broker.Succession{
		Origin: origin, Verifier: vkey, PreviousOrigin: st.Head.Origin, PreviousVerifier: h.store.Eras().All()[st.Era].VKey, Head: st.Head, Reason: broker.Restored,
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := h.store.Succeed(t.Context(), st, w); err != nil {
		t.Fatal(err)
	}
	return enter(t, h.db, h.keys)
}

// signer makes one of a key that is the test's own.
func signer(t *testing.T, origin string) *ledger.Signer {
	t.Helper()
	skey, _, err := ledger.GenerateKey(rand.Reader, origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// In the file the keys follow each other: sizes grow under each, a later one
// begins anew, and none comes back.
func TestFileOfSuccessors(t *testing.T) {
	t.Parallel()
	one, two, three, other := signer(t, "a.example/log"), signer(t, "a.example/log/2"), signer(t, "a.example/log/3"), signer(t, "a.example/log/4")
	eras, err := ledger.NewEras(three.Verifier(), ledger.Era{Until: 3, VKey: one.Verifier()}, ledger.Era{VKey: two.Verifier()})
	if err != nil {
		t.Fatal(err)
	}
	type signed struct {
		by   *ledger.Signer
		size int64
	}
	note := func(s signed) ledger.Checkpoint {
		c, err := s.by.Sign(s.size, [32]byte{byte(s.size)})
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	path := filepath.Join(t.TempDir(), "checkpoints")
	open := func(records ...signed) (*anchor.File, int, error) {
		var b []byte
		for _, r := range records {
			b = append(append(b, note(r).Note...), '\n')
		}
		write(t, path, b)
		f, err := anchor.OpenFile(path, eras, false)
		n := 0
		if err == nil {
			err = f.Each(func(ledger.Checkpoint) error { n++; return nil })
		}
		return f, n, err
	}
	for what, x := range map[string]struct {
		records []signed
		last    int64
		want    error
	}{
		"of each":         {[]signed{{one, 5}, {one, 9}, {two, 4}, {two, 7}, {three, 4}, {three, 6}}, 6, nil},
		"of old ones":     {[]signed{{one, 5}, {two, 4}}, 0, nil},
		"of one":          {[]signed{{three, 4}}, 4, nil},
		"one passed over": {[]signed{{one, 5}, {three, 4}}, 4, nil},
		"one comes back":  {[]signed{{one, 5}, {two, 4}, {one, 6}}, 0, anchor.ErrOrder},
		"not growing":     {[]signed{{one, 5}, {three, 4}, {three, 4}}, 0, anchor.ErrOrder},
		"of nobody":       {[]signed{{one, 5}, {other, 4}}, 0, anchor.ErrRecord},
	} {
		f, n, err := open(x.records...)
		if !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", what, err, x.want)
		}
		if x.want != nil {
			continue
		}
		if last, err := f.Last(); err != nil || last.Size != x.last || n != len(x.records) {
			t.Errorf("%s: it ends at %d after %d records, %v", what, last.Size, n, err)
		}
		if err := f.Append(note(signed{one, 20})); !errors.Is(err, anchor.ErrEarlier) {
			t.Errorf("%s: a key that was succeeded signs on: %v", what, err)
		}
		if err := errors.Join(f.Append(note(signed{three, 30})), f.Append(note(signed{three, 29}))); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if last, err := f.Last(); err != nil || last.Size != 30 || f.Refresh() != nil {
			t.Errorf("%s: it goes on to %d, %v", what, last.Size, err)
		}
	}
	long := []signed{{one, 1}}
	for size := int64(1); len(long) < 700; size++ { // twice what a start reads
		long = append(long, signed{two, size})
	}
	if f, n, err := open(long...); err != nil || n != 700 {
		t.Errorf("%d records, %v", n, err)
	} else if last, err := f.Last(); err != nil || last.Size != 0 {
		t.Errorf("of old keys only: %d, %v", last.Size, err)
	}
}

// A broker from before the succession believes neither the database nor the file
// any more; the successor's witness begins with what the successor signed.
func TestAnchorsOfSuccessor(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	path, w := filepath.Join(t.TempDir(), "checkpoints"), newWitness(t, "w.example", v)
	if err := h.put("m-kept"); err != nil {
		t.Fatal(err)
	}
	kept := h.head(t).Size
	h.grow(t, 3)
	h.anchor(t, path, w)
	size := h.head(t).Size
	soon(t, "it is known outside", func() bool { return w.size() == size && lastOf(t, h, path).Size == size })
	h.rollBack(t, kept)
	put := enter(t, h.db, h.keys)
	a := put.anchor(t, path, w)
	put.refusesWrites(t, "an older state was restored")
	if _, claimed, err := a.Seen(); err != nil || claimed != size {
		t.Errorf("the witness says %d, %v", claimed, err)
	}
	next := put.succeed(t, "successor.example/log")
	_, v = next.store.Verifier()
	fresh := newWitness(t, "w.example", v)
	b := next.anchor(t, path, fresh)
	if size, _, known := b.Witnessed(); known && size <= kept {
		t.Errorf("what was cosigned before is the successor's: %d", size)
	}
	next.grow(t, 2)
	soon(t, "the successor is known outside", func() bool {
		return fresh.size() == kept+3 && lastOf(t, next, path).Size == kept+3
	})
	if err := next.store.Refusal(); err != nil {
		t.Error(err)
	}
	if err := put.put("m-refused"); !errors.Is(err, broker.ErrUnavailable) || next.head(t).Size != kept+3 {
		t.Errorf("a broker from before the succession writes: %v", err)
	}
	all, err := os.ReadFile(path)
	if err != nil || bytes.Count(all, []byte("\nsuccessor.example/log\n")) == 0 || !strings.HasPrefix(string(all), h.store.Origin()+"\n") {
		t.Errorf("the file has lost somebody: %v", err)
	}
}
