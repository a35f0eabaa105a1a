package merchants_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"

	. "bauta.dev/bauta/broker/merchants"
)

func TestPublic(t *testing.T) {
	t.Parallel()
	over := func(r *Registration) *Registration {
		r.Facts = []Condition{HighVolume, Turnover20k}
		return r
	}
	for _, test := range []struct {
		name string
		r    *Registration
		want []Pointer
	}{
		{"a Chinese company shows its licence, and neither contact nor account", registration(CN, Company, chinese), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/region", "/address/street", "/legal_name",
			"/registration/kind", "/registration/number", "/registration/register", "/representative/name", "/trade_name", "/type",
		}},
		{
			"its LEI where it asks for that", registration(CN, Company, values{"/legal_name": "蓝湖", "/registration/number": "91330100MA00000740", "/contact/phone": "+8657188880000", "/address/street": "路", "/address/city": "杭州", "/address/country": "CN", "/lei": "5493001KJTIIGC8Y1R12"}, "publish_identifiers"),
			[]Pointer{"/address/city", "/address/country", "/address/street", "/legal_name", "/lei", "/registration/number", "/type"},
		},
		{"a German company shows how to reach it, and its VAT number", registration(EU, Company, german, "lawful_goods"), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/street", "/certifications/0", "/contact/email", "/contact/phone", "/legal_name",
			"/registration/country", "/registration/kind", "/registration/number", "/registration/register", "/tax/0/number", "/type",
		}},
		{"a small American one nothing", registration(US, Company, american), nil},
		{"a big one its name and address", over(registration(US, Company, american, "accurate")), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/region", "/address/street", "/contact/email", "/contact/phone", "/legal_name",
		}},
		{"not a personal telephone", over(registration(US, SoleTrader, american, "accurate", "personal_phone_only")), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/region", "/address/street", "/contact/email", "/legal_name",
		}},
		{"a British one its number, and its telephone where it asks for that", registration(UK, Company, british, "publish_phone"), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/street", "/contact/email", "/contact/phone", "/legal_name", "/registration/number", "/tax/0/number", "/type",
		}},
		{"of a list only VAT numbers", registration(EU, Company, german.but(values{"/tax/1/kind": "eori", "/tax/1/number": "DE1234567", "/tax/2/kind": "other", "/tax/2/number": "22/815/08150"}), "lawful_goods"), []Pointer{
			"/address/city", "/address/country", "/address/postal_code", "/address/street", "/certifications/0", "/contact/email", "/contact/phone", "/legal_name",
			"/registration/country", "/registration/kind", "/registration/number", "/registration/register", "/tax/0/number", "/type",
		}},
	} {
		got := slices.Sorted(maps.Keys(public(pack(t, test.r.Jurisdiction), test.r)))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// The VAT number of a natural person is never public, nor is a Dutch one, of
// which nothing tells whose it is.
func TestPublicHidesPersonsNumbers(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		t               Type
		country, number string
	}{
		{SoleTrader, "DE", "111111125"},
		{SoleTrader, "ES", "93471790C"},
		{Exempt, "DE", "111111125"},
		{Company, "NL", "808661863B01"},
		{SoleTrader, "NL", "000099998B57"},
	} {
		v := german.but(values{"/tax/0/country": test.country, "/tax/0/number": test.number})
		if test.t == Exempt {
			v = v.but(values{"/registration/kind": "", "/registration/country": "", "/registration/register": "", "/registration/number": ""})
		}
		r := registration(EU, test.t, v, "lawful_goods")
		a, err := pack(t, EU).Assess(r)
		if got := public(pack(t, EU), r); err != nil || got["/tax/0/number"] != "" || got["/legal_name"] == "" || !strings.HasSuffix(outcomes(a)["/tax/0/number"], " private") {
			t.Errorf("%v: %v %v %s", test, err, got, outcomes(a)["/tax/0/number"])
		}
	}
}

// Of a home nothing is public; with the certificate that there is no other
// address, country and region are, and a lead agrees first.
func TestPublicHidesHomes(t *testing.T) {
	t.Parallel()
	for _, j := range Jurisdictions() {
		v := map[Jurisdiction]values{CN: chinese.but(values{"/registration/number": "92310000MA000004XR"}), EU: german, US: american, UK: british}[j].but(values{"/address/region": "Region"})
		certifications := map[Jurisdiction][]string{EU: {"lawful_goods"}, US: {"accurate"}}[j]
		for _, certified := range []bool{false, true} {
			r := registration(j, SoleTrader, v, certifications...)
			r.Residential, r.Facts = true, []Condition{HighVolume, Turnover20k}
			if certified {
				r.Certifications = append([]string{"no_business_address"}, certifications...)
			}
			a, err := pack(t, j).Assess(r)
			got := public(pack(t, j), r)
			for at := range got {
				if strings.HasPrefix(string(at), "/address/") && (!certified || at != "/address/country" && at != "/address/region") {
					t.Errorf("%s, certified %t: %s is public", j, certified, at)
				}
			}
			if err != nil || a.ResidentialPublic != certified || a.Suspect == certified || certified != (got["/address/country"] != "") || certified != (got["/address/region"] != "") {
				t.Errorf("%s, certified %t: %v, %+v, %v", j, certified, err, outcomes(a), got)
			}
			if want := map[bool]string{false: "suspect residential_withheld private", true: "valid residential_certified private"}[certified]; outcomes(a)["/address/residential"] != want {
				t.Errorf("%s: %s, want %s", j, outcomes(a)["/address/residential"], want)
			}
		}
	}
}

// Where the law shows no address a home needs no second person, unless it would
// be shown in part once sales grow.
func TestHomesThatNobodyShows(t *testing.T) {
	t.Parallel()
	for _, certified := range []bool{false, true} {
		r := registration(US, SoleTrader, american)
		if r.Residential = true; certified {
			r.Certifications = []string{"no_business_address"}
		}
		if a, err := pack(t, US).Assess(r); err != nil || a.Suspect || a.ResidentialPublic != certified {
			t.Errorf("certified %t: %v %v", certified, err, outcomes(a))
		}
		if got := public(pack(t, US), r); len(got) > 0 { // that there is none says that somebody works at home
			t.Errorf("certified %t: %v", certified, got)
		}
		if r.Facts = []Condition{HighVolume, Turnover20k}; certified {
			r.Certifications = append(r.Certifications, "accurate")
			if got := public(pack(t, US), r); got["/certifications/0"] != "no_business_address" {
				t.Errorf("with sales: %v", got)
			}
		}
	}
}

// What is public has its law and since when; an assessment of another pack
// shows nothing.
func TestPublicCites(t *testing.T) {
	t.Parallel()
	p := pack(t, CN)
	r := registration(CN, Company, chinese.but(values{"/registration/number": "91330100-ma 0000 0740"}))
	a, err := p.Assess(r)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range p.Public(r, a) {
		if f.Law == "" || f.Since.IsZero() || f.Label == "" {
			t.Errorf("%+v", f)
		}
		if f.Pointer == "/registration/number" && (f.Value.Reveal() != "91330100MA00000740" || f.Law != "ECL 15" || !f.Since.Equal(time.Date(2019, 1, 1, 0, 0, 0, 0, time.UTC))) {
			t.Errorf("%+v", f)
		}
	}
	a.Pack = "EU/2026-01-01"
	if got := p.Public(r, a); len(got) > 0 {
		t.Errorf("%v", got)
	}
}

// A record that was changed after it was assessed shows no more for it.
func TestPublicLooksAgain(t *testing.T) {
	t.Parallel()
	p := pack(t, CN)
	a, err := p.Assess(registration(CN, Company, chinese))
	if err != nil {
		t.Fatal(err)
	}
	r := registration(CN, Company, chinese.but(values{"/registration/number": "11010119900307002X", "/legal_name": "", "/trade_name": "a\nb"}))
	r.Residential = true
	got := p.Public(r, a)
	for _, f := range got {
		if !slices.Contains([]Pointer{"/type", "/registration/kind", "/registration/register", "/representative/name"}, f.Pointer) {
			t.Errorf("%s is public", f.Pointer)
		}
	}
}

func TestOrganization(t *testing.T) {
	t.Parallel()
	p := pack(t, EU)
	r := registration(EU, Company, german.but(values{"/trade_name": "Nordlicht", "/tax/1/kind": "vat", "/tax/1/country": "FR", "/tax/1/number": "44732829320"}), "lawful_goods")
	a, err := p.Assess(r)
	if err != nil {
		t.Fatal(err)
	}
	o := NewOrganization("https://example.com/m/1", p.Public(r, a))
	const want = `{"@context":"https://schema.org","@type":"Organization","@id":"https://example.com/m/1","legalName":"Nordlicht Handels GmbH","name":"Nordlicht",` +
		`"identifier":[{"@type":"PropertyValue","propertyID":"register","name":"Amtsgericht Hamburg","value":"HRB 12345"},{"@type":"PropertyValue","propertyID":"tax","value":"FR44732829320"}],` +
		`"vatID":"DE111111125","email":"laden@example.de","telephone":"+494012345678",` +
		`"address":{"@type":"PostalAddress","streetAddress":"Große Straße 1","addressLocality":"Hamburg","postalCode":"20095","addressCountry":"DE"},` +
		`"hasCertification":[{"@type":"Certification","name":"lawful_goods"}]}`
	one, err := json.Marshal(o)
	if err != nil || string(one) != want {
		t.Errorf("%s, %v, want\n%s", one, err, want)
	}
	two, err := jsonv2.Marshal(o)
	if err != nil || string(two) != want {
		t.Errorf("%s, %v", two, err)
	}
	if printed := fmt.Sprintf("%v %+v %#v %s", o, o, o, o.LegalName); strings.Contains(printed, "Nordlicht") {
		t.Errorf("it is printed: %s", printed)
	}
	empty, err := jsonv2.Marshal(NewOrganization("", nil))
	if err != nil || string(empty) != `{"@context":"https://schema.org","@type":"Organization"}` {
		t.Errorf("%s, %v", empty, err)
	}
}

// Numbers find a business again, however it was written; not by who represents it.
func TestNumbers(t *testing.T) {
	t.Parallel()
	p := pack(t, CN)
	one, two := p.Numbers(registration(CN, Company, chinese)), p.Numbers(registration(CN, Company, chinese.but(values{"/registration/number": "9133 0100 ma0 0000740", "/tax/0/number": "de 111.111.125"})))
	if len(one) != 3 || len(two) != 3 {
		t.Fatalf("%v, %v", one, two)
	}
	for i, n := range one {
		if n.Kind != two[i].Kind || n.Value.Reveal() != two[i].Value.Reveal() || strings.HasPrefix(string(n.Pointer), "/representative") {
			t.Errorf("%v and %v", n, two[i])
		}
	}
	e := pack(t, EU).Numbers(registration(EU, Company, german))
	if len(e) != 2 || e[0].Kind != "register" || e[0].Scope != "DE" || e[0].Value.Reveal() != "HRB12345" || e[1].Kind != "vat" {
		t.Errorf("%+v", e)
	}
}

// The number of a register is the same, whatever stands before it and whatever the
// register is called.
func TestRegisterNumbersAreFoundAgain(t *testing.T) {
	t.Parallel()
	for country, spellings := range map[string][][2]string{
		"FR": {{"RCS Paris", "732829320"}, {"R.C.S. de Paris", "RCS 732 829 320"}, {"Paris", "73282932000074"}, {"Paris", "732829320 R.C.S. Paris"}, {"Paris", "FR44732829320"}, {"Orléans", "RCS Orléans 732829320"}, {"Nîmes", "732829320 RCS Nîmes"}, {"Lyon", "RCS Lyon B 732 829 320"}},
		"DE": {
			{"Amtsgericht Berlin", "HRB 12345"},
			{"Handelsregister Berlin", "HRB12345 B"},
			{"Berlin", "hrb-12345"},
			{"Berlin", "HRB 012345"},
			{"Berlin", "HRB Nr. 12345"},
			{"Berlin", "12345 HRB"},
			{"Köln", "HRB 12345 Köln"},
			{"München", "HRB 12345 (Amtsgericht München)"},
			{"Berlin", "HRB 12345 AG Berlin 14"},
			{"Köln", "Köln B 12345"},
			{"", "B 12345"},
		},
		"GB": {{"Companies House", "01234567"}, {"", "1234567"}},
		"NL": {{"KvK", "12345678"}, {"", "KVK 12345678"}, {"", "KvK-nummer 12345678"}, {"", "12345678 (’s-Gravenhage)"}},
		"BE": {{"KBO", "0413.172.884"}, {"Gent", "RPR Gent 0413.172.884"}, {"Liège", "BE 413.172.884 (Liège)"}},
		"AT": {{"Wien", "FN 123456 a"}, {"Wien", "FN 123456 a Wien"}, {"St. Pölten", "123456a St. Pölten"}},
		"PL": {{"KRS", "0000123456"}, {"Łódź", "KRS Łódź 0000123456"}, {"", "nr 123456"}},
		"LU": {{"Luxembourg", "B 55555"}, {"", "R.C.S. Luxembourg B 55555"}, {"", "RCSL B55555"}},
		"ES": {{"", "A-58818501"}, {"", "CIF A58818501"}, {"Málaga", "A58818501 Málaga"}},
		"IT": {{"Milano", "MI-1234567"}, {"Milano", "REA MI 1234567"}},
		"DK": {{"", "CVR-nr. 12345678"}, {"", "12345678"}},
		"SE": {{"", "556012-5790"}, {"", "SE556012579001"}, {"", "Org.nr 556012-5790"}},
	} {
		var first string
		for _, x := range spellings {
			r := registration(EU, Company, german.but(values{"/registration/country": country, "/registration/register": x[0], "/registration/number": x[1], "/tax/0/number": ""}), "lawful_goods")
			n := pack(t, EU).Numbers(r)
			if len(n) != 1 || n[0].Kind != "register" || n[0].Scope != country {
				t.Fatalf("%s %q: %+v", country, x, n)
			}
			if first == "" {
				first = n[0].Value.Reveal()
			}
			if got := n[0].Value.Reveal(); got != first {
				t.Errorf("%s %q is %s, and not %s", country, x, got, first)
			}
		}
	}
	uk := pack(t, UK).Numbers(registration(UK, Company, british.but(values{"/tax/0/number": ""})))
	if len(uk) != 1 || uk[0].Kind != "register" || uk[0].Scope != "GB" || uk[0].Value.Reveal() != "1234567" {
		t.Errorf("%+v", uk)
	}
}
