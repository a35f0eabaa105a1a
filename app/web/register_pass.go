package web

import (
	"encoding/base64"
	"net/url"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/valyala/fasthttp"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// formPass is what opens the registration form: a link of the marketplace, which
// is spent once; a link to a draft as it was saved last; or the session of a
// browser. It is sealed under a key of this broker, so that nobody makes one, and
// what is inside a link of the marketplace opens nothing else.
type formPass struct {
	Link         string                 `json:"link,omitempty"` // spent with the broker
	Party        broker.PartyID         `json:"party,omitempty"`
	Jurisdiction merchants.Jurisdiction `json:"jurisdiction,omitempty"`
	Merchant     broker.MerchantID      `json:"merchant,omitempty"`
	Version      int                    `json:"version,omitzero"` // of a draft
	Visit        string                 `json:"visit,omitempty"`  // of a session: what the broker knows it by
	Ends         time.Time              `json:"ends"`
}

// The uses of a pass: what was made for one opens nothing of another.
const (
	forLink    = "link"
	forDraft   = "draft"
	forSession = "session"
)

// How long they live. A session ends later with each form that it sends.
const (
	formSession = 2 * time.Hour
	draftTime   = 7 * 24 * time.Hour
	formPrefix  = "bmf_"
)

func (s *Server) formKey() (masking.Key, error) {
	return masking.KeyOf(s.Broker.Once.MAC("bauta/merchants/form/v1"))
}

func (s *Server) sealPass(use string, p *formPass) (masking.Text, error) {
	k, err := s.formKey()
	if err != nil {
		return masking.Text{}, err
	}
	text, err := json.Marshal(p)
	if err != nil {
		return masking.Text{}, errEncode
	}
	sealed, err := k.Seal(text, []byte(use))
	if err != nil {
		return masking.Text{}, err
	}
	return masking.NewText(formPrefix + base64.RawURLEncoding.EncodeToString(sealed)), nil
}

// openPass finds what a pass opens now; nothing is told of one that opens nothing.
func (s *Server) openPass(use, token string) (*formPass, bool) {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimPrefix(token, formPrefix))
	if err != nil || !strings.HasPrefix(token, formPrefix) {
		return nil, false
	}
	k, err := s.formKey()
	if err != nil {
		return nil, false
	}
	text, err := k.Open(raw, []byte(use))
	if err != nil {
		return nil, false
	}
	p := &formPass{}
	if err := json.Unmarshal(text, p); err != nil || !s.Now().Before(p.Ends) {
		return nil, false
	}
	return p, true
}

// formCookie is its own: whoever registers here may also work here, or have a page.
func (c *call) formCookie() string { return c.cookieName() + formCookieEnding }

const formCookieEnding = "-form"

// setFormCookie hands a browser its session with the form, or takes it away. Only
// where other sites may frame the form does it go along in their frames, in a jar
// that each of them has for itself.
func (c *call) setFormCookie(token masking.Text) {
	if len(c.server.EmbedOrigins) == 0 || !c.secure() {
		c.keepCookie(c.formCookie(), token)
		return
	}
	cookie := fasthttp.AcquireCookie()
	defer fasthttp.ReleaseCookie(cookie)
	cookie.SetKey(c.formCookie())
	cookie.SetValue(token.Reveal())
	cookie.SetPath("/")
	cookie.SetHTTPOnly(true)
	cookie.SetSecure(true)
	cookie.SetSameSite(fasthttp.CookieSameSiteNoneMode)
	cookie.SetPartitioned(true)
	if token.IsZero() {
		cookie.SetExpire(fasthttp.CookieExpireDelete)
	}
	c.Response().Header.SetCookie(cookie)
}

// formVisit is the session of a browser with the form, as long as nobody has closed it.
func (c *call) formVisit() (*formPass, error) {
	p, ok := c.server.openPass(forSession, c.Cookies(c.formCookie()))
	if !ok {
		return nil, broker.ErrNoVisit
	}
	party, err := c.server.Broker.Form(c.ctx, p.Visit)
	if err == nil && party != p.Party {
		err = broker.ErrNoVisit
	}
	return p, err
}

// keepFormVisit lets the session go on, with what it knows by now.
func (c *call) keepFormVisit(p *formPass) error {
	p.Ends = c.server.Now().Add(formSession)
	token, err := c.server.sealPass(forSession, p)
	if err == nil {
		c.setFormCookie(token)
	}
	return err
}

// registerAddress is the form's, in a language, for links.
func (s *Server) registerAddress(lang string) string {
	if lang == "" {
		return s.PublicURL + registerPage
	}
	return s.PublicURL + registerPage + "?lang=" + url.QueryEscape(lang)
}

// codeOfLink is what stands behind the # of a link, or the code alone.
func codeOfLink(typed masking.Text) string {
	code := strings.TrimSpace(typed.Reveal())
	return code[strings.LastIndexByte(code, '#')+1:]
}
