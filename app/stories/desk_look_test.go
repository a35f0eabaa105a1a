package stories

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker/accounts"
)

// Signing in, setting up and the desk, as people see them, in a real browser:
// on a wide and a narrow screen, by day and by night, and without scripts.
func TestDeskLooks(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.employ(t, "rui", rui, accounts.PrivacyOfficer)
	b := chromium.New(t)
	looks := append(chromium.Looks(), chromium.Look{Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true})
	for _, l := range looks {
		t.Run(l.Name, func(t *testing.T) { h.walkIn(t, b.Open(t, l), "visitor-"+l.Name+"@example.com") })
	}
}

// walkIn is one person's first day.
func (h *house) walkIn(t *testing.T, v *chromium.Tab, email string) {
	t.Helper()
	made := h.signInAgain(t, "rui", email)
	code := made.at("set_up_code")
	v.Expects = "status of 4" // forms that are shown again say so
	v.Visit(h.url + "/desk")
	v.Says("h1", "Sign in")
	v.Check()
	v.Shoot("desk-1-sign-in")
	v.Press("button[type=submit]")
	v.Says(".input-error", "This is missing.")
	v.Check()
	v.Shoot("desk-2-wrong")

	v.Visit(h.url + "/sign-in/set-up#" + code)
	v.Says("h1", "Set up your account")
	v.Check()
	v.Shoot("desk-3-code")
	v.Type("#set_up_code", code)
	v.Press("button[type=submit]")
	v.Check()
	v.Shoot("desk-4-set-up")
	p := &person{name: "visitor", email: email, secret: strings.Join(strings.Fields(v.Text(".key")), "")}
	v.Type("#password", "password1234")
	v.Type("#code", "000000")
	v.Press("button[type=submit]")
	v.Says(".input-error", "tried first")
	v.Shoot("desk-5-weak")
	v.Type("#password", phrase)
	v.Type("#code", p.shows(t, h.clock.now()))
	v.Press("button[type=submit]")
	v.Says("h1", "Your desk")
	v.Visit(h.url + "/desk")
	v.Says("main", "Privacy officer", "from 5 March 2026", "Made: privacy officer")
	h.clock.forward(5 * time.Minute)
	h.try(t, email, phrase, p.shows(t, h.clock.now())).want(t, 201)
	v.Visit(h.url + "/desk")
	v.Says("main", "after you have confirmed", "this one")
	v.Check()
	v.Shoot("desk-6-desk")
	v.Type("#password", "not this one")
	v.Press(`form[action="/desk/confirmation"] button`)
	v.Says(".answer-error", "does not confirm")
	v.Shoot("desk-7-not-confirmed")
	v.Type("#password", phrase)
	v.Press(`form[action="/desk/confirmation"] button`)
	v.Says("main", "until 4 March 2026")
	v.Press(`form[action="/desk/sessions"] button`)
	v.Press(`form[action="/sign-out"] button`)
	v.Says("h1", "Sign in")
	v.Visit(h.url + "/desk")
	v.Says("h1", "Sign in")
}

// signInAgain lets an officer confirm who he is, and make an account.
func (h *house) signInAgain(t *testing.T, name, email string) reply {
	t.Helper()
	h.do(t, name, "POST /v1/session/confirmation", body("password", phrase)).want(t, 200)
	return h.do(t, name, "POST /v1/handlers", body("email", email, "role", "privacy_officer")).want(t, 201)
}
