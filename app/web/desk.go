package web

import (
	"bytes"
	"encoding/hex"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// deskRoutes are pages for the operator's people. They need no script, and are
// no part of the API.
func (s *Server) deskRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, queries, func(c *call) error { return c.page(handle) }, operation{desk: true}}
	}
	return []*route{
		page(http.MethodGet, "/sign-in", s.showSignIn),
		page(http.MethodPost, "/sign-in", s.sendSignIn),
		page(http.MethodGet, "/sign-in/set-up", s.showSetUp),
		page(http.MethodPost, "/sign-in/set-up", s.sendSetUp),
		page(http.MethodPost, "/sign-out", s.sendSignOut),
		page(http.MethodGet, "/desk", s.showDesk),
		page(http.MethodPost, "/desk/confirmation", s.sendConfirmation),
		page(http.MethodPost, "/desk/sessions", s.sendSessionEnd),
		page(http.MethodGet, "/desk/policy", s.showPolicy, "done"),
		{http.MethodPost, "/desk/policy/approval", nil, nil, func(c *call) error { return c.page(s.sendPolicyApproval) }, operation{desk: true, keeps: true}},
		{http.MethodGet, pages.AssetPrefix + "{name}", nil, nil, s.getAsset, operation{desk: true}},
	}
}

// sight is what a page's handler leads to: a page with its status, another address, or a
// file that is saved.
type sight struct {
	page   pages.Page
	status int
	to     string
	saved  *savedFile
}

func seen(p pages.Page) (sight, error)   { return sight{page: p, status: http.StatusOK}, nil }
func goTo(address string) (sight, error) { return sight{to: address}, nil }

// page answers a browser. What another site's page has sent does nothing; whoever
// has not signed in is asked to; whatever else fails becomes a page too.
func (c *call) page(handle func(*call) (sight, error)) error {
	c.Set("Cache-Control", "no-store")
	r, err := sight{}, c.sameOrigin()
	if err == nil {
		r, err = handle(c)
	}
	if err != nil && c.onOwnPage() {
		return err // becomes a page in the party's language: refuseOnPage
	}
	if err != nil {
		r = c.troubled(err)
	}
	return c.show(r)
}

// show answers with a page, or leads to another address.
func (c *call) show(r sight) error {
	if r.to != "" {
		return c.Redirect(r.to, http.StatusSeeOther)
	}
	if f := r.saved; f != nil {
		return c.save(f)
	}
	var b bytes.Buffer
	if err := pages.Render(&b, r.page); err != nil {
		return err
	}
	c.Set("Content-Security-Policy", c.policyOf(r.page))
	c.Set("Content-Type", "text/html; charset=utf-8")
	return c.Status(r.status).Send(b.Bytes())
}

func (c *call) troubled(err error) sight {
	err = c.met(err)
	f := faultOf(err)
	if errors.Is(f, accounts.ErrNoSession) {
		c.setCookie(masking.Text{})
		return sight{to: "/sign-in"}
	}
	c.code = f.Code
	status, title := standing(f.Kind)
	if f.Unwrap() != nil || f.Kind == fault.Internal {
		c.cause = cause(err)
	}
	if f.Kind == fault.Unavailable || f.Kind == fault.Limited {
		c.retryAfter(f)
	}
	switch f.Kind {
	case fault.Internal:
		return sight{page: pages.Broken(c.id), status: status}
	case fault.NotFound:
		return sight{page: pages.NotFound(c.id), status: status}
	default:
		return sight{status: status, page: pages.Trouble{
			Shell: pages.Shell{Title: title}, Status: status, Headline: "That was not done", Sentence: sentence(f.Detail), Request: c.id, Home: true,
		}}
	}
}

// sentence begins with a capital and ends with a full stop.
func sentence(detail string) string {
	if detail == "" {
		return ""
	}
	return strings.ToUpper(detail[:1]) + detail[1:] + "."
}

// form reads what a form has sent: each field once, and none that is not known.
func (c *call) form(names ...string) (map[string]masking.Text, error) {
	return c.formWithin(maxHeaders, names...)
}

// formWithin is the same for a form of another length.
func (c *call) formWithin(most int, names ...string) (map[string]masking.Text, error) {
	body := c.Request().Body()
	kind, _, err := mime.ParseMediaType(string(c.Request().Header.ContentType()))
	if err != nil || kind != "application/x-www-form-urlencoded" || len(c.Request().Header.ContentEncoding()) > 0 {
		return nil, errMedia
	}
	if len(body) > most {
		return nil, errTooLarge
	}
	given, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, errRequest
	}
	fields := map[string]masking.Text{}
	for name, values := range given {
		if !slices.Contains(names, name) || len(values) != 1 {
			return nil, errRequest
		}
		fields[name] = masking.NewText(values[0])
	}
	return fields, nil
}

// wrongs are the words for what is wrong, by field; an error that is about no
// field of the form is about all of it.
func wrongs(err error) pages.Wrongs {
	f := faultOf(err)
	if len(f.Fields) == 0 {
		return pages.Wrongs{"": sentence(f.Detail)}
	}
	w := pages.Wrongs{}
	for _, x := range f.Fields {
		w[strings.TrimPrefix(x.Pointer, "/")] = sentence(x.Detail)
	}
	return w
}

// showAgain says whether a form is shown again with what is wrong; everything else
// is a page of its own.
func showAgain(err error) bool {
	switch faultOf(err).Kind {
	case fault.Unauthenticated, fault.Denied, fault.Invalid, fault.Limited, fault.Unavailable:
		return true
	default:
		return false
	}
}

// refused answers a form that is shown again.
func (c *call) refused(err error, p pages.Page) (sight, error) {
	f := faultOf(err)
	c.code = f.Code
	status, _ := standing(f.Kind)
	if f.Unwrap() != nil {
		c.cause = cause(err)
	}
	if f.Kind == fault.Limited || f.Kind == fault.Unavailable {
		c.retryAfter(f)
	}
	return sight{page: p, status: status}, nil
}

// showSignIn answers GET /sign-in.
func (s *Server) showSignIn(*call) (sight, error) { return seen(s.signInPage(nil)) }

// sendSignIn answers POST /sign-in.
func (s *Server) sendSignIn(c *call) (sight, error) {
	f, err := c.form("email", "password", "code")
	if err != nil {
		return sight{}, err
	}
	body := signInBody{f["email"], f["password"], f["code"]}
	in, err := body.input()
	var opened broker.SignedIn
	if err == nil {
		opened, err = c.signIn(func() (broker.SignedIn, error) { return s.Broker.SignIn(c.ctx, in, nil) })
	}
	if err != nil && showAgain(err) {
		return c.refused(err, s.signInPage(wrongs(err)))
	}
	if err != nil {
		return sight{}, err
	}
	c.setCookie(opened.Token)
	return goTo(dashboard)
}

// showSetUp answers GET /sign-in/set-up. A code in the address's fragment never
// comes here, which is why it is written there.
func (s *Server) showSetUp(*call) (sight, error) { return seen(pages.NewSetUp(nil)) }

// sendSetUp answers POST /sign-in/set-up: first with a code alone, then with all.
func (s *Server) sendSetUp(c *call) (sight, error) {
	f, err := c.form("set_up_code", "username", "password", "code")
	if err != nil {
		return sight{}, err
	}
	var e broker.Enrolment
	var wrong mistakes
	need(&wrong, "/set_up_code", f["set_up_code"], mostOfCode)
	if err = wrong.err(); err == nil {
		e, _, err = c.enrol(f["set_up_code"], nil)
	}
	if err != nil && showAgain(err) {
		return c.refused(err, pages.NewSetUp(wrongs(pointingAt(err))))
	}
	if err != nil {
		return sight{}, err
	}
	form := pages.SetUp{Account: string(e.Account), Code: f["set_up_code"], Secret: e.Secret, Address: e.Address}
	if _, second := f["password"]; !second {
		return seen(form.Enrol(nil))
	}
	need(&wrong, "/password", f["password"], mostOfPassword)
	need(&wrong, "/code", f["code"], mostOfCode)
	var in broker.SignedIn
	if err = wrong.err(); err == nil {
		in, err = c.signIn(func() (broker.SignedIn, error) {
			return s.Broker.SetUp(c.ctx, f["set_up_code"], f["password"], f["code"], nil)
		})
	}
	if err != nil && showAgain(err) {
		return c.refused(err, form.Enrol(wrongs(pointingAt(err))))
	}
	if err != nil {
		return sight{}, err
	}
	c.setCookie(in.Token)
	return goTo(dashboard)
}

// sendSignOut answers POST /sign-out. Whoever is out already, is.
func (s *Server) sendSignOut(c *call) (sight, error) {
	person, err := c.signedIn()
	if err == nil {
		c.person = person
		err = s.Broker.SignOut(c.ctx, person, person.ID)
	}
	if err != nil && !errors.Is(err, accounts.ErrNoSession) && !errors.Is(err, broker.ErrNotFound) {
		return sight{}, err
	}
	c.setCookie(masking.Text{})
	return goTo("/sign-in")
}

// showDesk answers GET /desk: the person's own account.
func (s *Server) showDesk(c *call) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	d, err := s.desk(c, nil)
	if err != nil {
		return sight{}, err
	}
	return seen(d)
}

// sendConfirmation answers POST /desk/confirmation.
func (s *Server) sendConfirmation(c *call) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	f, err := c.form("username", "password", "code") // the first is for password managers
	if err != nil {
		return sight{}, err
	}
	body := confirmationBody{f["password"], f["code"]}
	if err = body.check(); err == nil {
		_, err = c.confirm(body.Password, body.Code, nil)
	}
	if err != nil && showAgain(err) && !errors.Is(err, accounts.ErrNoSession) {
		d, broken := s.desk(c, wrongs(err))
		if broken != nil {
			return sight{}, broken
		}
		return c.refused(err, d)
	}
	if err != nil {
		return sight{}, err
	}
	return goTo("/desk")
}

// sendSessionEnd answers POST /desk/sessions: one of the person's own is over.
func (s *Server) sendSessionEnd(c *call) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	f, err := c.form("session")
	if err != nil {
		return sight{}, err
	}
	own, err := s.Broker.OwnSessions(c.ctx, c.person)
	if err != nil {
		return sight{}, err
	}
	for i := range own {
		if sessionName(&own[i]) != f["session"].Reveal() {
			continue
		}
		if err := s.Broker.SignOut(c.ctx, c.person, own[i].ID); err != nil && !errors.Is(err, broker.ErrNotFound) {
			return sight{}, err
		}
	}
	return goTo("/desk") // one that has ended meanwhile has ended
}

// sessionName tells a person's sessions apart; it opens nothing.
func sessionName(s *accounts.Session) string { return hex.EncodeToString(s.ID[:8]) }

// desk is what the person sees.
func (s *Server) desk(c *call, w pages.Wrongs) (pages.Desk, error) {
	p, now := c.person, s.Now()
	d := pages.Desk{
		Shell: pages.Shell{Title: w.Title("Your account")}, Account: string(p.Account), Role: roleWords(p.Role), EndsAt: p.EndsAt(),
		Confirm: pages.ConfirmInputs(w), Again: pages.Again{Wrong: w[""]}, Watches: p.Role == accounts.PrivacyOfficer, Reviews: reviewLookers().has(p.Role), Works: caseReaders().has(p.Role),
	}
	if !p.MayApprove(now) {
		d.ApprovesFrom = &p.ApprovesAt
	}
	if p.Fresh(now) {
		until := p.ConfirmedAt.Add(accounts.Freshness)
		d.FreshUntil = &until
	}
	own, err := s.Broker.OwnSessions(c.ctx, p)
	if err == nil {
		d.Ways, err = s.ways(c, w)
	}
	if err != nil {
		return d, err
	}
	for i := range own {
		o := &own[i]
		d.Sessions = append(d.Sessions, pages.OwnSession{ID: sessionName(o), Began: o.MadeAt, Seen: o.SeenAt, This: bytes.Equal(o.ID, p.ID)})
	}
	if !d.Watches {
		return d, nil
	}
	switch _, err := s.Broker.OpenProposal(c.ctx); {
	case err == nil:
		d.PolicyWaits = true
	case !errors.Is(err, broker.ErrNotFound):
		return d, err
	}
	told, err := s.Broker.AccountNotices(c.ctx)
	for _, n := range told {
		d.Notices = append(d.Notices, pages.AccountNotice{Account: string(n.Account), What: noticeWords(n), By: string(n.By), At: n.At, Index: n.Index})
	}
	return d, err
}

// getAsset answers GET /assets/{name}.
func (s *Server) getAsset(c *call) error {
	a, ok := pages.FindAsset(c.Params("name"))
	if !ok {
		return errNoRoute
	}
	c.Response().Header.SetContentType(a.Type)
	c.Set(fiber.HeaderCacheControl, pages.AssetCaching)
	return c.Send(a.Content)
}
