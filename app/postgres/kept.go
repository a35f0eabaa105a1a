package postgres

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"strconv"

	"github.com/go-json-experiment/json"
	jsonv1 "github.com/go-json-experiment/json/v1"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// Registrations, requests and cases are kept alike: a record's facts as JSON, under a
// MAC with what the record is; the entries about it, each of which made a version of
// it; and the files that came with it, sealed.

// asNumbers writes spans of time as nanoseconds: JSON has no form for them.
func asNumbers() json.Options { return jsonv1.FormatDurationAsNano(true) }

// readFacts reads what stands under a MAC, if it is the one that it must have.
func readFacts(what string, mac, must, facts []byte, into any) error {
	if !hmac.Equal(mac, must) {
		return &forgedError{what}
	}
	if err := json.Unmarshal(facts, into, asNumbers()); err != nil {
		return fmt.Errorf("read facts of a %s: %w", what, err)
	}
	return nil
}

func writeFacts(what string, from any) ([]byte, error) {
	facts, err := json.Marshal(from, asNumbers())
	if err != nil {
		return nil, fmt.Errorf("write facts of a %s: %w", what, err)
	}
	return facts, nil
}

// each runs a query and reads its rows.
func (s *Store) each(ctx context.Context, what string, read func(*sql.Rows) error, q string, args ...any) error {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return translate(what, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := read(rows); err != nil {
			return err
		}
	}
	return translate(what, rows.Err())
}

// recorded reads entries that all have the same keeper: index, entry and statement.
func (s *Store) recorded(ctx context.Context, what string, keeper masking.Key, q string, args ...any) ([]broker.Recorded, error) {
	var all []broker.Recorded
	err := s.each(ctx, what, func(rows *sql.Rows) error {
		var r broker.Recorded
		var sealed []byte
		err := rows.Scan(&r.Index, &r.Entry, &sealed)
		if err != nil {
			return translate(what, err)
		}
		if r.Statement, err = broker.OpenStatement(keeper, r.Entry, sealed); err != nil {
			return notAsSigned(r.Index, "its statement does not open", err)
		}
		all = append(all, r)
		return nil
	}, q, args...)
	return all, err
}

// trail is a table of the entries about records of a kind.
type trail struct{ table, of string }

func merchantTrail() trail { return trail{"merchant_entries", "merchant"} }
func caseTrail() trail     { return trail{"case_entries", "dispute"} }
func glassTrail() trail    { return trail{"break_glass_entries", "session"} }

// entries are those about one record, in the order of the log.
func (t trail) entries() string {
	return `SELECT e.idx, e.entry, e.statement FROM ` + t.table + ` x JOIN ledger_entries e ON e.idx = x.entry WHERE x.` + t.of + ` = $1 ORDER BY e.idx`
}

// at is the entry that made a version.
func (s *Store) at(ctx context.Context, t trail, of broker.Row, version int64) (entry int64, err error) {
	err = s.db.GetContext(ctx, &entry, `SELECT entry FROM `+t.table+` WHERE `+t.of+` = $1 AND version = $2`, int64(of), version)
	return entry, translate("find entry of a "+t.of, err)
}

// files is a table of files that came with records of a kind.
type files struct{ table, of, what, label string }

func documents() files {
	return files{"merchant_documents", "merchant", "merchant document", "merchant_document/v1"}
}

func evidence() files { return files{"case_evidence", "dispute", "evidence", "case_evidence/v1"} }

// fileRow is a row of such a table; of what is sealed it has the hashes, which the
// database can say of itself: nobody who checks reads scans.
type fileRow struct {
	of                   int64
	n                    int
	facts                []byte
	original, derivative []byte
	mac                  []byte
}

func (t files) columns() string {
	return `SELECT f.` + t.of + `, f.n, f.facts, sha256(f.original), sha256(f.derivative), f.mac`
}

func (t files) from() string { return ` FROM ` + t.table + ` f WHERE f.` + t.of + ` = $1` }

func (r *fileRow) into() []any {
	return []any{&r.of, &r.n, &r.facts, &r.original, &r.derivative, &r.mac}
}

func (s *Store) macFile(t files, r *fileRow) []byte {
	return s.mac.MAC(t.label, numbers(r.of, int64(r.n)), r.facts, r.original, r.derivative)
}

// readFile checks a row, and that what it says of itself is what it is found by.
func (s *Store) readFile(t files, r *fileRow, into any, n *int) error {
	if err := readFacts(t.what, r.mac, s.macFile(t, r), r.facts, into); err != nil {
		return err
	}
	if *n != r.n {
		return &forgedError{t.what}
	}
	return nil
}

func (s *Store) newFileRow(t files, of broker.Row, n int, from any, original, derivative []byte) (*fileRow, error) {
	facts, err := writeFacts(t.what, from)
	if err != nil {
		return nil, err
	}
	o, d := sha256.Sum256(original), sha256.Sum256(derivative)
	r := &fileRow{of: int64(of), n: n, facts: facts, original: o[:], derivative: d[:]}
	r.mac = s.macFile(t, r)
	return r, nil
}

func (t files) insert(r *fileRow, original, derivative []byte) (query string, args []any) {
	return `INSERT INTO ` + t.table + ` (` + t.of + `, n, facts, original, derivative, mac) VALUES ($1, $2, $3, $4, $5, $6)`,
		[]any{r.of, r.n, string(r.facts), original, derivative, r.mac}
}

// conditions are those of a list, with their arguments.
type conditions struct {
	all  []string
	args []any
}

// arg adds an argument, and is its name.
func (c *conditions) arg(x any) string {
	c.args = append(c.args, x)
	return "$" + strconv.Itoa(len(c.args))
}
