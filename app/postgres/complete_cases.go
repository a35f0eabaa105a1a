package postgres

import (
	"context"
	"database/sql"
	"time"

	"github.com/lib/pq"

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
	for i, e := range claims {
		if reason := records[names[i]].wrong(steps[e.index], e); reason != "" {
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
// past its deadline, until that is paid.
func (c *completeness) checkCaseTimers(ctx context.Context) error {
	const q = `SELECT x.name FROM (SELECT id, name, state, cast(cast(facts AS jsonb) ->> 'deadline' AS timestamptz) AS deadline FROM cases WHERE open) x
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
