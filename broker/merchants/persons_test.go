package merchants_test

import (
	"fmt"
	"maps"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
)

// A person's number is refused in a public field: however it is parted, of whatever
// country, in whatever field.
func TestPersonsNumbersAreRefused(t *testing.T) {
	t.Parallel()
	french := german.but(values{"/registration/country": "FR", "/registration/register": "Paris", "/registration/number": "732829320", "/tax/0/country": "FR", "/tax/0/number": "44732829320"})
	eu := func(v values) *Registration { return registration(EU, Company, v, "lawful_goods") }
	cn := func(v values) *Registration { return registration(CN, Company, chinese.but(v)) }
	named := func(name string) *Registration { return eu(german.but(values{"/trade_name": "Shop " + name})) }
	const ric = "11010119900307002X"
	all := map[Pointer][]*Registration{
		"/trade_name": {
			cn(values{"/trade_name": "店 110101/19900307/002X"}), cn(values{"/trade_name": "店 110101,19900307,002X"}), cn(values{"/trade_name": "店 (110101)(19900307)(002X)"}),
			cn(values{"/trade_name": "店 110101:19900307:002X"}), cn(values{"/trade_name": "店 一一〇一〇一一九九〇〇三〇七〇〇二X"}),
			named("RSSMRA85T10A562S"), named("RSS MRA 85T10 A562S"), named("CF:RSSMRA85T10A562S"), named("44051401359"), named("44 0514 01359"), named("86095742719"),
			named("2 69 05 49 588 157 80"), named("85.07.30-033.28"), named("811218-9876"), named("19811218-9876"), named("078 05 1120"), named("529.982.247-25"), named("52998224725"),
			named("93471790 C"), named("93.471.790-C"), named("X-5102754-C"), named("ES93471790C"), named("NIF93471790C"),
		},
		"/certificates/0/number": {cn(values{"/certificates/0/number": ric[:6] + "/" + ric[6:]}), cn(values{"/certificates/0/number": "RSSMRA85T10A562S"})},
		"/address/street":        {cn(values{"/address/street": "文三路 110101/19900307/002X"})},
		"/contact/email":         {eu(german.but(values{"/contact/email": ric + "@example.com"}))},
		"/contact/message_url": {
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/%31%31%30%31%30%31%31%39%39%30%30%33%30%37%30%30%32%58"})),
			registration(US, Company, american.but(values{"/contact/message_url": "https://example.com/?id=RSSMRA85T10A562S"})),
		},
		"/registration/number": {
			eu(french.but(values{"/registration/number": "RSSMRA85T10A562S"})), eu(french.but(values{"/registration/number": "44051401359"})),
			eu(german.but(values{"/registration/country": "AT", "/registration/number": "86095742719"})), eu(german.but(values{"/registration/country": "LU", "/registration/number": "86095742719"})),
		},
		"/tax/0/number": {eu(german.but(values{"/tax/0/country": "RO", "/tax/0/number": "RSSMRA85T10A562S"}))},
		"/eori": {
			registration(EU, Company, german.but(values{"/eori": "FR93471790C"}), "lawful_goods", "publish_identifiers"),
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
		{"/trade_name", values{"/trade_name": "Route 66 since 1984"}, "valid  public"},
		{"/trade_name", values{"/trade_name": "Via Roma 12, 3/4, 20121"}, "valid  public"},
		{"/contact/email", values{"/contact/email": "219099999@qq.com"}, "valid  public"},
		{"/registration/number", values{"/registration/country": "FR", "/registration/number": "732829320"}, "valid shape_only public"},
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
