package stories

import (
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"
)

// another is a registration of the same business under another number.
func another(n int) string {
	return strings.NewReplacer(`"n-1"`, `"m-`+itoa(n)+`"`, "HRB 868910", "HRB "+itoa(100000+n), `"tax":[{"kind":"vat","country":"DE","number":"DE160459932"}],`, "").Replace(nordlicht)
}

// atHome is a sole trader whose only address is a home: part of it can be public, and
// a lead confirms that.
func atHome(n int) string {
	return strings.NewReplacer(`"type":"company"`, `"type":"sole_trader"`, `"residential":false`, `"residential":true`,
		`["lawful_goods"]`, `["lawful_goods","no_business_address"]`).Replace(another(n))
}

var hashOnPage = regexp.MustCompile(`name="hash" value="(sha256:[0-9a-f]+)"`)

// decides is one event that a reviewer's page sends, as somebody who shows who he is.
func (v *visitor) decides(id, event string, pairs ...string) *http.Request {
	v.Helper()
	return v.form("/desk/merchants/"+id, append([]string{"event", event, "version", "1", "password", phrase}, pairs...)...)
}

// takes is the page of a registration that is taken with it.
func (v *visitor) takes(id string) string {
	v.Helper()
	return v.page(v.decides(id, "take"), 200, "yours to work on")
}

// secondOnPages: what one proposes and a lead sends back or confirms, a home's address.
func (h *house) secondOnPages(t *testing.T, r, l *visitor) {
	t.Helper()
	id := h.register(t, atHome(1))
	here := "/desk/merchants/" + id
	checks := []string{"reason_propose", "verified", "source", "bank", "method", "compared"}
	r.takes(id)
	r.page(r.decides(id, "propose", checks...), 409, "what was given before you approve it")
	r.opens(id)
	r.get(here, 200, "Two people are needed", "home address would be public", "Propose to approve")
	r.page(r.decides(id, "approve", "reason_approve", "verified", "source", "document", "method", "compared"), 409)
	r.page(r.decides(id, "propose", checks...), 200, "It is proposed", "compared, bank")
	r.page(r.decides(id, "send_back", "reason_send_back", "mistake"), 403, "Another person has to do this: a lead")
	shown := l.get(here, 200, "Confirm the proposal", "Send it back")
	first := hashOnPage.FindStringSubmatch(shown)
	l.page(l.form(here, "event", "send_back", "version", "1", "reason_send_back", "check_missing"), 200, "It has been sent back", "in review")
	stale := l.get(here, 200, "What you can do")
	if hashOnPage.MatchString(stale) || first == nil {
		t.Error("what was sent back still has a hash to confirm, or had none")
	}
	r.page(r.decides(id, "propose", "reason_propose", "verified", "source", "authority", "method", "compared"), 422)
	r.page(r.decides(id, "propose", "reason_propose", "verified", "source", "company_register", "method", "looked_up"), 200, "It is proposed")
	l.opens(id)
	l.page(l.decides(id, "approve", "hash", first[1]), 409, "look again")
	m := hashOnPage.FindStringSubmatch(l.get(here, 200, "Confirm the proposal"))
	l.page(l.decides(id, "approve", "hash", m[1]), 200, "It is approved", "active")
	p := h.public(t, id).want(t, 200)
	for _, home := range []string{"Am Sandtorkai", "20457", "Hamburg\""} {
		if strings.Contains(strings.ReplaceAll(string(p.raw), "Amtsgericht Hamburg\"", ""), home) {
			t.Errorf("%s is public: %s", home, p.raw)
		}
	}
	if !strings.Contains(string(p.raw), `"/address/country"`) {
		t.Errorf("no country is public: %s", p.raw)
	}
}

// lookingOnPage says what a registration is opened for, where that is all the same.
func lookingOnPage() []string {
	return []string{"purpose", "decide_registration", "reason", "fields_to_verify"}
}

// opens has somebody open what a merchant has given.
func (v *visitor) opens(id string) {
	v.Helper()
	v.page(v.form("/desk/merchants/"+id+"/values", append(lookingOnPage(), "password", phrase)...), 200, "is entry")
}

// appealsOnPages: who has decided does not decide again; a lead upholds, overturns,
// and what was suspended comes back.
func (h *house) appealsOnPages(t *testing.T, r, l *visitor) {
	t.Helper()
	appeal := func(id string) {
		h.do(t, "shops", "POST /v1/merchants/"+id+"/appeal", `{"reason":"mistake"}`).want(t, 200, "state", "appealed")
	}
	rejected := h.register(t, another(2))
	r.takes(rejected)
	r.page(r.decides(rejected, "reject", "reason_reject", "not_verified"), 200, "It is rejected")
	appeal(rejected)
	r.page(r.decides(rejected, "take"), 403, "not decided it before")
	shown := l.takes(rejected)
	for _, button := range []string{`value="uphold"`, `value="overturn"`} {
		if !strings.Contains(shown, button) {
			t.Errorf("an appeal has no %s", button)
		}
	}
	l.page(l.decides(rejected, "uphold", "reason_uphold", "number_not_found"), 200, "The decision is upheld", "rejected")
	h.do(t, "shops", "POST /v1/merchants/"+rejected+"/appeal", `{"reason":"unfair"}`).want(t, 409, "code", "appealed_before")

	suspended := h.register(t, another(3))
	r.takes(suspended)
	r.opens(suspended)
	r.page(r.decides(suspended, "approve", "reason_approve", "verified", "source", "company_register", "method", "looked_up"), 200, "It is approved")
	r.page(r.decides(suspended, "suspend", "reason_suspend", "licence_ended"), 200, "It is suspended")
	r.page(r.decides(suspended, "reinstate", "reason_reinstate", "because"), 400)
	r.page(r.decides(suspended, "reinstate", "reason_reinstate", "cured"), 200, "It is reinstated", "version 1 is public")
	r.page(r.decides(suspended, "suspend", "reason_suspend", "data_false"), 200, "It is suspended", "nothing is public")
	appeal(suspended)
	l.takes(suspended)
	l.page(l.decides(suspended, "overturn", "reason_overturn", "verified"), 200, "The decision is overturned", "active")
	h.public(t, suspended).want(t, 200)
}

// documentsOnPages: the button saves what was drawn anew, for who works on it and has
// just shown who he is; each time is an entry.
func (h *house) documentsOnPages(t *testing.T, r, l *visitor) {
	t.Helper()
	id := h.register(t, another(4))
	d := h.do(t, "shops", "POST /v1/merchants/"+id+"/documents?kind=permit", picture(t), "Content-Type", "image/png").want(t, 201)
	here := "/desk/merchants/" + id
	button := here + "/documents/1"
	if strings.Contains(r.get(here, 200, "permit"), button) {
		t.Error("who does not work on it is offered its documents")
	}
	r.takes(id)
	r.get(here, 200, `action="`+button+`"`)
	size := h.size(t)
	r.page(foreign(r.form(button)), 403, "came from another site")
	l.page(l.form(button), 409, "Take the registration first")
	r.page(r.form(here+"/documents/2"), 404)
	if h.size(t) != size {
		t.Error("what was not opened is in the ledger")
	}
	status, header, text := r.take(r.form(button))
	if status != 200 || hashed256(text) != d.at("derivative_sha256") || header.Get("Content-Disposition") != `attachment; filename="`+id+`-1.png"` ||
		header.Get("Cache-Control") != "no-store" || h.size(t) == size {
		t.Errorf("the document: %d %v", status, header)
	}
	h.clock.forward(6 * time.Minute)
	r.page(r.form(button), 403, "Confirm that it is you")
	r.page(r.form(here, "event", "confirm", "version", "1", "password", phrase, "note", "As the register has it."), 200, "What you can do", "As the register has it.</textarea>")
	if status, _, _ := r.take(r.form(button)); status != 200 {
		t.Errorf("the document, after a confirmation: %d", status)
	}
	r.page(r.decides(id, "release"), 200, "Nobody works on it now")
}

// looksOnPages: nothing is opened without a purpose and a reason, of which none is chosen
// beforehand; what was chosen is kept, and the entry says both.
func (h *house) looksOnPages(t *testing.T, r *visitor) {
	t.Helper()
	id := h.register(t, another(5))
	here := "/desk/merchants/" + id
	r.takes(id)
	page := r.get(here, 200, "The ledger will say: your account and role", `<select id="values-purpose" name="purpose" required>`, "Decide registration")
	r.lacks(page, "Decide appeal", `<option value="decide_registration" selected>`)
	size := h.size(t)
	page = r.page(r.form(here+"/values", "purpose", "decide_registration"), 422, `id="values-reason-error"`, `<option value="decide_registration" selected>`, "Approve")
	r.lacks(page, "What you had typed")
	r.page(r.form(here+"/values", "purpose", "decide_appeal", "reason", "note_needed"), 409, "not being worked on for that purpose")
	r.page(r.form(here+"/values", "reason", "because", "purpose", "decide_registration"), 422)
	if h.size(t) != size {
		t.Error("what was not opened is in the ledger")
	}
	page = r.page(r.form(here+"/values", "purpose", "decide_registration", "reason", "duplicate_suspected"), 200, "is entry", "“decide registration” and “duplicate suspected”")
	r.lacks(page, `action="`+here+`/values"`)
	r.get(here, 200, "Version 1 was opened to decide registration", "duplicate suspected")
	h.do(t, "lena", "GET /v1/reviews/"+id, "").want(t, 200, "history.2.type", "merchant_viewed", "history.2.purpose", "decide_registration", "history.2.reason", "duplicate_suspected")
}

// reviewsLieBefore: what several could take lies before the first who opens it. The next one
// reads on without a move, and takes it over with what he had written; who has no move in
// it holds nobody up.
func (h *house) reviewsLieBefore(t *testing.T, r, l *visitor, rita string) {
	t.Helper()
	const before = "It lies open before"
	id := h.register(t, another(6))
	here := "/desk/merchants/" + id
	free := func(v *visitor) {
		t.Helper()
		v.lacks(v.get(here, 200, "What was given"), before)
	}
	free(r)
	l.lacks(l.get(here, 200, before, rita, "What was given", "What happened", "Nothing, while somebody else has it open"), `value="take"`)
	l.get("/desk/merchants", 200, `open with <bdi class="id">`+rita)
	page := l.page(l.form(here, "event", "take", "version", "2", "note", "Im Register."), 409, before, "What you had typed", "take over what lies before", `name="was" value="take"`, `name="note" value="Im Register."`)
	l.lacks(page, "There is no form for it any more")
	l.page(l.form(here, "event", "take_over", "was", "take", "note", "Im Register."), 200, "It lies before you now, and nothing was done yet", "\nIm Register.</textarea>", `value="take"`)
	r.get(here, 200, before)
	r.page(r.form(here, "event", "take_over"), 200, `value="take"`)
	l.get(here, 200, before)
	r.get("/desk/merchants", 200) // he has left
	free(l)
	r.get(here, 200, before)
	h.clock.forward(6 * time.Minute)
	free(r)
	r.takes(id)
	l.lacks(l.get(here, 200, "by <bdi"), before) // it is his, and nobody else can do what he does
	r.page(r.decides(id, "reject", "reason_reject", "not_verified"), 200, "It is rejected")
	h.do(t, "shops", "POST /v1/merchants/"+id+"/appeal", `{"reason":"mistake"}`).want(t, 200)
	free(r) // who decided it does not decide the appeal
	free(l)
	r.get(here, 200, "What was given")
}

// pagesOfQueue: what waits longest is on the first of the pages, and each is on one.
func (h *house) pagesOfQueue(t *testing.T, r *visitor) {
	t.Helper()
	all := map[string]bool{}
	for n := range 27 {
		h.clock.forward(time.Second)
		all[h.register(t, another(10+n))] = true
	}
	next := regexp.MustCompile(`href="(/desk/merchants\?[^"]*after=[^"]*)"`)
	where, seen, pages := "/desk/merchants?jurisdiction=EU&state=in_review", map[string]bool{}, 0
	for where != "" && pages < 5 {
		shown := r.get(where, 200)
		rows := map[string]bool{}
		for _, id := range merchantOnPage.FindAllString(shown, -1) {
			rows[id] = true
		}
		for id := range rows {
			if seen[id] {
				t.Errorf("%s is on two pages", id)
			}
			seen[id] = true
			delete(all, id)
		}
		if pages++; pages == 1 && len(rows) != 25 || pages > 1 && !strings.Contains(shown, "Back to the first") {
			t.Errorf("page %d has %d rows", pages, len(rows))
		}
		where = ""
		if m := next.FindStringSubmatch(shown); m != nil {
			where = strings.ReplaceAll(m[1], "&amp;", "&")
			if !strings.Contains(where, "jurisdiction=EU") || !strings.Contains(where, "state=in_review") {
				t.Errorf("the next page forgets what was asked for: %s", where)
			}
		}
	}
	if len(all) > 0 || pages != 2 {
		t.Errorf("%d are on none of %d pages", len(all), pages)
	}
	r.get("/desk/merchants?after=nonsense", 422)
}
