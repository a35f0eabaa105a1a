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
	eras, err := c.eras()
	if err != nil {
		return err
	}
	verifier := eras.Current()
	log, err := remote.New(c.URL, c.APIKey)
	if err != nil {
		return fmt.Errorf("read --url: %w", err)
	}
	defer log.Close()
	head, err := newest(ctx, log, verifier)
	if err != nil {
		return p.tell(ledger.Report{}, false, err)
	}
	kept, err := p.kept(eras)
	if err != nil {
		return err
	}
	log.At(head.Size)
	bar := newBar(p.stderr, "entries")
	report, err := ledger.CheckTree(ctx, head, kept, log, bar.set)
	bar.end()
	return p.tell(report, len(kept) > 0, err)
}

// eras are the keys that were given; none at all where none was.
func (c *ledgerCheckCommand) eras() (ledger.Eras, error) {
	if len(c.Key) == 0 {
		return ledger.Eras{}, nil
	}
	var past []ledger.Era
	for _, vkey := range c.Key[:len(c.Key)-1] {
		past = append(past, ledger.Era{VKey: vkey})
	}
	eras, err := ledger.NewEras(c.Key[len(c.Key)-1], past...)
	if err != nil {
		return eras, errors.New("--key is not a verifier key as bauta ledger key prints it, or two of them have one name")
	}
	return eras, nil
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

// kept is the last checkpoint of the file that was kept outside, if one was given
// and has any under the key that goes on.
func (p *program) kept(eras ledger.Eras) ([]ledger.Checkpoint, error) {
	if p.CheckpointFile == "" {
		return nil, nil
	}
	if eras.Current() == nil {
		return nil, errors.New("--checkpoint-file says what a log has signed, and with --url it needs that log's --key")
	}
	f, err := anchor.OpenFile(p.CheckpointFile, eras, false)
	if err != nil {
		return nil, err
	}
	last, err := f.Last()
	if err != nil || last.Size == 0 {
		return nil, err
	}
	return []ledger.Checkpoint{last}, nil
}
