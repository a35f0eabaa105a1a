package stories

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/app/web/contract"
)

// reply is an answer that has been held against the OpenAPI document.
type reply struct {
	request string
	status  int
	header  http.Header
	raw     []byte
	json    any
}

// document is the same for every server, and slow to read.
var (
	documentOnce sync.Once
	holds        func(method, path string, status int, contentType string, reqBody, respBody []byte) error
)

func (d *desk) readDocument(t *testing.T) {
	t.Helper()
	documentOnce.Do(func() {
		resp, err := d.client.Get(d.url + "/openapi.json")
		if err != nil {
			t.Error(err)
			return
		}
		defer func() { _ = resp.Body.Close() }()
		doc, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Error(err)
			return
		}
		if holds, err = contract.Validator(doc); err != nil {
			t.Error(err)
		}
	})
}

// do sends one request, as "METHOD /path", and holds the answer against the
// document. It may be called from any goroutine.
func (d *desk) do(t *testing.T, key, request, body string, headers ...string) reply {
	t.Helper()
	d.readDocument(t)
	method, path, _ := strings.Cut(request, " ")
	req, err := http.NewRequestWithContext(t.Context(), method, d.url+path, strings.NewReader(body))
	if err != nil {
		t.Errorf("%s: %v", request, err)
		return reply{}
	}
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	if secret := d.house.keys[key]; secret != "" {
		req.Header.Set("Authorization", "Bearer "+secret)
	}
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	req.Host = req.Header.Get("Host") // empty: of the address
	resp, err := d.client.Do(req)
	if err != nil {
		t.Errorf("%s: %v", request, err)
		return reply{}
	}
	defer func() { _ = resp.Body.Close() }()
	r := reply{request: request, status: resp.StatusCode, header: resp.Header}
	if r.raw, err = io.ReadAll(resp.Body); err != nil {
		t.Errorf("%s: %v", request, err)
	}
	d.inspect(t, &r, method, path, body)
	return r
}

// inspect is what every answer of every story has to pass.
func (d *desk) inspect(t *testing.T, r *reply, method, path, body string) {
	t.Helper()
	kind := r.header.Get("Content-Type")
	if holds != nil {
		if err := holds(method, path, r.status, kind, []byte(body), r.raw); err != nil {
			t.Errorf("document: %v", err)
		}
	}
	if strings.HasSuffix(kind, "json") {
		if err := json.Unmarshal(r.raw, &r.json); err != nil {
			t.Errorf("%s: %v", r.request, err)
		}
	}
	public := strings.HasPrefix(path, "/v1/public/") && r.status < http.StatusBadRequest
	if strings.HasPrefix(path, "/v1/") && !public && r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("%s: Cache-Control = %q", r.request, r.header.Get("Cache-Control"))
	}
	if r.status >= http.StatusBadRequest {
		if kind != "application/problem+json" {
			t.Errorf("%s: an error in %s", r.request, kind)
		}
		if found := findValue(string(r.raw)); found != "" {
			t.Errorf("%s: the error repeats %q", r.request, found)
		}
	}
	wait := r.status == http.StatusTooManyRequests || r.status == http.StatusServiceUnavailable
	if n, err := strconv.Atoi(r.header.Get("Retry-After")); wait && (err != nil || n < 1) {
		t.Errorf("%s: %d without a Retry-After", r.request, r.status)
	}
}

// at finds "fields.0.value" in the answer, as text.
func (r *reply) at(path string) string {
	v := r.json
	for step := range strings.SplitSeq(path, ".") {
		switch x := v.(type) {
		case map[string]any:
			v = x[step]
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(x) {
				return ""
			}
			v = x[i]
		default:
			return ""
		}
	}
	switch x := v.(type) {
	case nil:
		return ""
	case string:
		return x
	default:
		b, _ := json.Marshal(x) // what came out of JSON goes into it
		return string(b)
	}
}

// list is the part of the answer at path.
func (r *reply) list(path string) []any {
	v := r.json
	if path != "" {
		m, _ := v.(map[string]any)
		v = m[path]
	}
	l, _ := v.([]any)
	return l
}

// want holds the answer against a status and pairs of path and text.
func (r reply) want(t *testing.T, status int, pairs ...string) reply {
	t.Helper()
	if r.status != status {
		t.Errorf("%s: %d, want %d: %s", r.request, r.status, status, r.short())
		return r
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		if got := r.at(pairs[i]); got != pairs[i+1] {
			t.Errorf("%s: %s = %q, want %q: %s", r.request, pairs[i], got, pairs[i+1], r.short())
		}
	}
	return r
}

func (r reply) short() string {
	return string(r.raw[:min(len(r.raw), 600)])
}

// opened are the values of a disclosure: by field, addresses as JSON.
func (r *reply) opened() map[string]string {
	values := map[string]string{}
	for _, f := range r.list("fields") {
		m, _ := f.(map[string]any)
		field, _ := m["field"].(string)
		if v, ok := m["value"]; ok {
			b, _ := json.Marshal(v) // what came out of JSON goes into it
			values[field] = strings.Trim(string(b), `"`)
		}
	}
	return values
}

// opens says which fields of a disclosure have values, in order of the alphabet.
func (r *reply) opens() string {
	var fields []string
	for f := range r.opened() {
		fields = append(fields, f)
	}
	slices.Sort(fields)
	return strings.Join(fields, " ")
}

// because are the codes of a refusal, in order of the alphabet.
func (r *reply) because() string {
	var codes []string
	for _, x := range r.list("reasons") {
		m, _ := x.(map[string]any)
		code, _ := m["code"].(string)
		codes = append(codes, code)
	}
	slices.Sort(codes)
	return strings.Join(codes, " ")
}

// withheld gives the reason why a field is not shown.
func (r *reply) withheld(field string) string {
	for _, f := range r.list("fields") {
		if m, _ := f.(map[string]any); m["field"] == field {
			reason, _ := m["reason"].(string)
			return reason
		}
	}
	return ""
}

// missing is the whole list of what a refusal lacks: "pay 22.17 5.00".
func (r *reply) missing() string {
	var lines []string
	for _, x := range r.list("reasons") {
		m, _ := x.(map[string]any)
		list, _ := m["missing"].([]any)
		for _, y := range list {
			o, _ := y.(map[string]any)
			line, _ := o["obligation"].(string)
			need, _ := o["need"].(string)
			have, _ := o["have"].(string)
			lines = append(lines, line+" "+need+" "+have)
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), ", ")
}

// unnumbered is the answer without what is new in each: for comparing bytes.
func (r *reply) unnumbered() string {
	id := r.header.Get("Request-Id")
	return strconv.Itoa(r.status) + string(bytes.ReplaceAll(r.raw, []byte(id), []byte("ID")))
}

// leafOf is the leaf hash of an entry as answers write it (RFC 6962).
func leafOf(entry []byte) string {
	sum := sha256.Sum256(append([]byte{0}, entry...))
	return base64.StdEncoding.EncodeToString(sum[:])
}
