package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// How long witnesses may take: before the first commit of a process, which does
// not wait longer for those that are down, and for one answer.
const (
	firstWitness = 1500 * time.Millisecond
	oneWitness   = 10 * time.Second
)

// witnesses are those of the settings' policy file.
func (p *program) witnesses() ([]anchor.Witness, error) {
	if p.Witnesses == "" {
		return nil, nil
	}
	b, err := os.ReadFile(p.Witnesses)
	if err != nil {
		return nil, fmt.Errorf("read --witnesses: %w", err)
	}
	return anchor.ParseWitnesses(b)
}

// checkpointFileApart refuses a file that whoever puts back an older data
// directory would put back with it.
func (p *program) checkpointFileApart() error {
	if p.CheckpointFile == "" {
		return nil
	}
	within, err := inside(p.DataDir, p.CheckpointFile)
	if err == nil && within {
		err = fmt.Errorf("the checkpoint file %s lies in the data directory %s: with an older copy of that it would be an older one too; give --checkpoint-file a place outside, at best on another machine's disk", p.CheckpointFile, p.DataDir)
	}
	return err
}

// anchor ties the store to what is known outside: every command that may append
// refuses to do so on a database that was rolled back. Only serve has checkpoints
// cosigned as they come, and appends to the file; looking makes nothing.
func (p *program) anchor(s *postgres.Store, may intent) (*anchor.Anchor, error) {
	d := anchor.Deps{Log: anchored{s}, Now: p.now, Report: p.log, Client: &http.Client{
		Timeout:       oneWitness,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	var err error
	if p.CheckpointFile != "" && (may != looking || exists(p.CheckpointFile)) {
		if d.File, err = anchor.OpenFile(p.CheckpointFile, s.Eras(), may != looking); err != nil {
			return nil, fmt.Errorf("--checkpoint-file: %w", err)
		}
	}
	if d.Witnesses, err = p.witnesses(); err != nil {
		return nil, err
	}
	a := anchor.New(d)
	s.Anchor(a.Seen)
	return a, nil
}

// anchored is the store as an anchor sees it.
type anchored struct{ *postgres.Store }

// Head is the newest checkpoint; the zero one of an empty log.
func (s anchored) Head(ctx context.Context) (ledger.Checkpoint, error) {
	c, err := s.Store.Head(ctx)
	if errors.Is(err, broker.ErrNotFound) {
		return ledger.Checkpoint{}, nil
	}
	return c, err
}

// SignedAt is the checkpoint of a size; the zero one where no commit ended there.
func (s anchored) SignedAt(ctx context.Context, size int64) (ledger.Checkpoint, error) {
	c, err := s.Store.SignedAt(ctx, size)
	if errors.Is(err, broker.ErrNotFound) {
		return ledger.Checkpoint{}, nil
	}
	return c, err
}

// Cosign keeps a cosignature.
func (s anchored) Cosign(ctx context.Context, size int64, w anchor.Witness, line string, at time.Time) error {
	return s.Store.Cosign(ctx, postgres.Cosignature{
		Size: size, Witness: w.Verifier.Name(), Key: w.Verifier.KeyHash(), Line: line, At: at,
	})
}

// anchorFirst asks witnesses and compares before anything is appended. A log
// that was rolled back stops no start: it is served, and not written to.
func (h *house) anchorFirst(ctx context.Context, p *program) error {
	for _, w := range h.anchor.Witnesses {
		c, err := h.store.LastCosigned(ctx, w.Verifier.Name(), w.Verifier.KeyHash())
		if err == nil && h.store.CheckCosignature(ctx, c, w.Verifier) == nil {
			h.anchor.Resume(c.Size, c.At)
		}
	}
	brief, cancel := context.WithTimeout(ctx, firstWitness)
	defer cancel()
	if err := h.anchor.Start(brief); err != nil && h.store.Refusal() == nil {
		return fmt.Errorf("compare the log with what is known of it outside: %w", err)
	}
	if err := h.store.Refusal(); err != nil {
		p.log.Error("nothing will be signed, and writes are refused; reads go on (docs/operations.md, \"Anchors\")", "error", err)
	}
	return nil
}

// begin writes what a log starts with, where anything may be written.
func (s *server) begin(ctx context.Context, b *broker.Broker) error {
	if err := s.house.anchorFirst(ctx, s.program); err != nil {
		return err
	}
	vkey, _ := s.house.store.Verifier()
	if err := b.Begin(ctx, s.house.store, vkey); err != nil && s.house.store.Refusal() == nil {
		return fmt.Errorf("begin: %w", err)
	}
	return nil
}

// compared says whether anything from outside was compared with the log that a
// check found right in itself: the checkpoint file, every record of it. What does
// not agree is a Finding. So is a kept cosignature that is not one of a witness
// that the settings name; a right one anchors nothing, for it lies in the same
// database, and would have been put back with an older one.
func (p *program) compared(ctx context.Context, h *house, report ledger.Report) (bool, error) {
	witnesses, err := p.witnesses()
	if err != nil {
		return false, err
	}
	for _, w := range witnesses {
		c, err := h.store.LastCosigned(ctx, w.Verifier.Name(), w.Verifier.KeyHash())
		if errors.Is(err, broker.ErrNotFound) {
			continue
		}
		if err == nil {
			err = h.store.CheckCosignature(ctx, c, w.Verifier)
		}
		if errors.Is(err, postgres.ErrCosignature) || errors.Is(err, broker.ErrNotFound) {
			return false, anchorFinding(c.Size, "the cosignature that is kept for it is not one of the witness "+w.Name)
		}
		if err != nil {
			return false, err
		}
	}
	if p.CheckpointFile == "" {
		return false, nil
	}
	return p.compareFile(ctx, h, report)
}

func (p *program) compareFile(ctx context.Context, h *house, report ledger.Report) (some bool, err error) {
	f, err := anchor.OpenFile(p.CheckpointFile, h.store.Eras(), false)
	if err != nil {
		return false, err
	}
	admitted, err := admissions(ctx, h.store)
	if err != nil {
		return false, err
	}
	err = f.Each(func(c ledger.Checkpoint) error {
		if st, past := admitted[c.Origin]; past {
			return comparePast(ctx, h, c, st)
		}
		some = true
		return compareKept(ctx, h.store, c, report.Entries)
	})
	return some, err
}

// compareKept holds a checkpoint of the file against the log, of which so many
// entries were found right. What could not be read is no finding.
func compareKept(ctx context.Context, log interface {
	Head(ctx context.Context) (ledger.Checkpoint, error)
	RootAt(ctx context.Context, size int64) (tlog.Hash, error)
}, c ledger.Checkpoint, entries int64,
) error {
	if c.Size > entries {
		head, err := log.Head(ctx) // it may have grown since the check began
		if err != nil && !errors.Is(err, broker.ErrNotFound) {
			return err
		}
		if c.Size > head.Size {
			return anchorFinding(c.Size, fmt.Sprintf("the checkpoint file has it, and the log has %d entries", entries))
		}
	}
	root, err := log.RootAt(ctx, c.Size)
	switch {
	case errors.Is(err, broker.ErrNotFound):
		return anchorFinding(c.Size, "the checkpoint file has it, and no commit of the log ended there")
	case errors.Is(err, ledger.ErrCheckpoint):
		return anchorFinding(c.Size, "the checkpoint file has it, and what the log has there is not signed by this log")
	case err != nil:
		return err
	case root != c.Root:
		return anchorFinding(c.Size, "the checkpoint file has another root than the log")
	}
	return nil
}

// admissions are, by the origin of each key before the one that goes on, what the
// log says of the succession that took its place: of one that no checkpoint is
// left of, the one that lost it.
func admissions(ctx context.Context, s *postgres.Store) (map[string]ledger.Statement, error) {
	admitted := map[string]ledger.Statement{}
	all, at := s.Eras().All(), int64(0)
	for _, era := range all[:len(all)-1] {
		if era.Until > 0 {
			at = era.Until
		}
		st, err := s.Succession(ctx, at)
		if err != nil {
			return nil, err
		}
		admitted[era.Origin()] = st
	}
	return admitted, nil
}

// comparePast holds a checkpoint under a key that was succeeded against the log: it
// is in the log as it was signed, or the succession says that it was lost.
func comparePast(ctx context.Context, h *house, c ledger.Checkpoint, st ledger.Statement) error {
	signed, err := h.store.SignedAt(ctx, c.Size)
	if err == nil && signed.Origin == c.Origin && signed.Root == c.Root || broker.Concedes(st, c.Size) {
		return nil
	}
	if err != nil && !errors.Is(err, broker.ErrNotFound) && !errors.Is(err, ledger.ErrCheckpoint) {
		return err
	}
	return anchorFinding(c.Size, "the checkpoint file has it under the name "+c.Origin+", and the log neither holds it nor says that it was lost")
}

func anchorFinding(size int64, reason string) ledger.Finding {
	return ledger.Finding{Part: ledger.PartCheckpoint, Index: size, Reason: reason}
}
