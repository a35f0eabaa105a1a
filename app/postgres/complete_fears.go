package postgres

import (
	"context"
	"database/sql"
	"slices"
	"strconv"

	"bauta.dev/bauta/broker"
)

// ofFear says whether an entry about a request has changed whom its subject fears.
func (e *told) ofFear() bool {
	return e.st.Members.Bool("held_off") || e.st.Members.Bool("let_back")
}

// checkFears: whom a party fears is what the records of its objections say, which
// the same commits have written: both are read in one snapshot.
func (c *completeness) checkFears(ctx context.Context, batch []told) error {
	var ids [][]byte
	for i := range batch {
		if id, ok := broker.DisclosureID(batch[i].st.Members.String("disclosure")).Bytes(); ok && batch[i].ofFear() {
			ids = append(ids, id)
		}
	}
	if len(ids) == 0 {
		return nil
	}
	const q = `SELECT uuid_send(r.disclosure), r.transaction_id, r.version, r.open, r.state, r.due, r.deadline, r.facts, r.mac,
			d.requester, p.id, p.version, p.name, p.facts, p.mac, k.wrapped
		FROM requests r JOIN disclosures d ON d.id = r.disclosure JOIN parties p ON p.id = d.subject JOIN keys.owners k ON k.id = p.id
		WHERE r.disclosure = ANY($1::uuid[])`
	return c.query(ctx, "fears", q, func(rows *sql.Rows) error {
		var r requestRow
		var p partyRow
		var requester int64
		var deadline sql.NullTime
		if err := rows.Scan(&r.id, &r.transaction, &r.version, &r.open, &r.state, &r.due, &deadline, &r.facts, &r.mac,
			&requester, &p.id, &p.version, &p.name, &p.facts, &p.mac, &p.wrapped); err != nil {
			return err
		}
		r.deadline = deadline.Time
		record, err := c.s.request(&r)
		if err != nil {
			return err
		}
		party, err := c.s.party(&p)
		if err != nil {
			return err
		}
		fear := broker.Fear{Requester: broker.Row(requester), Disclosure: record.Disclosure}
		if record.Feared != slices.Contains(party.Fears, fear) {
			return namedRowWrong("parties", strconv.FormatInt(p.id, 10), -1, "an older row was put back: whom it fears is not what its objections say")
		}
		return nil
	}, uuids(ids))
}
