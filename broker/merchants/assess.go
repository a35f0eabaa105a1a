package merchants

import (
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

const (
	most       = 16  // of a list
	mostValues = 256 // of a registration

	longest = 2048 // bytes of a value: more than any field may have, in any script
)

// The refusals of a registration.
var (
	ErrRegistration = fault.New(fault.Invalid, "validation_failed", "the registration has fields that cannot be taken")
	ErrPersonalID   = fault.New(fault.Invalid, codePersonal, "the number of a person stands in a field that is public; nothing was kept")
)

const (
	codePersonal     = "personal_id_in_public_field"
	codeRequired     = "required"
	codeNotAsked     = "not_asked"
	codeUncertified  = "certification_missing"
	codeUnknownCert  = "certification_unknown"
	codeTooMany      = "too_many"
	codeNoMember     = "unknown_member"
	codeWithheld     = "residential_withheld"
	codeCertified    = "residential_certified"
	codeMaybe        = "maybe_personal"
	codeShape        = "personal_shape"
	codeJurisdiction = "jurisdiction_unsupported"
	codeNotOneOf     = "not_one_of"
	codeRegion       = "region_shape"
)

// value is the text at a pointer.
func (r *Registration) value(at Pointer) masking.Text {
	switch at {
	case PointerType:
		return masking.NewText(string(r.Type))
	case PointerJurisdiction:
		return masking.NewText(string(r.Jurisdiction))
	default:
		return r.Values[at]
	}
}

// at opens a word that says what another value is: a kind, a country.
func (r *Registration) at(p Pointer) string { return r.value(p).Reveal() }

// judgement is an assessment in the making.
type judgement struct {
	p       *Pack
	r       *Registration
	a       Assessment
	fields  []fault.Field // that are refused
	refused *fault.Error
	homes   homes
	// of the address: it is public as things are, or would be once facts change
	would, could bool
}

// Assess judges a registration. The error is a *Refusal; the assessment beside it
// is whole all the same, for who fills in a form.
func (p *Pack) Assess(r *Registration) (Assessment, error) {
	j := &judgement{p: p, r: r, a: Assessment{Pack: p.Name(), Fields: make([]FieldOutcome, 0, len(p.Fields))}, refused: ErrRegistration, homes: r.homes()}
	given, wrong := r.places()
	if wrong != "" {
		j.refuse(FieldOutcome{Outcome: identifiers.Invalid, Visibility: Private, Code: wrong})
		return j.a, j.err()
	}
	if r.Jurisdiction != p.Jurisdiction {
		j.refuse(FieldOutcome{Pointer: PointerJurisdiction, Outcome: identifiers.Invalid, Visibility: Private, Code: codeJurisdiction})
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		if !f.has(r.Type) {
			continue
		}
		places := given[f.Pointer]
		delete(given, f.Pointer)
		if f.Pointer == PointerType {
			places = []int{-1}
		}
		for _, place := range places {
			j.field(f, f.Pointer.at(place))
		}
		if len(places) == 0 && r.needed(&f.Required) {
			j.refuse(FieldOutcome{Pointer: f.Pointer.at(0), Visibility: r.visibility(f, f.Pointer.at(0)), Outcome: identifiers.Invalid, Code: codeRequired, Law: p.cite(f.Law)})
		}
	}
	j.unasked(given)
	j.certifications()
	j.residence()
	return j.a, j.err()
}

func (j *judgement) err() error {
	if len(j.fields) == 0 {
		return nil
	}
	e := *j.refused
	e.Fields = j.fields
	return &e
}

// cite is how a law is named in answers.
func (p *Pack) cite(key string) string { return p.LawOf(key).Cite }

// places are the pointers that have a value, by their form in a pack; or a code,
// where there are more than anybody needs, or one is none.
func (r *Registration) places() (map[Pointer][]int, string) {
	if len(r.Values) > mostValues || len(r.Certifications) > mostValues {
		return nil, codeTooMany
	}
	given := make(map[Pointer][]int, len(r.Values))
	for at, value := range r.Values {
		if !at.pointed() {
			return nil, codeNoMember
		}
		if pattern, place := at.split(); !value.IsZero() {
			given[pattern] = append(given[pattern], place)
		}
	}
	for _, places := range given {
		slices.Sort(places)
	}
	return given, ""
}

// pointed says that a pointer is one of a registration, of names and places: nothing
// personal hides in one, for answers repeat it.
func (p Pointer) pointed() bool {
	parts := 0
	for rest := string(p); rest != ""; parts++ {
		if rest[0] != '/' {
			return false
		}
		part := rest[1:]
		if end := strings.IndexByte(part, '/'); end >= 0 {
			part = part[:end]
		}
		if !named(part) && !placed(part) {
			return false
		}
		rest = rest[1+len(part):]
	}
	return parts >= 1 && parts <= 6
}

// named says that a part of a pointer is a member's name; placed, that it is a place in a list.
func named(part string) bool {
	for i := range len(part) {
		if c := part[i]; (c < 'a' || c > 'z') && (c != '_' || i == 0) {
			return false
		}
	}
	return len(part) >= 1 && len(part) <= 31
}

func placed(part string) bool {
	for i := range len(part) {
		if part[i] < '0' || part[i] > '9' {
			return false
		}
	}
	return len(part) >= 1 && len(part) <= 3
}

// visibility is the pack's for this registration: what can't be public whatever
// facts change is private.
func (r *Registration) visibility(f *Field, at Pointer) Visibility {
	switch {
	case f.Visibility == Conditional && !r.may(f.PublicIf), r.residentialAt(at):
		return Private
	case f.Check == ruleNumbered && r.at(at.beside("kind")) != string(identifiers.VAT):
		return Private // of the numbers of a list only those of VAT are ever shown
	}
	return f.Visibility
}

// residentialAt: of a home nothing is public; with the certificate that there
// is no other address, the country and the state or province are.
func (r *Registration) residentialAt(at Pointer) bool {
	if !r.Residential || !strings.HasPrefix(string(at), "/address/") {
		return false
	}
	return !r.certifiedHome() || at != "/address/country" && at != "/address/region"
}

func (r *Registration) certifiedHome() bool {
	return slices.Contains(r.Certifications, noBusinessAddress) && r.Type != Company
}

// field judges a value that is there.
func (j *judgement) field(f *Field, at Pointer) {
	o := FieldOutcome{Pointer: at, Visibility: j.r.visibility(f, at), Law: j.p.cite(f.Law)}
	if _, place := at.split(); place >= most {
		o.Outcome, o.Code = identifiers.Invalid, codeTooMany
		j.refuse(o)
		return
	}
	given := j.r.at(at)
	if len(given) > longest {
		o.Outcome, o.Code = identifiers.Invalid, masking.ErrTooLong.Code
		j.refuse(o)
		return
	}
	whose := j.r.whoseFrom(at, j.homes)
	found := j.p.lookFrom(j.r, f, at, whose)
	o.Outcome, o.Code = found.outcome, found.code
	if strings.HasPrefix(string(at), "/address/") {
		j.would = j.would || f.Visibility == Public || f.Visibility == Conditional && j.r.holdAll(f.PublicIf)
		j.could = j.could || f.Visibility == Public || f.Visibility == Conditional && j.r.may(f.PublicIf)
	}
	if o.Visibility != Private {
		j.publicly(f, &o, &found, whose, given)
	}
	j.refuse(o)
}

// publicly judges a value that everybody may read, or may once facts change: that of a
// person is refused, and what only has its shape is for people to look at.
func (j *judgement) publicly(f *Field, o *FieldOutcome, found *finding, whose identifiers.Whose, given string) {
	var person identifiers.Likeness
	switch {
	case o.Code == masking.ErrTooLong.Code: // refused anyhow
	case f.reads():
		person = f.personIn(whose, given)
	case f.Check == ruleNumbered && o.Outcome == identifiers.Unsupported:
		person = identifiers.OwnPerson(whose.Countries[0], given)
	}
	switch {
	case found.personal || person == identifiers.Proved:
		o.Outcome, o.Code = identifiers.Invalid, codePersonal
		j.refused = ErrPersonalID
	case found.maybe:
		o.Visibility = Private
		if o.Outcome == identifiers.Valid && o.Code == "" {
			o.Code = codeMaybe
		}
	case person != identifiers.Unlike && (o.Outcome == identifiers.Valid || f.Check == ruleNumbered):
		o.Outcome, o.Code = identifiers.Suspect, codeShape
	case f.Check == string(identifiers.EORI) && o.Outcome == identifiers.Valid && !identifiers.BusinessEORI(found.normal):
		o.Outcome = identifiers.Unsupported
	case o.Pointer == pointerRegion && o.Outcome == identifiers.Valid && j.r.Residential && j.r.regionTells():
		o.Outcome, o.Code = identifiers.Suspect, codeRegion
	}
}

// personIn reads a text as its readers do: any mailbox may have nine digits, and the
// number of a register or a business has its own check.
func (f *Field) personIn(whose identifiers.Whose, given string) identifiers.Likeness {
	switch f.Check {
	case ruleURL:
		return personInURL(whose, given)
	case ruleRegistration:
		return identifiers.Unlike // ofRegister has asked, and knows of which country it is
	case ruleEmail:
		if found := personIn(whose, given); found != identifiers.Alike {
			return found
		}
		return identifiers.InLink(whose, norm.NFKC.String(given)) // accounts have numbers here, too
	case rulePhone:
		return personInPhone(whose, given)
	case string(identifiers.GLN):
		return personInGLN(whose, given)
	case string(identifiers.EORI):
		return personInEORI(whose, given)
	}
	return personIn(whose, given)
}

// reads says that the field is a text that people write as they like.
func (f *Field) reads() bool {
	switch f.Check {
	case ruleText, ruleName, ruleAddress, ruleEmail, rulePhone, ruleRegistration, ruleURL, rulePostalCode, string(identifiers.EORI), string(identifiers.GLN):
		return true
	}
	return false
}

// refuse notes an outcome, and refuses what is invalid.
func (j *judgement) refuse(o FieldOutcome) {
	j.a.Fields = append(j.a.Fields, o)
	switch o.Outcome {
	case identifiers.Invalid:
		j.fields = append(j.fields, fault.Field{Pointer: string(o.Pointer), Code: o.Code, Detail: j.detail(&o)})
	case identifiers.Suspect, identifiers.Unsupported:
		j.a.Suspect = true
	case identifiers.Valid:
	}
}

// detail is the code as a sentence; of a value that is none of a list it is the list.
func (j *judgement) detail(o *FieldOutcome) string {
	var values []string
	switch pattern, _ := o.Pointer.split(); {
	case o.Code == codeUnknownCert:
		for i := range j.p.Certifications {
			if c := &j.p.Certifications[i]; len(c.Types) == 0 || slices.Contains(c.Types, j.r.Type) {
				values = append(values, c.Code)
			}
		}
	case o.Code != codeNotOneOf:
	case pattern == PointerType:
		for _, t := range Types() {
			values = append(values, string(t))
		}
	default:
		for i := range j.p.Fields {
			if f := &j.p.Fields[i]; f.Pointer == pattern && f.has(j.r.Type) {
				values = f.Values
			}
		}
	}
	if len(values) == 0 {
		return Detail(o.Code)
	}
	return "this has to be one of: " + strings.Join(values, ", ")
}

// unasked is what the pack has no row for: private, and a person looks at it.
func (j *judgement) unasked(given map[Pointer][]int) {
	var all []Pointer
	for pattern, places := range given {
		for _, place := range places {
			all = append(all, pattern.at(place))
		}
	}
	slices.Sort(all)
	for _, at := range all {
		j.refuse(FieldOutcome{Pointer: at, Visibility: Private, Outcome: identifiers.Unsupported, Code: codeNotAsked})
	}
}

// certifications judges what a merchant states of itself.
func (j *judgement) certifications() {
	for i, code := range j.r.Certifications {
		o := FieldOutcome{Pointer: (PointerCertifications + "/*").at(i), Visibility: Private, Outcome: identifiers.Valid}
		c := j.p.certification(code)
		switch {
		case c == nil || len(c.Types) > 0 && !slices.Contains(c.Types, j.r.Type):
			o.Outcome, o.Code = identifiers.Invalid, codeUnknownCert
		case slices.Index(j.r.Certifications, code) < i:
			o.Outcome, o.Code = identifiers.Invalid, codeTooMany // it would be shown as often
		default:
			o.Visibility, o.Law = c.Visibility, j.p.cite(c.Law)
			if c.Visibility == Conditional && !j.r.may(c.PublicIf) {
				o.Visibility = Private
			}
		}
		j.refuse(o)
	}
	for i := range j.p.Certifications {
		c := &j.p.Certifications[i]
		if (len(c.Types) == 0 || slices.Contains(c.Types, j.r.Type)) && j.r.needed(&c.Required) && !slices.Contains(j.r.Certifications, c.Code) {
			j.refuse(FieldOutcome{Pointer: PointerCertifications, Visibility: c.Visibility, Outcome: identifiers.Invalid, Code: codeUncertified, Law: j.p.cite(c.Law)})
			j.fields[len(j.fields)-1].Detail += ": " + c.Code
		}
	}
}

// residence: where the law would show an address that is somebody's home, a lead
// decides what becomes of it.
func (j *judgement) residence() {
	if !j.r.Residential {
		return
	}
	o := FieldOutcome{Pointer: PointerResidential, Visibility: Private, Outcome: identifiers.Valid}
	switch {
	case j.could && j.r.certifiedHome():
		o.Code = codeCertified
		j.a.ResidentialPublic = true
	case j.would:
		o.Outcome, o.Code = identifiers.Suspect, codeWithheld
	}
	j.refuse(o)
}
