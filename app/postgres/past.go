package postgres

import (
	"context"
	"crypto/hmac"
	"database/sql"
	"encoding/binary"
	"encoding/hex"
	"runtime"
	"slices"
	"sync"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/hindsight"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// pastBatch is how many past requests are read at a time: what bounds the
// memory of a replay, and the age of its snapshots. mostPast is how many
// transactions are remembered, each with its key: some 10 MiB.
const (
	pastBatch = 1024
	mostPast  = 8192
)

// Past requests are read in the order of their ids, as one value in the binary
// form of rows (record_send in PostgreSQL's source): the driver's work for each
// row and column was more than that of opening it. Their transactions are looked
// up apart, once for all the requests that are near each other: that was two
// thirds of PostgreSQL's work.
const (
	pastQuery = `SELECT string_agg(record_send(past), '') FROM (
		SELECT d.id, d.entry AS idx, d.requester, d.transaction_id, e.entry, e.statement
		FROM disclosures d JOIN ledger_entries e ON e.idx = d.entry
		WHERE d.id > $1::uuid AND d.id <= $2::uuid ORDER BY d.id LIMIT $3) AS past`
	pastTransactionQuery = `SELECT string_agg(record_send(past), '') FROM (
		SELECT t.id, t.version, t.buyer, t.seller, t.mac, t.name, t.facts, k.wrapped
		FROM unnest($1::int8[]) AS wanted(id) JOIN transactions t ON t.id = wanted.id JOIN keys.owners k ON k.id = wanted.id) AS past`
)

// ReplayRequests decides every past request since a time anew, on all cores, and joins
// what each of them counts. It reads in short statements, in the order of time,
// and up to what was there when it began; memory is constant.
func (s *Store) ReplayRequests(ctx context.Context, since time.Time, tally func() *hindsight.Tally, progress func(done, total int64)) (*hindsight.Tally, error) {
	session, err := s.session(ctx)
	if err != nil {
		return nil, translate("read past requests", err)
	}
	defer discard(session)
	r := &replay{session: session, known: map[int64]*pastTransaction{}, batches: make(chan []pastRow, 1)}
	if err := r.begin(ctx); err != nil {
		return nil, translate("read past requests", err)
	}
	var workers sync.WaitGroup
	tallies := make([]*hindsight.Tally, min(runtime.GOMAXPROCS(0), runtime.NumCPU()))
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
	return tallies[0], translate("read past requests", err)
}

// pastRow is one past request. Its bytes are the batch's.
type pastRow struct {
	id               []byte
	index, requester int64
	of               int64            // the transaction
	transaction      *pastTransaction // nil where its key was destroyed
	entry, statement []byte
}

// replay reads; workers open what it hands them.
type replay struct {
	session     *sql.Conn
	past, about *sql.Stmt
	newest      []byte // id when it began; nil: there is none
	last        int64  // the newest entry when it began
	known       map[int64]*pastTransaction
	batches     chan []pastRow
}

// begin makes the session find its way by index alone, whatever the statistics
// of the tables say, and plan once.
func (r *replay) begin(ctx context.Context) error {
	for setting, value := range fast {
		if _, err := r.session.ExecContext(ctx, `SET `+setting+` = `+value); err != nil {
			return err
		}
	}
	if _, err := r.session.ExecContext(ctx, `SET enable_sort = off`); err != nil {
		return err
	}
	const q = `SELECT coalesce((SELECT max(size) FROM ledger_checkpoints), 0) - 1, (SELECT uuid_send(id) FROM disclosures ORDER BY id DESC LIMIT 1)`
	err := r.session.QueryRowContext(ctx, q).Scan(&r.last, &r.newest)
	if err != nil {
		return err
	}
	if r.past, err = r.session.PrepareContext(ctx, pastQuery); err == nil { // prepared, bytes come as bytes
		r.about, err = r.session.PrepareContext(ctx, pastTransactionQuery)
	}
	return err
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
		if after = newest.id; first < 0 {
			first = batch[0].index
		}
		select {
		case r.batches <- batch:
		case <-ctx.Done():
			return ctx.Err()
		}
		progress(min(newest.index, r.last)-first+1, max(r.last-first+1, 1))
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

// batch reads the next requests after an id, with their transactions.
func (r *replay) batch(ctx context.Context, after []byte) ([]pastRow, error) {
	var sent []byte
	if err := r.past.QueryRowContext(ctx, hex.EncodeToString(after), hex.EncodeToString(r.newest), pastBatch).Scan(&sent); err != nil {
		return nil, err
	}
	batch := make([]pastRow, 0, pastBatch)
	for u := (unpacker{b: sent}); len(u.b) > 0; {
		u.int4() // how many columns
		row := pastRow{id: u.column(), index: u.column8(), requester: u.column8(), of: u.column8(), entry: u.column(), statement: u.column()}
		if u.err != nil {
			return nil, u.err
		}
		batch = append(batch, row)
	}
	if err := r.look(ctx, batch); err != nil {
		return nil, err
	}
	for i := range batch {
		batch[i].transaction = r.known[batch[i].of]
	}
	return batch, nil
}

// look reads the transactions of a batch that are not remembered. Where there is
// no room for them, it begins to remember anew.
func (r *replay) look(ctx context.Context, batch []pastRow) error {
	if len(r.known)+len(batch) > mostPast {
		clear(r.known)
	}
	var wanted []int64
	for i := range batch {
		if _, ok := r.known[batch[i].of]; !ok {
			r.known[batch[i].of] = nil // until it is found
			wanted = append(wanted, batch[i].of)
		}
	}
	if len(wanted) == 0 {
		return nil
	}
	slices.Sort(wanted)
	var sent []byte
	if err := r.about.QueryRowContext(ctx, int8s(wanted)).Scan(&sent); err != nil {
		return err
	}
	for u := (unpacker{b: sent}); len(u.b) > 0; {
		u.int4() // how many columns
		b := &pastTransaction{row: transactionRow{
			id: u.column8(), version: u.column8(), buyer: u.column8(), seller: u.column8(),
			mac: u.column(), name: string(u.column()), facts: u.column(), wrapped: u.column(),
		}}
		if u.err != nil {
			return u.err
		}
		r.known[b.row.id] = b
	}
	return nil
}

// pastTransaction is what requests need of their transaction.
type pastTransaction struct {
	row    transactionRow
	opened sync.Once
	kind   necessity.Kind
	key    masking.Key
	err    error
}

// open checks and unwraps: the first worker who needs it does.
func (b *pastTransaction) open(s *Store) error {
	b.opened.Do(func() {
		b.kind, b.key, b.err = s.keptBy(&b.row)
		b.row.mac, b.row.facts, b.row.wrapped = nil, nil, nil // the batch's
	})
	return b.err
}

// opener opens past requests, for one worker.
type opener struct {
	s      *Store
	reader *hindsight.Reader
}

// replay opens and replays one request. What does not open, because its key was
// destroyed or it was tampered with, is counted: ledger check tells which.
func (o *opener) replay(row *pastRow, t *hindsight.Tally) {
	if request, ok := o.open(row); ok {
		t.Replay(request)
		return
	}
	t.Unread++
}

func (o *opener) open(row *pastRow) (*hindsight.Request, bool) {
	b := row.transaction
	if b == nil || b.open(o.s) != nil {
		return nil, false
	}
	statement, err := broker.OpenWritten(b.key, row.entry, row.statement)
	if err != nil {
		return nil, false
	}
	role := necessity.Seller
	if row.requester == b.row.buyer {
		role = necessity.Buyer
	}
	return o.reader.Read(statement, b.kind, role)
}

// keptBy is a transaction's kind and key; nothing else is read of its facts.
func (s *Store) keptBy(x *transactionRow) (necessity.Kind, masking.Key, error) {
	if len(x.facts) > 1 && (x.facts[0] < transactionForm || x.facts[0] > disputedForm) { // of a release before
		t, err := s.transaction(x, "", "")
		return t.Kind, t.Key, err
	}
	if !hmac.Equal(x.mac, s.macTransaction(x)) {
		return "", masking.Key{}, &forgedError{"transaction"}
	}
	r := factReader{b: x.facts[1:]}
	kind := wordOf(&r, transactionKinds)
	key, err := s.keys.unwrap(x.id, x.wrapped)
	return kind, key, err
}
