package main

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"bauta.dev/bauta/masking"
)

// intent is what a command may make where nothing is.
type intent uint8

const (
	looking       intent = iota // nothing: it is about data that is there
	working                     // a data directory, keys and a log
	serving                     // likewise, but no key folder beside the data it opens
	demonstrating               // likewise, and the keys may lie in the data directory
)

// place is where the key folder is, and whether it may be made.
type place struct {
	dir    string
	create bool
}

const idFile = "id" // in the data directory; names the default key folder

// openKeys finds the key folder and opens it. A log that has begun is never
// given new keys: they could open nothing of it.
func (p *program) openKeys(may intent) (*masking.Folder, error) {
	at, err := p.findKeys(may)
	if err != nil {
		return nil, err
	}
	folder, err := masking.OpenFolder(at.dir, p.random, at.create)
	if errors.Is(err, masking.ErrNoFolder) {
		return nil, fmt.Errorf("%w: restore it from its backup, or say with --keys where it is; without it nothing in the database can be opened", err)
	}
	return folder, err
}

func (p *program) findKeys(may intent) (place, error) {
	began := p.DatabaseURL == "" && exists(filepath.Join(p.DataDir, "postgres", "PG_VERSION"))
	if p.DatabaseURL == "" && !began && may == looking {
		return place{}, fmt.Errorf("there is no broker's data in %s: give the --data-dir that it was started with, or start one with bauta serve", p.DataDir)
	}
	at := place{dir: p.Keys, create: may != looking && !began}
	if at.dir == "" {
		var err error
		if at.dir, err = p.defaultKeys(may, began); err != nil {
			return place{}, err
		}
	}
	within, err := inside(p.DataDir, at.dir)
	if err != nil {
		return place{}, err
	}
	if within && may != demonstrating && (may == serving || at.create) {
		return place{}, fmt.Errorf("the key folder %s lies in the data directory %s: one copy of that would open everything; move it out and give --keys (only serve --demo takes it there)", at.dir, p.DataDir)
	}
	return at, nil
}

// defaultKeys is where the keys are when nobody says.
func (p *program) defaultKeys(may intent, began bool) (string, error) {
	demo := filepath.Join(p.DataDir, "keys")
	id, err := p.readID()
	switch {
	case err != nil:
		return "", err
	case id != "":
		return configured(id)
	case may == serving && p.DatabaseURL == "" && exists(demo):
		return "", fmt.Errorf("%s is a demonstration's, with its keys beside its data: add --demo, or choose another --data-dir", p.DataDir)
	case may == demonstrating || p.DatabaseURL == "" && exists(demo):
		return demo, nil
	case p.DatabaseURL != "" && may == looking:
		return "", errors.New("say with --keys (BAUTA_KEYS) where the key folder of this database is")
	case began:
		return "", fmt.Errorf("%s has a database, but no file id that names its key folder: give the --keys that it was started with", p.DataDir)
	}
	if id, err = p.writeID(); err != nil {
		return "", err
	}
	return configured(id)
}

func configured(id string) (string, error) {
	dir, err := os.UserConfigDir()
	if err != nil {
		return "", fmt.Errorf("find your configuration folder (say with --keys where the key folder shall be): %w", err)
	}
	return filepath.Join(dir, "bauta", id), nil
}

// readID is empty where no start has written one.
func (p *program) readID() (string, error) {
	path := filepath.Join(p.DataDir, idFile)
	b, err := os.ReadFile(path) //nolint:gosec // the operator's own folder
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read the name of the key folder: %w", err)
	}
	id := strings.TrimSpace(string(b))
	if raw, err := hex.DecodeString(id); err != nil || len(raw) != 16 { // it becomes part of a path
		return "", fmt.Errorf("%s does not hold the name of a key folder: restore it, or say with --keys where the folder is", path)
	}
	return id, nil
}

// writeID names the key folder of a new data directory. Of two brokers that
// start at once the first one's name holds. The file appears whole, and before
// there are any keys; a crash in between leaves a name for keys to come.
func (p *program) writeID() (string, error) {
	raw := make([]byte, 16)
	if _, err := io.ReadFull(p.random, raw); err != nil {
		return "", fmt.Errorf("name the key folder: %w", err)
	}
	if err := os.MkdirAll(p.DataDir, 0o700); err != nil {
		return "", fmt.Errorf("make data directory: %w", err)
	}
	err := writeNew(filepath.Join(p.DataDir, idFile), []byte(hex.EncodeToString(raw)+"\n"))
	if err != nil && !errors.Is(err, fs.ErrExist) {
		return "", fmt.Errorf("name the key folder: %w", err)
	}
	return p.readID()
}

// inside says whether path lies in dir, whatever links lead there.
func inside(dir, path string) (bool, error) {
	outer, err := real(dir)
	if err != nil {
		return false, err
	}
	inner, err := real(path)
	if err != nil {
		return false, err
	}
	rel, err := filepath.Rel(outer, inner)
	return err == nil && rel != ".." && !strings.HasPrefix(rel, ".."+string(filepath.Separator)), nil
}

// real follows links as far as the path exists.
func real(path string) (string, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return "", fmt.Errorf("find %s: %w", path, err)
	}
	rest := ""
	for at := path; ; at = filepath.Dir(at) {
		found, err := filepath.EvalSymlinks(at)
		if err == nil {
			return filepath.Join(found, rest), nil
		}
		if !errors.Is(err, fs.ErrNotExist) || at == filepath.Dir(at) {
			return "", fmt.Errorf("find %s: %w", path, err)
		}
		rest = filepath.Join(filepath.Base(at), rest)
	}
}

// exists takes what can't be looked at for something: opening it says why.
func exists(path string) bool {
	_, err := os.Stat(path)
	return !errors.Is(err, fs.ErrNotExist)
}
