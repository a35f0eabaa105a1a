package imports_test

import (
	"context"
	"errors"
	"math"
	"os"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// mostReplayed bounds the transactions of a replay: of a larger marketplace
// they are taken evenly.
const mostReplayed = 800

// TestReplay lives a marketplace through again, event by event, through the
// broker's own calls, with the clock at each event's own time.
func TestReplay(t *testing.T) {
	t.Parallel()
	h, files := newHouse(t), olist(t)
	h.decides(t)
	parties, past := map[string]map[string]string{}, map[string][]map[string]string{}
	for _, p := range read(t, files.Parties) {
		parties[p["party_id"]] = p
	}
	for _, p := range read(t, files.Performances) {
		past[p["transaction_id"]] = append(past[p["transaction_id"]], p)
	}
	lives := make(chan *life)
	var work sync.WaitGroup
	var seen counts
	for range 24 { // each has a clock of its own; commits are shared
		work.Go(func() {
			for l := range lives {
				l.live()
				seen.add(l)
			}
		})
	}
	for i, row := range sample(read(t, files.Transactions), past) {
		l := &life{t: t, row: row, buyer: parties[row["buyer_id"]], seller: parties[row["seller_id"]], id: broker.TransactionID("r-" + strconv.Itoa(i))}
		l.past = slices.Clone(past[row["transaction_id"]])
		slices.SortStableFunc(l.past, func(a, b map[string]string) int { return at(t, a["performed_at"]).Compare(at(t, b["performed_at"])) })
		deps := h.Deps
		deps.Now = func() time.Time { return l.now }
		l.Broker = broker.New(deps)
		lives <- l
	}
	close(lives)
	work.Wait()
	t.Logf("replayed %+v", seen.n)
	for name, n := range map[string]int{
		"grants": seen.n.granted, "part payments": seen.n.partPaid, "payments below the floor": seen.n.belowFloor,
		"part shipments": seen.n.partShipped, "cancelled": seen.n.cancelled, "never paid": seen.n.unpaid, "expired": seen.n.expired,
	} {
		if n == 0 && (name != "payments below the floor" || os.Getenv("BAUTA_OLIST") == "") { // of which the real ones have none
			t.Errorf("the replay had no %s: it has not shown what it is for", name)
		}
	}
	h.checkLog(t)
}

// sample takes transactions evenly, and all that were paid or shipped in parts.
func sample(rows []map[string]string, past map[string][]map[string]string) []map[string]string {
	every := len(rows)/mostReplayed + 1
	var taken []map[string]string
	for i, row := range rows {
		if i%every == 0 || len(past[row["transaction_id"]]) > 4 {
			taken = append(taken, row)
		}
	}
	return taken
}

func at(tb testing.TB, s string) time.Time {
	tb.Helper()
	when, err := time.Parse(time.RFC3339, s)
	if err != nil {
		tb.Error(err)
	}
	return when
}

// counts say what a replay has come across.
type counts struct {
	mu sync.Mutex
	n  struct{ transactions, granted, partPaid, belowFloor, partShipped, cancelled, unpaid, expired int }
}

func (c *counts) add(l *life) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n.transactions++
	for to, is := range map[*int]bool{
		&c.n.granted: l.grant != "", &c.n.partPaid: l.partPaid, &c.n.belowFloor: l.belowFloor, &c.n.partShipped: l.partShipped,
		&c.n.cancelled: l.row["state"] == "cancelled", &c.n.unpaid: l.paid == 0, &c.n.expired: l.expired,
	} {
		if is {
			*to++
		}
	}
}

// life is one transaction from its beginning to its end, with a plain account
// of what has been done beside the broker's.
type life struct {
	*broker.Broker
	t                  *testing.T
	now                time.Time
	id                 broker.TransactionID
	row, buyer, seller map[string]string
	past               []map[string]string

	amount, paid, items, delivered int
	accepted                       bool
	deliveredAt                    time.Time
	grant                          broker.DisclosureID

	partPaid, belowFloor, partShipped, expired bool
}

func (l *life) live() {
	l.now = at(l.t, l.row["created_at"])
	l.amount, l.items = cents(l.row["amount"]), count(l.row["items"])
	l.register(l.buyer)
	l.register(l.seller)
	l.agree()
	l.nothing("before performance", true)
	for _, p := range l.past {
		l.perform(p)
		switch open := l.paid == l.amount && l.accepted && (l.deliveredAt.IsZero() || l.now.Before(l.deliveredAt.AddDate(0, 0, 14))); {
		case open && l.grant == "":
			l.ask()
		case !open && l.grant == "":
			l.nothing("before it is paid and accepted", l.paid*10 < l.amount)
		}
	}
	l.end()
}

func cents(s string) int {
	f, err := strconv.ParseFloat(s, 64)
	if err != nil {
		return -1
	}
	return int(math.Round(f * 100))
}

func count(s string) int {
	n, err := strconv.Atoi(s)
	if err != nil {
		return -1
	}
	return n
}

func (l *life) register(p map[string]string) {
	in := broker.PartyInput{
		Kind: broker.PartyKind(p["kind"]), Locale: p["locale"], Residency: p["country"], Source: broker.Source{Kind: "registration"},
		Contact: broker.Contact{Values: map[masking.Field]masking.Value{
			masking.Name: {Text: masking.NewText(p["name"])}, masking.Email: {Text: masking.NewText(p["email"])},
			masking.Phone: {Text: masking.NewText(p["phone"])}, masking.FullAddress: {Address: address(p)},
		}},
	}
	if _, _, err := l.PutParty(context.Background(), market1, broker.PartyID(p["party_id"]), in); err != nil {
		l.t.Errorf("register %s: %v", p["party_id"], err)
	}
}

var (
	market1  = broker.Caller{Key: "k-market"}
	platform = broker.Caller{Key: "k-pay", Source: "payment"}
)

func address(p map[string]string) masking.Address {
	return masking.Address{
		Street: masking.NewText(p["street"]), City: masking.NewText(p["city"]), Region: masking.NewText(p["region"]),
		PostalCode: masking.NewText(p["postal_code"]), Country: p["country"],
	}
}

func (l *life) agree() {
	_, _, err := l.PutTransaction(context.Background(), market1, l.id, broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.Kind(l.row["kind"]), Buyer: broker.PartyID(l.row["buyer_id"]), Seller: broker.PartyID(l.row["seller_id"]),
		Currency: broker.Currency(l.row["currency"]), Amount: broker.Quantity(l.amount), Items: l.items, CreatedAt: l.now,
		Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		l.t.Errorf("agree on %s: %v", l.id, err)
	}
}

func (l *life) perform(p map[string]string) {
	l.now = at(l.t, p["performed_at"])
	_, _, err := l.Perform(context.Background(), platform, l.id, broker.PerformanceInput{
		Obligation: broker.Obligation(p["obligation"]), Done: p["done"], PerformedAt: l.now, Reference: p["reference"],
	}, nil)
	if err != nil {
		l.t.Errorf("%s of %s: %v", p["obligation"], l.id, err)
	}
	switch p["obligation"] {
	case "pay":
		l.paid += cents(p["done"])
		l.partPaid = l.partPaid || l.paid < l.amount
		l.belowFloor = l.belowFloor || l.paid*10 < l.amount
	case "accept":
		l.accepted = true
	case "ship":
		l.partShipped = l.partShipped || count(p["done"]) < l.items
	case "deliver":
		if l.delivered += count(p["done"]); l.delivered == l.items {
			l.deliveredAt = l.now
		}
	}
}

// nothing can be asked for by the seller, nor, where neither side has anything
// to show, by the buyer.
func (l *life) nothing(when string, buyerToo bool) {
	sides := []struct{ who, purpose string }{{l.row["seller_id"], "deliver"}}
	if buyerToo {
		sides = append(sides, struct{ who, purpose string }{l.row["buyer_id"], "delay"})
		for _, viewer := range []string{l.row["buyer_id"], l.row["seller_id"]} {
			v, err := l.Transaction(context.Background(), l.id, broker.PartyID(viewer))
			if err != nil {
				l.t.Errorf("view %s: %v", l.id, err)
			}
			for _, d := range v.Disclosable {
				if d.Decision != "refused" || len(d.Fields) > 0 {
					l.t.Errorf("%s of %s: %s could ask %s: %s %v", when, l.id, viewer, d.Purpose, d.Decision, d.Fields)
				}
			}
		}
	}
	for _, side := range sides {
		d := l.disclose(broker.PartyID(side.who), necessity.Purpose(side.purpose))
		if d.Decision != "refused" || len(d.Values) > 0 || d.State != "" {
			l.t.Errorf("%s of %s: %s by %s is %s", when, l.id, side.purpose, side.who, d.Decision)
		}
	}
}

func (l *life) disclose(who broker.PartyID, p necessity.Purpose) broker.DisclosureView {
	d, _, err := l.Disclose(context.Background(), market1, broker.DisclosureInput{Transaction: l.id, Requester: who, Purpose: p, Reveal: true}, nil)
	if err != nil {
		l.t.Errorf("disclose %s: %v", l.id, err)
	}
	return d
}

// ask is the seller's, once paid and accepted: name, address, phone, and never
// the e-mail.
func (l *life) ask() {
	d := l.disclose(broker.PartyID(l.row["seller_id"]), necessity.Deliver)
	if d.Decision != "granted" {
		l.t.Errorf("paid and accepted %s: %s %v", l.id, d.Decision, d.Reasons)
		return
	}
	l.grant = d.ID
	name, phone, where := d.Values[masking.Name].Text, d.Values[masking.Phone].Text, d.Values[masking.FullAddress]
	if len(d.Values) != 3 || name.Reveal() != l.buyer["name"] || phone.Reveal() != l.buyer["phone"] ||
		string(where.Canonical()) != string(masking.Value{Address: address(l.buyer)}.Canonical()) {
		l.t.Errorf("deliver of %s opens %d values, want exactly this buyer's name, address and phone", l.id, len(d.Values))
	}
	email, _, err := l.Disclose(context.Background(), market1, broker.DisclosureInput{
		Transaction: l.id, Requester: broker.PartyID(l.row["seller_id"]), Purpose: necessity.Deliver, Fields: []masking.Field{masking.Email}, Reveal: true,
	}, nil)
	if err != nil || email.Decision != "refused" || len(email.Values) > 0 {
		l.t.Errorf("the e-mail for %s: %s, %v", l.id, email.Decision, err)
	}
}

// end: the grant lives until 14 days after delivery, and no longer than the
// transaction when that is cancelled.
func (l *life) end() {
	if l.row["state"] == "cancelled" {
		if _, _, err := l.Cancel(context.Background(), market1, l.id, broker.CloseInput{Reason: "agreed"}, nil); err != nil {
			l.t.Errorf("cancel %s: %v", l.id, err)
		}
		l.nothing("after the end", true)
		l.view(false)
		return
	}
	if l.deliveredAt.IsZero() {
		return
	}
	gone := l.deliveredAt.AddDate(0, 0, 14)
	l.now = gone.Add(-time.Second)
	l.view(true)
	l.now = gone
	l.view(false)
	l.expired = l.grant != ""
}

func (l *life) view(lives bool) {
	if l.grant == "" {
		return
	}
	_, _, err := l.View(context.Background(), market1, l.grant, broker.PartyID(l.row["seller_id"]), nil)
	if lives && err != nil || !lives && !errors.Is(err, broker.ErrGone) {
		l.t.Errorf("view the grant of %s: %v, want it live: %t", l.id, err, lives)
	}
}
