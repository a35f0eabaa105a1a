package postgres_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/lib/pq"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// outlaw is an adversary in a house as it is.
func outlaw(t *testing.T, h *house) *adversary {
	t.Helper()
	a := adversaryOf(t, h)
	a.sql(t, `SET session_replication_role = replica`)
	return a
}

func adversaryOf(t *testing.T, h *house) *adversary {
	t.Helper()
	connector, err := pq.NewConnector(h.db.Owner)
	if err != nil {
		t.Fatal(err)
	}
	a := &adversary{house: h, db: sql.OpenDB(connector)}
	a.db.SetMaxOpenConns(1)
	t.Cleanup(func() { _ = a.db.Close() })
	return a
}

// ransacked is a house where everything has happened, and the adversary in it.
// The schema "old" holds the rows as they were before anything was taken back.
func ransacked(t *testing.T) *adversary {
	t.Helper()
	a := outlaw(t, newHouse(t))
	a.begin(t)
	a.leave(t)
	a.hire(t)
	a.open(t)
	a.quarrel(t)
	a.emergency(t)
	a.keep(t, "old")
	a.cool(t)
	a.goOn(t)
	a.judge(t)
	a.settle(t)
	a.promote(t)
	a.fill(t)
	if err := a.found(t, ""); err != nil {
		t.Fatalf("before anything was changed: %v", err)
	}
	a.unbind(t)
	a.keep(t, "kept")
	return a
}

// unbind takes every constraint away; of these tables, where some are named.
func (a *adversary) unbind(t *testing.T, tables ...string) {
	t.Helper()
	for _, c := range a.list(t, `SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint
		WHERE connamespace IN ('public'::regnamespace, 'keys'::regnamespace) ORDER BY contype = 'p'`) {
		if len(tables) > 0 && !slices.Contains(tables, c[0]) {
			continue
		}
		a.sql(t, fmt.Sprintf(`ALTER TABLE %s DROP CONSTRAINT IF EXISTS %s CASCADE`, c[0], c[1]))
	}
}

// begin is the first half: grants are live, nothing is closed or taken back.
func (a *adversary) begin(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	a.Budgets = &budget.Limits{Requests: 500, Waiting: 50, Person: 3, Floor: 50, FloorDay: 500}
	a.order(t, "t-1")
	for _, id := range []string{"t-1", "t-2", "t-3"} {
		_, _, err := a.PutTransaction(ctx, market, broker.TransactionID(id), broker.TransactionInput{
			Transaction: broker.Transaction{
				Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
				CreatedAt: noon.Add(-time.Hour), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
			},
			Contacts: map[broker.Use]broker.Contact{broker.UseDelivery: {Values: map[masking.Field]masking.Value{
				masking.Phone: {Text: masking.NewText("+5587991935111")},
			}}},
		})
		if err != nil {
			t.Fatal(err)
		}
		a.perform(t, broker.TransactionID(id), broker.Pay, "221.65", "card/1")
		a.perform(t, broker.TransactionID(id), broker.Accept, "1", "stock")
	}
	for _, k := range []string{"one", "two"} {
		if err := a.CreateKey(ctx, broker.APIKey{ID: k, Scopes: []string{"audit"}, Secret: []byte("secret")}); err != nil {
			t.Fatal(err)
		}
	}
	for _, k := range []string{"dry", "run"} {
		c := a.signed("s-1", k)
		if _, _, err := a.Foresee(ctx, c, broker.DisclosureInput{Transaction: "t-1", Requester: "s-1", Purpose: necessity.Deliver}, a.NewOutcome(c, "disclose", k, nil)); err != nil {
			t.Fatal(err)
		}
	}
	for i, id := range []broker.TransactionID{"t-1", "t-2", "t-3"} {
		if _, _, err := a.Disclose(ctx, a.signed("s-1", string(id)), broker.DisclosureInput{
			Transaction: id, Requester: "s-1", Purpose: necessity.Deliver, Reveal: i > 0, Note: masking.NewText("the blue door"),
		}, a.NewOutcome(market, "disclose", string(id), nil)); err != nil {
			t.Fatal(err)
		}
	}
}

// consents gives two, and withdraws one.
func (a *adversary) consents(t *testing.T) {
	t.Helper()
	for i, p := range []necessity.Purpose{necessity.Deliver, necessity.Settle} {
		_, _, err := a.GiveConsent(context.Background(), a.signed("b-1", string(p)), "b-1", broker.Consent{
			Purpose: p, Recipient: "s-1", Fields: []masking.Field{masking.Phone}, Locale: "pt-BR", ExpiresAt: noon.AddDate(0, i+1, 0),
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := a.WithdrawConsent(context.Background(), a.signed("b-1", "withdrawal"), "b-1", necessity.Deliver, "s-1"); err != nil {
		t.Fatal(err)
	}
}

// leave leaves two requests to people, about somebody whose data only they give out.
func (a *adversary) leave(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	if _, _, err := a.PutParty(ctx, market, "b-2", giovana()); err != nil {
		t.Fatal(err)
	}
	if err := a.SetFlags(ctx, market, "b-2", []broker.Flag{broker.AtRisk}); err != nil {
		t.Fatal(err)
	}
	for _, id := range []broker.TransactionID{"t-4", "t-5"} {
		_, _, err := a.PutTransaction(ctx, market, id, broker.TransactionInput{Transaction: broker.Transaction{
			Kind: necessity.ShippedGoods, Buyer: "b-2", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
			CreatedAt: noon.Add(-time.Hour), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
		}})
		if err != nil {
			t.Fatal(err)
		}
		a.perform(t, id, broker.Pay, "221.65", "card/1")
		a.perform(t, id, broker.Accept, "1", "stock")
		_, _, err = a.Disclose(ctx, market, broker.DisclosureInput{Transaction: id, Requester: "s-1", Purpose: necessity.Deliver},
			a.NewOutcome(market, "disclose", string(id), nil))
		if err != nil {
			t.Fatal(err)
		}
		a.lookInto(t, id)
	}
}

// lookInto lets a handler open the phone of whom a request is about.
func (a *adversary) lookInto(t *testing.T, id broker.TransactionID) {
	t.Helper()
	ctx := context.Background()
	open, _, err := a.OpenRequests(ctx, hanna, broker.RequestFilter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range open {
		if r.Disclosure.Transaction != id {
			continue
		}
		a.does(t, hanna, r.Disclosure.ID, broker.Move{Event: broker.Take})
		g := broker.Glance{Purpose: "decide_request", Reason: "identity_unclear", Fields: []masking.Field{masking.Phone}}
		if v, _, err := a.Look(ctx, hanna, r.Disclosure.ID, g, a.NewOutcome(market, "look", string(id), nil)); err != nil || len(v.Values) != 1 {
			t.Fatalf("%d values, %v", len(v.Values), err)
		}
	}
}

// answer takes one of them, and denies the other. A third request that waits is
// one beyond a budget.
func (a *adversary) answer(t *testing.T) {
	t.Helper()
	open, _, err := a.OpenRequests(context.Background(), hanna, broker.RequestFilter{Limit: 10})
	if err != nil || len(open) != 3 {
		t.Fatalf("%d are open, %v", len(open), err)
	}
	for _, r := range open {
		if r.Disclosure.Transaction != "t-4" && r.Disclosure.Transaction != "t-5" {
			continue
		}
		a.does(t, hanna, r.Disclosure.ID, broker.Move{Event: broker.Take})
		if r.Disclosure.Transaction == "t-5" {
			a.does(t, hanna, r.Disclosure.ID, broker.Move{Event: broker.Deny, Reason: "safety"})
		}
	}
}

// goOn views one grant, revokes another, and takes back what a third rests on.
func (a *adversary) goOn(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	grants, _, err := a.Disclosures(ctx, broker.Filter{Limit: 10})
	if err != nil {
		t.Fatal(err)
	}
	for _, g := range grants {
		switch g.Transaction {
		case "t-4", "t-5": // left to people
		case "t-1":
			for i := range 2 {
				a.at(noon.Add(time.Duration(i+1) * time.Minute))
				_, _, err = a.View(ctx, market, g.ID, "s-1", nil)
				if err != nil {
					t.Fatal(err)
				}
			}
			_, _, err = a.View(ctx, market, g.ID, "s-1", a.NewOutcome(market, "view", "1", nil))
		case "t-2":
			_, _, err = a.Revoke(ctx, market, g.ID, "mistake", a.NewOutcome(market, "revoke", "1", nil))
		default:
			_, _, err = a.Reverse(ctx, platform, g.Transaction, broker.PerformanceInput{
				Obligation: broker.Pay, Done: "221.65", PerformedAt: a.clock(), Reference: "chargeback/1",
			}, a.NewOutcome(platform, "reverse", "1", nil))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	// One more than Giovana's day allows: it waits for a person, and is noted.
	if v := a.ask(t, "t-1", "s-1", necessity.Deliver); v.Decision != "pending" {
		t.Fatalf("past the budget: %s", v.Decision)
	}
	a.answer(t)
	if _, err := a.Exclude(ctx, market, "s-1", broker.ExclusionInput{Reason: "passed_on", Statement: masking.NewText("the blue door was sold")}); err != nil {
		t.Fatal(err)
	}
	a.tidy(t)
	_, _, closed := a.Cancel(ctx, market, "t-2", broker.CloseInput{Reason: "other", Note: masking.NewText("no blue door")}, a.NewOutcome(market, "cancel", "1", nil))
	one, unread := a.store.FindAPIKey(ctx, "one")
	if err := errors.Join(closed, unread, a.SetFlags(ctx, market, "b-1", []broker.Flag{broker.Restricted})); err != nil {
		t.Fatal(err)
	}
	if err := a.RevokeKey(ctx, *one); err != nil {
		t.Fatal(err)
	}
	a.consents(t)
	a.visit(t)
	// Another set is in force, one was proposed, and one withdrawn.
	for _, set := range []*necessity.Engine{permitting(t, "closed+30d"), a.Engine, permitting(t, "closed+60d")} {
		if _, err := a.Offer(ctx, set); err != nil {
			t.Fatal(err)
		}
	}
	if err := a.WithdrawPolicy(ctx, broker.Operator(), permitting(t, "closed+60d").Version()); err != nil {
		t.Fatal(err)
	}
}

// tidy has the broker look after a grant that was revoked, as its timer does. It has
// not got to what the excluded party had.
func (a *adversary) tidy(t *testing.T) {
	t.Helper()
	due, err := a.store.TakeTimers(t.Context(), []broker.TimerKind{broker.Tidying}, 10, time.Minute)
	if err != nil || len(due) == 0 {
		t.Fatalf("%d timers are due: %v", len(due), err)
	}
	for i := range due {
		if due[i].Notice.Disclosure == "" {
			continue
		}
		if again, err := a.Tidy(t.Context(), due[i].Timer()); err != nil || !again.IsZero() {
			t.Fatal(again, err)
		}
	}
}

// visit opens one party's page, and leaves another link unspent.
func (a *adversary) visit(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	link, _, err := a.MakeLink(ctx, market, "b-1", nil)
	_, _, unspent := a.MakeLink(ctx, market, "b-1", nil)
	_, _, opened := a.OpenPage(ctx, link.Token.Reveal())
	if err := errors.Join(err, unspent, opened); err != nil {
		t.Fatal(err)
	}
}

// fill makes the log longer than a tile.
func (a *adversary) fill(t *testing.T) {
	t.Helper()
	var wait sync.WaitGroup
	for i := range 256 {
		wait.Go(func() {
			if _, _, err := a.PutParty(context.Background(), market, broker.PartyID(fmt.Sprintf("m-%d", i)), broker.PartyInput{Kind: broker.Merchant}); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
}
