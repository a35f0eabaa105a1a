package stories

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker/ledger"
)

// trust is what an outsider knows of a house: the log's key.
func (h *house) trust(t *testing.T) ledger.Trust {
	t.Helper()
	vkey, _ := h.store.Verifier()
	trust, err := ledger.TrustKeys(vkey)
	if err != nil {
		t.Fatal(err)
	}
	return trust
}

// receipt asks for one side's receipt.
func (h *house) receipt(t *testing.T, id, viewer string) reply {
	t.Helper()
	return h.do(t, "market", "GET /v1/disclosures/"+id+"/receipt?viewer="+viewer, "").want(t, 200)
}

// noted is a decision with the requester's own note, which is nobody else's.
func (h *house) noted(t *testing.T) (id string) {
	t.Helper()
	r := h.do(t, "market", "POST /v1/disclosures",
		`{"transaction":"t-1","requester":"s-1","purpose":"deliver","note":"segredo do bilhete"}`).want(t, 201)
	return r.at("id")
}

// Both sides can prove the decision to anybody, each its own part of it.
func TestReceipts(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	refused := h.noted(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.noted(t)
	h.view(t, granted, "s-1") // the log goes on, and the proof is by its newest checkpoint
	for id, decision := range map[string]string{refused: "refused", granted: "granted"} {
		place := h.do(t, "market", "GET /v1/disclosures/"+id, "")
		for viewer, want := range map[string][]ledger.Audience{
			"s-1": {ledger.Parties, ledger.Requester}, "b-1": {ledger.Parties},
		} {
			r := h.receipt(t, id, viewer)
			if r.header.Get("Content-Type") != "application/vnd.bauta.receipt" {
				t.Errorf("type: %s", r.header.Get("Content-Type"))
			}
			p, err := ledger.Verify(r.raw, h.trust(t))
			if views := map[string]int{"granted": 1}[decision]; err != nil || !p.Anchored || len(p.Entries) != 1+views {
				t.Fatalf("%s of %s: %+v, %v", decision, viewer, p, err)
			}
			e := p.Entries[0]
			m := e.Says[0].Members
			if !slices.Equal(e.Said, want) || itoa(int(e.Size)) != h.size(t) || itoa(int(e.Index)) != place.at("ledger.index") ||
				m.String("disclosure") != id || m.String("decision") != decision || m.String("subject") != "b-1" {
				t.Errorf("%s of %s: %s", decision, viewer, e)
			}
			if found := findValue(string(r.raw)); found != "" {
				t.Errorf("a receipt of %s holds %q", viewer, found)
			}
			_, isNote := e.Says[len(e.Says)-1].Members.Lookup("note")
			if isNote != (viewer == "s-1") || strings.Contains(string(r.raw), `"note"`) != (viewer == "s-1") {
				t.Errorf("the requester's note in the receipt of %s: %t", viewer, isNote)
			}
			if held, _ := m.Lookup("facts"); decision == "granted" && !slices.Contains(held.(ledger.Object), ledger.Member{Name: "held", Value: true}) {
				t.Errorf("%s of %s rests on %v", decision, viewer, held)
			}
			for _, other := range []string{"staff", "auditor", `"situation"`, `"rules"`, `"key"`} {
				if strings.Contains(string(r.raw), other) {
					t.Errorf("a receipt of %s says %s", viewer, other)
				}
			}
		}
	}
}

// A real receipt under another log's key, with parts of another one, or with one
// side's salt under the other's name proves nothing.
// Views are in the receipts of both sides: the newest twenty, oldest first, each
// with what it says to both and nothing else. Either key of the log proves them.
func TestReceiptsHoldViews(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	first, second := h.noted(t), h.noted(t)
	mldsa, err := ledger.TrustKeys(h.store.Cosigner())
	if err != nil {
		t.Fatal(err)
	}
	views := map[string][]string{}
	for range 19 { // the answer to a decision that reveals was the first of twenty
		for _, id := range []string{first, second} {
			seen := h.view(t, id, "s-1").want(t, 200)
			views[id] = append(views[id], seen.at("ledger.index"))
		}
	}
	h.do(t, "market", "POST /v1/disclosures/"+first+"/revocation", `{"reason":"mistake"}`).want(t, 200)
	for _, id := range []string{first, second} {
		for _, viewer := range []string{"s-1", "b-1"} {
			r := h.receipt(t, id, viewer)
			for _, trust := range []ledger.Trust{h.trust(t), mldsa} {
				p, err := ledger.Verify(r.raw, trust)
				if err != nil || len(p.Entries) != 20 {
					t.Fatalf("%s: %d entries, %v", viewer, len(p.Entries), err)
				}
				var shown []string
				for _, e := range p.Entries[1:] {
					m := e.Says[0].Members
					if e.Type != ledger.DisclosureViewed || !slices.Equal(e.Said, []ledger.Audience{ledger.Parties}) || m.String("disclosure") != id {
						t.Errorf("%s: %s", viewer, e)
					}
					shown = append(shown, itoa(int(e.Index)))
				}
				if !slices.Equal(shown, views[id]) {
					t.Errorf("%s: views %v, want %v", viewer, shown, views[id])
				}
			}
			if found := findValue(string(r.raw)); found != "" || strings.Contains(string(r.raw), `"key"`) {
				t.Errorf("a receipt of %s holds %q, or who asked", viewer, found)
			}
		}
	}
}

func TestReceiptsAreNotMixed(t *testing.T) {
	t.Parallel()
	h, other := shop(t, terms{}), shop(t, terms{})
	one, two := h.receipt(t, h.noted(t), "s-1").raw, h.receipt(t, h.noted(t), "s-1").raw
	if _, err := ledger.Verify(one, other.trust(t)); !errors.Is(err, ledger.ErrUntrusted) {
		t.Errorf("by another log's key: %v", err)
	}
	for i, line := range []string{"entry", "proof", "said parties", "said requester"} {
		mixed := mix(t, one, two, i)
		if _, err := ledger.Verify(mixed, h.trust(t)); !errors.Is(err, ledger.ErrDigest) && !errors.Is(err, ledger.ErrNotIncluded) {
			t.Errorf("%s of another one: %v", line, err)
		}
	}
	r, err := ledger.ParseReceipt(one)
	if err != nil {
		t.Fatal(err)
	}
	said := r.Items[0].Said
	said[0].Salt, said[1].Salt = said[1].Salt, said[0].Salt
	if _, err := ledger.Verify(r.Marshal(), h.trust(t)); !errors.Is(err, ledger.ErrDigest) {
		t.Errorf("salts swapped: %v", err)
	}
	for i := range one { // every byte of a real one
		changed := slices.Clone(one)
		changed[i] ^= 1
		if _, err := ledger.Verify(changed, h.trust(t)); !errors.Is(err, ledger.ErrReceiptSum) && !errors.Is(err, ledger.ErrReceipt) {
			t.Errorf("byte %d: %v", i, err)
		}
	}
}

// mix takes one line of a receipt from another one.
func mix(t *testing.T, file, from []byte, line int) []byte {
	t.Helper()
	r, err := ledger.ParseReceipt(file)
	if err != nil {
		t.Fatal(err)
	}
	other, err := ledger.ParseReceipt(from)
	if err != nil {
		t.Fatal(err)
	}
	it, x := &r.Items[0], &other.Items[0]
	switch line {
	case 0:
		it.Entry = x.Entry
	case 1:
		it.Proof = x.Proof
	default:
		it.Said[line-2] = x.Said[line-2]
	}
	return r.Marshal()
}

// To a stranger there is no receipt, nor a disclosure (I9), and a viewer has to be named.
func TestReceiptOfStrangers(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	id, none := h.noted(t), "dsc_05wq0e9m2r6a1b7c3d4e5f6g7g"
	size := h.size(t)
	for _, x := range [][2]string{
		{id + "/receipt?viewer=s-2", none + "/receipt?viewer=s-2"},
		{id + "/receipt?viewer=nobody", none + "/receipt?viewer=s-1"},
		{id + "/receipt?viewer=nobody", "dsc_short/receipt?viewer=s-1"},
	} {
		hidden := h.do(t, "market", "GET /v1/disclosures/"+x[0], "").want(t, 404, "code", "not_found")
		absent := h.do(t, "market", "GET /v1/disclosures/"+x[1], "").want(t, 404, "code", "not_found")
		if hidden.unnumbered() != absent.unnumbered() || len(hidden.header) != len(absent.header) {
			t.Errorf("%s\n%s\n%s", x[0], hidden.unnumbered(), absent.unnumbered())
		}
	}
	h.do(t, "market", "GET /v1/disclosures/"+id+"/receipt", "").want(t, 422, "errors.0.pointer", "/viewer", "errors.0.code", "required")
	h.do(t, "market", "GET /v1/disclosures/"+id+"/receipt?viewer=", "").want(t, 422, "errors.0.pointer", "/viewer")
	h.do(t, "market", "GET /v1/disclosures/"+id+"/receipt?viewer=a%20b", "").want(t, 422, "errors.0.pointer", "/viewer", "errors.0.code", "malformed_id")
	h.do(t, "audit", "GET /v1/disclosures/"+id+"/receipt?viewer=s-1", "").want(t, 403, "code", "scope_missing")
	h.do(t, "", "GET /v1/disclosures/"+id+"/receipt?viewer=s-1", "").want(t, 401)
	if h.size(t) != size {
		t.Error("a receipt is an entry")
	}
}

// A view is one thing, and taking what proves the values to others another: the
// subject is told which it was, when, and by whom, wherever it looks.
func TestSubjectSeesOpenings(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.noted(t)
	h.do(t, "market", "POST /v1/disclosures/"+id+"/views", `{"viewer":"s-1"}`).want(t, 200)
	h.do(t, "market", "POST /v1/disclosures/"+id+"/openings", `{"viewer":"s-1"}`).want(t, 200)
	told := h.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200,
		"data.0.requester", "s-1", "data.0.looks.1.index", "15", "data.0.looks.2.index", "16", "data.0.looks.2.openings", "true")
	if n := strings.Count(string(told.raw), `"openings"`); n != 1 {
		t.Errorf("%d of the looks took openings: %s", n, told.raw)
	}
	p, err := ledger.Verify(h.receipt(t, id, "b-1").raw, h.trust(t)) // what the subject can show to anybody
	if err != nil || len(p.Entries) != 3 {
		t.Fatalf("%+v, %v", p, err)
	}
	for i, want := range []bool{false, false, true} {
		if got := p.Entries[i].Says[0].Members; got.Bool("openings") != want || i > 0 && got.String("asserted_by") != "platform" {
			t.Errorf("entry %d: %v", p.Entries[i].Index, got)
		}
	}
	v := h.comes(t, "en")
	for lang, words := range map[string]string{"en": "taken with proof for others", "pt": "levado com prova para terceiros", "zh": "取得可向他人出示的证明"} {
		if page := v.get("/me?lang="+lang, 200, words); strings.Count(page, words) != 1 {
			t.Errorf("%s: the page says it %d times", lang, strings.Count(page, words))
		}
	}
	for i, change := range []string{`UPDATE views SET openings = NOT openings WHERE entry = 16`, `UPDATE views SET openings = NOT openings WHERE entry = 15`} {
		h.sql(t, change)
		if _, err := h.store.CheckComplete(t.Context(), nil); err == nil {
			t.Errorf("%d: the row says otherwise than the entry, and it is not found", i)
		}
		h.sql(t, change)
	}
}

// Openings prove the values themselves. They reveal them, so they are a view: an
// entry, one view less, the requester's alone, and gone with the grant.
func TestOpenings(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.noted(t)
	before := h.size(t)
	open := func(viewer string, headers ...string) reply {
		return h.do(t, "market", "POST /v1/disclosures/"+id+"/openings", `{"viewer":"`+viewer+`"}`, headers...)
	}
	r := open("s-1", "Idempotency-Key", "o-1").want(t, 200)
	p, err := ledger.Verify(r.raw, h.trust(t))
	if err != nil || len(p.Entries) != 2 { // the decision, and this view
		t.Fatalf("%+v, %v", p, err)
	}
	opened := map[string]string{}
	for _, o := range p.Entries[0].Opened {
		opened[o.Field] = string(o.Value)
	}
	if len(opened) != 3 || opened["name"] != "Giovana Teixeira" || opened["phone"] != "+5587991935795" || !strings.Contains(opened["address"], "Estrada do Coco, 2138") {
		t.Errorf("%s", p.Entries[0])
	}
	size := h.size(t)
	h.do(t, "market", "GET /v1/disclosures/"+id, "").want(t, 200, "views_left", "18")
	if !p.Entries[1].Says[0].Members.Bool("openings") || p.Entries[0].Says[0].Members.Bool("openings") {
		t.Errorf("which entry says that openings were handed out: %+v", p.Entries)
	}
	if size == before {
		t.Error("openings are no entry")
	}
	again := open("s-1", "Idempotency-Key", "o-1").want(t, 200)
	if h.size(t) != size || again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("the same again is another view")
	}
	forged, err := ledger.ParseReceipt(r.raw)
	if err != nil {
		t.Fatal(err)
	}
	forged.Items[0].Openings[1].Value = []byte("Giovana Texeira")
	if _, err := ledger.Verify(forged.Marshal(), h.trust(t)); !errors.Is(err, ledger.ErrOpening) {
		t.Errorf("another value: %v", err)
	}

	none := h.do(t, "market", "POST /v1/disclosures/dsc_05wq0e9m2r6a1b7c3d4e5f6g7g/openings", `{"viewer":"s-1"}`).want(t, 404)
	for _, viewer := range []string{"b-1", "s-2", "nobody"} {
		if r := open(viewer).want(t, 404); r.unnumbered() != none.unnumbered() {
			t.Errorf("%s: %s", viewer, r.short())
		}
	}
	open("").want(t, 422, "errors.0.pointer", "/viewer")
	h.do(t, "market", "PUT /v1/parties/b-1", `{"kind":"person","contact":{"phone":"+5587991930000"},"source":{"kind":"registration"}}`).want(t, 200)
	r = open("s-1").want(t, 200)
	if p, err = ledger.Verify(r.raw, h.trust(t)); err != nil || len(p.Entries[0].Opened) != 2 {
		t.Errorf("after a change: %+v, %v", p, err)
	}
	h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"subject_objected"}`).want(t, 200)
	open("s-1").want(t, 410, "code", "gone")
	open("s-1", "Idempotency-Key", "o-1").want(t, 410, "code", "gone")
	h.receipt(t, id, "s-1") // which reveals nothing, and stays
}

// Once witnesses have cosigned a checkpoint that covers an entry, its receipt
// satisfies a policy that asks for them; a line that somebody wrote into the
// database satisfies nobody, and spoils nothing.
func TestReceiptUnderWitnesses(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	id := h.noted(t)
	vkey, v := h.store.Verifier()
	policy := "log " + vkey + "\n"
	signed := h.do(t, "", "GET /ledger/checkpoint", "").raw
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		t.Fatal(err)
	}
	head, err := ledger.OpenCheckpoint(v, signed)
	if err != nil {
		t.Fatal(err)
	}
	keep := func(line string, s note.Signer) {
		if err := h.store.Cosign(t.Context(), postgres.Cosignature{Size: head.Size, Witness: s.Name(), Key: s.KeyHash(), Line: line, At: noon}); err != nil {
			t.Fatal(err)
		}
	}
	for i, name := range []string{"one.example", "two.example"} {
		skey, witness, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{byte(i + 1)}, 32)), name)
		if err != nil {
			t.Fatal(err)
		}
		s, err := cosignature.NewSignerForCosignatureV1(skey)
		if err != nil {
			t.Fatal(err)
		}
		both, err := note.Sign(n, s)
		if err != nil {
			t.Fatal(err)
		}
		keep(strings.TrimSpace(strings.TrimPrefix(string(both), string(signed))), s)
		if witness, err = cosignature.VKeyToCosignatureV1(witness); err != nil {
			t.Fatal(err)
		}
		policy += "witness w" + itoa(i) + " " + witness + "\n"
		if i == 1 {
			keep("— one.example AAAA", nameless{s}) // a name that is there, with another hash
		}
	}
	trust, err := ledger.ParsePolicy([]byte(policy + "group both all w0 w1\nquorum both\n"))
	if err != nil {
		t.Fatal(err)
	}
	later := h.noted(t)
	p, err := ledger.Verify(h.receipt(t, id, "b-1").raw, trust)
	if err != nil || p.Entries[0].Size != head.Size {
		t.Errorf("witnessed: %+v, %v", p, err)
	}
	r := h.receipt(t, later, "b-1")
	if _, err := ledger.Verify(r.raw, trust); !errors.Is(err, ledger.ErrQuorum) {
		t.Errorf("not yet witnessed: %v", err)
	}
	if p, err := ledger.Verify(r.raw, h.trust(t)); err != nil || itoa(int(p.Entries[0].Size)) != h.size(t) {
		t.Errorf("not yet witnessed, by the key alone: %+v, %v", p, err)
	}
}

// nameless signs under the name of the first witness with a hash of its own.
type nameless struct{ note.Signer }

// Name is somebody else's.
func (nameless) Name() string { return "one.example" }
