package stories

import (
	"testing"
	"time"
)

// The thirty days to appeal a revocation begin with it, however old the grant is.
func TestAppealTimeBeginsWithTheRevocation(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	h.agree(t, deal{id: "t-1", kind: "shipped_goods", more: `,"promised_at":"2026-06-01T00:00:00Z"`})
	h.attest(t, "t-1", "pay 221.65, accept 1")
	var ids [4]string // looked at or not, appealed soon or late
	for i := range ids {
		if ids[i] = h.grant(t, "t-1"); i < 2 {
			h.view(t, ids[i], "s-1").want(t, 200)
		}
	}
	h.clock.forward(40 * 24 * time.Hour)
	for _, id := range ids {
		h.do(t, "market", "POST /v1/disclosures/"+id+"/revocation", `{"reason":"mistake"}`).want(t, 200)
	}
	h.tell(t)
	h.caughtUp(t)
	appeal := func(id string) reply {
		t.Helper()
		return h.do(t, "market", "POST /v1/disclosures/"+id+"/appeal", `{"party":"s-1","reason":"unfair"}`)
	}
	h.clock.forward(29 * 24 * time.Hour)
	appeal(ids[0]).want(t, 200, "state", "appealed")
	appeal(ids[2]).want(t, 200, "state", "appealed")
	h.clock.forward(2 * 24 * time.Hour)
	appeal(ids[1]).want(t, 409, "code", "too_late")
	h.clock.forward(365 * 24 * time.Hour)
	appeal(ids[3]).want(t, 409, "code", "too_late")
}
