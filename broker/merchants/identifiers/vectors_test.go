package identifiers_test

import (
	"strings"
	"testing"

	. "bauta.dev/bauta/broker/merchants/identifiers"
)

// vector is a number and what is to be said of it.
type vector struct {
	kind     Kind
	country  string
	given    string
	outcome  Outcome
	code     Code
	personal bool
}

// valid are the numbers that mutations start from: worked examples of the
// standards, public test vectors and synthetic numbers, nobody's as far as we know.
var valid = []vector{
	{USCC, "", "91110000600037341L", Valid, "", false},
	{USCC, "", "91350100M000100Y43", Valid, "", false}, // the standard's worked example
	{USCC, "", "91512081MA62K0260E", Valid, "", false},
	{USCC, "", "91330100MA00000740", Valid, "", false}, // the check character is 0
	{USCC, "", "91330100MA0000496Y", Valid, "", false},
	{USCC, "", "92310000MA000004XR", Valid, "", false}, // and the organisation's is X
	{USCC, "", "N2330106MF00000137", Valid, "", false}, // an authority with a letter
	{USCC, "", "A1110000600037341K", Valid, "", false},
	{RIC, "", "360426199101010071", Valid, "", true},
	{RIC, "", "11010519491231002X", Valid, "", true},
	{RIC, "", "11010119900307002X", Valid, "", true},
	{LEI, "", "213800KUD8LAJWSQ9D15", Valid, "", false},
	{LEI, "", "YZ83GD8L7GG84979J516", Valid, "", false},
	{LEI, "", "5493001KJTIIGC8Y1R12", Valid, "", false},
	{LEI, "", "2594007XIACKNMUAW223", Valid, "", false},
	{IBAN, "", "GB82WEST12345698765432", Valid, "", true},
	{IBAN, "", "DE89370400440532013000", Valid, "", true},
	{IBAN, "", "NL91ABNA0417164300", Valid, "", true},
	{IBAN, "", "NO9386011117947", Valid, "", true},
	{IBAN, "", "FR1420041010050500013M02606", Valid, "", true},
	{GLN, "", "9501101530003", Valid, "", false},
	{GLN, "", "5412345000013", Valid, "", false},
	{GLN, "", "0614141000012", Valid, "", false},
	{GLN, "", "4006381333931", Valid, "", false}, // an article's, which nothing tells from a place's
	{VAT, "DE", "111111125", Valid, "", false},
	{VAT, "DE", "160459932", Valid, "", false},
	{VAT, "DE", "282741168", Valid, "", false},
	{VAT, "FR", "44732829320", Valid, "", false},
	{VAT, "FR", "39356000000", Valid, "", false},
	{VAT, "IT", "12345678903", Valid, "", false},
	{VAT, "IT", "13029381004", Valid, "", false},
	{VAT, "BE", "0413172884", Valid, "", false},
	{VAT, "BE", "1602602623", Valid, "", false},
	{VAT, "NL", "808661863B01", Valid, "", true}, // mod 11
	{VAT, "NL", "000099998B57", Valid, "", true}, // mod 97
	{VAT, "NL", "002455799B11", Valid, "", true}, // mod 97
	{VAT, "ES", "A58818501", Valid, "", false},
	{VAT, "ES", "B65410011", Valid, "", false},
	{VAT, "ES", "93471790C", Valid, "", true}, // DNI
	{VAT, "ES", "X5102754C", Valid, "", true}, // NIE
	{VAT, "PL", "9551893317", Valid, "", false},
	{VAT, "AT", "U38516405", Valid, "", false},
	{VAT, "SE", "202100548901", Valid, "", false},
	{VAT, "DK", "13585628", Valid, "", false},
	{VAT, "GB", "844281425", Valid, "", false},
	{VAT, "GB", "350983637", Valid, "", false},
	{VAT, "GB", "110305836", Valid, "", false}, // both rules over one base
	{VAT, "GB", "110305878", Valid, "", false},
	{VAT, "XI", "110305878", Valid, "", false},
	{EORI, "", "GB350983637000", Valid, "", false},
	{EIN, "", "12-3456789", Valid, ShapeOnly, false},
}

// traps are the numbers that naive checks take, or refuse for a wrong reason.
var traps = []vector{
	{USCC, "", "91350100M000100Y4Z", Invalid, USCCCharacters, false},
	{USCC, "", "A1110000600037341L", Invalid, USCCCheck, false},
	{USCC, "", "91110000600037341M", Invalid, USCCCheck, false},
	{USCC, "", "91110000600037341", Invalid, USCCLength, false},
	{USCC, "", "91A10000600037341L", Invalid, USCCRegion, false},
	{USCC, "", "000000000000000000", Invalid, AllZeros, false}, // fits both sums
	{USCC, "", "91350203M0001QKT19", Suspect, USCCLegacyFujian, false},
	{USCC, "", "91350211M0000XUF46", Suspect, USCCLegacyFujian, false},
	{USCC, "", "91350100M0001TGQXM", Suspect, USCCLegacyFujian, false},
	{USCC, "", "91110000600037341N", Invalid, USCCCheck, false},        // right organisation code, elsewhere
	{USCC, "", "91350100M000100Y44", Suspect, USCCLegacyFujian, false}, // a typing error that can't be told from one
	{USCC, "", "362322198709086409", Invalid, PersonalID, true},        // its last character fits the USCC
	{USCC, "", "11010519491231002X", Invalid, PersonalID, true},
	{USCC, "", "91330100MA0000041K", Invalid, USCCOrgCode, false},
	{USCC, "", "110101195003070929", Invalid, PersonalID, true}, // a resident's that passes both checks
	{USCC, "", "911101195003072369", Suspect, PersonalID, true}, // the same, where a registrar's begins
	{USCC, "", "110105 19491231 002x", Invalid, PersonalID, true},
	{USCC, "", "110105194912310021", Invalid, USCCCheck, true}, // a typing error makes it nobody else's
	{USCC, "", "110105491231002", Invalid, USCCLength, true},   // the old ones had 15 digits
	{USCC, "", "11010519491231002Х", Invalid, LookAlike, true}, // a Cyrillic Х
	{USCC, "", "１１０１０５１９４９１２３１００２Ｘ", Invalid, PersonalID, true},
	{RIC, "", "360426199101010072", Invalid, RICCheck, true},
	{RIC, "", "110101199902310023", Invalid, RICDate, true},
	{RIC, "", "000101199003070022", Invalid, RICRegion, true},
	{RIC, "", "1101011990030700", Invalid, RICLength, true},
	{RIC, "", "X1010119900307002X", Invalid, RICCharacters, true},
	{LEI, "", "213800KUD8LXJWSQ9D15", Invalid, LEICheck, false},
	{LEI, "", "2594007XIACKNMUAW222", Invalid, LEICheck, false},
	{LEI, "", "5493001KJTIIGC803900", Invalid, LEIAliasDigits, false}, // true 97
	{LEI, "", "2594007XIACKNMUAW22", Invalid, LEILength, false},
	{LEI, "", "2594007XIACKNMUAW2A3", Invalid, LEICharacters, false},
	{LEI, "", "00000000000000000098", Invalid, AllZeros, false},
	{LEI, "", "11010519491231002X", Invalid, PersonalID, true},
	{IBAN, "", "GB82WEST12345698765433", Invalid, IBANCheck, true},
	{IBAN, "", "DE5137040044053201300", Invalid, IBANLength, true}, // fits the sum
	{IBAN, "", "GB99WEST00000000000029", Invalid, IBANAliasDigits, true},
	{IBAN, "", "GB00WEST00000000000065", Invalid, IBANAliasDigits, true},
	{IBAN, "", "GB82WEST1234569876543A", Invalid, IBANStructure, true},
	{IBAN, "", "US82WEST12345698765432", Unsupported, IBANCountry, true},
	{IBAN, "", "82", Invalid, IBANStructure, true},
	{GLN, "", "9501101530004", Invalid, GLNCheck, false},
	{GLN, "", "950110153000", Invalid, GLNShape, false},
	{GLN, "", "0000000000000", Invalid, AllZeros, false},
	{VAT, "DE", "999999991", Invalid, VATCheck, false},
	{VAT, "DE", "136695978", Invalid, VATCheck, false},
	{VAT, "DE", "FR44732829320", Invalid, VATCountry, false},
	{VAT, "FR", "0L433754066", Suspect, VATLetterKey, false},
	{VAT, "FR", "44999999991", Invalid, VATCheck, false},
	{VAT, "FR", "0L433754067", Invalid, VATSiren, false},
	{VAT, "FR", "0I433754066", Invalid, VATShape, false},
	{VAT, "FR", "FR433754066", Invalid, VATShape, false}, // no key
	{VAT, "FR", "12000000000", Invalid, AllZeros, false},
	{VAT, "IT", "12345678901", Invalid, VATCheck, false},
	{VAT, "IT", "RSSMRA85T10A562S", Invalid, PersonalID, true},
	{VAT, "BE", "0413172885", Invalid, VATCheck, false},
	{VAT, "BE", "2413172884", Invalid, VATShape, false},
	{VAT, "NL", "123456789B12", Invalid, VATCheck, true},
	{VAT, "NL", "808661863B00", Invalid, VATSuffix, true},
	{VAT, "ES", "B65410010", Invalid, VATCheck, false},
	{VAT, "ES", "93471790A", Invalid, VATCheck, true},
	{VAT, "ES", "A5881850A", Suspect, VATControlKind, false}, // the letter of 1, where a company has the digit
	{VAT, "PL", "9551893318", Invalid, VATCheck, false},
	{VAT, "PL", "44051401359", Invalid, PersonalID, true},
	{VAT, "AT", "U10223001", Invalid, VATCheck, false},
	{VAT, "AT", "38516405", Invalid, VATShape, false},
	{VAT, "SE", "202100548801", Invalid, VATCheck, false},
	{VAT, "SE", "202100548902", Invalid, VATSuffix, false},
	{VAT, "SE", "811218987601", Valid, "", true}, // a sole trader's own number
	{VAT, "SE", "8112189876", Invalid, PersonalID, true},
	{VAT, "DK", "13585627", Invalid, VATCheck, false},
	{VAT, "GB", "999999991", Invalid, VATCheck, false},
	{VAT, "GB", "GD001", Suspect, VATGovernment, false},
	{VAT, "GB", "844281425001", Valid, "", false},
	{VAT, "PT", "501964843", Unsupported, VATCountryUnsupported, false},
	{VAT, "GR", "094259216", Unsupported, VATCountryUnsupported, false},
	{VAT, "", "501964843", Unsupported, VATCountryMissing, false},
	{VAT, "Germany", "111111125", Unsupported, VATCountryUnsupported, false},
	{EORI, "", "DE1234567", Valid, ShapeOnly, false},
	{EORI, "", "DE123456", Invalid, EORIShape, false},
	{EORI, "", "ES93471790C", Valid, ShapeOnly, true},
	{EORI, "", "GB999999991000", Invalid, EORIVAT, false},
	{EORI, "", "GB350983637001", Invalid, EORIShape, false},
	{EORI, "", "ZZ123", Unsupported, EORICountry, false},
	{EORI, "", "FR", Invalid, EORIShape, false},
	{EORI, "", "123", Invalid, EORIShape, false},
	{EIN, "", "00-0000000", Invalid, EINPrefix, false},
	{EIN, "", "07-1234567", Invalid, EINPrefix, false},
	{EIN, "", "078-05-1120", Invalid, PersonalID, true},
	{EIN, "", "123-45-6789", Invalid, PersonalID, true}, // its digits are an EIN's too
	{EIN, "", "12-345678", Invalid, EINShape, false},
	{"bic", "", "DEUTDEFF", Unsupported, KindUnsupported, false},
	{"", "", "", Unsupported, KindUnsupported, false},
}

func TestVectors(t *testing.T) {
	t.Parallel()
	for _, all := range [][]vector{valid, traps} {
		for _, v := range all {
			if r := Check(v.kind, v.country, v.given); r.Outcome != v.outcome || r.Code != v.code || r.Personal != v.personal {
				t.Errorf("%s %s %s: %s %q personal %t, want %s %q %t", v.kind, v.country, v.given, r.Outcome, r.Code, r.Personal, v.outcome, v.code, v.personal)
			}
		}
	}
}

// Every row has a number that passes it.
func TestEveryRowHasVector(t *testing.T) {
	t.Parallel()
	for _, row := range Rows() {
		found := false
		for _, v := range valid {
			found = found || v.kind == row.Kind && v.country == row.Country
		}
		if !found {
			t.Errorf("%s %s has no valid vector", row.Kind, row.Country)
		}
	}
}

// Every code that comes out of a vector says something, and every code that
// says something comes out of a vector.
func TestCodesAreSaid(t *testing.T) {
	t.Parallel()
	seen := map[Code]bool{}
	for _, all := range [][]vector{valid, traps, written} {
		for _, v := range all {
			seen[v.code] = true
			if v.code != "" && v.code.Detail() == "" {
				t.Errorf("%s says nothing", v.code)
			}
		}
	}
	for _, c := range []vector{
		{VAT, "FR", "FR53000004605", Suspect, VATMonaco, false},
		{VAT, "ES", "K0867756N", Suspect, VATSpecialPerson, true},
	} {
		if r := Check(c.kind, c.country, c.given); r.Outcome != c.outcome || r.Code != c.code || r.Personal != c.personal {
			t.Errorf("%s: %+v", c.given, r)
		}
		seen[c.code] = true
	}
	for _, c := range AllCodes() {
		if !seen[c] {
			t.Errorf("no vector has %s", c)
		}
	}
}

// written are numbers as people write and copy them.
var written = []vector{
	{USCC, "", " 9111 0000-6000.37341l ", Valid, "", false},
	{USCC, "", "９１１１００００６０００３７３４１Ｌ", Suspect, FullWidth, false},
	{USCC, "", "91110000\u00a0600037341L", Suspect, FullWidth, false}, // a blank that does not break
	{USCC, "", "９１１１００００６０００３７３４１Ｍ", Invalid, USCCCheck, false},
	{USCC, "", "91350100М000100Y43", Invalid, LookAlike, false}, // a Cyrillic М
	{USCC, "", "91350100Μ000100Y43", Invalid, LookAlike, false}, // a Greek Μ
	{USCC, "", "9111000060003734١L", Invalid, LookAlike, false}, // an Arabic digit
	{USCC, "", "91110000\u200b600037341L", Invalid, LookAlike, false},
	{USCC, "", "91110000\u202e600037341L", Invalid, LookAlike, false},
	{USCC, "", "𝟗1110000600037341L", Invalid, LookAlike, false},
	{USCC, "", "91110000600037341L号", Invalid, Characters, false},
	{USCC, "", "91110000_600037341L", Invalid, Characters, false},
	{USCC, "", "91110000\xff600037341L", Invalid, Characters, false},
	{USCC, "", "", Invalid, Empty, false},
	{USCC, "", " - . ", Invalid, Empty, false},
	{RIC, "", "", Invalid, Empty, true},
	{IBAN, "", "gb82 west 1234 5698 7654 32", Valid, "", true},
	{IBAN, "", "GB82WЕST12345698765432", Invalid, LookAlike, true}, // a Cyrillic Е
	{LEI, "", "2138 00KU D8LA JWSQ 9D15", Valid, "", false},
	{VAT, "de", "DE 111 111 125", Valid, "", false},
	{VAT, "", "DE111111125", Valid, "", false},
	{VAT, "AT", "ATU38516405", Valid, "", false},
	{VAT, "BE", "BE 0413.172.884", Valid, "", false},
	{VAT, "FR", "FR 44 732829320", Valid, "", false},
	{VAT, "DE", "ＤＥ１１１１１１１２５", Suspect, FullWidth, false},
	{VAT, "NL", "", Invalid, Empty, true},
	{EIN, "", "123456789", Valid, ShapeOnly, false},
	{USCC, "", strings.Repeat("9", 50<<20), Invalid, TooLong, false},
	{VAT, "DE", strings.Repeat("9", 193), Invalid, TooLong, false},
}

func TestWritten(t *testing.T) {
	t.Parallel()
	for _, v := range written {
		if r := Check(v.kind, v.country, v.given); r.Outcome != v.outcome || r.Code != v.code || r.Personal != v.personal {
			t.Errorf("%s %s %.40q: %s %q %t, want %s %q %t", v.kind, v.country, v.given, r.Outcome, r.Code, r.Personal, v.outcome, v.code, v.personal)
		}
	}
}

func TestNormal(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		kind                 Kind
		country, given, want string
	}{
		{USCC, "", " 9111 0000-6000.37341l ", "91110000600037341L"},
		{USCC, "", "９１１１００００６０００３７３４１Ｌ", "91110000600037341L"},
		{EIN, "", "12-3456789", "123456789"},
		{VAT, "DE", "111 111 125", "DE111111125"},
		{VAT, "DE", "de111111125", "DE111111125"},
		{VAT, "", "de111111125", "DE111111125"},
		{VAT, "AT", "U38516405", "ATU38516405"},
		{VAT, "GR", "GR094259216", "EL094259216"},
		{VAT, "FR", "FRFR123456789", "FRFR123456789"}, // FR is its key
		{VAT, "DE", strings.Repeat("1", 40), "DE"},
	} {
		if got := Check(x.kind, x.country, x.given).Normal(); got != x.want {
			t.Errorf("%s: %s, want %s", x.given, got, x.want)
		}
	}
	if (Result{}).Normal() != "" {
		t.Error("a result of nothing has a number")
	}
}

// Structures without which a check of remainders takes anything.
func TestIBANOfOtherCountries(t *testing.T) {
	t.Parallel()
	for _, iban := range []string{
		"AD1200012030200359100100", "AE070331234567890123456", "AT611904300234573201", "BE68539007547034", "BG80BNBG96611020345678",
		"BR1800360305000010009795493C1", "BY13NBRB3600900000002Z00AB00", "CH9300762011623852957", "CR05015202001026284066", "CY17002001280000001200527600",
		"CZ6508000000192000145399", "DK5000400440116243", "DO28BAGR00000001212453611324", "EE382200221020145685", "ES9121000418450200051332",
		"FI2112345600000785", "FO6264600001631634", "GB29NWBK60161331926819", "GE29NB0000000101904917", "GI75NWBK000000007099453", "GL8964710001000206",
		"HN54PISA00000000000000123124", "IE64IRCE92050112345678", "BH67BMAG00001299123456", "AL47212110090000000235698741",
	} {
		if r := Check(IBAN, "", iban); r.Outcome != Valid {
			t.Errorf("%s of the registry: %s %s", iban[:2], r.Outcome, r.Code)
		}
	}
}
