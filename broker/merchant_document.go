package broker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// Refusals of documents.
var (
	ErrDocumentKind = fault.New(fault.Invalid, "unknown_kind", "the kind of a document is one of a list")
	ErrDocuments    = fault.New(fault.Conflict, "too_many", "this registration has as many documents as it can")
	ErrNoDocuments  = fault.New(fault.Conflict, "invalid_transition", "this registration takes no documents any more")
)

const mostDocuments = 32

// documentAD binds a sealed document to what it is.
func (b *Broker) documentAD(id MerchantID, n int, part string) []byte {
	return fmt.Appendf(nil, "bauta/merchant/document/v1\n%s\n%s\n%d\n%s", b.Origin, id, n, part)
}

// StoreDocument keeps a document of a registration. The bytes as they were given are
// hashed and sealed, and so is what others open; both hashes are in its entry.
func (b *Broker) StoreDocument(ctx context.Context, c Caller, id MerchantID, in DocumentInput, once *Outcome) (MerchantDocument, bool, error) {
	if !slices.Contains(DocumentKinds(), in.Kind) {
		return MerchantDocument{}, false, ErrDocumentKind.Pointing("/kind")
	}
	return replayable(ctx, b, once, func(ctx context.Context) (MerchantDocument, error) {
		return again(ctx, func(ctx context.Context) (MerchantDocument, error) { return b.storeDocument(ctx, c, id, in, once) })
	}, func(ctx context.Context, o *Outcome) (MerchantDocument, error) {
		f, err := b.Store.MerchantByID(ctx, merchantOf(o))
		if err != nil {
			return MerchantDocument{}, err
		}
		n, err := strconv.Atoi(o.ID[strings.LastIndexByte(o.ID, '/')+1:])
		if err != nil {
			return MerchantDocument{}, fmt.Errorf("replay document: %w", err)
		}
		d, err := b.Store.MerchantDocumentAt(ctx, &f.MerchantRecord, n)
		if err != nil {
			return MerchantDocument{}, err
		}
		return d.MerchantDocument, nil
	})
}

func (b *Broker) storeDocument(ctx context.Context, c Caller, id MerchantID, in DocumentInput, once *Outcome) (MerchantDocument, error) {
	f, err := b.merchantNow(ctx, id)
	if err != nil {
		return MerchantDocument{}, err
	}
	course, err := b.courseOf(f, MerchantMove{})
	if err != nil {
		return MerchantDocument{}, err
	}
	if err := course.r.takesDocument(); err != nil {
		return MerchantDocument{}, err
	}
	d, err := b.sealDocument(f, in, course)
	if err != nil {
		return MerchantDocument{}, err
	}
	next := f.MerchantRecord
	next.Version, next.Documents, next.UpdatedAt = f.Version+1, d.N, course.now
	w := &Write{ExpectParties: []*PartyRecord{&f.Of}, About: &f.Of, Merchant: &next, Document: d, Word: c.spends()}
	w.Record, err = b.record(ledger.Statement{Type: ledger.DocumentStored, At: course.now, Members: append(registrationMembers(f, next.Version),
		ledger.Member{Name: "document", Value: d.N}, ledger.Member{Name: "kind", Value: d.Kind}, ledger.Member{Name: "media", Value: d.Media},
		ledger.Member{Name: "bytes", Value: d.Bytes}, ledger.Member{Name: "original", Value: encode(d.MerchantDocument.Original)},
		ledger.Member{Name: "derivative", Value: encode(d.MerchantDocument.Derivative)}, ledger.Member{Name: "expires", Value: d.Expires},
		ledger.Member{Name: "asserted_by", Value: c.assertedBy()}, ledger.Member{Name: "key", Value: c.Key},
	)}, f.Of.Key, keys{subject: f.Of.Key})
	if err != nil {
		return MerchantDocument{}, err
	}
	next.Newest = newest(w.Record)
	w.Once = once.ledMerchant(id, "document/"+strconv.Itoa(d.N), w)
	_, err = b.commitMerchant(ctx, w)
	return d.MerchantDocument, err
}

// TakesDocument refuses what would not be kept, before anything is drawn of it. What was
// sent before has its answer, and is not refused.
func (b *Broker) TakesDocument(ctx context.Context, id MerchantID, once *Outcome) error {
	f, err := b.Store.MerchantByID(ctx, id)
	if err != nil {
		return err
	}
	if once != nil {
		if _, err := b.Store.Outcome(ctx, once.Key); !errors.Is(err, ErrNotFound) {
			return err
		}
	}
	r := f.At(b.now())
	return r.takesDocument()
}

func (r *MerchantRecord) takesDocument() error {
	switch {
	case !TakesDocuments(r.State):
		return ErrNoDocuments
	case r.Documents >= mostDocuments:
		return ErrDocuments
	}
	return nil
}

// TakesDocuments says whether a registration in that state takes documents.
func TakesDocuments(s states.State) bool {
	return !slices.Contains([]states.State{merchants.Lapsed, merchants.Closing, merchants.Closed, merchants.Erased}, s)
}

func (b *Broker) sealDocument(f *FoundMerchant, in DocumentInput, c *merchantCourse) (*SealedDocument, error) {
	n := f.Documents + 1
	original, derivative := sha256.Sum256(in.Original), sha256.Sum256(in.Derivative)
	d := &SealedDocument{Merchant: f.Row, MerchantDocument: MerchantDocument{
		N: n, Kind: in.Kind, Media: in.Media, Bytes: len(in.Original), Original: original[:], Derivative: derivative[:], Shows: in.Shows,
		Expires: in.Expires, At: c.now,
	}}
	var err error
	if d.Original, err = f.Of.Key.Seal(in.Original, b.documentAD(f.ID, n, "original")); err != nil {
		return nil, err
	}
	d.Derivative, err = f.Of.Key.Seal(in.Derivative, b.documentAD(f.ID, n, "derivative"))
	return d, err
}

// OpenDocument opens the derivative of one for who works on the registration; the
// entry comes first.
func (b *Broker) OpenDocument(ctx context.Context, s Staff, id MerchantID, n int) (OpenedDocument, error) {
	if !s.reviews() {
		return OpenedDocument{}, ErrRole
	}
	return again(ctx, func(ctx context.Context) (OpenedDocument, error) {
		c, err := b.lookingAt(ctx, s, id, nil)
		if err != nil {
			return OpenedDocument{}, err
		}
		d, err := b.Store.MerchantDocumentAt(ctx, &c.f.MerchantRecord, n)
		if err != nil {
			return OpenedDocument{}, err
		}
		by := Caller{Key: s.Account}
		w, err := c.opening(ledger.DocumentOpened, ledger.Object{
			{Name: "document", Value: n}, {Name: "derivative", Value: encode(d.MerchantDocument.Derivative)},
		}, &s, by)
		if err != nil {
			return OpenedDocument{}, err
		}
		b.chargeReach(w, by, c.f.Of.Row)
		place, err := b.Store.Commit(ctx, w)
		if err != nil {
			return OpenedDocument{}, b.refuseReach(ctx, by, err)
		}
		return b.openDocument(c.f, d, place)
	})
}

// openDocument is called only with a place in the ledger in hand. What does not have
// the hash of its entry is not what was given.
func (b *Broker) openDocument(f *FoundMerchant, d *SealedDocument, place ledger.Place) (OpenedDocument, error) {
	if err := b.sound(); err != nil {
		return OpenedDocument{}, err
	}
	content, err := f.Of.Key.Open(d.Derivative, b.documentAD(f.ID, d.N, "derivative"))
	if got := sha256.Sum256(content); err == nil && string(got[:]) != string(d.MerchantDocument.Derivative) {
		err = errors.New("broker: a document does not have its hash")
	}
	if err != nil {
		return OpenedDocument{}, fmt.Errorf("%w (%w)", ledger.Finding{
			Part: ledger.PartRow, Table: "merchant_documents", Index: -1, Reason: "a document is not what its entry says",
		}, err)
	}
	return OpenedDocument{d.MerchantDocument, content, place}, nil
}
