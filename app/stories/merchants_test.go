package stories

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// The merchants of the stories. Of what they give nothing may turn up but where a
// reviewer has asked for it or, once it is approved, in the public profile.
const (
	nordlicht = `{"party":"n-1","jurisdiction":"EU","type":"company","legal_name":"Nordlicht Kerzen GmbH","trade_name":"Wachsstube",
"registration":{"kind":"register","number":"HRB 868910","register":"Amtsgericht Hamburg","country":"DE"},
"tax":[{"kind":"vat","country":"DE","number":"DE160459932"}],
"representative":{"name":"Ottilie Brandt"},
"contact":{"email":"kontor@nordlicht-kerzen.example","phone":"+494030303344"},
"address":{"street":"Am Sandtorkai 1402","city":"Hamburg","postal_code":"20457","country":"DE","residential":false},
"payout":{"iban":"DE89370400440532013000"},"certifications":["lawful_goods"]}`
	// hangzhou's number is one that nobody can tell from a typing mistake: two look at it.
	hangzhou = `{"party":"h-1","jurisdiction":"CN","type":"company","legal_name":"杭州青瓷坊有限公司",
"registration":{"kind":"uscc","number":"91350203M0001QKT19"},
"representative":{"name":"沈若兰","id":{"kind":"ric","number":"11010119900307002X"}},
"contact":{"email":"shop@qingci.example","phone":"+8657188880000"},
"address":{"street":"瓷器路77号","city":"杭州","region":"浙江","postal_code":"310000","country":"CN"},
"certifications":["lawful_goods"]}`
)

const verified = `{"reason":"verified","checks":[{"source":"company_register","method":"looked_up","at":"2026-03-04T11:00:00Z"}]}`

// bureau is a house with those who look at merchants, and who do not.
func bureau(t *testing.T, x terms) *house {
	t.Helper()
	h := newHouse(t, x)
	h.shops(t)
	h.employ(t, "rita", "helena.duarte51@desk.example.org", accounts.MerchantReviewer)
	h.employ(t, "lena", "rui.mascarenhas8@desk.example.org", accounts.Lead)
	return h
}

// shops makes the key by which merchants are registered.
func (h *house) shops(t *testing.T) {
	t.Helper()
	h.keys["shops"] = h.issue(t, broker.APIKey{Scopes: []string{"merchants"}})
}

// merchantActs are all calls that act for a merchant, as s-1 makes them.
func (h *house) merchantActs(t *testing.T) map[string]signedCall {
	t.Helper()
	h.shops(t)
	mine := strings.Replace(nordlicht, `"n-1"`, `"s-1"`, 1)
	made := h.signing(t, "shops", "s-1", "POST /v1/merchants", mine).want(t, 201)
	to, at := "/v1/merchants/"+made.at("id"), "/v1/merchants/{id}"
	return map[string]signedCall{
		"post /v1/merchants":          {"shops", "POST /v1/merchants", mine},
		"patch " + at:                 {"shops", "PATCH " + to, `{"trade_name":"Kontor"}`},
		"post " + at + "/submission":  {"shops", "POST " + to + "/submission", `{}`},
		"post " + at + "/information": {"shops", "POST " + to + "/information", `{"note":"x"}`},
		"post " + at + "/appeal":      {"shops", "POST " + to + "/appeal", `{"reason":"unfair"}`},
		"post " + at + "/closing":     {"shops", "POST " + to + "/closing", `{"reason":"other"}`},
		"post " + at + "/documents":   {"shops", "POST " + to + "/documents?kind=licence", "no picture"},

		"post /v1/merchants/registration-link": {"shops", "POST /v1/merchants/registration-link", `{"party":"s-1"}`},
	}
}

// looking is what a registration is opened for, where that is all the same.
const looking = `{"purpose":"decide_registration","reason":"fields_to_verify"}`

func (h *house) register(t *testing.T, body string) (id string) {
	t.Helper()
	r := h.do(t, "shops", "POST /v1/merchants", body).want(t, 201, "state", "in_review", "version", "1")
	id = r.at("id")
	if r.header.Get("Location") != "/v1/merchants/"+id || r.at("ledger.index") == "" {
		t.Errorf("%v %s", r.header, r.raw)
	}
	if found := findValue(string(r.raw)); found != "" {
		t.Errorf("the answer repeats %q", found)
	}
	return id
}

func (h *house) approve(t *testing.T, id string) {
	t.Helper()
	h.do(t, "rita", "POST /v1/reviews/"+id+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST /v1/reviews/"+id+"/values", looking).want(t, 200)
	h.do(t, "rita", "POST /v1/reviews/"+id+"/approval", verified).want(t, 200, "state", "active")
}

func (h *house) public(t *testing.T, id string, headers ...string) reply {
	t.Helper()
	return h.do(t, "", "GET /v1/public/merchants/"+id, "", headers...)
}

// A merchant's whole life, as it and everybody else sees it, and as the marketplace
// is told of it.
func TestMerchantsLife(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	l := h.listen(t)
	h.tell(t)
	id := h.register(t, nordlicht)
	review := "/v1/reviews/" + id
	nobody := h.public(t, id).want(t, 404, "code", "not_found")

	h.do(t, "rita", "GET /v1/reviews?state=in_review", "").want(t, 200, "data.0.id", id, "data.0.second_needed", "false")
	h.do(t, "rita", "POST "+review+"/values", looking).want(t, 409, "code", "not_taken")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200, "state", "in_review")
	seen := h.do(t, "rita", "POST "+review+"/values", looking).want(t, 200, "version", "1", "party", "n-1")
	if !strings.Contains(string(seen.raw), "DE89370400440532013000") || seen.at("ledger.index") == "" {
		t.Errorf("opened: %s", seen.short())
	}
	h.do(t, "rita", "POST "+review+"/approval", `{"reason":"verified"}`).want(t, 409, "code", "not_verified")
	h.do(t, "rita", "POST "+review+"/approval", verified, "Idempotency-Key", "a-1").want(t, 200, "state", "active", "published_version", "1")
	h.do(t, "rita", "POST "+review+"/approval", verified, "Idempotency-Key", "a-1").want(t, 200, "state", "active")

	p := h.public(t, id).want(t, 200, "legalName", "Nordlicht Kerzen GmbH", "@type", "Organization", "merchant", id, "vatID", "DE160459932")
	h.showsOnlyPublic(t, p)
	same := h.public(t, id, "If-None-Match", p.header.Get("ETag"))
	if same.status != http.StatusNotModified || len(same.raw) > 0 || same.header.Get("ETag") != p.header.Get("ETag") {
		t.Errorf("not modified: %d %v", same.status, same.header)
	}

	// What was approved stays public while a new version is looked at.
	h.do(t, "shops", "PATCH /v1/merchants/"+id, `{"trade_name":"Kerzenkontor","representative":{"name":null}}`, "Content-Type", "application/merge-patch+json").
		want(t, 200, "state", "in_review", "version", "2", "published_version", "1")
	h.public(t, id).want(t, 200, "name", "Wachsstube", "version", "1")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST "+review+"/question", `{"reason":"document_missing"}`).want(t, 200, "state", "needs_info", "question", "document_missing")
	h.do(t, "shops", "POST /v1/merchants/"+id+"/information", `{"note":"Der Auszug kommt.","changes":{"trade_name":"Kerzenkontor Nord"}}`).
		want(t, 200, "state", "in_review", "version", "3")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.do(t, "rita", "POST "+review+"/values", looking).want(t, 200, "version", "3", "notes.0.text", "Der Auszug kommt.", "notes.0.event", "answer", "notes.0.by", "merchant")
	h.approve(t, id)
	h.public(t, id).want(t, 200, "name", "Kerzenkontor Nord", "version", "3")

	h.do(t, "rita", "POST "+review+"/suspension", `{"reason":"data_false"}`).want(t, 200, "state", "suspended")
	if gone := h.public(t, id); gone.status != 404 || unnamed(&gone) != unnamed(&nobody) {
		t.Errorf("suspended and unverified differ: %s, %s", gone.raw, nobody.raw)
	}
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "state", "suspended", "published_version", "")
	h.do(t, "rita", "POST "+review+"/reinstatement", `{"reason":"mistake"}`).want(t, 200, "state", "active")
	here := h.public(t, id).want(t, 200, "version", "3", "address.streetAddress", "Am Sandtorkai 1402")

	// What it makes private is hidden at once.
	h.do(t, "shops", "PATCH /v1/merchants/"+id, `{"address":{"residential":true}}`, "Content-Type", "application/merge-patch+json").
		want(t, 200, "state", "in_review", "published_version", "3", "hidden.0", "/address/street")
	away := h.public(t, id, "If-None-Match", here.header.Get("ETag")).want(t, 200, "version", "3", "address", "", "legalName", "Nordlicht Kerzen GmbH")
	if strings.Contains(string(away.raw), "Sandtorkai") || away.header.Get("ETag") == here.header.Get("ETag") {
		t.Errorf("its home is public: %s", away.raw)
	}
	h.do(t, "shops", "POST /v1/merchants/"+id+"/closing", `{"reason":"trade_ended"}`).want(t, 200, "state", "closing")
	h.public(t, id).want(t, 200, "closing", "true")
	h.caughtUp(t)
	h.clock.forward(31 * 24 * time.Hour)
	h.do(t, "shops", "POST /v1/merchants/"+id+"/closing", `{"reason":"moved"}`).want(t, 409, "code", "invalid_transition") // it has closed
	l.toldOfMerchant(t, id)
	if gone := h.public(t, id); gone.status != 404 || unnamed(&gone) != unnamed(&nobody) {
		t.Errorf("closed and unverified differ: %s, %s", gone.raw, nobody.raw)
	}
}

// toldOfMerchant: each event once and in its order, with state and code, and the
// merchant is told no code that is for the staff.
func (l *listener) toldOfMerchant(t *testing.T, id string) {
	t.Helper()
	wants := []string{
		`"merchant.submitted" "in_review" ""`, `"merchant.approved" "active" "verified"`, `"merchant.information_needed" "needs_info" "document_missing"`,
		`"merchant.approved" "active" "verified"`, `"merchant.suspended" "suspended" "data_false"`, `"merchant.reinstated" "active" "mistake"`,
		`"merchant.closing" "closing" "trade_ended"`, `"merchant.closed" "closed" "end"`,
	}
	await(t, "all of a merchant's life is told", func() bool { return len(l.all()) >= len(wants) })
	for i, m := range l.all() {
		var body struct {
			Data struct {
				Party, Merchant, State, Reason, Transaction, Disclosure string
				For                                                     []struct{ Party string }
				ExpiresAt                                               time.Time `json:"expires_at"`
			}
		}
		if err := json.Unmarshal([]byte(m.body), &body); err != nil {
			t.Fatal(err)
		}
		d := body.Data
		if got := fmt.Sprintf("%q %q %q", m.kind, d.State, d.Reason); i >= len(wants) || got != wants[i] {
			t.Errorf("message %d: %s", i, m.body)
		}
		if d.Merchant != id || d.Party != "n-1" || len(d.For) != 1 || d.For[0].Party != "n-1" || d.Transaction+d.Disclosure != "" ||
			d.ExpiresAt.IsZero() == (d.State == "needs_info" || d.State == "closing" || d.State == "closed") {
			t.Errorf("message %d: %s", i, m.body)
		}
	}
}

// unnamed is a refusal without the id of its request.
func unnamed(r *reply) string {
	return strings.Replace(string(r.raw), r.at("request_id"), "", 1)
}

// showsOnlyPublic: each field has what makes it public, and what is private is not there.
func (h *house) showsOnlyPublic(t *testing.T, p reply) {
	t.Helper()
	for _, f := range p.list("fields") {
		m, _ := f.(map[string]any)
		for _, name := range []string{"pointer", "label", "value", "law", "since", "verified_by", "method", "verified_at", "entry"} {
			if m[name] == nil || m[name] == "" {
				t.Errorf("%v has no %s", m["pointer"], name)
			}
		}
	}
	for _, private := range []string{"Ottilie", "DE89370400440532013000", "iban"} {
		if strings.Contains(string(p.raw), private) {
			t.Errorf("%s is public: %s", private, p.raw)
		}
	}
	if p.header.Get("Cache-Control") != "public, max-age=60, must-revalidate" || p.header.Get("ETag") == "" || p.header.Get("Content-Type") != "application/ld+json" {
		t.Errorf("headers: %v", p.header)
	}
}

// What is suspect is approved by two, the second naming what he has looked at.
func TestTwoApproveWhatIsSuspect(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	id := h.register(t, hangzhou)
	review := "/v1/reviews/" + id
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200, "second_needed", "true", "second_for", `["suspect"]`)
	h.do(t, "rita", "POST "+review+"/approval", verified).want(t, 409, "code", "not_opened")
	h.do(t, "rita", "POST "+review+"/values", looking).want(t, 200)
	h.do(t, "rita", "POST "+review+"/approval", verified).want(t, 409, "code", "second_needed")
	h.do(t, "rita", "POST "+review+"/proposal", verified).want(t, 200, "state", "proposed")
	proposed := h.do(t, "lena", "GET "+review, "").want(t, 200, "state", "proposed")
	hash := proposed.at("hash")
	h.do(t, "rita", "POST "+review+"/approval", `{"hash":"`+hash+`"}`).want(t, 403, "code", "own_work")
	h.do(t, "lena", "POST "+review+"/approval", `{"hash":"sha256:`+repeat("0", 64)+`"}`).want(t, 409)
	h.do(t, "lena", "POST "+review+"/approval", `{"hash":"sha256:zz"}`).want(t, 422, "errors.0.pointer", "/hash")
	h.public(t, id).want(t, 404)
	h.do(t, "lena", "POST "+review+"/values", looking).want(t, 200)
	h.do(t, "lena", "POST "+review+"/approval", `{"hash":"`+hash+`"}`).want(t, 200, "state", "active")
	p := h.public(t, id).want(t, 200, "legalName", "杭州青瓷坊有限公司")
	if strings.Contains(string(p.raw), "11010119900307002X") || strings.Contains(string(p.raw), "shop@") {
		t.Errorf("private things are public: %s", p.raw)
	}
}

// A second registration with the same number is taken as any is: who made it is
// told that a person looks at it, and who does that everything.
func TestDuplicateMerchantsAreNotTold(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	first := h.register(t, nordlicht)
	other := strings.NewReplacer(`"n-1"`, `"n-2"`, "HRB 868910", "HRB 868911", "DE160459932", "DE282741168").Replace(nordlicht)
	alone := h.do(t, "shops", "POST /v1/merchants", other).want(t, 201)
	second := h.do(t, "shops", "POST /v1/merchants", strings.Replace(nordlicht, `"n-1"`, `"n-3"`, 1)).want(t, 201)
	for _, member := range []string{"state", "allowed", "pack", "question", "reason", "ends_at", "timer"} {
		if alone.at(member) != second.at(member) {
			t.Errorf("%s tells: %s, %s", member, alone.at(member), second.at(member))
		}
	}
	for i, f := range second.list("fields") { // beyond that a person looks at them, nothing is said of the numbers
		m, _ := f.(map[string]any)
		if before := alone.at("fields." + itoa(i) + ".outcome"); m["outcome"] != before && (m["outcome"] != "suspect" || m["code"] != "needs_review") {
			t.Errorf("%v, and %s alone", m, before)
		}
	}
	id := second.at("id")
	for _, told := range []string{string(second.raw), string(h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200).raw)} {
		if strings.Contains(told, first) || strings.Contains(told, "duplicate") {
			t.Errorf("it tells of the first: %s", told)
		}
	}
	h.do(t, "rita", "GET /v1/reviews/"+id, "").want(t, 200, "duplicates.0.merchant", first, "duplicates.0.party", "n-1", "second_needed", "true", "second_for", `["duplicate"]`)
}

// Who reviews merchants sees nothing of disclosures, and who handles disclosures
// nothing of merchants; no key sees either.
func TestReviewersAndHandlersAreApart(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "audra", "audra@desk.example.org", accounts.Auditor)
	id := h.register(t, nordlicht)
	review := "/v1/reviews/" + id
	for _, request := range []string{"GET /v1/reviews", "GET " + review} {
		h.do(t, "hanna", request, "").want(t, 403, "code", "role_missing")
		h.do(t, "audra", request, "").want(t, 200)
		h.do(t, "lena", request, "").want(t, 200)
	}
	for _, request := range []string{"POST " + review + "/values", "POST " + review + "/taking", "POST " + review + "/suspension"} {
		for _, who := range []string{"hanna", "audra"} {
			h.do(t, who, request, `{}`).want(t, 403, "code", "role_missing")
		}
		h.do(t, "shops", request, `{}`).want(t, 403, "code", "session_required")
	}
	h.do(t, "rita", "GET /v1/requests", "").want(t, 403, "code", "role_missing")
	h.do(t, "rita", "GET /v1/handlers", "").want(t, 403, "code", "role_missing")
	for _, key := range []string{"market", "payment", "privacy", "audit", "disputes"} {
		h.do(t, key, "POST /v1/merchants", nordlicht).want(t, 403, "code", "scope_missing")
		h.do(t, key, "GET /v1/merchants/"+id, "").want(t, 403, "code", "scope_missing")
	}
	h.do(t, "shops", "GET /v1/parties/n-1", "").want(t, 403, "code", "scope_missing")
	h.do(t, "rita", "POST "+review+"/taking", `{}`).want(t, 200)
	h.clock.forward(6 * time.Minute)
	h.do(t, "rita", "POST "+review+"/values", looking).want(t, 403, "code", "reauthentication_required")
	h.do(t, "rita", "POST "+review+"/approval", verified).want(t, 403, "code", "reauthentication_required")
}

// Where the law shows nothing of a merchant that sells little, its profile says
// that it was verified, and where to report it, and nothing else.
func TestMerchantsOfWhomNothingIsPublic(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{report: "https://shop.example/report"})
	id := h.register(t, strings.NewReplacer(
		`"jurisdiction":"EU"`, `"jurisdiction":"US"`, `"n-1"`, `"u-1"`, `"registration":{"kind":"register","number":"HRB 868910","register":"Amtsgericht Hamburg","country":"DE"},`, "",
		`"tax":[{"kind":"vat","country":"DE","number":"DE160459932"}],`, "").Replace(nordlicht))
	h.approve(t, id)
	p := h.public(t, id).want(t, 200, "merchant", id, "jurisdiction", "US", "fields", "[]", "merchant_type", "", "legalName", "", "report", "https://shop.example/report?merchant="+id)
	v := h.visitor(t)
	if _, _, page := v.take(v.address("/merchants/" + id + "?lang=en")); !strings.Contains(page, `<a href="https://shop.example/report?merchant=`+id+`"`) {
		t.Errorf("nothing on the page leads to where it is reported: %s", page)
	}
	other := h.register(t, nordlicht)
	h.approve(t, other)
	h.public(t, other).want(t, 200, "report", "")
	if found := findValue(string(p.raw)); found != "" {
		t.Errorf("%q is public: %s", found, p.raw)
	}
}
