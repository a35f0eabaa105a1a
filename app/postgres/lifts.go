package postgres

import (
	"context"
	"database/sql"

	"bauta.dev/bauta/broker"
)

// partiesToLift reads the index parties_lifting, whose condition it has byte for byte: the
// form of such facts is liftingForm.
const partiesToLift = `SELECT p.id, p.version, p.name, p.facts, p.mac, o.wrapped FROM parties p JOIN keys.owners o ON o.id = p.id
	WHERE substring(p.facts FROM 1 FOR 1) = '\x05' AND p.name > $2 ORDER BY p.name LIMIT $1`

// PartiesToLift are those of whom somebody has proposed that they may ask again.
func (s *Store) PartiesToLift(ctx context.Context, after broker.PartyID, limit int) (all []broker.PartyRecord, err error) {
	err = s.each(ctx, "list parties to lift", func(rows *sql.Rows) error {
		var r partyRow
		if err := rows.Scan(&r.id, &r.version, &r.name, &r.facts, &r.mac, &r.wrapped); err != nil {
			return translate("list parties to lift", err)
		}
		p, err := s.party(&r)
		all = append(all, p)
		return err
	}, partiesToLift, limit, string(after))
	return all, err
}
