// Package postgres keeps what the broker decides: rows, SQL, the sealing of
// keys on their way in, and the committer through which every change goes.
package postgres

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"net"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/jmoiron/sqlx"
	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
)

// Connections: one commits, the others read. Eight in all, so that brokers can
// be many without a pooler (design.md, "Growing past one machine").
const (
	gathering = 4 // connections that run gathered queries: one for what decisions ask, one for parties, one for proofs, one for either
	reading   = 3 // connections for everything else
)

var errDurability = errors.New("the database does not keep what it commits: fsync, full_page_writes and synchronous_commit must be on")

// fast are settings of the connections that run the same few statements for
// ever: plans are made once, and always by index, whatever the statistics of a
// young table say.
var fast = map[string]string{
	"plan_cache_mode": "force_generic_plan", "enable_seqscan": "off", "enable_hashjoin": "off",
	"enable_mergejoin": "off", "enable_bitmapscan": "off", "jit": "off",
}

// connector opens connections that have proved to be durable.
type connector struct {
	driver.Connector
	checked bool // whether durability is demanded
}

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil || !c.checked {
		return conn, err
	}
	if err := durable(ctx, conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// durable reads back what each connection must have (contract.md, I1).
func durable(ctx context.Context, conn driver.Conn) error {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return errDurability
	}
	rows, err := q.QueryContext(ctx, `SELECT concat_ws('/', current_setting('fsync'), current_setting('full_page_writes'), current_setting('synchronous_commit'))`, nil)
	if err != nil {
		return fmt.Errorf("read durability: %w", err)
	}
	defer func() { _ = rows.Close() }()
	got := make([]driver.Value, 1)
	if err := rows.Next(got); err != nil {
		return fmt.Errorf("read durability: %w", err)
	}
	s, ok := got[0].(string)
	if b, isBytes := got[0].([]byte); isBytes {
		s, ok = string(b), true
	}
	if !ok || s != "on/on/on" {
		return errDurability
	}
	return nil
}

// open makes a pool. settings become the session's; warned, if not nil, is set
// when the server warns about a commit (01000: a cancelled wait for a standby).
func open(databaseURL string, most int, settings map[string]string, warned *atomic.Bool) (*sql.DB, error) {
	u, err := url.Parse(databaseURL)
	if err != nil || u.Scheme != "postgres" && u.Scheme != "postgresql" {
		return nil, errors.New("the database URL is not of the form postgres://USER@HOST/NAME")
	}
	q := u.Query()
	q.Set("binary_parameters", "yes")
	q.Set("synchronous_commit", "on")
	q.Set("timezone", "UTC")
	if !q.Has("sslmode") {
		q.Set("sslmode", sslmode(u))
	}
	if !q.Has("connect_timeout") {
		q.Set("connect_timeout", "5")
	}
	for k, v := range settings {
		q.Set(k, v)
	}
	u.RawQuery = q.Encode()
	pc, err := pq.NewConnector(u.String())
	if err != nil {
		return nil, errors.New("the database URL has a part that the driver does not understand")
	}
	pc.Dialer(dialer{})
	var c driver.Connector = pc
	if warned != nil {
		c = pq.ConnectorWithNoticeHandler(pc, func(n *pq.Error) {
			if n.Code == "01000" {
				warned.Store(true)
			}
		})
	}
	db := sql.OpenDB(connector{Connector: c, checked: true})
	db.SetMaxOpenConns(most)
	db.SetMaxIdleConns(most)
	return db, nil
}

// sslmode: over a Unix socket or loopback there is nobody in between.
func sslmode(u *url.URL) string {
	host := u.Hostname()
	if host == "" {
		host = u.Query().Get("host")
	}
	if ip := net.ParseIP(host); host == "" || host == "localhost" || host[0] == '/' || ip != nil && ip.IsLoopback() {
		return "disable"
	}
	return "require"
}

// dialer gives up on a network that has gone silent: lib/pq itself would wait
// for ever, whatever deadline its caller has.
type dialer struct{}

func (dialer) Dial(network, address string) (net.Conn, error) {
	return dialer{}.DialContext(context.Background(), network, address)
}

func (dialer) DialTimeout(network, address string, timeout time.Duration) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return dialer{}.DialContext(ctx, network, address)
}

func (dialer) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	d := net.Dialer{KeepAliveConfig: net.KeepAliveConfig{Enable: true, Idle: 5 * time.Second, Interval: 2 * time.Second, Count: 3}}
	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return conn, unacknowledged(conn, 10*time.Second)
}

// translate turns the driver's errors into what callers know: everything that
// says "later" is Unavailable. The text of a database error may hold input, so
// it is never part of ours: only its code is.
func translate(doing string, err error) error {
	if err == nil {
		return nil
	}
	if errors.Is(err, sql.ErrNoRows) {
		return broker.ErrNotFound
	}
	if e, ok := errors.AsType[*pq.Error](err); ok {
		state := &stateError{doing, string(e.Code), e.Constraint}
		switch e.Code.Class() {
		case "08", "25", "40", "53", "55", "57", "58", "XX":
			return broker.ErrUnavailable.Because(state).After(time.Second)
		}
		return state
	}
	return broker.ErrUnavailable.Because(fmt.Errorf("%s: %w", doing, err)).After(time.Second)
}

// stateError is a database error with nothing in it that came from a row.
type stateError struct{ doing, code, constraint string }

func (e *stateError) Error() string {
	return fmt.Sprintf("%s: SQLSTATE %s %s", e.doing, e.code, e.constraint)
}

// SQLState is the five-character code.
func (e *stateError) SQLState() string { return e.code }

// reader is the pool for lists and rare reads.
func reader(databaseURL string) (*sqlx.DB, error) {
	db, err := open(databaseURL, reading, map[string]string{"statement_timeout": "8000"}, nil)
	if err != nil {
		return nil, err
	}
	return sqlx.NewDb(db, "postgres"), nil
}
