package postgres

import (
	"strconv"
	"time"
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

// expectWord guards what a write says of a party's own word: that its token was
// not taken before, and how many grants one party had on another's data.
func (s *Store) expectWord(j *job) {
	if t := j.w.Word; t != nil {
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
