package broker

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"slices"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// mostViews bounds the views in a receipt: those of a grant that nobody stretched.
const mostViews = 20

// Receipt gives one side of a disclosure what it may show to anybody: the entry of
// the decision and those of its newest views, oldest first; of each its place under
// a checkpoint that witnesses have cosigned, if any have, and what it says to this
// side, with the salts that prove it. The other side's part is not in it, nor is the staff's or
// the auditor's, nor any value. To everybody else there is no such disclosure.
func (b *Broker) Receipt(ctx context.Context, id DisclosureID, viewer PartyID) (ledger.Receipt, error) {
	f, err := b.Store.Disclosure(ctx, id)
	if err != nil {
		return ledger.Receipt{}, err
	}
	switch viewer {
	case f.Requester:
		return b.receipt(ctx, f, ledger.Requester)
	case f.Subject:
		return b.receipt(ctx, f, ledger.Subject)
	default:
		return ledger.Receipt{}, ErrNotFound
	}
}

func (b *Broker) receipt(ctx context.Context, f *Found, side ledger.Audience) (ledger.Receipt, error) {
	views, err := b.Store.Recorded(ctx, &f.Situation.Transaction, f.viewed())
	if err != nil {
		return ledger.Receipt{}, fmt.Errorf("write receipt of %s: %w", f.ID, err)
	}
	for i := range views {
		if st := &views[i].Statement; st.Type != ledger.DisclosureViewed || st.Members.String("disclosure") != string(f.ID) {
			return ledger.Receipt{}, fmt.Errorf("write receipt of %s: entry %d is no view of it", f.ID, views[i].Index)
		}
	}
	var r ledger.Receipt
	for _, e := range append([]Recorded{{f.Place.Index, f.Entry, f.Statement}}, views...) {
		item, err := f.item(e, side)
		if err == nil {
			item.Proof, err = b.Store.WitnessedProof(ctx, e.Index, e.Entry)
		}
		if err != nil {
			return ledger.Receipt{}, fmt.Errorf("write receipt of %s: %w", f.ID, err)
		}
		r.Items = append(r.Items, item)
	}
	return r, nil
}

// Recorded is an entry as it stands in the log, and all that it says.
type Recorded struct {
	Index     int64
	Entry     []byte
	Statement ledger.Statement
}

// viewed are the indexes of the newest views. That the answer was the first one is
// said by the decision itself.
func (f *Found) viewed() []int64 {
	var all []int64
	for _, look := range f.Looks {
		if look.Index != f.Place.Index {
			all = append(all, look.Index)
		}
	}
	return all[max(0, len(all)-mostViews):]
}

// Openings gives the requester the receipt together with what proves the values
// that the decision granted. It reveals them, so it is a view: an entry before
// anything is opened, which says that openings were handed out, one view less, ErrGone once the grant has ended, and
// ErrNotFound for everybody else. A value that has changed since is left out, and
// a replay that no longer shows values opens none.
func (b *Broker) Openings(ctx context.Context, c Caller, id DisclosureID, viewer PartyID, once *Outcome) (ledger.Receipt, []masking.Opening, bool, error) {
	v, replayed, err := b.viewed(ctx, c, id, viewer, once, true)
	if err != nil {
		return ledger.Receipt{}, nil, false, err
	}
	f, err := b.Store.Disclosure(ctx, id)
	if err != nil {
		return ledger.Receipt{}, nil, false, err
	}
	r, err := b.receipt(ctx, f, ledger.Requester)
	if err != nil {
		return ledger.Receipt{}, nil, false, err
	}
	var opened []masking.Opening
	for _, o := range f.Fields {
		if _, shown := v.Values[o.Field]; !shown || o.Outcome != necessity.Granted {
			continue
		}
		x, found, err := b.opening(f, o)
		if err != nil {
			return ledger.Receipt{}, nil, false, fmt.Errorf("open %s of disclosure %s: %w", o.Field, id, err)
		}
		if found {
			opened = append(opened, x)
		}
	}
	slices.SortFunc(opened, func(x, y masking.Opening) int { return cmp.Compare(x.Label.Field, y.Label.Field) })
	return r, opened, replayed, nil
}

// opening opens the very version that a decision committed to; false if it has
// gone since.
func (b *Broker) opening(f *Found, o FieldOutcome) (masking.Opening, bool, error) {
	role, _ := f.Situation.Transaction.Role(f.Subject)
	for _, card := range f.Situation.Cards {
		for _, v := range card.Values {
			if v.Label.Field == o.Field && bytes.Equal(v.Sealed.Commitment, o.Commitment) {
				x, err := b.openValue(f.Situation.Party(role).Key, &v)
				return x, err == nil, err
			}
		}
	}
	return masking.Opening{}, false, nil
}

// item is what an entry about the disclosure says to both sides and to one of them.
func (f *Found) item(e Recorded, side ledger.Audience) (ledger.Item, error) {
	entry, err := ledger.ParseEntry(e.Entry)
	if err != nil {
		return ledger.Item{}, err
	}
	it := ledger.Item{Entry: e.Entry}
	for _, a := range entry.Type.Audiences() {
		if a != ledger.Parties && a != side {
			continue
		}
		key := f.key(a)
		if key.IsZero() {
			return ledger.Item{}, fmt.Errorf("no key for audience %s", a)
		}
		content, err := e.Statement.Content(a)
		if err != nil {
			return ledger.Item{}, err
		}
		it.Said = append(it.Said, ledger.Said{Audience: a, Salt: key.Salt(a.String(), entry.Nonce[:]), Content: content})
	}
	return it, nil
}

// key is that of an audience to which the sides of a disclosure belong.
func (f *Found) key(a ledger.Audience) masking.Key {
	s := &f.Situation
	role, ok := s.Transaction.Role(f.Requester)
	if !ok {
		return masking.Key{}
	}
	switch a {
	case ledger.Parties:
		return s.Transaction.Key
	case ledger.Requester:
		return s.Party(role).Key
	case ledger.Subject:
		return s.Party(otherRole(role)).Key
	default:
		return masking.Key{}
	}
}
