package merchants_test

import (
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
)

// Letters that touch a number hide it from nobody, nor do words among its digits, or what
// looks like one of them, behind its name.
func TestGluedNumbers(t *testing.T) {
	t.Parallel()
	const no, look, plain = "invalid personal_id_in_public_field", "suspect personal_shape", "valid "
	p := pack(t, EU)
	for at, names := range map[string]map[string]string{
		"PL": {"PESEL 44051401359r": no, "PESEL:44051401359Anna": no, "Anna44051401359Nowak": no, "PESEL 440514OI359": no, "PESEL 4405l401359": no, "PESEL 440514 oraz 01359": no, "NIP PL9551893317": plain, "4405l401359": plain},
		"DE": {"IdNr.86095742719A": no, "Tel 040 123456, ESB65410011": plain, "Steuer-Ident-Nr. 86 095 742 719": no}, "DK": {"CPR 010190-1234x": no, "0101901234x": look}, "IT": {"CFRSSMRA85T10A562Sx": no, "codicefiscaleRSSMRA85T10A562S": no},
		"FR": {"NIR 2690549588157": no, "Numéro de sécurité sociale 2 69 05 49 588 157": no, "No269054958815780b": no, "2690549588157": look, "RCS 732829320": look}, "FI": {"x131052-308T": no},
		"PT": {"Número de Identificação Fiscal 123 456 789": no, "NIF 501964843": look, "182 640 817": look, "912 345 678": plain}, "ES": {"D.N.I. 93471790 C": no, "N.I.E. X 5102754 C": no, "NIF M1152896E": no, "NIF B65410011": plain}, "MT": {"ID card 268029M": no},
		"GB": {"NI number AB123456Cx": no}, "RO": {"cod numeric personal 1800101221144": no}, "SE": {"pers.nr 811218-9876": no}, "HR": {"HR94577403194": look},
		"IE": {"VAT IE6388047V": look, "Passport 1234567": look, "护照 E12345678": "suspect ", "Passport Covers": plain},
	} {
		for name, want := range names {
			v := values{"/trade_name": "Shop " + name, "/registration/country": at, "/registration/number": "", "/registration/register": "", "/address/country": at}
			a, _ := p.Assess(registration(EU, Company, german.but(v), "lawful_goods"))
			if got := outcomes(a)["/trade_name"]; !strings.HasPrefix(got, want) {
				t.Errorf("%s in %s: %s, want %s", name, at, got, want)
			}
		}
	}
}

// A person's number is not shown as a telephone or a place either.
func TestPersonsNumbersInOtherFields(t *testing.T) {
	t.Parallel()
	const no, look, plain = "invalid personal_id_in_public_field", "suspect personal_shape", "valid "
	p := pack(t, EU)
	for _, test := range []struct {
		at             Pointer
		country, given string
		want           string
	}{
		{"/contact/phone", "DE", "86 095 742 719", no},
		{"/contact/phone", "SE", "811218-9876", no},
		{"/contact/phone", "AT", "1237 010180", no},
		{"/contact/phone", "CZ", "850615/1236", no},
		{"/contact/phone", "FI", "131052-308T", no},
		{"/contact/phone", "GR", "01013099997", no},
		{"/contact/phone", "DE", "15 070649 C 103", no},
		{"/contact/phone", "NL", "111222333", look},
		{"/contact/phone", "PT", "123456789", look},
		{"/contact/phone", "IE", "6433435F", look},
		{"/contact/phone", "DE", "040 1234567", plain},
		{"/contact/phone", "DE", "40 1234567", plain},
		{"/contact/phone", "ES", "934717901", plain},
		{"/contact/phone", "PT", "212345678", plain},
		{"/contact/phone", "PL", "22 123 45 67", plain},
		{"/contact/phone", "BR", "11 98765-4321", plain},
		{"/contact/phone", "DE", "+86 095 742 719", plain},
		{"/contact/email", "PL", "44051401359anna@example.com", no},
		{"/contact/email", "PL", "a44051401359@example.com", no},
		{"/contact/email", "IT", "annarssmra85t10a562s@pec.it", no},
		{"/contact/phone", "FI", "070562-2675", no},
		{"/contact/phone", "FI", "0705 622675", plain},
		{"/contact/phone", "SE", "050372-6952", no},
		{"/contact/phone", "DE", "08 040376 G 318", no},
		{"/contact/email", "NL", "111222333@example.com", look},
		{"/contact/email", "DE", "111222333@example.com", plain},
		{"/contact/email", "DK", "anna0101901234@example.com", look},
		{"/eori", "FR", "FR26905495881570", "unsupported "},
		{"/eori", "FR", "FR73282932000074", plain},
		{"/gln", "CH", "756.9217.0769.85", no},
		{"/gln", "DE", "756.9217.0769.85", no},
		{"/gln", "DE", "4006381333931", plain},
		{"/registration/number", "ES", "M1152896E", no},
		{"/registration/number", "ES", "A58818501", plain},
		{"/registration/number", "CA", "123026635", "unsupported "},
		{"/registration/number", "HR", "94577403194", "unsupported "},
	} {
		v := values{"/registration/country": test.country, "/address/country": test.country, "/registration/number": "", "/registration/register": ""}
		v[test.at] = test.given
		a, err := p.Assess(registration(EU, Company, german.but(v), "lawful_goods", "publish_identifiers"))
		if got := outcomes(a)[test.at]; !strings.HasPrefix(got, test.want) {
			t.Errorf("%s, %s at %s: %s, want %s", test.given, test.country, test.at, got, test.want)
		}
		if test.want == no {
			noEcho(t, test.given, registration(EU, Company, values{test.at: test.given}), a, err)
		}
	}
	a, _ := p.Assess(registration(EU, SoleTrader, german.but(values{"/registration/country": "HU", "/address/country": "HU", "/registration/number": "14511184-2-49"}), "lawful_goods"))
	if got := outcomes(a)["/registration/number"]; !strings.HasPrefix(got, "suspect register_shape") {
		t.Errorf("a Hungarian tax number: %s", got)
	}
	british := registration(UK, Company, british.but(values{"/registration/number": "1234567"}))
	if a, err := pack(t, UK).Assess(british); err != nil || !strings.HasPrefix(outcomes(a)["/registration/number"], "valid ") {
		t.Errorf("a company's number without its zero: %s (%v)", outcomes(a)["/registration/number"], err)
	}
}
