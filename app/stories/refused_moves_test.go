package stories

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/accounts"
)

// A move that is refused leaves one line in the log: who, by which route, and why, as a
// code. Neither what was written with it nor what it was about stands there, and there
// is no entry.
func TestRefusedMovesAreLogged(t *testing.T) {
	t.Parallel()
	h := newCrew(t)
	id := h.asked()
	plan := h.proposes("hanna", id)
	note := `,"note":"segredo do bilhete"}`
	size := h.size(t)
	for _, move := range []struct {
		who, path, body string
		status          int
		code            string
	}{
		{"hanna", "approval", plan, 403, "own_work"},
		{"hanna", "taking", `{}`, 409, "invalid_transition"},
		{"lena", "grant", `{"reason":"necessary"` + note, 409, "invalid_transition"},
		{"lena", "approval", body("plan", "sha256:"+repeat("0", 64)), 409, "proposal_changed"},
		{"paula", "upholding", `{"reason":"abuse_suspected"` + note, 409, "invalid_transition"},
		{"market", "objection", `{"party":"b-1","reason":"safety"` + note, 409, "invalid_transition"},
		{"market", "answer", `{"party":"s-1"` + note, 409, "invalid_transition"},
		{"market", "appeal", `{"party":"s-1","reason":"unfair"` + note, 409, "invalid_transition"},
	} {
		root := "/v1/requests/"
		if move.who == "market" {
			root = "/v1/disclosures/"
		}
		r := h.do(t, move.who, "POST "+root+id+"/"+move.path, move.body).want(t, move.status, "code", move.code)
		line := h.logged(t, r.at("request_id"))
		want := map[string]any{
			"msg": "request", "method": "POST", "route": root + "{id}/" + move.path, "status": float64(move.status), "code": move.code, "request_id": r.at("request_id"),
		}
		for name, value := range want {
			if line[name] != value {
				t.Errorf("%s by %s: %s = %v, want %v", move.path, move.who, name, line[name], value)
			}
		}
		by := "key"
		if p := h.all[move.who]; p != nil {
			by = "account"
			if line[by] != p.id {
				t.Errorf("%s: by %v, want %s", move.path, line[by], p.id)
			}
		}
		for name := range line {
			if !slices.Contains([]string{"time", "level", "ms", by}, name) && want[name] == nil {
				t.Errorf("%s: the line says %s, too", move.path, name)
			}
		}
	}
	log := h.log.String()
	for _, word := range []string{"segredo", id, "b-1", "s-1", "safety", "unfair"} {
		if strings.Contains(log, word) {
			t.Errorf("the log says %q", word)
		}
	}
	if found := findValue(log); found != "" || h.size(t) != size {
		t.Errorf("the log says %q; %s entries, were %s", found, h.size(t), size)
	}
}

// logged is the one line of a request.
func (h *house) logged(t *testing.T, id string) (line map[string]any) {
	t.Helper()
	for text := range strings.Lines(h.log.String()) {
		if !strings.Contains(text, id) {
			continue
		}
		if line != nil {
			t.Errorf("another line: %s", text)
		}
		if err := json.Unmarshal([]byte(text), &line); err != nil {
			t.Fatal(err)
		}
	}
	if line == nil {
		t.Errorf("no line is about %s", id)
	}
	return line
}

// Whatever the staff open, in each state in which they may, the subject sees: in its
// list, in the disclosure, in the export and on its page. Each look once, by its entry.
func TestEveryLookOfStaffIsSeen(t *testing.T) {
	t.Parallel()
	p := newProvider(t)
	h := shop(t, terms{signs: p})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	h.employ(t, "lars", "lars@desk.example.org", accounts.Lead)
	h.do(t, "privacy", "PUT /v1/parties/b-1/flags", `["at_risk"]`).want(t, 200)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	asked := h.signing(t, "market", "s-1", disclosures, request("t-1", "s-1", "deliver")).want(t, 201, "decision", "pending")
	id := asked.at("id")
	path := "POST /v1/requests/" + id
	says := func(party, path, body string) {
		t.Helper()
		h.signing(t, "market", party, "POST /v1/disclosures/"+id+"/"+path, body).want(t, 200)
	}
	var looks []string
	look := func(who, state, purpose, field string) {
		t.Helper()
		h.do(t, who, path+"/taking", `{}`).want(t, 200, "state", state)
		r := h.do(t, who, path+"/reveals", fmt.Sprintf(`{"purpose":%q,"reason":"identity_unclear","fields":[%q]}`, purpose, field)).want(t, 200)
		looks = append(looks, r.at("ledger.index")+" "+field+" "+purpose)
	}
	look("hanna", "objection", "decide_request", "phone")
	h.do(t, "hanna", path+"/hearing", `{"reason":"perishable"}`).want(t, 200)
	look("hanna", "pending", "decide_request", "name")
	plan := h.do(t, "hanna", path+"/proposal", `{"reason":"necessary"}`).want(t, 200)
	h.do(t, "lena", path+"/approval", body("plan", plan.at("plan.hash"))).want(t, 200, "state", "granted")
	says("b-1", "objection", `{"party":"b-1","reason":"other_way"}`)
	look("lena", "granted", "decide_objection", "address")
	h.do(t, "lena", path+"/suspension", `{"reason":"misuse_suspected"}`).want(t, 200)
	look("lena", "suspended", "decide_objection", "phone")
	h.do(t, "lena", path+"/revocation", `{"reason":"subject_objected"}`).want(t, 200, "state", "revoked")
	says("s-1", "appeal", `{"party":"s-1","reason":"unfair"}`)
	look("lars", "appealed", "decide_appeal", "name")

	slices.Sort(looks)
	check := func(where string, r reply, at string) {
		t.Helper()
		var all []struct {
			Index   int
			Fields  []string
			Purpose string
		}
		if err := json.Unmarshal([]byte(r.at(at)), &all); err != nil {
			t.Fatal(err)
		}
		var seen []string
		for _, x := range all {
			seen = append(seen, fmt.Sprint(x.Index, " ", strings.Join(x.Fields, " "), " ", x.Purpose))
		}
		if slices.Sort(seen); !slices.Equal(seen, looks) {
			t.Errorf("%s: %v, want %v", where, seen, looks)
		}
	}
	check("the list", h.do(t, "market", "GET /v1/parties/b-1/disclosures", ""), "data.0.viewed_by_staff")
	check("the disclosure", h.signing(t, "market", "b-1", "GET /v1/disclosures/"+id+"?viewer=b-1", ""), "viewed_by_staff")
	check("the export", h.signing(t, "privacy", "b-1", exportPath, ""), "disclosures.0.viewed_by_staff")
	me := h.comes(t, "en").get("/me?lang=en", 200, "Opened by the operator’s staff")
	if n := strings.Count(me, "a handler") + strings.Count(me, "a lead"); n != len(looks) {
		t.Errorf("its page names %d looks, want %d", n, len(looks))
	}
}
