package demo_test

import (
	"crypto/rand"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/demo"
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

// house is a broker with the demonstration marketplace in a database of its own.
type house struct {
	*broker.Broker
	store *postgres.Store
	mu    sync.Mutex
	now   time.Time // a second later at each look at it
	app   *fiber.App
}

func newHouse(t *testing.T) *house {
	t.Helper()
	folder, err := masking.OpenFolder(filepath.Join(t.TempDir(), "keys"), rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	db := pgtest.New(t, postgres.Migrate)
	h := &house{now: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)}
	log := slog.New(slog.DiscardHandler)
	h.store, err = postgres.Open(t.Context(), postgres.Config{
		URL: db.URL("bauta"), OwnerURL: db.URL("bauta_owner"), Keys: folder, Random: rand.Reader, Now: h.clock, Log: log,
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
		Store: h.store, Engine: engine, Now: h.clock, Random: rand.Reader, Origin: h.store.SealingOrigin(),
		Staff: folder.Staff, Auditor: folder.Auditor, Once: folder.MAC,
	})
	vkey, _ := h.store.Verifier()
	if err := h.Begin(t.Context(), h.store, vkey); err != nil {
		t.Fatal(err)
	}
	if err := demo.Seed(t.Context(), h.Broker, h.clock); err != nil {
		t.Fatal(err)
	}
	h.app = fiber.New(fiber.Config{Immutable: true, DisableStartupMessage: true, StrictRouting: true, CaseSensitive: true})
	demo.Mount(h.app, demo.Deps{
		Broker: h.Broker, Ledger: h.store, Now: h.clock, Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
	})
	return h
}

func (h *house) clock() time.Time {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.now = h.now.Add(time.Second)
	return h.now
}

// listen serves the house to a browser and gives its address.
func (h *house) listen(t *testing.T) string {
	t.Helper()
	var config net.ListenConfig
	l, err := config.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = h.app.Listener(l)
	}()
	t.Cleanup(func() {
		_ = h.app.ShutdownWithTimeout(5 * time.Second)
		<-done
	})
	return "http://" + l.Addr().String()
}
