package postgres

import (
	"context"
	"fmt"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// What an export reads beside what everybody reads.

// writtenOf finds the entries about a party itself; its condition is that of the
// index ledger_entries_of_parties, byte for byte.
const writtenOf = `SELECT idx, entry, statement FROM ledger_entries
	WHERE owner = $1 AND substr(entry, 2, 1) IN ('\x02', '\x03', '\x10', '\x11', '\x3d', '\x3f') ORDER BY idx DESC LIMIT $2`

// Written reads the entries about a party itself, the newest first.
func (s *Store) Written(ctx context.Context, p *broker.PartyRecord, limit int) ([]broker.Recorded, error) {
	rows, err := s.db.QueryContext(ctx, writtenOf, int64(p.Row), limit)
	if err != nil {
		return nil, translate("read entries of a party", err)
	}
	defer func() { _ = rows.Close() }()
	var all []broker.Recorded
	for rows.Next() {
		var r broker.Recorded
		var sealed []byte
		if err := rows.Scan(&r.Index, &r.Entry, &sealed); err != nil {
			return nil, translate("read entries of a party", err)
		}
		if r.Statement, err = broker.OpenStatement(p.Key, r.Entry, sealed); err != nil {
			return nil, fmt.Errorf("open statement of entry %d: %w", r.Index, err)
		}
		all = append(all, r)
	}
	return all, translate("read entries of a party", rows.Err())
}

// Statements are the sealed texts that go with entries.
func (s *Store) Statements(ctx context.Context, indexes []int64) (map[int64][]byte, error) {
	all := map[int64][]byte{}
	if len(indexes) == 0 {
		return all, nil
	}
	rows, err := s.db.QueryContext(ctx, `SELECT entry, sealed FROM notes WHERE entry = ANY($1::int8[])`, int8s(indexes))
	if err != nil {
		return nil, translate("read statements", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var index int64
		var sealed []byte
		if err := rows.Scan(&index, &sealed); err != nil {
			return nil, translate("read statements", err)
		}
		all[index] = sealed
	}
	return all, translate("read statements", rows.Err())
}

// CardsOf are all cards that a party has ever given, the newest first: its own,
// and its part of these transactions.
func (s *Store) CardsOf(ctx context.Context, p *broker.PartyRecord, ts []broker.TransactionRecord) ([]broker.Card, error) {
	owners, sides := []int64{int64(p.Row)}, []int16{int16(broker.PartysOwn)}
	names := map[broker.Row]broker.TransactionID{}
	for i := range ts {
		t := &ts[i]
		side := broker.BuyersPart
		if role, _ := t.Role(p.ID); role == necessity.Seller {
			side = broker.SellersPart
		}
		owners, sides = append(owners, int64(t.Row)), append(sides, int16(side)) //nolint:gosec // 0 to 2
		names[t.Row] = t.ID
	}
	var packed []byte
	err := s.db.QueryRowxContext(ctx, `SELECT string_agg(int8send(c.owner) || int2send(c.side) || int8send(c.version) || int4send(octet_length(c.sealed)) || c.sealed, ''
			ORDER BY c.version DESC)
		FROM unnest($1::int8[], $2::int2[]) AS q(owner, side) JOIN cards c ON c.owner = q.owner AND c.side = q.side`,
		int8s(owners), int2s(sides)).Scan(&packed)
	if err != nil {
		return nil, translate("read cards of a party", err)
	}
	cards, err := s.unpackCards(packed, func(c *broker.Card, u broker.Use) string {
		if c.Owner == p.Row {
			return broker.PartyLabel(p.ID)
		}
		return broker.ContactLabel(names[c.Owner], u)
	})
	if err != nil {
		return nil, fmt.Errorf("read cards of party row %d: %w", p.Row, err)
	}
	return cards, nil
}

// PerformancesOf lists what was recorded for transactions. References are there
// as hashes alone.
func (s *Store) PerformancesOf(ctx context.Context, ts []broker.TransactionRecord) (map[broker.Row][]broker.Performance, error) {
	ids := make([]int64, len(ts))
	for i := range ts {
		ids[i] = int64(ts[i].Row)
	}
	all := map[broker.Row][]broker.Performance{}
	rows, err := s.db.QueryContext(ctx, `SELECT transaction_id, obligation, reversal, quantity, performed_at, by_party, source
		FROM performances WHERE transaction_id = ANY($1::int8[]) ORDER BY entry, performed_at, obligation`, int8s(ids))
	if err != nil {
		return nil, translate("list performances", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var p broker.Performance
		if err := rows.Scan(&p.Transaction, &p.Obligation, &p.Reversal, &p.Quantity, &p.PerformedAt, &p.By, &p.Source); err != nil {
			return nil, translate("list performances", err)
		}
		p.PerformedAt = p.PerformedAt.UTC()
		all[p.Transaction] = append(all[p.Transaction], p)
	}
	return all, translate("list performances", rows.Err())
}

// RecordsOf finds the records of disclosures with one query.
func (s *Store) RecordsOf(ctx context.Context, found []broker.Found) (map[broker.DisclosureID]broker.Request, error) {
	ids := make([][]byte, len(found))
	for i := range found {
		ids[i], _ = found[i].ID.Bytes()
	}
	records, err := s.findRequests(ctx, requestColumns+` WHERE r.disclosure = ANY($1::uuid[])`, uuids(ids))
	if err != nil {
		return nil, err
	}
	all := make(map[broker.DisclosureID]broker.Request, len(records))
	for i := range records {
		all[records[i].Disclosure] = records[i]
	}
	return all, nil
}
