package stories

import (
	"strconv"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/accounts"
)

// Each side has an appeal of its own: the subject's, decided, leaves the requester
// his, before somebody else; and there is no third.
func TestEachSideAppealsForItself(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "lena", rui, accounts.Lead)
	h.employ(t, "hanna", helena, accounts.Handler)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "collect").want(t, 201, "decision", "refused")
	id := r.at("id")
	appeal, path := "POST /v1/disclosures/"+id+"/appeal", "POST /v1/requests/"+id
	h.do(t, "market", appeal, `{"party":"b-1","reason":"mistake"}`).want(t, 200, "state", "appealed")
	h.do(t, "lena", path+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", path+"/upholding", `{"reason":"not_necessary"}`).want(t, 200, "state", "upheld")
	h.do(t, "market", appeal, `{"party":"b-1","reason":"mistake"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "market", appeal, `{"party":"s-1","reason":"mistake"}`).want(t, 200, "state", "appealed")
	h.do(t, "lena", path+"/taking", `{}`).want(t, 403, "code", "decided_before")
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", path+"/upholding", `{"reason":"not_necessary"}`).want(t, 200, "state", "upheld")
	h.do(t, "market", appeal, `{"party":"s-1","reason":"mistake"}`).want(t, 409, "code", "appealed_before")
}

// What somebody has taken whose account has ended waits for nobody: a lead lets go
// of it, which no handler can, and the next one takes it.
func TestLeadReleasesWhatAnotherHasTaken(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	gone := h.employ(t, "hanna", helena, accounts.Handler)
	lead := h.employ(t, "lena", rui, accounts.Lead)
	h.employ(t, "rui", "rita@desk.example.org", accounts.Handler)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	id := r.at("id")
	path := "POST /v1/requests/" + id
	h.do(t, "lena", path+"/release", `{}`).want(t, 409, "code", "not_taken")
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	if _, _, err := h.broker.EndAccount(t.Context(), nil, accounts.ID(gone.id), "left", nil); err != nil {
		t.Fatal(err)
	}
	h.do(t, "lena", "GET /v1/requests", "").want(t, 200, "data.0.disclosure", id, "data.0.taken", gone.id)
	h.do(t, "rui", path+"/release", `{}`).want(t, 409, "code", "not_taken")
	h.do(t, "rui", path+"/taking", `{}`).want(t, 409, "code", "taken")
	h.do(t, "lena", path+"/release", `{}`).want(t, 200, "taken", "")
	newest, err := strconv.ParseInt(h.ask(t, `SELECT max(idx) FROM ledger_entries`), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	st, err := h.store.StatementAt(t.Context(), newest)
	if err != nil || st.Members.String("event") != "release" || st.Members.String("account") != lead.id {
		t.Errorf("the entry says %v, %v", st, err)
	}
	h.do(t, "rui", path+"/taking", `{}`).want(t, 200)
	h.do(t, "rui", path+"/denial", `{"reason":"safety"}`).want(t, 200, "state", "denied")
}

// The subject can object to a grant that is suspended: whoever decides whether it
// lives again reads why, and whoever is feared is held off.
func TestObjectionToASuspendedGrant(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	hanna := h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	l := h.listen(t)
	h.tell(t)
	r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	id, other := r.at("id"), h.grant(t, "t-1")
	path, object := "POST /v1/requests/"+id, "POST /v1/disclosures/"+id+"/objection"
	h.do(t, "hanna", path+"/suspension", `{"reason":"mistake"}`).want(t, 200)
	h.do(t, "hanna", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	before := h.alike(t, id, r.at("ledger.index"))
	v := h.comes(t, "en")
	v.get("/me?lang=en", 200, `name="disclosure" value="`+id)

	h.do(t, "market", object, `{"party":"b-1","reason":"other_way"}`).want(t, 200, "state", "suspended")
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200, "contested", "true", "objection", "other_way", "proposal.by", "")
	h.do(t, "market", object, `{"party":"b-1","reason":"other_way"}`).want(t, 409, "code", "invalid_transition")
	h.do(t, "hanna", "GET /v1/requests/"+id, "").want(t, 200, "taken", hanna.id)
	h.view(t, other, "s-1").want(t, 200)
	if now := h.alike(t, id, r.at("ledger.index")); now != before {
		t.Errorf("the requester sees it:\n%s\n%s", before, now)
	}

	v.page(v.form("/me/objection?lang=en", "disclosure", id, "reason", "safety"), 200, "has been written down", "It endangers me")
	if shown := v.get("/me?lang=en", 200); strings.Contains(shown, `name="disclosure" value="`+id) {
		t.Error("she is asked for more than her safety")
	}
	h.do(t, "market", object, `{"party":"b-1","reason":"safety"}`).want(t, 409, "code", "invalid_transition")
	h.view(t, other, "s-1").want(t, 410)
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	if now := h.alike(t, id, r.at("ledger.index")); now != before {
		t.Errorf("the requester sees it:\n%s\n%s", before, now)
	}
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	h.revive(t, id)
	h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	h.caughtUp(t)
	for _, m := range l.all() {
		if m.kind == "disclosure.objected" && strings.Contains(m.body, `"party":"s-1"`) {
			t.Errorf("the requester is told: %s", m.body)
		}
	}
}

// Nobody decides about the objection to what he has granted himself.
func TestKeeperIsNotWhoGranted(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{policies: byPeople})
	h.people(t)
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods"})
	h.attest(t, "t-1", "accept 1")
	r := h.disclose(t, "t-1", "s-1", "deliver", "name").want(t, 201, "decision", "pending")
	id := r.at("id")
	path := "POST /v1/requests/" + id
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
	h.do(t, "hanna", path+"/grant", `{"reason":"necessary"}`).want(t, 200, "state", "granted")
	h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200)
	h.do(t, "hanna", path+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", path+"/keeping", `{"reason":"necessary"}`).want(t, 403, "code", "decided_before")
	h.do(t, "lena", path+"/release", `{}`).want(t, 200)
	h.do(t, "lena", path+"/taking", `{}`).want(t, 200)
	h.do(t, "lena", path+"/keeping", `{"reason":"necessary"}`).want(t, 200, "state", "granted")
}
