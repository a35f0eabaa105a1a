package stories

import (
	"strings"
	"testing"
	"time"
)

// Own contacts of transactions.
const (
	dock = `,"contacts":{"delivery":{"name":"Beatriz Dockmestre","email":"doca7@example.com","phone":"+5581933334444",
"address":{"street":"Cais do Apolo, 222","city":"Recife","region":"PE","country":"BR"},"instructions":"portão azul"},
"invoice":{"name":"Beatriz Dockmestre","email":"contas-a-pagar@example.com","address":{"street":"Rua do Bom Jesus, 1","city":"Recife","country":"BR"}}}`
	point = `,"contacts":{"pickup":{"address":{"street":"Rua do Bom Jesus, 1","city":"Recife","country":"BR"}}}`
	slot  = `,"slot":{"start":"2026-03-10T15:00:00Z","end":"2026-03-10T16:00:00Z"}`
	stay  = `,"slot":{"start":"2026-03-10T15:00:00Z","end":"2026-03-12T10:00:00Z"}`
)

// step is one line of a kind's story: what the platform has seen before it,
// the time that it has become, a request, and what comes of it.
type step struct {
	seen string    // "pay 10, accept 1"
	at   time.Time // zero: it stays as it is
	ask  string    // "s-1 deliver name email"
	opens,
	refused string // codes, or "pending"
	withheld string // "email not_necessary"
}

// kinds has at least one grant and one refusal for each kind, by the matrix.
var kinds = []struct {
	deal  deal
	steps []step
}{
	{deal{id: "cod", kind: "shipped_goods", items: 2, more: `,"payment":"on_delivery"`}, []step{
		{ask: "s-1 deliver", refused: "no_performance"},
		{seen: "accept 1", ask: "s-1 deliver", opens: "address name phone"},
		{ask: "s-1 collect", refused: "no_performance"},
		{ask: "s-1 invoice", refused: "no_performance"},
		{ask: "s-1 delay", refused: "no_performance"},
		{seen: "ship 1", ask: "s-1 delay", refused: "relay_unavailable"},
		{seen: "deliver 1", ask: "s-1 collect", opens: "name", withheld: "phone relay_unavailable"},
		{ask: "s-1 collect address", refused: "pending"},
		{ask: "s-1 invoice", opens: "address name"},
		{ask: "b-1 return", refused: "no_performance"},
		{seen: "pay 221.65, approve_return 1", ask: "b-1 return", opens: "address name"},
		{ask: "s-1 collect", refused: "not_necessary"},
		{ask: "s-1 hand_over", refused: "not_necessary"},
		{ask: "s-1 settle", refused: "not_necessary"},
	}},
	{deal{id: "shop", kind: "local_pickup", more: slot}, []step{
		{ask: "b-1 hand_over", refused: "no_performance"},
		{seen: "pay 22.16", ask: "b-1 hand_over", refused: "below_floor"},
		{seen: "pay 0.01", ask: "b-1 hand_over", opens: "address phone"}, // a shop's door at once
		{ask: "b-1 return", opens: "address", withheld: "phone relay_unavailable"},
		{ask: "s-1 hand_over", refused: "no_performance"},
		{seen: "accept 1", ask: "s-1 hand_over", opens: "first_name phone"},
		{ask: "s-1 delay", opens: "first_name", withheld: "phone relay_unavailable"},
		{at: time.Date(2026, 3, 11, 16, 0, 0, 0, time.UTC), ask: "b-1 hand_over", refused: "transaction_closed"},
	}},
	{deal{id: "home", kind: "local_pickup", seller: "s-2", more: slot}, []step{
		{seen: "pay 221.65", ask: "b-1 hand_over", opens: "locality phone", withheld: "address not_necessary"},
		{at: time.Date(2026, 3, 9, 14, 59, 59, 0, time.UTC), ask: "b-1 hand_over address", refused: "not_necessary"},
		{at: time.Date(2026, 3, 9, 15, 0, 0, 0, time.UTC), ask: "b-1 hand_over", opens: "address phone"},
		{ask: "b-1 return address", refused: "pending"}, // a private seller's home, by decision
	}},
	{deal{id: "song", kind: "digital_goods", more: `,"tax_invoice":true`}, []step{
		{seen: "pay 221.65, accept 1", ask: "s-1 deliver", refused: "not_necessary"},
		{ask: "s-1 invoice", refused: "no_performance"},
		{seen: "deliver 1", ask: "s-1 invoice", opens: "name"},
		{ask: "s-1 invoice address", refused: "not_necessary"},
	}},
	{deal{id: "visit", kind: "service_at_home", amount: "100.00", more: `,"payment":"deposit","deposit":"30.00"` + slot}, []step{
		{seen: "accept 1, pay 29.99", ask: "s-1 deliver", refused: "below_floor"},
		{ask: "b-1 deliver", refused: "below_floor"},
		{seen: "pay 0.01", ask: "s-1 deliver", opens: "address first_name phone"},
		{ask: "s-1 delay", opens: "first_name", withheld: "phone relay_unavailable"}, // the home by decision: it is not to deliver
		{ask: "b-1 deliver", opens: "name phone"},                                    // the name holds the first name
		{ask: "s-1 collect", refused: "no_performance"},
		{seen: "serve 1", ask: "s-1 collect", opens: "name"},
		{ask: "s-1 invoice", opens: "address name"},
	}},
	{deal{id: "dock", kind: "business_supply", amount: "9000.00", more: `,"payment":"on_invoice","business_buyer":true` + dock}, []step{
		{ask: "s-1 deliver", refused: "no_performance"},
		{seen: "accept 1", ask: "s-1 deliver", opens: "address email name phone"},
		{ask: "b-1 settle", refused: "no_performance"},
		{ask: "s-1 invoice", refused: "no_performance"},
		{seen: "ship 1, deliver 1", ask: "s-1 invoice", opens: "address email name"},
		{ask: "s-1 delay", opens: "email phone"},
		{ask: "s-1 settle", opens: "address name"},
	}},
	{deal{id: "plain", kind: "business_supply", more: `,"payment":"on_invoice"`}, []step{
		// Without contacts of its own there is no e-mail to give: never a party's.
		{seen: "accept 1", ask: "s-1 deliver", opens: "address name phone", withheld: "email not_held"},
	}},
	{deal{id: "post", kind: "used_goods", seller: "s-2"}, []step{
		{seen: "pay 221.65", ask: "s-2 deliver", refused: "no_performance"},
		{seen: "accept 1", ask: "s-2 deliver", opens: "address name"},
		{ask: "s-2 deliver phone", refused: "not_necessary"},
		{ask: "s-2 invoice", refused: "not_necessary"},
	}},
	{deal{id: "meet", kind: "used_goods", seller: "s-2", more: `,"handover":"meet"` + slot}, []step{
		{ask: "s-2 hand_over", refused: "no_performance"},
		{seen: "pay 30, accept 1", ask: "b-1 hand_over", opens: "first_name phone", withheld: "address not_held"}, // never his home
		{ask: "s-2 hand_over", opens: "first_name phone"},
		{ask: "s-2 deliver", refused: "not_necessary"},
	}},
	{deal{id: "point", kind: "used_goods", seller: "s-2", more: `,"handover":"meet"` + slot + point}, []step{
		{seen: "pay 30", ask: "b-1 hand_over", opens: "address first_name phone"},
	}},
	{deal{id: "flat", kind: "rental", seller: "s-2", more: stay}, []step{
		{seen: "pay 100", ask: "b-1 deliver", opens: "first_name phone", withheld: "address not_necessary"},
		{ask: "s-2 deliver", refused: "no_performance"},
		{seen: "accept 1", ask: "s-2 deliver", opens: "first_name"},
		{at: time.Date(2026, 3, 8, 15, 0, 0, 0, time.UTC), ask: "b-1 deliver address", refused: "below_floor"}, // 48 h are for the whole price
		{at: time.Date(2026, 3, 9, 14, 59, 59, 0, time.UTC), ask: "b-1 deliver address", refused: "below_floor"},
		{at: time.Date(2026, 3, 9, 15, 0, 0, 0, time.UTC), ask: "b-1 deliver", opens: "address first_name phone"},
		{at: time.Date(2026, 3, 14, 10, 0, 0, 0, time.UTC), ask: "b-1 deliver", refused: "transaction_closed"},
	}},
	{deal{id: "early", kind: "rental", seller: "s-2", more: stay}, []step{
		{seen: "pay 221.65", at: time.Date(2026, 3, 8, 14, 59, 59, 0, time.UTC), ask: "b-1 deliver address", refused: "not_necessary"},
		{at: time.Date(2026, 3, 8, 15, 0, 0, 0, time.UTC), ask: "b-1 deliver address", opens: "address"},
	}},
	{deal{id: "drill", kind: "rental", more: `,"rental":"item"` + stay}, []step{
		{ask: "s-1 return", refused: "no_performance"},
		{seen: "grant_access 1", ask: "s-1 return", opens: "name", withheld: "phone relay_unavailable"},
		{ask: "s-1 collect", opens: "name"},
		{ask: "s-1 collect address", refused: "pending"},
		{ask: "s-1 return address", refused: "not_necessary"},
		{at: time.Date(2026, 3, 14, 10, 0, 1, 0, time.UTC), ask: "s-1 return address", refused: "pending"}, // two days late
	}},
}

func TestKinds(t *testing.T) {
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.deal.id, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, terms{})
			h.people(t)
			h.agree(t, k.deal)
			for _, s := range k.steps {
				s.take(t, h, k.deal.id)
			}
		})
	}
}

func (s step) take(t *testing.T, h *house, id string) {
	t.Helper()
	h.clock.forward(time.Second)
	if !s.at.IsZero() {
		h.clock.set(s.at)
	}
	if s.seen != "" {
		h.attest(t, id, s.seen)
	}
	words := strings.Fields(s.ask)
	r := h.disclose(t, id, words[0], words[1], words[2:]...)
	if s.opens != "" {
		r.want(t, 201, "decision", "granted")
	}
	if r.opens() != s.opens {
		t.Errorf("%s: opens %q, want %q: %s", s.ask, r.opens(), s.opens, r.short())
	}
	switch {
	case s.refused == "pending":
		r.want(t, 201, "decision", "pending", "state", "", "expires_at", "", "views_left", "")
		h.view(t, r.at("id"), words[0]).want(t, 410)
	case s.refused != "" && (r.at("decision") != "refused" || r.because() != s.refused):
		t.Errorf("%s: %s for %q, want refused for %q", s.ask, r.at("decision"), r.because(), s.refused)
	}
	if field, reason, ok := strings.Cut(s.withheld, " "); ok && r.withheld(field) != reason {
		t.Errorf("%s: %s is withheld for %q, want %q", s.ask, field, r.withheld(field), reason)
	}
}

// Whose values: a transaction's own contacts come before the party's.
func TestContactsOfTheTransaction(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods", more: dock})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver")
	if got := r.opened(); got["name"] != "Beatriz Dockmestre" || got["phone"] != "+5581933334444" || !strings.Contains(got["address"], "Cais do Apolo, 222") {
		t.Errorf("opened: %v", got)
	}
	if r.withheld("email") != "" {
		t.Errorf("an e-mail is spoken of: %s", r.short())
	}
}

// A requester learns nothing of why: a minor's data waits for a person, and
// restricted data is not available.
func TestFlags(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	before := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	for _, flag := range []string{"minor", "at_risk"} {
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["`+flag+`"]`).want(t, 200, "flags", `["`+flag+`"]`)
		r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending", "expires_at", "", "state", "")
		if r.opens() != "" || r.because() != "" || strings.Contains(r.short(), flag) {
			t.Errorf("%s: %s", flag, r.short())
		}
		h.view(t, before.at("id"), "s-1").want(t, 410)
	}
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["restricted"]`).want(t, 200)
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	if r.because() != "not_available" || strings.Contains(r.short(), "restricted") {
		t.Errorf("restricted: %s", r.short())
	}
	h.do(t, "market", "PUT /v1/parties/b-1/flags", `[]`).want(t, 403, "code", "scope_missing")
	h.do(t, "privacy", "PUT /v1/parties/b-9/flags", `[]`).want(t, 404, "code", "not_found")
}
