package merchants_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"maps"
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking/fault"
)

// What is right is taken in each market, and only what nobody can check waits
// for a second person.
func TestAssessTakes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name    string
		r       *Registration
		suspect bool
	}{
		{"a Chinese company", registration(CN, Company, chinese), false},
		{"a Chinese individual business", registration(CN, SoleTrader, chinese.but(values{"/registration/number": "92310000MA000004XR"})), false},
		{"an exempt seller", registration(CN, Exempt, values{
			"/legal_name": "李四", "/registration/exemption": "own_farm_goods", "/contact/phone": "+8613800138000",
			"/address/street": "青山村 2 号", "/address/city": "杭州", "/address/country": "CN",
		}), false},
		{"a German company", registration(EU, Company, german, "lawful_goods"), false},
		{"a register that nobody checks", registration(EU, Company, german.but(values{"/registration/country": "CZ", "/registration/number": "C 1"}), "lawful_goods"), true},
		{"a Chinese company in Europe", registration(EU, Company, german.but(values{"/registration/kind": "uscc", "/registration/number": "91330100MA00000740"}), "lawful_goods"), false},
		{"an American company", registration(US, Company, american), false},
		{"a British company", registration(UK, Company, british), false},
		{"a British sole trader", registration(UK, SoleTrader, british.but(values{"/registration/number": ""})), false},
		{"an old code from Fujian", registration(CN, Company, chinese.but(values{"/registration/number": "91350203M0001QKT19"})), true},
		{"the taxpayer's number of an American", registration(US, SoleTrader, american.but(values{"/tax/0/kind": "tin", "/tax/0/number": "078-05-1120"})), true},
		{"a passport", registration(CN, Company, chinese.but(values{"/representative/id/kind": "passport", "/representative/id/number": "E12345678"})), true},
	} {
		a, err := pack(t, test.r.Jurisdiction).Assess(test.r)
		if err != nil || a.Suspect != test.suspect || a.Pack != string(test.r.Jurisdiction)+"/2026-01-01" || a.ResidentialPublic {
			t.Errorf("%s: %v, suspect %t: %v", test.name, refusals(err), a.Suspect, outcomes(a))
		}
	}
}

// Each trap has an outcome and a code of its own, at its field.
func TestAssessRefuses(t *testing.T) {
	t.Parallel()
	const personal = "personal_id_in_public_field"
	for _, test := range []struct {
		name string
		r    *Registration
		want map[string]string
	}{
		{"a resident's number where the company's belongs", registration(CN, Company, chinese.but(values{"/registration/number": "11010119900307002X"})), map[string]string{"": personal, "/registration/number": personal}},
		{"one that passes the company's check", registration(CN, Company, chinese.but(values{"/registration/number": "362322198709086409"})), map[string]string{"": personal, "/registration/number": personal}},
		{"the same in full-width digits", registration(CN, Company, chinese.but(values{"/registration/number": "１１０１０１１９９００３０７００２X"})), map[string]string{"": personal, "/registration/number": personal}},
		{"in a name", registration(CN, Company, chinese.but(values{"/legal_name": "王小明11010119900307002X"})), map[string]string{"": personal, "/legal_name": personal}},
		{"in a name, with blanks", registration(CN, Company, chinese.but(values{"/trade_name": "王 110101 1990 0307 002x 店"})), map[string]string{"": personal, "/trade_name": personal}},
		{"in an address, in Arabic digits", registration(CN, Company, chinese.but(values{"/address/street": "路 ١١٠١٠١١٩٩٠٠٣٠٧٠٠٢Х"})), map[string]string{"": personal, "/address/street": personal}},
		{"an SSN in a name that can become public", registration(US, SoleTrader, american.but(values{"/legal_name": "Joe 078-05-1120"})), map[string]string{"": personal, "/legal_name": personal}},
		{"a DNI as the number of a register", registration(EU, Company, german.but(values{"/registration/country": "ES", "/registration/number": "93471790C"}), "lawful_goods"), map[string]string{"": personal, "/registration/number": personal}},
		{"a person's VAT number as a company's", registration(EU, Company, german.but(values{"/tax/0/country": "ES", "/tax/0/number": "93471790C"}), "lawful_goods"), map[string]string{"": personal, "/tax/0/number": personal}},
		{"a wrong check digit", registration(CN, Company, chinese.but(values{"/registration/number": "91110000600037341M"})), map[string]string{"": "validation_failed", "/registration/number": "uscc_check"}},
		{"a right digit, an impossible date", registration(CN, Company, chinese.but(values{"/representative/id/number": "110101199902310023"})), map[string]string{"": "validation_failed", "/representative/id/number": "ric_date"}},
		{"a wrong IBAN", registration(EU, Company, german.but(values{"/payout/iban": "DE5137040044053201300"}), "lawful_goods"), map[string]string{"": "validation_failed", "/payout/iban": "iban_length"}},
		{"nothing", registration(EU, Company, nil), map[string]string{
			"": "validation_failed", "/legal_name": "required", "/registration/number": "required", "/contact/email": "required", "/contact/phone": "required",
			"/address/street": "required", "/address/city": "required", "/address/country": "required", "/payout/iban": "required", "/certifications": "certification_missing",
		}},
		{"neither e-mail nor telephone", registration(CN, Company, chinese.but(values{"/contact/email": "", "/contact/phone": ""})), map[string]string{"": "validation_failed", "/contact/email": "required", "/contact/phone": "required"}},
		{"no reason to be exempt", registration(CN, Exempt, chinese.but(values{"/registration/exemption": ""})), map[string]string{"": "validation_failed", "/registration/exemption": "required"}},
		{"another reason", registration(CN, Exempt, chinese.but(values{"/registration/exemption": "lazy"})), map[string]string{"": "validation_failed", "/registration/exemption": "not_one_of"}},
		{"no such type", registration(CN, "club", chinese), map[string]string{"": "validation_failed", "/type": "not_one_of"}},
		{"another jurisdiction's pack", &Registration{Jurisdiction: "FR", Type: Company, Values: registration(CN, Company, chinese).Values}, map[string]string{"": "validation_failed", "/jurisdiction": "jurisdiction_unsupported"}},
		{"a certification that there is not", registration(CN, Company, chinese, "saint"), map[string]string{"": "validation_failed", "/certifications/0": "certification_unknown"}},
		{"one twice", registration(EU, Company, german, "lawful_goods", "lawful_goods"), map[string]string{"": "validation_failed", "/certifications/1": "too_many"}},
		{"a company without a business address", registration(CN, Company, chinese, "no_business_address"), map[string]string{"": "validation_failed", "/certifications/0": "certification_unknown"}},
		{"no letters in a name", registration(CN, Company, chinese.but(values{"/legal_name": "12345"})), map[string]string{"": "validation_failed", "/legal_name": "not_a_name"}},
		{"text that is turned round", registration(CN, Company, chinese.but(values{"/legal_name": "Blue \u202eLake"})), map[string]string{"": "validation_failed", "/legal_name": "bidi_control"}},
		{"no e-mail, no telephone, no country", registration(CN, Company, chinese.but(values{"/contact/email": "shop", "/contact/phone": "call", "/address/country": "XX"})), map[string]string{
			"": "validation_failed", "/contact/email": "not_an_email", "/contact/phone": "not_a_phone", "/address/country": "not_a_country",
		}},
		{"a day that there is not", registration(CN, Company, chinese.but(values{"/certificates/0/expires": "2026-02-30"})), map[string]string{"": "validation_failed", "/certificates/0/expires": "not_a_date"}},
		{"another scheme", registration(US, Company, american.but(values{"/contact/message_url": "javascript:alert(1)"})), map[string]string{"": "validation_failed", "/contact/message_url": "not_a_url"}},
		{"a British number that is none", registration(UK, Company, british.but(values{"/registration/number": "123"})), map[string]string{"": "validation_failed", "/registration/number": "register_shape"}},
		{"the seventeenth tax number", registration(CN, Company, chinese.but(values{"/tax/16/number": "1"})), map[string]string{"": "validation_failed", "/tax/16/number": "too_many"}},
		{"a pointer that is none", registration(CN, Company, chinese.but(values{"/Not a pointer": "1"})), map[string]string{"": "unknown_member"}},
	} {
		p := pack(t, CN)
		if test.r.Jurisdiction != "FR" {
			p = pack(t, test.r.Jurisdiction)
		}
		a, err := p.Assess(test.r)
		got := refusals(err)
		if !maps.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
		if len(p.Public(test.r, a)) > 0 && got[""] == personal {
			for _, f := range p.Public(test.r, a) {
				if got[string(f.Pointer)] == personal {
					t.Errorf("%s: %s is public", test.name, f.Pointer)
				}
			}
		}
		noEcho(t, test.name, test.r, a, err)
	}
}

// noEcho: nothing that an assessment or a refusal can be written as has a value.
func noEcho(t *testing.T, name string, r *Registration, a Assessment, err error) {
	t.Helper()
	var out bytes.Buffer
	fmt.Fprintf(&out, "%v %+v %#v %v %+v %#v %+v %#v", a, a, a, err, err, err, r, r)
	for _, v := range []any{a, err, r} {
		b, e := json.Marshal(v)
		if e != nil {
			t.Fatal(e)
		}
		out.Write(b)
	}
	slog.New(slog.NewJSONHandler(&out, nil)).Info("m", "a", a, "err", err, "r", r)
	for at, v := range r.Values {
		if s := v.Reveal(); len(s) > 6 && s != "register" && strings.Contains(out.String(), s) {
			t.Errorf("%s: the value of %s is told", name, at)
		}
	}
}

// What only looks right waits for a second person, with a code for him.
func TestAssessSuspects(t *testing.T) {
	t.Parallel()
	for at, all := range map[Pointer]map[string]string{
		"/legal_name": {
			"Вlue Lake Ltd": "mixed_scripts", "Blue Laкe": "mixed_scripts", "Βlue": "mixed_scripts", "СОСА": "look_alike", "Lake 北京 ХХ": "look_alike",
			"Ｂlue Lake": "full_width", "Lake ４２": "full_width", "Lake ٤٢": "foreign_digits", "Blue\u200bLake": "invisible", "𝐁lue Lake": "look_alike",
			"Lake shop@example.com": "contact_in_name", "Lake жук": "mixed_scripts",
		},
		"/registration/number": {"９１３３０１００MA00000740": "full_width", "91350203M0001QKT19": "uscc_legacy_fujian"},
		"/contact/phone":       {"+８６57188880000": "full_width"},
		"/contact/email":       {"shоp@example.com": "mixed_scripts"},
		"/address/postal_code": {"3100": "postal_code_shape"},
		"/nickname":            {"Bob": "not_asked"},
		"/tax/0/country":       {"HU": ""},
	} {
		for value, want := range all {
			r := registration(CN, Company, chinese.but(values{at: value}))
			a, err := pack(t, CN).Assess(r)
			got := outcomes(a)[at]
			if err != nil || !a.Suspect || want != "" && !strings.Contains(got, want) {
				t.Errorf("%s %q: %v, suspect %t, %s, want %s", at, value, refusals(err), a.Suspect, got, want)
			}
			noEcho(t, string(at), r, a, err)
		}
	}
	for code, all := range map[string][]string{
		"rare_script": {"ꓮpple", "ꓮꓑꓑꓡꓰ", "Ⲁpple", "Ꭺꮲꮲꮮꭼ", "𐐔pple", "ⵔⵏ Shop", "Lake 𐌀"},
		"look_alike": {
			"Ⓐpple", "🄰pple", "🅰pple", "⒜pple", "𝐀pple", "ℬlue", "ᴀpple", "ɑmazon", "ꜱhop", "ƒoo", "ﬁne", "ʰome", "Louis Ⅻ", "\ue000pple",
			"ӀКЕА", "ӀВМ", "ѴІЅА", "ѵіѕа", "ҮАНОО", "Үаһоо", "ԌООԌЕ", "ԜАЅТЕ", "ѡоѡ", "ТЕЅСО РӀс", "ՏՕՏ", "օօօ", "ЁВА", "エ商银行", "口ロ公司", "力カ商店", "第ー百货", "ΟΤΕ Α.Ε.", "МЕТРО",
			"Ap\u0335ple", "Ap\u0337ple", "A\u20d2pple", "A\u20ddpple", "Z\u0301\u0302\u0303\u0304algo", "B\u0323\u0323lue", "Bl\u0365ue",
		},
		"invisible":     {"A\ufe0fme", "B\u200dme", "Bl\u200cue", "ا\u200cب", "شر\u200cکت", "می\u200c روم", "می\u200dروم", "Acme\u3164", "Ac\u115fme", "Ac\u1160me", "Ac\uffa0me", "Ac\u2800me", "Ac\u17b4me", "Ac\u17b5me", "Ac\ufe0fme", "Ac\U000e0061me", "Ac\u034fme", "Ac\U000e0101me"},
		"mixed_scripts": {"Appլe", "Ромашка 北京", "ショップ 한국", "Lake ร้าน שלום", "Аррlе"},
		"full_width":    {"ｱｯﾌﾟﾙ"},
	} {
		for _, name := range all {
			a, err := pack(t, CN).Assess(registration(CN, Company, chinese.but(values{"/legal_name": name})))
			if got := outcomes(a)["/legal_name"]; err != nil || !a.Suspect || !strings.Contains(got, code) {
				t.Errorf("%q: %v, %s, want %s", name, err, got, code)
			}
		}
	}
	for _, plain := range []string{
		"Nguyễn Thị Minh Khai", "Công ty TNHH Đường Sắt", "شركة الأمل للتجارة", "مُؤَسَّسَة", "חברת הים הכחול", "שָׁלוֹם", "श्री कृष्ण ट्रेडर्स", "ร้านน้ำชา จำกัด", "주식회사 삼성", "㈜한국",
		"㈱ブルーレイク 東京の店", "さくら堂", "蓝湖 Trading", "蓝湖Trading", "Azərbaycan Şirkəti", "Straße & Söhne GmbH", "İstanbul Kırtasiye", "Łódź Ćma", "Þór Ævar", "Œuvre", "2ª Loja do 3º andar",
		"Кириллица", "Київ Їжа", "Ελλάς ΑΕ", "Հայաստան", "საქართველო", "ኢትዮጵያ", "বাংলা দোকান", "தமிழ் கடை", "မြန်မာ", "ភ្នំពេញ", "བོད་ཡིག", "שלום Shop", "ร้าน Coffee", "Ɓaƙar Ƴa", "Ɖevi Ɔkɛ", "Магазин № 5",
		"H₂O GmbH", "CO₂ Neutral", "Über³", "E=mc²", "½ Price", "µTorrent", "❤️ Shop", "Shop ☕️", "Ĳssel B.V.", "ශ්\u200dරී ලංකා", "می\u200cروم", "کتاب\u200cخانه", "ക്\u200dഷ", "霞ケ関商店", "エレクトロ商会", "ニッポン堂",
		"Blue Lake™", "Blue Lake", "蓝湖 Trading", "ООО «Ромашка»", "Καφές Αθήνα", "Société Générale", "株式会社ブルー", "한국 Shop 24",
	} {
		a, err := pack(t, CN).Assess(registration(CN, Company, chinese.but(values{"/legal_name": plain})))
		if err != nil || a.Suspect {
			t.Errorf("%q: %v, %s", plain, err, outcomes(a)["/legal_name"])
		}
	}
}

// Letters that pass for Latin ones are plain where people write them, and nowhere else.
func TestLettersAtHome(t *testing.T) {
	t.Parallel()
	for country, names := range map[string][]string{
		"GR": {"ΟΤΕ Α.Ε.", "ΜΑΡΙΝΑ ΟΕ", "ΝΑΝΑ ΙΚΕ", "ΚΑΤΕΡΙΝΑ ΜΟΝ. ΙΚΕ"}, "CY": {"ΟΤΕ"}, "BG": {"РЕСТОРАНТ"}, "RS": {"МЕТРО"}, "MK": {"АВТО"}, "UA": {"КОСМОС"},
		"RU": {"ООО НОРМА"}, "KZ": {"ТОО АСТАНА"}, "BY": {"АО ТРАСТ"}, "AM": {"ՏՕՏ"}, "JP": {"第ー商会"},
	} {
		for _, name := range names {
			for at, want := range map[string]string{country: "valid  public", "DE": "suspect look_alike public"} {
				a, err := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/legal_name": name, "/registration/country": at}), "lawful_goods"))
				if got := outcomes(a)["/legal_name"]; err != nil || got != want {
					t.Errorf("%s in %s: %s, want %s", name, at, got, want)
				}
			}
		}
	}
	for at, want := range map[string]string{"ΟΤΕ Shop": "mixed_scripts", "МЕТРО": "look_alike", "ＯＴＥ": "full_width"} {
		a, _ := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/legal_name": at, "/address/country": "GR"}), "lawful_goods"))
		if got := outcomes(a)["/legal_name"]; !strings.Contains(got, want) {
			t.Errorf("%s in GR: %s, want %s", at, got, want)
		}
	}
}

// One more word in its script does not make a name of somebody else's letters plain.
func TestLookAlikesBesideOtherWords(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"РАУРАӀ Россия": "suspect look_alike", "ТЕЅСО магазин": "suspect look_alike", "ЕВАҮ Магазин": "suspect look_alike", "Арре Магазин": "suspect look_alike", "ΝΙΚΕ Ελλάς": "suspect look_alike",
		"エエ商银行": "suspect look_alike", "力カー": "suspect look_alike", "ООО «Ромашка»": "valid ", "Ελλάς ΑΕ": "valid ", "Магазин у дома": "valid ", "エレクトロ商会": "valid ",
	} {
		a, err := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/trade_name": name}), "lawful_goods"))
		if got := outcomes(a)["/trade_name"]; err != nil || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s, want %s (%v)", name, got, want, refusals(err))
		}
	}
	for name, at := range map[string]string{"ΝΙΚΕ Ελλάς": "GR", "ТЕСТ магазин": "BG", "力カー": "JP"} {
		a, err := pack(t, EU).Assess(registration(EU, Company, german.but(values{"/trade_name": name, "/address/country": at}), "lawful_goods"))
		if got := outcomes(a)["/trade_name"]; err != nil || !strings.HasPrefix(got, "valid ") {
			t.Errorf("%s in %s: %s (%v)", name, at, got, refusals(err))
		}
	}
}

// What is too long is so for its field, not for a number.
func TestLongTextsAreNoNumbers(t *testing.T) {
	t.Parallel()
	for at, n := range map[Pointer]int{"/legal_name": 201, "/trade_name": 3000, "/address/street": 301, "/registration/number": 3000} {
		_, err := pack(t, CN).Assess(registration(CN, Company, chinese.but(values{at: strings.Repeat("湖", n)})))
		fields := fault.Of(err).Fields
		if len(fields) != 1 || fields[0].Pointer != string(at) || fields[0].Code != "too_long" || fields[0].Detail != "the value is longer than this member may be" {
			t.Errorf("%s: %+v", at, fields)
		}
	}
}

// What is none of a list is refused with the list.
func TestListsAreNamed(t *testing.T) {
	t.Parallel()
	for name, x := range map[string]struct {
		j    Jurisdiction
		r    *Registration
		at   string
		want string
	}{
		"a reason":        {CN, registration(CN, Exempt, chinese.but(values{"/registration/exemption": "lazy"})), "/registration/exemption", "own_farm_goods, household_crafts, petty_labour, sporadic_small_deals"},
		"a type":          {CN, registration(CN, "club", chinese), "/type", "company, sole_trader, exempt"},
		"a place":         {CN, registration(CN, Company, chinese.but(values{"/tax/1/kind": "toll", "/tax/1/number": "1"})), "/tax/1/kind", "vat, ein, eori, tin, other"},
		"a certification": {CN, registration(CN, Company, chinese, "saintly"), "/certifications/0", "lawful_goods, publish_identifiers"},
	} {
		_, err := pack(t, x.j).Assess(x.r)
		found := false
		for _, f := range fault.Of(err).Fields {
			found = found || f.Pointer == x.at && f.Detail == "this has to be one of: "+x.want
			if strings.Contains(f.Detail, "lazy") || strings.Contains(f.Detail, "toll") || strings.Contains(f.Detail, "saintly") {
				t.Errorf("%s: the answer repeats it: %s", name, f.Detail)
			}
		}
		if !found {
			t.Errorf("%s: %+v", name, fault.Of(err).Fields)
		}
	}
}
