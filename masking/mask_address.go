package masking

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// maskPlace masks an address by the rules of its country; what no rule knows is
// the country alone. A locality's mask says less than the address's, never
// something else: both views together are the address's.
func maskPlace(f Field, a Address) string {
	p := canonicalAddress{
		City: a.City.Reveal(), Region: a.Region.Reveal(), PostalCode: a.PostalCode.Reveal(), Country: a.Country,
	}
	if !ValidCountry(p.Country) || tinyCountry(p.Country) {
		return Hidden
	}
	p.City, p.Region = tidy(p.City), tidy(p.Region)
	p.PostalCode = strings.ToUpper(tidy(p.PostalCode))
	if f == Locality {
		p.City, p.PostalCode = "", ""
	}
	switch p.Country {
	case "US":
		return maskUS(p)
	case "GB":
		return maskGB(p)
	case "DE":
		return maskDE(p)
	case "FR":
		return maskFR(p)
	case "CN":
		return maskCN(p)
	case "BR":
		return maskBR(p)
	}
	return p.Country + " " + Hidden
}

func tidy(s string) string {
	if !utf8.ValidString(s) {
		return ""
	}
	return strings.TrimSpace(norm.NFC.String(s))
}

// maskUS shows the state and what HIPAA's safe harbour allows of a ZIP code
// (45 CFR 164.514(b)(2)(i)(B)): its first three digits, or 000 where they have
// 20,000 residents or fewer.
func maskUS(p canonicalAddress) string {
	state := usState(p.Region)
	zip, _, _ := strings.Cut(p.PostalCode, "-")
	if len(zip) != 5 || !allDigits(zip) {
		return state + " " + Hidden
	}
	if listed(smallZIP3, zip[:3]) {
		return state + " 000••"
	}
	return state + " " + zip[:3] + "••"
}

// usState is the two letters of a state, or of the country.
func usState(region string) string {
	region = strings.ToUpper(region)
	if len(region) == 2 && listed(usStates, region) {
		return region
	}
	_, after, found := strings.Cut(usStateNames, ";"+region+"=")
	if !found || region == "" {
		return "US"
	}
	return after[:2]
}

// maskGB shows the outward code, or its area where districts have few
// residents: the Highlands and Islands, mid-Wales, and London's business
// districts.
func maskGB(p canonicalAddress) string {
	outward := p.PostalCode
	if n := len(outward); n >= 5 && isInward(outward[n-3:]) {
		outward = strings.TrimSpace(outward[:n-3])
	}
	area := strings.TrimRight(outward, "0123456789")
	district := strings.TrimPrefix(outward, area)
	if n := len(outward); district == "" && n >= 3 && n <= 4 { // EC1A: the letter splits a district of few residents
		area = strings.TrimRight(outward[:n-1], "0123456789")
		district = strings.TrimPrefix(outward[:n-1], area)
	}
	if !listed(gbAreas, area) || len(district) < 1 || len(district) > 2 {
		return "GB " + Hidden
	}
	if listed(gbSparse, area) {
		return area + " " + Hidden
	}
	return area + district + " " + Hidden
}

// isInward is lax about the letters: reserved codes use ones that none has.
func isInward(s string) bool {
	return allDigits(s[:1]) && s[1] >= 'A' && s[1] <= 'Z' && s[2] >= 'A' && s[2] <= 'Z'
}

// maskDE shows the Leitregion, a tenth of a tenth of the country.
func maskDE(p canonicalAddress) string {
	if len(p.PostalCode) != 5 || !allDigits(p.PostalCode) || p.PostalCode[:2] == "00" {
		return "DE " + Hidden
	}
	return "DE " + p.PostalCode[:2] + Hidden
}

// maskFR shows the département, and the city if it is one of the biggest.
func maskFR(p canonicalAddress) string {
	if len(p.PostalCode) != 5 || !allDigits(p.PostalCode) {
		return "FR " + Hidden
	}
	dept := p.PostalCode[:2]
	switch {
	case dept == "97":
		dept = p.PostalCode[:3]
		if !listed(" 971 972 973 974 976 ", dept) { // the other collectivities are small
			return "FR " + Hidden
		}
	case dept < "01" || dept > "95":
		return "FR " + Hidden
	}
	for _, c := range frCities {
		if c.dept == dept && strings.EqualFold(c.name, p.City) {
			return c.name + " (" + dept + ")"
		}
	}
	return "(" + dept + ")"
}

// maskBR shows the state and the first two digits of the CEP: a sector and
// sub-region of a million people or more.
func maskBR(p canonicalAddress) string {
	state := strings.ToUpper(p.Region)
	if len(state) != 2 || !listed(brStates, state) {
		state = "BR"
	}
	cep := strings.Replace(p.PostalCode, "-", "", 1)
	if len(cep) != 8 || !allDigits(cep) {
		return state + " " + Hidden
	}
	return state + " " + cep[:2] + "•••-•••"
}

// maskCN shows province and city or district, as long as they are that: the
// city of an unknown shape may be a street. Of provinces with small counties it
// shows the province.
func maskCN(p canonicalAddress) string {
	province, city := cnProvince(p.Region), p.City
	if province == "" && p.Region == "" {
		for _, full := range cnProvinces {
			if rest, ok := strings.CutPrefix(city, full); ok {
				province, city = full, rest
			}
		}
	}
	if province == "" {
		return "CN " + Hidden
	}
	city = strings.TrimPrefix(city, province)
	if !isCNCity(city) || strings.Contains(cnSparse, province) {
		city = ""
	}
	return province + city + Hidden
}

func cnProvince(region string) string {
	for _, full := range cnProvinces {
		if region == full || utf8.RuneCountInString(region) >= 2 && strings.HasPrefix(full, region) {
			return full
		}
	}
	return ""
}

func isCNCity(s string) bool {
	n := utf8.RuneCountInString(s)
	if n < 2 || n > 9 {
		return false
	}
	for _, r := range s {
		if scriptOf(r) != han || strings.ContainsRune("路街道巷弄号楼栋幢室单元园苑院庄小社村镇乡屯组", r) {
			return false
		}
	}
	for _, end := range []string{"市", "区", "县", "州", "盟"} {
		if strings.HasSuffix(s, end) {
			return true
		}
	}
	return false
}
