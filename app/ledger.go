package main

import (
	"context"
	"errors"
	"fmt"
	"io"

	"bauta.dev/bauta/broker/ledger"
)

// ledgerCommands read the log and change nothing, but for succeed.
type ledgerCommands struct {
	Check ledgerCheckCommand `cmd:"" help:"Verify every leaf, tile and checkpoint of the log."`
	Key   ledgerKeyCommand   `cmd:"" help:"Print a verifier key of the log (a note vkey)."`

	Succeed ledgerSucceedCommand `cmd:"" help:"Go on under another name and key, after a restore that lost entries."`
}

type ledgerCheckCommand struct {
	URL    string   `placeholder:"URL" help:"Check the log of another broker over HTTP."`
	Key    []string `sep:"none" placeholder:"VKEY" help:"With --url: a key that must have signed it, as bauta ledger key prints it there; given again, all of one name must have. Of a log that was succeeded its earlier keys may be given before those, in the order of time."`
	APIKey string   `name:"api-key" env:"BAUTA_API_KEY" placeholder:"KEY" help:"With --url: a key of scope audit. Use the variable: flags can be read by every user of the machine."`
	Only   string   `enum:"all,integrity" default:"all" placeholder:"all|integrity" help:"integrity leaves out whether every entry has its row and every row its entry (${default})."`
}

// Help of ledger check.
func (*ledgerCheckCommand) Help() string {
	return `Works while the broker runs and when it does not. Verifies every leaf, tile and checkpoint; then opens every statement, and holds all
other tables against them: a row that is missing, too many or an older one put back is found. No contact value is opened. The last line is
"ok N entries" where the log agrees with the --checkpoint-file. It is "ok N entries,
unanchored" where it is right in itself, and nothing from outside was compared. The first thing that is wrong is said instead, with
exit status 1.

With --url it reads what another broker publishes. Without --key nobody is known to have signed it, and all that can be said is that it
fits together. With both of the log's keys the newest checkpoint must carry both signatures. With --key and --checkpoint-file
the log must also extend the last checkpoint in that file.

    bauta ledger check --data-dir /var/lib/bauta
    bauta ledger check --url https://broker.example --key "$VKEY"`
}

// Run verifies the log.
func (c *ledgerCheckCommand) Run(ctx context.Context, p *program) error {
	if c.URL != "" {
		return c.remotely(ctx, p)
	}
	if len(c.Key) > 0 {
		return errors.New("--key goes with --url; the key of a log in a database is in its key folder")
	}
	return p.visit(ctx, looking, func(h *house) error {
		bar := newBar(p.stderr, "entries")
		report, err := h.store.Check(ctx, bar.set)
		bar.end()
		if err == nil && c.Only == "all" {
			bar := newBar(p.stderr, "entries and their rows")
			_, err = h.store.CheckComplete(ctx, bar.set)
			bar.end()
		}
		anchored := false
		if err == nil {
			anchored, err = p.compared(ctx, h, report)
		}
		return p.tell(report, anchored, err)
	})
}

// tell says what a check has found: its first finding, or how many entries are right.
func (p *program) tell(report ledger.Report, anchored bool, err error) error {
	if wrong, ok := errors.AsType[ledger.Finding](err); ok {
		_, _ = fmt.Fprintln(p.stdout, wrong)
		return fmt.Errorf("the log is not what was signed: %w", wrong)
	}
	if err != nil {
		return fmt.Errorf("the check could not be made: %w", err)
	}
	outside := ", unanchored"
	if anchored {
		outside = ""
	}
	_, err = fmt.Fprintf(p.stdout, "ok %d entries%s\n", report.Entries, outside)
	return err
}

type ledgerKeyCommand struct {
	Algorithm string `enum:"ed25519,ml-dsa-44" default:"ed25519" placeholder:"ed25519|ml-dsa-44" help:"Which of the log's two keys (${default})."`
	All       bool   `help:"Print a line for each Ed25519 key that the log has had, in the order of time: the sizes of its checkpoints, and the key."`
}

// Help of ledger key.
func (*ledgerKeyCommand) Help() string {
	return `A checkpoint that is handed out carries two signatures of the log, one with each key; either key verifies it. ML-DSA-44 still
proves something once a quantum computer can forge Ed25519.

    bauta ledger key > log.vkey
    bauta ledger key --algorithm ml-dsa-44 > log-mldsa.vkey`
}

// Run prints the verifier key, and nothing else unless it is told to.
func (c *ledgerKeyCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		if c.All {
			return tellKeys(p.stdout, h.store.Eras())
		}
		vkey, _ := h.store.Verifier()
		if c.Algorithm == "ml-dsa-44" {
			vkey = h.store.Cosigner()
		}
		_, err := fmt.Fprintln(p.stdout, vkey)
		return err
	})
}

// tellKeys says "none" of a key that no checkpoint in the database is left of.
func tellKeys(w io.Writer, eras ledger.Eras) error {
	all, from := eras.All(), int64(1)
	for _, era := range all[:len(all)-1] {
		sizes := "none"
		if era.Until > 0 {
			sizes = fmt.Sprintf("%d-%d", from, era.Until)
			from = era.Until + 1
		}
		if _, err := fmt.Fprintln(w, sizes, era.VKey); err != nil {
			return err
		}
	}
	_, err := fmt.Fprintf(w, "%d- %s\n", from, all[len(all)-1].VKey)
	return err
}
