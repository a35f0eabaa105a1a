package merchants_test

import (
	"slices"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
)

// What a later version hides is what it makes private, and what it takes back of what it
// wished to be shown; not what it says in other words, or leaves out.
func TestHides(t *testing.T) {
	t.Parallel()
	with := func(j Jurisdiction, kind Type, v values, certifications ...string) *Registration {
		return registration(j, kind, v, certifications...)
	}
	home := func(r *Registration) *Registration {
		r.Residential = true
		return r
	}
	v := german.but(values{"/address/region": "Hamburg", "/trade_name": "Nord", "/lei": "5493001KJTIIGC8Y1R12"})
	trader := with(EU, SoleTrader, v, "lawful_goods", "publish_identifiers")
	company := with(EU, Company, v, "lawful_goods", "publish_identifiers")
	whole := []Pointer{"/address/street", "/address/city", "/address/region", "/address/postal_code", "/address/country"}
	for _, test := range []struct {
		name      string
		of, later *Registration
		want      []Pointer
	}{
		{"other words", trader, with(EU, SoleTrader, v.but(values{"/trade_name": "Süd", "/address/street": "Kai 2"}), "lawful_goods", "publish_identifiers"), nil},
		{"a name less", trader, with(EU, SoleTrader, v.but(values{"/trade_name": ""}), "lawful_goods", "publish_identifiers"), nil},
		{"a home", trader, home(with(EU, SoleTrader, v, "lawful_goods", "publish_identifiers")), whole},
		{"a home without its region", trader, home(with(EU, SoleTrader, v.but(values{"/address/region": ""}), "lawful_goods", "publish_identifiers")), whole},
		{
			"a home with its certificate", with(EU, SoleTrader, v.but(values{"/address/region": "Nordland"}), "lawful_goods", "publish_identifiers"),
			home(with(EU, SoleTrader, v.but(values{"/address/region": "Nordland"}), "no_business_address", "lawful_goods", "publish_identifiers")),
			[]Pointer{"/address/street", "/address/city", "/address/postal_code"},
		},
		{
			"a home whose region said more, as long as that was its address", with(EU, SoleTrader, v.but(values{"/address/region": "20095 Hamburg"}), "lawful_goods", "publish_identifiers"),
			home(with(EU, SoleTrader, v.but(values{"/address/region": "Nordland"}), "no_business_address", "lawful_goods", "publish_identifiers")),
			[]Pointer{"/address/street", "/address/city", "/address/region", "/address/postal_code"},
		},
		{"a wish taken back", trader, with(EU, SoleTrader, v, "lawful_goods"), []Pointer{"/lei"}},
		{"what was wished taken away", trader, with(EU, SoleTrader, v.but(values{"/lei": ""}), "lawful_goods", "publish_identifiers"), []Pointer{"/lei"}},
		{"a person's number of VAT", company, with(EU, SoleTrader, v, "lawful_goods", "publish_identifiers"), []Pointer{"/tax/0/number"}},
		{
			"a telephone", with(UK, Company, british, "publish_phone"), with(UK, Company, british), []Pointer{"/contact/phone"},
		},
		{
			"what sales have made public", with(US, SoleTrader, american, "accurate"), home(with(US, SoleTrader, american, "accurate", "personal_phone_only")),
			[]Pointer{"/contact/phone", "/address/street", "/address/city", "/address/region", "/address/postal_code", "/address/country"},
		},
		{"a certificate taken back", home(with(EU, SoleTrader, v, "no_business_address", "lawful_goods")), with(EU, SoleTrader, v, "lawful_goods"), []Pointer{"/certifications/0"}},
		{"certificates in another order", with(EU, SoleTrader, v, "publish_identifiers", "lawful_goods"), with(EU, SoleTrader, v, "lawful_goods", "publish_identifiers"), nil},
	} {
		p := pack(t, test.of.Jurisdiction)
		a, err := p.Assess(test.of)
		if err != nil {
			t.Fatal(test.name, err)
		}
		b, err := p.Assess(test.later)
		if err != nil {
			t.Fatal(test.name, refusals(err))
		}
		test.of.Facts = []Condition{HighVolume, Turnover20k}
		if got := p.Hides(test.later, b, test.of, p.Public(test.of, a)); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}

// The next version begins with what a dropped one has made private, and with nothing
// else of it.
func TestKeeping(t *testing.T) {
	t.Parallel()
	r := registration(US, SoleTrader, american, "accurate", "publish_identifiers")
	later := registration(US, SoleTrader, american.but(values{"/trade_name": "Other"}), "accurate", "personal_phone_only", "no_business_address")
	later.Residential = true
	got := r.Keeping(later)
	if !got.Residential || !slices.Equal(got.Certifications, []string{"accurate", "personal_phone_only", "no_business_address"}) || !got.Values["/trade_name"].IsZero() {
		t.Errorf("%t, %v", got.Residential, got.Certifications)
	}
	if r.Residential || len(r.Certifications) != 2 {
		t.Error("the approved one was changed")
	}
	later.Type = Company // such a one is nobody's home, and certifies no such thing
	if got := r.Keeping(later); !slices.Equal(got.Certifications, []string{"accurate"}) {
		t.Errorf("%v", got.Certifications)
	}
	later = registration(US, SoleTrader, american, "accurate", "publish_identifiers", "no_business_address")
	if got := r.Keeping(later); got.Residential || len(got.Certifications) != 2 {
		t.Errorf("%t, %v", got.Residential, got.Certifications)
	}
}

// The region of a home that is shown says where it is no nearer than a region does.
func TestRegionOfHome(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ street, city, region, want string }{
		{"Hauptstr. 1", "Berlin", "Hauptstr. 1, 10115 Berlin", "suspect region_shape public"},
		{"Hauptstr. 1", "Berlin", "10115", "suspect region_shape public"},
		{"Hauptstr. 1", "Berlin", "hauptstr., links", "suspect region_shape public"},
		{"Hauptstr. 1a", "Bad Tölz", "Bayern (BAD TÖLZ)", "suspect region_shape public"},
		{"Hauptstr. 1", "Berlin", "Brandenburg", "valid  public"},
		{"Hauptstr. 1", "Au", "Aargau", "valid  public"},
		{"Rua das Flores, 12", "Porto", "Distrito do Porto", "suspect region_shape public"},
		{"Rua das Flores, 12", "Braga", "Norte", "valid  public"},
		{"文三路1号", "杭州", "浙江", "valid  public"},
		{"文三路1号", "杭州", "浙江省杭州市", "suspect region_shape public"},
		{"文三路1号", "杭州", "浙江文三路", "suspect region_shape public"},
	} {
		r := registration(EU, SoleTrader, german.but(values{"/address/street": test.street, "/address/city": test.city, "/address/region": test.region}), "lawful_goods", "no_business_address")
		r.Residential = true
		a, err := pack(t, EU).Assess(r)
		if got := outcomes(a)["/address/region"]; err != nil || got != test.want || a.Suspect != (test.want[0] == 's') {
			t.Errorf("%+v: %s, %v", test, got, err)
		}
		r.Residential = false
		if a, err := pack(t, EU).Assess(r); err != nil || outcomes(a)["/address/region"] != "valid  public" {
			t.Errorf("%+v, which is no home: %s, %v", test, outcomes(a)["/address/region"], err)
		}
	}
}
