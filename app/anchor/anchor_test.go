package anchor_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// Witnesses cosign what the log has, and their lines stand under its note.
func TestCosigned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	one, two := newWitness(t, "one.example", v), newWitness(t, "two.example", v)
	a := h.anchor(t, "", one, two)
	for range 2 {
		h.grow(t, 3)
		size := h.head(t).Size
		soon(t, "both have cosigned", func() bool {
			signed, err := h.store.Witnessed(t.Context())
			return err == nil && one.size() == size && two.size() == size && verifies(t, signed, v, one, two) == size
		})
		if signed, err := h.store.Cosigned(t.Context()); err != nil || verifies(t, signed, v, one, two) != size {
			t.Errorf("the newest checkpoint of %d lacks its cosignatures: %v", size, err)
		}
		if got, _, ok := a.Witnessed(); !ok || got != size {
			t.Errorf("witnessed %d, %t, want %d", got, ok, size)
		}
	}
	h.grow(t, 1)
	if signed, err := h.store.Cosigned(t.Context()); err != nil || strings.Count(string(signed), "\n— ") > 3 {
		t.Errorf("a checkpoint nobody cosigned: %s, %v", signed, err)
	}
	if _, err := h.store.Check(t.Context(), nil); err != nil {
		t.Errorf("ledger check: %v", err)
	}
}

// verifies gives the size of a note that the log and all of the witnesses signed, else 0.
func verifies(t *testing.T, signed []byte, log note.Verifier, all ...*witness) int64 {
	t.Helper()
	known := []note.Verifier{log}
	for _, w := range all {
		v, err := cosignature.NewVerifierForCosignatureV1(w.VKey)
		if err != nil {
			t.Fatal(err)
		}
		known = append(known, v)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil || len(n.Sigs) != len(known) {
		return 0
	}
	c, err := ledger.OpenCheckpoint(log, signed)
	if err != nil {
		return 0
	}
	return c.Size
}

// A witness that is down or slow holds up nobody: not the other one, and not a write.
func TestWitnessDownAndSlow(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	well, slow, down := newWitness(t, "well.example", v), newWitness(t, "slow.example", v), newWitness(t, "down.example", v)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	slow.set(func() { slow.slow = release })
	down.set(func() {
		down.lies = func(int, string) (int, string) { return http.StatusBadGateway, "" }
	})
	a := h.anchor(t, "", well, slow, down)
	began := time.Now()
	h.grow(t, 20)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("20 writes took %s", took)
	}
	soon(t, "the one that is well cosigns", func() bool { return well.size() == h.head(t).Size })
	soon(t, "the one that is down is counted", func() bool { return a.Failures()["down.example"] > 0 })
	if reasons := h.store.Ready(t.Context()); len(reasons) > 0 {
		t.Errorf("not ready: %v", reasons)
	}
}

// A witness that knows more of the log than this process, which has just
// started, says so, and is asked again from there.
func TestWitnessKnowsTheLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	w := newWitness(t, "w.example", v)
	h.anchor(t, "", w)
	h.grow(t, 300) // more than a tile
	soon(t, "cosigned", func() bool { return w.size() == h.head(t).Size })
	next := enter(t, h.db, h.keys)
	next.grow(t, 2)
	a := next.anchor(t, "", w)
	soon(t, "cosigned for the next process", func() bool { size, _, _ := a.Witnessed(); return size == next.head(t).Size })
	if n := a.Failures()["w.example"]; n != 0 {
		t.Errorf("%d failures", n)
	}
}

// What is not a cosignature of the witness's key is not kept.
func TestWrongCosignature(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	other := newWitness(t, "w.example", v) // the same name, another key
	for name, lie := range map[string]func(int, string) (int, string){
		"of another key": func(_ int, s string) (int, string) {
			text, _, _ := strings.Cut(string(h.head(t).Note), "\n\n")
			n, err := note.Sign(&note.Note{Text: text + "\n"}, other.Signer)
			if err != nil {
				t.Error(err)
			}
			_, sigs, _ := strings.Cut(string(n), "\n\n")
			return 200, sigs
		},
		"changed":     func(_ int, s string) (int, string) { return 200, strings.ToUpper(s) },
		"of nothing":  func(int, string) (int, string) { return 200, "" },
		"not a line":  func(int, string) (int, string) { return 200, "ok\n" },
		"endless":     func(int, string) (int, string) { return 200, strings.Repeat("— x AAAAAAAA\n", 4096) },
		"no size":     func(int, string) (int, string) { return 409, "many\n" },
		"size, signs": func(int, string) (int, string) { return 409, "+1\n" },
		"elsewhere":   func(int, string) (int, string) { return 307, "" },
	} {
		w := newWitness(t, "w.example", v)
		w.set(func() { w.lies = lie })
		a := h.anchor(t, "", w)
		soon(t, name+" is counted", func() bool { return a.Failures()["w.example"] > 0 })
		if _, err := h.store.Witnessed(t.Context()); !errors.Is(err, broker.ErrNotFound) {
			t.Errorf("%s: kept, %v", name, err)
		}
		if err := h.put("m-" + strings.ReplaceAll(name, " ", "")); err != nil {
			t.Errorf("%s: a write is refused: %v", name, err)
		}
	}
}

// refusesWrites: nothing is signed, the broker says why, and what is there can
// be read.
func (h *house) refusesWrites(t *testing.T, why string) {
	t.Helper()
	size := h.head(t).Size
	if err := h.put("m-refused"); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("a write: %v, want unavailable", err)
	}
	reasons := strings.Join(h.store.Ready(t.Context()), "; ")
	if !strings.Contains(reasons, why) {
		t.Errorf("reasons %q, want %q", reasons, why)
	}
	if got := h.head(t).Size; got != size {
		t.Errorf("the log grew from %d to %d", size, got)
	}
	if _, err := h.Party(context.Background(), "m-kept"); err != nil {
		t.Errorf("a read: %v", err)
	}
}

// A database that was put back to an older state is noticed at the start, by the
// file as by the witnesses, and whichever writes came in between are never signed.
func TestRolledBack(t *testing.T) {
	t.Parallel()
	for name, with := range map[string]struct{ file, witness bool }{"file": {file: true}, "witness": {witness: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t)
			_, v := h.store.Verifier()
			path, all := "", []*witness(nil)
			if with.file {
				path = filepath.Join(t.TempDir(), "checkpoints")
			}
			if with.witness {
				all = []*witness{newWitness(t, "w.example", v)}
			}
			if err := h.put("m-kept"); err != nil {
				t.Fatal(err)
			}
			older := h.head(t).Size
			h.grow(t, 5)
			h.anchor(t, path, all...)
			size := h.head(t).Size
			soon(t, "it is known outside", func() bool {
				return with.witness && all[0].size() == size || with.file && lastOf(t, h, path).Size == size
			})
			h.rollBack(t, older)
			next := enter(t, h.db, h.keys)
			next.anchor(t, path, all...)
			next.refusesWrites(t, "an older state was restored")
		})
	}
}

func lastOf(t *testing.T, h *house, path string) ledger.Checkpoint {
	t.Helper()
	c, err := h.file(t, path).Last()
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// A log that went on from an older state, while nobody compared, is another
// history, however long it has become.
func TestFork(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	path, w := filepath.Join(t.TempDir(), "checkpoints"), newWitness(t, "w.example", v)
	if err := h.put("m-kept"); err != nil {
		t.Fatal(err)
	}
	older := h.head(t).Size
	h.grow(t, 5)
	h.anchor(t, path, w)
	size := h.head(t).Size
	soon(t, "it is known outside", func() bool { return w.size() == size && lastOf(t, h, path).Size == size })
	h.rollBack(t, older)
	alone := enter(t, h.db, h.keys)
	alone.grow(t, 9)
	filed := enter(t, h.db, h.keys)
	filed.anchor(t, path)
	filed.refusesWrites(t, "another history")
	witnessed := enter(t, h.db, h.keys)
	witnessed.anchor(t, "", w)
	witnessed.refusesWrites(t, "another history")
}

// What the file belies is shown to witnesses for what they know of it, and is
// cosigned by none: neither by a new one nor by one that has not seen the rest.
func TestForkIsCosignedByNobody(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	path, early, fresh := filepath.Join(t.TempDir(), "checkpoints"), newWitness(t, "early.example", v), newWitness(t, "fresh.example", v)
	if err := h.put("m-kept"); err != nil {
		t.Fatal(err)
	}
	older := h.head(t)
	early.set(func() { early.Last = older })
	h.grow(t, 5)
	h.anchor(t, path)
	soon(t, "it is in the file", func() bool { return lastOf(t, h, path).Size == h.head(t).Size })
	h.rollBack(t, older.Size)
	alone := enter(t, h.db, h.keys)
	alone.grow(t, 9)
	forked := enter(t, h.db, h.keys)
	a := forked.anchor(t, path, early, fresh)
	forked.refusesWrites(t, "another history")
	time.Sleep(1500 * time.Millisecond) // once more than an interval
	for name, w := range map[string]*witness{"early": early, "fresh": fresh} {
		if was := map[string]int64{"early": older.Size}[name]; w.size() != was || w.times() == 0 {
			t.Errorf("the %s witness has cosigned %d entries of a fork, and was asked %d times", name, w.size(), w.times())
		}
	}
	if size, _, known := a.Witnessed(); known {
		t.Errorf("%d entries count as witnessed", size)
	}
}

// unread is a log whose first comparison ends as it does when the database is away.
type unread struct {
	anchored
	looked bool
}

func (l *unread) Look(ctx context.Context) error {
	if !l.looked {
		l.looked = true
		return broker.ErrUnavailable
	}
	return l.anchored.Look(ctx)
}

// A log that could not be compared is shown to witnesses for what they know of it,
// and is not cosigned before it was.
func TestUncomparedLogIsNotCosigned(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	w := newWitness(t, "w.example", v)
	a := anchor.New(anchor.Deps{
		Log: &unread{anchored: anchored{h.store}}, Witnesses: policy(t, w), Client: http.DefaultClient, Now: time.Now, Report: slog.New(slog.DiscardHandler),
	})
	if err := a.Start(t.Context()); err != nil || w.size() != 0 || w.times() != 1 {
		t.Errorf("%v; %d entries are cosigned, asked %d times", err, w.size(), w.times())
	}
	if err := a.Start(t.Context()); err != nil || w.size() != h.head(t).Size {
		t.Errorf("compared: %v; %d entries are cosigned", err, w.size())
	}
}

// The word of one of three witnesses stops nobody: it is not signed.
func TestOneWitnessLies(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	all := []*witness{newWitness(t, "a.example", v), newWitness(t, "b.example", v), newWitness(t, "c.example", v)}
	lie := func(int, string) (int, string) { return 409, "1000000\n" }
	all[0].set(func() { all[0].lies = lie })
	h.anchor(t, "", all...)
	h.grow(t, 2)
	if reasons := h.store.Ready(t.Context()); len(reasons) > 0 {
		t.Errorf("one of three: %v", reasons)
	}
	if err := h.put("m-kept"); err != nil {
		t.Error(err)
	}
	all[1].set(func() { all[1].lies = lie })
	h.grow(t, 1)
	soon(t, "two of three are believed", func() bool { return h.store.Refusal() != nil })
	h.refusesWrites(t, "most witnesses have seen 1000000")
	for _, w := range all[:2] {
		w.set(func() { w.lies = nil })
	}
	soon(t, "they take it back", func() bool { return h.store.Refusal() == nil })
	h.grow(t, 1)
}

// What the database holds of a witness counts only if it is the witness's, and
// of the checkpoint that it stands under.
func TestKeptCosignature(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	w := newWitness(t, "w.example", v)
	key := policy(t, w)[0].Verifier
	if _, err := h.store.LastCosigned(t.Context(), "w.example", key.KeyHash()); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("before the first: %v", err)
	}
	h.anchor(t, "", w)
	before := h.head(t).Size
	h.grow(t, 2)
	size := h.head(t).Size
	soon(t, "cosigned", func() bool { return w.size() == size })
	var c postgres.Cosignature
	soon(t, "kept", func() bool {
		var err error
		c, err = h.store.LastCosigned(t.Context(), "w.example", key.KeyHash())
		return err == nil && c.Size == size
	})
	if err := h.store.CheckCosignature(t.Context(), c, key); err != nil {
		t.Errorf("the witness's own: %v", err)
	}
	for name, forge := range map[string]func(c *postgres.Cosignature){
		"of another size":         func(c *postgres.Cosignature) { c.Size = before },
		"of a size there is not":  func(c *postgres.Cosignature) { c.Size = size + 7 },
		"changed":                 func(c *postgres.Cosignature) { c.Line = strings.Replace(c.Line, "A", "B", 1) },
		"of another name":         func(c *postgres.Cosignature) { c.Line = strings.Replace(c.Line, "w.example", "v.example", 1) },
		"with another line in it": func(c *postgres.Cosignature) { c.Line += "\n— x AAAAAAAA\nx" },
	} {
		forged := c
		forge(&forged)
		if err := h.store.CheckCosignature(t.Context(), forged, key); err == nil {
			t.Errorf("%s: taken", name)
		}
	}
	if err := h.store.Cosign(t.Context(), postgres.Cosignature{Size: size, Witness: "v.example", Line: "— v.example nothing", At: time.Now()}); err != nil {
		t.Fatal(err)
	}
	if signed, err := h.store.Cosigned(t.Context()); err != nil || verifies(t, signed, v) != size {
		t.Errorf("a line that spoils the note is shown: %s, %v", signed, err)
	}
}
