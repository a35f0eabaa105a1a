package anchor_test

import (
	"errors"
	"log/slog"
	"net/http"
	"testing"
	"time"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/broker"
)

// A ledger that was emptied is noticed before its first entry, by witnesses alone:
// with what they have seen nothing may begin anew.
func TestEmptiedLedgerIsNotBegunAgain(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	w := newWitness(t, "w.example", v)
	h.anchor(t, "", w)
	h.grow(t, 3)
	soon(t, "cosigned", func() bool { return w.size() == h.head(t).Size })
	h.empty(t)
	next := arrive(t, h.db, h.keys)
	next.anchor(t, "", w)
	if err := next.begin(); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("a fork was begun: %v", err)
	}
	if c, err := next.store.Head(t.Context()); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("a fork of %d entries was signed: %v", c.Size, err)
	}
	if next.store.Refusal() == nil {
		t.Error("it is not said why")
	}
	if _, _, err := next.Disclosures(t.Context(), broker.Filter{Limit: 1}); err != nil {
		t.Errorf("reading: %v", err)
	}
}

// A log that is new begins, whatever witnesses say of a tree without entries, and
// is cosigned from then on; whoever is slow holds it up no longer than the start
// was told to wait.
func TestNewLogBegins(t *testing.T) {
	t.Parallel()
	for name, lie := range map[string]func(int, string) (int, string){
		"cosigns it":        nil,
		"does not know it":  func(int, string) (int, string) { return http.StatusNotFound, "" },
		"wants an entry":    func(int, string) (int, string) { return http.StatusUnprocessableEntity, "" },
		"knows it as empty": func(int, string) (int, string) { return http.StatusConflict, "0\n" },
		"is down":           func(int, string) (int, string) { return http.StatusBadGateway, "" },
	} {
		old := newHouse(t) // for a folder and a database; its log is emptied
		old.empty(t)
		h := arrive(t, old.db, old.keys)
		_, v := h.store.Verifier()
		w := newWitness(t, "w.example", v)
		w.set(func() { w.lies = lie })
		a := h.anchor(t, "", w)
		if asked := w.times(); asked != 1 {
			t.Errorf("%s: asked %d times before the first entry", name, asked)
		}
		if err := h.begin(); err != nil {
			t.Fatalf("a witness that %s: %v", name, err)
		}
		w.set(func() { w.lies = nil })
		soon(t, "cosigned by one that "+name, func() bool { size, _, _ := a.Witnessed(); return size == h.head(t).Size })
	}
}

func TestSlowWitnessHoldsUpNoStart(t *testing.T) {
	t.Parallel()
	old := newHouse(t)
	old.empty(t)
	h := arrive(t, old.db, old.keys)
	_, v := h.store.Verifier()
	w := newWitness(t, "slow.example", v)
	release := make(chan struct{})
	t.Cleanup(func() { close(release) })
	w.set(func() { w.slow = release })
	began := time.Now()
	h.anchor(t, "", w) // which waits for a second
	if err := h.begin(); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(began); took < 500*time.Millisecond || took > 4*time.Second {
		t.Errorf("it took %s to begin", took)
	}
	if err := h.put("m-1"); err != nil {
		t.Error(err)
	}
}

// A log that could not be compared at a start, and whose witness has cosigned less of
// another history: it says so before anything is appended, and cosigns nothing new.
func TestSmallerOtherHistoryIsSeenAtAnUncomparedStart(t *testing.T) {
	t.Parallel()
	next, w := forked(t)
	was := w.size()
	log := &unread{anchored: anchored{next.store}}
	a := anchor.New(anchor.Deps{Log: log, Witnesses: policy(t, w), Client: http.DefaultClient, Now: time.Now, Report: slog.New(slog.DiscardHandler)})
	next.store.Anchor(a.Seen)
	if err := a.Start(t.Context()); err == nil {
		t.Error("nothing was noticed at the start")
	}
	if w.size() != was {
		t.Errorf("the witness has cosigned %d entries of the other history", w.size())
	}
	next.refusesWrites(t, "another history")
}

// A witness of another history does not take its objection back when it is asked how
// much it knows, which is less than this log has: nothing is signed in between.
func TestSmallerOtherHistoryIsNotForgotten(t *testing.T) {
	t.Parallel()
	next, w := forked(t)
	next.anchor(t, "", w)
	next.refusesWrites(t, "another history")
	asked := w.times()
	soon(t, "it is asked again, twice", func() bool {
		if next.store.Refusal() == nil {
			t.Fatal("the objection is forgotten")
		}
		return w.times() >= asked+4
	})
	next.refusesWrites(t, "another history")
}

// forked is a broker whose log went on from an older state, and is larger than what
// its witness has cosigned of what was before.
func forked(t *testing.T) (*house, *witness) {
	t.Helper()
	h := newHouse(t)
	_, v := h.store.Verifier()
	w := newWitness(t, "w.example", v)
	if err := h.put("m-kept"); err != nil {
		t.Fatal(err)
	}
	older := h.head(t).Size
	h.grow(t, 5)
	w.set(func() { w.Last = h.head(t) })
	h.rollBack(t, older)
	alone := enter(t, h.db, h.keys)
	alone.grow(t, 9)
	return enter(t, h.db, h.keys), w
}
