package cluster

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
)

// tryLock makes this process the owner of the cluster, or answers nil when
// there is one. The lock ends with the process; a child never inherits it, so
// a server that outlives its broker does not keep the next one out.
func (l layout) tryLock() (*os.File, error) {
	f, err := l.openOwn(l.lockFile(), os.O_RDWR)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, f.Close()
	}
	if err == nil {
		err = f.Truncate(0) // not ready: what is in there is of an earlier owner
	}
	if err != nil {
		_ = f.Close()
		return nil, fmt.Errorf("lock data directory: %w", err)
	}
	return f, nil
}

// isLocked asks whether there is an owner.
func (l layout) isLocked() (bool, error) {
	f, err := os.OpenFile(l.lockFile(), os.O_RDONLY|syscall.O_NOFOLLOW, 0)
	if errors.Is(err, os.ErrNotExist) {
		return false, nil
	} else if err != nil {
		return false, fmt.Errorf("look at lock: %w", err)
	}
	defer func() { _ = f.Close() }()
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_SH|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return true, nil
	} else if err != nil {
		return false, fmt.Errorf("look at lock: %w", err)
	}
	return false, nil
}

// ready publishes the socket's folder to those who attach. It is written last,
// when roles and database exist.
func (l layout) ready(lock *os.File) error {
	if _, err := lock.WriteAt([]byte(l.sockets+"\n"), 0); err != nil {
		return fmt.Errorf("publish socket: %w", err)
	}
	return nil
}

// readySockets reads what ready wrote, or answers errNotYet.
func (l layout) readySockets() (string, error) {
	b, err := os.ReadFile(l.lockFile())
	if err != nil {
		return "", fmt.Errorf("read lock: %w", err)
	}
	sockets, whole := strings.CutSuffix(string(b), "\n")
	if !whole {
		return "", errNotYet
	}
	return sockets, nil
}

func (l layout) pidFile() string { return filepath.Join(l.data(), "postmaster.pid") }

// postmaster is the live server of this data directory, or 0. The file that
// names it survives a crash, and its number may be somebody else's by now.
func (l layout) postmaster() int {
	pid := l.recordedPid()
	if pid > 0 && serves(pid, l.data()) {
		return pid
	}
	return 0
}

func (l layout) recordedPid() int {
	b, err := os.ReadFile(l.pidFile())
	if err != nil {
		return 0
	}
	line, _, _ := bytes.Cut(b, []byte("\n"))
	pid, err := strconv.Atoi(string(bytes.TrimSpace(line)))
	if err != nil {
		return 0
	}
	return pid
}

// disownStale keeps a number that was used again from locking the cluster out
// for ever. A server believes its own parent's number to be stale; the rest of
// the file stays, for by it the server finds children of the dead one that
// still hold its memory. Called by the owner when no server lives.
func (l layout) disownStale() error {
	b, err := os.ReadFile(l.pidFile())
	if errors.Is(err, os.ErrNotExist) {
		return nil
	} else if err != nil {
		return fmt.Errorf("read stale server lock: %w", err)
	}
	_, rest, _ := bytes.Cut(b, []byte("\n"))
	return l.replace(l.pidFile(), strconv.Itoa(os.Getpid())+"\n"+string(rest))
}

// tail is what was written to the server's log from an offset on.
func (l layout) tail(from int64) string {
	f, err := os.Open(l.logFile())
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	b, _ := io.ReadAll(io.NewSectionReader(f, from, 64<<10))
	return string(b)
}
