package web

import (
	"net/http"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/masking"
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

// postAccessLink answers POST /v1/parties/{id}/access-link. The link is to the
// address that the marketplace asked at.
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
		a.URL = c.pageAddress(e, body.Locale) + "#" + l.Token.Reveal()
	}
	return c.answerOnce(http.StatusCreated, a, replayed)
}

// pageAddress is the page's, in the language that suits a locale best.
func (c *call) pageAddress(e *plain.Explainer, locale string) string {
	scheme, query := "http://", ""
	if c.secure() {
		scheme = "https://"
	}
	if locale != "" {
		query = "?lang=" + e.Language(locale)
	}
	return scheme + string(c.Request().Host()) + "/me" + query
}

// exportVersion is the form of an export: docs/export.md.
const exportVersion = 1

type exportAnswer struct {
	Version      int                `json:"version" validate:"required" description:"of this form: docs/export.md"`
	ExportedAt   time.Time          `json:"exported_at" validate:"required"`
	Party        exportParty        `json:"party" validate:"required"`
	Consents     []consentAnswer    `json:"consents" validate:"required" description:"that are in force"`
	Disclosures  []exportDisclosure `json:"disclosures" validate:"required" description:"of this party's data: who asked, got or saw what; the newest first"`
	Requests     []exportDisclosure `json:"requests" validate:"required" description:"that this party made, without any value"`
	Transactions []exportDeal       `json:"transactions" validate:"required" description:"the newest first"`
	Complete     bool               `json:"complete" validate:"required" description:"false: a list has more than 2000, and the oldest are left out"`
	LeftOut      []string           `json:"left_out" validate:"required" description:"what is held and is not in here"`
}

type exportParty struct {
	ID        string        `json:"id" validate:"required"`
	Kind      string        `json:"kind" validate:"required,oneof=person merchant"`
	Locale    string        `json:"locale,omitempty"`
	Residency string        `json:"residency,omitempty"`
	Contact   exportContact `json:"contact" validate:"required" description:"in clear: it is the party's own"`
	CreatedAt time.Time     `json:"created_at" validate:"required"`
	UpdatedAt time.Time     `json:"updated_at" validate:"required"`
}

// exportContact are values on their way to whom they belong.
type exportContact struct {
	FirstName    *valueAnswer `json:"first_name,omitempty"`
	Name         *valueAnswer `json:"name,omitempty"`
	Email        *valueAnswer `json:"email,omitempty"`
	Phone        *valueAnswer `json:"phone,omitempty"`
	Locality     *valueAnswer `json:"locality,omitempty"`
	Address      *valueAnswer `json:"address,omitempty"`
	Instructions *valueAnswer `json:"instructions,omitempty"`
}

type exportDisclosure struct {
	*disclosureAnswer

	Standing  string `json:"standing" validate:"required" description:"where it stands: docs/states.md"`
	Objection string `json:"objection,omitempty" description:"why this party objected, a code"`
}

type exportDeal struct {
	ID        string       `json:"id" validate:"required"`
	Kind      string       `json:"kind" validate:"required"`
	Role      string       `json:"role" validate:"required,oneof=buyer seller"`
	Other     string       `json:"other" validate:"required" description:"the other side, by its id alone"`
	State     string       `json:"state" validate:"required"`
	CreatedAt time.Time    `json:"created_at" validate:"required"`
	Contacts  []exportUsed `json:"contacts" validate:"required" description:"this party's own, for this transaction"`
}

type exportUsed struct {
	Use     string        `json:"use" validate:"required"`
	Contact exportContact `json:"contact" validate:"required"`
}

func ownContact(values map[masking.Field]masking.Value) exportContact {
	one := func(f masking.Field) *valueAnswer {
		if v, ok := values[f]; ok {
			return &valueAnswer{v}
		}
		return nil
	}
	return exportContact{
		one(masking.FirstName), one(masking.Name), one(masking.Email), one(masking.Phone), one(masking.Locality), one(masking.FullAddress),
		one(masking.Instructions),
	}
}

func showExport(x *broker.Export) *exportAnswer {
	p := &x.Party
	a := &exportAnswer{
		Version: exportVersion, ExportedAt: x.At, Complete: !x.More, LeftOut: []string{"safety_flags", "notes", "earlier_values"},
		Party: exportParty{
			ID: string(p.ID), Kind: string(p.Kind), Locale: p.Locale, Residency: p.Residency, Contact: ownContact(x.Values),
			CreatedAt: p.CreatedAt, UpdatedAt: p.UpdatedAt,
		},
		Consents:    make([]consentAnswer, len(x.Consents)),
		Disclosures: exportTold(x.About), Requests: exportTold(x.Requests), Transactions: make([]exportDeal, len(x.Transactions)),
	}
	for i := range x.Consents {
		a.Consents[i] = showConsent(&x.Consents[i])
	}
	for i, t := range x.Transactions {
		d := exportDeal{
			ID: string(t.ID), Kind: string(t.Kind), Role: string(t.Role), Other: string(t.Other(t.Role)), State: t.State(),
			CreatedAt: t.CreatedAt, Contacts: []exportUsed{},
		}
		for _, use := range broker.Uses() {
			if values, ok := t.Contacts[use]; ok {
				d.Contacts = append(d.Contacts, exportUsed{string(use), ownContact(values)})
			}
		}
		a.Transactions[i] = d
	}
	return a
}

func exportTold(told []broker.Told) []exportDisclosure {
	all := make([]exportDisclosure, len(told))
	for i := range told {
		t := &told[i]
		all[i] = exportDisclosure{showDisclosure(&t.DisclosureView), string(t.Standing), t.Objection}
	}
	return all
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
		id: "getExport", tag: "parties", acts: true, summary: "Everything that is held of a party, for that party",
		description: "It takes the party's own Bauta-Party token; without --party-keys there is an export on the party's own page alone. It is an entry in the ledger. " +
			"Of anybody else it has ids, and nothing more. See docs/export.md.",
		refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: exportAnswer{}}},
	}
}
