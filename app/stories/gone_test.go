package stories

import (
	"bytes"
	"context"
	"errors"
	"io"
	"io/fs"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"syscall"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/cluster"
	"bauta.dev/bauta/app/postgres/pgtest"
)

// gate stands before the database, and can be shut: then who is inside is put
// out, and who comes finds nobody.
type gate struct {
	dir, to string
	mu      sync.Mutex
	door    net.Listener
	inside  []net.Conn // of the broker
	beyond  []net.Conn // to the database
	keep    bool       // the database is not to notice
}

const socket = ".s.PGSQL.5432"

func newGate(t *testing.T, c *cluster.Cluster) *gate {
	t.Helper()
	dir, err := os.MkdirTemp("", "gate") //nolint:usetesting // a socket's path must be short
	if err != nil {
		t.Fatal(err)
	}
	g := &gate{dir: dir, to: filepath.Join(c.Host(), socket)}
	t.Cleanup(func() {
		g.shut()
		_ = os.RemoveAll(dir)
	})
	g.open(t)
	return g
}

func (g *gate) url() string { return "postgres://bauta@/bauta?host=" + g.dir }

func (g *gate) open(t *testing.T) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", filepath.Join(g.dir, socket))
	if err != nil {
		t.Fatal(err)
	}
	g.mu.Lock()
	g.door = l
	g.mu.Unlock()
	go func() {
		for {
			in, err := l.Accept()
			if err != nil {
				return
			}
			go g.lead(in)
		}
	}()
}

// lead brings one connection through.
func (g *gate) lead(in net.Conn) {
	out, err := (&net.Dialer{}).DialContext(context.Background(), "unix", g.to)
	if err != nil {
		_ = in.Close()
		return
	}
	g.mu.Lock()
	g.inside, g.beyond = append(g.inside, in), append(g.beyond, out)
	g.mu.Unlock()
	go func() {
		_, _ = io.Copy(out, in)
		g.mu.Lock()
		defer g.mu.Unlock()
		if !g.keep {
			_ = out.Close()
		}
	}()
	_, _ = io.Copy(in, out)
	_ = in.Close()
	_, _ = io.Copy(io.Discard, out) // what it says to nobody
}

func (g *gate) shut() {
	g.lose()
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, c := range g.beyond {
		_ = c.Close()
	}
	g.beyond, g.keep = nil, false
}

// lose shuts the gate towards the broker; the database works on what it has.
func (g *gate) lose() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.keep = true
	if g.door != nil {
		_ = g.door.Close()
	}
	for _, c := range g.inside {
		_ = c.Close()
	}
	g.door, g.inside = nil, nil
}

// every request of the main job, of which none may work without a database.
func (h *house) everything(t *testing.T, granted string) []reply {
	t.Helper()
	var rs []reply
	for _, line := range []string{
		"PUT /v1/parties/x-1 " + giovana, "GET /v1/parties/b-1", "GET /v1/parties/b-1/disclosures", "PUT /v1/transactions/x-1 " + deal{kind: "rental"}.body(),
		"GET /v1/transactions/t-1?viewer=s-1", `POST /v1/transactions/t-1/completion {"reason":"agreed"}`, disclosures + " " + request("t-1", "s-1", "deliver"),
		"GET /v1/disclosures", "GET /v1/disclosures/" + granted + "?viewer=s-1", "POST /v1/disclosures/" + granted + `/views {"viewer":"s-1"}`,
		"POST /v1/disclosures/" + granted + `/revocation {"reason":"leaked"}`, "GET /ledger/checkpoint",
	} {
		rs = append(rs, h.line(t, "market", line))
	}
	rs = append(rs, h.line(t, "payment", performances+" "+h.told("ship", "1", "r-1").body()),
		h.line(t, "payment", reversals+" "+h.told("pay", "1.00", "r-1").body()), h.line(t, "privacy", `PUT /v1/parties/b-1/flags ["minor"]`))
	return rs
}

// The database goes, by a cut and by a kill: nothing is shown, everybody is told
// to come later, and when it is back nobody has to do anything.
func TestDatabaseGone(t *testing.T) {
	t.Parallel()
	db, c := pgtest.NewDurable(t, postgres.Migrate)
	g := newGate(t, c)
	h := furnish(t, db, terms{}, g.url())
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods"})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.disclose(t, "t-1", "s-1", "deliver")
	id := granted.at("id")
	h.do(t, "payment", "GET /v1/parties/b-1", "").want(t, 403) // every key is known now
	h.do(t, "privacy", "GET /v1/parties/b-1", "").want(t, 403)
	h.do(t, "audit", "GET /metrics", "").want(t, 200)

	g.shut()
	for _, r := range h.everything(t, id) {
		r.want(t, 503, "code", "unavailable")
	}
	h.do(t, "", "GET /healthz", "").want(t, 200)
	h.do(t, "", "GET /readyz", "").want(t, 503, "errors", "")
	h.do(t, "audit", "GET /readyz", "").want(t, 503, "errors.0.detail", "the database cannot be reached")
	h.clock.forward(2 * time.Second) // now keys have to be looked up
	h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 503, "code", "unavailable")
	g.open(t)
	h.comesBack(t, id, "18")

	killed := c.Pid()
	if err := syscall.Kill(killed, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	r := h.view(t, id, "s-1")
	if r.status != 200 && r.status != 503 {
		t.Errorf("at the moment of the kill: %d %s", r.status, r.short())
	}
	for end := time.Now().Add(20 * time.Second); c.Pid() == killed || c.Pid() == 0; time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) { // until then its children still answer
			t.Fatal("nobody has started another server")
		}
	}
	h.comesBack(t, id, "")
	inClear(t, c)
}

// comesBack waits until requests work again, by themselves.
func (h *house) comesBack(t *testing.T, id, left string) {
	t.Helper()
	for end := time.Now().Add(20 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		ready := h.do(t, "", "GET /readyz", "")
		if ready.status == http.StatusOK {
			break
		}
		if time.Now().After(end) {
			t.Fatalf("not ready again: %s", ready.short())
		}
	}
	var r reply
	for range 5 {
		if r = h.view(t, id, "s-1"); r.status != http.StatusServiceUnavailable {
			break
		}
		t.Logf("ready, and yet %s", r.short())
		time.Sleep(100 * time.Millisecond)
	}
	r.want(t, 200)
	if left != "" {
		r.want(t, 200, "views_left", left)
	}
	if r.opens() != "address name phone" {
		t.Errorf("after it came back: %s", r.short())
	}
	h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "state", "partly_performed")
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
}

// inClear looks for values in all files of the database, its write-ahead log too (I5).
func inClear(t *testing.T, c *cluster.Cluster) {
	t.Helper()
	files := 0
	err := filepath.WalkDir("/proc/"+itoa(c.Pid())+"/cwd/", func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) || err == nil && !d.Type().IsRegular() {
			return nil // the server works on: files come and go
		}
		b, err := os.ReadFile(path)
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		files++
		for _, v := range values {
			if bytes.Contains(b, []byte(v)) {
				t.Errorf("%s holds %q in clear", path, v)
			}
		}
		return nil
	})
	if err != nil || files < 100 {
		t.Errorf("looked through %d files: %v", files, err)
	}
}

// A database that is full, or that may not write, refuses and comes back too.
func TestDatabaseFull(t *testing.T) {
	t.Parallel()
	h, id := grantedHouse(t)
	before := h.dump(t)
	for state, what := range map[string]string{"53100": "disk full", "25006": "read only", "57P01": "shut down", "40001": "serialisation", "XX001": "corrupted"} {
		for _, table := range []string{"ledger_checkpoints", "ledger_entries"} {
			h.sql(t, `CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'Geheimnis4711' USING ERRCODE = '`+state+`'; END $$`,
				`CREATE TRIGGER refuse BEFORE INSERT ON `+table+` FOR EACH ROW EXECUTE FUNCTION refuse()`)
			h.view(t, id, "s-1").want(t, 503, "code", "unavailable").nothingShown(t, what)
			h.do(t, "market", "PUT /v1/parties/x-1", giovana).want(t, 503).nothingShown(t, what)
			h.do(t, "market", "GET /v1/parties/b-1", "").want(t, 200)
			h.sql(t, `DROP TRIGGER refuse ON `+table, `DROP FUNCTION refuse`)
		}
	}
	for name, dump := range h.dump(t) {
		if dump != before[name] {
			t.Errorf("%s was half written", name)
		}
	}
	h.view(t, id, "s-1").want(t, 200, "views_left", "18")
}

// The connection is lost after a commit was sent and before it was answered:
// nothing is shown, for nothing is known; asked again by its key, it happened once.
func TestOutcomeUnknown(t *testing.T) {
	t.Parallel()
	db, c := pgtest.NewDurable(t, postgres.Migrate)
	g := newGate(t, c)
	h := furnish(t, db, terms{}, g.url())
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods"})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	before := h.ask(t, `SELECT count(*) FROM ledger_entries`)

	h.sql(t, `CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$`,
		`CREATE TRIGGER slow AFTER INSERT ON ledger_checkpoints EXECUTE FUNCTION slow()`)
	body := request("t-1", "s-1", "deliver")
	answered := make(chan reply, 1)
	go func() { answered <- h.do(t, "market", disclosures, body, keyed("k")...) }()
	h.await(t, `SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'PgSleep'`, "1")
	g.lose()
	r := <-answered
	r.want(t, 503, "code", "unavailable")
	h.await(t, `SELECT count(*) - `+before+` FROM ledger_entries`, "1")
	g.open(t)
	for range 50 {
		if r = h.do(t, "market", disclosures, body, keyed("k")...); r.status != 503 {
			break
		}
		time.Sleep(20 * time.Millisecond)
	}
	r.want(t, 201, "decision", "granted", "ledger.index", before)
	if r.opens() != "address name phone" || r.header.Get("Idempotent-Replayed") != "true" {
		t.Errorf("asked again: %s", r.short())
	}
	if n := h.ask(t, `SELECT count(*) - `+before+` FROM ledger_entries`); n != "1" {
		t.Errorf("%s entries for one request", n)
	}
}

// await waits until the owner reads what is wanted.
func (h *house) await(t *testing.T, q, want string) {
	t.Helper()
	got := ""
	defer func() {
		if got != want {
			t.Logf("it is %s", got)
		}
	}()
	await(t, q+" is "+want, func() bool { got = h.ask(t, q); return got == want })
}
