package postgres

import (
	"context"
	"database/sql"
	"time"

	"bauta.dev/bauta/broker"
)

// caseRow is a row of cases.
type caseRow struct {
	id, transaction, buyer, seller, version int64
	name, state, assigned                   string
	open, waits                             bool
	since, due                              time.Time
	facts, mac, wrapped                     []byte
}

func (s *Store) macCase(r *caseRow) []byte {
	return s.mac.MAC("case/v1", numbers(r.id, r.transaction, r.buyer, r.seller, r.version), []byte(r.name), r.facts)
}

// newCaseRow lays a record out; what it is found by follows from its facts.
func (s *Store) newCaseRow(w *broker.Write) (*caseRow, error) {
	c := w.Case
	facts, err := writeFacts("case", &c.CaseFacts)
	if err != nil {
		return nil, err
	}
	r := &caseRow{
		id: int64(c.Row), transaction: int64(c.Transaction), buyer: int64(w.Of.Buyer.Row), seller: int64(w.Of.Seller.Row), version: c.Version,
		name: string(c.ID), state: string(c.State), assigned: c.Assigned, open: c.IsOpen(), waits: c.Waits(), since: c.Since, due: c.DueAt(), facts: facts,
	}
	r.mac = s.macCase(r)
	if c.Version == 1 {
		r.wrapped, err = s.keys.wrap(r.id, w.CaseKey)
	}
	return r, err
}

// dispute checks a row: its facts against the MAC, and what it is found by against
// its facts.
func (s *Store) dispute(r *caseRow) (*broker.CaseRecord, error) {
	c := &broker.CaseRecord{Row: broker.Row(r.id), ID: broker.CaseID(r.name), Transaction: broker.Row(r.transaction), Version: r.version}
	if err := readFacts("case", r.mac, s.macCase(r), r.facts, &c.CaseFacts); err != nil {
		return nil, err
	}
	if r.state != string(c.State) || r.assigned != c.Assigned || r.open != c.IsOpen() || r.waits != c.Waits() ||
		!sameTime(r.since, c.Since) || !sameTime(r.due, c.DueAt()) {
		return nil, &forgedError{"case"}
	}
	return c, nil
}

const (
	caseColumns = `c.id, c.transaction_id, c.buyer, c.seller, c.version, c.name, c.state, c.assigned, c.open, c.waits, c.since, nullif(c.due_at, 'infinity'), c.facts, c.mac`

	selectCase = `SELECT ` + caseColumns + `, ck.wrapped,
			t.id, t.version, t.name, t.facts, t.mac, tk.wrapped,
			b.id, b.version, b.name, b.facts, b.mac, bk.wrapped, cast(NULL AS bytea),
			s.id, s.version, s.name, s.facts, s.mac, sk.wrapped, cast(NULL AS bytea),
			cast(NULL AS bytea), cast(NULL AS bytea), (SELECT max(id) FROM policies), (SELECT max(size) FROM ledger_checkpoints)
		FROM cases c JOIN keys.owners ck ON ck.id = c.id
		JOIN transactions t ON t.id = c.transaction_id JOIN keys.owners tk ON tk.id = t.id
		JOIN parties b ON b.id = t.buyer JOIN keys.owners bk ON bk.id = b.id
		JOIN parties s ON s.id = t.seller JOIN keys.owners sk ON sk.id = s.id`
)

// scanCase reads caseColumns, and whatever more is asked for.
func (s *Store) scanCase(rows interface{ Scan(into ...any) error }, more ...any) (*broker.CaseRecord, *caseRow, error) {
	var r caseRow
	var due sql.NullTime
	err := rows.Scan(append([]any{
		&r.id, &r.transaction, &r.buyer, &r.seller, &r.version, &r.name, &r.state, &r.assigned, &r.open, &r.waits, &r.since, &due, &r.facts, &r.mac,
	}, more...)...)
	if err != nil {
		return nil, nil, translate("read case", err)
	}
	r.due = due.Time
	c, err := s.dispute(&r)
	return c, &r, err
}

// CaseByID finds a case with its key, its transaction and both sides, in one round trip.
func (s *Store) CaseByID(ctx context.Context, id broker.CaseID) (*broker.FoundCase, error) {
	return s.findCase(ctx, selectCase+` WHERE c.name = $1`, string(id))
}

// CaseByRow finds one by its number.
func (s *Store) CaseByRow(ctx context.Context, r broker.Row) (*broker.FoundCase, error) {
	return s.findCase(ctx, selectCase+` WHERE c.id = $1`, int64(r))
}

func (s *Store) findCase(ctx context.Context, q string, arg any) (*broker.FoundCase, error) {
	// Eight tables are joined: planning that costs more than doing it, so it is done once.
	var f *broker.FoundCase
	var broken error // a row that is not what was written is no fault of the database's
	err := s.pool.query(ctx, q, func(rows *sql.Rows) error {
		f, broken = s.scanFoundCase(rows)
		return broken
	}, arg)
	switch {
	case broken != nil:
		return nil, broken
	case err != nil:
		return nil, translate("find case", err)
	case f == nil:
		return nil, broker.ErrNotFound
	}
	return f, nil
}

func (s *Store) scanFoundCase(rows *sql.Rows) (*broker.FoundCase, error) {
	var wrapped []byte
	var x situationRow
	c, r, err := s.scanCase(rows, append(append([]any{&wrapped}, x.columns()...), &x.head)...)
	if err != nil {
		return nil, err
	}
	if r.buyer != x.b.id || r.seller != x.s.id {
		return nil, &forgedError{"case"}
	}
	f := &broker.FoundCase{CaseRecord: *c}
	if f.Key, err = s.keys.unwrap(r.id, wrapped); err != nil {
		return nil, err
	}
	situation, err := s.situation(&x)
	if err != nil {
		return nil, err
	}
	f.Situation = *situation
	return f, nil
}

// CasesOf are all that a party is a side of, oldest first.
func (s *Store) CasesOf(ctx context.Context, party broker.Row) ([]broker.CaseRecord, error) {
	var all []broker.CaseRecord
	err := s.each(ctx, "list cases", func(rows *sql.Rows) error {
		c, _, err := s.scanCase(rows)
		if err == nil {
			all = append(all, *c)
		}
		return err
	}, `SELECT `+caseColumns+` FROM cases c WHERE c.buyer = $1 OR c.seller = $1 ORDER BY c.id`, int64(party))
	return all, err
}

// CaseEntry is the index of the entry that made a version of the record.
func (s *Store) CaseEntry(ctx context.Context, r *broker.CaseRecord, version int64) (int64, error) {
	return s.at(ctx, caseTrail(), r.Row, version)
}

// CaseEntries are the entries about a case, in the order of the log.
func (s *Store) CaseEntries(ctx context.Context, f *broker.FoundCase) ([]broker.Recorded, error) {
	return s.recorded(ctx, "read entries of a case", f.Situation.Transaction.Key, caseTrail().entries(), int64(f.Row))
}

// entriesOfTransaction finds all entries that are kept with a transaction. The
// condition of its first part is that of the index ledger_entries_of_transactions,
// byte for byte; the types that are not in there have rows that find them.
const entriesOfTransaction = `SELECT l.idx, l.entry, l.statement FROM ledger_entries l WHERE l.idx IN (
		SELECT idx FROM ledger_entries WHERE owner = $1 AND substr(entry, 2, 1) IN ('\x04', '\x07', '\x08', '\x0b', '\x0f', '\x12', '\x14', '\x15', '\x16', '\x17', '\x18', '\x19',
			'\x1a', '\x1b', '\x1c', '\x1d', '\x20', '\x21', '\x22', '\x23', '\x24', '\x25', '\x26', '\x2c', '\x2d')
		UNION SELECT entry FROM performances WHERE transaction_id = $1
		UNION SELECT entry FROM disclosures WHERE transaction_id = $1
		UNION SELECT entry FROM earlier_decisions WHERE transaction_id = $1
		UNION SELECT v.entry FROM disclosures d JOIN views v ON v.disclosure = d.id WHERE d.transaction_id = $1)
	ORDER BY l.idx`

// TransactionEntries are all entries kept with a transaction, in the order of the log.
func (s *Store) TransactionEntries(ctx context.Context, t *broker.TransactionRecord) ([]broker.Recorded, error) {
	return s.recorded(ctx, "read entries of a transaction", t.Key, entriesOfTransaction, int64(t.Row))
}

// mostAwaited is how long a decision waits for an endpoint in all: from when the first
// of what it was not told was due. One that is down holds up nobody's case for longer,
// however much is said meanwhile, and about whatever.
const mostAwaited = 24 * time.Hour

// Undelivered are the entries about a case of which an endpoint waits to be told. What is
// for an endpoint that is no more is waited for by nobody, and so is all that is for one
// that was not told something else for longer than mostAwaited.
func (s *Store) Undelivered(ctx context.Context, r *broker.CaseRecord) (entries []int64, err error) {
	const q = `SELECT DISTINCT o.entry FROM outbox o JOIN case_entries e ON e.entry = o.entry JOIN webhooks w ON w.id = o.endpoint
		WHERE o.transaction_id = ANY (ARRAY[$1, $2]::int8[]) AND o.endpoint > 0 AND o.state = 0 AND o.due_at <= $4
			AND e.dispute = $2 AND w.disabled_at IS NULL
			AND NOT EXISTS (SELECT FROM outbox x WHERE x.endpoint = o.endpoint AND x.state = 0 AND x.attempts > 0 AND x.due_at < $3)
			AND NOT EXISTS (SELECT FROM outbox x WHERE x.endpoint = o.endpoint AND x.state = 0 AND x.attempts = 0 AND x.next_at < $3)`
	now := s.cfg.Now()
	err = s.db.SelectContext(ctx, &entries, q, int64(r.Transaction), int64(r.Row), now.Add(-mostAwaited), now)
	return entries, translate("look for what was not delivered", err)
}
