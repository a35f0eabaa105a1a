package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"sync"
	"testing"

	_ "github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// Three brokers on one database, sixteen callers each: no gap, no twin, and one
// order of everything.
func TestBrokersShareOneLog(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.market(t, 48)
	houses := []*house{h, enter(t, h.db, h.keys), enter(t, h.db, h.keys)}
	places, races := sync.Map{}, int64(0)
	for round := 0; races == 0 && round < 10; round++ { // as a rule they race at once
		askAll(t, houses, &places)
		for _, house := range houses {
			races += house.store.Stats().LostRaces
		}
	}
	h.checkLog(t)
	if races == 0 {
		t.Error("three brokers never raced: the test has not tried what it is for")
	}
}

// askAll asks with sixteen callers of each broker at once, and wants each answer
// to have a place of its own.
func askAll(t *testing.T, houses []*house, places *sync.Map) {
	t.Helper()
	var wg sync.WaitGroup
	for n, house := range houses {
		for c := range 16 {
			wg.Go(func() {
				for i := range 8 {
					order := n*16 + (c+i)%16
					v := house.ask(t, broker.TransactionID(fmt.Sprintf("t-%d", order)), broker.PartyID(fmt.Sprintf("s-%d", order)), necessity.Deliver)
					if other, twice := places.LoadOrStore(v.Place.Index, v.ID); twice {
						t.Errorf("entry %d stands for %s and %s", v.Place.Index, other, v.ID)
					}
				}
			})
		}
	}
	wg.Wait()
}

// A reversal and disclosures race: whatever the order, no grant that rests on
// the reversed performance is live afterwards.
func TestReversalRacesDisclosures(t *testing.T) {
	t.Parallel()
	h := due(t)
	other := enter(t, h.db, h.keys)
	var wg sync.WaitGroup
	for i := range 16 {
		house := []*house{h, other}[i%2]
		wg.Go(func() {
			for range 4 {
				_, _, err := house.Disclose(context.Background(), market, broker.DisclosureInput{
					Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
				}, nil)
				if err != nil && !errors.Is(err, broker.ErrConflict) {
					t.Error(err)
				}
			}
		})
	}
	wg.Go(func() {
		for {
			_, _, err := h.Reverse(context.Background(), platform, "t-1", broker.PerformanceInput{
				Obligation: broker.Pay, Done: "221.65", PerformedAt: noon, Reference: "chargeback",
			}, nil)
			if err == nil {
				return
			}
			if !errors.Is(err, broker.ErrConflict) {
				t.Error(err)
				return
			}
		}
	})
	wg.Wait()
	if live := h.count(t, `SELECT count(*) FROM disclosures WHERE state = 0`); live != 0 {
		t.Errorf("%d grants are live after the payment went back", live)
	}
	h.checkLog(t)
}

// One key, many requests at once, two brokers: one disclosure.
func TestIdempotencyAcrossBrokers(t *testing.T) {
	t.Parallel()
	h := due(t)
	other := enter(t, h.db, h.keys)
	ids := sync.Map{}
	var wg sync.WaitGroup
	for i := range 16 {
		house := []*house{h, other}[i%2]
		wg.Go(func() {
			v, _, err := house.Disclose(context.Background(), market, broker.DisclosureInput{
				Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
			}, house.NewOutcome(market, "POST /v1/disclosures", "once", []byte("body")))
			if err != nil {
				t.Error(err)
				return
			}
			ids.Store(v.ID, true)
			if len(v.Values) != 3 || v.ViewsLeft != 19 {
				t.Errorf("%d values, %d views left", len(v.Values), v.ViewsLeft)
			}
		})
	}
	wg.Wait()
	n := 0
	ids.Range(func(any, any) bool { n++; return true })
	if rows := h.count(t, `SELECT count(*) FROM disclosures`); n != 1 || rows != 1 {
		t.Errorf("one key led to %d disclosures, %d rows", n, rows)
	}
	_, _, err := h.Disclose(context.Background(), market, broker.DisclosureInput{
		Transaction: "t-1", Requester: "s-1", Purpose: necessity.Invoice, Reveal: true,
	}, h.NewOutcome(market, "POST /v1/disclosures", "once", []byte("another body")))
	if !errors.Is(err, broker.ErrMismatch) {
		t.Errorf("the same key with another body: %v", err)
	}
	h.checkLog(t)
}

// Writing to the database is not enough to be shown anything.
func TestForgedRowsOpenNothing(t *testing.T) {
	t.Parallel()
	for _, forge := range []string{
		`UPDATE transactions SET facts = set_byte(facts, 2, 4)`,
		`UPDATE transactions SET buyer = seller, seller = buyer`,
		`UPDATE parties SET facts = set_byte(facts, 1, 2)`,
		`UPDATE disclosures SET views_left = 50`,
		`UPDATE disclosures SET version = version + 1`,
		`UPDATE cards SET sealed = (SELECT sealed FROM cards c WHERE c.owner <> cards.owner LIMIT 1)`,
		`UPDATE disclosures SET requester = subject, subject = requester`,
	} {
		h := due(t)
		v := h.ask(t, "t-1", "s-1", necessity.Deliver)
		h.exec(t, forge)
		got, _, err := h.View(context.Background(), market, v.ID, "s-1", nil)
		if forge[:18] == "UPDATE disclosures" {
			// The row only finds the entry: what was decided is what the entry says.
			if got, _, err := h.View(context.Background(), market, v.ID, "b-1", nil); err == nil || len(got.Values) > 0 {
				t.Errorf("%s: the other side is shown %d values", forge, len(got.Values))
			}
			continue
		}
		if err == nil || len(got.Values) > 0 {
			t.Errorf("%s: shows %d values, %v", forge, len(got.Values), err)
		}
	}
}

// An outcome that is pointed at somebody else's grant replays nothing.
func TestForgedOutcomeReplaysNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	for _, id := range []broker.TransactionID{"t-1", "t-2"} {
		h.order(t, id)
		h.perform(t, id, broker.Pay, "221.65", "card")
		h.perform(t, id, broker.Accept, "1", "stock")
	}
	other := h.ask(t, "t-2", "s-1", necessity.Deliver)
	in := broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true}
	once := h.NewOutcome(market, "POST /v1/disclosures", "once", []byte("body"))
	if _, _, err := h.Disclose(context.Background(), market, in, once); err != nil {
		t.Fatal(err)
	}
	h.exec(t, `UPDATE outcomes SET id = '`+string(other.ID)+`'`)
	got, _, err := h.Disclose(context.Background(), market, in, once)
	if err == nil || len(got.Values) > 0 {
		t.Errorf("%d values, %v", len(got.Values), err)
	}
}

// Any change to an entry, tile or checkpoint is found (I6).
func TestChangedLedgerIsFound(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.market(t, 60) // five entries each: a full tile
	h.exec(t, `ALTER TABLE ledger_entries DISABLE TRIGGER USER; ALTER TABLE ledger_tiles DISABLE TRIGGER USER; ALTER TABLE ledger_checkpoints DISABLE TRIGGER USER`)
	for _, change := range []string{
		`UPDATE ledger_entries SET entry = set_byte(entry, 10, get_byte(entry, 10) # 1) WHERE idx = 7`,
		`DELETE FROM ledger_entries WHERE idx = 9`,
		`INSERT INTO ledger_entries SELECT 100000, entry, statement FROM ledger_entries WHERE idx = 3`,
		`UPDATE ledger_tiles SET hashes = set_byte(hashes, 40, get_byte(hashes, 40) # 1)`,
		`UPDATE ledger_tiles SET middle = set_byte(middle, 40, get_byte(middle, 40) # 1)`,
		`DELETE FROM ledger_tiles`,
		`UPDATE ledger_checkpoints SET root = set_byte(root, 0, get_byte(root, 0) # 1) WHERE size = (SELECT min(size) FROM ledger_checkpoints)`,
		`UPDATE ledger_checkpoints SET note = set_byte(note, 70, get_byte(note, 70) # 1) WHERE size = (SELECT max(size) FROM ledger_checkpoints)`,
	} {
		restore := h.snapshot(t)
		h.exec(t, change)
		if _, err := h.store.Check(context.Background(), nil); err == nil {
			t.Errorf("%s: not found", change)
		}
		restore()
		h.checkLog(t)
	}
}

func (h *house) owner(tb testing.TB) *sql.DB {
	tb.Helper()
	db, err := sql.Open("postgres", h.db.Owner)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = db.Close() })
	return db
}

func (h *house) exec(tb testing.TB, q string) {
	tb.Helper()
	if _, err := h.owner(tb).ExecContext(context.Background(), q); err != nil {
		tb.Fatal(err)
	}
}

func (h *house) count(tb testing.TB, q string) (n int) {
	tb.Helper()
	if err := h.owner(tb).QueryRowContext(context.Background(), q).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

// entry is the row of one, whatever it says by now.
func (h *house) entry(tb testing.TB, index int64) (entry []byte) {
	tb.Helper()
	if err := h.owner(tb).QueryRowContext(context.Background(), `SELECT entry FROM ledger_entries WHERE idx = $1`, index).Scan(&entry); err != nil {
		tb.Fatal(err)
	}
	return entry
}

// snapshot copies the ledger's tables, and gives what puts them back.
func (h *house) snapshot(tb testing.TB) (restore func()) {
	tb.Helper()
	tables := []string{"ledger_entries", "ledger_tiles", "ledger_checkpoints"}
	for _, name := range tables {
		h.exec(tb, `DROP TABLE IF EXISTS copy_`+name+`; CREATE TABLE copy_`+name+` AS SELECT * FROM `+name)
	}
	return func() {
		for _, name := range tables {
			h.exec(tb, `DELETE FROM `+name+`; INSERT INTO `+name+` SELECT * FROM copy_`+name)
		}
	}
}
