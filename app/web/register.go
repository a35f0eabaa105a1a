package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// registerPage is where a merchant registers itself, by a link of the marketplace.
const registerPage = "/merchants/register"

// registerRoutes are the form's, and that of the link that opens it.
func (s *Server) registerRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, append(queries, "lang"), func(c *call) error { return c.page(handle) }, operation{desk: true}}
	}
	return []*route{
		{http.MethodPost, "/v1/merchants/registration-link", []string{registering}, nil, s.postRegistrationLink, doPostRegistrationLink()},
		page(http.MethodGet, registerPage, s.showRegister, "jurisdiction", "type", "done"),
		page(http.MethodPost, registerPage, s.sendRegisterLink),
		page(http.MethodPost, registerPage+"/form", s.sendRegister),
		page(http.MethodPost, registerPage+"/change", s.sendChange),
		page(http.MethodPost, registerPage+"/answer", s.sendAnswer),
		page(http.MethodPost, registerPage+"/appeal", s.sendAppeal),
		page(http.MethodPost, registerPage+"/confirm", s.sendConfirm),
		page(http.MethodPost, registerPage+"/end", s.sendEnd),
		page(http.MethodPost, registerDocuments, s.sendDocument),
		page(http.MethodPost, registerPage+"/close", s.sendRegisterClose),
	}
}

// registrationLinkBody says whose registration it will be.
type registrationLinkBody struct {
	Party        string `json:"party" validate:"required" docs:"id" description:"made, without any contact, where there is none yet"`
	Merchant     string `json:"merchant" validate:"max=64" description:"a registration of that party: the link leads to it, to answer, change or appeal; left out: to a new one"`
	Jurisdiction string `json:"jurisdiction" validate:"omitempty,oneof=CN EU US UK" description:"chosen beforehand; left out: the merchant chooses"`
	Locale       string `json:"locale" validate:"omitempty,max=35,bcp47_strict_language_tag" description:"BCP 47: of the page; left out: the browser's"`
}

// postRegistrationLink answers POST /v1/merchants/registration-link.
func (s *Server) postRegistrationLink(c *call) error {
	body, err := decode[registrationLinkBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	if err := wrong.err(); err != nil {
		return err
	}
	if err := identify(body.Party, "/party"); err != nil {
		return err
	}
	if err := c.speaks(body.Party); err != nil { // whoever has the link acts for the party
		return err
	}
	if s.PublicURL == "" {
		return errNoPublicURL
	}
	if err := s.ownsMerchant(c, &body); err != nil {
		return err
	}
	once, err := c.once(body.Party)
	if err != nil {
		return err
	}
	l, replayed, err := s.registrationLink(c, broker.PartyID(body.Party), once)
	if err != nil {
		return err
	}
	a := accessLinkAnswer{ExpiresAt: l.ExpiresAt}
	if !l.Token.IsZero() {
		code, err := s.sealPass(forLink, &formPass{
			Link: l.Token.Reveal(), Merchant: broker.MerchantID(body.Merchant), Jurisdiction: merchants.Jurisdiction(body.Jurisdiction), Ends: l.ExpiresAt,
		})
		if err != nil {
			return err
		}
		e, err := s.plain()
		if err != nil {
			return err
		}
		lang := ""
		if body.Locale != "" {
			lang = e.Language(body.Locale)
		}
		a.URL = s.registerAddress(lang) + "#" + code.Reveal()
	}
	return c.answerOnce(http.StatusCreated, a, replayed)
}

// ownsMerchant: a registration that a link is to lead to is that party's.
func (s *Server) ownsMerchant(c *call, body *registrationLinkBody) error {
	if body.Merchant == "" {
		return nil
	}
	if !broker.IsMerchantID(body.Merchant) {
		return broker.ErrNotFound
	}
	v, err := s.Broker.Merchant(c.ctx, broker.MerchantID(body.Merchant))
	if err == nil && (v.Party != broker.PartyID(body.Party) || v.State == merchants.Draft) { // which its own link opens alone
		return broker.ErrNotFound
	}
	return err
}

// registrationLink makes the link, and the party where there is none yet.
func (s *Server) registrationLink(c *call, id broker.PartyID, once *broker.Outcome) (broker.AccessLink, bool, error) {
	l, replayed, err := s.Broker.MakeLink(c.ctx, c.caller(registering), id, once)
	if !errors.Is(err, broker.ErrNotFound) {
		return l, replayed, err
	}
	in := broker.PartyInput{Kind: broker.Merchant, Source: broker.Source{Kind: "registration"}}
	if _, _, err := s.Broker.PutParty(c.ctx, broker.Caller{Key: c.key.ID}, id, in); err != nil {
		return broker.AccessLink{}, false, err
	}
	return s.Broker.MakeLink(c.ctx, c.caller(registering), id, once)
}

func doPostRegistrationLink() operation {
	return operation{
		id: "postRegistrationLink", acts: "`party`", tag: "merchants", summary: "Make a link that opens the registration form, once",
		description: "It lives 15 minutes, and opens nothing but the form, or with `merchant` the page of that registration: its state, and what its merchant can do. " +
			"The merchant sends the code in it with a form, so that no scanner of mail spends it. " +
			"The form can be shown in a frame of the origins of `--embed-origin`.",
		once: true, request: registrationLinkBody{}, example: `{"party":"s-1","jurisdiction":"EU","locale":"pt-BR"}`, refuses: []int{http.StatusNotFound, http.StatusConflict},
		answers: []answered{{
			status: http.StatusCreated, body: accessLinkAnswer{},
			example: `{"url":"https://broker.example/merchants/register?lang=pt#bmf_EXAMPLE","expires_at":"2017-01-06T10:15:00Z"}`,
		}},
	}
}

func registerHome(x speech) string { return registerPage + "?lang=" + x.lang }

// onForm runs what needs a session with the form; without one the page asks for a link.
func (s *Server) onForm(c *call, do func(speech, *formPass) (sight, error)) (sight, error) {
	x, err := c.speech()
	if err != nil {
		return sight{}, err
	}
	p, err := c.formVisit()
	switch {
	case err == nil:
		return do(x, p)
	case !errors.Is(err, broker.ErrNoVisit):
		return sight{}, err
	}
	if c.Method() != http.MethodPost {
		return seen(pages.NewRegisterDoor(x.lang, ""))
	}
	return goTo(registerHome(x))
}

// sendRegisterLink answers POST /merchants/register. Looking at a link spends
// nothing: only this does.
func (s *Server) sendRegisterLink(c *call) (sight, error) {
	x, err := c.speech()
	if err != nil {
		return sight{}, err
	}
	f, err := c.form("code")
	if err != nil {
		return sight{}, err
	}
	w, address, now := pages.RegisterWordsIn(x.lang), c.address(), s.Now()
	if wait := s.strangers.exhausted(address, now); wait > 0 {
		return c.refused(errRateLimit.After(wait), pages.NewRegisterDoor(x.lang, w.TooMany))
	}
	visit, err := s.spendFormLink(c, codeOfLink(f["code"]))
	if errors.Is(err, broker.ErrLink) {
		s.strangers.take(address, now)
		return c.refused(err, pages.NewRegisterDoor(x.lang, w.LinkWrong))
	}
	if err == nil {
		var token masking.Text
		token, err = s.Broker.BeginForm(c.ctx, visit.Party)
		visit.Visit = token.Reveal()
	}
	if err == nil {
		err = c.keepFormVisit(visit)
	}
	if err != nil {
		return sight{}, err
	}
	to := registerHome(x)
	if visit.Jurisdiction != "" {
		to += "&jurisdiction=" + url.QueryEscape(string(visit.Jurisdiction))
	}
	return goTo(to)
}

// spendFormLink is what a code opens: of the marketplace's once, and of a draft as
// long as it is as it was when the link was made.
func (s *Server) spendFormLink(c *call, code string) (*formPass, error) {
	if link, ok := s.openPass(forLink, code); ok {
		_, p, err := s.Broker.OpenPage(c.ctx, link.Link)
		if err != nil {
			return nil, err
		}
		// The session that the broker opened is one with the party's own page; this one is not.
		return &formPass{Party: p.Name, Merchant: link.Merchant, Jurisdiction: link.Jurisdiction}, s.Broker.EndVisit(c.ctx, p)
	}
	draft, ok := s.openPass(forDraft, code)
	if !ok {
		return nil, broker.ErrLink
	}
	v, err := s.Broker.Merchant(c.ctx, draft.Merchant)
	if errors.Is(err, broker.ErrNotFound) || err == nil && (v.State != merchants.Draft || v.Version != draft.Version) {
		return nil, broker.ErrLink
	}
	return &formPass{Party: draft.Party, Merchant: draft.Merchant}, err
}

// sendRegisterClose answers POST /merchants/register/close.
func (s *Server) sendRegisterClose(c *call) (sight, error) {
	x, err := c.speech()
	if err != nil {
		return sight{}, err
	}
	if p, ok := s.openPass(forSession, c.Cookies(c.formCookie())); ok {
		if err := s.Broker.EndForm(c.ctx, p.Visit); err != nil {
			return sight{}, err
		}
	}
	c.setFormCookie(masking.Text{})
	return goTo(registerHome(x))
}

// showRegister answers GET /merchants/register: the choice, the form, or what came of it.
func (s *Server) showRegister(c *call) (sight, error) {
	return s.onForm(c, func(x speech, p *formPass) (sight, error) {
		if p.Merchant != "" {
			return s.showBegun(c, x, p)
		}
		j, t := merchants.Jurisdiction(c.params["jurisdiction"]), merchants.Type(c.params["type"])
		if pack, err := s.packFor(j); err == nil && slices.Contains(merchants.Types(), t) {
			return s.showForm(x, p, pack, &filled{Registration: &merchants.Registration{Jurisdiction: j, Type: t}})
		}
		return seen(s.choice(x, p, j))
	})
}

// packFor is the law of a market that is in force.
func (s *Server) packFor(j merchants.Jurisdiction) (*merchants.Pack, error) {
	if s.Broker.Packs == nil {
		return nil, broker.ErrNoMerchants
	}
	return s.Broker.Packs.For(j, s.Now())
}

// showBegun is where the session is with a registration: a draft, or what was handed in.
func (s *Server) showBegun(c *call, x speech, p *formPass) (sight, error) {
	v, err := s.Broker.Merchant(c.ctx, p.Merchant)
	if err != nil {
		return sight{}, err
	}
	if v.State == merchants.Draft {
		return seen(pages.RegisterChoice{RegisterShell: pages.NewRegisterShell(x.lang, pages.RegisterWordsIn(x.lang).Title), Draft: true})
	}
	page, err := s.standing(x, &v, &said{})
	page.Done = c.params["done"]
	if !slices.Contains(registerDone(), page.Done) {
		page.Done = ""
	}
	if err != nil {
		return sight{}, err
	}
	return seen(page)
}

func (s *Server) choice(x speech, p *formPass, j merchants.Jurisdiction) pages.RegisterChoice {
	w := pages.RegisterWordsIn(x.lang)
	page := pages.RegisterChoice{
		RegisterShell: pages.NewRegisterShell(x.lang, w.Title),
		Market:        pages.Select{Name: "jurisdiction", Label: w.Market, Hint: w.MarketHint, Chosen: string(j), Options: []pages.Choice{{Text: w.Choose}}},
		Type:          pages.Select{Name: "type", Label: w.Kind, Options: []pages.Choice{{Text: w.Choose}}},
	}
	for _, m := range merchants.Jurisdictions() {
		if p.Jurisdiction == "" || p.Jurisdiction == m {
			page.Market.Options = append(page.Market.Options, pages.Choice{Code: string(m), Text: w.Named("market", string(m))})
		}
	}
	for _, t := range merchants.Types() {
		page.Type.Options = append(page.Type.Options, pages.Choice{Code: string(t), Text: w.Named("type", string(t))})
	}
	return page
}
