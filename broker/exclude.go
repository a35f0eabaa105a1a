package broker

import (
	"context"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
)

// Who passes on what was revealed to them loses, at once, every grant and every
// right to ask (clause 2b). It takes one entry, however many grants there are:
// each decision and each look compares with the requester's own facts, and a
// commit that was decided on older ones is stale. What the party had is then ended
// in its rows, and told, one after the other: tidy.go.

// ExclusionReasons are the codes that a party can be excluded for. They are
// given before or at the exclusion, never after it.
func ExclusionReasons() []string {
	return []string{"passed_on", "sold", "collected", "contacted_without_need", "false_performance", "agreement_ended", "other"}
}

// ExclusionInput is what PUT /v1/parties/{id}/exclusion says. The statement is
// for the party and is kept sealed under its key.
type ExclusionInput struct {
	Reason    string
	Statement masking.Text
}

// ExclusionView is how a party stands.
type ExclusionView struct {
	ID         PartyID
	ExcludedAt time.Time // zero: not excluded
	Lift       *Proposal // that it may ask again, until a second person has looked
}

// excluded parties are refused whatever they ask for.
func (p *Party) excluded() bool { return !p.ExcludedAt.IsZero() }

// lost says whether what was decided for a party at a time is gone for good. A
// reinstated party asks anew: what it held before stays ended.
func (p *Party) lost(decidedAt time.Time) bool {
	return p.excluded() || !p.ReinstatedAt.IsZero() && !decidedAt.After(p.ReinstatedAt)
}

func (s *Situation) lost(d *Decided) bool {
	role, _ := s.Transaction.Role(d.Requester)
	return s.Party(role).lost(d.At)
}

// refuseAll is the decision on whatever an excluded party asks for. It learns
// that it is not available; staff see why.
func refuseAll(asked []masking.Field, bits necessity.Bits) conclusion {
	c := conclusion{decision: "refused", bits: bits, internal: []string{"requester_excluded"}}
	for _, f := range asked {
		c.fields = append(c.fields, FieldOutcome{Field: f, Outcome: necessity.Withheld, Reason: necessity.NotAvailable})
	}
	c.reasons = []Reason{{Code: necessity.NotAvailable, Detail: plain.Detail(necessity.NotAvailable)}}
	return c
}

// Exclude ends every grant of a party and its right to ask. Who is excluded
// already stays so, with the reason that was given first.
func (b *Broker) Exclude(ctx context.Context, c Caller, id PartyID, in ExclusionInput) (ExclusionView, error) {
	return again(ctx, func(ctx context.Context) (ExclusionView, error) {
		p, _, err := b.Store.Party(ctx, id, MasksOnly)
		if err != nil || p.excluded() {
			return viewStanding(p), err
		}
		if _, err = Standing.Next(p.standing(), Exclude, ByMarketplace, nil); err != nil {
			return ExclusionView{}, transition(err)
		}
		next := *p
		next.Version, next.UpdatedAt = p.Version+1, b.now()
		next.ExcludedAt, next.Lift = next.UpdatedAt, nil
		w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next, Timers: []Timer{{Kind: Tidying, Transaction: p.Row, DueAt: next.UpdatedAt}}}
		return b.writeStanding(ctx, w, &next, "excluded", in, ledger.Member{Name: "key", Value: c.Key})
	})
}

// writeStanding commits what has become of a party's right to ask.
func (b *Broker) writeStanding(ctx context.Context, w *Write, next *PartyRecord, standing string, in ExclusionInput, by ledger.Member) (ExclusionView, error) {
	st := ledger.Statement{Type: ledger.PartyExcluded, At: next.UpdatedAt, Members: ledger.Object{
		{Name: "party", Value: string(next.ID)}, {Name: "standing", Value: standing}, {Name: "reason", Value: in.Reason}, by,
	}}
	err := b.statement(w, &st, next, in.Statement)
	if err != nil {
		return ExclusionView{}, err
	}
	if w.Record, err = b.record(st, next.Key, keys{subject: next.Key}); err != nil {
		return ExclusionView{}, err
	}
	next.Newest = newest(w.Record)
	_, err = b.commitMerchant(ctx, w) // it may be one, and then it is public no longer
	return viewStanding(next), err
}

func viewStanding(p *PartyRecord) ExclusionView {
	if p == nil {
		return ExclusionView{}
	}
	return ExclusionView{p.ID, p.ExcludedAt, p.Lift}
}

// statement commits to the statement of reasons and keeps it sealed for the party.
func (b *Broker) statement(w *Write, st *ledger.Statement, p *PartyRecord, text masking.Text) error {
	if text.IsZero() {
		return nil
	}
	l := masking.Label{Origin: b.Origin, Owner: PartyLabel(p.ID), Field: "note", Version: int(p.Version)}
	sealed, err := masking.SealValue(p.Key, l, masking.Value{Text: text}, b.Random)
	if err != nil {
		return err
	}
	w.Note = &SealedValue{Label: l, Sealed: sealed}
	st.Members = append(st.Members, ledger.Member{Name: "note", Value: encode(sealed.Commitment)})
	return nil
}
