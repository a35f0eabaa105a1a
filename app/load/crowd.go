package load

import (
	"context"
	"fmt"
	"sync"
)

// crowd are the clients of a run.
type crowd struct {
	books []*book
	stop  chan struct{}
	wait  sync.WaitGroup
	seen  []int // how far each book was sampled
}

// gather lets clients begin to ask; each one chooses for itself whom.
func gather(clients, orders int, to func(client int) func() *Client) *crowd {
	c := &crowd{stop: make(chan struct{}), seen: make([]int, clients)}
	for i := range clients {
		b := &book{client: i, orders: orders}
		c.books = append(c.books, b)
		c.wait.Go(func() { b.keep(to(i), c.stop) })
	}
	return c
}

// end lets them stop, each after its answer or in the middle of an ask.
func (c *crowd) end() {
	close(c.stop)
	c.wait.Wait()
}

// asked counts what was asked for until now.
func (c *crowd) asked() map[kind]int {
	n := map[kind]int{}
	for _, b := range c.books {
		b.mu.Lock()
		for _, a := range b.asks {
			n[a.kind]++
		}
		b.mu.Unlock()
	}
	return n
}

// answers are those that came since it was last called.
func (c *crowd) answers() (some []*ask) {
	for i, b := range c.books {
		b.mu.Lock()
		for ; c.seen[i] < len(b.asks) && b.asks[c.seen[i]].given.Load(); c.seen[i]++ {
			some = append(some, b.asks[c.seen[i]])
		}
		b.mu.Unlock()
	}
	return some
}

// few are at most n, evenly.
func few(asks []*ask, n int) []*ask {
	if len(asks) <= n {
		return asks
	}
	some := make([]*ask, n)
	for i := range some {
		some[i] = asks[i*len(asks)/n]
	}
	return some
}

// repeated is how many keys are asked again at the end, besides those whose answer
// was lost; and who does it.
const (
	repeated  = 1000
	repeaters = 16
)

// verify is called when the crowd has ended. What was not answered is asked again
// until it is. Then every answer has its entry, no two have one between them, what
// is asked again replays, and there is nothing that nobody has asked for.
func (c *crowd) verify(ctx context.Context, to func() *Client, t audit) (r KillReport, err error) {
	for _, b := range c.books {
		if b.wrong != nil {
			return r, fmt.Errorf("a client was answered wrongly: %w", b.wrong)
		}
	}
	if err := c.settle(ctx, to); err != nil {
		return r, err
	}
	var all, lost []*ask
	for _, b := range c.books {
		for _, a := range b.asks {
			all = append(all, a)
			r.add(a)
			if a.tries > 1 {
				lost = append(lost, a)
			}
		}
	}
	if err := twins(all); err != nil {
		return r, err
	}
	if err := t.entries(ctx, all); err != nil {
		return r, err
	}
	again := append(few(lost, repeated), few(all, repeated)...)
	r.Repeated = len(again)
	err = parallel(repeaters, len(again), func(i int) error {
		return patiently(ctx, func() error { return found(again[i].repeat(to())) })
	})
	if err != nil {
		return r, err
	}
	return r, t.once(ctx, c.asked, true)
}

// found marks what asking again does not put right.
func found(err error) error {
	if err == nil || passing(err) {
		return err
	}
	return &foundError{err.Error()}
}

// settle asks again for what was not answered when the crowd ended.
func (c *crowd) settle(ctx context.Context, to func() *Client) error {
	return parallel(repeaters, len(c.books), func(i int) error {
		b := c.books[i]
		if len(b.asks) == 0 || b.asks[len(b.asks)-1].given.Load() {
			return nil
		}
		a := b.asks[len(b.asks)-1]
		a.tries++ // it may have been handed over when the crowd ended
		if err := patiently(ctx, func() error { return found(a.put(to())) }); err != nil {
			return fmt.Errorf("%s %s is not answered in the end: %w", a.kind, a.key, err)
		}
		return nil
	})
}

// twins finds two asks with one entry, or one disclosure.
func twins(all []*ask) error {
	places, ids := map[int64]*ask{}, map[string]*ask{}
	for _, a := range all {
		if !a.placed() {
			continue
		}
		if other := places[a.answer.Ledger.Index]; other != nil {
			return fmt.Errorf("entry %d stands for %s and %s", a.answer.Ledger.Index, other.key, a.key)
		}
		places[a.answer.Ledger.Index] = a
		if a.kind != disclosing {
			continue
		}
		if other := ids[a.answer.ID]; other != nil {
			return fmt.Errorf("disclosure %s was given for %s and %s", a.answer.ID, other.key, a.key)
		}
		ids[a.answer.ID] = a
	}
	return nil
}

// KillReport is what was seen, and what the ledger said.
type KillReport struct {
	Asked    int // each with an idempotency key of its own; all were answered in the end
	Received int // answers with values, of disclosures and views
	Retried  int // were not answered at once
	Replayed int // of those: had been done, and only the answer was lost
	Repeated int // were asked again in the end
	Entries  string
}

func (r *KillReport) add(a *ask) {
	r.Asked++
	if a.answer.opened() {
		r.Received++
	}
	if a.tries > 1 {
		r.Retried++
	}
	if a.replayed {
		r.Replayed++
	}
}

func (r *KillReport) String() string {
	return fmt.Sprintf("%d asked, %d answers with values, %d retried of which %d replayed, %d asked again in the end; %s",
		r.Asked, r.Received, r.Retried, r.Replayed, r.Repeated, r.Entries)
}
