package postgres

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// disclosureColumns find a disclosure with the situation as it is now, and the
// cards of its subject.
const disclosureColumns = `
	SELECT encode(uuid_send(d.id), 'hex'), d.entry, e.entry, e.statement, sha256('\x00' || e.entry), h.size, h.root,
	       d.state, d.views_left, d.version, d.mac,
	       t.id, t.version, t.name, t.facts, t.mac, tk.wrapped,
	       b.id, b.version, b.name, b.facts, b.mac, bk.wrapped, cast(NULL AS bytea),
	       s.id, s.version, s.name, s.facts, s.mac, sk.wrapped, cast(NULL AS bytea),
	       (SELECT ` + cardsPacked + ` FROM cards c WHERE c.owner = d.subject AND c.side = 0
	         AND c.version >= CASE WHEN d.subject = b.id THEN b.oldest ELSE s.oldest END),
	       (SELECT ` + cardsPacked + ` FROM cards c WHERE c.owner = t.id),
	       (SELECT max(id) FROM policies),
	       (SELECT string_agg(int8send(v.entry) || int8send(cast(extract(epoch FROM v.at) * 1000000 AS int8)) || boolsend(v.openings), '' ORDER BY v.entry)
	          FROM views v WHERE v.disclosure = d.id)
	FROM disclosures d
	JOIN ledger_entries e ON e.idx = d.entry
	CROSS JOIN LATERAL (SELECT size, root FROM ledger_checkpoints WHERE size > d.entry ORDER BY size LIMIT 1) h
	JOIN transactions t ON t.id = d.transaction_id
	JOIN keys.owners tk ON tk.id = t.id
	JOIN parties b ON b.id = t.buyer
	JOIN keys.owners bk ON bk.id = b.id
	JOIN parties s ON s.id = t.seller
	JOIN keys.owners sk ON sk.id = s.id`

// Disclosure finds a disclosure with its situation and the subject's cards.
func (s *Store) Disclosure(ctx context.Context, id broker.DisclosureID) (*broker.Found, error) {
	// A malformed id is looked for like any other, and as long.
	found, err := s.findDisclosures(ctx, disclosureColumns+` WHERE d.id = $1::uuid`, uuidText(idOrZero(id)))
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		return nil, broker.ErrNotFound
	}
	return &found[0], nil
}

func (s *Store) findDisclosures(ctx context.Context, q string, args ...any) ([]broker.Found, error) {
	// Ten tables are joined: planning that costs as much as doing it, so it is done once.
	var found []broker.Found
	var broken error // a row that is not what was written is no fault of the database's
	err := s.pool.query(ctx, q, func(rows *sql.Rows) error {
		var f *broker.Found
		if f, broken = s.scanDisclosure(rows); broken == nil {
			found = append(found, *f)
		}
		return broken
	}, args...)
	if broken != nil {
		return nil, broken
	}
	return found, translate("find disclosures", err)
}

type disclosureScan struct {
	id                   string
	entry                int64
	leafData, statement  []byte
	leaf, root           []byte
	size                 int64
	state, left, version sql.NullInt64
	mac                  []byte
	situation            situationRow
	looks                []byte
}

func (s *Store) scanDisclosure(rows *sql.Rows) (*broker.Found, error) {
	var r disclosureScan
	err := rows.Scan(append([]any{
		&r.id, &r.entry, &r.leafData, &r.statement, &r.leaf, &r.size, &r.root, &r.state, &r.left, &r.version, &r.mac,
	}, append(r.situation.columns(), &r.looks)...)...)
	if err != nil {
		return nil, translate("read disclosure", err)
	}
	x, err := s.situation(&r.situation)
	if err != nil {
		return nil, err
	}
	st, err := broker.OpenStatement(x.Transaction.Key, r.leafData, r.statement)
	if err != nil {
		return nil, notAsSigned(r.entry, "its statement does not open", err)
	}
	f := &broker.Found{Situation: *x, Entry: r.leafData, Statement: st}
	if f.Decided, err = broker.ParseDecided(st); err != nil {
		return nil, fmt.Errorf("read statement of entry %d: %w", r.entry, err)
	}
	raw, ok := f.ID.Bytes()
	if !ok || uuidText(raw) != r.id { // the row was pointed at another entry
		return nil, &forgedError{"disclosure"}
	}
	f.Place = ledger.Place{Index: r.entry, Leaf: [32]byte(r.leaf), Size: r.size, Root: [32]byte(r.root)}
	if f.Revealed {
		f.Looks = append(f.Looks, broker.Look{At: f.At, Index: r.entry})
	}
	for u := (unpacker{b: r.looks}); len(u.b) > 0; {
		index := u.int8()
		at := time.UnixMicro(u.int8()).UTC()
		f.Looks = append(f.Looks, broker.Look{At: at, Index: index, Openings: u.fixed(1) != 0})
	}
	if r.state.Valid {
		f.Grant, err = s.grant(raw, r.situation.t.id, int(r.state.Int64), int(r.left.Int64), r.version.Int64, r.mac)
	}
	return f, err
}

// Disclosures lists newest first. The cursor is the id of the last one seen.
func (s *Store) Disclosures(ctx context.Context, f broker.Filter) ([]broker.Found, string, error) {
	var where []string
	var args []any
	by := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if f.Transaction != "" {
		by(`d.transaction_id = (SELECT id FROM transactions WHERE name = ?)`, string(f.Transaction))
	}
	if f.Requester != "" {
		by(`d.requester = (SELECT id FROM parties WHERE name = ?)`, string(f.Requester))
	}
	if f.Subject != "" {
		by(`d.subject = (SELECT id FROM parties WHERE name = ?)`, string(f.Subject))
	}
	if i := slices.Index(decisions, f.Decision); i >= 0 {
		by(`d.decision = ?`, i)
	}
	if f.Loose {
		where = append(where, `(d.state IN (0, 1) OR EXISTS (SELECT FROM requests r WHERE r.disclosure = d.id AND (r.open OR r.proposed)))`)
	}
	if raw, ok := broker.DisclosureID(f.After).Bytes(); ok {
		by(`d.id < ?::uuid`, uuidText(raw))
	}
	listed := `SELECT d.id FROM disclosures d`
	if len(where) > 0 {
		listed += ` WHERE ` + strings.Join(where, ` AND `)
	}
	args = append(args, f.Limit+1)
	listed += ` ORDER BY d.id DESC LIMIT $` + strconv.Itoa(len(args))
	// Which they are comes first, by an index: else all of a party's are put together
	// before most of them are thrown away.
	found, err := s.findDisclosures(ctx, disclosureColumns+` WHERE d.id = ANY (ARRAY(`+listed+`)) ORDER BY d.id DESC`, args...)
	if err != nil || len(found) <= f.Limit {
		return found, "", err
	}
	found = found[:f.Limit]
	return found, string(found[f.Limit-1].ID), nil
}

// Grants lists the grants of a transaction, of any state.
func (s *Store) Grants(ctx context.Context, t *broker.TransactionRecord) ([]broker.Found, error) {
	return s.findDisclosures(ctx, disclosureColumns+` WHERE d.transaction_id = $1 AND d.decision = 2`, int64(t.Row))
}

// TakenBack says which of these were taken back already.
func (s *Store) TakenBack(ctx context.Context, ids []broker.DisclosureID) (map[broker.DisclosureID]bool, error) {
	var found [][]byte
	err := s.db.SelectContext(ctx, &found, `SELECT uuid_send(disclosure) FROM taken_back WHERE disclosure = ANY($1::uuid[])`, uuids(raws(ids)))
	back := make(map[broker.DisclosureID]bool, len(found))
	for _, raw := range found {
		back[broker.DisclosureOf(raw)] = true
	}
	return back, translate("find what was taken back", err)
}

// idOrZero is an id in bytes; zeros, which are nobody's, where there is none.
func idOrZero(id broker.DisclosureID) []byte {
	raw, ok := id.Bytes()
	if !ok {
		raw = make([]byte, 16)
	}
	return raw
}

func raws(ids []broker.DisclosureID) [][]byte {
	all := make([][]byte, len(ids))
	for i, id := range ids {
		all[i], _ = id.Bytes()
	}
	return all
}

// GrantsOf lists the live grants that a requester, or broker.AnyRow, has on a
// subject's data, and counts all of them.
func (s *Store) GrantsOf(ctx context.Context, subject, requester broker.Row) (live []broker.Found, all int, err error) {
	const of = ` WHERE d.subject = $1 AND d.requester = coalesce(nullif($2::int8, 0), d.requester) AND `
	if err := s.db.GetContext(ctx, &all, `SELECT count(*) FROM disclosures d`+of+`d.decision = 2`, int64(subject), int64(requester)); err != nil {
		return nil, 0, translate("count grants", err)
	}
	live, err = s.findDisclosures(ctx, disclosureColumns+of+`d.state = 0`, int64(subject), int64(requester))
	return live, all, err
}
