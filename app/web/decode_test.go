package web

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/masking/fault"
)

// endpoint is one route that takes a body, with a body that it would take.
type endpoint struct{ method, path, key, body string }

const fullParty = `{"kind":"person","locale":"pt-BR","residency":"BR","contact":{"first_name":"Giovana","name":"Giovana Teixeira","email":"giovana_teixeira790@example.com",
"phone":"+5587991935795","address":{"street":"Estrada do Coco, 2138","city":"Recife","region":"PE","postal_code":"51190-321","country":"BR"}},
"source":{"kind":"partner","partner":"P GmbH","collected_at":"2017-01-05T13:34:00-03:00","lawful_basis":"contract"}}`

const fullTransaction = `{"kind":"rental","buyer":"b-1","seller":"s-1","amount":{"currency":"BRL","value":"221.65"},"items":1,
"created_at":"2017-01-05T13:34:00-03:00","promised_at":"2017-01-05T13:34:00-03:00","slot":{"start":"2017-01-05T13:34:00Z","end":"2017-01-06T13:34:00Z"},
"payment":"deposit","deposit":"20","tax_invoice":true,"business_buyer":false,"handover":"post","rental":"item",
"contacts":{"delivery":{"name":"Giovana Teixeira","phone":"+5587991935795","instructions":"ring twice"},"invoice":{"email":"giovana_teixeira790@example.com"}}}`

func endpoints() []endpoint {
	const dsc = "dsc_05wq0e9m2r6a1b7c3d4e5f6g7g"
	return []endpoint{
		{"PUT", "/v1/parties/b-1", "m", fullParty},
		{"PUT", "/v1/parties/b-1/flags", "p", `["minor","at_risk"]`},
		{"PUT", "/v1/transactions/t-1", "m", fullTransaction},
		{"POST", "/v1/transactions/t-1/performances", "m", `{"obligation":"pay","done":"100.00","performed_at":"2017-01-05T13:40:00Z","reference":"psp-1","by":"s-1"}`},
		{"POST", "/v1/transactions/t-1/reversals", "a", performanceExample},
		{"POST", "/v1/transactions/t-1/completion", "m", `{"reason":"performed","note":"Giovana Teixeira"}`},
		{"POST", "/v1/transactions/t-1/cancellation", "m", `{"reason":"agreed","note":"Giovana Teixeira"}`},
		{"POST", "/v1/disclosures", "m", `{"transaction":"t-1","requester":"s-1","purpose":"deliver","fields":["name","address"],"note":"Giovana Teixeira","reveal":true}`},
		{"POST", "/v1/disclosures/" + dsc + "/views", "m", `{"viewer":"s-1"}`},
		{"POST", "/v1/disclosures/" + dsc + "/revocation", "m", `{"reason":"leaked"}`},
	}
}

// refused asserts a refusal that repeats nothing.
func refused(t *testing.T, d *door, e endpoint, body, name, code string, headers ...string) reply {
	t.Helper()
	r := d.send(t, e.method, e.path, e.key, body, headers...)
	if r.status < 400 || r.status > 499 || code != "" && r.Code != code {
		t.Errorf("%s %s %s: %d %s, want %s\n%s", e.method, e.path, name, r.status, r.Code, code, r.body)
	}
	for _, secret := range []string{"iovana", "Teixeira", "87991935795", "Coco", "51190-321", "51190321", "PLANTED", "planted"} {
		if strings.Contains(string(r.body), secret) || strings.Contains(d.log.String(), secret) {
			t.Errorf("%s %s: %s comes back: %s", e.path, name, secret, r.body)
		}
	}
	return r
}

func TestEveryBodyAsBytes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, e := range endpoints() {
		for name, x := range map[string]struct{ body, code string }{
			"empty":          {"", "malformed"},
			"blank":          {" \n", "malformed"},
			"no JSON":        {"PLANTED", "malformed"},
			"cut off":        {e.body[:len(e.body)-2], "malformed"},
			"trailing":       {e.body + "{}", "malformed"},
			"NUL":            {`{"PLANTED\u0000":1}`, "malformed"},
			"raw NUL":        {"{\"PLANTED\x00\":1}", "malformed"},
			"invalid UTF-8":  {"{\"PLANTED\xff\":1}", "malformed"},
			"lone surrogate": {`["PLANTED\ud800"]`, "malformed"},
			"deep":           {strings.Repeat("[", 33) + strings.Repeat("]", 33), "malformed"},
			"deep member":    {`{"x":` + strings.Repeat(`{"x":`, 40) + "1" + strings.Repeat("}", 41), "malformed"},
			"twice":          {`{"PLANTED":1,"PLANTED":2}`, "malformed"},
			"wrong and cut":  {`{"kind":5,"planted":"PLANTED`, "malformed"},
			"null":           {"null", "validation_failed"},
			"string":         {`"PLANTED"`, "validation_failed"},
			"number":         {`1e400`, "validation_failed"},
			"too large":      {`{"x":"` + strings.Repeat("PLANTED ", maxBody/8) + `"}`, "too_large"},
		} {
			headers := []string{"Content-Type", "application/json; charset=UTF-8"}
			refused(t, d, e, x.body, name, x.code, headers...)
		}
		for _, kind := range []string{"text/plain", "", "application/json; charset=latin1", "application/json; q=1", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", "application/merge-patch+json"} {
			refused(t, d, e, e.body, kind, "unsupported_media_type", "Content-Type", kind)
		}
		refused(t, d, e, e.body, "gzip", "unsupported_media_type", "Content-Encoding", "gzip")
		if e.method == "POST" {
			for _, key := range []string{"two words", "ü", strings.Repeat("k", 256)} {
				refused(t, d, e, e.body, "key "+key, "validation_failed", "Idempotency-Key", key)
			}
		}
	}
}

// Exactly 1 MiB is read; a byte more is not.
func TestBodyLimit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	e := endpoints()[8]
	fill := func(n int) string { return `{"viewer":"` + strings.Repeat("a", n-13) + `"}` }
	refused(t, d, e, fill(maxBody), "1 MiB", "validation_failed")
	refused(t, d, e, fill(maxBody+1), "1 MiB and 1", "too_large")
}

// A good body goes through to the broker, which has no store here: 500.
func TestGoodBodiesGoThrough(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, e := range endpoints() {
		if r := d.send(t, e.method, e.path, e.key, e.body); r.status != 500 {
			t.Errorf("%s %s: %d %s", e.method, e.path, r.status, r.body)
		}
	}
}

// Every member of every body: left out is at most missing, of another type is
// refused with its pointer, and so is a member that is not known.
func TestEveryMember(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, e := range endpoints() {
		var body any
		if err := json.Unmarshal([]byte(e.body), &body); err != nil {
			t.Fatal(err)
		}
		for _, at := range members(body, nil) {
			pointer := "/" + strings.Join(at, "/")
			removable := len(at) == 2 && at[0] == "contact" || len(at) == 3 && at[0] == "contacts"
			for _, value := range []any{12, true, []any{"PLANTED"}, map[string]any{"PLANTED": 1}, "\u202ePLANTED", -1, 1e300, strings.Repeat("PLANTED", 2000), nil} {
				was, _ := lookup(body, at)
				if sameShape(was, value) || value == nil && removable {
					continue
				}
				changed := with(body, at, value)
				r := refused(t, d, e, changed, fmt.Sprintf("%s=%.20v", pointer, value), "")
				if r.status != 422 || len(r.Errors) == 0 || !strings.HasPrefix(r.Errors[0].Pointer+"/", pointer) && r.Code != "unknown_member" {
					t.Errorf("%s %s=%.20v: %d %s", e.path, pointer, value, r.status, r.body)
				}
			}
		}
		if _, ok := body.(map[string]any); ok {
			r := refused(t, d, e, strings.Replace(e.body, "{", `{"PLANTED@example.com":1,`, 1), "unknown", "unknown_member")
			if len(r.Errors) != 1 || r.Errors[0].Pointer != "" {
				t.Errorf("%s: %s", e.path, r.body)
			}
			r = refused(t, d, e, strings.Replace(e.body, "{", `{"colour":1,`, 1), "unknown", "unknown_member")
			if len(r.Errors) != 1 || r.Errors[0].Pointer != "/colour" {
				t.Errorf("%s: %s", e.path, r.body)
			}
		}
	}
}

// sameShape: booleans stay booleans; one that is right is no mistake.
func sameShape(was, value any) bool {
	_, b1 := was.(bool)
	_, b2 := value.(bool)
	_, n1 := was.(float64)
	return b1 && b2 || n1 && value == 12
}

// members lists the paths of all members and elements.
func members(v any, at []string) [][]string {
	var all [][]string
	switch v := v.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(v)) {
			path := append(slices.Clone(at), name)
			all = append(append(all, path), members(v[name], path)...)
		}
	case []any:
		for i := range v {
			path := append(slices.Clone(at), itoa(i))
			all = append(append(all, path), members(v[i], path)...)
		}
	}
	return all
}

func lookup(v any, at []string) (any, bool) {
	for _, name := range at {
		switch w := v.(type) {
		case map[string]any:
			v = w[name]
		case []any:
			v = w[name[0]-'0']
		}
	}
	return v, true
}

// with is the body with one member changed.
func with(v any, at []string, value any) string {
	raw, err := json.Marshal(change(v, at, value))
	if err != nil {
		panic(err)
	}
	return string(raw)
}

func change(v any, at []string, value any) any {
	if len(at) == 0 {
		return value
	}
	switch v := v.(type) {
	case map[string]any:
		c := maps.Clone(v)
		c[at[0]] = change(v[at[0]], at[1:], value)
		return c
	case []any:
		c := slices.Clone(v)
		c[at[0][0]-'0'] = change(c[at[0][0]-'0'], at[1:], value)
		return c
	}
	return v
}

// FuzzDecode: whatever comes, it is taken whole or refused, and a refusal says
// nothing of it.
func FuzzDecode(f *testing.F) {
	for _, e := range endpoints() {
		f.Add([]byte(e.body))
	}
	f.Add([]byte(`{"contact":{"name":null,"address":{"street":"qqqqqq"}}}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		for _, v := range []interface{ check() error }{&fuzzed[partyBody]{}, &fuzzed[transactionBody]{}, &fuzzed[disclosureBody]{}, &fuzzed[performanceBody]{}} {
			err := decodeBytes(body, v.(interface{ into() any }).into())
			if err == nil {
				err = v.check()
			}
			if err == nil {
				continue
			}
			var known *fault.Error
			if known = fault.Of(err); known.Kind != fault.Malformed && known.Kind != fault.Invalid {
				t.Fatalf("%T: %v", v, known.Kind)
			}
			for _, word := range strings.FieldsFunc(string(body), func(r rune) bool { return strings.ContainsRune("\"{}[]:, \n", r) }) {
				for _, f := range known.Fields {
					if len(word) > 30 && strings.Contains(f.Pointer+f.Detail, word) {
						t.Fatalf("comes back: %q in %+v", word, f)
					}
				}
			}
		}
	})
}

type fuzzed[T any] struct{ body T }

func (f *fuzzed[T]) into() any { return &f.body }

func (f *fuzzed[T]) check() error {
	var err error
	switch b := any(&f.body).(type) {
	case *partyBody:
		_, err = b.input()
	case *transactionBody:
		_, err = b.input()
	case *disclosureBody:
		_, err = b.input()
	case *performanceBody:
		_, err = b.input()
	}
	return err
}
