package masking

import (
	"crypto/hmac"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Why a key folder does not open. The errors around them name files and what
// to do about them, and never what is in a file.
var (
	ErrNoFolder       = errors.New("masking: there is no key folder")
	ErrFolderTooOpen  = errors.New("masking: others than the owner can reach the key folder")
	ErrFolderPartial  = errors.New("masking: the key folder is incomplete")
	ErrFolderBroken   = errors.New("masking: the key folder holds something unreadable")
	ErrLedgerKeyIsSet = errors.New("masking: the key folder already has another ledger key")
	errNoLedgerKey    = errors.New("masking: a ledger key is one line of text")
)

// Folder is the key folder of a broker: what a copy of its database is
// worthless without. Neither it nor its keys print.
type Folder struct {
	ID        string // 32 hexadecimal digits, no secret; the data directory remembers it
	KEK       Key    // wraps the keys of parties, transactions and cases
	Index     Key    // keyed index by e-mail and phone
	MAC       Key    // idempotency records and other lookups by hash
	Staff     Key    // salts of the staff's digests in entries
	Auditor   Key    // salts of the auditors' digests in entries
	LedgerKey Text   // the log's signing key as a note skey; none until SetLedgerKey
	// CosigningKey is the log's second key, likewise; none until SetCosigningKey.
	CosigningKey Text

	// NextLedgerKey is that of a succession that was begun and is not finished.
	NextLedgerKey Text
	Predecessors  []Predecessor // of LedgerKey, in the order of time

	dir string
}

func (f Folder) String() string               { return "key folder " + f.ID }
func (f Folder) Format(s fmt.State, _ rune)   { _, _ = io.WriteString(s, f.String()) }
func (f Folder) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// keyFiles are the raw keys in the order in which they are made and checked.
func (f *Folder) keyFiles() []keyFile {
	return []keyFile{
		{"kek.key", &f.KEK},
		{"index.key", &f.Index},
		{"mac.key", &f.MAC},
		{"staff.key", &f.Staff},
		{"auditor.key", &f.Auditor},
	}
}

type keyFile struct {
	name string
	key  *Key
}

// Predecessor is a key that signed the log before another took its place. Its
// secret is gone.
type Predecessor struct {
	Until    int64  // the size of the last checkpoint under it; 0 where none is left
	Verifier string // a note vkey
}

// OpenFolder reads the key folder, and with create makes it first where there
// is none or an empty one, from 176 bytes of randomness. Several processes may
// do so at once on one folder: all get the keys of the first.
//
// A folder appears whole or not at all: folder.json is written last, and a
// folder that has it is never given new keys. Errors: ErrNoFolder,
// ErrFolderTooOpen (the text holds the chmod to run), ErrFolderPartial,
// ErrFolderBroken, and those of the file system.
func OpenFolder(dir string, random io.Reader, create bool) (*Folder, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("open key folder: %w", err)
	}
	if create {
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, fmt.Errorf("make key folder: %w", err)
		}
	}
	if err := checkFolderMode(dir); err != nil {
		return nil, err
	}
	f := &Folder{dir: dir}
	err = f.read()
	making := errors.Is(err, ErrNoFolder) || errors.Is(err, ErrFolderPartial) // partial: perhaps another broker is at it
	if !making || !create {
		return orNothing(f, err)
	}
	unlock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	defer unlock()
	if err := f.read(); !errors.Is(err, ErrNoFolder) { // another broker was first
		return orNothing(f, err)
	}
	if err := f.make(random); err != nil {
		return nil, err
	}
	return orNothing(f, f.read()) // what is on the disk, not what was meant to be
}

func orNothing(f *Folder, err error) (*Folder, error) {
	if err != nil {
		return nil, err
	}
	return f, nil
}

// SetLedgerKey keeps the log's signing key, once. The same again changes
// nothing. If another process was first with another key, the error is
// ErrLedgerKeyIsSet and f.LedgerKey the one that holds.
func (f *Folder) SetLedgerKey(skey string) error { return f.setOnce(ledgerFile, &f.LedgerKey, skey) }

// Check is what the database keeps of the folder: 32 bytes that tell nothing
// of the keys, by which a start with another folder stops. The ledger's key has
// its own check, the log's origin and verifier key.
func (f *Folder) Check() []byte {
	h := sha256.New()
	for _, k := range f.keyFiles() {
		h.Write(k.key.MAC("bauta/folder-check/v1", []byte(k.name), []byte(f.ID)))
	}
	return h.Sum(nil)
}

// Matches says whether check is of this folder.
func (f *Folder) Matches(check []byte) bool { return hmac.Equal(check, f.Check()) }
