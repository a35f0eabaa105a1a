package imports_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/app/imports"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
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
	mu    sync.Mutex
	now   time.Time
}

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func newHouse(tb testing.TB) *house {
	tb.Helper()
	folder, err := masking.OpenFolder(filepath.Join(tb.TempDir(), "keys"), rand.Reader, true)
	if err != nil {
		tb.Fatal(err)
	}
	h := &house{db: pgtest.New(tb, postgres.Migrate), now: noon}
	h.store, err = postgres.Open(context.Background(), postgres.Config{
		URL: h.db.URL("bauta"), OwnerURL: h.db.URL("bauta_owner"), Keys: folder, Random: rand.Reader, Now: h.clock,
		Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(h.store.Close)
	engine, err := shipped()
	if err != nil {
		tb.Fatal(err)
	}
	h.Broker = broker.New(broker.Deps{
		Store: h.store, Engine: engine, Now: h.clock, Random: rand.Reader, Origin: h.store.SealingOrigin(),
		Staff: folder.Staff, Auditor: folder.Auditor, Once: folder.MAC,
	})
	return h
}

// decides puts policies into force: without any, nothing is decided.
func (h *house) decides(tb testing.TB) {
	tb.Helper()
	vkey, _ := h.store.Verifier()
	if err := h.Begin(context.Background(), h.store, vkey); err != nil {
		tb.Fatal(err)
	}
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.now
}

// number asks the database for one.
func (h *house) number(tb testing.TB, q string, args ...any) int {
	tb.Helper()
	db, err := sql.Open("postgres", h.db.URL("bauta_owner"))
	if err != nil {
		tb.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var n int
	if err := db.QueryRowContext(context.Background(), q, args...).Scan(&n); err != nil {
		tb.Fatal(err)
	}
	return n
}

func (h *house) entries(tb testing.TB) int {
	tb.Helper()
	return h.number(tb, `SELECT count(*) FROM ledger_entries`)
}

func (h *house) checkLog(tb testing.TB) {
	tb.Helper()
	if _, err := h.store.Check(context.Background(), nil); err != nil {
		tb.Errorf("ledger check: %v", err)
	}
}

// run imports, and gives the bad rows without the folder's name.
func (h *house) run(tb testing.TB, files imports.Files, opts imports.Options) (imports.Result, string) {
	tb.Helper()
	var bad bytes.Buffer
	opts.Bad = &bad
	r, err := imports.Run(context.Background(), h.Broker, files, opts)
	if err != nil {
		tb.Fatal(err)
	}
	for _, path := range []string{files.Parties, files.Transactions, files.Performances} {
		if path != "" {
			return r, strings.ReplaceAll(bad.String(), filepath.Dir(path)+"/", "")
		}
	}
	return r, bad.String()
}

// olist is the folder of the real marketplace, or one that is made like it.
func olist(tb testing.TB) imports.Files {
	tb.Helper()
	dir := os.Getenv("BAUTA_OLIST")
	if dir == "" {
		dir = tb.TempDir()
		generate(tb, dir, 300)
	}
	return imports.Files{
		Parties: filepath.Join(dir, "parties.csv.gz"), Transactions: filepath.Join(dir, "transactions.csv.gz"),
		Performances: filepath.Join(dir, "performances.csv.gz"),
	}
}
