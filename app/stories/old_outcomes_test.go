package stories

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// The retry of an old view shows what that view showed. What a later decision gives
// about the same request takes a view of its own, with its entry; and so for the
// retry of the request.
func TestOldOutcomesOpenNothingNew(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.employ(t, "lars", "lars@desk.example.org", accounts.Lead)
	h.employ(t, "hugo", "hugo@desk.example.org", accounts.Handler)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	asked := request("t-1", "s-1", "deliver")
	id := h.do(t, "market", disclosures, asked, keyed("d")...).want(t, 201, "decision", "pending").idOf()
	p := "POST /v1/requests/" + id
	h.do(t, "hanna", p+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", p+"/hearing", `{"reason":"perishable"}`).want(t, 200)
	r := h.do(t, "hanna", p+"/proposal", `{"reason":"necessary","fields":["name"]}`).want(t, 200)
	h.do(t, "lena", p+"/approval", body("plan", r.at("plan.hash"))).want(t, 200)
	first := h.view(t, id, "s-1", keyed("v")...).want(t, 200)
	if again := h.view(t, id, "s-1", keyed("v")...).want(t, 200); again.opens() != first.opens() || first.opens() == "" {
		t.Errorf("the view opens %q, and again %q", first.opens(), again.opens())
	}
	h.do(t, "hanna", p+"/suspension", `{"reason":"mistake"}`).want(t, 200)
	r = h.do(t, "hanna", p+"/revocation/proposal", `{"reason":"mistake"}`).want(t, 200)
	h.do(t, "lena", p+"/revocation", body("plan", r.at("proposal.plan"))).want(t, 200)
	h.view(t, id, "s-1", keyed("v")...).want(t, 410)
	h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"mistake"}`).want(t, 200)
	h.do(t, "hugo", p+"/taking", `{}`).want(t, 200)
	h.do(t, "hugo", p+"/hearing", `{"reason":"perishable"}`).want(t, 200) // she was not heard about it before, either
	r = h.do(t, "hugo", p+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	h.do(t, "lars", p+"/approval", body("plan", r.at("plan.hash"))).want(t, 200)
	h.clock.forward(time.Minute)
	size := h.size(t)
	h.view(t, id, "s-1", keyed("v")...).want(t, 410, "code", "gone")
	if d := h.do(t, "market", disclosures, asked, keyed("d")...).want(t, 201, "id", id); d.opens() != "" || h.size(t) != size {
		t.Errorf("the request again opens %q, and the log has %s entries, had %s", d.opens(), h.size(t), size)
	}
	now := h.view(t, id, "s-1", keyed("w")...).want(t, 200)
	if now.opens() == first.opens() || h.size(t) == size {
		t.Errorf("a view of the new decision opens %q", now.opens())
	}
}
