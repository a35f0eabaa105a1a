// Package pgtest decides which database a test gets: one of its own, on a real
// PostgreSQL that this test process started, or on the server that
// TEST_DATABASE_URL names. Without either the test fails; it never skips.
package pgtest

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/app/postgres/cluster"
)

// patience is for a machine that runs every package's tests at once.
const patience = 2 * time.Minute

// prefix names the folders of test clusters, and sweep looks for it.
const prefix = "bauta-pgtest-"

// DB is a database of one test. Owner, App and Reader are lib/pq's settings to
// connect as each of the three roles.
type DB struct {
	Name, Owner, App, Reader string

	server server
}

// URL is the database as pg_dump and other users of libpq take it.
func (d *DB) URL(role string) string { return d.server.url(role, d.Name) }

// Migrate brings an empty database up to date. It must close its connections:
// a database in use cannot be copied.
type Migrate func(ctx context.Context, dsn string) error

// house is the server of this process and the template that tests copy.
//
// It is a package variable because TestMain and every test of a process share
// it and the testing package hands nothing from the one to the others.
var house struct { //nolint:gochecknoglobals // see above
	start sync.Once
	at    server
	own   *cluster.Cluster
	dir   string
	err   error

	template sync.Once
	made     error

	count atomic.Int64
}

// Run runs the tests of a package and takes the server down after them. Use it
// as os.Exit(pgtest.Run(m)). A process that dies before that takes its server
// with it, and the next one to start removes the folder it left.
func Run(m *testing.M) int {
	code := m.Run()
	if house.own != nil {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := errors.Join(house.own.Stop(ctx), os.RemoveAll(house.dir)); err != nil {
			_, _ = fmt.Fprintln(os.Stderr, "pgtest:", err)
		}
	}
	return code
}

// Cluster is the private server of this process, for tests of the cluster
// itself. It fails where TEST_DATABASE_URL took its place.
func Cluster(tb testing.TB) *cluster.Cluster {
	tb.Helper()
	open(tb)
	if house.own == nil {
		tb.Fatal("this test needs a private cluster: unset TEST_DATABASE_URL")
	}
	return house.own
}

// New is a database that no other test sees, removed after the test. The first
// call of a process makes a template with migrate, and every later one copies
// it; nil asks for an empty database.
func New(tb testing.TB, migrate Migrate) *DB {
	tb.Helper()
	s := open(tb)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	template := "template1"
	if migrate != nil {
		template = fmt.Sprintf("t%d_template", os.Getpid())
		house.template.Do(func() { house.made = s.makeTemplate(ctx, template, migrate) })
		if house.made != nil {
			tb.Fatalf("pgtest: %v", house.made)
		}
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), house.count.Add(1))
	if err := s.create(ctx, name, template); err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() { drop(tb, s, name) })
	return s.db(name)
}

// NewDurable is New on a server of its own that keeps what it committed over a
// crash, for tests that kill it.
func NewDurable(tb testing.TB, migrate Migrate) (*DB, *cluster.Cluster) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c, err := cluster.Start(ctx, cluster.Config{Dir: tb.TempDir(), Restart: true})
	if err != nil {
		tb.Fatalf("pgtest: %v", err)
	}
	tb.Cleanup(func() { stop(tb, c) })
	s := server{host: c.Host()}
	if migrate != nil {
		if err := migrate(ctx, s.url(cluster.RoleOwner, cluster.Database)); err != nil {
			tb.Fatalf("pgtest: migrate: %v", err)
		}
	}
	return s.db(cluster.Database), c
}

func stop(tb testing.TB, c *cluster.Cluster) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		tb.Errorf("pgtest: %v", err)
	}
}

func drop(tb testing.TB, s server, name string) {
	tb.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := s.exec(ctx, "drop database if exists "+pq.QuoteIdentifier(name)+" with (force)"); err != nil {
		tb.Errorf("pgtest: %v", err)
	}
}

// open starts the server at its first use.
func open(tb testing.TB) server {
	tb.Helper()
	house.start.Do(func() {
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		defer cancel()
		if set := os.Getenv("TEST_DATABASE_URL"); set != "" {
			house.at, house.err = outside(ctx, set)
			return
		}
		house.err = inside(ctx)
	})
	if house.err != nil {
		tb.Fatalf("pgtest: %v", house.err)
	}
	return house.at
}

// inside starts a private server. It is durable like any other: the store
// refuses one that is not.
func inside(ctx context.Context) error {
	sweep(ctx)
	dir, err := os.MkdirTemp("", prefix)
	if err != nil {
		return fmt.Errorf("make folder: %w", err)
	}
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir, Settings: map[string]string{
		"max_connections": "200", "shared_buffers": "64MB", "max_wal_size": "256MB",
	}})
	if err != nil {
		return errors.Join(err, os.RemoveAll(dir))
	}
	house.own, house.dir, house.at = c, dir, server{host: c.Host()}
	return nil
}

// sweep removes what killed test processes left. A folder whose cluster is not
// made yet may be of one that is starting right now, and is left alone.
func sweep(ctx context.Context) {
	dirs, _ := filepath.Glob(filepath.Join(os.TempDir(), prefix+"*")) // the pattern is well formed
	for _, dir := range dirs {
		if _, err := os.Stat(filepath.Join(dir, "postgres", "PG_VERSION")); err != nil {
			continue
		}
		look, cancel := context.WithTimeout(ctx, time.Second)
		if _, err := cluster.Attach(look, dir); errors.Is(err, cluster.ErrNotRunning) {
			_ = os.RemoveAll(dir)
		}
		cancel()
	}
}

// outside prepares a server that somebody else runs: it gets the roles that a
// private one has, with the password that the URL holds.
func outside(ctx context.Context, set string) (server, error) {
	u, err := url.Parse(set)
	if err != nil {
		return server{}, errors.New("read TEST_DATABASE_URL: it is not a URL") // the parser's words hold the password
	}
	s := server{given: u}
	password, _ := u.User.Password()
	for _, role := range []string{cluster.RoleOwner, cluster.RoleApp, cluster.RoleReader} {
		power := "nosuperuser"
		if role == cluster.RoleOwner {
			power = "superuser"
		}
		// Packages run at the same time, and two of them may make the role at once.
		q := "do $$ begin create role " + role + "; exception when duplicate_object or unique_violation then null; end $$"
		if err := s.exec(ctx, q); err != nil {
			return server{}, fmt.Errorf("make role %s: %w", role, err)
		}
		q = "select pg_advisory_lock(1650554996); alter role " + role + " login " + power
		if password != "" {
			q += " password " + pq.QuoteLiteral(password)
		}
		if err := s.exec(ctx, q); err != nil {
			return server{}, fmt.Errorf("set role %s: %w", role, err)
		}
	}
	return s, nil
}

// server is where databases are made: a private one by its socket's folder, or
// a given one by its URL.
type server struct {
	host  string
	given *url.URL
}

func (s server) db(name string) *DB {
	return &DB{
		Name:   name,
		Owner:  s.dsn(cluster.RoleOwner, name),
		App:    s.dsn(cluster.RoleApp, name),
		Reader: s.dsn(cluster.RoleReader, name),
		server: s,
	}
}

func (s server) dsn(role, database string) string {
	if s.given == nil {
		return fmt.Sprintf("host='%s' port=5432 dbname='%s' user='%s' sslmode=disable", s.host, database, role)
	}
	return s.url(role, database)
}

func (s server) url(role, database string) string {
	if s.given == nil {
		return "postgres://" + role + "@/" + database + "?host=" + strings.ReplaceAll(url.QueryEscape(s.host), "%2F", "/")
	}
	u := *s.given
	u.Path = "/" + database
	u.User = url.User(role)
	if password, set := s.given.User.Password(); set {
		u.User = url.UserPassword(role, password)
	}
	return u.String()
}

// admin is the server's own database, as whoever may make others.
func (s server) admin() string {
	if s.given == nil {
		return s.dsn(cluster.RoleOwner, "postgres")
	}
	return s.given.String()
}

func (s server) exec(ctx context.Context, q string) error {
	connector, err := pq.NewConnector(s.admin())
	if err != nil {
		return errors.New("connect: the settings are not those of a database")
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(ctx, q); err != nil {
		return fmt.Errorf("run on test server: %w", err)
	}
	return nil
}

func (s server) makeTemplate(ctx context.Context, name string, migrate Migrate) error {
	if err := s.create(ctx, name, "template1"); err != nil {
		return err
	}
	if err := migrate(ctx, s.url(cluster.RoleOwner, name)); err != nil {
		return fmt.Errorf("migrate template: %w", err)
	}
	return nil
}

// create removes a database of the same name first: process numbers come
// around, and on a given server a killed process leaves its databases.
func (s server) create(ctx context.Context, name, template string) error {
	id := pq.QuoteIdentifier(name)
	if s.given != nil {
		if err := s.exec(ctx, "drop database if exists "+id+" with (force)"); err != nil {
			return err
		}
	}
	err := s.exec(ctx, "create database "+id+" owner "+cluster.RoleOwner+
		" template "+pq.QuoteIdentifier(template)+" strategy file_copy")
	if err != nil {
		return fmt.Errorf("make database %s: %w", strconv.Quote(name), err)
	}
	return nil
}
