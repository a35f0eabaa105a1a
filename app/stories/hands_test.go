package stories

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// crew are people of the desk who sign in again whenever time has gone by.
type crew struct {
	*house

	t   *testing.T
	all map[string]*person
}

// made is an account by the hand of another one, set up with the code that was told to it.
func (c *crew) made(maker, name, role string) {
	c.t.Helper()
	email := name + "@desk.example.org"
	r := c.do(c.t, maker, "POST /v1/handlers", body("email", email, "role", role)).want(c.t, 201)
	c.all[name] = c.setUp(c.t, name, email, r.at("set_up_code"))
}

// later is some time after.
func (c *crew) later(d time.Duration) {
	c.t.Helper()
	c.clock.forward(d)
	for _, p := range c.all {
		c.signIn(c.t, p)
	}
	for name := range c.all { // signing in takes each of them a minute
		c.do(c.t, name, "POST /v1/session/confirmation", body("password", phrase)).want(c.t, 200)
	}
}

// proposes takes a request and proposes to give what it asks for; that is what has
// to be signed. What was taken or proposed before is let go of.
func (c *crew) proposes(who, id string) string {
	c.t.Helper()
	p := "POST /v1/requests/" + id
	c.do(c.t, who, p+"/taking", `{}`).want(c.t, 200)
	if r := c.do(c.t, who, "GET /v1/requests/"+id, ""); r.at("state") == "objection" {
		c.do(c.t, who, p+"/hearing", `{"reason":"perishable"}`).want(c.t, 200)
	}
	r := c.do(c.t, who, p+"/proposal", `{"reason":"necessary"}`).want(c.t, 200)
	return `{"plan":"` + r.at("plan.hash") + `"}`
}

// asked is a request that waits for people.
func (c *crew) asked() string {
	c.t.Helper()
	r := c.disclose(c.t, "t-1", "s-1", "deliver").want(c.t, 201, "decision", "pending")
	return r.at("id")
}

func (c *crew) letsGo(who, id string) {
	c.t.Helper()
	p := "POST /v1/requests/" + id + "/release"
	if r := c.do(c.t, who, p, `{}`).want(c.t, 200); r.at("taken") != "" { // of the proposal first
		c.do(c.t, who, p, `{}`).want(c.t, 200)
	}
}

// newCrew is a shop with an officer, a lead and a handler whom the operator has made.
func newCrew(t *testing.T) *crew {
	t.Helper()
	h := shop(t, terms{})
	c := &crew{house: h, t: t, all: map[string]*person{
		"paula": h.employ(t, "paula", "paula@desk.example.org", accounts.PrivacyOfficer), "lena": h.employ(t, "lena", rui, accounts.Lead),
		"hanna": h.employ(t, "hanna", helena, accounts.Handler),
	}}
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	return c
}

// Who makes an account knows what it is opened with, and could be both people of
// a decision: so the two are never made by one another or by one hand, and
// for 24 hours the new one neither takes nor proposes nor approves anything.
func TestOnePersonHasOneHand(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	h.made("lena", "puppet", "handler")
	h.made("paula", "mona", "privacy_officer")
	id := h.asked()
	path := "POST /v1/requests/" + id
	h.do(t, "puppet", path+"/taking", `{}`).want(t, 403, "code", "approval_not_yet")
	plan := h.proposes("hanna", id)
	h.do(t, "mona", path+"/approval", plan).want(t, 403, "code", "approval_not_yet")
	h.do(t, "mona", path+"/rejection", `{"reason":"mistake"}`).want(t, 403, "code", "approval_not_yet")
	h.do(t, "privacy", "PUT /v1/parties/b-1/exclusion", `{"reason":"sold"}`).want(t, 200)
	h.do(t, "mona", "POST /v1/parties/b-1/exclusion/proposal", `{"reason":"mistake"}`).want(t, 403, "code", "approval_not_yet")
	h.letsGo("hanna", id)

	h.later(day)
	h.made("mona", "nuno", "lead")
	h.later(day)
	plan = h.proposes("puppet", id)
	h.do(t, "lena", path+"/approval", plan).want(t, 403, "code", "not_independent")
	h.do(t, "lena", path+"/rejection", `{"reason":"mistake"}`).want(t, 403, "code", "not_independent")
	h.letsGo("puppet", id)
	for _, who := range []string{"paula", "mona"} { // who made who made him, who made him, and the other way round
		plan = h.proposes("nuno", id)
		h.do(t, who, path+"/approval", plan).want(t, 403, "code", "not_independent")
		h.letsGo("nuno", id)
		plan = h.proposes(who, id)
		h.do(t, "nuno", path+"/approval", plan).want(t, 403, "code", "not_independent")
		h.letsGo(who, id)
	}
	plan = h.proposes("puppet", id)
	h.do(t, "nuno", path+"/approval", plan).want(t, 200, "state", "granted")
}

// Two whom one account has made are no more apart than it is from either.
func TestTwoOfOneHand(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	h.made("paula", "mateo", "lead")
	h.made("paula", "mila", "handler")
	h.later(day)
	id := h.asked()
	path := "POST /v1/requests/" + id
	plan := h.proposes("mila", id)
	h.do(t, "mateo", path+"/approval", plan).want(t, 403, "code", "not_independent")
	h.do(t, "lena", path+"/approval", plan).want(t, 200, "state", "granted")

	// a suspended grant
	h.do(t, "mila", path+"/suspension", `{"reason":"mistake"}`).want(t, 200)
	p := h.do(t, "mila", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	plan = `{"plan":"` + p.at("proposal.plan") + `"}`
	h.do(t, "mateo", path+"/reinstatement", plan).want(t, 403, "code", "not_independent")
	h.do(t, "paula", path+"/reinstatement", plan).want(t, 403, "code", "not_independent")
	h.do(t, "lena", path+"/reinstatement", plan).want(t, 200, "state", "granted")

	// an appeal: mila and lena have decided it, and paula could be mila
	h.do(t, "hanna", path+"/revocation", `{"reason":"mistake"}`).want(t, 409, "code", "second_needed")
	p = h.do(t, "mila", path+"/revocation/proposal", `{"reason":"mistake"}`).want(t, 200, "proposal.event", "revoke", "state", "granted")
	plan = body("plan", p.at("proposal.plan"))
	h.do(t, "mila", path+"/revocation", plan).want(t, 403, "code", "own_work")
	h.do(t, "hanna", path+"/revocation", plan).want(t, 403, "code", "own_work") // no lead
	h.do(t, "mateo", path+"/revocation", plan).want(t, 403, "code", "not_independent")
	h.do(t, "lena", path+"/reinstatement", plan).want(t, 409, "code", "invalid_transition")
	h.do(t, "lena", path+"/revocation", body("plan", "sha256:"+repeat("0", 64))).want(t, 409, "code", "proposal_changed")
	h.do(t, "lena", path+"/revocation", body("plan", p.at("proposal.plan"), "reason", "leaked")).want(t, 422, "errors.0.pointer", "/reason")
	h.do(t, "lena", path+"/revocation", plan).want(t, 200, "state", "revoked", "internal_reason", "mistake", "proposal", "")
	h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "state", "appealed")
	for _, who := range []string{"paula", "mateo"} {
		h.do(t, who, path+"/taking", `{}`).want(t, 403, "code", "not_independent")
	}
	h.do(t, "mila", path+"/taking", `{}`).want(t, 403, "code", "decided_before")
}

// Where one account has made all the others, nobody of them is independent of who has
// decided. The refusal says what to do, and that is enough.
func TestOfficeOfOneHand(t *testing.T) {
	t.Parallel()
	h := &crew{house: shop(t, terms{}), t: t, all: map[string]*person{}}
	h.all["paula"] = h.employ(t, "paula", "paula@desk.example.org", accounts.PrivacyOfficer)
	for name, role := range map[string]string{"mila": "handler", "mateo": "lead", "marta": "privacy_officer"} {
		h.made("paula", name, role)
	}
	h.later(day)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.asked()
	path := "POST /v1/requests/" + id
	h.do(t, "mila", path+"/taking", `{}`).want(t, 200)
	h.do(t, "mila", path+"/denial", `{"reason":"not_necessary"}`).want(t, 200, "state", "denied")
	h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "state", "appealed")
	for _, who := range []string{"paula", "mateo", "marta"} {
		r := h.do(t, who, path+"/taking", `{}`).want(t, 403, "code", "not_independent")
		if !strings.Contains(r.at("detail"), "bauta handler add") {
			t.Errorf("it does not say what to do: %s", r.short())
		}
	}
	h.all["olga"] = h.employ(t, "olga", "olga@desk.example.org", accounts.Lead)    // bauta handler add
	h.all["otto"] = h.employ(t, "otto", "otto@desk.example.org", accounts.Handler) // for what takes two
	h.do(t, "otto", path+"/taking", `{}`).want(t, 200, "taken", h.all["otto"].id)  // and at once
	h.do(t, "otto", path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
	p := h.do(t, "otto", path+"/proposal", `{"reason":"necessary"}`).want(t, 200, "state", "appeal_second")
	h.do(t, "paula", path+"/approval", body("plan", p.at("proposal.plan"))).want(t, 403, "code", "not_independent")
	h.do(t, "olga", path+"/approval", body("plan", p.at("proposal.plan"))).want(t, 200, "state", "overturned")
}

// Nobody approves his own work: not a lead, not a privacy officer, who could have
// approved anybody else's.
func TestOwnWork(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	id := h.asked()
	path := "POST /v1/requests/" + id
	for _, who := range []string{"lena", "paula", "hanna"} {
		plan := h.proposes(who, id)
		h.do(t, who, path+"/approval", plan).want(t, 403, "code", "own_work")
		h.do(t, who, path+"/rejection", `{"reason":"mistake"}`).want(t, 403, "code", "own_work")
		h.letsGo(who, id)
	}
	plan := h.proposes("lena", id)
	h.do(t, "paula", path+"/approval", plan).want(t, 200, "state", "granted")
	for _, who := range []string{"lena", "paula"} {
		h.do(t, who, path+"/suspension", `{"reason":"mistake"}`).want(t, 200)
		p := h.do(t, who, path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
		h.do(t, who, path+"/reinstatement", body("plan", p.at("plan.hash"))).want(t, 403, "code", "own_work")
		other := map[string]string{"lena": "paula", "paula": "lena"}[who]
		h.do(t, other, path+"/reinstatement", body("plan", p.at("plan.hash"))).want(t, 200)
	}
}

// What is for people is for a session and never for a key, and whatever decides or
// reveals is for one that was just confirmed: by the table of routes, all of it.
func TestRoutesOfPeople(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	fresh := map[string]bool{}
	for _, path := range strings.Fields(`requests/{id}/proposal requests/{id}/approval requests/{id}/rejection requests/{id}/grant requests/{id}/denial
		requests/{id}/upholding requests/{id}/overturning requests/{id}/suspension requests/{id}/reinstatement requests/{id}/revocation requests/{id}/revocation/proposal requests/{id}/keeping
		requests/{id}/reveals policies/approvals handlers handlers/{id}/role handlers/{id}/end
		disputes/{id}/proposal disputes/{id}/approval disputes/{id}/return disputes/{id}/external disputes/{id}/conclusion disputes/{id}/texts disputes/{id}/reveals
		break-glass break-glass/{id}/reveals break-glass/{id}/review`) {
		fresh["post /v1/"+path] = true
	}
	fresh["post /v1/parties/{id}/exclusion/proposal"], fresh["post /v1/parties/{id}/exclusion/rejection"], fresh["post /v1/parties/{id}/reinstatement"] = true, true, true
	fresh["get /v1/disputes/{id}/bundle"], fresh["get /v1/disputes/{id}/evidence/{n}"] = true, true
	var doc struct {
		Paths map[string]map[string]struct {
			Security []map[string]any
		}
	}
	if err := json.Unmarshal(h.do(t, "", "GET /openapi.json", "").raw, &doc); err != nil {
		t.Fatal(err)
	}
	id := h.asked()
	h.clock.forward(6 * time.Minute)
	size, seen := h.size(t), 0
	for path, methods := range doc.Paths {
		for method, o := range methods {
			if !slices.ContainsFunc(o.Security, func(s map[string]any) bool { _, ok := s["session"]; return ok }) {
				continue
			}
			line := strings.ToUpper(method) + " " + strings.ReplaceAll(path, "{id}", id)
			h.do(t, "", line, "").want(t, 401, "code", "unauthenticated")
			code, keys := "session_required", []string{"market", "payment", "privacy", "audit", "disputes"}
			if both := len(o.Security) > 1; both { // for a side by the key of the disputes, for people by their session
				code, keys = "scope_missing", keys[:4]
			}
			for _, key := range keys {
				h.do(t, key, line, "").want(t, 403, "code", code)
			}
			switch {
			case strings.HasPrefix(path, "/v1/session"): // one's own; it would end with it
				continue
			case !fresh[method+" "+path]:
				if r := h.do(t, "paula", line, ""); r.at("code") == "reauthentication_required" {
					t.Errorf("%s asks for a fresh session, and the story does not know", line)
				}
				continue
			}
			seen++
			h.do(t, "paula", line, "").want(t, 403, "code", "reauthentication_required")
		}
	}
	if seen != len(fresh) || h.size(t) != size {
		t.Errorf("%d of %d routes that decide are in the document; entries: %s, were %s", seen, len(fresh), h.size(t), size)
	}
}
