package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
)

// A party's token is taken once. Its row is written with the entry that it
// signed for, in the same commit, so of two brokers that are given one token at
// the same moment one finds it taken.

// tokenRow is a row of party_tokens.
type tokenRow struct {
	jti     []byte // keyed hash: the provider may have put a person's number into it
	expires time.Time
	mac     []byte
}

func (s *Store) hashToken(id string) []byte { return s.mac.MAC("party_token/id/v1", []byte(id))[:16] }

// macToken binds a taken token to its entry by the entry's leaf hash, and to the
// time until which it could be taken again.
func (s *Store) macToken(jti []byte, expires time.Time, leaf []byte) []byte {
	return s.mac.MAC("party_token/v1", jti, numbers(expires.UnixMicro()), leaf)
}

// macTokenAside is of a token that was taken without an entry, for an outcome that
// was told again or for none.
func (s *Store) macTokenAside(jti []byte, expires time.Time, outcome []byte) []byte {
	return s.mac.MAC("party_token/aside/v1", jti, numbers(expires.UnixMicro()), outcome)
}

// takenToken is a row of party_tokens as it is found.
type takenToken struct {
	tokenRow

	index          sql.NullInt64
	outcome, entry []byte
}

// genuine says whether a row carries this broker's MAC, for the entry or the outcome
// that it names.
func (s *Store) genuine(t *takenToken) bool {
	if !t.index.Valid {
		return hmac.Equal(t.mac, s.macTokenAside(t.jti, t.expires, t.outcome))
	}
	leaf := tlog.RecordHash(t.entry)
	return hmac.Equal(t.mac, s.macToken(t.jti, t.expires, leaf[:]))
}

// SpendWord takes a token for what leaves no entry. That it was taken before is
// no harm if that was for the same: the entry of what is told again, or the same
// outcome.
func (s *Store) SpendWord(ctx context.Context, w *broker.Word, again *broker.Outcome) (before bool, err error) {
	const q = `WITH old AS (
			SELECT x.expires_at, x.entry, x.outcome, x.mac, e.entry AS leaf FROM party_tokens x LEFT JOIN ledger_entries e ON e.idx = x.entry
			WHERE x.jti = $1 AND x.day = ANY (ARRAY[$2::date - 1, $2::date, $2::date + 1]) ORDER BY x.day LIMIT 1
		), fresh AS (
			INSERT INTO party_tokens (day, jti, expires_at, outcome, mac) SELECT $2::date, $1, $3::timestamptz, $4, $5
			WHERE NOT EXISTS (SELECT FROM old) ON CONFLICT DO NOTHING RETURNING 1
		)
		SELECT (SELECT count(*) FROM fresh), (SELECT count(*) FROM old), o.expires_at, o.entry, o.outcome, o.mac, o.leaf
		FROM (SELECT 1) AS one LEFT JOIN old o ON true`
	jti, expires := s.hashToken(w.ID), w.Expires.UTC().Truncate(time.Microsecond)
	var outcome []byte
	if again != nil {
		outcome = again.Key[:]
	}
	if x, known := s.asides.of(jti, s.cfg.Now()); known {
		if outcome != nil && hmac.Equal(x.outcome, outcome) {
			return true, nil
		}
		return false, broker.ErrTokenUsed
	}
	for range 2 { // another broker may take it between the look and the insert
		t := takenToken{tokenRow: tokenRow{jti: jti}}
		var taken, found int
		var until sql.NullTime
		err := s.db.QueryRowContext(ctx, q, jti, expires.Format(time.DateOnly), expires, nullBytes(outcome), s.macTokenAside(jti, expires, outcome)).
			Scan(&taken, &found, &until, &t.index, &t.outcome, &t.mac, &t.entry)
		switch t.expires = until.Time.UTC(); {
		case err != nil:
			return false, translate("take token", err)
		case taken > 0:
			s.asides.remember(jti, aside{expires, outcome}, s.cfg.Now())
			return false, nil
		case found > 0 && s.genuine(&t) && t.sameAs(again):
			return true, nil
		case found > 0:
			return false, broker.ErrTokenUsed
		}
	}
	return false, broker.ErrTokenUsed
}

// TakenFor finds the entry that a token was taken for.
func (s *Store) TakenFor(ctx context.Context, w *broker.Word) (int64, error) {
	const q = `SELECT x.expires_at, x.entry, x.mac, e.entry FROM party_tokens x JOIN ledger_entries e ON e.idx = x.entry
		WHERE x.jti = $1 AND x.day = ANY (ARRAY[$2::date - 1, $2::date, $2::date + 1]) ORDER BY x.day LIMIT 1`
	t := takenToken{tokenRow: tokenRow{jti: s.hashToken(w.ID)}}
	err := s.db.QueryRowContext(ctx, q, t.jti, w.Expires.UTC().Format(time.DateOnly)).Scan(&t.expires, &t.index, &t.mac, &t.entry)
	if err != nil {
		return 0, translate("find token", err)
	}
	if t.expires = t.expires.UTC(); !s.genuine(&t) {
		return 0, &forgedError{"party token"}
	}
	return t.index.Int64, nil
}

func (t *takenToken) sameAs(again *broker.Outcome) bool {
	switch {
	case again == nil:
		return false
	case t.index.Valid:
		return again.Index > 0 && t.index.Int64 == again.Index
	default:
		return hmac.Equal(t.outcome, again.Key[:])
	}
}

// expectWord guards what a write says of a party's own word: that its token was
// not taken before, and how many grants one party had on another's data.
func (s *Store) expectWord(j *job) error {
	if t := j.w.Word; t != nil {
		if _, known := s.asides.of(s.hashToken(t.ID), s.cfg.Now()); known {
			return broker.ErrTokenUsed
		}
		j.token = &tokenRow{jti: s.hashToken(t.ID), expires: t.Expires.UTC().Truncate(time.Microsecond)}
		j.token.mac = s.macToken(j.token.jti, j.token.expires, j.leaf[:])
		j.guards = append(j.guards, guard{what: watchToken, id: j.token.expires.UnixMicro(), key: j.token.jti})
		j.touch(watchToken, string(j.token.jti), true)
	}
	if n := j.w.ExpectGrantsOf; n != nil {
		j.guards = append(j.guards, guard{
			what: watchGrantsOf, id: int64(n.Subject), version: int64(n.Count), key: strconv.AppendInt(nil, int64(n.Requester), 10),
		})
	}
	return nil
}

func (c *columns) addTokens(s *statement) {
	if len(c.tokens) == 0 {
		return
	}
	var jtis, macs [][]byte
	var expires []int64
	for _, j := range c.tokens {
		jtis, macs, expires = append(jtis, j.token.jti), append(macs, j.token.mac), append(expires, j.token.expires.UnixMicro())
	}
	s.add(`, taken AS (
		INSERT INTO party_tokens (day, jti, expires_at, entry, mac)
		SELECT cast(to_timestamp(x.at / 1e6) AT TIME ZONE 'UTC' AS date), x.jti, to_timestamp(x.at / 1e6), x.entry, x.mac
		FROM head, unnest(?::bytea[], ?::int8[], ?::int8[], ?::bytea[]) AS x(jti, at, entry, mac)
	)`, byteas(jtis), int8s(expires), int8s(c.tokenEntry), byteas(macs))
}
