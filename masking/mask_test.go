package masking

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
	"pgregory.net/rapid"
)

func text(s string) Value { return Value{Text: NewText(s)} }

func place(street, city, region, postalCode, country string) Value {
	return Value{Address: Address{
		Street: NewText(street), City: NewText(city), Region: NewText(region), PostalCode: NewText(postalCode), Country: country,
	}}
}

// The table of masking.md part 2, then what it forces.
func TestMaskEmail(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"john.smith@gmail.com":                  "j•••@gmail.com",
		"ab@qq.com":                             "•••@qq.com",
		"a@b.com":                               "•••@•••.com",
		"jane@janedoe.example":                  "j•••@•••.example",
		"13800138000@163.com":                   "•••@163.com",
		"张三@例子.测试":                              "•••@•••.测试",
		`"a@b"@x.com`:                           "•••@•••.com",
		"giovana_teixeira790@example.com":       "g•••@•••.com",
		"ursula.ribeiro764@correio.example.org": "u•••@•••.org",
		"Leticia+loja@UOL.com.br":               "l•••@uol.com.br",
		"giovana@yahoo.com.br":                  "g•••@yahoo.com.br",
		"smith@hotmail.co.uk":                   "s•••@hotmail.co.uk",
		"smith@hotmail.smith.fr":                "s•••@•••.fr",
		"+4915112345678@web.de":                 "•••@web.de",
		"2bornot2b@web.de":                      "•••@web.de",
		"张三丰@qq.com":                            "张•••@qq.com",
		"赟三丰@qq.com":                            "•••@qq.com",
		"pope@diocese.va":                       Hidden,
		"jane@iam.janedoe":                      Hidden,
		"jane@localhost":                        Hidden,
		"jane@.com":                             Hidden,
		"jane@":                                 Hidden,
		"@gmail.com":                            Hidden,
		"no address":                            Hidden,
	} {
		if got := Mask(Email, text(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestMaskPhone(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"+14155550132":       "+1 ••• ••• ••32",
		"+8613800138000":     "138••••••00",
		"+33639981234":       "+33 6 •• •• •• 34",
		"+33800123456":       "+33 •••• •••56",
		"+3546111234":        "+354 ••• ••••",
		"+442079460958":      "+44 •••• •••58",
		"+442079460018":      "+44 •••• •••18",
		"+5587991935795":     "+55 •••• •••95",
		"+554634971328":      "+55 •••• •••28",
		"+861082345678":      "+86 •••• •••78",
		"+15550100":          "+1 ••• ••••",
		"+4721212121":        "+47 ••• ••••",
		"+352621123456":      "+352 ••• ••••", // 9 digits, and too few people for two of them
		"+2902123":           Hidden,          // all of St Helena is 29,700 numbers
		"+37761234567":       "+377 ••• ••••",
		"+80012345678":       Hidden,
		"+9991234567890":     Hidden,
		"13800138000":        Hidden, // not normal
		"+44 20 7946 0958":   Hidden,
		"+1":                 Hidden,
		"+12345678901234567": Hidden,
	} {
		if got := Mask(Phone, text(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
	n, err := Normalize(Phone, NewText("020 7946 0018 ext 24"), "GB")
	if got := Mask(Phone, Value{Text: n}); err != nil || got != "+44 •••• •••18" {
		t.Errorf("with extension: %q, %v", got, err)
	}
}

func TestMaskName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"John Smith":                 "J•••",
		"Zaphod Beeblebrox":          "Z•••",
		"zaphod":                     "Z•••",
		"李明":                         "李•",
		"欧阳娜娜":                       "欧••",
		"张三丰":                        "张••",
		"張三豐":                        "張••",
		"Bo":                         Hidden,
		"李":                          Hidden,
		"María del Carmen Núñez Gil": "M•••",
		"Giovana Teixeira":           "G•••",
		"Úrsula Ribeiro":             "Ú•••",
		"U\u0301rsula Ribeiro":       "Ú•••",
		"Conceição D'Ávila":          "C•••",
		"O'Neil, Jr.":                "O•••",
		"Иван Петров":                "И•••",
		"Ελένη Παπαδοπούλου":         "Ε•••",
		"Ivan Петров":                Hidden, // two scripts
		"John 李":                     Hidden,
		"赟三丰":                        Hidden, // no common surname
		"阿卜杜拉·买买提":                   Hidden,
		"김철수":                        Hidden, // a script without a rule
		"محمد علي":                   Hidden,
		"ꜢAbC":                       Hidden,
		"\u0301John":                 Hidden,
		"Loja 21":                    Hidden,
		"john@gmail.com":             Hidden,
		"J\u0301\u0302o":             Hidden, // two letters, two marks
		"\xffJohn":                   Hidden,
		"":                           Hidden,
	} {
		if got := Mask(Name, text(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

// A name's hint and a first name's must not add up to the name.
func TestMaskFirstName(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"Giovana": "G•••", "Jo": Hidden, "三丰": Hidden, "张三丰": Hidden} {
		if got := Mask(FirstName, text(in)); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

var addressCases = []struct {
	street, city, region, code, country string
	address, locality                   string
}{
	{"1600 Amphitheatre Pkwy", "Mountain View", "CA", "94043", "US", "CA 940••", "CA •••"},
	{"1600 Amphitheatre Pkwy", "Mountain View", "California", "94043-1351", "US", "CA 940••", "CA •••"},
	{"1 Main St", "Woodstock", "VT", "05901", "US", "VT 000••", "VT •••"},
	{"1 Main St", "Nowhere", "Main St", "94043", "US", "US 940••", "US •••"},
	{"1 Main St", "Nowhere", "", "9404", "US", "US •••", "US •••"},
	{"Flat 3, 14 Example St", "Exampleton", "", "AB1 2CD", "GB", "AB1 •••", "GB •••"},
	{"Flat 3", "London", "", "ec1a1bb", "GB", "EC •••", "GB •••"},
	{"Flat 3", "London", "", "W1A 1AA", "GB", "W1 •••", "GB •••"},
	{"Croft 3", "Lerwick", "", "ZE1 0AA", "GB", "ZE •••", "GB •••"},
	{"x", "x", "", "AB1", "GB", "AB1 •••", "GB •••"},
	{"x", "x", "", "QQ1 1AA", "GB", "GB •••", "GB •••"},
	{"x", "x", "", "Musterweg", "GB", "GB •••", "GB •••"},
	{"Musterstr. 12", "Musterstadt", "", "12345", "DE", "DE 12•••", "DE •••"},
	{"Musterstr. 12", "Musterstadt", "", "D-12345", "DE", "DE •••", "DE •••"},
	{"12 Rue de Rivoli", "PARIS", "", "75004", "FR", "Paris (75)", "FR •••"},
	{"12 Rue de Rivoli", "Paris", "", "69001", "FR", "(69)", "FR •••"},
	{"1 Rue X", "Petit-Village", "", "48100", "FR", "(48)", "FR •••"},
	{"1 Rue X", "Saint-Denis", "", "97400", "FR", "(974)", "FR •••"},
	{"1 Rue X", "Saint-Pierre", "", "97500", "FR", "FR •••", "FR •••"},
	{"马连洼街道289号", "海淀区", "北京市", "100093", "CN", "北京市海淀区•••", "北京市•••"},
	{"马连洼街道289号", "北京市海淀区", "北京", "100093", "CN", "北京市海淀区•••", "北京市•••"},
	{"马连洼街道289号", "北京市海淀区", "", "", "CN", "北京市海淀区•••", "CN •••"},
	{"海淀区马连洼街道289号", "北京市", "北京市", "", "CN", "北京市•••", "北京市•••"},
	{"x", "马连洼街道289号", "北京市", "", "CN", "北京市•••", "北京市•••"},
	{"x", "阳光小区", "北京市", "", "CN", "北京市•••", "北京市•••"},
	{"x", "札达县", "西藏自治区", "", "CN", "西藏自治区•••", "西藏自治区•••"},
	{"Haidian", "Beijing", "Beijing", "", "CN", "CN •••", "CN •••"},
	{"Estrada do Coco, 2138", "Recife", "PE", "51190-321", "BR", "PE 51•••-•••", "PE •••"},
	{"Rua XV de Novembro, 304", "Sao Paulo", "SP", "08290465", "BR", "SP 08•••-•••", "SP •••"},
	{"Rua XV de Novembro, 304", "Sao Paulo", "XX", "0829", "BR", "BR •••", "BR •••"},
	{"Via Roma 1", "Roma", "RM", "00100", "IT", "IT •••", "IT •••"},
	{"1 Main Road", "Adamstown", "", "PCRN 1ZZ", "PN", Hidden, Hidden},
	{"x", "x", "CA", "94043", "UK", Hidden, Hidden},
	{"x", "x", "CA", "94043", "", Hidden, Hidden},
	{"\xff", "\xff", "\xff", "\xff", "GB", "GB •••", "GB •••"},
}

func TestMaskAddress(t *testing.T) {
	t.Parallel()
	for _, c := range addressCases {
		v := place(c.street, c.city, c.region, c.code, c.country)
		if got := Mask(FullAddress, v); got != c.address {
			t.Errorf("%q %q: %q, want %q", c.city, c.code, got, c.address)
		}
		if got := Mask(Locality, Value{Address: v.Address.Locality()}); got != c.locality {
			t.Errorf("locality of %q: %q, want %q", c.city, got, c.locality)
		}
		if got := Mask(Locality, v); got != c.locality {
			t.Errorf("the mask of a locality of %q looks at more than that: %q", c.city, got)
		}
	}
}

func TestMaskNothing(t *testing.T) {
	t.Parallel()
	for _, f := range append(Fields(), Instructions, Field("passport"), Field("")) {
		if got := Mask(f, Value{}); got != Hidden {
			t.Errorf("%s: %q of no value", f, got)
		}
	}
	for _, f := range []Field{Instructions, "passport", FullAddress, Locality} {
		if got := Mask(f, text("Ring twice")); got != Hidden {
			t.Errorf("%s: %q of a text", f, got)
		}
	}
}

// shown counts what a mask shows of its value.
func shown(mask string) int {
	n := 0
	for _, r := range mask {
		if r != '•' {
			n++
		}
	}
	return n
}

func stable(t interface{ Fatalf(string, ...any) }, f Field, v Value) string {
	m := Mask(f, v)
	if m == "" || !utf8.ValidString(m) || m != Mask(f, v) {
		t.Fatalf("%s: mask is empty, not UTF-8 or not stable", f)
	}
	return m
}

// somebody draws names as they come: letters of all scripts, marks, joints.
func somebody() *rapid.Generator[string] {
	letters := rapid.RuneFrom([]rune("abczJÜéßИжΕλ李张欧阳赟김م 'ı-.·\u0301\u200d🐒1@"), unicode.Latin, unicode.Han, unicode.Cyrillic)
	return rapid.StringOfN(letters, 0, 20, -1)
}

func TestMaskShowsOneLetterOfAName(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := somebody().Draw(t, "name")
		for _, f := range []Field{Name, FirstName} {
			if m := stable(t, f, text(s)); shown(m) > 1 {
				t.Fatalf("%s shows more than a letter: %q", f, m)
			}
		}
		if a, b := Mask(Name, text(s)), Mask(Name, text(norm.NFD.String(s))); a != b {
			t.Fatalf("two spellings of one name have two masks: %q, %q", a, b)
		}
	})
}

func TestMaskShowsOneLetterOfALocalPart(t *testing.T) {
	t.Parallel()
	domains := rapid.SampledFrom([]string{"gmail.com", "janedoe.example", "qq.com", "x.de", "例子.测试", "localhost", "a@b.com"})
	rapid.Check(t, func(t *rapid.T) {
		local, domain := somebody().Draw(t, "local"), domains.Draw(t, "domain")
		m := stable(t, Email, text(local+"@"+domain))
		before, after, _ := strings.Cut(m, "@")
		if shown(before) > 1 {
			t.Fatalf("the local part shows: %q", m)
		}
		if !isProvider(domain) && strings.Count(after, ".") > 1 {
			t.Fatalf("the domain shows: %q", m)
		}
	})
}

func TestMaskHidesSevenDigitsOfAPhone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := rapid.StringMatching(`\+[1-9][0-9]{4,14}`).Draw(t, "phone")
		m := stable(t, Phone, text(s))
		code, national, ok := splitPhone(s)
		if !ok {
			if m != Hidden {
				t.Fatalf("no country, and yet: %q", m)
			}
			return
		}
		digits := 0
		for _, r := range strings.TrimPrefix(m, "+"+code) {
			if unicode.IsDigit(r) {
				digits++
			}
		}
		switch chinese := code == "86" && !strings.HasPrefix(m, "+"); {
		case chinese && len(national)-digits < 6:
			t.Fatalf("hides fewer than 6 digits: %q", m)
		case !chinese && digits > 0 && len(national)-digits < 6:
			t.Fatalf("hides fewer than 6 digits: %q", m)
		case len(national) < 9 && digits > 0:
			t.Fatalf("shows digits of a short number: %q", m)
		}
	})
}

// Streets are drawn from an alphabet that no other part of an address has.
func TestMaskNeverShowsAStreet(t *testing.T) {
	t.Parallel()
	street := rapid.StringOfN(rapid.RuneFrom([]rune("wxyzŵẍŷẑ")), 3, 30, -1)
	code := rapid.OneOf(rapid.StringMatching(`[0-9]{5}(-[0-9]{3,4})?`), rapid.StringMatching(`[A-Z]{1,2}[0-9][0-9A-Z]? [0-9][A-Z]{2}`), rapid.String())
	country := rapid.SampledFrom(strings.Fields(countries))
	rapid.Check(t, func(t *rapid.T) {
		s, in := street.Draw(t, "street"), rapid.SampledFrom([]string{"US", "GB", "DE", "FR", "CN", "BR", country.Draw(t, "country")}).Draw(t, "in")
		// a street in every part: people do not read labels
		for _, v := range []Value{
			place(s, "Paris", "CA", code.Draw(t, "code"), in),
			place(s, s, s, s, in), place(s, s, "CA", "94043", in), place(s, "Recife", s, "51190-321", in),
		} {
			m := stable(t, FullAddress, v)
			if shown(m) > 14 {
				t.Fatalf("a long mask: %q", m)
			}
			runes := []rune(s)
			for i := range len(runes) - 2 {
				if strings.Contains(m, string(runes[i:i+3])) {
					t.Fatalf("shows a run of the street: %q", m)
				}
			}
			stable(t, Locality, v)
		}
	})
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"john.smith@gmail.com", "+14155550132", "李明", "AB1 2CD", "北京市海淀区", "\xff@\xff", "51190-321", "U\u0301"} {
		f.Add(s, "US")
	}
	f.Fuzz(func(t *testing.T, s, country string) {
		for _, field := range append(Fields(), Instructions) {
			stable(t, field, text(s))
			for _, in := range []string{country, "US", "GB", "DE", "FR", "CN", "BR"} {
				stable(t, field, place(s, s, s, s, in))
			}
		}
		if m := Mask(Name, text(s)); shown(m) > 1 {
			t.Errorf("name shows %q", m)
		}
	})
}
