package stories

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// secret stands where a value could: no answer, log line or table may repeat it.
const secret = "Geheimnis4711"

// entrance is one endpoint that takes a body, and one that it would take.
type entrance struct {
	key, request, body string
	required           []string // pointers
}

func entrances(granted string) []entrance {
	transaction := `{"kind":"shipped_goods","buyer":"b-1","seller":"s-1","amount":{"currency":"BRL","value":"10.00"},"items":1,
"created_at":"2026-03-04T08:00:00-03:00","promised_at":"2026-03-14T08:00:00-03:00","payment":"deposit","deposit":"5.00","tax_invoice":true,
"business_buyer":false,"handover":"post","rental":"stay"` + slot + dock + `}`
	performed := `{"obligation":"pay","done":"1.00","performed_at":"2026-03-04T12:00:00Z","reference":"r-1"}`
	return []entrance{
		{"market", "PUT /v1/parties/x-1", ursula, []string{"/kind", "/source", "/source/partner", "/source/collected_at", "/source/lawful_basis"}},
		{"privacy", "PUT /v1/parties/b-1/flags", `["minor","at_risk"]`, nil},
		{"market", "PUT /v1/transactions/x-1", transaction, []string{
			"/kind", "/buyer", "/seller", "/amount", "/amount/currency", "/amount/value", "/items", "/created_at", "/deposit", "/slot/start", "/slot/end",
		}},
		{"payment", performances, performed, []string{"/obligation", "/done", "/performed_at", "/reference"}},
		{"payment", reversals, performed, []string{"/obligation", "/done", "/performed_at", "/reference"}},
		{"market", "POST /v1/transactions/t-1/completion", `{"reason":"agreed","note":"well"}`, []string{"/reason"}},
		{"market", "POST /v1/transactions/t-1/cancellation", `{"reason":"agreed","note":"well"}`, []string{"/reason"}},
		{
			"market", disclosures, `{"transaction":"t-1","requester":"s-1","purpose":"deliver","fields":["name"],"note":"why","reveal":true}`,
			[]string{"/transaction", "/requester", "/purpose"},
		},
		{"market", "POST /v1/disclosures/" + granted + "/views", `{"viewer":"s-1"}`, []string{"/viewer"}},
		{"market", "POST /v1/disclosures/" + granted + "/revocation", `{"reason":"leaked"}`, []string{"/reason"}},
		{"shops", "POST /v1/merchants", nordlicht, []string{
			"/jurisdiction", "/type", "/legal_name", "/registration/number", "/contact/email", "/contact/phone", "/address/street", "/address/city",
			"/address/country", "/payout/iban", "/certifications",
		}},
	}
}

// untouched runs bad requests and holds all tables against what they were.
func untouched(t *testing.T, bad func(t *testing.T, h *house, granted string)) {
	t.Helper()
	h := shop(t, terms{})
	h.shops(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	granted := h.disclose(t, "t-1", "s-1", "deliver")
	before, size := h.dump(t), h.size(t)
	t.Run("all", func(t *testing.T) { bad(t, h, granted.at("id")) })
	after := h.dump(t)
	for name := range after {
		if after[name] != before[name] {
			t.Errorf("a bad request changed %s", name)
		}
	}
	if h.size(t) != size {
		t.Errorf("the ledger had %s entries, and has %s", size, h.size(t))
	}
}

// refused is what a bad request comes to: a 4xx with a code, a 422 with a
// pointer, and nothing of what was sent.
func (r reply) refused(t *testing.T, what string) reply {
	t.Helper()
	if r.status < 400 || r.status > 499 || r.at("code") == "" || r.at("request_id") == "" {
		t.Errorf("%s with %s: %d %s", r.request, what, r.status, r.short())
	}
	if r.status == http.StatusUnprocessableEntity {
		if r.at("errors.0.code") == "" || !strings.Contains(string(r.raw), `"pointer":`) {
			t.Errorf("%s with %s: no pointer: %s", r.request, what, r.short())
		}
	}
	if strings.Contains(string(r.raw), secret) {
		t.Errorf("%s with %s: repeated in %s", r.request, what, r.short())
	}
	return r
}

// What is no JSON of ours at all, at each endpoint that takes a body.
func TestBadBodies(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, granted string) {
		for _, e := range entrances(granted) {
			t.Run(e.request, func(t *testing.T) {
				t.Parallel()
				for body, status := range badBodies(e.body) {
					h.do(t, e.key, e.request, body).want(t, status).refused(t, body[:min(len(body), 40)])
				}
				for _, kind := range []string{"", "text/plain", "application/json; charset=latin1", "application/x-www-form-urlencoded", "application/xml", "a/b/c;"} {
					h.do(t, e.key, e.request, e.body, "Content-Type", kind).want(t, 415).refused(t, kind)
				}
				h.do(t, e.key, e.request, e.body, "Content-Encoding", "gzip").want(t, 415).refused(t, "gzip")
				h.do(t, "", e.request, e.body).want(t, 401).refused(t, "no key")
				h.do(t, "disputes", e.request, e.body).want(t, 403).refused(t, "the wrong scope")
				h.do(t, "", e.request, e.body, "Authorization", "Bearer bauta_"+secret+"_"+secret).want(t, 401).refused(t, "no such key")
			})
		}
	})
}

// badBodies are made of a good one, each with the status that it comes to.
func badBodies(good string) map[string]int {
	array := strings.HasPrefix(good, "[")
	bad := map[string]int{
		"": 400, " \n": 400, "x": 400, good + "{}": 400, good[:len(good)-1]: 400, "\ufeff" + good: 400, good + "\x00": 400,
		repeat("[", 33) + repeat("]", 33): 400, repeat("[", 200_000): 400, repeat(`{"a":`, 10_000) + "1" + repeat("}", 10_000): 400,
		"'" + secret + "'": 400, "{\"\xff\":1}": 400, `{"kind":"\ud800"}`: 400, `{"note":"\u0000"}`: 400, "NaN": 400, "{kind:1}": 400,
		`"` + secret + `"`: 422, "5": 422, "true": 422, "1e999": 422, "-0": 422,
		`"` + repeat("a", 1<<20-1) + `"`: 413, repeat(" ", 1<<20+1): 413, `{"note":"` + repeat("é", 1<<20) + `"}`: 413,
	}
	if array {
		bad[`{}`] = 422
		bad[`["`+secret+`"]`] = 422
		return bad
	}
	bad[`[]`] = 422
	bad[`{"`+secret+`":1,`+good[1:]] = 422
	bad[`{"contact_value":"`+secret+`",`+good[1:]] = 422
	first, _, _ := strings.Cut(good[1:], ":")
	bad[`{`+first+`:"`+secret+`",`+good[1:]] = 400 // a member twice
	bad[strings.Replace(good, first, strings.ToUpper(first), 1)] = 422
	return bad
}

// Each member of each body, one by one: of another type, null, too long, with a
// control character, or left out.
func TestBadMembers(t *testing.T) {
	t.Parallel()
	untouched(t, func(t *testing.T, h *house, granted string) {
		for _, e := range entrances(granted) {
			t.Run(e.request, func(t *testing.T) {
				t.Parallel()
				var good any
				if err := json.Unmarshal([]byte(e.body), &good); err != nil {
					t.Fatal(err)
				}
				for _, pointer := range pointers(good, "") {
					for _, alien := range aliens(at(good, pointer), pointer) {
						h.bend(t, e, pointer, alien)
					}
				}
				for _, pointer := range e.required {
					h.bend(t, e, pointer, left{})
				}
			})
		}
	})
}

// left stands for a member that is left out.
type left struct{}

func (left) String() string { return "left out" }

// bend sends a good body with one thing wrong, and wants to be told where.
func (h *house) bend(t *testing.T, e entrance, pointer string, alien any) {
	t.Helper()
	what := fmt.Sprintf("%s = %.30v", pointer, alien)
	r := h.do(t, e.key, e.request, bent(t, e.body, pointer, alien)).want(t, 422).refused(t, what)
	if r.status != 422 {
		t.Logf("… with %s", what)
	}
	var pointed []string
	for i := range r.list("errors") {
		p := r.at("errors." + itoa(i) + ".pointer")
		pointed = append(pointed, p)
		if p != "" && (strings.HasPrefix(pointer, p) || strings.HasPrefix(p, pointer)) {
			return
		}
	}
	t.Errorf("%s with %s points at %q: %s", e.request, what, pointed, r.at("code"))
}

// pointers are all members of a body, from the outside in.
func pointers(v any, at string) (all []string) {
	switch x := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(x)) {
			all = append(append(all, at+"/"+name), pointers(x[name], at+"/"+name)...)
		}
	case []any:
		for i := range x {
			all = append(append(all, at+"/"+itoa(i)), pointers(x[i], at+"/"+itoa(i))...)
		}
	}
	return all
}

func at(v any, pointer string) any {
	for _, step := range strings.Split(pointer, "/")[1:] {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			v = x[number(step)]
		}
	}
	return v
}

func put(v any, path []string, alien any) any {
	if len(path) == 0 {
		return alien
	}
	switch x := v.(type) {
	case map[string]any:
		x[path[0]] = put(x[path[0]], path[1:], alien)
		if _, gone := x[path[0]].(left); gone {
			delete(x, path[0])
		}
	case []any:
		x[number(path[0])] = put(x[number(path[0])], path[1:], alien)
	}
	return v
}

// aliens are what can't stand in the place of a value.
func aliens(good any, pointer string) []any {
	object, array := map[string]any{secret: secret}, []any{secret}
	all := []any{json.Number("4711"), json.Number("1e400"), json.Number("-1.5"), true, array, object, secret, nil}
	removable := strings.HasPrefix(pointer, "/contact/") && strings.Count(pointer, "/") == 2 ||
		strings.HasPrefix(pointer, "/contacts/") && strings.Count(pointer, "/") == 3
	return slices.DeleteFunc(append(all, extremes(good)...), func(x any) bool {
		switch x.(type) {
		case json.Number:
			_, same := good.(float64)
			return same && x == json.Number("4711")
		case nil:
			return removable
		case bool:
			_, same := good.(bool)
			return same
		case string:
			_, same := good.(string)
			return same && x == secret
		}
		return false
	})
}

func number(s string) int {
	n, _ := strconv.Atoi(s) // 0 where it is none
	return n
}

// extremes are of the right type, and wrong all the same.
func extremes(good any) []any {
	switch good.(type) {
	case string:
		return []any{repeat(secret, 300), secret + "\u0007", "\u202e" + secret, repeat("7", 40) + "\u0007"}
	case float64:
		return []any{json.Number("0"), json.Number("-1"), json.Number("1000001"), json.Number("9223372036854775808"), json.Number("1.5"), json.Number("1e18")}
	}
	return nil
}

// bent is a body with another value at a pointer.
func bent(t *testing.T, body, pointer string, alien any) string {
	t.Helper()
	var v any
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(put(v, strings.Split(pointer, "/")[1:], alien))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}
