package web

import (
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/swaggest/jsonschema-go"
	"github.com/swaggest/openapi-go/openapi31"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

func newReflector() *openapi31.Reflector {
	r := openapi31.NewReflector()
	r.AddTypeMapping(masking.Text{}, "")
	r.DefaultOptions = append(r.DefaultOptions,
		jsonschema.InterceptProp(describeProperty),
		jsonschema.InterceptSchema(closeObject),
		jsonschema.InterceptNullability(func(p jsonschema.InterceptNullabilityParams) {
			// What may be null says so itself; a Go pointer alone means that it may be absent.
			if !p.Type.Implements(reflect.TypeFor[removableMember]()) {
				p.Schema.RemoveType(jsonschema.Null)
			}
		}),
	)
	r.DefaultOptions = append(r.DefaultOptions, jsonschema.InterceptDefName(func(t reflect.Type, name string) string {
		if strings.HasPrefix(t.Name(), "page[") {
			return "DisclosurePage"
		}
		if t == reflect.TypeFor[fault.Field]() {
			return "Mistake"
		}
		return strings.ToUpper(t.Name()[:1]) + t.Name()[1:]
	}))
	return r
}

// closeObject: a member that is not in the document is not in a body.
func closeObject(p jsonschema.InterceptSchemaParams) (stop bool, err error) {
	if p.Processed && p.Schema.HasType(jsonschema.Object) && len(p.Schema.Properties) > 0 {
		no := false
		p.Schema.WithAdditionalProperties(jsonschema.SchemaOrBool{TypeBoolean: &no})
	}
	return false, nil
}

// describeProperty reads the rules off the tags that the validator reads, and
// off the tag "docs" for those that stand in code.
func describeProperty(p jsonschema.InterceptPropParams) error {
	if !p.Processed {
		return nil
	}
	s, items := p.PropertySchema, false
	validated, documented := strings.Split(p.Field.Tag.Get("validate"), ","), p.Field.Tag.Get("docs")
	required := slices.Contains(validated, "required") || documented == "required"
	if required && !slices.Contains(p.ParentSchema.Required, p.Name) {
		p.ParentSchema.Required = append(p.ParentSchema.Required, p.Name)
	}
	for _, rule := range validated {
		name, value, _ := strings.Cut(rule, "=")
		if name == "dive" {
			items = true
			continue
		}
		if items && s.Items != nil && s.Items.SchemaOrBool != nil {
			ruled(s.Items.SchemaOrBool.TypeObject, name, value)
		} else {
			ruled(s, name, value)
		}
	}
	if ptr := p.Field.Type.Kind() == reflect.Pointer; ptr && required && s.Ref == nil && p.Field.Type.Elem().Kind() != reflect.Struct || nullable(p) {
		s.AddType(jsonschema.Null)
	}
	documentedAs(s, documented)
	return nil
}

// nullable: an answer's time that may be null.
func nullable(p jsonschema.InterceptPropParams) bool {
	return (p.Name == "expires_at" || p.Name == "excluded_at") && p.Field.Type == reflect.TypeFor[*time.Time]()
}

func ruled(s *jsonschema.Schema, name, value string) {
	n, _ := strconv.ParseInt(value, 10, 64) // used only where a rule has a number
	text := s.HasType(jsonschema.String)
	switch {
	case name == "oneof":
		for _, w := range strings.Fields(value) {
			s.Enum = append(s.Enum, w)
		}
	case name == "max" && text:
		s.WithMaxLength(n)
	case name == "max" && s.HasType(jsonschema.Integer):
		s.WithMaximum(float64(n))
	case name == "min" && s.HasType(jsonschema.Integer):
		s.WithMinimum(float64(n))
	case name == "required" && text && len(s.Enum) == 0:
		s.MinLength = 1
	case name == "iso4217":
		s.WithPattern("^[A-Z]{3}$")
	case name == "iso3166_1_alpha2":
		s.WithPattern("^[A-Z]{2}$")
	case name == "unique":
		s.WithUniqueItems(true)
	}
}

func documentedAs(s *jsonschema.Schema, as string) {
	if list := disputeWords(as); list != nil {
		s.Enum, s.MinLength = list, 0
	}
	if list := glassWords(as); list != nil {
		s.Enum, s.MinLength = list, 0
	}
	switch as {
	case "id":
		s.WithPattern(idPattern).WithMaxLength(128)
		s.MinLength = 1
	case "decimal":
		s.WithPattern(`^[0-9]+(\.[0-9]+)?$`)
	case "obligation":
		s.Enum = anys(obligations())
	case "instrument":
		s.Enum = anys(broker.Instruments())
	case "sha256":
		s.WithPattern("^[0-9a-f]{64}$")
	case "note":
		s.WithMaxLength(2000)
	case "needed_prose":
		s.WithMaxLength(mostProse)
		s.MinLength = 1
	case "glass_text":
		s.WithMaxLength(mostProse)
		s.MinLength = leastGlassText
	case "prose":
		s.WithMaxLength(mostProse)
	case "obligations":
		s.WithUniqueItems(true)
		s.Items.SchemaOrBool.TypeObject.Enum = anys(obligations())
	case "purpose":
		s.Enum = anys(necessity.Purposes())
	case "field":
		s.Enum = anys(masking.Fields())
	case "fields":
		s.MinItems = 1
		s.WithUniqueItems(true)
		s.Items.SchemaOrBool.TypeObject.Enum = anys(masking.Fields())
	case "state":
		s.Enum = []any{"live", "expired", "used_up", "suspended", "revoked", nil}
	case "hash":
		s.WithType(jsonschema.String.Type())
		s.WithContentEncoding("base64").WithMaxLength(44)
		s.Format = nil
		s.MinLength = 44
	}
}

func anys[W ~string](ws []W) []any {
	as := make([]any, len(ws))
	for i, w := range ws {
		as[i] = string(w)
	}
	return as
}

const idPattern = `^[A-Za-z0-9._:-]+$`

func idSchema() map[string]any {
	return map[string]any{"type": "string", "minLength": 1, "maxLength": 128, "pattern": idPattern}
}

// removableMember is any given.
type removableMember interface{ removable() }

func (given[T]) removable() {}

// flagWord is a safety flag, for the document.
type flagWord string

// Enum of the flags.
func (flagWord) Enum() []any { return []any{"minor", "at_risk", "restricted"} }

// JSONSchema of a member that null removes.
func (given[T]) JSONSchema() (jsonschema.Schema, error) {
	var s jsonschema.Schema
	if reflect.TypeFor[T]() == reflect.TypeFor[addressBody]() {
		for _, name := range []string{"street", "city", "region", "postal_code", "country"} {
			var part jsonschema.Schema
			s.WithPropertiesItem(name, part.WithType(jsonschema.String.Type()).ToSchemaOrBool())
		}
		no := false
		s.WithAdditionalProperties(jsonschema.SchemaOrBool{TypeBoolean: &no})
		s.AddType(jsonschema.Object)
	} else {
		s.AddType(jsonschema.String)
	}
	s.AddType(jsonschema.Null)
	return s, nil
}

// JSONSchema of a time with its zone.
func (moment) JSONSchema() (jsonschema.Schema, error) {
	var s jsonschema.Schema
	s.WithType(jsonschema.String.Type())
	s.WithFormat("date-time")
	return s, nil
}

// JSONSchema of a contact value: a text, or an address.
func (valueAnswer) JSONSchema() (jsonschema.Schema, error) {
	var address, s jsonschema.Schema
	for _, name := range []string{"street", "city", "region", "postal_code", "country"} {
		var part jsonschema.Schema
		address.WithPropertiesItem(name, part.WithType(jsonschema.String.Type()).ToSchemaOrBool())
	}
	no := false
	address.WithType(jsonschema.Object.Type()).WithAdditionalProperties(jsonschema.SchemaOrBool{TypeBoolean: &no})
	var text jsonschema.Schema
	text.WithType(jsonschema.String.Type())
	s.WithOneOf(text.ToSchemaOrBool(), address.ToSchemaOrBool())
	return s, nil
}

// InlineJSONSchema: these are no schemas of their own.
func (given[T]) InlineJSONSchema()    {}
func (moment) InlineJSONSchema()      {}
func (valueAnswer) InlineJSONSchema() {}
