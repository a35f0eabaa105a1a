package broker

import (
	"context"
	"time"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// OwnMerchant is a registration as its party has it: all that was ever given, what
// happened to it, and who looked at it.
type OwnMerchant struct {
	MerchantView

	Versions []OwnRegistration // the newest first
	Events   []OwnMerchantEvent
}

// OwnRegistration is one version, opened.
type OwnRegistration struct {
	Version int
	At      time.Time
	*merchants.Registration
}

// OwnMerchantEvent is an entry about a registration, as its party may read it.
type OwnMerchantEvent struct {
	Index    int64
	At       time.Time
	What     string // the type of the entry
	State    states.State
	By       states.Actor
	Role     string // of who opened something: the merchant, or staff
	Purpose  string // what staff did it for
	Reason   string
	Version  int
	Document int
}

// sealedMerchant is what that is made of, before anything of it is opened.
type sealedMerchant struct {
	f        FoundMerchant
	view     MerchantView
	versions []*MerchantVersion
	entries  []Recorded
}

func (b *Broker) sealedMerchants(ctx context.Context, p *PartyRecord) ([]sealedMerchant, error) {
	records, err := b.Store.MerchantsOf(ctx, p.Row)
	if err != nil {
		return nil, err
	}
	var all []sealedMerchant
	for i := range records {
		s := sealedMerchant{f: FoundMerchant{records[i], *p}}
		if s.view, err = b.viewMerchant(ctx, &s.f); err != nil {
			return nil, err
		}
		for n := records[i].Given; n > 0 && records[i].State != merchants.Erased; n-- {
			v, err := b.Store.MerchantVersion(ctx, &records[i], n)
			if err != nil {
				return nil, err
			}
			s.versions = append(s.versions, v)
		}
		if s.entries, err = b.Store.MerchantEntries(ctx, &s.f); err != nil {
			return nil, err
		}
		all = append(all, s)
	}
	return all, nil
}

// ownMerchant opens a registration for the party whose it is.
func (b *Broker) ownMerchant(s *sealedMerchant) (OwnMerchant, error) {
	m := OwnMerchant{MerchantView: s.view}
	for _, v := range s.versions {
		r, err := b.openVersion(&s.f, v)
		if err != nil {
			return m, err
		}
		m.Versions = append(m.Versions, OwnRegistration{v.Version, v.At, r})
	}
	for i := range s.entries {
		r := &s.entries[i]
		about := r.Statement.Members
		if amongStaff(states.Event(about.String("event"))) {
			continue // nothing has happened that the merchant is told
		}
		m.Events = append(m.Events, OwnMerchantEvent{
			Index: r.Index, At: r.Statement.At, What: r.Statement.Type.String(), State: states.State(about.String("state")),
			By: merchantActor(states.Actor(about.String("by"))), Role: merchantRole(about.String("role")), Purpose: about.String("purpose"), Reason: about.String("told"),
			Version: int(about.Int("version")), Document: int(about.Int("document")),
		})
	}
	return m, nil
}
