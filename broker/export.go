package broker

import (
	"context"
	"errors"
	"fmt"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// mostExported bounds how much of each list one export has, the newest first.
const mostExported = 2000

const exportPage = 100

// Export is everything that is held of a party, and who got or saw it: nothing of
// anybody else but ids. What the staff have noted about its safety is not in it.
type Export struct {
	At           time.Time
	Party        PartyView
	Values       map[masking.Field]masking.Value
	Consents     []Consent
	About        []Told // disclosures of this party's data
	Requests     []Told // disclosures that it asked for
	Transactions []OwnTransaction
	More         bool // there is more than an export holds
}

// Told is a disclosure with where it stands.
type Told struct {
	DisclosureView
	Standing  states.State
	Allowed   []states.Event // what this party could do
	Objection string         // why this party objected, if it did
}

// OwnTransaction is a transaction as one side has it: its own contacts in it, and
// of the other side no more than the id.
type OwnTransaction struct {
	*Transaction

	Role     necessity.Role
	Contacts map[Use]map[masking.Field]masking.Value
}

// ToldOf lists who got or saw what of a party, and where each stands.
func (b *Broker) ToldOf(ctx context.Context, id PartyID, after string, limit int) ([]Told, string, error) {
	return b.told(ctx, id, Filter{Subject: id, After: after, Limit: limit})
}

func (b *Broker) told(ctx context.Context, id PartyID, f Filter) ([]Told, string, error) {
	vs, next, err := b.Disclosures(ctx, f)
	if err != nil {
		return nil, "", err
	}
	all := make([]Told, len(vs))
	for i := range vs {
		vs[i].Bare = false
		s, err := b.StandingOf(ctx, vs[i].ID, id)
		if err != nil {
			return nil, "", err
		}
		all[i] = Told{DisclosureView: vs[i], Standing: s.State, Allowed: s.Allowed}
		if vs[i].Subject == id {
			all[i].Objection = s.Request.Objection
		}
	}
	return all, next, nil
}

// Export writes down that a party's data leaves, and only then opens it. It goes
// on the party's own word alone.
func (b *Broker) Export(ctx context.Context, c Caller, id PartyID) (*Export, error) {
	if !c.speaksFor(id) {
		return nil, ErrNoVisit
	}
	return again(ctx, func(ctx context.Context) (*Export, error) { return b.export(ctx, c, id) })
}

func (b *Broker) export(ctx context.Context, c Caller, id PartyID) (*Export, error) {
	p, cards, err := b.Store.Party(ctx, id, Complete)
	if err != nil {
		return nil, err
	}
	x := &Export{At: b.now()}
	if x.Party, err = b.viewParty(p); err != nil {
		return nil, err
	}
	if x.Consents, err = b.Consents(ctx, id); err != nil {
		return nil, err
	}
	var more [2]bool
	if x.About, more[0], err = b.allTold(ctx, id, Filter{Subject: id}); err != nil {
		return nil, err
	}
	if x.Requests, more[1], err = b.allTold(ctx, id, Filter{Requester: id}); err != nil {
		return nil, err
	}
	found, err := b.Store.TransactionsOf(ctx, p.Row, 0, mostExported+1)
	if err != nil {
		return nil, err
	}
	x.More = more[0] || more[1] || len(found) > mostExported
	found = found[:min(len(found), mostExported)]
	w, err := b.accessed(p, accessExported, c.Key, x.At, x.At)
	if err != nil {
		return nil, err
	}
	w.Word = c.spends()
	if _, err = b.Store.Commit(ctx, w); err != nil {
		return nil, err
	}
	x.Values, err = openVersions(p.Key, cards, PartysOwn, Own, p.Values)
	for i := 0; err == nil && i < len(found); i++ {
		var t OwnTransaction
		t, err = b.ownTransaction(ctx, id, &found[i])
		x.Transactions = append(x.Transactions, t)
	}
	return x, err
}

// allTold reads every page of a list, up to what an export holds.
func (b *Broker) allTold(ctx context.Context, id PartyID, f Filter) (all []Told, more bool, err error) {
	for f.Limit = exportPage; len(all) < mostExported; {
		page, next, err := b.told(ctx, id, f)
		if err != nil {
			return nil, false, err
		}
		all = append(all, page...)
		if next == "" {
			return all, false, nil
		}
		f.After = next
	}
	return all, true, nil
}

// ownTransaction opens the contacts that are this party's own part of a transaction.
func (b *Broker) ownTransaction(ctx context.Context, id PartyID, r *TransactionRecord) (OwnTransaction, error) {
	role, ok := r.Role(id)
	if !ok {
		return OwnTransaction{}, errors.New("broker: a party's list has a transaction of others")
	}
	t := OwnTransaction{Transaction: &r.Transaction, Role: role, Contacts: map[Use]map[masking.Field]masking.Value{}}
	side := BuyersPart
	if role == necessity.Seller {
		side = SellersPart
	}
	var s *Situation
	for use, versions := range r.Contacts {
		if use.Owner() != role {
			continue
		}
		if s == nil {
			var err error
			if s, err = b.Store.Situation(ctx, r.ID, id, TheirOwn); err != nil {
				return t, err
			}
		}
		opened, err := openVersions(s.Party(role).Key, s.Cards, side, use, versions)
		if err != nil {
			return t, err
		}
		t.Contacts[use] = opened
	}
	return t, nil
}

// openVersions opens the current values of one contact.
func openVersions(k masking.Key, cards []Card, side Side, u Use, vs Versions) (map[masking.Field]masking.Value, error) {
	opened := make(map[masking.Field]masking.Value, len(vs))
	for f, version := range vs {
		sealed, ok := find(cards, side, u, f, version)
		if !ok {
			return nil, fmt.Errorf("open %s: version %d is not there", f, version)
		}
		v, _, err := masking.OpenValue(k, sealed.Label, sealed.Sealed)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", f, err)
		}
		opened[f] = v
	}
	return opened, nil
}
