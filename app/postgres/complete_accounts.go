package postgres

import (
	"context"
	"database/sql"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
)

// accounts finds the rows that statements of accounts are about. They are kept
// under the auditor's key, so that they outlive what is personal in an account.
func (c *completeness) accounts(ctx context.Context, ids []int64) (map[int64]*accounts.Account, error) {
	found := make(map[int64]*accounts.Account, len(ids))
	err := c.query(ctx, "accounts", selectAccount+` WHERE a.id = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var r accountRow
		if err := rows.Scan(r.into()...); err != nil {
			return err
		}
		a, err := c.s.account(&r)
		if err != nil {
			return rowWrong("accounts", r.id, -1, "does not carry this broker's MAC, or its key does not open")
		}
		found[r.id] = &a.Account
		return nil
	}, int8s(ids))
	return found, err
}

// checkAccounts counts versions, and looks for the notice of each entry that is
// to be told. An account that was ended has to have ended in its row, and who made
// it cannot have become another.
func (c *completeness) checkAccounts(ctx context.Context, batch []told) error {
	var told []*told
	for _, e := range of(batch, ledger.AccountChanged) {
		c.due[tallyAccounts]++
		m := e.st.Members
		switch accounts.Event(m.String("event")) {
		case accounts.Made:
			if !sameTime(e.account.MadeAt, e.st.At) || e.account.MadeBy != m.String("by") {
				return rowWrong("accounts", e.owner, e.index, "another made it, or at another time, than its entry says")
			}
		case accounts.Ended:
			if !sameTime(e.account.EndedAt, e.st.At) {
				return rowWrong("accounts", e.owner, e.index, "the entry ended it then, and the row does not say so")
			}
		default: // what it is since, its newest version says, which the count of versions is about
		}
		if e.account.ID.Told(m.String("by")) {
			told = append(told, e)
		}
	}
	c.due[tallyNotices] += int64(len(told))
	return c.checkNotices(ctx, told)
}

func (c *completeness) checkNotices(ctx context.Context, claims []*told) error {
	if len(claims) == 0 {
		return nil
	}
	type notice struct {
		account, event, role, by string
		at                       time.Time
	}
	found := map[int64]notice{}
	err := c.query(ctx, "notices", `SELECT entry, account, event, role, by, at FROM account_notices WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		var n notice
		err := rows.Scan(&entry, &n.account, &n.event, &n.role, &n.by, &n.at)
		found[entry] = n
		return err
	}, int8s(indexes(claims)))
	if err != nil {
		return err
	}
	for _, e := range claims {
		m := e.st.Members
		n, there := found[e.index]
		switch {
		case !there:
			return rowWrong("account_notices", e.index, e.index, "missing")
		case n.account != m.String("account") || n.event != m.String("event") || n.role != m.String("role") || n.by != m.String("by") || !sameTime(n.at, e.st.At):
			return rowWrong("account_notices", e.index, e.index, "it is not what its entry says")
		}
	}
	return nil
}

// checkSessions: every session is one that this broker has opened.
func (c *completeness) checkSessions(ctx context.Context) error {
	const q = `SELECT ` + sessionColumns + ` FROM sessions s WHERE s.id > $1 ORDER BY s.id LIMIT $2`
	after := []byte{}
	return c.inParts(ctx, "sessions", q, func() []any { return []any{after} }, func(rows *sql.Rows) error {
		var r sessionRow
		if err := rows.Scan(r.into()...); err != nil {
			return err
		}
		after = append(after[:0], r.ID...)
		if _, err := c.s.checkSession(&r); err != nil {
			return rowWrong("sessions", r.Row, -1, "does not carry this broker's MAC")
		}
		return nil
	})
}

// checkPasskeyUses: every counter is one that this broker has noted.
func (c *completeness) checkPasskeyUses(ctx context.Context) error {
	const q = `SELECT ` + passkeyUseColumns + ` FROM passkey_uses WHERE id > $1 ORDER BY id LIMIT $2`
	after := []byte{}
	return c.inParts(ctx, "passkey uses", q, func() []any { return []any{after} }, func(rows *sql.Rows) error {
		var r passkeyUseRow
		if err := rows.Scan(r.into()...); err != nil {
			return err
		}
		after = append(after[:0], r.ID...)
		if _, err := c.s.checkPasskeyUse(&r); err != nil {
			return rowWrong("passkey_uses", r.Row, -1, "does not carry this broker's MAC")
		}
		return nil
	})
}
