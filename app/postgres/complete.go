package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
)

// completeBatch is how many entries, or rows, are held against each other at a
// time: what bounds the memory of CheckComplete, whatever the log's size.
const completeBatch = 2048

// CheckComplete holds entries and rows against each other, up to the head that
// the log has at the beginning: every statement opens and is its entry's, every
// row that an entry speaks of is there and says the same, no table has more
// rows, or an older version of one, than its entries account for, each row is
// as its newest entry in this very log left it, and each checkpoint row names the
// row that it was committed after. The first
// thing that is wrong is a ledger.Finding. It opens no contact value.
//
// Entries themselves are believed: Check verifies them. Rows newer than the
// beginning are not yet due. Memory is constant.
func (s *Store) CheckComplete(ctx context.Context, progress func(done, total int64)) (entries int64, err error) {
	return s.checkComplete(ctx, progress, 2, nil)
}

// AuditComplete is CheckComplete for a broker that works meanwhile: on one
// connection, and so with one batch at a time; and from where an earlier one has
// come to, which is what it changes pass to after each batch.
func (s *Store) AuditComplete(ctx context.Context, pass *AuditPass, progress func(done, total int64), reached func()) (entries int64, err error) {
	return s.checkComplete(ctx, progress, 1, func(c *completeness) int64 {
		if c.goesOn(pass) {
			copy(c.due, pass.Due)
		} else {
			pass.Done = 0
		}
		c.reached = func(done int64) {
			pass.Done, pass.Due = done, slices.Clone(c.due)
			reached()
		}
		return pass.Done
	})
}

// goesOn: what another release counted is not what this one does.
func (c *completeness) goesOn(pass *AuditPass) bool {
	return pass.Done > 0 && pass.Done <= c.size && pass.Done%completeBatch == 0 && len(pass.Due) == len(c.due)
}

func (s *Store) checkComplete(ctx context.Context, progress func(done, total int64), atOnce int, resume func(*completeness) int64) (entries int64, err error) {
	if progress == nil {
		progress = func(int64, int64) {}
	}
	readers := make([]*completeness, atOnce)
	for i := range readers {
		session, err := s.session(ctx)
		if err != nil {
			return 0, translate("check rows", err)
		}
		defer discard(session) // its settings are not those of the pool
		readers[i] = &completeness{s: s, session: session, due: make([]int64, len(tallies))}
	}
	return readers[0].run(ctx, readers, progress, resume)
}

// session is a connection of the reading pool that is alive: one that has lain
// there may have died meanwhile.
func (s *Store) session(ctx context.Context) (*sql.Conn, error) {
	for range reading {
		session, err := s.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		if session.PingContext(ctx) == nil {
			return session, nil
		}
		discard(session)
	}
	return s.db.Conn(ctx)
}

// discard closes a connection for good.
func discard(session *sql.Conn) {
	_ = session.Raw(func(any) error { return driver.ErrBadConn })
	_ = session.Close()
}

// completeness is one such check under way.
type completeness struct {
	s       *Store
	session *sql.Conn
	size    int64
	last    []byte  // the newest disclosure, if any, when the log had that size
	have    []int64 // by tally: what the tables amounted to when the log had that size
	due     []int64 // by tally: what the entries read so far account for
	reached func(done int64)
}

func (c *completeness) run(ctx context.Context, readers []*completeness, progress func(done, total int64), resume func(*completeness) int64) (int64, error) {
	if err := c.begin(ctx); err != nil {
		return 0, err
	}
	for _, r := range readers {
		if err := r.byIndex(ctx); err != nil {
			return 0, err
		}
	}
	from := int64(0)
	if resume != nil {
		from = resume(c)
	}
	for step := completeBatch * int64(len(readers)); from < c.size; from += step {
		progress(from, c.size)
		if err := c.sideBySide(ctx, readers, from); err != nil {
			return from, err
		}
		if c.reached != nil && from+step <= c.size { // whole batches alone: the rest is read again
			c.reached(from + step)
		}
	}
	progress(c.size, c.size)
	for _, r := range readers[1:] {
		for i := range c.due {
			c.due[i] += r.due[i]
		}
	}
	if err := c.afterwards(ctx, readers); err != nil {
		return c.size, err
	}
	if err := c.settle(ctx); err != nil {
		return c.size, err
	}
	return c.size, c.checkNewest(ctx)
}

// rest are the checks of whole tables, once all entries have been read.
var rest = []func(*completeness, context.Context) error{
	(*completeness).checkOutcomes, (*completeness).checkGrants, (*completeness).checkLinks, (*completeness).checkTokenRows,
	(*completeness).checkSessions, (*completeness).checkPasskeyUses, (*completeness).checkPasses, (*completeness).checkTimers, (*completeness).checkMerchantTimers,
	(*completeness).checkCaseTimers, (*completeness).checkGlassTimers, (*completeness).checkEarlier,
}

// afterwards lets each reader take one after the other of the rest, which do not
// need each other, and gives the first error in their order.
func (c *completeness) afterwards(ctx context.Context, readers []*completeness) error {
	errs := make([]error, len(rest))
	var taken atomic.Int64
	var work sync.WaitGroup
	for _, r := range readers {
		r.size, r.last = c.size, c.last
		work.Go(func() {
			for i := taken.Add(1) - 1; i < int64(len(rest)); i = taken.Add(1) - 1 {
				errs[i] = rest[i](r, ctx)
			}
		})
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// sideBySide lets each reader check a batch, and gives the first error in the
// order of the log.
func (c *completeness) sideBySide(ctx context.Context, readers []*completeness, from int64) error {
	errs := make([]error, len(readers))
	var work sync.WaitGroup
	for i, r := range readers {
		first := from + int64(i)*completeBatch
		if first >= c.size {
			break
		}
		work.Go(func() { errs[i] = r.checkEntries(ctx, first, min(first+completeBatch, c.size)) })
	}
	work.Wait()
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// query runs a read on the check's own connection.
func (c *completeness) query(ctx context.Context, what, q string, each func(*sql.Rows) error, args ...any) error {
	rows, err := c.session.QueryContext(ctx, q, args...)
	if err != nil {
		return translate("read "+what, err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			if wrong, ok := errors.AsType[ledger.Finding](err); ok {
				return wrong
			}
			return fmt.Errorf("read %s: %w", what, err)
		}
	}
	return translate("read "+what, rows.Err())
}

// told is an entry, whose it is, and what it says.
type told struct {
	index, owner  int64
	kind          ledger.Type
	entry, sealed []byte
	leaf          [32]byte
	st            ledger.Statement
	party         *broker.PartyRecord
	transaction   *agreement
	account       *accounts.Account
}

// agreement is a transaction with the numbers of its sides' rows.
type agreement struct {
	broker.TransactionRecord
	buyer, seller int64
}

// side is the number of a party's row in the transaction, 0 for a stranger.
func (a *agreement) side(p broker.PartyID) int64 {
	switch p {
	case a.Buyer:
		return a.buyer
	case a.Seller:
		return a.seller
	}
	return 0
}

// keeper is who keeps the statements of a type.
type keeper uint8

const (
	keptByDeployment keeper = iota
	keptByParty
	keptByTransaction
	keptForAccount // by the deployment, and numbered by the account
)

func keeperOf(t ledger.Type) keeper {
	switch t {
	case ledger.LogStarted, ledger.LogSucceeded, ledger.APIKeyCreated, ledger.APIKeyRevoked, ledger.PolicyChanged, ledger.AnomalyNoted:
		return keptByDeployment
	case ledger.PartyWritten, ledger.PartyFlagged, ledger.PartyExcluded, ledger.ConsentGiven, ledger.ConsentWithdrawn, ledger.SubjectAccessed,
		ledger.MerchantWritten, ledger.MerchantMoved, ledger.DocumentStored, ledger.DocumentOpened, ledger.MerchantViewed:
		return keptByParty
	case ledger.AccountChanged:
		return keptForAccount
	default:
		return keptByTransaction
	}
}

// ownerOf is the number that a write's entry is kept with: see keeperOf.
func ownerOf(w *broker.Write) int64 {
	switch {
	case w.Account != nil:
		return int64(w.Account.Row)
	case w.Case != nil:
		return int64(w.Case.Transaction)
	case w.Glass != nil:
		return int64(w.Glass.Transaction)
	case w.Party != nil:
		return int64(w.Party.Row)
	case w.About != nil:
		return int64(w.About.Row)
	case w.Transaction != nil:
		return int64(w.Transaction.Row)
	case w.Disclosure != nil && w.Of != nil:
		return int64(w.Of.Transaction.Row)
	case w.Request != nil:
		return int64(w.Request.Transaction)
	case len(w.Grants) > 0:
		return int64(w.Grants[0].Transaction)
	default:
		return 0
	}
}

func entryWrong(index int64, reason string) error {
	return ledger.Finding{Part: ledger.PartEntry, Index: index, Reason: reason}
}

// checkEntries reads a range of entries, opens what they say, and looks for
// their rows.
func (c *completeness) checkEntries(ctx context.Context, from, to int64) error {
	batch, err := c.readEntries(ctx, from, to)
	if err != nil {
		return err
	}
	if err := c.findOwners(ctx, batch); err != nil {
		return err
	}
	if err := c.open(batch); err != nil {
		return err
	}
	for _, check := range rowChecks {
		if err := check(c, ctx, batch); err != nil {
			return err
		}
	}
	return nil
}

func (c *completeness) readEntries(ctx context.Context, from, to int64) ([]told, error) {
	batch := make([]told, 0, to-from)
	err := c.query(ctx, "entries", `SELECT idx, entry, statement, owner FROM ledger_entries WHERE idx >= $1 AND idx < $2 ORDER BY idx`,
		func(rows *sql.Rows) error {
			var e told
			var owner sql.NullInt64
			if err := rows.Scan(&e.index, &e.entry, &e.sealed, &owner); err != nil {
				return err
			}
			if e.index != from+int64(len(batch)) {
				return entryWrong(from+int64(len(batch)), "missing")
			}
			if !owner.Valid {
				return entryWrong(e.index, "whose statement it has is not known, so nothing can be compared")
			}
			parsed, err := ledger.ParseEntry(e.entry)
			if err != nil {
				return entryWrong(e.index, err.Error())
			}
			e.owner, e.kind = owner.Int64, parsed.Type
			batch = append(batch, e)
			return nil
		}, from, to)
	if err == nil && int64(len(batch)) < to-from {
		err = entryWrong(from+int64(len(batch)), "missing")
	}
	return batch, err
}

// inParts reads a table in short statements. Each goes on behind the row where the
// one before ended, which behind says, and reads completeBatch of them: its last
// parameter.
func (c *completeness) inParts(ctx context.Context, what, q string, behind func() []any, each func(*sql.Rows) error) error {
	for n := completeBatch; n == completeBatch; {
		n = 0
		err := c.query(ctx, what, q, func(rows *sql.Rows) error {
			n++
			return each(rows)
		}, append(behind(), completeBatch)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// sameTime compares as the database keeps it, in microseconds.
func sameTime(a, b time.Time) bool { return a.UnixMicro() == b.UnixMicro() }
