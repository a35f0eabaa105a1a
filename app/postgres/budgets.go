package postgres

import (
	"context"
	"database/sql"
	"errors"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
)

// What is spent is counted in the committer's memory and written with the commit
// that spends it. Memory is exact for as long as nobody else appends, and the
// commit happens only then (docs/decisions/0028-harvest-guard.md).

// spending is what this broker knows of the budgets. Only run touches it.
type spending struct {
	counts budget.Counts
	noted  map[budget.Bound]bool // anomalies that the ledger has
}

const mostNoted = 1 << 12

// forget what others may have changed. What the ledger has noted, it has noted.
func (s *spending) forget() { s.counts.Forget() }

func (s *spending) note(b budget.Bound) {
	if s.noted == nil || len(s.noted) >= mostNoted {
		s.noted = map[budget.Bound]bool{}
	}
	s.noted[b] = true
}

// remember which anomalies a commit has noted.
func (s *spending) remember(batch []*job) {
	for _, j := range batch {
		if a := j.w.Anomaly; a != nil {
			s.note(a.Bound)
		}
	}
}

func (s *spending) overBudget(over []budget.Over) *broker.OverBudgetError {
	e := &broker.OverBudgetError{Over: over}
	for _, o := range over {
		if !s.noted[o.Bound] {
			e.New = append(e.New, o)
		}
	}
	return e
}

// expectBudgets: an anomaly is noted once.
func (j *job) expectBudgets() {
	if a := j.w.Anomaly; a != nil {
		j.guards = append(j.guards, guard{what: watchAnomaly, key: a.Mark})
		j.touch(watchAnomaly, string(a.Mark), true)
	}
}

// budgetStatements remember what is noted, or counted, once.
func (j *job) budgetStatements(index int64, add func(n int, query string, args ...any)) {
	if a := j.w.Anomaly; a != nil {
		add(1, `INSERT INTO anomalies (entry, mark) VALUES ($1, $2)`, index, a.Mark)
	}
	back := j.w.TakenBack
	add(len(back), `INSERT INTO taken_back (disclosure, day) SELECT d, cast($2 AS date) FROM unnest($1::uuid[]) AS d`,
		uuids(raws(back)), dayText(budget.DayOf(j.w.Record.At)))
}

// spend charges a batch, in its order. What is spent has to be kept or undone;
// jobs that would spend too much are given by their ordinals, like stale ones,
// and know why. A batch that spends nothing has nil.
func (c *committer) spend(ctx context.Context, batch []*job) (spent *budget.Spent, over map[int]int16, err error) {
	var charges []*budget.Charge
	for _, j := range batch {
		for i := range j.w.Charges {
			charges = append(charges, &j.w.Charges[i])
		}
	}
	if len(charges) == 0 {
		return nil, nil, nil
	}
	for looked := false; ; looked = true {
		if err = c.learn(ctx, charges); err != nil {
			return nil, nil, err
		}
		if spent, over = c.charge(batch); len(over) == 0 || looked {
			return spent, over, nil
		}
		// Nobody is told of a used-up budget on the word of memory alone: there
		// is no commit that would find out that others have appended.
		spent.Undo()
		c.dirty = true
		if err = c.catchUp(ctx); err != nil {
			return nil, nil, err
		}
	}
}

func (c *committer) charge(batch []*job) (*budget.Spent, map[int]int16) {
	spent, over := c.spending.counts.Spend(), map[int]int16{}
	for i, j := range batch {
		j.over = nil
		for k := range j.w.Charges {
			if past := spent.Charge(&j.w.Charges[k]); len(past) > 0 {
				j.over = c.spending.overBudget(past)
				over[i+1] = watchBudget
				break
			}
		}
	}
	return spent, over
}

// learn reads what charges rest on and memory does not have.
func (c *committer) learn(ctx context.Context, charges []*budget.Charge) error {
	counts := &c.spending.counts
	days, subjects, reach := counts.Unknown(charges)
	if len(days)+len(subjects) > 0 {
		if err := c.learnRows(ctx, days, subjects); err != nil {
			return err
		}
	}
	if !reach {
		return nil
	}
	people := map[budget.Stretch]int{}
	err := c.conn.query(ctx, `SELECT slot, key, cast(sum(people) AS int8) FROM reach WHERE slot > $1 GROUP BY slot, key`, func(rows *sql.Rows) error {
		var s budget.Stretch
		var n int
		err := rows.Scan(&s.Slot, &s.Key, &n)
		people[s] = n
		return err
	}, budget.SlotOf(charges[0].At)-budget.Kept)
	if err == nil {
		counts.LearnReach(people)
	}
	return translate("read people reached", err)
}

// learnRows reads requesters and subjects in one round trip.
func (c *committer) learnRows(ctx context.Context, days []budget.Day, subjects []int64) error {
	const q = `SELECT 0, q.ord, coalesce(b.used, 0), cast(0 AS int8), cast(0 AS int8), ''
		FROM unnest($1::int8[], $2::text[]) WITH ORDINALITY AS q(requester, day, ord)
		LEFT JOIN LATERAL (SELECT used FROM budgets b WHERE b.day = cast(q.day AS date) AND b.requester = q.requester) b ON true
		UNION ALL SELECT 1, q.ord, coalesce(r.grants, 0), coalesce(r.day, 0), coalesce(r.slot, 0), coalesce(r.key, '')
		FROM unnest($3::int8[]) WITH ORDINALITY AS q(subject, ord)
		LEFT JOIN LATERAL (SELECT * FROM reached r WHERE r.subject = q.subject) r ON true`
	counts := &c.spending.counts
	who, when := make([]int64, len(days)), make([]string, len(days))
	for i, d := range days {
		who[i], when[i] = d.Requester, dayText(d.Day)
	}
	err := c.conn.query(ctx, q, func(rows *sql.Rows) error {
		var what, ord, n int
		var r budget.Reached
		if err := rows.Scan(&what, &ord, &n, &r.Day, &r.Slot, &r.Key); err != nil {
			return err
		}
		if what == 0 {
			counts.LearnRequests(days[ord-1], n)
			return nil
		}
		r.Grants = n
		counts.LearnSubject(subjects[ord-1], r)
		return nil
	}, int8s(who), texts(when), int8s(subjects))
	return translate("read budgets", err)
}

func dayText(day int64) string { return time.Unix(day*86400, 0).UTC().Format(time.DateOnly) }

// reachPart bounds how often one row of reach is changed: see its migration.
const reachPart = 4096

// addSpent writes what a commit spends.
func addSpent(s *statement, spent *budget.Spent, first int64) {
	if spent == nil {
		return
	}
	if len(spent.Requests) > 0 {
		var days []string
		var requesters []int64
		var used, most []int32
		for _, d := range spent.SortedDays() {
			days, requesters = append(days, dayText(d.Day)), append(requesters, d.Requester)
			used = append(used, int32(spent.Requests[d])) //nolint:gosec // at most a batch's
			most = append(most, int32(spent.Most[d]))     //nolint:gosec // an operator's number
		}
		s.add(`, counted AS (
			INSERT INTO budgets (day, requester, used, most)
			SELECT cast(b.day AS date), b.requester, b.used, nullif(b.most, 0) FROM head, unnest(?::text[], ?::int8[], ?::int4[], ?::int4[]) AS b(day, requester, used, most)
			ON CONFLICT (day, requester) DO UPDATE SET used = budgets.used + excluded.used, most = excluded.most
		)`, texts(days), int8s(requesters), int4s(used), int4s(most))
	}
	addReached(s, spent)
	if len(spent.Reach) > 0 {
		var slots []int64
		var keys []string
		var people []int32
		for _, at := range spent.SortedReach() {
			slots, keys = append(slots, at.Slot), append(keys, at.Key)
			people = append(people, int32(spent.Reach[at])) //nolint:gosec // at most a batch's
		}
		s.add(`, far AS (
			INSERT INTO reach (slot, key, part, people)
			SELECT r.slot, r.key, ?::int8, r.people FROM head, unnest(?::int8[], ?::text[], ?::int4[]) AS r(slot, key, people)
			ON CONFLICT (slot, key, part) DO UPDATE SET people = reach.people + excluded.people
		)`, first/reachPart, int8s(slots), texts(keys), int4s(people))
	}
}

func addReached(s *statement, spent *budget.Spent) {
	if len(spent.Subjects) == 0 {
		return
	}
	ids := spent.SortedSubjects()
	var days, slots []int64
	var grants []int32
	var keys []string
	for _, id := range ids {
		r := spent.Subjects[id]
		days, slots, keys = append(days, r.Day), append(slots, r.Slot), append(keys, r.Key)
		grants = append(grants, int32(r.Grants)) //nolint:gosec // a day's
	}
	s.add(`, reaching AS (
		INSERT INTO reached (subject, day, grants, slot, key)
		SELECT r.subject, r.day, r.grants, r.slot, r.key FROM head, unnest(?::int8[], ?::int8[], ?::int4[], ?::int8[], ?::text[]) AS r(subject, day, grants, slot, key)
		ON CONFLICT (subject) DO UPDATE SET day = excluded.day, grants = excluded.grants, slot = excluded.slot, key = excluded.key
	)`, int8s(ids), int8s(days), int4s(grants), int8s(slots), texts(keys))
}

// countedElsewhere says that a commit would have gone past the bound of a requester's
// day, though memory said otherwise: another broker has counted what leaves no entry.
// Nothing of it was written.
func countedElsewhere(err error) bool {
	e, ok := errors.AsType[*pq.Error](err)
	return ok && e.Code == "23514" && e.Constraint == "budgets_most"
}

// Count counts a request that leaves no entry. It takes its turn between commits,
// so that what memory knows of the day stays right. Other brokers find it when they
// read that day anew: at the latest when a commit of theirs would go past the day's
// bound, for then the row refuses it. What it led to is remembered if it is counted,
// and it is counted if that was not remembered before: in one statement.
func (s *Store) Count(ctx context.Context, d budget.Day, most int, now time.Time, once *broker.Outcome) error {
	const q = `WITH today AS (
			SELECT used FROM budgets WHERE day = cast($1 AS date) AND requester = $2 FOR UPDATE
		), room AS (
			SELECT FROM (SELECT coalesce(max(used), 0) AS used FROM today) AS t WHERE t.used < $3
		), kept AS (
			INSERT INTO outcomes (day, key, body, kind, id, at, entry, mac)
			SELECT cast($7::timestamptz AT TIME ZONE 'UTC' AS date), $4, $5, $6, '', $7, 0, $8 FROM room WHERE $4::bytea IS NOT NULL
			ON CONFLICT DO NOTHING RETURNING 1
		), counted AS (
			INSERT INTO budgets (day, requester, used, most) SELECT cast($1 AS date), $2, 1, $3 FROM room WHERE $4 IS NULL OR EXISTS (SELECT FROM kept)
			ON CONFLICT (day, requester) DO UPDATE SET used = budgets.used + 1, most = excluded.most RETURNING 1
		)
		SELECT (SELECT count(*) FROM room), (SELECT count(*) FROM counted)`
	var room, counted int
	args := []any{dayText(d.Day), d.Requester, most, nil, nil, nil, nil, nil}
	if once != nil {
		args = append(args[:3], once.Key[:], once.Body[:], once.Kind, once.At, s.macOutcome(once))
	}
	err := s.committer.aside(ctx, func() error {
		c := s.committer
		c.spending.counts.ForgetRequests(d)
		return c.conn.query(context.WithoutCancel(ctx), q, func(rows *sql.Rows) error { return rows.Scan(&room, &counted) }, args...)
	})
	switch {
	case countedElsewhere(err) || err == nil && room == 0:
		tomorrow := time.Unix((d.Day+1)*86400, 0)
		return broker.ErrLimited.After(max(tomorrow.Sub(now), time.Second))
	case err == nil && counted == 0:
		return broker.ErrConflict // another broker was asked the same, and was faster
	}
	return translate("count", err)
}
