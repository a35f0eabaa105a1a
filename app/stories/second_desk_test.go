package stories

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/passkeys/passkeytest"
	"bauta.dev/bauta/broker/accounts"
)

// seconds is the tab of what waits for a second person, and how much does.
func seconds(count string) string {
	if count == "" {
		return `aria-current="page">Second approval</a>`
	}
	return `aria-current="page">Second approval <span class="count">` + count + `</span>`
}

// What is proposed about a grant that nobody has objected to stands in the second person's
// queue until somebody has looked, is overdue there when its time is over, and nobody else's.
func TestGrantsWaitForASecondPerson(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.attest(t, "t-1", "pay 221.65, accept 1")
	asked := c.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	id := asked.at("id")
	at := "/desk/requests/" + id
	hanna, lena := c.atDesk(t, c.hanna), c.atDesk(t, c.lena)
	hanna.sends(at, "propose_revocation", 422)("Propose to end the grant for good")
	hanna.sends(at, "propose_revocation", 200, "reason", "misuse_suspected")("It is proposed", "Proposed by you", "A second person looks (ours)")
	hanna.get("/dashboard?queue=mine", 200, `href="`+at+`"`, "Proposed: to end the grant for good", "you have it")
	hanna.lacks(hanna.get("/dashboard?queue=second", 200, "Nothing waits here", seconds("")), at, "A second person is waited for")
	lena.get("/dashboard?queue=second", 200, seconds("1"), `href="`+at+`"`, "3 days left")
	lena.lacks(lena.get("/dashboard?queue=overdue", 200), at)
	c.do(t, "lena", "GET /v1/requests?state=granted", "").want(t, 200, "data.0.disclosure", id, "data.0.proposal.event", "revoke", "data.0.due_at", "2026-03-07T12:02:00Z")
	c.clock.forward(72*time.Hour + time.Minute)
	c.sits(t)
	hanna, lena = c.atDesk(t, c.hanna), c.atDesk(t, c.lena)
	hugo := c.atDesk(t, c.hugo)
	lena.get("/dashboard?queue=overdue", 200, `href="`+at+`"`, "overdue by ")
	lena.get("/desk/overview", 200, "Requests that wait", "1 overdue; 1 for a second person")

	hugo.lacks(hugo.get("/dashboard?queue=second", 200, "Nothing waits here", seconds("")), at) // it takes a lead
	anna := c.atDesk(t, c.employ(t, "anna", "anna@desk.example.org", accounts.Auditor))
	anna.lacks(anna.get("/dashboard?queue=second", 200, "Nothing waits here", seconds("")), at)

	hugo.lacks(hugo.get(at, 200, "end the grant for good", c.hanna.id), "It lies open before", `value="reject"`) // he reads, and locks nothing
	lena.lacks(lena.get(at, 200, `value="revoke"`, `value="reject"`), "It lies open before")
	lucas := c.atDesk(t, c.employ(t, "lucas", "lucas@desk.example.org", accounts.Lead))
	lucas.lacks(lucas.get(at, 200, "It lies open before", c.lena.id), `value="revoke"`) // two would do the same
	lena.sends(at, "reject", 200, "reason", "mistake", "text", "Não foi ele.")("What was proposed is rejected", "Suspend the grant")
	lena.get("/dashboard?queue=second", 200, "Nothing waits here", seconds(""))
	c.view(t, id, "s-1").want(t, 200)
	hanna.sends(at, "propose_revocation", 200, "reason", "leaked")("It is proposed")
	hash := between(lena.get(at, 200), `name="hash" value="`, `"`)
	lena.sends(at, "revoke", 200, "hash", hash)("The grant has ended")
	lena.get("/dashboard?queue=second", 200, seconds(""))
	c.view(t, id, "s-1").want(t, 410)
}

// A request in which nobody can do anything now is locked by nobody who reads it.
func TestRequestsAreLockedForWorkAlone(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	c.attest(t, "t-1", "pay 221.65, accept 1")
	asked := c.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	at := "/desk/requests/" + asked.at("id")
	hanna, hugo, lena := c.atDesk(t, c.hanna), c.atDesk(t, c.hugo), c.atDesk(t, c.lena)
	anna := c.atDesk(t, c.employ(t, "anna", "anna@desk.example.org", accounts.Auditor))
	const lies = "It lies open before"
	anna.get(at, 200)
	hugo.lacks(hugo.get(at, 200, `value="take"`), lies)
	hanna.lacks(hanna.get(at, 200, lies), `value="take"`) // two could take it
	hugo.get("/dashboard", 200)
	hanna.sends(at, "take", 200)("It is yours")
	hanna.sends(at, "ask", 200, "reason", "purpose_unclear")("The requester is asked")
	for _, v := range []*visitor{hugo, lena, hanna} {
		v.lacks(v.get(at, 200, "info needed"), lies)
	}
	c.clock.forward(6 * 24 * time.Hour) // it lapses
	c.sits(t)
	for _, p := range []*person{c.hugo, c.lena} {
		v := c.atDesk(t, p)
		v.lacks(v.get(at, 200, "withdrawn"), lies)
	}
}

// What waits for a second person elsewhere is counted with the queue and a step from it:
// excluded parties, sessions to review, registrations. The second person lets a party ask
// again by what was proposed, or leaves it excluded, and shows there who he is by a passkey.
func TestSecondApprovalHasAll(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{named: true})
	rita := c.atDesk(t, c.employ(t, "rita", "rita@desk.example.org", accounts.MerchantReviewer))
	paula := c.atDesk(t, c.employ(t, "paula", "paula@desk.example.org", accounts.PrivacyOfficer))
	hanna, lena := c.atDesk(t, c.hanna), c.atDesk(t, c.lena)
	hanna.lacks(hanna.get("/dashboard?queue=second", 200), "A second person is waited for")
	lena.get("/dashboard?queue=second", 200, "A second person is waited for", `href="/desk/exclusions">Excluded parties that may ask again</a>`, "Registrations to approve</a>")
	paula.get("/dashboard?queue=second", 200, "Policy sets to approve</a>", seconds(""))

	c.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
	c.do(t, "hanna", "POST /v1/parties/s-1/exclusion/proposal", `{"reason":"mistake"}`).want(t, 200)
	glass := c.breaks(t, "hanna")
	c.do(t, "hanna", "POST /v1/break-glass/"+glass+"/end", "{}").want(t, 200)
	one := `again <span class="count">1</span>`
	lena.get("/dashboard?queue=second", 200, seconds("2"), one, `review <span class="count">1</span>`)
	hanna.get("/dashboard?queue=second", 200, seconds(""))

	const at = "/desk/exclusions"
	hanna.lacks(hanna.get(at, 200, "s-1", "not you, whatever your role is"), "<form")
	hugo := c.atDesk(t, c.hugo)
	hugo.lacks(hugo.get(at, 200, "s-1", "A lead or a privacy officer does that"), "<form")
	rita.get(at, 403)
	hash := between(lena.get(at, 200, "Let it ask again", "Leave it excluded", "Mistake", c.hanna.id), `name="hash" value="`, `"`)
	sent := []string{"event", "reinstate", "about", "s-1", "hash", hash, "moves", "0", "seen", "0"}
	hugo.page(hugo.form(at, sent...), 403)
	lena.page(foreign(lena.form(at, sent...)), 403, "came from another site")
	other := append([]string{}, sent...)
	other[5] = "sha256:" + repeat("0", 64)
	lena.page(lena.form(at, other...), 409, "not what was proposed, or not what you looked at", "s-1")
	lena.page(lena.form(at, "event", "lose", "about", "s-1", "moves", "0", "seen", "0"), 400)
	a := passkeytest.New(c.url)
	lena.adds(a, "one", 200)
	c.clock.forward(6 * time.Minute)
	lena.get(at, 200, "Confirm with a passkey", "data-passkey-within")
	lena.page(lena.form(at, sent...), 422, "Give the password or a code", `id="lift-again-0-password-error"`)
	lena.page(lena.form(at, append(sent, "passkey", a.Sign(t, lena.asked("/desk/confirmation/passkey/challenge", 200)))...), 200, "Nothing waits here")
	c.do(t, "hanna", "GET /v1/parties/s-1/exclusion", "").want(t, 200, "excluded", "false")
	lena.page(lena.form(at, sent...), 409, "That did not work")

	c.clock.forward(time.Minute)
	c.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
	c.sits(t)
	c.do(t, "hanna", "POST /v1/parties/s-1/exclusion/proposal", `{"reason":"remedied"}`).want(t, 200)
	lena = c.atDesk(t, c.lena)
	looked := func() []string {
		hash := between(lena.get(at, 200), `name="hash" value="`, `"`)
		return []string{"event", "reject", "about", "s-1", "hash", hash, "moves", "0", "seen", "0"}
	}
	old := looked()
	lena.page(lena.form(at, "event", "reject", "about", "s-1", "moves", "0", "seen", "0"), 400)
	c.do(t, "hugo", "POST /v1/parties/s-1/exclusion/proposal", `{"reason":"legal_duty"}`).want(t, 200)
	lena.page(lena.form(at, old...), 409, "not what was proposed, or not what you looked at", "Legal duty", c.hugo.id)
	c.do(t, "hanna", "GET /v1/parties/s-1/exclusion", "").want(t, 200, "proposal.reason", "legal_duty")
	lena.page(lena.form(at, looked()...), 200, "Nothing waits here")
	if r := c.do(t, "hanna", "GET /v1/parties/s-1/exclusion", "").want(t, 200, "excluded", "true"); strings.Contains(string(r.raw), "legal_duty") {
		t.Error("what was rejected is proposed still")
	}
}
