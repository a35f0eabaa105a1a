package stories

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// A request that the engine leaves to people: taken, heard, proposed, approved by
// somebody else who names exactly what is done, and only then seen.
func TestPeopleDecideOverHTTP(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	h.employ(t, "lena", "lena@desk.example.org", accounts.Lead)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, http.StatusOK)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	asked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	id := asked.at("id")
	path := "/v1/requests/" + id

	for _, key := range []string{"market", "disputes", "privacy", "audit"} { // never for a key
		h.do(t, key, "GET /v1/requests", "").want(t, 403, "code", "session_required")
		h.do(t, key, "POST "+path+"/grant", `{"reason":"necessary"}`).want(t, 403, "code", "session_required")
	}
	h.do(t, "hanna", "GET /v1/requests?state=objection", "").want(t, 200, "data.0.disclosure", id, "data.0.state", "objection")
	h.do(t, "hanna", "POST "+path+"/taking", `{}`).want(t, 200, "allowed", `["skip_hearing","take","release","ask","deny","look"]`)
	h.do(t, "lena", "POST "+path+"/taking", `{}`).want(t, 409, "code", "taken")
	h.do(t, "hanna", "POST "+path+"/hearing", `{"reason":"because"}`).want(t, 422, "code", "validation_failed")
	h.do(t, "hanna", "POST "+path+"/hearing", `{"reason":"perishable"}`).want(t, 200, "state", "pending", "hearing", "skipped")
	h.do(t, "hanna", "POST "+path+"/grant", `{"reason":"necessary"}`).want(t, 409, "code", "second_needed")
	h.do(t, "hanna", "POST "+path+"/denial", `{"reason":"other_way","note":"no"}`).want(t, 422, "code", "not_wanted", "errors.0.pointer", "/note")
	p := h.do(t, "hanna", "POST "+path+"/proposal", `{"reason":"necessary","fields":["name","address"],"views":2,"days":3}`, "Idempotency-Key", "p-1").
		want(t, 200, "state", "second", "plan.permitted", "true", "plan.second_for", `["at_risk","home_address"]`, "plan.views", "2")
	h.do(t, "hanna", "POST "+path+"/proposal", `{"reason":"necessary","fields":["name","address"],"views":2,"days":3}`, "Idempotency-Key", "p-1").want(t, 200)
	hash := p.at("plan.hash")
	h.do(t, "hanna", "POST "+path+"/approval", `{"plan":"`+hash+`"}`).want(t, 403, "code", "own_work")
	h.do(t, "lena", "POST "+path+"/approval", `{"plan":"sha256:`+repeat("0", 64)+`"}`).want(t, 409, "code", "proposal_changed")
	h.do(t, "lena", "POST "+path+"/approval", `{}`).want(t, 422, "errors.0.pointer", "/plan")
	h.do(t, "lena", "GET "+path, "").want(t, 200, "plan.hash", hash, "proposal.plan", hash)
	h.do(t, "lena", "POST "+path+"/approval", `{"plan":"`+hash+`"}`).want(t, 200, "state", "granted", "decision", "granted")

	r := h.view(t, id, "s-1").want(t, 200, "views_left", "1", "decision", "granted", "ground", "3b")
	if r.opens() != "address name" || r.withheld("phone") != "denied" {
		t.Errorf("opens %s, phone %s", r.opens(), r.withheld("phone"))
	}
	h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer=s-1", "").want(t, 200, "state", "granted", "reason", "necessary", "hearing", "")
	h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer=b-1", "").want(t, 200, "state", "granted", "hearing", "skipped")
	for _, who := range []string{"s-1", "b-1"} {
		if proven := h.receipt(t, id, who); len(proven.raw) == 0 {
			t.Errorf("no receipt for %s", who)
		}
	}
	h.clock.forward(6 * time.Minute)
	h.do(t, "lena", "POST "+path+"/suspension", `{"reason":"misuse_suspected"}`).want(t, 403, "code", "reauthentication_required")
}

// Who lets a suspended grant live again is shown just that, and signs what he is
// shown: whether or not the subject has objected, before and after it is proposed.
func TestReinstatementIsOfWhatIsShown(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for name, suspend := range map[string][2]string{
		"contested": {"market", `POST /v1/disclosures/%s/objection {"party":"b-1","reason":"safety"}`},
		"suspended": {"hanna", `POST /v1/requests/%s/suspension {"reason":"mistake"}`},
	} {
		id := h.grant(t, "t-1")
		h.view(t, id, "s-1").want(t, 200)
		h.line(t, suspend[0], fmt.Sprintf(suspend[1], id)).want(t, 200)
		path := "/v1/requests/" + id
		before := h.do(t, "hanna", "GET "+path, "").want(t, 200, "state", "suspended", "plan.permitted", "true")
		h.do(t, "hanna", "POST "+path+"/taking", `{}`)
		p := h.do(t, "hanna", "POST "+path+"/proposal", `{"reason":"necessary"}`).want(t, 200, "proposal.event", "reinstate", "plan.hash", before.at("plan.hash"))
		seen := h.do(t, "lena", "GET "+path, "").want(t, 200, "plan.decision", "granted", "plan.permitted", "true", "plan.ground", "3b",
			"plan.views", "18", "plan.second_for", `["reinstatement"]`, "plan.fields.0.outcome", "granted", "plan.ends_at", before.at("plan.ends_at"))
		if seen.at("plan.hash") != p.at("proposal.plan") || seen.at("plan.hash") == "" || seen.at("plan.ends_at") == "" {
			t.Errorf("%s: shown %s, proposed %s", name, seen.at("plan.hash"), p.at("proposal.plan"))
		}
		h.do(t, "lena", "POST "+path+"/reinstatement", body("plan", seen.at("plan.hash"))).want(t, 200, "state", "granted")
		h.view(t, id, "s-1").want(t, 200, "views_left", "17")
	}

	// What no longer holds is shown to be so, and is not signed.
	id := h.grant(t, "t-1")
	h.do(t, "hanna", "POST /v1/requests/"+id+"/suspension", `{"reason":"mistake"}`).want(t, 200)
	h.do(t, "hanna", "POST /v1/requests/"+id+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	h.reverse(t, "t-1", "pay", "221.65", "back/1")
	seen := h.do(t, "lena", "GET /v1/requests/"+id, "").want(t, 200, "plan.permitted", "false")
	h.do(t, "lena", "POST /v1/requests/"+id+"/reinstatement", body("plan", seen.at("plan.hash"))).want(t, 409, "code", "not_permitted")
}

// Each of the reasons for which a second person is wanted, by itself; and without
// any one is enough.
func TestWhatNeedsTwo(t *testing.T) {
	t.Parallel()
	const phone = `
@id("phone-by-person") @ground("3b") @expires("request+2d") @views("20") @decide("person") @why("a story")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"phone")
when { context.kind == Kind::"shipped_goods" && context.accepted };
`
	h := newHouse(t, terms{policies: byPeople + phone})
	h.people(t)
	h.employ(t, "hanna", helena, accounts.Handler)
	for i, x := range []struct{ field, flags, residency, objects, because string }{
		{"name", `[]`, "BR", "", ""},
		{"phone", `[]`, "BR", "", `["phone"]`},
		{"address", `[]`, "BR", "", `["home_address"]`},
		{"name", `["minor"]`, "BR", "", `["minor"]`},
		{"name", `["at_risk"]`, "BR", "", `["at_risk"]`},
		{"name", `[]`, "UY", "", `["cross_border"]`},
		{"name", `[]`, "BR", "other_way", `["objected"]`},
		{"address", `["minor"]`, "UY", "safety", `["cross_border","home_address","minor","objected"]`},
	} {
		id := "t-" + itoa(i+1)
		h.agree(t, deal{id: id, kind: "shipped_goods"})
		h.attest(t, id, "accept 1")
		h.do(t, "market", "PUT /v1/parties/s-1", strings.Replace(ursula, `"residency":"BR"`, `"residency":"`+x.residency+`"`, 1)).want(t, 200)
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", x.flags).want(t, 200)
		r := h.disclose(t, id, "s-1", "deliver", x.field).want(t, 201, "decision", "pending")
		path := "/v1/requests/" + r.at("id")
		h.do(t, "hanna", "POST "+path+"/taking", `{}`).want(t, 200)
		if x.objects != "" {
			h.do(t, "market", "POST /v1/disclosures/"+r.at("id")+"/objection", `{"party":"b-1","reason":"`+x.objects+`"}`).want(t, 200)
		} else {
			h.do(t, "hanna", "POST "+path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
		}
		h.do(t, "hanna", "GET "+path, "").want(t, 200, "plan.permitted", "true", "plan.second_for", x.because)
		grant, propose := 409, 200
		if x.because == "" {
			grant, propose = 200, 409
		}
		if p := h.do(t, "hanna", "POST "+path+"/proposal", `{"reason":"necessary"}`); p.status != propose {
			t.Errorf("%d: proposed: %s", i, p.short())
		}
		if g := h.do(t, "hanna", "POST "+path+"/grant", `{"reason":"necessary"}`); g.status != grant {
			t.Errorf("%d: granted by one: %s", i, g.short())
		}
	}
}
