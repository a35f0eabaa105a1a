package broker

import (
	"regexp"
	"slices"
	"strings"

	"bauta.dev/bauta/masking/fault"
)

// Citation is what allows a disclosure under 3g: a law or a published policy by
// its code, a slash, and a section of it, like gdpr/6-1-c. Neither part has room
// for free text.
type Citation string

// ErrUnknownCitation is what anything else is.
var ErrUnknownCitation = fault.New(fault.Invalid, "unknown_citation", "a citation names an instrument of the list, and a section by its numbers, like 6-1-c")

// CitationList is the version of Instruments. An entry's citation means what the
// list said when it was written: codes are added, never changed or taken away.
const CitationList = 1

// Instruments are what can be cited.
func Instruments() []string {
	return []string{
		"gdpr",   // Regulation (EU) 2016/679
		"dsa",    // Regulation (EU) 2022/2065
		"p2b",    // Regulation (EU) 2019/1150
		"ecl",    // E-Commerce Law of the People's Republic of China
		"pipl",   // Personal Information Protection Law, likewise
		"cpl",    // Law on the Protection of Consumer Rights and Interests, likewise
		"ccpa",   // California Civil Code, title 1.81.5
		"lgpd",   // Lei 13.709/2018, Brazil
		"policy", // the marketplace's own privacy policy, as published
	}
}

// section is an article's number, at most three steps deep: 62, 6-1-c, 798.120.
var section = regexp.MustCompile(`^[0-9]{1,4}([.-]([0-9]{1,3}|[a-z]{1,2})){0,3}$`)

// mostSectionDigits: a telephone number has more.
const mostSectionDigits = 7

// Cite makes a citation of an instrument and a section.
func Cite(instrument, of string) (Citation, error) {
	if !slices.Contains(Instruments(), instrument) {
		return "", ErrUnknownCitation.Pointing("/citation/instrument")
	}
	digits := len(of) - len(strings.Map(func(r rune) rune {
		if r >= '0' && r <= '9' {
			return -1
		}
		return r
	}, of))
	if !section.MatchString(of) || digits > mostSectionDigits {
		return "", ErrUnknownCitation.Pointing("/citation/section")
	}
	return Citation(instrument + "/" + of), nil
}
