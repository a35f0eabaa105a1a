package main

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/remote"
	"bauta.dev/bauta/broker/ledger"
)

// remotely checks the log that another broker publishes. It opens neither key
// folder nor database.
func (c *ledgerCheckCommand) remotely(ctx context.Context, p *program) error {
	var verifier note.Verifier
	if c.Key != "" {
		var err error
		if verifier, err = note.NewVerifier(c.Key); err != nil {
			return errors.New("--key is not a verifier key as bauta ledger key prints it")
		}
	}
	log, err := remote.New(c.URL, c.APIKey)
	if err != nil {
		return fmt.Errorf("read --url: %w", err)
	}
	defer log.Close()
	head, err := newest(ctx, log, verifier)
	if err != nil {
		return p.tell(ledger.Report{}, false, err)
	}
	kept, err := p.kept(verifier)
	if err != nil {
		return err
	}
	log.At(head.Size)
	bar := newBar(p.stderr, "entries")
	report, err := ledger.CheckTree(ctx, head, kept, log, bar.set)
	bar.end()
	return p.tell(report, len(kept) > 0, err)
}

// newest is the newest checkpoint; without a verifier nobody is known to have signed it.
func newest(ctx context.Context, log *remote.Log, verifier note.Verifier) (ledger.Checkpoint, error) {
	signed, err := log.Checkpoint(ctx)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	if verifier == nil {
		c, err := ledger.ReadCheckpoint(signed)
		if err != nil {
			return c, ledger.Finding{Part: ledger.PartCheckpoint, Reason: "the newest one is not a checkpoint"}
		}
		return c, nil
	}
	c, err := ledger.OpenCheckpoint(verifier, signed)
	if err != nil {
		return c, ledger.Finding{Part: ledger.PartCheckpoint, Reason: "the newest one is not signed by the key that was given"}
	}
	return c, nil
}

// kept is the last checkpoint of the file that was kept outside, if one was given.
func (p *program) kept(verifier note.Verifier) ([]ledger.Checkpoint, error) {
	if p.CheckpointFile == "" {
		return nil, nil
	}
	if verifier == nil {
		return nil, errors.New("--checkpoint-file says what a log has signed, and with --url it needs that log's --key")
	}
	f, err := anchor.OpenFile(p.CheckpointFile, verifier, false)
	if err != nil {
		return nil, err
	}
	last, err := f.Last()
	if err != nil || last.Size == 0 {
		return nil, err
	}
	return []ledger.Checkpoint{last}, nil
}
