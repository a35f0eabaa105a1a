package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"

	"golang.org/x/mod/sumdb/tlog"
)

// checkRows verifies the rows of a batch on all cores, and gives the first
// error in the order of the log.
func (c *checker) checkRows(rows []CheckpointRow) error {
	errs := make([]error, len(rows))
	var next atomic.Int64
	var workers sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), len(rows)) {
		workers.Go(func() {
			for i := next.Add(1) - 1; i < int64(len(rows)); i = next.Add(1) - 1 {
				_, errs[i] = c.checkRow(rows[i])
			}
		})
	}
	workers.Wait()
	prev := c.verified
	for i := range rows {
		if rows[i].Size <= prev {
			return checkpointFinding(rows[i].Size, fmt.Sprintf("its size is not above %d", prev))
		}
		if errs[i] != nil {
			return errs[i]
		}
		prev = rows[i].Size
	}
	return nil
}

// checkRow says whether a row says what its signed note says, in the note's one form.
func (c *checker) checkRow(row CheckpointRow) (Checkpoint, error) {
	verifier := c.eras.At(row.Size)
	p, err := OpenCheckpoint(verifier, row.Note)
	switch {
	case err != nil:
		return p, checkpointFinding(row.Size, "its note is not signed by this log")
	case !bare(verifier, p):
		return p, checkpointFinding(row.Size, "its note holds more than the signature of this log")
	case p.Size != row.Size:
		return p, checkpointFinding(row.Size, fmt.Sprintf("its note is signed for %d", p.Size))
	case !bytes.Equal(p.Root[:], row.Root):
		return p, checkpointFinding(row.Size, "its root is not the signed one")
	case CheckFrontier(row.Size, row.Frontier, p.Root) != nil:
		return p, checkpointFinding(row.Size, "its frontier does not give the signed root")
	default:
		return p, nil
	}
}

func same(x, y CheckpointRow) bool {
	return x.Size == y.Size && x.Prev == y.Prev && bytes.Equal(x.Root, y.Root) &&
		bytes.Equal(x.Frontier, y.Frontier) && bytes.Equal(x.Note, y.Note)
}

// blame names the entry that makes a signed root unreachable. Exactly one is
// new under that row, or a stored tile still has the leaf that was signed, or
// an earlier row, which a check of the newest entries has passed over, already
// does not fit; else all that can be said is between which sizes it lies.
func (c *checker) blame(ctx context.Context, row CheckpointRow) error {
	reason := fmt.Sprintf("is not what checkpoint %d signs", row.Size)
	if row.Size == c.verified+1 {
		return entryFinding(c.verified, reason)
	}
	for index := c.verified; index < row.Size && tileEnd(index) <= c.total; index = tileEnd(index) {
		at, err := c.blameIn(ctx, index, min(row.Size, tileEnd(index)))
		if err != nil {
			return err
		}
		if at >= 0 {
			return entryFinding(at, reason)
		}
	}
	fits, size, err := c.firstUnfit(ctx, row)
	switch {
	case err != nil:
		return err
	case size == fits+1:
		return entryFinding(fits, fmt.Sprintf("is not what checkpoint %d signs", size))
	default:
		return entryFinding(fits, fmt.Sprintf("it, or one up to %d, is not what checkpoint %d signs", size-1, size))
	}
}

// firstUnfit looks in the last tile, which is not full, for the first signed row
// up to this one whose root the entries do not give: its size, and that of the
// last one that fits. It is this row where no other is between them.
func (c *checker) firstUnfit(ctx context.Context, row CheckpointRow) (fits, size int64, err error) {
	fits, size = c.verified, row.Size
	from := max(fits, size&^(tileWidth-1))
	edge, err := LoadEdge(ctx, from, c.src)
	if errors.Is(err, ErrSource) {
		return fits, size, nil
	}
	if err != nil {
		return 0, 0, err
	}
	rows, err := c.src.Checkpoints(ctx, from-1, tileWidth+1)
	if err != nil {
		return 0, 0, fmt.Errorf("read checkpoints after %d: %w", from, err)
	}
	for _, r := range rows {
		if _, wrong := c.checkRow(r); wrong != nil || r.Size >= size {
			break // what is wrong with a row is not what is asked
		}
		entries, err := c.src.Entries(ctx, edge.Size(), r.Size)
		if err != nil {
			return 0, 0, fmt.Errorf("read entries at %d: %w", edge.Size(), err)
		}
		for _, entry := range entries {
			edge.Append(entry)
		}
		if edge.Root() != tlog.Hash(r.Root) {
			if r.Size == from { // it is older than the tile
				return fits, size, nil
			}
			return fits, r.Size, nil
		}
		fits = r.Size
	}
	return fits, size, nil
}

// blameIn compares the entries [from, to), all in one full tile, with it.
func (c *checker) blameIn(ctx context.Context, from, to int64) (int64, error) {
	tile := from / tileWidth
	tiles, err := c.src.Tiles(ctx, 0, tile, tile+1)
	if err != nil {
		return 0, fmt.Errorf("read tile 0/%d: %w", tile, err)
	}
	entries, err := c.src.Entries(ctx, from, to)
	if err != nil {
		return 0, fmt.Errorf("read entries at %d: %w", from, err)
	}
	if len(tiles) != 1 || len(tiles[0]) != tileSize {
		return -1, nil
	}
	for i, entry := range entries {
		within := (from + int64(i)) % tileWidth * hashSize
		if tlog.RecordHash(entry) != tlog.Hash(tiles[0][within:]) {
			return from + int64(i), nil
		}
	}
	return -1, nil
}

// tileEnd is the index behind the tile that a leaf is in.
func tileEnd(index int64) int64 { return (index/tileWidth + 1) * tileWidth }
