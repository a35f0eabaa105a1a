package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/broker/necessity"
)

// Beginning is what a store knows of the start of a log.
type Beginning interface {
	// Alone runs do while no other process does.
	Alone(ctx context.Context, do func(ctx context.Context) error) error
}

// Begin writes what a new log starts with: whose it is, and the engine's policy
// set, which is in force from then on. On any other log the set is offered, and
// this broker decides by the one in force, whichever that is.
func (b *Broker) Begin(ctx context.Context, store Beginning, verifier string) error {
	return store.Alone(ctx, func(ctx context.Context) error {
		_, err := b.Store.PolicyInForce(ctx)
		if errors.Is(err, ErrNotFound) {
			if err := b.beginAnew(ctx, verifier); err != nil {
				return err
			}
			return b.Follow(ctx)
		}
		if err != nil {
			return err
		}
		if _, err := b.Offer(ctx, b.Engine); err != nil {
			return err
		}
		if err := b.Follow(ctx); !undecided(err) {
			return err
		}
		return nil // it may be approved while this broker runs; Undecided says so
	})
}

func (b *Broker) beginAnew(ctx context.Context, verifier string) error {
	if err := b.BeginLog(ctx, verifier); err != nil {
		return err
	}
	e := b.Engine
	return b.writePolicy(ctx, policies{}, &PolicySet{Version: e.Version(), State: InForce, Permits: e.Text(), Floor: e.Floor()}, nil)
}

// force is the policy set in force as this broker knows it.
type force struct {
	engine *necessity.Engine
	number int64
}

// engine is what this broker decides by. A decision that was made while it was
// exchanged is not committed: the situation's policy number, which the commit
// compares, is then an older one.
func (b *Broker) engine() *necessity.Engine {
	if f := b.inForce.Load(); f != nil {
		return f.engine
	}
	return b.Engine
}

// PolicyVersion names the set that this broker decides by.
func (b *Broker) PolicyVersion() string { return b.engine().Version() }

// Undecided says that this broker cannot decide by the set in force, if so: it
// refuses what needs a decision until another one is in force.
func (b *Broker) Undecided() bool {
	f := b.inForce.Load()
	return f == nil || f.number == 0
}

func undecided(err error) bool { return errors.Is(err, errNoText) || errors.Is(err, errOtherFloor) }

// Follow makes this broker decide by the set in force. Callers may be many: the
// first does it, and the others find it done.
func (b *Broker) Follow(ctx context.Context) error {
	b.following.Lock()
	defer b.following.Unlock()
	number, _, err := b.Store.PolicyNumbers(ctx)
	if err != nil {
		return err
	}
	known := b.inForce.Load()
	switch {
	case known != nil && number == known.number:
		return nil
	case known != nil && number < known.number:
		return errPolicyBack
	}
	set, err := b.Store.PolicyInForce(ctx)
	if err != nil {
		return err
	}
	e := b.Engine
	if set.Version != e.Version() {
		if e, err = restored(set); err != nil {
			return errors.Join(err, b.decideNothing())
		}
	}
	b.inForce.Store(&force{e, set.Number})
	return nil
}

// decideNothing is for a set that this broker can't load: nothing is granted by
// it, and nothing that was holds.
func (b *Broker) decideNothing() error {
	e, err := necessity.Nothing()
	if err == nil {
		b.inForce.Store(&force{engine: e})
	}
	return err
}

// enforced follows the set in force when the situation was read under another
// one than this broker decides by. That it stays so until the commit is a guard
// of the commit. It fails closed where it cannot follow.
func (b *Broker) enforced(ctx context.Context, s *Situation) error {
	if f := b.inForce.Load(); f != nil && f.number == s.Policy {
		return nil
	}
	if err := b.Follow(ctx); err != nil {
		return ErrUnavailable.Because(err).After(10 * time.Second)
	}
	return ErrStale // read again, to decide by what is in force now
}

var errPolicyBack = errors.New("an older policy set is in force than before: rows are missing; bauta ledger check says which")
