package web

import (
	"net/http"
	"slices"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// partyBody is what PUT /v1/parties/{id} takes.
type partyBody struct {
	Kind      string      `json:"kind" validate:"required,oneof=person merchant"`
	Locale    string      `json:"locale" validate:"omitempty,max=35,bcp47_strict_language_tag" description:"BCP 47"`
	Residency string      `json:"residency" validate:"omitempty,iso3166_1_alpha2" description:"ISO 3166-1 alpha-2"`
	Contact   contactBody `json:"contact" description:"absent members stay as they are, null removes"`
	Source    sourceBody  `json:"source" docs:"required" description:"where the data comes from"`
}

type sourceBody struct {
	Kind        string  `json:"kind" validate:"omitempty,oneof=registration partner" docs:"required"`
	Partner     string  `json:"partner" validate:"max=200" description:"of a partner's data: whose"`
	CollectedAt *moment `json:"collected_at" description:"of a partner's data: since when"`
	LawfulBasis string  `json:"lawful_basis" validate:"max=200" description:"of a partner's data: why it may be here"`
}

func (b *partyBody) input() (broker.PartyInput, error) {
	wrong := rules(b)
	in := broker.PartyInput{
		Kind: broker.PartyKind(b.Kind), Locale: b.Locale, Residency: b.Residency,
		Source: broker.Source{Kind: b.Source.Kind, CollectedAt: b.Source.CollectedAt.time()},
	}
	in.Source.Partner = line(b.Source.Partner, "/source/partner", &wrong)
	in.Source.LawfulBasis = line(b.Source.LawfulBasis, "/source/lawful_basis", &wrong)
	in.Contact = b.Contact.normal("/contact", regionOf(b.Residency, b.Locale), &wrong)
	if err := wrong.err(); err != nil {
		return in, err
	}
	return in, b.Source.provenance()
}

// provenance: data that a party did not give itself says where it came from.
func (b *sourceBody) provenance() error {
	missing := *broker.ErrProvenance
	e := &missing
	for _, x := range []struct {
		pointer string
		there   bool
	}{
		{"/source/kind", b.Kind != ""},
		{"/source/partner", b.Kind != "partner" || b.Partner != ""},
		{"/source/collected_at", b.Kind != "partner" || b.CollectedAt != nil},
		{"/source/lawful_basis", b.Kind != "partner" || b.LawfulBasis != ""},
	} {
		if !x.there {
			e = e.Pointing(x.pointer)
		}
	}
	if len(e.Fields) == 0 {
		return nil
	}
	return e
}

// partyAnswer is the owner's masked view.
type partyAnswer struct {
	ID        string     `json:"id" validate:"required"`
	Kind      string     `json:"kind" validate:"required,oneof=person merchant"`
	Locale    string     `json:"locale,omitempty"`
	Residency string     `json:"residency,omitempty"`
	Contact   hintAnswer `json:"contact" validate:"required" description:"the owner's masked hints"`
	CreatedAt time.Time  `json:"created_at" validate:"required"`
	UpdatedAt time.Time  `json:"updated_at" validate:"required"`
}

// hintAnswer are masks, never values.
type hintAnswer struct {
	FirstName string `json:"first_name,omitempty"`
	Name      string `json:"name,omitempty"`
	Email     string `json:"email,omitempty"`
	Phone     string `json:"phone,omitempty"`
	Address   string `json:"address,omitempty"`
}

func hints(m map[masking.Field]string) hintAnswer {
	return hintAnswer{m[masking.FirstName], m[masking.Name], m[masking.Email], m[masking.Phone], m[masking.FullAddress]}
}

func showParty(v *broker.PartyView) *partyAnswer {
	return &partyAnswer{
		ID: string(v.ID), Kind: string(v.Kind), Locale: v.Locale, Residency: v.Residency,
		Contact: hints(v.Contact), CreatedAt: v.CreatedAt, UpdatedAt: v.UpdatedAt,
	}
}

// putParty answers PUT /v1/parties/{id}.
func (s *Server) putParty(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	body, err := decode[partyBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	v, created, err := s.Broker.PutParty(c.ctx, c.caller(marketplace), broker.PartyID(id), in)
	if err != nil {
		return err
	}
	return c.answer(made(created), showParty(&v))
}

// made is the status of something that is new, or was there.
func made(created bool) int {
	if created {
		return http.StatusCreated
	}
	return http.StatusOK
}

// getParty answers GET /v1/parties/{id}.
func (s *Server) getParty(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Party(c.ctx, broker.PartyID(id))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showParty(&v))
}

// flagsAnswer is what PUT /v1/parties/{id}/flags gives back.
type flagsAnswer struct {
	ID    string   `json:"id" validate:"required"`
	Flags []string `json:"flags" validate:"required,dive,oneof=minor at_risk restricted"`
}

// flagsBody is the array itself; the struct carries its rules.
type flagsBody struct {
	Flags []string `json:"flags" validate:"unique,dive,oneof=minor at_risk restricted"`
}

// putFlags answers PUT /v1/parties/{id}/flags.
func (s *Server) putFlags(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	names, err := decode[[]string](c)
	if err != nil {
		return err
	}
	flags, err := flagsOf(names)
	if err != nil {
		return err
	}
	if err = s.Broker.SetFlags(c.ctx, c.caller(privacy), broker.PartyID(id), flags); err != nil {
		return err
	}
	answer := flagsAnswer{ID: id, Flags: []string{}}
	for _, f := range flags {
		answer.Flags = append(answer.Flags, string(f))
	}
	return c.answer(http.StatusOK, answer)
}

// flagsOf puts flags into one order, so that the same ones are no change.
func flagsOf(names []string) ([]broker.Flag, error) {
	wrong := rules(flagsBody{names})
	for i := range wrong { // the array is the body
		wrong[i].Pointer = wrong[i].Pointer[len("/flags"):]
	}
	if err := wrong.err(); err != nil {
		return nil, err
	}
	var flags []broker.Flag
	for _, f := range []broker.Flag{broker.Minor, broker.AtRisk, broker.Restricted} {
		if slices.Contains(names, string(f)) {
			flags = append(flags, f)
		}
	}
	return flags, nil
}
