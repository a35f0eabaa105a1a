package web

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// mediaLD is JSON-LD 1.1.
const mediaLD = "application/ld+json"

// profileAnswer is what everybody may read of a merchant: an Organization of
// schema.org, and beside it what shows that it is so. Those members have no
// meaning in JSON-LD, which the context says.
type profileAnswer struct {
	Context [2]any `json:"@context" validate:"required"`
	merchants.Organization

	Merchant     string         `json:"merchant" validate:"required"`
	Jurisdiction string         `json:"jurisdiction" validate:"required"`
	MerchantType string         `json:"merchant_type,omitempty"` // where the law shows it
	Version      int            `json:"version" validate:"required"`
	ApprovedAt   time.Time      `json:"approved_at" validate:"required"`
	UpdatedAt    time.Time      `json:"updated_at" validate:"required"`
	Closing      bool           `json:"closing,omitzero"`
	ClosesAt     time.Time      `json:"closes_at,omitzero"`
	Report       string         `json:"report,omitempty" description:"where to report what is suspicious, in the markets whose law asks for it"`
	Entry        int64          `json:"entry" validate:"required"`
	Fields       []profileField `json:"fields" validate:"required"`
}

type profileField struct {
	Pointer    string          `json:"pointer" validate:"required"`
	Label      string          `json:"label" validate:"required"`
	Value      merchants.Shown `json:"value" validate:"required"`
	Law        string          `json:"law" validate:"required"`
	Since      string          `json:"since,omitempty"`
	VerifiedBy string          `json:"verified_by" validate:"required"`
	Method     string          `json:"method" validate:"required"`
	VerifiedAt time.Time       `json:"verified_at" validate:"required"`
	Entry      int64           `json:"entry" validate:"required"`
}

// ours are the members of a profile that are no terms of schema.org.
const ours = `{"merchant":null,"jurisdiction":null,"merchant_type":null,"version":null,"approved_at":null,"updated_at":null,` +
	`"closing":null,"closes_at":null,"report":null,"entry":null,"fields":null}`

func (s *Server) showProfile(m *broker.PublicMerchant) profileAnswer {
	a := profileAnswer{
		Context: [2]any{"https://schema.org", jsontext.Value(ours)}, Merchant: string(m.ID), Jurisdiction: string(m.Jurisdiction), MerchantType: string(m.Type),
		Version: m.Version, ApprovedAt: m.ApprovedAt, UpdatedAt: m.UpdatedAt, Closing: m.Closing, ClosesAt: m.ClosesAt, Report: s.reportOf(m), Entry: m.Entry,
		Fields: make([]profileField, len(m.Fields)),
	}
	fields := make([]merchants.PublicField, len(m.Fields))
	for i, f := range m.Fields {
		fields[i] = f.PublicField
		a.Fields[i] = profileField{
			Pointer: string(f.Pointer), Label: f.Label, Value: merchants.Shown{Text: f.Value}, Law: f.Law,
			VerifiedBy: f.VerifiedBy, Method: f.Method, VerifiedAt: f.VerifiedAt, Entry: m.Entry,
		}
		if !f.Since.IsZero() {
			a.Fields[i].Since = f.Since.Format(time.DateOnly)
		}
	}
	a.Organization = merchants.NewOrganization(s.PublicURL+"/v1/public/merchants/"+string(m.ID), fields)
	return a
}

// reportOf is where a merchant is reported: the INFORM Consumers Act (15 USC 45f(b)(3))
// asks for a way beside what it shows of a seller.
func (s *Server) reportOf(m *broker.PublicMerchant) string {
	if s.ReportURL == "" || m.Jurisdiction != merchants.US {
		return ""
	}
	return s.ReportURL + "?merchant=" + string(m.ID)
}

// profile is a public profile as it is sent.
type profile struct {
	merchant *broker.PublicMerchant
	json     []byte
	tag      string // an entity tag, with its quotes
}

// profiles are those that were written out in the last moments. What is public, and
// for how long one that was read counts, the broker says at each request: here is
// only what it looks like.
type profiles struct {
	mu  sync.RWMutex
	all map[broker.MerchantID]*profile
}

const mostProfiles = 4096

func (p *profiles) find(m *broker.PublicMerchant) *profile {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if found := p.all[m.ID]; found != nil && found.merchant == m {
		return found
	}
	return nil
}

func (p *profiles) keep(x *profile) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.all == nil || len(p.all) >= mostProfiles {
		p.all = map[broker.MerchantID]*profile{}
	}
	p.all[x.merchant.ID] = x
}

// profile is the public profile in the path. What is not public is not there,
// whatever it is instead.
func (s *Server) profile(c *call) (*profile, error) {
	id, err := c.merchantID()
	if err != nil {
		return nil, err
	}
	m, err := s.Broker.PublicMerchant(c.ctx, id)
	if err != nil {
		return nil, err
	}
	if found := s.profiles.find(m); found != nil {
		return found, nil
	}
	p := &profile{merchant: m}
	if p.json, err = json.Marshal(s.showProfile(m)); err != nil {
		return nil, errEncode.Because(errors.Unwrap(err)) // its text could hold the value
	}
	sum := sha256.Sum256(p.json)
	p.tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	s.profiles.keep(p)
	return p, nil
}

// getPublicMerchant answers GET /v1/public/merchants/{id}: a browser with a page.
func (s *Server) getPublicMerchant(c *call) error {
	c.Vary("Accept")
	if c.Accepts(mediaLD, "application/json", "text/html") == "text/html" {
		return s.showProfilePage(c)
	}
	p, err := s.profile(c)
	if err != nil {
		return err
	}
	c.Set("Cache-Control", profileCaching)
	c.Set("ETag", p.tag)
	if given := c.Request().Header.Peek("If-None-Match"); len(given) > 0 && matches(string(given), p.tag) {
		c.Status(http.StatusNotModified)
		return nil
	}
	c.Response().Header.SetContentType(mediaLD)
	c.Response().SetBodyRaw(p.json)
	return nil
}

// matches is the weak comparison of RFC 9110, 8.8.3.2.
func matches(given, tag string) bool {
	for one := range strings.SplitSeq(given, ",") {
		if one = strings.TrimSpace(one); one == "*" || strings.TrimPrefix(one, "W/") == tag {
			return true
		}
	}
	return false
}
