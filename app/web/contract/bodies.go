package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/routers"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// bodies holds bodies against their schemas. Each schema is compiled once:
// openapi3filter does it for every body, and that was most of what holding an
// exchange against the document cost.
type bodies struct {
	mu       sync.Mutex
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema // by where they are in the document
}

// where the document is, as far as references in it go.
const where = "https://bauta.invalid/openapi.json"

func newBodies(doc []byte) (*bodies, error) {
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		return nil, fmt.Errorf("read: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	for name, f := range openapi3.SchemaStringFormats {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error {
			if s, is := v.(string); is {
				return f.Validate(s)
			}
			return nil
		}})
	}
	for name, f := range openapi3.SchemaIntegerFormats {
		c.RegisterFormat(&jsonschema.Format{Name: name, Validate: func(v any) error { return whole(v, f.Validate) }})
	}
	c.AssertFormat()
	if err := c.AddResource(where, v); err != nil {
		return nil, fmt.Errorf("take in: %w", err)
	}
	return &bodies{compiler: c, compiled: map[string]*jsonschema.Schema{}}, nil
}

// whole holds a number without a fraction against a format.
func whole(v any, holds func(int64) error) error {
	number, is := v.(json.Number)
	if !is {
		return nil
	}
	if n, err := number.Int64(); err == nil {
		return holds(n)
	}
	if f, err := number.Float64(); err == nil && f != math.Trunc(f) {
		return nil // the type is for the schema to refuse
	}
	return errors.New("does not fit")
}

// request holds the body of one that was taken.
func (b *bodies) request(route *routers.Route, contentType string, body []byte) error {
	ref := route.Operation.RequestBody
	if ref == nil {
		return nil
	}
	if len(body) == 0 {
		if ref.Value.Required {
			return errors.New("a body is required")
		}
		return nil
	}
	at := ref.Ref
	if at == "" {
		at = pointer("#", "paths", route.Path, strings.ToLower(route.Method), "requestBody")
	}
	return b.hold(at, ref.Value.Content, contentType, body)
}

// response holds the body of an answer.
func (b *bodies) response(route *routers.Route, status int, contentType string, body []byte) error {
	code := strconv.Itoa(status)
	ref := route.Operation.Responses.Value(code)
	if ref == nil {
		return fmt.Errorf("no answer %d is documented", status)
	}
	at := ref.Ref
	if at == "" {
		at = pointer("#", "paths", route.Path, strings.ToLower(route.Method), "responses", code)
	}
	return b.hold(at, ref.Value.Content, contentType, body)
}

// hold finds the schema of a media type below a place of the document.
func (b *bodies) hold(at string, content openapi3.Content, contentType string, body []byte) error {
	if len(content) == 0 {
		return nil
	}
	media := content.Get(contentType)
	if media == nil {
		return fmt.Errorf("no %q is documented", contentType)
	}
	if media.Schema == nil {
		return nil
	}
	if base, _, _ := strings.Cut(contentType, ";"); base != "application/json" && !strings.HasSuffix(base, "+json") {
		return nil // of bytes a schema says nothing
	}
	for name, m := range content {
		if m == media {
			at = pointer(at, "content", name, "schema")
		}
	}
	schema, err := b.schema(at)
	if err != nil {
		return err
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("read body: %w", err)
	}
	if err := schema.Validate(v); err != nil {
		return fmt.Errorf("the body: %w", err)
	}
	return nil
}

func (b *bodies) schema(at string) (*jsonschema.Schema, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.compiled[at]; s != nil {
		return s, nil
	}
	s, err := b.compiler.Compile(where + at)
	if err != nil {
		return nil, fmt.Errorf("compile %s: %w", at, err)
	}
	b.compiled[at] = s
	return s, nil
}

// pointer is a JSON pointer in a fragment.
func pointer(base string, steps ...string) string {
	escape := strings.NewReplacer("~", "~0", "/", "~1", "%", "%25", "{", "%7B", "}", "%7D")
	for i, step := range steps {
		steps[i] = escape.Replace(step)
	}
	return base + "/" + strings.Join(steps, "/")
}
