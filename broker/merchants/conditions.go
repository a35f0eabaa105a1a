package merchants

import (
	"slices"
	"strings"

	"bauta.dev/bauta/broker/merchants/identifiers"
)

const naturalPerson Condition = "natural_person"

// What the broker knows by itself, and tells in Facts.
const (
	HighVolume  Condition = "high_volume"  // over the threshold of sales
	Turnover20k Condition = "turnover_20k" // 20,000 dollars in a year
)

var facts = []Condition{HighVolume, Turnover20k}

// noBusinessAddress is the certificate that there is no address but a home.
const noBusinessAddress = "no_business_address"

// certified are conditions that hold by the certification of the same name.
var certified = []Condition{noBusinessAddress, "personal_phone_only", "publish_phone", "publish_identifiers", "regulated"}

// conditions follow from what was given.
var conditions = map[Condition]func(*Registration) bool{
	"residential": func(r *Registration) bool { return r.Residential },
	naturalPerson: func(r *Registration) bool { return r.Type != Company },
	"exempt":      func(r *Registration) bool { return r.Type == Exempt },
	"trade_name":  func(r *Registration) bool { return !r.Values["/trade_name"].IsZero() },
	"registered":  func(r *Registration) bool { return !r.Values["/registration/number"].IsZero() },
	"vat_activity": func(r *Registration) bool {
		for at := range most {
			if r.Values[Pointer("/tax/*/kind").at(at)].Reveal() == string(identifiers.VAT) {
				return true
			}
		}
		return false
	},
}

// conditionWords are the conditions for people.
var conditionWords = []struct {
	Condition Condition
	Says      string
}{
	{"residential", "the address is somebody's home"},
	{naturalPerson, "the merchant is a sole trader, or exempt"},
	{"exempt", "the merchant needs no registration"},
	{"trade_name", "a trade name is given"},
	{"registered", "a registration number is given"},
	{"vat_activity", "a VAT number is given"},
	{HighVolume, "the broker knows: the threshold of sales was passed"},
	{Turnover20k, "the broker knows: the threshold of sales was passed, with 20,000 dollars in the last year"},
	{noBusinessAddress, "certified: there is no other address than a home"},
	{"personal_phone_only", "certified: there is no other telephone than a personal one"},
	{"publish_phone", "asked for: the telephone number may be shown"},
	{"publish_identifiers", "asked for: LEI, EORI and GLN may be shown"},
	{"regulated", "certified: the trade is a regulated one"},
}

// plain is a condition without its negation.
func (c Condition) plain() (Condition, bool) {
	name, not := strings.CutPrefix(string(c), "!")
	return Condition(name), not
}

// holds asks a registration, with the facts as they are.
func (r *Registration) holds(c Condition) bool {
	name, not := c.plain()
	var is bool
	switch ask, known := conditions[name]; {
	case known:
		is = ask(r)
	case slices.Contains(facts, name):
		is = slices.Contains(r.Facts, name)
	default:
		is = slices.Contains(r.Certifications, string(name))
	}
	return is != not
}

func (r *Registration) holdAll(all []Condition) bool {
	for _, c := range all {
		if !r.holds(c) {
			return false
		}
	}
	return true
}

// may says whether conditions can all hold once facts change, which they do
// without a new version.
func (r *Registration) may(all []Condition) bool {
	for _, c := range all {
		if name, _ := c.plain(); !slices.Contains(facts, name) && !r.holds(c) {
			return false
		}
	}
	return true
}

// needed says whether a requirement holds for a registration.
func (r *Registration) needed(q *Requirement) bool {
	for _, u := range q.Unless {
		if !r.value(u.at(0)).IsZero() {
			return false
		}
	}
	return q.Always || slices.Contains(q.Types, r.Type) || len(q.If) > 0 && r.holdAll(q.If)
}

func (p *Pack) certification(code string) *Certification {
	for i := range p.Certifications {
		if p.Certifications[i].Code == code {
			return &p.Certifications[i]
		}
	}
	return nil
}
