package imports

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
	"slices"
	"sync"
)

// row is one row with its fields in the contract's order, and what is wrong
// with it.
type row struct {
	line   int
	fields []string
	wrong  []mistake
}

type mistake struct{ column, reason string }

func (r *row) mistake(column, reason string) {
	r.wrong = append(r.wrong, mistake{column, reason})
}

// chunk is as many rows as one goroutine checks at a time. Memory is bounded by
// the chunks on their way, however long the file.
type chunk[T any] struct {
	rows []row
	read []*T
	done chan struct{}
	at   int64 // bytes of the file that have been read
	err  error // after the rows
}

const chunkRows = 256

// each reads the file of columns, checks its rows on all processors, and gives
// them to take one by one, in their order. The context ends it early.
func each[T any](ctx context.Context, path string, columns []string, p *progress, check func(*row) *T, take func(*row, *T)) error {
	f, err := open(path)
	if err != nil {
		return err
	}
	defer f.close()
	order, bad, err := header(f, columns)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if bad != nil {
		take(bad, nil)
		return nil
	}
	ctx, stop := context.WithCancel(ctx)
	var work sync.WaitGroup
	defer work.Wait()
	defer stop()
	begun := make(chan *chunk[T], 2*runtime.GOMAXPROCS(0))
	ordered := make(chan *chunk[T], cap(begun))
	for range runtime.GOMAXPROCS(0) {
		work.Go(func() { checkAll(begun, check) })
	}
	work.Go(func() { cut(ctx, f, columns, order, begun, ordered) })
	for c := range ordered {
		<-c.done
		for i := range c.rows {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			take(&c.rows[i], c.read[i])
		}
		if c.err != nil {
			return fmt.Errorf("%s: %w", path, c.err)
		}
		p.step(path, c.at, len(c.rows))
	}
	p.finished(f.read.n.Load())
	return context.Cause(ctx)
}

func checkAll[T any](begun <-chan *chunk[T], check func(*row) *T) {
	for c := range begun {
		c.read = make([]*T, len(c.rows))
		for i := range c.rows {
			if len(c.rows[i].wrong) == 0 {
				c.read[i] = check(&c.rows[i])
			}
		}
		close(c.done)
	}
}

// cut reads chunk after chunk, to be checked and to be taken.
func cut[T any](ctx context.Context, f *file, columns []string, order []int, begun, ordered chan<- *chunk[T]) {
	defer close(begun)
	defer close(ordered)
	for more := true; more; {
		c := &chunk[T]{done: make(chan struct{})}
		for len(c.rows) < chunkRows && more {
			r, err := next(f, columns, order)
			if more = err == nil; more {
				c.rows = append(c.rows, r)
			} else if !errors.Is(err, io.EOF) {
				c.err = err
			}
		}
		c.at = f.read.n.Load()
		for _, to := range []chan<- *chunk[T]{begun, ordered} {
			select {
			case to <- c:
			case <-ctx.Done():
				return
			}
		}
	}
}

// next reads a row. Only what ends the reading is an error.
func next(f *file, columns []string, order []int) (row, error) {
	fields, line, err := f.record()
	r := row{line: line}
	var cut *malformed
	switch {
	case errors.Is(err, errRead), errors.Is(err, io.EOF):
		return r, err
	case errors.As(err, &cut):
		r.mistake(at(columns, order, len(fields)), cut.reason)
	case len(fields) < len(columns):
		r.mistake(at(columns, order, len(fields)), "the row ends before it")
	case len(fields) > len(columns):
		r.mistake(at(columns, order, len(columns)-1), "the row goes on after it: a comma in a field needs quotes around the field")
	default:
		r.fields = make([]string, len(columns))
		for i, to := range order {
			r.fields[to] = fields[i]
		}
	}
	return r, nil
}

// at names the column of the nth field of a row.
func at(columns []string, order []int, n int) string {
	return columns[order[min(n, len(order)-1)]]
}

// header finds out where each column stands. The file has to have all of them
// and no other, in any order; bad says what it lacks.
func header(f *file, columns []string) (order []int, bad *row, err error) {
	fields, line, err := f.record()
	if errors.Is(err, errRead) {
		return nil, nil, err
	}
	bad = &row{line: line} // of an empty or malformed file: no column is there
	for _, name := range fields {
		to := slices.Index(columns, name)
		if to >= 0 && slices.Contains(order, to) {
			bad.mistake(name, "the header has it twice")
		} else if to < 0 && err == nil {
			bad.mistake(columns[min(len(order), len(columns)-1)], "the header has a column that is none of these files'")
		}
		order = append(order, to)
	}
	for i, name := range columns {
		if !slices.Contains(order, i) {
			bad.mistake(name, "the header does not have it")
		}
	}
	if len(bad.wrong) > 0 {
		return nil, bad, nil
	}
	return order, nil, nil
}
