package main

import (
	"context"
	"errors"
	"fmt"

	"bauta.dev/bauta/app/imports"
)

// importCommand is the operator's own hand: its attestations have the source
// import.
type importCommand struct {
	Parties      string `placeholder:"FILE" help:"party_id,kind,name,email,phone,street,city,region,postal_code,country,locale"`
	Transactions string `placeholder:"FILE" help:"transaction_id,kind,buyer_id,seller_id,currency,amount,items,created_at,state"`
	Performances string `placeholder:"FILE" help:"transaction_id,obligation,done,attested_by,performed_at,reference"`
	Strict       bool   `help:"Import nothing at all if any row is bad."`
}

// Help of import.
func (*importCommand) Help() string {
	return `Files are CSV, plain or gzipped, with a header line. A bad row is said on stderr with its file, line and column, never
with its value; the good rows are imported. Running it again changes nothing, so after an interruption run it again.

    bauta import --parties parties.csv --transactions transactions.csv.gz --performances performances.csv`
}

var errRejected = errors.New("some rows were bad, see above: correct them and run it again, which takes only what is missing")

// Run imports files. It works beside a running broker.
func (c *importCommand) Run(ctx context.Context, p *program) error {
	files := imports.Files{Parties: c.Parties, Transactions: c.Transactions, Performances: c.Performances}
	if files == (imports.Files{}) {
		return errors.New("name at least one file with --parties, --transactions or --performances")
	}
	return p.visit(ctx, working, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		bar := newBar(p.stderr, "bytes")
		defer bar.end()
		done, err := imports.Run(ctx, b, files, imports.Options{
			Strict: c.Strict, Bad: bar.above(p.stderr),
			Progress: func(at imports.Progress) { bar.set(at.Done, at.Total) },
		})
		bar.end()
		_, _ = fmt.Fprintln(p.stdout, done)
		if err != nil {
			return fmt.Errorf("import: %w", err)
		}
		if done.Rejected > 0 {
			return errRejected
		}
		return nil
	})
}
