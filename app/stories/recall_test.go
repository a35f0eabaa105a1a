package stories

import (
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// What was seen of a grant that is revoked is called back, however soon its
// requester appeals, and whatever becomes of the appeal before anybody has told.
func TestAppealLosesNoRecall(t *testing.T) {
	t.Parallel()
	for name, then := range map[string]func(t *testing.T, h *house, id string) (state string){
		"waits": func(*testing.T, *house, string) string { return "appealed" },
		"upheld": func(t *testing.T, h *house, id string) string {
			t.Helper()
			h.do(t, "lena", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200)
			h.do(t, "lena", "POST /v1/requests/"+id+"/upholding", `{"reason":"abuse_suspected"}`).want(t, 200)
			return "upheld"
		},
		"excluded": func(t *testing.T, h *house, _ string) string {
			t.Helper()
			h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"sold"}`).want(t, 200)
			return "withdrawn"
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms{})
			h.employ(t, "lena", rui, accounts.Lead)
			h.attest(t, "t-1", "pay 221.65, accept 1")
			l := h.listen(t, broker.RecallRequested)
			id := h.grant(t, "t-1")
			h.view(t, id, "s-1").want(t, 200)
			d := "POST /v1/disclosures/" + id
			h.do(t, "market", d+"/revocation", `{"reason":"leaked"}`).want(t, 200)
			h.do(t, "market", d+"/appeal", `{"party":"s-1","reason":"unfair"}`).want(t, 200, "state", "appealed", "delete_by", "")
			state := then(t, h, id)
			h.tell(t)
			h.caughtUp(t)
			if got := l.kinds(); got != "recall.requested" {
				t.Errorf("told: %q", got)
			}
			if name == "waits" { // and nobody has forgotten it
				h.do(t, "lena", "POST /v1/requests/"+id+"/taking", `{}`).want(t, 200, "state", "appealed")
			}
			standing := "GET /v1/disclosures/" + id + "/request?viewer=s-1"
			h.do(t, "market", standing, "").want(t, 200, "state", state, "delete_by", "2026-03-11T12:00:00Z")
			h.do(t, "market", d+"/deletion", `{"party":"s-1"}`).want(t, 200, "state", state, "deleted_at", "2026-03-04T12:00:00Z")
		})
	}
}
