package broker

import (
	"context"
	"sync"
	"time"

	"bauta.dev/bauta/broker/merchants"
)

// profiles are public profiles that were shown a moment ago. What is in it is
// public; it spares whoever reads one that others read opening it anew. What this
// broker itself writes about any registration, or about who may ask, empties it.
type profiles struct {
	mu    sync.Mutex
	since uint64 // how often it was emptied
	shown map[MerchantID]shownProfile
}

type shownProfile struct {
	*PublicMerchant

	until time.Time
}

const (
	profileTime  = 2 * time.Second // what another broker ends is shown no longer than that
	mostProfiles = 4096
)

func (p *profiles) find(id MerchantID, now time.Time) (*PublicMerchant, uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if x, ok := p.shown[id]; ok && now.Before(x.until) && x.until.Sub(now) <= profileTime {
		return x.PublicMerchant, p.since
	}
	return nil, p.since
}

// keep holds a profile, unless anything was written since it began to be read.
func (p *profiles) keep(m *PublicMerchant, until time.Time, since uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if since != p.since {
		return
	}
	if p.shown == nil || len(p.shown) >= mostProfiles {
		p.shown = map[MerchantID]shownProfile{}
	}
	p.shown[m.ID] = shownProfile{m, until}
}

func (p *profiles) forget() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.since++
	p.shown = nil
}

// PublicMerchant is the public profile: the version that people approved last, as
// far as the law makes it public, less what its merchant has made private since. What
// is not public now is not there.
func (b *Broker) PublicMerchant(ctx context.Context, id MerchantID) (*PublicMerchant, error) {
	now := b.now()
	m, since := b.profiles.find(id, now)
	if m != nil {
		return m, b.sound()
	}
	f, err := b.Store.MerchantByID(ctx, id)
	if err != nil {
		return nil, err
	}
	r := f.At(now)
	if !r.public(&f.Of.Party) {
		return nil, ErrNotFound
	}
	if m, err = b.profile(ctx, f, &r); err != nil {
		return nil, err
	}
	until := now.Add(profileTime)
	if r.Timer != "" && r.Deadline.Before(until) {
		until = r.Deadline
	}
	b.profiles.keep(m, until, since)
	return m, nil
}

// profile opens what is public of a registration, and nothing else leaves this
// function.
func (b *Broker) profile(ctx context.Context, f *FoundMerchant, r *MerchantRecord) (*PublicMerchant, error) {
	fields, given, err := b.publicFields(ctx, f, r)
	if err != nil {
		return nil, err
	}
	m := &PublicMerchant{
		ID: r.ID, Jurisdiction: r.Jurisdiction, Version: r.Approved, ApprovedAt: r.ApprovedAt, UpdatedAt: r.ShownAt,
	}
	if r.State == merchants.Closing {
		m.Closing, m.ClosesAt, m.UpdatedAt = true, r.StateEnds, r.ClosingAt
	}
	if m.Entry, err = b.Store.MerchantEntry(ctx, r, r.ApprovedStep); err != nil {
		return nil, err
	}
	for _, x := range fields {
		check := r.checkOf(x.Pointer)
		m.Fields = append(m.Fields, PublicMerchantField{x, check.Source, check.Method, check.At})
		if x.Pointer == merchants.PointerType {
			m.Type = given
		}
	}
	return m, nil
}

// publicFields also says what the merchant was when it was approved.
func (b *Broker) publicFields(ctx context.Context, f *FoundMerchant, r *MerchantRecord) ([]merchants.PublicField, merchants.Type, error) {
	v, err := b.Store.MerchantVersion(ctx, r, r.Approved)
	if err != nil {
		return nil, "", err
	}
	pack, err := b.packNamed(v.Assessed.Pack)
	if err != nil {
		return nil, "", err
	}
	given, err := b.openVersion(f, v)
	if err != nil {
		return nil, "", err
	}
	given.Facts = r.ApprovedFor
	fields := pack.Public(given, v.Assessed)
	today, err := b.Packs.For(r.Jurisdiction, b.now())
	if err != nil {
		return nil, "", err
	}
	if today != pack {
		fields = today.Still(given, fields)
	}
	return f.Of.guarded(r.unhidden(fields)), given.Type, nil
}

func (b *Broker) packNamed(name string) (*merchants.Pack, error) {
	if b.Packs == nil {
		return nil, ErrNoMerchants
	}
	return b.Packs.Named(name)
}

// checkOf is how a field of the approved version was verified.
func (r *MerchantRecord) checkOf(p merchants.Pointer) FieldCheck {
	var rest FieldCheck
	for _, x := range r.Checks {
		if x.Pointer == p {
			return x
		}
		if x.Pointer == "" {
			rest = x
		}
	}
	return rest
}
