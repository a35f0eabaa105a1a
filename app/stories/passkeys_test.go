package stories

import (
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/oidc"
	"bauta.dev/bauta/app/passkeys"
	"bauta.dev/bauta/app/passkeys/passkeytest"
	"bauta.dev/bauta/app/web"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// otherWays are those to sign in by beside passwords, as the house's terms have them.
func (d *desk) otherWays(t *testing.T, deps *web.Deps) {
	t.Helper()
	var err error
	if d.house.terms.named {
		d.url = strings.Replace(d.url, "127.0.0.1", "localhost", 1)
		deps.PublicURL = d.url
		if deps.Passkeys, err = passkeys.At(d.url); err != nil {
			t.Fatal(err)
		}
	}
	if p := d.house.terms.provider; p != nil {
		deps.Provider, err = oidc.New(oidc.Config{
			Issuer: p.Issuer(), ClientID: p.ClientID, Secret: masking.NewText(p.Secret), Return: web.ReturnAddress(deps.PublicURL), Now: d.house.clock.now,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// comesIn signs a person in by password and code, a minute later.
func (v *visitor) comesIn(h *house, p *person) {
	v.Helper()
	h.clock.forward(time.Minute)
	v.page(v.form("/sign-in", "email", p.email, "password", phrase, "code", p.shows(v.T, h.clock.now())), 200, "Your desk")
}

// asked is what a script of the page is told.
func (v *visitor) asked(path string, status int) string {
	v.Helper()
	got, _, text := v.take(v.form(path))
	if got != status {
		v.Fatalf("POST %s: %d, want %d: %s", path, got, status, text)
	}
	return text
}

// adds is the way to one passkey more.
func (v *visitor) adds(a *passkeytest.Authenticator, name string, status int, wants ...string) string {
	v.Helper()
	return v.page(v.form("/desk/passkeys", "name", name, "passkey", a.Make(v.T, v.asked("/desk/passkeys/challenge", 200))), status, wants...)
}

// shown is a sign-in by passkey.
func (v *visitor) shown(a *passkeytest.Authenticator, status int, wants ...string) string {
	v.Helper()
	return v.page(v.form("/sign-in/passkey", "passkey", a.Sign(v.T, v.asked("/sign-in/passkey/challenge", 200))), status, wants...)
}

// A passkey is added, signs in, confirms, and is removed; each change is an entry.
func TestPasskeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{named: true})
	p := h.employ(t, "helena", helena, accounts.Handler)
	v, a := h.visitor(t), passkeytest.New(h.url)
	v.comesIn(h, p)
	v.get("/desk", 200, "Your passkeys", "Add a passkey")
	v.page(v.form("/desk/passkeys", "name", " ", "passkey", ""), 422, `id="name-error"`, "This is missing") // before a passkey is made
	v.adds(passkeytest.New(h.url), "a name\nof two lines", 422, "on one line")
	v.adds(a, "segredo do bilhete", 200, "segredo do bilhete", "not used yet", "Remove<span")

	other := h.visitor(t)
	other.get("/sign-in", 200, "Sign in with a passkey")
	other.shown(a, 200, "Your desk")
	other.get("/desk", 200, "last used on 4 March 2026", "until <time")
	h.clock.forward(6 * time.Minute)
	other.get("/desk", 200, "after you have confirmed that it is you", "Confirm with a passkey", "Confirm that it is you to add or remove one")
	asked := other.asked("/desk/confirmation/passkey/challenge", 200)
	other.page(other.form("/desk/confirmation/passkey", "passkey", a.Sign(t, asked)), 200, "until <time")
	for i := 2; i <= accounts.MostPasskeys; i++ {
		other.adds(passkeytest.New(h.url), "key "+strconv.Itoa(i), 200, "key "+strconv.Itoa(i))
	}
	other.get("/desk", 200, "as many as there may be")
	if full := other.asked("/desk/passkeys/challenge", 409); !strings.Contains(full, "passkeys_full") {
		t.Errorf("a sixth: %s", full)
	}
	own := other.get("/desk", 200)
	id := regexp.MustCompile(`name="id" value="([0-9a-f]{16})"`).FindStringSubmatch(own)[1]
	h.clock.forward(6 * time.Minute)
	other.page(other.form("/desk/passkeys/removal", "id", id), 403, "Confirm that it is you", "segredo do bilhete")
	other.asked("/desk/passkeys/challenge", 403)
	h.nameIsKept(t, other, p)
	other.page(other.form("/desk/confirmation", "password", phrase), 200)
	if after := other.page(other.form("/desk/passkeys/removal", "id", id), 200); strings.Contains(after, "segredo do bilhete") {
		t.Error("it is not removed")
	}
	other.page(other.form("/desk/passkeys/removal", "id", id), 200) // again
	other.shown(a, 401, "does not open an account now")
	got := strings.Join(h.reported(t), "|")
	if strings.Count(got, "passkey_added handler "+p.id) != 5 || strings.Count(got, "passkey_removed handler "+p.id) != 2 {
		t.Errorf("the entries say %s", got)
	}
}

// shape is a page without what differs from one request to the next.
func shape(page string) string {
	return regexp.MustCompile(`req_[0-9a-z]+`).ReplaceAllString(page, "req")
}

// What a passkey does not open it does not open for one reason, in the same words as
// a password does not.
func TestPasskeysRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{named: true})
	p := h.employ(t, "helena", helena, accounts.Handler)
	q := h.employ(t, "rui", rui, accounts.Lead)
	v, w, a := h.visitor(t), h.visitor(t), passkeytest.New(h.url)
	v.comesIn(h, p)
	w.comesIn(h, q)
	v.adds(a, "one", 200)
	answer := a.Sign(t, v.asked("/desk/confirmation/passkey/challenge", 200))

	stranger := h.visitor(t)
	want := shape(stranger.page(stranger.form("/sign-in", "email", "nobody@example.com", "password", phrase, "code", "000000"), 401))
	same := func(what string, visitor *visitor, answer string) {
		t.Helper()
		if got := shape(visitor.page(visitor.form("/sign-in/passkey", "passkey", answer), 401)); got != want {
			t.Errorf("%s: %s", what, got)
		}
	}
	same("a challenge of a confirmation", stranger, answer)
	same("nothing", stranger, "")
	same("no answer", stranger, `{"id":"segredo do bilhete"}`)
	answer = a.Sign(t, stranger.asked("/sign-in/passkey/challenge", 200))
	another := h.visitor(t)
	another.asked("/sign-in/passkey/challenge", 200)
	same("a challenge of another browser", another, answer)
	stranger.page(stranger.form("/sign-in/passkey", "passkey", answer), 200, "Your desk")
	same("an answer that was given before", stranger, answer)
	answer = a.Sign(t, stranger.asked("/sign-in/passkey/challenge", 200))
	h.clock.forward(accounts.Asked)
	same("5 minutes later", stranger, answer)
	elsewhere, careless, foreigner := a.Copy(), a.Copy(), passkeytest.New(h.url)
	elsewhere.Origin, careless.Unverified = "https://elsewhere.example", true
	same("a page of another site", stranger, elsewhere.Sign(t, stranger.asked("/sign-in/passkey/challenge", 200)))
	same("nobody verified", stranger, careless.Sign(t, stranger.asked("/sign-in/passkey/challenge", 200)))
	h.clock.forward(time.Minute)
	w.page(w.form("/desk/confirmation", "password", phrase), 200)
	made := foreigner.Make(t, w.asked("/desk/passkeys/challenge", 200)) // it was made, and never added
	same("a passkey of nobody's", stranger, foreigner.Sign(t, stranger.asked("/sign-in/passkey/challenge", 200)))

	v.page(v.form("/desk/confirmation", "password", phrase), 200)
	v.page(v.form("/desk/passkeys", "name", "x", "passkey", made), 422, "begin again") // it was another's to add
	w.page(w.form("/desk/passkeys", "name", "x", "passkey", made), 200)
	w.page(w.form("/desk/passkeys", "name", "x", "passkey", made), 422, "begin again")
	w.page(w.form("/desk/confirmation/passkey", "passkey", a.Sign(t, w.asked("/desk/confirmation/passkey/challenge", 200))), 403, "does not confirm")
	for _, form := range []string{"/sign-in/passkey", "/desk/confirmation/passkey", "/desk/passkeys", "/desk/passkeys/removal"} {
		v.page(foreign(v.form(form)), 403, "came from another site")
	}
	if status, _, _ := v.take(foreign(v.form("/sign-in/passkey/challenge"))); status != http.StatusForbidden {
		t.Errorf("another site's script is told: %d", status)
	}
	h.visitor(t).asked("/desk/passkeys/challenge", 401)
	stranger.asked("/desk/passkeys/challenge", 403) // not just confirmed
}

// A passkey of which there are two is removed, whoever has the copy; a lock-out does not
// hold one up, and a reset takes it away.
func TestPasskeysEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{named: true})
	p := h.employ(t, "helena", helena, accounts.Handler)
	v, a, still := h.visitor(t), passkeytest.New(h.url), passkeytest.New(h.url)
	still.Counts = false
	v.comesIn(h, p)
	v.adds(a, "it counts", 200)
	v.adds(still, "it does not", 200)
	for range 6 {
		h.try(t, helena, "another phrase", "000000").want(t, 401)
	}
	other, thief := h.visitor(t), a.Copy()
	other.shown(a, 200, "Your desk")
	other.shown(a, 200, "Your desk")
	other.shown(still, 200, "Your desk")
	other.shown(still, 200, "Your desk")
	other.shown(thief, 401, "does not open an account now")
	other.shown(a, 401)
	if got := strings.Join(h.reported(t), "|"); !strings.Contains(got, "passkey_removed handler broker") || !strings.Contains(h.log.String(), "counter went back") {
		t.Errorf("nothing tells of the copy: %s", got)
	}
	other.get("/desk", 200, "it does not")
	if strings.Contains(other.get("/desk", 200), "it counts") {
		t.Error("the passkey that was copied is still there")
	}
	if _, err := h.broker.ResetAccount(t.Context(), accounts.ID(p.id)); err != nil {
		t.Fatal(err)
	}
	other.get("/desk", 200, "<h1>Sign in</h1>")
	other.shown(still, 401)
	if left := h.ask(t, `SELECT count(*) FROM passkey_uses`); left != "0" {
		t.Errorf("%s uses are left", left)
	}
}

// Forms that ask who sends them take a passkey, once and from the session that was asked;
// what was written stays in them. A session that ended while somebody wrote is opened again
// by a passkey, too.
func TestPasskeysInForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{named: true})
	h.shops(t)
	p, q := h.employ(t, "rita", helena, accounts.MerchantReviewer), h.employ(t, "lena", rui, accounts.Lead)
	v, w, a := h.visitor(t), h.visitor(t), passkeytest.New(h.url)
	id := h.register(t, nordlicht)
	here := "/desk/merchants/" + id
	in := func(v *visitor, p *person) {
		t.Helper()
		h.clock.forward(time.Minute)
		v.page(v.form("/sign-in", "email", p.email, "password", phrase, "code", p.shows(t, h.clock.now())), 200)
	}
	in(v, p)
	v.takes(id)
	h.clock.forward(6 * time.Minute)
	v.lacks(v.get(here, 200, "Confirm that it is you"), "with a passkey", "<script") // the account has none
	v.page(v.form("/desk/confirmation", "password", phrase), 200)
	v.adds(a, "one", 200)
	h.clock.forward(6 * time.Minute)
	in(w, q)
	v.get(here, 200, "Confirm with a passkey", `data-ask="/desk/confirmation/passkey/challenge"`, `<script src="/assets/passkey.`)
	note := []string{"event", "ask", "version", "1", "reason_ask", "document_missing", "note", "Bitte den Auszug."}
	looks := func(said string) []string { return append(lookingOnPage(), "passkey", said) }
	again := func(what, said string) {
		t.Helper()
		page := v.page(v.form(here+"/values", looks(said)...), 403, "does not confirm that it is you", `<option value="fields_to_verify" selected>`, "Confirm with a passkey")
		v.lacks(page, "is entry", said[:20])
	}
	again("nothing that an authenticator says", "segredo do bilhete, e mais")
	again("a challenge of a sign-in", a.Sign(t, v.asked("/sign-in/passkey/challenge", 200)))
	again("a challenge of nobody's", a.Sign(t, `{"challenge":"`+strings.Repeat("A", 43)+`","rpId":"localhost"}`))
	late := a.Sign(t, v.asked("/desk/confirmation/passkey/challenge", 200))
	h.clock.forward(accounts.Asked)
	again("5 minutes later", late)
	said := a.Sign(t, v.asked("/desk/confirmation/passkey/challenge", 200))
	w.page(w.form("/desk/confirmation/passkey", "passkey", said), 403) // asked of another session
	v.page(v.form(here+"/values", looks(said)...), 200, "is entry", "DE89370400440532013000")
	h.clock.forward(6 * time.Minute)
	again("an answer that was given before", said)

	h.clock.forward(time.Hour)
	page := v.page(v.form(here, note...), 401, "Sign in again", "Sign in with a passkey, and go on", `data-ask="/sign-in/passkey/challenge"`, `value="Bitte den Auszug."`)
	v.lacks(page, " in another tab")
	sent := func(said string) []string {
		return append([]string{"email", "", "password", "", "code", "", "passkey", said}, note...)
	}
	v.page(v.form(here, sent(said)...), 401, "does not open an account now", `value="Bitte den Auszug."`)
	v.page(v.form(here, sent(a.Sign(t, v.asked("/sign-in/passkey/challenge", 200)))...), 200, "You are signed in again, and nothing was done yet", "\nBitte den Auszug.</textarea>")
}

// Where people find the broker by a number there is none of it.
func TestNoPasskeys(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	v := h.visitor(t)
	if page := v.get("/sign-in", 200); strings.Contains(page, "passkey") || strings.Contains(page, "<script") {
		t.Error("passkeys are offered")
	}
	v.asked("/sign-in/passkey/challenge", 404)
	v.page(v.form("/sign-in/passkey", "passkey", "{}"), 404)
	v.get("/sign-in/oidc", 404)
	v.get("/sign-in/oidc/callback?"+url.Values{"state": {"s"}}.Encode(), 404)
}

// A role that has changed is felt by the next request, at the desk as well.
func TestRoleChangesWhileSignedIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	p := h.employ(t, "rui", rui, accounts.Lead)
	v := h.visitor(t)
	v.comesIn(h, p)
	v.get("/desk", 200, "Lead,")
	h.do(t, "rui", "GET /v1/handlers", "").want(t, 200)
	h.do(t, "helena", "POST /v1/handlers/"+p.id+"/role", `{"role":"auditor"}`).want(t, 200)
	v.get("/desk", 200, "Auditor,", "changed by another one")
	h.do(t, "rui", "GET /v1/session", "").want(t, 200, "role", "auditor")
	h.do(t, "rui", "POST /v1/handlers", body("email", "x@example.com", "role", "handler")).want(t, 403, "code", "role_missing")
	h.do(t, "helena", "POST /v1/handlers/"+p.id+"/end", `{"reason":"left"}`).want(t, 200)
	v.get("/desk", 200, "<h1>Sign in</h1>")
}
