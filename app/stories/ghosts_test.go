package stories

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// queue are the disclosures that the staff see waiting.
func (h *house) queue(t *testing.T) (ids []string) {
	t.Helper()
	r := h.do(t, "hanna", "GET /v1/requests", "").want(t, 200)
	for _, x := range r.list("data") {
		ids = append(ids, x.(map[string]any)["disclosure"].(string))
	}
	return ids
}

// objected is a grant of t-1 that the buyer has objected to, seen once.
func (h *house) objected(t *testing.T) string {
	t.Helper()
	idAsked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	id := idAsked.at("id")
	h.do(t, "market", "POST /v1/disclosures/"+id+"/objection", `{"party":"b-1","reason":"other_way"}`).want(t, 200, "state", "granted")
	if !slices.Contains(h.queue(t), id) {
		t.Errorf("%s does not wait for anybody", id)
	}
	return id
}

// A grant that was objected to and ends by itself is nobody's work any more: at
// once for whoever reads, and written down right after; it does not come back.
func TestNoGhostsAreDecided(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]struct {
		by    func(h *house, id string)
		state string
	}{
		"the marketplace": {func(h *house, id string) {
			h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"mistake"}`).want(t, 200)
		}, "revoked"},
		"exclusion": {func(h *house, _ string) {
			h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
		}, "revoked"},
		"time": {func(h *house, _ string) { h.clock.forward(400 * 24 * time.Hour) }, "expired"},
		"time, suspended": {func(h *house, id string) {
			h.do(t, "hanna", "POST /v1/requests/"+id+"/suspension", `{"reason":"mistake"}`).want(t, 200, "state", "suspended")
			h.clock.forward(400 * 24 * time.Hour)
		}, "expired"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms{})
			h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
			h.attest(t, "t-1", "pay 221.65, accept 1")
			id := h.objected(t)
			h.do(t, "hanna", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200)
			end.by(h, id)
			standing := "GET /v1/disclosures/" + id + "/request?viewer=b-1"
			for _, written := range []bool{false, true} {
				h.do(t, "market", standing, "").want(t, 200, "state", end.state)
				if end.state == "expired" { // his session is over as well
					h.employ(t, "hanna", map[bool]string{false: "h2@desk.example.org", true: "h3@desk.example.org"}[written], accounts.Handler)
				}
				if got := h.queue(t); len(got) != 0 {
					t.Errorf("written down %v: waits: %v", written, got)
				}
				h.do(t, "hanna", "POST /v1/requests/"+id+"/keeping", `{"reason":"necessary"}`).want(t, 409, "code", "invalid_transition")
				if !written {
					h.tell(t)
					h.caughtUp(t)
				}
			}
			if got := h.ask(t, `SELECT string_agg(open::text, '') FROM requests`); got != "false" {
				t.Errorf("open: %s", got)
			}
		})
	}
}

// So it is with a grant that a consent carried.
func TestNoGhostsOfConsents(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{signs: newProvider(t), policies: consenting})
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	l := h.listen(t, broker.GrantRevoked, broker.RecallRequested)
	h.give(t, "settle", month, "phone").want(t, 201)
	idAsked := h.askSigned(t, "settle", "phone").want(t, 201, "ground", "3a")
	id := idAsked.at("id")
	if _, _, err := h.broker.PartyMove(t.Context(), broker.Caller{}, "b-1", broker.DisclosureID(id), broker.Move{Event: broker.Object, Reason: "other_way"}, nil); err != nil {
		t.Fatal(err)
	}
	if got := h.queue(t); !slices.Equal(got, []string{id}) {
		t.Errorf("waits: %v", got)
	}
	h.withdraw(t, "settle").want(t, 200)
	if got := h.queue(t); len(got) != 0 {
		t.Errorf("waits: %v", got)
	}
	h.tell(t)
	h.caughtUp(t)
	if got := l.kinds(); got != "grant.revoked recall.requested" || h.ask(t, `SELECT count(*) FROM requests WHERE open`) != "0" {
		t.Errorf("told: %s", got)
	}
	for _, m := range l.all() {
		if strings.Contains(m.body, "consent") || strings.Contains(m.body, `"reason":"`) {
			t.Errorf("told: %s", m.body)
		}
	}
}

// What an excluded party has asked for waits for nobody: it ends, and both sides
// are told so in the words for a request that was withdrawn.
func TestExcludedWaitForNobody(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", "hanna@desk.example.org", accounts.Handler)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	appealedAsked := h.disclose(t, "t-1", "s-1", "collect").want(t, 201, "decision", "refused")
	appealed := appealedAsked.at("id")
	h.do(t, "market", "POST /v1/disclosures/"+appealed+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "state", "appealed")
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	heardAsked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	heard := heardAsked.at("id")
	askedAsked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	asked := askedAsked.at("id")
	h.do(t, "hanna", "POST /v1/requests/"+asked+"/taking", `{}`).want(t, 200)
	h.do(t, "hanna", "POST /v1/requests/"+asked+"/question", `{"reason":"other"}`).want(t, 200, "state", "info_needed")
	l := h.listen(t, broker.RequestWithdrawn)
	h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
	if got := h.queue(t); len(got) != 0 {
		t.Errorf("waits: %v", got)
	}
	all := []string{appealed, heard, asked}
	ended := func() {
		t.Helper()
		for _, id := range all {
			h.do(t, "market", "GET /v1/disclosures/"+id+"/request?viewer=s-1", "").want(t, 200, "state", "withdrawn", "allowed", `["attest_deletion"]`)
			h.do(t, "hanna", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 409, "code", "invalid_transition")
		}
		h.do(t, "market", "POST /v1/disclosures/"+asked+"/answer", `{"party":"s-1"}`).want(t, 409, "code", "invalid_transition")
	}
	ended()
	h.tell(t)
	h.caughtUp(t)
	ended()
	if got := h.ask(t, `SELECT string_agg(DISTINCT state || open, ' ') FROM requests`); got != "withdrawnfalse" {
		t.Errorf("written down: %s", got)
	}
	var told []string
	for _, m := range l.all() {
		if told = append(told, m.disclosure); strings.Contains(m.body, "exclu") || strings.Contains(m.body, "sold") {
			t.Errorf("told: %s", m.body)
		}
	}
	slices.Sort(told)
	slices.Sort(all)
	if !slices.Equal(told, all) {
		t.Errorf("told of %v, want %v", told, all)
	}
	// He asks in vain, and there is nothing to appeal.
	refusedAsked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "refused")
	refused := refusedAsked.at("id")
	h.do(t, "market", "POST /v1/disclosures/"+refused+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 409, "code", "invalid_transition")
	// Once he may ask again he asks anew: three of his requests do not wait still.
	h.reinstate(t, "s-1")
	h.clock.forward(time.Second)
	for range 3 {
		h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "pending")
	}
	ended()
}

// Whoever has looked at what the marketplace revokes is asked to delete it, by a
// time, and says that he has; who has not looked is not.
func TestMarketplaceRecalls(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	l := h.listen(t, broker.GrantRevoked, broker.RecallRequested)
	seenAsked := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	seen := seenAsked.at("id")
	unseenAsked := h.do(t, "market", disclosures, `{"transaction":"t-1","requester":"s-1","purpose":"deliver","reveal":false}`).want(t, 201, "decision", "granted")
	unseen := unseenAsked.at("id")
	for _, id := range []string{seen, unseen} {
		h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"mistake"}`, keyed(id)...).want(t, 200)
	}
	h.tell(t)
	h.caughtUp(t)
	recalled := ""
	for _, m := range l.all() {
		if m.kind == "recall.requested" {
			recalled += m.disclosure
		}
	}
	if recalled != seen || len(l.all()) != 3 {
		t.Errorf("told: %s, recalled: %s, want %s", l.kinds(), recalled, seen)
	}
	path := "/v1/disclosures/" + seen
	h.do(t, "market", "GET "+path+"/request?viewer=s-1", "").want(t, 200, "state", "revoked", "delete_by", h.clock.now().Add(7*24*time.Hour).Format(time.RFC3339))
	h.do(t, "market", "POST "+path+"/deletion", `{"party":"s-1"}`).want(t, 200, "state", "revoked", "deleted_at", h.clock.now().Format(time.RFC3339))
	h.retold(t, l)
}
