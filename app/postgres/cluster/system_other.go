//go:build !linux

package cluster

import (
	"errors"
	"os"
	"syscall"
)

// attributes: this system cannot tie a child to its parent's life. The next
// start ends a server that a killed broker left behind.
func attributes() *syscall.SysProcAttr {
	return &syscall.SysProcAttr{Setpgid: true}
}

func handOver(string) (f *os.File, alias string, err error) {
	return nil, "", errors.New("a folder above it is closed to that user: choose another place with --data-dir")
}

func serves(pid int, _ string) bool { return syscall.Kill(pid, 0) == nil }
