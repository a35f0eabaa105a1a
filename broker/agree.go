package broker

import (
	"context"
	"errors"
	"maps"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// TransactionInput is what PUT /v1/transactions/{id} says; defaults are filled in
// by the door.
type TransactionInput struct {
	Transaction // Kind, Buyer, Seller, Currency, Amount, Items, CreatedAt and terms
	Contacts    map[Use]Contact
}

// TransactionView is a transaction as one viewer sees it; without a viewer it
// has no parties' contact at all.
type TransactionView struct {
	ID          TransactionID    `json:"id"`
	Kind        necessity.Kind   `json:"kind"`
	State       string           `json:"state"`
	Disputed    bool             `json:"disputed"`
	Buyer       SideView         `json:"buyer"`
	Seller      SideView         `json:"seller"`
	Amount      Money            `json:"amount"`
	Items       int              `json:"items"`
	CreatedAt   time.Time        `json:"created_at"`
	PromisedAt  time.Time        `json:"promised_at,omitzero"`
	Slot        Slot             `json:"slot,omitzero"`
	Obligations []ObligationView `json:"obligations"`
	Disclosable []Disclosable    `json:"disclosable,omitempty"`
}

// Money is an amount as callers write it.
type Money struct {
	Currency Currency `json:"currency"`
	Value    string   `json:"value"`
}

// SideView is one party of a transaction: its owner sees hints, the other side nothing.
type SideView struct {
	ID      PartyID                  `json:"id"`
	Contact map[masking.Field]string `json:"contact,omitempty"`
}

// Disclosable is what the viewer could ask for now, and what is missing for the rest.
type Disclosable struct {
	Purpose  necessity.Purpose `json:"purpose"`
	Decision string            `json:"decision"`
	Fields   []masking.Field   `json:"fields"`
	Missing  []Missing         `json:"missing"`
}

// PutTransaction registers a transaction, or changes its terms: another amount,
// item count, slot or contact is a new version with an entry.
func (b *Broker) PutTransaction(ctx context.Context, c Caller, id TransactionID, in TransactionInput) (v TransactionView, created bool, err error) {
	v, err = again(ctx, func(ctx context.Context) (TransactionView, error) {
		s, err := b.Store.Situation(ctx, id, in.Buyer, TheirOwn)
		switch {
		case errors.Is(err, ErrNotFound):
			created = true
			s, err = b.newTransaction(ctx, id, in)
		case err == nil:
			created = false
			err = sameTransaction(s, in)
		}
		if err != nil {
			return TransactionView{}, err
		}
		w, err := b.writeTransaction(ctx, c, s, in)
		if err != nil {
			return TransactionView{}, err
		}
		if w != nil {
			if _, err = b.Store.Commit(ctx, w); err != nil {
				return TransactionView{}, err
			}
			s.Transaction = *w.Transaction
		}
		return b.facts(&s.Transaction.Transaction), nil
	})
	return v, created, err
}

func (b *Broker) newTransaction(ctx context.Context, id TransactionID, in TransactionInput) (*Situation, error) {
	if in.Buyer == in.Seller {
		return nil, validation("/seller", ErrSameParty)
	}
	if in.CreatedAt.After(b.now().Add(ahead)) {
		return nil, validation("/created_at", errCreatedAhead)
	}
	s := &Situation{}
	for _, side := range []struct {
		record  *PartyRecord
		id      PartyID
		pointer string
	}{{&s.Buyer, in.Buyer, "/buyer"}, {&s.Seller, in.Seller, "/seller"}} {
		p, _, err := b.Store.Party(ctx, side.id, MasksOnly)
		if errors.Is(err, ErrNotFound) {
			return nil, validation(side.pointer, ErrUnknownParty)
		}
		if err != nil {
			return nil, err
		}
		*side.record = *p
	}
	row, err := b.Store.NewRow(ctx)
	if err != nil {
		return nil, err
	}
	key, err := masking.NewKey(b.Random)
	if err != nil {
		return nil, err
	}
	s.Transaction = TransactionRecord{Row: row, Key: key, Transaction: Transaction{
		ID: id, Kind: in.Kind, Buyer: in.Buyer, Seller: in.Seller, Currency: in.Currency, CreatedAt: in.CreatedAt,
	}}
	return s, nil
}

func sameTransaction(s *Situation, in TransactionInput) error {
	t := &s.Transaction
	if t.Kind != in.Kind || t.Buyer != in.Buyer || t.Seller != in.Seller || t.Currency != in.Currency {
		return ErrImmutable
	}
	return nil
}

// writeTransaction is nil when nothing changes.
func (b *Broker) writeTransaction(ctx context.Context, c Caller, s *Situation, in TransactionInput) (*Write, error) {
	old := &s.Transaction
	next := *old
	next.Version++
	next.apply(in)
	if state := old.State(); old.Version > 0 && (state == "completed" || state == "cancelled") && !old.sameTerms(&next.Transaction) {
		return nil, ErrInvalidTransition.Offering(nil)
	}
	if reduced := overdone(&next.Transaction); reduced != "" {
		return nil, validation(reduced, ErrOverPerformed)
	}
	cards, commitments, err := b.sealContacts(s, &next, in.Contacts)
	if err != nil {
		return nil, err
	}
	if old.Version > 0 && len(cards) == 0 && old.sameTerms(&next.Transaction) && sameContacts(old.Contacts, next.Contacts) {
		return nil, nil //nolint:nilnil // nothing to write is no error, and has no write
	}
	w := &Write{Of: s, ExpectTransaction: old, ExpectParties: []*PartyRecord{&s.Buyer, &s.Seller}, Transaction: &next, Cards: cards}
	var suspended []string
	if old.Version > 0 && !old.sameTerms(&next.Transaction) {
		if suspended, err = b.suspend(ctx, w, s, &next.Transaction, false); err != nil {
			return nil, err
		}
	}
	w.Record, err = b.record(ledger.Statement{Type: ledger.TransactionWritten, At: b.now(), Members: append(
		agreed(&next.Transaction),
		ledger.Member{Name: "version", Value: next.Version}, ledger.Member{Name: "contacts", Value: commitments},
		ledger.Member{Name: "suspended", Value: suspended},
		ledger.Member{Name: "key", Value: c.Key}, ledger.Member{Name: "asserted_by", Value: assertedByPlatform},
	)}, next.Key, keys{parties: next.Key})
	next.Newest = newest(w.Record)
	return w, err
}

// apply takes over the terms; kind, parties, currency and creation stay.
func (t *Transaction) apply(in TransactionInput) {
	t.Amount, t.Items = in.Amount, in.Items
	t.Highest = max(t.Highest, in.Amount)
	t.PromisedAt, t.Slot = in.PromisedAt, in.Slot
	t.Payment, t.Deposit = in.Payment, in.Deposit
	t.TaxInvoice, t.BusinessBuyer = in.TaxInvoice, in.BusinessBuyer
	t.Handover, t.Rental = in.Handover, in.Rental
}

func (t *Transaction) sameTerms(o *Transaction) bool {
	return t.Amount == o.Amount && t.Items == o.Items && t.PromisedAt.Equal(o.PromisedAt) &&
		t.Slot.Start.Equal(o.Slot.Start) && t.Slot.End.Equal(o.Slot.End) && t.Payment == o.Payment &&
		t.Deposit == o.Deposit && t.TaxInvoice == o.TaxInvoice && t.BusinessBuyer == o.BusinessBuyer &&
		t.Handover == o.Handover && t.Rental == o.Rental
}

// overdone points at the term that falls below what has been performed already.
func overdone(t *Transaction) string {
	for _, d := range duties(t.Kind, t.Handover) {
		if t.Totals[d.id].Done > t.due(d) {
			if d.unit == amounts {
				return "/amount/value"
			}
			return "/items"
		}
	}
	for o := range t.Totals {
		if _, ok := t.duty(o); !ok {
			return "/handover"
		}
	}
	return ""
}

func sameContacts(a, b map[Use]Versions) bool {
	return maps.EqualFunc(a, b, func(x, y Versions) bool { return maps.Equal(x, y) })
}

// sealContacts seals a transaction's own contacts, each under its owner's key.
func (b *Broker) sealContacts(s *Situation, next *TransactionRecord, contacts map[Use]Contact) ([]Card, []ledger.Object, error) {
	next.Contacts = maps.Clone(next.Contacts)
	if next.Contacts == nil {
		next.Contacts = map[Use]Versions{}
	}
	parts := map[Side]*Card{}
	var commitments []ledger.Object
	for _, u := range Uses() {
		in, ok := contacts[u]
		if !ok {
			continue
		}
		side := partOf(u.Owner())
		sealed, err := b.seal(sealing{
			owner: next.Row, side: side, label: ContactLabel(next.ID, u), key: s.Party(u.Owner()).Key,
			version: int(next.Version), current: next.Contacts[u], cards: s.Cards, use: u,
		}, in)
		if err != nil {
			return nil, nil, err
		}
		next.Contacts[u] = sealed.current
		commitments = append(commitments, sealed.commitments()...)
		if len(sealed.card.Values) == 0 {
			continue
		}
		if parts[side] == nil {
			parts[side] = &sealed.card
		} else {
			parts[side].Values = append(parts[side].Values, sealed.card.Values...)
		}
	}
	var cards []Card
	for _, side := range slices.Sorted(maps.Keys(parts)) {
		cards = append(cards, *parts[side])
	}
	return cards, commitments, nil
}

// ContactLabel owns the values of one of a transaction's own contacts.
func ContactLabel(id TransactionID, u Use) string {
	return "transaction/" + string(id) + "/" + string(u)
}

// agreed are the members that say what was agreed.
func agreed(t *Transaction) ledger.Object {
	return ledger.Object{
		{Name: "transaction", Value: string(t.ID)},
		{Name: "kind", Value: string(t.Kind)},
		{Name: "buyer", Value: string(t.Buyer)},
		{Name: "seller", Value: string(t.Seller)},
		{Name: "amount", Value: t.Amount.Format(t.Currency.Digits())},
		{Name: "currency", Value: string(t.Currency)},
		{Name: "items", Value: t.Items},
		{Name: "terms", Value: agreedTerms(t)},
	}
}

func agreedTerms(t *Transaction) ledger.Object {
	o := ledger.Object{
		{Name: "payment", Value: string(t.Payment)},
		{Name: "handover", Value: string(t.Handover)},
		{Name: "rental", Value: string(t.Rental)},
		{Name: "tax_invoice", Value: t.TaxInvoice},
		{Name: "business_buyer", Value: t.BusinessBuyer},
		{Name: "created_at", Value: t.CreatedAt},
	}
	if t.Deposit > 0 {
		o = append(o, ledger.Member{Name: "deposit", Value: t.Deposit.Format(t.Currency.Digits())})
	}
	if !t.PromisedAt.IsZero() {
		o = append(o, ledger.Member{Name: "promised_at", Value: t.PromisedAt})
	}
	if !t.Slot.End.IsZero() {
		o = append(o, ledger.Member{Name: "slot", Value: ledger.Object{
			{Name: "start", Value: t.Slot.Start}, {Name: "end", Value: t.Slot.End},
		}})
	}
	return o
}

// facts is the view without a viewer: no contact, nothing disclosable.
func (b *Broker) facts(t *Transaction) TransactionView {
	return TransactionView{
		ID: t.ID, Kind: t.Kind, State: t.State(), Buyer: SideView{ID: t.Buyer}, Seller: SideView{ID: t.Seller},
		Disputed: t.Dispute.Open(), Amount: Money{t.Currency, t.Amount.Format(t.Currency.Digits())}, Items: t.Items, CreatedAt: t.CreatedAt,
		PromisedAt: t.PromisedAt, Slot: t.Slot, Obligations: t.Obligations(),
	}
}

// Transaction is what one side may see of a transaction, or its bare facts when
// viewer is empty. A viewer who is no party sees what is not there.
func (b *Broker) Transaction(ctx context.Context, id TransactionID, viewer PartyID) (TransactionView, error) {
	s, err := b.Store.Situation(ctx, id, viewer, TheirOwn)
	if err != nil {
		return TransactionView{}, err
	}
	v := b.facts(&s.Transaction.Transaction)
	if viewer == "" {
		return v, nil
	}
	role, ok := s.Transaction.Role(viewer)
	if !ok {
		return TransactionView{}, ErrNotFound
	}
	own, err := b.ownMasks(s.Party(role))
	if err != nil {
		return TransactionView{}, err
	}
	peers := nothing()
	if b.PeerMasks {
		if peers, err = b.peerMasks(s.Party(otherRole(role))); err != nil {
			return TransactionView{}, err
		}
	}
	v.Buyer.Contact, v.Seller.Contact = own, peers
	if role == necessity.Seller {
		v.Buyer.Contact, v.Seller.Contact = peers, own
	}
	v.Disclosable = b.disclosable(s, role)
	return v, nil
}

// peerMasks are the hints of the other side, where the operator chose so; what
// is not held looks like what is hidden.
func (b *Broker) peerMasks(p *PartyRecord) (map[masking.Field]string, error) {
	peers := nothing()
	hints, err := b.ownMasks(p)
	maps.Copy(peers, hints)
	return peers, err
}
