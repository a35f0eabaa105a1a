package postgres_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// keyed is a house whose key folder can be looked at and put back.
type keyed struct {
	*house
	dir string
}

func newKeyed(t *testing.T) *keyed {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "keys")
	k := &keyed{dir: dir}
	k.house = enter(t, pgtest.New(t, postgres.Migrate), folderAt(t, dir))
	return k
}

func folderAt(tb testing.TB, dir string) *masking.Folder {
	tb.Helper()
	f, err := masking.OpenFolder(dir, rand.Reader, true)
	if err != nil {
		tb.Fatal(err)
	}
	return f
}

// again is a start of one more broker, with the keys as a folder has them.
func (k *keyed) again(t *testing.T, dir string) *keyed {
	t.Helper()
	return &keyed{enter(t, k.db, folderAt(t, dir)), dir}
}

// copied is the key folder as it is now.
func (k *keyed) copied(t *testing.T) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "keys")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	names, err := os.ReadDir(k.dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		place(t, to, name.Name(), read(t, k.dir, name.Name()))
	}
	return to
}

func read(t *testing.T, dir, name string) []byte {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func place(t *testing.T, dir, name string, b []byte) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// begin does all of a succession but its commit, and finish that.
func (k *keyed) begin(t *testing.T, origin string) (*postgres.Standing, *broker.Write) {
	t.Helper()
	st, err := k.store.Standing(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := k.store.BeginSuccession(origin)
	if err != nil {
		t.Fatal(err)
	}
	before := k.store.Eras().All()[st.Era]
	w, err := k.Succession(broker.Succession{
		Origin: origin, Verifier: vkey, PreviousOrigin: before.Origin(), PreviousVerifier: before.VKey, Head: st.Head, Reason: broker.Restored,
	})
	if err != nil {
		t.Fatal(err)
	}
	return st, w
}

func (k *keyed) finish(st *postgres.Standing, w *broker.Write) error {
	_, err := k.store.Succeed(context.Background(), st, w)
	return err
}

func (k *keyed) succeed(t *testing.T, origin string) {
	t.Helper()
	if err := k.finish(k.begin(t, origin)); err != nil {
		t.Fatal(err)
	}
}

var keyNumber atomic.Int64 // of the keys that grow makes

// grow appends entries that are nobody's.
func (k *keyed) grow(t *testing.T, n int) {
	t.Helper()
	for range n {
		if err := k.wrote(); err != nil {
			t.Fatal(err)
		}
	}
}

// rollBack makes the database what a dump of that size would be.
func (k *keyed) rollBack(t *testing.T, size int64) {
	t.Helper()
	k.exec(t, fmt.Sprintf(`SET session_replication_role = replica; DELETE FROM api_keys WHERE id IN (SELECT id FROM api_keys
		ORDER BY length(id) DESC, id DESC LIMIT (SELECT count(*) FROM ledger_entries WHERE idx >= %d AND get_byte(entry, 1) = %d)); DELETE FROM ledger_checkpoints WHERE size > %[1]d; DELETE FROM ledger_entries WHERE idx >= %[1]d; DELETE FROM policies WHERE id >= %[1]d`, size, ledger.APIKeyCreated))
}

// wrote says whether a broker still writes.
func (k *keyed) wrote() error {
	id := "k" + strconv.FormatInt(keyNumber.Add(1), 10)
	return k.CreateKey(context.Background(), broker.APIKey{ID: id, Scopes: []string{"audit"}, Secret: []byte("secret")})
}

// eras are the sizes up to which each key signs.
func (k *keyed) eras() string {
	var all []string
	for _, era := range k.store.Eras().All() {
		all = append(all, fmt.Sprintf("%s %d", strings.TrimPrefix(era.Origin(), k.store.SealingOrigin()), era.Until))
	}
	return strings.Join(all, ", ")
}
