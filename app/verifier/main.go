// Command verifier decides what the page is made of that verifies receipts
// without us: one HTML file, with package ledger in it as WebAssembly.
package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil {
		_, _ = fmt.Fprintln(os.Stderr, "verifier:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("want the file to write, got %d arguments", len(args))
	}
	root, err := goSays(ctx, ".", "list", "-m", "-f", "{{.Dir}}", "bauta.dev/bauta")
	if err != nil {
		return err
	}
	page, err := build(ctx, root)
	if err != nil {
		return err
	}
	if err := replace(args[0], page); err != nil {
		return fmt.Errorf("write page: %w", err)
	}
	_, err = fmt.Fprintf(os.Stdout, "%x  %s (%d kB)\n", sha256.Sum256(page), args[0], len(page)/1000)
	return err
}

// replace leaves the file whole, the old one or the new one.
func replace(path string, content []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // after the rename there is none
	_, err = f.Write(content)
	if closed := f.Close(); err == nil {
		err = closed
	}
	if err == nil {
		err = os.Chmod(f.Name(), 0o644) //nolint:gosec // it is for everybody to read
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}
