package postgres

import (
	"context"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// nameEntry looks for the one entry for which a tile of the lowest level does not
// lead to what was signed: where the tile is stored, by what it has for each entry,
// else by the signed heads between. Where nothing is found it is the tile.
func (s *Store) nameEntry(ctx context.Context, t tree, at tileAt, wrong error) error {
	if t.width(at) < tileWidth {
		_, err := ledger.CheckTail(ctx, t.source, s.eras, 0)
		if f, ok := errors.AsType[ledger.Finding](err); ok && f.Part == ledger.PartEntry {
			return fmt.Errorf("%w (%w)", f, wrong)
		}
		return wrong
	}
	from := at.index * tileWidth
	entries, err := t.source.Entries(ctx, from, from+tileWidth)
	if err != nil {
		return wrong
	}
	tiles, err := t.source.Tiles(ctx, 0, at.index, at.index+1)
	if err != nil || len(tiles[0]) != tileWidth*tlog.HashSize {
		return wrong
	}
	for i, entry := range entries {
		if tlog.RecordHash(entry) != tlog.Hash(tiles[0][i*tlog.HashSize:]) {
			f := ledger.Finding{Part: ledger.PartTile, Index: at.index, Reason: fmt.Sprintf("it does not lead to what was signed: it has another hash than that of entry %d", from+int64(i))}
			return fmt.Errorf("%w (%w)", f, wrong)
		}
	}
	return wrong
}
