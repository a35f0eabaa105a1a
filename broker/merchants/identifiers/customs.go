package identifiers

import "strings"

// eoriCountries give EORI numbers: the members of the union, and the two doors
// of the United Kingdom.
const eoriCountries = " AT BE BG CY CZ DE DK EE EL ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK GB XI "

// checkEORI: Implementing Regulation (EU) 2015/2447, annex 12-01, and HMRC's rule. The
// countries put their own numbers after their letters; only the British one is
// known to be the VAT number with three zeros.
func checkEORI(number string) finding {
	if len(number) < 2 || !letter(number[0]) || !letter(number[1]) || !alphanumeric(number) {
		return bad(EORIShape)
	}
	return eori(number[:2], number[2:]).ofPerson(eoriOfPerson(number[:2], number[2:]))
}

const longestEORI = 17

func eori(country, body string) finding {
	switch {
	case !listed(eoriCountries, country):
		return unchecked(EORICountry)
	case len(body) < 1 || len(body) > longestEORI-2:
		return bad(EORIShape)
	case country == "GB" || country == "XI":
		return eoriBritish(body)
	case country == "DE" && (len(body) < 7 || !digits(body)):
		return bad(EORIShape)
	}
	return finding{outcome: Valid, code: ShapeOnly}
}

func eoriBritish(body string) finding {
	if len(body) != 12 || !digits(body) || body[9:] != "000" {
		return bad(EORIShape)
	}
	return unless(vatGB(body[:9]).outcome != Valid, EORIVAT)
}

// eoriOfPerson: some countries put a person's own number after their letters, with zeros
// until it is long enough, and the Dutch one can be a citizen's.
func eoriOfPerson(country, body string) bool {
	switch {
	case country == "NL":
		return true
	case ofBusiness(country, body):
		return false
	}
	for _, p := range persons(EORI, country) {
		if p.is(body, body) {
			return true
		}
	}
	return PersonInEORI(Whose{Countries: []string{country}}, country+body) == Proved
}

// PersonInEORI looks behind the country for the number of a person, with and without what it
// is filled up with.
func PersonInEORI(whose Whose, number string) Likeness {
	best := Unlike
	if len(number) < 3 || len(number) > longestEORI {
		return best
	}
	body := number[2:]
	for from := 0; ; from++ {
		for to := len(body); to > from; to-- {
			best = max(best, OfPerson(whose, body[from:to]))
			if last := body[to-1]; best == Proved || last != '0' && last != '1' {
				break
			}
		}
		if best == Proved || from+1 >= len(body) || body[from] != '0' {
			return best
		}
	}
}

// BusinessEORI says that an EORI is written as those of businesses of its country are: by
// what is known of them, it is no person's. Of countries that are not here nothing is known:
// Czech and Romanian sole traders have their own number behind the letters.
func BusinessEORI(number string) bool { return len(number) > 2 && ofBusiness(number[:2], number[2:]) }

func ofBusiness(country, body string) bool {
	business := func(f finding) bool { return f.outcome == Valid && !f.personal }
	switch country {
	case "AT":
		return len(body) == 13 && strings.HasPrefix(body, "EOS") && digits(body[3:])
	case "BE":
		return business(vatBE(body))
	case "DE": // customs gives these, and fills them up
		return digits(body) && (len(body) >= 7 && len(body) <= 9 || len(body) == 15 && PersonInEORI(Whose{Countries: []string{"DE"}}, country+body) != Proved)
	case "DK":
		return business(vatDK(body))
	case "ES":
		return business(vatES(body))
	case "FR":
		return (len(body) == 9 || len(body) == 14) && digits(body) && !blank(body[:9]) && luhn(body[:9])
	case "GB", "XI":
		return business(eoriBritish(body))
	case "IT":
		return business(vatIT(body))
	case "NL": // a citizen's or not, nothing tells
		return true
	case "PL":
		nip, filled := strings.CutSuffix(body, "00000")
		return filled && business(vatPL(nip))
	case "SE":
		return business(vatSE(body + "01"))
	}
	return false
}
