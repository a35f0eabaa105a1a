package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// TreeSource reads a log as C2SP tlog-tiles publishes it.
type TreeSource interface {
	EdgeSource
	// Partial gives the first width hashes of a tile that is not full yet.
	Partial(ctx context.Context, level int, index int64, width int) ([]byte, error)
}

// CheckTree reads all of a published log up to head, and verifies every entry,
// every full tile and the partial tiles at its edge: they are one tree, head's
// root is its root, and the trees of the kept checkpoints (ascending by size,
// none larger than head) are its beginnings. The first thing that is wrong is a
// Finding; any other error means that the check could not be made. Memory is
// constant. progress may be nil.
//
// Signatures are the caller's: a head that nobody signed proves only that what
// was read fits together.
func CheckTree(ctx context.Context, head Checkpoint, kept []Checkpoint, src TreeSource, progress func(done, total int64)) (Report, error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	c := &checker{src: published{src}, progress: progress, edge: NewEdge(), total: head.Size}
	if head.Size < 0 {
		return Report{}, checkpointFinding(head.Size, "its size is below 0")
	}
	for _, p := range append(kept[:len(kept):len(kept)], head) {
		if p.Size > head.Size || p.Size < c.verified {
			return c.report, checkpointFinding(p.Size, fmt.Sprintf("the log ends at %d, before a checkpoint that was kept", head.Size))
		}
		if err := c.advance(ctx, CheckpointRow{Size: p.Size, Prev: c.verified, Root: p.Root[:]}); err != nil {
			return c.report, err
		}
	}
	if err := c.compareAll(ctx); err != nil {
		return c.report, err
	}
	c.report.Head = head
	return c.report, c.compareEdge(ctx, src)
}

// compareEdge compares the tiles that are not full.
func (c *checker) compareEdge(ctx context.Context, src TreeSource) error {
	for level := range maxLevels {
		want := c.edge.Partial(level)
		if len(want) == 0 {
			continue
		}
		index, width := c.total>>(tileHeight*(level+1)), len(want)/hashSize
		got, err := src.Partial(ctx, level, index, width)
		if err != nil {
			return fmt.Errorf("read tile %d/%d.p/%d: %w", level, index, width, err)
		}
		if !bytes.Equal(got, want) {
			return tileFinding(level, index, fmt.Sprintf("as far as it goes, %d hashes, it is not what the entries give", width))
		}
		c.report.Tiles++
	}
	return nil
}

// published is a Source that has one head and no rows.
type published struct{ TreeSource }

func (published) Head(context.Context) (CheckpointRow, bool, error) {
	return CheckpointRow{}, false, nil
}

func (published) Checkpoints(context.Context, int64, int) ([]CheckpointRow, error) { return nil, nil }

func (published) Middles(context.Context, int, int64, int64) ([][]byte, error) { return nil, nil }

func (published) Extra(context.Context) (Strays, error) { return Strays{}, nil }

// ReadCheckpoint reads a note without believing it: for who was given no key.
// Its form is checked as OpenCheckpoint does; else ErrCheckpoint.
func ReadCheckpoint(signed []byte) (Checkpoint, error) {
	_, err := note.Open(signed, note.VerifierList())
	unverified, ok := errors.AsType[*note.UnverifiedNoteError](err)
	if !ok {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", ErrCheckpoint)
	}
	c, err := parseCheckpoint(unverified.Note.Text, signed)
	if err != nil {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", err)
	}
	return c, nil
}
