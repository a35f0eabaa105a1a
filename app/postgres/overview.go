package postgres

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// Overview counts as of a time. Cases are counted by indexes alone; what a disclosure was
// for stands in its entry, so of those the newest are opened, and no more than
// broker.MostCounted of them.
func (s *Store) Overview(ctx context.Context, now time.Time) (*broker.Overview, error) {
	o := &broker.Overview{At: now}
	var err error
	if o.Requests, err = s.CountRequests(ctx, &broker.Staff{}, now); err != nil {
		return nil, err
	}
	for _, count := range []func(context.Context, *broker.Overview) error{s.countOpen, s.countDecided, s.countAsked, s.countNotices, s.countGlass} {
		if err := count(ctx, o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// openCases is answered by the index cases_open alone.
const openCases = `SELECT state, count(*), count(*) FILTER (WHERE due_at < $1) FROM cases WHERE open GROUP BY state ORDER BY count(*) DESC, state`

func (s *Store) countOpen(ctx context.Context, o *broker.Overview) error {
	return s.each(ctx, "count open cases", func(rows *sql.Rows) error {
		var c broker.CaseCount
		err := rows.Scan(&c.State, &c.All, &c.Overdue)
		o.Open = append(o.Open, c)
		return translate("count open cases", err)
	}, openCases, o.At)
}

// decidedWeeks is answered by the index cases_decided alone, of the weeks that it is asked for.
const decidedWeeks = `SELECT date_trunc('week', decided_at AT TIME ZONE 'UTC'), count(*),
		(percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY cast(extract(epoch FROM decided_at - opened_at) AS float8)))[1],
		(percentile_cont(ARRAY[0.5, 0.9]) WITHIN GROUP (ORDER BY cast(extract(epoch FROM decided_at - opened_at) AS float8)))[2],
		count(overturned), count(*) FILTER (WHERE overturned)
	FROM cases WHERE decided_at >= $1 GROUP BY 1 ORDER BY 1`

func (s *Store) countDecided(ctx context.Context, o *broker.Overview) error {
	first := weekOf(o.At).AddDate(0, 0, -7*(broker.OverviewWeeks-1))
	for n := range broker.OverviewWeeks {
		o.Weeks = append(o.Weeks, broker.DecidedWeek{From: first.AddDate(0, 0, 7*n)})
	}
	return s.each(ctx, "count decisions", func(rows *sql.Rows) error {
		var w broker.DecidedWeek
		var median, p90 float64
		if err := rows.Scan(&w.From, &w.Decided, &median, &p90, &w.Heard, &w.Overturned); err != nil {
			return translate("count decisions", err)
		}
		w.From, w.Median, w.P90 = w.From.UTC(), seconds(median), seconds(p90)
		if i := slices.IndexFunc(o.Weeks, func(x broker.DecidedWeek) bool { return x.From.Equal(w.From) }); i >= 0 {
			o.Weeks[i] = w
		}
		return nil
	}, decidedWeeks, first)
}

// weekOf is when the week of a time began.
func weekOf(t time.Time) time.Time {
	day := t.UTC().Truncate(24 * time.Hour)
	return day.AddDate(0, 0, -(int(day.Weekday())+6)%7)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// newestAsked finds disclosures from an id on, which begins with the time: by the primary key.
const newestAsked = `SELECT d.transaction_id, k.wrapped, e.idx, e.entry, e.statement
	FROM (SELECT id, entry, transaction_id FROM disclosures WHERE id >= $1::uuid ORDER BY id DESC LIMIT $2) d
	JOIN ledger_entries e ON e.idx = d.entry JOIN keys.owners k ON k.id = d.transaction_id`

func (s *Store) countAsked(ctx context.Context, o *broker.Overview) error {
	purposes, reasons := map[necessity.Purpose]*broker.PurposeCount{}, map[necessity.Reason]int{}
	from := uuidText(firstID(o.At.AddDate(0, 0, -broker.OverviewDays)))
	err := s.each(ctx, "count disclosures", func(rows *sql.Rows) error {
		d, err := s.scanAsked(rows)
		if err != nil {
			return err
		}
		if o.Counted++; o.Counted > broker.MostCounted {
			o.Counted, o.Incomplete = broker.MostCounted, true
			return nil
		}
		c := purposes[d.Purpose]
		if c == nil {
			c = &broker.PurposeCount{Purpose: d.Purpose}
			purposes[d.Purpose] = c
		}
		switch d.Decision {
		case "granted":
			c.Granted++
		case "pending":
			c.Pending++
		default:
			c.Refused++
			for _, r := range d.Reasons {
				reasons[r.Code]++
			}
		}
		return nil
	}, newestAsked, from, broker.MostCounted+1)
	for _, c := range purposes {
		o.Asked = append(o.Asked, *c)
	}
	for r, n := range reasons {
		o.Denied = append(o.Denied, broker.ReasonCount{Reason: r, N: n})
	}
	slices.SortFunc(o.Asked, func(a, b broker.PurposeCount) int {
		return cmp.Or(cmp.Compare(b.All(), a.All()), cmp.Compare(a.Purpose, b.Purpose))
	})
	slices.SortFunc(o.Denied, func(a, b broker.ReasonCount) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Reason, b.Reason))
	})
	return err
}

// firstID is the least id that a disclosure of a time can have.
func firstID(t time.Time) []byte {
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(t.UnixMilli())) //nolint:gosec // after 1970
	return append(ms[2:], make([]byte, 10)...)
}

func (s *Store) scanAsked(rows *sql.Rows) (broker.Decided, error) {
	var owner, index int64
	var wrapped, entry, sealed []byte
	if err := rows.Scan(&owner, &wrapped, &index, &entry, &sealed); err != nil {
		return broker.Decided{}, translate("count disclosures", err)
	}
	key, err := s.keys.unwrap(owner, wrapped)
	if err != nil {
		return broker.Decided{}, err
	}
	st, err := broker.OpenStatement(key, entry, sealed)
	if err != nil {
		return broker.Decided{}, notAsSigned(index, "its statement does not open", err)
	}
	d, err := broker.ParseDecided(st)
	if err != nil {
		return d, fmt.Errorf("read statement of entry %d: %w", index, err)
	}
	return d, nil
}

// countNotices is over the indexes of what waits and of what was given up.
func (s *Store) countNotices(ctx context.Context, o *broker.Overview) error {
	all, err := s.Backlogs(ctx)
	for _, b := range all {
		o.Waiting, o.GivenUp = o.Waiting+b.Waiting, o.GivenUp+b.Failed
	}
	return err
}

// countGlass counts sessions by their names, which begin with the time. What nobody has
// reviewed is counted however old it is; a session that still runs has nothing to review.
func (s *Store) countGlass(ctx context.Context, o *broker.Overview) error {
	const q = `SELECT (SELECT count(*) FROM break_glass WHERE name >= $1),
		(SELECT count(*) FROM break_glass WHERE state <> 'reviewed' AND NOT (state = 'open' AND due_at > $2))`
	err := s.db.QueryRowxContext(ctx, q, firstGlass(o.At.AddDate(0, 0, -broker.OverviewDays)), o.At).Scan(&o.Glass, &o.Unreviewed)
	if err != nil {
		return translate("count break-glass sessions", err)
	}
	const weeks = `SELECT date_trunc('week', cast(cast(facts AS jsonb) ->> 'opened_at' AS timestamptz) AT TIME ZONE 'UTC'), count(*) FILTER (WHERE state = 'reviewed'),
			count(*) FILTER (WHERE state <> 'reviewed' AND NOT (state = 'open' AND due_at > $2)), count(*) FILTER (WHERE state = 'open' AND due_at > $2)
		FROM break_glass WHERE name >= $1 GROUP BY 1`
	for i := range o.Weeks {
		o.GlassWeeks = append(o.GlassWeeks, broker.GlassWeek{From: o.Weeks[i].From})
	}
	return s.each(ctx, "count break-glass sessions", func(rows *sql.Rows) error {
		var w broker.GlassWeek
		if err := rows.Scan(&w.From, &w.Reviewed, &w.Unreviewed, &w.Open); err != nil {
			return translate("count break-glass sessions", err)
		}
		w.From = w.From.UTC()
		if i := slices.IndexFunc(o.GlassWeeks, func(x broker.GlassWeek) bool { return x.From.Equal(w.From) }); i >= 0 {
			o.GlassWeeks[i] = w
		}
		return nil
	}, weeks, firstGlass(o.Weeks[0].From), o.At)
}

// firstGlass is the least name that a session of a time can have.
func firstGlass(t time.Time) string {
	_, rest, _ := strings.Cut(string(broker.DisclosureOf(firstID(t))), "_")
	return "bgl_" + rest
}

// StatementKept opens what an entry says, whoever it is kept with, the deployment too;
// ErrNotFound where the key for that is gone.
func (s *Store) StatementKept(ctx context.Context, index int64) (ledger.Statement, error) {
	var entry, sealed, wrapped []byte
	var owner sql.NullInt64
	err := s.db.QueryRowxContext(ctx, `SELECT e.entry, e.statement, e.owner, k.wrapped FROM ledger_entries e LEFT JOIN keys.owners k ON k.id = e.owner
		WHERE e.idx = $1`, index).Scan(&entry, &sealed, &owner, &wrapped)
	if err != nil {
		return ledger.Statement{}, translate("find an entry", err)
	}
	e, err := ledger.ParseEntry(entry)
	if err != nil {
		return ledger.Statement{}, notAsSigned(index, "it cannot be read", err)
	}
	key := s.cfg.Keys.Auditor
	if k := keeperOf(e.Type); k == keptByParty || k == keptByTransaction {
		if key, err = s.keys.unwrap(owner.Int64, wrapped); err != nil {
			return ledger.Statement{}, errors.Join(broker.ErrNotFound, err)
		}
	}
	st, err := broker.OpenStatement(key, entry, sealed)
	if err != nil {
		return st, notAsSigned(index, "its statement does not open", err)
	}
	return st, nil
}
