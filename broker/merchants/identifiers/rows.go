package identifiers

// always marks the rows whose every number is personal, a wrong one included.
const always = "always"

// rows are all checks. A number of a kind that is not here is unsupported, and
// so is a VAT number of another country.
var rows = []Row{
	{USCC, "", "18 of 0-9 A-Z without I O S V Z; 3 to 8 digits", "mod 31, and in 9 to 17 the organisation code, mod 11", "GB 32100-2015, GB 11714-1997", "what is or looks like a resident's number", checkUSCC},
	{RIC, "", "17 digits, and a digit or X", "province, date of birth, ISO 7064 mod 11-2", "GB 11643-1999", always, checkRIC},
	{LEI, "", "18 letters and digits, 2 digits", "ISO 7064 mod 97-10, digits 02 to 98", "ISO 17442-1:2020", "", checkLEI},
	{IBAN, "", "by country, 15 to 33", "structure of the country, ISO 7064 mod 97-10, digits 02 to 98", "ISO 13616-1:2020, " + ibanRelease, always, checkIBAN},
	{GLN, "", "13 digits", "GS1 mod 10", "GS1 General Specifications 7.9", "a Swiss insurance number, which has the same check", checkGLN},
	{VAT, "DE", "9 digits", "ISO 7064 mod 11,10", "UStG § 27a", "", vatDE},
	{VAT, "FR", "2 of 0-9 A-Z without I O, 9 digits", "key of the SIREN mod 97, SIREN by Luhn; a key with a letter is suspect", "CGI art. 286 ter", "", vatFR},
	{VAT, "IT", "11 digits", "Luhn", "D.P.R. 633/1972 art. 35", "", vatIT},
	{VAT, "BE", "10 digits, the first 0 or 1", "97 less the first eight mod 97", "Code de la TVA art. 50", "", vatBE},
	{VAT, "NL", "9 digits, B, 2 digits", "mod 11 over nine digits, or mod 97-10 over all", "Wet OB 1968", always, vatNL},
	{VAT, "ES", "a letter or digit, 7 digits, a letter or digit", "DNI and NIE mod 23, others by Luhn", "Real Decreto 1065/2007 art. 18-25", "DNI, NIE, and numbers that begin with K, L or M", vatES},
	{VAT, "PL", "10 digits", "mod 11", "Ustawa o NIP", "", vatPL},
	{VAT, "AT", "U, 8 digits", "doubled digits, mod 10", "UStG 1994 Art. 28", "", vatAT},
	{VAT, "SE", "12 digits, the last 01", "Luhn over the first ten", "Skatteförfarandelagen (2011:1244)", "the third digit is 0 or 1: a person's own number", vatSE},
	{VAT, "DK", "8 digits", "mod 11", "Momsloven § 47", "", vatDK},
	{VAT, "GB", "9 or 12 digits, or GD or HA and 3", "mod 97, or 55 off it", "Value Added Tax Act 1994 Sch. 11", "", vatGB},
	{VAT, "XI", "9 or 12 digits, or GD or HA and 3", "mod 97, or 55 off it", "Directive 2006/112/EC art. 215", "", vatGB},
	{EORI, "", "country, up to 15 letters and digits", "shape; GB and XI by their VAT number and 000", "Implementing Regulation (EU) 2015/2447 annex 12-01", "the number of a person after the country, and every Dutch one", checkEORI},
	{EIN, "", "9 digits", "prefix; there is no check digit", "26 CFR 301.6109-1", "what is written like an SSN", checkEIN},
}
