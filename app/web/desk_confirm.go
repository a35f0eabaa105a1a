package web

import (
	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Who sends a form of the desk shows in that form who he is: with password, code or passkey.
// So nothing that he wrote is left behind for it.

// confirming is how the person on a page shows who he is; nothing where he has just done so.
func (s *Server) confirming(c *call, shell *pages.Shell, wrong pages.Wrongs) ([]pages.Input, error) {
	if c.person.Fresh(s.Now()) {
		return nil, nil
	}
	if s.Passkeys != nil || s.Provider != nil {
		passkey, provider, err := s.Broker.WaysToConfirm(c.ctx, c.person)
		if err != nil {
			return nil, err
		}
		shell.Beside.Passkeys = s.Passkeys != nil && passkey
		if s.Provider != nil && provider == s.Provider.Issuer {
			shell.Beside.Provider = s.Provider.Name()
		}
	}
	return pages.ConfirmInputs(wrong), nil
}

// confirmOnPage lets a person show who he is in the form that he sends anyway.
func (s *Server) confirmOnPage(c *call, given map[string]masking.Text) error {
	if c.person.Fresh(s.Now()) {
		return nil
	}
	if said := given["passkey"]; !said.IsZero() {
		return c.confirmByPasskey(said)
	}
	again := confirmationBody{given["password"], given["code"]}
	if err := again.check(); err != nil {
		return err
	}
	in, err := c.confirm(again.Password, again.Code, nil)
	if err == nil {
		c.person = in.Session
	}
	return err
}

// confirmByPasskey makes the session fresh by what an authenticator has signed.
func (c *call) confirmByPasskey(said masking.Text) error {
	s := c.server
	if s.Passkeys == nil {
		return accounts.ErrConfirmation
	}
	_, err := c.signIn(func() (broker.SignedIn, error) {
		a, err := s.Passkeys.ReadAssertion([]byte(said.Reveal()))
		if err != nil {
			return broker.SignedIn{}, accounts.ErrConfirmation.Because(err)
		}
		fresh, err := s.Broker.ConfirmByPasskey(c.ctx, c.person, a)
		return broker.SignedIn{Session: fresh}, err
	})
	return err
}

// signInByPasskey opens a session by it, for the browser that was asked.
func (c *call) signInByPasskey(said masking.Text) (broker.SignedIn, error) {
	s := c.server
	if s.Passkeys == nil {
		return broker.SignedIn{}, accounts.ErrSignIn
	}
	holder := c.holder()
	return c.signIn(func() (broker.SignedIn, error) {
		a, err := s.Passkeys.ReadAssertion([]byte(said.Reveal()))
		if err != nil {
			return broker.SignedIn{}, accounts.ErrSignIn.Because(err)
		}
		return s.Broker.SignInByPasskey(c.ctx, holder, a)
	})
}

// inAgain opens a session for somebody whose last one ended while he was writing.
func (s *Server) inAgain(c *call, f *caseSent) (broker.SignedIn, error) {
	if said := f.given["passkey"]; !said.IsZero() {
		return c.signInByPasskey(said)
	}
	body := signInBody{f.given["email"], f.given["password"], f.given["code"]}
	in, err := body.input()
	if err != nil {
		return broker.SignedIn{}, err
	}
	return c.signIn(func() (broker.SignedIn, error) { return s.Broker.SignIn(c.ctx, in, nil) })
}
