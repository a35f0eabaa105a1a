package bundle

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"strings"

	"bauta.dev/bauta/broker/ledger"
)

// Proven is what a bundle proves.
type Proven struct {
	Anchored  bool // false: nobody was trusted, so nobody is known to have signed it
	Case      string
	Recipient Recipient
	Entries   []Entry // the last one seals it
}

// Entry is one entry that is proven, and what came of deciding it again.
type Entry struct {
	ledger.ProvenEntry

	Verdict Verdict // empty where nothing was decided by policies
	// Beyond are fields of which the entry says what no policy decides: that there was
	// no value, that its time was over, or that it is public.
	Beyond []string
}

// String is a line without anything that a statement or an opening says.
func (e Entry) String() string {
	line := e.ProvenEntry.String()
	if e.Verdict != "" {
		line += ": " + string(e.Verdict)
	}
	if len(e.Beyond) > 0 {
		line += ", but for what no policy decides: " + strings.Join(e.Beyond, ", ")
	}
	return line
}

// Differs says whether a decision does not follow from its policies.
func (p *Proven) Differs() bool {
	for i := range p.Entries {
		if p.Entries[i].Verdict == Differs {
			return true
		}
	}
	return false
}

// Is says whether a file begins as the bundle of a case does.
func Is(file []byte) bool {
	const name = 30 // where the name of a zip's first member stands
	return bytes.HasPrefix(file, []byte("PK\x03\x04")) && len(file) > name && bytes.HasPrefix(file[name:], []byte(ledger.CaseManifest))
}

// Verify proves a bundle: every entry as ledger.Verify does, that all about the case
// are there, that the report and the record are made from them, that nobody's part is
// in it but the recipient's, and that it was sealed as it is. Then it decides again
// what policies have decided. That this comes to something else is no error but a
// Verdict: whoever asks has to look at Differs.
func Verify(file []byte, trust ledger.Trust) (Proven, error) {
	p, err := verify(file, trust, ledger.MaxReceiptSize)
	if err != nil {
		return Proven{}, fmt.Errorf("verify bundle: %w", err)
	}
	return p, nil
}

func verify(file []byte, trust ledger.Trust, most int) (Proven, error) {
	p, err := parse(file)
	if err != nil {
		return Proven{}, err
	}
	all, err := p.prove(trust)
	if err != nil {
		return Proven{}, err
	}
	n := len(all.Entries) - 1
	seal := ledger.Proven{Anchored: all.Anchored, Entries: all.Entries[n:]}
	if one, err := ledger.ParseReceipt(p.seal); err != nil || len(one.Items) != 1 {
		return Proven{}, ErrSeal
	}
	if err := oneForm(p.receipts, most); err != nil {
		return Proven{}, err
	}
	s, err := tell(p.manifest.Case, p.manifest.Recipient, all.Entries[:n])
	if err == nil {
		err = s.sealed(&seal, p.manifest)
	}
	if err == nil {
		err = s.decidedBy(p.policies)
	}
	if err == nil {
		err = s.saysOnly(p.derived)
	}
	if err != nil {
		return Proven{}, err
	}
	return s.again(p.policies, all)
}

// prove proves all receipts together. Of the seal, which is written when the bundle is
// made, no witness is asked for: none has seen it by then. All the others have to have
// those that are asked for.
func (p *parts) prove(trust ledger.Trust) (ledger.Proven, error) {
	if trust.Witnessed() {
		if _, err := ledger.VerifyAll(p.receipts, trust); err != nil {
			return ledger.Proven{}, err
		}
	}
	return ledger.VerifyAll(append(p.receipts[:len(p.receipts):len(p.receipts)], p.seal), trust.Unwitnessed())
}

// oneForm holds receipts to how Make would divide them.
func oneForm(receipts [][]byte, most int) error {
	var items []ledger.Item
	for _, r := range receipts {
		parsed, err := ledger.ParseReceipt(r)
		if err != nil {
			return err
		}
		items = append(items, parsed.Items...)
	}
	same := split(items, most)
	for i := range receipts {
		if len(same) != len(receipts) || !bytes.Equal(same[i], receipts[i]) {
			return ErrForm
		}
	}
	return nil
}

// saysOnly holds the report and the record to what the entries say.
func (s *story) saysOnly(derived []ledger.ArchiveMember) error {
	again, err := s.derived()
	if err != nil {
		return err
	}
	for i := range again {
		if again[i].Name != derived[i].Name || !bytes.Equal(again[i].Content, derived[i].Content) {
			return ErrDerived
		}
	}
	return nil
}

// sealed holds the entry that seals the bundle to it: the last one about the case.
func (s *story) sealed(p *ledger.Proven, m manifest) error {
	e := &p.Entries[0]
	is := merged(e.Says)
	sum := sumOf(m)
	if e.Type != ledger.BundleMade || is.String("dispute") != s.id || is.String("transaction") != s.transaction ||
		cmp.Or(is.String("recipient"), is.String("made_for")) != string(s.to) || is.String("manifest") != base64.StdEncoding.EncodeToString(sum) || is.Int("members") != int64(len(m.Members)) {
		return ErrSeal
	}
	if err := s.audiences(&told{ProvenEntry: *e}); err != nil || len(e.Opened) > 0 {
		return ErrSeal
	}
	return s.chain(e)
}
