package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

// tokenWindow is longer than any token can be taken: its row must be there for
// as long. Later nothing rests on it, and the broker deletes it.
const tokenWindow = 20 * time.Minute

// checkTokens: a token that signed for an entry of the last minutes is marked as
// taken, so that it does its work once.
func (c *completeness) checkTokens(ctx context.Context, batch []told) error {
	var claims []*told
	for i := range batch {
		e := &batch[i]
		if signed(e) && e.st.At.After(c.s.cfg.Now().Add(-tokenWindow)) {
			claims = append(claims, e)
		}
	}
	if len(claims) == 0 {
		return nil
	}
	there := make(map[int64]bool, len(claims))
	err := c.query(ctx, "tokens", `SELECT entry FROM party_tokens WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		err := rows.Scan(&entry)
		there[entry] = true
		return err
	}, int8s(indexes(claims)))
	if err != nil {
		return err
	}
	for _, e := range claims {
		if !there[e.index] {
			return rowWrong("party_tokens", e.index, e.index, "missing: the token that signed for it could do so again")
		}
	}
	return nil
}

// signed says that an entry took a token: a party's, or the link to its page. What
// people decide of a request names the token that the request came with, and takes none.
func signed(e *told) bool {
	m := e.st.Members
	if e.kind == ledger.DecisionMade {
		return false
	}
	return strings.HasPrefix(m.String("asserted_by"), "token:") || e.kind == ledger.SubjectAccessed && m.String("event") == "page_opened"
}

// checkTokenRows: what is marked as taken carries its MAC, which binds it to its
// day and its entry, where it has one.
func (c *completeness) checkTokenRows(ctx context.Context) error {
	const q = `SELECT x.day, x.jti, x.expires_at, x.entry, x.outcome, x.mac, e.entry
		FROM party_tokens x LEFT JOIN ledger_entries e ON e.idx = x.entry
		WHERE (x.day, x.jti) > ($1::date, $2::bytea) ORDER BY x.day, x.jti LIMIT $3`
	day, jti := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), []byte{}
	return c.inParts(ctx, "tokens", q, func() []any { return []any{day, jti} }, func(rows *sql.Rows) error {
		var t takenToken
		if err := rows.Scan(&day, &jti, &t.expires, &t.index, &t.outcome, &t.mac, &t.entry); err != nil {
			return err
		}
		t.jti = jti
		if !day.Equal(t.expires.UTC().Truncate(24*time.Hour)) || !c.s.genuine(&t) {
			index := int64(-1)
			if t.index.Valid {
				index = t.index.Int64
			}
			return namedRowWrong("party_tokens", hex.EncodeToString(jti), index, "does not carry this broker's MAC, or is another entry's")
		}
		return nil
	})
}
