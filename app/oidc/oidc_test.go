package oidc_test

import (
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"bauta.dev/bauta/app/oidc"
	"bauta.dev/bauta/app/oidc/oidctest"
	"bauta.dev/bauta/masking"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func at(t *testing.T, issuer string) *oidc.Provider {
	t.Helper()
	p, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: "bauta", Secret: masking.NewText("s"), Return: "http://localhost/back", Now: func() time.Time { return noon }})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An issuer is asked over TLS, unless it is on this machine.
func TestIssuers(t *testing.T) {
	t.Parallel()
	for issuer, want := range map[string]bool{
		"https://id.example.com": true, "https://id.example.com/realms/staff": true, "http://127.0.0.1:8080": true, "http://localhost:8080": true, "http://[::1]:8080": true,
		"http://id.example.com": false, "http://10.0.0.1": false, "id.example.com": false, "": false, "ftp://localhost": false, "https://": false,
		"https://id.example.com?x=y": false, "https://ana:x@id.example.com": false, "https://id.example.com#x": false, "file:///etc/passwd": false,
	} {
		if _, err := oidc.New(oidc.Config{Issuer: issuer, ClientID: "bauta", Secret: masking.NewText("s")}); (err == nil) != want {
			t.Errorf("%q: %v", issuer, err)
		}
	}
	for _, c := range []oidc.Config{{Issuer: "https://id.example.com", ClientID: "bauta"}, {Issuer: "https://id.example.com", Secret: masking.NewText("s")}} {
		if _, err := oidc.New(c); err == nil {
			t.Error("a provider without client id or secret")
		}
	}
}

// document is a provider whose discovery document a test writes; others is how often
// anything else was asked of it.
func document(t *testing.T, write func(issuer string) map[string]any) (issuer string, others *atomic.Int64) {
	t.Helper()
	others = &atomic.Int64{}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/.well-known/openid-configuration" {
			others.Add(1)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(write("http://" + r.Host))
	}))
	t.Cleanup(s.Close)
	return s.URL, others
}

func honest(issuer string) map[string]any {
	return map[string]any{"issuer": issuer, "authorization_endpoint": issuer + "/a", "token_endpoint": issuer + "/t", "jwks_uri": issuer + "/k"}
}

// No document leads the broker, or its people, to where nobody should be asked.
func TestDocumentsLeadNowhere(t *testing.T) {
	t.Parallel()
	inside, asked := document(t, honest)
	over := httptest.NewUnstartedServer(http.NotFoundHandler())
	over.Config.ConnState = func(net.Conn, http.ConnState) { asked.Add(1) } // it is not even connected to
	over.StartTLS()
	t.Cleanup(over.Close)
	for what, address := range map[string]string{
		"another port of this machine": inside + "/t", "over TLS": over.URL, "an address of our network": "https://10.0.0.1/t", "the cloud's own": "http://169.254.169.254/latest",
		"a name that comes to this machine": strings.Replace(over.URL, "127.0.0.1", "localhost", 1),
	} {
		issuer, _ := document(t, func(issuer string) map[string]any {
			d := honest(issuer)
			d["token_endpoint"] = address
			return d
		})
		if _, err := at(t, issuer).Whose(t.Context(), "code", "nonce", "verifier"); !errors.Is(err, oidc.ErrAbsent) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if asked.Load() != 0 {
		t.Errorf("%d requests have come where none should", asked.Load())
	}
	for what, address := range map[string]string{"in clear": "http://id.example.com/a", "a script": "javascript:alert(1)", "nowhere": "", "another port": inside} {
		issuer, _ := document(t, func(issuer string) map[string]any {
			d := honest(issuer)
			d["authorization_endpoint"] = address
			return d
		})
		if to, err := at(t, issuer).Address(t.Context(), "state", "nonce", "verifier", false); err == nil {
			t.Errorf("people are sent to %s: %s", what, to)
		}
	}
}

// What does not answer as a provider does is away: another issuer's document, one
// without end, one that is somewhere else.
func TestDocumentsRefused(t *testing.T) {
	t.Parallel()
	another, _ := document(t, func(string) map[string]any { return honest("https://id.example.com") })
	long, _ := document(t, func(issuer string) map[string]any {
		d := honest(issuer)
		d["x"] = strings.Repeat("x", 2<<20)
		return d
	})
	good, _ := document(t, honest)
	moved := httptest.NewServer(http.RedirectHandler(good+"/.well-known/openid-configuration", http.StatusFound))
	t.Cleanup(moved.Close)
	for what, issuer := range map[string]string{"another issuer's": another, "a long one": long, "one that is elsewhere": moved.URL} {
		if _, err := at(t, issuer).Address(t.Context(), "state", "nonce", "verifier", false); !errors.Is(err, oidc.ErrAbsent) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

// What people are sent with has the state, the nonce and the verifier's hash in it, and
// the verifier nowhere.
func TestAddress(t *testing.T) {
	t.Parallel()
	p := oidctest.New(t, func() time.Time { return noon })
	to, err := at(t, p.Issuer()).Address(t.Context(), "a-state", "a-nonce", "a-verifier", true)
	if err != nil {
		t.Fatal(err)
	}
	u, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	q := u.Query()
	for name, want := range map[string]string{
		"state": "a-state", "nonce": "a-nonce", "client_id": "bauta", "response_type": "code", "scope": "openid email", "redirect_uri": "http://localhost/back",
		"code_challenge_method": "S256", "prompt": "login", "max_age": "0",
	} {
		if q.Get(name) != want {
			t.Errorf("%s is %q, want %q", name, q.Get(name), want)
		}
	}
	if strings.Contains(to, "a-verifier") || len(q.Get("code_challenge")) != 43 {
		t.Error("the verifier is in the address")
	}
}
