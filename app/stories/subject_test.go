package stories

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"testing"
)

// opens are the routes that open values: each by what names one transaction or
// one grant, and so one person. A route that could answer with values and is not
// here has to be looked at.
var opens = map[string]string{
	"POST /v1/disclosures":               `{"transaction":"t-1","requester":"s-1","purpose":"deliver"}`,
	"POST /v1/disclosures/{id}/views":    `{"viewer":"s-1"}`,
	"POST /v1/disclosures/{id}/openings": `{"viewer":"s-1"}`,
}

// closed are those whose answers have the same form, and never a value.
var closed = []string{
	"GET /v1/disclosures", "GET /v1/disclosures/{id}", "GET /v1/parties/{id}/disclosures", "POST /v1/disclosures/{id}/revocation", "GET /v1/disclosures/{id}/receipt",
}

// own answers with values of whom it is for, who has signed for it: page_test.go.
const own = "GET /v1/parties/{id}/export"

// No request opens values of more than one person, and no list or look opens any:
// of every route that the document has, with everything in it that could be opened.
func TestOneSubjectARequest(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.agree(t, deal{id: "t-2", kind: "shipped_goods", seller: "s-2"})
	for _, id := range []string{"t-1", "t-2"} {
		h.attest(t, id, "pay 221.65, accept 1, ship 1, deliver 1, approve_return 1")
	}
	granted := h.disclose(t, "t-1", "s-1", "deliver").want(t, 201, "decision", "granted")
	h.disclose(t, "t-1", "b-1", "return").want(t, 201, "decision", "granted")
	h.disclose(t, "t-2", "b-1", "return").want(t, 201, "decision", "granted")
	ids := []string{granted.at("id"), "t-1", "b-1", "s-1"}

	document := h.do(t, "", "GET /openapi.json", "").want(t, 200)
	var could []string
	for path, operations := range asObject(asObject(document.json)["paths"]) {
		for method, operation := range asObject(operations) {
			route := strings.ToUpper(method) + " " + path
			if answersWithValues(asObject(document.json), operation) {
				could = append(could, route)
			}
			if method != "get" || strings.HasPrefix(path, "/ledger/") {
				continue
			}
			for _, id := range ids {
				for _, viewer := range []string{"", "?viewer=s-1", "?viewer=b-1"} {
					r := h.do(t, "market", "GET "+strings.ReplaceAll(path, "{id}", id)+viewer, "")
					if found := findValue(string(r.raw)); found != "" {
						t.Errorf("%s shows %q", r.request, found)
					}
				}
			}
		}
	}
	for _, route := range could {
		if _, ok := opens[route]; !ok && !slices.Contains(closed, route) && route != own {
			t.Errorf("%s could answer with values, and is not looked at", route)
		}
	}
	if len(could) != len(opens)+len(closed)+1 {
		t.Errorf("routes that could answer with values: %q", could)
	}
	for route, body := range opens {
		r := h.do(t, "market", strings.ReplaceAll(route, "{id}", ids[0]), body)
		if r.status >= http.StatusBadRequest {
			t.Errorf("%s: %s", route, r.short())
		}
		for _, other := range []string{"Ribeiro", "Quaresma", "Acácias"} {
			if strings.Contains(string(r.raw), other) {
				t.Errorf("%s shows somebody else as well", route)
			}
		}
		// What names the person is one text: never a list of them.
		for name, member := range asObject(decoded(t, body)) {
			many, _ := json.Marshal(map[string]any{name: []any{member, member}}) // what came out of JSON goes into it
			h.do(t, "market", strings.ReplaceAll(route, "{id}", ids[0]), string(many)).want(t, 422)
		}
	}
}

func asObject(v any) map[string]any {
	m, _ := v.(map[string]any)
	return m
}

func decoded(t *testing.T, body string) (v any) {
	t.Helper()
	if err := json.Unmarshal([]byte(body), &v); err != nil {
		t.Error(err)
	}
	return v
}

// answersWithValues says whether an answer of an operation has a place for a value.
func answersWithValues(document map[string]any, operation any) bool {
	for _, answer := range asObject(asObject(operation)["responses"]) {
		for media, content := range asObject(asObject(answer)["content"]) {
			if media == "application/vnd.bauta.receipt" || hasValue(document, asObject(content)["schema"], map[string]bool{}) {
				return true
			}
		}
	}
	return false
}

// hasValue walks a schema for the answer's field, whose value it is.
func hasValue(document map[string]any, schema any, seen map[string]bool) bool {
	switch s := schema.(type) {
	case map[string]any:
		if ref, ok := s["$ref"].(string); ok {
			name := strings.TrimPrefix(ref, "#/components/schemas/")
			if seen[name] {
				return false
			}
			seen[name] = true
			of := asObject(asObject(document["components"])["schemas"])[name]
			return name == "FieldAnswer" || hasValue(document, of, seen)
		}
		for _, part := range s {
			if hasValue(document, part, seen) {
				return true
			}
		}
	case []any:
		for _, part := range s {
			if hasValue(document, part, seen) {
				return true
			}
		}
	}
	return false
}
