package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// A broker that refuses to sign makes no fresh signature of any kind: checkpoint,
// proof and receipt are handed out as they were signed before, with the first
// signature alone. A write is told what is the matter, and that it is no use to
// try again.
func TestRefusalSignsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	h.order(t, "t-1")
	v := h.ask(t, "t-1", "s-1", necessity.Deliver)
	before, err := h.store.Cosigned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signedTwice(t, h.store, "while all is well", before)
	h.order(t, "t-2") // its checkpoint is not handed out yet
	head, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	seen, claimed := ledger.Checkpoint{}, head.Size+7
	h.store.Anchor(func() (ledger.Checkpoint, int64, error) { return seen, claimed, nil })
	if err := h.store.Look(t.Context()); !errors.Is(err, broker.ErrRefused) || h.store.Refusal() == nil {
		t.Fatalf("not refused: %v", err)
	}
	for what, hand := range map[string]func() ([]byte, error){
		"the newest checkpoint": func() ([]byte, error) { return h.store.Cosigned(t.Context()) },
		"a proof": func() ([]byte, error) {
			p, err := h.store.Proof(t.Context(), v.Place.Index, head.Size)
			return p.Checkpoint, err
		},
		"a receipt's": func() ([]byte, error) {
			p, err := h.store.WitnessedProof(t.Context(), v.Place.Index, h.entry(t, v.Place.Index))
			return p.Checkpoint, err
		},
	} {
		if got, err := hand(); err != nil || !bytes.Equal(got, head.Note) {
			t.Errorf("%s: %v\n%s", what, err, got)
		}
	}
	if c, err := h.store.Empty(); err == nil {
		t.Errorf("the empty log is signed: %s", c.Note)
	}
	_, _, err = h.PutParty(context.Background(), market, "b-9", giovana())
	if !errors.Is(err, broker.ErrUnavailable) || !strings.Contains(err.Error(), "bauta ledger succeed") || strings.Contains(err.Error(), "in a moment") {
		t.Errorf("a write is told: %v", err)
	}
	claimed = 0
	if err := h.store.Look(t.Context()); err != nil {
		t.Fatal(err)
	}
	after, err := h.store.Cosigned(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	signedTwice(t, h.store, "well again", after)
}

// A row where the log goes on stops every write, and says which one it is; the
// check of the newest entries finds it without reading the log.
func TestStrayEntryIsNamed(t *testing.T) {
	t.Parallel()
	for what, q := range map[string]string{
		"entry": `INSERT INTO ledger_entries SELECT (SELECT max(size) FROM ledger_checkpoints) + $1, entry, statement, owner FROM ledger_entries WHERE idx = 0`,
		"tile":  `INSERT INTO ledger_tiles SELECT 0, $1, decode(repeat('00', 8192), 'hex'), decode(repeat('00', 512), 'hex')`,
	} {
		for _, beyond := range []string{"0", "5"} {
			h := newHouse(t)
			h.order(t, "t-1")
			a := outlaw(t, h)
			a.sql(t, strings.ReplaceAll(q, "$1", beyond))
			_, err := h.store.CheckTail(t.Context(), 100_000)
			if f, _ := errors.AsType[ledger.Finding](err); string(f.Part) != what {
				t.Errorf("%s %s beyond the head: %v", what, beyond, err)
			}
			if what == "tile" || beyond != "0" {
				continue
			}
			_, _, err = h.PutParty(context.Background(), market, "b-9", giovana())
			if f, met := broker.Tampering(err); !met || f.Part != ledger.PartEntry || !errors.Is(err, broker.ErrUnavailable) || !strings.Contains(err.Error(), "not what was signed") {
				t.Errorf("a write: %v", err)
			}
		}
	}
}
