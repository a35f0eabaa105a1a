package stories

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"bauta.dev/bauta/app/identity"
	"bauta.dev/bauta/app/oidc/oidctest"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

func TestMain(m *testing.M) { os.Exit(pgtest.Run(m)) }

// shipped is the engine of the policies that ship. One is enough for all houses,
// as it is for all requests of a broker: it remembers what follows from its
// policies and nothing else, and making it costs more than most tests.
var shipped = sync.OnceValues(necessity.Default)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// terms are what an operator of a house chose; the zero value is no limits.
type terms struct {
	budgets *budget.Limits
	hints   bool
	reveals int // in cases, a day and account
	rate    int
	// sound says why nothing may be revealed; nil is never.
	sound func() error
	// public: everybody may read hash tiles.
	public bool
	// proxy: one of ours ends TLS.
	proxy bool
	// known is the address by which people know it, or "nowhere"; empty: where it listens.
	known string
	// named: it is known by a name, for which browsers make passkeys.
	named bool
	// provider vouches for the operator's people.
	provider *oidctest.Provider
	// embed are the sites that may frame the registration form.
	embed []string
	// report is where buyers report merchants.
	report string
	// policies are permits in place of the shipped ones.
	policies string
	// signs: parties sign for themselves, with the keys of this provider.
	signs *provider
}

func (x terms) engine() (*necessity.Engine, error) {
	if x.policies == "" {
		return shipped()
	}
	return necessity.Load(fstest.MapFS{"story.cedar": {Data: []byte(x.policies)}})
}

// house is one database with its key folder and everything that works on it.
// Every story has its own, and at its end all of it is looked through.
type house struct {
	*desk // the first one

	db     *pgtest.DB
	folder string
	clock  *clock
	log    *heard
	terms  terms
	keys   map[string]string // by what they may do
	come   come              // upon what is not as it was signed

	looking sync.Once
	eyes    *sql.DB

	// forged: the story itself has changed the ledger, so that checking it has
	// to fail and is left to the story.
	forged bool
	// looked: the house was looked through already, before its newest desk closed.
	looked bool
	// forgedRows: it has changed other rows, so that the check of all tables has to.
	forgedRows bool
}

// desk is one broker with its door.
type desk struct {
	store  *postgres.Store
	broker *broker.Broker
	url    string
	client *http.Client
	house  *house
}

// clock stands still until it is told.
type clock struct {
	mu    sync.Mutex
	at    time.Time
	ticks time.Duration // between two looks at it
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(c.ticks)
	return c.at
}

// tick lets it go on by so much with each look; by nothing, it stands still again.
func (c *clock) tick(by time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ticks = by
}

func (c *clock) set(at time.Time) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = at
}

func (c *clock) forward(d time.Duration) { c.set(c.now().Add(d)) }

// heard is all that the servers of a house have logged.
type heard struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (h *heard) Write(b []byte) (int, error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.Write(b)
}

func (h *heard) String() string {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.buf.String()
}

// newHouse is one with the three people of people_test.go in it.
func newHouse(t *testing.T, terms terms) *house {
	t.Helper()
	return furnish(t, pgtest.New(t, postgres.Migrate), terms, "")
}

// furnish opens a first broker; through, if given, is the URL that it finds the
// database by.
func furnish(t *testing.T, db *pgtest.DB, terms terms, through string) *house {
	t.Helper()
	h := &house{
		db: db, folder: filepath.Join(t.TempDir(), "keys"), clock: &clock{at: noon}, log: &heard{}, terms: terms,
		keys: map[string]string{},
	}
	if through == "" {
		through = db.URL("bauta")
	}
	h.desk = h.open(t, through, true)
	var mu sync.Mutex
	var wait sync.WaitGroup // together they are one commit
	for name, k := range map[string]broker.APIKey{
		"market":   {Scopes: []string{"marketplace"}},
		"market2":  {Scopes: []string{"marketplace"}},
		"payment":  {Scopes: []string{"attest"}, Source: "payment"},
		"privacy":  {Scopes: []string{"privacy"}},
		"audit":    {Scopes: []string{"audit"}},
		"disputes": {Scopes: []string{"disputes"}},
	} {
		wait.Go(func() {
			key := h.issue(t, k)
			mu.Lock()
			defer mu.Unlock()
			h.keys[name] = key
		})
	}
	wait.Wait()
	t.Cleanup(func() {
		h.lookThrough(t)
		if h.eyes != nil {
			_ = h.eyes.Close()
		}
	})
	return h
}

// open lets one more broker work on the house's database, with keys that it
// reads from the folder itself.
func (h *house) open(t *testing.T, url string, first bool) *desk {
	t.Helper()
	folder, err := masking.OpenFolder(h.folder, rand.Reader, first)
	if err != nil {
		t.Fatal(err)
	}
	log := slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	d := &desk{house: h}
	d.store, err = postgres.Open(t.Context(), postgres.Config{
		URL: url, OwnerURL: h.db.URL("bauta_owner"), Keys: folder, Random: rand.Reader, Now: h.clock.now, Log: log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.store.Close)
	engine, err := h.terms.engine()
	if err != nil {
		t.Fatal(err)
	}
	packs, err := merchants.Load()
	if err != nil {
		t.Fatal(err)
	}
	d.broker = broker.New(broker.Deps{
		Store: d.store, Engine: engine, Packs: packs, Now: h.clock.now, Random: rand.Reader, Origin: d.store.SealingOrigin(),
		Staff: folder.Staff, Auditor: folder.Auditor, Once: folder.MAC,
		Passwords: accounts.Parameters{Memory: 1 << 10, Time: 1, Threads: 1}, // of each story there are dozens
		Budgets:   h.terms.budgets, PeerMasks: h.terms.hints, Sound: h.terms.sound, LargeCase: "500.00", RevealLimit: h.terms.reveals,
	})
	vkey, _ := d.store.Verifier()
	if err := d.broker.Begin(t.Context(), d.store, vkey); err != nil {
		t.Fatal(err)
	}
	d.serve(t, log)
	return d
}

// serve opens the door on a real socket.
func (d *desk) serve(t *testing.T, log *slog.Logger) {
	t.Helper()
	deps := web.Deps{
		Broker: d.broker, Keys: finder{d.store}, Ready: d.store.Ready, Checkpoint: d.store.Checkpoint, Found: d.house.come.note,
		Now: d.house.clock.now, Random: rand.Reader, Log: log, Registry: prometheus.NewRegistry(),
		Ledger: d.store, PublicLedger: d.house.terms.public, RateLimit: d.house.terms.rate, BehindProxy: d.house.terms.proxy, EmbedOrigins: d.house.terms.embed, ReportURL: d.house.terms.report, Version: "stories",
	}
	if p := d.house.terms.signs; p != nil {
		var err error
		if deps.PartyTokens, err = identity.Open(p.file, d.store.Origin(), d.house.clock.now); err != nil {
			t.Fatal(err)
		}
	}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	switch known := d.house.terms.known; known {
	case "":
		deps.PublicURL = "http://" + l.Addr().String()
	case "nowhere":
	default:
		deps.PublicURL = known
	}
	d.url = "http://" + l.Addr().String()
	d.otherWays(t, &deps)
	s := web.New(deps)
	served := make(chan error, 1)
	go func() { served <- s.Serve(l, "", "") }()
	d.client = &http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{
		MaxIdleConnsPerHost: 64, DisableCompression: true,
	}}
	t.Cleanup(func() {
		d.client.CloseIdleConnections()
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := errors.Join(s.Shutdown(ctx), <-served); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
}

type finder struct{ store *postgres.Store }

func (f finder) Key(ctx context.Context, id, secret string) (*broker.APIKey, error) {
	return f.store.APIKey(ctx, id, secret)
}

// issue makes an API key the way that bauta key create does.
func (h *house) issue(t *testing.T, k broker.APIKey) string {
	t.Helper()
	raw := make([]byte, 21)
	if _, err := rand.Read(raw); err != nil {
		t.Error(err)
	}
	k.ID = hex.EncodeToString(raw[:5])
	secret := hex.EncodeToString(raw[5:])
	k.Secret = h.store.HashSecret(k.ID, secret)
	if err := h.broker.CreateKey(t.Context(), k); err != nil {
		t.Error(err)
	}
	return "bauta_" + k.ID + "_" + secret
}

// come are the findings that requests came upon.
type come struct {
	mu  sync.Mutex
	all []string
}

func (c *come) note(f ledger.Finding) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.all = append(c.all, f.Error())
}

// upon gives them, and forgets them.
func (c *come) upon() (all []string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	all, c.all = c.all, nil
	return all
}
