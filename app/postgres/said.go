package postgres

import (
	"slices"

	"bauta.dev/bauta/broker"
)

// listening is who is told of what, as this broker last read it. It only
// decides whether a commit's statement has the part that asks webhooks itself:
// while nobody listens, nothing is said and nothing is paid for it.
type listening struct {
	all   bool
	kinds []broker.NoticeKind
}

func (l *listening) to(k broker.NoticeKind) bool {
	return l != nil && (l.all || slices.Contains(l.kinds, k))
}

// heed keeps who listens for the commits to come.
func (s *Store) heed(endpoints []broker.Endpoint) {
	var l *listening
	for i := range endpoints {
		if e := &endpoints[i]; e.DisabledAt.IsZero() {
			if l == nil {
				l = &listening{}
			}
			l.all = l.all || len(e.Kinds) == 0
			l.kinds = append(l.kinds, e.Kinds...)
		}
	}
	s.listening.Store(l)
}

// said is what a write says: notices to whoever listens to their kind, and timers.
type said struct {
	notices []broker.Notice
	timers  []broker.Timer
	at      int64   // of the write, in microseconds
	moved   []int64 // the transactions of which it moves what is to be said later
}

// prepareSaid is nil for a write that says nothing.
func (s *Store) prepareSaid(w *broker.Write) *said {
	l := s.listening.Load()
	if l == nil && len(w.Timers) == 0 {
		return nil
	}
	x := &said{timers: w.Timers, at: w.Record.At.UnixMicro()}
	for _, n := range w.Notices {
		if l.to(n.Kind) {
			x.notices = append(x.notices, n)
		}
	}
	if slices.ContainsFunc(laterKinds(), l.to) {
		if t := w.Transaction; t != nil && t.Version > 1 {
			x.moved = append(x.moved, int64(t.Row))
		}
		for _, row := range w.Moved {
			x.moved = append(x.moved, int64(row))
		}
	}
	if len(x.notices) == 0 && len(x.timers) == 0 && len(x.moved) == 0 {
		return nil
	}
	return x
}

func laterKinds() []broker.NoticeKind {
	return slices.DeleteFunc(broker.NoticeKinds(), func(k broker.NoticeKind) bool { return !k.Later() })
}

// saidColumns are what a batch says, column by column.
type saidColumns struct {
	kind         []int16
	tx, entry    []int64
	due          []int64
	id           [][]byte
	tKind        []int16
	tTx, tEntry  []int64
	tDue         []int64
	tID          [][]byte
	moved, atMov []int64
}

func (c *saidColumns) lay(j *job, index int64) {
	x := j.said
	if x == nil {
		return
	}
	for _, n := range x.notices {
		due := x.at
		if !n.DueAt.IsZero() {
			due = n.DueAt.UnixMicro()
		}
		c.kind, c.tx, c.entry = append(c.kind, int16(n.Kind)), append(c.tx, int64(n.Transaction)), append(c.entry, index)
		c.due, c.id = append(c.due, due), append(c.id, idOrZero(n.Disclosure))
	}
	for _, t := range x.timers {
		c.tKind, c.tTx, c.tEntry = append(c.tKind, int16(t.Kind)), append(c.tTx, int64(t.Transaction)), append(c.tEntry, index)
		c.tDue, c.tID = append(c.tDue, t.DueAt.UnixMicro()), append(c.tID, idOrZero(t.Disclosure))
	}
	for _, row := range x.moved {
		c.moved, c.atMov = append(c.moved, row), append(c.atMov, x.at)
	}
}

// add hangs the rows on the commit's head. Who listens is read in its snapshot.
func (c *saidColumns) add(s *statement) {
	if len(c.kind) > 0 {
		s.add(`, said AS (
			INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
			SELECT w.id, n.kind, n.tx, n.disclosure, n.entry, to_timestamp(n.due / 1e6), to_timestamp(n.due / 1e6)
			FROM head, unnest(?::int2[], ?::int8[], ?::uuid[], ?::int8[], ?::int8[]) WITH ORDINALITY AS n(kind, tx, disclosure, entry, due, ord)
			JOIN webhooks w ON w.disabled_at IS NULL AND (w.kinds = '{}' OR n.kind = ANY (w.kinds))
			ORDER BY n.ord, w.id
		)`, int2s(c.kind), int8s(c.tx), uuids(c.id), int8s(c.entry), int8s(c.due))
	}
	if len(c.tKind) > 0 {
		s.add(`, timed AS (
			INSERT INTO outbox (endpoint, kind, transaction_id, disclosure, entry, due_at, next_at)
			SELECT 0, t.kind, t.tx, t.disclosure, t.entry, to_timestamp(t.due / 1e6), to_timestamp(t.due / 1e6)
			FROM head, unnest(?::int2[], ?::int8[], ?::uuid[], ?::int8[], ?::int8[]) AS t(kind, tx, disclosure, entry, due)
		)`, int2s(c.tKind), int8s(c.tTx), uuids(c.tID), int8s(c.tEntry), int8s(c.tDue))
	}
	if len(c.moved) > 0 {
		// What waits for its time is looked at again: the facts may have moved it. One
		// that is being looked at meanwhile is too, whatever that look finds: it was
		// of the facts before, and its attempt is not the last one any more.
		s.add(`, moved AS (
			UPDATE outbox SET due_at = least(due_at, to_timestamp(m.at / 1e6)), next_at = to_timestamp(m.at / 1e6), attempts = attempts + 1
			FROM head, unnest(?::int8[], ?::int8[]) AS m(tx, at)
			WHERE outbox.transaction_id = m.tx AND outbox.state = 0 AND outbox.endpoint > 0 AND outbox.kind = ANY (?::int2[])
		)`, int8s(c.moved), int8s(c.atMov), int2s(kindNumbers(laterKinds())))
	}
}
