package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

const (
	testOrigin = "bauta.example/log"
	testCase   = "dsp_06ebhe0y02r5q4wwvrpkf8cm90"
)

// example is a log with one case in it, and all that is needed to show it to anybody.
type example struct {
	tb       testing.TB
	skey     string
	vkey     string
	witness  note.Signer // that has seen it, if any has
	hashes   []tlog.Hash
	size     int64
	at       time.Time
	written  []written
	chain    string // the newest entry about the case
	step     int64
	key      masking.Key
	random   *rand.ChaCha8
	engine   *necessity.Engine
	subjects map[string]string // by disclosure
	askers   map[string]string
}

// written is an entry with all that it says.
type written struct {
	index int64
	entry []byte
	st    ledger.Statement
	nonce [16]byte
	text  *masking.Opening
}

func (x *example) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var all []tlog.Hash
	for _, i := range indexes {
		all = append(all, x.hashes[i])
	}
	return all, nil
}

func newExample(tb testing.TB) *example {
	tb.Helper()
	x := &example{tb: tb, random: rand.NewChaCha8([32]byte{7}), at: time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), subjects: map[string]string{}, askers: map[string]string{}}
	var err error
	if x.skey, x.vkey, err = note.GenerateKey(x.random, testOrigin); err != nil {
		tb.Fatal(err)
	}
	if x.key, err = masking.NewKey(x.random); err != nil {
		tb.Fatal(err)
	}
	if x.engine, err = necessity.Default(); err != nil {
		tb.Fatal(err)
	}
	return x
}

// trust is in the log's key.
func (x *example) trust() ledger.Trust {
	t, err := ledger.TrustKeys(x.vkey)
	if err != nil {
		x.tb.Fatal(err)
	}
	return t
}

func salt(a ledger.Audience, nonce [16]byte) []byte {
	h := sha256.Sum256(append([]byte{byte(a)}, nonce[:]...))
	return h[:16]
}

// add writes an entry, five minutes after the one before.
func (x *example) add(t ledger.Type, members ...ledger.Member) *written {
	x.tb.Helper()
	x.at = x.at.Add(5 * time.Minute)
	w := written{index: x.size, st: ledger.Statement{Type: t, At: x.at, Members: append(members, ledger.Member{Name: "transaction", Value: "t-1"})}}
	binary.BigEndian.PutUint64(w.nonce[:], uint64(x.size))
	e, err := w.st.Entry(w.nonce, func(a ledger.Audience) ([]byte, error) { return salt(a, w.nonce), nil })
	if err != nil {
		x.tb.Fatal(err)
	}
	w.entry = e.Marshal()
	stored, err := tlog.StoredHashes(x.size, w.entry, x)
	if err != nil {
		x.tb.Fatal(err)
	}
	x.hashes, x.size = append(x.hashes, stored...), x.size+1
	x.written = append(x.written, w)
	return &x.written[len(x.written)-1]
}

// step writes an entry about the case, with a text if there is one.
func (x *example) about(t ledger.Type, text string, members ...ledger.Member) *written {
	x.tb.Helper()
	x.step++
	members = append(members, ledger.Member{Name: "dispute", Value: testCase}, ledger.Member{Name: "step", Value: x.step})
	if t.Says("before") {
		members = append(members, ledger.Member{Name: "before", Value: x.chain})
	}
	var opening *masking.Opening
	if text != "" {
		l := masking.Label{Origin: testOrigin, Owner: "case/" + testCase, Field: "note", Version: int(x.step)}
		sealed, err := masking.SealValue(x.key, l, masking.Value{Text: masking.NewText(text)}, x.random)
		if err != nil {
			x.tb.Fatal(err)
		}
		o, err := masking.OpenCommitment(x.key, l, sealed)
		if err != nil {
			x.tb.Fatal(err)
		}
		opening = &o
		members = append(members, ledger.Member{Name: "note", Value: base64.StdEncoding.EncodeToString(sealed.Commitment)})
	}
	w := x.add(t, members...)
	w.text = opening
	if t.Says("before") {
		x.chain = encoded(tlog.RecordHash(w.entry))
	}
	return w
}

func is(name string, value any) ledger.Member { return ledger.Member{Name: name, Value: value} }

// decided writes a decision as the engine makes it in a situation.
func (x *example) decided(id, requester string, p necessity.Purpose, bits necessity.Bits, change ...ledger.Member) *written {
	role, subject := necessity.Seller, "b-1"
	if requester == "b-1" {
		role, subject = necessity.Buyer, "s-1"
	}
	d := x.engine.Decide(necessity.ShippedGoods, role, p, bits)
	ground := d.Ground(d.Necessary)
	decision, views := "refused", 0
	expires := ""
	var fields []ledger.Object
	for _, f := range d.Necessary {
		fd := d.Under(ground, f)
		if ground == "" {
			fd = d.Field(f)
		}
		o := ledger.Object{is("field", string(f)), is("outcome", string(fd.Outcome))}
		if fd.Outcome == necessity.Withheld {
			o = append(o, is("reason", string(fd.Reason)))
		} else {
			o = append(o, is("rule", fd.Rule))
		}
		switch {
		case fd.Outcome == necessity.Granted:
			if decision = "granted"; views == 0 || fd.Views < views {
				views, expires = fd.Views, fd.Expires.String()
			}
		case fd.Outcome == necessity.Pending && decision == "refused":
			decision = "pending"
		}
		fields = append(fields, o)
	}
	m := []ledger.Member{
		is("disclosure", id), is("requester", requester), is("subject", subject), is("purpose", string(p)), is("decision", decision), is("ground", string(ground)),
		is("fields", fields), is("policy", x.engine.Version()), is("facts", flagsOf(bits.Told())), is("situation", flagsOf(bits&^bits.Told())), is("expires", expires),
		is("asserted_by", "platform"),
	}
	if views > 0 {
		m = append(m, is("views", views))
	}
	for _, c := range change {
		m = slices.DeleteFunc(m, func(o ledger.Member) bool { return o.Name == c.Name })
		m = append(m, c)
	}
	x.askers[id], x.subjects[id] = requester, subject
	return x.add(ledger.DisclosureDecided, m...)
}

func flagsOf(bits necessity.Bits) ledger.Object {
	var o ledger.Object
	for _, c := range bits.Conditions() {
		o = append(o, is(c.String(), true))
	}
	return o
}

// disclosed is the usual beginning: an order that is paid, and what the seller learns.
func (x *example) disclosed() {
	x.add(ledger.TransactionWritten, is("kind", "shipped_goods"), is("buyer", "b-1"), is("seller", "s-1"), is("amount", "221.65"), is("currency", "BRL"), is("items", 1),
		is("version", 1), is("asserted_by", "platform"), is("terms", ledger.Object{is("payment", "prepaid"), is("handover", "post")}))
	x.add(ledger.PerformanceRecorded, is("obligation", "pay"), is("done", "221.65"), is("total", "221.65"), is("attested", "221.65"), is("attested_by", "platform"),
		is("source", "payment"), is("reference", "pay-1"), is("performed_at", x.at))
	x.add(ledger.PerformanceRecorded, is("obligation", "accept"), is("done", "1"), is("total", "1"), is("attested", "1"), is("attested_by", "platform"), is("performed_at", x.at))
	x.decided("dsc_1", "s-1", necessity.Deliver, necessity.Of(necessity.Accepted, necessity.Held, necessity.Paid, necessity.PaidInFull), is("revealed", true))
	x.add(ledger.DisclosureViewed, is("disclosure", "dsc_1"), is("view", 2), is("fields", []ledger.Object{{is("field", "name"), is("version", 1)}, {is("field", "address"), is("version", 1)}}))
	x.decided("dsc_2", "b-1", necessity.Return, necessity.Of(necessity.Accepted, necessity.Held, necessity.Paid, necessity.PaidInFull))
}

// full is a case from its opening to its end.
func (x *example) full() {
	x.disclosed()
	x.about(ledger.CaseOpened, "It never came. <b>I want my money back</b> \u202e& \"soon\".", is("opened_by", "b-1"), is("reason", "not_received"), is("lines", []string{"deliver"}), is("amount", "221.65"),
		is("currency", "BRL"), is("state", "negotiation"), is("until", x.at.Add(480*time.Hour)), is("asserted_by", "platform"),
		is("clocks", []ledger.Object{{is("name", "resolution"), is("kind", "statutory"), is("rule", "90 days from the claim (Directive 2013/11/EU art. 8(e))"), is("due", x.at.Add(2160*time.Hour)), is("state", "running")}}))
	x.about(ledger.CaseMoved, "We sent it on Monday.", is("event", "message"), is("from", "negotiation"), is("to", "negotiation"), is("by", "seller"))
	x.about(ledger.CaseMoved, "", is("event", "offer"), is("from", "negotiation"), is("to", "negotiation"), is("by", "seller"), is("offer", 1), is("kind", "part_refund"), is("amount", "50.00"))
	x.about(ledger.EvidenceStored, "the carrier's page", is("item", 1), is("by", "seller"), is("kind", "carrier_tracking"), is("media", "image/png"), is("bytes", 48211),
		is("original", encoded(tlog.Hash{1})), is("derivative", encoded(tlog.Hash{2})), is("standing", "staged"))
	x.about(ledger.CaseTurned, "", is("event", "escalate"), is("from", "negotiation"), is("to", "claim"), is("by", "buyer"))
	x.about(ledger.CaseMoved, "", is("event", "assign"), is("from", "claim"), is("to", "under_review"), is("by", "staff"), is("assigned", "acc_2"), is("account", "acc_1"), is("frozen", encoded(tlog.Hash{3})))
	x.decided("dsc_3", "b-1", necessity.Settle, necessity.Of(necessity.Accepted, necessity.Held, necessity.Paid, necessity.PaidInFull, necessity.DisputeOpen, necessity.SubjectRestricted))
	x.about(ledger.CaseRevealed, "", is("subject", "b-1"), is("fields", []ledger.Object{{is("field", "address"), is("version", 1)}}), is("purpose", "decide_case"), is("role", "handler"), is("reason", "data_disputed"), is("account", "acc_2"))
	x.about(ledger.CaseProposed, "for the second pair of eyes alone", is("event", "propose"), is("outcome", "refund"), is("amount", "221.65"), is("reason", "not_delivered"), is("clause", "terms 7"), is("account", "acc_2"))
	x.about(ledger.CaseDecided, "The tracking ends in the depot.", is("event", "approve"), is("outcome", "refund"), is("amount", "221.65"), is("currency", "BRL"), is("lines", []string{"deliver"}), is("reason", "not_delivered"),
		is("clause", "terms 7"), is("frozen", encoded(tlog.Hash{3})), is("decider", "acc_2"), is("approver", "acc_3"), is("until", x.at.Add(720*time.Hour)))
	x.add(ledger.PerformanceReversed, is("obligation", "pay"), is("undone", "221.65"), is("total", "0.00"), is("source", "payment"), is("reference", "back-1"), is("performed_at", x.at))
}

// head signs the log as it is.
func (x *example) head() []byte {
	root, err := tlog.TreeHash(x.size, x)
	if err != nil {
		x.tb.Fatal(err)
	}
	signer, err := note.NewSigner(x.skey)
	if err != nil {
		x.tb.Fatal(err)
	}
	signers := []note.Signer{signer}
	if x.witness != nil {
		signers = append(signers, x.witness)
	}
	signed, err := note.Sign(&note.Note{Text: testOrigin + "\n" + strconv.FormatInt(x.size, 10) + "\n" + encoded(root) + "\n"}, signers...)
	if err != nil {
		x.tb.Fatal(err)
	}
	return signed
}

// item is what an entry says to a recipient.
func (x *example) item(w *written, to Recipient, head []byte) (Item, bool) {
	x.tb.Helper()
	hashes, err := tlog.ProveRecord(x.size, w.index, x)
	if err != nil {
		x.tb.Fatal(err)
	}
	it := Item{Item: ledger.Item{Entry: w.entry, Proof: ledger.Proof{Index: w.index, Hashes: hashes, Checkpoint: head}}}
	for _, a := range w.st.Type.Audiences() {
		if !x.has(w, to, a) {
			continue
		}
		content, err := w.st.Content(a)
		if err != nil {
			x.tb.Fatal(err)
		}
		it.Said = append(it.Said, ledger.Said{Audience: a, Salt: salt(a, w.nonce), Content: content})
		if st, _ := ledger.ParseContent(a, content); w.text != nil && st.Members.String("note") != "" {
			it.Text = w.text
		}
	}
	return it, len(it.Said) > 0
}

func (x *example) has(w *written, to Recipient, a ledger.Audience) bool {
	own := map[Recipient]string{Buyer: "b-1", Seller: "s-1"}[to]
	m := w.st.Members
	switch a {
	case ledger.Parties:
		return true
	case ledger.Staff:
		return to == Staff || to == Court
	case ledger.Requester:
		return to == Court || own != "" && x.askers[m.String("disclosure")] == own
	case ledger.Subject:
		return to == Court || own != "" && (m.String("subject") == own || x.subjects[m.String("disclosure")] == own)
	default:
		return false
	}
}

func (x *example) contents(to Recipient) Contents {
	c := Contents{Case: testCase, Recipient: to, Policies: []Policy{{x.engine.Version(), x.engine.Text(), x.engine.Floor()}}}
	head := x.head()
	for i := range x.written {
		if it, ok := x.item(&x.written[i], to, head); ok {
			c.Items = append(c.Items, it)
		}
	}
	return c
}

// sealed is the bundle for a recipient, as the broker makes it.
func (x *example) sealed(to Recipient) []byte {
	x.tb.Helper()
	d, err := Make(x.contents(to))
	if err != nil {
		x.tb.Fatal(err)
	}
	return x.seal(d, to)
}

func (x *example) seal(d *Draft, to Recipient, change ...ledger.Member) []byte {
	x.tb.Helper()
	file, err := d.Seal(x.made(d, to, change...))
	if err != nil {
		x.tb.Fatal(err)
	}
	return file
}

// made writes the entry that seals a draft.
func (x *example) made(d *Draft, to Recipient, change ...ledger.Member) ledger.Item {
	sum, n := d.Manifest()
	m := []ledger.Member{is("recipient", string(to)), is("manifest", sum), is("members", n)}
	if to == Staff || to == Court {
		m[0] = is("made_for", string(to))
	}
	for _, c := range change {
		m = slices.DeleteFunc(m, func(o ledger.Member) bool { return o.Name == c.Name })
		m = append(m, c)
	}
	w := x.about(ledger.BundleMade, "", m...)
	it, _ := x.item(w, to, x.head())
	return it.Item
}

// remade is a bundle with other members, its manifest made anew, and sealed again.
func (x *example) remade(file []byte, change func([]ledger.ArchiveMember) []ledger.ArchiveMember) []byte {
	x.tb.Helper()
	p, err := parse(file)
	if err != nil {
		x.tb.Fatal(err)
	}
	members, err := ledger.ReadMembers(file)
	if err != nil {
		x.tb.Fatal(err)
	}
	d := &Draft{story: &story{}, members: change(slices.Clone(members[1 : len(members)-1]))}
	d.manifest = manifestOf(p.manifest.Case, p.manifest.Recipient, d.members)
	step, chain := x.step, x.chain
	last := x.written[len(x.written)-1]
	x.step, x.chain = step-1, last.st.Members.String("before") // as if the first seal had not been
	seal := x.made(d, p.manifest.Recipient)
	x.step, x.chain = step, chain
	all := append([]ledger.ArchiveMember{{Name: ledger.CaseManifest, Content: d.manifest.marshal()}}, d.members...)
	all = append(all, ledger.ArchiveMember{Name: sealName, Content: ledger.Receipt{Items: []ledger.Item{seal}}.Marshal()})
	var b bytes.Buffer
	if err := ledger.WriteMembers(&b, all); err != nil {
		x.tb.Fatal(err)
	}
	return b.Bytes()
}

func lines(p Proven) string {
	var b bytes.Buffer
	for _, e := range p.Entries {
		fmt.Fprintln(&b, e)
	}
	return b.String()
}
