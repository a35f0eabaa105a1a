package masking

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// predecessorsFile lists the keys that signed before, a line each: the size of
// the last checkpoint under the key, and its vkey.
const predecessorsFile = "predecessors"

// maxPredecessors bounds that file; each is a restore that lost something.
const maxPredecessors = 64

// ErrSuccessionBegun says that another key was begun with, which has to be gone
// on with: it may have signed already.
var ErrSuccessionBegun = errors.New("masking: the key folder holds the next ledger key of a succession that was begun")

// ledgerSecret is one file of a generation of the log's keys: by what name it is held,
// by what name the next generation's waits, and where both are read to.
type ledgerSecret struct {
	name, next       string
	current, waiting *Text
}

// generation are the secrets that the log signs with at one time. They change
// together and in this order; the last one says which generation holds.
func (f *Folder) generation() []ledgerSecret {
	return []ledgerSecret{{ledgerFile, "ledger.next.key", &f.LedgerKey, &f.NextLedgerKey}}
}

// readGenerations reads against the order in which they are written: the next key,
// the current one, the list. So what is read while they change is of one time, or
// a current key that is listed already: its successor has signed, and is about to
// take its place.
func (f *Folder) readGenerations() error {
	for _, g := range f.generation() {
		if err := errors.Join(f.readSecret(g.next, g.waiting), f.readSecret(g.name, g.current)); err != nil {
			return err
		}
		if hmac.Equal([]byte(g.waiting.Reveal()), []byte(g.current.Reveal())) {
			*g.waiting = Text{}
		}
	}
	if err := f.readSecret(cosigningFile, &f.CosigningKey); err != nil {
		return err
	}
	text, err := readText(f.dir, predecessorsFile)
	if errors.Is(err, fs.ErrNotExist) {
		f.Predecessors = nil
		return nil
	}
	if err != nil {
		return err
	}
	f.Predecessors, err = parsePredecessors(text)
	if err != nil {
		return fmt.Errorf("%w: %s; restore it from a backup", err, filepath.Join(f.dir, predecessorsFile))
	}
	return nil
}

func (f *Folder) readSecret(name string, into *Text) error {
	skey, err := readLine(f.dir, name)
	*into = Text{}
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		*into = NewText(skey)
	}
	return err
}

func parsePredecessors(text string) ([]Predecessor, error) {
	var all []Predecessor
	for line := range strings.SplitSeq(text, "\n") {
		size, vkey, found := strings.Cut(line, " ")
		until, err := strconv.ParseInt(size, 10, 64)
		if !found || err != nil || until < 0 || strconv.FormatInt(until, 10) != size || vkey == "" || strings.ContainsAny(vkey, " \r") {
			return nil, ErrFolderBroken
		}
		all = append(all, Predecessor{until, vkey})
	}
	return all, nil
}

// BeginSuccession keeps the key that is to sign next, durably, before it signs
// anything. If one is waiting already the error is ErrSuccessionBegun, and
// f.NextLedgerKey that one: whether it has signed only the database can say. If the
// current key is no longer the one that was read it is ErrLedgerKeyIsSet.
func (f *Folder) BeginSuccession(skey string) error {
	if strings.TrimSpace(skey) != skey || skey == "" || strings.ContainsAny(skey, "\r\n") {
		return errNoLedgerKey
	}
	unlock, err := lockFolder(f.dir)
	if err != nil {
		return err
	}
	defer unlock()
	was := f.LedgerKey
	if err := f.readGenerations(); err != nil {
		return err
	}
	if !hmac.Equal([]byte(was.Reveal()), []byte(f.LedgerKey.Reveal())) {
		return ErrLedgerKeyIsSet
	}
	if len(f.Predecessors) >= maxPredecessors {
		return fmt.Errorf("%w: %s is full", ErrFolderBroken, predecessorsFile)
	}
	for _, g := range f.generation() {
		if !g.waiting.IsZero() {
			return ErrSuccessionBegun
		}
		if err := writeLine(f.dir, g.next, skey); err != nil {
			return err
		}
		*g.waiting = NewText(skey)
	}
	return nil
}

// FinishSuccession makes the next key the current one, after it has signed; the
// old secret is gone then. Predecessors are all keys before it. A crash leaves
// the list written and the keys as they were, and the same again finishes it. If
// another process was first there is nothing to do. What holds is in f.
func (f *Folder) FinishSuccession(next string, predecessors []Predecessor) error {
	unlock, err := lockFolder(f.dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := f.readGenerations(); err != nil {
		return err
	}
	if !hmac.Equal([]byte(f.NextLedgerKey.Reveal()), []byte(next)) {
		return nil
	}
	lines := make([]string, len(predecessors))
	for i, p := range predecessors {
		lines[i] = strconv.FormatInt(p.Until, 10) + " " + p.Verifier
	}
	if err := writeLine(f.dir, predecessorsFile, strings.Join(lines, "\n")); err != nil {
		return err
	}
	for _, g := range f.generation() {
		err := os.Rename(filepath.Join(f.dir, g.next), filepath.Join(f.dir, g.name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) { // a crash may have come after it
			return fmt.Errorf("write key folder: %w", err)
		}
	}
	if err := syncFolder(f.dir); err != nil {
		return fmt.Errorf("write key folder: %w", err)
	}
	return f.readGenerations()
}

// Reload reads the log's keys again, which another process may have changed.
func (f *Folder) Reload() error { return f.readGenerations() }
