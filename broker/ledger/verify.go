package ledger

import (
	"bytes"
	"cmp"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/transparency-dev/formats/log"
	"golang.org/x/mod/sumdb/tlog"
)

// Errors about what a receipt claims.
var (
	ErrOpening   = errors.New("the opening does not fit any commitment that the entry says")
	ErrSaidOrder = errors.New("the audiences are not in their order, each once")
	ErrFork      = errors.New("the receipt holds two logs under one name")
	ErrItemTwice = errors.New("the receipt has an entry twice")
	ErrItemOrder = errors.New("the entries are not in their order, by log and index")
)

const (
	commitmentLabel = "bauta/commitment/v1"
	openingSize     = 32
)

// Proven is what a receipt proves.
type Proven struct {
	Anchored bool // false: nobody was trusted, so nobody is known to have signed it
	Entries  []ProvenEntry
}

// ProvenEntry is one entry of a receipt, and what it is proven to say.
type ProvenEntry struct {
	Index  int64
	Leaf   tlog.Hash
	Type   Type
	Hour   time.Time // the hour in which it was written
	Origin string    // of the log; whoever signed it chose the name
	Size   int64     // of the checkpoint that covers it
	Said   []Audience
	Says   []Statement // what it says to each of Said
	Opened []Opening   // values that are proven to be those committed to
}

// Of is what an entry says to an audience; false where that is not shown.
func (p *ProvenEntry) Of(a Audience) (Statement, bool) {
	i := slices.Index(p.Said, a)
	if i < 0 {
		return Statement{}, false
	}
	return p.Says[i], true
}

// String is a line without anything that a statement or an opening says.
func (p ProvenEntry) String() string {
	names := make([]string, len(p.Said))
	for i, a := range p.Said {
		names[i] = a.String()
	}
	line := fmt.Sprintf("entry %d: %s, %s, said to %s, in the log of size %d",
		p.Index, p.Type, p.Hour.Format("2006-01-02T15Z"), strings.Join(names, " and "), p.Size)
	if len(p.Opened) == 0 {
		return line
	}
	fields := make([]string, len(p.Opened))
	for i, o := range p.Opened {
		fields[i] = o.Field
	}
	return line + ", opens " + strings.Join(fields, " and ")
}

// Verify reads a receipt and proves it: each entry is in a log whose checkpoint
// trust believes, says exactly what is shown to the audiences named, and each
// value that is opened is the one that was committed to. With the zero Trust
// everything but the signatures is checked, and the outcome is not Anchored.
// Nothing that is off passes, and what is off is an error that holds no value:
// those of ParseReceipt, ParseEntry, Trust.Open, CheckInclusion, Entry.Verify, and
// ErrCheckpoint, ErrSignatureLines, ErrSaidOrder, ErrOpening, ErrItemTwice,
// ErrItemOrder, ErrFork. What a receipt leaves out nobody can see, nor who signed
// by a key that was not given: docs/receipt-format.md, section 6, says it in full.
func Verify(file []byte, trust Trust) (Proven, error) {
	p := Proven{Anchored: trust.Anchored()}
	if err := p.prove(file, trust, forks{}); err != nil {
		return Proven{}, err
	}
	return p, nil
}

// prove adds what one more receipt proves.
func (p *Proven) prove(receipt []byte, trust Trust, seen forks) error {
	r, err := ParseReceipt(receipt)
	if err != nil {
		return err
	}
	var head Checkpoint // most items are proven in the same one
	order := itemOrder{}
	for i := range r.Items {
		c, e, err := r.Items[i].verify(trust, head)
		head = c
		if err == nil {
			err = order.next(at{c.Origin, e.Index})
		}
		if err == nil {
			err = seen.add(c)
		}
		if err != nil {
			return fmt.Errorf("verify item %d: %w", i+1, err)
		}
		p.Entries = append(p.Entries, e)
	}
	return nil
}

// at is a place in a log that goes by some name.
type at struct {
	origin string
	n      int64
}

// forks finds what could not be in one log: two roots for a size.
type forks map[at]tlog.Hash

func (f forks) add(c Checkpoint) error {
	size := at{c.Origin, c.Size}
	if root, known := f[size]; known && root != c.Root {
		return ErrFork
	}
	f[size] = c.Root
	return nil
}

// itemOrder is what a receipt has held so far: its items are in the order of their
// logs' names, then of their indexes, each once, so one receipt has one form.
type itemOrder struct {
	last at
	seen map[at]bool
}

func (o *itemOrder) next(item at) error {
	switch {
	case o.seen[item]:
		return ErrItemTwice
	case o.seen == nil:
		o.seen = map[at]bool{}
	case cmp.Or(cmp.Compare(item.origin, o.last.origin), cmp.Compare(item.n, o.last.n)) < 0:
		return ErrItemOrder
	}
	o.last, o.seen[item] = item, true
	return nil
}

// verify proves an item; a checkpoint with the very bytes of known, whose
// signatures were checked, needs no second look.
func (it *Item) verify(trust Trust, known Checkpoint) (Checkpoint, ProvenEntry, error) {
	none := ProvenEntry{}
	e, err := ParseEntry(it.Entry)
	if err != nil {
		return Checkpoint{}, none, err
	}
	c := known
	if c.Note == nil || !bytes.Equal(c.Note, it.Proof.Checkpoint) {
		c, err = it.checkpoint(trust)
	}
	if err != nil {
		return Checkpoint{}, none, err
	}
	leaf := tlog.RecordHash(it.Entry)
	if err := CheckInclusion(it.Proof.Hashes, it.Proof.Index, leaf, c.Size, c.Root); err != nil {
		return Checkpoint{}, none, err
	}
	p := ProvenEntry{
		Index: it.Proof.Index, Leaf: leaf, Type: e.Type, Hour: time.Unix(int64(e.Hour)*3600, 0).UTC(), Origin: c.Origin, Size: c.Size,
	}
	for i, s := range it.Said {
		if i > 0 && s.Audience <= it.Said[i-1].Audience {
			return Checkpoint{}, none, ErrSaidOrder
		}
		if err := e.Verify(s.Audience, s.Salt, s.Content); err != nil {
			return Checkpoint{}, none, err
		}
		st, err := ParseContent(s.Audience, s.Content)
		if err != nil {
			return Checkpoint{}, none, err
		}
		p.Said, p.Says = append(p.Said, s.Audience), append(p.Says, st)
	}
	for i, o := range it.Openings {
		if i > 0 && o.place() <= it.Openings[i-1].place() || !o.fits(p.Says) {
			return Checkpoint{}, none, fmt.Errorf("open %s: %w", o.Field, ErrOpening)
		}
		p.Opened = append(p.Opened, o)
	}
	return c, p, nil
}

// checkpoint gives the head that the proof leads to.
func (it *Item) checkpoint(trust Trust) (Checkpoint, error) {
	if !WellFormed(it.Proof.Checkpoint) {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", ErrCheckpoint)
	}
	if !ordered(it.Proof.Checkpoint) {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", ErrSignatureLines)
	}
	if trust.Anchored() {
		return trust.Open(it.Proof.Checkpoint)
	}
	return readHead(it.Proof.Checkpoint)
}

// readHead reads a checkpoint, and asks nobody who signed it.
func readHead(signed []byte) (Checkpoint, error) {
	text, _, _ := bytes.Cut(signed, []byte("\n\n"))
	text = append(bytes.Clone(text), '\n')
	var c log.Checkpoint
	rest, err := c.Unmarshal(text)
	if err != nil || len(rest) > 0 || len(c.Hash) != hashSize || c.Size > 1<<63-1 || !bytes.Equal(c.Marshal(), text) {
		return Checkpoint{}, fmt.Errorf("read checkpoint: %w", ErrCheckpoint)
	}
	return Checkpoint{Origin: c.Origin, Size: int64(c.Size), Root: tlog.Hash(c.Hash), Note: signed}, nil
}

// place orders the openings of an item, so that none is there twice.
func (o Opening) place() string { return fmt.Sprintf("%s/%010d", o.Field, o.Version) }

// fits says whether one of the statements commits to the opening's value.
func (o Opening) fits(says []Statement) bool {
	if len(o.Key) != openingSize {
		return false
	}
	for _, s := range says {
		for _, c := range s.commitments() {
			if c.field == o.Field && (c.version == o.Version || c.version == 0) && c.sum == encoded64(o.commit(c.owner)) {
				return true
			}
		}
	}
	return false
}

// commit is the commitment to the opening's value: docs/receipt-format.md,
// section 4. The broker makes it when it seals a value.
func (o Opening) commit(owner string) []byte {
	label := appendPart(appendPart(appendPart(nil, o.Origin), owner), o.Field)
	label = binary.BigEndian.AppendUint32(label, uint32(o.Version)) //nolint:gosec // parseOpening bounds it
	m := hmac.New(sha256.New, o.Key)
	m.Write(appendPart(appendPart(appendPart(nil, commitmentLabel), string(label)), string(o.Value))) // never fails
	return m.Sum(nil)
}

func appendPart(b []byte, part string) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(part))), part...) //nolint:gosec // a receipt is bounded
}

// commitment is what an entry says of one value.
type commitment struct {
	owner, field string
	version      int64  // 0: not said; the sum is of it all the same
	sum          string // base64
}

// commitments are those that a statement says, with the owners that it names.
func (s Statement) commitments() []commitment {
	m := s.Members
	if dispute := m.String("dispute"); dispute != "" { // the text of a step of a case
		return []commitment{{owner: "case/" + dispute, field: "note", version: m.Int("step"), sum: m.String("note")}}
	}
	list, use := m.Objects("fields"), "contact"
	party := m.String("party")
	if s.Type == DisclosureDecided {
		party = m.String("subject")
	}
	if s.Type == TransactionWritten {
		list, use = m.Objects("contacts"), "use"
	}
	var all []commitment
	for _, o := range list {
		c := commitment{owner: "party/" + party, field: o.String("field"), version: o.Int("version"), sum: o.String("commitment")}
		if u := o.String(use); u != "" && u != "own" {
			c.owner = "transaction/" + m.String("transaction") + "/" + u
		}
		if c.sum != "" {
			all = append(all, c)
		}
	}
	return all
}
