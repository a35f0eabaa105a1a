package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// Sessions carry a MAC: a row that somebody else wrote opens nothing. They are
// no history, so they do not go through the committer.

func (s *Store) macSession(x *accounts.Session) []byte {
	return s.mac.MAC("session/v1", x.ID,
		numbers(x.Row, x.Generation, x.MadeAt.UnixMicro(), x.SeenAt.UnixMicro(), x.ConfirmedAt.UnixMicro()))
}

const sessionColumns = `s.id, s.account, s.generation, s.made_at, s.seen_at, s.confirmed_at, s.mac`

type sessionRow struct {
	accounts.Session
	mac []byte
}

func (r *sessionRow) into() []any {
	return []any{&r.ID, &r.Row, &r.Generation, &r.MadeAt, &r.SeenAt, &r.ConfirmedAt, &r.mac}
}

func (s *Store) checkSession(r *sessionRow) (*accounts.Session, error) {
	r.MadeAt, r.SeenAt, r.ConfirmedAt = r.MadeAt.UTC(), r.SeenAt.UTC(), r.ConfirmedAt.UTC()
	if !hmac.Equal(r.mac, s.macSession(&r.Session)) {
		return nil, &forgedError{"session"}
	}
	return &r.Session, nil
}

// OpenSession keeps a new session, and in the same statement what a key has led to.
func (s *Store) OpenSession(ctx context.Context, x *accounts.Session, once *broker.Outcome) error {
	q := `INSERT INTO sessions (id, account, generation, made_at, seen_at, confirmed_at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7)`
	args := []any{x.ID, x.Row, x.Generation, x.MadeAt, x.SeenAt, x.ConfirmedAt, s.macSession(x)}
	if o := once; o != nil {
		q = `WITH remembered AS (INSERT INTO outcomes (day, key, body, kind, id, at, entry, mac)
			VALUES (cast($12::timestamptz AT TIME ZONE 'UTC' AS date), $8, $9, $10, $11, $12, $13, $14)) ` + q
		args = append(args, o.Key[:], o.Body[:], o.Kind, o.ID, o.At, o.Index, s.macOutcome(o))
	}
	_, err := s.db.ExecContext(ctx, q, args...)
	return translate("open session", err)
}

// Session finds one with its account as it is now, in one round trip.
func (s *Store) Session(ctx context.Context, id []byte) (*accounts.Session, *accounts.Account, error) {
	var r sessionRow
	var a accountRow
	err := s.db.QueryRowContext(ctx, `SELECT `+sessionColumns+`, `+accountColumns+`
		FROM sessions s JOIN accounts a ON a.id = s.account JOIN keys.owners o ON o.id = a.id WHERE s.id = $1`, id).Scan(append(r.into(), a.into()...)...)
	if err != nil {
		return nil, nil, translate("find session", err)
	}
	found, err := s.checkSession(&r)
	if err != nil {
		return nil, nil, err
	}
	of, err := s.account(&a)
	if err != nil {
		return nil, nil, err
	}
	found.Takes(&of.Account)
	return found, &of.Account, nil
}

// Sessions lists those of an account, oldest first.
func (s *Store) Sessions(ctx context.Context, account broker.Row) ([]accounts.Session, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+sessionColumns+` FROM sessions s WHERE s.account = $1 ORDER BY s.made_at, s.id`, int64(account))
	if err != nil {
		return nil, translate("list sessions", err)
	}
	return s.readSessions(rows)
}

func (s *Store) readSessions(rows *sql.Rows) ([]accounts.Session, error) {
	defer func() { _ = rows.Close() }()
	all := []accounts.Session{}
	for rows.Next() {
		var r sessionRow
		if err := rows.Scan(r.into()...); err != nil {
			return nil, translate("list sessions", err)
		}
		x, err := s.checkSession(&r)
		if err != nil {
			return nil, err
		}
		all = append(all, *x)
	}
	return all, translate("list sessions", rows.Err())
}

// KeepSession writes a session's later times, unless somebody else has done so since.
func (s *Store) KeepSession(ctx context.Context, before, after *accounts.Session) error {
	r, err := s.db.ExecContext(ctx, `UPDATE sessions SET seen_at = $2, confirmed_at = $3, mac = $4 WHERE id = $1 AND mac = $5`,
		after.ID, after.SeenAt, after.ConfirmedAt, s.macSession(after), s.macSession(before))
	if err != nil {
		return translate("keep session", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return broker.ErrStale
	}
	return nil
}

// CloseSession ends one of an account's sessions.
func (s *Store) CloseSession(ctx context.Context, account broker.Row, id []byte) error {
	return s.one(ctx, "close session", `DELETE FROM sessions WHERE account = $1 AND id = $2`, int64(account), id)
}

// sweepAccounts takes away what nothing compares with any more.
func (s *Store) sweepAccounts(ctx context.Context) error {
	now := s.cfg.Now()
	for _, x := range []struct {
		q  string
		of any
	}{
		{`DELETE FROM sessions WHERE made_at < $1`, now.Add(-accounts.Longest)},
		{`DELETE FROM sign_in_failures WHERE last_at < $1`, now.Add(-accounts.Remembered)},
		{`DELETE FROM codes_used WHERE step < $1`, accounts.Step(now) - 10},
		{`DELETE FROM challenges WHERE until < $1`, now},
	} {
		if _, err := s.db.ExecContext(ctx, x.q, x.of); err != nil {
			return translate("sweep sessions", err)
		}
	}
	return nil
}
