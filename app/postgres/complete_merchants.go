package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"strconv"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// checkMerchants: each entry about a registration made a version of its record, and
// the row that finds it says which; what was given has its row, with the commitment
// and the hashes of its entry. It opens none of it.
func (c *completeness) checkMerchants(ctx context.Context, batch []told) error {
	claims := of(batch, ledger.MerchantWritten, ledger.MerchantMoved, ledger.DocumentStored, ledger.DocumentOpened, ledger.MerchantViewed)
	if len(claims) == 0 {
		return nil
	}
	c.due[tallyMerchants] += int64(len(claims))
	c.due[tallyMerchantEntries] += int64(len(claims))
	names := make([]string, len(claims))
	for i, e := range claims {
		names[i] = e.st.Members.String("merchant")
	}
	records, err := c.merchants(ctx, names)
	if err != nil {
		return err
	}
	steps, err := c.merchantSteps(ctx, claims)
	if err != nil {
		return err
	}
	for i, e := range claims {
		if reason := wrongStep(records[names[i]], steps[e.index], e); reason != "" {
			return namedRowWrong("merchants", names[i], e.index, reason)
		}
	}
	for _, e := range claims {
		r := records[e.st.Members.String("merchant")]
		switch e.kind {
		case ledger.MerchantWritten:
			err = c.checkVersion(ctx, r, e)
		case ledger.DocumentStored:
			err = c.checkDocument(ctx, r, e)
		default: // it leaves nothing more
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// merchants are records by their names, checked against their MACs.
func (c *completeness) merchants(ctx context.Context, names []string) (map[string]*broker.MerchantRecord, error) {
	found := make(map[string]*broker.MerchantRecord, len(names))
	err := c.query(ctx, "merchants", `SELECT `+merchantColumns+` FROM merchants m WHERE m.name = ANY($1::text[])`, func(rows *sql.Rows) error {
		m, err := c.s.scanMerchant(rows)
		if err != nil {
			return namedRowWrong("merchants", "", -1, "one of them does not carry this broker's MAC, or is found by what it is not")
		}
		found[string(m.ID)] = m
		return nil
	}, pq.Array(names))
	return found, err
}

// merchantStep says which version of which record an entry made.
type merchantStep struct{ merchant, version int64 }

func (c *completeness) merchantSteps(ctx context.Context, claims []*told) (map[int64]merchantStep, error) {
	found := make(map[int64]merchantStep, len(claims))
	err := c.query(ctx, "merchant entries", `SELECT entry, merchant, version FROM merchant_entries WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		var s merchantStep
		err := rows.Scan(&entry, &s.merchant, &s.version)
		found[entry] = s
		return err
	}, int8s(indexes(claims)))
	return found, err
}

func wrongStep(r *broker.MerchantRecord, s merchantStep, e *told) string {
	step := e.st.Members.Int("step")
	switch {
	case r == nil:
		return "missing"
	case int64(r.Party) != e.owner:
		return "it is of another party than its entry says"
	case s != merchantStep{int64(r.Row), step}:
		return "what finds its entries does not have this one, or has it in another place"
	case step == r.Version && !bytes.Equal(r.Newest, e.leaf[:]):
		return "it is not as its newest entry left it: it is of another history of this log"
	}
	return ""
}

// checkVersion: the version that an entry speaks of carries its MAC, has the entry's
// commitment, and is found by the tags of its numbers.
func (c *completeness) checkVersion(ctx context.Context, m *broker.MerchantRecord, e *told) error {
	c.due[tallyMerchantVersions]++
	version := e.st.Members.Int("version")
	row := string(m.ID) + "/" + strconv.FormatInt(version, 10)
	var v *broker.MerchantVersion
	err := c.query(ctx, "merchant versions", selectVersion+` WHERE v.merchant = $1 AND v.version = $2`, func(rows *sql.Rows) error {
		var r versionRow
		err := rows.Scan(r.into()...)
		if err == nil {
			v, err = c.s.version(&r)
		}
		if err != nil {
			return namedRowWrong("merchant_versions", row, e.index, "it does not carry this broker's MAC")
		}
		return nil
	}, int64(m.Row), version)
	switch {
	case err != nil:
		return err
	case v == nil:
		return namedRowWrong("merchant_versions", row, e.index, "missing")
	case base64.StdEncoding.EncodeToString(v.Commitment) != e.st.Members.String("commitment"):
		return namedRowWrong("merchant_versions", row, e.index, "it does not have the commitment of its entry")
	}
	tags := map[string]bool{}
	for _, t := range v.Tags {
		tags[string(t.Tag)] = true
	}
	var raw [][]byte
	for t := range tags {
		raw = append(raw, []byte(t))
	}
	there := 0
	err = c.query(ctx, "merchant tags", `SELECT tag FROM merchant_tags WHERE merchant = $1 AND tag = ANY($2::bytea[])`, func(*sql.Rows) error {
		there++
		return nil
	}, int64(m.Row), byteas(raw))
	if err == nil && there != len(tags) {
		return namedRowWrong("merchant_tags", row, e.index, "missing: another registration with this number would not be found")
	}
	return err
}

func (c *completeness) checkDocument(ctx context.Context, m *broker.MerchantRecord, e *told) error {
	c.due[tallyMerchantDocuments]++
	members := e.st.Members
	n := members.Int("document")
	row := string(m.ID) + "/" + strconv.FormatInt(n, 10)
	reason := "missing"
	err := c.query(ctx, "merchant documents", selectDocument+` FROM merchant_documents d WHERE d.merchant = $1 AND d.n = $2`, func(rows *sql.Rows) error {
		var r documentRow
		if err := rows.Scan(r.into()...); err != nil {
			return err
		}
		d, err := c.s.document(&r)
		switch {
		case err != nil:
			reason = "it does not carry this broker's MAC"
		case base64.StdEncoding.EncodeToString(d.MerchantDocument.Original) != members.String("original"),
			base64.StdEncoding.EncodeToString(d.MerchantDocument.Derivative) != members.String("derivative"):
			reason = "it does not have the hashes of its entry"
		default:
			reason = ""
		}
		return nil
	}, int64(m.Row), n)
	if err == nil && reason != "" {
		return namedRowWrong("merchant_documents", row, e.index, reason)
	}
	return err
}

// checkMerchantTimers: as checkTimers. One that closes is looked at again, past its
// deadline, until what it owes is settled.
func (c *completeness) checkMerchantTimers(ctx context.Context) error {
	const q = `SELECT m.name FROM merchants m WHERE m.due_at IS NOT NULL AND m.state <> 'closing' AND NOT EXISTS (SELECT FROM outbox o
			WHERE o.transaction_id = m.id AND o.endpoint = 0 AND o.state = 0 AND o.kind = 2 AND o.due_at <= m.due_at)
		ORDER BY m.id LIMIT 1`
	return c.query(ctx, "timers", q, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		return namedRowWrong("outbox", name, -1, "missing, or too late: nobody will be told that a deadline of this registration has passed")
	})
}
