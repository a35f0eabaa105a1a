package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"slices"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// checkRequests: each entry about a request has its record, which carries its
// MAC, and the trail of a record is of entries that there are.
func (c *completeness) checkRequests(ctx context.Context, batch []told) error {
	var claims []*told
	for i := range batch {
		e := &batch[i]
		switch e.kind {
		case ledger.DisclosureObjected, ledger.RequestMoved, ledger.DecisionProposed, ledger.DecisionMade, ledger.DecisionAppealed,
			ledger.StaffViewed:
			claims = append(claims, e)
		case ledger.DisclosureDecided:
			if e.st.Members.String("decision") == "pending" {
				claims = append(claims, e)
			}
		default: // it is about no request
		}
	}
	c.due[tallyRequests] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	ids := make([][]byte, len(claims))
	for i, e := range claims {
		var ok bool
		if ids[i], ok = broker.DisclosureID(e.st.Members.String("disclosure")).Bytes(); !ok {
			return entryWrong(e.index, "it names no disclosure")
		}
	}
	records, err := c.records(ctx, ids)
	if err != nil {
		return err
	}
	for i, e := range claims {
		id := e.st.Members.String("disclosure")
		switch r := records[string(ids[i])]; {
		case r == nil:
			return namedRowWrong("requests", id, e.index, "missing")
		case int64(r.Transaction) != e.owner:
			return namedRowWrong("requests", id, e.index, "it is of another transaction than its entry says")
		case (e.kind == ledger.DecisionMade || e.kind == ledger.DisclosureDecided) && !hasLeaf(r, e.leaf):
			return namedRowWrong("requests", id, e.index, "its trail does not have this decision")
		}
	}
	return nil
}

func hasLeaf(r *broker.Request, leaf [32]byte) bool {
	return slices.ContainsFunc(r.Trail, func(l []byte) bool { return bytes.Equal(l, leaf[:]) })
}

// findEarlier: of a decision that a later one has replaced there is a row that finds
// it. Both are of one commit, so whoever sees the second sees the row.
func (c *completeness) findEarlier(ctx context.Context, claims []grantClaim, found map[string]*foundDisclosure) error {
	var earlier []*told
	for _, claim := range claims {
		id, _ := claim.id.Bytes()
		d := found[string(id)]
		if k := claim.e.kind; d != nil && (k == ledger.DisclosureDecided || k == ledger.DecisionMade) && d.entry != claim.e.index {
			earlier = append(earlier, claim.e)
		}
	}
	if len(earlier) == 0 {
		return nil
	}
	there := make(map[int64]int64, len(earlier))
	err := c.query(ctx, "earlier decisions", `SELECT entry, transaction_id FROM earlier_decisions WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry, transaction int64
		err := rows.Scan(&entry, &transaction)
		there[entry] = transaction
		return err
	}, int8s(indexes(earlier)))
	if err != nil {
		return err
	}
	for _, e := range earlier {
		if there[e.index] != e.owner {
			return rowWrong("earlier_decisions", e.index, e.index, "missing, or of another transaction: this decision would not be found with it")
		}
	}
	return nil
}

// checkEarlier: and no other row says that a decision was replaced.
func (c *completeness) checkEarlier(ctx context.Context) error {
	const q = `SELECT r.entry FROM earlier_decisions r LEFT JOIN ledger_entries e ON e.idx = r.entry
		WHERE e.owner IS DISTINCT FROM r.transaction_id OR get_byte(e.entry, 1) NOT IN (9, 22)
			OR EXISTS (SELECT FROM disclosures d WHERE d.transaction_id = r.transaction_id AND d.entry = r.entry)
		ORDER BY r.entry LIMIT 1`
	return c.query(ctx, "earlier decisions", q, func(rows *sql.Rows) error {
		var entry int64
		if err := rows.Scan(&entry); err != nil {
			return err
		}
		return rowWrong("earlier_decisions", entry, entry, "nothing has replaced a decision of this entry")
	})
}

// decidedBefore: an entry that a later decision of a person has replaced.
func (d *foundDisclosure) decidedBefore(e *told) bool {
	if d.record == nil || len(d.record.Trail) == 0 {
		return false
	}
	last := d.record.Trail[len(d.record.Trail)-1]
	return hasLeaf(d.record, e.leaf) && !bytes.Equal(last, e.leaf[:])
}

// records are those of disclosures, checked against their MACs.
func (c *completeness) records(ctx context.Context, ids [][]byte) (map[string]*broker.Request, error) {
	found := make(map[string]*broker.Request, len(ids))
	err := c.query(ctx, "requests", requestColumns+` WHERE r.disclosure = ANY($1::uuid[])`, func(rows *sql.Rows) error {
		r, err := c.s.scanRequest(rows)
		if err != nil {
			return namedRowWrong("requests", "", -1, "one of them does not carry this broker's MAC, or is found by what it is not")
		}
		raw, _ := r.Disclosure.Bytes()
		found[string(raw)] = r
		return nil
	}, uuids(ids))
	return found, err
}

func (c *completeness) withRecords(ctx context.Context, ids [][]byte, found map[string]*foundDisclosure) error {
	records, err := c.records(ctx, ids)
	for id, r := range records {
		if d := found[id]; d != nil {
			d.record = r
		}
	}
	return err
}

// decidedSince: the outcome stands for the first entry of a disclosure that a
// person has decided since.
func (c *completeness) decidedSince(ctx context.Context, o *foundOutcome) (bool, error) {
	id, ok := o.disclosed().Bytes()
	if !ok {
		return false, nil
	}
	records, err := c.records(ctx, [][]byte{id})
	r := records[string(id)]
	if err != nil || r == nil {
		return false, err
	}
	found := false
	err = c.query(ctx, "entries", `SELECT sha256('\x00' || entry) FROM ledger_entries WHERE idx = $1`, func(rows *sql.Rows) error {
		var leaf []byte
		err := rows.Scan(&leaf)
		found = len(leaf) == 32 && hasLeaf(r, [32]byte(leaf))
		return err
	}, o.Index)
	return found, err
}
