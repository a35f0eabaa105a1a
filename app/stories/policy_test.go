package stories

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/chromium"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// nameOnly is a set with one permit: the name, to deliver.
const nameOnly = `@id("name-only") @ground("3b") @expires("delivered+14d") @views("5") @decide("auto") @contact("delivery") @why("a story")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name")
when { context.kind == Kind::"shipped_goods" && context.accepted && context.held };`

const approvals = "POST /v1/policies/approvals"

// offer hands a set in, as an operator does with --policies.
func (h *house) offer(t *testing.T, permits string) broker.PolicyState {
	t.Helper()
	e, err := terms{policies: permits}.engine()
	if err != nil {
		t.Fatal(err)
	}
	state, err := h.broker.Offer(t.Context(), e)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

// waiting is the comparison that helena finds.
func (h *house) waiting(t *testing.T) string {
	t.Helper()
	r := h.do(t, "helena", "GET /v1/policies/proposals", "").want(t, 200)
	return r.at("data.0.diff")
}

// A set that reveals more waits until a privacy officer, in a session of his own
// and just confirmed, approves the very comparison that he has looked at. Then
// it is in force on every broker, without a restart.
func TestPrivacyOfficerApprovesAPolicySet(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: nameOnly})
	other := h.second(t)
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	h.employ(t, "lena", "lena@desk.example.org", accounts.Lead)
	h.employ(t, "aldo", "aldo@desk.example.org", accounts.Auditor)
	p := h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	h.do(t, "helena", "GET /v1/policies/proposals", "").want(t, 200, "data", "[]")
	h.do(t, "helena", approvals, body("diff", "sha256:"+repeat("0", 64))).want(t, 409, "code", "not_proposed")
	if state := h.offer(t, ""); state != broker.Proposed {
		t.Fatalf("the shipped set is %s", state)
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver", "name", "address").want(t, 201, "fields.1.outcome", "withheld")

	w := h.do(t, "helena", "GET /v1/policies/proposals", "").want(t, 200, "data.0.replaces", h.broker.PolicyVersion(), "data.1", "")
	diff, version := w.at("data.0.diff"), w.at("data.0.policy")
	if found := h.ask(t, `SELECT diff FROM policy_proposals`); found != diff || !strings.Contains(string(w.raw), `"field":"address","from":"withheld","to":"granted"`) {
		t.Errorf("the comparison is %s: %s", found, w.short())
	}
	for _, key := range []string{"market", "disputes", "privacy", "audit"} { // never for a key
		h.do(t, key, "GET /v1/policies/proposals", "").want(t, 403, "code", "session_required")
		h.do(t, key, approvals, body("diff", diff)).want(t, 403, "code", "session_required")
	}
	h.do(t, "", approvals, body("diff", diff)).want(t, 401)
	for _, who := range []string{"hanna", "lena", "aldo"} {
		h.do(t, who, "GET /v1/policies/proposals", "").want(t, 403, "code", "role_missing")
		h.do(t, who, approvals, body("diff", diff)).want(t, 403, "code", "role_missing")
	}
	for _, bad := range []string{`{}`, body("diff", "sha256:zz"), body("diff", strings.ToUpper(diff))} {
		h.do(t, "helena", approvals, bad).want(t, 422, "errors.0.pointer", "/diff")
	}
	h.do(t, "helena", approvals, body("diff", diff, "policy", version)).want(t, 422, "code", "unknown_member")
	h.do(t, "helena", approvals, body("diff", "sha256:"+repeat("0", 64))).want(t, 409, "code", "other_diff")
	h.clock.forward(6 * time.Minute)
	h.do(t, "helena", approvals, body("diff", diff)).want(t, 403, "code", "reauthentication_required")
	h.do(t, "helena", "POST /v1/session/confirmation", body("password", phrase)).want(t, 200)
	h.do(t, "helena", approvals, body("diff", diff), keyed("a")...).want(t, 200, "policy", version, "state", "in_force", "diff", diff, "approved_by", p.id)
	h.do(t, "helena", approvals, body("diff", diff), keyed("a")...).want(t, 200, "approved_by", p.id)
	h.do(t, "helena", approvals, body("diff", diff)).want(t, 409, "code", "not_proposed")
	h.do(t, "helena", "GET /v1/policies/proposals", "").want(t, 200, "data", "[]")

	for _, d := range []*desk{h.desk, other} {
		r := d.do(t, "market", "POST /v1/disclosures", request("t-1", "s-1", "deliver", "name", "address")).want(t, 201, "decision", "granted", "policy_version", version)
		if r.opens() != "address name" {
			t.Errorf("opens %s", r.opens())
		}
	}
	if n := h.ask(t, `SELECT count(*) FROM policies`); n != "2" {
		t.Errorf("%s sets came into force", n)
	}
}

// What was looked at is no longer what would happen: nothing does. And an
// account that another one has just made approves nothing.
func TestStaleComparisonIsNotApproved(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: nameOnly})
	h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	h.offer(t, "")
	diff := h.waiting(t)
	if state := h.offer(t, strings.Replace(nameOnly, "+14d", "+7d", 1)); state != broker.InForce {
		t.Fatalf("the stricter set is %s", state)
	}
	h.do(t, "helena", approvals, body("diff", diff)).want(t, 409, "code", "other_diff")
	h.do(t, "helena", "GET /v1/policies/proposals", "").want(t, 200, "data", "[]")
	h.offer(t, "")
	again := h.waiting(t)
	if again == diff || again == "" {
		t.Fatalf("proposed anew as %s", again)
	}
	h.do(t, "helena", approvals, body("diff", diff)).want(t, 409, "code", "other_diff")
	made := h.do(t, "helena", "POST /v1/handlers", body("email", rui, "role", "privacy_officer")).want(t, 201)
	h.setUp(t, "rui", rui, made.at("set_up_code"))
	h.do(t, "rui", approvals, body("diff", again)).want(t, 403, "code", "approval_not_yet")
	v := h.visitor(t)
	h.do(t, "rui", "GET /v1/session", "").want(t, 200)
	v.bring(t, h, "rui")
	v.get("/desk/policy", 200, "It may approve from", again)
	v.page(v.form("/desk/policy/approval", "diff", again), 403, "cannot do that yet")
	if n := h.ask(t, `SELECT count(*) FROM policies`); n != "2" {
		t.Errorf("%s sets came into force", n)
	}
}

// bring gives a browser the session that a program has.
func (v *visitor) bring(t *testing.T, h *house, name string) {
	t.Helper()
	req := v.form("/desk")
	v.Jar.SetCookies(req.URL, []*http.Cookie{{Name: "bauta", Value: h.keys[name]}})
}

// The officer's page, in a browser without scripts.
func TestPolicyPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: nameOnly})
	p := h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	v, handler := h.visitor(t), h.visitor(t)
	v.get("/desk/policy", 200, "<h1>Sign in</h1>")
	v.bring(t, h, "helena")
	handler.bring(t, h, "hanna")
	if text := handler.get("/desk", 200); strings.Contains(text, "/desk/policy") {
		t.Error("a handler is led to what is for privacy officers")
	}
	handler.get("/desk/policy", 403)
	handler.page(handler.form("/desk/policy/approval", "diff", "sha256:"+repeat("0", 64)), 403)
	v.get("/desk", 200, "No policy set waits", `href="/desk/policy"`)
	v.get("/desk/policy", 200, "<h1>No policy set waits</h1>", h.broker.PolicyVersion())
	h.offer(t, "")
	v.get("/desk", 200, "waits for approval")
	diff := h.waiting(t)
	text := v.get("/desk/policy", 200, "<h1>A policy set waits for approval</h1>", diff, "<b>address</b>, when the seller asks to deliver (shipped goods)", "was <b>withheld</b>, would be <b>granted</b>")
	if strings.Contains(text, `type="password"`) {
		t.Error("who has just shown who he is is asked again")
	}
	v.page(v.form("/desk/policy/approval", "diff", "nothing"), 400)
	v.page(v.form("/desk/policy/approval", "diff", "sha256:"+repeat("0", 64)), 409, "read the new one", diff)
	h.clock.forward(6 * time.Minute)
	v.get("/desk/policy", 200, `type="password"`)
	v.page(v.form("/desk/policy/approval", "diff", diff), 422, "Give the password or a code", `id="password-error"`)
	v.page(v.form("/desk/policy/approval", "diff", diff, "username", p.id, "password", "another phrase", "code", ""), 403, "does not confirm")
	v.page(foreign(v.form("/desk/policy/approval", "diff", diff, "password", phrase)), 403, "came from another site")
	if n := h.ask(t, `SELECT count(*) FROM policies`); n != "1" {
		t.Errorf("%s sets came into force", n)
	}
	v.page(v.form("/desk/policy/approval", "diff", diff, "as", "hnd_0", "password", phrase), 409, "while somebody else was signed in here", diff)
	h.clock.forward(31 * time.Minute)
	h.again(t, v, p, "/desk/policy/approval", "diff", diff, "as", p.id)("Look, and choose again", "<h1>A policy set waits for approval</h1>", `name="as" value="`+p.id)
	v.page(v.form("/desk/policy/approval", "diff", diff, "username", p.id, "password", phrase, "code", ""), 200, "in force now", "No policy set waits")
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.disclose(t, "t-1", "s-1", "deliver", "address").want(t, 201, "decision", "granted")
}

// The page as it is seen: on a wide screen by day, on a narrow one by night, and
// without scripts. Its parts are those of the desk, which is looked at in all ways.
func TestPolicyPageLooks(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: nameOnly})
	p := h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	b := chromium.New(t)
	looks := chromium.Looks()
	for i, l := range []chromium.Look{looks[0], looks[3], {Name: "390-noscript", Width: 390, Height: 844, Mobile: true, WithoutScript: true}} {
		t.Run(l.Name, func(t *testing.T) {
			h.approveInSight(t, b.Open(t, l), p, strings.Replace(nameOnly, "14d", itoa(15+i)+"d", 1))
		})
	}
}

func (h *house) approveInSight(t *testing.T, v *chromium.Tab, p *person, permits string) {
	t.Helper()
	if strings.Contains(permits, "15d") {
		permits = "" // the first time all that the shipped set has: a long page
	}
	h.clock.forward(time.Minute)
	v.Expects = "status of 4"
	v.Visit(h.url + "/sign-in")
	v.Type("#email", p.email)
	v.Type("#password", phrase)
	v.Type("#code", p.shows(t, h.clock.now()))
	v.Press("main button[type=submit]")
	h.offer(t, permits)
	v.Visit(h.url + "/desk")
	v.Says("#policy ~ p", "waits for approval")
	v.Check()
	v.Shoot("policy-1-desk")
	h.clock.forward(6 * time.Minute)
	v.Visit(h.url + "/desk/policy")
	v.Says("h1", "A policy set waits")
	v.Check()
	v.Shoot("policy-2-waits")
	v.Type("#password", "not this one")
	v.Press(`form[action="/desk/policy/approval"] button`)
	v.Says(".answer-error", "does not confirm")
	v.Check()
	v.Shoot("policy-3-not-confirmed")
	v.Type("#password", phrase)
	v.Press(`form[action="/desk/policy/approval"] button`)
	v.Says("[role=status]", "in force now")
	v.Check()
	v.Shoot("policy-4-approved")
	h.offer(t, nameOnly)
	h.clock.forward(time.Minute)
}
