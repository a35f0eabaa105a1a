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
	eras, heads, err := c.signers()
	if err != nil {
		return err
	}
	log, err := remote.New(c.URL, c.APIKey)
	if err != nil {
		return fmt.Errorf("read --url: %w", err)
	}
	defer log.Close()
	head, err := newest(ctx, log, heads)
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

// signers are the keys that were given: the Ed25519 ones as they follow each other
// (none where none was given for the log that goes on), and those that must have
// signed its head. Keys of one name are of one log; the last name is its name now.
func (c *ledgerCheckCommand) signers() (eras ledger.Eras, heads []note.Verifier, err error) {
	var past []ledger.Era
	current := ""
	for _, vkey := range c.Key {
		v, err := ledger.LogVerifier(vkey)
		if err != nil {
			return eras, nil, errors.New("--key is not a verifier key as bauta ledger key prints it")
		}
		if len(heads) > 0 && heads[0].Name() != v.Name() {
			if current != "" {
				past = append(past, ledger.Era{VKey: current})
			}
			heads, current = nil, ""
		}
		if heads = append(heads, v); isEd25519(vkey) {
			current = vkey
		}
	}
	if current == "" {
		return eras, heads, nil
	}
	if eras, err = ledger.NewEras(current, past...); err != nil {
		return eras, nil, errors.New("the keys of --key are not one after the other: all of one name together, in the order of time")
	}
	return eras, heads, nil
}

func isEd25519(vkey string) bool {
	_, err := note.NewVerifier(vkey)
	return err == nil
}

// newest is the newest checkpoint; without a verifier nobody is known to have signed it.
func newest(ctx context.Context, log *remote.Log, verifiers []note.Verifier) (ledger.Checkpoint, error) {
	signed, err := log.Checkpoint(ctx)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	c, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return c, ledger.Finding{Part: ledger.PartCheckpoint, Index: -1, Reason: "the newest one is not a checkpoint"}
	}
	for _, v := range verifiers {
		opened, err := ledger.OpenCheckpoint(v, signed)
		if err != nil {
			return opened, ledger.Finding{Part: ledger.PartCheckpoint, Index: c.Size, Reason: "the newest one is not signed by the key that was given"}
		}
		c = opened
	}
	return c, nil
}

// kept is the last checkpoint of the file that was kept outside, if one was given
// and has any under the key that goes on. Its notes carry the Ed25519 signature alone.
func (p *program) kept(eras ledger.Eras) ([]ledger.Checkpoint, error) {
	if p.CheckpointFile == "" {
		return nil, nil
	}
	if eras.Current() == nil {
		return nil, errors.New("--checkpoint-file says what a log has signed, and with --url it needs that log's Ed25519 --key")
	}
	f, err := anchor.OpenFile(p.CheckpointFile, eras, false)
	if errors.Is(err, anchor.ErrRecord) {
		return nil, fmt.Errorf("%w, by the keys that were given: if the log was succeeded, its older keys come first, --key OLD --key NEW (bauta ledger key --all prints them)", err)
	}
	if err != nil {
		return nil, err
	}
	last, err := f.Last()
	if err != nil || last.Size == 0 {
		return nil, err
	}
	return []ledger.Checkpoint{last}, nil
}
