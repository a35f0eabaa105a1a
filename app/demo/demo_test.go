package demo_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
)

// answer is what came back, read to its end.
type answer struct {
	status int
	header http.Header
}

func (h *house) send(t *testing.T, r *http.Request) (answer, string) {
	t.Helper()
	got, err := h.app.Test(r, -1)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = got.Body.Close() }()
	body, err := io.ReadAll(got.Body)
	if err != nil {
		t.Fatal(err)
	}
	return answer{got.StatusCode, got.Header}, string(body)
}

func (h *house) get(t *testing.T, target string) (answer, string) {
	t.Helper()
	return h.send(t, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, nil))
}

func (h *house) post(t *testing.T, target string, form url.Values) (answer, string) {
	t.Helper()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, target, strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Sec-Fetch-Site", "same-origin")
	return h.send(t, r)
}

// once is the nonce of the forms of a page.
func (h *house) once(t *testing.T, order string) string {
	t.Helper()
	_, body := h.get(t, "/?order="+order)
	m := regexp.MustCompile(`name="once" value="([0-9a-f]+)"`).FindStringSubmatch(body)
	if m == nil {
		t.Fatal("the page has no form")
	}
	return m[1]
}

func (h *house) size(t *testing.T) int64 {
	t.Helper()
	head, err := h.store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head.Size
}

// A form that is sent again, by a reload or by two clicks, is the same request:
// one entry, and no value a second time.
func TestAskTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := url.Values{"order": {"post-19"}, "role": {"seller"}, "purpose": {"deliver"}, "once": {h.once(t, "post-19")}}
	before := h.size(t)
	got, body := h.post(t, "/demo/ask", form)
	if got.status != http.StatusOK || !strings.Contains(body, "escalier 14") {
		t.Errorf("the first answer is %d, and holds the address: %t", got.status, strings.Contains(body, "escalier 14"))
	}
	if x := got.header.Get("Cache-Control"); x != "no-store" {
		t.Errorf("Cache-Control is %q", x)
	}
	if x := got.header.Get("Content-Security-Policy"); x != pages.Policy {
		t.Errorf("Content-Security-Policy is %q", x)
	}
	again, body := h.post(t, "/demo/ask", form)
	if again.status != http.StatusSeeOther || strings.Contains(body, "escalier") {
		t.Errorf("the second answer is %d", again.status)
	}
	_, body = h.get(t, again.header.Get("Location"))
	if strings.Contains(body, "escalier 14") || !strings.Contains(body, "Granted to deliver") {
		t.Error("the page that a repetition leads to should say the decision, and no value")
	}
	if got := h.size(t) - before; got != 1 {
		t.Errorf("two equal forms left %d entries, want 1", got)
	}
}

func TestPerformTwice(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	form := url.Values{"order": {"order-1001"}, "role": {"buyer"}, "obligation": {"pay"}, "part": {"5"}, "once": {h.once(t, "order-1001")}}
	for range 2 {
		got, _ := h.post(t, "/demo/perform", form)
		if got.status != http.StatusSeeOther {
			t.Errorf("the answer is %d", got.status)
		}
	}
	v, err := h.Transaction(t.Context(), "order-1001", "")
	if err != nil {
		t.Fatal(err)
	}
	if got := v.Obligations[0].Done; got != "11.08" {
		t.Errorf("paid %s, want 11.08 once", got)
	}
}

// What cannot be done is said calmly, on a page with the status that it has.
func TestRefusals(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	in := broker.TransactionInput{Transaction: broker.Transaction{
		Kind: "digital_goods", Buyer: "other-1", Seller: "other-2", Currency: "EUR", Amount: 100, Items: 1, CreatedAt: h.clock(),
		Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}}
	for _, id := range []broker.PartyID{"other-1", "other-2"} {
		if _, _, err := h.PutParty(t.Context(), broker.Caller{Key: "k"}, id, broker.PartyInput{Kind: broker.Person, Source: broker.Source{Kind: "registration"}}); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := h.PutTransaction(t.Context(), broker.Caller{Key: "k"}, "somebody-elses", in); err != nil {
		t.Fatal(err)
	}
	good := url.Values{"order": {"order-1001"}, "role": {"buyer"}, "once": {"0123"}}
	but := func(pairs ...string) url.Values {
		f := url.Values{}
		for k, v := range good {
			f[k] = v
		}
		for i := 0; i < len(pairs); i += 2 {
			f.Set(pairs[i], pairs[i+1])
		}
		return f
	}
	size := h.size(t)
	for _, test := range []struct {
		name, path string
		form       url.Values
		status     int
	}{
		{"somebody else's order", "/demo/perform", but("order", "somebody-elses", "obligation", "pay", "part", "all"), http.StatusNotFound},
		{"no such order", "/demo/ask", but("order", "nowhere", "purpose", "delay"), http.StatusNotFound},
		{"no such role", "/demo/ask", but("role", "stranger", "purpose", "delay"), http.StatusUnprocessableEntity},
		{"no nonce", "/demo/ask", but("once", "", "purpose", "delay"), http.StatusUnprocessableEntity},
		{"no such purpose", "/demo/ask", but("purpose", "marketing"), http.StatusUnprocessableEntity},
		{"no such obligation", "/demo/perform", but("obligation", "sing", "part", "all"), http.StatusUnprocessableEntity},
		{"no such part", "/demo/perform", but("obligation", "pay", "part", "200"), http.StatusUnprocessableEntity},
		{"nothing to take back", "/demo/reverse", but("obligation", "pay"), http.StatusUnprocessableEntity},
		{"no such grant", "/demo/view", but("disclosure", "dsc_0"), http.StatusNotFound},
		{"a cancelled order", "/demo/perform", but("order", "goods-14", "obligation", "pay", "part", "all"), http.StatusUnprocessableEntity},
	} {
		got, body := h.post(t, test.path, test.form)
		if got.status != test.status {
			t.Errorf("%s: %d, want %d", test.name, got.status, test.status)
		}
		if kind := got.header.Get("Content-Type"); kind != "text/html; charset=utf-8" || !strings.Contains(body, "</html>") {
			t.Errorf("%s: not a page but %s", test.name, kind)
		}
	}
	if _, body := h.get(t, "/?order=somebody-elses"); strings.Contains(body, "other-1") {
		t.Error("the demonstration shows an order that is not its own")
	}
	if got := h.size(t); got != size {
		t.Errorf("refusals left %d entries", got-size)
	}
}

func TestForeignFormIsRefused(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	size := h.size(t)
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/demo/orders", nil)
		r.Header.Set(name, value)
		if got, _ := h.send(t, r); got.status != http.StatusForbidden {
			t.Errorf("%s %s: %d, want 403", name, value, got.status)
		}
	}
	if got := h.size(t); got != size {
		t.Errorf("foreign forms left %d entries", got-size)
	}
}

func TestAssetsAreKeptForEver(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	_, body := h.get(t, "/")
	paths := regexp.MustCompile(`/assets/[^"]+`).FindAllString(body, -1)
	if len(paths) != 2 {
		t.Fatalf("the page refers to %v", paths)
	}
	for _, path := range paths {
		got, content := h.get(t, path)
		if got.status != http.StatusOK || got.header.Get("Cache-Control") != pages.AssetCaching || content == "" {
			t.Errorf("%s: %d, %s", path, got.status, got.header.Get("Cache-Control"))
		}
	}
	if got, _ := h.get(t, "/assets/bauta.css"); got.status != http.StatusNotFound {
		t.Errorf("an asset without its hash: %d", got.status)
	}
}
