package stories

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/accounts"
)

// The reviewers' desk and the public page, in a real browser: a merchant that two
// people look at, and one that one is enough for.
func TestReviewLooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.shops(t)
	two := [2]*person{
		h.employ(t, "rita", "helena.duarte51@desk.example.org", accounts.MerchantReviewer), h.employ(t, "lena", "rui.mascarenhas8@desk.example.org", accounts.Lead),
	}
	b := chromium.New(t)
	for i, l := range []chromium.Look{
		{Name: "1440-light", Width: 1440, Height: 900},
		{Name: "390-dark", Width: 390, Height: 844, Mobile: true, Dark: true},
		{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true},
	} {
		t.Run(l.Name, func(t *testing.T) { h.lookAtReviews(t, b, l, two, i) })
	}
}

// comesIn signs somebody in at the desk.
func (h *house) comesIn(t *testing.T, v *chromium.Tab, p *person) {
	t.Helper()
	h.clock.forward(time.Minute)
	v.Visit(h.url + "/sign-in")
	v.Type(idOf("email"), p.email)
	v.Type(idOf("password"), phrase)
	v.Type(idOf("code"), p.shows(t, h.clock.now()))
	v.Press("button[type=submit]")
	v.Visit(h.url + "/desk")
	v.Says("h1", "Your account")
}

func (h *house) lookAtReviews(t *testing.T, b *chromium.Browser, l chromium.Look, two [2]*person, n int) {
	t.Helper()
	plain := h.register(t, strings.NewReplacer(`"n-1"`, `"n-`+itoa(n)+`"`, "HRB 868910", "HRB 86891"+itoa(n), `"tax":[{"kind":"vat","country":"DE","number":"DE160459932"}],`, "").Replace(nordlicht))
	h.do(t, "shops", "POST /v1/merchants/"+plain+"/documents?kind=licence", picture(t), "Content-Type", "image/png").want(t, 201)
	doubtful := h.register(t, strings.Replace(hangzhou, `"h-1"`, `"h-`+itoa(n)+`"`, 1))
	v := b.Open(t, l)
	v.Expects = "status of 4"
	look := func(name string) {
		t.Helper()
		v.Check()
		v.Shoot("review-" + name)
	}
	h.comesIn(t, v, two[0])
	v.Press(`a[href="/desk/merchants"]`)
	look("1-queue")
	v.Visit(h.url + "/desk/merchants/" + plain)
	look("2-untaken")
	v.Press(`button[value=take].button`)
	v.Says("[role=status]", "yours to work on")
	look("3-taken")
	h.clock.forward(6 * time.Minute)
	looksFor(v)
	v.Type(idOf("note"), "To be looked at.")
	refused := v.Opens(`form[action$="/values"] button`)
	refused.Says(".input-error", "password or a code")
	refused.Check()
	refused.Shoot("review-4-confirm")
	refused.Type(idOf("values-password"), phrase)
	values := refused.Opens(`form[action$="/values"] button`)
	values.Says("main", "DE89370400440532013000", "Ottilie Brandt")
	values.Check()
	values.Shoot("review-5-values")
	values.Press(`a.button[href="/desk/merchants/` + plain + `"]`)
	values.SaysNot("main", "DE89370400440532013000")
	v.Press(`button[value=approve].button`)
	if v.Count(`document.querySelector("#note").value === "To be looked at." ? 1 : 0`) != 1 {
		t.Error("what was typed is gone with what was opened")
	}
	v.Says(".input-error", "Choose one")
	look("5-missing")
	verifies(v, "approve")
	v.Press(`button[value=approve].button`)
	v.Says(".chip-live", "active")
	look("6-approved")

	rejected := ""
	if n < 2 { // once wide and once narrow
		rejected = h.rejects(t, v, n)
	}
	v.Visit(h.url + "/desk/merchants/" + doubtful)
	v.Says("main", "Two people are needed")
	v.Press(`button[value=take].button`)
	looksFor(v)
	v.Opens(`form[action$="/values"] button`).Says("main", "is entry")
	verifies(v, "propose")
	v.Press(`button[value=propose].button`)
	look("7-proposed")
	lead := b.Open(t, l)
	lead.Expects = "status of 4"
	h.comesIn(t, lead, two[1])
	lead.Visit(h.url + "/desk/merchants/" + doubtful)
	lead.Check()
	lead.Shoot("review-8-lead")
	looksFor(lead)
	lead.Opens(`form[action$="/values"] button`).Says("main", "is entry")
	lead.Press(`button[value=approve].button`)
	lead.Says("main", "It is approved", "active")
	if rejected != "" {
		h.lookAtAppeal(t, lead, rejected)
	}

	v.Visit(h.url + "/merchants/" + plain + "?lang=en")
	v.Says("main", "Nordlicht Kerzen GmbH", "DSA 30(7)")
	v.SaysNot("main", "DE89370400440532013000", "Ottilie")
	look("9-public")
	v.Visit(h.url + "/merchants/" + doubtful + "?lang=zh")
	look("10-public-zh")
	v.Visit(h.url + "/merchants/mer_00000000000000000000000000?lang=pt")
	look("11-nobody")
}

// looksFor says what what was given is opened for.
func looksFor(v *chromium.Tab) {
	v.Choose("#values-purpose", "decide_registration")
	v.Choose("#values-reason", "fields_to_verify")
}

// verifies chooses all that an approval says.
func verifies(v *chromium.Tab, event string) {
	v.Choose("#review-source", "company_register")
	v.Choose("#review-method", "looked_up")
	v.Choose("#review-reason_"+event, "verified")
}

// rejects is a registration that was rejected on the page, and appealed.
func (h *house) rejects(t *testing.T, v *chromium.Tab, n int) (id string) {
	t.Helper()
	id = h.register(t, another(n))
	v.Visit(h.url + "/desk/merchants/" + id)
	v.Press(`button[value=take].button`)
	v.Choose("#review-reason_reject", "not_verified")
	v.Press(`button[value=reject].button`)
	h.do(t, "shops", "POST /v1/merchants/"+id+"/appeal", `{"reason":"mistake"}`).want(t, 200)
	return id
}

// lookAtAppeal is another person's look at it.
func (h *house) lookAtAppeal(t *testing.T, lead *chromium.Tab, id string) {
	t.Helper()
	lead.Visit(h.url + "/desk/merchants/" + id)
	lead.Press(`button[value=take].button`)
	lead.Check()
	lead.Shoot("review-12-appealed")
	lead.Choose("#review-reason_uphold", "number_not_found")
	lead.Press(`button[value=uphold].button`)
	lead.Says("[role=status]", "upheld")
}
