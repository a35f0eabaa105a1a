package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/go-json-experiment/json"

	"bauta.dev/bauta/broker/ledger"
)

// AuditPass is how far the audit of everything has come. It goes over the log itself,
// and then over the rows of all other tables.
type AuditPass struct {
	Begun    time.Time `json:"begun,omitzero"`
	Finished time.Time `json:"finished,omitzero"` // the last one before it that went through and found nothing
	Verified int64     `json:"verified"`          // entries up to which the log is as it was signed
	Whole    bool      `json:"whole"`             // all of it is, as far as it had come when the pass was there
	Done     int64     `json:"done"`              // entries up to which the rows are as they say
	Due      []int64   `json:"due"`               // what those entries account for: tallies
}

// auditFormat names what a kept pass means. Whoever changes what tallies count
// changes it, and a pass of the release before begins anew.
const auditFormat = "audit/v1"

// KeptAudit is the pass that was kept last, by whichever broker of this log; the zero
// one where there is none, or what is there does not carry this broker's MAC.
//
// It is a hint for where to go on. Without the key folder nobody can write another
// one. Who writes to the database can take it away, which makes the pass begin anew:
// bauta_ledger_audit_whole_seconds then stays behind. And he can put back one that
// he kept, from the same log. Then the audit goes on behind entries, or rows, that
// he has changed meanwhile, and the pass after it finds them, as it finds what is
// changed just after a pass has gone by. A pass is used until it is two days old, so
// with one that is put back again and again that is the most that he gains.
func (s *Store) KeptAudit(ctx context.Context) (p AuditPass, err error) {
	var kept, mac []byte
	err = s.db.QueryRowxContext(ctx, `SELECT pass, mac FROM audits WHERE id = 1`).Scan(&kept, &mac)
	if errors.Is(err, sql.ErrNoRows) {
		return AuditPass{}, nil
	}
	if err != nil {
		return AuditPass{}, translate("read audit", err)
	}
	if !s.mac.CheckMAC(mac, auditFormat, []byte(s.Origin()), kept) || json.Unmarshal(kept, &p) != nil {
		return AuditPass{}, nil
	}
	return p, nil
}

// KeepAudit keeps it. It is no history, so it does not go through the committer.
func (s *Store) KeepAudit(ctx context.Context, p AuditPass) error {
	kept, err := json.Marshal(p)
	if err != nil {
		return err
	}
	_, err = s.db.ExecContext(ctx, `INSERT INTO audits (id, pass, mac) VALUES (1, $1, $2)
		ON CONFLICT (id) DO UPDATE SET pass = excluded.pass, mac = excluded.mac`, kept, s.mac.MAC(auditFormat, []byte(s.Origin()), kept))
	return translate("keep audit", err)
}

// CheckOn is Check from where an earlier one has come to (ledger.CheckOn).
func (s *Store) CheckOn(ctx context.Context, from int64, progress func(done, total int64), reached func(size int64)) (ledger.Report, error) {
	c := &conn{db: s.db.DB}
	defer c.drop()
	return ledger.CheckOn(ctx, source{c}, s.eras, from, progress, reached)
}
