package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"

	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/ledger"
)

// verifyCommand proves receipts, far from any broker.
type verifyCommand struct {
	File   string   `arg:"" help:"A receipt, a bundle of receipts or the bundle of a case (zips)."`
	Key    []string `help:"The verifier key of a log that you trust (a note vkey); may be given again." sep:"none" xor:"trust" placeholder:"VKEY"`
	Policy string   `help:"Whom you trust, as a C2SP tlog-policy: logs, witnesses, quorum." xor:"trust" placeholder:"FILE"`
}

// Help of verify.
func (*verifyCommand) Help() string {
	return `Needs no database and no network. It prints a line for each entry, and last "ok N entries". The key has to come
from elsewhere, from the log's operator or a witness say: keys in the file are never believed. With neither --key nor
--policy everything but the signatures is checked, the last line is "unanchored", and the exit status 2. The first thing
that is wrong is an error, with exit status 1.

    bauta ledger key > log.vkey                        # whoever runs the log, once, to publish it
    bauta verify receipt --key "$(cat log.vkey)"
    bauta verify receipt --policy witnesses.policy
    bauta verify bundle.zip --policy witnesses.policy  # every receipt in it
    bauta verify case.zip --policy witnesses.policy    # the bundle of a case

Of a case's bundle it also proves that no entry about the case is left out, and that the report says what the entries
say; and it makes each decision in it again by the policies that are in it: "follows", "a person decided within what the
policies leave to one", "not all that it rests on is this recipient's to know", or "differs", which is exit status 1.`
}

// errUnanchored ends the process with exitUnanchored.
var errUnanchored = errors.New("nobody is known to have signed this: name whom you trust with --key or --policy")

// Run verifies the file.
func (c *verifyCommand) Run(p *program) error {
	trust, err := c.trust()
	if err != nil {
		return err
	}
	file, err := readAtMost(c.File, ledger.MaxArchiveSize)
	if err != nil {
		return fmt.Errorf("read receipt: %w", err)
	}
	if bundle.Is(file) {
		return p.verifyCase(file, trust)
	}
	verify := ledger.Verify
	if bytes.HasPrefix(file, []byte("PK")) {
		verify = ledger.VerifyArchive
	}
	proven, err := verify(file, trust)
	if err != nil {
		return err
	}
	return printProven(p, proven.Entries, proven.Anchored)
}

// verifyCase proves the bundle of a case, and makes its decisions again.
func (p *program) verifyCase(file []byte, trust ledger.Trust) error {
	proven, err := bundle.Verify(file, trust)
	if err != nil {
		return err
	}
	return p.printCase(proven)
}

func (p *program) printCase(proven bundle.Proven) error {
	if proven.Differs() {
		for _, e := range proven.Entries {
			_, _ = fmt.Fprintln(p.stdout, e)
		}
		return bundle.ErrDiffers
	}
	return printProven(p, proven.Entries, proven.Anchored)
}

// printProven ends the command: a line for each entry, and what that comes to.
func printProven[E fmt.Stringer](p *program, entries []E, anchored bool) error {
	for _, e := range entries {
		_, _ = fmt.Fprintln(p.stdout, e)
	}
	if !anchored {
		_, _ = fmt.Fprintln(p.stdout, "unanchored")
		return errUnanchored
	}
	_, err := fmt.Fprintf(p.stdout, "ok %d entries\n", len(entries))
	return err
}

func (c *verifyCommand) trust() (ledger.Trust, error) {
	switch {
	case len(c.Key) > 0:
		return ledger.TrustKeys(c.Key...)
	case c.Policy != "":
		b, err := readAtMost(c.Policy, ledger.MaxPolicySize)
		if err != nil {
			return ledger.Trust{}, fmt.Errorf("read policy: %w", err)
		}
		return ledger.ParsePolicy(b)
	default:
		return ledger.Trust{}, nil
	}
}

// readAtMost reads a file, and a byte more than it may have of one that is too
// large, which whoever parses it refuses.
func readAtMost(path string, most int64) ([]byte, error) {
	f, err := os.Open(path) //nolint:gosec // the user named it
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	return io.ReadAll(io.LimitReader(f, most+1))
}
