package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
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
	History      PartyHistory
	About        []Told // disclosures of this party's data
	Requests     []Told // disclosures that it asked for
	Transactions []OwnTransaction
	Merchants    []OwnMerchant
	Cases        []OwnCase
	CaseLooks    []CaseLook // of the staff, at this party's values
	More         bool       // there is more than an export holds
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

	Role      necessity.Role
	Contacts  map[Use]map[masking.Field]masking.Value
	Earlier   []EarlierContact // that others have taken the place of, the newest first
	Performed []OwnPerformance
}

// EarlierContact is what one of a transaction's own contacts was before.
type EarlierContact struct {
	Use    Use
	Values map[masking.Field]masking.Value
}

// OwnPerformance is a part of a performance, or of one that was taken back, as it
// was recorded.
type OwnPerformance struct {
	Performance

	Done string // the quantity, as callers write it
}

// ExportStore is what an export needs of a store.
type ExportStore interface {
	// Written reads the entries about a party itself, the newest first.
	Written(ctx context.Context, p *PartyRecord, limit int) ([]Recorded, error)
	// Statements are the sealed statements of reasons that go with entries, by
	// their indexes: what there is of them.
	Statements(ctx context.Context, indexes []int64) (map[int64][]byte, error)
	// CardsOf are all cards that a party has ever given: its own, and its part of
	// these transactions, the newest first.
	CardsOf(ctx context.Context, p *PartyRecord, ts []TransactionRecord) ([]Card, error)
	// PerformancesOf lists what was recorded for transactions, by their rows. The
	// references are not there any more.
	PerformancesOf(ctx context.Context, ts []TransactionRecord) (map[Row][]Performance, error)
}

// ToldOf lists who got or saw what of a party, and where each stands.
func (b *Broker) ToldOf(ctx context.Context, id PartyID, after string, limit int) ([]Told, string, error) {
	return b.told(ctx, id, Filter{Subject: id, After: after, Limit: limit})
}

func (b *Broker) told(ctx context.Context, id PartyID, f Filter) ([]Told, string, error) {
	if _, ok := DisclosureID(f.After).Bytes(); f.After != "" && !ok {
		return nil, "", ErrCursor.Pointing("")
	}
	found, next, err := b.Store.Disclosures(ctx, f)
	if err != nil {
		return nil, "", err
	}
	records, err := b.Store.RecordsOf(ctx, found)
	if err != nil {
		return nil, "", err
	}
	all, vs := make([]Told, len(found)), make([]DisclosureView, len(found))
	for i := range found {
		x := FoundRequest{Found: found[i], Request: records[found[i].ID]}
		side, err := actor{party: id}.of(&x)
		if err != nil {
			return nil, "", err
		}
		v := b.viewRequest(&x, side, false, nil)
		vs[i], all[i] = v.Disclosure, Told{Standing: v.State, Allowed: v.Allowed}
		vs[i].Looks = x.Looks
		if x.Subject == id {
			all[i].Objection = v.Request.Objection
			if v.Request.Contested && all[i].Objection == "safety" { // more than that it can't say
				all[i].Allowed = slices.DeleteFunc(all[i].Allowed, func(e states.Event) bool { return e == Object })
			}
		}
	}
	if err := b.seenByStaff(ctx, found, vs, id); err != nil {
		return nil, "", err
	}
	for i := range vs {
		all[i].DisclosureView = vs[i]
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

// sealedExport is what an export is made of, before anything of it is opened.
type sealedExport struct {
	party        *PartyRecord
	written      []Recorded
	statements   map[int64][]byte
	cards        []Card
	transactions []TransactionRecord
	performed    map[Row][]Performance
	merchants    []sealedMerchant
}

func (b *Broker) export(ctx context.Context, c Caller, id PartyID) (*Export, error) {
	if err := b.sound(); err != nil {
		return nil, err
	}
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return nil, err
	}
	x := &Export{At: b.now()}
	if x.Party, err = b.viewParty(p); err != nil {
		return nil, err
	}
	x.Consents = p.inForce(x.At)
	var more [2]bool
	if x.About, more[0], err = b.allTold(ctx, id, Filter{Subject: id}); err != nil {
		return nil, err
	}
	if x.Requests, more[1], err = b.allTold(ctx, id, Filter{Requester: id}); err != nil {
		return nil, err
	}
	sealed, cut, err := b.sealedOf(ctx, p)
	if err != nil {
		return nil, err
	}
	x.More = more[0] || more[1] || cut
	w, err := b.accessed(p, accessExported, c.Key, x.At, x.At)
	if err != nil {
		return nil, err
	}
	w.Word = c.spends()
	if _, err = b.Store.Commit(ctx, w); err != nil {
		return nil, err
	}
	if x.Cases, err = b.ownCases(ctx, p); err != nil {
		return nil, err
	}
	if x.CaseLooks, err = b.LooksInCases(ctx, id); err != nil {
		return nil, err
	}
	return x, b.unseal(x, sealed)
}

// sealedOf reads what an export opens later; cut says that there is more of it.
func (b *Broker) sealedOf(ctx context.Context, p *PartyRecord) (*sealedExport, bool, error) {
	s := &sealedExport{party: p}
	var err error
	if s.written, err = b.Store.Written(ctx, p, mostExported+1); err != nil {
		return nil, false, err
	}
	if s.transactions, err = b.Store.TransactionsOf(ctx, p.Row, 0, mostExported+1); err != nil {
		return nil, false, err
	}
	cut := len(s.written) > mostExported || len(s.transactions) > mostExported
	s.written = s.written[:min(len(s.written), mostExported)]
	s.transactions = s.transactions[:min(len(s.transactions), mostExported)]
	if s.statements, err = b.Store.Statements(ctx, exclusionsIn(s.written)); err != nil {
		return nil, false, err
	}
	if s.cards, err = b.Store.CardsOf(ctx, p, s.transactions); err != nil {
		return nil, false, err
	}
	if s.performed, err = b.Store.PerformancesOf(ctx, s.transactions); err != nil {
		return nil, false, err
	}
	s.merchants, err = b.sealedMerchants(ctx, p)
	return s, cut, err
}

// unseal opens values: the entry that says so is committed.
func (b *Broker) unseal(x *Export, s *sealedExport) (err error) {
	if x.Values, err = b.openVersions(s.party.Key, s.cards, PartysOwn, Own, s.party.Values); err != nil {
		return err
	}
	if x.History, err = b.history(s, x.At); err != nil {
		return err
	}
	for i := range s.transactions {
		t, err := b.ownTransaction(s, &s.transactions[i])
		if err != nil {
			return err
		}
		x.Transactions = append(x.Transactions, t)
	}
	for i := range s.merchants {
		m, err := b.ownMerchant(&s.merchants[i])
		if err != nil {
			return err
		}
		x.Merchants = append(x.Merchants, m)
	}
	return nil
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
func (b *Broker) ownTransaction(s *sealedExport, r *TransactionRecord) (OwnTransaction, error) {
	role, ok := r.Role(s.party.ID)
	if !ok {
		return OwnTransaction{}, errors.New("broker: a party's list has a transaction of others")
	}
	t := OwnTransaction{
		Transaction: &r.Transaction, Role: role, Contacts: map[Use]map[masking.Field]masking.Value{},
	}
	for _, p := range s.performed[r.Row] {
		t.Performed = append(t.Performed, OwnPerformance{p, p.Quantity.Format(r.digitsOf(p.Obligation))})
	}
	cards := slices.DeleteFunc(slices.Clone(s.cards), func(c Card) bool { return c.Owner != r.Row })
	for use, versions := range r.Contacts {
		if use.Owner() != role {
			continue
		}
		opened, err := b.openVersions(s.party.Key, cards, partOf(role), use, versions)
		if err != nil {
			return t, err
		}
		t.Contacts[use] = opened
	}
	var err error
	t.Earlier, err = b.earlierContacts(s.party.Key, cards, r)
	return t, err
}

// earlierContacts opens what a side's contacts in a transaction were before.
func (b *Broker) earlierContacts(k masking.Key, cards []Card, r *TransactionRecord) (all []EarlierContact, err error) {
	for i := range cards {
		for _, use := range Uses() {
			earlier := Versions{}
			for _, v := range cards[i].Values {
				if v.Use == use && r.Contacts[use][v.Label.Field] != cards[i].Version {
					earlier[v.Label.Field] = cards[i].Version
				}
			}
			if len(earlier) == 0 {
				continue
			}
			opened, err := b.openVersions(k, cards[i:i+1], cards[i].Side, use, earlier)
			if err != nil {
				return nil, err
			}
			all = append(all, EarlierContact{use, opened})
		}
	}
	return all, nil
}

// partOf is a side's part of a transaction's contacts.
func partOf(r necessity.Role) Side {
	if r == necessity.Seller {
		return SellersPart
	}
	return BuyersPart
}

// openVersions opens the values of one contact in these versions.
func (b *Broker) openVersions(k masking.Key, cards []Card, side Side, u Use, vs Versions) (map[masking.Field]masking.Value, error) {
	opened := make(map[masking.Field]masking.Value, len(vs))
	for f, version := range vs {
		sealed, ok := find(cards, side, u, f, version)
		if !ok {
			return nil, ledger.Finding{Part: ledger.PartRow, Table: "cards", Index: -1, Reason: "the " + string(f) + " that the row names is not there"}
		}
		o, err := b.openValue(k, &sealed)
		if err != nil {
			return nil, fmt.Errorf("open %s: %w", f, err)
		}
		opened[f] = o.Value()
	}
	return opened, nil
}
