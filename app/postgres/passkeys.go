package postgres

import (
	"context"
	"crypto/hmac"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// KeepChallenge keeps that something was asked. The row says neither what nor whom.
func (s *Store) KeepChallenge(ctx context.Context, id []byte, until time.Time) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO challenges (id, until, mac) VALUES ($1, $2, $3)`, id, until, s.macChallenge(id, until))
	return translate("keep challenge", err)
}

// TakeChallenge says until when it could be answered. It is gone then.
func (s *Store) TakeChallenge(ctx context.Context, id []byte) (time.Time, error) {
	var until time.Time
	var mac []byte
	if err := s.db.QueryRowContext(ctx, `DELETE FROM challenges WHERE id = $1 RETURNING until, mac`, id).Scan(&until, &mac); err != nil {
		return until, translate("take challenge", err)
	}
	if !hmac.Equal(mac, s.macChallenge(id, until)) {
		return time.Time{}, &forgedError{"challenge"}
	}
	return until.UTC(), nil
}

func (s *Store) macChallenge(id []byte, until time.Time) []byte {
	return s.mac.MAC("challenge/v1", id, numbers(until.UnixMicro()))
}

const passkeyUseColumns = `id, account, counter, day, mac`

type passkeyUseRow struct {
	accounts.PasskeyUse
	counter int64
	mac     []byte
}

func (r *passkeyUseRow) into() []any { return []any{&r.ID, &r.Row, &r.counter, &r.Day, &r.mac} }

func (s *Store) macPasskeyUse(u *accounts.PasskeyUse) []byte {
	return s.mac.MAC("passkey_use/v1", u.ID, numbers(u.Row, int64(u.Counter), u.Day.Unix()))
}

func (s *Store) checkPasskeyUse(r *passkeyUseRow) (*accounts.PasskeyUse, error) {
	r.Counter, r.Day = uint32(r.counter), r.Day.UTC() //nolint:gosec // one that was written from such a number; the MAC says so
	if int64(r.Counter) != r.counter || !hmac.Equal(r.mac, s.macPasskeyUse(&r.PasskeyUse)) {
		return nil, &forgedError{"passkey use"}
	}
	return &r.PasskeyUse, nil
}

// PasskeyUses are the last uses of an account's passkeys.
func (s *Store) PasskeyUses(ctx context.Context, account broker.Row) ([]accounts.PasskeyUse, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT `+passkeyUseColumns+` FROM passkey_uses WHERE account = $1`, int64(account))
	if err != nil {
		return nil, translate("list passkey uses", err)
	}
	defer func() { _ = rows.Close() }()
	all := []accounts.PasskeyUse{}
	for rows.Next() {
		var r passkeyUseRow
		if err := rows.Scan(r.into()...); err != nil {
			return nil, translate("list passkey uses", err)
		}
		u, err := s.checkPasskeyUse(&r)
		if err != nil {
			return nil, err
		}
		all = append(all, *u)
	}
	return all, translate("list passkey uses", rows.Err())
}

// KeepPasskeyUse writes a passkey's next use, unless another one has come between.
func (s *Store) KeepPasskeyUse(ctx context.Context, before, after *accounts.PasskeyUse) error {
	q := `INSERT INTO passkey_uses (id, account, counter, day, mac) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (id) DO NOTHING`
	args := []any{after.ID, after.Row, int64(after.Counter), after.Day, s.macPasskeyUse(after)}
	if before != nil {
		q = `UPDATE passkey_uses SET account = $2, counter = $3, day = $4, mac = $5 WHERE id = $1 AND mac = $6`
		args = append(args, s.macPasskeyUse(before))
	}
	r, err := s.db.ExecContext(ctx, q, args...)
	if err != nil {
		return translate("keep passkey use", err)
	}
	if n, err := r.RowsAffected(); err != nil || n == 0 {
		return broker.ErrStale
	}
	return nil
}

// ForgetPasskeyUse is for a passkey that is no more.
func (s *Store) ForgetPasskeyUse(ctx context.Context, account broker.Row, id []byte) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM passkey_uses WHERE account = $1 AND id = $2`, int64(account), id)
	return translate("forget passkey use", err)
}
