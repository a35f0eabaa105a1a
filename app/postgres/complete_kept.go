package postgres

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/base64"
	"strconv"
)

// keptRecord is what every record of entries of its own has: whose it is, its version, and
// the leaf hash of the newest entry about it.
type keptRecord struct {
	row, owner, version int64
	newest              []byte
}

// step says which version of which record an entry made.
type step struct{ of, version int64 }

func (c *completeness) steps(ctx context.Context, t trail, claims []*told) (map[int64]step, error) {
	found := make(map[int64]step, len(claims))
	err := c.query(ctx, t.table, `SELECT entry, `+t.of+`, version FROM `+t.table+` WHERE entry = ANY($1::int8[])`, func(rows *sql.Rows) error {
		var entry int64
		var s step
		err := rows.Scan(&entry, &s.of, &s.version)
		found[entry] = s
		return err
	}, int8s(indexes(claims)))
	return found, err
}

// wrong says how a record is not what an entry about it made it.
func (s step) wrong(r *keptRecord, e *told) string {
	n := e.st.Members.Int("step")
	switch {
	case r.owner != e.owner:
		return "it is somebody else's than its entry says"
	case s != step{r.row, n}:
		return "what finds its entries does not have this one, or has it in another place"
	case n == r.version && !bytes.Equal(r.newest, e.leaf[:]):
		return "it is not as its newest entry left it: it is of another history of this log"
	}
	return ""
}

// notThere is what a row is that is not there.
const notThere = "missing"

// checkFile: a file that an entry speaks of is there, with its hashes. It opens nothing.
func (c *completeness) checkFile(ctx context.Context, t files, of int64, name string, e *told, member string, read func(*fileRow) (original, derivative []byte, err error)) error {
	reason, err := c.fileWrong(ctx, t, of, e, member, read)
	if err == nil && reason != "" {
		return fileRowWrong(t, name, e, member, reason)
	}
	return err
}

func fileRowWrong(t files, name string, e *told, member, reason string) error {
	return namedRowWrong(t.table, name+"/"+strconv.FormatInt(e.st.Members.Int(member), 10), e.index, reason)
}

func (c *completeness) fileWrong(ctx context.Context, t files, of int64, e *told, member string, read func(*fileRow) (original, derivative []byte, err error)) (string, error) {
	reason := notThere
	err := c.query(ctx, t.table, t.columns()+t.from()+` AND f.n = $2`, func(rows *sql.Rows) error {
		var r fileRow
		if err := rows.Scan(r.into()...); err != nil {
			return err
		}
		original, derivative, err := read(&r)
		switch {
		case err != nil:
			reason = "it does not carry this broker's MAC"
		case base64.StdEncoding.EncodeToString(original) != e.st.Members.String("original"),
			base64.StdEncoding.EncodeToString(derivative) != e.st.Members.String("derivative"):
			reason = "it does not have the hashes of its entry"
		default:
			reason = ""
		}
		return nil
	}, of, e.st.Members.Int(member))
	return reason, err
}
