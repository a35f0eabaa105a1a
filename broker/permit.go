package broker

import (
	"context"
	"slices"
)

// mostDealings is how many of a party's transactions are looked at for whom it
// deals with.
const mostDealings = 500

// Counterparties are the other sides of a party's newest transactions, each once and
// the newest first: whom it can permit something on its own page.
func (b *Broker) Counterparties(ctx context.Context, id PartyID) ([]PartyID, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return nil, err
	}
	ts, err := b.Store.TransactionsOf(ctx, p.Row, 0, mostDealings)
	if err != nil {
		return nil, err
	}
	var others []PartyID
	for i := range ts {
		other := ts[i].Buyer
		if other == id {
			other = ts[i].Seller
		}
		if !slices.Contains(others, other) {
			others = append(others, other)
		}
	}
	return others, nil
}
