package imports_test

import (
	"compress/gzip"
	"context"
	"encoding/csv"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/app/imports"
)

// read reads a file without any code of ours.
func read(tb testing.TB, path string) []map[string]string {
	tb.Helper()
	f, err := os.Open(path)
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		tb.Fatal(err)
	}
	rows, err := csv.NewReader(z).ReadAll()
	if err != nil {
		tb.Fatal(err)
	}
	var all []map[string]string
	for _, r := range rows[1:] {
		m := map[string]string{}
		for i, name := range rows[0] {
			m[name] = r[i]
		}
		all = append(all, m)
	}
	return all
}

func (h *house) tables(tb testing.TB) map[string]int {
	tb.Helper()
	n := map[string]int{}
	for _, table := range []string{"parties", "transactions", "performances", "cards", "ledger_entries"} {
		n[table] = h.number(tb, "SELECT count(*) FROM "+table)
	}
	return n
}

// A whole marketplace goes in without a bad row; each party and each
// transaction with its history is one entry, and a second time there is nothing
// left to write.
func TestImportMarketplace(t *testing.T) {
	t.Parallel()
	h, files := newHouse(t), olist(t)
	want := imports.Result{
		Parties: len(read(t, files.Parties)), Transactions: len(read(t, files.Transactions)), Performances: len(read(t, files.Performances)),
	}
	for _, opts := range []imports.Options{{}, {}, {Strict: true}} {
		got, bad := h.run(t, files, opts)
		if got != want || bad != "" {
			t.Fatalf("imported %v, want %v\n%s", got, want, bad)
		}
		tables := map[string]int{
			"parties": want.Parties, "transactions": want.Transactions, "performances": want.Performances, "cards": want.Parties,
			"ledger_entries": want.Parties + want.Transactions,
		}
		if d := cmp.Diff(tables, h.tables(t)); d != "" {
			t.Fatalf("after an import (-want +got):\n%s", d)
		}
	}
	h.checkLog(t)
}

// An import that is broken off half way leaves nothing half: done again, it
// ends where one in one go ends.
func TestImportInterrupted(t *testing.T) {
	t.Parallel()
	h, files := newHouse(t), olist(t)
	for _, share := range []int64{20, 60, 90} {
		ctx, cancel := context.WithCancel(context.Background())
		_, err := imports.Run(ctx, h.Broker, files, imports.Options{Progress: func(p imports.Progress) {
			if p.Done*100 >= p.Total*share {
				cancel()
			}
		}})
		if err == nil {
			t.Errorf("broken off at %d %%: no error", share)
		}
		cancel()
	}
	got, bad := h.run(t, files, imports.Options{})
	if got.Rejected > 0 {
		t.Fatalf("%s\n%s", got, bad)
	}
	tables := h.tables(t)
	if tables["parties"] != got.Parties || tables["transactions"] != got.Transactions || tables["performances"] != got.Performances ||
		tables["ledger_entries"] != got.Parties+got.Transactions {
		t.Errorf("after %s there are %v", got, tables)
	}
	h.checkLog(t)
}
