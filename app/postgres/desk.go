package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"bauta.dev/bauta/broker"
)

// Hold gives it to one of those who open it at once. Who waited for another one's row
// does not see it yet: then it is asked again.
func (s *Store) Hold(ctx context.Context, h broker.DeskHold, now time.Time, over bool) (broker.DeskHold, error) {
	for {
		has, err := s.hold(ctx, h, now, over)
		if !errors.Is(err, broker.ErrNotFound) {
			return has, err
		}
	}
}

func (s *Store) hold(ctx context.Context, h broker.DeskHold, now time.Time, over bool) (broker.DeskHold, error) {
	has := broker.DeskHold{Thing: h.Thing}
	err := s.db.QueryRowContext(ctx, `WITH took AS (
			INSERT INTO desk_holds AS d (thing, account, until) VALUES ($1, $2, $3)
			ON CONFLICT (thing) DO UPDATE SET account = excluded.account, until = excluded.until
			WHERE d.account = excluded.account OR d.until <= $4 OR $5
			RETURNING account, until)
		SELECT account, until FROM took
		UNION ALL SELECT account, until FROM desk_holds WHERE thing = $1 AND NOT EXISTS (SELECT FROM took)`,
		h.Thing, h.Account, h.Until, now, over).Scan(&has.Account, &has.Until)
	has.Until = has.Until.UTC()
	return has, translate("open at the desk", err)
}

// Leave forgets what has run out as well, so that nothing is kept that says who
// worked when.
func (s *Store) Leave(ctx context.Context, account, thing string, now time.Time) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM desk_holds WHERE account = $1 AND (thing = $2 OR $2 = '') OR until <= $3`, account, thing, now)
	return translate("leave the desk", err)
}

// Held lists what lies before somebody.
func (s *Store) Held(ctx context.Context, now time.Time) ([]broker.DeskHold, error) {
	var all []broker.DeskHold
	err := s.each(ctx, "list what is open at the desk", func(rows *sql.Rows) error {
		var h broker.DeskHold
		err := rows.Scan(&h.Thing, &h.Account, &h.Until)
		all = append(all, h)
		return err
	}, `SELECT thing, account, until FROM desk_holds WHERE until > $1 LIMIT 1000`, now)
	return all, err
}
