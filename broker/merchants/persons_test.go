package merchants_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
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
		},
		"/certificates/0/number": {cn(values{"/certificates/0/number": ric[:6] + "/" + ric[6:]}), cn(values{"/certificates/0/number": "RSSMRA85T10A562S"})},
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
		},
		"/tax/0/number": {eu(german.but(values{"/tax/0/country": "RO", "/tax/0/number": "RSSMRA85T10A562S"}))},
		"/eori": {
			registration(EU, Company, german.but(values{"/eori": "ES93471790C"}), "lawful_goods", "publish_identifiers"),
			registration(EU, Company, german.but(values{"/eori": "IE86095742719"}), "lawful_goods", "publish_identifiers"),
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

// An EORI that nobody can tell from a person's number waits for people while it is to be
// public, and not while it is private.
func TestEORIOfUnknownCountries(t *testing.T) {
	t.Parallel()
	for number, want := range map[string]string{
		"CZ8506151234": "unsupported shape_only conditional", "RO1850101123456": "unsupported shape_only conditional", "IE1234567TH": "unsupported shape_only conditional",
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
