package stories

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta.dev/bauta/app/oidc/oidctest"
	"bauta.dev/bauta/broker/accounts"
)

// employer is a house whose people a provider vouches for as well, with one of them.
func employer(t *testing.T) (*house, *oidctest.Provider, *person) {
	t.Helper()
	var h *house
	p := oidctest.New(t, func() time.Time { return h.clock.now() })
	h = newHouse(t, terms{provider: p})
	return h, p, h.employ(t, "helena", helena, accounts.Handler)
}

// sent is where a request leads, which is not gone to.
func (v *visitor) sent(req *http.Request) string {
	v.Helper()
	check := v.CheckRedirect
	defer func() { v.CheckRedirect = check }()
	v.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	status, header, text := v.take(req)
	if status != http.StatusSeeOther && status != http.StatusFound {
		v.Fatalf("%s %s: %d: %s", req.Method, req.URL.Path, status, text)
	}
	return header.Get("Location")
}

// returns is the address with which the provider sends a visitor back.
func (v *visitor) returns(path string) string {
	v.Helper()
	req, err := http.NewRequestWithContext(v.Context(), http.MethodGet, v.sent(v.address(path)), nil)
	if err != nil {
		v.Fatal(err)
	}
	return strings.TrimPrefix(v.sent(req), v.url)
}

// goes is the whole way to the provider and back.
func (v *visitor) goes(path string, status int, wants ...string) string {
	v.Helper()
	return v.get(v.returns(path), status, wants...)
}

// A person binds a provider's sign-in to an account that is open, comes in by it, and
// confirms by it; it opens nothing by an address alone, and says nothing of roles.
func TestProvider(t *testing.T) {
	t.Parallel()
	h, p, helenas := employer(t)
	who := oidctest.Person{Subject: "248289761001", Email: "Helena.Duarte51@Example.COM", Verified: true}
	p.Comes(who, nil)
	v, other := h.visitor(t), h.visitor(t)
	other.get("/sign-in", 200, "Sign in with 127.0.0.1")
	other.goes("/sign-in/oidc", 401, "does not open an account now") // nobody has bound it
	v.comesIn(h, helenas)
	v.get("/desk", 200, "vouch for this account’s own e-mail address", "Let it open this account")
	v.goes("/desk/oidc/binding", 200, "may open this account since", "What you may do is decided here alone")
	v.goes("/desk/oidc/binding", 409, "take that one away first", "may open this account since")
	asked := p.Asked()
	if last := asked[len(asked)-1]; last.Get("prompt") != "login" || last.Get("max_age") != "0" || asked[0].Has("prompt") || last.Get("redirect_uri") != h.url+"/sign-in/oidc/callback" {
		t.Errorf("it was asked %v", last)
	}

	h.clock.forward(time.Minute)
	other.get(other.returns("/sign-in/oidc")+"&locale=en&userState=x", 200, "Your desk")                     // a provider may say more
	other.get("/desk", 200, "Handler,", "after you have confirmed that it is you", "Confirm with 127.0.0.1") // the provider did not say when
	other.goes("/desk/oidc/confirmation", 200, "until <time")
	h.clock.forward(6 * time.Minute)
	stale := who
	stale.ShownAt = h.clock.now().Add(-time.Minute)
	p.Comes(stale, nil)
	other.goes("/desk/oidc/confirmation", 403, "does not confirm")
	third := h.visitor(t)
	third.goes("/sign-in/oidc", 200, "Your desk")
	third.get("/desk", 200, "until <time") // a minute ago
	other.get("/desk/break-glass", 200, "confirm with 127.0.0.1", " in another tab</a>, come back", `href="/desk/oidc/confirmation" target="_blank" rel="noopener"`)
	late, written := h.visitor(t), []string{"event", "break", "moves", "0", "seen", "0", "text", "Ninguém atende."}
	late.page(late.form("/desk/break-glass", written...), 401, "sign in with 127.0.0.1", " in another tab</a>, which leaves", "I am signed in, go on", `value="Ninguém atende."`)
	late.page(late.form("/desk/break-glass", append(written, "email", "", "password", "", "code", "")...), 422, "This is missing", `value="Ninguém atende."`)
	late.goes("/sign-in/oidc", 200, "Your desk") // the other tab
	late.page(late.form("/desk/break-glass", append(written, "email", "", "password", "", "code", "")...), 200, "Ninguém atende.</textarea>", "There was none yet")
	p.Comes(oidctest.Person{Subject: "another", Email: helena, Verified: true}, nil)
	other.goes("/desk/oidc/confirmation", 403, "does not confirm")
	h.visitor(t).goes("/sign-in/oidc", 401)
	h.do(t, "helena", "GET /v1/session", "").want(t, 200, "role", "handler")

	third.page(third.form("/desk/oidc/removal"), 200, "You may let it open this account")
	p.Comes(who, nil)
	h.visitor(t).goes("/sign-in/oidc", 401)
	third.goes("/desk/oidc/binding", 200, "may open this account since")
	if _, err := h.broker.ResetAccount(t.Context(), accounts.ID(helenas.id)); err != nil {
		t.Fatal(err)
	}
	h.visitor(t).goes("/sign-in/oidc", 401)
	got := strings.Join(h.reported(t), "|")
	if strings.Count(got, "|bound handler "+helenas.id) != 2 || strings.Count(got, "unbound handler "+helenas.id) != 1 {
		t.Errorf("the entries say %s", got)
	}
}

// Who is not vouched for comes in nowhere, and binds nothing: one answer.
func TestProviderRefused(t *testing.T) {
	t.Parallel()
	h, p, helenas := employer(t)
	ruis := h.employ(t, "rui", rui, accounts.Lead)
	who := oidctest.Person{Subject: "1", Email: helena, Verified: true}
	v, w := h.visitor(t), h.visitor(t)
	v.comesIn(h, helenas)
	w.comesIn(h, ruis)
	for what, x := range map[string]oidctest.Person{
		"another address":        {Subject: "1", Email: rui, Verified: true},
		"an unverified address":  {Subject: "1", Email: helena, Verified: false},
		"a word for verified":    {Subject: "1", Email: helena, Verified: "true"},
		"nothing about it":       {Subject: "1", Email: helena},
		"no address":             {Subject: "1", Verified: true},
		"who was asked long ago": {Subject: "1", Email: helena, Verified: true, ShownAt: noon},
	} {
		p.Comes(x, nil)
		if page := v.goes("/desk/oidc/binding", 403, "does not vouch"); strings.Contains(page, "may open this account since") {
			t.Errorf("%s binds", what)
		}
	}
	p.Comes(who, nil)
	v.goes("/desk/oidc/binding", 200)
	p.Comes(oidctest.Person{Subject: "1", Email: rui, Verified: true}, nil)
	w.goes("/desk/oidc/binding", 409, "opens another account already")
	p.Comes(who, nil)

	stranger := h.visitor(t)
	want := shape(stranger.page(stranger.form("/sign-in", "email", "nobody@example.com", "password", phrase, "code", "000000"), 401))
	same := func(what, got string) {
		t.Helper()
		if shape(got) != want {
			t.Errorf("%s: %s", what, got)
		}
	}
	for what, twist := range map[string]func(jwt.MapClaims){
		"another nonce":      func(c jwt.MapClaims) { c["nonce"] = "another" },
		"no nonce":           func(c jwt.MapClaims) { delete(c, "nonce") },
		"for another client": func(c jwt.MapClaims) { c["aud"] = "another" },
		"for others as well": func(c jwt.MapClaims) { c["aud"] = []string{"bauta", "another"} },
		"of another issuer":  func(c jwt.MapClaims) { c["iss"] = "https://id.example.com" },
		"expired":            func(c jwt.MapClaims) { c["exp"] = h.clock.now().Add(-time.Second).Unix() },
		"nobody":             func(c jwt.MapClaims) { c["sub"] = "" },
		"somebody else":      func(c jwt.MapClaims) { c["sub"] = "2" },
	} {
		p.Comes(who, twist)
		same(what, stranger.goes("/sign-in/oidc", 401))
	}
	p.Comes(who, nil)
	same("no state", stranger.get("/sign-in/oidc/callback?code=x", 401))
	same("with what no client knows", stranger.get("/sign-in/oidc/callback?code=x&state=sAAAA&locale=en&userState=1&userState=2", 401))
	same("a state of nobody's", stranger.get("/sign-in/oidc/callback?code=x&state=sAAAA", 401))
	back := stranger.returns("/sign-in/oidc")
	another := h.visitor(t)
	another.returns("/sign-in/oidc")
	same("a state of another browser", another.get(back, 401))
	same("without the cookie", h.visitor(t).get(back, 401))
	stranger.get(back, 200, "Your desk")
	stranger = h.visitor(t)
	stranger.returns("/sign-in/oidc")
	same("the same again", stranger.get(back, 401))
	code := regexp.MustCompile(`code=[^&]*`)
	spent := stranger.returns("/sign-in/oidc")
	same("a code that was spent, with a new state", stranger.get(code.ReplaceAllString(spent, code.FindString(back)), 401))
	injected := h.visitor(t).returns("/sign-in/oidc")
	mine := stranger.returns("/sign-in/oidc")
	same("a code of another browser, with this one's state", stranger.get(code.ReplaceAllString(mine, code.FindString(injected)), 401))
	late := stranger.returns("/sign-in/oidc")
	h.clock.forward(accounts.Asked)
	same("5 minutes later", stranger.get(late, 401))
	same("another provider's answer", stranger.get(stranger.returns("/sign-in/oidc")+"x", 401))
	refused := stranger.returns("/sign-in/oidc")
	same("the person said no", stranger.get(code.ReplaceAllString(refused, "error=access_denied"), 401))
	stranger.page(foreign(stranger.address("/sign-in/oidc")), 403, "came from another site")
	v.page(foreign(v.address("/desk/oidc/binding")), 403, "came from another site")
	confirming := v.returns("/desk/oidc/confirmation")
	w.get(confirming, 403, "does not confirm")
	same("a state of a confirmation", stranger.get(strings.Replace(confirming, "state=c", "state=s", 1), 401))
	v.page(v.form("/desk/confirmation", "password", phrase), 200)
	v.get("/sign-in/oidc/callback?"+url.Values{"state": {"b"}}.Encode(), 403, "does not vouch")
	h.clock.forward(6 * time.Minute)
	v.get("/desk/oidc/binding", 403, "Confirm that it is you")
}

// A provider that is away keeps nobody out who has a password, and is asked again.
func TestProviderIsAway(t *testing.T) {
	t.Parallel()
	h, p, helenas := employer(t)
	p.Comes(oidctest.Person{Subject: "1", Email: helena, Verified: true}, nil)
	p.Down(true)
	v := h.visitor(t)
	v.get("/sign-in/oidc", 503, "The provider does not answer now", `action="/sign-in"`)
	v.comesIn(h, helenas)
	p.Down(false)
	v.goes("/desk/oidc/binding", 200, "may open this account since")
	back := v.returns("/desk/oidc/confirmation")
	p.Down(true)
	v.get(back, 503, "The provider does not answer now")
	p.Down(false)
	v.goes("/desk/oidc/confirmation", 200)
	if slices.ContainsFunc(strings.Split(h.log.String(), "\n"), func(line string) bool { return strings.Contains(line, "code=") || strings.Contains(line, p.Secret) }) {
		t.Error("the log says what a code or the secret is")
	}
}
