package main

import (
	"context"
	"errors"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
)

// ledgerCommands read the log and change nothing.
type ledgerCommands struct {
	Check ledgerCheckCommand `cmd:"" help:"Verify every leaf, tile and checkpoint of the log."`
	Key   ledgerKeyCommand   `cmd:"" help:"Print the log's verifier key (a note vkey)."`
}

type ledgerCheckCommand struct{}

// Help of ledger check.
func (*ledgerCheckCommand) Help() string {
	return `Works while the broker runs and when it does not. The last line is "ok N entries, unanchored": the log is right in
itself, and nothing from outside was compared with it. The first thing that is wrong is said instead, with exit status 1.

    bauta ledger check --data-dir /var/lib/bauta`
}

// Run verifies the log.
func (*ledgerCheckCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		bar := newBar(p.stderr, "entries")
		report, err := h.store.Check(ctx, bar.set)
		bar.end()
		if wrong, ok := errors.AsType[ledger.Finding](err); ok {
			_, _ = fmt.Fprintln(p.stdout, wrong)
			return fmt.Errorf("the log is not what was signed: %w", wrong)
		}
		if err != nil {
			return fmt.Errorf("the check could not be made: %w", err)
		}
		_, err = fmt.Fprintf(p.stdout, "ok %d entries, unanchored\n", report.Entries)
		return err
	})
}

type ledgerKeyCommand struct{}

// Run prints the verifier key.
func (*ledgerKeyCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		vkey, _ := h.store.Verifier()
		_, err := fmt.Fprintln(p.stdout, vkey)
		return err
	})
}
