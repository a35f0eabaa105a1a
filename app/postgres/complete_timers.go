package postgres

import (
	"context"
	"database/sql"

	"bauta.dev/bauta/broker"
)

// checkTimers: a deadline that has begun has a timer, which has its passing written
// down and told. It is set in the same commit and taken away after that, so one
// statement never sees the one without the other.
func (c *completeness) checkTimers(ctx context.Context) error {
	const q = `SELECT uuid_send(r.disclosure) FROM requests r WHERE r.deadline IS NOT NULL AND NOT EXISTS (SELECT FROM outbox o
			WHERE o.transaction_id = r.transaction_id AND o.endpoint = 0 AND o.state = 0 AND o.disclosure = r.disclosure AND o.due_at <= r.deadline)
		ORDER BY r.disclosure LIMIT 1`
	return c.query(ctx, "timers", q, func(rows *sql.Rows) error {
		var id []byte
		if err := rows.Scan(&id); err != nil {
			return err
		}
		return namedRowWrong("outbox", string(broker.DisclosureOf(id)), -1, "missing, or too late: nobody will be told that a deadline of this request has passed")
	})
}
