package web

import (
	"context"
	"sync"
	"time"
)

// deadlines gives requests that come within the same tenth of a second one
// deadline: a timer for each of them was a fiftieth of a masked read. Nothing
// has to be cancelled when a request ends, for it starts nothing that outlives it.
type deadlines struct {
	mu  sync.Mutex
	ctx context.Context //nolint:containedctx // it is handed out, and has no other use here
}

const together = 100 * time.Millisecond

func (d *deadlines) in(term time.Duration) context.Context {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.ctx == nil {
		ctx, cancel := context.WithTimeout(context.Background(), term)
		context.AfterFunc(ctx, cancel)
		d.ctx = ctx
		time.AfterFunc(together, func() {
			d.mu.Lock()
			defer d.mu.Unlock()
			d.ctx = nil
		})
	}
	return d.ctx
}
