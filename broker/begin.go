package broker

import "context"

// Beginning is what a store knows of the start of a log.
type Beginning interface {
	// Alone runs do while no other process does.
	Alone(ctx context.Context, do func(ctx context.Context) error) error
	// Policy is the policy set in force, and its number; empty before the first.
	Policy(ctx context.Context) (version string, id int64, err error)
}

// Begin writes what a new log starts with, and puts the engine's policy set in
// force if it is the first. On a log that has begun it only checks that the set
// in force is this one: a broker that decides by another would be stale for ever.
func (b *Broker) Begin(ctx context.Context, store Beginning, verifier string) error {
	return store.Alone(ctx, func(ctx context.Context) error {
		version, _, err := store.Policy(ctx)
		if err != nil || version == b.Engine.Version() {
			return err
		}
		if version == "" {
			if err := b.BeginLog(ctx, verifier); err != nil {
				return err
			}
		}
		return b.EnforcePolicy(ctx, version)
	})
}
