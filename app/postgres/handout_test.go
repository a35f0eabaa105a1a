package postgres_test

import (
	"bytes"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/app/postgres/pgtest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// both are the verifiers of the log's two keys.
func both(t *testing.T, s *postgres.Store) (ed, pq note.Verifier) {
	t.Helper()
	_, ed = s.Verifier()
	pq, err := ledger.LogVerifier(s.Cosigner())
	if err != nil {
		t.Fatal(err)
	}
	return ed, pq
}

// signedTwice demands that a note carries the log's two signatures, Ed25519 first.
func signedTwice(t *testing.T, s *postgres.Store, what string, signed []byte) {
	t.Helper()
	ed, pq := both(t, s)
	n, err := note.Open(signed, note.VerifierList(ed, pq))
	if err != nil || len(n.Sigs) != 2 || n.Sigs[0].Hash != ed.KeyHash() || !ledger.WellFormed(signed) {
		t.Errorf("%s: %v\n%s", what, err, signed)
	}
}

// Whatever is handed out has both signatures, one ML-DSA-44 signature for each
// checkpoint; the row, and what goes to witnesses and files, has Ed25519 alone.
func TestHandedOutNotesHaveBothSignatures(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	head, err := h.store.Head(t.Context())
	if err != nil || bytes.Count(head.Note, []byte("\n— ")) != 1 {
		t.Fatalf("the head: %v\n%s", err, head.Note)
	}
	served, err := h.store.Cosigned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signedTwice(t, h.store, "newest", served)
	proof, err := h.store.Proof(t.Context(), v.Place.Index, v.Place.Size)
	if err != nil {
		t.Fatal(err)
	}
	signedTwice(t, h.store, "proof", proof.Checkpoint)
	witnessed, err := h.store.WitnessedProof(t.Context(), v.Place.Index, h.entry(t, v.Place.Index))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(served, proof.Checkpoint) || !bytes.Equal(served, witnessed.Checkpoint) {
		t.Error("one checkpoint was signed more than once")
	}
	if at, err := cosignature.CoSigV1Timestamp(sigs(t, h.store, served)[1]); err != nil || !at.Equal(noon) {
		t.Errorf("signed at %s, %v: not by the clock that was handed in", at, err)
	}
	h.order(t, "t-2")
	later, err := h.store.Cosigned(t.Context())
	if err != nil || bytes.Equal(later, served) {
		t.Fatalf("the log went on: %v", err)
	}
	signedTwice(t, h.store, "later", later)
	h.checkLog(t)
}

func sigs(t *testing.T, s *postgres.Store, signed []byte) []note.Signature {
	t.Helper()
	ed, pq := both(t, s)
	n, err := note.Open(signed, note.VerifierList(ed, pq))
	if err != nil {
		t.Fatal(err)
	}
	return n.Sigs
}

// A row that the log did not sign gets no second signature: whoever writes to the
// database could have this broker sign anything otherwise.
func TestForgedCheckpointIsNotCosigned(t *testing.T) {
	t.Parallel()
	a := ransacked(t)
	served, err := a.store.Cosigned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signedTwice(t, a.store, "before", served)
	skey, _, err := ledger.GenerateKey(rand.Reader, a.store.Origin())
	if err != nil {
		t.Fatal(err)
	}
	forger, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	forged, err := forger.Sign(1<<40, [32]byte{1})
	if err != nil {
		t.Fatal(err)
	}
	a.sql(t, fmt.Sprintf(`UPDATE ledger_checkpoints SET note = '\x%x' WHERE size = (SELECT max(size) FROM ledger_checkpoints)`, forged.Note))
	for name, do := range map[string]func() error{
		"newest":  func() error { _, err := a.store.Cosigned(t.Context()); return err },
		"proof":   func() error { _, err := a.store.Proof(t.Context(), 1, 0); return err },
		"receipt": func() error { _, err := a.store.WitnessedProof(t.Context(), 1, a.entry(t, 1)); return err },
	} {
		if err := do(); !errors.Is(err, ledger.ErrCheckpoint) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Of brokers that find no second key at once, one makes it and all have it; the
// next start has it still.
func TestSecondKeyIsMadeOnce(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	made := folderAt(t, dir)
	h := enter(t, pgtest.New(t, postgres.Migrate), made)
	first := h.store.Cosigner()
	path := filepath.Join(dir, "ledger-mldsa.key")
	folder := func() *masking.Folder {
		f, err := masking.OpenFolder(dir, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	enterSecond := func(f *masking.Folder) string {
		s, err := postgres.Open(t.Context(), postgres.Config{
			URL: h.db.URL("bauta"), OwnerURL: h.db.URL("bauta_owner"), Keys: f, Random: rand.Reader, Now: h.clock, Log: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Error(err)
			return ""
		}
		defer s.Close()
		return s.Cosigner()
	}
	if again := enterSecond(folder()); again != first {
		t.Error("the next start has another second key")
	}
	if err := os.Remove(path); err != nil { // as in a folder from before there were two
		t.Fatal(err)
	}
	forgetSecondKey(t, h)
	keys := make([]string, 4)
	var wait sync.WaitGroup
	for i := range keys {
		f := folder()
		wait.Go(func() { keys[i] = enterSecond(f) })
	}
	wait.Wait()
	for _, k := range keys {
		if k != keys[0] || k == "" || k == first {
			t.Errorf("brokers of one log have the second keys %.60s and %.60s", k, keys[0])
		}
	}
	skey, _, err := ledger.GenerateCosigningKey(rand.Reader, "bauta.example/other")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(skey+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := postgres.Open(t.Context(), postgres.Config{
		URL: h.db.URL("bauta"), OwnerURL: h.db.URL("bauta_owner"), Keys: folder(), Random: rand.Reader, Now: h.clock, Log: slog.New(slog.DiscardHandler),
	}); err == nil || !strings.Contains(err.Error(), "key folder") {
		t.Errorf("another log's second key: %v", err)
	}
}

// forgetSecondKey makes the database one from before it kept which key that is.
func forgetSecondKey(t *testing.T, h *house) {
	t.Helper()
	db, err := sql.Open("postgres", h.db.URL("bauta_owner"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	if _, err := db.ExecContext(t.Context(), `UPDATE keys.folder SET cosigner = NULL`); err != nil {
		t.Fatal(err)
	}
}

// A second key that has signed is not made anew when its file is lost, and no other
// takes its place: the start says what to do. Who only looks can go on.
func TestLostSecondKey(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "keys")
	made := folderAt(t, dir)
	h := enter(t, pgtest.New(t, postgres.Migrate), made)
	h.order(t, "t-1")
	start := func(looking bool) (*postgres.Store, error) {
		f, err := masking.OpenFolder(dir, nil, false)
		if err != nil {
			t.Fatal(err)
		}
		s, err := postgres.Open(t.Context(), postgres.Config{
			URL: h.db.URL("bauta"), OwnerURL: h.db.URL("bauta_owner"), Keys: f, Looking: looking,
			Random: rand.Reader, Now: h.clock, Log: slog.New(slog.DiscardHandler),
		})
		if err == nil {
			t.Cleanup(s.Close)
		}
		return s, err
	}
	path := filepath.Join(dir, "ledger-mldsa.key")
	held, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	other, _, err := ledger.GenerateCosigningKey(rand.Reader, h.store.Origin())
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	for what, refused := range map[string]string{"": "the key folder has no ledger-mldsa.key", other: "is not the one that this log has signed checkpoints with"} {
		if what != "" {
			if err := os.WriteFile(path, []byte(what+"\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := start(false); err == nil || !strings.Contains(err.Error(), refused) || !strings.Contains(err.Error(), "back from the backup") {
			t.Errorf("it starts, or says: %v", err)
		}
		s, err := start(true)
		if err != nil {
			t.Fatal(err)
		}
		if s.Cosigner() != h.store.Cosigner() {
			t.Error("who looks is told another second key")
		}
		if r, err := s.Check(t.Context(), func(int64, int64) {}); err != nil || r.Entries == 0 {
			t.Errorf("check: %d entries, %v", r.Entries, err)
		}
		if signed, err := s.Cosigned(t.Context()); err != nil || bytes.Count(signed, []byte("\u2014 ")) != 1 {
			t.Errorf("a checkpoint without its second signature: %s, %v", signed, err)
		}
		_ = os.Remove(path)
	}
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a refused start made a key: %v", err)
	}
	if err := os.WriteFile(path, held, 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := start(false); err != nil || s.Cosigner() != h.store.Cosigner() {
		t.Errorf("the key is back: %v", err)
	}
}

// However many witnesses have ML-DSA-44 keys, a receipt can be written and read.
func TestReceiptUnderManyWitnesses(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	head, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	policy := "log " + h.store.Cosigner() + "\n"
	members := ""
	for i := range 64 {
		skey, vkey, err := cosignature.GenerateMLDSAKey(fmt.Sprintf("w%d.example", i))
		if err != nil {
			t.Fatal(err)
		}
		w, err := cosignature.NewMLDSASigner(skey)
		if err != nil {
			t.Fatal(err)
		}
		text, _, _ := strings.Cut(string(head.Note), "\n\n")
		signed, err := note.Sign(&note.Note{Text: text + "\n"}, w)
		if err != nil {
			t.Fatal(err)
		}
		_, line, _ := strings.Cut(strings.TrimSuffix(string(signed), "\n"), "\n\n")
		if err := h.store.Cosign(t.Context(), postgres.Cosignature{Size: head.Size, Witness: w.Name(), Key: w.KeyHash(), Line: line, At: noon}); err != nil {
			t.Fatal(err)
		}
		policy += fmt.Sprintf("witness w%d %s\n", i, vkey)
		members += fmt.Sprintf(" w%d", i)
	}
	trust, err := ledger.ParsePolicy([]byte(policy + "group most 32" + members + "\nquorum most\n"))
	if err != nil {
		t.Fatal(err)
	}
	for _, viewer := range []broker.PartyID{"b-1", "s-1"} {
		r, err := h.Receipt(t.Context(), v.ID, viewer)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := ledger.Verify(r.Marshal(), trust); err != nil {
			t.Errorf("%d bytes: %v", len(r.Marshal()), err)
		}
		signed := r.Items[0].Proof.Checkpoint
		signedTwice(t, h.store, "receipt", append(bytes.Clone(signed[:bytes.Index(signed, []byte("— w"))]), nil...))
	}
	if served, err := h.store.Cosigned(t.Context()); err != nil || len(served) > ledger.MaxNoteSize || bytes.Count(served, []byte("\n— ")) < 34 {
		t.Errorf("the newest checkpoint: %d bytes, %v", len(served), err)
	}
}
