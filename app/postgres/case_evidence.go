package postgres

import (
	"bytes"
	"context"
	"database/sql"

	"bauta.dev/bauta/broker"
)

// item checks a row, and holds it against the case's record, which says how the item
// stands by now.
func (s *Store) item(r *fileRow, of *broker.CaseRecord) (*broker.SealedEvidence, error) {
	e := &broker.SealedEvidence{Case: broker.Row(r.of)}
	if err := s.readFile(evidence(), r, &e.Evidence, &e.N); err != nil {
		return nil, err
	}
	for _, said := range of.Items { // one that is not there came after the record was read
		if said.N != e.N {
			continue
		}
		if said.By != e.By || said.Type != e.Type || !bytes.Equal(said.Original, e.Item.Original) || !bytes.Equal(said.Derivative, e.Item.Derivative) {
			return nil, &forgedError{evidence().what}
		}
		e.Standing = said.Standing
	}
	return e, nil
}

// CaseEvidence lists items without their bytes.
func (s *Store) CaseEvidence(ctx context.Context, of *broker.CaseRecord) ([]broker.Evidence, error) {
	if len(of.Items) == 0 {
		return nil, nil
	}
	var all []broker.Evidence
	err := s.each(ctx, "list evidence", func(rows *sql.Rows) error {
		var r fileRow
		if err := rows.Scan(r.into()...); err != nil {
			return translate("list evidence", err)
		}
		e, err := s.item(&r, of)
		if err == nil {
			all = append(all, e.Evidence)
		}
		return err
	}, evidence().columns()+evidence().from()+` ORDER BY f.n`, int64(of.Row))
	return all, err
}

// CaseEvidenceAt finds one, with what others open of it; the original stays where it
// is, and nobody opens that.
func (s *Store) CaseEvidenceAt(ctx context.Context, of *broker.CaseRecord, n int) (*broker.SealedEvidence, error) {
	var r fileRow
	var derivative []byte
	err := s.db.QueryRowContext(ctx, evidence().columns()+`, f.derivative`+evidence().from()+` AND f.n = $2`, int64(of.Row), n).
		Scan(append(r.into(), &derivative)...)
	if err != nil {
		return nil, translate("find evidence", err)
	}
	e, err := s.item(&r, of)
	if err != nil {
		return nil, err
	}
	e.Derivative = derivative
	return e, nil
}

// caseRows are what a write about a case leaves.
type caseRows struct {
	record   *caseRow
	evidence *fileRow
}

// prepareCase lays the rows of a case, and guards its record: a changed one is what it
// was changed from.
func (s *Store) prepareCase(j *job) (err error) {
	w := j.w
	c := w.Case
	if c == nil {
		return nil
	}
	rows := &caseRows{}
	if rows.record, err = s.newCaseRow(w); err != nil {
		return err
	}
	if e := w.Evidence; e != nil {
		if rows.evidence, err = s.newFileRow(evidence(), e.Case, e.N, &e.Evidence, e.Original, e.Derivative); err != nil {
			return err
		}
	}
	j.dispute = rows
	j.guards = append(j.guards, guard{what: watchCase, id: int64(c.Row), version: c.Version - 1})
	j.touch(watchCase, string(c.ID), true)
	j.touch(watchParty, string(w.Of.Buyer.ID), false)
	j.touch(watchParty, string(w.Of.Seller.ID), false)
	return nil
}

// caseStatements are the cold statements of a case; index is its entry's.
func (j *job) caseStatements(index int64, add func(n int, query string, args ...any)) {
	rows := j.dispute
	if rows == nil {
		return
	}
	r := rows.record
	add(1, `INSERT INTO cases (id, transaction_id, buyer, seller, version, name, state, assigned, open, waits, since, due_at, facts, mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, coalesce($12::timestamptz, 'infinity'), $13, $14)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, assigned = excluded.assigned, open = excluded.open,
			waits = excluded.waits, since = excluded.since, due_at = excluded.due_at, facts = excluded.facts, mac = excluded.mac`,
		r.id, r.transaction, r.buyer, r.seller, r.version, r.name, r.state, r.assigned, r.open, r.waits, r.since, nullTime(r.due), string(r.facts), r.mac)
	add(1, `INSERT INTO case_entries (dispute, version, entry) VALUES ($1, $2, $3)`, r.id, r.version, index)
	if e := rows.evidence; e != nil {
		q, args := evidence().insert(e, j.w.Evidence.Original, j.w.Evidence.Derivative)
		add(1, q, args...)
	}
}
