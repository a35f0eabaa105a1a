package postgres_test

import (
	"context"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// Only the committer appends to the tree and signs its heads, and no read asks it:
// while it is held up, everything that is read is answered as ever, and what is written
// waits. (The second signature of a head is made when that is first handed out, once.)
func TestReadsDoNotAppend(t *testing.T) {
	t.Parallel()
	h := due(t)
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	head, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	held, release := make(chan struct{}), make(chan struct{})
	first := true // the committer alone asks
	h.store.Anchor(func() (ledger.Checkpoint, int64, error) {
		if first {
			first = false
			close(held)
		}
		<-release
		return ledger.Checkpoint{}, 0, nil
	})
	looked := make(chan error, 1)
	go func() { looked <- h.store.Look(context.Background()) }()
	<-held
	written := make(chan error, 1)
	go func() {
		_, _, err := h.PutParty(context.Background(), market, "b-9", giovana())
		written <- err
	}()
	before := h.store.Stats()
	for what, read := range h.reads(v.ID, v.Place.Index, head.Size) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		if err := read(ctx); err != nil {
			t.Errorf("%s, while nothing can be appended: %v", what, err)
		}
		cancel()
	}
	if after := h.store.Stats(); after != before {
		t.Errorf("reads have changed %+v to %+v", before, after)
	}
	select {
	case err := <-written:
		t.Errorf("a write did not wait: %v", err)
	default:
	}
	close(release)
	if err := <-looked; err != nil {
		t.Error(err)
	}
	if err := <-written; err != nil {
		t.Errorf("the write, in the end: %v", err)
	}
}

// reads are what the API answers without an entry.
func (h *house) reads(id broker.DisclosureID, index, size int64) map[string]func(context.Context) error {
	return map[string]func(context.Context) error{
		"a masked party":   func(ctx context.Context) error { _, err := h.Party(ctx, "b-1"); return err },
		"a transaction":    func(ctx context.Context) error { _, err := h.Transaction(ctx, "t-1", "s-1"); return err },
		"a receipt":        func(ctx context.Context) error { _, err := h.Receipt(ctx, id, "s-1"); return err },
		"the other's":      func(ctx context.Context) error { _, err := h.Receipt(ctx, id, "b-1"); return err },
		"a checkpoint":     func(ctx context.Context) error { _, err := h.store.Cosigned(ctx); return err },
		"a proof":          func(ctx context.Context) error { _, _, err := h.store.Inclusion(ctx, index, size); return err },
		"how it has grown": func(ctx context.Context) error { _, err := h.store.Consistency(ctx, 1, size); return err },
		"entries": func(ctx context.Context) error {
			_, err := h.store.Tile(ctx, ledger.TilePath{Level: ledger.EntriesLevel, Width: 1})
			return err
		},
		"disclosures": func(ctx context.Context) error { _, _, err := h.Disclosures(ctx, broker.Filter{Limit: 10}); return err },
	}
}
