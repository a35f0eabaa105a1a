package anchor_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	_ "github.com/lib/pq"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// shipped is the engine of the policies that ship. One is enough for all houses,
// as it is for all requests of a broker: it remembers what follows from its
// policies and nothing else, and making it costs more than most tests.
var shipped = sync.OnceValues(necessity.Default)

// house is a broker on a database of its own, with what is known outside of it.
type house struct {
	*broker.Broker
	store *postgres.Store
	db    *pgtest.DB
	keys  *masking.Folder
}

func newHouse(t *testing.T) *house {
	t.Helper()
	keys, err := masking.OpenFolder(filepath.Join(t.TempDir(), "keys"), rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	return enter(t, pgtest.New(t, postgres.Migrate), keys)
}

// enter starts one more broker on a database.
func enter(t *testing.T, db *pgtest.DB, keys *masking.Folder) *house {
	t.Helper()
	h := arrive(t, db, keys)
	if err := h.begin(); err != nil {
		t.Fatal(err)
	}
	return h
}

// arrive is enter up to what a broker writes first.
func arrive(t *testing.T, db *pgtest.DB, keys *masking.Folder) *house {
	t.Helper()
	h := &house{db: db, keys: keys}
	var err error
	h.store, err = postgres.Open(t.Context(), postgres.Config{
		URL: db.URL("bauta"), OwnerURL: db.URL("bauta_owner"), Keys: keys, Random: rand.Reader, Now: time.Now, Log: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.store.Close)
	engine, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	h.Broker = broker.New(broker.Deps{
		Store: h.store, Engine: engine, Now: time.Now, Random: rand.Reader, Origin: h.store.SealingOrigin(),
		Staff: keys.Staff, Auditor: keys.Auditor, Once: keys.MAC,
	})
	return h
}

func (h *house) begin() error {
	vkey, _ := h.store.Verifier()
	return h.Begin(context.Background(), h.store, vkey)
}

// anchored is the store as an anchor sees it.
type anchored struct{ *postgres.Store }

func (s anchored) Head(ctx context.Context) (ledger.Checkpoint, error) {
	c, err := s.Store.Head(ctx)
	if errors.Is(err, broker.ErrNotFound) {
		err = nil
	}
	return c, err
}

// SignedAt is the checkpoint of a size; the zero one where no commit ended there.
func (s anchored) SignedAt(ctx context.Context, size int64) (ledger.Checkpoint, error) {
	c, err := s.Store.SignedAt(ctx, size)
	if errors.Is(err, broker.ErrNotFound) {
		return ledger.Checkpoint{}, nil
	}
	return c, err
}

func (s anchored) Cosign(ctx context.Context, size int64, w anchor.Witness, line string, at time.Time) error {
	return s.Store.Cosign(ctx, postgres.Cosignature{Size: size, Witness: w.Verifier.Name(), Key: w.Verifier.KeyHash(), Line: line, At: at})
}

// anchor ties the house to a file, if path is not empty, and to witnesses, and
// runs until the test ends.
func (h *house) anchor(t *testing.T, path string, all ...*witness) *anchor.Anchor {
	t.Helper()
	d := anchor.Deps{
		Log: anchored{h.store}, Now: time.Now, Report: slog.New(slog.DiscardHandler),
		Client: &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
	if len(all) > 0 {
		d.Witnesses = policy(t, all...)
	}
	if path != "" {
		d.File = h.file(t, path)
	}
	a := anchor.New(d)
	h.store.Anchor(a.Seen)
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_ = a.Start(ctx) // what it says is the test's
	running, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		a.Run(running)
		close(done)
	}()
	t.Cleanup(func() {
		stop()
		<-done
	})
	return a
}

func (h *house) file(t *testing.T, path string) *anchor.File {
	t.Helper()
	f, err := anchor.OpenFile(path, h.store.Eras(), true)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// put appends one entry.
func (h *house) put(name string) error {
	_, _, err := h.PutParty(context.Background(), broker.Caller{Key: "k-market"}, broker.PartyID(name), broker.PartyInput{
		Kind: broker.Merchant, Source: broker.Source{Kind: "registration"},
		Contact: broker.Contact{Values: map[masking.Field]masking.Value{masking.Name: {Text: masking.NewText("Marlowe Books")}}},
	})
	return err
}

func (h *house) grow(t *testing.T, n int) {
	t.Helper()
	for i := range n {
		if err := h.put(fmt.Sprintf("m-%d-%d", i, time.Now().UnixNano())); err != nil {
			t.Fatal(err)
		}
	}
}

func (h *house) head(t *testing.T) ledger.Checkpoint {
	t.Helper()
	c, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// empty makes the database what it was before anything was written.
func (h *house) empty(t *testing.T) {
	t.Helper()
	h.rollBack(t, -1)
	db, err := sql.Open("postgres", h.db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `SET session_replication_role = replica; DELETE FROM policies; DELETE FROM parties; DELETE FROM cards; DELETE FROM keys.owners`); err != nil {
		t.Fatal(err)
	}
}

// rollBack makes the database what a dump of that size would be.
func (h *house) rollBack(t *testing.T, size int64) {
	t.Helper()
	db, err := sql.Open("postgres", h.db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range []string{
		`SET session_replication_role = replica; DELETE FROM ledger_checkpoints WHERE size > %d`,
		`SET session_replication_role = replica; DELETE FROM ledger_entries WHERE idx >= %d`,
		`SET session_replication_role = replica; DELETE FROM ledger_cosignatures WHERE size > %d`,
	} {
		if _, err := db.ExecContext(t.Context(), fmt.Sprintf(q, size)); err != nil {
			t.Fatal(err)
		}
	}
}
