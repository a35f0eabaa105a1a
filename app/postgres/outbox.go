package postgres

import (
	"context"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Delivery is a row of the outbox that somebody has taken. It is his until the
// lease that he took it with is over: a process that dies has lost nothing but
// that time.
type Delivery struct {
	ID        int64
	Attempt   int    // from 1
	MessageID string // the same at every attempt, at every endpoint and when it is replayed
	Notice    broker.DueNotice
}

// Timer is the delivery as a timer.
func (d *Delivery) Timer() broker.DueTimer {
	return broker.DueTimer{Entry: d.Notice.Entry, Timer: broker.Timer{
		Kind: broker.TimerKind(d.Notice.Kind), Disclosure: d.Notice.Disclosure, Transaction: d.Notice.Of, DueAt: d.Notice.DueAt,
	}}
}

// End is how a delivery ends; the numbers are stored.
type End int16

// Ends of deliveries.
const (
	Done End = iota + 1
	GivenUp
	NothingToSay
)

// takeNotices: of each transaction only the first that waits is taken, so that
// nothing is told before what came before it. What waits for its time holds up nobody.
const takeNotices = `
	WITH due AS (
		SELECT o.id FROM outbox o
		WHERE o.endpoint = $1 AND o.state = 0 AND o.next_at <= $2 AND NOT EXISTS (
			SELECT FROM outbox e WHERE e.transaction_id = o.transaction_id AND e.endpoint = o.endpoint AND e.state = 0 AND e.id < o.id AND e.due_at <= $2)
		ORDER BY o.next_at, o.id LIMIT $3 FOR UPDATE OF o SKIP LOCKED)
	UPDATE outbox SET next_at = $4, attempts = attempts + 1 FROM due WHERE outbox.id = due.id`

const takeTimers = `
	WITH due AS (
		SELECT o.id FROM outbox o WHERE o.endpoint = 0 AND o.state = 0 AND o.next_at <= $1 AND o.kind = ANY ($4::int2[])
		ORDER BY o.next_at, o.id LIMIT $2 FOR UPDATE OF o SKIP LOCKED)
	UPDATE outbox SET next_at = $3, attempts = attempts + 1 FROM due WHERE outbox.id = due.id`

const taken = ` RETURNING outbox.id, outbox.attempts, outbox.kind, outbox.transaction_id, encode(uuid_send(outbox.disclosure), 'hex'), outbox.entry, outbox.due_at`

// TakeNotices takes what an endpoint is to be told now, at most so many, for as
// long as the lease.
func (s *Store) TakeNotices(ctx context.Context, endpoint int64, most int, lease time.Duration) ([]Delivery, error) {
	now := s.cfg.Now()
	return s.take(ctx, takeNotices+taken, endpoint, now, most, now.Add(lease))
}

// TakeTimers takes timers of the given kinds whose time has come; those of other
// kinds are for brokers that know them.
func (s *Store) TakeTimers(ctx context.Context, kinds []broker.TimerKind, most int, lease time.Duration) ([]Delivery, error) {
	now := s.cfg.Now()
	return s.take(ctx, takeTimers+taken, now, most, now.Add(lease), int2s(kindNumbers(kinds)))
}

func (s *Store) take(ctx context.Context, q string, args ...any) ([]Delivery, error) {
	rows, err := s.db.QueryContext(ctx, q, args...)
	if err != nil {
		return nil, translate("take from outbox", err)
	}
	defer func() { _ = rows.Close() }()
	var all []Delivery
	for rows.Next() {
		var d Delivery
		var id sql.NullString
		if err := rows.Scan(&d.ID, &d.Attempt, &d.Notice.Kind, &d.Notice.Of, &id, &d.Notice.Entry, &d.Notice.DueAt); err != nil {
			return nil, translate("read outbox", err)
		}
		raw, err := hex.DecodeString(id.String)
		if err != nil {
			return nil, fmt.Errorf("read outbox row %d: %w", d.ID, err)
		}
		if len(raw) == 16 && [16]byte(raw) != [16]byte{} {
			d.Notice.Disclosure = broker.DisclosureOf(raw)
		}
		d.MessageID = s.messageID(&d.Notice)
		all = append(all, d)
	}
	return all, translate("take from outbox", rows.Err())
}

// messageID says which message it is, and to nobody without the key what it is about.
func (s *Store) messageID(n *broker.DueNotice) string {
	mac := s.mac.MAC("webhook_id/v1", []byte(n.Disclosure), numbers(int64(n.Kind), n.Entry))
	return "msg_" + hex.EncodeToString(mac[:16])
}

// Finish ends a delivery with the status of the last answer, 0 if there was none.
// Of one that somebody else has taken meanwhile, it is still true.
func (s *Store) Finish(ctx context.Context, d *Delivery, how End, status int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE outbox SET state = $2, status = $3, done_at = $4 WHERE id = $1 AND state = 0`, d.ID, int16(how), status, s.cfg.Now())
	return translate("finish delivery", err)
}

// Retry puts a delivery off, unless somebody else has taken it meanwhile.
func (s *Store) Retry(ctx context.Context, d *Delivery, at time.Time, status int) error {
	_, err := s.db.ExecContext(ctx, `UPDATE outbox SET next_at = $3, status = $4 WHERE id = $1 AND state = 0 AND attempts = $2`, d.ID, d.Attempt, at, status)
	return translate("put off delivery", err)
}

// Await gives a delivery another time to be due, as if it had not been taken.
func (s *Store) Await(ctx context.Context, d *Delivery, at time.Time) error {
	_, err := s.db.ExecContext(ctx, `UPDATE outbox SET due_at = $3, next_at = $3, attempts = 0 WHERE id = $1 AND state = 0 AND attempts = $2`, d.ID, d.Attempt, at)
	return translate("await delivery", err)
}

// GiveBack gives up a lease: the attempt was not made.
func (s *Store) GiveBack(ctx context.Context, d *Delivery) error {
	_, err := s.db.ExecContext(ctx, `UPDATE outbox SET next_at = $3, attempts = attempts - 1 WHERE id = $1 AND state = 0 AND attempts = $2`, d.ID, d.Attempt, s.cfg.Now())
	return translate("give delivery back", err)
}

// Replay selects messages that were delivered or given up.
type Replay struct {
	Endpoint int64     // 0: every one
	Since    time.Time // due then or later
	From     int64     // about this entry or a later one
	Failed   bool      // only those that were given up
}

// Replay has them told once more, under their old ids, and says how many they are.
func (s *Store) Replay(ctx context.Context, r Replay) (n int64, err error) {
	q := `UPDATE outbox SET state = 0, done_at = NULL, attempts = 0, next_at = $1 WHERE endpoint > 0 AND state = ANY ($2::int2[]) AND due_at >= $3 AND entry >= $4
		AND endpoint IN (SELECT id FROM webhooks)`
	states := []int16{int16(Done), int16(GivenUp)}
	if r.Failed {
		states = states[1:]
	}
	args := []any{s.cfg.Now(), int2s(states), r.Since, r.From}
	if r.Endpoint != 0 {
		q += ` AND endpoint = $5`
		args = append(args, r.Endpoint)
	}
	done, err := s.db.ExecContext(ctx, q, args...)
	if err != nil {
		return 0, translate("replay", err)
	}
	return done.RowsAffected()
}

// Backlog is what an endpoint has not been told.
type Backlog struct {
	Waiting, Failed int64
	Oldest          time.Time // when the oldest of those that wait was due; zero: none waits
}

// Backlogs by endpoint, of what is due.
func (s *Store) Backlogs(ctx context.Context) (map[int64]Backlog, error) {
	const q = `SELECT w.id, o.n, (SELECT count(*) FROM outbox g WHERE g.endpoint = w.id AND g.state = 2), o.oldest
		FROM webhooks w, LATERAL (SELECT count(*) AS n, min(due_at) AS oldest FROM (
			SELECT due_at FROM outbox WHERE endpoint = w.id AND state = 0 AND attempts > 0 UNION ALL
			SELECT due_at FROM outbox WHERE endpoint = w.id AND state = 0 AND attempts = 0 AND next_at <= $1) AS waiting) o`
	rows, err := s.db.QueryContext(ctx, q, s.cfg.Now())
	if err != nil {
		return nil, translate("count outbox", err)
	}
	defer func() { _ = rows.Close() }()
	all := map[int64]Backlog{}
	for rows.Next() {
		var id int64
		var b Backlog
		var oldest sql.NullTime
		if err := rows.Scan(&id, &b.Waiting, &b.Failed, &oldest); err != nil {
			return nil, translate("count outbox", err)
		}
		b.Oldest = oldest.Time
		all[id] = b
	}
	return all, translate("count outbox", rows.Err())
}

// Spoken is signalled when a commit of this broker's said something.
func (s *Store) Spoken() <-chan struct{} { return s.spoken }

func (s *Store) speak() {
	select {
	case s.spoken <- struct{}{}:
	default: // somebody is about to look
	}
}

// kept is how long a message can be replayed.
const kept = 30 * 24 * time.Hour

// sweepOutbox takes away what can't be replayed any more, and what is for
// endpoints that are no more. It waits for no row that somebody else holds.
func (s *Store) sweepOutbox(ctx context.Context) error {
	const most = 10_000
	over := s.cfg.Now().Add(-kept)
	for _, which := range []string{`o.state <> 0 AND o.done_at < $1`, `o.state = 0 AND o.endpoint > 0 AND o.endpoint NOT IN (SELECT id FROM webhooks) AND $1::timestamptz IS NOT NULL`} {
		for n := int64(most); n == most; {
			r, err := s.db.ExecContext(ctx, `DELETE FROM outbox WHERE id IN (SELECT o.id FROM outbox o WHERE `+which+` LIMIT `+strconv.Itoa(most)+` FOR UPDATE SKIP LOCKED)`, over)
			if err != nil {
				return translate("sweep outbox", err)
			}
			if n, err = r.RowsAffected(); err != nil {
				return translate("sweep outbox", err)
			}
		}
	}
	return nil
}

// Statement opens what an entry says. One that is kept with another key is not
// there for who has this one.
func (s *Store) Statement(ctx context.Context, index int64, keeper masking.Key) (ledger.Statement, error) {
	var entry, sealed []byte
	err := s.db.QueryRowxContext(ctx, `SELECT entry, statement FROM ledger_entries WHERE idx = $1`, index).Scan(&entry, &sealed)
	if err != nil {
		return ledger.Statement{}, translate("read statement", err)
	}
	st, err := broker.OpenStatement(keeper, entry, sealed)
	if err != nil {
		return st, errors.Join(broker.ErrNotFound, fmt.Errorf("open statement of entry %d: %w", index, err))
	}
	return st, nil
}

// StatementAt opens what an entry says with the key of whoever it is kept with.
func (s *Store) StatementAt(ctx context.Context, index int64) (ledger.Statement, error) {
	var owner int64
	var wrapped []byte
	err := s.db.QueryRowxContext(ctx, `SELECT k.id, k.wrapped FROM ledger_entries e JOIN keys.owners k ON k.id = e.owner WHERE e.idx = $1`, index).Scan(&owner, &wrapped)
	if err != nil {
		return ledger.Statement{}, translate("find whose an entry is", err)
	}
	key, err := s.keys.unwrap(owner, wrapped)
	if err != nil {
		return ledger.Statement{}, errors.Join(broker.ErrNotFound, fmt.Errorf("unwrap the key of entry %d: %w", index, err))
	}
	return s.Statement(ctx, index, key)
}

func kindNumbers[K ~int16](kinds []K) []int16 {
	ks := make([]int16, len(kinds))
	for i, k := range kinds {
		ks[i] = int16(k)
	}
	return ks
}

func parseKinds(text string) (ks []int16, err error) {
	for word := range strings.SplitSeq(text, ",") {
		if word == "" {
			continue
		}
		k, err := strconv.ParseInt(word, 10, 16)
		if err != nil {
			return nil, fmt.Errorf("read kinds: %w", err)
		}
		ks = append(ks, int16(k))
	}
	return ks, nil
}
