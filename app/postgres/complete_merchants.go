package postgres

import (
	"context"
	"database/sql"
	"encoding/base64"
	"strconv"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
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
	steps, err := c.steps(ctx, merchantTrail(), claims)
	if err != nil {
		return err
	}
	for i, e := range claims {
		reason := "missing"
		if r := records[names[i]]; r != nil {
			reason = steps[e.index].wrong(&keptRecord{int64(r.Row), int64(r.Party), r.Version, r.Newest}, e)
		}
		if reason != "" {
			return namedRowWrong("merchants", names[i], e.index, reason)
		}
	}
	for i, e := range claims {
		r := records[names[i]]
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

func (c *completeness) checkDocument(ctx context.Context, m *broker.MerchantRecord, e *told) error {
	c.due[tallyMerchantDocuments]++
	reason, err := c.fileWrong(ctx, documents(), int64(m.Row), e, "document", func(r *fileRow) ([]byte, []byte, error) {
		d, err := c.s.document(r)
		if err != nil {
			return nil, nil, err
		}
		return d.MerchantDocument.Original, d.MerchantDocument.Derivative, nil
	})
	switch {
	case err != nil:
		return err
	case reason == notThere:
		if gone, err := c.erased(ctx, string(m.ID)); gone || err != nil {
			return err
		}
	case reason == "" && m.State == merchants.Erased:
		reason = leftOver
	}
	if reason != "" {
		return fileRowWrong(documents(), string(m.ID), e, "document", reason)
	}
	return nil
}

// leftOver is a row that should have gone.
const leftOver = "left over: its registration was erased"

// erased says whether nothing of a registration has to be there, or may be: as things
// are now, for the check goes on while others are erased.
func (c *completeness) erased(ctx context.Context, name string) (bool, error) {
	records, err := c.merchants(ctx, []string{name})
	m := records[name]
	return m != nil && m.State == merchants.Erased, err
}

// merchants are records by their names, checked against their MACs.
func (c *completeness) merchants(ctx context.Context, names []string) (map[string]*broker.MerchantRecord, error) {
	found := make(map[string]*broker.MerchantRecord, len(names))
	if len(names) == 0 {
		return found, nil
	}
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

// checkVersion: the version that an entry speaks of carries its MAC, has the entry's
// commitment, and is found by the tags of its numbers; of an erased registration it is
// not there.
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
		gone, err := c.erased(ctx, string(m.ID))
		if err == nil && !gone {
			err = namedRowWrong("merchant_versions", row, e.index, notThere)
		}
		return err
	case m.State == merchants.Erased:
		return namedRowWrong("merchant_versions", row, e.index, leftOver)
	case base64.StdEncoding.EncodeToString(v.Commitment) != e.st.Members.String("commitment"):
		return namedRowWrong("merchant_versions", row, e.index, "it does not have the commitment of its entry")
	}
	return c.checkTags(ctx, m, v, e)
}

func (c *completeness) checkTags(ctx context.Context, m *broker.MerchantRecord, v *broker.MerchantVersion, e *told) error {
	tags := map[string]bool{}
	for _, t := range v.Tags {
		tags[string(t.Tag)] = true
	}
	var raw [][]byte
	for t := range tags {
		raw = append(raw, []byte(t))
	}
	there := 0
	err := c.query(ctx, "merchant tags", `SELECT tag FROM merchant_tags WHERE merchant = $1 AND tag = ANY($2::bytea[])`, func(*sql.Rows) error {
		there++
		return nil
	}, int64(m.Row), byteas(raw))
	if err != nil || there == len(tags) {
		return err
	}
	if gone, err := c.erased(ctx, string(m.ID)); gone || err != nil {
		return err
	}
	row := string(m.ID) + "/" + strconv.Itoa(v.Version)
	return namedRowWrong("merchant_tags", row, e.index, "missing: another registration with this number would not be found")
}

// checkMerchantTimers: as checkTimers. One that closes is looked at again, past its
// deadline, until what it owes is settled, and one that is over until nobody has to
// keep it: each time a day later.
func (c *completeness) checkMerchantTimers(ctx context.Context) error {
	const q = `SELECT m.name FROM merchants m WHERE m.due_at IS NOT NULL AND NOT EXISTS (SELECT FROM outbox o
			WHERE o.transaction_id = m.id AND o.endpoint = 0 AND o.state = 0 AND o.kind = 2
			AND o.due_at <= CASE WHEN m.state IN ('closing', 'closed', 'lapsed', 'rejected') THEN greatest(m.due_at, $1) ELSE m.due_at END)
		ORDER BY m.id LIMIT 1`
	return c.query(ctx, "timers", q, func(rows *sql.Rows) error {
		var name string
		if err := rows.Scan(&name); err != nil {
			return err
		}
		return namedRowWrong("outbox", name, -1, "missing, or too late: nobody will be told that a deadline of this registration has passed")
	}, c.s.cfg.Now().Add(25*time.Hour))
}
