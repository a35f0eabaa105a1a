package masking

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strconv"
)

// unlinkedFile is not there in a folder whose broker has not started since rows of
// checkpoints carry a MAC.
const unlinkedFile = "unlinked"

// SettleUnlinked gives the size up to which checkpoint rows are from before they
// carried a MAC; of a new log that is 0. The first call asks find, and what it said
// holds for ever after, for every process on the folder: whoever takes the MACs out
// of the database can't make it believe that there never were any. It appears whole
// or not at all, so a start that was cut off leaves it to the next one.
func (f *Folder) SettleUnlinked(find func() (int64, error)) (size int64, err error) {
	if size, err = f.readUnlinked(); !errors.Is(err, fs.ErrNotExist) {
		return size, err
	}
	unlock, err := lockFolder(f.dir)
	if err != nil {
		return 0, err
	}
	defer unlock()
	if size, err = f.readUnlinked(); !errors.Is(err, fs.ErrNotExist) { // another process was first
		return size, err
	}
	if size, err = find(); err != nil {
		return 0, err
	}
	return size, writeLine(f.dir, unlinkedFile, strconv.FormatInt(size, 10))
}

func (f *Folder) readUnlinked() (int64, error) {
	line, err := readLine(f.dir, unlinkedFile)
	if err != nil {
		return 0, err
	}
	size, err := strconv.ParseInt(line, 10, 64)
	if err != nil || size < 0 || strconv.FormatInt(size, 10) != line {
		return 0, fmt.Errorf("%w: %s; restore it from a backup", ErrFolderBroken, filepath.Join(f.dir, unlinkedFile))
	}
	return size, nil
}
