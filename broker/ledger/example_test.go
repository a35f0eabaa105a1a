package ledger_test

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// A seller is shown its part of an entry, and proves it to a third person; the
// auditor's part stays closed.
func ExampleEntry_Verify() {
	statement := ledger.Statement{
		Type: ledger.GrantRevoked,
		At:   time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC),
		Members: ledger.Object{
			{Name: "disclosure", Value: "dsc_01"},
			{Name: "reason", Value: "asked_by_subject"},
			{Name: "key", Value: "key_7"},
		},
	}
	nonce := [16]byte{1, 2, 3} // random, in earnest
	keys := map[ledger.Audience][]byte{
		ledger.Parties: bytes.Repeat([]byte{1}, 32),
		ledger.Auditor: bytes.Repeat([]byte{5}, 32),
	}
	entry, err := statement.Entry(nonce, func(a ledger.Audience) ([]byte, error) {
		return ledger.Salt(keys[a], a, nonce), nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}

	content, _ := statement.Content(ledger.Parties)
	salt := ledger.Salt(keys[ledger.Parties], ledger.Parties, nonce)
	published, _ := ledger.ParseEntry(entry.Marshal())
	fmt.Println(string(content))
	fmt.Println(published.Verify(ledger.Parties, salt, content))
	fmt.Println(published.Verify(ledger.Auditor, salt, content))
	// Output:
	// {"at":"2026-03-04T05:06:07.000000Z","disclosure":"dsc_01","reason":"asked_by_subject","type":"grant_revoked"}
	// <nil>
	// verify grant_revoked for auditor: the entry does not say this to this audience
}

// One commit: the entries go to a clone of the edge, its root is signed, and the
// clone becomes the edge once the rows are durable.
func ExampleEdge() {
	skey, vkey, err := ledger.GenerateKey(bytes.NewReader(make([]byte, 32)), "bauta.example/log")
	if err != nil {
		fmt.Println(err)
		return
	}
	signer, _ := ledger.NewSigner(skey)

	edge := ledger.NewEdge()
	next := edge.Clone()
	first, _ := next.Append([]byte("an entry"))
	next.Append([]byte("another"))
	checkpoint, _ := signer.Sign(next.Size(), next.Root())
	fmt.Println(ledger.CheckFrontier(next.Size(), next.Frontier(), checkpoint.Root))
	edge = next

	verifier, _ := note.NewVerifier(vkey)
	head, err := ledger.OpenCheckpoint(verifier, checkpoint.Note)
	fmt.Println(head.Origin, head.Size, head.Root == edge.Root(), err)

	proof := tlog.RecordProof{tlog.RecordHash([]byte("another"))}
	fmt.Println(tlog.CheckRecord(proof, head.Size, head.Root, 0, first))
	// Output:
	// <nil>
	// bauta.example/log 2 true <nil>
	// <nil>
}

func ExampleTilePath() {
	fmt.Println(ledger.TilePath{Level: 0, Index: 1234067})
	p, err := ledger.ParseTilePath("tile/entries/x001/067.p/8")
	fmt.Println(p.Level == ledger.EntriesLevel, p.Index, p.Width, err)
	// Output:
	// tile/0/x001/x234/067
	// true 1067 8 <nil>
}
