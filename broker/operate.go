package broker

import (
	"context"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
)

// Entries of the deployment's own doings are kept under the auditor's key.

// BeginLog writes the first entry of a new log: whose it is, and who signs.
func (b *Broker) BeginLog(ctx context.Context, verifier string) error {
	return b.deploymentEntry(ctx, ledger.LogStarted, &Write{}, ledger.Object{
		{Name: "origin", Value: b.Origin}, {Name: "verifier", Value: verifier},
	})
}

// CreateKey writes down a new API key. Secret is its keyed hash.
func (b *Broker) CreateKey(ctx context.Context, k APIKey) error {
	k.CreatedAt = b.now()
	return b.deploymentEntry(ctx, ledger.APIKeyCreated, &Write{Key: &k}, ledger.Object{
		{Name: "key", Value: k.ID}, {Name: "scopes", Value: k.Scopes}, {Name: "source", Value: k.Source},
	})
}

// RevokeKey ends a key.
func (b *Broker) RevokeKey(ctx context.Context, k APIKey) error {
	k.RevokedAt = b.now()
	return b.deploymentEntry(ctx, ledger.APIKeyRevoked, &Write{Key: &k}, ledger.Object{{Name: "key", Value: k.ID}})
}

func (b *Broker) deploymentEntry(ctx context.Context, t ledger.Type, w *Write, members ledger.Object) error {
	var err error
	if w.Record, err = b.record(ledger.Statement{Type: t, At: b.now(), Members: members}, b.Auditor, keys{}); err != nil {
		return err
	}
	if _, err := b.Store.Commit(ctx, w); err != nil {
		return fmt.Errorf("write %s: %w", t, err)
	}
	return nil
}
