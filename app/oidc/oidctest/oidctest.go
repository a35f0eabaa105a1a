// Package oidctest is a provider of identities for tests, on a real socket: discovery,
// keys, authorization and a token endpoint that checks the client's secret, the
// redirection and the verifier, and takes each code once (OpenID Connect Core 1.0,
// RFC 7636). Whoever comes is whom the test says, and is asked nothing.
package oidctest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"sync"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// Provider is one. Its fields are the test's to change between requests, under Change.
type Provider struct {
	ClientID, Secret string
	Now              func() time.Time

	issuer string
	key    *ecdsa.PrivateKey

	mu sync.Mutex
	// Whoever comes.
	who Person
	// what is said of them otherwise than it should be
	twist func(jwt.MapClaims)
	down  bool
	codes map[string]grant
	asked []url.Values
}

// Person is somebody whom the provider knows.
type Person struct {
	Subject, Email string
	Verified       any
	ShownAt        time.Time // when he last showed who he is; of a login that is asked for it is now
}

// grant is what a code stands for.
type grant struct {
	claims    jwt.MapClaims
	redirect  string
	challenge string
	until     time.Time
}

// New starts one, for as long as the test runs.
func New(t *testing.T, now func() time.Time) *Provider {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	p := &Provider{ClientID: "bauta", Secret: rand.Text(), Now: now, key: key, codes: map[string]grant{}}
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p.issuer = "http://" + l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", p.discovery)
	mux.HandleFunc("GET /keys", p.keys)
	mux.HandleFunc("GET /authorize", p.authorize)
	mux.HandleFunc("POST /token", p.token)
	s := &http.Server{Handler: p.unlessDown(mux), ReadHeaderTimeout: 5 * time.Second}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Close()
		if err := <-served; !errors.Is(err, http.ErrServerClosed) {
			t.Errorf("serve: %v", err)
		}
	})
	return p
}

// Issuer is its address.
func (p *Provider) Issuer() string { return p.issuer }

// Comes says who comes next, and what its tokens say otherwise than they should.
func (p *Provider) Comes(who Person, twist func(jwt.MapClaims)) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.who, p.twist = who, twist
}

// Down lets it answer nothing but 503, or again.
func (p *Provider) Down(down bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.down = down
}

// Asked are the parameters of all authorizations, in order.
func (p *Provider) Asked() []url.Values {
	p.mu.Lock()
	defer p.mu.Unlock()
	return append([]url.Values(nil), p.asked...)
}

func (p *Provider) unlessDown(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.mu.Lock()
		down := p.down
		p.mu.Unlock()
		if down {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	})
}

func answer(w http.ResponseWriter, status int, v any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(v) // to a client that may have gone
}

func (p *Provider) discovery(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, map[string]any{
		"issuer": p.issuer, "authorization_endpoint": p.issuer + "/authorize", "token_endpoint": p.issuer + "/token", "jwks_uri": p.issuer + "/keys",
		"response_types_supported": []string{"code"}, "subject_types_supported": []string{"public"}, "id_token_signing_alg_values_supported": []string{"ES256"},
		"token_endpoint_auth_methods_supported": []string{"client_secret_basic"}, "code_challenge_methods_supported": []string{"S256"},
	})
}

func (p *Provider) keys(w http.ResponseWriter, _ *http.Request) {
	point, err := p.key.PublicKey.Bytes()
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1",
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}}})
}

// authorize gives whoever comes a code.
func (p *Provider) authorize(w http.ResponseWriter, r *http.Request) {
	q := r.URL.Query()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, q)
	if q.Get("client_id") != p.ClientID || q.Get("response_type") != "code" || q.Get("code_challenge_method") != "S256" || q.Get("nonce") == "" || q.Get("state") == "" {
		w.WriteHeader(http.StatusBadRequest)
		return
	}
	now, shown := p.Now(), p.who.ShownAt
	if q.Get("prompt") == "login" && shown.IsZero() {
		shown = now
	}
	claims := jwt.MapClaims{
		"iss": p.issuer, "aud": p.ClientID, "sub": p.who.Subject, "iat": now.Unix(), "exp": now.Add(5 * time.Minute).Unix(), "nonce": q.Get("nonce"),
		"email": p.who.Email, "email_verified": p.who.Verified, "role": "privacy_officer",
	}
	if !shown.IsZero() {
		claims["auth_time"] = shown.Unix()
	}
	if p.twist != nil {
		p.twist(claims)
	}
	code := rand.Text()
	p.codes[code] = grant{claims, q.Get("redirect_uri"), q.Get("code_challenge"), now.Add(time.Minute)}
	back := url.Values{"code": {code}, "state": {q.Get("state")}, "iss": {p.issuer}}
	http.Redirect(w, r, q.Get("redirect_uri")+"?"+back.Encode(), http.StatusFound)
}

// token redeems a code.
func (p *Provider) token(w http.ResponseWriter, r *http.Request) {
	id, secret, _ := r.BasicAuth()
	if id != p.ClientID || subtle.ConstantTimeCompare([]byte(secret), []byte(p.Secret)) != 1 {
		answer(w, http.StatusUnauthorized, map[string]string{"error": "invalid_client"})
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, 16<<10)
	code, verifier := r.PostFormValue("code"), sha256.Sum256([]byte(r.PostFormValue("code_verifier")))
	p.mu.Lock()
	g, ok := p.codes[code]
	delete(p.codes, code)
	p.mu.Unlock()
	if !ok || !p.Now().Before(g.until) || r.PostFormValue("redirect_uri") != g.redirect || base64.RawURLEncoding.EncodeToString(verifier[:]) != g.challenge {
		answer(w, http.StatusBadRequest, map[string]string{"error": "invalid_grant"})
		return
	}
	t := jwt.NewWithClaims(jwt.SigningMethodES256, g.claims)
	t.Header["kid"] = "1"
	signed, err := t.SignedString(p.key)
	if err != nil {
		w.WriteHeader(http.StatusInternalServerError)
		return
	}
	answer(w, http.StatusOK, map[string]any{"access_token": rand.Text(), "token_type": "Bearer", "expires_in": 60, "id_token": signed})
}
