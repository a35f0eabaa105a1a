package postgres_test

import (
	"context"
	"database/sql"
	"encoding/hex"
	"strings"
	"testing"

	"github.com/lib/pq"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
)

// The entries of a party are found by the index that was made for them, however
// long the log is, and are all those of its types.
func TestEntriesOfAPartyAreFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.market(t, 3)
	ctx := context.Background()
	if err := h.SetFlags(ctx, market, "b-1", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	p, _, err := h.store.Party(ctx, "b-1", broker.MasksOnly)
	if err != nil {
		t.Fatal(err)
	}
	written, err := h.store.Written(ctx, p, 10)
	if err != nil || len(written) != 2 || written[0].Statement.Type.String() != "party_flagged" || written[1].Statement.Type.String() != "party_written" {
		t.Errorf("written of b-1: %v %v", written, err)
	}
	connector, err := pq.NewConnector(h.db.URL("bauta"))
	if err != nil {
		t.Fatal(err)
	}
	a := &adversary{house: h, db: sql.OpenDB(connector)}
	defer func() { _ = a.db.Close() }()
	a.db.SetMaxOpenConns(1)
	a.sql(t, `SET enable_seqscan = off`)
	var plan strings.Builder
	for _, line := range a.list(t, `EXPLAIN `+strings.NewReplacer("$1", "1", "$2", "10").Replace(postgres.WrittenOf)) {
		plan.WriteString(line[0] + "\n")
	}
	if !strings.Contains(plan.String(), "ledger_entries_of_parties") || strings.Contains(plan.String(), "Sort") {
		t.Errorf("the index is not used: %s", plan.String())
	}
	// The index has every type that the domain lists.
	for _, ty := range broker.OfParties() {
		if !strings.Contains(postgres.WrittenOf, "'\\x"+hex.EncodeToString([]byte{byte(ty)})+"'") {
			t.Errorf("%s is not in the index", ty)
		}
	}
}
