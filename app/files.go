package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// writeNew makes a file appear whole and durable under its name, readable by
// its owner alone. It is fs.ErrExist where one is there already.
func writeNew(path string, content []byte) error {
	temp, err := writeBeside(path, content)
	if err != nil {
		return err
	}
	return errors.Join(os.Link(temp, path), os.Remove(temp), syncFolder(filepath.Dir(path)))
}

// writeOver replaces the file, if there is one: readers find the old or the new.
func writeOver(path string, content []byte) error {
	temp, err := writeBeside(path, content)
	if err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return syncFolder(filepath.Dir(path))
}

// writeBeside leaves a file of its own behind if the process dies: nobody reads it.
func writeBeside(path string, content []byte) (string, error) {
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return "", fmt.Errorf("write file: %w", err)
	}
	_, err = f.Write(content)
	if err = errors.Join(err, f.Chmod(0o600), f.Sync(), f.Close()); err != nil {
		return "", fmt.Errorf("write file: %w", errors.Join(err, os.Remove(f.Name())))
	}
	return f.Name(), nil
}

func syncFolder(dir string) error {
	f, err := os.Open(dir) //nolint:gosec // the operator's own folder
	if err != nil {
		return fmt.Errorf("sync folder: %w", err)
	}
	return errors.Join(f.Sync(), f.Close())
}
