package postgres

import (
	"context"
	"errors"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/migrations"
)

func isNotFound(err error) bool { return errors.Is(err, broker.ErrNotFound) }

// Ready says why this broker can't do its work; nothing when it can.
func (s *Store) Ready(ctx context.Context) []string {
	var reasons []string
	if err := s.db.PingContext(ctx); err != nil {
		reason := "the database cannot be reached"
		if errors.Is(err, errDurability) {
			reason = errDurability.Error()
		}
		return append(reasons, reason)
	}
	if pending, err := migrations.Pending(ctx, s.db.DB); err != nil || pending {
		reasons = append(reasons, "migrations are not current")
	}
	if err := s.committer.fault.Load(); err != nil {
		reasons = append(reasons, (*err).Error())
	}
	if _, err := s.Checkpoint(ctx); err != nil && !isNotFound(err) {
		reasons = append(reasons, "the ledger's head cannot be read")
	}
	return reasons
}

// Checkpoint is the newest signed note.
func (s *Store) Checkpoint(ctx context.Context) (note []byte, err error) {
	err = s.db.QueryRowxContext(ctx, `SELECT note FROM ledger_checkpoints ORDER BY size DESC LIMIT 1`).Scan(&note)
	return note, translate("read checkpoint", err)
}

// Head is the newest checkpoint, verified.
func (s *Store) Head(ctx context.Context) (ledger.Checkpoint, error) {
	note, err := s.Checkpoint(ctx)
	if err != nil {
		return ledger.Checkpoint{}, err
	}
	return s.eras.Open(note)
}

// Entries are raw ledger entries [from, to), for who may see hashes.
func (s *Store) Entries(ctx context.Context, from, to int64) (entries [][]byte, err error) {
	err = s.db.SelectContext(ctx, &entries, `SELECT entry FROM ledger_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx`, from, to)
	return entries, translate("read entries", err)
}

// Check verifies the whole log as it lies in the database.
func (s *Store) Check(ctx context.Context, progress func(done, total int64)) (ledger.Report, error) {
	c := &conn{db: s.db.DB}
	defer c.drop()
	return ledger.Check(ctx, source{c}, s.eras, progress)
}

// CheckTail verifies the newest entries, at least n of them, and the head.
func (s *Store) CheckTail(ctx context.Context, n int64) (entries int64, err error) {
	c := &conn{db: s.db.DB}
	defer c.drop()
	return ledger.CheckTail(ctx, source{c}, s.eras, n)
}

// Stats are counts since the start, for metrics.
type Stats struct{ Commits, Entries, LostRaces, Stale, Size int64 }

// Stats of the committer.
func (s *Store) Stats() Stats {
	c := &s.committer.stats
	return Stats{c.commits.Load(), c.entries.Load(), c.races.Load(), c.stale.Load(), s.committer.known.Load()}
}

// Alone runs do while no other process does: what happens once in a log's life
// happens once, however many brokers start together.
func (s *Store) Alone(ctx context.Context, do func(ctx context.Context) error) error {
	c, err := s.db.Conn(ctx)
	if err != nil {
		return translate("take turns", err)
	}
	defer func() { _ = c.Close() }()
	const lock = 0x6261757461 // "bauta"
	if _, err := c.ExecContext(ctx, `SELECT pg_advisory_lock($1)`, int64(lock)); err != nil {
		return translate("take turns", err)
	}
	err = do(ctx)
	_, unlock := c.ExecContext(ctx, `SELECT pg_advisory_unlock($1)`, int64(lock))
	return errors.Join(err, translate("take turns", unlock))
}
