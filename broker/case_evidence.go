package broker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// EvidenceInput is an item on its way in. Its hashes are made here.
type EvidenceInput struct {
	Type       disputes.EvidenceType
	Note       masking.Text
	Media      string // of the original, as sniffed
	Original   []byte
	Shows      string // media type of the derivative
	Derivative []byte // stripped of all that is not the picture
}

// Format hides what an item shows, whatever prints it.
func (in EvidenceInput) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masking.Hidden) }

// OpenedEvidence is the derivative of an item, with the entry that says so.
type OpenedEvidence struct {
	Evidence

	Content []byte
	Place   ledger.Place
}

// Format hides what it shows, whatever prints it.
func (d OpenedEvidence) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, masking.Hidden) }

// evidenceAD binds a sealed item to what it is.
func (b *Broker) evidenceAD(id CaseID, n int, part string) []byte {
	return fmt.Appendf(nil, "bauta/case/evidence/v1\n%s\n%s\n%d\n%s", b.Origin, id, n, part)
}

// AddEvidence keeps what a side hands in. The bytes as they were given are hashed and
// sealed, and so is what others open; both hashes are in its entry. What comes after
// the evidence was frozen is late: a handler says whether it counts.
func (b *Broker) AddEvidence(ctx context.Context, c Caller, by PartyID, id CaseID, in EvidenceInput, once *Outcome) (CaseView, bool, error) {
	if !slices.Contains(disputes.EvidenceTypes(), in.Type) {
		return CaseView{}, false, ErrUnknownCode.Pointing("/type")
	}
	return b.casing(ctx, once, by, func(ctx context.Context) (CaseView, error) {
		return again(ctx, func(ctx context.Context) (CaseView, error) { return b.addEvidence(ctx, c, by, id, in, once) })
	})
}

func (b *Broker) addEvidence(ctx context.Context, by Caller, party PartyID, id CaseID, in EvidenceInput, once *Outcome) (CaseView, error) {
	c, err := b.partyCourse(ctx, by, party, id, CaseMove{Event: disputes.AddEvidence, Text: in.Note})
	if err != nil {
		return CaseView{}, err
	}
	original, derivative := sha256.Sum256(in.Original), sha256.Sum256(in.Derivative)
	c.item = &disputes.Item{
		N: len(c.r.Items) + 1, By: c.side, Type: in.Type, Standing: disputes.Staged, Original: original[:], Derivative: derivative[:],
	}
	switch c.state {
	case disputes.UnderReview, disputes.Proposed:
		c.item.Standing = disputes.Late
	case disputes.Appealed, disputes.AppealProposed: // in either it is handed in, and counts with the next proposal
		c.item.Anew = true
	default: // it is in time, or its own time is looked at below
	}
	if due := disputes.DueFor(c.r.Asked, c.r.Rounds, c.side, in.Type); c.state == disputes.Evidence && !due.IsZero() && !c.at.Before(due) {
		c.item.Standing = disputes.Late // the other side's time goes on
	}
	c.stored = &Evidence{Item: *c.item, Media: in.Media, Bytes: len(in.Original), Shows: in.Shows, At: c.now, Step: c.f.Version + 1}
	w, err := c.write(ctx)
	if err != nil {
		return CaseView{}, err
	}
	e := &SealedEvidence{Case: c.f.Row, Evidence: *c.stored}
	if e.Original, err = c.f.Key.Seal(in.Original, b.evidenceAD(id, e.N, "original")); err != nil {
		return CaseView{}, err
	}
	if e.Derivative, err = c.f.Key.Seal(in.Derivative, b.evidenceAD(id, e.N, "derivative")); err != nil {
		return CaseView{}, err
	}
	w.Evidence = e
	return c.commit(ctx, w, once)
}

// evidenceStatement is what the entry of an item says, beside what every entry about a
// case does: what it is, instead of that there was a move.
func (c *caseCourse) evidenceStatement(about ledger.Object) ledger.Statement {
	e := c.stored
	return ledger.Statement{Type: ledger.EvidenceStored, At: c.now, Members: c.whose(append(about,
		ledger.Member{Name: "item", Value: e.N}, ledger.Member{Name: "by", Value: string(e.By)}, ledger.Member{Name: "kind", Value: string(e.Type)},
		ledger.Member{Name: "media", Value: e.Media}, ledger.Member{Name: "bytes", Value: e.Bytes}, ledger.Member{Name: "original", Value: encode(e.Original)},
		ledger.Member{Name: "derivative", Value: encode(e.Derivative)}, ledger.Member{Name: "standing", Value: string(e.Standing)}))}
}

// OpenEvidence opens what others see of an item, for a side; the entry comes first.
func (b *Broker) OpenEvidence(ctx context.Context, by Caller, viewer PartyID, id CaseID, n int) (OpenedEvidence, error) {
	return again(ctx, func(ctx context.Context) (OpenedEvidence, error) {
		if err := b.sound(); err != nil {
			return OpenedEvidence{}, err
		}
		c, err := b.partyCourse(ctx, by, viewer, id, CaseMove{})
		if err != nil {
			return OpenedEvidence{}, err
		}
		return c.openEvidence(ctx, n)
	})
}

// OpenStaffEvidence does so for whoever of the staff has the case.
func (b *Broker) OpenStaffEvidence(ctx context.Context, s Staff, id CaseID, n int) (OpenedEvidence, error) {
	if !s.handles() {
		return OpenedEvidence{}, ErrRole
	}
	return again(ctx, func(ctx context.Context) (OpenedEvidence, error) {
		c, err := b.openingCase(ctx, &s, id)
		if err != nil {
			return OpenedEvidence{}, err
		}
		return c.openEvidence(ctx, n)
	})
}

func (c *caseCourse) openEvidence(ctx context.Context, n int) (OpenedEvidence, error) {
	if c.staff == nil && c.f.Looked[c.side] >= mostLooks {
		return OpenedEvidence{}, ErrTooMany
	}
	e, err := c.b.Store.CaseEvidenceAt(ctx, &c.f.CaseRecord, n)
	if err != nil {
		return OpenedEvidence{}, err
	}
	w, err := c.opening(ledger.Object{{Name: "item", Value: n}, {Name: "derivative", Value: encode(e.Evidence.Derivative)}})
	if err != nil {
		return OpenedEvidence{}, err
	}
	place, err := c.b.Store.Commit(ctx, w)
	if err != nil {
		return OpenedEvidence{}, err
	}
	if err := c.b.sound(); err != nil {
		return OpenedEvidence{}, err
	}
	content, err := c.f.Key.Open(e.Derivative, c.b.evidenceAD(c.f.ID, n, "derivative"))
	if got := sha256.Sum256(content); err == nil && string(got[:]) != string(e.Evidence.Derivative) {
		err = errors.New("broker: an item of evidence does not have its hash")
	}
	if err != nil {
		return OpenedEvidence{}, fmt.Errorf("%w (%w)", ledger.Finding{
			Part: ledger.PartRow, Table: "case_evidence", Index: -1, Reason: "an item is not what its entry says",
		}, err)
	}
	return OpenedEvidence{e.Evidence, content, place}, nil
}
