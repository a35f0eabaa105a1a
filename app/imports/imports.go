// Package imports decides which rows of a marketplace's files become history:
// it reads CSV, holds each row to the rules of the door, hands the good ones to
// the broker and says of the bad ones where they are, never what they hold.
package imports

import (
	"context"
	"fmt"
	"io"
	"sync/atomic"

	"bauta.dev/bauta/broker"
)

// Files are the paths of CSV or CSV.gz files with the columns of contract.md,
// section 4, in any order; an empty one is not imported. Performances belong to
// the transactions of the same run, or to those that are there already.
type Files struct{ Parties, Transactions, Performances string }

// Options of one run.
type Options struct {
	// Strict looks through all files first, and writes nothing if any row is bad.
	Strict bool
	// Bad gets one line for each bad row: FILE:LINE: column COLUMN: REASON.
	Bad io.Writer
	// Progress is called now and then, by one goroutine; nil for never.
	Progress func(Progress)
}

// Progress is how far a run has got, in bytes of its files as they are stored.
type Progress struct {
	File        string
	Checking    bool // only looking, in a strict run
	Done, Total int64
	Rows        int64
}

// Result counts rows: those accepted, new or already there, and the bad ones.
type Result struct{ Parties, Transactions, Performances, Rejected int }

// String is the last line of the command.
func (r Result) String() string {
	return fmt.Sprintf("imported %d parties, %d transactions, %d performances, %d rejected",
		r.Parties, r.Transactions, r.Performances, r.Rejected)
}

// Run imports files. Bad rows are counted and reported, and are no error; with
// an error the run has stopped early. Either way every row that was accepted is
// durable, and running it again takes only what is missing.
func Run(ctx context.Context, b *broker.Broker, files Files, opts Options) (Result, error) {
	total, err := sizes(files)
	if err != nil {
		return Result{}, err
	}
	if opts.Strict {
		total *= 2
	}
	done := int64(0)
	if opts.Strict {
		look := newRun(b.NewImport(true), opts, total, &done)
		if err := look.files(ctx, files); err != nil || look.rejected.Load() > 0 {
			return Result{Rejected: int(look.rejected.Load())}, err
		}
	}
	r := newRun(b.NewImport(false), opts, total, &done)
	err = r.files(ctx, files)
	return r.result(), err
}

// run is one way through the files, to look or to write.
type run struct {
	to       *broker.Import
	opts     Options
	report   *report
	progress progress

	parties, transactions, performances, rejected atomic.Int64
}

func newRun(to *broker.Import, opts Options, total int64, done *int64) *run {
	r := &run{to: to, opts: opts, progress: progress{show: opts.Progress, total: total, done: done, checking: *done == 0 && opts.Strict}}
	r.report = &report{to: opts.Bad, count: &r.rejected}
	return r
}

func (r *run) result() Result {
	return Result{int(r.parties.Load()), int(r.transactions.Load()), int(r.performances.Load()), int(r.rejected.Load())}
}

func (r *run) files(ctx context.Context, files Files) error {
	if files.Parties != "" {
		if err := r.partiesOf(ctx, files.Parties); err != nil {
			return err
		}
	}
	past := newPasts(files.Performances)
	if files.Performances != "" {
		if err := r.performancesOf(ctx, files.Performances, past); err != nil {
			return err
		}
	}
	if files.Transactions != "" {
		if err := r.transactionsOf(ctx, files.Transactions, past); err != nil {
			return err
		}
	}
	return r.leftOver(ctx, past)
}

func (r *run) partiesOf(ctx context.Context, path string) error {
	once := newOnce()
	f, ctx := newFlight(ctx)
	return f.land(each(ctx, path, partyColumns, &r.progress, readParty, func(row *row, p *party) {
		line := row.line
		write := func(ctx context.Context) error {
			err := r.to.Party(ctx, p.id, p.input)
			if err == nil {
				r.parties.Add(1)
			}
			return r.report.broker(path, line, partyPointers, err)
		}
		switch {
		case len(row.wrong) > 0:
			r.report.row(path, row)
		case once.differs(string(p.id), row):
			r.report.one(path, line, "party_id", errTwice)
		case once.again:
			f.later(write)
		default:
			f.do(write)
		}
	}))
}

func (r *run) transactionsOf(ctx context.Context, path string, past *pasts) error {
	once := newOnce()
	f, ctx := newFlight(ctx)
	return f.land(each(ctx, path, transactionColumns, &r.progress, readTransaction, func(row *row, t *transaction) {
		line := row.line
		switch {
		case len(row.wrong) > 0:
			r.report.row(path, row)
		case once.differs(string(t.id), row):
			r.report.one(path, line, "transaction_id", errTwice)
		case once.again:
			f.later(func(ctx context.Context) error { return r.tell(ctx, path, line, t, past, nil) })
		default:
			told := past.take(string(t.id))
			f.do(func(ctx context.Context) error { return r.tell(ctx, path, line, t, past, told) })
		}
	}))
}

// tell hands one transaction with its performances to the broker.
func (r *run) tell(ctx context.Context, path string, line int, t *transaction, past *pasts, told []int32) error {
	refused, err := r.to.Transaction(ctx, t.id, broker.History{Terms: &t.terms, State: t.state, Past: past.list(told)})
	if err == nil {
		r.transactions.Add(1)
		return r.taken(past, told, refused)
	}
	if err := r.report.broker(path, line, transactionPointers, err); err != nil {
		return err
	}
	for _, n := range told {
		r.report.one(past.path, past.line(n), "transaction_id", errNotTaken)
	}
	return nil
}

func (r *run) taken(past *pasts, told []int32, refused map[int]error) error {
	r.performances.Add(int64(len(told) - len(refused)))
	for i, err := range refused {
		if err := r.report.broker(past.path, past.line(told[i]), performancePointers, err); err != nil {
			return err
		}
	}
	return nil
}

func (r *run) performancesOf(ctx context.Context, path string, past *pasts) error {
	return each(ctx, path, performanceColumns, &r.progress, readPerformance, func(row *row, p *performance) {
		if len(row.wrong) > 0 {
			r.report.row(path, row)
			return
		}
		past.add(row.line, p)
	})
}

// leftOver adds performances to transactions that no row of this run has.
func (r *run) leftOver(ctx context.Context, past *pasts) error {
	f, ctx := newFlight(ctx)
	for _, id := range past.transactions() {
		told := past.take(id)
		f.do(func(ctx context.Context) error {
			refused, err := r.to.Transaction(ctx, broker.TransactionID(id), broker.History{Past: past.list(told)})
			if err == nil {
				return r.taken(past, told, refused)
			}
			for _, n := range told {
				if err := r.report.broker(past.path, past.line(n), performancePointers, err); err != nil {
					return err
				}
			}
			return nil
		})
		if ctx.Err() != nil {
			break
		}
	}
	return f.land(nil)
}
