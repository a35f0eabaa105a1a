package stories

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// filledIn is a registration as the form sends it.
func filledIn(pairs ...string) []string {
	all := []string{
		"market", "EU", "kind", "company", "once", "1", "rows_tax", "1", "rows_certificates", "1", "do", "submit",
		"legal_name", "Nordlicht Kerzen GmbH", "registration.kind", "register", "registration.number", "HRB 868910", "registration.register", "Amtsgericht Hamburg",
		"registration.country", "DE", "representative.name", "Ottilie Brandt", "contact.email", "kontor@nordlicht-kerzen.example", "contact.phone", "+494030303344",
		"address.street", "Am Sandtorkai 1402", "address.city", "Hamburg", "address.postal_code", "20457", "address.country", "DE",
		"payout.iban", "DE89370400440532013000", "certify.lawful_goods", "yes",
	}
	return append(all, pairs...)
}

const registerForm = "/merchants/register/form?lang=en"

// enters opens the form with a link of the marketplace.
func (h *house) enters(t *testing.T, party string) *visitor {
	t.Helper()
	_, code, _ := strings.Cut(h.formLink(t, party, "en"), "#")
	v := h.visitor(t)
	v.page(v.form("/merchants/register?lang=en", "code", code), 200, "Where do you trade from")
	return v
}

var merchantOnPage = regexp.MustCompile(`mer_[0-9a-z]{26}`)

// A marketplace's link opens the form once, and nothing but the form.
func TestRegistrationLink(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	const link = "POST /v1/merchants/registration-link"
	h.do(t, "market", link, `{"party":"n-1"}`).want(t, 403, "code", "scope_missing")
	h.do(t, "shops", link, `{"party":"n-1","jurisdiction":"FR"}`).want(t, 422)
	h.do(t, "shops", link, `{"party":"11010119900307002X"}`).want(t, 422)
	code := func(body string) string {
		r := h.do(t, "shops", link, body).want(t, 201)
		_, code, _ := strings.Cut(r.at("url"), "#")
		return code
	}
	first := code(`{"party":"n-1","jurisdiction":"EU"}`)
	v := h.visitor(t)
	for range 2 { // looking spends nothing
		v.get("/merchants/register", 200, "Code from the link", `<script src="/assets/link.`)
	}
	v.page(v.form("/me?lang=en", "code", first), 401, linkWrong)
	v.page(v.form("/merchants/register?lang=en", "code", h.url+"/merchants/register#"+first), 200, "European Union")
	v.get("/me", 200, "Code from the link") // the session is one with the form alone
	v.page(v.form(registerForm, "market", "CN", "kind", "company", "do", "submit"), 400)
	again := h.visitor(t)
	const wrong = "This link was used, is too old, or never was one."
	again.page(again.form("/merchants/register?lang=en", "code", first), 401, wrong)
	again.page(again.form("/merchants/register?lang=en", "code", first[:len(first)-2]+"xx"), 401, wrong)
	own := h.do(t, "privacy", "POST /v1/parties/n-1/access-link", "{}").want(t, 201)
	_, page, _ := strings.Cut(own.at("url"), "#")
	again.page(again.form("/merchants/register?lang=en", "code", page), 401, wrong) // that of a page is none of the form
	old := code(`{"party":"n-1"}`)
	h.clock.forward(15 * time.Minute)
	again.page(again.form("/merchants/register?lang=en", "code", old), 401, wrong)
	again.page(again.form(registerForm, filledIn()...), 200, "Code from the link")
	v.page(foreign(v.form(registerForm, filledIn()...)), 403, "came from another site")
	v.page(v.form("/merchants/register/close?lang=en"), 200, "Code from the link")
}

// All that is wrong is said at once, beside the fields and above them; what was
// typed is still there, but for a person's number.
func TestRegisterForm(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	v := h.enters(t, "n-1")
	v.get("/merchants/register?lang=en&jurisdiction=EU&type=company", 200, `name="registration.number"`, "DSA 30(7)", `value="submit"`)
	exempt := v.get("/merchants/register?lang=pt&jurisdiction=CN&type=exempt", 200, `name="registration.exemption"`, "Artesanato", `<html lang="pt">`)
	if strings.Contains(exempt, `name="registration.number"`) {
		t.Error("an exempt merchant is asked for a number")
	}
	size := h.size(t)
	shown := v.page(v.form(registerForm, filledIn("legal_name", "Kerzen 11010119900307002X", "payout.iban", "DE00", "contact.email", "kontor@")...), 422,
		"This is the number of a person", "not kept", `href="#legal_name"`, `href="#payout.iban"`, `value="kontor@"`, "Am Sandtorkai 1402", "<title>Error: ", `aria-invalid="true"`)
	if strings.Contains(shown, "11010119900307002X") {
		t.Error("the number of a person is shown again")
	}
	v.page(v.form(registerForm, filledIn("certify.lawful_goods2", "yes")...), 400)
	v.page(v.form(registerForm, filledIn("address.planet", "Mars")...), 400)
	v.page(v.form(registerForm, filledIn("do", "zh", "legal_name", "北光")...), 200, "商户登记", "北光")
	v.page(v.form(registerForm, filledIn("do", "tax", "tax.0.number", "RO18547290")...), 200, "RO18547290", `name="tax.1.number"`)
	for do, says := range map[string]string{"zh": "未被保留", "pt": "não foi guardado", "tax": "not kept", "certificates": "not kept"} {
		again := v.page(v.form(registerForm, filledIn("do", do, "legal_name", "Kerzen 11010119900307002X", "address.city", "Hamburg")...), 200, says, `href="#legal_name"`, "Hamburg")
		if strings.Contains(again, "11010119900307002X") {
			t.Errorf("%s: the number of a person is shown again", do)
		}
	}
	if h.size(t) != size {
		t.Error("what was not handed in is in the ledger")
	}
	done := v.page(v.form(registerForm, filledIn()...), 200, "has been handed in", "in review")
	id := merchantOnPage.FindString(done)
	v.page(v.form(registerForm, filledIn()...), 200, "has been handed in", id) // pressed again
	v.get("/merchants/register?lang=en", 200, "has been handed in", id)
	h.do(t, "shops", "GET /v1/merchants/"+id, "").want(t, 200, "state", "in_review", "party", "n-1", "version", "1")
	if h.ask(t, `SELECT count(*) FROM merchants`) != "1" {
		t.Error("one form has become two registrations")
	}
	h.handsInDocuments(t, v, id)
	h.answersOnPage(t, v, id)
	h.appealsOnPage(t, v, id)
}

var draftOnPage = regexp.MustCompile(`merchants/register\?lang=en#(bmf_[\w-]+)`)

// A draft is opened by the link that was given when it was saved last.
func TestDraftLink(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	v := h.enters(t, "n-1")
	early := h.visitor(t) // has a cookie from before there was a draft
	copies := func(from, to *visitor) { to.Jar.SetCookies(v.address("/").URL, from.Jar.Cookies(v.address("/").URL)) }
	copies(v, early)
	save := func(v *visitor, name string) string {
		shown := v.page(v.form(registerForm, "market", "EU", "kind", "company", "do", "save", "legal_name", name), 200, "The draft is saved")
		m := draftOnPage.FindStringSubmatch(shown)
		if m == nil {
			t.Fatalf("there is no link: %s", shown)
		}
		return m[1]
	}
	first, second := save(v, "Nordlicht Kerzen"), save(early, "Nordlicht Kerzen GmbH") // one draft
	w := h.visitor(t)
	w.page(w.form("/merchants/register?lang=en", "code", first), 401, "never was one")
	w.page(w.form("/merchants/register?lang=en", "code", second), 200, "A draft is kept")
	size := h.size(t)
	w.get("/merchants/register?lang=en", 200, "A draft is kept")
	if h.size(t) != size {
		t.Error("looking at whether there is a draft opens it")
	}
	w.page(w.form("/merchants/register/change?lang=en"), 200, "Nordlicht Kerzen GmbH")
	if h.size(t) == size {
		t.Error("an opened draft has no entry")
	}
	w.page(w.form(registerForm, filledIn()...), 200, "has been handed in")
	x := h.visitor(t)
	x.page(x.form("/merchants/register?lang=en", "code", second), 401, "never was one")
	v.get("/merchants/register?lang=en", 200, "has been handed in")
	copies(v, x)
	x.get("/merchants/register?lang=en", 200, "has been handed in")
	v.page(v.form("/merchants/register/close?lang=en"), 200, "Code from the link")
	x.get("/merchants/register?lang=en", 200, "Code from the link") // a copy of what was closed opens nothing
}

// A draft's link ends by itself.
func TestDraftLinkEnds(t *testing.T) {
	t.Parallel()
	h := bureau(t, terms{})
	v := h.enters(t, "n-1")
	shown := v.page(v.form(registerForm, "market", "EU", "kind", "company", "do", "save", "legal_name", "Nordlicht"), 200)
	h.clock.forward(7 * 24 * time.Hour)
	w := h.visitor(t)
	w.page(w.form("/merchants/register?lang=en", "code", draftOnPage.FindStringSubmatch(shown)[1]), 401, "never was one")
	v.get("/merchants/register?lang=en", 200, "Code from the link") // the session has, too
}

// Nobody frames the form but who the operator names, and then the cookie goes
// along in his frames alone.
func TestFormIsFramed(t *testing.T) {
	t.Parallel()
	for _, embed := range [][]string{nil, {"https://shop.example", "https://other.example:8443"}} {
		h := bureau(t, terms{proxy: true, embed: embed})
		_, code, _ := strings.Cut(h.formLink(t, "n-1", "en"), "#")
		v := h.visitor(t)
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		want, jar := "frame-ancestors 'none'", "SameSite=Lax"
		if embed != nil {
			want, jar = "frame-ancestors https://shop.example https://other.example:8443", "SameSite=None"
		}
		_, header, _ := v.take(v.address("/merchants/register"))
		if !strings.Contains(header.Get("Content-Security-Policy"), want) || header.Get("X-Frame-Options") != "" {
			t.Errorf("%v: %v", embed, header)
		}
		_, header, _ = v.take(v.form("/merchants/register?lang=en", "code", code))
		cookie := header.Get("Set-Cookie")
		if !strings.Contains(cookie, "__Host-bauta-form=") || !strings.Contains(cookie, jar) || strings.Contains(strings.ToLower(cookie), "partitioned") != (embed != nil) {
			t.Errorf("%v: %s", embed, cookie)
		}
		for _, other := range []string{"/sign-in", "/me", "/"} {
			if _, header, _ := v.take(v.address(other)); !strings.Contains(header.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
				t.Errorf("%s can be framed", other)
			}
		}
	}
}

// Reviewers' pages do what the API does, for those who may.
func TestReviewPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.shops(t)
	rita := h.employ(t, "rita", "helena.duarte51@desk.example.org", accounts.MerchantReviewer)
	anna := h.employ(t, "anna", "rui.mascarenhas8@desk.example.org", accounts.Auditor)
	id := h.register(t, nordlicht)
	r, a := h.atDesk(t, rita), h.atDesk(t, anna)
	here := "/desk/merchants/" + id
	stranger := h.visitor(t)
	stranger.get(here, 200, "Sign in")
	a.get(here, 200, "What happened")
	a.page(a.form(here, "event", "take", "version", "1"), 403)
	r.get("/desk/merchants?state=suspended", 200, "Nothing like this waits")
	r.get("/desk/merchants?state=lost", 400)
	r.get("/desk/merchants?jurisdiction=EU&state=in_review", 200, id)
	r.page(r.form(here+"/values", lookingOnPage()...), 409, "Take the registration first")
	r.page(r.form(here, "event", "approve", "version", "1", "reason_approve", "verified", "source", "bank", "method", "compared"), 409)
	r.page(foreign(r.form(here, "event", "take", "version", "1")), 403, "came from another site")
	r.page(r.form(here, "event", "take", "version", "2"), 409, "has changed it meanwhile")
	r.page(r.form(here, "event", "take", "version", "1"), 200, "yours to work on")
	r.page(r.form(here, "event", "ask", "version", "1", "reason_ask", "document_missing", "note", "Der Auszug fehlt."), 200, "has been asked")
	h.do(t, "shops", "POST /v1/merchants/"+id+"/information", `{"note":"Er kommt mit der Post."}`).want(t, 200, "state", "in_review")
	r.page(r.form(here+"/values", lookingOnPage()...), 200, "DE89370400440532013000", "is entry", "Der Auszug fehlt.", "Er kommt mit der Post.")
	r.page(r.form(here, "event", "ask", "version", "1", "reason_ask", "because"), 400)
	h.reviewFormsKeep(t, r, stranger, rita, here)
	h.clock.forward(6 * time.Minute)
	r.page(r.form(here+"/values", lookingOnPage()...), 422, "Confirm that it is you", "Give the password or a code")
	r.page(r.form(here, "event", "reject", "version", "1", "reason_reject", "fraud_suspected", "note", "Das Register kennt ihn nicht."), 422,
		`value="fraud_suspected" selected`, "Das Register kennt ihn nicht.")
	r.page(r.form(here, "event", "approve", "version", "1", "reason_approve", "verified", "source", "company_register", "method", "looked_up",
		"source.1", "document", "password", phrase), 409, "by a document only where there is one")
	r.page(r.form(here, "event", "approve", "version", "1", "reason_approve", "verified", "source", "company_register", "method", "looked_up",
		"source.1", "bank", "password", phrase), 200, "It is approved", "active")
	p := h.public(t, id).want(t, 200)
	if !strings.Contains(string(p.raw), `"bank"`) || !strings.Contains(string(p.raw), `"company_register"`) {
		t.Errorf("how it was verified: %s", p.raw)
	}

	for _, path := range []string{"/merchants/" + id, "/v1/public/merchants/" + id} {
		req := stranger.address(path)
		req.Header.Set("Accept", "text/html,application/xhtml+xml,*/*;q=0.8")
		status, header, text := stranger.take(req)
		if status != 200 || header.Get("Cache-Control") != "public, max-age=60, must-revalidate" || !strings.Contains(header.Get("Vary"), "Accept") || !strings.Contains(text, "Nordlicht Kerzen GmbH") {
			t.Errorf("%s: %d %v", path, status, header)
		}
		for _, private := range []string{"Ottilie", "DE89370400440532013000"} {
			if strings.Contains(text, private) {
				t.Errorf("%s shows %s", path, private)
			}
		}
	}
	stranger.get("/merchants/mer_00000000000000000000000000", 404, "There is nothing")
	r.page(r.form(here, "event", "suspend", "version", "1", "reason_suspend", "other"), 422, `value="other" selected`, `id="note-error"`, "write what the merchant is to read")
	r.page(r.form(here, "event", "suspend", "version", "1", "reason_suspend", "data_false"), 200, "It is suspended")
	stranger.get("/merchants/"+id, 404, "There is nothing")

	l := h.atDesk(t, h.employ(t, "lena", "rui.mascarenhas9@desk.example.org", accounts.Lead))
	h.secondOnPages(t, r, l)
	h.appealsOnPages(t, r, l)
	h.documentsOnPages(t, r, l)
	h.looksOnPages(t, r)
	h.reviewsLieBefore(t, r, l, rita.id)
	h.pagesOfQueue(t, r)
}

// atDesk is somebody's browser, signed in.
func (h *house) atDesk(t *testing.T, p *person) *visitor {
	t.Helper()
	h.clock.forward(time.Minute)
	v := h.visitor(t)
	v.page(v.form("/sign-in", "email", p.email, "password", phrase, "code", p.shows(t, h.clock.now())), 200, "Your account")
	return v
}
