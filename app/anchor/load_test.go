package anchor_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

// However many commits there are, the file gets a record and a witness a request
// once a second at most; and none of them waits for either: while the witness holds
// its answer back, they go on.
func TestOnceASecondUnderLoad(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, v := h.store.Verifier()
	path, w := filepath.Join(t.TempDir(), "checkpoints"), newWitness(t, "w.example", v)
	h.anchor(t, path, w)
	h.grow(t, 1)
	release := make(chan struct{})
	count := func() (records int) {
		if err := h.file(t, path).Each(func(ledger.Checkpoint) error { records++; return nil }); err != nil {
			t.Error(err)
		}
		return records
	}
	var names atomic.Int64
	load := func(d time.Duration) int64 {
		before := h.store.Stats().Commits
		var all sync.WaitGroup
		end := time.Now().Add(d)
		for range 4 {
			all.Go(func() {
				for time.Now().Before(end) {
					if err := h.put(fmt.Sprintf("m-load-%d", names.Add(1))); err != nil {
						t.Error(err)
						return
					}
				}
			})
		}
		all.Wait()
		return h.store.Stats().Commits - before
	}
	requests, records, began := w.times(), count(), time.Now()
	commits := load(3 * time.Second)
	requests, records = w.times()-requests, count()-records
	most := int(time.Since(began).Seconds()) + 1 // one that was due already
	if commits < int64(4*most) {
		t.Fatalf("%d commits are no load", commits)
	}
	if requests < 1 || requests > most || records < 1 || records > most {
		t.Errorf("%d requests and %d records for %d commits, want 1 to %d", requests, records, commits, most)
	}
	w.set(func() { w.slow = release })
	held := w.times()
	time.Sleep(1100 * time.Millisecond) // by now it is asked
	if commits := load(500 * time.Millisecond); commits < 4 || w.times() != held {
		t.Errorf("%d commits while the witness holds its answer back, which it has given %d times", commits, w.times()-held)
	}
	close(release)
}
