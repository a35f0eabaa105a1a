package stories

import (
	"strings"
	"testing"
	"time"
)

// Who passes on what was revealed loses every grant and every right to ask, at
// once and by one entry; and gets no grant back when he may ask again.
func TestExcludedForMisuse(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.agree(t, deal{id: "t-2", kind: "shipped_goods"})
	for _, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "pay 221.65, accept 1")
	}
	body := request("t-1", "s-1", "deliver")
	first := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "decision", "granted")
	second := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "granted")
	ids := []string{first.at("id"), second.at("id")}
	h.view(t, ids[0], "s-1", keyed("v")...).want(t, 200)

	exclusion := "PUT /v1/parties/s-1/exclusion"
	for _, bad := range []string{`{}`, `{"reason":"because"}`, `{"note":"segredo do bilhete"}`} {
		h.do(t, "privacy", exclusion, bad).want(t, 422)
	}
	h.do(t, "market", exclusion, `{"reason":"passed_on"}`).want(t, 403, "code", "scope_missing")
	h.do(t, "privacy", "PUT /v1/parties/nobody/exclusion", `{"reason":"passed_on"}`).want(t, 404)
	size := h.size(t)
	why := `{"reason":"passed_on","note":"segredo do bilhete"}`
	told := h.do(t, "privacy", exclusion, why).want(t, 200, "excluded", "true", "excluded_at", "2026-03-04T12:00:00Z")
	if strings.Contains(string(told.raw), "segredo") || h.ask(t, `SELECT count(*) - `+size+` FROM ledger_entries`) != "1" {
		t.Errorf("%s, and %s entries", told.short(), h.size(t))
	}
	h.clock.forward(time.Minute)
	h.do(t, "privacy", exclusion, `{"reason":"sold"}`).want(t, 200, "excluded_at", "2026-03-04T12:00:00Z") // the first reason stands

	for _, id := range ids {
		h.view(t, id, "s-1").want(t, 410, "code", "gone")
		h.do(t, "market", "GET /v1/disclosures/"+id+"?viewer=s-1", "").want(t, 200, "state", "revoked")
	}
	h.view(t, ids[0], "s-1", keyed("v")...).want(t, 410)
	again := h.do(t, "market", disclosures, body, keyed("d")...).want(t, 201, "id", ids[0], "state", "revoked")
	refused := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "refused")
	if again.opens() != "" || refused.opens() != "" || refused.because() != "not_available" {
		t.Errorf("excluded, and %s %s", again.short(), refused.short())
	}
	r := h.do(t, "market", "GET /v1/transactions/t-1?viewer=s-1", "").want(t, 200, "disclosable.0.decision", "refused", "disclosable.0.missing", "[]")
	if strings.Contains(string(r.raw), "granted") {
		t.Errorf("disclosable: %s", r.short())
	}
	list := h.do(t, "market", "GET /v1/parties/b-1/disclosures", "").want(t, 200, "data.1.state", "revoked", "data.2.state", "revoked")
	if len(list.list("data")) != 3 {
		t.Errorf("the subject's list: %s", list.short())
	}
	// He is protected like anybody else, and the other side may still ask.
	h.attest(t, "t-1", "ship 1, deliver 1, approve_return 1")
	h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")

	h.do(t, "privacy", "DELETE /v1/parties/s-1/exclusion", "").want(t, 200, "excluded", "false", "excluded_at", "")
	for _, id := range ids {
		h.view(t, id, "s-1").want(t, 410)
	}
	h.clock.forward(time.Second)
	anew := h.disclose(t, "t-2", "s-1", "deliver").want(t, 201, "decision", "granted", "state", "live")
	h.view(t, anew.at("id"), "s-1").want(t, 200)
	h.do(t, "privacy", "DELETE /v1/parties/s-1/exclusion", "").want(t, 200)
}

// Sixteen ask and look while the party is excluded, at two brokers: after the
// answer to that, nothing opens.
func TestExcludedAtOnce(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	desks := []*desk{h.desk, h.second(t)}
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.disclose(t, "t-1", "s-1", "deliver")
	grant := id.at("id")
	together(17, func(i int) reply {
		switch {
		case i == 16:
			return h.do(t, "privacy", "PUT /v1/parties/s-1/exclusion", `{"reason":"collected"}`).want(t, 200)
		case i%4 < 2:
			return desks[i%2].view(t, grant, "s-1")
		default:
			return desks[i%2].do(t, "market", disclosures, request("t-1", "s-1", "deliver"))
		}
	})
	excluded := h.ask(t, `SELECT max(idx) FROM ledger_entries WHERE get_byte(entry, 1) = 61`)
	if got := h.ask(t, `SELECT count(*) FROM ledger_entries e LEFT JOIN disclosures d ON d.entry = e.idx
		WHERE e.idx > `+excluded+` AND (get_byte(e.entry, 1) = 10 OR d.decision = 2)`); got != "0" {
		t.Errorf("%s views or grants stand behind the exclusion", got)
	}
	for _, d := range desks {
		d.view(t, grant, "s-1").want(t, 410)
	}
}
