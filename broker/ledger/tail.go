package ledger

import (
	"context"
	"errors"
	"fmt"
)

// CheckTail verifies the newest entries of a stored log, at least the newest n,
// and that the head is signed, its frontier gives its root, nothing is stored
// beyond it, and what is older adds up to it by the full tiles. It reads as much for a large log as for a
// small one: what an old entry says is for Check to verify. It gives how many
// entries it hashed. The first thing that is wrong is a Finding.
func CheckTail(ctx context.Context, src Source, eras Eras, n int64) (int64, error) {
	head, found, err := src.Head(ctx)
	if err != nil {
		return 0, fmt.Errorf("read head: %w", err)
	}
	if !found {
		return 0, nil
	}
	c := &checker{src: src, eras: eras, progress: func(int64, int64) {}, total: head.Size}
	if _, err := c.checkRow(head); err != nil {
		return 0, err
	}
	if err := eras.whole(head.Size); err != nil {
		return 0, err
	}
	from := max(head.Size-n, 0) / tileWidth * tileWidth
	if c.edge, err = LoadEdge(ctx, from, src); err != nil {
		if ctx.Err() == nil && errors.Is(err, ErrSource) {
			return 0, tileFinding(0, from/tileWidth, "the tiles before it are not whole")
		}
		return 0, err
	}
	c.verified = from
	head.Prev = from // the rows between are for Check
	if err := c.advance(ctx, head); err != nil {
		return 0, err
	}
	if err := c.compareAll(ctx); err != nil {
		return head.Size - from, err
	}
	return head.Size - from, c.strays(ctx)
}
