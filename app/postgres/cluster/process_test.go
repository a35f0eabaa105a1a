package cluster_test

import (
	"bufio"
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io"
	"os"
	osexec "os/exec"
	"os/user"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// The test binary is also the programs that these tests kill or demote.
const (
	asBroker = "BAUTA_TEST_BROKER" // a data directory: start it, write rows, print each that is committed
	asCaller = "BAUTA_TEST_CALLER" // connection settings: connect, print what came of it
)

func TestMain(m *testing.M) {
	switch {
	case os.Getenv(asBroker) != "":
		fmt.Println(broker(os.Getenv(asBroker)))
		os.Exit(1)
	case os.Getenv(asCaller) != "":
		fmt.Println(call(os.Getenv(asCaller)))
	default:
		os.Exit(m.Run())
	}
}

func broker(dir string) error {
	ctx := context.Background()
	c, err := cluster.Start(ctx, cluster.Config{Dir: dir})
	if err != nil {
		return err
	}
	db, err := sql.Open("postgres", c.DSN(cluster.RoleOwner))
	if err != nil {
		return err
	}
	if _, err := db.ExecContext(ctx, `create table if not exists n (i int)`); err != nil {
		return err
	}
	fmt.Println("pid", c.Pid())
	for i := 0; ; i++ {
		if _, err := db.ExecContext(ctx, `insert into n values ($1)`, i); err != nil {
			return err
		}
		fmt.Println("committed", i)
	}
}

func call(dsn string) error {
	db, err := sql.Open("postgres", dsn)
	if err != nil {
		return err
	}
	_, err = db.ExecContext(context.Background(), `select 1`)
	return err
}

// A broker that is killed takes its server with it within seconds; the next
// one waits for that, and finds every row that was acknowledged.
func TestKilledBroker(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	cmd := osexec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asBroker+"="+dir)
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	pid, committed := 0, -1
	for committed < 100 {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("the broker ended by itself: %s %v", line, err)
		}
		if _, err := fmt.Sscanf(line, "pid %d", &pid); err == nil {
			continue
		}
		if _, err := fmt.Sscanf(line, "committed %d", &committed); err != nil {
			t.Fatal(line)
		}
	}
	guest, err := cluster.Start(t.Context(), cluster.Config{Dir: dir})
	if err != nil || guest.Owned() || guest.Pid() != pid {
		t.Fatalf("a second start does not attach: %v", err)
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	rest, _ := io.ReadAll(lines)
	for line := range strings.Lines(string(rest)) {
		_, _ = fmt.Sscanf(line, "committed %d\n", &committed)
	}
	_ = cmd.Wait()
	c := start(t, cluster.Config{Dir: dir}) // at once: the old server is shutting down
	if !c.Owned() || c.Pid() == pid {
		t.Error("the next broker joined the server of a dead one")
	}
	eventually(t, "the server of the killed broker is gone", func() bool { return gone(pid) })
	rows, err := strconv.Atoi(read(t, c.DSN(cluster.RoleOwner), `select count(*) from n`))
	if err != nil || rows < committed+1 {
		t.Errorf("rows = %d, acknowledged %d, %v", rows, committed+1, err)
	}
	select {
	case <-guest.Wait(): // it noticed the gap, or
	default: // sees the new owner; either way it can still connect
	}
	must(t, guest.DSN(cluster.RoleApp), `select 1`)
	stop(t, guest)
}

// A server whose broker died dies without anybody starting the next one.
func TestServerDiesWithBroker(t *testing.T) {
	t.Parallel()
	cmd := osexec.CommandContext(t.Context(), os.Args[0])
	dir := t.TempDir()
	cmd.Env = append(os.Environ(), asBroker+"="+dir)
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := 0
	if _, err := fmt.Fscanf(bufio.NewReader(out), "pid %d", &pid); err != nil {
		t.Fatal(err)
	}
	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	limit := time.Now().Add(10 * time.Second)
	eventually(t, "the server has ended", func() bool { return gone(pid) })
	if time.Now().After(limit) {
		t.Error("it took more than ten seconds")
	}
	start(t, cluster.Config{Dir: dir}) // which removes the socket that the killed one left
}

// gone waits for init to bury the process as well, which takes it a moment.
func gone(pid int) bool { return errors.Is(syscall.Kill(pid, 0), syscall.ESRCH) }

// Another user of the machine cannot connect: the folder is closed to them,
// and where it were open the server asks the kernel who they are.
func TestOtherUser(t *testing.T) {
	t.Parallel()
	c := start(t, cluster.Config{Dir: t.TempDir()})
	info, err := os.Stat(c.Host())
	if err != nil {
		t.Fatal(err)
	}
	if info.Mode().Perm() != 0o700 {
		t.Errorf("socket folder mode = %v, want 0700", info.Mode())
	}
	self, err := user.LookupId(strconv.Itoa(os.Geteuid()))
	if err != nil {
		t.Fatal(err)
	}
	ident := read(t, c.DSN(cluster.RoleOwner), `select pg_read_file('pg_ident.conf')`)
	for line := range strings.Lines(ident) {
		if f := strings.Fields(line); len(f) != 3 || (f[1] != `"root"` && f[1] != strconv.Quote(self.Username)) {
			t.Errorf("admitted: %s", line)
		}
	}
	if os.Geteuid() != 0 {
		return // nobody to become; the two checks above are what is left
	}
	program := publicCopy(t)
	for _, role := range []string{cluster.RoleOwner, cluster.RoleApp, cluster.RoleReader} {
		if said := as(t, nobody, program, c.DSN(role)); !strings.Contains(said, "permission denied") {
			t.Errorf("nobody as %s with a closed folder: %s", role, said)
		}
	}
	if err := os.Chmod(c.Host(), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, role := range []string{cluster.RoleOwner, cluster.RoleApp, cluster.RoleReader} {
		if said := as(t, nobody, program, c.DSN(role)); !strings.Contains(said, "Peer authentication failed") {
			t.Errorf("nobody as %s with an open folder: %s", role, said)
		}
		if said := as(t, 0, program, c.DSN(role)); !strings.Contains(said, "<nil>") {
			t.Errorf("root as %s: %s", role, said)
		}
	}
}

const nobody = 65534

// publicCopy is the test binary where everybody may run it.
func publicCopy(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "bauta-test-") //nolint:usetesting // its parent is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	b, err := os.ReadFile(os.Args[0])
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(dir, "caller")
	if err := errors.Join(os.WriteFile(path, b, 0o755), os.Chmod(path, 0o755), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	return path
}

func as(t *testing.T, uid uint32, program, dsn string) string {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), program)
	cmd.Dir = "/"
	cmd.Env = []string{asCaller + "=" + dsn}
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uid, Gid: uid}}
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("run as user %d: %v %s", uid, err, out)
	}
	return string(out)
}

// sleeper is a living process of the user who owns the data.
func sleeper(t *testing.T, dir string) int {
	t.Helper()
	cmd := osexec.CommandContext(t.Context(), "sleep", "60")
	cmd.Dir = "/"
	info, err := os.Stat(filepath.Join(dir, "postgres"))
	if err != nil {
		t.Fatal(err)
	}
	if st, ok := info.Sys().(*syscall.Stat_t); ok && os.Geteuid() == 0 {
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: st.Uid, Gid: st.Gid}}
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	return cmd.Process.Pid
}

func rewritePid(t *testing.T, path string, pid int) {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), "\n")
	if err := os.WriteFile(path, []byte(strconv.Itoa(pid)+"\n"+rest), 0o600); err != nil {
		t.Fatal(err)
	}
}
