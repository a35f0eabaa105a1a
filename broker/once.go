package broker

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"time"
)

// flights are the idempotency keys that are being worked on in this process: a
// second request with the same key waits for the first. Between processes the
// committer decides.
type flights struct {
	mu     sync.Mutex
	flying map[[16]byte]chan struct{}
}

// enter waits its turn; the caller must call leave.
func (f *flights) enter(ctx context.Context, key [16]byte) (leave func(), err error) {
	for {
		f.mu.Lock()
		first, busy := f.flying[key]
		if !busy {
			if f.flying == nil {
				f.flying = map[[16]byte]chan struct{}{}
			}
			done := make(chan struct{})
			f.flying[key] = done
			f.mu.Unlock()
			return func() {
				f.mu.Lock()
				delete(f.flying, key)
				f.mu.Unlock()
				close(done)
			}, nil
		}
		f.mu.Unlock()
		select {
		case <-first:
		case <-ctx.Done():
			return nil, ErrConflict
		}
	}
}

// NewOutcome names a POST by its idempotency key. Only keyed hashes are kept.
func (b *Broker) NewOutcome(c Caller, route, key string, body []byte) *Outcome {
	return &Outcome{
		Word: c.Word,
		Key:  [16]byte(b.Once.MAC("bauta/once/key", []byte(c.Key), []byte(route), []byte(key))[:16]),
		Body: [16]byte(b.Once.MAC("bauta/once/body", body)[:16]),
	}
}

// replayable does something once for an idempotency key: the first time do, and
// replay after that.
func replayable[T any](ctx context.Context, b *Broker, once *Outcome,
	do func(context.Context) (T, error), replay func(context.Context, *Outcome) (T, error),
) (v T, replayed bool, err error) {
	if once == nil {
		v, err = do(ctx)
		return v, false, err
	}
	leave, err := b.flights.enter(ctx, once.Key)
	if err != nil {
		return v, false, err
	}
	defer leave()
	for range 2 { // another process may have been first while we did it
		first, lookup := b.Store.Outcome(ctx, once.Key)
		switch {
		case lookup == nil && first.Body != once.Body:
			return v, false, ErrMismatch
		case lookup == nil:
			if err = b.spendWord(ctx, once.Word, first); err != nil {
				return v, true, err
			}
			v, err = replay(ctx, first)
			return v, true, err
		case !errors.Is(lookup, ErrNotFound):
			return v, false, lookup
		case err != nil && !errors.Is(err, ErrConflict):
			return v, false, err // refused, and not because this very request had been done
		}
		if v, err = do(ctx); err == nil || errors.Is(err, ErrUnavailable) {
			return v, false, err
		}
	}
	return v, false, err
}

// led says what a keyed request led to; without a key there is nothing to say.
func (o *Outcome) led(kind, id string, at time.Time) *Outcome {
	if o == nil {
		return nil
	}
	to := *o
	to.Kind, to.ID, to.At = kind, id, at
	return &to
}

// moment is when it led there, for a secret that is made from it: one that is made
// from the key alone would come again when the key does, a day later.
func (o *Outcome) moment() []byte {
	return binary.BigEndian.AppendUint64(nil, uint64(o.At.UnixMicro())) //nolint:gosec // after 1970
}
