package broker

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
)

// A bundle is all that the log says about a case, its transaction and what was
// disclosed in it, to one recipient: docs/bundle-format.md. That one was made is an
// entry about the case as well, and seals it. Nobody's values are in a bundle; what was
// written about the case is, for whoever may read that.

// CaseBundle is the bundle of a case for one of its sides.
func (b *Broker) CaseBundle(ctx context.Context, c Caller, viewer PartyID, id CaseID) ([]byte, error) {
	return b.bundled(ctx, func(ctx context.Context) (*caseCourse, bundle.Recipient, error) {
		course, err := b.partyCourse(ctx, c, viewer, id, CaseMove{})
		if err != nil {
			return nil, "", err
		}
		if err := course.mayBundle(); err != nil {
			return nil, "", err
		}
		return course, bundle.Recipient(course.side), nil
	})
}

// StaffBundle is one for any recipient, made by who works on the case, or by a lead: it
// opens what the sides have written.
func (b *Broker) StaffBundle(ctx context.Context, s Staff, id CaseID, to bundle.Recipient) ([]byte, error) {
	if !s.handles() {
		return nil, ErrRole
	}
	if !slices.Contains(bundle.Recipients(), to) {
		return nil, ErrUnknownCode.Pointing("/recipient")
	}
	if err := b.trusted(ctx, &s); err != nil {
		return nil, err
	}
	return b.bundled(ctx, func(ctx context.Context) (*caseCourse, bundle.Recipient, error) {
		f, err := b.caseNow(ctx, id)
		if err != nil {
			return nil, "", err
		}
		c := b.caseCourse(f, CaseMove{})
		c.staff, c.actor, c.caller = &s, disputes.ByHandler, Caller{Key: s.Account}
		if err := c.mayBundle(); err != nil {
			return nil, "", err
		}
		return c, to, nil
	})
}

// mayBundle: each side so often; of the staff whoever has the case, and when it is decided,
// over or outside who decided it or leads. What the sides have written is in it.
func (c *caseCourse) mayBundle() error {
	s := c.staff
	if s == nil {
		if c.f.Bundled[c.side] >= mostFiles {
			return ErrTooMany
		}
		return nil
	}
	past := c.r.Decision != nil || !c.r.IsOpen() || c.state == disputes.External
	switch {
	case s.New:
		return accounts.ErrNotYet
	case c.r.Assigned == s.Account, past && (s.leads() || slices.Contains(c.r.Deciders, s.Account)):
		return nil
	}
	return ErrNotAssigned
}

// bundled makes a bundle, and again if the case has moved meanwhile.
func (b *Broker) bundled(ctx context.Context, begin func(context.Context) (*caseCourse, bundle.Recipient, error)) ([]byte, error) {
	return again(ctx, func(ctx context.Context) ([]byte, error) {
		if err := b.sound(); err != nil {
			return nil, err
		}
		c, to, err := begin(ctx)
		if err != nil {
			return nil, err
		}
		g := gathering{caseCourse: c, to: to, askers: map[DisclosureID]PartyID{}}
		file, err := g.bundle(ctx)
		if errors.Is(err, bundle.ErrLarge) {
			err = ErrTooMany.Because(err)
		}
		return file, err
	})
}

// gathering is a bundle on its way.
type gathering struct {
	*caseCourse

	to     bundle.Recipient
	askers map[DisclosureID]PartyID // who asked for what is about the other one
}

func (g *gathering) bundle(ctx context.Context) ([]byte, error) {
	contents, err := g.contents(ctx)
	if err != nil {
		return nil, err
	}
	draft, err := bundle.Make(contents)
	if err != nil {
		return nil, fmt.Errorf("make bundle of %s: %w", g.f.ID, err)
	}
	sealing, err := g.made(ctx, draft)
	if err != nil {
		return nil, err
	}
	item, _, err := g.item(&sealing)
	if err == nil {
		item.Proof, err = g.b.Store.WitnessedProof(ctx, sealing.Index, sealing.Entry)
	}
	if err != nil {
		return nil, err
	}
	file, err := draft.Seal(item)
	if err != nil {
		return nil, fmt.Errorf("seal bundle of %s: %w", g.f.ID, err)
	}
	return file, nil
}

// made writes down that a bundle was made, and which. It is no move: whoever decides on
// the case has nothing to look at again because of it.
func (g *gathering) made(ctx context.Context, d *bundle.Draft) (Recorded, error) {
	sum, members := d.Manifest()
	g.r = g.f.CaseRecord
	g.r.Version++
	g.r.Bundled = countOne(g.r.Bundled, g.side)
	w := &Write{Of: &g.f.Situation, Case: &g.r, Word: g.caller.spends()}
	recipient, madeFor := string(g.to), ""
	if !g.isSide() { // that one was made for a court is no side's to know
		recipient, madeFor = "", recipient
	}
	st := ledger.Statement{Type: ledger.BundleMade, At: g.now, Members: g.whose(append(g.about(),
		ledger.Member{Name: "recipient", Value: recipient}, ledger.Member{Name: "made_for", Value: madeFor}, ledger.Member{Name: "manifest", Value: sum}, ledger.Member{Name: "members", Value: members}))}
	if err := g.seal(w, st); err != nil {
		return Recorded{}, err
	}
	g.r.Chain = g.r.Newest
	place, err := g.b.Store.Commit(ctx, w)
	return Recorded{Index: place.Index, Entry: w.Record.Entry, Statement: st}, err
}

// contents gathers what the recipient may know, with the proofs of it.
func (g *gathering) contents(ctx context.Context) (bundle.Contents, error) {
	none := bundle.Contents{}
	entries, err := g.b.Store.TransactionEntries(ctx, &g.f.Situation.Transaction)
	if err != nil {
		return none, err
	}
	entries = slices.DeleteFunc(entries, func(e Recorded) bool {
		dispute := e.Statement.Members.String("dispute")
		return dispute != "" && dispute != string(g.f.ID)
	})
	texts, err := g.b.caseOpenings(ctx, g.f, entries)
	if err != nil {
		return none, err
	}
	c := bundle.Contents{Case: string(g.f.ID), Recipient: g.to}
	var told []Recorded
	for i := range entries {
		e := &entries[i]
		g.learn(e)
		item, reads, err := g.item(e)
		if err != nil {
			return none, err
		}
		if len(item.Said) == 0 {
			continue
		}
		x := bundle.Item{Item: item}
		if text, written := texts[e.Index]; written && reads {
			x.Text = &text
		}
		c.Items, told = append(c.Items, x), append(told, *e)
	}
	proofs, err := g.b.Store.WitnessedProofs(ctx, told)
	if err != nil {
		return none, err
	}
	for i := range proofs {
		c.Items[i].Proof = proofs[i]
	}
	c.Policies, err = g.policies(ctx, told)
	return c, err
}

// learn notes who has asked for what is about the other one.
func (g *gathering) learn(e *Recorded) {
	m := e.Statement.Members
	if t := e.Statement.Type; t == ledger.DisclosureDecided || t == ledger.DecisionMade {
		g.askers[DisclosureID(m.String("disclosure"))] = PartyID(m.String("requester"))
	}
}

// item is what an entry says to the recipient, and whether that includes its text. A
// side whose key is gone has no part any more.
func (g *gathering) item(e *Recorded) (it ledger.Item, reads bool, err error) {
	entry, err := ledger.ParseEntry(e.Entry)
	if err != nil {
		return it, false, err
	}
	it.Entry = e.Entry
	if g.isSide() && !toldInCase(&e.Statement) {
		return it, false, nil
	}
	for _, a := range entry.Type.Audiences() {
		key := g.b.audience(a, g.keys(e))
		if !g.tells(e, a) || key.IsZero() {
			continue
		}
		content, err := e.Statement.Content(a)
		if err != nil {
			return it, false, err
		}
		it.Said = append(it.Said, ledger.Said{Audience: a, Salt: key.Salt(a.String(), entry.Nonce[:]), Content: content})
		for _, m := range e.Statement.Seen(a) {
			reads = reads || m.Name == "note" && (!g.isSide() || toldText(&e.Statement))
		}
	}
	return it, reads, nil
}

// tells says whether an audience's part is the recipient's. What staff have revealed a
// party learns when it may.
func (g *gathering) tells(e *Recorded, a ledger.Audience) bool {
	asker, subject := g.sides(e)
	own := g.f.Situation.Transaction.party(disputes.Side(g.to))
	switch a {
	case ledger.Parties:
		return true
	case ledger.Staff:
		return g.to == bundle.Staff || g.to == bundle.Court
	case ledger.Requester:
		return g.to == bundle.Court || g.isSide() && asker == own
	case ledger.Subject:
		return g.to == bundle.Court || g.isSide() && subject == own && !timeIn(&e.Statement, "told_at").After(g.at)
	default:
		return false
	}
}

func (g *gathering) isSide() bool { return g.to == bundle.Buyer || g.to == bundle.Seller }

// sides are who asked, and whom an entry is about; empty where it is about neither.
func (g *gathering) sides(e *Recorded) (asker, subject PartyID) {
	t := &g.f.Situation.Transaction
	m := e.Statement.Members
	if e.Statement.Type == ledger.CaseRevealed || e.Statement.Type == ledger.GlassViewed {
		return "", PartyID(m.String("subject"))
	}
	asker = g.askers[DisclosureID(m.String("disclosure"))]
	if role, ok := t.Role(asker); ok {
		subject = t.Other(role)
	}
	return asker, subject
}

func (g *gathering) keys(e *Recorded) keys {
	s := &g.f.Situation
	ks := keys{parties: s.Transaction.Key}
	asker, subject := g.sides(e)
	if role, ok := s.Transaction.Role(asker); ok {
		ks.requester = s.Party(role).Key
	}
	if role, ok := s.Transaction.Role(subject); ok {
		ks.subject = s.Party(role).Key
	}
	return ks
}

// policies are the sets that decided in it.
func (g *gathering) policies(ctx context.Context, entries []Recorded) ([]bundle.Policy, error) {
	var sets []bundle.Policy
	for i := range entries {
		t, version := entries[i].Statement.Type, entries[i].Statement.Members.String("policy")
		if t != ledger.DisclosureDecided && t != ledger.DecisionMade || slices.ContainsFunc(sets, func(p bundle.Policy) bool { return p.Version == version }) {
			continue
		}
		if e := g.b.engine(); e.Version() == version {
			sets = append(sets, bundle.Policy{Version: version, Text: e.Text(), Floor: e.Floor()})
			continue
		}
		p, err := g.b.Store.PolicyByVersion(ctx, version)
		if err != nil {
			return nil, fmt.Errorf("find the policies of entry %d: %w", entries[i].Index, err)
		}
		sets = append(sets, bundle.Policy{Version: version, Text: p.Permits, Floor: p.Floor})
	}
	return sets, nil
}
