package web

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// people are those whose session a route asks for.
type people struct {
	roles []accounts.Role // any of them; none: every role
	fresh bool            // who have just shown who they are
}

// anybody who has signed in.
func anybody() *people { return &people{} }

// those who have one of the roles.
func those(roles ...accounts.Role) *people { return &people{roles: roles} }

// justConfirmed asks for a session that is fresh: what a decision and a reveal ask for.
func (p *people) justConfirmed() *people { return &people{roles: p.roles, fresh: true} }

// has says whether one of a role is among them.
func (p *people) has(r accounts.Role) bool { return len(p.roles) == 0 || slices.Contains(p.roles, r) }

func (p *people) String() string {
	words := make([]string, len(p.roles))
	for i, r := range p.roles {
		words[i] = "`" + string(r) + "`"
	}
	s := "For a person's session, never for a key."
	if len(words) > 0 {
		s += " Role: " + strings.Join(words, " or ") + "."
	}
	if p.fresh {
		s += " The session has to be fresh: signed in or confirmed less than 5 minutes ago."
	}
	return s
}

var errForeign = fault.New(fault.Denied, "foreign_form", "this came from another site, so nothing was done")

// who calls, for what is remembered of a call.
func (c *call) who() string {
	if c.person != nil {
		return string(c.person.Account)
	}
	return c.key.ID
}

// admitPerson lets a person in who has signed in, has one of the roles and,
// where that is asked for, has just shown who he is. A key never opens such a
// route, whatever its scopes are.
func (c *call) admitPerson(p *people) error {
	if c.limited != nil {
		return c.limited
	}
	now := c.server.Now()
	if presented, ok := c.presented(); ok && !broker.IsSessionToken(presented) {
		if err := c.authenticate(); err != nil {
			return err
		}
		return accounts.ErrSessionRequired
	}
	address := c.address()
	if wait := c.server.visitors.exhausted(address, now); wait > 0 {
		return errRateLimit.After(wait)
	}
	person, err := c.signedIn()
	if err != nil {
		if wait := c.server.visitors.take(address, now); wait > 0 {
			return errRateLimit.After(wait)
		}
		return err
	}
	c.person = person
	if wait := c.server.visitors.take("account "+string(person.Account), now); wait > 0 {
		return errRateLimit.After(wait)
	}
	if len(p.roles) > 0 && !slices.Contains(p.roles, person.Role) {
		return accounts.ErrRoleMissing
	}
	if p.fresh && !person.Fresh(now) {
		return accounts.ErrConfirm
	}
	return nil
}

// bringsSession says whether a caller comes as a person, where a key could come too:
// with a session in the header or, without a header, in the cookie.
func (c *call) bringsSession() bool {
	presented, ok := c.presented()
	if ok {
		return broker.IsSessionToken(presented)
	}
	return c.Cookies(c.cookieName()) != ""
}

// signedIn finds the session that a caller presents: in the header as a program
// does or, from this very site, in the cookie as a browser does.
func (c *call) signedIn() (*accounts.Session, error) {
	if presented, ok := c.presented(); ok {
		return c.server.Broker.Session(c.ctx, presented)
	}
	token := c.Cookies(c.cookieName())
	if token == "" {
		return nil, accounts.ErrNoSession
	}
	if err := c.sameOrigin(); err != nil {
		return nil, err
	}
	return c.server.Broker.Session(c.ctx, token)
}

// sameOrigin refuses what another site's page has sent, by what the browser says
// of it. It asks net/http's own protection, on the four things that it looks at.
func (c *call) sameOrigin() error {
	header := http.Header{}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if v := c.Get(name); v != "" {
			header.Set(name, v)
		}
	}
	r := &http.Request{Method: c.Method(), Header: header, Host: string(c.Request().Host()), URL: &url.URL{Path: c.Path()}}
	if c.server.origin.Check(r) != nil {
		return errForeign
	}
	return nil
}

// A cookie with this prefix is taken by browsers from this very host and over
// TLS alone, and no other host or path can set it.
const secureCookie, plainCookie = "__Host-bauta", "bauta"

// secure says whether browsers reach us over TLS. Without it we listen on
// loopback alone, where several browsers do not keep a cookie that is Secure.
func (c *call) secure() bool { return c.Context().IsTLS() || c.server.BehindProxy }

func (c *call) cookieName() string {
	if c.secure() {
		return secureCookie
	}
	return plainCookie
}

// setCookie hands a browser its session, or takes it away.
func (c *call) setCookie(token masking.Text) { c.keepCookie(c.cookieName(), token) }

func (c *call) keepCookie(name string, token masking.Text) {
	cookie := &fiber.Cookie{
		Name: name, Value: token.Reveal(), Path: "/", HTTPOnly: true, Secure: c.secure(), SameSite: fiber.CookieSameSiteLaxMode,
		SessionOnly: true,
	}
	if token.IsZero() {
		cookie.SessionOnly, cookie.Expires = false, fasthttp.CookieExpireDelete
	}
	c.Cookie(cookie)
}

// signIn opens a session, unless too many attempts from this address have failed.
func (c *call) signIn(open func() (broker.SignedIn, error)) (broker.SignedIn, error) {
	address, now := c.address(), c.server.Now()
	if wait := c.server.strangers.exhausted(address, now); wait > 0 {
		return broker.SignedIn{}, errRateLimit.After(wait)
	}
	in, err := open()
	if err != nil {
		if k := fault.Of(err).Kind; k == fault.Unauthenticated || k == fault.Invalid || k == fault.Denied {
			c.server.strangers.take(address, now)
		}
		return in, err
	}
	c.person = in.Session
	return in, nil
}

// confirm is the same for somebody who is in already.
func (c *call) confirm(password, code masking.Text, once *broker.Outcome) (broker.SignedIn, error) {
	return c.signIn(func() (broker.SignedIn, error) { return c.server.Broker.Confirm(c.ctx, c.person, password, code, once) })
}
