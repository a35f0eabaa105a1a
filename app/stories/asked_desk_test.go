package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// sends sends a form of a request's page as the page has it now, and goes where it leads.
func (v *visitor) sends(at, event string, status int, pairs ...string) func(wants ...string) string {
	moves := between(v.get(at, 200), `name="moves" value="`, `"`)
	return func(wants ...string) string {
		return v.page(v.form(at, append([]string{"event", event, "moves", moves, "seen", "1"}, pairs...)...), status, wants...)
	}
}

// A disclosure that is left to people is worked on pages, from the queue to the decision,
// by two of them; what a person can't do is not offered, and what he sends all the same
// does nothing and loses nothing.
func TestRequestIsWorkedOnPages(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	c.attest(t, "t-1", "pay 221.65, accept 1")
	asked := c.do(t, "market", "POST /v1/disclosures", body("transaction", "t-1", "requester", "s-1", "purpose", "deliver", "note", crafty)).want(t, 201, "decision", "pending")
	id := asked.at("id")
	at := "/desk/requests/" + id
	c.do(t, "market", "POST /v1/disclosures/"+id+"/objection", body("party", "b-1", "reason", "other_way", "note", "Hinrich, Estrada do Coco 2138")).want(t, 200)
	hanna, lena := c.atDesk(t, c.hanna), c.atDesk(t, c.lena)

	tab := func(queue, count string) string {
		return `?queue=` + queue + `" aria-current="page">` + map[string]string{"mine": "Mine", "second": "Second approval", "unassigned": "Unassigned", "waiting": "All that wait"}[queue] + ` <span class="count">` + count
	}
	hanna.get("/dashboard?queue=requests", 200, `href="`+at+`" id="first"`, "Skip to the first request")
	hanna.get("/dashboard", 200, tab("unassigned", "1"), `href="`+at+`" id="first"`, "Skip to the first request", "No case waits here")
	hanna.get("/dashboard?queue=waiting&asked=x", 422)
	page := hanna.get(at, 200, "Take it", "The subject objected", "Other way", "may be given", "at risk", "GDPR 12(3)", "Values, and what the sides wrote, are opened by whoever")
	for _, not := range []string{"Hinrich", "ליאה", "Giovana", `value="propose"`, `value="grant"`, `value="approve"`, `value="reveal"`} {
		if strings.Contains(page, not) {
			t.Errorf("%q is on the page of a request that nobody has", not)
		}
	}
	hanna.sends(at, "take", 200)("It is yours.", `value="propose"`, `value="reveal"`, `value="grant"`)
	hanna.sends(at, "grant", 409, "reason", "necessary", "field_address", "on")("second person", `name="field_address" type="checkbox"`)
	c.opensOfRequest(t, hanna, at)

	hanna.sends(at, "propose", 409, "reason", "necessary")("Choose what is given")
	hanna.sends(at, "propose", 422, "field_name", "on", "views", "0")(`id="propose-reason-error"`, "A number from 1 to 100", `checked`)
	hanna.sends(at, "propose", 200, "reason", "necessary", "field_name", "on", "field_address", "on", "views", "2", "days", "3")("It is proposed", "Proposed by you", "not you, whatever your role is")
	hanna.get("/dashboard?queue=mine", 200, tab("mine", "1"), `href="`+at+`"`)
	hanna.get("/dashboard?queue=second", 200, "Nothing waits here")
	lena.get("/dashboard?queue=second", 200, tab("second", "1"), `href="`+at+`"`)
	hash := between(lena.get(at, 200, "Approve just this", "What an approval would give"), `name="hash" value="`, `"`)
	hanna.sends(at, "approve", 403, "hash", hash)("Another person has to do this")
	lena.sends(at, "approve", 409, "hash", "sha256:"+repeat("0", 64))("not what was proposed, or not what you looked at")
	lena.sends(at, "approve", 200, "hash", hash)("It is decided", "Suspend the grant")
	if r := c.view(t, id, "s-1").want(t, 200, "views_left", "1"); r.opens() != "address name" {
		t.Errorf("opens %s", r.opens())
	}
	hanna.get(at, 200, "The seller", "name, address", "Staff looked into a disclosure")
	lena.sends(at, "suspend", 200, "reason", "misuse_suspected")("Nobody looks at it any more", "as it would live again")
	hanna.sends(at, "propose", 200, "reason", "necessary")("let the grant live again")
	lena.sends(at, "reinstate", 200, "hash", between(lena.get(at, 200), `name="hash" value="`, `"`))("The grant lives again")
}

// opensOfRequest: what is sealed is opened by an entry, on a page that is seen once.
func (c *court) opensOfRequest(t *testing.T, hanna *visitor, at string) {
	t.Helper()
	hanna.sends(at, "reveal", 422, "purpose", "decide_request")("Choose what you need to see", `id="reveal-reason-error"`)
	page := hanna.sends(at, "reveal", 200, "purpose", "decide_request", "reason", "note_needed", "field_name", "on", "notes_subject", "on", "notes_requester", "on")("Giovana Teixeira", "Hinrich", "Both sides are told", "after 60 seconds")
	if strings.Contains(page, "<script>document") || !strings.Contains(page, "&lt;script&gt;document") {
		t.Error("a note is more than a text")
	}
	if page := hanna.get(at, 200, "Handler (you)</b>: name; what the requester and the subject wrote", "note needed"); strings.Contains(page, "Giovana") || strings.Contains(page, "Hinrich") {
		t.Error("what was opened stayed on the page")
	}
}

// Two who work on one request at once, a session that ends, another site's form and
// people who have no business there: nothing happens that somebody did not look at.
func TestRequestPagesAreFresh(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	c.attest(t, "t-1", "pay 221.65, accept 1")
	asked := c.disclose(t, "t-1", "s-1", "deliver").want(t, 201)
	at := "/desk/requests/" + asked.at("id")
	hanna, hugo := c.atDesk(t, c.hanna), c.atDesk(t, c.hugo)
	anna := c.atDesk(t, c.employ(t, "anna", "anna@desk.example.org", accounts.Auditor))
	rita := c.atDesk(t, c.employ(t, "rita", "rita@desk.example.org", accounts.MerchantReviewer))
	stranger := c.visitor(t)

	hugo.sends(at, "take", 200)("It is yours.")
	hanna.page(hanna.form(at, "event", "deny", "moves", "1", "seen", "1", "reason", "other_way", "text", "Não é preciso."), 412, "Somebody was faster", "Somebody took the request", "Não é preciso.")
	hanna.page(hanna.form(at, "event", "deny", "moves", "2", "seen", "1", "reason", "other_way", "text", "Não é preciso."), 409, "What you had typed", "Não é preciso.")
	hugo.page(foreign(hugo.form(at, "event", "release", "moves", "2", "seen", "1")), 403, "came from another site")
	hugo.page(hugo.form(at, "event", "lose", "moves", "2", "seen", "1"), 400)
	stranger.get(at, 200, "<h1>Sign in</h1>")
	stranger.page(stranger.form(at, "event", "deny", "moves", "2", "seen", "1", "text", "שלום <b>"), 401, "Sign in again", `value="שלום &lt;b&gt;"`)
	rita.get(at, 403)
	if page := anna.get(at, 200, "You read requests, and do nothing in them"); strings.Contains(page, "<button") {
		t.Error("an auditor is given something to press")
	}
	anna.page(anna.form(at, "event", "take", "moves", "2", "seen", "1"), 403)
	hugo.get("/desk/requests/dsc_0", 404)
	hugo.get(at+"?before=x", 400)
	hugo.sends(at, "ask", 422, "reason", "purpose_unclear", "text", strings.Repeat("x", 2001))(`id="ask-text-error"`, `maxlength="2000"`)
	hugo.get(at+"?done=take", 200, "It is yours")
	hugo.lacks(hugo.get(at+"?done=deny", 200), "It is refused")
	c.clock.forward(6 * time.Minute)
	hugo.sends(at, "deny", 422, "reason", "other_way")("Confirm that it is you", `<option value="other_way" selected>`)
	hugo.sends(at, "deny", 200, "reason", "other_way", "password", phrase)("It is refused", "Nothing, as it stands")
	hugo.page(hugo.form(at, "event", "deny", "moves", "2", "seen", "1", "reason", "other_way"), 412, "Somebody was faster") // the back button
}

// What several could work on lies before one of them: another one reads on, sees before
// whom it lies, and takes it over if he wants to.
func TestDeskIsLockedWhileOpen(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	at := "/desk/cases/" + strings.TrimPrefix(path, "/v1/disputes/")
	c.clock.forward(48 * time.Hour)
	c.on(t, path, "escalation", `{"by":"b-1"}`).want(t, 200)
	hanna, hugo := c.atDesk(t, c.hanna), c.atDesk(t, c.hugo)
	anna := c.atDesk(t, c.employ(t, "anna", "anna@desk.example.org", accounts.Auditor))
	anna.get(at, 200)
	anna.get("/dashboard", 200)
	c.bought(t, "t-2") // nobody is to do anything about a case that the two still talk about
	talks := "/desk/cases/" + strings.TrimPrefix(c.opens(t, "t-2"), "/v1/disputes/")
	hanna.get(talks, 200)
	if page := hugo.get(talks, 200, "break glass"); strings.Contains(page, "It lies open before") {
		t.Error("a case that nobody can take is locked")
	}
	hanna.get(at, 200, `value="assign"`)
	hugo.get("/dashboard", 200, "open with <bdi>"+c.hanna.id)
	if page := hugo.get(at, 200, "It lies open before", c.hanna.id, "break glass", "Nothing, while somebody else has it open"); strings.Contains(page, `value="assign"`) {
		t.Error("two are offered the same work")
	}
	hanna.get("/dashboard", 200)
	hugo.get(at, 200, `value="assign"`)
	c.clock.forward(6 * time.Minute) // he went away
	hanna.get(at, 200, `value="assign"`)
	hugo.page(hugo.form(at, "event", "take_over", "moves", "2", "seen", "1"), 200, `value="assign"`)
	hanna.page(hanna.form(at, "event", "assign", "moves", "2", "seen", "1"), 200, "It is assigned") // what is taken is taken, lock or none
	hugo.page(hugo.form(at, "event", "assign", "moves", "2", "seen", "1"), 412, "Somebody was faster")
	c.caseFormsKeep(t, hanna, hugo, path, at)
	hugo, lena := c.atDesk(t, c.hugo), c.atDesk(t, c.lena)
	c.takenOverWithText(t, hugo, lena, at)
	c.roleIsGone(t, lena, at)
}

// An id finds what it is the id of. What is not there and what is not for whoever looks
// are one answer, and what is no id is not looked for: it stays where it was typed.
func TestDeskFindsById(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	path := c.opens(t, "t-1")
	asked := c.disclose(t, "t-1", "s-1", "deliver").want(t, 201)
	id := strings.TrimPrefix(path, "/v1/disputes/")
	hanna := c.atDesk(t, c.hanna)
	finds := func(what string, status int, wants ...string) string {
		return hanna.page(hanna.form("/desk/search", "id", what), status, wants...)
	}
	hanna.get("/desk/search", 200, "Names, addresses and numbers are not searched")
	finds(id, 200, "What you can do", "Not received")
	finds(asked.at("id"), 200, "What you can do", "Deliver")
	finds("t-1", 200, "/desk/cases/"+id, "/desk/requests/"+asked.at("id"))
	finds("b-1", 200, "/desk/cases/"+id)
	for _, party := range []string{"s-1", "b-1"} {
		if page := finds(party, 200, "/desk/cases/"+id); strings.Count(page, `href="/desk/requests/`+asked.at("id")) != 1 {
			t.Errorf("what %s asked for, or was asked, is not found once", party)
		}
	}
	hanna.page(hanna.form("/desk/break-glass", "event", "break", "moves", "0", "seen", "0", "about", "t-1", "reason", "danger_to_life", "text", "The courier has threatened her."), 200)
	session := between(hanna.get("/desk/break-glass", 200), `href="/desk/break-glass/bgl_`, `"`)
	finds("bgl_"+session, 200, "The courier has threatened her.")
	hugo := c.atDesk(t, c.hugo)
	hugo.page(hugo.form("/desk/search", "id", "bgl_"+session), 200, "Nothing that is here for you to see")
	none := finds("t-2", 200, "Nothing that is here for you to see")
	for _, x := range []string{"dsp_00000000000000000000000000", "dsc_00000000000000000000000000", "mer_00000000000000000000000000", "bgl_00000000000000000000000000", "b-9"} {
		if finds(x, 200) != none {
			t.Errorf("%s has an answer of its own", x)
		}
	}
	for _, x := range []string{"giovana@example.org", "Giovana Teixeira", "+5511912345678", ""} {
		page := finds(x, 422, `id="id-error"`)
		typed := strings.ReplaceAll(x, "+", "&#43;")
		if x != "" && (strings.Count(page, typed) != 1 || !strings.Contains(page, ` value="`+typed+`"`)) {
			t.Errorf("%q is not in its field, or elsewhere as well", x)
		}
	}
	rita := c.atDesk(t, c.employ(t, "rita", "rita@desk.example.org", accounts.MerchantReviewer))
	rita.get("/desk/search", 403)
	c.searchKeeps(t, hanna, rita)
	c.glassKeeps(t, hanna, "/desk/break-glass/bgl_"+session)
}
