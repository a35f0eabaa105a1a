package postgres_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// market fills a house with n orders that are paid and accepted.
func (h *house) market(tb testing.TB, n int) {
	tb.Helper()
	var wg sync.WaitGroup
	work := make(chan int)
	for range 32 {
		wg.Go(func() {
			for i := range work {
				h.sell(tb, i)
			}
		})
	}
	for i := range n {
		work <- i
	}
	close(work)
	wg.Wait()
}

func (h *house) sell(tb testing.TB, i int) {
	tb.Helper()
	ctx, now := context.Background(), h.clock()
	buyer, seller := broker.PartyID(fmt.Sprintf("b-%d", i)), broker.PartyID(fmt.Sprintf("s-%d", i))
	for name, in := range map[broker.PartyID]broker.PartyInput{buyer: giovana(), seller: ursula()} {
		if _, _, err := h.PutParty(ctx, market, name, in); err != nil {
			tb.Error(err)
			return
		}
	}
	id := broker.TransactionID(fmt.Sprintf("t-%d", i))
	if _, _, err := h.PutTransaction(ctx, market, id, broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: buyer, Seller: seller, Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: now, Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}}); err != nil {
		tb.Error(err)
		return
	}
	for o, done := range map[broker.Obligation]string{broker.Pay: "221.65", broker.Accept: "1"} {
		if _, _, err := h.Perform(ctx, platform, id, broker.PerformanceInput{Obligation: o, Done: done, PerformedAt: now, Reference: string(o)}, nil); err != nil {
			tb.Error(err)
		}
	}
}

// BenchmarkDisclose is the whole way of a disclosure but for HTTP, by 64 callers.
func BenchmarkDisclose(b *testing.B) { benchmarkDisclose(b, newHouse(b)) }

// BenchmarkDiscloseTold is the same while an endpoint listens to everything: each
// commit has three rows more for a disclosure. Nobody sends them.
func BenchmarkDiscloseTold(b *testing.B) {
	h := newHouse(b)
	h.listen(b)
	benchmarkDisclose(b, h)
}

// listen adds an endpoint that nobody is behind.
func (h *house) listen(tb testing.TB, kinds ...broker.NoticeKind) *broker.Endpoint {
	tb.Helper()
	e, err := h.store.AddEndpoint(context.Background(), "https://shop.example/hook", kinds)
	if err == nil {
		_, err = h.store.Endpoints(context.Background())
	}
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func benchmarkDisclose(b *testing.B, h *house) {
	b.Helper()
	h.market(b, 2000)
	var n atomic.Int64
	b.ResetTimer()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			i := n.Add(1) % 2000
			v, _, err := h.Disclose(context.Background(), market, broker.DisclosureInput{
				Transaction: broker.TransactionID(fmt.Sprintf("t-%d", i)), Requester: broker.PartyID(fmt.Sprintf("s-%d", i)),
				Purpose: necessity.Deliver, Reveal: true,
			}, nil)
			if err != nil || v.Decision != "granted" {
				b.Errorf("%v %s", err, v.Decision)
				return
			}
		}
	})
	b.StopTimer()
	s := h.store.Stats()
	b.ReportMetric(float64(s.Entries)/float64(s.Commits), "entries/commit")
}

// BenchmarkParty reads a masked party, by 64 callers.
func BenchmarkParty(b *testing.B) {
	h := newHouse(b)
	h.market(b, 1000)
	var n atomic.Int64
	b.ResetTimer()
	b.SetParallelism(32)
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := h.Party(context.Background(), broker.PartyID(fmt.Sprintf("b-%d", n.Add(1)%1000))); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

// BenchmarkOne is one caller alone: what a disclosure takes when nothing is shared.
func BenchmarkOne(b *testing.B) {
	h := newHouse(b)
	h.market(b, 100)
	b.Run("situation", func(b *testing.B) {
		for i := range b.N {
			if _, err := h.store.Situation(context.Background(), broker.TransactionID(fmt.Sprintf("t-%d", i%100)), "s-1", broker.Counterpartys); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("disclosure", func(b *testing.B) {
		for i := range b.N {
			h.ask(b, broker.TransactionID(fmt.Sprintf("t-%d", i%100)), broker.PartyID(fmt.Sprintf("s-%d", i%100)), necessity.Deliver)
		}
	})
}
