package identifiers

import "strings"

// vatES: Real Decreto 1065/2007, art. 18 to 25; Orden EHA/451/2008. A person has
// a DNI or NIE; K, L and M begin the numbers of persons who have neither; all
// other letters are those of organisations.
func vatES(number string) finding {
	if len(number) != 9 || !alphanumeric(number) || !digits(number[1:8]) {
		return bad(VATShape)
	}
	if blank(number[1:8]) {
		return bad(AllZeros)
	}
	first := number[0]
	switch {
	case !letter(first) || strings.IndexByte("XYZ", first) >= 0:
		return unless(!dni(number), VATCheck).ofPerson(true)
	case strings.IndexByte("KLM", first) >= 0:
		return special(number).ofPerson(true)
	case strings.IndexByte("ABCDEFGHJNPQRSUVW", first) >= 0:
		return organisation(number)
	}
	return bad(VATShape)
}

// special: some sources have the letter of the DNI, others that of organisations.
func special(number string) finding {
	if number[8] == dniLetters[atoi(number[1:8])%23] || number[8] == "JABCDEFGHI"[spanishControl(number)] {
		return doubtful(VATSpecialPerson)
	}
	return bad(VATCheck)
}

// organisation: the control is a digit, or the letter that stands for it. Which
// of them is settled for some types; the other is then for a person to look at.
func organisation(number string) finding {
	control := spanishControl(number)
	asDigit, asLetter := number[8] == '0'+byte(control), number[8] == "JABCDEFGHI"[control] //nolint:gosec // one digit
	switch {
	case !asDigit && !asLetter:
		return bad(VATCheck)
	case asLetter && strings.IndexByte("ABEH", number[0]) >= 0, asDigit && strings.IndexByte("NPQRSW", number[0]) >= 0:
		return doubtful(VATControlKind)
	}
	return good()
}

// spanishControl is the Luhn digit of the seven.
func spanishControl(number string) int {
	sum := 0
	for i := 1; i < 8; i++ {
		d := int(number[i] - '0')
		if i%2 == 1 {
			d = crossSum(2 * d)
		}
		sum += d
	}
	return (10 - sum%10) % 10
}
