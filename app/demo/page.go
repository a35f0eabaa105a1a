package demo

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// said is what came of an action: for one side, or for the page when role is empty.
type said struct {
	role   necessity.Role
	answer *pages.Answer
	opened *broker.DisclosureView
	entry  int64 // its entry; none when negative
}

// silent is a page without an action before it.
func silent() said { return said{entry: -1} }

// firstSight draws an order from both sides. Each side's part comes from the
// broker as that side would get it: nothing here decides who may see what.
func (m *demo) firstSight(ctx context.Context, id broker.TransactionID, s said) (pages.FirstSight, error) {
	p := pages.FirstSight{Shell: pages.Shell{Title: "One order, seen from both sides", Demonstration: true}}
	facts, err := m.order(ctx, id)
	if err != nil {
		return p, err
	}
	disclosures, _, err := m.Broker.Disclosures(ctx, broker.Filter{Transaction: id, Limit: 100})
	if err != nil {
		return p, err
	}
	once, err := m.nonce()
	if err != nil {
		return p, err
	}
	for _, x := range []struct {
		role necessity.Role
		pane *pages.Pane
	}{{necessity.Buyer, &p.Buyer}, {necessity.Seller, &p.Seller}} {
		one := side{role: x.role, once: once}
		if s.role == x.role {
			one.answer, one.opened = s.answer, s.opened
		}
		if *x.pane, err = m.paneOf(ctx, one, facts, disclosures); err != nil {
			return p, err
		}
	}
	if s.role == "" {
		p.Notice = s.answer
	}
	if p.Ledger, err = m.ledger(ctx, s.entry); err != nil {
		return p, err
	}
	if s.answer != nil && s.entry >= 0 {
		s.answer.Entry = m.link(ctx, s.entry)
	}
	newest, err := m.newest(ctx)
	if err != nil {
		return p, err
	}
	p.Order, p.Orders = orderOf(facts, disclosures), links(newest, id)
	return p, nil
}

func (m *demo) paneOf(ctx context.Context, s side, facts broker.TransactionView, disclosures []broker.DisclosureView) (pages.Pane, error) {
	id := partyOf(facts, s.role).ID
	var err error
	if s.view, err = m.Broker.Transaction(ctx, facts.ID, id); err != nil {
		return pages.Pane{}, err
	}
	if s.party, err = m.Broker.Party(ctx, id); err != nil {
		return pages.Pane{}, err
	}
	for _, d := range disclosures {
		if d.Requester == id {
			s.disclosures = append(s.disclosures, d)
		}
	}
	return s.pane(), nil
}

// order finds an order of the demonstration. Any other transaction of this
// deployment is not there.
func (m *demo) order(ctx context.Context, id broker.TransactionID) (broker.TransactionView, error) {
	if !masking.ValidID(string(id)) {
		return broker.TransactionView{}, broker.ErrNotFound
	}
	v, err := m.Broker.Transaction(ctx, id, "")
	if err == nil && !strings.HasPrefix(string(v.Buyer.ID), partyPrefix) {
		err = broker.ErrNotFound
	}
	return v, err
}

// nonce makes a form that is sent twice happen once.
func (m *demo) nonce() (string, error) {
	var raw [12]byte
	if _, err := io.ReadFull(m.Broker.Random, raw[:]); err != nil {
		return "", fmt.Errorf("make nonce: %w", err)
	}
	return hex.EncodeToString(raw[:]), nil
}

func orderOf(v broker.TransactionView, ds []broker.DisclosureView) pages.Order {
	items := "1 item"
	if v.Items != 1 {
		items = fmt.Sprintf("%d items", v.Items)
	}
	return pages.Order{
		ID: string(v.ID), Kind: kindWords(v.Kind), Amount: v.Amount.Value + " " + string(v.Amount.Currency), Items: items,
		Payment: paymentWords(paymentOf(v.ID)), State: v.State, StateWords: plain(v.State), Story: story(v, ds),
	}
}

// story says in two sentences what is happening.
func story(v broker.TransactionView, ds []broker.DisclosureView) string {
	state := func(s broker.GrantState) bool {
		return slices.ContainsFunc(ds, func(d broker.DisclosureView) bool { return d.State == string(s) })
	}
	switch {
	case v.State == "cancelled":
		return "This order was cancelled, so it discloses nothing any more, to either side. What was decided before stays in the ledger."
	case state(broker.Live):
		return "A grant is live: whoever holds it may view its fields until it expires, and each view is an entry. Take back the performance that it rests on, and it is suspended in the same commit."
	case state(broker.Suspended):
		return "A performance was taken back, and the grant that rested on it is suspended. Performing again does not wake it: that needs a new request."
	case v.State == "completed":
		return "This order is completed. A few purposes stay possible for as long as somebody needs them, an invoice or a return, and everything else is closed."
	case v.State == "open":
		return "Nobody has performed anything yet, so whoever asks is refused and told what is missing. Let the buyer pay or the seller accept, and ask again."
	}
	return "A part has been performed, and the platform has attested it. What each side could learn now stands under “could ask now”; nothing opens until somebody asks."
}

// shownEntries is how much of the ledger stands under an order.
const shownEntries = 10

func (m *demo) ledger(ctx context.Context, fresh int64) (pages.Ledger, error) {
	head, err := m.Ledger.Head(ctx)
	if errors.Is(err, broker.ErrNotFound) {
		return pages.Ledger{}, nil // nothing has happened yet
	}
	if err != nil {
		return pages.Ledger{}, err
	}
	p := pages.Ledger{Size: head.Size, Root: hex.EncodeToString(head.Root[:])}
	from := max(0, head.Size-shownEntries)
	leaves, err := m.Ledger.Entries(ctx, from, head.Size)
	if err != nil {
		return pages.Ledger{}, err
	}
	for i, leaf := range slices.Backward(leaves) {
		e, err := entryOf(from+int64(i), leaf)
		if err != nil {
			return pages.Ledger{}, err
		}
		e.Fresh = e.Index == fresh
		p.Entries = append(p.Entries, e)
	}
	return p, nil
}

func entryOf(index int64, leaf []byte) (pages.Entry, error) {
	e, err := ledger.ParseEntry(leaf)
	if err != nil {
		return pages.Entry{}, err
	}
	p := pages.Entry{
		Index: index, Type: entryWords(e.Type), Leaf: leafHash(leaf),
		Hour: time.Unix(int64(e.Hour)*3600, 0).UTC().Format("2 Jan 2006, 15 h UTC"),
	}
	for _, a := range e.Type.Audiences() {
		p.Audiences = append(p.Audiences, a.String())
	}
	return p, nil
}

// leafHash is that of RFC 6962.
func leafHash(leaf []byte) string {
	h := sha256.Sum256(append([]byte{0}, leaf...))
	return hex.EncodeToString(h[:])
}

// link is nil where an entry of that index cannot be shown.
func (m *demo) link(ctx context.Context, index int64) *pages.EntryLink {
	leaves, err := m.Ledger.Entries(ctx, index, index+1)
	if err != nil || len(leaves) != 1 {
		return nil
	}
	return &pages.EntryLink{Index: index, Leaf: leafHash(leaves[0])}
}
