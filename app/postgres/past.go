package postgres

import (
	"context"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"runtime"
	"sync"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/hindsight"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// pastBatch is how many past requests are read at a time: what bounds the
// memory of a replay, and the age of its snapshots.
const pastBatch = 512

// pastQuery reads past requests in the order of their ids, each with what opens
// its statement. The short values are packed into one, for the driver's sake; the
// long ones are not, for PostgreSQL would copy them at every step.
const pastQuery = `SELECT uuid_send(d.id) || int8send(d.entry) || int8send(d.requester) || int8send(t.id) || int8send(t.version) || int8send(t.buyer) || int8send(t.seller) ||
		int4send(octet_length(t.mac)) || t.mac || int4send(octet_length(t.name)) || convert_to(t.name, 'UTF8') || int4send(octet_length(t.facts)) || t.facts ||
		int4send(octet_length(k.wrapped)) || k.wrapped, e.entry, e.statement
	FROM disclosures d JOIN ledger_entries e ON e.idx = d.entry JOIN transactions t ON t.id = d.transaction_id JOIN keys.owners k ON k.id = t.id
	WHERE d.id > $1::uuid AND d.id <= $2::uuid ORDER BY d.id LIMIT $3`

// ReplayRequests decides every past request since a time anew, on all cores, and joins
// what each of them counts. It reads in short statements, in the order of time,
// and up to what was there when it began; memory is constant.
func (s *Store) ReplayRequests(ctx context.Context, since time.Time, tally func() *hindsight.Tally, progress func(done, total int64)) (*hindsight.Tally, error) {
	session, err := s.session(ctx)
	if err != nil {
		return nil, translate("read past requests", err)
	}
	defer discard(session)
	r := &replay{session: session, batches: make(chan []pastRow, 1)}
	if err := r.begin(ctx); err != nil {
		return nil, err
	}
	var workers sync.WaitGroup
	tallies := make([]*hindsight.Tally, runtime.GOMAXPROCS(0))
	for i := range tallies {
		tallies[i] = tally()
		workers.Go(func() {
			o := &opener{s, hindsight.NewReader()}
			for batch := range r.batches {
				for n := range batch {
					o.replay(&batch[n], tallies[i])
				}
			}
		})
	}
	err = r.read(ctx, since, progress)
	close(r.batches)
	workers.Wait()
	for _, t := range tallies[1:] {
		tallies[0].Add(t)
	}
	return tallies[0], err
}

// pastRow is one past request: the short values, the entry, the sealed statement.
type pastRow struct{ head, entry, statement []byte }

type replay struct {
	session *sql.Conn
	past    *sql.Stmt
	newest  []byte // id when it began; nil: there is none
	last    int64  // the newest entry when it began
	batches chan []pastRow
}

// begin makes the session find its way by index alone, whatever the statistics
// of the tables say.
func (r *replay) begin(ctx context.Context) error {
	for _, off := range []string{"enable_seqscan", "enable_hashjoin", "enable_mergejoin", "enable_bitmapscan", "enable_sort", "jit"} {
		if _, err := r.session.ExecContext(ctx, `SET `+off+` = off`); err != nil {
			return translate("read past requests", err)
		}
	}
	const q = `SELECT coalesce((SELECT max(size) FROM ledger_checkpoints), 0) - 1, (SELECT uuid_send(id) FROM disclosures ORDER BY id DESC LIMIT 1)`
	err := r.session.QueryRowContext(ctx, q).Scan(&r.last, &r.newest)
	if err == nil {
		r.past, err = r.session.PrepareContext(ctx, pastQuery) // prepared, bytes come as bytes
	}
	return translate("read past requests", err)
}

func (r *replay) read(ctx context.Context, since time.Time, progress func(done, total int64)) error {
	after := sinceID(since)
	first := int64(-1)
	for r.newest != nil {
		batch, err := r.batch(ctx, after)
		if err != nil || len(batch) == 0 {
			return err
		}
		newest := batch[len(batch)-1]
		copy(after, newest.head[:16])
		entry := int64(binary.BigEndian.Uint64(newest.head[16:])) //nolint:gosec // an index
		if first < 0 {
			first = int64(binary.BigEndian.Uint64(batch[0].head[16:])) //nolint:gosec // an index
		}
		select {
		case r.batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		progress(min(entry, r.last)-first+1, max(r.last-first+1, 1))
	}
	return nil
}

// sinceID is below every id of that time and later.
func sinceID(since time.Time) []byte {
	id := make([]byte, 16)
	if since.IsZero() {
		return id
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(since.UnixMilli())) //nolint:gosec // after 1970
	copy(id, ms[2:])
	return id
}

func (r *replay) batch(ctx context.Context, after []byte) ([]pastRow, error) {
	rows, err := r.past.QueryContext(ctx, hex.EncodeToString(after), hex.EncodeToString(r.newest), pastBatch)
	if err != nil {
		return nil, translate("read past requests", err)
	}
	defer func() { _ = rows.Close() }()
	batch := make([]pastRow, 0, pastBatch)
	for rows.Next() {
		var row pastRow
		if err := rows.Scan(&row.head, &row.entry, &row.statement); err != nil {
			return nil, translate("read past requests", err)
		}
		batch = append(batch, row)
	}
	return batch, translate("read past requests", rows.Err())
}

// opener opens past requests, for one worker.
type opener struct {
	s      *Store
	reader *hindsight.Reader
}

// replay opens and replays one request. What does not open, because its key was
// destroyed or it was tampered with, is counted: ledger check tells which.
func (o *opener) replay(row *pastRow, t *hindsight.Tally) {
	u := unpacker{b: row.head[24:]} // after id and index
	x := transactionRow{}
	requester := u.int8()
	x.id, x.version, x.buyer, x.seller = u.int8(), u.int8(), u.int8(), u.int8()
	x.mac, x.name, x.facts, x.wrapped = u.bytes(), string(u.bytes()), u.bytes(), u.bytes()
	if u.err == nil {
		if request, ok := o.open(&x, requester, row.entry, row.statement); ok {
			t.Replay(request)
			return
		}
	}
	t.Unread++
}

func (o *opener) open(x *transactionRow, requester int64, entry, sealed []byte) (*hindsight.Request, bool) {
	kind, key, err := o.s.keptBy(x)
	if err != nil {
		return nil, false
	}
	statement, err := broker.OpenWritten(key, entry, sealed)
	if err != nil {
		return nil, false
	}
	role := necessity.Seller
	if requester == x.buyer {
		role = necessity.Buyer
	}
	return o.reader.Read(statement, kind, role)
}

// keptBy is a transaction's kind and key; nothing else is read of its facts.
func (s *Store) keptBy(x *transactionRow) (necessity.Kind, masking.Key, error) {
	if len(x.facts) > 1 && x.facts[0] != transactionForm { // of a release before
		t, err := s.transaction(x, "", "")
		return t.Kind, t.Key, err
	}
	if !s.mac.CheckMAC(x.mac, "transaction/v1", numbers(x.id, x.version, x.buyer, x.seller), []byte(x.name), x.facts) {
		return "", masking.Key{}, &forgedError{"transaction"}
	}
	r := factReader{b: x.facts[1:]}
	kind := wordOf(&r, transactionKinds)
	key, err := s.keys.unwrap(x.id, x.wrapped)
	return kind, key, err
}
