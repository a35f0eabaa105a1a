package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"

	"bauta.dev/bauta/broker/ledger"
)

// checkAnomalies: each one that is noted has its row, so that it is noted once.
func (c *completeness) checkAnomalies(ctx context.Context, batch []told) error {
	claims := of(batch, ledger.AnomalyNoted)
	c.due[tallyAnomalies] += int64(len(claims))
	if len(claims) == 0 {
		return nil
	}
	marks := make(map[int64]string, len(claims))
	err := c.query(ctx, "anomalies", `SELECT entry, mark FROM anomalies WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		var mark []byte
		err := rows.Scan(&entry, &mark)
		marks[entry] = hex.EncodeToString(mark)
		return err
	}, int8s(indexes(claims)))
	if err != nil {
		return err
	}
	for _, e := range claims {
		if mark, there := marks[e.index]; !there || mark != e.st.Members.String("mark") {
			return rowWrong("anomalies", e.index, e.index, "missing, or has not the mark of its entry")
		}
	}
	return nil
}
