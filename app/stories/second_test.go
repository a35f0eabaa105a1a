package stories

import (
	"strings"
	"testing"

	"bauta.dev/bauta/broker/accounts"
)

// paired leaves one field of each ground to a person, and one to nobody.
const paired = `
@id("deliver-name") @ground("3b") @expires("request+60d") @views("20") @decide("auto") @why("the least")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"name") when { context.held };
@id("deliver-phone") @ground("3b") @expires("request+60d") @views("20") @decide("person") @why("a real one")
permit (principal == Role::"seller", action == Action::"deliver", resource == Field::"phone") when { context.held };
@id("delay-locality") @ground("3b") @expires("request+60d") @views("20") @decide("person") @why("one is enough")
permit (principal == Role::"seller", action == Action::"delay", resource == Field::"locality") when { context.held };
@id("collect-cited") @ground("3g") @expires("request+30d") @views("2") @decide("person") @why("a law that is cited")
permit (principal == Role::"seller", action == Action::"collect", resource == Field::"name");`

// A real phone, a minor and a citation each need a second person by themselves; of
// a citation that is a privacy officer, and the grant ends within thirty days.
func TestTwoAreNeeded(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: paired})
	for name, role := range map[string]accounts.Role{"hanna": accounts.Handler, "lena": accounts.Lead, "paula": accounts.PrivacyOfficer} {
		h.employ(t, name, name+"@desk.example.org", role)
	}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	for _, x := range []struct {
		because, purpose, field, flags, citation string
		days, ends, ground                       string
	}{
		{"phone", "deliver", "phone", `[]`, "", `,"days":45`, "2026-04-18T12:00:00Z", "3b"},
		{"minor", "deliver", "name", `["minor"]`, "", "", "2026-05-03T12:00:00Z", "3b"},
		{"at_risk", "deliver", "name", `["at_risk"]`, "", "", "2026-05-03T12:00:00Z", "3b"},
		{"citation", "collect", "name", `[]`, `,"citation":{"instrument":"ecl","section":"25"}}`, `,"days":45`, "2026-04-03T12:00:00Z", "3g"},
		{"", "delay", "locality", `[]`, "", "", "2026-05-03T12:00:00Z", "3b"}, // and this needs one
	} {
		h.do(t, "privacy", "PUT /v1/parties/b-1/flags", x.flags).want(t, 200)
		body := request("t-1", "s-1", x.purpose, x.field)
		if x.citation != "" {
			body = strings.TrimSuffix(body, "}") + x.citation
		}
		r := h.do(t, "market", disclosures, body).want(t, 201, "decision", "pending", "ground", x.ground)
		id := r.at("id")
		path := "POST /v1/requests/" + id
		h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
		h.do(t, "hanna", path+"/hearing", `{"reason":"legal_duty"}`).want(t, 200)
		choice := `{"reason":"legal_duty"` + x.days + `}`
		if x.because == "" {
			h.do(t, "hanna", path+"/proposal", choice).want(t, 409, "code", "one_is_enough")
			h.do(t, "hanna", path+"/grant", choice).want(t, 200, "state", "granted")
		} else {
			h.do(t, "hanna", path+"/grant", choice).want(t, 409, "code", "second_needed")
			p := h.do(t, "hanna", path+"/proposal", choice).want(t, 200, "state", "second", "plan.second_for", `["`+x.because+`"]`)
			sign := `{"plan":"` + p.at("plan.hash") + `"}`
			h.do(t, "hanna", path+"/approval", sign).want(t, 403, "code", "own_work")
			second := "lena"
			if x.because == "citation" {
				h.do(t, "lena", path+"/approval", sign).want(t, 403)
				second = "paula"
			}
			h.view(t, id, "s-1").want(t, 410)
			h.do(t, second, path+"/approval", sign).want(t, 200, "state", "granted")
		}
		seen := h.view(t, id, "s-1").want(t, 200, "expires_at", x.ends, "ground", x.ground)
		if seen.opens() != x.field {
			t.Errorf("%s: opens %q", x.because, seen.opens())
		}
		if x.because == "citation" { // and to let it live again, too
			h.do(t, "hanna", path+"/suspension", `{"reason":"mistake"}`).want(t, 200)
			p := h.do(t, "hanna", path+"/proposal", `{"reason":"legal_duty"}`).want(t, 200, "plan.second_for", `["reinstatement","citation"]`)
			h.do(t, "lena", path+"/reinstatement", `{"plan":"`+p.at("proposal.plan")+`"}`).want(t, 403)
			h.do(t, "paula", path+"/reinstatement", `{"plan":"`+p.at("proposal.plan")+`"}`).want(t, 200, "state", "granted")
		}
	}
}
