package postgres

import (
	"bytes"
	"context"
	"crypto/hmac"
	"database/sql"
	"fmt"
	"time"

	"github.com/go-json-experiment/json"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// accountRow is a row of accounts with its key. Its MAC covers all of it.
type accountRow struct {
	id, version                                          int64
	name                                                 string
	facts, tag, setUp, email, mask, credential, mac, key []byte
	handle, bound                                        []byte
}

// accountFacts are an account's, as they are written.
type accountFacts struct {
	Role       accounts.Role `json:"role"`
	MadeBy     string        `json:"made_by"`
	Makers     []accounts.ID `json:"makers"` // not there in a row that is older than this member
	MadeAt     time.Time     `json:"made_at"`
	ApprovesAt time.Time     `json:"approves_at"`
	EndedAt    time.Time     `json:"ended_at,omitzero"`
	SetUpUntil time.Time     `json:"set_up_until,omitzero"`
	LockedAt   time.Time     `json:"locked_at,omitzero"`
	Generation int64         `json:"generation"`
	Ready      bool          `json:"ready,omitzero"`
}

// macAccount: a row that nothing but a password opens has the MAC that it had before
// there was anything else.
func (s *Store) macAccount(r *accountRow) []byte {
	if r.handle != nil || r.bound != nil {
		return s.mac.MAC("account/v2", numbers(r.id, r.version), []byte(r.name), r.facts, r.tag, r.setUp, r.email, r.mask, r.credential, r.handle, r.bound)
	}
	return s.mac.MAC("account/v1", numbers(r.id, r.version), []byte(r.name), r.facts, r.tag, r.setUp, r.email, r.mask, r.credential)
}

func (s *Store) newAccountRow(a *broker.AccountRecord) (*accountRow, error) {
	facts, err := json.Marshal(accountFacts{
		a.Role, a.MadeBy, a.Makers, a.MadeAt, a.ApprovesAt, a.EndedAt, a.SetUpUntil, a.LockedAt, a.Generation, a.Ready,
	})
	if err != nil {
		return nil, fmt.Errorf("write facts of account %s: %w", a.ID, err)
	}
	r := &accountRow{
		id: int64(a.Row), version: a.Version, name: string(a.ID), facts: facts,
		tag: a.Tag, setUp: a.SetUp, email: a.Email, mask: a.Mask, credential: a.Credential, handle: a.Handle, bound: a.Bound,
	}
	r.mac = s.macAccount(r)
	if a.Version == 1 {
		r.key, err = s.keys.wrap(r.id, a.Key)
	}
	return r, err
}

// account checks that a row is as this broker wrote it, and unwraps its key.
func (s *Store) account(r *accountRow) (*broker.AccountRecord, error) {
	if !hmac.Equal(r.mac, s.macAccount(r)) {
		return nil, &forgedError{"account"}
	}
	var f accountFacts
	if err := json.Unmarshal(r.facts, &f); err != nil {
		return nil, fmt.Errorf("read facts of account row %d: %w", r.id, err)
	}
	if f.Makers == nil && f.MadeBy != accounts.Operator {
		f.Makers = []accounts.ID{accounts.ID(f.MadeBy)}
	}
	a := &broker.AccountRecord{
		Row: broker.Row(r.id), Version: r.version, Tag: r.tag, SetUp: r.setUp, Email: r.email, Mask: r.mask, Credential: r.credential,
		Handle: r.handle, Bound: r.bound,
		Account: accounts.Account{
			ID: accounts.ID(r.name), Role: f.Role, MadeBy: f.MadeBy, Makers: f.Makers, MadeAt: f.MadeAt, ApprovesAt: f.ApprovesAt, EndedAt: f.EndedAt,
			SetUpUntil: f.SetUpUntil, LockedAt: f.LockedAt, Generation: f.Generation, Ready: f.Ready,
		},
	}
	var err error
	a.Key, err = s.keys.unwrap(r.id, r.key)
	return a, err
}

const accountColumns = `a.id, a.version, a.name, a.facts, a.tag, a.set_up, a.email, a.mask, a.credential, a.mac, a.handle, a.bound, o.wrapped`

const selectAccount = `SELECT ` + accountColumns + ` FROM accounts a JOIN keys.owners o ON o.id = a.id`

func (r *accountRow) into() []any {
	return []any{&r.id, &r.version, &r.name, &r.facts, &r.tag, &r.setUp, &r.email, &r.mask, &r.credential, &r.mac, &r.handle, &r.bound, &r.key}
}

// EmailTag is the keyed hash that an address is found by: at full length, for
// here a hit is taken as it is.
func (s *Store) EmailTag(form masking.Text) []byte {
	return s.index.MAC("bauta/index/account/v1", masking.Value{Text: form}.Canonical())
}

func (s *Store) findAccount(ctx context.Context, where string, by any) (*broker.AccountRecord, error) {
	var r accountRow
	if err := s.db.QueryRowContext(ctx, selectAccount+` WHERE `+where+` = $1`, by).Scan(r.into()...); err != nil {
		return nil, translate("find account", err)
	}
	return s.account(&r)
}

// Account finds one by its id.
func (s *Store) Account(ctx context.Context, id accounts.ID) (*broker.AccountRecord, error) {
	return s.findAccount(ctx, "a.name", string(id))
}

// AccountByTag finds a living one by its address.
func (s *Store) AccountByTag(ctx context.Context, tag []byte) (*broker.AccountRecord, error) {
	return s.findAccount(ctx, "a.tag", tag)
}

// AccountBySetUp finds the one that a set-up code is out for.
func (s *Store) AccountBySetUp(ctx context.Context, hash []byte) (*broker.AccountRecord, error) {
	return s.findAccount(ctx, "a.set_up", hash)
}

// AccountByHandle finds the one that authenticators know by a handle.
func (s *Store) AccountByHandle(ctx context.Context, tag []byte) (*broker.AccountRecord, error) {
	return s.findAccount(ctx, "a.handle", tag)
}

// AccountByBound finds the one that a provider's sign-in opens.
func (s *Store) AccountByBound(ctx context.Context, tag []byte) (*broker.AccountRecord, error) {
	return s.findAccount(ctx, "a.bound", tag)
}

// Accounts lists all, oldest first.
func (s *Store) Accounts(ctx context.Context) ([]*broker.AccountRecord, error) {
	rows, err := s.db.QueryContext(ctx, selectAccount+` ORDER BY a.id`)
	if err != nil {
		return nil, translate("list accounts", err)
	}
	defer func() { _ = rows.Close() }()
	all := []*broker.AccountRecord{}
	for rows.Next() {
		var r accountRow
		if err := rows.Scan(r.into()...); err != nil {
			return nil, translate("list accounts", err)
		}
		a, err := s.account(&r)
		if err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, translate("list accounts", rows.Err())
}

// Notices lists what one account did to another, newest first.
func (s *Store) Notices(ctx context.Context, limit int) ([]broker.AccountNotice, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT entry, account, event, role, by, at FROM account_notices ORDER BY entry DESC LIMIT $1`, limit)
	if err != nil {
		return nil, translate("list notices", err)
	}
	defer func() { _ = rows.Close() }()
	all := []broker.AccountNotice{}
	for rows.Next() {
		var n broker.AccountNotice
		if err := rows.Scan(&n.Index, &n.Account, &n.Event, &n.Role, &n.By, &n.At); err != nil {
			return nil, translate("list notices", err)
		}
		n.At = n.At.UTC()
		all = append(all, n)
	}
	return all, translate("list notices", rows.Err())
}

// expectAccount: a new account's address is nobody's yet, and a changed one is
// what it was changed from.
func (j *job) expectAccount(a *broker.AccountRecord) {
	if a.Version == 1 {
		j.guards = append(j.guards, guard{what: watchNoAccount, key: bytes.Clone(a.Tag)})
		j.touch(watchNoAccount, string(a.Tag), true)
		return
	}
	j.guards = append(j.guards, guard{what: watchAccount, id: int64(a.Row), version: a.Version - 1})
	j.touch(watchAccount, string(a.ID), true)
}

// coldAccount are the statements of a job that changes an account; index is its
// entry's. Sessions of an older generation open nothing any more.
func coldAccount(j *job, index int64, add func(n int, query string, args ...any)) {
	if r := j.account; r != nil {
		add(1, `INSERT INTO accounts (id, name, version, facts, tag, set_up, email, mask, credential, mac, handle, bound) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
			ON CONFLICT (id) DO UPDATE SET version = excluded.version, facts = excluded.facts, tag = excluded.tag, set_up = excluded.set_up,
				credential = excluded.credential, mac = excluded.mac, handle = excluded.handle, bound = excluded.bound`,
			r.id, r.name, r.version, r.facts, nullBytes(r.tag), nullBytes(r.setUp), r.email, r.mask, nullBytes(r.credential), r.mac, nullBytes(r.handle), nullBytes(r.bound))
		add(1, `DELETE FROM sessions WHERE account = $1 AND generation < $2`, r.id, j.w.Account.Generation)
		if r.handle == nil && r.version > 1 {
			add(1, `DELETE FROM passkey_uses WHERE account = $1`, r.id)
		}
	}
	if n := j.w.Notice; n != nil {
		add(1, `INSERT INTO account_notices (entry, account, event, role, by, at) VALUES ($1, $2, $3, $4, $5, $6)`,
			index, string(n.Account), string(n.Event), string(n.Role), string(n.By), n.At)
	}
}

func nullBytes(b []byte) any {
	if b == nil {
		return nil
	}
	return b
}

// LockedOut lists the accounts that failures keep locked, with their runs.
func (s *Store) LockedOut(ctx context.Context) ([]*broker.Attempt, error) {
	rows, err := s.db.QueryContext(ctx, `SELECT f.failures, f.began_at, `+accountColumns+`
		FROM sign_in_failures f JOIN accounts a ON a.tag = f.tag JOIN keys.owners o ON o.id = a.id WHERE f.failures >= $1`, accounts.LockedFrom)
	if err != nil {
		return nil, translate("list locked accounts", err)
	}
	defer func() { _ = rows.Close() }()
	var all []*broker.Attempt
	for rows.Next() {
		var r accountRow
		a := &broker.Attempt{}
		if err := rows.Scan(append([]any{&a.Failures, &a.Since}, r.into()...)...); err != nil {
			return nil, translate("list locked accounts", err)
		}
		if a.Account, err = s.account(&r); err != nil {
			return nil, err
		}
		all = append(all, a)
	}
	return all, translate("list locked accounts", rows.Err())
}

// Attempt counts an attempt and finds the account, in one statement.
func (s *Store) Attempt(ctx context.Context, tag []byte) (*broker.Attempt, error) {
	const q = `WITH counted AS (
		INSERT INTO sign_in_failures AS f (tag, failures, began_at, last_at, until) VALUES ($1::bytea, 1, $2::timestamptz, $2::timestamptz, $2::timestamptz + make_interval(secs => ($4::int8[])[1]))
		ON CONFLICT (tag) DO UPDATE SET last_at = $2::timestamptz,
			failures = CASE WHEN f.last_at > $3::timestamptz THEN f.failures + 1 ELSE 1 END,
			began_at = CASE WHEN f.last_at > $3::timestamptz THEN f.began_at ELSE $2::timestamptz END,
			until = $2::timestamptz + make_interval(secs => ($4::int8[])[least(CASE WHEN f.last_at > $3::timestamptz THEN f.failures + 1 ELSE 1 END, cardinality($4::int8[]))])
		WHERE f.until <= $2::timestamptz RETURNING failures, began_at)
		SELECT c.failures, c.began_at, ` + accountColumns + `
		FROM (SELECT 1) AS one LEFT JOIN counted c ON true LEFT JOIN (accounts a JOIN keys.owners o ON o.id = a.id) ON a.tag = $1::bytea`
	var waits []int64
	for _, d := range accounts.Delays() {
		waits = append(waits, int64(d/time.Second))
	}
	now := s.cfg.Now().UTC().Truncate(time.Microsecond)
	var failures sql.NullInt64
	var since sql.NullTime
	var id, version sql.NullInt64
	var name sql.NullString
	var r accountRow
	err := s.db.QueryRowContext(ctx, q, tag, now, now.Add(-accounts.Remembered), int8s(waits)).Scan(
		&failures, &since, &id, &version, &name, &r.facts, &r.tag, &r.setUp, &r.email, &r.mask, &r.credential, &r.mac, &r.handle, &r.bound, &r.key)
	if err != nil {
		return nil, translate("count attempt", err)
	}
	a := &broker.Attempt{Allowed: failures.Valid, Failures: int(failures.Int64), Since: since.Time}
	if id.Valid {
		r.id, r.version, r.name = id.Int64, version.Int64, name.String
		a.Account, err = s.account(&r)
	}
	return a, err
}

// Uncount takes back what an attempt has counted, unless somebody has counted since.
func (s *Store) Uncount(ctx context.Context, tag []byte, a *broker.Attempt) error {
	_, err := s.db.ExecContext(ctx, `UPDATE sign_in_failures SET failures = failures - 1, until = $2 WHERE tag = $1 AND failures = $3`, tag, s.cfg.Now(), a.Failures)
	return translate("uncount attempt", err)
}

// Forgive ends a run of failures.
func (s *Store) Forgive(ctx context.Context, tag []byte) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM sign_in_failures WHERE tag = $1`, tag)
	return translate("forgive failures", err)
}

// UseCode says whether a step's code is used for the first time.
func (s *Store) UseCode(ctx context.Context, account broker.Row, step int64) (bool, error) {
	r, err := s.db.ExecContext(ctx, `INSERT INTO codes_used (account, step) VALUES ($1, $2) ON CONFLICT DO NOTHING`, int64(account), step)
	if err != nil {
		return false, translate("use code", err)
	}
	n, err := r.RowsAffected()
	return n == 1, err
}
