package cluster

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"syscall"
)

// port names the socket; nothing listens on the network.
const port = "5432"

// maxSocketPath is what the kernel's sockaddr_un leaves for a path.
const maxSocketPath = 107

// account is a user of the operating system.
type account struct {
	uid, gid int
	name     string
}

// layout is where the parts of one cluster are, and whose they are.
type layout struct {
	dir     string  // the broker's data directory, without symbolic links
	sockets string  // the folder of the server's socket
	server  account // whom the server runs as
	owner   account // whose data directory it is
	runner  account // whom this process runs as
}

func (l layout) data() string     { return filepath.Join(l.dir, "postgres") }
func (l layout) unmade() string   { return filepath.Join(l.dir, "postgres.new") }
func (l layout) lockFile() string { return filepath.Join(l.dir, "postgres.lock") }
func (l layout) logFile() string  { return filepath.Join(l.dir, "postgres.log") }

// newLayout makes the data directory where there is none.
func newLayout(dir string) (layout, error) {
	if dir == "" {
		return layout{}, errors.New("find data directory: none is set")
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return layout{}, fmt.Errorf("make data directory: %w", err)
	}
	return existingLayout(dir)
}

func existingLayout(dir string) (layout, error) {
	real, err := resolve(dir)
	if err != nil {
		return layout{}, err
	}
	l := layout{dir: real}
	if l.runner, err = accountOf(os.Geteuid()); err != nil {
		return layout{}, err
	}
	uid, inode, err := ownerOf(real)
	if err != nil {
		return layout{}, err
	}
	// A data directory of somebody without a name: the kernel can never name
	// that user to the server, so there is nobody to let in.
	if l.owner, err = accountOf(uid); err != nil {
		l.owner = l.runner
	}
	if l.server, err = serverAccount(l); err != nil {
		return layout{}, err
	}
	l.sockets = socketFolder(l, inode)
	return l, nil
}

// serverAccount chooses whom the server runs as. PostgreSQL refuses to be
// root; under root it runs as whoever the data belongs to already, so that a
// command by root never takes a cluster away from its user.
func serverAccount(l layout) (account, error) {
	uid, _, err := ownerOf(l.data())
	switch {
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return account{}, err
	case err == nil && l.runner.uid != 0 && uid != l.runner.uid:
		return account{}, fmt.Errorf("%s belongs to user id %d: run as that user or as root", l.data(), uid)
	case l.runner.uid != 0:
		return l.runner, nil
	case err == nil && uid == 0:
		return account{}, fmt.Errorf("%s belongs to root, whom PostgreSQL refuses: give it to the user postgres (chown -R)", l.data())
	case err == nil:
		return accountOf(uid)
	case l.owner.uid != 0:
		return l.owner, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		if u, err := user.Lookup(name); err == nil {
			return parseAccount(u)
		}
	}
	return account{}, errors.New("run PostgreSQL as root: it refuses, and there is neither a user postgres nor a user nobody to run it as")
}

// accountOf fails for a user id without a name: the server could not map a
// caller that it cannot name.
func accountOf(uid int) (account, error) {
	u, err := user.LookupId(strconv.Itoa(uid))
	if err != nil {
		return account{}, fmt.Errorf("find the name of user id %d (PostgreSQL needs one in /etc/passwd): %w", uid, err)
	}
	return parseAccount(u)
}

func parseAccount(u *user.User) (account, error) {
	uid, err := strconv.Atoi(u.Uid)
	if err != nil {
		return account{}, fmt.Errorf("read user id: %w", err)
	}
	gid, err := strconv.Atoi(u.Gid)
	if err != nil {
		return account{}, fmt.Errorf("read group id: %w", err)
	}
	return account{uid: uid, gid: gid, name: u.Username}, nil
}

// ownerOf does not follow a symbolic link: its owner is who made the link.
func ownerOf(path string) (uid int, inode uint64, err error) {
	info, err := os.Lstat(path)
	if err != nil {
		return 0, 0, fmt.Errorf("look at folder: %w", err)
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, 0, fmt.Errorf("look at folder %s: this system does not tell its owner", path)
	}
	return int(st.Uid), st.Ino, nil
}

// socketFolder is short, the same at every start, and another one for a data
// directory that was removed and made again while its old server still ran.
func socketFolder(l layout, inode uint64) string {
	sum := sha256.Sum256([]byte(l.dir + "\x00" + strconv.FormatUint(inode, 10)))
	name := "bauta-" + hex.EncodeToString(sum[:8])
	bases := []string{os.TempDir(), "/tmp"}
	if l.runner.uid == 0 {
		bases = append([]string{"/run"}, bases...)
	}
	for _, base := range bases {
		path := filepath.Join(base, name)
		info, err := os.Stat(base)
		if err == nil && info.IsDir() && reachable(path, l.server) && len(path)+len("/.s.PGSQL."+port) <= maxSocketPath {
			return path
		}
	}
	return filepath.Join("/tmp", name)
}

// makeSockets makes the socket's folder, open to the server's user alone (and
// to root). Its name can be foreseen, so one that somebody else made first is
// refused. Called by the owner of the cluster with no server running: files in
// it are left over from a crash.
func (l layout) makeSockets() error {
	if err := os.Mkdir(l.sockets, 0o700); err != nil && !errors.Is(err, os.ErrExist) {
		return fmt.Errorf("make socket folder: %w", err)
	}
	info, err := os.Lstat(l.sockets)
	if err != nil {
		return fmt.Errorf("look at socket folder: %w", err)
	}
	uid, _, err := ownerOf(l.sockets)
	if err != nil {
		return err
	}
	if !info.IsDir() || (uid != l.server.uid && uid != l.runner.uid) || info.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("use socket folder %s: it belongs to somebody else; remove it, or set TMPDIR to a folder of your own", l.sockets)
	}
	if err := l.give(l.sockets, l.server); err != nil {
		return err
	}
	for _, name := range []string{".s.PGSQL." + port, ".s.PGSQL." + port + ".lock"} {
		if err := os.Remove(filepath.Join(l.sockets, name)); err != nil && !errors.Is(err, os.ErrNotExist) {
			return fmt.Errorf("remove stale socket: %w", err)
		}
	}
	return nil
}

// give hands a file to its user where this process is root, and is nothing
// otherwise: then the file is that user's already.
func (l layout) give(path string, to account) error {
	if l.runner.uid != 0 {
		return nil
	}
	if err := os.Lchown(path, to.uid, to.gid); err != nil {
		return fmt.Errorf("give file to user %s: %w", to.name, err)
	}
	return nil
}

// openOwn opens a file of the data directory's owner. A symbolic link is
// refused: root must not be led to write elsewhere.
func (l layout) openOwn(path string, flags int) (*os.File, error) {
	f, err := os.OpenFile(path, flags|os.O_CREATE|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open file: %w", err)
	}
	if l.runner.uid == 0 {
		if err := f.Chown(l.owner.uid, l.owner.gid); err != nil {
			_ = f.Close()
			return nil, fmt.Errorf("give file to user %s: %w", l.owner.name, err)
		}
	}
	return f, nil
}

// replace writes a file of the server's whole or not at all.
func (l layout) replace(path, content string) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".bauta-*") // 0600, and never through a link
	if err != nil {
		return fmt.Errorf("write file: %w", err)
	}
	_, err = f.WriteString(content)
	if err == nil && l.runner.uid == 0 {
		err = f.Chown(l.server.uid, l.server.gid)
	}
	err = errors.Join(err, f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		_ = os.Remove(f.Name())
		return fmt.Errorf("write file %s: %w", path, err)
	}
	return nil
}

// reachable says whether the permission bits let a user come to path. What
// lists of access beyond those bits would add is not counted on.
func reachable(path string, a account) bool {
	if a.uid == os.Geteuid() {
		return true
	}
	for dir := filepath.Dir(path); ; dir = filepath.Dir(dir) {
		info, err := os.Stat(dir)
		if err != nil {
			return false
		}
		st, ok := info.Sys().(*syscall.Stat_t)
		if !ok {
			return false
		}
		need := os.FileMode(0o001)
		if int(st.Uid) == a.uid {
			need = 0o100
		} else if int(st.Gid) == a.gid {
			need = 0o010
		}
		if info.Mode().Perm()&need == 0 {
			return false
		}
		if dir == filepath.Dir(dir) {
			return true
		}
	}
}
