package web

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/app/web/contract"
)

func TestDocumentHasEveryRouteAndNoOther(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	raw, err := d.document()
	if err != nil {
		t.Fatal(err)
	}
	if path := os.Getenv("OPENAPI_OUT"); path != "" {
		if err := os.WriteFile(path, raw, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	var doc struct {
		OpenAPI string `json:"openapi"`
		Paths   map[string]map[string]struct {
			OperationID string           `json:"operationId"`
			Summary     string           `json:"summary"`
			Security    []map[string]any `json:"security"`
			RequestBody *struct {
				Content map[string]struct {
					Schema  map[string]any `json:"schema"`
					Example any            `json:"example"`
				} `json:"content"`
			} `json:"requestBody"`
			Responses map[string]any `json:"responses"`
		} `json:"paths"`
	}
	if err := json.Unmarshal(raw, &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(doc.OpenAPI, "3.1") {
		t.Errorf("openapi is %q", doc.OpenAPI)
	}
	rows := 0
	ids := map[string]bool{}
	for _, r := range d.routes() {
		if _, listed := doc.Paths[r.template]; r.does.desk {
			if listed {
				t.Errorf("%s is a page for people, and in the document", r.template)
			}
			continue
		}
		op, ok := doc.Paths[r.template][strings.ToLower(r.method)]
		if !ok {
			t.Errorf("%s %s is not in the document", r.method, r.template)
			continue
		}
		rows++
		if op.OperationID == "" || ids[op.OperationID] || op.Summary == "" {
			t.Errorf("%s %s: id %q, summary %q", r.method, r.template, op.OperationID, op.Summary)
		}
		ids[op.OperationID] = true
		if (len(op.Security) > 0) != (len(r.scopes) > 0 || r.does.people != nil) {
			t.Errorf("%s %s: security %v", r.method, r.template, op.Security)
		}
		if op.RequestBody != nil && r.does.media == "" && op.RequestBody.Content[mediaJSON].Example == nil {
			t.Errorf("%s %s: no example", r.method, r.template)
		}
		if (op.RequestBody != nil) != slices.Contains([]string{"PUT", "POST", "PATCH"}, r.method) {
			t.Errorf("%s %s: request body %v", r.method, r.template, op.RequestBody)
		}
		for _, status := range []string{"400", "500", "503", "429"} {
			if op.Responses[status] == nil {
				t.Errorf("%s %s: no answer %s", r.method, r.template, status)
			}
		}
	}
	documented := 0
	for _, item := range doc.Paths {
		documented += len(item)
	}
	if documented != rows {
		t.Errorf("%d operations documented, %d in the table", documented, rows)
	}
}

// The examples are answers and bodies that the document itself takes, and the
// bodies are ones that the door takes.
func TestExamplesFit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, r := range d.routes() {
		path := strings.NewReplacer("{id}", "x-1", "{n}", "1", "{purpose}", "deliver").Replace(r.template) + "?"
		for _, name := range r.queries {
			if slices.Contains([]string{"index", "size", "from", "to", "recipient"}, name) { // these have to be there
				path += name + "=1&"
			}
			if name == "kind" {
				path += "kind=licence&"
			}
		}
		body := r.does.example
		if r.does.media == mediaForm {
			body = "a form" // of which the document says no more than its parts
		}
		for _, a := range r.does.answers {
			if a.example == "" {
				continue
			}
			if err := d.holds(r.method, path, a.status, or(a.media, mediaJSON), []byte(body), []byte(a.example)); err != nil {
				t.Error(err)
			}
		}
	}
}

func TestContractFindsWhatIsWrong(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	raw, err := d.document()
	if err != nil {
		t.Fatal(err)
	}
	holds, err := contract.Validator(raw)
	if err != nil {
		t.Fatal(err)
	}
	good := `{"id":"pay","debtor":"buyer","due":"1.00","done":"1.00","state":"performed"}`
	for name, x := range map[string]struct {
		path, media, req, resp string
		status                 int
	}{
		"a member too many":     {"/v1/transactions/t/performances", mediaJSON, performanceExample, `{"id":"pay","debtor":"buyer","due":"1.00","done":"1.00","state":"performed","email":"x"}`, 201},
		"a member missing":      {"/v1/transactions/t/performances", mediaJSON, performanceExample, `{"id":"pay","debtor":"buyer","due":"1.00","done":"1.00"}`, 201},
		"a word of its own":     {"/v1/transactions/t/performances", mediaJSON, performanceExample, strings.Replace(good, "performed", "perhaps", 1), 201},
		"another status":        {"/v1/transactions/t/performances", mediaJSON, performanceExample, good, 202},
		"another media type":    {"/v1/transactions/t/performances", "text/plain", performanceExample, good, 201},
		"a bad request taken":   {"/v1/transactions/t/performances", mediaJSON, `{"obligation":"pay"}`, good, 201},
		"an unknown path taken": {"/v1/nowhere", mediaJSON, performanceExample, good, 201},
	} {
		if err := holds("POST", x.path, x.status, x.media, []byte(x.req), []byte(x.resp)); err == nil {
			t.Errorf("%s: not found", name)
		}
	}
	if err := holds("POST", "/v1/transactions/t/performances", 201, mediaJSON, []byte(performanceExample), []byte(good)); err != nil {
		t.Error(err)
	}
}
