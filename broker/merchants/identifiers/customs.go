package identifiers

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

func eori(country, body string) finding {
	switch {
	case !listed(eoriCountries, country):
		return unchecked(EORICountry)
	case len(body) < 1 || len(body) > 15:
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

// eoriOfPerson: some countries put a person's own number after their letters,
// and the Dutch one can be a citizen's.
func eoriOfPerson(country, body string) bool {
	if country == "NL" {
		return true
	}
	for _, p := range persons(EORI, country) {
		if p.is(body, body) {
			return true
		}
	}
	return OfPerson([]string{country}, body) == Proved
}
