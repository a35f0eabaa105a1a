package main

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"testing"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

const origin = "verifier.example/log"

// lines that try to look like something else, or to become markup.
const (
	arabic  = "ليلى بنت عبد الرحمن"
	hostile = "<img src=x onerror=alert(1)>\u202eevil"
)

// value is one that a test's receipt opens.
type value struct {
	field, text string
	key         []byte
}

func values() []value {
	all := []value{
		{field: "address", text: `{"street":"Calle San Provolo 4699, escalier 14, at the third door behind the bridge","city":"Venezia","postal_code":"30122","country":"IT"}`},
		{field: "name", text: arabic},
		{field: "phone", text: "+390415550142"},
	}
	for i := range all {
		all[i].key = bytes.Repeat([]byte{byte(0xd0 + i)}, 32)
	}
	return all
}

// commit makes a commitment by docs/receipt-format.md, section 4, alone.
func (v value) commit(owner string) string {
	part := func(b []byte, s string) []byte {
		return append(binary.BigEndian.AppendUint32(b, uint32(len(s))), s...)
	}
	label := binary.BigEndian.AppendUint32(part(part(part(nil, origin), owner), v.field), 1)
	m := hmac.New(sha256.New, v.key)
	m.Write(part(part(part(nil, "bauta/commitment/v1"), string(label)), v.text))
	return base64.StdEncoding.EncodeToString(m.Sum(nil))
}

// signer signs with the n-th key under the one name.
func signer(t *testing.T, n byte) *ledger.Signer {
	t.Helper()
	skey, _, err := ledger.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), origin)
	if err != nil {
		t.Fatal(err)
	}
	s, err := ledger.NewSigner(skey)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func statements() []ledger.Statement {
	var fields []ledger.Object
	for _, v := range values() {
		fields = append(fields, ledger.Object{
			{Name: "field", Value: v.field},
			{Name: "outcome", Value: "granted"},
			{Name: "rule", Value: "deliver-shipped-goods"},
			{Name: "version", Value: 1},
			{Name: "commitment", Value: v.commit("party/b-1")},
		})
	}
	fields = append(fields, ledger.Object{{Name: "field", Value: "email"}, {Name: "outcome", Value: "withheld"}, {Name: "reason", Value: "not_necessary"}})
	at := time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)
	return []ledger.Statement{
		{Type: ledger.DisclosureDecided, At: at, Members: ledger.Object{
			{Name: "disclosure", Value: "dsc_01"},
			{Name: "transaction", Value: "t-1"},
			{Name: "requester", Value: "s-1"},
			{Name: "subject", Value: "b-1"},
			{Name: "purpose", Value: "deliver"},
			{Name: "decision", Value: "granted"},
			{Name: "ground", Value: "3b"},
			{Name: "fields", Value: fields},
			{Name: "policy", Value: "sha256:5f3c0d9a"},
			{Name: "expires", Value: "delivered+14d"},
			{Name: "views", Value: 20},
			{Name: "asserted_by", Value: "platform"},
		}},
		{Type: ledger.GrantRevoked, At: at.Add(time.Hour), Members: ledger.Object{
			{Name: "disclosure", Value: "dsc_01"}, {Name: "transaction", Value: "t-1"}, {Name: "reason", Value: hostile},
		}},
	}
}

// newReceipt is of a small log that is signed with the n-th key: a decision
// whose values are opened, and its revocation. It gives the log's key too.
func newReceipt(t *testing.T, n byte) (ledger.Receipt, string) {
	t.Helper()
	var nonce [16]byte
	salt := func(a ledger.Audience) ([]byte, error) {
		return ledger.Salt(bytes.Repeat([]byte{byte(a)}, 32), a, nonce), nil
	}
	var r ledger.Receipt
	edge := ledger.NewEdge()
	for _, s := range statements() {
		e, err := s.Entry(nonce, salt)
		if err != nil {
			t.Fatal(err)
		}
		content, err := s.Content(ledger.Parties)
		if err != nil {
			t.Fatal(err)
		}
		edge.Append(e.Marshal())
		sum, _ := salt(ledger.Parties)
		r.Items = append(r.Items, ledger.Item{Entry: e.Marshal(), Said: []ledger.Said{{Audience: ledger.Parties, Salt: sum, Content: content}}})
	}
	s := signer(t, n)
	head, err := s.Sign(edge.Size(), edge.Root())
	if err != nil {
		t.Fatal(err)
	}
	for i := range r.Items {
		hashes, err := ledger.ProveInclusion(int64(i), edge.Size(), edge.HashReader(t.Context(), nil))
		if err != nil {
			t.Fatal(err)
		}
		r.Items[i].Proof = ledger.Proof{Index: int64(i), Hashes: hashes, Checkpoint: head.Note}
	}
	for _, v := range values() {
		r.Items[0].Openings = append(r.Items[0].Openings, ledger.Opening{Origin: origin, Field: v.field, Version: 1, Key: v.key, Value: []byte(v.text)})
	}
	return r, s.Verifier()
}
