package web

import (
	"net/http"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// profilePage is where the public pages of merchants are.
const profilePage = "/merchants/"

// profileCaching: whoever stands between may keep it for a minute, in each language.
const profileCaching = "public, max-age=60, must-revalidate"

// profileRoutes are the pages that everybody may read.
func (s *Server) profileRoutes() []*route {
	return []*route{{http.MethodGet, profilePage + "{id}", nil, []string{"lang"}, s.showProfilePage, operation{desk: true}}}
}

// showProfilePage answers GET /merchants/{id}, and GET /v1/public/merchants/{id} for a
// browser. What is not public now is not there, whatever it is instead.
func (s *Server) showProfilePage(c *call) error {
	return c.page(func(c *call) (sight, error) {
		x, err := c.speech()
		if err != nil {
			return sight{}, err
		}
		id, err := c.merchantID()
		if err != nil {
			return sight{}, err
		}
		m, err := s.Broker.PublicMerchant(c.ctx, id)
		if err != nil {
			return sight{}, err
		}
		c.Set(fiber.HeaderCacheControl, profileCaching)
		c.Vary(fiber.HeaderAccept)
		return seen(s.profileOf(x, m))
	})
}

func (s *Server) profileOf(x speech, m *broker.PublicMerchant) pages.MerchantProfile {
	w := pages.RegisterWordsIn(x.lang)
	p := pages.MerchantProfile{
		RegisterShell: pages.NewRegisterShell(x.lang, w.NoName), ID: string(m.ID), Market: w.Named("market", string(m.Jurisdiction)),
		Approved: x.dated(m.ApprovedAt), Entry: m.Entry, Report: s.reportOf(m),
	}.At(profilePage + string(m.ID))
	if m.Type != "" {
		p.Type = w.Named("type", string(m.Type))
	}
	if m.Closing {
		at := x.dated(m.ClosesAt)
		p.Closes = &at
	}
	for _, at := range []merchants.Pointer{"/trade_name", "/legal_name"} { // the last one that there is
		for i := range m.Fields {
			if m.Fields[i].Pointer == at {
				p.Name = m.Fields[i].Value.Reveal()
				p.Title = p.Name
			}
		}
	}
	for _, part := range parts() {
		g := pages.ProfileGroup{Legend: w.Label(part.id)}
		for i := range m.Fields {
			if part.has(m.Fields[i].Pointer) {
				g.Fields = append(g.Fields, profileWords(x, w, &m.Fields[i]))
			}
		}
		if len(g.Fields) > 0 {
			p.Groups = append(p.Groups, g)
		}
	}
	g := pages.ProfileGroup{Legend: w.Label("certifications_of")}
	for i := range m.Fields {
		if strings.HasPrefix(string(m.Fields[i].Pointer), string(merchants.PointerCertifications)+"/") {
			g.Fields = append(g.Fields, profileWords(x, w, &m.Fields[i]))
		}
	}
	if len(g.Fields) > 0 {
		p.Groups = append(p.Groups, g)
	}
	return p
}

// profileWords is one public field: whose law, and who says that it is so.
func profileWords(x speech, w pages.RegisterWords, f *broker.PublicMerchantField) pages.ProfileField {
	p := pages.ProfileField{Label: w.Label(f.Label), Value: f.Value, Law: f.Law, Since: x.day(f.Since)}
	if list := map[string]string{"type": "type", "registration_kind": "registration_kind", "exemption": "exemption", "tax_kind": "tax_kind", "certification": "certified"}[f.Label]; list != "" {
		p.Value = masking.NewText(w.Named(list, f.Value.Reveal()))
	}
	if f.VerifiedBy != "" {
		p.Verified = w.VerifiedBy + x.gap() + w.Named("source", f.VerifiedBy) + x.comma() + w.Named("method", f.Method)
		p.On = x.dated(f.VerifiedAt)
	}
	return p
}

// merchantChip is how a state looks.
func merchantChip(s states.State) string {
	switch s {
	case merchants.Active:
		return "chip-live"
	case merchants.Rejected, merchants.Suspended:
		return "chip-suspended"
	case merchants.Lapsed, merchants.Closed, merchants.Erased, merchants.Closing:
		return "chip-closed"
	default:
		return "chip-waiting"
	}
}

// policyOf is a page's policy. Other sites may frame the form alone, and those
// alone that the operator names.
func (c *call) policyOf(p pages.Page) string {
	if c.Path() == registerPage || strings.HasPrefix(c.Path(), registerPage+"/") {
		return pages.PolicyWithin(p, c.server.EmbedOrigins)
	}
	return pages.PolicyOf(p)
}
