package web

import (
	"net/http"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking/fault"
)

// accessLinkBody is what POST /v1/parties/{id}/access-link takes.
type accessLinkBody struct {
	Locale string `json:"locale" validate:"omitempty,max=35,bcp47_strict_language_tag" description:"BCP 47: the page opens in the nearest language that it has; left out: in the browser's"`
}

// accessLinkAnswer is a link that opens a party's own page once.
type accessLinkAnswer struct {
	URL       string    `json:"url,omitempty" description:"give it to the party and to nobody else; the code behind the # never comes to a server by itself. Left out of an answer that is given again when the link is too old"`
	ExpiresAt time.Time `json:"expires_at" validate:"required"`
}

var errNoPublicURL = fault.New(fault.Denied, "public_url_missing", "this broker was not told where people find it, and takes nobody's word for it: start it with --public-url")

// postAccessLink answers POST /v1/parties/{id}/access-link. The link is to where the
// operator says that the broker is: whoever chose the address, by a Host of his
// own, would be sent the code.
func (s *Server) postAccessLink(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	body, err := decode[accessLinkBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	if err := wrong.err(); err != nil {
		return err
	}
	if s.PublicURL == "" {
		return errNoPublicURL
	}
	once, err := c.once(id)
	if err != nil {
		return err
	}
	l, replayed, err := s.Broker.MakeLink(c.ctx, c.caller(privacy), broker.PartyID(id), once)
	if err != nil {
		return err
	}
	a := accessLinkAnswer{ExpiresAt: l.ExpiresAt}
	if !l.Token.IsZero() {
		e, err := s.plain()
		if err != nil {
			return err
		}
		a.URL = s.pageAddress(e, body.Locale) + "#" + l.Token.Reveal()
	}
	return c.answerOnce(http.StatusCreated, a, replayed)
}

// pageAddress is the page's, in the language that suits a locale best.
func (s *Server) pageAddress(e *plain.Explainer, locale string) string {
	if locale == "" {
		return s.PublicURL + ownPage
	}
	return s.PublicURL + ownPage + "?lang=" + e.Language(locale)
}

var errExportOnPage = fault.New(fault.Denied, "export_on_page_only", "without --party-keys nobody but the party itself, on its own page, can have an export: send it an access link")

// getExport answers GET /v1/parties/{id}/export, on the party's own word alone.
func (s *Server) getExport(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	if s.PartyTokens == nil {
		return errExportOnPage
	}
	if err := c.speaks(id); err != nil {
		return err
	}
	x, err := s.Broker.Export(c.ctx, c.caller(privacy), broker.PartyID(id))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showExport(x))
}

func doPostAccessLink() operation {
	return operation{
		id: "postAccessLink", tag: "parties", summary: "Make a link that opens a party's own page, once",
		description: "It lives 15 minutes. Opening it is no request: the party sends the code in it with a form, so that no scanner of mail spends it. " +
			"The page shows who asked for the party's data, got it or saw it, and lets the party object, withdraw consents and export everything.",
		once: true, request: accessLinkBody{}, example: `{"locale":"pt-BR"}`, refuses: []int{http.StatusNotFound, http.StatusConflict},
		answers: []answered{{
			status: http.StatusCreated, body: accessLinkAnswer{},
			example: `{"url":"https://broker.example/me#bml_EXAMPLE","expires_at":"2017-01-06T10:15:00Z"}`,
		}},
	}
}

func doGetExport() operation {
	return operation{
		id: "getExport", tag: "parties", acts: "`id`", summary: "Everything that is held of a party, for that party",
		description: "It takes the party's own Bauta-Party token; without --party-keys there is an export on the party's own page alone. It is an entry in the ledger. " +
			"Of anybody else it has ids, and nothing more. See docs/export.md.",
		refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: exportAnswer{}}},
	}
}
