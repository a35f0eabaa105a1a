package postgres_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// A party that a registration makes is made with it: one commit has both entries, and
// whatever keeps the registration from being written leaves no party.
func TestPartyIsMadeWithItsRegistration(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	of := func(p broker.PartyID) broker.MerchantInput { return lake.of(p, merchants.CN, merchants.Company) }
	before := h.store.Stats().Size
	v, _, err := h.RegisterMerchant(t.Context(), h.signed("s-1", "word"), of("s-1"), nil)
	if err != nil || v.Place.Index != before+1 || v.Place.Size != before+2 {
		t.Fatalf("%+v after %d, %v", v.Place, before, err)
	}
	var commits int
	if err := h.owner(t).QueryRow(`SELECT count(*) FROM ledger_checkpoints WHERE size > $1`, before).Scan(&commits); err != nil || commits != 1 {
		t.Errorf("%d commits, %v", commits, err)
	}
	h.noParty(t, "s-2", broker.ErrTokenUsed, func() error {
		_, _, err := h.RegisterMerchant(t.Context(), h.signed("s-2", "word"), of("s-2"), nil)
		return err
	})
	h.checkLog(t)
}

// noParty runs what has to fail, and looks that no party and no entry is left of it.
func (h *house) noParty(t *testing.T, id broker.PartyID, want error, do func() error) {
	t.Helper()
	before := h.store.Stats().Size
	err := do()
	if err == nil || want != nil && !errors.Is(err, want) {
		t.Errorf("%s: %v", id, err)
	}
	if _, err := h.Party(context.Background(), id); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("%s was made: %v", id, err)
	}
	if h.store.Stats().Size != before {
		t.Errorf("%s left an entry", id)
	}
}

// Two that go together share a batch with others: what is refused or fails takes its
// party along and nobody else, and of those that come at once one makes the party.
func TestPartiesAndRegistrationsComeAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	petty := lake.but(values{"/registration/kind": "", "/registration/number": "", "/registration/exemption": "petty_labour"})
	h.exec(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$`)
	h.exec(t, `CREATE TRIGGER refuse BEFORE INSERT ON merchants FOR EACH ROW WHEN (NEW.facts LIKE '%"sole_trader"%') EXECUTE FUNCTION refuse()`)
	h.exec(t, `GRANT EXECUTE ON FUNCTION refuse() TO bauta`)
	var wait sync.WaitGroup
	var errs [24]error
	for i := range errs {
		wait.Go(func() {
			c, in := market, petty.of("s-same", merchants.CN, merchants.Exempt)
			switch i % 4 {
			case 1:
				in.Party = broker.PartyID(fmt.Sprintf("s-own-%d", i))
			case 2:
				in.Party, c = broker.PartyID(fmt.Sprintf("s-word-%d", i)), h.signed("s-word", "the same word")
			case 3:
				in = lake.but(values{"/registration/number": "92310000MA000004XR"}).of(broker.PartyID(fmt.Sprintf("s-fails-%d", i)), merchants.CN, merchants.SoleTrader)
			}
			_, _, errs[i] = h.RegisterMerchant(context.Background(), c, in, nil)
		})
	}
	wait.Wait()
	words := 0
	for i, err := range errs {
		id := broker.PartyID("s-same")
		if i%4 > 0 {
			id = broker.PartyID(fmt.Sprintf("%s-%d", []string{"", "s-own", "s-word", "s-fails"}[i%4], i))
		}
		_, found := h.Party(t.Context(), id)
		switch {
		case i%4 < 2 && err != nil, i%4 == 3 && err == nil, i%4 == 2 && err != nil && !errors.Is(err, broker.ErrTokenUsed), (err == nil) != (found == nil):
			t.Errorf("%s: %v, and its party: %v", id, err, found)
		case i%4 == 2 && err == nil:
			words++
		}
	}
	if words != 1 {
		t.Errorf("one word was spent %d times", words)
	}
	h.checkLog(t)
}
