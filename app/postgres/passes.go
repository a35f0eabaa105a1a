package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"math"

	"bauta.dev/bauta/broker"
)

// Passes of the subject's page carry a MAC, as the staff's sessions do. They are
// no history, so they do not go through the committer.

const passColumns = `x.id, x.kind, x.party, x.ends_at, x.mac`

func (s *Store) macPass(p *broker.Pass) []byte {
	return s.mac.MAC("subject_pass/v1", p.ID, numbers(int64(p.Kind), int64(p.Party), p.EndsAt.UnixMicro()))
}

// KeepPass keeps a pass. Its end may only grow: a link that is told again.
func (s *Store) KeepPass(ctx context.Context, p *broker.Pass) error {
	_, err := s.db.ExecContext(ctx, `INSERT INTO subject_passes (id, kind, party, ends_at, mac) VALUES ($1, $2, $3, $4, $5)
		ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, party = excluded.party, ends_at = excluded.ends_at, mac = excluded.mac
		WHERE subject_passes.ends_at < excluded.ends_at`, p.ID, int64(p.Kind), int64(p.Party), p.EndsAt, s.macPass(p))
	return translate("keep pass", err)
}

// Pass finds one, with the name of its party.
func (s *Store) Pass(ctx context.Context, id []byte) (*broker.Pass, error) {
	var p broker.Pass
	var mac []byte
	err := s.db.QueryRowContext(ctx, `SELECT `+passColumns+`, p.name FROM subject_passes x JOIN parties p ON p.id = x.party WHERE x.id = $1`, id).
		Scan(&p.ID, &p.Kind, &p.Party, &p.EndsAt, &mac, &p.Name)
	if err != nil {
		return nil, translate("find pass", err)
	}
	p.EndsAt = p.EndsAt.UTC()
	return &p, s.checkPass(&p, mac)
}

func (s *Store) checkPass(p *broker.Pass, mac []byte) error {
	if !hmac.Equal(mac, s.macPass(p)) {
		return &forgedError{"subject_pass"}
	}
	return nil
}

// PartyAt is whose row this is.
func (s *Store) PartyAt(ctx context.Context, r broker.Row) (broker.PartyID, error) {
	var name string
	err := s.db.GetContext(ctx, &name, `SELECT name FROM parties WHERE id = $1`, int64(r))
	return broker.PartyID(name), translate("find party", err)
}

// DropPass takes one away.
func (s *Store) DropPass(ctx context.Context, id []byte) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM subject_passes WHERE id = $1`, id)
	return translate("drop pass", err)
}

// sweepPasses takes away those that open nothing any more.
func (s *Store) sweepPasses(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, `DELETE FROM subject_passes WHERE ends_at <= $1`, s.cfg.Now())
	return translate("sweep passes", err)
}

// checkPasses: every pass is one that this broker has made.
func (c *completeness) checkPasses(ctx context.Context) error {
	const q = `SELECT ` + passColumns + ` FROM subject_passes x WHERE x.id > $1 ORDER BY x.id LIMIT $2`
	after := []byte{}
	return c.inParts(ctx, "passes", q, func() []any { return []any{after} }, func(rows *sql.Rows) error {
		var p broker.Pass
		var mac []byte
		if err := rows.Scan(&p.ID, &p.Kind, &p.Party, &p.EndsAt, &mac); err != nil {
			return err
		}
		after = append(after[:0], p.ID...)
		if c.s.checkPass(&p, mac) != nil {
			return rowWrong("subject_passes", int64(p.Party), -1, "does not carry this broker's MAC")
		}
		return nil
	})
}

// TransactionsOf lists those of a party, newest first.
func (s *Store) TransactionsOf(ctx context.Context, party, after broker.Row, limit int) ([]broker.TransactionRecord, error) {
	if after == 0 {
		after = math.MaxInt64
	}
	rows, err := s.db.QueryContext(ctx, `SELECT t.id, t.version, t.name, t.buyer, t.seller, t.facts, t.mac, o.wrapped, b.name, s.name
		FROM (SELECT * FROM transactions WHERE buyer = $1 AND id < $2 UNION ALL SELECT * FROM transactions WHERE seller = $1 AND id < $2) t
		JOIN keys.owners o ON o.id = t.id JOIN parties b ON b.id = t.buyer JOIN parties s ON s.id = t.seller
		ORDER BY t.id DESC LIMIT $3`, int64(party), int64(after), limit)
	if err != nil {
		return nil, translate("list transactions", err)
	}
	defer func() { _ = rows.Close() }()
	var all []broker.TransactionRecord
	for rows.Next() {
		var r transactionRow
		var buyer, seller string
		if err := rows.Scan(&r.id, &r.version, &r.name, &r.buyer, &r.seller, &r.facts, &r.mac, &r.wrapped, &buyer, &seller); err != nil {
			return nil, translate("list transactions", err)
		}
		t, err := s.transaction(&r, broker.PartyID(buyer), broker.PartyID(seller))
		if err != nil {
			return nil, err
		}
		all = append(all, t)
	}
	return all, translate("list transactions", rows.Err())
}
