package stories

import (
	"fmt"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/accounts"
)

// hearable is a message that has to be heard after a step.
type hearable struct {
	kind, reason string
	subject      bool   // it is for the subject alone
	about        string // decision, ground, fields and what refuses them, as the step leaves them
	ends         bool   // it says when the grant ends
	decision     bool   // its entry is the decision's and not the step's
}

// What stands in a message of what was decided.
const (
	saysPending = `"decision":"pending","ground":"3b","fields":[{"field":"name","outcome":"pending"},{"field":"phone","outcome":"pending"},{"field":"address","outcome":"pending"}]`
	saysGranted = `"decision":"granted","ground":"3b","fields":[{"field":"name","outcome":"granted"},{"field":"phone","outcome":"granted"},{"field":"address","outcome":"granted"}]`
	saysDenied  = `"decision":"refused","fields":[{"field":"name","outcome":"withheld","reason":"denied"},{"field":"phone","outcome":"withheld","reason":"denied"},{"field":"address","outcome":"withheld","reason":"denied"}],"reasons":["denied"]`
)

// body is the message, whole, about the disclosure that is under way.
func (x *hearable) body(at, id, index, ends string) string {
	sides := `{"party":"b-1","role":"buyer"}`
	if !x.subject {
		sides += `,{"party":"s-1","role":"seller"}`
	}
	more := ""
	if x.reason != "" {
		more += `,"reason":"` + x.reason + `"`
	}
	if x.ends {
		more += `,"expires_at":"` + ends + `"`
	}
	return fmt.Sprintf(`{"type":%q,"timestamp":%q,"data":{"disclosure":%q,"transaction":"t-1","requester":"s-1","subject":"b-1","for":[%s],"purpose":"deliver",%s%s,"ledger":{"index":%s}}}`,
		x.kind, at, id, sides, x.about, more, index)
}

// Each move of each side and of the staff is told, with exactly what the document
// lists, to whom it may be told, and nothing of the reasons that the staff read.
func TestMovesAreTold(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	for name, role := range map[string]accounts.Role{"hanna": accounts.Handler, "lena": accounts.Lead, "lars": accounts.Lead} {
		h.employ(t, name, name+"@desk.example.org", role)
	}
	l := h.listen(t)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	const subject = true
	objected := hearable{kind: "disclosure.objected", subject: subject, about: saysPending}
	var id, plan, decided, ends string
	for _, step := range []struct {
		key, path, body string // the disclosure's; of no path it is asked anew
		heard           []hearable
	}{
		{"market", "", `granted`, []hearable{{kind: "disclosure.granted", about: saysGranted, ends: true}}},
		{"market", "objection", `{"party":"b-1","reason":"other_way","note":"segredo do bilhete"}`, []hearable{{kind: "disclosure.objected", subject: subject, about: saysGranted, ends: true}}},
		{"hanna", "taking", `{}`, nil},
		{"hanna", "keeping", `{"reason":"legal_duty"}`, []hearable{{kind: "disclosure.decided", reason: "legal_duty", subject: subject, about: saysGranted, ends: true}}},
		{"privacy", "flags", `["at_risk"]`, []hearable{{kind: "grant.suspended", about: saysGranted, ends: true, decision: true}}},
		{"market", "", `pending`, []hearable{{kind: "disclosure.pending", about: saysPending}, {kind: "disclosure.hearing", subject: subject, about: saysPending}}},
		{"hanna", "taking", `{}`, nil},
		{"hanna", "question", `{"reason":"evidence_missing"}`, []hearable{{kind: "disclosure.information_needed", reason: "evidence_missing", about: saysPending}}},
		{"market", "answer", `{"party":"s-1","note":"segredo do bilhete"}`, nil},
		{"market", "objection", `{"party":"b-1","reason":"safety","note":"segredo do bilhete"}`, []hearable{objected}},
		{"hanna", "proposal", `{"reason":"necessary"}`, nil},
		{"lena", "approval", `PLAN`, []hearable{{kind: "disclosure.decided", reason: "necessary", about: saysGranted, ends: true}}},
		{"market", "objection", `{"party":"b-1","reason":"safety"}`, []hearable{
			{kind: "disclosure.objected", subject: subject, about: saysGranted, ends: true}, {kind: "grant.suspended", about: saysGranted, ends: true, decision: true},
		}},
		{"hanna", "taking", `{}`, nil},
		{"hanna", "proposal", `{"reason":"necessary"}`, nil},
		{"lena", "reinstatement", `PLAN`, []hearable{{kind: "grant.reinstated", about: saysGranted, ends: true}}},
		{"market", "views", `{"viewer":"s-1"}`, nil},
		{"hanna", "revocation/proposal", `{"reason":"misuse_suspected"}`, nil},
		{"lena", "revocation", `PLAN`, []hearable{
			{kind: "grant.revoked", reason: "not_available", about: saysGranted, ends: true}, {kind: "recall.requested", reason: "not_available", about: saysGranted, ends: true},
		}},
		{"market", "appeal", `{"party":"s-1","reason":"unfair","note":"segredo do bilhete"}`, []hearable{{kind: "disclosure.appealed", reason: "unfair", about: saysGranted, ends: true}}},
		{"lars", "taking", `{}`, nil},
		{"lars", "upholding", `{"reason":"abuse_suspected"}`, []hearable{{kind: "disclosure.decided", reason: "not_available", about: saysGranted, ends: true}}},
		{"market", "", `pending`, []hearable{{kind: "disclosure.pending", about: saysPending}, {kind: "disclosure.hearing", subject: subject, about: saysPending}}},
		{"market", "withdrawal", `{"party":"s-1"}`, []hearable{{kind: "disclosure.withdrawn", about: saysPending}}},
		{"market", "", `pending`, []hearable{{kind: "disclosure.pending", about: saysPending}, {kind: "disclosure.hearing", subject: subject, about: saysPending}}},
		{"hanna", "taking", `{}`, nil},
		{"hanna", "denial", `{"reason":"safety"}`, []hearable{{kind: "disclosure.decided", reason: "not_available", about: saysDenied}}},
	} {
		before := len(l.all())
		switch step.path {
		case "":
			r := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", step.body)
			id = r.at("id")
			decided = r.at("ledger.index")
		case "flags":
			h.do(t, step.key, "PUT /v1/parties/b-1/flags", step.body).want(t, 200)
		default:
			root := "POST /v1/requests/"
			if step.key == "market" {
				root = "POST /v1/disclosures/"
			}
			r := h.do(t, step.key, root+id+"/"+step.path, strings.Replace(step.body, "PLAN", `{"plan":"`+plan+`"}`, 1)).want(t, 200)
			if p := r.at("proposal.plan"); p != "" {
				plan = p
			}
			if step.path == "approval" {
				decided = r.at("ledger.index")
			}
		}
		h.caughtUp(t)
		index := h.ask(t, `SELECT max(idx) FROM ledger_entries`)
		r := h.do(t, "market", "GET /v1/disclosures/"+id, "")
		ends = r.at("expires_at")
		heard := l.all()[before:]
		if len(heard) != len(step.heard) {
			t.Fatalf("%s: %d messages, want %d: %v", step.path, len(heard), len(step.heard), heard)
		}
		for i, want := range step.heard {
			entry := index
			if want.decision {
				entry = decided
			}
			if body := want.body(heard[i].at, id, entry, ends); heard[i].body != body {
				t.Errorf("%s %s: heard\n%s\nwant\n%s", step.path, step.body, heard[i].body, body)
			}
		}
	}
	for _, m := range l.all() {
		for _, word := range []string{"safety", "misuse", "abuse", "at_risk", "hnd_", "segredo", "other_way"} {
			if strings.Contains(m.body, word) {
				t.Errorf("it says %s: %s", word, m.body)
			}
		}
	}
}
