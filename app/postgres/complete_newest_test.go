package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// A failover lost a commit, and the log went another way. A row of what was lost
// has the same version as the one in its place, and a right MAC: put back, it is
// found by what its newest entry was.
func TestRowsOfALostHistory(t *testing.T) {
	t.Parallel()
	first := newHouse(t)
	first.order(t, "t-1")
	a := outlaw(t, first)
	a.keep(t, "kept") // the standby, which did not get what follows
	first.perform(t, "t-1", broker.Pay, "221.65", "card/lost")
	moved := giovana()
	moved.Contact.Values[masking.Phone] = masking.Value{Text: masking.NewText("+5587991935222")}
	if _, _, err := first.PutParty(context.Background(), market, "b-1", moved); err != nil {
		t.Fatal(err)
	}
	first.checkLog(t)
	a.keep(t, "lost")
	for _, table := range a.tables(t) {
		a.undo(t, table)
	}
	h := enter(t, first.db, first.keys) // a broker that starts on what is left
	h.perform(t, "t-1", broker.Pay, "10.00", "card/1")
	moved.Contact.Values[masking.Phone] = masking.Value{Text: masking.NewText("+5587991935333")}
	if _, _, err := h.PutParty(context.Background(), market, "b-1", moved); err != nil {
		t.Fatal(err)
	}
	h.checkLog(t)
	a.house = h
	a.sql(t, `CREATE SCHEMA now`)
	for table, name := range map[string]string{"transactions": "t-1", "parties": "b-1"} {
		versions := a.list(t, fmt.Sprintf(`SELECT l.version, n.version FROM lost.%s l JOIN %s n ON n.id = l.id WHERE l.name = '%s'`, table, table, name))
		if len(versions) != 1 || versions[0][0] != versions[0][1] {
			t.Fatalf("%s: the versions are %v, and nothing is tried", table, versions)
		}
		row := fmt.Sprintf(`INSERT INTO %s SELECT * FROM %%s.%s WHERE name = '%s'`, table, table, name)
		gone := fmt.Sprintf(`DELETE FROM %s WHERE name = '%s'`, table, name)
		a.sql(t, fmt.Sprintf(`CREATE TABLE now.%s AS SELECT * FROM %s`, table, table), gone, fmt.Sprintf(row, "lost"))
		err := a.found(t, table)
		if f, _ := errors.AsType[ledger.Finding](err); f.Table != table || f.Row == "" || f.Index < 0 {
			t.Errorf("a row of %s from the lost history: %v does not name it", table, err)
		}
		a.sql(t, gone, fmt.Sprintf(row, "now"))
	}
	h.checkLog(t)
}
