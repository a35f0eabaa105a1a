package stories

import (
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// visitor is a browser without scripts.
type visitor struct {
	*testing.T
	*http.Client
	url string
}

func (h *house) visitor(t *testing.T) *visitor {
	t.Helper()
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	return &visitor{t, &http.Client{Jar: jar, Timeout: 30 * time.Second}, h.url}
}

// page is what a request leads to, after all redirections.
func (v *visitor) page(req *http.Request, status int, wants ...string) string {
	v.Helper()
	got, header, text := v.take(req)
	if got != status || header.Get("Cache-Control") != "no-store" || !strings.Contains(header.Get("Content-Security-Policy"), "default-src 'none'") {
		v.Errorf("%s %s: %d, want %d: %v", req.Method, req.URL.Path, got, status, header)
	}
	for _, want := range wants {
		if !strings.Contains(text, want) {
			v.Errorf("%s %s lacks %q:\n%s", req.Method, req.URL.Path, want, text)
		}
	}
	return text
}

// take sends a request and gives what came back as it is.
func (v *visitor) take(req *http.Request) (int, http.Header, string) {
	v.Helper()
	resp, err := v.Do(req)
	if err != nil {
		v.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		v.Fatal(err)
	}
	return resp.StatusCode, resp.Header, string(text)
}

func (v *visitor) get(path string, status int, wants ...string) string {
	v.Helper()
	return v.page(v.address(path), status, wants...)
}

func (v *visitor) address(path string) *http.Request {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), http.MethodGet, v.url+path, nil)
	if err != nil {
		v.Fatal(err)
	}
	return req
}

func (v *visitor) form(path string, pairs ...string) *http.Request {
	v.Helper()
	fields := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		fields.Set(pairs[i], pairs[i+1])
	}
	req, err := http.NewRequestWithContext(v.Context(), http.MethodPost, v.url+path, strings.NewReader(fields.Encode()))
	if err != nil {
		v.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.Header.Set("Origin", v.url)
	req.Header.Set("Sec-Fetch-Site", "same-origin")
	return req
}

// foreign is a request as a form of another site makes it.
func foreign(req *http.Request) *http.Request {
	req.Header.Set("Origin", "https://elsewhere.example")
	req.Header.Set("Sec-Fetch-Site", "cross-site")
	return req
}

// A person's way through the pages, in a browser without scripts.
func TestDeskPages(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	v := h.visitor(t)
	v.get("/desk", 200, "<h1>Sign in</h1>")                                                                                        // he has not signed in
	for _, path := range []string{"/desk/nope", "/dashboard/", "/sign-in/nope", "/dashboard?x=1", "/sign-in?next=//example.com"} { // nobody with a browser is answered in JSON
		status := 404
		if strings.Contains(path, "?") {
			status = 422
		}
		v.get(path, status, "<h1>", "Back to the beginning", "req_")
	}
	v.page(v.form("/desk/nope"), 404, "<h1>There is nothing here</h1>")
	v.page(v.form("/sign-in", "email", strings.Repeat("x", 2<<20)), 413, "<h1>That was not done</h1>")
	for _, form := range []string{"/desk/confirmation", "/desk/sessions", "/desk/policy/approval", "/desk/merchants/mer_0/values", "/sign-out", "/desk/passkeys", "/desk/oidc/removal"} {
		v.get(form, 200, "<h1>Sign in</h1>") // the page of that form, which asks who he is
	}
	id, code := h.invite(t, helena, accounts.PrivacyOfficer)
	v.page(v.form("/sign-in/set-up"), 422, "This is missing.")
	v.page(v.form("/sign-in/set-up", "set_up_code", "000000-000000-000000-000000"), 422, "This code was used", `id="set_up_code-error"`)
	second := v.page(v.form("/sign-in/set-up", "set_up_code", code), 200, "New password", id)
	p := &person{name: "helena", id: id, email: helena, secret: regexp.MustCompile(`secret=([A-Z2-7]+)`).FindStringSubmatch(second)[1]}
	v.page(v.form("/sign-in/set-up", "set_up_code", code, "username", id, "password", "password1234", "code", p.shows(t, h.clock.now())), 422, "tried first", `aria-invalid="true"`)
	v.page(v.form("/sign-in/set-up", "set_up_code", code, "username", id, "password", phrase, "code", "000000"), 422, "not the code")
	v.page(v.form("/sign-in/set-up", "set_up_code", code, "username", id, "password", phrase, "code", p.shows(t, h.clock.now())), 200,
		"<h1>Your desk</h1>", "Privacy officer", id, "Nothing waits here", `href="/desk/policy"`)
	v.get("/desk/confirmation", 200, "<h1>Your account</h1>") // a form's address, opened by hand
	v.get("/desk", 200, "<h1>Your account</h1>", "Privacy officer", id, "you may approve what your role approves", "until <time", "None so far")

	other := h.visitor(t)
	h.clock.forward(time.Minute)
	wrong := other.page(other.form("/sign-in", "email", helena, "password", "another phrase", "code", "000000"), 401, "Error: Sign in", "does not open an account now")
	if found := findValue(wrong); found != "" {
		t.Errorf("the page repeats %q", found)
	}
	other.page(other.form("/sign-in", "email", "nobody", "password", "", "code", ""), 422, `id="email-error"`, `id="password-error"`, `id="code-error"`)
	other.page(other.form("/sign-in", "email", helena, "password", phrase, "code", p.shows(t, h.clock.now())), 200, "Your desk")
	own := v.get("/desk", 200, "this one", "End<span")
	named := regexp.MustCompile(`name="session" value="([0-9a-f]{16})"`).FindStringSubmatch(own)
	v.page(v.form("/desk/sessions", "session", named[1]), 200, "this one")
	other.get("/desk", 200, "<h1>Sign in</h1>")

	h.clock.forward(5 * time.Minute)
	v.get("/desk", 200, "after you have confirmed that it is you")
	v.page(v.form("/desk/confirmation", "password", "another phrase"), 403, "does not confirm")
	v.page(v.form("/desk/confirmation"), 422, "Give the password or a code", `id="password-error"`)
	v.page(v.form("/desk/confirmation", "code", p.shows(t, h.clock.now())), 200, "until <time")
	h.signIn(t, p)
	h.do(t, "helena", "POST /v1/handlers", body("email", rui, "role", "handler")).want(t, 201)
	v.get("/desk", 200, "Made: handler", "by <span class=\"id\">"+id)
	v.page(v.form("/sign-out"), 200, "<h1>Sign in</h1>")
	v.get("/desk", 200, "<h1>Sign in</h1>")
}

// Forms of another site do nothing, with the cookie or without; and a cookie is
// no way into the API from there either.
func TestForeignForms(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	v := h.visitor(t)
	h.clock.forward(time.Minute)
	signIn := func() *http.Request {
		return v.form("/sign-in", "email", helena, "password", phrase, "code", p.shows(t, h.clock.now()))
	}
	v.page(foreign(signIn()), 403, "came from another site")
	v.page(signIn(), 200, "Your desk")
	for _, req := range []*http.Request{v.form("/sign-out"), v.form("/desk/sessions", "session", "0000000000000000"), v.form("/desk/confirmation", "password", phrase)} {
		v.page(foreign(req), 403, "came from another site")
	}
	v.get("/desk", 200, "Your account")
	for site, want := range map[string]int{"cross-site": 403, "same-site": 403, "same-origin": 201} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, h.url+"/v1/handlers", strings.NewReader(body("email", rui, "role", "handler")))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Sec-Fetch-Site", site)
		resp, err := v.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("POST /v1/handlers with the cookie, %s: %d, want %d", site, resp.StatusCode, want)
		}
	}
}

// Over TLS the cookie can be set by this host alone; without it, on loopback, it
// is another one, which is not taken over TLS.
func TestCookies(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		terms  terms
		cookie string
		secure bool
	}{{terms{}, "bauta", false}, {terms{proxy: true}, "__Host-bauta", true}} {
		h := newHouse(t, x.terms)
		p := h.employ(t, "helena", helena, accounts.Handler)
		h.clock.forward(time.Minute)
		v := h.visitor(t)
		v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
		resp, err := v.Do(v.form("/sign-in", "email", helena, "password", phrase, "code", p.shows(t, h.clock.now())))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if len(resp.Cookies()) != 1 || resp.StatusCode != http.StatusSeeOther {
			t.Fatalf("%d with %d cookies", resp.StatusCode, len(resp.Cookies()))
		}
		c := resp.Cookies()[0]
		if c.Name != x.cookie || c.Secure != x.secure || !c.HttpOnly || c.SameSite != http.SameSiteLaxMode || c.Path != "/" || c.Domain != "" || c.MaxAge != 0 || !c.Expires.IsZero() {
			t.Errorf("the cookie is %s", masking.NewText(c.Raw))
		}
		for _, name := range []string{"bauta", "__Host-bauta"} {
			want := 401
			if name == x.cookie {
				want = 200
			}
			h.do(t, "", "GET /v1/session", "", "Cookie", name+"="+c.Value).want(t, want)
		}
	}
}
