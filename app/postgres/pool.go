package postgres

import (
	"context"
	"database/sql"
	"sync"
)

// pool runs each read on whichever connection is free. Its statements are few,
// and prepared for good. Who came first is served first: database/sql by itself
// would pick anyone of those who wait, and some would wait long.
type pool struct {
	db       *sql.DB
	turns    chan struct{}
	mu       sync.Mutex
	prepared map[string]*sql.Stmt
}

func newPool(db *sql.DB, most int) *pool {
	return &pool{db: db, turns: make(chan struct{}, most), prepared: map[string]*sql.Stmt{}}
}

func (p *pool) query(ctx context.Context, q string, each func(*sql.Rows) error, args ...any) error {
	select {
	case p.turns <- struct{}{}:
		defer func() { <-p.turns }()
	case <-ctx.Done():
		return ctx.Err()
	}
	s, err := p.statement(ctx, q) //nolint:sqlclosecheck // it is kept for the next one
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			return err
		}
	}
	return rows.Err()
}

// row reads one row; sql.ErrNoRows if there is none.
func (p *pool) row(ctx context.Context, q string, args []any, into ...any) error {
	found := false
	err := p.query(ctx, q, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(into...)
	}, args...)
	if err == nil && !found {
		return sql.ErrNoRows
	}
	return err
}

func (p *pool) statement(ctx context.Context, q string) (*sql.Stmt, error) {
	p.mu.Lock()
	s, ok := p.prepared[q]
	p.mu.Unlock()
	if ok {
		return s, nil
	}
	s, err := p.db.PrepareContext(ctx, q)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if first, ok := p.prepared[q]; ok { // somebody was quicker
		defer func() { _ = s.Close() }()
		return first, nil
	}
	p.prepared[q] = s
	return s, nil
}
