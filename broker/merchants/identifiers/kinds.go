package identifiers

import "regexp"

// strength is what a number that fits says by itself.
type strength int

// Of some kinds one number in ten fits by chance, of others one in ten thousand. The
// weaker ones need their name beside them, or to be written as only they are.
const (
	faint  strength = iota // as common; and businesses there have others that fit as well
	common                 // proved beside its name; people look at it where its people live
	likely                 // proved beside its name, and as people write it where its people live; else people look
	rare                   // proved beside its name and where its people live; elsewhere people look
)

// kind is one number that a state gives to its people.
type kind struct {
	countries string // whose people have it
	name, law string
	names     string // by which texts name it, without its diacritics or as it is written
	lengths   [2]int // the least and the most characters, without punctuation
	written   *regexp.Regexp
	parts     []string // the lengths of its parts, as people write them apart
	proves    func(number string) bool
	strength  strength
	trade     bool // businesses have the same number
}

// unmistakable are long enough to be nothing else: they are proved wherever they stand.
var unmistakable = []struct {
	country, name, law string
	length             int
	proves             func(number string) bool
}{
	{"CN", "resident identity number", "GB 11643-1999", 18, residentID},
	{"MX", "CURP", "Ley General de Población, art. 91", 18, curp},
	{"IT", "codice fiscale", "D.M. 23 dicembre 1976", 16, fiscalCode},
	{"FR", "NIR", "Code de la sécurité sociale, R161-1", 15, nirKey},
}

func re(s string) *regexp.Regexp { return regexp.MustCompile("^" + s + "$") }

// kinds are the numbers of persons that are looked for: those of every member of the
// union, of the other jurisdictions that have a pack, and of countries whose people sell
// into them. At most 64, since a text is searched with a set of them.
var kinds = []kind{
	{"AT", "Versicherungsnummer", "ASVG § 30c", "SVNR|VSNR|SV NUMMER|SV NR|VERSICHERUNGSNUMMER|SOZIALVERSICHERUNGSNUMMER", [2]int{10, 10}, nil, []string{"46", "4222", "424"}, svnr, rare, false},
	{"BE", "national register number", "Arrêté royal du 3 avril 1984", "RIJKSREGISTERNUMMER|RIJKSREGISTERNR|REGISTRE NATIONAL|INSZ|NISS", [2]int{11, 11}, re(`[0-9]{2}\.[0-9]{2}\.[0-9]{2}-[0-9]{3}[.-][0-9]{2}`), []string{"632", "65", "22232", "2225"}, func(n string) bool { return registered(n) && monthDay(n[2:4], n[4:6], 20, 0) }, rare, false},
	{"BG", "ЕГН", "Закон за гражданската регистрация, чл. 11", "EGN|ЕГН", [2]int{10, 10}, nil, []string{"64"}, egn, rare, false},
	{"CY", "tax number of a person", "OECD, TIN of Cyprus", "TIC|ΑΦΤ", [2]int{9, 9}, nil, []string{"81"}, ticCY, rare, false},
	{"CZ", "rodné číslo", "zákon 133/2000 Sb., § 13", "RODNE CISLO|RODNÉ ČÍSLO|R.Č.|RČ:", [2]int{10, 10}, re(`[0-9]{6}/[0-9]{4}`), []string{"64", "2224"}, birthNumber, rare, false},
	{"SK", "rodné číslo", "zákon 301/1995 Z. z.", "RODNE CISLO|RODNÉ ČÍSLO|R.Č.|RČ:", [2]int{10, 10}, re(`[0-9]{6}/[0-9]{4}`), []string{"64", "2224"}, func(n string) bool { return birthNumber(n) && (n[2]-'0')%5 < 2 && n[:2] != "09" }, rare, false}, // businesses have 2 to 4 and 7 to 9 in the third place, telephones begin with 09
	{"CZ SK", "rodné číslo, before 1954", "zákon 133/2000 Sb., § 13", "RODNE CISLO|RODNÉ ČÍSLO|R.Č.|RČ:", [2]int{9, 9}, re(`[0-9]{6}/[0-9]{3}`), []string{"63", "2223"}, birthNumber, likely, false},
	{"DE", "Identifikationsnummer", "AO § 139b", "STEUERID|STEUER ID|STEUER IDENT|STEUER IDENTNUMMER|IDENT NR|STEUER IDNR|IDNR|STEUERIDENTNUMMER|STEUERIDENTIFIKATIONSNUMMER|STEUER IDENTIFIKATIONSNUMMER|IDENTIFIKATIONSNUMMER", [2]int{11, 11}, nil, []string{"2333"}, taxpayerDE, rare, false},
	{"DE", "Versicherungsnummer", "SGB VI § 147", "SVNR|RVNR|SV NUMMER|SV NR|RV NUMMER|SOZIALVERSICHERUNGSNR|SOZIALVERSICHERUNGSNUMMER|RENTENVERSICHERUNGSNUMMER|VERSICHERUNGSNUMMER", [2]int{12, 12}, nil, []string{"2613", "26112", "22221112"}, insuredDE, rare, false},
	{"DK", "CPR-nummer", "CPR-loven § 3", "CPR|CPR NR|CPRNR|PERSONNUMMER", [2]int{10, 10}, re(`[0-9]{6}-[0-9]{4}`), []string{"64", "2224"}, func(n string) bool { return sized(n, 10) && monthDay(n[2:4], n[:2], 0, 0) }, likely, false},
	{"EE LT", "isikukood, asmens kodas", "EVS 585", "ISIKUKOOD|ASMENS KODAS|ASM KODAS|AK|IK", [2]int{11, 11}, nil, []string{"164", "74", "65"}, balticCode, rare, false},
	{"LV", "personas kods", "Fizisko personu reģistra likums", "PERSONAS KODS|PK", [2]int{11, 11}, re(`[0-9]{6}-[0-9]{5}`), []string{"65", "2225"}, personasKods, rare, false},
	{"ES", "DNI, NIE", "Real Decreto 1553/2005, art. 11; Real Decreto 557/2011, art. 206", "DNI|NIE|NIF", [2]int{9, 9}, re(`[XYZ]?-?[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-?[A-Z]`), []string{"81", "171", "18", "2331", "11331"}, nifES, rare, false},
	{"ES", "número de afiliación", "Real Decreto 84/1996", "NUSS|NAF|NSS|SEGURIDAD SOCIAL", [2]int{12, 12}, re(`[0-9]{2}[/-][0-9]{8}[/-][0-9]{2}`), []string{"282"}, nuss, likely, false},
	{"FI", "henkilötunnus", "laki 661/2009", "HETU|HENKILOTUNNUS|HENKILÖTUNNUS|PERSONBETECKNING", [2]int{10, 11}, re(`[0-9]{6}[-+][0-9]{3}[0-9A-Y]`), []string{"64", "65"}, hetu, rare, false},
	{"FR", "numéro fiscal", "Code général des impôts, annexe", "SPI|NUMERO FISCAL|NUMÉRO FISCAL", [2]int{13, 13}, nil, []string{"22333"}, fiscalFR, rare, false},
	{"FR", "NIR without its key", "Code de la sécurité sociale, R161-1", "NIR|SECU|SECURITE SOCIALE|SÉCURITÉ SOCIALE", [2]int{13, 13}, nil, []string{"122233"}, nirBody, common, false},
	{"GR EL", "ΑΜΚΑ", "Ν. 3655/2008, άρθρο 153", "AMKA|ΑΜΚΑ", [2]int{11, 11}, re(`[0-9]{6}-[0-9]{5}`), []string{"65"}, amka, rare, false},
	{"GR EL", "ΑΦΜ", "Ν. 4174/2013, άρθρο 10", "AFM|ΑΦΜ", [2]int{9, 9}, nil, nil, afm, common, true},
	{"HR", "OIB", "Zakon o osobnom identifikacijskom broju", "OIB", [2]int{11, 11}, nil, nil, func(n string) bool { return sized(n, 11) && hybrid11(n) }, common, true},
	{"HR SI RS BA ME MK", "JMBG, EMŠO", "Zakon o centralnem registru prebivalstva", "JMBG|EMSO|EMŠO|МБГ|ЈМБГ|MATICNI BROJ|MATIČNI BROJ", [2]int{13, 13}, nil, []string{"76", "2236", "22333", "2232221"}, jmbg, rare, false},
	{"SI", "davčna številka", "Zakon o finančni upravi", "DAVCNA STEVILKA|DAVČNA ŠTEVILKA|DAVCNA|DAVČNA", [2]int{8, 8}, nil, nil, taxpayerSI, common, true},
	{"HU", "adóazonosító jel", "2017. évi CL. törvény", "ADOAZONOSITO|ADÓAZONOSÍTÓ", [2]int{10, 10}, nil, nil, taxpayerHU, rare, false},
	{"HU", "személyi azonosító", "1996. évi XX. törvény", "SZEMELYI|SZEMÉLYI", [2]int{11, 11}, re(`[1-8]-[0-9]{6}-[0-9]{4}`), []string{"164", "12224"}, personalHU, likely, false},
	{"HU", "TAJ szám", "1996. évi XX. törvény", "TAJ|TAJSZAM|TAJSZÁM", [2]int{9, 9}, nil, []string{"333"}, func(n string) bool {
		return sized(n, 9) && weighted(n, []int{3, 7, 3, 7, 3, 7, 3, 7})%10 == int(n[8]-'0')
	}, common, false},
	{"IE", "PPS number", "Social Welfare Consolidation Act 2005, s. 262", "PPS|PPSN", [2]int{8, 9}, nil, []string{"71", "72", "711"}, pps, common, false},
	{"LU", "matricule", "Loi du 19 juin 2013", "MATRICULE|CNS", [2]int{13, 13}, nil, []string{"85", "42232", "832", "4225"}, matricule, rare, false},
	{"MT", "identity card", "Identity Card and other Identity Documents Act, cap. 258", "ID CARD|IDENTITY CARD", [2]int{7, 8}, nil, []string{"71", "61"}, re(`[0-9]{6,7}[ABGHLMPZ]`).MatchString, common, false},
	{"NL", "burgerservicenummer", "Wet algemene bepalingen burgerservicenummer", "BSN|BURGERSERVICENUMMER|SOFINUMMER", [2]int{9, 9}, nil, []string{"333", "423"}, bsn, common, false},
	{"PL", "PESEL", "Ustawa o ewidencji ludności, art. 15", "PESEL", [2]int{11, 11}, nil, []string{"65", "245", "2225"}, func(n string) bool { return pesel(n) && peselDate(n) }, rare, false},
	{"PT", "NIF of a person", "Decreto-Lei 14/2013", "NIF|CONTRIBUINTE|NUMERO FISCAL|NÚMERO FISCAL|IDENTIFICACAO FISCAL|IDENTIFICAÇÃO FISCAL", [2]int{9, 9}, nil, []string{"333"}, nifPT, likely, false},
	{"PT", "cartão de cidadão", "Lei 7/2007", "CIDADAO|CIDADÃO|CC", [2]int{12, 12}, nil, []string{"813", "93", "8121"}, citizenPT, rare, false},
	{"RO", "CNP", "Legea 105/1996", "CNP|NUMERIC PERSONAL", [2]int{13, 13}, nil, []string{"166", "1666", "1226", "12226", "76"}, cnp, rare, false},
	{"SE", "personnummer", "Folkbokföringslag (1991:481), 18 §", "PERSONNUMMER|PERSONNR|PERS NR|PNR|SAMORDNINGSNUMMER", [2]int{10, 12}, re(`([0-9]{2})?[0-9]{6}[-+][0-9]{4}`), []string{"64", "84", "2224", "4224"}, func(n string) bool { return personnummer(n) && swedishDate(n) }, rare, false},
	{"GB", "National Insurance number", "Social Security (Crediting and Treatment of Contributions, and National Insurance Numbers) Regulations 2001", "NINO|NATIONAL INSURANCE|NI NUMBER|NI NO", [2]int{9, 9}, nil, []string{"22221", "261", "27", "2223"}, nino.MatchString, rare, false},
	{"GB", "NHS number", "NHS Data Dictionary", "NHS", [2]int{10, 10}, nil, nil, nhs, common, false},
	{"GB", "unique taxpayer reference", "Taxes Management Act 1970", "UTR", [2]int{10, 10}, nil, nil, utr, common, false},
	{"US", "SSN, ITIN", "SSA POMS RM 10201.035; 26 CFR 301.6109-1", "SSN|SOCIAL SECURITY|ITIN", [2]int{9, 9}, re(`[0-9]{3}-[0-9]{2}-[0-9]{4}`), []string{"324"}, ssnOrITIN, likely, false},
	{"CH LI", "AHV-Nummer", "AHVG Art. 50c", "AHV|AVS|AHVN|NAVS", [2]int{13, 13}, re(`756\.[0-9]{4}\.[0-9]{4}\.[0-9]{2}`), []string{"3442"}, ahv, rare, false},
	{"NO", "fødselsnummer", "Folkeregisterloven § 2-2", "FODSELSNUMMER|FØDSELSNUMMER|PERSONNUMMER|FNR", [2]int{11, 11}, re(`[0-9]{6}-[0-9]{5}`), []string{"65", "2225", "632"}, fodselsnummer, rare, false},
	{"IS", "kennitala", "Lög um skráningu einstaklinga 140/2019", "KENNITALA|KT", [2]int{10, 10}, re(`[0-9]{6}-[0-9]{4}`), []string{"64"}, kennitala, rare, false},
	{"TR", "kimlik numarası", "5490 sayılı Kanun", "TCKN|TC KIMLIK|KIMLIK", [2]int{11, 11}, nil, nil, kimlik, rare, false},
	{"UA", "РНОКПП", "Податковий кодекс України, ст. 70", "РНОКПП|ІПН|RNOKPP", [2]int{10, 10}, nil, nil, rnokpp, common, false},
	{"RU", "ИНН of a person", "Налоговый кодекс РФ, ст. 84", "ИНН|INN", [2]int{12, 12}, nil, nil, innRU, rare, false},
	{"RU", "СНИЛС", "Федеральный закон 27-ФЗ", "СНИЛС|SNILS", [2]int{11, 11}, re(`[0-9]{3}-[0-9]{3}-[0-9]{3}-?[0-9]{2}`), []string{"3332"}, snils, likely, false},
	{"BR", "CPF", "Lei 14.534/2023", "CPF", [2]int{11, 11}, re(`[0-9]{3}\.[0-9]{3}\.[0-9]{3}-[0-9]{2}`), []string{"3332", "92"}, cpf, rare, false},
	{"BR", "PIS, NIT", "Lei Complementar 7/1970", "PIS|PASEP|NIT", [2]int{11, 11}, re(`[0-9]{3}\.[0-9]{5}\.[0-9]{2}-[0-9]`), []string{"3521"}, pis, likely, false},
	{"MX", "RFC of a person", "Código Fiscal de la Federación, art. 27", "RFC", [2]int{13, 13}, nil, []string{"463"}, rfc, rare, false},
	{"AR", "CUIL, CUIT of a person", "Ley 11.683", "CUIL|CUIT", [2]int{11, 11}, re(`2[0-9]-[0-9]{8}-[0-9]`), []string{"281"}, cuil, rare, false},
	{"CL", "RUN", "D.F.L. 1 de 2000", "RUT|RUN", [2]int{8, 9}, re(`[0-9]{1,2}\.?[0-9]{3}\.?[0-9]{3}-[0-9K]`), []string{"2331", "1331", "81", "71"}, run, likely, false},
	{"PE", "RUC of a person", "Ley 26497", "RUC", [2]int{11, 11}, nil, nil, ruc, rare, false},
	{"EC", "cédula", "Ley Orgánica de Gestión de la Identidad", "CEDULA|CÉDULA", [2]int{10, 10}, re(`[0-9]{9}-[0-9]`), []string{"91"}, cedula, rare, false},
	{"KR", "주민등록번호", "주민등록법", "RRN|주민등록번호|주민번호", [2]int{13, 13}, nil, nil, rrn, common, false},
	{"JP", "個人番号", "番号利用法", "MY NUMBER|マイナンバー|個人番号", [2]int{12, 12}, nil, nil, myNumber, faint, false},
	{"TW", "國民身分證統一編號", "戶籍法", "身分證|身份證", [2]int{10, 10}, nil, nil, nationalTW, rare, false},
	{"HK", "HKID", "Registration of Persons Ordinance, cap. 177", "HKID", [2]int{8, 9}, nil, []string{"71", "81"}, hkid, likely, false},
	{"SG", "NRIC, FIN", "National Registration Act 1965", "NRIC|FIN", [2]int{9, 9}, nil, nil, nric, rare, false},
	{"IN", "Aadhaar", "Aadhaar Act 2016, s. 4", "AADHAAR|AADHAR", [2]int{12, 12}, nil, nil, aadhaar, common, false},
	{"TH", "เลขประจำตัวประชาชน", "พ.ร.บ. บัตรประจำตัวประชาชน", "", [2]int{13, 13}, re(`[1-8]-[0-9]{4}-[0-9]{5}-[0-9]{2}-[0-9]`), []string{"14521"}, pinTH, likely, false},
	{"MY", "MyKad", "National Registration Act 1959", "MYKAD|NRIC", [2]int{12, 12}, re(`[0-9]{6}-[0-9]{2}-[0-9]{4}`), []string{"624"}, func(n string) bool { return sized(n, 12) && monthDay(n[2:4], n[4:6], 0, 0) }, likely, false},
	{"ZA", "identity number", "Identification Act 68 of 1997", "", [2]int{13, 13}, nil, []string{"6412", "67", "6421"}, identityZA, rare, false},
	{"IL", "teudat zehut", "Population Registry Law 1965", "TEUDAT ZEHUT|תעודת זהות", [2]int{9, 9}, nil, nil, nineLuhn, faint, false},
	{"CA", "social insurance number", "Employment Insurance Act, s. 138", "SOCIAL INSURANCE|NAS", [2]int{9, 9}, re(`[0-9]{3}-[0-9]{3}-[0-9]{3}`), []string{"333"}, nineLuhn, faint, false},
	{"AU", "tax file number", "Taxation Administration Act 1953", "TFN|TAX FILE", [2]int{9, 9}, nil, []string{"333"}, tfn, faint, false},
}
