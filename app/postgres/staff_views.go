package postgres

import (
	"context"
	"fmt"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// Notes reads free text about a transaction, still sealed, each with what its
// entry says.
func (s *Store) Notes(ctx context.Context, t *broker.TransactionRecord) (all []broker.SealedNote, err error) {
	const q = `SELECT n.entry, n.sealed, e.entry, e.statement FROM notes n JOIN ledger_entries e ON e.idx = n.entry WHERE n.owner = $1 ORDER BY n.entry`
	rows, err := s.db.QueryContext(ctx, q, int64(t.Row))
	if err != nil {
		return nil, translate("read notes", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var n broker.SealedNote
		var entry, statement []byte
		if err := rows.Scan(&n.Index, &n.Sealed, &entry, &statement); err != nil {
			return nil, translate("read notes", err)
		}
		if n.Statement, err = broker.OpenStatement(t.Key, entry, statement); err != nil {
			return nil, fmt.Errorf("open statement of entry %d: %w", n.Index, err)
		}
		all = append(all, n)
	}
	return all, translate("read notes", rows.Err())
}

// StaffViews reads when staff opened something of disclosures, from what the
// entries say. A row that its entry does not bear out is an internal error.
func (s *Store) StaffViews(ctx context.Context, of []broker.Found) (map[broker.DisclosureID][]broker.Recorded, error) {
	found := map[broker.DisclosureID][]broker.Recorded{}
	if len(of) == 0 {
		return found, nil
	}
	keys := make(map[broker.DisclosureID]*broker.TransactionRecord, len(of))
	ids := make([][]byte, len(of))
	for i := range of {
		ids[i], _ = of[i].ID.Bytes()
		keys[of[i].ID] = &of[i].Situation.Transaction
	}
	const q = `SELECT v.entry, uuid_send(v.disclosure), e.entry, e.statement FROM staff_views v JOIN ledger_entries e ON e.idx = v.entry
		WHERE v.disclosure = ANY($1::uuid[]) ORDER BY v.entry`
	rows, err := s.db.QueryContext(ctx, q, uuids(ids))
	if err != nil {
		return nil, translate("read views of staff", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var r broker.Recorded
		var raw, statement []byte
		if err := rows.Scan(&r.Index, &raw, &r.Entry, &statement); err != nil {
			return nil, translate("read views of staff", err)
		}
		id := broker.DisclosureOf(raw)
		if r.Statement, err = broker.OpenStatement(keys[id].Key, r.Entry, statement); err != nil {
			return nil, fmt.Errorf("open statement of entry %d: %w", r.Index, err)
		}
		if r.Statement.Type != ledger.StaffViewed || r.Statement.Members.String("disclosure") != string(id) {
			return nil, &forgedError{"view"}
		}
		found[id] = append(found[id], r)
	}
	return found, translate("read views of staff", rows.Err())
}
