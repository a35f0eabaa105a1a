package broker

import (
	"context"
	"errors"
	"time"
)

// Beginning is what a store knows of the start of a log.
type Beginning interface {
	// Alone runs do while no other process does.
	Alone(ctx context.Context, do func(ctx context.Context) error) error
	// Policy is the policy set in force, and its number; empty before the first.
	Policy(ctx context.Context) (version string, id int64, err error)
}

// Begin writes what a new log starts with, and puts the engine's policy set in
// force unless it is. From then on this broker decides for as long as no other
// set comes into force: see enforced.
func (b *Broker) Begin(ctx context.Context, store Beginning, verifier string) error {
	return store.Alone(ctx, func(ctx context.Context) error {
		version, id, err := store.Policy(ctx)
		if err == nil && version != b.Engine.Version() {
			if id, err = b.putInForce(ctx, store, version, verifier); err != nil {
				return err
			}
		}
		b.inForce.Store(id)
		return err
	})
}

func (b *Broker) putInForce(ctx context.Context, store Beginning, before, verifier string) (id int64, err error) {
	if before == "" {
		if err := b.BeginLog(ctx, verifier); err != nil {
			return 0, err
		}
	}
	if err := b.EnforcePolicy(ctx, before); err != nil {
		return 0, err
	}
	_, id, err = store.Policy(ctx)
	return id, err
}

// enforced fails closed when the set in force is not the one that this broker
// decides by: another broker was started with another set, and this one has to be
// started anew. That it stays so until the commit is a guard of the commit.
func (b *Broker) enforced(s *Situation) error {
	if s.Policy != b.inForce.Load() {
		return ErrUnavailable.Because(errOtherPolicy).After(10 * time.Second)
	}
	return nil
}

var errOtherPolicy = errors.New("another policy set is in force than this broker decides by; start it anew")
