package anchor

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

// What is wrong with a checkpoint file. Each of these means that somebody else
// wrote to it: nothing is signed until a person has looked.
var (
	ErrRecord  = errors.New("the checkpoint file holds something that is not a checkpoint of this log")
	ErrOrder   = errors.New("the checkpoint file does not grow from one checkpoint to the next")
	ErrChanged = errors.New("the checkpoint file was cut or changed while this broker ran")
	ErrEarlier = errors.New("the checkpoint is signed by a key that was succeeded: it does not go into the file any more")
)

// linesOfRecord: a note of three lines, an empty one and a signature, and an
// empty line after it.
const linesOfRecord = 6

// tail is how much of the end is read at a start, and record the most that one
// checkpoint takes: a start costs the same, however long the file is.
const (
	tail   = 64 << 10
	record = 4 << 10
)

// File is an append-only file of checkpoints, outside of the database and of its
// folder. Several brokers of one log may share it. A crash while one is written
// leaves half a record at the end, which the next append takes away.
//
// After a succession the records of the new key follow those of the old one, and
// begin anew with whatever size they have; a key that was succeeded never returns.
type File struct {
	path string
	eras ledger.Eras

	disk    sync.Mutex // held while the file is read and written, however long that takes
	last    ledger.Checkpoint
	era     int   // whose signature last carries, by its place in eras
	from    int64 // where the record of last begins
	to      int64 // where it ends
	changed error // why the file is not to be believed

	seen atomic.Pointer[seen] // for who must not wait
}

// seen is the last record under the key that goes on, if there is any, and changed.
type seen struct {
	last    ledger.Checkpoint
	changed error
}

// OpenFile reads the end of the file at path; with create, an absent one is made.
func OpenFile(path string, eras ledger.Eras, create bool) (*File, error) {
	f := &File{path: path, eras: eras}
	flag := os.O_RDONLY
	if create {
		flag = os.O_RDWR | os.O_CREATE
	}
	err := f.locked(flag, func(file *os.File) error {
		info, err := file.Stat()
		if err != nil {
			return err
		}
		start := max(0, info.Size()-tail)
		b, err := io.ReadAll(io.NewSectionReader(file, start, info.Size()-start))
		if err != nil {
			return err
		}
		if start > 0 { // the first whole record begins behind the empty line that ends another
			i := f.opening(b)
			if i < 0 {
				return ErrRecord
			}
			b, start = b[i+2:], start+int64(i)+2
		}
		return f.take(b, start)
	})
	if err != nil {
		return nil, err
	}
	if create {
		if err := syncFolder(filepath.Dir(path)); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// opening finds what stands before every record but the first.
func (f *File) opening(b []byte) int {
	first := -1
	for _, era := range f.eras.All() {
		if i := bytes.Index(b, []byte("\n\n"+era.Origin()+"\n")); i >= 0 && (first < 0 || i < first) {
			first = i
		}
	}
	return first
}

// Last is the newest checkpoint of the file under the key that goes on, the zero
// one where there is none. The error is why it is not to be believed. It never
// waits for a disk.
func (f *File) Last() (ledger.Checkpoint, error) {
	s := f.seen.Load()
	return s.last, s.changed
}

// Refresh reads what others have appended.
func (f *File) Refresh() error { return f.locked(os.O_RDONLY, f.refresh) }

// Append adds a checkpoint that the caller found to extend Last; one that is no
// larger than what others appended meanwhile adds nothing, and one under a key that
// was succeeded is ErrEarlier. It returns when the record is durable.
func (f *File) Append(c ledger.Checkpoint) error {
	current := f.current()
	if c.Origin != f.eras.Current().Name() {
		return ErrEarlier
	}
	return f.locked(os.O_RDWR, func(file *os.File) error {
		if err := f.refresh(file); err != nil {
			return err
		}
		if !f.follows(c, current) {
			return nil
		}
		if err := file.Truncate(f.to); err != nil { // half a record, or nothing
			return err
		}
		b := append(bytes.Clone(c.Note), '\n')
		if _, err := file.WriteAt(b, f.to); err != nil {
			return err
		}
		if err := file.Sync(); err != nil {
			return err
		}
		f.last, f.era, f.from, f.to = c, current, f.to, f.to+int64(len(b))
		return nil
	})
}

// Each reads the whole file, in order.
func (f *File) Each(do func(ledger.Checkpoint) error) error {
	return f.locked(os.O_RDONLY, func(file *os.File) error {
		var rest []byte
		so := File{eras: f.eras} // as far as it was read
		b := make([]byte, tail)
		for {
			n, err := file.Read(b)
			rest = append(rest, b[:n]...)
			for {
				c, era, after, whole, bad := f.parse(rest)
				if bad != nil {
					return bad
				}
				if !whole {
					break
				}
				if !so.follows(c, era) {
					return ErrOrder
				}
				if bad := do(c); bad != nil {
					return bad
				}
				so.last, so.era, rest = c, era, after
			}
			if errors.Is(err, io.EOF) {
				return nil
			}
			if err != nil {
				return err
			}
		}
	})
}

// locked opens the file, which may have been put back since, and holds it alone.
func (f *File) locked(flag int, do func(*os.File) error) error {
	f.disk.Lock()
	defer f.disk.Unlock()
	defer func() {
		s := &seen{changed: f.changed}
		if f.era == f.current() {
			s.last = f.last
		}
		f.seen.Store(s)
	}()
	file, err := os.OpenFile(f.path, flag, 0o644) //nolint:gosec // checkpoints are public, and the path is the operator's
	if err != nil {
		return fmt.Errorf("open checkpoint file: %w", err)
	}
	defer func() { _ = file.Close() }()
	if err := lock(file); err != nil {
		return fmt.Errorf("lock checkpoint file: %w", err)
	}
	if err := do(file); err != nil {
		return fmt.Errorf("checkpoint file: %w", err)
	}
	return nil
}

// Other brokers hold the lock for as long as one write takes. Somebody else may
// hold it for ever, and must not stop this one.
const (
	lockTries = 40
	lockPause = 50 * time.Millisecond
)

func lock(file *os.File) (err error) {
	for range lockTries {
		err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EWOULDBLOCK) && !errors.Is(err, syscall.EINTR) {
			return err
		}
		time.Sleep(lockPause)
	}
	return err
}

// refresh reads from the last known record on: it must still be there.
func (f *File) refresh(file *os.File) error {
	info, err := file.Stat()
	if err != nil {
		return err
	}
	b, err := io.ReadAll(io.NewSectionReader(file, f.from, info.Size()-f.from))
	if err != nil {
		return err
	}
	known := int(f.to - f.from)
	if len(b) < known || known > 0 && !bytes.Equal(b[:known], append(bytes.Clone(f.last.Note), '\n')) {
		f.changed = ErrChanged
		return f.changed
	}
	if f.changed = f.take(b[known:], f.to); f.changed != nil {
		return f.changed
	}
	return nil
}

// take reads records that begin at a place of the file.
func (f *File) take(b []byte, at int64) error {
	f.to = at
	for {
		c, era, rest, whole, err := f.parse(b)
		switch {
		case err != nil:
			return err
		case !whole:
			return nil
		case !f.follows(c, era):
			return ErrOrder
		}
		f.last, f.era, f.from, f.to = c, era, f.to, f.to+int64(len(b)-len(rest))
		b = rest
	}
}

// current is the place of the key that goes on.
func (f *File) current() int { return len(f.eras.All()) - 1 }

// follows says whether a record may stand behind the last one.
func (f *File) follows(c ledger.Checkpoint, era int) bool {
	return era > f.era || era == f.era && c.Size > f.last.Size
}

// parse takes one record off b. Half of one, which a crash leaves, is not whole
// and not wrong.
func (f *File) parse(b []byte) (c ledger.Checkpoint, era int, rest []byte, whole bool, err error) {
	end := 0
	for range linesOfRecord {
		i := bytes.IndexByte(b[end:], '\n')
		if i < 0 {
			if len(b) > record || !f.begins(b) {
				return c, 0, b, false, ErrRecord
			}
			return c, 0, b, false, nil
		}
		end += i + 1
	}
	if end > record || b[end-2] != '\n' || !strict(b[:end-2]) {
		return c, 0, b, false, ErrRecord
	}
	if c, era, err = f.eras.Signed(bytes.Clone(b[:end-1])); err != nil {
		return c, 0, b, false, ErrRecord
	}
	return c, era, b[end:], true, nil
}

// begins says whether a record of this log may begin so.
func (f *File) begins(b []byte) bool {
	for _, era := range f.eras.All() {
		name := []byte(era.Origin() + "\n")
		n := min(len(b), len(name))
		if bytes.Equal(b[:n], name[:n]) {
			return true
		}
	}
	return false
}

// strict says whether the signature at the end is in its one form: base64 has
// spare bits, and a note's reader lets them be anything.
func strict(signed []byte) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(string(signed[bytes.LastIndexByte(signed, ' ')+1:]))
	return err == nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir) //nolint:gosec // the operator's own folder
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
