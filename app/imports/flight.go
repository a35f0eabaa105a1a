package imports

import (
	"context"
	"hash/maphash"
	"sync"
)

// inFlight rows wait for commits at once: enough for one commit to be on its
// way while the next fills up.
const inFlight = 1200

// flight runs calls side by side, on goroutines that stay: sealing needs a deep
// stack, and growing one for each row showed in the profile. The first call
// that fails stops it: nothing new begins, and what has begun is not waited for
// any longer than it takes to see it. Its rows may have been written or not,
// which the next import finds out.
type flight struct {
	ctx   context.Context //nolint:containedctx // it is the flight's own, and ends with it
	stop  context.CancelCauseFunc
	calls chan func(context.Context) error
	crew  int
	busy  sync.WaitGroup
	after []func(context.Context) error
}

// newFlight also gives the context that ends with the flight.
func newFlight(ctx context.Context) (*flight, context.Context) {
	ctx, stop := context.WithCancelCause(ctx)
	return &flight{calls: make(chan func(context.Context) error), ctx: ctx, stop: stop}, ctx
}

// do is called by one goroutine, and waits for a place.
func (f *flight) do(call func(context.Context) error) {
	select {
	case f.calls <- call:
		return
	case <-f.ctx.Done():
		return
	default:
	}
	if f.crew < inFlight {
		f.crew++
		f.busy.Go(func() { f.work(call) })
		return
	}
	select {
	case f.calls <- call:
	case <-f.ctx.Done():
	}
}

func (f *flight) work(call func(context.Context) error) {
	for ok := true; ok; call, ok = <-f.calls {
		if err := call(f.ctx); err != nil {
			f.stop(err)
		}
	}
}

// rest waits until nothing is under way.
func (f *flight) rest() {
	close(f.calls)
	f.busy.Wait()
	f.calls, f.crew = make(chan func(context.Context) error), 0
}

// later runs a call when all others have returned: it is about the same as one
// of them.
func (f *flight) later(call func(context.Context) error) { f.after = append(f.after, call) }

// land waits, and gives the first failure: err, or that of a call.
func (f *flight) land(err error) error {
	f.rest()
	if err == nil {
		for _, call := range f.after {
			f.do(call)
		}
		f.rest()
	}
	if cause := context.Cause(f.ctx); cause != nil {
		err = cause
	}
	f.stop(nil)
	return err
}

// once finds ids that one file has twice. The same row again is harmless; with
// other members it is a mistake, because importing the file again would change
// things to and fro. It keeps two hashes a row and no id.
type once struct {
	seed  maphash.Seed
	rows  map[uint64]uint64
	again bool // the last one was the same row again
}

func newOnce() *once { return &once{seed: maphash.MakeSeed(), rows: map[uint64]uint64{}} }

func (o *once) differs(id string, r *row) bool {
	var h maphash.Hash
	h.SetSeed(o.seed)
	for _, s := range r.fields {
		_, _ = h.WriteString(s)
		_ = h.WriteByte(0)
	}
	at, sum := maphash.String(o.seed, id), h.Sum64()
	first, there := o.rows[at]
	o.again = there && first == sum
	if !there {
		o.rows[at] = sum
	}
	return there && first != sum
}
