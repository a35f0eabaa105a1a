package cluster_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// A server that is killed comes back by itself, at the same place and with
// everything that was committed.
func TestRestart(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Config{Dir: t.TempDir(), Restart: true})
	must(t, c.DSN(cluster.RoleOwner), `create table n (i int)`)
	for round := range 2 {
		must(t, c.DSN(cluster.RoleOwner), `insert into n values (1)`)
		killed := c.Pid()
		if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		eventually(t, "another server answers", func() bool {
			return c.Pid() != killed && exec(t, c.DSN(cluster.RoleApp), `select 1`) == nil
		})
		if got, want := read(t, c.DSN(cluster.RoleOwner), `select count(*) from n`), string(rune('1'+round)); got != want {
			t.Errorf("rows = %s, want %s", got, want)
		}
	}
	select {
	case <-c.Wait():
		t.Error("Wait closed although the server came back")
	default:
	}
}

// Without Restart the owner learns of the crash, and the next start recovers.
func TestKilledServer(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	c := start(t, cluster.Config{Dir: dir})
	must(t, c.DSN(cluster.RoleOwner), `create table n (i int)`)
	must(t, c.DSN(cluster.RoleOwner), `insert into n values (42)`)
	if err := syscall.Kill(c.Pid(), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	select {
	case <-c.Wait():
	case <-time.After(patience):
		t.Fatal("Wait stays open after the server was killed")
	}
	// The number in the lock file now belongs to a process of the same user
	// that is no server, as after a reboot of a container.
	decoy := sleeper(t, dir)
	rewritePid(t, filepath.Join(dir, "postgres", "postmaster.pid"), decoy)
	c = start(t, cluster.Config{Dir: dir})
	if got := read(t, c.DSN(cluster.RoleOwner), `select i from n`); got != "42" {
		t.Errorf("row = %s, want 42", got)
	}
}

// A crash during the first start leaves nothing that stops the next.
func TestUnfinishedCluster(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	left := filepath.Join(dir, "postgres.new", "base")
	if err := os.MkdirAll(left, 0o700); err != nil {
		t.Fatal(err)
	}
	c := start(t, cluster.Config{Dir: dir})
	must(t, c.DSN(cluster.RoleApp), `select 1`)
	if _, err := os.Stat(filepath.Dir(left)); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("the unfinished cluster is still there: %v", err)
	}
}
