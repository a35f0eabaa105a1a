package postgres_test

import (
	"context"
	"sync"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// What is written while the check runs is not yet due, and never a finding.
func TestCompleteWhileTheLogGrows(t *testing.T) {
	t.Parallel()
	h := due(t)
	if _, _, err := h.PutParty(context.Background(), market, "x-1", ursula()); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() {
		for ctx.Err() == nil {
			v := h.ask(t, "t-1", "s-1", necessity.Deliver)
			if _, _, err := h.View(context.Background(), market, v.ID, "s-1", nil); err != nil {
				t.Error(err)
				return
			}
			if _, _, err := h.Revoke(context.Background(), market, v.ID, "mistake", nil); err != nil {
				t.Error(err)
				return
			}
		}
	})
	work.Go(func() {
		flags := []broker.Flag{broker.AtRisk}
		for n := 0; ctx.Err() == nil; n++ {
			if err := h.SetFlags(context.Background(), market, "x-1", flags[:n%2]); err != nil {
				t.Error(err)
				return
			}
		}
	})
	for range 20 {
		if _, err := h.store.CheckComplete(context.Background(), nil); err != nil {
			t.Errorf("while the log grows: %v", err)
		}
		if _, err := h.store.CheckTail(context.Background(), 50); err != nil {
			t.Errorf("the newest entries: %v", err)
		}
	}
	stop()
	work.Wait()
	h.checkLog(t)
}

// BenchmarkComplete holds a market's rows against its entries.
func BenchmarkComplete(b *testing.B) {
	h := newHouse(b)
	h.market(b, 4000)
	b.ResetTimer()
	var entries int64
	for range b.N {
		n, err := h.store.CheckComplete(context.Background(), nil)
		if err != nil {
			b.Fatal(err)
		}
		entries += n
	}
	b.ReportMetric(float64(entries)/b.Elapsed().Seconds(), "entries/s")
}
