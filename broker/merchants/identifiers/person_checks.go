package identifiers

import "strings"

func monthDay(month, day string, step, more int) bool {
	if !digits(month) || !digits(day) {
		return false
	}
	m, d := atoi(month), atoi(day)
	if step > 0 {
		m %= step
	}
	if d > more {
		d -= more
	}
	return m >= 1 && m <= 12 && d >= 1 && d <= 31
}

// peselDate: 20, 40, 60 or 80 is added to the month for the century.
func peselDate(n string) bool { return monthDay(n[2:4], n[4:6], 20, 0) }

// swedishDate: 60 is added to the day of who is not registered.
func swedishDate(n string) bool {
	if len(n) == 12 {
		if n[:2] != "19" && n[:2] != "20" {
			return false
		}
		n = n[2:]
	}
	return monthDay(n[2:4], n[4:6], 0, 0) || monthDay(n[2:4], n[4:6], 0, 60)
}

// fiscalCode: D.M. 23 dicembre 1976: characters in odd places count otherwise.
func fiscalCode(n string) bool {
	if !fiscal.MatchString(n) {
		return false
	}
	const odd = "BAKPLCQDREVOSFTGUHMINJWZYX" // the letter that stands for each sum of one character
	sum := 0
	for i := range 15 {
		v := int(n[i] - 'A')
		if !letter(n[i]) {
			v = int(n[i] - '0')
		}
		if i%2 == 0 {
			v = strings.IndexByte(odd, 'A'+byte(v)) //nolint:gosec // below 26
		}
		sum += v
	}
	return n[15] == 'A'+byte(sum%26) //nolint:gosec // below 26
}

// taxpayerDE: AO § 139b: of the first ten digits one is there twice or three times, the
// others once or not at all.
func taxpayerDE(n string) bool {
	if !sized(n, 11) || n[0] == '0' || !hybrid11(n) {
		return false
	}
	var of [10]int
	for i := range 10 {
		of[n[i]-'0']++
	}
	again := 0
	for _, k := range of {
		if k > 3 {
			return false
		}
		if k > 1 {
			again++
		}
	}
	return again == 1
}

// nirKey: of Corsica, 2A counts as 19 and 2B as 18.
func nirKey(n string) bool {
	if !nir(n) {
		return false
	}
	department := n[5:7]
	switch department {
	case "2A":
		department = "19"
	case "2B":
		department = "18"
	}
	body := n[:5] + department + n[7:13]
	return digits(body) && atoi(n[13:]) == 97-mod97(body)
}

// cpf: two check digits mod 11; eleven equal ones fit, and are nobody's.
func cpf(n string) bool {
	if !sized(n, 11) || strings.Count(n, n[:1]) == 11 {
		return false
	}
	for at := 9; at < 11; at++ {
		sum := 0
		for i := range at {
			sum += (at + 1 - i) * int(n[i]-'0')
		}
		if want := sum * 10 % 11 % 10; want != int(n[at]-'0') {
			return false
		}
	}
	return true
}

// bsn: Wet algemene bepalingen burgerservicenummer; one number in eleven passes it.
func bsn(n string) bool {
	return sized(n, 9) && weighted(n, []int{9, 8, 7, 6, 5, 4, 3, 2, 10})%11 == 0
}

// americanArea: what an SSN can begin with, and what none of its parts is.
func americanArea(n string) bool {
	return n[0] != '9' && n[:3] != "000" && n[:3] != "666" && n[3:5] != "00" && n[5:] != "0000"
}

// birthNumber: zákon 133/2000 Sb., § 13, and its Slovak sister: 50 is added to the month of
// women, 20 where a day has no more numbers; since 1954 there is a tenth digit, mod 11.
func birthNumber(n string) bool {
	if len(n) != 9 && len(n) != 10 || !digits(n) || !bornOn(n) {
		return false
	}
	if len(n) == 9 {
		return n[:2] < "54"
	}
	return atoi(n)%11 == 0 || atoi(n[:9])%11 == 10 && n[9] == '0'
}

// bornOn: the month is that of a man or a woman, of a first or a second series.
func bornOn(n string) bool {
	month := atoi(n[2:4]) % 50
	return month%20 >= 1 && month%20 <= 12 && month < 40 && monthDay("01", n[4:6], 0, 0)
}

// cnp: Legea 105/1996 and H.G. 839/2006: sex and century, date, county, mod 11.
func cnp(n string) bool {
	if !sized(n, 13) || n[0] == '0' || !monthDay(n[3:5], n[5:7], 0, 0) {
		return false
	}
	rest := weighted(n, []int{2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9}) % 11
	return int(n[12]-'0') == rest || rest == 10 && n[12] == '1'
}

// hetu: laki 661/2009: date, a mark for the century, three digits, mod 31.
func hetu(n string) bool {
	if len(n) == 11 && letter(n[6]) {
		n = n[:6] + n[7:]
	}
	return len(n) == 10 && digits(n[:9]) && monthDay(n[2:4], n[:2], 0, 0) && n[9] == "0123456789ABCDEFHJKLMNPRSTUVWXY"[atoi(n[:9])%31]
}

// egn: Закон за гражданската регистрация, чл. 11: 20 or 40 is added to the month for the
// century, mod 11.
func egn(n string) bool {
	return sized(n, 10) && n[2] < '6' && monthDay(n[2:4], n[4:6], 20, 0) && weighted(n, []int{2, 4, 8, 5, 10, 9, 7, 3, 6})%11%10 == int(n[9]-'0')
}

// balticCode: EVS 585 and its Lithuanian sister: sex and century, date, mod 11 twice.
func balticCode(n string) bool {
	if !sized(n, 11) || n[0] == '0' || n[0] > '8' || !monthDay(n[3:5], n[5:7], 0, 0) {
		return false
	}
	rest := weighted(n, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 1}) % 11
	if rest == 10 {
		rest = weighted(n, []int{3, 4, 5, 6, 7, 8, 9, 1, 2, 3}) % 11 % 10
	}
	return rest == int(n[10]-'0')
}
