package postgres_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// sizes are those of the checkpoint rows, in order.
func (a *adversary) sizes(tb testing.TB) (sizes []string) {
	tb.Helper()
	for _, row := range a.list(tb, `SELECT size FROM ledger_checkpoints ORDER BY size`) {
		sizes = append(sizes, row[0])
	}
	return sizes
}

// takeOut deletes a checkpoint row, and makes the next one follow the one before it.
func (a *adversary) takeOut(tb testing.TB, size string) {
	tb.Helper()
	a.sql(tb, fmt.Sprintf(`WITH gone AS (DELETE FROM ledger_checkpoints WHERE size = %s RETURNING size, prev)
		UPDATE ledger_checkpoints n SET prev = gone.prev FROM gone WHERE n.prev = gone.size`, size))
}

// A checkpoint row is taken out, and the chain mended: the row that is left says
// what it was committed after.
func TestCheckpointTakenOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	h.perform(t, "t-1", broker.Pay, "221.65", "card/1")
	a := outlaw(t, h)
	a.sql(t, `ALTER TABLE ledger_checkpoints DROP CONSTRAINT ledger_checkpoints_prev_key`)
	a.keep(t, "kept")
	sizes := a.sizes(t)
	if len(sizes) < 4 {
		t.Fatalf("rows %v", sizes)
	}
	if err := a.found(t, ""); err != nil {
		t.Fatalf("before anything was changed: %v", err)
	}
	first, second, third := sizes[0], sizes[1], sizes[2]
	for name, change := range map[string]func(){
		"the first":         func() { a.takeOut(t, first) },
		"one in the middle": func() { a.takeOut(t, second) },
		"two, one by one":   func() { a.takeOut(t, second); a.takeOut(t, third) },
		"its MAC moved on": func() {
			a.takeOut(t, second)
			a.sql(t, `UPDATE ledger_checkpoints SET mac = (SELECT mac FROM kept.ledger_checkpoints WHERE size = `+second+`) WHERE size = `+third)
		},
		"no MAC where it is": func() { a.takeOut(t, second); a.sql(t, `UPDATE ledger_checkpoints SET mac = '' WHERE size = `+third) },
		"no MAC up to it":    func() { a.takeOut(t, second); a.sql(t, `UPDATE ledger_checkpoints SET mac = '' WHERE size <= `+third) },
		"no MAC at all":      func() { a.takeOut(t, second); a.sql(t, `UPDATE ledger_checkpoints SET mac = ''`) },
	} {
		change()
		if f, _ := errors.AsType[ledger.Finding](a.found(t, "ledger_checkpoints")); f.Part != ledger.PartCheckpoint {
			t.Errorf("%s: found %v", name, f)
		}
		again := enter(t, h.db, h.keys) // a start believes no more of it
		if _, err := again.store.CheckComplete(t.Context(), nil); err == nil {
			t.Errorf("%s: not found after another start", name)
		}
		a.undo(t, "ledger_checkpoints")
	}
	h.checkLog(t)
}

// Rows from before there were MACs are let be, those since are not, and which are
// which the key folder says: an older copy of it, too.
func TestRowsFromBeforeLinks(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	folder := folderAt(t, dir)
	h := enter(t, pgtest.New(t, postgres.Migrate), folder)
	h.order(t, "t-1")
	a := outlaw(t, h)
	a.sql(t, `UPDATE ledger_checkpoints SET mac = ''`)
	before := a.sizes(t)
	if err := os.Remove(filepath.Join(dir, "unlinked")); err != nil {
		t.Fatal(err)
	}
	for range 2 { // the folder was restored from before once more
		h = enter(t, h.db, folder)
		h.perform(t, "t-1", broker.Pay, "1.00", fmt.Sprintf("card/%d", len(a.sizes(t))))
		h.perform(t, "t-1", broker.Pay, "1.00", fmt.Sprintf("card/%d", len(a.sizes(t))))
		h.checkLog(t)
		if kept, err := os.ReadFile(filepath.Join(dir, "unlinked")); err != nil || string(kept) != before[len(before)-1]+"\n" {
			t.Errorf("the folder says %q, %v", kept, err)
		}
		if err := os.Remove(filepath.Join(dir, "unlinked")); err != nil {
			t.Fatal(err)
		}
	}
	a.house = enter(t, h.db, folder)
	a.keep(t, "kept")
	for _, since := range a.sizes(t)[len(before) : len(a.sizes(t))-1] {
		a.takeOut(t, since)
		if a.found(t, "ledger_checkpoints") == nil {
			t.Errorf("row %s taken out, and not found", since)
		}
		a.undo(t, "ledger_checkpoints")
	}
}
