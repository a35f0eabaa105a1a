package postgres

import (
	"context"
	"database/sql"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
)

// newestOf names the first row whose facts do not have the leaf hash of its
// newest entry, in one snapshot: an entry and its row are one commit, so it does
// not matter what happens meanwhile. The hash stands in the facts as 32 bytes, or
// in base64 where a transaction's are still JSON; nothing else in them is as long
// and can be chosen. The database counts by owner on its own disk, and one scan of
// the entries costs a hundredth of opening them.
const newestOf = `SELECT cast(id AS text), coalesce(last, -1) FROM (
		SELECT r.id, r.facts, e.last, (SELECT sha256('\x00'::bytea || l.entry) FROM ledger_entries l WHERE l.idx = e.last) AS leaf
		FROM %s r LEFT JOIN (SELECT owner, max(idx) AS last FROM ledger_entries
			WHERE get_byte(entry, 1) IN (%s) GROUP BY owner) e ON e.owner = r.id OFFSET 0) x
	WHERE leaf IS NULL OR position(leaf IN facts) = 0 AND position(convert_to(encode(leaf, 'base64'), 'UTF8') IN facts) = 0
	ORDER BY id LIMIT 1`

// checkNewest: each party and transaction is as its newest entry in this log left
// it. Its MAC covers the facts, so a row that another history left, one that a
// failover lost say, has another hash, whatever its version. It comes last, when
// every row was found to carry its MAC.
func (c *completeness) checkNewest(ctx context.Context) error {
	if _, err := c.session.ExecContext(ctx, `RESET ALL; SET statement_timeout = 0; SET enable_nestloop = off`); err != nil { // no index knows an owner's entries
		return translate("check newest entries", err)
	}
	for table, types := range map[string]string{"parties": partyVersions, "transactions": transactionVersions} {
		err := c.query(ctx, table, fmt.Sprintf(newestOf, table, types), func(rows *sql.Rows) error {
			wrong := ledger.Finding{Part: ledger.PartRow, Table: table, Reason: "it is not as its newest entry left it: it is of another history of this log"}
			if err := rows.Scan(&wrong.Row, &wrong.Index); err != nil {
				return err
			}
			return wrong
		})
		if err != nil {
			return err
		}
	}
	return nil
}
