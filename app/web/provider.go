package web

import (
	"encoding/base64"
	"errors"
	"net/http"

	"bauta.dev/bauta/app/oidc"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

const providerReturn = "/sign-in/oidc/callback"

// providerRoutes lead to the provider of identities and back. They are addresses, and
// no forms: browsers let no form of ours lead to another site.
func (s *Server) providerRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, queries, func(c *call) error {
			if s.Provider == nil {
				return c.page(func(*call) (sight, error) { return sight{}, errNoRoute })
			}
			return c.page(handle)
		}, operation{desk: true, opens: true}}
	}
	return []*route{
		page(http.MethodGet, "/sign-in/oidc", s.toProvider(broker.ProviderSignIn)),
		page(http.MethodGet, "/desk/oidc/confirmation", s.toProvider(broker.ProviderConfirmation)),
		page(http.MethodGet, "/desk/oidc/binding", s.toProvider(broker.ProviderBinding)),
		page(http.MethodPost, "/desk/oidc/removal", s.sendUnbinding),
		page(http.MethodGet, providerReturn, s.backFromProvider, "code", "state", "iss", "error"), // and what else a provider says: decode.go
	}
}

// ReturnAddress is where a provider sends people back to, for a broker that people
// find at this URL.
func ReturnAddress(publicURL string) string { return publicURL + providerReturn }

// A state begins with what it is for, so that it is known who holds it.
func marks() map[string]broker.Ceremony {
	return map[string]broker.Ceremony{"s": broker.ProviderSignIn, "c": broker.ProviderConfirmation, "b": broker.ProviderBinding}
}

func marked(of broker.Ceremony, state []byte) string {
	for mark, c := range marks() {
		if c == of {
			return mark + base64.RawURLEncoding.EncodeToString(state)
		}
	}
	return ""
}

// toProvider sends a person to the provider: from a page of ours, for no other site
// begins anything here.
func (s *Server) toProvider(of broker.Ceremony) func(*call) (sight, error) {
	return func(c *call) (sight, error) {
		if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" && site != "none" {
			return sight{}, errForeign
		}
		var holder []byte
		var err error
		if of == broker.ProviderSignIn {
			if holder, err = c.newHolder(); err != nil {
				return sight{}, err
			}
		} else {
			if err = c.admitPerson(anybody()); err != nil {
				return sight{}, err
			}
			holder = c.person.ID
			if of == broker.ProviderBinding && !c.person.Fresh(s.Now()) {
				return s.deskAgain(c, accounts.ErrConfirm)
			}
		}
		e, err := s.Broker.SendToProvider(c.ctx, of, holder)
		if err != nil {
			return sight{}, err
		}
		address, err := s.Provider.Address(c.ctx, marked(of, e.State), e.Nonce, e.Verifier, of != broker.ProviderSignIn)
		if err != nil {
			return s.notProvided(c, of, accounts.ErrProviderAbsent.Because(err))
		}
		return goTo(address)
	}
}

// notProvided shows what did not work where it was begun.
func (s *Server) notProvided(c *call, of broker.Ceremony, err error) (sight, error) {
	if of == broker.ProviderSignIn {
		return s.cameIn(c, broker.SignedIn{}, err)
	}
	return s.deskAgain(c, err)
}

// backFromProvider answers GET /sign-in/oidc/callback.
func (s *Server) backFromProvider(c *call) (sight, error) {
	state := c.params["state"]
	if state == "" {
		return s.cameIn(c, broker.SignedIn{}, accounts.ErrSignIn)
	}
	of := marks()[state[:1]]
	raw, err := base64.RawURLEncoding.DecodeString(state[1:])
	if err != nil {
		raw = nil
	}
	if of == broker.ProviderConfirmation || of == broker.ProviderBinding {
		if err := c.admitPerson(anybody()); err != nil {
			return sight{}, err
		}
		return s.deskAgain(c, s.provided(c, of, c.person.ID, raw))
	}
	var in broker.SignedIn
	holder := c.holder()
	in, err = c.signIn(func() (broker.SignedIn, error) {
		id, _, err := s.vouchedFor(c, broker.ProviderSignIn, holder, raw)
		if err != nil {
			return broker.SignedIn{}, c.withoutProvider(err, accounts.ErrSignIn)
		}
		return s.Broker.SignInByProvider(c.ctx, id)
	})
	return s.cameIn(c, in, err)
}

// provided does what a person who is in has gone to the provider for.
func (s *Server) provided(c *call, of broker.Ceremony, holder, state []byte) error {
	_, err := c.signIn(func() (broker.SignedIn, error) {
		no := accounts.ErrConfirmation
		if of == broker.ProviderBinding {
			no = accounts.ErrIdentity
		}
		id, e, err := s.vouchedFor(c, of, holder, state)
		if err != nil {
			return broker.SignedIn{}, c.withoutProvider(err, no)
		}
		if of == broker.ProviderBinding {
			return broker.SignedIn{Session: c.person}, s.Broker.BindProvider(c.ctx, c.person, id, e.BeganAt)
		}
		fresh, err := s.Broker.ConfirmByProvider(c.ctx, c.person, id, e.BeganAt)
		return broker.SignedIn{Session: fresh}, err
	})
	return err
}

const errNotVouched = trouble("the provider sent no code, or is another one")

// trouble is why somebody was refused, for the log alone.
type trouble string

func (t trouble) Error() string { return string(t) }

// vouchedFor is whom the provider vouches for, to the browser that was sent there.
func (s *Server) vouchedFor(c *call, of broker.Ceremony, holder, state []byte) (*accounts.Identity, broker.Errand, error) {
	e, err := s.Broker.BackFromProvider(c.ctx, of, holder, state)
	if err != nil {
		return nil, e, err
	}
	if iss := c.params["iss"]; c.params["code"] == "" || c.params["error"] != "" || iss != "" && iss != s.Provider.Issuer {
		return nil, e, errNotVouched
	}
	id, err := s.Provider.Whose(c.ctx, c.params["code"], e.Nonce, e.Verifier)
	return id, e, err
}

// withoutProvider is the refusal for what went wrong on the way.
func (c *call) withoutProvider(err error, no error) error {
	refusal := faultOf(no)
	switch {
	case errors.Is(err, oidc.ErrAbsent):
		return accounts.ErrProviderAbsent.Because(err)
	case errors.Is(err, broker.ErrUnasked), errors.Is(err, errNotVouched), errors.Is(err, oidc.ErrCode), errors.Is(err, oidc.ErrToken):
		return refusal.Because(err)
	}
	return err
}

// sendUnbinding answers POST /desk/oidc/removal. What is taken away already, is.
func (s *Server) sendUnbinding(c *call) (sight, error) {
	return s.atDesk(c, true, nil, func(map[string]masking.Text) error {
		err := s.Broker.UnbindProvider(c.ctx, c.person)
		if errors.Is(err, broker.ErrNotFound) {
			return nil
		}
		return err
	})
}
