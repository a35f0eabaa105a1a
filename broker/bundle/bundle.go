// Package bundle makes and verifies the bundle of a case: docs/bundle-format.md. It
// is one file that says what was owed, performed, said, disclosed, seen and decided,
// and holds what proves it. It knows no key, no database and no network: whoever has
// the file can do all that it does.
package bundle

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// Errors about the bundle of a case. Those of package ledger come besides.
var (
	ErrForm      = errors.New("the file is not the bundle of a case, version 1")
	ErrManifest  = errors.New("a member of the bundle is not the one that its manifest names")
	ErrSeal      = errors.New("the entry that seals the bundle does not name this manifest, case and recipient")
	ErrForeign   = errors.New("the bundle has an entry that is not about its case")
	ErrAudience  = errors.New("the bundle says to its recipient what is somebody else's to know, or not what both sides know")
	ErrChain     = errors.New("an entry about the case is left out, or put in")
	ErrDerived   = errors.New("the report says what the entries do not")
	ErrPolicies  = errors.New("the bundle has not just the policies that decided in it")
	ErrOpened    = errors.New("the bundle opens what is no text of the case")
	ErrRecipient = errors.New("a bundle is for buyer, seller, staff or court")
	ErrLarge     = errors.New("the bundle would be larger than anybody reads")
)

// Recipient is whom a bundle is for; what is said to it follows from that alone.
type Recipient string

// Recipients of bundles.
const (
	Buyer  Recipient = "buyer"
	Seller Recipient = "seller"
	Staff  Recipient = "staff"
	Court  Recipient = "court"
)

// Recipients are all of them.
func Recipients() []Recipient { return []Recipient{Buyer, Seller, Staff, Court} }

// Item is one entry, and what it says to the recipient; Text is the text that came
// with it, where the recipient may read that.
type Item struct {
	ledger.Item

	Text *masking.Opening
}

// Policy is a set of policies, with the floor that it was kept with.
type Policy struct {
	Version string `json:"version"`
	Text    string `json:"text"`
	Floor   string `json:"floor"`
}

// Contents are what a bundle is made from. Items are the entries of the case, of its
// transaction and of the disclosures in it, without those that seal this bundle;
// Policies the sets that those disclosures were decided by, in any order.
type Contents struct {
	Case      string
	Recipient Recipient
	Items     []Item
	Policies  []Policy
}

// Draft is a bundle without its seal.
type Draft struct {
	manifest manifest
	members  []ledger.ArchiveMember
	story    *story
}

// Make makes everything but the seal. What Verify would refuse is not made: the
// errors are those of Verify.
func Make(c Contents) (*Draft, error) { return build(c, ledger.MaxReceiptSize) }

func build(c Contents, most int) (*Draft, error) {
	items, err := c.items()
	if err != nil {
		return nil, err
	}
	receipts := split(items, most)
	proven, err := ledger.VerifyAll(receipts, ledger.Trust{})
	if err != nil {
		return nil, fmt.Errorf("make bundle: %w", err)
	}
	s, err := tell(c.Case, c.Recipient, proven.Entries)
	if err != nil {
		return nil, fmt.Errorf("make bundle: %w", err)
	}
	d := &Draft{story: s}
	if d.members, err = s.derived(); err != nil {
		return nil, err
	}
	policies, err := c.policies(s)
	if err != nil {
		return nil, err
	}
	d.members = append(d.members, policies...)
	for i, r := range receipts {
		d.members = append(d.members, ledger.ArchiveMember{Name: receiptName(i), Content: r})
	}
	for _, m := range d.members {
		if len(m.Content) > ledger.MaxReceiptSize {
			return nil, fmt.Errorf("make bundle: %w", ErrLarge)
		}
	}
	d.manifest = manifestOf(c.Case, c.Recipient, d.members)
	return d, nil
}

// items are those of the bundle, in their order, with the texts that they open.
func (c *Contents) items() ([]ledger.Item, error) {
	type placed struct {
		origin string
		item   ledger.Item
	}
	all := make([]placed, len(c.Items))
	for i := range c.Items {
		it := c.Items[i].Item
		head, err := ledger.ReadCheckpoint(it.Proof.Checkpoint)
		if err != nil {
			return nil, fmt.Errorf("make bundle: %w", err)
		}
		if text := c.Items[i].Text; text != nil {
			key, value := text.Reveal()
			it.Openings = []ledger.Opening{{
				Origin: text.Label.Origin, Field: string(text.Label.Field), Version: int64(text.Label.Version), Key: key, Value: value,
			}}
		}
		all[i] = placed{head.Origin, it}
	}
	slices.SortFunc(all, func(a, b placed) int {
		return cmp.Or(cmp.Compare(a.origin, b.origin), cmp.Compare(a.item.Proof.Index, b.item.Proof.Index))
	})
	items := make([]ledger.Item, len(all))
	for i := range all {
		items[i] = all[i].item
	}
	return items, nil
}

// split makes receipts of items: as many in each as there is room for.
func split(items []ledger.Item, most int) [][]byte {
	empty := len(ledger.Receipt{}.Marshal())
	var receipts [][]byte
	var r ledger.Receipt
	size := empty
	for i := range items {
		n := len(ledger.Receipt{Items: items[i : i+1]}.Marshal()) - empty
		if len(r.Items) > 0 && size+n > most {
			receipts = append(receipts, r.Marshal())
			r.Items, size = nil, empty
		}
		r.Items, size = append(r.Items, items[i]), size+n
	}
	return append(receipts, r.Marshal())
}

// Manifest is what the entry that seals the bundle has to name: the SHA-256 of the
// manifest, in base64, and how many members that lists.
func (d *Draft) Manifest() (sum string, members int) {
	h := sha256.Sum256(d.manifest.marshal())
	return base64.StdEncoding.EncodeToString(h[:]), len(d.manifest.Members)
}

// Seal gives the file. The item is the entry that names the manifest.
func (d *Draft) Seal(seal ledger.Item) ([]byte, error) {
	receipt := ledger.Receipt{Items: []ledger.Item{seal}}.Marshal()
	proven, err := ledger.Verify(receipt, ledger.Trust{})
	if err != nil {
		return nil, fmt.Errorf("seal bundle: %w", err)
	}
	if err := d.story.sealed(&proven, d.manifest); err != nil {
		return nil, fmt.Errorf("seal bundle: %w", err)
	}
	all := append([]ledger.ArchiveMember{{Name: ledger.CaseManifest, Content: d.manifest.marshal()}}, d.members...)
	all = append(all, ledger.ArchiveMember{Name: sealName, Content: receipt})
	var b bytes.Buffer
	if err := ledger.WriteMembers(&b, all); err != nil {
		return nil, err
	}
	if b.Len() > ledger.MaxArchiveSize {
		return nil, fmt.Errorf("seal bundle: %w", ErrLarge)
	}
	return b.Bytes(), nil
}
