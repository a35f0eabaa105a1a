package stories

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// sits is somebody who has signed in at the desk.
func (h *house) sits(t *testing.T, p *person) *visitor {
	t.Helper()
	h.clock.forward(time.Minute)
	v := h.visitor(t)
	v.page(v.form("/sign-in", "email", p.email, "password", phrase, "code", p.shows(t, h.clock.now())), 200)
	return v
}

// The overview has what happened, for whoever works on cases, and is counted once a minute.
func TestOverviewPage(t *testing.T) {
	t.Parallel()
	c := newCourt(t, terms{})
	c.bought(t, "t-1")
	c.attest(t, "t-1", "deliver 1")
	lena := c.house.sits(t, c.lena)
	lena.get("/desk/overview", 200, "<h1>Overview</h1>", `<dd class="figure-value">0</dd>`, "Nothing, so far", "–")
	c.do(t, "market", "POST /v1/disclosures", body("transaction", "t-1", "requester", "s-1", "purpose", "deliver")).want(t, 201)
	c.do(t, "market", "POST /v1/disclosures", body("transaction", "t-1", "requester", "b-1", "purpose", "collect")).want(t, 201, "decision", "refused")
	c.do(t, "disputes", "POST /v1/disputes", lines(opening("t-1", "b-1", "reason", "not_received", "amount", "100.00"), "deliver")).want(t, 201)
	lena.get("/desk/overview", 200, "Nothing, so far") // the same minute
	c.clock.forward(2 * time.Minute)
	page := lena.get("/desk/overview", 200, "Negotiation", "Deliver", "Collect", "Refusals by rule", `<dd class="figure-value">1</dd>`, `href="/desk/ledger"`)
	for _, who := range []string{"b-1", "s-1", "t-1", "Teixeira"} {
		if strings.Contains(page, ">"+who) || strings.Contains(page, " "+who) {
			t.Errorf("the overview says %s", who)
		}
	}
	rudi := c.house.sits(t, c.employ(t, "rudi", "rudi@desk.example.org", accounts.MerchantReviewer))
	for _, path := range []string{"/desk/overview", "/desk/ledger", "/desk/ledger/policies"} {
		rudi.get(path, 403, "That was not done")
		c.visitor(t).get(path, 200, "Sign in")
	}
}

// An entry is looked up by its number; what it says is told by who looks, and that it is in
// the log is worked out from its bytes. One that was changed behind the broker's back is
// called that.
func TestLedgerPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	flagged, _ := strconv.Atoi(h.size(t))
	lena := h.sits(t, h.employ(t, "lena", rui, accounts.Lead))
	aldo := h.sits(t, h.employ(t, "aldo", "aldo@desk.example.org", accounts.Auditor))
	page := lena.get("/desk/ledger", 200, "The newest head", "the log", "Ed25519", "This broker asks no witnesses")
	if m := regexp.MustCompile(`<code class="hash">[0-9a-f]{64}</code>`).FindString(page); m == "" {
		t.Error("the page has no root")
	}
	entry := "/desk/ledger?entry=" + itoa(flagged-1)
	lena.get(entry, 200, "is in the ledger", "Party flagged", "at_risk", `<bdi class="line-of">b-1</bdi>`, "root of "+h.size(t), "gives")
	if seen := aldo.get(entry, 200, "is in the ledger", "the part of auditors", "Key"); strings.Contains(seen, "at_risk") {
		t.Error("an auditor is told what is for the staff")
	}
	aldo.get("/desk/ledger?entry=0", 200, "Log started", "Verifier")
	lena.get("/desk/ledger?entry=0", 200, "It says nothing to the operator’s people")
	lena.get("/desk/ledger?from=1&to="+h.size(t), 200, "It is", "lead")
	for query, want := range map[string]string{
		"entry=x": "whole number", "entry=-1": "whole number", "entry=99999": "no such entry", "entry=9223372036854775807": "no such entry", "from=3": "This is missing",
		"from=0&to=2": "proves nothing", "from=3&to=2": "not larger", "from=1&to=99999": "not as large", "entry=": "whole number", "entry=%3Cscript%3E": "whole number",
	} {
		if got := lena.get("/desk/ledger?"+query, 422, want, "Error: "); strings.Contains(got, "<script>") {
			t.Errorf("%s is told again", query)
		}
	}
	h.forgedRows = true
	change := `UPDATE ledger_entries SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE idx = ` + itoa(flagged-1)
	h.sql(t, `ALTER TABLE ledger_entries DISABLE TRIGGER ALL`, change)
	lena.get(entry, 200, "does not lead to the root that was signed", "Somebody has changed the ledger")
	h.sql(t, change) // as it was
}

// The policy table has the set in force, and what two sets do not have alike.
func TestPermitsPage(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{policies: nameOnly})
	old := h.broker.PolicyVersion()
	if state := h.offer(t, ""); state != broker.Proposed {
		t.Fatalf("the shipped set is %s", state)
	}
	lena := h.sits(t, h.employ(t, "lena", rui, accounts.Lead))
	page := lena.get("/desk/ledger/policies", 200, "name-only", "1 by rule", old, "proposed")
	versions := regexp.MustCompile(`option value="(sha256:[0-9a-f]{64})"`).FindAllStringSubmatch(page, -1)
	if len(versions) != 4 || versions[1][1] != old {
		t.Fatalf("the sets that there are: %v", versions)
	}
	in := "/desk/ledger/policies?from=" + old + "&to=" + versions[0][1]
	lena.get(in, 200, "deliver-shipped-goods", ">added<", ">removed<", "<del>a story</del>", "permits are not the same")
	lena.get("/desk/ledger/policies?from="+old+"&to="+old, 200, "They have the same permits")
	lena.get("/desk/ledger/policies?from=x&to=%3Cscript%3E", 422, "There is no such set")
	lena.get("/desk/ledger/policies?from="+old, 422)
}
