package masking

import (
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const (
	folderFile    = "folder.json"
	ledgerFile    = "ledger.key"
	lockFile      = "lock"
	folderVersion = 1
	folderIDSize  = 16
	maxKeyFile    = 16 << 10 // a predecessor is a line of some 150 bytes
)

// folderMark is folder.json: the promise that every key file is there.
type folderMark struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

// read fails with ErrNoFolder only where there is nothing to lose: neither the
// mark nor any key.
func (f *Folder) read() error {
	line, err := readLine(f.dir, folderFile)
	if errors.Is(err, fs.ErrNotExist) {
		return f.withoutMark()
	}
	if err != nil {
		return err
	}
	var m folderMark
	id, errID := []byte(nil), error(nil)
	if err := json.Unmarshal([]byte(line), &m); err == nil {
		id, errID = hex.DecodeString(m.ID)
	}
	if errID != nil || len(id) != folderIDSize || m.Version != folderVersion {
		return fmt.Errorf("%w: %s; restore it from a backup", ErrFolderBroken, filepath.Join(f.dir, folderFile))
	}
	f.ID = hex.EncodeToString(id)
	for _, k := range f.keyFiles() {
		if *k.key, err = readKey(f.dir, k.name); err != nil {
			return err
		}
	}
	return f.readGenerations()
}

func (f *Folder) withoutMark() error {
	names := []string{predecessorsFile, cosigningFile, unlinkedFile}
	for _, g := range f.generation() {
		names = append(names, g.name, g.next)
	}
	for _, k := range f.keyFiles() {
		names = append(names, k.name)
	}
	for _, name := range names {
		if _, err := os.Lstat(filepath.Join(f.dir, name)); err == nil {
			return fmt.Errorf("%w: %s is there and %s is not; restore the folder from a backup, or empty it if no broker ever ran on it",
				ErrFolderPartial, filepath.Join(f.dir, name), folderFile)
		}
	}
	return fmt.Errorf("%w in %s", ErrNoFolder, f.dir)
}

// make writes the keys, and the mark after all of them. The caller holds the
// lock. A crash in between leaves a folder that read refuses.
func (f *Folder) make(random io.Reader) error {
	id := make([]byte, folderIDSize)
	if _, err := io.ReadFull(random, id); err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	for _, k := range f.keyFiles() {
		key, err := NewKey(random)
		if err != nil {
			return fmt.Errorf("make key folder: %w", err)
		}
		if err := writeLine(f.dir, k.name, hex.EncodeToString(key.bytes())); err != nil {
			return err
		}
	}
	mark, err := json.Marshal(folderMark{ID: hex.EncodeToString(id), Version: folderVersion})
	if err != nil {
		return fmt.Errorf("make key folder: %w", err)
	}
	if err := writeLine(f.dir, folderFile, string(mark)); err != nil {
		return err
	}
	err = syncFolder(filepath.Dir(f.dir)) // the folder's own name
	if errors.Is(err, fs.ErrPermission) { // a parent that is not ours was there before
		return nil
	}
	return err
}

func readKey(dir, name string) (Key, error) {
	line, err := readLine(dir, name)
	if errors.Is(err, fs.ErrNotExist) {
		return Key{}, fmt.Errorf("%w: %s is missing; restore it from a backup", ErrFolderPartial, filepath.Join(dir, name))
	}
	if err != nil {
		return Key{}, err
	}
	raw, err := hex.DecodeString(line)
	if err != nil || len(raw) != KeySize { // the cause would quote a digit of the key
		return Key{}, fmt.Errorf("%w: %s is not 64 hexadecimal digits", ErrFolderBroken, filepath.Join(dir, name))
	}
	return KeyOf(raw)
}

// readLine reads a file of one line.
func readLine(dir, name string) (string, error) {
	line, err := readText(dir, name)
	if err == nil && (line == "" || strings.ContainsAny(line, "\r\n")) {
		return "", fmt.Errorf("%w: %s is not one line", ErrFolderBroken, filepath.Join(dir, name))
	}
	return line, err
}

// readText looks at the mode of the file that it has open, not at the name.
func readText(dir, name string) (string, error) {
	path := filepath.Join(dir, name)
	file, err := os.Open(path) //nolint:gosec // the operator's own folder
	if err != nil {
		return "", fmt.Errorf("read key folder: %w", err)
	}
	defer file.Close() //nolint:errcheck // only read from
	info, err := file.Stat()
	if err != nil {
		return "", fmt.Errorf("read key folder: %w", err)
	}
	if !info.Mode().IsRegular() {
		return "", fmt.Errorf("%w: %s is not a file", ErrFolderBroken, path)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return "", fmt.Errorf("%w: run chmod 600 %q", ErrFolderTooOpen, path)
	}
	b, err := io.ReadAll(io.LimitReader(file, maxKeyFile+1))
	if err != nil {
		return "", fmt.Errorf("read key folder: %w", err)
	}
	if len(b) > maxKeyFile {
		return "", fmt.Errorf("%w: %s is too long", ErrFolderBroken, path)
	}
	return strings.TrimSuffix(string(b), "\n"), nil
}

// writeLine makes a file appear whole and durable under its name, or take the
// place of the one that is there. The caller holds the lock.
func writeLine(dir, name, line string) error {
	temp := filepath.Join(dir, "."+name+".tmp") // one name: a crash leaves at most this, and the next write takes it over
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return fmt.Errorf("write key folder: %w", err)
	}
	_, err = file.WriteString(line + "\n")
	err = errors.Join(err, file.Chmod(0o600), file.Sync(), file.Close())
	if err == nil {
		err = os.Rename(temp, filepath.Join(dir, name))
	}
	if err == nil {
		err = syncFolder(dir)
	}
	if err != nil {
		return fmt.Errorf("write key folder: %w", err)
	}
	return nil
}

func syncFolder(dir string) error {
	d, err := os.Open(dir) //nolint:gosec // the operator's own folder
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}

func checkFolderMode(dir string) error {
	info, err := os.Stat(dir)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%w in %s", ErrNoFolder, dir)
	case err != nil:
		return fmt.Errorf("open key folder: %w", err)
	case !info.IsDir():
		return fmt.Errorf("%w: %s is not a folder", ErrFolderBroken, dir)
	case info.Mode().Perm()&0o077 != 0:
		return fmt.Errorf("%w: run chmod 700 %q", ErrFolderTooOpen, dir)
	}
	return nil
}

// lockFolder holds off every other process that writes the folder; the lock
// goes with the process that dies. A file and not the folder is locked: NFS
// locks only what is open for writing.
func lockFolder(dir string) (unlock func(), err error) {
	file, err := os.OpenFile(filepath.Join(dir, lockFile), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock key folder: %w", err)
	}
	for {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		_ = file.Close() // nothing was written
		return nil, fmt.Errorf("lock key folder: %w", err)
	}
	return func() { _ = file.Close() }, nil // closing unlocks
}
