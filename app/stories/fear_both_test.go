package stories

import (
	"testing"

	"bauta.dev/bauta/broker/accounts"
)

// Two objections for her safety, to two grants of one requester that the engine gave,
// do not wait for each other: people decide each of them, and both live when both are decided.
func TestFearsOfTwoGrantsAreDecided(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	var ids [2]string
	for i, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "pay 221.65, accept 1")
		ids[i] = h.grant(t, id)
	}
	for _, id := range ids {
		h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"safety"}`).want(t, 200, "state", "suspended")
	}
	for i, state := range []string{"suspended", "granted"} {
		path := "POST /v1/requests/" + ids[i]
		r := h.do(t, "hanna", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
		h.do(t, "lena", path+"/reinstatement", body("plan", r.at("proposal.plan"))).want(t, 200, "state", state)
		want := map[string]int{"suspended": 410, "granted": 200}[state]
		for _, id := range ids {
			h.view(t, id, "s-1").want(t, want)
		}
	}
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
}
