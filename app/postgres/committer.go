package postgres

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// idle is how long a connection may have lain before it is tried.
const idle = time.Second

// mostAtOnce bounds a commit; an import commits at most as many entries.
const mostAtOnce = 500

var (
	errStopped  = errors.New("the committer has stopped")
	errUnsure   = errors.New("whether the commit happened is not known")
	errBroken   = errors.New("the head in the database does not extend the last one that this broker knows; nothing is signed")
	errLostRace = errors.New("another broker appended first")
	errCounted  = errors.New("another broker has counted a request that left no entry")
)

// committer is the one way to the ledger in this process. It gathers what has
// arrived while the last commit was on its way, and appends all of it with one
// signed checkpoint and, as a rule, one statement.
type committer struct {
	jobs   chan *job
	conn   *conn
	warned *atomic.Bool // the server warned of a wait that was cut short
	signer *ledger.Signer
	eras   ledger.Eras
	name   string // of the log, as cosignatures have it
	mac    masking.Key
	log    *slog.Logger

	// The head as this broker knows it. Only run touches edge and recent.
	edge     *ledger.Edge
	recent   recent
	spending spending
	used     time.Time // when it last committed
	now      func() time.Time
	dirty    bool // somebody else may have appended, or an outcome is unknown
	known    atomic.Int64
	fault    atomic.Pointer[error]

	// What is known of the log outside of its database: anchors.go.
	outside atomic.Pointer[Outside]
	agreed  ledger.Checkpoint // the largest that the edge was found to extend; of run
	asides  chan func()       // what else is done in turn with commits

	stop    chan struct{}
	stopped sync.WaitGroup
	stats   commitStats
}

type commitStats struct{ commits, entries, races, stale atomic.Int64 }

type result struct {
	place ledger.Place
	err   error
}

func newCommitter(db *sql.DB, warned *atomic.Bool, signer *ledger.Signer, eras ledger.Eras, now func() time.Time, log *slog.Logger) *committer {
	return &committer{
		jobs: make(chan *job, 4096), conn: &conn{db: db}, warned: warned, signer: signer, eras: eras, now: now, log: log,
		edge: ledger.NewEdge(), recent: recent{wrote: map[place]int64{}}, dirty: true, stop: make(chan struct{}), asides: make(chan func()),
	}
}

func (c *committer) start() { c.stopped.Go(c.run) }

// close lets what has been taken finish, and refuses the rest.
func (c *committer) close() {
	close(c.stop)
	c.stopped.Wait()
	c.conn.drop()
}

// commit hands a job over and waits. When ctx ends first, the commit may still
// happen; the caller has then learnt nothing of it, and reveals nothing.
func (c *committer) commit(ctx context.Context, j *job) (ledger.Place, error) {
	select {
	case c.jobs <- j:
	case <-ctx.Done():
		return ledger.Place{}, broker.ErrUnavailable.Because(ctx.Err()).After(time.Second)
	case <-c.stop:
		return ledger.Place{}, broker.ErrUnavailable.Because(errStopped).After(time.Second)
	}
	select {
	case r := <-j.done:
		return r.place, r.err
	case <-ctx.Done():
		return ledger.Place{}, broker.ErrUnavailable.Because(ctx.Err()).After(time.Second)
	}
}

func (c *committer) run() {
	var waiting []*job
	for {
		if len(waiting) == 0 {
			select {
			case j := <-c.jobs:
				waiting = append(append(waiting, j), j.noted...)
			case do := <-c.asides:
				do()
				continue
			case <-c.stop:
				c.refuseAll()
				return
			}
		}
		select { // however much is waiting, nobody who looks waits for it
		case do := <-c.asides:
			do()
		default:
		}
		runtime.Gosched() // whoever is about to hand over a job gets to do so: a larger commit costs hardly more
		waiting = c.drain(waiting)
		var batch []*job
		batch, waiting = admit(waiting, mostAtOnce)
		c.settle(spread(batch))
	}
}

func (c *committer) drain(waiting []*job) []*job {
	for len(waiting) < 2*mostAtOnce {
		select {
		case j := <-c.jobs:
			waiting = append(append(waiting, j), j.noted...)
		default:
			return waiting
		}
	}
	return waiting
}

func (c *committer) refuseAll() {
	for {
		select {
		case j := <-c.jobs:
			j.done <- result{err: broker.ErrUnavailable.Because(errStopped).After(time.Second)}
		default:
			return
		}
	}
}

// settle commits a batch, and answers each of its jobs exactly once. Stale jobs
// are left out and the rest go on; after an error that is the statement's own,
// each job is tried alone, once.
func (c *committer) settle(batch []*job) {
	for len(batch) > 0 {
		stale, err := c.try(batch)
		switch {
		case errors.Is(err, errLostRace):
			c.stats.races.Add(1)
		case errors.Is(err, errCounted):
			c.spending.forget()
		case err == nil && len(stale) == 0:
			return
		case err == nil:
			batch = c.leaveOut(batch, stale)
		case len(alone(batch)) > 1 && !errors.Is(err, broker.ErrUnavailable):
			for _, jobs := range alone(batch) {
				c.settle(jobs)
			}
			return
		default:
			for _, j := range batch {
				j.done <- result{err: err}
			}
			return
		}
	}
}

func (c *committer) leaveOut(batch []*job, stale map[int]int16) []*job {
	var rest []*job
	together(batch, stale)
	policy := false
	for _, what := range stale {
		policy = policy || what == watchPolicy
	}
	for i, j := range batch {
		what, is := stale[i+1]
		switch {
		case policy && j.w.ExpectPolicy != 0:
			c.stats.stale.Add(1)
			j.done <- result{err: broker.ErrStale}
		case !is:
			rest = append(rest, j)
		case what == watchBudget:
			j.done <- result{err: j.over}
		case what == watchToken:
			j.done <- result{err: broker.ErrTokenUsed}
		case what == watchAnomaly:
			c.spending.note(j.w.Anomaly.Bound)
			j.done <- result{err: broker.ErrStale}
		default:
			c.stats.stale.Add(1)
			j.done <- result{err: broker.ErrStale}
		}
	}
	return rest
}

// try makes one attempt. stale maps ordinals, from 1, to what has moved.
func (c *committer) try(batch []*job) (stale map[int]int16, err error) {
	written := false
	// No deadline of any caller reaches a commit: a cancelled wait for a standby
	// would report success (contract.md, I1).
	ctx := context.Background()
	if now := c.now(); now.Sub(c.used) > idle {
		c.dirty = true // reading the head finds a connection that died meanwhile, before a commit does
	}
	if err := c.catchUp(ctx); err != nil {
		return nil, err
	}
	spent, over, err := c.spend(ctx, batch)
	if spent != nil {
		defer func() {
			if !written {
				spent.Undo()
			}
		}()
	}
	if err != nil || len(over) > 0 {
		return over, err
	}
	first := c.edge.Size()
	next := c.edge.Clone()
	var tiles []ledger.Tile
	for _, j := range batch {
		tiles = append(tiles, next.AppendLeaf(j.leaf)...)
	}
	head, err := c.signer.Sign(next.Size(), next.Root())
	if err != nil {
		return nil, fmt.Errorf("sign checkpoint: %w", err)
	}
	c.warned.Store(false)
	query, args := lay(batch, first, tiles, &c.recent, spent).query(c.linked(head, first), next.Frontier())
	inserted, stale, err := c.execute(ctx, query, args, colder(batch, first))
	switch {
	case err != nil:
		// It may have happened all the same: before anything else is appended,
		// the head is read again.
		c.dirty = true
		return nil, c.explain(err)
	case len(stale) > 0:
		return stale, nil
	case !inserted:
		c.dirty = true
		return nil, errLostRace
	}
	written, c.edge, c.used = true, next, c.now()
	c.recent.note(batch, next.Size())
	c.spending.remember(batch)
	c.known.Store(next.Size())
	c.stats.commits.Add(1)
	c.stats.entries.Add(int64(len(batch)))
	for i, j := range batch {
		j.done <- result{place: ledger.Place{Index: first + int64(i), Leaf: j.leaf, Size: head.Size, Root: head.Root}}
	}
	return nil, nil //nolint:nilnil // nothing is stale, and nothing went wrong
}

// execute runs the commit: alone as one statement, or with cold statements in
// one transaction. A warning about the commit is a failure.
func (c *committer) execute(ctx context.Context, query string, args []any, more []cold) (inserted bool, stale map[int]int16, err error) {
	defer func() {
		if err != nil {
			c.conn.drop()
		}
	}()
	s, err := c.conn.statement(ctx, query)
	if err != nil {
		return false, nil, err
	}
	if len(more) == 0 {
		if inserted, stale, err = answers(s.QueryContext(ctx, args...)); err == nil && c.warned.Load() {
			err = errUnsure
		}
		return inserted, stale, err
	}
	// Plain BEGIN and COMMIT: database/sql would prepare each statement anew for
	// every transaction.
	if _, err := c.conn.session.ExecContext(ctx, `BEGIN`); err != nil {
		return false, nil, err
	}
	inserted, stale, err = answers(s.QueryContext(ctx, args...))
	if err != nil || !inserted {
		return false, stale, errors.Join(err, c.rollback(ctx))
	}
	for _, m := range more {
		ps, err := c.conn.statement(ctx, m.query)
		if err == nil {
			_, err = ps.ExecContext(ctx, m.args...)
		}
		if err != nil {
			return false, nil, err // the connection is dropped, and the transaction with it
		}
	}
	if _, err := c.conn.session.ExecContext(ctx, `COMMIT`); err != nil {
		return false, nil, err
	}
	if c.warned.Load() {
		return false, nil, errUnsure
	}
	return true, nil, nil
}

func (c *committer) rollback(ctx context.Context) error {
	if c.conn.session == nil {
		return nil
	}
	_, err := c.conn.session.ExecContext(ctx, `ROLLBACK`)
	return err
}

func answers(rows *sql.Rows, err error) (inserted bool, stale map[int]int16, _ error) {
	if err != nil {
		return false, nil, err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		var ord int
		var what int16
		if err := rows.Scan(&ord, &what); err != nil {
			return false, nil, err
		}
		if ord == 0 {
			inserted = true
			continue
		}
		if stale == nil {
			stale = map[int]int16{}
		}
		// A retry finds its own first outcome, so that its token was taken says nothing.
		if first, more := stale[ord]; !more || first == watchToken {
			stale[ord] = what
		}
	}
	return inserted, stale, rows.Err()
}

// explain: an error of the statement's own is told; all else is "not known".
func (c *committer) explain(err error) error {
	if countedElsewhere(err) {
		return errCounted
	}
	e, told := errors.AsType[*pq.Error](err)
	if told && e.Code == "23505" && (e.Constraint == "ledger_entries_pkey" || e.Constraint == "ledger_tiles_pkey") {
		// Nobody who appends comes here: his checkpoint would have been there first.
		wrong := entryWrong(c.edge.Size(), "something is stored where the log goes on, and nobody signed it")
		return broker.ErrTampered.Because(wrong).After(time.Minute)
	}
	if told && e.Code == "23505" && e.Constraint == "party_tokens_pkey" {
		return broker.ErrTokenUsed // since the guard has looked, by what leaves no entry: in a batch each is tried alone
	}
	if told && !c.warned.Load() {
		return translate("commit", e)
	}
	c.log.Warn("a commit failed, and its outcome is not known", "cause", fmt.Sprintf("%T", err))
	return broker.ErrUnavailable.Because(fmt.Errorf("%w: %T", errUnsure, err)).After(time.Second)
}
