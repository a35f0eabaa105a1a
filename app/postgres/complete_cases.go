package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/base64"
	"time"

	"github.com/lib/pq"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// checkCases: each entry about a case made a version of its record, and the row that
// finds it says which; what was handed in has its row, with the hashes of its entry.
// Of what is sealed under the case's key, it opens none; but it sees that the key opens.
func (c *completeness) checkCases(ctx context.Context, batch []told) error {
	claims := of(batch, ofCases...)
	if len(claims) == 0 {
		return nil
	}
	c.due[tallyCases] += int64(len(claims))
	c.due[tallyCaseEntries] += int64(len(claims))
	names := make([]string, len(claims))
	for i, e := range claims {
		names[i] = e.st.Members.String("dispute")
	}
	records, err := c.cases(ctx, names)
	if err != nil {
		return err
	}
	steps, err := c.steps(ctx, caseTrail(), claims)
	if err != nil {
		return err
	}
	before, err := c.links(ctx, claims)
	if err != nil {
		return err
	}
	for i, e := range claims {
		r := records[names[i]]
		if reason := r.isNot(e, steps[e.index], before[int64(i+1)]); reason != "" {
			return namedRowWrong("cases", names[i], e.index, reason)
		}
		if e.kind != ledger.EvidenceStored {
			continue
		}
		if err := c.checkItem(ctx, records[names[i]].CaseRecord, e); err != nil {
			return err
		}
	}
	return nil
}

// ofCases are the types of entries about cases.
var ofCases = []ledger.Type{
	ledger.CaseRevealed, ledger.CaseOpened, ledger.CaseMoved, ledger.CaseProposed, ledger.CaseDecided, ledger.CaseClosed, ledger.BundleMade,
	ledger.CaseTurned, ledger.EvidenceStored, ledger.EvidenceOpened,
}

// keptCase is a record with the sides that its row has.
type keptCase struct {
	*broker.CaseRecord

	buyer, seller int64
}

func (k *keptCase) wrong(s step, e *told) string {
	switch {
	case k == nil:
		return "missing, or without its key"
	case k.buyer != e.transaction.buyer || k.seller != e.transaction.seller:
		return "its sides are not those of its transaction"
	}
	return s.wrong(&keptRecord{int64(k.Row), int64(k.Transaction), k.Version, k.Newest}, e)
}

// isNot says how a record, its place, its chain or its transaction is not what an entry
// about it made it.
func (k *keptCase) isNot(e *told, s step, before string) string {
	if reason := k.wrong(s, e); reason != "" {
		return reason
	}
	return cmp.Or(k.unlinked(e, before), k.agrees(e))
}

// chains says whether entries of a type are links of a case's chain: both sides have a
// part in them.
func chains(t ledger.Type) bool { return t.Says("dispute") && t.Says("before") }

// links are the leaf hashes, in base64, of the entries that the claims, counted from 1,
// come after in the chains of their cases; empty where one is the first.
func (c *completeness) links(ctx context.Context, claims []*told) (map[int64]string, error) {
	entries := make([]int64, len(claims))
	for i, e := range claims {
		entries[i] = e.index
	}
	const q = `SELECT q.ord, p.entry FROM unnest($1::int8[]) WITH ORDINALITY AS q(entry, ord) JOIN case_entries x ON x.entry = q.entry
		JOIN LATERAL (SELECT l.entry FROM case_entries y JOIN ledger_entries l ON l.idx = y.entry
			WHERE y.dispute = x.dispute AND y.version < x.version AND get_byte(l.entry, 1) NOT IN (25, 34) ORDER BY y.version DESC LIMIT 1) p ON true`
	found := make(map[int64]string, len(claims))
	err := c.query(ctx, "cases", q, func(rows *sql.Rows) error {
		var n int64
		var entry []byte
		err := rows.Scan(&n, &entry)
		leaf := tlog.RecordHash(entry)
		found[n] = base64.StdEncoding.EncodeToString(leaf[:])
		return err
	}, int8s(entries))
	return found, err
}

// unlinked says how an entry does not follow the one before it in its case's chain, or
// the record does not have the end of that chain.
func (k *keptCase) unlinked(e *told, before string) string {
	chain := before
	if chains(e.kind) {
		if e.st.Members.String("before") != before {
			return "an entry about it does not name the one before it"
		}
		chain = base64.StdEncoding.EncodeToString(e.leaf[:])
	}
	if e.st.Members.Int("step") == k.Version && base64.StdEncoding.EncodeToString(k.Chain) != chain {
		return "it does not have the end of the chain of its entries"
	}
	return ""
}

// agrees says how its transaction was left otherwise by it than it is itself. Only its own
// entries change what the transaction says of it, so where this is its newest one, the
// transaction, which was read before it, is as that left it.
func (k *keptCase) agrees(e *told) string {
	if e.st.Members.Int("step") != k.Version {
		return ""
	}
	lines, d := 0, e.transaction.Dispute
	if d == nil {
		return "its transaction knows nothing of it"
	}
	for _, id := range d.Lines {
		if id == k.ID {
			lines++
		}
	}
	for _, l := range k.Lines {
		if open := d.Lines[l] == k.ID; open != k.IsOpen() {
			return "its transaction has its lines in dispute where it is over, or not where it is open"
		}
	}
	_, external := d.External[k.ID]
	_, ordered := d.Refundable[k.ID]
	switch {
	case k.IsOpen() && lines != len(k.Lines) || !k.IsOpen() && lines > 0:
		return "its transaction has other lines in dispute for it"
	case external != (k.IsOpen() && k.External != ""):
		return "its transaction says otherwise whether somebody else has it"
	case !k.IsOpen() && ordered:
		return "it is over, and its transaction lets be paid back for it"
	}
	return ""
}

// cases are records by their names, checked against their MACs, each with a key that opens.
func (c *completeness) cases(ctx context.Context, names []string) (map[string]*keptCase, error) {
	found := make(map[string]*keptCase, len(names))
	const q = `SELECT ` + caseColumns + `, k.wrapped FROM cases c JOIN keys.owners k ON k.id = c.id WHERE c.name = ANY($1::text[])`
	err := c.query(ctx, "cases", q, func(rows *sql.Rows) error {
		var wrapped []byte
		r, row, err := c.s.scanCase(rows, &wrapped)
		if err != nil {
			return namedRowWrong("cases", "", -1, "one of them does not carry this broker's MAC, or is found by what it is not")
		}
		if _, err := c.s.keys.unwrap(row.id, wrapped); err != nil {
			return namedRowWrong("cases", row.name, -1, "its key does not open")
		}
		found[row.name] = &keptCase{r, row.buyer, row.seller}
		return nil
	}, pq.Array(names))
	return found, err
}

// checkItem: what was handed in is there, and is what the case's record says it is.
func (c *completeness) checkItem(ctx context.Context, r *broker.CaseRecord, e *told) error {
	c.due[tallyCaseEvidence]++
	return c.checkFile(ctx, evidence(), int64(r.Row), string(r.ID), e, "item", func(row *fileRow) ([]byte, []byte, error) {
		x, err := c.s.item(row, r)
		if err != nil {
			return nil, nil, err
		}
		return x.Item.Original, x.Item.Derivative, nil
	})
}

// checkCaseTimers: as checkTimers. One that waits for money is looked at again each day,
// past its deadline, until that is paid. What law gives the consumer is looked at when it
// is due.
func (c *completeness) checkCaseTimers(ctx context.Context) error {
	const q = `SELECT x.name FROM (SELECT id, name, state, least(cast(facts ->> 'deadline' AS timestamptz), details) AS deadline
			FROM (SELECT id, name, state, cast(facts AS jsonb) AS facts FROM cases WHERE open) o, LATERAL (
				SELECT min(cast(c ->> 'due' AS timestamptz)) AS details FROM jsonb_array_elements(coalesce(facts -> 'clocks', '[]')) AS c
				WHERE c ->> 'name' = 'merchant_details' AND NOT c ? 'ended' AND cast(c ->> 'due' AS timestamptz) > $1) d) x
		WHERE x.deadline IS NOT NULL AND NOT EXISTS (SELECT FROM outbox o
			WHERE o.transaction_id = x.id AND o.endpoint = 0 AND o.state = 0 AND o.kind = 3
				AND o.due_at <= CASE WHEN x.deadline <= $1 AND x.state IN ('settled', 'decided', 'final') THEN $2 ELSE x.deadline END)
		ORDER BY x.id LIMIT 1`
	return c.query(ctx, "timers", q, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		return namedRowWrong("outbox", name, -1, "missing, or too late: nobody will be told that a deadline of this case has passed")
	}, c.s.cfg.Now(), c.s.cfg.Now().Add(2*24*time.Hour))
}
