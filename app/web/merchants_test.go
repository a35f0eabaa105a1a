package web

import (
	"fmt"
	"io"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// What is refused before any pack is asked: nothing of it is repeated.
func TestRegistrationBodies(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	with := func(member string) string { return `{"jurisdiction":"CN","type":"company",` + member + `}` }
	for name, x := range map[string]struct {
		body    string
		status  int
		pointer string
		code    string
	}{
		"no jurisdiction":         {`{"type":"company","legal_name":"Planted"}`, 422, "/jurisdiction", "required"},
		"another jurisdiction":    {`{"jurisdiction":"Planted","type":"company"}`, 422, "/jurisdiction", "not_one_of"},
		"no type":                 {`{"jurisdiction":"CN"}`, 422, "/type", "required"},
		"another type":            {`{"jurisdiction":"CN","type":"Planted"}`, 422, "/type", "not_one_of"},
		"an unknown member":       {with(`"planted_name":"Planted"`), 422, "/planted_name", "unknown_member"},
		"a value for a member":    {with(`"Planted@example.com":"x"`), 422, "", "unknown_member"},
		"unknown in an object":    {with(`"registration":{"num":"Planted"}`), 422, "/registration/num", "unknown_member"},
		"unknown in a list":       {with(`"tax":[{"nr":"Planted"}]`), 422, "/tax/0/nr", "unknown_member"},
		"a number for a text":     {with(`"legal_name":42`), 422, "/legal_name", "wrong_type"},
		"a text for an object":    {with(`"address":"Planted"`), 422, "/address", "wrong_type"},
		"an object for a list":    {with(`"tax":{"kind":"Planted"}`), 422, "/tax", "wrong_type"},
		"a text for a flag":       {with(`"address":{"residential":"Planted"}`), 422, "/address/residential", "wrong_type"},
		"a null":                  {with(`"trade_name":null`), 422, "/trade_name", "not_null"},
		"nothing between quotes":  {with(`"legal_name":""`), 422, "/legal_name", "blank"},
		"more than anybody needs": {with(`"tax":[` + strings.Repeat(`{"number":"Planted"},`, 16) + `{}]`), 422, "/tax", "too_many"},
		"an id that is personal":  {with(`"party":"planted@example.com"`), 422, "/party", "id_is_personal"},
		"a member twice":          {with(`"lei":"Planted","lei":"Planted"`), 400, "", "malformed"},
		"a member twice, unknown": {with(`"planted":"x","lei":"Planted","lei":"Planted"`), 400, "", "malformed"},
		"two bodies":              {with(`"lei":"Planted"`) + `{}`, 400, "", "malformed"},
		"half a body":             {`{"legal_name":"Planted`, 400, "", "malformed"},
		"a list":                  {`["Planted"]`, 422, "", "wrong_type"},
		"deep":                    {strings.Repeat(`{"a":`, 40) + `"Planted"` + strings.Repeat("}", 40), 400, "", "malformed"},
		"a NUL":                   {with(`"legal_name":"Planted\u0000"`), 400, "", "malformed"},
	} {
		r := d.send(t, "POST", "/v1/merchants", "r", x.body)
		at, code := "", r.Code
		if len(r.Errors) > 0 {
			at, code = r.Errors[0].Pointer, r.Errors[0].Code
		}
		if r.status != x.status || at != x.pointer || code != x.code {
			t.Errorf("%s: %d %s %q, want %d %s %q", name, r.status, code, at, x.status, x.code, x.pointer)
		}
		if strings.Contains(strings.ToLower(string(r.body)), "planted") && x.pointer != "/planted_name" {
			t.Errorf("%s: repeats what was sent: %s", name, r.body)
		}
	}
	if strings.Contains(strings.ToLower(d.log.String()), "planted") {
		t.Errorf("the log repeats what was sent: %s", d.log)
	}
	for kind, status := range map[string]int{"application/json": 500, mediaPatch: 415, "text/plain": 415} { // 500: there is no store
		if r := d.send(t, "POST", "/v1/merchants", "r", with(`"lei":"x"`), "Content-Type", kind); r.status != status {
			t.Errorf("%s: %d", kind, r.status)
		}
	}
}

// A change is a merge patch: null takes away, a list is replaced, the rest stays.
func TestRegistrationChanges(t *testing.T) {
	t.Parallel()
	m := newMembers()
	read := func(body string) (broker.MerchantPatch, error) {
		b, err := m.readRegistration([]byte(body), true)
		if err != nil {
			return broker.MerchantPatch{}, err
		}
		return b.patch()
	}
	p, err := read(`{"type":"sole_trader","trade_name":"New","contact":{"phone":null},"address":null,"certifications":["a","b"],
"tax":[{"kind":"vat","number":"1"},{"kind":"ein"}],"representative":{"id":null}}`)
	if err != nil {
		t.Fatal(err)
	}
	if want := []merchants.Pointer{"/contact/phone", "/address", "/tax", "/representative/id"}; !slices.Equal(p.Removed, want) {
		t.Errorf("removed %v, want %v", p.Removed, want)
	}
	got := map[merchants.Pointer]string{}
	for at, text := range p.Values {
		got[at] = text.Reveal()
	}
	if want := map[merchants.Pointer]string{"/trade_name": "New", "/tax/0/kind": "vat", "/tax/0/number": "1", "/tax/1/kind": "ein"}; !reflect.DeepEqual(got, want) {
		t.Errorf("values %v", got)
	}
	if *p.Type != merchants.SoleTrader || !slices.Equal(*p.Certifications, []string{"a", "b"}) || p.Residential == nil || *p.Residential {
		t.Errorf("%v %v %v", p.Type, p.Certifications, p.Residential)
	}
	if p, err = read(`{"certifications":null,"address":{"residential":true}}`); err != nil || p.Certifications == nil || len(*p.Certifications) != 0 || !*p.Residential {
		t.Errorf("%+v %v", p, err)
	}
	if p, err = read(`{}`); err != nil || len(p.Values)+len(p.Removed) > 0 || p.Certifications != nil || p.Type != nil {
		t.Errorf("%+v %v", p, err)
	}
	for body, code := range map[string]string{
		`{"party":"s-2"}`: "immutable", `{"jurisdiction":"EU"}`: "immutable", `{"jurisdiction":null}`: "immutable",
		`{"type":null}`: "validation_failed", `{"tax":[null]}`: "validation_failed", `{"tax":[{"kind":null}]}`: "validation_failed", `null`: "validation_failed",
	} {
		if _, err := read(body); codeOf(err) != code {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// What stands in an answer to a question is read as a change is, and its pointers
// are those of the body.
func TestInformation(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	path := "/v1/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7g/information"
	for body, want := range map[string]string{
		`{}`: "/note required", `{"changes":{"lei":7}}`: "/changes/lei wrong_type", `{"changes":{"leo":"7"}}`: "/changes/leo unknown_member",
		`{"changes":[]}`: "/changes wrong_type", `{"note":null}`: "/note not_null", `{"note":"x","change":{}}`: "/change unknown_member",
	} {
		r := d.send(t, "POST", path, "r", body)
		if len(r.Errors) == 0 || r.Errors[0].Pointer+" "+r.Errors[0].Code != want {
			t.Errorf("%s: %s", body, r.body)
		}
	}
}

// Every event of the staff has one route, and the words of a check are the broker's.
func TestReviewMoves(t *testing.T) {
	t.Parallel()
	var events []states.Event
	for _, m := range reviewMoves() {
		events = append(events, m.event)
	}
	want := broker.ReviewEvents()
	slices.Sort(events)
	slices.Sort(want)
	if !slices.Equal(events, want) {
		t.Errorf("%v, want %v", events, want)
	}
	rule := func(field string) string {
		f, _ := reflect.TypeFor[checkBody]().FieldByName(field)
		_, all, _ := strings.Cut(f.Tag.Get("validate"), "oneof=")
		return all
	}
	if rule("Source") != strings.Join(broker.CheckSources(), " ") || rule("Method") != strings.Join(broker.CheckMethods(), " ") {
		t.Errorf("checks: %s, %s", rule("Source"), rule("Method"))
	}
	m := newMembers()
	for at, is := range map[string]bool{
		"/legal_name": true, "/tax/0/number": true, "/address/residential": true, "/certifications/1": true, "/registration/number": true,
		"": false, "/": false, "/tax": false, "/tax/number": false, "/tax/x/number": false, "/planted@example.com": false, "/address": false, "/tax/0/number/0": false,
	} {
		if m.has(at) != is {
			t.Errorf("%s: %t", at, !is)
		}
	}
}

// 50 MB are refused while they come, and the refusal arrives; up to 20 MiB may come.
func TestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	url := "http://" + listen(t, d) + "/v1/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7g/documents?kind=licence"
	client := &http.Client{Timeout: 30 * time.Second}
	t.Cleanup(client.CloseIdleConnections)
	for name, x := range map[string]struct {
		size   int
		length bool
		status int
	}{
		"50 MB":               {50 << 20, true, 413},
		"50 MB, in chunks":    {50 << 20, false, 413},
		"a byte more":         {maxDocument + 1, true, 413},
		"all there may be":    {maxDocument, true, 500}, // there is no store
		"2 MiB":               {2 << 20, true, 500},
		"2 MiB, in chunks":    {2 << 20, false, 500},
		"nothing":             {0, true, 500},
		"elsewhere as before": {9 << 20, true, 413},
	} {
		to := url
		if name == "elsewhere as before" {
			to = strings.Replace(url, "/documents", "/appeal", 1)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, to, io.LimitReader(zeros{}, int64(x.size)))
		if err != nil {
			t.Fatal(err)
		}
		if req.ContentLength = -1; x.length {
			req.ContentLength = int64(x.size)
		}
		req.Header.Set("Authorization", "Bearer bauta_r_secret")
		resp, err := client.Do(req)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		body, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != x.status || x.status == 413 && !strings.Contains(string(body), `"code":"too_large"`) {
			t.Errorf("%s: %d %s", name, resp.StatusCode, body)
		}
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { return len(p), nil }

// What is said beside a document is checked before it is looked at.
func TestDocumentParameters(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	const path = "/v1/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7g/documents"
	for query, status := range map[string]int{
		"": 422, "?kind=planted": 422, "?kind=licence&expires=tomorrow": 422, "?kind=licence&expires=2026-02-30": 422, "?kind=licence&name=planted": 422,
	} {
		r := d.send(t, "POST", path+query, "r", "planted", "Content-Type", "image/png")
		if r.status != status || strings.Contains(string(r.body), "planted") {
			t.Errorf("%s: %d %s", query, r.status, r.body)
		}
	}
	for _, headers := range [][]string{
		{"Content-Type", "multipart/form-data; boundary=x"}, {"Content-Type", "application/x-www-form-urlencoded"}, {"Content-Type", "image/png", "Content-Encoding", "gzip"},
	} {
		if r := d.send(t, "POST", path+"?kind=licence", "r", "planted", headers...); r.status != 415 {
			t.Errorf("%v: %d %s", headers, r.status, r.body)
		}
	}
}

// What can't be a merchant's id is not there, for everybody.
func TestPublicProfilesOfNobody(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, id := range []string{"mer_", "mer_x", "dsc_05wq0e9m2r6a1b7c3d4e5f6g7g", "MER_05wq0e9m2r6a1b7c3d4e5f6g7g", "mer_05wq0e9m2r6a1b7c3d4e5f6g7g0", "%2e%2e"} {
		r := d.send(t, "GET", "/v1/public/merchants/"+id, "", "")
		if r.status != 404 || r.Code != "not_found" || r.header.Get("Cache-Control") != "no-store" || r.header.Get("ETag") != "" {
			t.Errorf("%s: %d %v", id, r.status, r.header)
		}
	}
	for given, is := range map[string]bool{`"a"`: true, `W/"a"`: true, `"b", "a"`: true, "*": true, `"b"`: false, "a": false} {
		if matches(given, `"a"`) != is {
			t.Errorf("If-None-Match: %s", given)
		}
	}
}

// The cache of what profiles look like is bounded, and is of the very profile.
func TestProfilesAreBounded(t *testing.T) {
	t.Parallel()
	var p profiles
	for i := range 3 * mostProfiles {
		p.keep(&profile{merchant: &broker.PublicMerchant{ID: broker.MerchantID(fmt.Sprint(i))}})
		if len(p.all) > mostProfiles {
			t.Fatalf("%d", len(p.all))
		}
	}
	m := &broker.PublicMerchant{ID: "mer_x"}
	p.keep(&profile{merchant: m})
	if p.find(m) == nil || p.find(&broker.PublicMerchant{ID: "mer_x"}) != nil {
		t.Error("it is another one's")
	}
}
