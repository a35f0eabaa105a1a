package ledger

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const (
	exampleOwner = "party/b-1"
	exampleValue = "Ada Hartwell"
)

// exampleOpening opens the commitment of committedStatement.
func exampleOpening() Opening {
	return Opening{Origin: "bauta.example/log", Field: "name", Version: 1, Key: bytes.Repeat([]byte{0xc3}, 32), Value: []byte(exampleValue)}
}

// committedStatement is the worked example's, with a commitment that has an opening.
func committedStatement() Statement {
	s := exampleStatement()
	for i := range s.Members {
		if s.Members[i].Name == "fields" {
			s.Members[i].Value = []Object{{
				{"field", "name"},
				{"outcome", "granted"},
				{"rule", "deliver-shipped-goods"},
				{"version", 1},
				{"commitment", base64.StdEncoding.EncodeToString(exampleOpening().commit(exampleOwner))},
			}}
		}
	}
	return s
}

// add puts one given entry into a commit of its own.
func (l *memoryLog) add(tb testing.TB, entry []byte) int64 {
	tb.Helper()
	index := l.edge.Size()
	l.entries[index] = entry
	l.edge.Append(entry)
	c, err := l.signer.Sign(l.edge.Size(), l.edge.Root())
	if err != nil {
		tb.Fatal(err)
	}
	l.rows = append(l.rows, CheckpointRow{Size: c.Size, Prev: index, Root: c.Root[:], Note: c.Note})
	return index
}

func (l *memoryLog) prove(tb testing.TB, index int64) Proof {
	tb.Helper()
	hashes, err := ProveInclusion(index, l.edge.Size(), l.edge.HashReader(context.Background(), l))
	if err != nil {
		tb.Fatal(err)
	}
	return Proof{Index: index, Hashes: hashes, Checkpoint: l.rows[len(l.rows)-1].Note}
}

// item is what a statement's entry says to some audiences, in a log that goes on after it.
func (l *memoryLog) item(tb testing.TB, s Statement, index int64, to ...Audience) Item {
	tb.Helper()
	nonce := exampleNonce()
	it := Item{Entry: l.entries[index], Proof: l.prove(tb, index)}
	for _, a := range to {
		content, err := s.Content(a)
		if err != nil {
			tb.Fatal(err)
		}
		salt, _ := exampleSalt(nonce)(a)
		it.Said = append(it.Said, Said{a, salt, content})
	}
	return it
}

// exampleReceipt is the requester's, with an opening, and the log that it is of.
func exampleReceipt(tb testing.TB) (Receipt, *memoryLog) {
	tb.Helper()
	s, nonce := committedStatement(), exampleNonce()
	e, err := s.Entry(nonce, exampleSalt(nonce))
	if err != nil {
		tb.Fatal(err)
	}
	l := newLog(tb, 5)
	index := l.add(tb, e.Marshal())
	l.add(tb, testEntry(6))
	it := l.item(tb, s, index, Parties, Requester)
	it.Openings = []Opening{exampleOpening()}
	return Receipt{Items: []Item{it}}, l
}

func exampleTrust(tb testing.TB) Trust {
	tb.Helper()
	t, err := TrustKeys(exampleSigner(tb).Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	return t
}

func TestReceiptIsProven(t *testing.T) {
	t.Parallel()
	r, _ := exampleReceipt(t)
	p, err := Verify(r.Marshal(), exampleTrust(t))
	if err != nil || !p.Anchored || len(p.Entries) != 1 {
		t.Fatalf("%+v, %v", p, err)
	}
	e := p.Entries[0]
	want := "entry 5: disclosure_decided, 2026-03-04T05Z, said to parties and requester, in the log of size 7, opens name"
	if e.String() != want || e.Says[0].Members.String("requester") != "s-1" || e.Origin != "bauta.example/log" {
		t.Errorf("%s, want %s", e, want)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", e, p, p, e.Opened[0]); strings.Contains(printed, exampleValue) {
		t.Errorf("what is proven prints a value: %s", printed)
	}
	if p, err = Verify(r.Marshal(), Trust{}); err != nil || p.Anchored {
		t.Errorf("by nobody's word: %+v, %v", p, err)
	}
}

// named says whether an error is one of those that Verify documents.
func named(err error) bool {
	for _, e := range []error{
		ErrReceipt, ErrReceiptSum, ErrEntryMalformed, ErrTypeUnknown, ErrProofMalformed, ErrProofSize, ErrProofIndex, ErrNotIncluded, ErrCheckpoint,
		ErrUntrusted, ErrQuorum, ErrSignature, ErrSignatureLines, ErrAudienceUnknown, ErrSalt, ErrDigest, ErrContradiction, ErrMemberUnknown, ErrNotCanonical, ErrSaidOrder, ErrOpening, ErrItemTwice, ErrItemOrder, ErrFork,
	} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}

func TestReceiptRefuses(t *testing.T) {
	t.Parallel()
	other, l := exampleReceipt(t) // of another log, under the same name
	skey, vkey, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{8}, 32)), "bauta.example/log")
	if err != nil {
		t.Fatal(err)
	}
	if l.signer, err = NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	foreign, err := l.signer.Sign(l.edge.Size(), l.edge.Root())
	if err != nil {
		t.Fatal(err)
	}
	other.Items[0].Proof.Checkpoint = foreign.Note
	otherTrust, err := TrustKeys(vkey)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(other.Marshal(), otherTrust); err != nil {
		t.Errorf("the other log by its own key: %v", err)
	}
	for name, x := range map[string]struct {
		want   error
		change func(*Item)
	}{
		"checkpoint of another log":  {ErrUntrusted, func(it *Item) { it.Proof.Checkpoint = foreign.Note }},
		"checkpoint of another head": {ErrNotIncluded, func(it *Item) { it.Proof.Checkpoint = newLog(t, 7).rows[0].Note }},
		"checkpoint that is older":   {ErrProofIndex, func(it *Item) { it.Proof.Checkpoint = newLog(t, 5).rows[0].Note }},
		"checkpoint of nothing":      {ErrProofSize, func(it *Item) { it.Proof.Checkpoint = emptyNote(t) }},
		"place of another entry":     {ErrNotIncluded, func(it *Item) { it.Proof.Index = 4 }},
		"hash left out":              {ErrNotIncluded, func(it *Item) { it.Proof.Hashes = it.Proof.Hashes[1:] }},
		"extra":                      {ErrReceipt, func(it *Item) { it.Proof.Extra = []byte("x") }},
		"another entry":              {ErrNotIncluded, func(it *Item) { it.Entry = testEntry(5) }},
		"salts swapped":              {ErrDigest, func(it *Item) { it.Said[0].Salt, it.Said[1].Salt = it.Said[1].Salt, it.Said[0].Salt }},
		"sides swapped":              {ErrDigest, func(it *Item) { it.Said[1].Audience = Staff }},
		"audience of another type":   {ErrAudienceUnknown, func(it *Item) { it.Said[1].Audience = Subject }},
		"order":                      {ErrSaidOrder, func(it *Item) { it.Said[0], it.Said[1] = it.Said[1], it.Said[0] }},
		"the same twice":             {ErrSaidOrder, func(it *Item) { it.Said[1] = it.Said[0] }},
		"nothing said":               {ErrReceipt, func(it *Item) { it.Said = nil }},
		"short salt":                 {ErrSalt, func(it *Item) { it.Said[0].Salt = it.Said[0].Salt[1:] }},
		"member more":                {ErrDigest, func(it *Item) { it.Said[1].Content = it.Said[0].Content }},
		"other value":                {ErrOpening, func(it *Item) { it.Openings[0].Value = []byte("Ada Hartwel") }},
		"other version":              {ErrOpening, func(it *Item) { it.Openings[0].Version = 2 }},
		"other field":                {ErrOpening, func(it *Item) { it.Openings[0].Field = "email" }},
		"other origin":               {ErrOpening, func(it *Item) { it.Openings[0].Origin = "bauta.example/other" }},
		"short key":                  {ErrOpening, func(it *Item) { it.Openings[0].Key = it.Openings[0].Key[1:] }},
		"opening twice":              {ErrOpening, func(it *Item) { it.Openings = append(it.Openings, it.Openings[0]) }},
		"opening of what is not said": {ErrOpening, func(it *Item) {
			it.Said = it.Said[1:]
		}},
	} {
		r, _ := exampleReceipt(t)
		x.change(&r.Items[0])
		if _, err := Verify(r.Marshal(), exampleTrust(t)); !errors.Is(err, x.want) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

func emptyNote(t *testing.T) []byte {
	t.Helper()
	c, err := exampleSigner(t).Sign(0, NewEdge().Root())
	if err != nil {
		t.Fatal(err)
	}
	return c.Note
}

// A receipt of several entries: in the order of the log, each once, under any
// checkpoints of one log, but never of two logs.
func TestReceiptOfSeveral(t *testing.T) {
	t.Parallel()
	r, l := exampleReceipt(t)
	s := Statement{Type: GrantRevoked, At: exampleStatement().At, Members: Object{{"disclosure", "dsc_01"}, {"reason", "mistake"}}}
	e, err := s.Entry(exampleNonce(), exampleSalt(exampleNonce()))
	if err != nil {
		t.Fatal(err)
	}
	index := l.add(t, e.Marshal())
	r.Items = append(r.Items, l.item(t, s, index, Parties))
	p, err := Verify(r.Marshal(), exampleTrust(t))
	if err != nil || len(p.Entries) != 2 || p.Entries[1].Index != 7 || p.Entries[1].Size != 8 {
		t.Errorf("%+v, %v", p, err)
	}
	for name, x := range map[string]struct {
		items []Item
		want  error
	}{
		"one entry twice":      {[]Item{r.Items[1], r.Items[1]}, ErrItemTwice},
		"twice, and not next":  {[]Item{r.Items[0], r.Items[1], r.Items[0]}, ErrItemTwice},
		"the newer one before": {[]Item{r.Items[1], r.Items[0]}, ErrItemOrder},
	} {
		for _, trust := range []Trust{{}, exampleTrust(t)} {
			if _, err := Verify(Receipt{Items: x.items}.Marshal(), trust); !errors.Is(err, x.want) || errors.Is(err, ErrFork) {
				t.Errorf("%s: %v, want %v", name, err, x.want)
			}
		}
	}
	forked := newLog(t, 6) // as long as the first one, and signed by the same key
	forked.add(t, e.Marshal())
	r.Items[1] = forked.item(t, s, 6, Parties)
	if _, err := Verify(r.Marshal(), exampleTrust(t)); !errors.Is(err, ErrFork) {
		t.Errorf("two logs: %v", err)
	}
	if _, err := Verify((Receipt{}).Marshal(), exampleTrust(t)); !errors.Is(err, ErrReceipt) {
		t.Errorf("no items: %v", err)
	}
	if _, err := ParseReceipt(make([]byte, MaxReceiptSize+1)); !errors.Is(err, ErrReceipt) {
		t.Errorf("too large: %v", err)
	}
}

// An entry tells whose value it commits to: nobody else's opening fits.
func TestOwners(t *testing.T) {
	t.Parallel()
	o := exampleOpening()
	field := func(owner, member, use string) []Object {
		x := Object{{"field", "name"}, {"version", int64(1)}, {"commitment", encoded64(o.commit(owner))}}
		if use != "" {
			x = append(x, Member{member, use})
		}
		return []Object{x}
	}
	for _, x := range []struct {
		s    Statement
		want bool
	}{
		{Statement{Type: PartyWritten, Members: Object{{"party", "b-1"}, {"fields", field("party/b-1", "", "")}}}, true},
		{Statement{Type: PartyWritten, Members: Object{{"party", "b-2"}, {"fields", field("party/b-1", "", "")}}}, false},
		{Statement{Type: DisclosureDecided, Members: Object{{"subject", "b-1"}, {"fields", field("party/b-1", "contact", "own")}}}, true},
		{Statement{Type: DisclosureDecided, Members: Object{{"subject", "b-1"}, {"transaction", "t-1"}, {"fields", field("transaction/t-1/delivery", "contact", "delivery")}}}, true},
		{Statement{Type: DisclosureDecided, Members: Object{{"subject", "b-1"}, {"transaction", "t-1"}, {"fields", field("party/b-1", "contact", "delivery")}}}, false},
		{Statement{Type: TransactionWritten, Members: Object{{"transaction", "t-1"}, {"contacts", field("transaction/t-1/return", "use", "return")}}}, true},
		{Statement{Type: GrantRevoked, Members: Object{{"transaction", "t-1"}}}, false},
	} {
		if got := o.fits([]Statement{x.s}); got != x.want {
			t.Errorf("%s %v: %t, want %t", x.s.Type, x.s.Members[0].Value, got, x.want)
		}
	}
}

// TestProofIsReadByOthers takes a proof apart with other means: the note by its
// own package, the tree by hand.
func TestProofIsReadByOthers(t *testing.T) {
	t.Parallel()
	r, l := exampleReceipt(t)
	p := r.Items[0].Proof
	v, err := note.NewVerifier(l.signer.Verifier())
	if err != nil {
		t.Fatal(err)
	}
	n, err := note.Open(p.Checkpoint, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(n.Text, "\n")
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil {
		t.Fatal(err)
	}
	// Entry 5 of 7: its left neighbour, then the leaf 6, then the first four.
	h := tlog.NodeHash(p.Hashes[2], tlog.NodeHash(tlog.NodeHash(p.Hashes[0], tlog.RecordHash(r.Items[0].Entry)), p.Hashes[1]))
	if lines[1] != "7" || h != tlog.Hash(root) {
		t.Errorf("size %s, root %x, want %x", lines[1], root, h)
	}
}
