package identifiers

// checkLEI: ISO 17442-1:2020, check digits by ISO 7064, mod 97-10.
func checkLEI(number string) finding {
	switch {
	case len(number) != 20:
		return bad(LEILength)
	case !alphanumeric(number[:18]) || !digits(number[18:]):
		return bad(LEICharacters)
	case blank(number[:18]):
		return bad(AllZeros)
	case mod97(number) != 1:
		return bad(LEICheck)
	}
	return unless(alias(number[18:]), LEIAliasDigits)
}

// checkIBAN: ISO 13616-1:2020 with the length and the structure that the
// country has in the registry, without which a wrong length can fit the sum.
func checkIBAN(number string) finding {
	if len(number) < 4 || !letter(number[0]) || !letter(number[1]) || !alphanumeric(number) {
		return bad(IBANStructure)
	}
	structure, known := ibanStructures[number[:2]]
	switch {
	case !known:
		return unchecked(IBANCountry)
	case len(number) != 4+lengthOf(structure):
		return bad(IBANLength)
	case !digits(number[2:4]) || !follows(number[4:], structure):
		return bad(IBANStructure)
	case blank(number[4:]):
		return bad(AllZeros)
	case mod97(number[4:]+number[:4]) != 1:
		return bad(IBANCheck)
	}
	return unless(alias(number[2:4]), IBANAliasDigits)
}

// checkGLN: GS1 General Specifications 7.9. A trade item number of 13 digits
// fits it as well; nothing in the number tells the two apart.
func checkGLN(number string) finding {
	switch {
	case len(number) != 13 || !digits(number):
		return bad(GLNShape)
	case blank(number):
		return bad(AllZeros)
	case ahv(number): // GS1 has given nobody 756
		return bad(PersonalID).ofPerson(true)
	}
	return unless(weighted(number, []int{1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1})%10 != 0, GLNCheck)
}
