package web

import (
	"context"
	"errors"
	"testing"
)

// Of one registration one document is drawn at a time, a few wait behind it and the rest
// are refused; another one's does not wait for them.
func TestDocumentsTakeTurns(t *testing.T) {
	t.Parallel()
	var all turns
	leave, err := all.take(t.Context(), "mer_a")
	if err != nil {
		t.Fatal(err)
	}
	type place struct {
		leave func()
		err   error
	}
	waiting := make(chan place)
	for range mostInTurn - 1 {
		go func() {
			leave, err := all.take(t.Context(), "mer_a")
			waiting <- place{leave, err}
		}()
	}
	for enough := false; !enough; {
		all.mu.Lock()
		enough = all.of["mer_a"].here == mostInTurn
		all.mu.Unlock()
	}
	if _, err := all.take(t.Context(), "mer_a"); !errors.Is(err, errDocumentsAtOnce) {
		t.Errorf("one more than can wait: %v", err)
	}
	other, err := all.take(t.Context(), "mer_b")
	if err != nil {
		t.Errorf("another registration: %v", err)
	}
	select {
	case <-waiting:
		t.Error("two of one registration are drawn at a time")
	default:
	}
	over, end := context.WithCancel(t.Context())
	end()
	if _, err := all.take(over, "mer_b"); !errors.Is(err, errDocumentsAtOnce) {
		t.Errorf("it waited longer than it may: %v", err)
	}
	leave()
	for range mostInTurn - 1 {
		x := <-waiting
		if x.err != nil {
			t.Fatal(x.err)
		}
		x.leave()
	}
	if other(); len(all.of) != 0 {
		t.Errorf("%d are left", len(all.of))
	}
}
