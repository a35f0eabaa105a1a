package stories

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// overturn gives again, on the requester's appeal, what was revoked: by two people who
// have decided nothing of it, whoever revoked it and why.
func (h *house) overturn(t *testing.T, id string) {
	t.Helper()
	h.employ(t, "hugo", "hugo@desk.example.org", accounts.Handler)
	h.employ(t, "lars", "lars@desk.example.org", accounts.Lead)
	path := "POST /v1/requests/" + id
	h.do(t, "hugo", path+"/taking", `{}`).want(t, 200, "state", "appealed")
	h.do(t, "hugo", path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
	h.do(t, "hugo", path+"/overturning", `{"reason":"necessary"}`).want(t, 409, "code", "second_needed")
	p := h.do(t, "hugo", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	if !strings.Contains(p.at("plan.second_for"), `"revoked"`) {
		t.Errorf("a second for %s", p.at("plan.second_for"))
	}
	h.do(t, "lars", path+"/approval", body("plan", p.at("plan.hash"))).want(t, 200, "state", "overturned")
}

// However a grant ended, it can be given again on appeal and end once more: the check
// of the ledger, which reads all of a story at its end, has nothing to say.
func TestOverturnedLogIsWhole(t *testing.T) {
	t.Parallel()
	const revocation = `{"reason":"mistake"}`
	objects := func(t *testing.T, h *house, id string) {
		t.Helper()
		h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200)
		h.do(t, "hanna", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200)
	}
	byTwo := func(t *testing.T, h *house, id string) {
		t.Helper()
		r := h.do(t, "hanna", "POST /v1/requests/"+id+"/revocation/proposal", revocation).want(t, 200)
		h.do(t, "lena", "POST /v1/requests/"+id+"/revocation", body("plan", r.at("proposal.plan"))).want(t, 200, "state", "revoked")
	}
	marketplace := func(t *testing.T, h *house, id string) {
		t.Helper()
		h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", revocation).want(t, 200, "state", "revoked")
	}
	for name, ends := range map[string]func(t *testing.T, h *house, id string){
		"marketplace": marketplace,
		"two people":  byTwo,
		"facts, then two people": func(t *testing.T, h *house, id string) {
			t.Helper()
			h.reverse(t, "t-1", "pay", "221.65", "chargeback")
			byTwo(t, h, id)
			h.clock.forward(time.Minute)
			h.attest(t, "t-1", "pay 221.65")
		},
		"facts, then the marketplace": func(t *testing.T, h *house, id string) {
			t.Helper()
			h.reverse(t, "t-1", "pay", "221.65", "chargeback")
			marketplace(t, h, id)
			h.clock.forward(time.Minute)
			h.attest(t, "t-1", "pay 221.65")
		},
		"subject in the right": func(t *testing.T, h *house, id string) {
			t.Helper()
			objects(t, h, id)
			h.do(t, "hanna", "POST /v1/requests/"+id+"/revocation", `{"reason":"subject_objected"}`).want(t, 200, "state", "revoked")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms{})
			h.employ(t, "hanna", helena, accounts.Handler)
			h.employ(t, "lena", rui, accounts.Lead)
			h.attest(t, "t-1", "pay 221.65, accept 1")
			id := h.grant(t, "t-1")
			h.view(t, id, "s-1").want(t, 200)
			ends(t, h, id)
			h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "state", "appealed")
			h.overturn(t, id)
			h.view(t, id, "s-1").want(t, 200)
			marketplace(t, h, id)
		})
	}
}

// So it is where the consent that it rested on has ended, and it is given on another ground.
func TestOverturnedConsentIsWhole(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting + `
@id("settle-person") @ground("3f") @expires("request+60d") @views("20") @decide("person") @why("a debt")
permit (principal == Role::"seller", action == Action::"settle", resource == Field::"phone") when { context.shipped };`})
	h.attest(t, "t-1", "pay 221.65, accept 1, ship 1")
	h.give(t, "settle", month, "phone").want(t, 201)
	r := h.askSigned(t, "settle", "phone").want(t, 201, "decision", "granted", "ground", "3a")
	id := r.at("id")
	h.withdraw(t, "settle").want(t, 200)
	h.signing(t, "market", "s-1", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 200)
	h.overturn(t, id)
	h.viewSigned(t, id).want(t, 200, "ground", "3f")
}
