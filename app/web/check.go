package web

import (
	"reflect"
	"strings"

	"github.com/go-playground/validator/v10"
)

// validate knows the rules that stand in the bodies' tags, which are also what
// the OpenAPI document says. It is made once, and never changed.
var validate = newValidate() //nolint:gochecknoglobals // a table: it caches what it reads off the types

func newValidate() *validator.Validate {
	v := validator.New(validator.WithRequiredStructEnabled())
	v.RegisterTagNameFunc(func(f reflect.StructField) string {
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		return name
	})
	knowIdentifiers(v)
	return v
}

// rules checks a body against its tags.
func rules(body any) mistakes {
	err := validate.Struct(body)
	if err == nil {
		return nil
	}
	failed, ok := err.(validator.ValidationErrors) //nolint:errorlint // as documented, and never wrapped
	if !ok {
		return mistakes{{Code: "wrong_type", Detail: "this can't be read"}}
	}
	var wrong mistakes
	for _, f := range failed { // f's own text holds the value
		code, detail := broken(f)
		wrong.add(pointerOf(f.Namespace()), code, detail)
	}
	return wrong
}

// pointerOf makes body.slot.end or body.fields[1] an RFC 6901 pointer. The names
// are ours, so there is nothing in them to escape.
func pointerOf(namespace string) string {
	_, path, _ := strings.Cut(namespace, ".")
	return "/" + strings.NewReplacer(".", "/", "[", "/", "]", "").Replace(path)
}

func broken(f validator.FieldError) (code, detail string) {
	text := f.Kind() == reflect.String
	many := f.Kind() == reflect.Slice
	switch tag := f.Tag(); {
	case tag == "required":
		return "required", "this is missing"
	case tag == "oneof":
		return "not_one_of", "this has to be one of: " + strings.ReplaceAll(f.Param(), " ", ", ")
	case tag == "unique":
		return "repeated", "each of them once"
	case tag == "max" && text:
		return "too_long", "at most " + f.Param() + " characters"
	case tag == "max" && many, tag == "min" && many:
		return "wrong_number", "at least and at most so many: " + tag + " " + f.Param()
	case tag == "max":
		return "out_of_range", "at most " + f.Param()
	case tag == "min":
		return "out_of_range", "at least " + f.Param()
	case tag == "iso4217":
		return "not_a_currency", "give the three letters of ISO 4217, like EUR"
	case tag == "iso3166_1_alpha2":
		return "not_a_country", "give the two letters of ISO 3166-1, like GB"
	case tag == "bcp47_strict_language_tag":
		return "not_a_locale", "give a language tag of BCP 47, like pt-BR"
	}
	if code, detail, ok := notIdentified(f); ok {
		return code, detail
	}
	return "not_valid", "this can't be taken"
}
