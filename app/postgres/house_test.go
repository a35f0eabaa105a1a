package postgres_test

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"log/slog"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// shipped is the engine of the policies that ship. One is enough for all houses,
// as it is for all requests of a broker: it remembers what follows from its
// policies and nothing else, and making it costs more than most tests.
var shipped = sync.OnceValues(necessity.Default)

// house is a broker on a database of its own, with a clock that the test sets.
type house struct {
	*broker.Broker
	store *postgres.Store
	db    *pgtest.DB
	keys  *masking.Folder
	mu    sync.Mutex
	now   time.Time
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func newHouse(tb testing.TB) *house {
	tb.Helper()
	return enter(tb, pgtest.New(tb, postgres.Migrate), folderAt(tb, filepath.Join(tb.TempDir(), "keys")))
}

// enter opens one more broker on a database.
func enter(tb testing.TB, db *pgtest.DB, folder *masking.Folder) *house {
	tb.Helper()
	h := enterAt(tb, db.URL, folder)
	h.db = db
	return h
}

// enterAt does so wherever the database is.
func enterAt(tb testing.TB, url func(role string) string, folder *masking.Folder) *house {
	tb.Helper()
	h := &house{keys: folder, now: noon}
	log := slog.New(slog.DiscardHandler)
	var err error
	h.store, err = postgres.Open(tb.Context(), postgres.Config{
		URL: url("bauta"), OwnerURL: url("bauta_owner"), Keys: folder, Random: rand.Reader, Now: h.clock, Log: log,
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(h.store.Close)
	engine, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	packs, err := merchants.Load()
	if err != nil {
		tb.Fatal(err)
	}
	h.Broker = broker.New(broker.Deps{
		Store: h.store, Engine: engine, Packs: packs, Now: h.clock, Random: rand.Reader, Origin: h.store.SealingOrigin(),
		Staff: folder.Staff, Auditor: folder.Auditor, Once: folder.MAC,
		Passwords: accounts.Parameters{Memory: 1 << 10, Time: 1, Threads: 1}, LargeCase: "500.00",
	})
	vkey, _ := h.store.Verifier()
	if err := h.Begin(tb.Context(), h.store, vkey); err != nil {
		tb.Fatal(err)
	}
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

func (h *house) at(now time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = now
}

var (
	market   = broker.Caller{Key: "k-market"}
	platform = broker.Caller{Key: "k-pay", Source: "payment"}
)

// signed is a call that comes with a party's own token, of which id is the number.
func (h *house) signed(p broker.PartyID, id string) broker.Caller {
	digest := sha256.Sum256([]byte(id))
	c := market
	c.Word = &broker.Word{Party: p, Token: digest[:], ID: id, Expires: h.clock().Add(5 * time.Minute)}
	return c
}

// giovana is who buys, in every story.
func giovana() broker.PartyInput {
	return broker.PartyInput{
		Kind: broker.Person, Locale: "pt-BR", Residency: "BR", Source: broker.Source{Kind: "registration"},
		Contact: broker.Contact{Values: map[masking.Field]masking.Value{
			masking.Name:  {Text: masking.NewText("Giovana Teixeira")},
			masking.Email: {Text: masking.NewText("giovana_teixeira790@example.com")},
			masking.Phone: {Text: masking.NewText("+5587991935795")},
			masking.FullAddress: {Address: masking.Address{
				Street: masking.NewText("Estrada do Coco, 2138"), City: masking.NewText("Recife"), Region: masking.NewText("PE"),
				PostalCode: masking.NewText("51190-321"), Country: "BR",
			}},
		}},
	}
}

func ursula() broker.PartyInput {
	p := giovana()
	p.Kind = broker.Merchant
	p.Contact.Values[masking.Name] = masking.Value{Text: masking.NewText("Úrsula Ribeiro")}
	p.Contact.Values[masking.Email] = masking.Value{Text: masking.NewText("ursula.ribeiro764@correio.example.org")}
	return p
}

// order registers both sides and one order between them.
func (h *house) order(tb testing.TB, id broker.TransactionID) {
	tb.Helper()
	ctx := context.Background()
	for name, in := range map[broker.PartyID]broker.PartyInput{"b-1": giovana(), "s-1": ursula()} {
		if _, _, err := h.PutParty(ctx, market, name, in); err != nil {
			tb.Fatal(err)
		}
	}
	_, _, err := h.PutTransaction(ctx, market, id, broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: noon.Add(-time.Hour), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		tb.Fatal(err)
	}
}

func (h *house) perform(tb testing.TB, id broker.TransactionID, o broker.Obligation, done, reference string) {
	tb.Helper()
	_, _, err := h.Perform(context.Background(), platform, id, broker.PerformanceInput{
		Obligation: o, Done: done, PerformedAt: h.clock(), Reference: reference,
	}, nil)
	if err != nil {
		tb.Fatal(err)
	}
}

func (h *house) ask(tb testing.TB, id broker.TransactionID, who broker.PartyID, p necessity.Purpose) broker.DisclosureView {
	tb.Helper()
	v, _, err := h.Disclose(context.Background(), market, broker.DisclosureInput{Transaction: id, Requester: who, Purpose: p, Reveal: true}, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return v
}

// checkLog verifies the whole ledger, as every story does at its end.
func (h *house) checkLog(tb testing.TB) {
	tb.Helper()
	if _, err := h.store.Check(context.Background(), nil); err != nil {
		tb.Errorf("ledger check: %v", err)
	}
	if _, err := h.store.CheckComplete(context.Background(), nil); err != nil {
		tb.Errorf("ledger check: %v", err)
	}
}

// tidies has the broker look after the timers of a kind that are due, as the outbox does.
func (h *house) tidies(tb testing.TB, kind broker.TimerKind, tidy func(context.Context, broker.DueTimer) (time.Time, error)) {
	tb.Helper()
	due, err := h.store.TakeTimers(context.Background(), []broker.TimerKind{kind}, 100, time.Minute)
	if err != nil {
		tb.Fatal(err)
	}
	for i := range due {
		again, err := tidy(context.Background(), due[i].Timer())
		if err != nil {
			tb.Fatal(err)
		}
		if again.IsZero() {
			err = h.store.Finish(context.Background(), &due[i], 1, 0)
		} else {
			err = h.store.Await(context.Background(), &due[i], again)
		}
		if err != nil {
			tb.Fatal(err)
		}
	}
}
