package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// requestRow is a row of requests.
type requestRow struct {
	id            []byte
	transaction   int64
	version       int64
	open          bool
	state         string
	due, deadline time.Time
	facts         []byte
	mac           []byte
}

func (s *Store) macRequest(r *requestRow) []byte {
	return s.mac.MAC("request/v1", r.id, numbers(r.transaction, r.version), r.facts)
}

// newRequestRow lays a record out; what it is found by follows from its facts.
func (s *Store) newRequestRow(r *broker.Request) (*requestRow, error) {
	id, ok := r.Disclosure.Bytes()
	facts, err := writeFacts("request", &r.RequestFacts)
	if err != nil || !ok {
		return nil, fmt.Errorf("write record of %s: %w", r.Disclosure, err)
	}
	row := &requestRow{
		id: id, transaction: int64(r.Transaction), version: r.Version, open: r.IsUndecided(), state: string(r.State),
		due: r.Due, deadline: r.Deadline, facts: facts,
	}
	row.mac = s.macRequest(row)
	return row, nil
}

// request checks a row: its facts against the MAC, and what it is found by
// against its facts.
func (s *Store) request(row *requestRow) (*broker.Request, error) {
	r := &broker.Request{Disclosure: broker.DisclosureOf(row.id), Transaction: broker.Row(row.transaction), Version: row.version}
	if err := readFacts("request", row.mac, s.macRequest(row), row.facts, &r.RequestFacts); err != nil {
		return nil, err
	}
	if row.open != r.IsUndecided() || row.state != string(r.State) || !sameTime(row.due, r.Due) || !sameTime(row.deadline, r.Deadline) {
		return nil, &forgedError{"request"}
	}
	return r, nil
}

const requestColumns = `SELECT uuid_send(r.disclosure), r.transaction_id, r.version, r.open, r.state, r.due, r.deadline, r.facts, r.mac FROM requests r`

func (s *Store) scanRequest(rows *sql.Rows) (*broker.Request, error) {
	var r requestRow
	var deadline sql.NullTime
	if err := rows.Scan(&r.id, &r.transaction, &r.version, &r.open, &r.state, &r.due, &deadline, &r.facts, &r.mac); err != nil {
		return nil, translate("read request", err)
	}
	r.deadline = deadline.Time
	return s.request(&r)
}

func (s *Store) findRequests(ctx context.Context, q string, args ...any) ([]broker.Request, error) {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, translate("find requests", err)
	}
	defer func() { _ = rows.Close() }()
	var found []broker.Request
	for rows.Next() {
		r, err := s.scanRequest(rows)
		if err != nil {
			return nil, err
		}
		found = append(found, *r)
	}
	return found, translate("find requests", rows.Err())
}

// Request finds a disclosure with its record. The two are read one after the
// other; whoever writes expects the versions of both. The record comes first, so
// that what is not there takes as many round trips as somebody else's (I9).
func (s *Store) Request(ctx context.Context, id broker.DisclosureID) (*broker.FoundRequest, error) {
	found, err := s.findRequests(ctx, requestColumns+` WHERE r.disclosure = $1::uuid`, uuidText(idOrZero(id)))
	if err != nil {
		return nil, err
	}
	f, err := s.Disclosure(ctx, id)
	if err != nil {
		return nil, err
	}
	x := &broker.FoundRequest{Found: *f}
	if len(found) > 0 {
		x.Request = found[0]
	}
	return x, nil
}

// Who waits for an answer of the requester's, or for a second person, is nobody's to take.
const freeRequest = `coalesce(cast(r.facts AS jsonb) ->> 'taken', '') = '' AND cast(r.facts AS jsonb) -> 'proposal' IS NULL AND r.state <> 'info_needed'`

// Who proposed something is not asked about it, nor whoever has made an account of both;
// nobody is about what was proposed before it was noted who had.
const secondRequest = `cast(r.facts AS jsonb) #> '{proposal,hands,0}' IS NOT NULL AND NOT cast(r.facts AS jsonb) #> '{proposal,hands}' ?| `

// handsOf are his account, and those that have made it.
func handsOf(s *broker.Staff) []byte { return texts(append([]string{s.Account}, s.Makers...)) }

// countRequests reads the most urgent ones once, by the index requests_queue.
const countRequests = `SELECT count(*) FILTER (WHERE cast(r.facts AS jsonb) ->> 'taken' = $2), count(*) FILTER (WHERE ` + freeRequest + `),
			count(*) FILTER (WHERE ` + secondRequest + `$4::text[]), count(*) FILTER (WHERE r.due < $1), count(*)
		FROM (SELECT * FROM requests r WHERE ` + openRequest + ` ORDER BY r.due, r.disclosure LIMIT $3) r`

// CountRequests counts them for the queues of one of the staff.
func (s *Store) CountRequests(ctx context.Context, who *broker.Staff, now time.Time) (n broker.RequestCounts, err error) {
	err = s.db.QueryRowxContext(ctx, countRequests, now, who.Account, broker.MostAskedCounted, handsOf(who)).Scan(&n.Taken, &n.Free, &n.Second, &n.Overdue, &n.All)
	return n, translate("count requests", err)
}

// openRequest is what the index requests_queue has; an answer whose time is over is not waited
// for, whether or not anybody has written that down yet.
const openRequest = `(r.open OR r.proposed) AND NOT (r.state = 'info_needed' AND r.deadline <= $1)`

// Requests lists open ones, the most urgent first. The cursor is due and id of
// the last one seen.
func (s *Store) Requests(ctx context.Context, f broker.RequestFilter) ([]broker.FoundRequest, string, error) {
	where := []string{openRequest}
	args := []any{f.Now}
	by := func(condition string, arg any) {
		args = append(args, arg)
		where = append(where, strings.ReplaceAll(condition, "?", "$"+strconv.Itoa(len(args))))
	}
	if f.State != "" {
		by(`CASE WHEN r.state = 'objection' AND r.deadline <= $1 THEN 'pending' ELSE r.state END = ?`, string(f.State))
	}
	if f.Taken != "" {
		by(`cast(r.facts AS jsonb) ->> 'taken' = ?`, f.Taken)
	}
	if f.Free {
		where = append(where, freeRequest)
	}
	if f.Second {
		args = append(args, handsOf(f.By))
		where = append(where, secondRequest+`$`+strconv.Itoa(len(args))+`::text[]`)
	}
	if f.Overdue {
		where = append(where, `r.due < $1`)
	}
	if f.After != "" {
		due, id, err := requestCursor(f.After)
		if err != nil {
			return nil, "", err
		}
		by(`(r.due, r.disclosure) > (to_timestamp(? / 1e6), `, due)
		args = append(args, id)
		where[len(where)-1] += `$` + strconv.Itoa(len(args)) + `::uuid)`
	}
	args = append(args, f.Limit+1)
	records, err := s.findRequests(ctx, requestColumns+` WHERE `+strings.Join(where, ` AND `)+
		` ORDER BY r.due, r.disclosure LIMIT $`+strconv.Itoa(len(args)), args...)
	if err != nil {
		return nil, "", err
	}
	next := ""
	if len(records) > f.Limit {
		records = records[:f.Limit]
		last := &records[f.Limit-1]
		next = strconv.FormatInt(last.Due.UnixMicro(), 36) + "." + string(last.Disclosure)
	}
	found, err := s.withDisclosures(ctx, records)
	return found, next, err
}

func requestCursor(after string) (due int64, id string, err error) {
	micros, name, _ := strings.Cut(after, ".")
	due, err = strconv.ParseInt(micros, 36, 64)
	raw, ok := broker.DisclosureID(name).Bytes()
	if err != nil || !ok {
		return 0, "", broker.ErrCursor.Pointing("")
	}
	return due, uuidText(raw), nil
}

// withDisclosures joins records with what they are about.
func (s *Store) withDisclosures(ctx context.Context, records []broker.Request) ([]broker.FoundRequest, error) {
	if len(records) == 0 {
		return nil, nil
	}
	ids := make([][]byte, len(records))
	for i := range records {
		ids[i], _ = records[i].Disclosure.Bytes()
	}
	all, err := s.findDisclosures(ctx, disclosureColumns+` WHERE d.id = ANY($1::uuid[])`, uuids(ids))
	if err != nil {
		return nil, err
	}
	byID := make(map[broker.DisclosureID]*broker.Found, len(all))
	for i := range all {
		byID[all[i].ID] = &all[i]
	}
	found := make([]broker.FoundRequest, 0, len(records))
	for i := range records {
		if f := byID[records[i].Disclosure]; f != nil {
			found = append(found, broker.FoundRequest{Found: *f, Request: records[i]})
		}
	}
	return found, nil
}

// waiting counts what waits of one requester, its appeals among it; an answer whose time is over is not
// waited for, whether or not anybody has written that down.
const waiting = `SELECT count(*) FROM requests r JOIN disclosures d ON d.id = r.disclosure
	WHERE r.open AND (r.state IN ('pending', 'objection', 'info_needed', 'second')
		OR r.state IN ('appealed', 'appeal_second') AND cast(r.facts AS jsonb) ->> 'appealed' = 'true') AND NOT (r.state = 'info_needed' AND r.deadline <= `

// CountWaiting counts what waits of one requester.
func (s *Store) CountWaiting(ctx context.Context, w broker.Waiting) (n int, err error) {
	err = s.db.GetContext(ctx, &n, waiting+`$1) AND r.transaction_id = $2 AND d.requester = $3`, w.At, int64(w.Transaction), int64(w.Requester))
	return n, translate("count requests", err)
}

// expectRequest turns what a write expects of requests into guards.
func (s *Store) expectRequest(j *job) {
	w := j.w
	if r := w.Request; r != nil {
		id, _ := r.Disclosure.Bytes()
		j.guards = append(j.guards, guard{what: watchRequest, version: r.Version - 1, key: id})
		j.touch(watchRequest, string(id), true)
		j.touch(watchRequests, string(numbers(int64(r.Transaction))), true)
	}
	if n := w.ExpectRequests; n != nil {
		j.guards = append(j.guards, guard{
			what: watchRequests, id: int64(n.Transaction), version: int64(n.Count), key: fmt.Appendf(nil, "%d/%d", n.Requester, n.At.UnixMicro()),
		})
	}
}

// prepareRequest lays the record, and the decision that the disclosure's row is
// to point at.
func (s *Store) prepareRequest(j *job) (err error) {
	w := j.w
	if w.Request == nil {
		return nil
	}
	if j.request, err = s.newRequestRow(w.Request); err != nil || w.Decides == nil {
		return err
	}
	decision, err := code(decisions, w.Decides.Decision)
	j.decides = int16(decision)
	return err
}

// requestStatements are the cold statements of records and decisions.
func (j *job) requestStatements(index int64, add func(n int, query string, args ...any)) {
	r := j.request
	if r == nil {
		return
	}
	id := hex.EncodeToString(r.id)
	if rec := &j.w.Record; rec.Type == ledger.StaffViewed {
		add(1, `INSERT INTO staff_views (entry, disclosure, at) VALUES ($1, $2::uuid, $3)`, index, id, rec.At)
	}
	add(1, `INSERT INTO requests (disclosure, transaction_id, version, open, state, due, deadline, facts, mac)
		VALUES ($1::uuid, $2, $3, $4, $5, $6, $7, $8, $9)
		ON CONFLICT (disclosure) DO UPDATE SET version = excluded.version, open = excluded.open, state = excluded.state, due = excluded.due,
			deadline = excluded.deadline, facts = excluded.facts, mac = excluded.mac`,
		id, r.transaction, r.version, r.open, r.state, r.due, nullTime(r.deadline), string(r.facts), r.mac)
	if j.w.Decides == nil {
		return
	}
	add(1, `INSERT INTO earlier_decisions (entry, transaction_id) SELECT entry, transaction_id FROM disclosures WHERE id = $1::uuid`, id)
	g := j.decided
	add(1, `UPDATE disclosures SET entry = $2, decision = $3, state = nullif($4::int2, -1), views_left = nullif($5::int2, -1),
			version = nullif($6::int8, 0), mac = nullif($7::bytea, '') WHERE id = $1::uuid`,
		id, index, j.decides, g.state, g.left, g.version, bytesOrNone(g.mac))
}

func bytesOrNone(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
