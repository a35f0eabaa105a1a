package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// merchantRow is a row of merchants.
type merchantRow struct {
	id, party, version int64
	name, state        string
	open               bool
	since, due         time.Time
	facts, mac         []byte
}

func (s *Store) macMerchant(r *merchantRow) []byte {
	return s.mac.MAC("merchant/v1", numbers(r.id, r.party, r.version), []byte(r.name), r.facts)
}

// newMerchantRow lays a record out; what it is found by follows from its facts.
func (s *Store) newMerchantRow(m *broker.MerchantRecord) (*merchantRow, error) {
	facts, err := writeFacts("merchant", &m.MerchantFacts)
	if err != nil {
		return nil, err
	}
	r := &merchantRow{
		id: int64(m.Row), party: int64(m.Party), version: m.Version, name: string(m.ID), state: string(m.State), open: m.IsOpen(),
		since: m.Since, due: m.Deadline, facts: facts,
	}
	r.mac = s.macMerchant(r)
	return r, nil
}

// merchant checks a row: its facts against the MAC, and what it is found by against
// its facts.
func (s *Store) merchant(r *merchantRow) (*broker.MerchantRecord, error) {
	m := &broker.MerchantRecord{Row: broker.Row(r.id), ID: broker.MerchantID(r.name), Party: broker.Row(r.party), Version: r.version}
	if err := readFacts("merchant", r.mac, s.macMerchant(r), r.facts, &m.MerchantFacts); err != nil {
		return nil, err
	}
	if r.open != m.IsOpen() || r.state != string(m.State) || !sameTime(r.since, m.Since) || !sameTime(r.due, m.Deadline) {
		return nil, &forgedError{"merchant"}
	}
	return m, nil
}

const (
	merchantColumns = `m.id, m.party, m.version, m.name, m.state, m.open, m.since, m.due_at, m.facts, m.mac`
	ofMerchant      = `p.id, p.version, p.name, p.facts, p.masks, p.mac, o.wrapped`

	selectMerchant = `SELECT ` + merchantColumns + `, ` + ofMerchant + `
		FROM merchants m JOIN parties p ON p.id = m.party JOIN keys.owners o ON o.id = p.id`
)

// scanMerchant reads merchantColumns, and whatever more is asked for.
func (s *Store) scanMerchant(rows interface{ Scan(into ...any) error }, more ...any) (*broker.MerchantRecord, error) {
	var r merchantRow
	var due sql.NullTime
	err := rows.Scan(append([]any{&r.id, &r.party, &r.version, &r.name, &r.state, &r.open, &r.since, &due, &r.facts, &r.mac}, more...)...)
	if err != nil {
		return nil, translate("read merchant", err)
	}
	r.due = due.Time
	return s.merchant(&r)
}

func (s *Store) scanFoundMerchant(rows interface{ Scan(into ...any) error }) (*broker.FoundMerchant, error) {
	var p partyRow
	m, err := s.scanMerchant(rows, &p.id, &p.version, &p.name, &p.facts, &p.masks, &p.mac, &p.wrapped)
	if err != nil {
		return nil, err
	}
	of, err := s.party(&p)
	return &broker.FoundMerchant{MerchantRecord: *m, Of: of}, err
}

// MerchantByID finds a registration with its party, in one round trip.
func (s *Store) MerchantByID(ctx context.Context, id broker.MerchantID) (*broker.FoundMerchant, error) {
	return s.scanFoundMerchant(s.db.QueryRowContext(ctx, selectMerchant+` WHERE m.name = $1`, string(id)))
}

// MerchantByRow finds one by its number.
func (s *Store) MerchantByRow(ctx context.Context, r broker.Row) (*broker.FoundMerchant, error) {
	return s.scanFoundMerchant(s.db.QueryRowContext(ctx, selectMerchant+` WHERE m.id = $1`, int64(r)))
}

// MerchantsOf lists those of a party, oldest first.
func (s *Store) MerchantsOf(ctx context.Context, party broker.Row) ([]broker.MerchantRecord, error) {
	var all []broker.MerchantRecord
	err := s.each(ctx, "list merchants", func(rows *sql.Rows) error {
		m, err := s.scanMerchant(rows)
		if err == nil {
			all = append(all, *m)
		}
		return err
	}, `SELECT `+merchantColumns+` FROM merchants m WHERE m.party = $1 ORDER BY m.id`, int64(party))
	return all, err
}

// NumberTag is the keyed hash that a number is found by.
func (s *Store) NumberTag(n merchants.Number) []byte {
	return s.index.MAC("bauta/index/merchant/v1", []byte(n.Kind), []byte(n.Scope), []byte(n.Value.Reveal()))[:16]
}

// marked is in the facts of a registration that was suspended or rejected, and that stands.
const marked = `m.facts LIKE '%"marked":"%'`

// MarkedOf lists those of a party that were ended by others, or are about to end.
func (s *Store) MarkedOf(ctx context.Context, party, but broker.Row, most int) ([]broker.MerchantRecord, error) {
	var all []broker.MerchantRecord
	err := s.each(ctx, "list merchants", func(rows *sql.Rows) error {
		m, err := s.scanMerchant(rows)
		if err == nil {
			all = append(all, *m)
		}
		return err
	}, `SELECT `+merchantColumns+` FROM merchants m WHERE m.party = $1 AND m.id <> $2
		AND (m.state IN ('suspended', 'closing', 'appealed') OR m.due_at <= $3 OR `+marked+`) ORDER BY m.id DESC LIMIT $4`, int64(party), int64(but), s.cfg.Now(), most)
	return all, err
}

// MerchantsWith lists the first of the other registrations that have one of these
// numbers, and counts all of them.
func (s *Store) MerchantsWith(ctx context.Context, tags [][]byte, but broker.Row, most int) ([]broker.TaggedMerchant, []int, error) {
	counts := make([]int, len(tags))
	found := false
	err := s.each(ctx, "count merchants by their numbers", func(rows *sql.Rows) error {
		var at, n int
		err := rows.Scan(&at, &n)
		if err == nil {
			counts[at-1], found = n, found || n > 0
		}
		return translate("count merchants by their numbers", err)
	}, `SELECT t.ord, (SELECT count(*) FROM merchant_tags x WHERE x.tag = t.tag AND x.merchant <> $2) FROM unnest($1::bytea[]) WITH ORDINALITY AS t(tag, ord)`,
		byteas(tags), int64(but))
	if err != nil || !found {
		return nil, counts, err
	}
	all, err := s.firstWith(ctx, tags, but, most)
	return all, counts, err
}

func (s *Store) firstWith(ctx context.Context, tags [][]byte, but broker.Row, most int) ([]broker.TaggedMerchant, error) {
	var all []broker.TaggedMerchant
	err := s.each(ctx, "find merchants by their numbers", func(rows *sql.Rows) error {
		var x broker.TaggedMerchant
		var has pq.ByteaArray
		m, err := s.scanMerchant(rows, &x.Name, &has)
		if err == nil {
			x.MerchantRecord, x.Tags = *m, has
			all = append(all, x)
		}
		return err
	}, `SELECT `+merchantColumns+`, p.name, ARRAY(SELECT t.tag FROM merchant_tags t WHERE t.merchant = m.id AND t.tag = ANY ($1::bytea[]) ORDER BY t.tag)
		FROM merchants m JOIN parties p ON p.id = m.party
		WHERE m.id <> $2 AND m.id IN (SELECT t.merchant FROM merchant_tags t WHERE t.tag = ANY ($1::bytea[]))
			AND (m.state NOT IN ('draft', 'lapsed', 'closed', 'erased') OR `+marked+`)
		ORDER BY `+marked+` DESC, m.state = 'active' DESC, m.id LIMIT $3`, byteas(tags), int64(but), most)
	return all, err
}

// OpenMerchants lists what waits for one of the staff, what waits longest first.
// The cursor is since when, and the number of the last one seen.
func (s *Store) OpenMerchants(ctx context.Context, f broker.ReviewFilter) ([]broker.FoundMerchant, string, error) {
	where, args := []string{`m.open`}, []any{}
	by := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if f.State != "" {
		by(`m.state = ?`, string(f.State))
	}
	if f.Jurisdiction != "" {
		by(`cast(m.facts AS jsonb) ->> 'jurisdiction' = ?`, string(f.Jurisdiction))
	}
	if f.Taken != "" {
		by(`cast(m.facts AS jsonb) ->> 'taken' = ?`, f.Taken)
	}
	if f.After != "" {
		since, id, err := merchantCursor(f.After)
		if err != nil {
			return nil, "", err
		}
		by(`(m.since, m.id) > (to_timestamp(? / 1e6), `, since)
		args = append(args, id)
		where[len(where)-1] += `$` + strconv.Itoa(len(args)) + `)`
	}
	args = append(args, f.Limit+1)
	var all []broker.FoundMerchant
	err := s.each(ctx, "list merchants", func(rows *sql.Rows) error {
		m, err := s.scanFoundMerchant(rows)
		if err == nil {
			all = append(all, *m)
		}
		return err
	}, selectMerchant+` WHERE `+strings.Join(where, ` AND `)+` ORDER BY m.since, m.id LIMIT $`+strconv.Itoa(len(args)), args...)
	next := ""
	if err == nil && len(all) > f.Limit {
		all = all[:f.Limit]
		last := &all[f.Limit-1]
		next = strconv.FormatInt(last.Since.UnixMicro(), 36) + "." + strconv.FormatInt(int64(last.Row), 36)
	}
	return all, next, err
}

func merchantCursor(after string) (since, id int64, err error) {
	micros, row, _ := strings.Cut(after, ".")
	if since, err = strconv.ParseInt(micros, 36, 64); err == nil {
		id, err = strconv.ParseInt(row, 36, 64)
	}
	if err != nil {
		return 0, 0, broker.ErrCursor.Pointing("")
	}
	return since, id, nil
}

// MerchantEntry is the index of the entry that made a version of the record.
func (s *Store) MerchantEntry(ctx context.Context, r *broker.MerchantRecord, version int64) (int64, error) {
	return s.at(ctx, merchantTrail(), r.Row, version)
}

// MerchantEntries are the entries about a registration, in the order of the log.
func (s *Store) MerchantEntries(ctx context.Context, f *broker.FoundMerchant) ([]broker.Recorded, error) {
	return s.recorded(ctx, "read entries of a merchant", f.Of.Key, merchantTrail().entries(), int64(f.Row))
}
