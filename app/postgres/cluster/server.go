package cluster

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"syscall"
	"time"
)

// settings is a durable server for a machine of two cores. The log must never
// hold a value: statements, parameters and the messages of failed statements
// (which quote their input) stay out of it, so it has the server's own life
// and nothing else.
func settings(l layout) map[string]string {
	return map[string]string{
		"listen_addresses": "", "port": port, "unix_socket_directories": l.sockets,

		"fsync": "on", "full_page_writes": "on", "synchronous_commit": "on", "wal_level": "replica",

		"shared_buffers": "256MB", "max_connections": "100", "max_wal_size": "2GB",
		"checkpoint_timeout": "15min", "jit": "off", "timezone": "UTC", "log_timezone": "UTC",

		"logging_collector": "off", "log_destination": "stderr", "lc_messages": "C",
		"log_min_messages":    "log", // orders above warning and error
		"log_error_verbosity": "terse", "log_min_error_statement": "panic",
		"log_statement": "none", "log_duration": "off", "log_min_duration_statement": "-1",
		"log_parameter_max_length": "0", "log_parameter_max_length_on_error": "0",
		"log_checkpoints": "off", "log_lock_waits": "off", "log_autovacuum_min_duration": "-1",
	}
}

// own starts the server of a cluster that this process just became the owner
// of. When it fails nothing is left running and the lock is free again.
func own(ctx context.Context, cfg Config, l layout, lock *os.File) (*Cluster, error) {
	life, cancel := context.WithCancel(context.WithoutCancel(ctx))
	c := &Cluster{cfg: cfg, layout: l, owned: true, lock: lock, cancel: cancel, ended: make(chan struct{})}
	p, err := c.bringUp(ctx)
	if err != nil {
		cancel()
		c.release()
		return nil, fmt.Errorf("start postgres: %w", err)
	}
	go c.supervise(life, p)
	return c, nil
}

// bringUp is the order in which a cluster may be touched: the old server is
// gone before anything is written, and what can refuse comes before that too.
func (c *Cluster) bringUp(ctx context.Context) (*process, error) {
	l := c.layout
	made, err := l.madeBy()
	if err != nil {
		return nil, err
	}
	if c.bins, err = findBinaries(ctx, made); err != nil {
		return nil, err
	}
	if err := c.outlast(ctx); err != nil {
		return nil, err
	}
	if made == 0 {
		c.notice("making a PostgreSQL %s cluster in %s", c.bins.text, l.data())
		if err := l.initialise(ctx, c.bins, c.cfg.Settings["fsync"] == "off"); err != nil {
			return nil, err
		}
	}
	if err := l.admit(); err != nil {
		return nil, err
	}
	if err := l.rotateLog(); err != nil {
		return nil, err
	}
	p, err := c.launch(ctx)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(c.furnish(ctx), l.ready(c.lock)); err != nil {
		p.end()
		return nil, err
	}
	return p, nil
}

// outlast waits for a server whose owner died. It was told to shut down when
// that happened; it is told again for systems that do not tell it.
func (c *Cluster) outlast(ctx context.Context) error {
	for told := 0; ; {
		pid := c.layout.postmaster()
		if pid == 0 {
			return nil
		}
		if pid != told {
			told = pid
			c.notice("waiting for an older PostgreSQL (pid %d) to end", pid)
			_ = syscall.Kill(pid, syscall.SIGINT) // gone already is as good
		}
		if err := sleep(ctx, 20*time.Millisecond); err != nil {
			return fmt.Errorf("wait for an older PostgreSQL (pid %d) to end: %w", pid, err)
		}
	}
}

// launch runs the server until it takes connections. Children of a server that
// was killed hold its memory for a moment longer, and the new one refuses to
// start beside them: only that is tried again.
func (c *Cluster) launch(ctx context.Context) (*process, error) {
	for attempt := 1; ; attempt++ {
		if err := c.layout.disownStale(); err != nil {
			return nil, err
		}
		if err := c.layout.makeSockets(); err != nil {
			return nil, err
		}
		p, said, err := c.launchOnce(ctx)
		if err == nil {
			c.mu.Lock()
			c.process = p
			c.mu.Unlock()
			return p, nil
		}
		busy := strings.Contains(said, "shared memory block") || strings.Contains(said, "lock file")
		if !busy || attempt == 100 {
			return nil, err
		}
		if err := sleep(ctx, 100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func (c *Cluster) launchOnce(ctx context.Context) (p *process, said string, err error) {
	log, err := c.layout.openOwn(c.layout.logFile(), os.O_WRONLY|os.O_APPEND)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = log.Close() }() // the server has its own
	from, err := log.Seek(0, 2)
	if err != nil {
		return nil, "", fmt.Errorf("read log: %w", err)
	}
	all := settings(c.layout)
	maps.Copy(all, c.cfg.Settings)
	var args []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		args = append(args, "-c", name+"="+all[name])
	}
	cmd, done, err := c.layout.command(filepath.Join(c.bins.dir, "postgres"), c.layout.data(), args...)
	if err != nil {
		return nil, "", err
	}
	defer done()
	cmd.Stdout, cmd.Stderr = log, log
	if p, err = spawn(cmd); err != nil {
		return nil, "", fmt.Errorf("run postgres: %w", err)
	}
	for {
		if ping(ctx, c.dsn(RoleOwner, "postgres")) == nil {
			return p, "", nil
		}
		select {
		case <-p.done:
			said = c.layout.tail(from)
			return nil, said, fmt.Errorf("run postgres: it ended at once: %s (see %s)", lastLine(said), c.layout.logFile())
		case <-ctx.Done():
			p.end()
			return nil, "", fmt.Errorf("wait for postgres: %w", ctx.Err())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// supervise sees the server to its end, and with Restart starts it again until
// the life of the cluster is over. Only then is the cluster given up.
func (c *Cluster) supervise(life context.Context, p *process) {
	defer close(c.ended)
	defer c.release()
	for {
		select {
		case <-life.Done():
			p.end()
			return
		case <-p.done:
		}
		if life.Err() != nil || !c.cfg.Restart {
			c.notice("PostgreSQL ended; see %s", c.layout.logFile())
			return
		}
		if p = c.revive(life); p == nil {
			return
		}
	}
}

// revive tries until the server is back, ever more slowly, or the life is over.
func (c *Cluster) revive(life context.Context) *process {
	for pause := 50 * time.Millisecond; ; pause = min(2*pause, 10*time.Second) {
		c.notice("PostgreSQL ended unexpectedly; starting it again")
		if sleep(life, pause) != nil {
			return nil
		}
		p, err := c.launch(life)
		if err == nil {
			return p
		}
		c.notice("restart failed: %v", err)
	}
}

// release gives the cluster up: the socket's folder first, for the next owner
// makes it again.
func (c *Cluster) release() {
	c.mu.Lock()
	c.process = nil
	c.mu.Unlock()
	_ = os.Remove(c.layout.sockets) // only when empty
	_ = c.lock.Close()
}

func (c *Cluster) notice(format string, args ...any) {
	_, _ = fmt.Fprintf(c.cfg.Log, "postgres: "+format+"\n", args...)
}

// rotateLog keeps one older log, so that the two stay small.
func (l layout) rotateLog() error {
	info, err := os.Stat(l.logFile())
	if err != nil || info.Size() < 8<<20 {
		return nil //nolint:nilerr // no log yet
	}
	if err := os.Rename(l.logFile(), l.logFile()+".1"); err != nil {
		return fmt.Errorf("rotate log: %w", err)
	}
	return nil
}

// process is a program whose end is seen by one goroutine alone.
type process struct {
	cmd  *exec.Cmd
	done chan struct{}
	err  error // set before done is closed
}

// spawn starts a program that is told to end when this process dies. The
// kernel ties that to the thread which started it (golang/go#27505), so the
// goroutine keeps its thread until the program has ended.
func spawn(cmd *exec.Cmd) (*process, error) {
	p := &process{cmd: cmd, done: make(chan struct{})}
	started := make(chan error)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			p.err = cmd.Wait()
			close(p.done)
		}
	}()
	return p, <-started
}

// signal to a program that has ended is nothing.
func (p *process) signal(s os.Signal) { _ = p.cmd.Process.Signal(s) }

// end is the fast and clean shutdown.
func (p *process) end() {
	p.signal(syscall.SIGINT)
	<-p.done
}

// wait ends the program when the context ends first.
func (p *process) wait(ctx context.Context) error {
	select {
	case <-p.done:
		return nil
	case <-ctx.Done():
		p.end()
		return ctx.Err()
	}
}

// command runs a program of PostgreSQL on a data folder, as the server's user,
// in a process group of its own so that Ctrl-C reaches the broker first, and
// without the variables (PGPORT, PGDATA) that would change what it does.
func (l layout) command(program, folder string, args ...string) (cmd *exec.Cmd, done func(), err error) {
	cmd = exec.Command(program) //nolint:noctx // ended by signal: killing it would cost a recovery
	cmd.Dir = "/"
	cmd.Env = []string{"PATH=" + os.Getenv("PATH"), "LC_ALL=C.UTF-8"}
	cmd.SysProcAttr = attributes()
	if l.runner.uid != l.server.uid {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: uint32(l.server.uid), Gid: uint32(l.server.gid)}
	}
	done = func() {}
	if !reachable(folder, l.server) {
		f, alias, err := handOver(folder)
		if err != nil {
			return nil, nil, fmt.Errorf("let user %s reach %s: %w", l.server.name, folder, err)
		}
		cmd.ExtraFiles = []*os.File{f}
		folder, done = alias, func() { _ = f.Close() }
	}
	cmd.Args = append([]string{program, "-D", folder}, args...)
	return cmd, done, nil
}
