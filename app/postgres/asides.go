package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"
)

// asides are the tokens that this broker took for what leaves no entry, for as long as
// they could be taken again. Their rows have no entry that would miss them: who takes
// one out of the database is refused here all the same, and the audit finds it.
type asides struct {
	mu  sync.Mutex
	all map[[16]byte]aside
}

type aside struct {
	expires time.Time
	outcome []byte
}

// mostAsides bounds them, at some megabytes; what comes on top has its row alone.
const mostAsides = 1 << 16

// asideAfter is how long after its time a token is still remembered: clocks differ.
const asideAfter = 2 * time.Minute

func (a *asides) of(jti []byte, now time.Time) (aside, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	x, known := a.all[[16]byte(jti)]
	return x, known && now.Before(x.expires.Add(asideAfter))
}

func (a *asides) remember(jti []byte, x aside, now time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.all == nil {
		a.all = map[[16]byte]aside{}
	}
	if len(a.all) >= mostAsides {
		a.forget(now)
	}
	if len(a.all) < mostAsides {
		a.all[[16]byte(jti)] = x
	}
}

// forget takes away those whose time is over; a.mu is held.
func (a *asides) forget(now time.Time) {
	maps.DeleteFunc(a.all, func(_ [16]byte, x aside) bool { return !now.Before(x.expires.Add(asideAfter)) })
}

// rows are the numbers and days of those that are left.
func (a *asides) rows(now time.Time) (jtis [][]byte, days []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.forget(now)
	for jti, x := range a.all {
		jtis = append(jtis, slices.Clone(jti[:]))
		days = append(days, x.expires.UTC().Format(time.DateOnly))
	}
	return jtis, days
}

// CheckAsides looks for the rows of tokens that this broker took without an entry,
// as long as they could be taken again. One that is gone is a ledger.Finding.
func (s *Store) CheckAsides(ctx context.Context) error {
	jtis, days := s.asides.rows(s.cfg.Now())
	if len(jtis) == 0 {
		return nil
	}
	const q = `SELECT q.jti FROM unnest($1::bytea[], $2::text[]) AS q(jti, day)
		WHERE NOT EXISTS (SELECT FROM party_tokens x WHERE x.day = cast(q.day AS date) AND x.jti = q.jti) ORDER BY q.jti LIMIT 1`
	var gone []byte
	switch err := s.db.QueryRowContext(ctx, q, byteas(jtis), texts(days)).Scan(&gone); {
	case errors.Is(err, sql.ErrNoRows):
		return nil
	case err != nil:
		return translate("look for tokens", err)
	}
	return namedRowWrong("party_tokens", hex.EncodeToString(gone), -1, "missing: a token that was taken without an entry could do its work again at another broker")
}
