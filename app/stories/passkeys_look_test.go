package stories

import (
	"testing"
	"time"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/app/oidc/oidctest"
	"bauta.dev/bauta/broker/accounts"
)

// A passkey in a real browser, with the authenticator that its developers' tools put into
// it: added, signed in with, confirmed with, removed; and the provider's sign-in beside it.
func TestPasskeysLook(t *testing.T) {
	t.Parallel()
	var h *house
	p := oidctest.New(t, func() time.Time { return h.clock.now() })
	h = newHouse(t, terms{named: true, provider: p})
	helenas := h.employ(t, "helena", helena, accounts.Handler)
	p.Comes(oidctest.Person{Subject: "1", Email: helena, Verified: true}, nil)
	b := chromium.New(t)
	all := chromium.Looks()
	for i, l := range []chromium.Look{all[0], all[3]} {
		t.Run(l.Name, func(t *testing.T) {
			h.clock.forward(time.Minute)
			v := b.Open(t, l)
			h.worksWithPasskey(t, v, helenas, []string{"steel ring", "old watch"}[i])
		})
	}
}

// writesWithPasskey is a form that asks who sends it: the passkey's word goes into it, and
// what was written stays. So it does when the session has ended meanwhile.
func (h *house) writesWithPasskey(t *testing.T, v *chromium.Tab) {
	t.Helper()
	v.Visit(h.url + "/desk/break-glass")
	v.Type("#open-about", "t-0")
	v.Choose("#open-reason", "danger_to_life")
	v.Type("#open-text", "Nobody answers, and the parcel ticks.")
	v.Awaits(`(document.querySelector("[data-passkey-within] button").click(), true)`)
	v.Awaits(`document.querySelector("[data-passkey-within] [role=status]").textContent.includes("has confirmed that it is you")`)
	v.Check()
	v.Shoot("passkeys-7-within")
	v.Press("form.rail-form .button-main")
	v.Says(".input-error", "There is no transaction")
	v.SaysNot("main", "Confirm that it is you")
	h.clock.forward(31 * time.Minute)
	v.Press("form.rail-form .button-main")
	v.Says("h1", "Sign in again")
	v.Check()
	v.Shoot("passkeys-8-again")
	v.Press("[data-passkey-within] button")
	v.Awaits(`document.querySelector("#open-text").value.includes("the parcel ticks")`)
}

// worksWithPasskey is a person's day with a new passkey.
func (h *house) worksWithPasskey(t *testing.T, v *chromium.Tab, p *person, name string) {
	t.Helper()
	v.Authenticator()
	v.Expects = "status of 4" // what is refused, and says so
	v.Visit(h.url + "/sign-in")
	v.Says("main", "Sign in with a passkey", "Sign in with 127.0.0.1")
	v.Check()
	v.Shoot("passkeys-1-sign-in")
	v.Type("#email", p.email)
	v.Type("#password", phrase)
	v.Type("#code", p.shows(t, h.clock.now()))
	v.Press(`form[action="/sign-in"] button`)
	v.Visit(h.url + "/desk")
	v.Press(`form[action="/desk/passkeys"] button`)
	v.Says(".input-error", "This is missing")
	v.Type("#name", name)
	v.Press(`form[action="/desk/passkeys"] button`)
	v.Says("main", name, "not used yet")
	v.Check()
	v.Shoot("passkeys-2-added")
	v.Press(`form[action="/sign-out"] button`)

	v.Press(`form[action="/sign-in/passkey"] button`)
	v.Says("h1", "Your desk")
	h.clock.forward(6 * time.Minute)
	v.Visit(h.url + "/desk")
	v.Says("main", "last used on 4 March 2026", "after you have confirmed", "Confirm with a passkey")
	v.Check()
	v.Shoot("passkeys-3-stale")
	h.writesWithPasskey(t, v)
	v.Visit(h.url + "/desk")
	v.Press(`form[action="/desk/confirmation/passkey"] button`)
	v.Says("main", "until 4 March 2026")
	v.Press(`a[href="/desk/oidc/binding"]`)
	v.Says("main", "may open this account since")
	v.Check()
	v.Shoot("passkeys-4-bound")
	v.Press(`form[action="/desk/oidc/removal"] button`)
	v.Press(`form[action="/desk/passkeys/removal"] button`)
	v.SaysNot("main", name)
	h.clock.forward(31 * time.Minute)
	v.Type("#name", "too late")
	v.Press(`form[action="/desk/passkeys"] button`)
	v.Says("h1", "Sign in again")
	if v.Count(`document.querySelector("input[name=name]").value === "too late" ? 1 : 0`) != 1 {
		t.Error("the name is gone with the session")
	}
	v.Shoot("passkeys-5-late")
	v.Visit(h.url + "/sign-in")
	v.Press(`form[action="/sign-in/passkey"] button`)
	v.Says(".answer-error", "does not open an account now")
	v.Shoot("passkeys-6-refused")
}
