package cluster_test

import (
	"context"
	"database/sql"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"bauta.dev/bauta/app/postgres/cluster"
)

const patience = time.Minute

func start(t *testing.T, cfg cluster.Config) *cluster.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	c, err := cluster.Start(ctx, cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { stop(t, c) })
	return c
}

func stop(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := c.Stop(ctx); err != nil {
		t.Error(err)
	}
}

func exec(t *testing.T, dsn, q string, args ...any) error {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	_, err = db.ExecContext(t.Context(), q, args...)
	return err
}

func must(t *testing.T, dsn, q string, args ...any) {
	t.Helper()
	if err := exec(t, dsn, q, args...); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
}

func read(t *testing.T, dsn, q string) string {
	t.Helper()
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var s string
	if err := db.QueryRowContext(t.Context(), q).Scan(&s); err != nil {
		t.Fatalf("%s: %v", q, err)
	}
	return s
}

// eventually polls; it is for what the kernel and PostgreSQL do in their own time.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("still not so after %s: %s", patience, what)
}

func TestSecondStartKeepsData(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	c := start(t, cluster.Config{Dir: dir})
	if !c.Owned() {
		t.Fatal("the first to start does not own the cluster")
	}
	first := c.URL(cluster.RoleApp)
	must(t, c.DSN(cluster.RoleOwner), `create table n (i int)`)
	must(t, c.DSN(cluster.RoleOwner), `insert into n values (42)`)
	stop(t, c)
	select {
	case <-c.Wait():
	default:
		t.Error("Wait is open after Stop")
	}
	if _, err := os.Stat(c.Host()); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the socket folder is left behind: %v", err)
	}

	c = start(t, cluster.Config{Dir: dir})
	if got := read(t, c.DSN(cluster.RoleOwner), `select i from n`); got != "42" {
		t.Errorf("row = %s, want 42", got)
	}
	if got := c.URL(cluster.RoleApp); got != first {
		t.Errorf("URL changed from %s to %s", first, got)
	}
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(log), "not properly shut down") {
		t.Error("Stop was not a clean shutdown")
	}
}

// The server keeps what it acknowledged, listens on no network, and serves
// three roles of which one is a superuser.
func TestServer(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Config{Dir: t.TempDir(), Settings: map[string]string{"shared_buffers": "32MB"}})
	for _, test := range []struct{ q, want string }{
		{`show fsync`, "on"},
		{`show full_page_writes`, "on"},
		{`show synchronous_commit`, "on"},
		{`show data_checksums`, "on"},
		{`show server_encoding`, "UTF8"},
		{`select datcollate from pg_database where datname = current_database()`, "C.UTF-8"},
		{`show listen_addresses`, ""},
		{`show shared_buffers`, "32MB"},
		{`select count(*)::text from pg_hba_file_rules`, "1"},
		{`select auth_method from pg_hba_file_rules`, "peer"},
		{`select string_agg(rolname, ' ' order by rolname) from pg_roles where rolcanlogin`, "bauta bauta_owner bauta_reader"},
		{`select string_agg(rolname, ' ') from pg_roles where rolsuper`, "bauta_owner"},
		{`select pg_get_userbyid(datdba) from pg_database where datname = 'bauta'`, "bauta_owner"},
	} {
		if got := read(t, c.DSN(cluster.RoleOwner), test.q); got != test.want {
			t.Errorf("%s = %q, want %q", test.q, got, test.want)
		}
	}
	// lib/pq takes the URL as libpq does.
	if got := read(t, c.URL(cluster.RoleReader), `select current_user`); got != cluster.RoleReader {
		t.Errorf("the URL connects as %s", got)
	}
}

// Statements fail with their input in the message; none of it is written down.
func TestLogHoldsNoValues(t *testing.T) {
	t.Parallel()
	const value = "zuzana@example.org"
	dir := t.TempDir()
	c := start(t, cluster.Config{Dir: dir})
	dsn := c.DSN(cluster.RoleOwner)
	must(t, dsn, `create table n (mail text unique, i int)`)
	must(t, dsn, `insert into n values ($1, 1)`, value)
	for _, q := range []string{
		`insert into n values ($1, 2)`,
		`select cast($1 as uuid)`,
		`do $$ begin raise warning 'zuzana@example.org'; raise exception 'zuzana@example.org'; end $$`,
	} {
		args := []any{value}
		if !strings.Contains(q, "$1") {
			args = nil
		}
		if err := exec(t, dsn, q, args...); err == nil {
			t.Errorf("%s did not fail", q)
		}
	}
	stop(t, c)
	log, err := os.ReadFile(filepath.Join(dir, "postgres.log"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(log), "shut down") {
		t.Errorf("the log misses the server's own life:\n%s", log)
	}
	if strings.Contains(string(log), "zuzana") {
		t.Errorf("the log holds a value:\n%s", log)
	}
	if info, err := os.Stat(filepath.Join(dir, "postgres.log")); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("log mode: %v, %v", info.Mode(), err)
	}
}

// Sixteen starts at once: one owner, fifteen guests, one server.
func TestOneOwner(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	all := make([]*cluster.Cluster, 16)
	var wg sync.WaitGroup
	for i := range all {
		wg.Go(func() {
			c, err := cluster.Start(ctx, cluster.Config{Dir: dir})
			if err != nil {
				t.Error(err)
				return
			}
			all[i] = c
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
	var owner *cluster.Cluster
	owners, pids := 0, map[int]bool{}
	for _, c := range all {
		pids[c.Pid()] = true
		if c.Owned() {
			owner, owners = c, owners+1
		}
	}
	if owners != 1 || len(pids) != 1 {
		t.Fatalf("owners = %d, servers = %d, want 1 and 1", owners, len(pids))
	}
	guest, err := cluster.Attach(ctx, dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range all {
		if !c.Owned() {
			stop(t, c)
		}
	}
	must(t, guest.DSN(cluster.RoleApp), `select 1`) // the guests that left harmed nothing
	stop(t, owner)
	select {
	case <-guest.Wait():
	case <-ctx.Done():
		t.Error("the guest does not learn that the owner left")
	}
}

func TestAttachWithoutOwner(t *testing.T) {
	t.Parallel()
	stopped := t.TempDir()
	stop(t, start(t, cluster.Config{Dir: stopped}))
	for _, test := range []struct{ name, dir string }{
		{"no folder", filepath.Join(t.TempDir(), "none")},
		{"empty folder", t.TempDir()},
		{"stopped", stopped},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			if _, err := cluster.Attach(t.Context(), test.dir); !errors.Is(err, cluster.ErrNotRunning) {
				t.Errorf("err = %v, want ErrNotRunning", err)
			}
		})
	}
}

// What was made by another version, or is no cluster at all, is refused and
// left as it is.
func TestRefusesForeignData(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		files map[string]string
		want  error
	}{
		{"older", map[string]string{"PG_VERSION": "9.6\n", "base/1": "rows"}, cluster.ErrVersion},
		{"newer", map[string]string{"PG_VERSION": "99\n", "base/1": "rows"}, cluster.ErrVersion},
		{"garbled", map[string]string{"PG_VERSION": "?\n"}, cluster.ErrVersion},
		{"no cluster", map[string]string{"letters.txt": "dear"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			for name, content := range test.files {
				path := filepath.Join(dir, "postgres", name)
				if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o755), os.WriteFile(path, []byte(content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			giveAway(t, filepath.Join(dir, "postgres"))
			_, err := cluster.Start(t.Context(), cluster.Config{Dir: dir})
			if err == nil || (test.want != nil && !errors.Is(err, test.want)) {
				t.Fatalf("err = %v, want %v", err, test.want)
			}
			for name, content := range test.files {
				if b, err := os.ReadFile(filepath.Join(dir, "postgres", name)); err != nil || string(b) != content {
					t.Errorf("%s was touched: %q, %v", name, b, err)
				}
			}
			if _, err := cluster.Attach(t.Context(), dir); !errors.Is(err, cluster.ErrNotRunning) {
				t.Errorf("the refused folder stays locked: %v", err)
			}
		})
	}
}

// giveAway makes a folder look like one that an unprivileged server made.
func giveAway(t *testing.T, dir string) {
	t.Helper()
	if os.Geteuid() == 0 {
		if err := os.Lchown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
	}
}

// A socket folder that somebody could have made to catch our connections is
// not used.
func TestRefusesForeignSocketFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, cluster.Config{Dir: dir})
	sockets := c.Host()
	stop(t, c)
	if err := os.Mkdir(sockets, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Remove(sockets) })
	if err := os.Chmod(sockets, 0o777); err != nil {
		t.Fatal(err)
	}
	if c, err := cluster.Start(t.Context(), cluster.Config{Dir: dir}); err == nil {
		stop(t, c)
		t.Error("a folder that all may write to was used")
	}
}

// Whether or not the server's user may walk to the data directory, the data is
// in it.
func TestReachableAndNot(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name string
		mode os.FileMode
	}{{"open", 0o755}, {"closed", 0o700}} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			above, err := os.MkdirTemp("", "bauta-test-") //nolint:usetesting // its parent is closed to other users
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(above) })
			dir := filepath.Join(above, strings.Repeat("long/", 40))
			if err := errors.Join(os.MkdirAll(dir, 0o755), os.Chmod(above, test.mode)); err != nil {
				t.Fatal(err)
			}
			c := start(t, cluster.Config{Dir: dir})
			must(t, c.DSN(cluster.RoleApp), `select 1`)
			b, err := os.ReadFile(filepath.Join(dir, "postgres", "postmaster.pid"))
			if err != nil || !strings.HasPrefix(string(b), strconv.Itoa(c.Pid())+"\n") {
				t.Errorf("no server in %s: %v", dir, err)
			}
			if info, err := os.Stat(above); err != nil || info.Mode().Perm() != test.mode {
				t.Errorf("the folder above was opened: %v, %v", info.Mode(), err)
			}
			stop(t, c) // before the folder goes
		})
	}
}
