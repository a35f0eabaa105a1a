package merchants_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
)

// A person's number is refused in a public field where its people live, or beside its
// name; and a long one however it is parted, of whatever country, in whatever field.
func TestPersonsNumbersAreRefused(t *testing.T) {
	t.Parallel()
	french := german.but(values{"/registration/country": "FR", "/registration/register": "Paris", "/registration/number": "732829320", "/tax/0/country": "FR", "/tax/0/number": "44732829320"})
	eu := func(v values) *Registration { return registration(EU, Company, v, "lawful_goods") }
	cn := func(v values) *Registration { return registration(CN, Company, chinese.but(v)) }
	named := func(country, name string) *Registration {
		return eu(german.but(values{"/address/country": country, "/trade_name": "Shop " + name}))
	}
	sole := func(country, number string) *Registration {
		return registration(EU, SoleTrader, german.but(values{"/registration/country": country, "/registration/number": number}), "lawful_goods")
	}
	const ric = "11010119900307002X"
	all := map[Pointer][]*Registration{
		"/trade_name": {
			cn(values{"/trade_name": "店 110101/19900307/002X"}), cn(values{"/trade_name": "店 110101,19900307,002X"}), cn(values{"/trade_name": "店 (110101)(19900307)(002X)"}),
			cn(values{"/trade_name": "店 110101:19900307:002X"}), cn(values{"/trade_name": "店 110101年19900307号002X"}), cn(values{"/trade_name": "店 110101a19900307a002x"}), cn(values{"/trade_name": "店 1101011990O3O7OO2X"}),
			cn(values{"/trade_name": "店 一一〇一〇一一九九〇〇三〇七〇〇二X"}),
			named("DE", "RSSMRA85T10A562S"), named("DE", "RSS MRA 85T10 A562S"), named("DE", "CF:RSSMRA85T10A562S"), named("DE", "2 69 05 49 588 157 80"), named("DE", "86095742719"),
			named("PL", "44051401359"), named("BE", "85.07.30-033.28"), named("SE", "811218-9876"), named("SE", "19811218-9876"), named("US", "078 05 1120"), named("US", "078-05-1120"),
			named("BR", "529.982.247-25"), named("BR", "52998224725"), named("ES", "93471790C"), named("ES", "93.471.790-C"), named("ES", "X-5102754-C"), named("ES", "Nr.93471790C"),
			named("DE", "ES93471790C"), named("DE", "NIF93471790C"), named("DE", "DNI: 93.471.790-C"), named("DE", "PESEL 44051401359"), named("DE", "cpf 529.982.247-25"),
			named("PL", "44 0514 01359"), named("ES", "93471790 C"), cn(values{"/trade_name": "店 11010119900307002×"}), cn(values{"/trade_name": "店 11010119900307002 *"}),
			cn(values{"/trade_name": "店 110101 l990 0307 002✕"}), cn(values{"/trade_name": "店 IIOIOI|99OO3O7OO2X"}),
		},
		"/certificates/0/number": {cn(values{"/certificates/0/number": ric[:6] + "/" + ric[6:]}), cn(values{"/certificates/0/number": "RSSMRA85T10A562S"}), cn(values{"/certificates/0/number": ric[:17] + "×"})},
		"/address/street":        {cn(values{"/address/street": "文三路 110101/19900307/002X"})},
		"/contact/email":         {eu(german.but(values{"/contact/email": ric + "@example.com"}))},
		"/contact/message_url": {
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/%31%31%30%31%30%31%31%39%39%30%30%33%30%37%30%30%32%58"})),
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/?id=RSSMRA85T10A562S"})),
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/?a=100%&q=1%31010119900307002%58"})),
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/%25252531" + ric[1:]})),
		},
		"/registration/number": {
			eu(french.but(values{"/registration/number": "RSSMRA85T10A562S"})), eu(french.but(values{"/registration/number": "44051401359", "/registration/country": "PL"})),
			eu(german.but(values{"/registration/country": "AT", "/registration/number": "86095742719"})), eu(german.but(values{"/registration/country": "LU", "/registration/number": "86095742719"})),
			sole("HR", "94577403194"), sole("IE", "6433435F"), sole("SI", "50223054"), sole("GR", "094259216"), sole("PT", "123456789"), sole("NL", "111222333"),
		},
		"/tax/0/number": {
			eu(german.but(values{"/tax/0/country": "RO", "/tax/0/number": "RSSMRA85T10A562S"})), eu(german.but(values{"/tax/0/country": "CZ", "/tax/0/number": "CZ8506151236"})),
			eu(german.but(values{"/tax/0/country": "SK", "/tax/0/number": "8506151236"})), eu(german.but(values{"/tax/0/country": "RO", "/tax/0/number": "1800101221144"})),
			eu(german.but(values{"/tax/0/country": "BG", "/tax/0/number": "BG 7523169263"})), eu(german.but(values{"/tax/0/country": "LT", "/tax/0/number": "37605030299"})),
			eu(german.but(values{"/tax/0/country": "LV", "/tax/0/number": "161175-19997"})), eu(german.but(values{"/tax/0/country": "PT", "/tax/0/number": "123456789"})),
			eu(german.but(values{"/tax/0/country": "CY", "/tax/0/number": "00123123T"})),
		},
		"/eori": {
			registration(EU, Company, german.but(values{"/eori": "ES93471790C"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "IE86095742719"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "PL440514013590000"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "ES93471790C000"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "SE81121898760001"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "DE0860957427190"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "AT1237010180"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "DK0101901234"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "PT123456789"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "CZ8506151236"}), "lawful_goods", "publish_identifiers"),
		},
	}
	for at, tries := range all {
		for i, r := range tries {
			a, err := pack(t, r.Jurisdiction).Assess(r)
			want := map[string]string{"": "personal_id_in_public_field", string(at): "personal_id_in_public_field"}
			if got := refusals(err); !maps.Equal(got, want) {
				t.Errorf("%s, %d: %v: %s", at, i, got, outcomes(a)[at])
			}
			noEcho(t, fmt.Sprint(at, i), r, a, err)
		}
	}
}

// What has the shape alone is taken, and people look at it; what belongs to a business by
// its own check digits is nobody else's.
func TestPersonsShapesAreSuspect(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		at   Pointer
		v    values
		want string
	}{
		{"/trade_name", values{"/trade_name": "Shop 219099999"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop AB123456C"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop NL123456782B01"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 110101900307002"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 44051401359"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 811218-9876"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 85.07.30-033.28"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 078-05-1120"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 529.982.247-25"}, "suspect personal_shape public"},
		{"/address/street", values{"/address/street": "Plot 81716335A"}, "suspect personal_shape public"},
		{"/address/street", values{"/address/street": "Tel 8761 618 4111"}, "valid  public"},
		{"/address/street", values{"/address/street": "Tel 01 23 45 67 89, 01 98 76 54 32, 2 69 05 49"}, "valid  public"},
		{"/contact/email", values{"/contact/email": "44051401359@example.com"}, "suspect personal_shape public"},
		{"/registration/number", values{"/registration/country": "FR", "/registration/number": "44051401359"}, "suspect register_shape public"},
		{"/registration/number", values{"/registration/country": "HU", "/registration/number": "01-10-265857"}, "valid shape_only public"},
		{"/registration/number", values{"/registration/country": "HU", "/registration/number": "811218-9876"}, "suspect register_shape public"},
		{"/registration/number", values{"/registration/country": "SI", "/registration/number": "8112189876"}, "unsupported register_unsupported public"},
		{"/trade_name", values{"/trade_name": "Shop 850615/1236"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 855615/1230"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 850615/1237"}, "valid  public"},
		{"/trade_name", values{"/trade_name": "Shop 1800101221144"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 131052-308T"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 131052A308T"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 131052-308U"}, "valid  public"},
		{"/trade_name", values{"/trade_name": "Shop 010190-1234"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 0101901234"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 7523169263"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 37605030299"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop OIB 94577403194", "/address/country": "HR"}, "suspect personal_shape public"},
		{"/trade_name", values{"/trade_name": "Shop 94577403194"}, "valid  public"},
		{"/trade_name", values{"/trade_name": "Route 66 since 1984"}, "valid  public"},
		{"/trade_name", values{"/trade_name": "Via Roma 12, 3/4, 20121"}, "valid  public"},
		{"/contact/email", values{"/contact/email": "219099999@qq.com"}, "valid  public"},
		{"/registration/number", values{"/registration/country": "FR", "/registration/number": "732829320"}, "valid shape_only public"},
		{"/registration/number", values{"/registration/country": "FR", "/registration/number": "RCS 732829320"}, "valid shape_only public"},
		{"/registration/number", values{"/registration/country": "FR", "/registration/number": "123456789"}, "suspect personal_shape public"},
		{"/registration/number", values{"/registration/country": "NL", "/registration/number": "111222333"}, "suspect register_shape public"},
		{"/registration/number", values{"/registration/country": "IT", "/registration/number": "12345678903"}, "valid shape_only public"},
		{"/tax/0/number", values{"/tax/0/country": "HR", "/tax/0/number": "86095742719"}, "unsupported vat_country_unsupported public"},
	} {
		r := registration(EU, Company, german.but(test.v), "lawful_goods")
		a, err := pack(t, EU).Assess(r)
		got := outcomes(a)[test.at]
		if test.at == "/tax/0/number" && got == "unsupported vat_country_unsupported conditional" {
			got = test.want
		}
		if err != nil || got != test.want {
			t.Errorf("%v: %s, want %s (%v)", test.v, got, test.want, refusals(err))
		}
	}
}

// A link to a messenger has the number of a telephone in it, and is lawful; any other link
// with a number that only fits is for people.
func TestLinksToMessengersAreTaken(t *testing.T) {
	t.Parallel()
	for link, want := range map[string]string{
		"https://wa.me/48778240301": "valid ", "https://wa.me/+48778240301?text=hi": "valid ", "https://m.me/100012345678901": "valid ", "https://www.wa.me/48778240301/": "valid ",
		"https://example.com/44051401359": "suspect personal_shape", "https://wa.me/44778240301/44051401359": "suspect personal_shape", "https://wa.me/48778240301?text=44051401359": "suspect personal_shape",
		"https://wa.me/11010119900307002X": "invalid personal_id_in_public_field", "https://m.me/110101199003070020?x=11010119900307002X": "invalid personal_id_in_public_field",
		"https://m.me/52998224725": "suspect personal_shape", "https://api.whatsapp.com/send?phone=48778240301": "valid ", "https://api.whatsapp.com/send?phone=48778240301&text=44051401359": "suspect personal_shape", "https://t.me/+48778240301": "valid ", "https://example.com/%2525252525252531": "suspect personal_shape",
		"https://example.com/?ssn=078-05-1120": "invalid personal_id_in_public_field",
	} {
		r := registration(US, Company, american.but(values{"/contact/message_url": link}))
		a, _ := pack(t, US).Assess(r)
		if got := outcomes(a)["/contact/message_url"]; !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", link, got, want)
		}
	}
}

// Of lawful numbers that look like anything none is refused: what a check lets pass by
// chance is for people.
func TestChanceRefusesNobody(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(1, 2))
	p := pack(t, EU)
	for range 300 {
		n := chance.Uint64N(1e11)
		v := values{
			"/registration/country": "HU", "/registration/number": fmt.Sprintf("%02d-10-%06d", 1+n%20, n%1e6), "/trade_name": fmt.Sprintf("Shop %011d", n),
			"/address/country": "HU", "/address/postal_code": "1011", "/address/street": fmt.Sprintf("Plot %08d%c, %011d", n%1e8, 'A'+rune(n%26), chance.Uint64N(1e11)),
		}
		a, err := p.Assess(registration(EU, Company, german.but(v), "lawful_goods"))
		if got := outcomes(a)["/registration/number"]; err != nil || got != "valid shape_only public" {
			t.Fatalf("%v: %s, %v", v, got, refusals(err))
		}
	}
}

// Whatever stands between its parts, a person's number is refused beside its name, and at
// home where it is parted as people part it. Parted otherwise it is for people to look at,
// and of a foreigner it is none.
func TestPartedNumbers(t *testing.T) {
	t.Parallel()
	const no, look, plain = "invalid personal_id_in_public_field", "suspect personal_shape", "valid "
	p := pack(t, EU)
	for at, names := range map[string]map[string]string{
		"ES": {"DNI 93471790 C": no, "DNI 93.471.790 C": no, "DNI 93471790_C": no, "NIE X 5102754 C": no, "93.471.790 C": no, "934 71790 C": look, "93471790 Calle": plain, "93471790号 C": plain},
		"DE": {"Steuer-ID 86 095 742 719": no, "Steuer-ID 86.095.742.719": no, "86-095-742-719": no, "IdNr. 86/095/742/719": no, "86 095 742 719": no, "860 957 42719": look, "Steuer ID: 860 957 42719": no, "+86 095 742 719": look, "DNI 93471790 C": no},
		"BE": {"NISS 85 07 30 033 28": no, "850730-033-28": no, "85.07.30.033.28": no, "8507 3003328": look, "NISS 8507 3003328": no},
		"SE": {"personnummer 811218 9876": no, "19811218 9876": no, "811 218 9876": look},
		"BR": {"CPF 529 982 247 25": no, "529982247 25": no, "5299 8224725": look}, "US": {"SSN 078.05.1120": no, "078/05/1120": no, "SSN 078 - 05 - 1120": no, "SSN 0780 51120": no, "0780 51120": plain, "312 555 0100": plain},
		"PL": {"PESEL 440514 01359": no, "440514-01359": no, "440 5140 1359": look}, "DK": {"CPR 010190 1234": no, "010190 1234": no, "0101 901234": plain}, "RO": {"CNP 1 800101 221144": no, "1 800101 221144": no, "18001 01221144": look},
		"FI": {"hetu 131052 308T": no, "131052 308T": no}, "GB": {"NINO AB 12 34 56 C": no, "AB 12 34 56 C": no, "AB 12 34 56": plain}, "NL": {"BSN 111.222.333": no, "111 222 333": look}, "SK": {"850615 1236": no, "8506 151236": look, "601 234 567": plain},
		"HR": {"OIB 945 774 031 94": no, "945 774 031 94": plain},
		"IE": {"93471790 C": plain, "86 095 742 719": plain, "44 0514 01359": plain, "811218 9876": plain, "078 05 1120": plain, "010190 1234": plain, "CPR 010190 1234": no, "PESEL 440 5140 1359": no},
	} {
		for name, want := range names {
			v := values{"/trade_name": "Shop " + name, "/registration/country": at, "/registration/number": "", "/registration/register": "", "/address/country": at}
			a, _ := p.Assess(registration(EU, SoleTrader, german.but(v), "lawful_goods"))
			if got := outcomes(a)["/trade_name"]; !strings.HasPrefix(got, want) {
				t.Errorf("%s in %s: %s, want %s", name, at, got, want)
			}
		}
	}
}

// The telephones of a country are refused nowhere, though some fit.
func TestTelephonesAtHomeAreTaken(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(3, 4))
	p := pack(t, EU)
	all := map[string][]string{
		"PL": {"+48 22 ### ## ##", "22 ### ## ##, 22 ### ## ##", "+48 6## ### ###", "48 6## ### ###"}, "DE": {"+49 40 ### ####", "040/###### ##", "+49 1## #### ###", "+48 6## ### ###"},
		"ES": {"+34 9# ### ## ##", "9## ### ###, 6## ## ## ##"}, "BE": {"+32 2 ### ## ##", "+32 4## ## ## ##", "02 ### ## ##, 02 ### ## ##"}, "SE": {"+46 8 ### ### ##", "070 ### ## ##", "08-### ### ##", "0411 ## ## ##"},
		"BR": {"+55 11 9####-####", "(11) ####-####"}, "AT": {"+43 1 #######", "0664 #######", "0664 ######", "06641 ######"}, "BG": {"+359 2 ### ####", "088# ### ###", "087#######", "082 ### ###"},
		"CZ": {"+420 ### ### ###", "6## ### ###", "2########", "3########"}, "SK": {"+421 9## ### ###", "09## ### ###", "02/#### ####", "09########"}, "DK": {"+45 ## ## ## ##", "45########", "## ## ## ##"},
		"EE": {"+372 5### ####", "3725#######", "6## ####"}, "LT": {"+370 6## #####", "3706#######", "8 6## #####"}, "LV": {"+371 2### ####", "371########"}, "FI": {"+358 40 ### ####", "040 #######", "040-#######"},
		"GR": {"+30 21# ### ####", "21########", "3021########"}, "SI": {"+386 1 ### ## ##", "01 ### ## ##"}, "HU": {"+36 1 ### ####", "06 30 ### ####", "3630#######"}, "IE": {"+353 1 ### ####", "01 ### ####", "3531#######"},
		"LU": {"+352 ## ## ## ##", "352########"}, "MT": {"+356 #### ####", "356########"}, "NL": {"+31 20 ### ####", "020-#######", "06########"}, "PT": {"+351 21# ### ###", "9## ### ###", "35121#######"},
		"RO": {"+40 21 ### ####", "0721 ### ###", "0721######"}, "GB": {"+44 20 #### ####", "020 #### ####", "07#########"}, "IT": {"+39 06 #### ####", "06########"}, "HR": {"+385 1 #### ###", "01 #### ###"}, "CY": {"+357 22 ######", "22######"}, "US": {"(312) ###-####", "312 ### ####", "1 312 ### ####"}, "FR": {"01 ## ## ## ##, 01 ## ## ## ##", "+33 1 ## ## ## ##"},
	}
	for _, at := range slices.Sorted(maps.Keys(all)) { // in this order, so that the numbers are the same each time
		shapes := all[at]
		for i := range 150 {
			tel := strings.Map(func(r rune) rune {
				if r == '#' {
					return '0' + rune(chance.IntN(10))
				}
				return r
			}, shapes[i%len(shapes)])
			v := values{"/address/street": "Shop 1, Tel " + tel, "/registration/country": at, "/registration/number": "", "/registration/register": "", "/address/country": at}
			if a, _ := p.Assess(registration(EU, SoleTrader, german.but(v), "lawful_goods")); strings.HasPrefix(outcomes(a)["/address/street"], "invalid") {
				t.Errorf("%s in %s is refused", tel, at)
			}
		}
	}
}

// An account has a number in its link, which is nobody's: a shape counts where its people
// are at home.
func TestLinksToAccountsAreTaken(t *testing.T) {
	t.Parallel()
	chance := rand.New(rand.NewPCG(5, 6))
	p := pack(t, US)
	const profile = "https://www.facebook.com/profile.php?id="
	link := func(at, to string) string {
		a, _ := p.Assess(registration(US, Company, american.but(values{"/contact/message_url": to, "/address/country": at})))
		return outcomes(a)["/contact/message_url"]
	}
	for range 200 {
		if to := fmt.Sprintf("%s1000%011d", profile, chance.Uint64N(1e11)); !strings.HasPrefix(link("DE", to), "valid ") {
			t.Errorf("%s: %s", to, link("DE", to))
		}
	}
	for to, want := range map[string]string{
		"DE " + profile + "100095864539427": "valid ", "DE https://vk.com/id123456789": "valid ", "DE https://zalo.me/0912345678": "valid ", "DE https://example.com/110101900307002": "valid ",
		"FR " + profile + "269054958815780": "suspect personal_shape", "FR " + profile + "100009158814945": "valid ", "NL https://example.com/111222333": "suspect personal_shape",
		"DK https://example.com/0912345678": "suspect personal_shape", "DE https://example.com/52998224725": "suspect personal_shape",
	} {
		if got := link(to[:2], to[3:]); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s", to, got, want)
		}
	}
}

// A VAT number that nobody checks can be the number of a person of its country: people are
// told, before they publish it.
func TestVATOfPersons(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"IE 6433435F": "suspect personal_shape", "IE 6433435IH": "unsupported vat_country_unsupported", "PT 501964843": "unsupported vat_country_unsupported", "SK 2021853504": "unsupported vat_country_unsupported",
		"LV 40003521600": "unsupported vat_country_unsupported", "CY 10259033P": "unsupported vat_country_unsupported", "CZ 8506151237": "unsupported vat_country_unsupported", "HR 94577403194": "unsupported vat_country_unsupported", "FI 13669598": "unsupported vat_country_unsupported",
	} {
		a, err := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/tax/0/country": number[:2], "/tax/0/number": number}), "lawful_goods"))
		if got := outcomes(a)["/tax/0/number"]; err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s (%v)", number, got, want, refusals(err))
		}
	}
}

// What may be a person's is not shown again, in whatever field it stands; the telephone of
// a typing error is.
func TestPersonsNumbersAreNotShownAgain(t *testing.T) {
	t.Parallel()
	for given, want := range map[string]bool{
		"44051401359": true, "93471790C": true, "93471790 C": true, "86 095 742 719": true, "078-05-1120": true, "11010119900307002x": true, "%34%34051401359": true,
		"+49 40 123": false, "Germany": false, "219099999": false, "0101901234": false, "https://wa.me/48778240301": false,
		"%" + strings.Repeat("25", 500) + "31": true, strings.Repeat("a", 3000): true, strings.Repeat("a", 1201): true, strings.Repeat("湖", 399): false,
	} {
		for _, at := range []Pointer{"/contact/phone", "/address/country", "/registration/country", "/contact/email"} {
			if got := registration(EU, Company, values{at: given}).OfPerson(at); got != want {
				t.Errorf("%.20s at %s: %t", given, at, got)
			}
		}
	}
}

// A text of any length, encoded however often, costs no more than one of a registration.
func TestSearchesAreBounded(t *testing.T) { // not beside others: it counts allocations
	p := pack(t, EU)
	for at, given := range map[Pointer]string{"/trade_name": "%" + strings.Repeat("25", 31000), "/contact/message_url": "https://example.com/" + strings.Repeat("1.", 1<<20)} {
		r := registration(EU, Company, german.but(values{at: given}))
		if n := testing.AllocsPerRun(1, func() { r.OfPerson(at) }); n > 50 {
			t.Errorf("%s takes %.0f allocations", at, n)
		}
	}
	for _, given := range []string{strings.Repeat("1.", 1000), strings.Repeat("%25", 600)} {
		r := registration(EU, Company, german.but(values{"/trade_name": given}), "lawful_goods")
		if n := testing.AllocsPerRun(1, func() { _, _ = p.Assess(r) }); n > 2000 {
			t.Errorf("%.10s… takes %.0f allocations", given, n)
		}
	}
}

// An EORI that nobody can tell from a person's number waits for people while it is to be
// public, and not while it is private.
func TestEORIOfUnknownCountries(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"CZ8506151234": "unsupported shape_only conditional", "RO1850101123456": "unsupported shape_only conditional", "IE1234567TH": "unsupported shape_only conditional",
		"AT1237010181": "unsupported shape_only conditional", "PL9551893317": "unsupported shape_only conditional",
		"IT12345678904": "unsupported shape_only conditional", "FR123456789012": "unsupported shape_only conditional", "SE5560360794": "unsupported shape_only conditional",
		"PL955189331700000": "valid shape_only conditional", "DK13585628": "valid shape_only conditional", "ESA58818501": "valid shape_only conditional", "ATEOS1000000001": "valid shape_only conditional",
		"IT12345678903": "valid shape_only conditional", "SE5560360793": "valid shape_only conditional", "BE0403019261": "valid shape_only conditional", "DE123456789012345": "valid shape_only conditional",
		"DE123456789": "valid shape_only conditional", "GB350983637000": "valid  conditional", "FR73282932000074": "valid shape_only conditional",
	} {
		a, err := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/eori": number}), "lawful_goods", "publish_identifiers"))
		if got := outcomes(a)["/eori"]; err != nil || got != want {
			t.Errorf("%s: %s, want %s (%v)", number, got, want, refusals(err))
		}
		a, err = pack(t, EU).Assess(registration(EU, SoleTrader, german.but(values{"/eori": number}), "lawful_goods"))
		if got := outcomes(a)["/eori"]; err != nil || !strings.HasSuffix(got, "private") || !strings.HasPrefix(got, "valid") {
			t.Errorf("%s, private: %s (%v)", number, got, refusals(err))
		}
	}
}
