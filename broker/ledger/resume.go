package ledger

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// resume puts the checker where an earlier check was when it had reached a size, if
// what is stored still gives what was signed for that size. If not, the checker is
// left at the beginning.
func (c *checker) resume(ctx context.Context, size int64) error {
	rows, err := c.src.Checkpoints(ctx, size-1, 1)
	if err != nil {
		return fmt.Errorf("read checkpoint of %d: %w", size, err)
	}
	if len(rows) == 0 || rows[0].Size != size {
		return nil
	}
	if _, wrong := c.checkRow(rows[0]); wrong != nil {
		return nil //nolint:nilerr // found again, and told, on the way from the beginning
	}
	edge, err := LoadEdge(ctx, size, c.src)
	switch {
	case errors.Is(err, ErrSource) && ctx.Err() == nil:
		return nil
	case err != nil:
		return err
	case edge.Root() != tlog.Hash(rows[0].Root):
		return nil
	}
	c.edge, c.verified, c.last, c.told, c.report.Entries = edge, size, rows[0], size, size
	return nil
}

// tell says how far everything is right, once for each batch of entries.
func (c *checker) tell(ctx context.Context) error {
	if c.reached == nil || c.verified-c.told < entryBatch {
		return nil
	}
	if err := c.flush(ctx); err != nil {
		return err
	}
	c.told = c.verified
	c.reached(c.verified)
	return nil
}
