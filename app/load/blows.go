package load

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
)

// How long things stay as they are after a blow.
const (
	frozen = 1500 * time.Millisecond
	full   = 700 * time.Millisecond
	slow   = time.Second
)

// falls are what each blow does. It gives what puts things right again.
func (t *Torture) falls() map[Blow]func(ctx context.Context, m *member, f Fault) (heal func() error) {
	nothing := func() error { return nil }
	return map[Blow]func(context.Context, *member, Fault) func() error{
		Cut: func(_ context.Context, m *member, _ Fault) func() error {
			m.proxy.cutAll()
			return nothing
		},
		Killed: func(ctx context.Context, m *member, _ Fault) func() error {
			_ = m.server.Kill()
			return func() error { return m.start(ctx, t.Clients) }
		},
		Felled: func(context.Context, *member, Fault) func() error {
			_ = killPostmaster(filepath.Join(t.Dir, "data"))
			return nothing
		},
		Frozen: func(_ context.Context, m *member, _ Fault) func() error {
			_ = syscall.Kill(m.server.Pid(), syscall.SIGSTOP)
			return func() error {
				time.Sleep(frozen)
				return syscall.Kill(m.server.Pid(), syscall.SIGCONT)
			}
		},
		Full: func(ctx context.Context, _ *member, _ Fault) func() error {
			_ = t.disk.fill(ctx, t.cluster)
			return func() error {
				time.Sleep(full)
				return t.disk.empty(ctx, t.cluster)
			}
		},
		Jumped: func(_ context.Context, m *member, f Fault) func() error {
			err := m.setClock(f.Clock)
			return func() error { return err }
		},
		Sluggish: func(_ context.Context, m *member, _ Fault) func() error {
			m.proxy.Lag(sluggish)
			return func() error {
				time.Sleep(slow)
				m.proxy.Lag(0)
				return nil
			}
		},
	}
}

// setClock takes effect at once: the broker reads the file whenever it asks what
// time it is.
func (m *member) setClock(off time.Duration) error {
	if err := os.WriteFile(m.clock+".next", []byte(off.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(m.clock+".next", m.clock)
}

// disk is what the database is on. Where this process may mount, it is a small one
// of its own, and full means full (ENOSPC). Elsewhere the server's processes may
// write no file beyond a size, which is another error (EFBIG), in other places too,
// and the best that can be had.
type disk struct {
	dir  string
	size string // as it was mounted; empty: it was not
}

// roomy is more than any run writes; only what is written takes memory.
const roomy = "8g"

func mount(ctx context.Context, dir string) (*disk, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil { //nolint:gosec // the database has a user of its own
		return nil, fmt.Errorf("make folder of database: %w", err)
	}
	d := &disk{dir: dir}
	if exec.CommandContext(ctx, "mount", "-t", "tmpfs", "-o", "mode=0755,size="+roomy, "bauta-torture", dir).Run() == nil { //nolint:gosec // a folder of ours
		d.size = roomy
	}
	return d, nil
}

func (d *disk) unmount(ctx context.Context) {
	if d.size != "" {
		_ = exec.CommandContext(ctx, "umount", d.dir).Run() //nolint:gosec // a folder of ours
	}
}

func (d *disk) String() string {
	if d.size == "" {
		return "nothing can be mounted here: a full disk is one on which no file grows (EFBIG)"
	}
	return "a full disk is a small one without room (ENOSPC)"
}

// settings keep the log of the database small: it is in memory.
func (d *disk) settings() map[string]string {
	if d.size == "" {
		return nil
	}
	return map[string]string{"max_wal_size": "256MB"}
}

var errNotFull = errors.New("the disk could not be filled")

// fill leaves no room: the disk becomes as small as what is on it.
func (d *disk) fill(ctx context.Context, c *cluster.Cluster) error {
	if d.size == "" {
		return limit(ctx, c, "65536")
	}
	for range 20 { // it grows meanwhile
		var fs syscall.Statfs_t
		if err := syscall.Statfs(d.dir, &fs); err != nil {
			return err
		}
		used := (fs.Blocks - fs.Bfree) * uint64(fs.Bsize) //nolint:gosec // of another type elsewhere
		if d.resize(ctx, strconv.FormatUint(used, 10)) == nil {
			return nil
		}
	}
	return errNotFull
}

func (d *disk) empty(ctx context.Context, c *cluster.Cluster) error {
	if d.size == "" {
		return limit(ctx, c, "unlimited")
	}
	return d.resize(ctx, d.size)
}

func (d *disk) resize(ctx context.Context, size string) error {
	return exec.CommandContext(ctx, "mount", "-o", "remount,size="+size, d.dir).Run() //nolint:gosec // a folder of ours
}

// limit is what any process of the server may write to a file.
func limit(ctx context.Context, c *cluster.Cluster, size string) error {
	pid := c.Pid()
	if pid == 0 {
		return nil // it is being started again, without a limit
	}
	pids := []string{strconv.Itoa(pid)}
	children, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid)) // it may have died
	for _, child := range append(pids, strings.Fields(string(children))...) {
		_ = exec.CommandContext(ctx, "prlimit", "--pid", child, "--fsize="+size+":unlimited").Run() //nolint:gosec // pids of our own server; a child may have ended
	}
	return nil
}
