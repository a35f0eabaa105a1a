package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// uncovered are the columns that `ledger check` says nothing of, and why. Every
// other column of every table is changed by the tests below and must be found; those
// that are refused instead are changed by TestRefusedAtUse.
var uncovered = map[string]string{
	"parties.masks":       "refused at use: sealed under the party's key and the version in its facts",
	"parties.tags":        "a hint that only opening settles; no decision reads it",
	"notes.sealed":        "refused at use: sealed under the transaction's key, its commitment in the entry",
	"budgets.day":         "counts requests of a day; opens nothing",
	"budgets.requester":   "counts requests of a day; opens nothing",
	"budgets.used":        "counts requests of a day; opens nothing",
	"budgets.most":        "counts requests of a day; opens nothing",
	"webhooks.id":         "refused at use: what is sealed is bound to it",
	"webhooks.kinds":      "refused at use: what is sealed is bound to them",
	"webhooks.sealed":     "refused at use: sealed under a key of the folder",
	"webhooks.created_at": "for people; nothing reads it", "webhooks.disabled_at": "whether one is told; opens nothing",
	"outbox.id": "who is told what next, and no more than its entry says", "outbox.endpoint": "likewise", "outbox.kind": "likewise",
	"outbox.transaction_id": "likewise", "outbox.disclosure": "likewise", "outbox.entry": "likewise", "outbox.due_at": "likewise", // see TestTimersTakenOut
	"outbox.next_at": "likewise", "outbox.attempts": "likewise", "outbox.state": "likewise", "outbox.status": "likewise", "outbox.done_at": "likewise",
	"reached.subject":       "counts who was reached; opens nothing",
	"reached.day":           "counts who was reached; opens nothing",
	"reached.grants":        "counts who was reached; opens nothing",
	"reached.slot":          "counts who was reached; opens nothing",
	"reached.key":           "counts who was reached; opens nothing",
	"reach.slot":            "counts people reached; opens nothing",
	"reach.key":             "counts people reached; opens nothing",
	"reach.part":            "counts people reached; opens nothing",
	"reach.people":          "counts people reached; opens nothing",
	"taken_back.disclosure": "counts what was taken back; opens nothing", "taken_back.day": "likewise",
	"keys.epochs.epoch":   "refused at the next start",
	"keys.epochs.wrapped": "refused at the next start",
	"keys.epochs.made_at": "for people; nothing reads it",
	"keys.buckets.bucket": "refused at the next start", "keys.buckets.epoch": "for people; nothing reads it",
	"keys.buckets.wrapped": "refused at the next start",
	"keys.folder.single":   "holds the table to one row; nothing reads it", "keys.folder.origin": "refused at the next start",
	"keys.folder.proof": "refused at the next start", "keys.folder.cosigner": "refused at the next start",
	"ledger_cosignatures.size":    "whoever verifies a receipt checks it: a witness's signature over a head that this log has signed",
	"ledger_cosignatures.witness": "likewise", "ledger_cosignatures.key": "likewise",
	"ledger_cosignatures.log":  "likewise",
	"ledger_cosignatures.line": "likewise", "ledger_cosignatures.at": "for people; nothing reads it",
	"sign_in_failures.tag": "counts failures; lets nobody in who has not password and code", "sign_in_failures.failures": "counts failures",
	"sign_in_failures.began_at": "counts failures", "sign_in_failures.last_at": "counts failures", "sign_in_failures.until": "counts failures",
	"codes_used.account": "a code opens once; without its row a second time within its minute and a half, to who has the password",
	"codes_used.step":    "likewise",
	"desk_holds.thing":   "is no history and grants nothing: whoever changes it sends one of the staff one step around", "desk_holds.account": "likewise", "desk_holds.until": "likewise",
	"audits.id":   "a hint where the running audit goes on; audits.go says what changing it is worth",
	"audits.pass": "likewise", "audits.mac": "likewise",
	"challenges.id": "made under a key of the folder from what was asked of whom: no answer finds another one", "challenges.until": "the MAC is over it; see TestAnswerOpensOnce",
	"challenges.mac":              "likewise",
	"cases.opened_at":             "the database makes it of the facts, and lets nobody write it",
	"cases.decided_at":            "likewise",
	"cases.overturned":            "likewise",
	"requests.proposed":           "likewise",
	"goose_db_version.id":         "says which migrations ran",
	"goose_db_version.version_id": "says which migrations ran",
	"goose_db_version.is_applied": "says which migrations ran",
	"goose_db_version.tstamp":     "says which migrations ran",
}

// changes are what an adversary writes into a column of a type.
var changes = map[string]string{
	"bytea": `set_byte({c}, 0, get_byte({c}, 0) # 1)`, "text": `{c} || 'x'`, "int8": `{c} + 1`, "int4": `{c} + 1`, "int2": `{c} + 1`,
	"bool": `NOT {c}`, "timestamptz": `coalesce(nullif({c}, 'infinity'), now()) + interval '1 second'`, "date": `{c} - 1`, "uuid": `gen_random_uuid()`,
	"_text": `array_append({c}, 'privacy')`, "_int8": `array_append({c}, 1)`, "_int2": `array_append({c}, cast(1 AS int2))`,
}

// adversary is a superuser of the database without the key folder. He has
// switched triggers and constraints off, and puts back what he changed.
type adversary struct {
	*house
	db *sql.DB

	merchants []broker.MerchantID
	cases     []broker.CaseID
	glasses   []broker.GlassID
}

func (a *adversary) sql(tb testing.TB, statements ...string) {
	tb.Helper()
	for _, q := range statements {
		if _, err := a.db.ExecContext(context.Background(), q); err != nil {
			tb.Fatalf("%s: %v", q, err)
		}
	}
}

func (a *adversary) list(tb testing.TB, q string) (rows [][]string) {
	tb.Helper()
	found, err := a.db.QueryContext(context.Background(), q)
	if err != nil {
		tb.Fatalf("%s: %v", q, err)
	}
	defer func() { _ = found.Close() }()
	columns, err := found.Columns()
	for err == nil && found.Next() {
		row, into := make([]string, len(columns)), make([]any, len(columns))
		for i := range row {
			into[i] = &row[i]
		}
		err = found.Scan(into...)
		rows = append(rows, row)
	}
	if err = errors.Join(err, found.Err()); err != nil {
		tb.Fatalf("%s: %v", q, err)
	}
	return rows
}

// found says what the check finds after a table was changed (empty: any of
// them): nothing, or a finding; any other error fails the test.
func (a *adversary) found(tb testing.TB, table string) error {
	tb.Helper()
	ctx := context.Background()
	var err error
	if table == "" || strings.HasPrefix(table, "ledger_") {
		_, err = a.store.Check(ctx, nil)
	}
	if err == nil {
		_, err = a.store.CheckComplete(ctx, nil)
	}
	if err != nil && !isFinding(err) {
		tb.Errorf("the check could not be made: %v", err)
	}
	return err
}

// keep copies the tables as they are now into a schema.
func (a *adversary) keep(tb testing.TB, schema string) {
	tb.Helper()
	a.sql(tb, `CREATE SCHEMA `+schema)
	for _, t := range a.tables(tb) {
		a.sql(tb, fmt.Sprintf(`CREATE TABLE %s.%s AS SELECT * FROM %s`, schema, plain(t), t))
	}
}

// undo puts a table back as it was kept.
func (a *adversary) undo(tb testing.TB, table string) {
	tb.Helper()
	columns := a.writable(tb, table)
	a.sql(tb, fmt.Sprintf(`DELETE FROM %s`, table), fmt.Sprintf(`INSERT INTO %s (%s) OVERRIDING SYSTEM VALUE SELECT %s FROM kept.%s`, table, columns, columns, plain(table)))
}

// writable are the columns of a table but for those that the database makes of others.
func (a *adversary) writable(tb testing.TB, table string) string {
	tb.Helper()
	return a.list(tb, fmt.Sprintf(`SELECT string_agg(quote_ident(attname), ', ') FROM pg_attribute
		WHERE attrelid = '%s'::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''`, table))[0][0]
}

func plain(table string) string { return strings.ReplaceAll(table, ".", "_") }

func (a *adversary) tables(tb testing.TB) (names []string) {
	tb.Helper()
	for _, row := range a.list(tb, `SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name
		FROM information_schema.tables WHERE table_schema IN ('public', 'keys') AND table_type = 'BASE TABLE' ORDER BY 1`) {
		names = append(names, row[0])
	}
	return names
}

// Every column of every table is changed, and exchanged between two rows.
func TestTamperedColumns(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	listed := map[string]bool{}
	for _, c := range a.list(t, `SELECT CASE table_schema WHEN 'public' THEN '' ELSE table_schema || '.' END || table_name, column_name, udt_name
		FROM information_schema.columns WHERE table_schema IN ('public', 'keys') ORDER BY 1, ordinal_position`) {
		table, column, kind := c[0], c[1], c[2]
		name := table + "." + column
		listed[name] = true
		if uncovered[name] != "" {
			continue
		}
		change, ok := changes[kind]
		if !ok {
			t.Errorf("%s: how an adversary changes a %s is not listed", name, kind)
			continue
		}
		for what, q := range map[string]string{
			"changed": `UPDATE {t} SET {c} = ` + change + ` WHERE ctid = (SELECT ctid FROM {t} WHERE {c} IS NOT NULL LIMIT 1)`,
			"exchanged": `UPDATE {t} SET {c} = CASE WHEN {t}.ctid = x.a THEN x.d ELSE x.c END
				FROM (SELECT r.ctid AS a, r.{c} AS c, s.ctid AS b, s.{c} AS d FROM {t} r JOIN {t} s ON r.{c} < s.{c} LIMIT 1) x
				WHERE {t}.ctid IN (x.a, x.b)`,
		} {
			q = strings.NewReplacer("{c}", column, "{t}", table).Replace(q)
			r, err := a.db.ExecContext(t.Context(), q)
			if err != nil {
				t.Fatalf("%s: %v", q, err)
			}
			if n, _ := r.RowsAffected(); n == 0 && what == "changed" {
				t.Errorf("%s: there is no row to change", name)
			} else if n > 0 && a.found(t, table) == nil {
				t.Errorf("%s %s is not found", name, what)
			}
			a.undo(t, table)
		}
	}
	for name := range uncovered {
		if !listed[name] {
			t.Errorf("%s is listed as uncovered, and there is no such column", name)
		}
	}
	if err := a.found(t, ""); err != nil {
		t.Errorf("after everything was put back: %v", err)
	}
}

// What would keep the passing of a deadline from being told is found.
func TestTimersTakenOut(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for _, those := range []string{
		` WHERE endpoint = 0 AND disclosure IN (SELECT disclosure FROM requests WHERE deadline IS NOT NULL)`,
		` WHERE endpoint = 0 AND transaction_id IN (SELECT id FROM merchants WHERE due_at IS NOT NULL)`,
		` WHERE endpoint = 0 AND transaction_id IN (SELECT id FROM cases WHERE open)`,
		` WHERE endpoint = 0 AND transaction_id IN (SELECT id FROM break_glass WHERE state = 'open')`,
	} {
		if n := a.list(t, `SELECT count(*) FROM outbox`+those); n[0][0] == "0" {
			t.Fatal("no deadline has begun", those)
		}
		for name, q := range map[string]string{
			"taken out": `DELETE FROM outbox` + those,
			"put off":   `UPDATE outbox SET due_at = due_at + interval '1 hour'` + those,
			"done":      `UPDATE outbox SET state = 1, done_at = now()` + those,
		} {
			a.sql(t, q)
			if err := a.found(t, "outbox"); err == nil || !strings.Contains(err.Error(), "outbox") {
				t.Errorf("%s: %v", name, err)
			}
			a.undo(t, "outbox")
		}
	}
	if err := a.found(t, "outbox"); err != nil {
		t.Error(err)
	}
	a.at(a.clock().Add(20 * day)) // the time to pay back what was settled is over, and somebody still looks each day
	for name, q := range map[string]string{
		"taken out": `DELETE FROM outbox`, "put off for long": `UPDATE outbox SET due_at = due_at + interval '30 days'`,
	} {
		a.sql(t, q+` WHERE endpoint = 0 AND transaction_id IN (SELECT id FROM cases WHERE state = 'settled')`)
		if err := a.found(t, "outbox"); err == nil || !strings.Contains(err.Error(), "outbox") {
			t.Errorf("past the deadline, %s: %v", name, err)
		}
		a.undo(t, "outbox")
	}
	if err := a.found(t, "outbox"); err != nil {
		t.Error(err)
	}
}

// A row taken out, or a copy of it added, is found in every table that the check covers.
func TestTamperedRows(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for _, table := range a.tables(t) {
		if covered := a.list(t, `SELECT count(*) FROM `+table); covered[0][0] == "0" || strings.HasPrefix(table, "keys.") && table != "keys.owners" ||
			table == "goose_db_version" || table == "outbox" || table == "audits" || table == "budgets" || table == "reached" || table == "reach" || table == "taken_back" || table == "sign_in_failures" || table == "codes_used" || table == "challenges" {
			continue
		}
		a.sql(t, `DELETE FROM `+table+` WHERE ctid = (SELECT max(ctid) FROM `+table+`)`)
		// An outcome that is gone was an outcome of more than a day ago: the broker deletes those.
		// Likewise a session: its person has signed out. A passkey's counter that is gone goes on from where it was added.
		if err := a.found(t, table); (err == nil) != (table == "outcomes" || table == "sessions" || table == "subject_passes" || table == "passkey_uses") {
			t.Errorf("a row taken out of %s: %v", table, err)
		}
		a.undo(t, table)
	}
	for name, q := range map[string]string{
		"a decision that nobody made":  `INSERT INTO disclosures SELECT gen_random_uuid(), entry, transaction_id, requester, subject, 0 FROM disclosures LIMIT 1`,
		"a view that nobody had":       `INSERT INTO views SELECT 0, disclosure, at FROM views LIMIT 1`,
		"a look that no staff had":     `INSERT INTO staff_views SELECT 0, disclosure, at FROM staff_views LIMIT 1`,
		"a key that nobody made":       `INSERT INTO api_keys SELECT 'three', scopes, source, secret, created_at, revoked_at, mac FROM api_keys LIMIT 1`,
		"a session that nobody opened": `INSERT INTO sessions SELECT sha256('x'), account, generation, made_at, seen_at, confirmed_at, mac FROM sessions LIMIT 1`,
		"a counter that nobody noted":  `INSERT INTO passkey_uses SELECT sha256('x'), account, counter, day, mac FROM passkey_uses LIMIT 1`,
		"a pass that nobody made":      `INSERT INTO subject_passes SELECT sha256('x'), kind, party, ends_at, mac FROM subject_passes LIMIT 1`,
		"a notice of nothing":          `INSERT INTO account_notices SELECT 0, account, event, role, by, at FROM account_notices LIMIT 1`,
		"an account that nobody made":  `INSERT INTO accounts SELECT id + 100000, name || 'x', version, facts, sha256('x'), sha256('x'), email, mask, credential, mac FROM accounts LIMIT 1`,
		"a token that nobody took":     `INSERT INTO party_tokens SELECT day, substr(sha256('x'), 1, 16), expires_at, entry, mac FROM party_tokens LIMIT 1`,
		"a merchant that nobody made":  `INSERT INTO merchants SELECT id + 100000, name || 'x', party, version, state, open, since, due_at, facts, mac FROM merchants LIMIT 1`,
		"a version that nobody gave":   `INSERT INTO merchant_versions SELECT merchant, version + 10, facts, sealed, commitment, mac FROM merchant_versions LIMIT 1`,
		"a number that nobody gave":    `INSERT INTO merchant_tags SELECT substr(sha256('x'), 1, 16), merchant FROM merchant_tags LIMIT 1`,
		"a step that nobody took":      `INSERT INTO merchant_entries SELECT merchant, version + 100, 0 FROM merchant_entries LIMIT 1`,
		"a document that nobody gave":  `INSERT INTO merchant_documents SELECT merchant, n + 10, facts, original, derivative, mac FROM merchant_documents LIMIT 1`,
		"a case that nobody opened":    `INSERT INTO cases SELECT id + 100000, name || 'x', transaction_id, buyer, seller, version, state, open, waits, assigned, due_at, since, facts, mac FROM cases LIMIT 1`,
		"a move that nobody made":      `INSERT INTO case_entries SELECT dispute, version + 100, 0 FROM case_entries LIMIT 1`,
		"an item that nobody gave":     `INSERT INTO case_evidence SELECT dispute, n + 10, facts, original, derivative, mac FROM case_evidence LIMIT 1`,
		"a session that nobody had":    `INSERT INTO break_glass SELECT id + 100000, name || 'x', transaction_id, account, version, state, holds, due_at, facts, mac FROM break_glass LIMIT 1`,
		"a reveal that nobody made":    `INSERT INTO break_glass_entries SELECT session, version + 100, 0 FROM break_glass_entries LIMIT 1`,
		"a decision that still stands": `INSERT INTO earlier_decisions SELECT entry, transaction_id FROM disclosures LIMIT 1`,
		"a policy":                     `INSERT INTO policies SELECT id + 1, version, permits, floor FROM policies LIMIT 1`,
		"an approval":                  `INSERT INTO policies SELECT id, version, permits, floor FROM policy_proposals WHERE state = 0 LIMIT 1`,
		"a proposal":                   `INSERT INTO policy_proposals SELECT id + 1, version, state, permits, floor, diff FROM policy_proposals LIMIT 1`,
		"a performance": `INSERT INTO performances SELECT transaction_id, obligation, reversal, sha256('x'), quantity, performed_at, by_party, source, afterwards, entry
			FROM performances LIMIT 1`,
	} {
		a.sql(t, q)
		if a.found(t, "budgets") == nil {
			t.Errorf("%s is not found", name)
		}
		a.undo(t, strings.Fields(q)[2])
	}
}

// An older row with its own, valid MAC is put back, each by itself: a grant that
// was used, revoked or suspended, a payment that was taken back, a restricted
// party, an excluded one, a key that was revoked.
func TestRowsPutBack(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	for table, want := range map[string]int{"parties": 2, "transactions": 4, "disclosures": 4, "api_keys": 1, "requests": 2, "accounts": 3, "merchants": 2, "cases": 2, "break_glass": 1} {
		id := "id"
		if table == "requests" {
			id = "disclosure"
		}
		old := a.list(t, fmt.Sprintf(`SELECT o.%[2]s FROM old.%[1]s o JOIN %[1]s n ON n.%[2]s = o.%[2]s WHERE o.* IS DISTINCT FROM n.* ORDER BY o.%[2]s`, table, id))
		if len(old) != want {
			t.Errorf("%d rows of %s have changed, want %d", len(old), table, want)
		}
		columns := a.writable(t, table)
		for _, row := range old {
			a.sql(t, fmt.Sprintf(`DELETE FROM %s WHERE cast(%s AS text) = '%s'`, table, id, row[0]),
				fmt.Sprintf(`INSERT INTO %s (%s) SELECT %s FROM old.%s WHERE cast(%s AS text) = '%s'`, table, columns, columns, table, id, row[0]))
			err := a.found(t, table)
			if err == nil {
				t.Errorf("an older row of %s is not found", table)
			} else if f, _ := errors.AsType[ledger.Finding](err); table != "requests" && (f.Table != table || f.Row == "") { // of records the sum says how many, or the disclosure that it no longer fits
				t.Errorf("an older row of %s: %v does not name it", table, err)
			}
			a.undo(t, table)
		}
	}
}
