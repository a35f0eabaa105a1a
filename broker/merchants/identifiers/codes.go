package identifiers

// Code says why. Codes are part of the API.
type Code string

// The codes of all checks, and those of each family.
const (
	Empty           Code = "empty"
	TooLong         Code = "too_long"
	FullWidth       Code = "full_width"
	LookAlike       Code = "look_alike"
	Characters      Code = "characters"
	AllZeros        Code = "all_zeros"
	PersonalID      Code = "personal_id"
	ShapeOnly       Code = "shape_only"
	KindUnsupported Code = "kind_unsupported"

	USCCLength       Code = "uscc_length"
	USCCCharacters   Code = "uscc_characters"
	USCCRegion       Code = "uscc_region"
	USCCCheck        Code = "uscc_check"
	USCCOrgCode      Code = "uscc_org_code"
	USCCLegacyFujian Code = "uscc_legacy_fujian"

	RICLength     Code = "ric_length"
	RICCharacters Code = "ric_characters"
	RICRegion     Code = "ric_region"
	RICDate       Code = "ric_date"
	RICCheck      Code = "ric_check"

	LEILength      Code = "lei_length"
	LEICharacters  Code = "lei_characters"
	LEIAliasDigits Code = "lei_alias_digits"
	LEICheck       Code = "lei_check"

	IBANCountry     Code = "iban_country"
	IBANLength      Code = "iban_length"
	IBANStructure   Code = "iban_structure"
	IBANAliasDigits Code = "iban_alias_digits"
	IBANCheck       Code = "iban_check"

	GLNShape Code = "gln_shape"
	GLNCheck Code = "gln_check"

	VATCountry            Code = "vat_country"
	VATCountryMissing     Code = "vat_country_missing"
	VATCountryUnsupported Code = "vat_country_unsupported"
	VATShape              Code = "vat_shape"
	VATCheck              Code = "vat_check"
	VATLetterKey          Code = "vat_letter_key"
	VATSiren              Code = "vat_siren"
	VATMonaco             Code = "vat_monaco"
	VATControlKind        Code = "vat_control_kind"
	VATSpecialPerson      Code = "vat_special_person"
	VATSuffix             Code = "vat_suffix"
	VATGovernment         Code = "vat_government"

	EORIShape   Code = "eori_shape"
	EORICountry Code = "eori_country"
	EORIVAT     Code = "eori_vat"

	EINShape  Code = "ein_shape"
	EINPrefix Code = "ein_prefix"
)

// meanings are the codes in the order of the documents. None of them repeats
// anything of the number.
var meanings = []struct {
	Code Code
	Says string
}{
	{Empty, "no number is given"},
	{TooLong, "this is longer than any number of its kind"},
	{FullWidth, "some characters are full-width; in plain ones the number is right: compare it with the document"},
	{LookAlike, "some characters belong to another script, or can't be seen; type the number anew"},
	{Characters, "only letters and digits, blanks, dots and hyphens can be in it"},
	{AllZeros, "nothing but zeros is nobody's number"},
	{PersonalID, "this looks like the number of a natural person, not of a business"},
	{ShapeOnly, "numbers of this kind have no check digit: only the shape was looked at"},
	{KindUnsupported, "numbers of this kind are not checked"},

	{USCCLength, "a unified social credit code has 18 characters"},
	{USCCCharacters, "it has digits and capital letters, without I, O, S, V and Z"},
	{USCCRegion, "characters 3 to 8 are the digits of a region"},
	{USCCCheck, "the last character does not fit the others"},
	{USCCOrgCode, "the organisation code in characters 9 to 17 does not fit its own check character"},
	{USCCLegacyFujian, "some codes given in Fujian before 2016 break the rule of the last character; compare it with the licence"},

	{RICLength, "a resident identity number has 18 characters"},
	{RICCharacters, "it has 17 digits, and a digit or X"},
	{RICRegion, "it begins with the digits of a province"},
	{RICDate, "digits 7 to 14 are a date of birth that there is"},
	{RICCheck, "the last character does not fit the others"},

	{LEILength, "a legal entity identifier has 20 characters"},
	{LEICharacters, "it has 18 letters and digits, and two check digits"},
	{LEIAliasDigits, "the check digits lie outside 02 to 98: the sum fits, but they are other ones"},
	{LEICheck, "the check digits do not fit the rest"},

	{IBANCountry, "this country is not in the IBAN registry"},
	{IBANLength, "this is not the length of an IBAN of its country"},
	{IBANStructure, "letters and digits do not stand where they do in an IBAN of its country"},
	{IBANAliasDigits, "the check digits lie outside 02 to 98: the sum fits, but they are other ones"},
	{IBANCheck, "the check digits do not fit the rest"},

	{GLNShape, "a global location number has 13 digits"},
	{GLNCheck, "the last digit does not fit the others"},

	{VATCountry, "the number begins with another country than was named"},
	{VATCountryMissing, "say of which country it is"},
	{VATCountryUnsupported, "VAT numbers of this country are not checked"},
	{VATShape, "this is not the shape of a VAT number of its country"},
	{VATCheck, "the check digits do not fit the rest"},
	{VATLetterKey, "a key with a letter in it can't be checked by the published rule"},
	{VATSiren, "the SIREN in it does not fit its own check digit"},
	{VATMonaco, "a SIREN that begins with 000 and fails its check can be one of Monaco"},
	{VATControlKind, "the control is right, but a letter stands for a digit, or the other way round, for this type of organisation"},
	{VATSpecialPerson, "numbers that begin with K, L or M belong to persons, and sources differ on their control letter"},
	{VATSuffix, "this is not how a number of its country ends"},
	{VATGovernment, "numbers of government departments and health authorities have no check digit"},

	{EORIShape, "this is not the shape of an EORI number of its country"},
	{EORICountry, "this country gives no EORI number that is known here"},
	{EORIVAT, "the VAT number in it does not fit its check digits"},

	{EINShape, "an employer identification number has nine digits"},
	{EINPrefix, "no campus of the IRS has these first two digits"},
}

// Detail is the code as a sentence for whoever gave the number.
func (c Code) Detail() string {
	for _, m := range meanings {
		if m.Code == c {
			return m.Says
		}
	}
	return ""
}
