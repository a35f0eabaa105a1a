package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// tally is what a table amounts to, which must be what the entries account for.
// Versions only grow by entries, and a MAC covers them: an older row put back
// makes the sum too small, and no other row can make up for it.
type tally struct {
	table, have string
	// odd names the rows that are too many, too few or too old, with the entry
	// if there is one, in one snapshot of its own.
	odd string
}

// The tallies, by their place in the list.
const (
	tallyParties = iota
	tallyTransactions
	tallyDisclosures
	tallyViews
	tallyPerformances
	tallyNotes
	tallyCards
	tallyKeys
	tallyRevoked
	tallyPolicies
	tallyProposals
	tallyOwners
	tallyRequests
	tallyAccounts
	tallyNotices
	tallyAnomalies
	tallyStaffViews
	tallyMerchants
	tallyMerchantEntries
	tallyMerchantVersions
	tallyMerchantTags
	tallyMerchantDocuments
	tallyCases
	tallyCaseEntries
	tallyCaseEvidence
	tallyGlass
	tallyGlassEntries
)

// The types of entries that each make a version of their owner's row. A party has
// more versions, by entries about requests that say whom it fears.
const (
	partyVersions       = "2, 3, 16, 17, 61"
	transactionVersions = "4, 5, 6, 7, 8, 15, 32, 35, 36, 38"
)

const versionsOf = `SELECT cast(r.id AS text), coalesce(e.last, -1), coalesce(e.n, 0) - r.version
	FROM %s r LEFT JOIN (SELECT owner, count(*) AS n, max(idx) AS last FROM ledger_entries
		WHERE get_byte(entry, 1) IN (%s) GROUP BY owner) e ON e.owner = r.id
	WHERE r.version %s coalesce(e.n, 0) OR e.n IS NULL ORDER BY r.id LIMIT 1`

const rowsWithout = `SELECT cast(%s AS text), r.%s, -1 FROM %s r LEFT JOIN ledger_entries e ON e.idx = r.%[2]s
	WHERE e.idx IS NULL OR get_byte(e.entry, 1) NOT IN (%[4]s) ORDER BY 2 LIMIT 1`

const behindTrail = `SELECT cast(r.id AS text), coalesce(e.last, -1), coalesce(e.last_version, 0) - r.version
	FROM %[1]s r LEFT JOIN (SELECT %[2]s AS of, max(entry) AS last, max(version) AS last_version FROM %[3]s GROUP BY %[2]s) e ON e.of = r.id
	WHERE e.last_version IS DISTINCT FROM r.version ORDER BY r.id LIMIT 1`

// erasedOf adds the rows that went when registrations were erased: each record says,
// under its MAC, how many they were.
func erasedOf(member string) string {
	return ` + (SELECT coalesce(sum(cast(substring(facts FROM '"` + member + `":(\d{1,9})') AS int8)), 0) FROM merchants WHERE state = 'erased')`
}

var tallies = []tally{
	tallyParties:      {"parties", `(SELECT coalesce(sum(version), 0) FROM parties)`, fmt.Sprintf(versionsOf, "parties", partyVersions, "<")},
	tallyTransactions: {"transactions", `(SELECT coalesce(sum(version), 0) FROM transactions)`, fmt.Sprintf(versionsOf, "transactions", transactionVersions, "<>")},
	tallyDisclosures: {
		"disclosures", `(SELECT count(*) FROM disclosures)`,
		`SELECT cast(max(cast(id AS text)) AS text), entry, -1 FROM disclosures GROUP BY entry HAVING count(*) > 1 LIMIT 1`,
	},
	tallyViews:        {"views", `(SELECT count(*) FROM views)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "views", "10")},
	tallyPerformances: {"performances", `(SELECT count(*) FROM performances)`, fmt.Sprintf(rowsWithout, "r.transaction_id", "entry", "performances", "5, 6, 15")},
	tallyNotes:        {"notes", `(SELECT count(*) FROM notes)` + erasedOf("notes"), fmt.Sprintf(rowsWithout, "r.entry", "entry", "notes", "7, 8, 9, 18, 20, 23, 26, 29, 32, 33, 34, 35, 36, 38, 44, 48, 49, 61")},
	tallyCards: {"cards", `(SELECT count(*) FROM cards)`, `SELECT cast(c.owner AS text), -1, -1 FROM cards c
		WHERE NOT EXISTS (SELECT FROM parties WHERE id = c.owner) AND NOT EXISTS (SELECT FROM transactions WHERE id = c.owner) LIMIT 1`},
	tallyKeys:     {"api_keys", `(SELECT count(*) FROM api_keys)`, ``},
	tallyRevoked:  {"api_keys", `(SELECT count(*) FROM api_keys WHERE revoked_at IS NOT NULL)`, ``},
	tallyPolicies: {"policies", `(SELECT count(*) FROM policies)`, fmt.Sprintf(rowsWithout, "r.id", "id", "policies", "14")},
	tallyProposals: {
		"policy_proposals", `(SELECT count(*) FROM policy_proposals)`,
		fmt.Sprintf(rowsWithout, "r.id", "id", "policy_proposals", "14"),
	},
	// Each entry about a request made one version of its record.
	tallyRequests: {"requests", `(SELECT coalesce(sum(version), 0) FROM requests)`, ``},
	tallyOwners: {"keys.owners", `(SELECT count(*) FROM keys.owners) - (SELECT count(*) FROM parties) - (SELECT count(*) FROM transactions) - (SELECT count(*) FROM accounts)
		- (SELECT count(*) FROM cases) + (SELECT count(*) FROM keys.owners WHERE bucket <> id % 4096)`, `SELECT cast(k.id AS text), -1, -1 FROM keys.owners k WHERE k.bucket <> k.id % 4096 OR
		NOT EXISTS (SELECT FROM parties WHERE id = k.id) AND NOT EXISTS (SELECT FROM transactions WHERE id = k.id)
		AND NOT EXISTS (SELECT FROM accounts WHERE id = k.id) AND NOT EXISTS (SELECT FROM cases WHERE id = k.id) LIMIT 1`},
	tallyAccounts: {"accounts", `(SELECT coalesce(sum(version), 0) FROM accounts)`, fmt.Sprintf(versionsOf, "accounts", "60", "<>")},
	tallyNotices:  {"account_notices", `(SELECT count(*) FROM account_notices)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "account_notices", "60")},
	tallyStaffViews: {
		"staff_views", `(SELECT count(*) FROM staff_views)`,
		fmt.Sprintf(rowsWithout, "r.entry", "entry", "staff_views", "24"),
	},
	// Each entry about a registration, or a case, made one version of its record.
	tallyMerchants:        {"merchants", `(SELECT coalesce(sum(version), 0) FROM merchants)`, fmt.Sprintf(behindTrail, "merchants", "merchant", "merchant_entries")},
	tallyMerchantEntries:  {"merchant_entries", `(SELECT count(*) FROM merchant_entries)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "merchant_entries", "48, 49, 50, 51, 52")},
	tallyMerchantVersions: {"merchant_versions", `(SELECT count(*) FROM merchant_versions)` + erasedOf("given"), ``},
	// None that no version of its registration has.
	tallyMerchantTags: {"merchant_tags", `(SELECT count(*) FROM merchant_tags t WHERE NOT EXISTS (
		SELECT FROM merchant_versions v WHERE v.merchant = t.merchant AND position(encode(t.tag, 'base64') IN v.facts) > 0))`, ``},
	tallyMerchantDocuments: {"merchant_documents", `(SELECT count(*) FROM merchant_documents)` + erasedOf("documents"), ``},
	tallyCases:             {"cases", `(SELECT coalesce(sum(version), 0) FROM cases)`, fmt.Sprintf(behindTrail, "cases", "dispute", "case_entries")},
	tallyCaseEntries:       {"case_entries", `(SELECT count(*) FROM case_entries)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "case_entries", "25, 32, 33, 34, 35, 36, 37, 38, 44, 45")},
	tallyCaseEvidence:      {"case_evidence", `(SELECT count(*) FROM case_evidence)`, ``},
	tallyGlass:             {"break_glass", `(SELECT coalesce(sum(version), 0) FROM break_glass)`, fmt.Sprintf(behindTrail, "break_glass", "session", "break_glass_entries")},
	tallyGlassEntries:      {"break_glass_entries", `(SELECT count(*) FROM break_glass_entries)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "break_glass_entries", "26, 27, 28, 29")},
	tallyAnomalies:         {"anomalies", `(SELECT count(*) FROM anomalies)`, fmt.Sprintf(rowsWithout, "r.entry", "entry", "anomalies", "62")},
}

// begin takes all tallies together with the size of the log, in one statement
// and so in one snapshot; so is the newest disclosure.
func (c *completeness) begin(ctx context.Context) error {
	if _, err := c.session.ExecContext(ctx, `SET statement_timeout = 0`); err != nil {
		return translate("check rows", err)
	}
	q := []string{`SELECT coalesce((SELECT max(size) FROM ledger_checkpoints), 0), (SELECT uuid_send(id) FROM disclosures ORDER BY id DESC LIMIT 1)`}
	c.have = make([]int64, len(tallies))
	into := []any{&c.size, &c.last}
	for i := range tallies {
		q = append(q, `cast(`+tallies[i].have+` AS int8)`)
		into = append(into, &c.have[i])
	}
	return c.query(ctx, "tallies", strings.Join(q, ", "), func(rows *sql.Rows) error { return rows.Scan(into...) })
}

// byIndex makes a reader use indexes alone, whatever the statistics of the
// tables say.
func (c *completeness) byIndex(ctx context.Context) error {
	for _, off := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"} {
		if _, err := c.session.ExecContext(ctx, `SET `+off+` = off`); err != nil {
			return translate("check rows", err)
		}
	}
	return nil
}

// settle compares the tallies, and names the row where it can.
func (c *completeness) settle(ctx context.Context) error {
	for i, t := range tallies {
		if c.have[i] == c.due[i] {
			continue
		}
		wrong := ledger.Finding{Part: ledger.PartRow, Table: t.table, Index: -1, Reason: fmt.Sprintf("it has %d more rows or versions than the entries account for", c.have[i]-c.due[i])}
		if c.have[i] < c.due[i] {
			wrong.Reason = fmt.Sprintf("rows are older than their entries, by %d in all", c.due[i]-c.have[i])
		}
		if t.odd == "" {
			return wrong
		}
		err := c.query(ctx, t.table, t.odd, func(rows *sql.Rows) error {
			var behind int64
			if err := rows.Scan(&wrong.Row, &wrong.Index, &behind); err != nil {
				return err
			}
			if wrong.Reason = "no entry accounts for it"; behind > 0 {
				wrong.Reason = fmt.Sprintf("an older row was put back: it is %d behind its entries", behind)
			}
			return nil
		})
		if err != nil {
			return err
		}
		return wrong
	}
	return nil
}

// checkGrants: every grant carries its MAC, and its version is what its views
// and its end make it. Both are read in one snapshot, so it does not matter what
// happens meanwhile.
func (c *completeness) checkGrants(ctx context.Context) error {
	const q = `SELECT uuid_send(d.id), d.transaction_id, d.decision, d.state, d.views_left, d.version, d.mac, (SELECT count(*) FROM views v WHERE v.disclosure = d.id),
			coalesce(cast(cast(r.facts AS jsonb) ->> 'grant_moves' AS int4), 0), coalesce(cast(cast(r.facts AS jsonb) ->> 'freed' AS int4), 0)
		FROM disclosures d LEFT JOIN requests r ON r.disclosure = d.id WHERE d.id > $1::uuid AND d.id <= $2::uuid ORDER BY d.id LIMIT $3`
	if c.last == nil {
		return nil
	}
	after := make([]byte, 16)
	behind := func() []any { return []any{hex.EncodeToString(after), hex.EncodeToString(c.last)} }
	return c.inParts(ctx, "grants", q, behind, func(rows *sql.Rows) error {
		var g foundGrant
		if err := rows.Scan(&g.id, &g.transaction, &g.decision, &g.state, &g.left, &g.version, &g.mac, &g.views, &g.moves, &g.freed); err != nil {
			return err
		}
		after = append(after[:0], g.id...)
		if reason := g.wrong(c.s); reason != "" {
			return namedRowWrong("disclosures", string(broker.DisclosureOf(g.id)), -1, reason)
		}
		return nil
	})
}

type foundGrant struct {
	id                   []byte
	transaction          int64
	decision             int16
	state, left, version sql.NullInt64
	mac                  []byte
	views                int64
	moves, freed         int64 // by people: what its record says, whose MAC is checked with its entries
}

func (g *foundGrant) wrong(s *Store) string {
	if g.decision < 0 || int(g.decision) >= len(decisions) {
		return "it has a decision that there is not"
	}
	if granted := decisions[g.decision] == "granted"; granted != g.state.Valid || granted != g.version.Valid || granted != g.left.Valid {
		return "it has half a grant"
	}
	if !g.state.Valid {
		return ""
	}
	grant, err := s.grant(g.id, g.transaction, int(g.state.Int64), int(g.left.Int64), g.version.Int64, g.mac)
	if err != nil {
		return "its grant does not carry this broker's MAC"
	}
	if g.follows(grant.State) {
		return ""
	}
	return "an older grant was put back, or views are missing: its version is not what its views and its state make it"
}

// follows says whether the version is what views, people and a reversal make it.
// A grant that was reinstated may have been suspended by several reversals.
func (g *foundGrant) follows(state broker.GrantState) bool {
	changes, most := g.version.Int64-1-g.views-g.moves, int64(0)
	switch state {
	case broker.Live:
	case broker.Suspended:
		most = 1
	case broker.Revoked:
		most = 2
	}
	least := most
	if g.moves > 0 || state == broker.Revoked { // the end itself may be a person's move
		least = max(0, most-2)
	}
	if state == broker.Revoked && g.moves == 0 {
		least = 1
	}
	return changes >= least && (changes <= most || g.freed > 0)
}

// outcomeTypes are the entries that an outcome of a kind can stand for.
var outcomeTypes = map[string][]ledger.Type{
	"disclosure":  {ledger.DisclosureDecided},
	"view":        {ledger.DisclosureViewed},
	"revocation":  {ledger.GrantRevoked},
	"performance": {ledger.PerformanceRecorded, ledger.PerformanceReversed},
	"close":       {ledger.TransactionCompleted, ledger.TransactionCancelled},
	"request": {
		ledger.DisclosureObjected, ledger.RequestMoved, ledger.DecisionProposed, ledger.DecisionMade, ledger.DecisionAppealed,
		ledger.StaffViewed,
	},
	"merchant":    {ledger.MerchantWritten, ledger.MerchantMoved, ledger.DocumentStored, ledger.MerchantViewed},
	"dispute":     ofCases,
	"break_glass": ofGlass,
	"account":     {ledger.AccountChanged},
	"policy":      {ledger.PolicyChanged},
	"access_link": {ledger.SubjectAccessed},
	"standing":    {ledger.PartyExcluded},
}

// checkOutcomes: what a retry would be answered with carries its MAC, and
// stands for an entry of its kind, about the same thing.
func (c *completeness) checkOutcomes(ctx context.Context) error {
	const q = `SELECT o.day, o.key, o.body, o.kind, o.id, o.at, o.entry, o.mac, get_byte(e.entry, 1), coalesce(t.name, a.name, p.name), uuid_send(v.disclosure), v.at
		FROM outcomes o LEFT JOIN ledger_entries e ON e.idx = o.entry LEFT JOIN transactions t ON t.id = e.owner
		LEFT JOIN accounts a ON a.id = e.owner LEFT JOIN parties p ON p.id = e.owner LEFT JOIN views v ON v.entry = o.entry
		WHERE (o.day, o.key) > ($1::date, $2::bytea) ORDER BY o.day, o.key LIMIT $3`
	day, key := time.Date(1970, 1, 1, 0, 0, 0, 0, time.UTC), []byte{}
	for n := completeBatch; n == completeBatch; {
		n = 0
		var batch []foundOutcome
		err := c.query(ctx, "outcomes", q, func(rows *sql.Rows) error {
			n++
			var o foundOutcome
			var body []byte
			err := rows.Scan(&day, &key, &body, &o.Kind, &o.ID, &o.At, &o.Index, &o.mac, &o.typ, &o.owner, &o.disclosure, &o.viewedAt)
			if err == nil && (len(key) != len(o.Key) || len(body) != len(o.Body) || !day.Equal(o.At.UTC().Truncate(24*time.Hour))) {
				return namedRowWrong("outcomes", hex.EncodeToString(key), o.Index, "it is not of its day, or is cut short")
			}
			copy(o.Key[:], key)
			copy(o.Body[:], body)
			batch = append(batch, o)
			return err
		}, day, key, completeBatch)
		if err != nil {
			return err
		}
		if err := c.compareOutcomes(ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

type foundOutcome struct {
	broker.Outcome
	mac, disclosure []byte
	typ             sql.NullInt16
	owner           sql.NullString // a transaction, an account or a party, by name
	viewedAt        sql.NullTime
}

func (c *completeness) compareOutcomes(ctx context.Context, batch []foundOutcome) error {
	var ids [][]byte
	for i := range batch {
		if id, ok := batch[i].disclosed().Bytes(); ok {
			ids = append(ids, id)
		}
	}
	rows, err := c.disclosures(ctx, ids)
	if err != nil {
		return err
	}
	for i := range batch {
		o := &batch[i]
		id, _ := o.disclosed().Bytes()
		fits := o.fits(rows[string(id)])
		if !fits && o.Kind == "disclosure" { // a person may have decided since
			if fits, err = c.decidedSince(ctx, o); err != nil {
				return err
			}
		}
		if !fits || !hmac.Equal(o.mac, c.s.macOutcome(&o.Outcome)) {
			return namedRowWrong("outcomes", hex.EncodeToString(o.Key[:]), o.Index, "does not carry this broker's MAC, or stands for another entry")
		}
	}
	return nil
}

// disclosed is the disclosure that an outcome is about, if it is about one.
func (o *foundOutcome) disclosed() broker.DisclosureID {
	id, _, _ := strings.Cut(o.ID, "/")
	return broker.DisclosureID(id)
}

func (o *foundOutcome) fits(d *foundDisclosure) bool {
	if o.Index == 0 && slices.Contains([]string{"performance", "session", "confirmation", "enrolment", "dry_run"}, o.Kind) {
		return true // remembered: it repeated a performance, was about a session, or a dry run, and has no entry
	}
	listed := false
	for _, t := range outcomeTypes[o.Kind] {
		listed = listed || o.typ.Valid && ledger.Type(o.typ.Int16) == t //nolint:gosec // a byte
	}
	switch o.Kind {
	case "disclosure":
		listed = listed && d != nil && d.entry == o.Index
	case "view":
		listed = listed && broker.DisclosureOf(o.disclosure) == o.disclosed() && sameTime(o.At, o.viewedAt.Time)
	case "close", "account", "access_link", "standing":
		listed = listed && o.owner.String == o.ID
	}
	return listed
}
