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

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// mediaLD is JSON-LD 1.1.
const mediaLD = "application/ld+json"

// profileAnswer is what everybody may read of a merchant: an Organization of
// schema.org, and beside it what shows that it is so. Those members have no
// meaning in JSON-LD, which the context says.
type profileAnswer struct {
	merchants.Organization

	Context      [2]any         `json:"@context" validate:"required"`
	Merchant     string         `json:"merchant" validate:"required"`
	Jurisdiction string         `json:"jurisdiction" validate:"required"`
	MerchantType string         `json:"merchant_type" validate:"required"`
	Version      int            `json:"version" validate:"required"`
	ApprovedAt   time.Time      `json:"approved_at" validate:"required"`
	UpdatedAt    time.Time      `json:"updated_at" validate:"required"`
	Closing      bool           `json:"closing,omitzero"`
	ClosesAt     time.Time      `json:"closes_at,omitzero"`
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
func ours() map[string]any {
	all := map[string]any{}
	for _, name := range strings.Fields("merchant jurisdiction merchant_type version approved_at updated_at closing closes_at entry fields") {
		all[name] = nil
	}
	return all
}

func (s *Server) showProfile(m *broker.PublicMerchant) profileAnswer {
	a := profileAnswer{
		Context: [2]any{"https://schema.org", ours()}, Merchant: string(m.ID), Jurisdiction: string(m.Jurisdiction), MerchantType: string(m.Type),
		Version: m.Version, ApprovedAt: m.ApprovedAt, UpdatedAt: m.UpdatedAt, Closing: m.Closing, ClosesAt: m.ClosesAt, Entry: m.Entry,
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

// profile is a public profile as it is sent.
type profile struct {
	merchant *broker.PublicMerchant
	json     []byte
	tag      string // an entity tag, with its quotes
	until    time.Time
}

// profileKept is for how long another process' write may go unseen: one of ours
// drops what is kept at once.
const (
	profileKept      = 2 * time.Second
	mostProfilesKept = 4096
)

// profiles are those that were read in the last moments. A zero one is empty.
type profiles struct {
	mu    sync.RWMutex
	kept  map[string]*profile
	drops uint64 // how often something was dropped: what was read before is not kept after
}

func (p *profiles) find(id string, now time.Time) (*profile, uint64) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if found := p.kept[id]; found != nil && now.Before(found.until) {
		return found, p.drops
	}
	return nil, p.drops
}

// keep remembers a profile, unless something was dropped since it was asked for.
func (p *profiles) keep(id string, found *profile, drops uint64, now time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.drops != drops {
		return
	}
	if len(p.kept) >= mostProfilesKept {
		for other, old := range p.kept {
			if !now.Before(old.until) {
				delete(p.kept, other)
			}
		}
		if len(p.kept) >= mostProfilesKept {
			clear(p.kept)
		}
	}
	if p.kept == nil {
		p.kept = map[string]*profile{}
	}
	p.kept[id] = found
}

// drop forgets one.
func (p *profiles) drop(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drops++
	delete(p.kept, id)
}

// profile is the public profile in the path. What is not public is not there,
// whatever it is instead.
func (s *Server) profile(c *call) (*profile, error) {
	id, err := c.merchantID()
	if err != nil {
		return nil, err
	}
	found, drops := s.profiles.find(string(id), c.began)
	if found != nil {
		return found, nil
	}
	m, err := s.Broker.PublicMerchant(c.ctx, id)
	if err != nil {
		return nil, err
	}
	found = &profile{merchant: m, until: c.began.Add(profileKept)}
	if found.json, err = json.Marshal(s.showProfile(m)); err != nil {
		return nil, errEncode.Because(errors.Unwrap(err)) // its text could hold the value
	}
	sum := sha256.Sum256(found.json)
	found.tag = `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
	s.profiles.keep(string(id), found, drops, c.began)
	return found, nil
}

// getPublicMerchant answers GET /v1/public/merchants/{id}.
func (s *Server) getPublicMerchant(c *call) error {
	p, err := s.profile(c)
	if err != nil {
		return err
	}
	c.Set("Cache-Control", "public, max-age=60")
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
