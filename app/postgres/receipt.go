package postgres

import (
	"bytes"
	"context"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
)

// WitnessedProof shows that an entry is in the log, in the way that convinces
// most: of the newest checkpoints that cover it, under the one with the most
// cosignatures, and under the newest of all where no witness has seen any. It
// looks at a bounded number of them, however many there are, and at none that was
// signed before the log was succeeded.
func (s *Store) WitnessedProof(ctx context.Context, index int64) (ledger.Proof, error) {
	const q = `SELECT coalesce((SELECT w.size FROM
		(SELECT size FROM ledger_cosignatures WHERE size > $1 AND log = $2 ORDER BY size DESC LIMIT 256) w
		WHERE EXISTS (SELECT FROM ledger_checkpoints c WHERE c.size = w.size)
		GROUP BY w.size ORDER BY count(*) DESC, w.size DESC LIMIT 1), 0)`
	var size int64
	if err := s.db.GetContext(ctx, &size, q, index, s.log()); err != nil {
		return ledger.Proof{}, translate(fmt.Sprintf("find witnesses of entry %d", index), err)
	}
	p, err := s.Proof(ctx, index, size)
	if err != nil || size == 0 {
		return p, err
	}
	found, err := s.Cosignatures(ctx, size)
	if err != nil {
		return ledger.Proof{}, err
	}
	for i := range found {
		// A line that would spoil the note is left out: who wrote it wrote to the
		// database himself.
		whole := append(bytes.Clone(p.Checkpoint), found[i].Line+"\n"...)
		if _, err := s.eras.Open(whole); err == nil && ledger.WellFormed(whole) {
			p.Checkpoint = whole
		}
	}
	return p, nil
}
