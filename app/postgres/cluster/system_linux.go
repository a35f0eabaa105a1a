package cluster

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"syscall"
)

// attributes make the server shut down cleanly at the moment its broker dies,
// be it by kill -9.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGINT}
}

// handOver opens a folder for a child that may not walk to it, such as one
// below /root: the child gets the folder itself, and a name for it that leads
// through none of its parents. The data stays where its owner wants it and no
// permission is widened.
func handOver(folder string) (f *os.File, alias string, err error) {
	if f, err = os.Open(folder); err != nil {
		return nil, "", fmt.Errorf("open folder: %w", err)
	}
	return f, "/proc/self/fd/3", nil // the first of ExtraFiles
}

// serves says whether a process is the server of a data folder: that is where
// a server, and hardly anything else, works. A process that may not be looked
// at is another user's, and so is not.
func serves(pid int, folder string) bool {
	work, err := os.Stat("/proc/" + strconv.Itoa(pid) + "/cwd")
	if err != nil {
		if _, proc := os.Stat("/proc/self/cwd"); errors.Is(proc, os.ErrNotExist) {
			return syscall.Kill(pid, 0) == nil // no /proc to ask
		}
		return false
	}
	data, err := os.Stat(folder)
	return err == nil && os.SameFile(work, data)
}
