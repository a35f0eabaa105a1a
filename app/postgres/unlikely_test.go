package postgres_test

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"bauta.dev/bauta/app/postgres/cluster"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A synchronous standby vanishes while a commit waits for it, and an operator
// cancels the wait: PostgreSQL then reports success, with a warning. Nothing is
// revealed (contract.md, I1); the retry with the same key finds the entry.
func TestStandbyVanishes(t *testing.T) {
	t.Parallel()
	h, owner := alone(t)
	h.order(t, "t-1")
	h.perform(t, "t-1", broker.Pay, "221.65", "card/1")
	h.perform(t, "t-1", broker.Accept, "1", "stock")
	set(t, owner, `ALTER SYSTEM SET synchronous_standby_names = 'vanished'`)

	once := &broker.Outcome{Key: [16]byte{1}, Body: [16]byte{2}}
	ask := func() (broker.DisclosureView, bool, error) {
		return h.Disclose(t.Context(), market, broker.DisclosureInput{
			Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver, Reveal: true,
		}, once)
	}
	answered := make(chan error, 1)
	go func() {
		v, _, err := ask()
		if len(v.Values) > 0 {
			err = errors.New("a value came with a commit that no standby has")
		}
		answered <- err
	}()
	cancelWait(t, owner)
	if err := <-answered; fault.Of(err).Kind != fault.Unavailable {
		t.Fatalf("a cancelled wait for a standby gave %v", err)
	}
	set(t, owner, `ALTER SYSTEM RESET synchronous_standby_names`)
	v, replayed, err := ask()
	if err != nil || !replayed || v.Decision != "granted" || len(v.Values) == 0 {
		t.Errorf("the retry gave %q with %d values, replayed %v, %v", v.Decision, len(v.Values), replayed, err)
	}
}

// alone is a house on a PostgreSQL of its own, whose settings it may change.
func alone(t *testing.T) (*house, *sql.DB) {
	t.Helper()
	dir, err := os.MkdirTemp("", "alone") //nolint:usetesting // a short path: it holds a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	if err := os.Chmod(dir, 0o755); err != nil { //nolint:gosec // the database has a user of its own
		t.Fatal(err)
	}
	c, err := cluster.Start(t.Context(), cluster.Config{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Stop(context.WithoutCancel(t.Context())) })
	folder, err := masking.OpenFolder(filepath.Join(t.TempDir(), "keys"), rand.Reader, true)
	if err != nil {
		t.Fatal(err)
	}
	owner, err := sql.Open("postgres", c.DSN(cluster.RoleOwner))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = owner.Close() })
	return enterAt(t, c.URL, folder), owner
}

func set(t *testing.T, owner *sql.DB, setting string) {
	t.Helper()
	for _, q := range []string{setting, `SELECT pg_reload_conf()`} {
		if _, err := owner.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	time.Sleep(200 * time.Millisecond) // every process reads it when it next looks
}

// cancelWait finds the backend that waits for the standby, and ends its wait.
func cancelWait(t *testing.T, owner *sql.DB) {
	t.Helper()
	for range 200 {
		var found bool
		err := owner.QueryRowContext(t.Context(),
			`SELECT coalesce(bool_or(pg_cancel_backend(pid)), false) FROM pg_stat_activity WHERE wait_event = 'SyncRep'`).Scan(&found)
		if err != nil {
			t.Fatal(err)
		}
		if found {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Fatal("nobody waits for the standby")
}

// The clock jumps, back and forth, between commits and while a grant lives: the
// log stays whole, nothing opens that had ended by the clock that then holds, and
// an expired grant is not opened by anything but the clock itself.
func TestClockJumps(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	at := noon
	for i, jump := range []time.Duration{0, 90 * 24 * time.Hour, -400 * 24 * time.Hour, time.Second, -time.Hour, 50 * 365 * 24 * time.Hour, -50 * 365 * 24 * time.Hour} {
		at = at.Add(jump)
		h.at(at)
		id := broker.TransactionID(fmt.Sprintf("t-%d", i))
		h.sell(t, i)
		v, _, err := h.Disclose(t.Context(), market, broker.DisclosureInput{
			Transaction: id, Requester: broker.PartyID(fmt.Sprintf("s-%d", i)), Purpose: necessity.Deliver, Reveal: true,
		}, nil)
		if err != nil || v.Decision != "granted" || !v.ExpiresAt.After(at) {
			t.Fatalf("at %s: %q until %s, %v", at, v.Decision, v.ExpiresAt, err)
		}
		h.at(v.ExpiresAt)
		if _, _, err := h.View(t.Context(), market, v.ID, broker.PartyID(fmt.Sprintf("s-%d", i)), nil); !errors.Is(err, broker.ErrGone) {
			t.Errorf("at its end a grant gave %v", err)
		}
		h.at(at)
	}
	if report, err := h.store.Check(t.Context(), nil); err != nil || report.Entries == 0 {
		t.Errorf("the log after the jumps: %d entries, %v", report.Entries, err)
	}
}
