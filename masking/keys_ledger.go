package masking

import (
	"crypto/hmac"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// cosigningFile is not there in a folder from before the log had a second key.
const cosigningFile = "ledger-mldsa.key"

// SetCosigningKey keeps the log's second signing key, once, as SetLedgerKey does
// the first.
func (f *Folder) SetCosigningKey(skey string) error {
	return f.setOnce(cosigningFile, &f.CosigningKey, skey)
}

// FindCosigningKey looks for it once more: another process may have made it since.
func (f *Folder) FindCosigningKey() error { return f.readSecret(cosigningFile, &f.CosigningKey) }

// setOnce writes a key that a folder gets after it was made, unless it has one
// already: that one then holds, and key says it. It appears whole or not at all,
// so a start that was cut off leaves it to the next one.
func (f *Folder) setOnce(name string, key *Text, skey string) error {
	if strings.TrimSpace(skey) != skey || skey == "" || strings.ContainsAny(skey, "\r\n") {
		return errNoLedgerKey
	}
	unlock, err := lockFolder(f.dir)
	if err != nil {
		return err
	}
	defer unlock()
	held, err := readLine(f.dir, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if err := writeLine(f.dir, name, skey); err != nil {
			return err
		}
		*key = NewText(skey)
		return nil
	case err != nil:
		return err
	}
	*key = NewText(held)
	if !hmac.Equal([]byte(held), []byte(skey)) {
		return ErrLedgerKeyIsSet
	}
	return nil
}

// RetireCosigningKey takes the second key of a log that was succeeded away, if it
// still is the one that is held. A crash leaves it to the next start.
func (f *Folder) RetireCosigningKey(old Text) error {
	unlock, err := lockFolder(f.dir)
	if err != nil {
		return err
	}
	defer unlock()
	if err := f.readSecret(cosigningFile, &f.CosigningKey); err != nil || !hmac.Equal([]byte(f.CosigningKey.Reveal()), []byte(old.Reveal())) {
		return err
	}
	if err := os.Remove(filepath.Join(f.dir, cosigningFile)); err != nil {
		return fmt.Errorf("write key folder: %w", err)
	}
	f.CosigningKey = Text{}
	return syncFolder(f.dir)
}
