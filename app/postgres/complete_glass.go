package postgres

import (
	"context"
	"database/sql"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// ofGlass are the types of entries about break-glass sessions.
var ofGlass = []ledger.Type{ledger.GlassBroken, ledger.GlassViewed, ledger.GlassEnded, ledger.GlassReviewed}

// checkGlass: each entry about a break-glass session made a version of its record, and
// the row that finds it says which. A session that nobody would have to review any more,
// because its row is gone or older, is found here.
func (c *completeness) checkGlass(ctx context.Context, batch []told) error {
	claims := of(batch, ofGlass...)
	if len(claims) == 0 {
		return nil
	}
	c.due[tallyGlass] += int64(len(claims))
	c.due[tallyGlassEntries] += int64(len(claims))
	names := make([]string, len(claims))
	for i, e := range claims {
		names[i] = e.st.Members.String("session")
	}
	records, err := c.glasses(ctx, names)
	if err != nil {
		return err
	}
	steps, err := c.steps(ctx, glassTrail(), claims)
	if err != nil {
		return err
	}
	for i, e := range claims {
		reason := "missing"
		if r := records[names[i]]; r != nil {
			reason = steps[e.index].wrong(&keptRecord{int64(r.Row), int64(r.Transaction), r.Version, r.Newest}, e)
		}
		if reason != "" {
			return namedRowWrong("break_glass", names[i], e.index, reason)
		}
	}
	return nil
}

// glasses are records by their names, checked against their MACs.
func (c *completeness) glasses(ctx context.Context, names []string) (map[string]*broker.GlassRecord, error) {
	found := make(map[string]*broker.GlassRecord, len(names))
	err := c.query(ctx, "break-glass sessions", glassColumns+` WHERE g.name = ANY($1::text[])`, func(rows *sql.Rows) error {
		r, err := c.s.scanGlass(rows)
		if err != nil {
			return namedRowWrong("break_glass", "", -1, "one of them does not carry this broker's MAC, or is found by what it is not")
		}
		found[string(r.ID)] = r
		return nil
	}, pq.Array(names))
	return found, err
}

// checkGlassTimers: as checkTimers, of sessions that end by themselves.
func (c *completeness) checkGlassTimers(ctx context.Context) error {
	const q = `SELECT g.name FROM break_glass g WHERE g.state = 'open' AND NOT EXISTS (SELECT FROM outbox o
			WHERE o.transaction_id = g.id AND o.endpoint = 0 AND o.state = 0 AND o.kind = 4 AND o.due_at <= g.due_at)
		ORDER BY g.id LIMIT 1`
	return c.query(ctx, "timers", q, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		return namedRowWrong("outbox", name, -1, "missing, or too late: nobody will be told that the time of this session is over")
	})
}
