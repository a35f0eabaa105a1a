package postgres_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// However a succession is cut short, the next start either finishes it or works
// as before it, and the same again then finishes it.
func TestSuccessionCutShort(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	k.grow(t, 3)
	name, secret := k.store.Origin()+"/2", read(t, k.dir, "ledger.key")
	n, err := k.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	st, w := k.begin(t, name)

	// The key is kept, and has signed nothing: all is as before.
	kept := k.again(t, k.copied(t))
	if kept.store.Origin() != k.store.Origin() || kept.eras() != " 0" {
		t.Errorf("after a key that has signed nothing: %s", kept.eras())
	}
	if _, err := kept.store.BeginSuccession(name + "x"); err == nil || !strings.Contains(err.Error(), "--origin "+name) {
		t.Errorf("another name than the one that was begun with: %v", err)
	}
	before := k.copied(t)
	if err := k.finish(st, w); err != nil {
		t.Fatal(err)
	}

	// It has signed, and the folder does not know yet; or has the list, and not
	// the keys; or all of it.
	listed := (&keyed{dir: before}).copied(t)
	place(t, listed, "predecessors", read(t, k.dir, "predecessors"))
	for what, dir := range map[string]string{"signed": before, "listed": listed, "done": k.dir} {
		k.exec(t, `UPDATE keys.folder SET cosigner = NULL`) // of the copies each makes its own
		next := k.again(t, dir)
		if want := fmt.Sprintf(" %d, /2 0", n.Size); next.eras() != want || next.store.Origin() != name {
			t.Errorf("%s: %q, want %q", what, next.eras(), want)
		}
		if err := next.wrote(); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		next.checkLog(t)
		if _, err := os.Stat(filepath.Join(dir, "ledger.next.key")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("%s: the next key is still there: %v", what, err)
		}
		names, _ := os.ReadDir(dir)
		for _, f := range names {
			if strings.Contains(string(read(t, dir, f.Name())), strings.TrimSpace(string(secret))) {
				t.Errorf("%s: %s holds the old key", what, f.Name())
			}
		}
	}
}

// Two brokers go on writing while the log is succeeded: not one entry of theirs
// comes after, and they say what to do.
func TestSuccessionStopsOtherBrokers(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	k.order(t, "t-1")
	others := []*keyed{k.again(t, k.dir), k.again(t, k.dir)}
	done := make(chan struct{})
	var wait sync.WaitGroup
	for i := range 16 {
		wait.Go(func() {
			for n := 0; ; n++ {
				select {
				case <-done:
					return
				default:
				}
				_, _, err := others[i%2].PutParty(context.Background(), market, broker.PartyID(fmt.Sprintf("p-%d-%d", i, n)), ursula())
				if err != nil && fault.Of(err).Kind != fault.Unavailable {
					t.Error(err)
				}
			}
		})
	}
	for {
		err := k.finish(k.begin(t, "market.example/log"))
		if err == nil {
			break
		}
		if !strings.Contains(err.Error(), "has grown meanwhile") {
			t.Fatal(err)
		}
	}
	close(done)
	wait.Wait()
	for _, other := range others {
		if err := other.wrote(); fault.Of(err).Kind != fault.Unavailable {
			t.Errorf("a broker from before writes: %v", err)
		}
		if err := other.store.Refusal(); err == nil || !strings.Contains(err.Error(), "start this broker anew") {
			t.Errorf("it says %v", err)
		}
		if _, err := other.Party(t.Context(), "b-1"); err != nil {
			t.Errorf("it does not read any more: %v", err)
		}
	}
	next := k.again(t, k.dir)
	if err := next.wrote(); err != nil {
		t.Error(err)
	}
	next.checkLog(t)
}

// A database that is put back to before an earlier succession, and one that is
// the longer one of before it, are refused, read, and gone on with.
func TestSuccessionAfterSuccession(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	old := k.copied(t)
	k.grow(t, 4)
	head, err := k.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	base, n := k.store.Origin(), head.Size
	k.succeed(t, base+"/2")
	two := k.again(t, k.dir)
	two.grow(t, 3)

	two.rollBack(t, n-1)
	put := k.again(t, k.dir)
	put.refuses(t, fmt.Sprintf("the log was succeeded after %d", n))
	if c, err := put.store.Head(t.Context()); err != nil || c.Origin != base {
		t.Errorf("the head is not read: %v", err)
	}
	if _, err := put.store.Check(t.Context(), nil); err == nil {
		t.Error("the check finds nothing")
	}
	put.succeed(t, base+"/3")
	three := k.again(t, k.dir)
	if want := fmt.Sprintf(" %d, /2 0, /3 0", n-1); three.eras() != want {
		t.Errorf("%q, want %q", three.eras(), want)
	}
	three.grow(t, 2)
	three.checkLog(t)

	// The old folder goes on with the old log, to a size above all of that.
	three.rollBack(t, n-1)
	long := k.again(t, old)
	long.grow(t, 9)
	put = k.again(t, k.dir)
	put.refuses(t, "a key that the log had before")
	put.succeed(t, base+"/4")
	four := k.again(t, k.dir)
	if want := fmt.Sprintf(" %d, /2 0, /3 0, /4 0", n+8); four.eras() != want {
		t.Errorf("%q, want %q", four.eras(), want)
	}
	four.grow(t, 2)
	four.checkLog(t)
	long.refuses(t, "under the name")

	four.rollBack(t, 0)
	empty, err := k.open(t, folderAt(t, k.dir))
	if err != nil {
		t.Fatal(err)
	}
	defer empty.Close()
	if err := empty.Look(t.Context()); err == nil || !strings.Contains(empty.Refusal().Error(), "it is empty") {
		t.Errorf("an empty log of a folder that has signed: %v", err)
	}
	if _, err := empty.Standing(t.Context()); err == nil {
		t.Error("an empty log stands")
	}
}

func (k *keyed) refuses(t *testing.T, why string) {
	t.Helper()
	if err := k.wrote(); fault.Of(err).Kind != fault.Unavailable {
		t.Errorf("it writes: %v", err)
	}
	if err := k.store.Refusal(); err == nil || !strings.Contains(err.Error(), why) {
		t.Errorf("it says %v, want %q", err, why)
	}
}

// The check holds the entry of a succession against the key folder, and the
// folder against the log.
func TestSuccessionIsChecked(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	k.grow(t, 3)
	st, _ := k.begin(t, "market.example/log")
	before := k.store.Eras().All()[0]
	w, err := k.Succession(broker.Succession{ // it names another key
		Origin: "market.example/log", Verifier: before.VKey, PreviousOrigin: before.Origin(), PreviousVerifier: before.VKey, Head: st.Head, Reason: broker.Restored,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := k.finish(st, w); err != nil {
		t.Fatal(err)
	}
	next := k.again(t, k.dir)
	next.grow(t, 3)
	next.finds(t, "entry", st.Head.Size, "names other keys", true)

	list := string(read(t, k.dir, "predecessors"))
	place(t, k.dir, "predecessors", []byte(strings.Replace(list, fmt.Sprint(st.Head.Size), fmt.Sprint(st.Head.Size-1), 1)))
	k.again(t, k.dir).finds(t, "checkpoint", st.Head.Size, "not signed by this log", false)
	if err := os.Remove(filepath.Join(k.dir, "predecessors")); err != nil {
		t.Fatal(err)
	}
	if _, err = k.open(t, folderAt(t, k.dir)); err == nil || !strings.Contains(err.Error(), "key folder is not the one") {
		t.Errorf("a folder without its list: %v", err)
	}
}

// open is a store without a broker.
func (k *keyed) open(t *testing.T, keys *masking.Folder) (*postgres.Store, error) {
	t.Helper()
	return postgres.Open(t.Context(), postgres.Config{
		URL: k.db.URL("bauta"), OwnerURL: k.db.URL("bauta_owner"), Keys: keys, Random: rand.Reader, Now: k.clock, Log: slog.New(slog.DiscardHandler),
	})
}

func (k *keyed) finds(t *testing.T, part string, index int64, reason string, rows bool) {
	t.Helper()
	_, err := k.store.Check(t.Context(), nil)
	if rows && err == nil {
		_, err = k.store.CheckComplete(t.Context(), nil)
	}
	f, ok := errors.AsType[ledger.Finding](err)
	if !ok || string(f.Part) != part || f.Index != index || !strings.Contains(f.Reason, reason) {
		t.Errorf("found %v, want %s %d: %s", err, part, index, reason)
	}
}

// What witnesses said of the old log's sizes is not said of the successor's, which
// reaches them again.
func TestCosignaturesStayWithTheirLog(t *testing.T) {
	t.Parallel()
	k := newKeyed(t)
	k.grow(t, 5)
	cosign := func(k *keyed, size int64, line string) {
		t.Helper()
		if err := k.store.Cosign(t.Context(), postgres.Cosignature{Size: size, Witness: "w.example", Key: 1, Line: "— w.example " + line, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	head, err := k.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	n := head.Size
	cosign(k, n, "AAAAAAAA")
	k.rollBack(t, n-2)
	put := k.again(t, k.dir)
	put.refuses(t, "a witness has cosigned")
	if size, err := put.store.CosignedSize(t.Context()); err != nil || size != n {
		t.Errorf("cosigned %d, %v", size, err)
	}
	put.succeed(t, k.store.Origin()+"/2")
	next := k.again(t, k.dir)
	if _, err := next.store.Witnessed(t.Context()); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("the old log's cosignature is the successor's: %v", err)
	}
	if _, err := next.store.LastCosigned(t.Context(), "w.example", 1); !errors.Is(err, broker.ErrNotFound) {
		t.Errorf("the old log's cosignature is the successor's: %v", err)
	}
	next.grow(t, 1) // size n once more
	if found, err := next.store.Cosignatures(t.Context(), n); err != nil || len(found) != 0 {
		t.Errorf("%d cosignatures, %v", len(found), err)
	}
	cosign(next, n, "BBBBBBBB")
	next.grow(t, 1)
	p, err := next.store.WitnessedProof(t.Context(), 0, next.entry(t, 0))
	if err != nil || !strings.Contains(string(p.Checkpoint), "BBBBBBBB") || strings.Contains(string(p.Checkpoint), "w.example AAAAAAAA") {
		t.Errorf("%s, %v", p.Checkpoint, err)
	}
}
