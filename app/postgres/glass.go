package postgres

import (
	"context"
	"database/sql"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// glassRow is a row of break_glass.
type glassRow struct {
	id, transaction, version int64
	name, account, state     string
	holds                    bool
	due                      time.Time
	facts, mac               []byte
}

func (s *Store) macGlass(r *glassRow) []byte {
	return s.mac.MAC("break_glass/v1", numbers(r.id, r.transaction, r.version), []byte(r.name), []byte(r.account), r.facts)
}

// newGlassRow lays a record out; what it is found by follows from its facts.
func (s *Store) newGlassRow(g *broker.GlassRecord) (*glassRow, error) {
	facts, err := writeFacts("break-glass session", &g.GlassFacts)
	if err != nil {
		return nil, err
	}
	r := &glassRow{
		id: int64(g.Row), transaction: int64(g.Transaction), version: g.Version, name: string(g.ID), account: g.Account, state: string(g.State),
		holds: g.Holds(), due: g.Deadline, facts: facts,
	}
	r.mac = s.macGlass(r)
	return r, nil
}

const glassColumns = `SELECT g.id, g.transaction_id, g.version, g.name, g.account, g.state, g.holds, nullif(g.due_at, 'infinity'), g.facts, g.mac FROM break_glass g`

// scanGlass checks a row: its facts against the MAC, and what it is found by against
// its facts.
func (s *Store) scanGlass(rows interface{ Scan(into ...any) error }) (*broker.GlassRecord, error) {
	var r glassRow
	var due sql.NullTime
	if err := rows.Scan(&r.id, &r.transaction, &r.version, &r.name, &r.account, &r.state, &r.holds, &due, &r.facts, &r.mac); err != nil {
		return nil, translate("read break-glass session", err)
	}
	g := &broker.GlassRecord{Row: broker.Row(r.id), ID: broker.GlassID(r.name), Transaction: broker.Row(r.transaction), Account: r.account, Version: r.version}
	if err := readFacts("break-glass session", r.mac, s.macGlass(&r), r.facts, &g.GlassFacts); err != nil {
		return nil, err
	}
	if r.state != string(g.State) || r.holds != g.Holds() || !sameTime(due.Time, g.Deadline) {
		return nil, &forgedError{"break-glass session"}
	}
	return g, nil
}

func (s *Store) findGlass(ctx context.Context, where string, arg any) (*broker.GlassRecord, error) {
	return s.scanGlass(s.db.QueryRowContext(ctx, glassColumns+where, arg))
}

// GlassByID finds a session.
func (s *Store) GlassByID(ctx context.Context, id broker.GlassID) (*broker.GlassRecord, error) {
	return s.findGlass(ctx, ` WHERE g.name = $1`, string(id))
}

// GlassByRow finds one by its number.
func (s *Store) GlassByRow(ctx context.Context, r broker.Row) (*broker.GlassRecord, error) {
	return s.findGlass(ctx, ` WHERE g.id = $1`, int64(r))
}

func (s *Store) glasses(ctx context.Context, q string, args ...any) (all []broker.GlassRecord, err error) {
	err = s.each(ctx, "list break-glass sessions", func(rows *sql.Rows) error {
		g, err := s.scanGlass(rows)
		if err == nil {
			all = append(all, *g)
		}
		return err
	}, q, args...)
	return all, err
}

// Glasses lists sessions: those that are not reviewed by what is due first, else the
// newest first. The cursor is what comes first in that order of the last one seen.
func (s *Store) Glasses(ctx context.Context, f broker.GlassFilter) ([]broker.GlassRecord, string, error) {
	var c conditions
	if f.Account != "" {
		c.all = append(c.all, `g.account = `+c.arg(f.Account))
	}
	order := ` ORDER BY g.id DESC`
	if f.Unreviewed {
		c.all = append(c.all, `g.state <> 'reviewed'`)
		order = ` ORDER BY g.due_at, g.id`
	}
	if f.After != "" {
		if err := c.glassAfter(f); err != nil {
			return nil, "", err
		}
	}
	where := ""
	if len(c.all) > 0 {
		where = ` WHERE ` + strings.Join(c.all, ` AND `)
	}
	all, err := s.glasses(ctx, glassColumns+where+order+` LIMIT `+c.arg(f.Limit+1), c.args...)
	if err != nil || len(all) <= f.Limit {
		return all, "", err
	}
	all = all[:f.Limit]
	last := &all[f.Limit-1]
	next := strconv.FormatInt(int64(last.Row), 36)
	if f.Unreviewed {
		next = strconv.FormatInt(last.Deadline.UnixMicro(), 36) + "." + next
	}
	return all, next, nil
}

func (c *conditions) glassAfter(f broker.GlassFilter) error {
	due, row, timed := strings.Cut(f.After, ".")
	if !timed {
		row = due
	}
	id, err := strconv.ParseInt(row, 36, 64)
	if err != nil || timed != f.Unreviewed {
		return broker.ErrCursor.Pointing("")
	}
	if !timed {
		c.all = append(c.all, `g.id < `+c.arg(id))
		return nil
	}
	micros, err := strconv.ParseInt(due, 36, 64)
	if err != nil {
		return broker.ErrCursor.Pointing("")
	}
	c.all = append(c.all, `(g.due_at, g.id) > (`+c.arg(time.UnixMicro(micros).UTC())+`::timestamptz, `+c.arg(id)+`)`)
	return nil
}

// GlassesHeld are those of an account that hold, and how many it has ever opened. What
// holds is read after the count: one that is opened between the two fails the guard.
func (s *Store) GlassesHeld(ctx context.Context, account string) (held []broker.GlassRecord, all int, err error) {
	if err := s.db.GetContext(ctx, &all, `SELECT count(*) FROM break_glass WHERE account = $1`, account); err != nil || all == 0 {
		return nil, all, translate("count break-glass sessions", err)
	}
	held, err = s.glasses(ctx, glassColumns+` WHERE g.account = $1 AND g.holds ORDER BY g.id`, account)
	return held, all, err
}

// GlassesOf are those about transactions of a party in which something was revealed.
func (s *Store) GlassesOf(ctx context.Context, party broker.Row) ([]broker.GlassRecord, error) {
	all, err := s.glasses(ctx, glassColumns+` JOIN transactions t ON t.id = g.transaction_id WHERE t.buyer = $1 OR t.seller = $1 ORDER BY g.id`, int64(party))
	revealed := all[:0]
	for i := range all {
		if all[i].Reveals > 0 {
			revealed = append(revealed, all[i])
		}
	}
	return revealed, err
}

// GlassEntries are the entries about a session, in the order of the log.
func (s *Store) GlassEntries(ctx context.Context, r *broker.GlassRecord, keeper masking.Key) ([]broker.Recorded, error) {
	return s.recorded(ctx, "read entries of a break-glass session", keeper, glassTrail().entries(), int64(r.Row))
}

// prepareGlass lays the row of a session, and guards it.
func (s *Store) prepareGlass(j *job) (err error) {
	g := j.w.Glass
	if g == nil {
		return nil
	}
	if j.glass, err = s.newGlassRow(g); err != nil {
		return err
	}
	j.guards = append(j.guards, guard{what: watchGlass, id: int64(g.Row), version: g.Version - 1})
	j.touch(watchGlass, string(g.ID), true)
	if n := j.w.ExpectGlasses; n != nil {
		j.guards = append(j.guards, guard{what: watchGlassOf, version: int64(n.Count), key: []byte(n.Account)})
		j.touch(watchGlassOf, n.Account, true)
	}
	return nil
}

// glassStatements are the cold statements of a session; index is its entry's.
func (j *job) glassStatements(index int64, add func(n int, query string, args ...any)) {
	r := j.glass
	if r == nil {
		return
	}
	add(1, `INSERT INTO break_glass (id, name, transaction_id, account, version, state, holds, due_at, facts, mac)
		VALUES ($1, $2, $3, $4, $5, $6, $7, coalesce($8::timestamptz, 'infinity'), $9, $10)
		ON CONFLICT (id) DO UPDATE SET version = excluded.version, state = excluded.state, holds = excluded.holds, due_at = excluded.due_at,
			facts = excluded.facts, mac = excluded.mac`,
		r.id, r.name, r.transaction, r.account, r.version, r.state, r.holds, nullTime(r.due), string(r.facts), r.mac)
	add(1, `INSERT INTO break_glass_entries (session, version, entry) VALUES ($1, $2, $3)`, r.id, r.version, index)
}
