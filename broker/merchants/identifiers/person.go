package identifiers

import (
	"regexp"
	"strconv"
	"strings"
)

// person is a number that the state gives to a natural person. None of them
// belongs where a business number does.
type person struct {
	country string

	is func(given, number string) bool
	// sure: the way it is written is enough, whatever check the number passes.
	sure bool
}

// people are looked for where the number's check fails, in the fields of their
// country; a resident's of China everywhere.
var people = []person{
	{"CN", func(_, n string) bool { return residentID(n) }, false},
	{"ES", func(_, n string) bool { return dni(n) }, false},
	{"IT", func(_, n string) bool { return fiscal.MatchString(n) }, false},
	{"PL", func(_, n string) bool { return pesel(n) }, false},
	{"DE", func(_, n string) bool { return sized(n, 11) && hybrid11(n) }, false},
	{"FR", func(_, n string) bool { return nir(n) }, false},
	{"BE", func(_, n string) bool { return registered(n) }, false},
	{"SE", func(_, n string) bool { return personnummer(n) }, false},
	{"US", func(given, _ string) bool { return ssn.MatchString(given) }, true},
}

// persons are those that a number of a kind and country could be in truth.
func persons(kind Kind, country string) []person {
	if kind == EIN {
		country = "US"
	}
	for i := range people {
		if people[i].country == country && country != "CN" {
			return []person{people[0], people[i]}
		}
	}
	return people[:1]
}

func sized(number string, length int) bool {
	return len(number) == length && digits(number) && !blank(number)
}

const dniLetters = "TRWAGMYFPDXBNJZSQVHLCKE"

// dni: an NIE is X, Y or Z for 0, 1 or 2.
func dni(number string) bool {
	if len(number) != 9 {
		return false
	}
	body := number[:8]
	if i := strings.IndexByte("XYZ", body[0]); i >= 0 {
		body = strconv.Itoa(i) + body[1:]
	}
	n, err := strconv.Atoi(body)
	return err == nil && digits(body) && n > 0 && number[8] == dniLetters[n%23]
}

// fiscal is the shape of a codice fiscale, whose digits may be letters where
// two persons would have the same.
var fiscal = regexp.MustCompile(`^[A-Z]{6}[0-9LMNP-V]{2}[A-EHLMPRST][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z]$`)

var ssn = regexp.MustCompile(`^\s*[0-8][0-9]{2}[- ][0-9]{2}[- ][0-9]{4}\s*$`)

func pesel(number string) bool {
	return sized(number, 11) && weighted(number, []int{1, 3, 7, 9, 1, 3, 7, 9, 1, 3, 1})%10 == 0
}

// nir: sex, year, month, department. A month that is not known is written as one from 20
// to 42 or from 50; the key differs for Corsica, so the shape is enough.
func nir(number string) bool {
	if len(number) != 15 || number[0] != '1' && number[0] != '2' || !digits(number[1:5]) || !digits(number[7:]) {
		return false
	}
	month, department := atoi(number[3:5]), number[5:7]
	return (month >= 1 && month <= 12 || month >= 20 && month <= 42 || month >= 50) &&
		(digits(department) && department != "00" || department == "2A" || department == "2B")
}

func registered(number string) bool {
	if !sized(number, 11) {
		return false
	}
	key := atoi(number[9:])
	return key == 97-mod97(number[:9]) || key == 97-mod97("2"+number[:9]) // who was born from 2000 on
}

// personnummer: YYMMDD, 60 added to the day of who is not registered, and a Luhn
// digit; the century before it in some.
func personnummer(number string) bool {
	if len(number) == 12 {
		number = number[2:]
	}
	return sized(number, 10) && number[2] < '2' && luhn(number)
}

func atoi(s string) int {
	n := 0
	for i := range len(s) {
		n = n*10 + int(s[i]-'0')
	}
	return n
}
