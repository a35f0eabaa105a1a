package broker

import (
	"context"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Disclosure is a disclosure without values, for its requester or its subject.
// Without a viewer it is the decision, the grant's state and the place.
func (b *Broker) Disclosure(ctx context.Context, id DisclosureID, viewer PartyID) (DisclosureView, error) {
	f, err := b.Store.Disclosure(ctx, id)
	if err != nil {
		return DisclosureView{}, err
	}
	if viewer != "" && viewer != f.Requester && viewer != f.Subject {
		return DisclosureView{}, ErrNotFound
	}
	vs := []DisclosureView{b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)}
	if vs[0].Bare = viewer == ""; !vs[0].Bare {
		if err := b.seenByStaff(ctx, []Found{*f}, vs, viewer); err != nil {
			return vs[0], err
		}
		err = b.pointToPublic(ctx, &vs[0], &f.Situation)
	}
	return vs[0], err
}

// View opens the values of a live grant once more; each call is an entry.
func (b *Broker) View(ctx context.Context, c Caller, id DisclosureID, viewer PartyID, once *Outcome) (DisclosureView, bool, error) {
	return b.viewed(ctx, c, id, viewer, once, false)
}

// viewed is View; with openings its entry says that what proves the values to others
// is handed out with them.
func (b *Broker) viewed(ctx context.Context, c Caller, id DisclosureID, viewer PartyID, once *Outcome, openings bool) (DisclosureView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (DisclosureView, error) {
		return again(ctx, func(ctx context.Context) (DisclosureView, error) { return b.view(ctx, c, id, viewer, once, openings) })
	}, func(ctx context.Context, o *Outcome) (DisclosureView, error) { return b.replayDisclosure(ctx, o) })
}

func (b *Broker) view(ctx context.Context, c Caller, id DisclosureID, viewer PartyID, once *Outcome, openings bool) (DisclosureView, error) {
	if err := b.sound(); err != nil {
		return DisclosureView{}, err
	}
	f, err := b.Store.Disclosure(ctx, id)
	if err != nil {
		return DisclosureView{}, err
	}
	if viewer != f.Requester {
		return DisclosureView{}, ErrNotFound
	}
	if err := b.enforced(ctx, &f.Situation); err != nil {
		return DisclosureView{}, err
	}
	before := b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)
	if before.State != string(Live) {
		return DisclosureView{}, ErrGone
	}
	g := *f.Grant
	g.ViewsLeft, g.Version = g.ViewsLeft-1, g.Version+1
	w, err := b.writeView(c, f, g, openings)
	if err != nil {
		return DisclosureView{}, err
	}
	w.Once = once.led("view", string(id)+"/"+strconv.Itoa(g.ViewsLeft), w.Record.At)
	subject, _ := f.Situation.Transaction.Role(f.Subject)
	b.chargeReach(w, c, f.Situation.Party(subject).Row)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return DisclosureView{}, b.refuseReach(ctx, c, err)
	}
	v := b.viewDecided(&f.Situation, &f.Decided, f.Grant, place)
	v.ViewsLeft = g.ViewsLeft
	return v, b.open(&v, &f.Situation)
}

func (b *Broker) writeView(c Caller, f *Found, g Grant, openings bool) (*Write, error) {
	role, _ := f.Situation.Transaction.Role(f.Subject)
	// Fields whose value has changed are left out: open does the same.
	probe := DisclosureView{Decided: f.Decided}
	var fields []ledger.Object
	for _, o := range f.Fields {
		if o.Outcome == necessity.Granted && !b.superseded(&probe, &f.Situation, role, o) {
			fields = append(fields, ledger.Object{{Name: "field", Value: string(o.Field)}, {Name: "version", Value: o.Version}})
		}
	}
	st := ledger.Statement{Type: ledger.DisclosureViewed, At: b.now(), Members: ledger.Object{
		{Name: "disclosure", Value: string(f.ID)},
		{Name: "transaction", Value: string(f.Transaction)},
		{Name: "view", Value: f.Views - g.ViewsLeft},
		{Name: "fields", Value: fields},
		{Name: "superseded", Value: names(probe.Superseded)},
		{Name: "asserted_by", Value: c.assertedBy()},
		{Name: "key", Value: c.Key},
	}}
	if openings { // a view without them says nothing of it, as all did from before
		st.Members = append(st.Members, ledger.Member{Name: "openings", Value: true})
	}
	t := &f.Situation.Transaction
	r, err := b.record(st, t.Key, keys{parties: t.Key})
	return &Write{
		Record: r, Openings: openings, ExpectTransaction: t, ExpectParties: []*PartyRecord{&f.Situation.Buyer, &f.Situation.Seller},
		ExpectPolicy: f.Situation.Policy, Grants: []Grant{g}, Word: c.spends(),
	}, err
}

func names(fields []masking.Field) []string {
	ns := make([]string, len(fields))
	for i, f := range fields {
		ns[i] = string(f)
	}
	return ns
}

// RevocationReasons are the codes that a grant can be revoked for.
func RevocationReasons() []string {
	return []string{"no_longer_needed", "subject_objected", "misuse_suspected", "leaked", "mistake", "other"}
}

// Revoke ends a grant for good.
func (b *Broker) Revoke(ctx context.Context, c Caller, id DisclosureID, reason string, once *Outcome) (DisclosureView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (DisclosureView, error) {
		return again(ctx, func(ctx context.Context) (DisclosureView, error) { return b.revoke(ctx, c, id, reason, once) })
	}, func(ctx context.Context, o *Outcome) (DisclosureView, error) {
		v, err := b.Disclosure(ctx, id, "")
		if err == nil {
			v.Place, err = b.Store.Place(ctx, o) // of the revocation, as it was told first
		}
		return v, err
	})
}

func (b *Broker) revoke(ctx context.Context, c Caller, id DisclosureID, reason string, once *Outcome) (DisclosureView, error) {
	f, err := b.Store.Disclosure(ctx, id)
	if err != nil {
		return DisclosureView{}, err
	}
	switch state := b.state(&FoundRequest{Found: *f}, &Request{}); state {
	case Ended, Recalled:
		return DisclosureView{}, ErrGone
	default:
		if _, err := Life.Next(state, Recall, ByMarketplace, nil); err != nil {
			return DisclosureView{}, transition(err)
		}
	}
	t := &f.Situation.Transaction
	r, err := b.record(ledger.Statement{Type: ledger.GrantRevoked, At: b.now(), Members: ledger.Object{
		{Name: "disclosure", Value: string(id)},
		{Name: "transaction", Value: string(t.ID)},
		{Name: "reason", Value: PublicReason(reason)},
		{Name: "cause", Value: reason},
		{Name: "key", Value: c.Key},
	}}, t.Key, keys{parties: t.Key})
	if err != nil {
		return DisclosureView{}, err
	}
	w := &Write{Record: r}
	b.end(w, *f.Grant, Revoked)
	w.Once = once.led("revocation", string(id), r.At)
	place, err := b.Store.Commit(ctx, w)
	if err != nil {
		return DisclosureView{}, err
	}
	v := b.viewDecided(&f.Situation, &f.Decided, &w.Grants[0], place)
	v.Bare = true
	return v, nil
}

// Disclosures lists disclosures without values or fields, newest first.
func (b *Broker) Disclosures(ctx context.Context, filter Filter) ([]DisclosureView, string, error) {
	if _, ok := DisclosureID(filter.After).Bytes(); filter.After != "" && !ok {
		return nil, "", ErrCursor.Pointing("")
	}
	found, next, err := b.Store.Disclosures(ctx, filter)
	if err != nil {
		return nil, "", err
	}
	vs := make([]DisclosureView, len(found))
	for i := range found {
		f := &found[i]
		vs[i] = b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)
		vs[i].Looks = f.Looks
		vs[i].Bare = true
	}
	return vs, next, b.seenByStaff(ctx, found, vs, filter.Subject)
}

// DisclosuresOf lists who got or saw what of a party, newest first.
func (b *Broker) DisclosuresOf(ctx context.Context, subject PartyID, after string, limit int) ([]DisclosureView, string, error) {
	if _, _, err := b.Store.Party(ctx, subject, MasksOnly); err != nil {
		return nil, "", err
	}
	vs, next, err := b.Disclosures(ctx, Filter{Subject: subject, After: after, Limit: limit})
	for i := range vs {
		vs[i].Bare = false
	}
	return vs, next, err
}

// replayDisclosure gives a first outcome again: with values only while the
// grant lives, and for ten minutes; and only those that were decided on then. What a
// later decision gives is another outcome, which takes a view of its own.
func (b *Broker) replayDisclosure(ctx context.Context, o *Outcome) (DisclosureView, error) {
	id, left, viewed := strings.Cut(o.ID, "/")
	f, err := b.Store.Disclosure(ctx, DisclosureID(id))
	if err != nil {
		return DisclosureView{}, err
	}
	v := b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)
	live := v.State == string(Live)
	if viewed {
		live = live && o.Index > f.Place.Index
	} else {
		live = live && o.Index == f.Place.Index
	}
	v.ViewsLeft = f.Views
	if viewed {
		if v.ViewsLeft, err = strconv.Atoi(left); err != nil {
			return DisclosureView{}, err
		}
		if v.Place, err = b.Store.Place(ctx, o); err != nil {
			return DisclosureView{}, err
		}
	} else if f.Revealed {
		v.ViewsLeft--
	}
	if err := b.pointToPublic(ctx, &v, &f.Situation); err != nil {
		return v, err
	}
	if (viewed || f.Revealed) && live && b.now().Sub(o.At) < replayWindow {
		err = b.open(&v, &f.Situation)
	} else if viewed && !live {
		return DisclosureView{}, ErrGone
	}
	return v, err
}

// SortFields puts fields into the order of the API.
func SortFields(fields []masking.Field) {
	order := masking.Fields()
	slices.SortFunc(fields, func(x, y masking.Field) int { return slices.Index(order, x) - slices.Index(order, y) })
}
