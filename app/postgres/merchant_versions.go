package postgres

import (
	"context"
	"database/sql"

	"bauta.dev/bauta/broker"
)

// What merchants have given: versions of registrations, and documents. All of it is
// sealed; the MACs say that nothing was put in the place of anything else.

func (s *Store) macVersion(merchant int64, version int, facts, sealed, commitment []byte) []byte {
	return s.mac.MAC("merchant_version/v1", numbers(merchant, int64(version)), facts, sealed, commitment)
}

type versionRow struct {
	merchant                       int64
	version                        int
	facts, sealed, commitment, mac []byte
}

const selectVersion = `SELECT v.merchant, v.version, v.facts, v.sealed, v.commitment, v.mac FROM merchant_versions v`

func (r *versionRow) into() []any {
	return []any{&r.merchant, &r.version, &r.facts, &r.sealed, &r.commitment, &r.mac}
}

func (s *Store) version(r *versionRow) (*broker.MerchantVersion, error) {
	v := &broker.MerchantVersion{Merchant: broker.Row(r.merchant), Version: r.version, Value: r.sealed, Commitment: r.commitment}
	must := s.macVersion(r.merchant, r.version, r.facts, r.sealed, r.commitment)
	if err := readFacts("merchant version", r.mac, must, r.facts, &v.MerchantVersionFacts); err != nil {
		return nil, err
	}
	return v, nil
}

// MerchantVersion finds one version, still sealed.
func (s *Store) MerchantVersion(ctx context.Context, m *broker.MerchantRecord, version int) (*broker.MerchantVersion, error) {
	var r versionRow
	if err := s.db.QueryRowContext(ctx, selectVersion+` WHERE v.merchant = $1 AND v.version = $2`, int64(m.Row), version).Scan(r.into()...); err != nil {
		return nil, translate("find version of a merchant", err)
	}
	return s.version(&r)
}

func (s *Store) document(r *fileRow) (*broker.SealedDocument, error) {
	d := &broker.SealedDocument{Merchant: broker.Row(r.of)}
	return d, s.readFile(documents(), r, &d.MerchantDocument, &d.N)
}

// MerchantDocuments lists documents without their bytes.
func (s *Store) MerchantDocuments(ctx context.Context, m *broker.MerchantRecord) ([]broker.MerchantDocument, error) {
	if m.Documents == 0 {
		return nil, nil
	}
	var all []broker.MerchantDocument
	err := s.each(ctx, "list documents", func(rows *sql.Rows) error {
		var r fileRow
		if err := rows.Scan(r.into()...); err != nil {
			return translate("list documents", err)
		}
		d, err := s.document(&r)
		if err == nil {
			all = append(all, d.MerchantDocument)
		}
		return err
	}, documents().columns()+documents().from()+` ORDER BY f.n`, int64(m.Row))
	return all, err
}

// MerchantDocumentAt finds one, with what others open of it; the original stays where
// it is, and nobody opens that.
func (s *Store) MerchantDocumentAt(ctx context.Context, m *broker.MerchantRecord, n int) (*broker.SealedDocument, error) {
	var r fileRow
	var derivative []byte
	err := s.db.QueryRowContext(ctx, documents().columns()+`, f.derivative`+documents().from()+` AND f.n = $2`, int64(m.Row), n).
		Scan(append(r.into(), &derivative)...)
	if err != nil {
		return nil, translate("find document", err)
	}
	d, err := s.document(&r)
	if err != nil {
		return nil, err
	}
	d.Derivative = derivative
	return d, nil
}

// merchantRows are what a write about a registration leaves.
type merchantRows struct {
	record   *merchantRow
	version  *versionRow
	tags     [][]byte
	document *fileRow
}

// prepareMerchant lays the rows of a registration, and guards its record: a changed
// one is what it was changed from.
func (s *Store) prepareMerchant(j *job) (err error) {
	w := j.w
	m := w.Merchant
	if m == nil {
		return nil
	}
	rows := &merchantRows{}
	if rows.record, err = s.newMerchantRow(m); err != nil {
		return err
	}
	if v := w.Registered; v != nil {
		if rows.version, err = s.newVersionRow(v); err != nil {
			return err
		}
		for _, t := range v.Tags {
			rows.tags = append(rows.tags, t.Tag)
		}
	}
	if d := w.Document; d != nil {
		if rows.document, err = s.newFileRow(documents(), d.Merchant, d.N, &d.MerchantDocument, d.Original, d.Derivative); err != nil {
			return err
		}
	}
	j.merchant = rows
	j.guards = append(j.guards, guard{what: watchMerchant, id: int64(m.Row), version: m.Version - 1})
	j.touch(watchMerchant, string(m.ID), true)
	if e := w.Erases; e != nil {
		j.guards = append(j.guards, guard{what: watchIdle, id: int64(e.Party), version: int64(e.Dealings)})
		j.touch(watchParty, string(w.About.ID), true) // what makes a transaction of it, or a case, does not share the commit
	}
	for i, tag := range rows.tags { // of two with one number that come together, the second finds the first
		j.guards = append(j.guards, guard{what: watchTagged, id: int64(m.Row), version: int64(w.ExpectTagged[i]), key: tag})
		j.touch(watchTagged, string(tag), true)
	}
	return nil
}

func (s *Store) newVersionRow(v *broker.MerchantVersion) (*versionRow, error) {
	facts, err := writeFacts("merchant version", &v.MerchantVersionFacts)
	if err != nil {
		return nil, err
	}
	r := &versionRow{merchant: int64(v.Merchant), version: v.Version, facts: facts, sealed: v.Value, commitment: v.Commitment}
	r.mac = s.macVersion(r.merchant, r.version, r.facts, r.sealed, r.commitment)
	return r, nil
}

// merchantStatements are the cold statements of a registration; index is its entry's.
func (j *job) merchantStatements(index int64, add func(n int, query string, args ...any)) {
	rows := j.merchant
	if rows == nil {
		return
	}
	r := rows.record
	add(1, `INSERT INTO merchants (id, party, version, name, state, open, since, due_at, facts, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, open = excluded.open, since = excluded.since,
			due_at = excluded.due_at, facts = excluded.facts, mac = excluded.mac`,
		r.id, r.party, r.version, r.name, r.state, r.open, r.since, nullTime(r.due), string(r.facts), r.mac)
	add(1, `INSERT INTO merchant_entries (merchant, version, entry) VALUES ($1, $2, $3)`, r.id, r.version, index)
	if v := rows.version; v != nil {
		add(1, `INSERT INTO merchant_versions (merchant, version, facts, sealed, commitment, mac) VALUES ($1, $2, $3, $4, $5, $6)`,
			v.merchant, v.version, string(v.facts), v.sealed, v.commitment, v.mac)
		add(len(rows.tags), `INSERT INTO merchant_tags (tag, merchant) SELECT t, $2 FROM unnest($1::bytea[]) AS t ON CONFLICT DO NOTHING`, byteas(rows.tags), v.merchant)
	}
	if j.w.Erases != nil {
		add(1, `DELETE FROM notes n USING merchant_entries x WHERE x.merchant = $1 AND n.entry = x.entry`, r.id)
		add(1, `DELETE FROM merchant_versions WHERE merchant = $1`, r.id)
		add(1, `DELETE FROM merchant_tags WHERE merchant = $1`, r.id)
		add(1, `DELETE FROM merchant_documents WHERE merchant = $1`, r.id)
	}
	if d := rows.document; d != nil {
		q, args := documents().insert(d, j.w.Document.Original, j.w.Document.Derivative)
		add(1, q, args...)
	}
}
