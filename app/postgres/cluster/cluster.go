// Package cluster decides who may run the private PostgreSQL of a data
// directory, and keeps that one server tied to the life of the broker that
// started it.
//
// One process owns a cluster: it holds an exclusive lock on Dir/postgres.lock
// for as long as it answers for the server. The kernel drops the lock when the
// process dies, however it dies, and the server is told to shut down at the
// same moment. Everybody else attaches. Nothing here ever removes a database:
// what cannot be opened is refused with the reason.
package cluster

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/lib/pq"
)

// The roles that every cluster has. Who may touch which table is decided by
// migrations, not here.
const (
	RoleOwner  = "bauta_owner"  // the superuser of the cluster: owns the database, migrates it
	RoleApp    = "bauta"        // what the broker works as
	RoleReader = "bauta_reader" // what dumps and reports work as
)

// Database is the name of the broker's database in its private cluster.
const Database = "bauta"

// Refusals that callers tell apart.
var (
	ErrNotRunning = errors.New("no broker runs a private PostgreSQL on this data directory")
	ErrNoBinaries = errors.New("no PostgreSQL server programs found: install PostgreSQL 15 or newer (apt-get install postgresql), or set --database-url")
	ErrVersion    = errors.New("the data directory was made by another major version of PostgreSQL")
)

// Config says where the cluster lives and how it is run.
type Config struct {
	Dir      string            // the broker's data directory; the cluster is Dir/postgres, its log Dir/postgres.log
	Log      io.Writer         // one-line notices; nil discards them
	Settings map[string]string // server settings that replace the ones of this package (tests, benchmarks)
	Restart  bool              // start a server that ended by itself again, until Stop
}

// Cluster is a running private PostgreSQL, owned or attached to.
type Cluster struct {
	cfg    Config
	layout layout
	bins   binaries
	owned  bool
	lock   *os.File           // held while owned
	cancel context.CancelFunc // ends the supervisor, or the watch of an attached cluster
	ended  chan struct{}

	mu      sync.Mutex
	process *process
}

// Start starts the cluster of cfg.Dir, making it first where there is none, or
// attaches when another process runs it already. It waits for a server that an
// earlier owner left behind to end. A process that is killed during Start
// leaves either no cluster or a whole one.
//
// The context limits Start alone; how long a recovery takes after a crash is
// up to the amount of log to replay, so give it minutes rather than seconds.
func Start(ctx context.Context, cfg Config) (*Cluster, error) {
	if cfg.Log == nil {
		cfg.Log = io.Discard
	}
	l, err := newLayout(cfg.Dir)
	if err != nil {
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	for {
		lock, err := l.tryLock()
		if err != nil {
			return nil, fmt.Errorf("start postgres: %w", err)
		}
		if lock != nil {
			return own(ctx, cfg, l, lock)
		}
		c, err := attachOnce(ctx, l)
		if err == nil || !errors.Is(err, errNotYet) {
			return c, err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("start postgres: another broker holds %s and does not get ready: %w", l.lockFile(), err)
		}
	}
}

// Attach joins the cluster that a running broker owns, waiting for one that is
// just starting. It answers ErrNotRunning where nobody owns the cluster.
func Attach(ctx context.Context, dir string) (*Cluster, error) {
	l, err := existingLayout(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("attach to postgres: %w", ErrNotRunning)
	} else if err != nil {
		return nil, fmt.Errorf("attach to postgres: %w", err)
	}
	for {
		held, err := l.isLocked()
		if err != nil {
			return nil, fmt.Errorf("attach to postgres: %w", err)
		}
		if !held {
			return nil, fmt.Errorf("attach to postgres: %w", ErrNotRunning)
		}
		c, err := attachOnce(ctx, l)
		if err == nil || !errors.Is(err, errNotYet) {
			return c, err
		}
		if err := sleep(ctx, 50*time.Millisecond); err != nil {
			return nil, fmt.Errorf("attach to postgres: %w", err)
		}
	}
}

// errNotYet: there is an owner, and its server takes no connection at this
// moment. Asking again may help.
var errNotYet = errors.New("the cluster is not ready yet")

// attachOnce joins a cluster that is ready. The owner is looked for again after
// the connection: a server whose owner died between the two is about to end,
// and whoever joined it would lose it at once.
func attachOnce(ctx context.Context, l layout) (*Cluster, error) {
	sockets, err := l.readySockets()
	if err != nil {
		return nil, err
	}
	l.sockets = sockets
	c := &Cluster{layout: l, ended: make(chan struct{})}
	if err := ping(ctx, c.dsn(RoleApp, Database)); err != nil {
		if refused(err) {
			return nil, fmt.Errorf("attach to postgres: the server of %s does not let this user in: %w", l.dir, err)
		}
		return nil, errNotYet
	}
	if held, err := l.isLocked(); err != nil || !held {
		return nil, errors.Join(errNotYet, err)
	}
	watch, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c.cancel = cancel
	go c.watch(watch)
	return c, nil
}

// watch closes Wait of an attached cluster when its owner is gone.
func (c *Cluster) watch(ctx context.Context) {
	for sleep(ctx, 250*time.Millisecond) == nil {
		if held, err := c.layout.isLocked(); err == nil && !held {
			close(c.ended)
			return
		}
	}
}

// URL is the broker's database as libpq takes it. It holds no password: the
// server asks the kernel who is calling.
func (c *Cluster) URL(role string) string {
	host := strings.ReplaceAll(url.QueryEscape(c.layout.sockets), "%2F", "/")
	return "postgres://" + url.PathEscape(role) + "@/" + Database + "?host=" + host
}

// DSN is the same database for lib/pq, with everything written out that the
// environment (PGPORT, PGSSLMODE) could change.
func (c *Cluster) DSN(role string) string { return c.dsn(role, Database) }

func (c *Cluster) dsn(role, database string) string {
	quote := strings.NewReplacer(`\`, `\\`, `'`, `\'`)
	return fmt.Sprintf("host='%s' port=%s dbname='%s' user='%s' sslmode=disable",
		quote.Replace(c.layout.sockets), port, quote.Replace(database), quote.Replace(role))
}

// Host is the folder of the server's socket. It stays the same over restarts.
func (c *Cluster) Host() string { return c.layout.sockets }

// Owned says whether this process started the server, and so ends it.
func (c *Cluster) Owned() bool { return c.owned }

// Pid is the server's process, 0 while there is none.
func (c *Cluster) Pid() int {
	if !c.owned {
		return c.layout.postmaster()
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.process == nil {
		return 0
	}
	return c.process.cmd.Process.Pid
}

// Wait is closed when the server has ended for good: after Stop, after a crash
// without Restart, or, attached, when the owner gave the cluster up.
func (c *Cluster) Wait() <-chan struct{} { return c.ended }

// Stop ends an owned server cleanly: open transactions are rolled back, what
// was committed is on disk. When the context ends first the server is made to
// quit at once, which costs a recovery at the next start and no data. An
// attached cluster is left alone.
func (c *Cluster) Stop(ctx context.Context) error {
	c.cancel()
	if !c.owned {
		return nil
	}
	select {
	case <-c.ended:
		return nil
	case <-ctx.Done():
	}
	c.mu.Lock()
	p := c.process
	c.mu.Unlock()
	if p != nil {
		p.signal(syscall.SIGQUIT)
	}
	select {
	case <-c.ended:
	case <-time.After(5 * time.Second): // PostgreSQL kills its own after 5 s
	}
	return fmt.Errorf("stop postgres cleanly: %w", ctx.Err())
}

// ping is one connection and one statement, and leaves nothing open.
func ping(ctx context.Context, dsn string) error {
	connector, err := pq.NewConnector(dsn)
	if err != nil {
		return fmt.Errorf("read connection settings: %w", err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(ctx, "select 1")
	return err
}

// refused tells a server that knows this user and says no from one that is not
// there, is starting, or is shutting down.
func refused(err error) bool {
	var e *pq.Error
	return errors.As(err, &e) && e.Code.Class() == "28"
}

// sleep is interrupted by the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// resolve makes one name of the many a folder can have.
func resolve(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", fmt.Errorf("find data directory: %w", err)
	}
	real, err := filepath.EvalSymlinks(abs)
	if err != nil {
		return "", fmt.Errorf("find data directory: %w", err)
	}
	return real, nil
}
