package merchants

import (
	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// codeWords are the codes of this package for people, in the order of the
// documents; those of identifiers have their own.
var codeWords = []struct{ Code, Says string }{
	{codeRequired, "the law of this market asks for it"},
	{codePersonal, "this is the number of a person, and the field is public: it was not kept"},
	{codeNotAsked, "nobody asks for this: it stays private, and a person looks at it"},
	{codeTooMany, "there are more than anybody needs"},
	{codeNoMember, "a registration has no such member"},
	{codeUncertified, "a certification is missing"},
	{codeUnknownCert, "there is no such certification for this type of merchant"},
	{codeJurisdiction, "the pack is of another jurisdiction"},
	{codeWithheld, "somebody's home is not shown: give a business address, or certify that there is none"},
	{codeCertified, "of the address only country and state or province are shown, once a second person has agreed"},
	{codeMaybe, "nothing tells whether the number is a person's: it stays private"},
	{codeShape, "this has the shape of a person's number: compare it"},
	{codeNotOneOf, "this is none of the values that there are"},
	{"not_a_name", "a name has a letter in it"},
	{"contact_in_name", "there is something else in it than a name"},
	{"not_a_date", "give a day that there is, like 2026-03-04"},
	{"not_a_url", "give an address that begins with https://"},
	{codeRegion, "of a home only country and state or province are shown, and there is more in this: a number, or the street or city that was given"},
	{"postal_code_shape", "postal codes of this country look otherwise: compare it"},
	{"register_shape", "numbers of this register look otherwise: look it up"},
	{"register_unsupported", "numbers of this country's registers are not checked: look it up"},
	{"mixed_scripts", "letters of two scripts stand together, which look alike: compare it with the document"},
	{"rare_script", "there are letters of a script that hardly anybody writes now, and that look like others: compare it with the document"},
	{"foreign_digits", "some digits are of another script: compare it with the document"},
	{"invisible", "there are characters in it that can't be seen"},
}

// Detail is a code as a sentence, for whoever gave the value.
func Detail(code string) string {
	for _, w := range codeWords {
		if w.Code == code {
			return w.Says
		}
	}
	for _, e := range []*Refusal{
		masking.ErrTooLong, masking.ErrBlank, masking.ErrNotUTF8, masking.ErrControlCharacter, masking.ErrBidiControl,
		masking.ErrNotAnEmail, masking.ErrNotAPhone, masking.ErrNotACountry,
	} {
		if e.Code == code {
			return e.Detail
		}
	}
	if says := identifiers.Code(code).Detail(); says != "" {
		return says
	}
	return "it cannot be taken"
}
