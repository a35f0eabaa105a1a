package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// disclosureBody is what POST /v1/disclosures takes.
type disclosureBody struct {
	Transaction string       `json:"transaction" validate:"required" docs:"id"`
	Requester   string       `json:"requester" validate:"required" docs:"id"`
	Purpose     string       `json:"purpose" validate:"required" docs:"purpose"`
	Fields      *[]string    `json:"fields" docs:"fields" description:"left out: all that are necessary"`
	Note        masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
	Reveal      *bool        `json:"reveal" default:"true" description:"false makes the grant and opens nothing"`
	DryRun      bool         `json:"dry_run" default:"false" description:"true says how it would be decided now, and decides, records and opens nothing"`

	Citation *citationBody `json:"citation" description:"what allows it under 3g, where a policy has that ground"`
}

type citationBody struct {
	Instrument string `json:"instrument" validate:"required" docs:"instrument" description:"a law, or the marketplace's own published policy"`
	Section    string `json:"section" validate:"required,max=16" description:"by its numbers, like 6-1-c"`
}

func (b *disclosureBody) input() (broker.DisclosureInput, error) {
	in := broker.DisclosureInput{
		Transaction: broker.TransactionID(b.Transaction), Requester: broker.PartyID(b.Requester),
		Purpose: necessity.Purpose(b.Purpose), Reveal: b.Reveal == nil || *b.Reveal,
	}
	wrong := b.rules()
	in.Note = note(b.Note, &wrong)
	if b.DryRun && !b.Note.IsZero() {
		wrong.add("/note", "not_kept", "a dry run keeps nothing: leave the note out")
	}
	if err := wrong.err(); err != nil {
		return in, err
	}
	if err := identify(b.Transaction, "/transaction"); err != nil {
		return in, err
	}
	if err := identify(b.Requester, "/requester"); err != nil {
		return in, err
	}
	if !slices.Contains(necessity.Purposes(), in.Purpose) {
		return in, broker.ErrUnknownPurpose.Pointing("/purpose")
	}
	var err error
	if b.Citation != nil {
		if in.Citation, err = broker.Cite(b.Citation.Instrument, b.Citation.Section); err != nil {
			return in, err
		}
	}
	if b.Fields == nil {
		return in, nil
	}
	in.Fields, err = fieldsOf(*b.Fields)
	return in, err
}

// rules are those of the tags, written out: this body is the busiest.
func (b *disclosureBody) rules() mistakes {
	var wrong mistakes
	for _, x := range [...]struct{ pointer, value string }{
		{"/transaction", b.Transaction}, {"/requester", b.Requester}, {"/purpose", b.Purpose},
	} {
		if x.value == "" {
			wrong.add(x.pointer, "required", "this is missing")
		}
	}
	return wrong
}

// fieldsOf reads fields by name, each once: a wildcard is no name.
func fieldsOf(names []string) ([]masking.Field, error) {
	var wrong mistakes
	if len(names) == 0 {
		wrong.add("/fields", "wrong_number", "name at least one, or leave the member out")
		return nil, wrong.err()
	}
	known := masking.Fields()
	fields := make([]masking.Field, 0, len(known))
	for i, name := range names {
		f := masking.Field(name)
		if !slices.Contains(known, f) {
			return nil, broker.ErrUnknownField.Pointing("/fields/" + itoa(i))
		}
		if slices.Contains(fields, f) {
			wrong.add("/fields/"+itoa(i), "repeated", "each field once")
			return nil, wrong.err()
		}
		fields = append(fields, f)
	}
	broker.SortFields(fields)
	return fields, nil
}

// disclosureAnswer is a decision as its parties see it. What a refused or
// pending one does not have is null.
type disclosureAnswer struct {
	ID            string         `json:"id" validate:"required"`
	Transaction   string         `json:"transaction" validate:"required"`
	Requester     string         `json:"requester" validate:"required"`
	Subject       string         `json:"subject" validate:"required"`
	Purpose       string         `json:"purpose" validate:"required" docs:"purpose"`
	CreatedAt     time.Time      `json:"created_at" validate:"required"`
	Decision      string         `json:"decision" validate:"required,oneof=granted pending refused"`
	Ground        *string        `json:"ground" validate:"required" description:"the clause that allows it"`
	State         *string        `json:"state" validate:"required" docs:"state" description:"of the grant"`
	Fields        *[]fieldAnswer `json:"fields,omitempty" description:"not without a viewer"`
	Reasons       []reasonAnswer `json:"reasons,omitempty" description:"why it is refused"`
	Public        []publicAnswer `json:"public,omitempty" description:"where fields stand that were withheld because their values are public"`
	Superseded    []string       `json:"superseded,omitempty" description:"fields whose value has changed since; ask anew"`
	ExpiresAt     *time.Time     `json:"expires_at" validate:"required" description:"null while there is no grant"`
	ViewsLeft     *int           `json:"views_left" validate:"required"`
	Pieces        int            `json:"pieces,omitzero" description:"of several items, how many a grant under 3f is for: it is suspended when less is performed"`
	PolicyVersion string         `json:"policy_version" validate:"required"`
	AssertedBy    string         `json:"asserted_by" validate:"required" description:"whose word it is who asked: platform, or token: and the digest of the party's own"`
	Citation      string         `json:"citation,omitempty" description:"instrument and section that the request cites"`
	Explanation   []string       `json:"explanation,omitempty" description:"with explain=1: the same in sentences, in the language of Accept-Language"`
	Looks         []lookAnswer   `json:"looks,omitempty" description:"in lists: each moment that values left, the first answer among them"`
	Ledger        ledgerAnswer   `json:"ledger" validate:"required" description:"the entry's place in the ledger"`

	ByStaff []staffViewAnswer `json:"viewed_by_staff,omitempty" description:"to its sides: each moment that one of the operator's staff opened something to decide"`
}

type publicAnswer struct {
	Merchant string   `json:"merchant" validate:"required"`
	Profile  string   `json:"profile" validate:"required" description:"the path of the public profile"`
	Fields   []string `json:"fields" validate:"required"`
}

func showPublicAt(p *broker.PublicAt) publicAnswer {
	return publicAnswer{string(p.Merchant), "/v1/public/merchants/" + string(p.Merchant), words(p.Fields)}
}

type lookAnswer struct {
	At       time.Time `json:"at" validate:"required"`
	Index    int64     `json:"index" validate:"required" description:"of the entry"`
	Openings bool      `json:"openings,omitzero" description:"what proves the values to others was handed out with them"`
}

type fieldAnswer struct {
	Field   string       `json:"field" validate:"required" docs:"field"`
	Outcome string       `json:"outcome" validate:"required,oneof=granted pending withheld"`
	Value   *valueAnswer `json:"value,omitempty"`
	Rule    string       `json:"rule,omitempty"`
	Reason  string       `json:"reason,omitempty"`
}

type reasonAnswer struct {
	Code    string          `json:"code" validate:"required"`
	Detail  string          `json:"detail" validate:"required"`
	Missing []missingAnswer `json:"missing,omitempty"`
}

type ledgerAnswer struct {
	Index    int64  `json:"index" validate:"required"`
	LeafHash []byte `json:"leaf_hash" validate:"required" docs:"hash"`
	TreeSize int64  `json:"tree_size" validate:"required"`
	RootHash []byte `json:"root_hash" validate:"required" docs:"hash"`
	Proof    string `json:"proof,omitempty" description:"with proof=1: that the entry is in that tree, and the signed checkpoint (C2SP tlog-proof)"`
}

func showPlace(p *ledger.Place) ledgerAnswer {
	return ledgerAnswer{Index: p.Index, LeafHash: p.Leaf[:], TreeSize: p.Size, RootHash: p.Root[:]}
}

// valueAnswer is a contact value on its way out, and the only place where one
// is opened.
type valueAnswer struct{ value masking.Value }

// MarshalJSONTo writes a text, or an address as an object.
func (v valueAnswer) MarshalJSONTo(e *jsontext.Encoder) error {
	if v.value.Address.IsZero() {
		return e.WriteToken(jsontext.String(v.value.Text.Reveal()))
	}
	a := &v.value.Address
	if err := e.WriteToken(jsontext.BeginObject); err != nil {
		return err
	}
	for _, x := range [...]struct{ name, value string }{
		{"street", a.Street.Reveal()},
		{"city", a.City.Reveal()},
		{"region", a.Region.Reveal()},
		{"postal_code", a.PostalCode.Reveal()},
		{"country", a.Country},
	} {
		if x.value == "" {
			continue
		}
		if err := e.WriteToken(jsontext.String(x.name)); err != nil {
			return err
		}
		if err := e.WriteToken(jsontext.String(x.value)); err != nil {
			return err
		}
	}
	return e.WriteToken(jsontext.EndObject)
}

func showDisclosure(v *broker.DisclosureView) *disclosureAnswer {
	a := &disclosureAnswer{
		ID: string(v.ID), Transaction: string(v.Transaction), Requester: string(v.Requester), Subject: string(v.Subject),
		Purpose: string(v.Purpose), CreatedAt: v.At, Decision: v.Decision, PolicyVersion: v.Policy, AssertedBy: v.AssertedBy,
		Pieces: v.Pieces, Citation: string(v.Citation), Superseded: words(v.Superseded), Public: each(v.Public, showPublicAt), Ledger: showPlace(&v.Place),
	}
	if v.Ground != "" {
		ground := string(v.Ground)
		a.Ground = &ground
	}
	if v.State != "" {
		a.State, a.ExpiresAt, a.ViewsLeft = &v.State, &v.ExpiresAt, &v.ViewsLeft
	}
	for _, l := range v.Looks {
		a.Looks = append(a.Looks, lookAnswer(l))
	}
	if v.Bare {
		return a
	}
	fields := make([]fieldAnswer, len(v.Fields))
	for i, f := range v.Fields {
		fields[i] = fieldAnswer{Field: string(f.Field), Outcome: string(f.Outcome), Rule: f.Rule, Reason: string(f.Reason)}
		if value, ok := v.Values[f.Field]; ok && f.Outcome == necessity.Granted {
			fields[i].Value = &valueAnswer{value}
		}
	}
	a.Fields, a.ByStaff = &fields, showStaffViews(v.ByStaff)
	for _, r := range v.Reasons {
		a.Reasons = append(a.Reasons, reasonAnswer{string(r.Code), r.Detail, showMissing(r.Missing)})
	}
	return a
}

// postDisclosure answers POST /v1/disclosures.
func (s *Server) postDisclosure(c *call) error {
	body, err := decode[disclosureBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	if err = c.speaks(body.Requester); err != nil {
		return err
	}
	proven, explained, err := c.wants()
	if err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	if body.DryRun {
		return s.foresee(c, in, once, proven, explained)
	}
	v, replayed, err := s.Broker.Disclose(c.ctx, c.caller(marketplace), in, once)
	if err != nil {
		return err
	}
	if !replayed {
		s.metrics.decided(v.Decision, v.PastBudgets)
	}
	a := showDisclosure(&v)
	if err := c.adorn(a, &v, proven, explained); err != nil {
		return err
	}
	return c.answerOnce(http.StatusCreated, a, replayed)
}

// disclosureID is the id in the path. One that can't be is not there.
func (c *call) disclosureID() (broker.DisclosureID, error) {
	id := broker.DisclosureID(strings.Clone(c.Params("id")))
	if _, ok := id.Bytes(); !ok {
		return "", broker.ErrNotFound
	}
	return id, nil
}

// getDisclosure answers GET /v1/disclosures/{id}.
func (s *Server) getDisclosure(c *call) error {
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	proven, explained, err := c.wants()
	if err != nil {
		return err
	}
	id, err := c.disclosureID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Disclosure(c.ctx, id, viewer)
	if err != nil {
		return err
	}
	a := showDisclosure(&v)
	if err := c.adorn(a, &v, proven, explained); err != nil {
		return err
	}
	return c.answer(http.StatusOK, a)
}

// viewBody is what POST …/views takes.
type viewBody struct {
	Viewer string `json:"viewer" validate:"required" docs:"id"`
}

// viewing reads a request to see values: of which disclosure, and for whom.
func (c *call) viewing() (id broker.DisclosureID, viewer broker.PartyID, once *broker.Outcome, err error) {
	body, err := decode[viewBody](c)
	if err != nil {
		return "", "", nil, err
	}
	if err = rules(&body).err(); err != nil {
		return "", "", nil, err
	}
	if err = identify(body.Viewer, "/viewer"); err != nil {
		return "", "", nil, err
	}
	if err = c.speaks(body.Viewer); err != nil {
		return "", "", nil, err
	}
	if id, err = c.disclosureID(); err != nil {
		return "", "", nil, err
	}
	once, err = c.once(string(id))
	return id, broker.PartyID(body.Viewer), once, err
}

// postView answers POST /v1/disclosures/{id}/views.
func (s *Server) postView(c *call) error {
	id, viewer, once, err := c.viewing()
	if err != nil {
		return err
	}
	explained, err := c.chosen("explain", "/explain")
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.View(c.ctx, c.caller(marketplace), id, viewer, once)
	if err != nil {
		return err
	}
	a := showDisclosure(&v)
	if err := c.adorn(a, &v, false, explained); err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, a, replayed)
}

// revocationBody is what POST …/revocation takes.
type revocationBody struct {
	Reason string `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
}

// postRevocation answers POST /v1/disclosures/{id}/revocation.
func (s *Server) postRevocation(c *call) error {
	body, err := decode[revocationBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	if len(wrong) == 0 {
		reasonOf(body.Reason, broker.RevocationReasons(), &wrong)
	}
	if err = wrong.err(); err != nil {
		return err
	}
	id, err := c.disclosureID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.Revoke(c.ctx, c.caller(marketplace), id, body.Reason, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showDisclosure(&v), replayed)
}
