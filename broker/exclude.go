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
// commit that was decided on older ones is stale. It lists the newest grants that
// it ended, and has them told; where there are more, entries behind it do so with
// the others. Nothing about a grant can hold the exclusion itself up.

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

// mostEnded is how many grants of an excluded party are looked at for one entry.
const mostEnded = 500

// Exclude ends every grant of a party and its right to ask. Who is excluded
// already stays so, with the reason that was given first; grants that an earlier
// call did not get to are ended in their rows now.
func (b *Broker) Exclude(ctx context.Context, c Caller, id PartyID, in ExclusionInput) (ExclusionView, error) {
	v, err := b.stand(ctx, c, id, in, true)
	for after, more := "", true; more && err == nil; more = after != "" {
		after, err = b.endRest(ctx, c, id, after)
	}
	return v, err
}

// Reinstate lets a party ask again. Its ended grants stay ended.
func (b *Broker) Reinstate(ctx context.Context, c Caller, id PartyID) (ExclusionView, error) {
	return b.stand(ctx, c, id, ExclusionInput{}, false)
}

func (b *Broker) stand(ctx context.Context, c Caller, id PartyID, in ExclusionInput, excluded bool) (ExclusionView, error) {
	lists := excluded
	return again(ctx, func(ctx context.Context) (ExclusionView, error) {
		p, _, err := b.Store.Party(ctx, id, MasksOnly)
		if err != nil || p.excluded() == excluded {
			return ExclusionView{id, at(p)}, err
		}
		next := *p
		next.Version, next.UpdatedAt = p.Version+1, b.now()
		next.ExcludedAt, next.ReinstatedAt = time.Time{}, next.UpdatedAt
		w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next}
		var ended []string
		if excluded {
			next.ExcludedAt, next.ReinstatedAt = next.UpdatedAt, p.ReinstatedAt
		}
		if lists { // once: a grant that is looked at meanwhile, or can't be read, is left to endRest
			lists = false
			ended, _, _ = b.endGrantsOf(ctx, w, id, "")
		}
		return ExclusionView{id, next.ExcludedAt}, b.writeStanding(ctx, c, w, in, ended)
	})
}

// endRest ends a page of the grants that a party was excluded with and that its
// entry does not list: nobody makes new ones. It gives where the next page begins.
func (b *Broker) endRest(ctx context.Context, c Caller, id PartyID, after string) (string, error) {
	return again(ctx, func(ctx context.Context) (string, error) {
		p, _, err := b.Store.Party(ctx, id, MasksOnly)
		if err != nil || !p.excluded() {
			return "", err
		}
		next := *p
		next.Version, next.UpdatedAt = p.Version+1, b.now()
		w := &Write{ExpectParties: []*PartyRecord{p}, Party: &next}
		ended, more, err := b.endGrantsOf(ctx, w, id, after)
		if err != nil || len(ended) == 0 {
			return more, err
		}
		return more, b.writeStanding(ctx, c, w, ExclusionInput{}, ended)
	})
}

// endGrantsOf revokes a page of a requester's grants, but for those that had ended
// before it was excluded.
func (b *Broker) endGrantsOf(ctx context.Context, w *Write, id PartyID, after string) (ids []string, more string, err error) {
	live, more, err := b.Store.Disclosures(ctx, Filter{Requester: id, Live: true, After: after, Limit: mostEnded})
	for i := range live {
		d, before := &live[i].Decided, &live[i].Situation
		role, _ := before.Transaction.Role(id)
		before.Party(role).ExcludedAt = time.Time{}
		if !before.lost(d) && !b.over(d, before) {
			ids = append(ids, w.end(*live[i].Grant, Revoked))
		}
	}
	return ids, more, err
}

// writeStanding commits how a party stands, and which grants that ended.
func (b *Broker) writeStanding(ctx context.Context, c Caller, w *Write, in ExclusionInput, ended []string) error {
	next, standing := w.Party, "reinstated"
	if next.excluded() {
		standing = "excluded"
	}
	st := ledger.Statement{Type: ledger.PartyExcluded, At: next.UpdatedAt, Members: ledger.Object{
		{Name: "party", Value: string(next.ID)}, {Name: "standing", Value: standing}, {Name: "reason", Value: in.Reason},
		{Name: "ended", Value: ended}, {Name: "key", Value: c.Key},
	}}
	err := b.statement(w, &st, next, in.Statement)
	if err != nil {
		return err
	}
	if w.Record, err = b.record(st, next.Key, keys{subject: next.Key}); err != nil {
		return err
	}
	next.Newest = newest(w.Record)
	_, err = b.Store.Commit(ctx, w)
	return err
}

func at(p *PartyRecord) time.Time {
	if p == nil {
		return time.Time{}
	}
	return p.ExcludedAt
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
