package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"sync"
	"time"
)

// conn is one connection with its prepared statements, for one query at a time.
// After any error it is thrown away and opened anew: the database may have gone,
// and come back.
type conn struct {
	mu       sync.Mutex
	db       *sql.DB
	session  *sql.Conn
	prepared map[string]*sql.Stmt
}

// patience bounds a read; a commit has no such bound.
const patience = 8 * time.Second

func (c *conn) statement(ctx context.Context, q string) (*sql.Stmt, error) {
	if c.session == nil {
		session, err := c.db.Conn(ctx)
		if err != nil {
			return nil, err
		}
		c.session, c.prepared = session, map[string]*sql.Stmt{}
	}
	if s, ok := c.prepared[q]; ok {
		return s, nil
	}
	s, err := c.session.PrepareContext(ctx, q)
	if err != nil {
		c.drop()
		return nil, err
	}
	c.prepared[q] = s
	return s, nil
}

// drop closes the connection for good: the pool must not hand it out again.
func (c *conn) drop() {
	if c.session == nil {
		return
	}
	_ = c.session.Raw(func(any) error { return errDropped })
	_ = c.session.Close()
	c.session, c.prepared = nil, nil
}

var errDropped = fmt.Errorf("dropped: %w", driver.ErrBadConn)

// query runs a read. A connection that turns out to be dead is opened anew
// once: nothing has been asked of it yet.
func (c *conn) query(ctx context.Context, q string, each func(*sql.Rows) error, args ...any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	fresh := c.session == nil
	err := c.tryQuery(ctx, q, each, args)
	if err != nil && !fresh && !isServerError(err) && ctx.Err() == nil {
		err = c.tryQuery(ctx, q, each, args)
	}
	return err
}

func (c *conn) tryQuery(ctx context.Context, q string, each func(*sql.Rows) error, args []any) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	s, err := c.statement(ctx, q)
	if err != nil {
		return err
	}
	rows, err := s.QueryContext(ctx, args...)
	if err != nil {
		c.drop()
		return err
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := each(rows); err != nil {
			c.drop()
			return err
		}
	}
	if err := rows.Err(); err != nil {
		c.drop()
		return err
	}
	return nil
}

func isServerError(err error) bool {
	var e interface{ SQLState() string }
	return errors.As(err, &e)
}
