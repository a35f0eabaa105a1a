package web

import (
	"encoding/base64"
	"errors"
	"net/http"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// passkeyRoutes are for pages of this place: browsers hold a passkey to it, and the
// session that it opens is handed to no script.
func (s *Server) passkeyRoutes() []*route {
	send := func(template string, handle func(*call) (sight, error)) *route {
		return &route{http.MethodPost, template, nil, nil, func(c *call) error { return c.page(handle) }, operation{desk: true}}
	}
	ask := func(template string, handle func(*call) (any, error)) *route {
		return &route{http.MethodPost, template, nil, nil, func(c *call) error { return c.ask(handle) }, operation{desk: true}}
	}
	named := send("/desk/passkeys", s.sendPasskey)
	named.does.keeps = true
	return []*route{
		ask("/sign-in/passkey/challenge", s.askSignIn),
		send("/sign-in/passkey", s.sendPasskeySignIn),
		ask("/desk/confirmation/passkey/challenge", s.askConfirmation),
		send("/desk/confirmation/passkey", s.sendPasskeyConfirmation),
		ask("/desk/passkeys/challenge", s.askAdding),
		named,
		send("/desk/passkeys/removal", s.sendPasskeyRemoval),
	}
}

// ask answers a script of ours with what a browser is to be asked.
func (c *call) ask(handle func(*call) (any, error)) error {
	c.Set("Cache-Control", "no-store")
	if c.server.Passkeys == nil {
		return errNoRoute
	}
	err := c.sameOrigin()
	var v any
	if err == nil {
		v, err = handle(c)
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, v)
}

// A cookie of its own ties what a browser is asked before it has a session to it.
const secureErrand, plainErrand = "__Host-bauta-errand", "bauta-errand"

func (c *call) errandCookie() string {
	if c.secure() {
		return secureErrand
	}
	return plainErrand
}

// newHolder gives a browser something that no other one has.
func (c *call) newHolder() ([]byte, error) {
	raw := make([]byte, 32)
	if _, err := c.server.Random.Read(raw); err != nil {
		return nil, err
	}
	c.keepCookie(c.errandCookie(), masking.NewText(base64.RawURLEncoding.EncodeToString(raw)))
	return raw, nil
}

// holder is what the browser was given; it has it once.
func (c *call) holder() []byte {
	raw, err := base64.RawURLEncoding.DecodeString(c.Cookies(c.errandCookie()))
	if err != nil || len(raw) == 0 {
		return nil
	}
	c.keepCookie(c.errandCookie(), masking.Text{})
	return raw
}

func (s *Server) askSignIn(c *call) (any, error) {
	holder, err := c.newHolder()
	if err != nil {
		return nil, err
	}
	challenge, err := s.Broker.Challenge(c.ctx, broker.PasskeySignIn, holder)
	return s.Passkeys.AskFor(challenge, nil), err
}

func (s *Server) askConfirmation(c *call) (any, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return nil, err
	}
	a, err := s.Broker.AskToConfirm(c.ctx, c.person)
	return s.Passkeys.AskFor(a.Challenge, a.Known), err
}

func (s *Server) askAdding(c *call) (any, error) {
	if err := c.admitPerson(anybody().justConfirmed()); err != nil {
		return nil, err
	}
	a, err := s.Broker.AskToAdd(c.ctx, c.person)
	return s.Passkeys.AskToMake(a.Challenge, a.Handle, string(a.Account), a.Known), err
}

// signInPage is the page by which people come in, by all ways that there are.
func (s *Server) signInPage(w pages.Wrongs) pages.SignIn {
	p := pages.NewSignIn(w)
	p.Others = s.otherWays()
	return p
}

func (s *Server) otherWays() pages.OtherWays {
	w := pages.OtherWays{Passkeys: s.Passkeys != nil}
	if s.Provider != nil {
		w.Provider = s.Provider.Name()
	}
	return w
}

// ways are those of the person's own account.
func (s *Server) ways(c *call, w pages.Wrongs) (pages.Ways, error) {
	own, err := s.Broker.OwnWays(c.ctx, c.person)
	v := pages.Ways{
		OtherWays: s.otherWays(), Account: string(c.person.Account), Fresh: c.person.Fresh(s.Now()), Full: len(own.Passkeys) >= accounts.MostPasskeys, Name: pages.NameInput(w),
	}
	for _, k := range own.Passkeys {
		v.Own = append(v.Own, pages.OwnPasskey{ID: k.ID, Name: k.Name, Added: k.AddedAt, Used: k.Day})
	}
	if own.BoundTo != "" {
		v.Bound = &own.BoundAt
	}
	if s.Provider == nil || own.BoundTo != s.Provider.Issuer {
		v.Other = own.BoundTo
	}
	return v, err
}

// sendPasskeySignIn answers POST /sign-in/passkey.
func (s *Server) sendPasskeySignIn(c *call) (sight, error) {
	if s.Passkeys == nil {
		return sight{}, errNoRoute
	}
	f, err := c.form("passkey")
	if err != nil {
		return sight{}, err
	}
	in, err := c.signInByPasskey(f["passkey"])
	return s.cameIn(c, in, err)
}

// cameIn is where a sign-in leads that is not the password's.
func (s *Server) cameIn(c *call, in broker.SignedIn, err error) (sight, error) {
	if err != nil && showAgain(err) {
		return c.refused(err, s.signInPage(wrongs(err)))
	}
	if err != nil {
		return sight{}, err
	}
	c.setCookie(in.Token)
	return goTo(dashboard)
}

// sendPasskeyConfirmation answers POST /desk/confirmation/passkey.
func (s *Server) sendPasskeyConfirmation(c *call) (sight, error) {
	return s.atDesk(c, false, []string{"passkey"}, func(f map[string]masking.Text) error { return c.confirmByPasskey(f["passkey"]) })
}

// sendPasskey answers POST /desk/passkeys.
func (s *Server) sendPasskey(c *call) (sight, error) {
	return s.work(c, deskWork{
		at: "/desk/passkeys", who: anybody(), read: (*call).passkeySent, asks: asksNobody, again: s.passkeyAgain,
		do: func(c *call, f *caseSent) (sight, error) {
			if err := s.addPasskey(c, f); err != nil {
				return s.passkeyAgain(c, f, err)
			}
			return goTo("/desk")
		},
	})
}

// passkeySent keeps the name alone: what the browser says with it answers a question that
// is asked once.
func (c *call) passkeySent() (*caseSent, error) {
	f, err := c.sent([]string{"name", "passkey", typedAs})
	if err != nil {
		return nil, err
	}
	f.names = []string{"name", typedAs}
	return f, nil
}

func (s *Server) addPasskey(c *call, f *caseSent) error {
	if s.Passkeys == nil {
		return errNoRoute
	}
	if !c.person.Fresh(s.Now()) {
		return accounts.ErrConfirm
	}
	if err := accounts.CheckPasskeyName(f.given["name"]); err != nil {
		return err
	}
	a, err := s.Passkeys.ReadAttestation([]byte(f.text("passkey")))
	if err != nil {
		return accounts.ErrPasskey.Because(err)
	}
	return s.Broker.AddPasskey(c.ctx, c.person, f.given["name"], a)
}

// passkeyAgain is the person's account, with the name in its form, or below what is said of
// it where the form is not there.
func (s *Server) passkeyAgain(c *call, f *caseSent, err error) (sight, error) {
	wrong, other := wrongOn(err)
	if other != nil {
		return sight{}, other
	}
	d, broken := s.desk(c, wrong)
	if broken != nil {
		return sight{}, broken
	}
	if d.Ways.Name.Typed = f.given["name"]; !d.Ways.MayAdd() {
		d.Kept = f.wrote()
	}
	if err != nil {
		return c.refused(err, d)
	}
	d.Done = f.undone(d.Ways.MayAdd(), len(d.Kept) > 0)
	return seen(d)
}

// sendPasskeyRemoval answers POST /desk/passkeys/removal. One that is gone already, is.
func (s *Server) sendPasskeyRemoval(c *call) (sight, error) {
	return s.atDesk(c, true, []string{"id"}, func(f map[string]masking.Text) error {
		err := s.Broker.RemovePasskey(c.ctx, c.person, f["id"].Reveal())
		if errors.Is(err, broker.ErrNotFound) {
			return nil
		}
		return err
	})
}

// atDesk does something to the person's own account, and shows it again. What opens it
// is changed by who has just shown who he is.
func (s *Server) atDesk(c *call, fresh bool, fields []string, do func(map[string]masking.Text) error) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	f, err := c.form(fields...)
	if err != nil {
		return sight{}, err
	}
	if s.Passkeys == nil && f["passkey"] != (masking.Text{}) {
		return sight{}, errNoRoute
	}
	if fresh && !c.person.Fresh(s.Now()) {
		err = accounts.ErrConfirm
	} else {
		err = do(f)
	}
	return s.deskAgain(c, err)
}

// deskAgain is the person's account, with what was wrong.
func (s *Server) deskAgain(c *call, err error) (sight, error) {
	switch {
	case err == nil:
		return goTo("/desk")
	case errors.Is(err, accounts.ErrNoSession):
		return sight{}, err
	case showAgain(err), fault.Of(err).Kind == fault.Conflict:
		d, broken := s.desk(c, wrongs(err))
		if broken != nil {
			return sight{}, broken
		}
		return c.refused(err, d)
	}
	return sight{}, err
}
