package web

import (
	"encoding/json"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// registrationSchema is the body of a registration for the document, as the packs
// have it; of a change, where null takes away.
type registrationSchema struct {
	members *member
	change  bool
}

// registrationChange is the body of a change.
type registrationChange struct{ registrationSchema }

// JSONSchemaBytes is the schema.
func (s registrationSchema) JSONSchemaBytes() ([]byte, error) {
	return json.Marshal(s.of(s.members, ""))
}

func (s registrationSchema) of(m *member, at merchants.Pointer) map[string]any {
	kind := map[memberKind]string{aText: "string", aFlag: "boolean", anObject: "object", aList: "array"}[m.kind]
	schema := map[string]any{"type": kind}
	if s.change && at != "" {
		schema["type"] = []string{kind, "null"}
	}
	switch m.kind {
	case anObject:
		parts := map[string]any{}
		for name, part := range m.parts {
			if s.change && (name == "party" || name == "jurisdiction") {
				continue
			}
			parts[name] = s.of(part, at+"/"+merchants.Pointer(name))
		}
		schema["properties"], schema["additionalProperties"] = parts, false
		if at == "" && !s.change {
			schema["required"] = []string{"jurisdiction", "type"}
		}
	case aList:
		within := s
		within.change = false
		schema["items"], schema["maxItems"] = within.of(m.parts[""], at+"/*"), mostItems
	case aText:
		describeText(schema, at)
	case aFlag:
		schema["description"] = "it is somebody's home"
	}
	return schema
}

func describeText(schema map[string]any, at merchants.Pointer) {
	switch at {
	case pointerParty:
		for name, rule := range idSchema() {
			schema[name] = rule
		}
		schema["description"] = "whose registration it is; one that is not there yet is made, and without one a new id is the party's"
	case merchants.PointerJurisdiction:
		schema["enum"], schema["description"] = merchants.Jurisdictions(), "whose law it is registered under"
	case merchants.PointerType:
		if schema["type"] == "string" {
			schema["enum"] = merchants.Types()
		}
	default:
		schema["minLength"] = 1
	}
}

// JSONSchemaBytes is the schema of nothing.
func (emptyBody) JSONSchemaBytes() ([]byte, error) {
	return []byte(`{"type":"object","additionalProperties":false}`), nil
}

// profileSchema is a public profile for the document: the words of schema.org
// are its own affair.
type profileSchema struct{}

// JSONSchemaBytes is the schema.
func (profileSchema) JSONSchemaBytes() ([]byte, error) {
	text, number := map[string]any{"type": "string"}, map[string]any{"type": "integer"}
	moment := map[string]any{"type": "string", "format": "date-time"}
	field := map[string]any{"type": "object", "additionalProperties": false, "properties": map[string]any{
		"pointer": text, "label": text, "value": text, "law": text, "since": map[string]any{"type": "string", "format": "date"},
		"verified_by": map[string]any{"type": "string", "enum": broker.CheckSources()}, "method": map[string]any{"type": "string", "enum": broker.CheckMethods()},
		"verified_at": moment, "entry": number,
	}, "required": []string{"pointer", "label", "value", "law", "verified_by", "method", "verified_at", "entry"}}
	return json.Marshal(map[string]any{
		"type": "object", "required": []string{"@context", "@type", "merchant", "jurisdiction", "version", "approved_at", "updated_at", "entry", "fields"},
		"properties": map[string]any{
			"@context": map[string]any{"type": "array"}, "@type": map[string]any{"type": "string", "enum": []string{"Organization"}}, "@id": text,
			"merchant": text, "jurisdiction": text, "merchant_type": text, "version": number, "approved_at": moment, "updated_at": moment,
			"closing":   map[string]any{"type": "boolean", "description": "a public notice: it closes"},
			"closes_at": moment, "entry": map[string]any{"type": "integer", "description": "the index of the approval in the ledger"},
			"fields": map[string]any{"type": "array", "items": field},
		},
	})
}
