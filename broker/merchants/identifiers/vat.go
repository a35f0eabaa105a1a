package identifiers

import "strings"

// checkVAT finds the country's row. A number is kept with its country before
// it, as it is written across borders, however it was given.
func checkVAT(country, given, number string, form Code) Result {
	country, _ = normalise(country)
	if country == "" && len(number) > 2 && letter(number[0]) && letter(number[1]) {
		country = number[:2]
	}
	if country == "GR" {
		country = "EL"
	}
	switch {
	case country == "":
		return result(guard(unchecked(VATCountryMissing), people[:1], given, folded(number)).abroad("", number), number)
	case len(country) != 2 || !letter(country[0]) || !letter(country[1]):
		return result(guard(unchecked(VATCountryUnsupported), people[:1], given, folded(number)), number)
	}
	body := national(country, number)
	if len(body) > 32 {
		body, form = "", TooLong
	}
	row, known := rowOf(VAT, country)
	if !known {
		row = Row{Kind: VAT, Country: country, check: func(string) finding { return unchecked(VATCountryUnsupported) }}
	}
	f := row.judge(body, given, form)
	if !known {
		f = f.abroad(country, body)
	}
	if f.code == VATShape && len(body) > 2 && vatCountry(body[:2]) {
		f.code = VATCountry
	}
	return result(f, country+body)
}

// abroad: what nobody checks is still looked at for whose it would be. In some countries
// persons pay VAT under their own number: it waits for people, and is not public.
func (f finding) abroad(country, number string) finding {
	switch {
	case f.outcome == Invalid:
	case OwnPerson(country, number) == Proved:
		return f.ofPerson(true)
	case OfPerson(Whose{Countries: []string{country}}, number) == Proved:
		return bad(PersonalID).ofPerson(true)
	}
	return f
}

// national is a number without its country.
func national(country, number string) string {
	if country == "EL" {
		number = strings.TrimPrefix(number, "GR")
	}
	return strings.TrimPrefix(number, country)
}

// vatCountry says that VAT numbers begin with these letters.
func vatCountry(letters string) bool {
	return listed(" BG CY CZ EE EL FI GR HR HU IE LT LU LV MT PT RO SI SK ", letters) || listed(checked, letters)
}

const checked = " DE FR IT BE NL ES PL AT SE DK GB XI "

// fits is good for digits of a length that are not all zero and pass the sum.
func fits(number string, length int, sum func(string) bool) finding {
	switch {
	case len(number) != length || !digits(number):
		return bad(VATShape)
	case blank(number):
		return bad(AllZeros)
	}
	return unless(!sum(number), VATCheck)
}

// vatDE: UStG § 27a; ISO 7064, mod 11,10.
func vatDE(number string) finding {
	if number != "" && number[0] == '0' && !blank(number) {
		return bad(VATShape)
	}
	return fits(number, 9, hybrid11)
}

// vatFR: CGI art. 286 ter and annexe IV; the key is made of the SIREN. The rule
// for keys with a letter is not published, so those are for a person.
func vatFR(number string) finding {
	switch {
	case len(number) != 11 || !frenchKey(number[0]) || !frenchKey(number[1]) || !digits(number[2:]):
		return bad(VATShape)
	case blank(number[2:]):
		return bad(AllZeros)
	}
	siren, lettered := number[2:], !digits(number[:2])
	switch {
	case !lettered && atoi(number[:2]) != (12+3*mod97(siren))%97:
		return bad(VATCheck)
	case !luhn(siren) && strings.HasPrefix(siren, "000"):
		return doubtful(VATMonaco)
	case !luhn(siren):
		return bad(VATSiren)
	case lettered:
		return doubtful(VATLetterKey)
	}
	return good()
}

func frenchKey(c byte) bool { return plain(c) && c != 'I' && c != 'O' }

// vatIT: D.P.R. 633/1972, art. 35; Luhn.
func vatIT(number string) finding { return fits(number, 11, luhn) }

// vatBE: Code de la TVA, art. 50; the number of the Crossroads Bank.
func vatBE(number string) finding {
	if number != "" && number[0] > '1' {
		return bad(VATShape)
	}
	return fits(number, 10, func(n string) bool { return atoi(n[8:]) == 97-mod97(n[:8]) })
}

// vatNL: Wet OB 1968. Companies have the number of the tax office, by the test
// of eleven; since 2020 sole traders have one by mod 97-10 over the whole. The
// older ones of sole traders were their citizen's number, and pass the first.
func vatNL(number string) finding {
	switch {
	case len(number) != 12 || !digits(number[:9]) || number[9] != 'B' || !digits(number[10:]):
		return bad(VATShape)
	case blank(number[:9]):
		return bad(AllZeros)
	case number[10:] == "00":
		return bad(VATSuffix)
	}
	eleven := weighted(number, []int{9, 8, 7, 6, 5, 4, 3, 2, 10})%11 == 0 // 10 is -1
	return unless(!eleven && mod97("NL"+number) != 1, VATCheck)
}

// vatPL: Ustawa o zasadach ewidencji i identyfikacji podatników, the NIP.
func vatPL(number string) finding {
	return fits(number, 10, func(n string) bool {
		return weighted(n, []int{6, 5, 7, 2, 3, 4, 5, 6, 7})%11 == int(n[9]-'0')
	})
}

// vatAT: UStG 1994, Art. 28; U and eight digits.
func vatAT(number string) finding {
	body, found := strings.CutPrefix(number, "U")
	if !found {
		return bad(VATShape)
	}
	return fits(body, 8, func(n string) bool {
		sum := 0
		for i := range 7 {
			d := int(n[i] - '0')
			if i%2 == 1 {
				d = crossSum(2 * d)
			}
			sum += d
		}
		return int(n[7]-'0') == (96-sum)%10 // 6 less the sum, which is at most 63
	})
}

// vatSE: Skatteförfarandelagen (2011:1244), 7 kap.; the organisation number and
// 01. The third digit of an organisation's is 2 or more; that of a sole
// trader, who has his own personal number, is the first of a month.
func vatSE(number string) finding {
	f := fits(number, 12, func(n string) bool { return luhn(n[:10]) })
	if f.outcome == Valid && number[10:] != "01" {
		f = bad(VATSuffix)
	}
	return f.ofPerson(len(number) == 12 && number[2] < '2')
}

// vatDK: Momsloven § 47, CVR-loven; mod 11.
func vatDK(number string) finding {
	if number != "" && number[0] == '0' && !blank(number) {
		return bad(VATShape)
	}
	return fits(number, 8, func(n string) bool { return weighted(n, []int{2, 7, 6, 5, 4, 3, 2, 1})%11 == 0 })
}

// vatGB: Value Added Tax Act 1994, Sch. 11; HMRC's two rules for the last two
// digits, the older one and the one that begins at 55. Three digits of a branch
// may follow.
func vatGB(number string) finding {
	if len(number) == 5 && digits(number[2:]) && (number[:2] == "GD" && number[2] < '5' || number[:2] == "HA" && number[2] >= '5') {
		return doubtful(VATGovernment)
	}
	if len(number) == 12 && digits(number) {
		number = number[:9]
	}
	return fits(number, 9, func(n string) bool {
		rest := weighted(n, []int{8, 7, 6, 5, 4, 3, 2, 10, 1}) % 97
		return rest == 0 || rest == 42
	})
}
