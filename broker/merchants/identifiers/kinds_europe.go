package identifiers

import "strings"

// svnr: a serial number, its check digit in the fourth place, the date of birth; where a day
// has no more of them the month is 13 to 15.
func svnr(n string) bool {
	if !sized(n, 10) || n[0] == '0' || !monthDay("01", n[4:6], 0, 0) || n[6:8] == "00" || n[6:8] > "15" {
		return false
	}
	return weighted(n, []int{3, 7, 9, 0, 5, 8, 4, 2, 1, 6})%11 == int(n[3]-'0')
}

// ticCY: those of persons begin with 0; the digits in odd places count otherwise.
func ticCY(n string) bool {
	if len(n) != 9 || n[0] != '0' || !sized(n[:8], 8) {
		return false
	}
	sum := 0
	for i := range 8 {
		d := int(n[i] - '0')
		if i%2 == 0 {
			d = []int{1, 0, 5, 7, 9, 13, 15, 17, 19, 21}[d]
		}
		sum += d
	}
	return n[8] == 'A'+byte(sum%26) //nolint:gosec // below 26
}

// insuredDE: VKVV § 2: area, date of birth (50 is added to the day where there is no more),
// first letter of the name at birth, serial number, check digit over cross sums.
func insuredDE(n string) bool {
	if len(n) != 12 || !sized(n[:8], 8) || !letter(n[8]) || !digits(n[9:]) || !monthDay(n[4:6], n[2:4], 0, 50) {
		return false
	}
	spelt := n[:8] + twoDigits(int(n[8]-'A')+1) + n[9:11]
	sum := 0
	for i, w := range []int{2, 1, 2, 5, 7, 1, 2, 1, 2, 1, 2, 1} {
		sum += crossSum(w * int(spelt[i]-'0'))
	}
	return sum%10 == int(n[11]-'0')
}

func twoDigits(v int) string { return string([]byte{'0' + byte(v/10), '0' + byte(v%10)}) } //nolint:gosec // below 100

// personasKods: date of birth and century, mod 11; those that are given since 2017 begin
// with 32, and tell nothing.
func personasKods(n string) bool {
	switch {
	case !sized(n, 11):
		return false
	case n[:2] == "32":
		return true
	case n[6] > '2' || !monthDay(n[2:4], n[:2], 0, 0):
		return false
	}
	return (1101-weighted(n, []int{1, 6, 3, 7, 9, 10, 5, 8, 4, 2}))%11 == int(n[10]-'0')
}

// nifES: those of persons who have no DNI yet, or live abroad, begin with K, L or M.
func nifES(n string) bool {
	if len(n) == 9 && strings.IndexByte("KLM", n[0]) >= 0 {
		return digits(n[1:8]) && special(n).outcome == Suspect
	}
	return dni(n)
}

// nuss: province, serial number, and both as one number mod 97; of short serial numbers the
// zeros before them do not count.
func nuss(n string) bool {
	if !sized(n, 12) || n[:2] == "00" || n[:2] > "66" {
		return false
	}
	body := n[:10]
	if n[2] == '0' {
		body = n[:2] + n[3:10]
	}
	return mod97(body) == atoi(n[10:])
}

// fiscalFR: the first ten digits mod 511; the first is 0 to 3.
func fiscalFR(n string) bool {
	return sized(n, 13) && n[0] <= '3' && atoi(n[:10])%511 == atoi(n[10:])
}

// nirBody: as forms ask for it, without what proves it.
func nirBody(n string) bool { return len(n) == 13 && nir(n+"00") }

// amka: date of birth, Luhn.
func amka(n string) bool { return sized(n, 11) && monthDay(n[2:4], n[:2], 0, 0) && luhn(n) }

// afm: the powers of two, mod 11. Businesses have it as well.
func afm(n string) bool {
	return sized(n, 9) && weighted(n, []int{256, 128, 64, 32, 16, 8, 4, 2})%11%10 == int(n[8]-'0')
}

// jmbg: day, month, the last three digits of the year, region, serial number, mod 11.
func jmbg(n string) bool {
	if !sized(n, 13) || !monthDay(n[2:4], n[:2], 0, 0) || n[4] != '9' && n[4] != '0' {
		return false
	}
	return (11-weighted(n, []int{7, 6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2})%11)%11%10 == int(n[12]-'0')
}

// taxpayerSI: mod 11. Businesses have it as well.
func taxpayerSI(n string) bool {
	return sized(n, 8) && n[0] != '0' && (11-weighted(n, []int{8, 7, 6, 5, 4, 3, 2})%11)%11%10 == int(n[7]-'0')
}

// taxpayerHU: 8, the days since 1867, mod 11 by the places.
func taxpayerHU(n string) bool {
	return sized(n, 10) && n[0] == '8' && weighted(n, []int{1, 2, 3, 4, 5, 6, 7, 8, 9})%11 == int(n[9]-'0')
}

// personalHU: sex and century, date of birth, mod 11 by the places, which count backwards
// since 1997.
func personalHU(n string) bool {
	if !sized(n, 11) || n[0] == '0' || n[0] == '9' || !monthDay(n[3:5], n[5:7], 0, 0) {
		return false
	}
	last := int(n[10] - '0')
	return weighted(n, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10})%11 == last || weighted(n, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1})%11 == last
}

// pps: mod 23, which counts the second letter since 2013. H is for what is no person.
func pps(n string) bool {
	if len(n) < 8 || len(n) > 9 || !sized(n[:7], 7) || !letter(n[7]) {
		return false
	}
	second, sum := 0, weighted(n, []int{8, 7, 6, 5, 4, 3, 2})
	if len(n) == 9 {
		at := strings.IndexByte("ABTWX", n[8])
		if at < 0 {
			return false
		}
		if at < 2 { // T, W and X are older, and do not count
			second = 9 * (at + 1)
		}
	}
	return n[7] == "WABCDEFGHIJKLMNOPQRSTUV"[(sum+second)%23]
}

// matricule: date of birth, serial number, Luhn, and Verhoeff over the same.
func matricule(n string) bool {
	if !sized(n, 13) || n[:2] < "18" || n[:2] > "20" || !monthDay(n[4:6], n[6:8], 0, 0) {
		return false
	}
	return luhn(n[:12])
}

// nifPT: those of persons begin with 1, 2, 3 or 45; mod 11.
func nifPT(n string) bool {
	if !sized(n, 9) || n[0] > '3' && n[:2] != "45" || n[0] == '0' {
		return false
	}
	rest := weighted(n, []int{9, 8, 7, 6, 5, 4, 3, 2}) % 11
	return (11-rest)%11%10 == int(n[8]-'0')
}

// citizenPT: Luhn over digits and letters, which count from 10.
func citizenPT(n string) bool {
	if len(n) != 12 || !digits(n[:9]) || !letter(n[9]) || n[11] < '0' || n[11] > '9' {
		return false
	}
	sum := 0
	for i := range 12 {
		v := base36(n[i])
		if i%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}

// nhs: mod 11.
func nhs(n string) bool {
	return sized(n, 10) && weighted(n, []int{10, 9, 8, 7, 6, 5, 4, 3, 2, 1})%11 == 0
}

// utr: the check digit comes first.
func utr(n string) bool {
	return sized(n, 10) && n[0] == "21987654321"[weighted(n[1:], []int{6, 7, 8, 9, 10, 5, 4, 3, 2})%11]
}

// ahv: the country in ISO 3166, and the check digit of GS1.
func ahv(n string) bool {
	return sized(n, 13) && n[:3] == "756" && weighted(n, []int{1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1, 3, 1})%10 == 0
}

// fodselsnummer: date of birth (40 is added to the day of who is not registered, 40 or 80 to
// the month in tests and hospitals), serial number, mod 11 twice.
func fodselsnummer(n string) bool {
	return sized(n, 11) && monthDay(n[2:4], n[:2], 40, 40) &&
		weighted(n, []int{3, 7, 6, 1, 8, 9, 4, 5, 2, 1})%11 == 0 && weighted(n, []int{5, 4, 3, 2, 7, 6, 5, 4, 3, 2, 1})%11 == 0
}

// kennitala: date of birth, two digits, mod 11, century. Businesses have 40 added to the day.
func kennitala(n string) bool {
	return sized(n, 10) && monthDay(n[2:4], n[:2], 0, 0) && n[9] != '1' && (n[9] == '0' || n[9] >= '8') && weighted(n, []int{3, 2, 7, 6, 5, 4, 3, 2, 1})%11 == 0
}

// kimlik: two check digits mod 10.
func kimlik(n string) bool {
	if !sized(n, 11) || n[0] == '0' {
		return false
	}
	first := weighted(n, []int{7, 9, 7, 9, 7, 9, 7, 9, 7}) % 10
	return first == int(n[9]-'0') && weighted(n, []int{1, 1, 1, 1, 1, 1, 1, 1, 1, 1})%10 == int(n[10]-'0')
}

// rnokpp: the days since 1899, serial number, mod 11.
func rnokpp(n string) bool {
	return sized(n, 10) && weighted(n, []int{10, 5, 7, 9, 4, 6, 10, 5, 7})%11%10 == int(n[9]-'0')
}

// innRU: that of a person has two check digits.
func innRU(n string) bool {
	return sized(n, 12) && weighted(n, []int{7, 2, 4, 10, 3, 5, 9, 4, 6, 8})%11%10 == int(n[10]-'0') &&
		weighted(n, []int{3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8})%11%10 == int(n[11]-'0')
}

// snils: mod 101.
func snils(n string) bool {
	return sized(n, 11) && weighted(n, []int{9, 8, 7, 6, 5, 4, 3, 2, 1})%101%100 == atoi(n[9:])
}
