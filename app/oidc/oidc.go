// Package oidc decides whom a provider of identities vouches for (OpenID Connect, the
// code flow with PKCE). It believes one provider, which the operator names, and of what
// that one says who somebody is and when he showed it: never what he may do.
package oidc

import (
	"context"
	"crypto/subtle"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	connect "github.com/coreos/go-oidc/v3/oidc"
	"golang.org/x/oauth2"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Config is what an operator says of a provider.
type Config struct {
	Issuer   string
	ClientID string
	Secret   masking.Text
	Return   string // the address that it sends people back to
	Now      func() time.Time
}

// Provider is one that is looked up when it is needed, and again when that failed: it
// may be away for as long as it likes. It is safe for concurrent use.
type Provider struct {
	Config
	client *http.Client

	mu    sync.Mutex
	found *found
	tryAt time.Time // not before
}

// found is what its discovery document says.
type found struct {
	provider *connect.Provider
	oauth    oauth2.Config
}

// Bounds of what is asked of a provider.
const (
	patience  = 5 * time.Second
	mostBytes = 1 << 20
	// again is after how long a provider that did not answer is asked again.
	again = 10 * time.Second
)

// Errors of this package. None has the provider's own words: they may quote a token.
const (
	ErrAbsent = trouble("the provider does not answer, or not as OpenID Connect has it")
	ErrCode   = trouble("the provider does not take the code")
	ErrToken  = trouble("the provider's token is not for us, not for this errand, or not valid now")
)

type trouble string

func (t trouble) Error() string { return string(t) }

// New is a provider at an issuer. It asks nothing yet.
func New(c Config) (*Provider, error) {
	u, err := url.Parse(c.Issuer)
	if err != nil || u.Host == "" || u.User != nil || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !local(u.Hostname())) {
		return nil, errors.New("an issuer is like https://id.example.com: https, a host, perhaps a path, and nothing behind it")
	}
	if c.ClientID == "" || c.Secret.IsZero() {
		return nil, errors.New("a provider knows us by a client id and a secret")
	}
	return &Provider{Config: c, client: newClient(u)}, nil
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Name is how people know it.
func (p *Provider) Name() string {
	u, err := url.Parse(p.Issuer)
	if err != nil {
		return p.Issuer
	}
	return u.Host
}

// discover looks the provider up, once. The answer outlives the request that asked.
func (p *Provider) discover(ctx context.Context) (*found, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := p.Now()
	if p.found != nil {
		return p.found, nil
	}
	if now.Before(p.tryAt) {
		return nil, ErrAbsent
	}
	provider, err := connect.NewProvider(p.with(ctx), p.Issuer)
	if err != nil {
		p.tryAt = now.Add(again)
		return nil, ErrAbsent
	}
	var more struct {
		Auth []string `json:"token_endpoint_auth_methods_supported"`
	}
	f := &found{provider: provider, oauth: oauth2.Config{
		ClientID: p.ClientID, ClientSecret: p.Secret.Reveal(), Endpoint: provider.Endpoint(), RedirectURL: p.Return,
		Scopes: []string{connect.ScopeOpenID, "email"},
	}}
	if err := provider.Claims(&more); err != nil || !webAddress(f.oauth.Endpoint.AuthURL, p.Issuer) {
		p.tryAt = now.Add(again)
		return nil, ErrAbsent
	}
	f.oauth.Endpoint.AuthStyle = style(more.Auth)
	p.found = f
	return f, nil
}

// webAddress says whether people may be sent somewhere: over TLS, or to where the
// issuer is.
func webAddress(address, issuer string) bool {
	u, err := url.Parse(address)
	i, _ := url.Parse(issuer)
	return err == nil && u.Host != "" && u.User == nil && (u.Scheme == "https" || u.Scheme == i.Scheme && u.Host == i.Host)
}

// style is how the secret is shown: tried out, a code would be spent.
func style(supported []string) oauth2.AuthStyle {
	for _, s := range supported {
		if s == "client_secret_basic" {
			return oauth2.AuthStyleInHeader
		}
	}
	for _, s := range supported {
		if s == "client_secret_post" {
			return oauth2.AuthStyleInParams
		}
	}
	return oauth2.AuthStyleInHeader // what a document means that does not say
}

func (p *Provider) with(ctx context.Context) context.Context {
	return connect.ClientContext(ctx, p.client)
}

// Address is where a person is sent. Anew: he has to show the provider who he is
// however well it knows him.
func (p *Provider) Address(ctx context.Context, state, nonce, verifier string, anew bool) (string, error) {
	f, err := p.discover(ctx)
	if err != nil {
		return "", err
	}
	options := []oauth2.AuthCodeOption{connect.Nonce(nonce), oauth2.S256ChallengeOption(verifier)}
	if anew {
		options = append(options, oauth2.SetAuthURLParam("prompt", "login"), oauth2.SetAuthURLParam("max_age", "0"))
	}
	return f.oauth.AuthCodeURL(state, options...), nil
}

// Whose redeems the code that a person came back with, and says who that is.
func (p *Provider) Whose(ctx context.Context, code, nonce, verifier string) (*accounts.Identity, error) {
	f, err := p.discover(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(p.with(ctx), patience)
	defer cancel()
	token, err := f.oauth.Exchange(ctx, code, oauth2.VerifierOption(verifier))
	if err != nil {
		if refused, ok := errors.AsType[*oauth2.RetrieveError](err); ok && refused.Response.StatusCode < http.StatusInternalServerError {
			return nil, ErrCode
		}
		return nil, ErrAbsent
	}
	raw, ok := token.Extra("id_token").(string)
	if !ok {
		return nil, ErrToken
	}
	id, err := f.provider.Verifier(&connect.Config{ClientID: p.ClientID, Now: p.Now}).Verify(ctx, raw)
	if err != nil {
		return nil, ErrToken
	}
	return p.identity(id, nonce)
}

// identity is what we take from a token that is signed, of this issuer, for us, and
// has not expired.
func (p *Provider) identity(id *connect.IDToken, nonce string) (*accounts.Identity, error) {
	var says struct {
		Email    string `json:"email"`
		Verified any    `json:"email_verified"`
		AuthTime int64  `json:"auth_time"`
	}
	if err := id.Claims(&says); err != nil {
		return nil, ErrToken
	}
	if subtle.ConstantTimeCompare([]byte(id.Nonce), []byte(nonce)) != 1 || len(id.Audience) != 1 || strings.TrimSpace(id.Subject) == "" {
		return nil, ErrToken
	}
	who := &accounts.Identity{Issuer: p.Issuer, Subject: id.Subject}
	if says.AuthTime > 0 {
		who.ShownAt = time.Unix(says.AuthTime, 0).UTC()
	}
	if says.Verified != true { // neither missing nor a word
		return who, nil
	}
	email, err := masking.Normalize(masking.Email, masking.NewText(says.Email), "")
	if err == nil {
		who.Email = email
	}
	return who, nil
}
