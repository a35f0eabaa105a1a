package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// outcomeQuery answers any number of idempotency keys at once. The days are
// named, as in the guard of a commit: see watches. OFFSET 0 keeps the keys
// outside: a plan from when the table was empty would go through the whole day
// otherwise, and compare.
const outcomeQuery = `
	SELECT q.ord, o.body, o.kind, o.id, o.at, o.entry, o.mac
	FROM unnest($1::bytea[]) WITH ORDINALITY AS q(key, ord), LATERAL (
		SELECT o.* FROM (SELECT cast($2::timestamptz AT TIME ZONE 'UTC' AS date)) AS since(d), outcomes o
		WHERE o.key = q.key AND o.day = ANY (ARRAY[since.d, since.d + 1, since.d + 2]) AND o.at > $2 OFFSET 0) o`

// outcomeRow is what a key led to, its MAC not checked yet.
type outcomeRow struct {
	broker.Outcome
	body, mac []byte
}

// decisionQuestion is what a request asks before it decides: what its
// idempotency key led to, if it has one, and then the situation. All that wait
// for either are answered together.
type decisionQuestion struct {
	once      *[16]byte // nil: it asks for the situation
	situation situationQuestion
}

type decisionRow struct {
	outcome   *outcomeRow
	situation *situationRow
}

// askDecisions asks each kind with one query, if anybody waits for it.
func (s *Store) askDecisions(ctx context.Context, worker int, qs []decisionQuestion) ([]answer[decisionRow], error) {
	var keys [][16]byte
	var about []situationQuestion
	for _, q := range qs {
		if q.once != nil {
			keys = append(keys, *q.once)
		} else {
			about = append(about, q.situation)
		}
	}
	var outcomes []answer[*outcomeRow]
	var situations []answer[*situationRow]
	var err error
	if len(keys) > 0 {
		outcomes, err = s.askOutcomes(ctx, worker, keys)
	}
	if len(about) > 0 && err == nil {
		situations, err = s.askSituations(ctx, worker, about)
	}
	if err != nil {
		return nil, err
	}
	answers := make([]answer[decisionRow], len(qs))
	for i, q := range qs {
		if q.once != nil {
			answers[i] = answer[decisionRow]{decisionRow{outcome: outcomes[0].a}, outcomes[0].err}
			outcomes = outcomes[1:]
		} else {
			answers[i] = answer[decisionRow]{decisionRow{situation: situations[0].a}, situations[0].err}
			situations = situations[1:]
		}
	}
	return answers, nil
}

func (s *Store) askOutcomes(ctx context.Context, worker int, keys [][16]byte) ([]answer[*outcomeRow], error) {
	flat := make([][]byte, len(keys))
	for i := range keys {
		flat[i] = keys[i][:]
	}
	answers := notFound[*outcomeRow](len(keys))
	err := s.hot[worker].query(ctx, outcomeQuery, func(rows *sql.Rows) error {
		var ord int
		var r outcomeRow
		if err := rows.Scan(&ord, &r.body, &r.Kind, &r.ID, &r.At, &r.Index, &r.mac); err != nil {
			return err
		}
		r.Key = keys[ord-1]
		answers[ord-1] = answer[*outcomeRow]{a: &r}
		return nil
	}, byteas(flat), s.cfg.Now().Add(-24*time.Hour))
	return answers, translate("find outcomes", err)
}

// Outcome finds what an idempotency key led to in the last 24 hours.
func (s *Store) Outcome(ctx context.Context, key [16]byte) (*broker.Outcome, error) {
	found, err := s.decisions.one(ctx, decisionQuestion{once: &key})
	if err != nil {
		return nil, err
	}
	o := &found.outcome.Outcome
	if len(found.outcome.body) != len(o.Body) {
		return nil, &forgedError{"outcome"}
	}
	o.Body = [16]byte(found.outcome.body)
	if !hmac.Equal(found.outcome.mac, s.macOutcome(o)) {
		return nil, &forgedError{"outcome"}
	}
	return o, nil
}

// Remember keeps an outcome that changed nothing.
func (s *Store) Remember(ctx context.Context, o *broker.Outcome) error {
	const q = `INSERT INTO outcomes (day, key, body, kind, id, at, entry, mac)
		VALUES (cast($6::timestamptz AT TIME ZONE 'UTC' AS date), $1, $2, $3, $4, $6, $5, $7) ON CONFLICT DO NOTHING`
	_, err := s.db.ExecContext(ctx, q, o.Key[:], o.Body[:], o.Kind, o.ID, o.Index, o.At, s.macOutcome(o))
	return translate("remember outcome", err)
}

// Place is where the entry of an outcome stands.
func (s *Store) Place(ctx context.Context, o *broker.Outcome) (ledger.Place, error) {
	return s.place(ctx, o.Index)
}
