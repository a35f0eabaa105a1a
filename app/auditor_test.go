package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// watched is an auditor of a log of its own, whose time passes only as it waits.
type watched struct {
	*auditor
	db      *pgtest.DB
	keys    *masking.Folder
	program *program
	said    *bytes.Buffer
	broker  *broker.Broker

	mu     sync.Mutex
	at     time.Time
	waited time.Duration
	stop   func() // when it has waited so long, if not nil
	after  time.Duration
}

func watch(t *testing.T, entries int) *watched {
	t.Helper()
	keys, err := masking.OpenFolder(filepath.Join(t.TempDir(), "keys"), rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	w := &watched{db: pgtest.New(t, postgres.Migrate), keys: keys, at: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), said: &bytes.Buffer{}}
	w.start(t, 0)
	w.grow(t, entries)
	return w
}

// start is a broker that is started anew, with an auditor that knows nothing.
func (w *watched) start(t *testing.T, rate int) {
	t.Helper()
	w.program = &program{now: w.now, log: slog.New(slog.NewTextHandler(w.said, nil))}
	store, err := postgres.Open(t.Context(), postgres.Config{
		URL: w.db.URL("bauta"), OwnerURL: w.db.URL("bauta_owner"), Keys: w.keys, Random: rand.Reader, Now: time.Now, Log: w.program.log,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(store.Close)
	engine, err := necessity.Default()
	if err != nil {
		t.Fatal(err)
	}
	w.broker = broker.New(broker.Deps{
		Store: store, Engine: engine, Now: time.Now, Random: rand.Reader, Origin: store.SealingOrigin(),
		Staff: w.keys.Staff, Auditor: w.keys.Auditor, Once: w.keys.MAC,
	})
	vkey, _ := store.Verifier()
	if err := w.broker.Begin(t.Context(), store, vkey); err != nil {
		t.Fatal(err)
	}
	w.auditor = newAuditor(w.program, store, rate)
	w.wait = w.pass
}

func (w *watched) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.at
}

// pass lets time pass.
func (w *watched) pass(_ context.Context, d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.at, w.waited = w.at.Add(d), w.waited+d
	if w.stop != nil && w.waited >= w.after {
		w.stop()
	}
}

func (w *watched) grow(t *testing.T, n int) {
	t.Helper()
	var all sync.WaitGroup
	for part := range 50 { // together they are few commits
		all.Go(func() {
			for i := part; i < n; i += 50 {
				_, _, err := w.broker.PutParty(context.Background(), broker.Caller{Key: "k"}, broker.PartyID(fmt.Sprintf("m-%d-%d", i, n)), broker.PartyInput{
					Kind: broker.Merchant, Source: broker.Source{Kind: "registration"},
				})
				if err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	all.Wait()
}

func (w *watched) sql(t *testing.T, statements ...string) {
	t.Helper()
	db, err := sql.Open("postgres", w.db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range statements {
		if _, err := db.ExecContext(t.Context(), `SET session_replication_role = replica; `+q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

// expect holds /readyz against what should be found, and says that nothing is
// revealed while there is anything.
func (w *watched) expect(t *testing.T, what, found string) {
	t.Helper()
	reasons := strings.Join(w.ready(t.Context()), "; ")
	if found == "" && reasons != "" || !strings.Contains(reasons, found) {
		t.Errorf("%s: /readyz says %q, want %q", what, reasons, found)
	}
	if err := w.sound(); (err == nil) != (found == "") || err != nil && !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("%s: values: %v", what, err)
	}
}

// The minute's pass finds what is wrong with the newest entries, or stands where
// the log goes on; it makes the broker unready and stops reveals until it is mended.
func TestAuditOfTheMinute(t *testing.T) {
	t.Parallel()
	w := watch(t, 20)
	w.minute(t.Context())
	w.expect(t, "all is well", "")
	for what, x := range map[string]struct{ harm, mend, found string }{
		"a stray entry": {
			`INSERT INTO ledger_entries SELECT (SELECT max(size) FROM ledger_checkpoints), entry, statement, owner FROM ledger_entries WHERE idx = 0`,
			`DELETE FROM ledger_entries WHERE idx = (SELECT max(size) FROM ledger_checkpoints)`, "1 entries are stored outside of the log",
		},
		"an entry": {
			`UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = 7`,
			`UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = 7`, "the ledger is not what was signed: entry ",
		},
	} {
		w.sql(t, x.harm)
		w.minute(t.Context())
		w.expect(t, what, x.found)
		if n := w.findings.Load(); n == 0 || !strings.Contains(w.said.String(), "the ledger is not what was signed") {
			t.Errorf("%s: %d findings, and the log has: %s", what, n, w.said)
		}
		w.sql(t, x.mend)
		w.minute(t.Context())
		w.expect(t, what+" is mended", "")
	}
}

// The newest entries are audited again and again, a minute apart by the auditor's own
// clock: what is wrong is found by the next pass, and is no more after another one.
func TestAuditOfEveryMinute(t *testing.T) {
	t.Parallel()
	w := watch(t, 20)
	begun, passes, entries := w.now(), 0, w.audited.Load()
	const flip = `UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = 7`
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.wait = func(ctx context.Context, d time.Duration) {
		passes++
		if want := begun.Add(time.Duration(passes-1) * time.Minute); d != time.Minute || w.newest.seconds() != float64(want.Unix()) {
			t.Errorf("pass %d was at %.0f, and the next one comes after %s", passes, w.newest.seconds(), d)
		}
		if now := w.audited.Load(); now < entries+20 && passes != 2 { // which stops at what it finds
			t.Errorf("pass %d has seen %d entries", passes, now-entries)
		} else {
			entries = now
		}
		switch passes {
		case 1:
			w.expect(t, "at first", "")
			w.sql(t, flip)
		case 2:
			w.expect(t, "after the change", "the ledger is not what was signed: entry ")
			w.sql(t, flip)
		case 3:
			w.expect(t, "mended", "")
			cancel()
		}
		w.pass(ctx, d)
	}
	if w.everyMinute(ctx, w.minute); passes != 3 {
		t.Errorf("%d passes", passes)
	}
	// Nothing is made up for that took longer than that.
	ctx, cancel = context.WithCancel(t.Context())
	w.wait = func(_ context.Context, d time.Duration) {
		if cancel(); d != 0 {
			t.Errorf("after two minutes it waits for another %s", d)
		}
	}
	w.everyMinute(ctx, func(ctx context.Context) { w.pass(ctx, 2*time.Minute) })
}

// A minute's pass covers the newest entries and no more: what is older is for the
// pass over everything.
func TestAuditCoversTheNewest(t *testing.T) {
	t.Parallel()
	if fresh := newAuditor(&program{now: time.Now}, nil, 0); fresh.most != 100_000 || auditEvery != time.Minute {
		t.Errorf("a running broker audits the newest %d every %s", fresh.most, auditEvery)
	}
	w := watch(t, 700)
	w.most = 100
	w.minute(t.Context())
	head, err := w.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if n := w.audited.Load(); n < w.most || n >= w.most+256 { // from where a tile begins
		t.Errorf("%d of %d entries were audited", n, head.Size)
	}
	const flip = `UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = `
	w.sql(t, flip+"7")
	w.minute(t.Context())
	w.expect(t, "an old entry", "")
	for _, back := range []int64{1, w.most} {
		index := fmt.Sprint(head.Size - back)
		w.sql(t, flip+index)
		w.minute(t.Context())
		w.expect(t, "entry "+index, "the ledger is not what was signed: entry ")
		w.sql(t, flip+index)
	}
	w.goOn(t.Context())
	w.expect(t, "all of it", "entry 7: ")
}

// A pass over everything takes its time, is taken up where it was by a broker that
// is started anew, and is over within the day all the same.
func TestAuditGoesOn(t *testing.T) {
	t.Parallel()
	w := watch(t, 9000)
	half := time.Duration(9000 / auditAtLeast * float64(time.Second))
	w.goOn(t.Context())
	w.expect(t, "all is well", "")
	if w.waited < half || w.waited > 2*half+time.Minute {
		t.Errorf("two checks of 9,000 entries at %d a second took %s", auditAtLeast, w.waited)
	}
	begun := w.now()
	w.waited = 0
	if w.goOn(t.Context()); w.waited > 0 {
		t.Error("it began anew at once")
	}
	w.pass(t.Context(), auditAgain)
	w.waited = 0
	for _, stop := range []time.Duration{half * 2 / 3, half / 2} { // restarts, in both parts
		w.interrupted(t, stop)
		kept, err := w.store.KeptAudit(t.Context())
		if err != nil || kept.Begun.Before(begun) || kept.Verified == 0 {
			t.Fatalf("it has come to %+v, %v", kept, err)
		}
		w.start(t, 0)
	}
	w.waited = 0
	w.goOn(t.Context())
	kept, err := w.store.KeptAudit(t.Context())
	if err != nil || !kept.Begun.IsZero() || !kept.Finished.Equal(w.now()) {
		t.Errorf("not finished: %+v, %v", kept, err)
	}
	if w.waited > half*4/3 { // all of it takes nearly two
		t.Errorf("the rest took %s: it began anew", w.waited)
	}
	w.expect(t, "after all", "")
}

// interrupted goes on until so much time has passed.
func (w *watched) interrupted(t *testing.T, after time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	w.mu.Lock()
	w.waited, w.stop, w.after = 0, cancel, after
	w.mu.Unlock()
	w.goOn(ctx)
	w.mu.Lock()
	w.stop = nil
	w.mu.Unlock()
	w.save(t.Context()) // in a life it is kept every minute
}

// What a pass finds is found again by a broker that is started anew, within a
// minute, and no more when it is mended.
func TestAuditFindingStays(t *testing.T) {
	t.Parallel()
	w := watch(t, 5000)
	w.sql(t, `UPDATE parties SET facts = set_byte(facts, 1, get_byte(facts, 1) # 1) WHERE id = (SELECT max(id) FROM parties)`)
	w.goOn(t.Context())
	w.expect(t, "a row", "does not carry this broker's MAC")
	w.start(t, 0)
	w.waited = 0
	w.goOn(t.Context())
	w.expect(t, "after a restart", "does not carry this broker's MAC")
	w.sql(t, `DELETE FROM parties WHERE id = (SELECT max(id) FROM parties)`)
	w.pass(t.Context(), auditEvery)
	w.goOn(t.Context())
	w.expect(t, "another one", "parties")
}

// A place that somebody wrote himself is not believed, and one that is put back is
// of no use after two days.
func TestAuditPlaceIsNoProof(t *testing.T) {
	t.Parallel()
	w := watch(t, 300)
	if err := w.store.KeepAudit(t.Context(), postgres.AuditPass{Begun: w.now(), Verified: 200, Whole: true, Done: 0}); err != nil {
		t.Fatal(err)
	}
	w.sql(t, `UPDATE ledger_entries SET entry = set_byte(entry, 8, get_byte(entry, 8) # 1) WHERE idx = 7`)
	w.pass(t.Context(), auditStale+time.Second)
	w.goOn(t.Context())
	w.expect(t, "an old place", "entry 7: ")
	w.sql(t, `UPDATE audits SET pass = convert_to(replace(convert_from(pass, 'UTF8'), '"whole":false', '"whole":true'), 'UTF8')`)
	if kept, err := w.store.KeptAudit(t.Context()); err != nil || kept.Whole {
		t.Errorf("a place of somebody's own: %+v, %v", kept, err)
	}
}

// An error of the database costs a minute, and is not a finding.
func TestAuditAfterAnError(t *testing.T) {
	t.Parallel()
	w := watch(t, 300)
	w.sql(t, `ALTER TABLE cards RENAME TO elsewhere`)
	w.goOn(t.Context())
	if !strings.Contains(w.said.String(), "the ledger could not be audited") || w.findings.Load() > 0 {
		t.Errorf("the log has: %s", w.said)
	}
	w.sql(t, `ALTER TABLE elsewhere RENAME TO cards`)
	w.pass(t.Context(), auditEvery)
	w.goOn(t.Context())
	w.expect(t, "it is back", "")
	if w.whole.seconds() != float64(w.now().Unix()) {
		t.Error("it did not go on in the next minute")
	}
}

// A rate that takes more than a day is said, once a pass.
func TestAuditRate(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		rate  int
		total int64
		slow  bool
	}{{0, 1 << 40, false}, {100, 4_320_000, false}, {100, 4_400_000, true}, {1000, 43_000_000, false}} {
		var said bytes.Buffer
		a := &auditor{rate: x.rate, now: time.Now, wait: func(context.Context, time.Duration) {}, log: slog.New(slog.NewTextHandler(&said, nil))}
		progress := a.pace(t.Context(), 0).by(time.Now().Add(time.Hour))
		progress(0, x.total)
		progress(10, x.total)
		if n := strings.Count(said.String(), "--audit-rate is too low"); (n == 1) != x.slow {
			t.Errorf("%d a second for %d: said %d times: %s", x.rate, x.total, n, said.String())
		}
	}
}

// What requests come upon is a reason as well, and stays until a pass that began
// after it has found nothing.
func TestAuditorIsTold(t *testing.T) {
	t.Parallel()
	w := watch(t, 10)
	f, _ := broker.Tampering(masking.ErrUnreadable)
	for range 3 {
		w.come(f)
	}
	w.expect(t, "told", "does not open")
	if n := w.findings.Load(); n != 1 {
		t.Errorf("%d findings", n)
	}
	w.pass(t.Context(), time.Second)
	w.goOn(t.Context())
	w.expect(t, "after a pass", "")
}
