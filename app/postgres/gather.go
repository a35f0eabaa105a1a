package postgres

import (
	"context"
	"runtime"
	"sync"

	"bauta.dev/bauta/broker"
)

// gatherer answers questions that wait at the same moment with one query. Each
// worker has a connection of its own; while it is busy, questions pile up and
// the next query takes them all.
type gatherer[Q, A any] struct {
	questions chan *question[Q, A]
	most      int
	ask       func(ctx context.Context, worker int, qs []Q) ([]answer[A], error)
	stop      context.CancelFunc
	workers   sync.WaitGroup
}

type question[Q, A any] struct {
	q    Q
	done chan answer[A]
}

type answer[A any] struct {
	a   A
	err error
}

// gather starts workers. ask gives one answer a question, in their order.
func gather[Q, A any](workers, most int, ask func(context.Context, int, []Q) ([]answer[A], error)) *gatherer[Q, A] {
	ctx, stop := context.WithCancel(context.Background())
	g := &gatherer[Q, A]{questions: make(chan *question[Q, A], 4096), most: most, ask: ask, stop: stop}
	for i := range workers {
		g.workers.Go(func() { g.work(ctx, i) })
	}
	return g
}

// one asks and waits. An abandoned question is answered into its own channel,
// and nobody reads it: no answer ever goes to another request.
func (g *gatherer[Q, A]) one(ctx context.Context, q Q) (A, error) {
	w := &question[Q, A]{q: q, done: make(chan answer[A], 1)}
	var none A
	select {
	case g.questions <- w:
	case <-ctx.Done():
		return none, broker.ErrUnavailable.Because(ctx.Err())
	}
	select {
	case r := <-w.done:
		return r.a, r.err
	case <-ctx.Done():
		return none, broker.ErrUnavailable.Because(ctx.Err())
	}
}

func (g *gatherer[Q, A]) work(ctx context.Context, worker int) {
	for {
		var batch []*question[Q, A]
		select {
		case first := <-g.questions:
			batch = append(batch, first)
		case <-ctx.Done():
			return
		}
		runtime.Gosched() // whoever is about to ask gets to do so
		batch = g.drain(batch)
		qs := make([]Q, len(batch))
		for i, w := range batch {
			qs[i] = w.q
		}
		answers, err := g.ask(ctx, worker, qs)
		for i, w := range batch {
			if err != nil {
				w.done <- answer[A]{err: err}
			} else {
				w.done <- answers[i]
			}
		}
	}
}

func (g *gatherer[Q, A]) drain(batch []*question[Q, A]) []*question[Q, A] {
	for len(batch) < g.most {
		select {
		case w := <-g.questions:
			batch = append(batch, w)
		default:
			return batch
		}
	}
	return batch
}

func (g *gatherer[Q, A]) close() {
	g.stop()
	g.workers.Wait()
}
