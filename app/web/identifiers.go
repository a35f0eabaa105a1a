package web

import (
	"reflect"

	"github.com/go-playground/validator/v10"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// knowIdentifiers lets tags name the numbers of businesses, by their kinds. A
// tag refuses what is invalid; what is suspect, or nobody has checked, is for a
// review, which is told so by the check itself. The tag vat takes a country, as
// in vat=DE, or the name of the field beside it that has one, as in vat=Country.
func knowIdentifiers(v *validator.Validate) {
	for _, kind := range identifiers.Kinds() {
		err := v.RegisterValidation(string(kind), func(f validator.FieldLevel) bool {
			return identified(kind, countryBeside(f.Parent(), f.Param()), f.Field()).Outcome != identifiers.Invalid
		})
		if err != nil { // a kind's name is a word, and the function is there
			panic("web: tag " + string(kind) + ": " + err.Error())
		}
	}
}

// identified checks a text, or a personal one.
func identified(kind identifiers.Kind, country string, field reflect.Value) identifiers.Result {
	if t, personal := field.Interface().(masking.Text); personal {
		return identifiers.Check(kind, country, t.Reveal())
	}
	return identifiers.Check(kind, country, field.String())
}

func countryBeside(parent reflect.Value, param string) string {
	for parent.Kind() == reflect.Pointer {
		parent = parent.Elem()
	}
	if parent.Kind() == reflect.Struct {
		if f := parent.FieldByName(param); f.IsValid() && f.Kind() == reflect.String {
			return f.String()
		}
	}
	return param
}

// notIdentified is what a tag of a kind found. The country that stood beside the
// field is not known any more, and the reason could be another without it: so a
// VAT number is told no more than that it can't be one.
func notIdentified(f validator.FieldError) (code, detail string, ok bool) {
	kind := identifiers.Kind(f.Tag())
	for _, k := range identifiers.Kinds() {
		if k != kind {
			continue
		}
		country := ""
		if len(f.Param()) == len("DE") {
			country = f.Param()
		}
		r := identified(kind, country, reflect.ValueOf(f.Value()))
		if r.Outcome != identifiers.Invalid {
			r.Code = identifiers.VATShape
		}
		return string(r.Code), r.Code.Detail(), true
	}
	return "", "", false
}
