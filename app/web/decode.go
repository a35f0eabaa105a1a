package web

import (
	"bytes"
	"errors"
	"mime"
	"net/url"
	"reflect"
	"slices"
	"strings"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// maxDepth of arrays and objects in a body; ours have five.
const maxDepth = 32

var (
	errMedia     = fault.New(fault.Media, "unsupported_media_type", "the body has to be application/json in UTF-8, not encoded any further")
	errEmpty     = fault.New(fault.Malformed, "malformed", "a body is missing")
	errDeep      = fault.New(fault.Malformed, "malformed", "the body is nested too deeply")
	errNul       = fault.New(fault.Malformed, "malformed", "the body holds a NUL character")
	errJSON      = fault.New(fault.Malformed, "malformed", "the body is not one JSON value in UTF-8, with each member once")
	errUnknown   = fault.New(fault.Invalid, "unknown_member", "the body has a member that is not known here")
	errQuery     = fault.New(fault.Malformed, "malformed", "the query can't be read")
	errParameter = fault.New(fault.Invalid, "unknown_parameter", "the query has a parameter that is not known here")
	errPersonal  = fault.New(fault.Invalid, "id_is_personal", "an id must not be an e-mail address, a telephone number or the number of a person; put a prefix before numeric ids, like b-")
)

// decode reads a request's body, strictly: what is not understood is a mistake,
// not a wish.
func decode[T any](c *call) (T, error) {
	var v T
	body := c.Request().Body()
	if err := c.acceptable(body); err != nil {
		return v, err
	}
	return v, decodeBytes(body, &v)
}

// acceptable checks what the headers say of the body, and its size. It is JSON,
// or one of the other media types that are JSON as well.
func (c *call) acceptable(body []byte, others ...string) error {
	if len(body) > maxBody {
		return errTooLarge
	}
	kind, params, err := mime.ParseMediaType(string(c.Request().Header.ContentType()))
	if err != nil || kind != "application/json" && !slices.Contains(others, kind) || len(c.Request().Header.ContentEncoding()) > 0 {
		return errMedia
	}
	for name, value := range params {
		if name != "charset" || !strings.EqualFold(value, "utf-8") {
			return errMedia
		}
	}
	return nil
}

func decodeBytes(body []byte, v any) error {
	nulls, err := scan(body)
	if err != nil {
		return err
	}
	err = json.Unmarshal(body, v, json.RejectUnknownMembers(true))
	if err == nil {
		if nulls {
			return misplacedNull(body)
		}
		return nil
	}
	if _, ok := errors.AsType[*jsontext.SyntacticError](err); ok || !jsontext.Value(body).IsValid() {
		return errJSON // its own words would quote the body
	}
	return misunderstood(err)
}

// scan looks for what the decoder would take: deep nesting and NUL. It also says
// whether there may be a null.
func scan(body []byte) (nulls bool, err error) {
	if len(bytes.TrimSpace(body)) == 0 {
		return false, errEmpty
	}
	depth, quoted := 0, false
	for i := 0; i < len(body); i++ {
		switch b := body[i]; {
		case b == 0:
			return false, errNul
		case quoted && b == '\\':
			if bytes.HasPrefix(body[i+1:], []byte("u0000")) {
				return false, errNul
			}
			i++ // what is escaped ends no string
		case b == '"':
			quoted = !quoted
		case quoted:
		case b == '{' || b == '[':
			if depth++; depth > maxDepth {
				return false, errDeep
			}
		case b == '}' || b == ']':
			depth--
		case b == 'n':
			nulls = true
		}
	}
	return nulls, nil
}

// misplacedNull finds a null anywhere but at a contact member, which it
// removes: elsewhere it would be taken for a value that was left out.
func misplacedNull(body []byte) error {
	d := jsontext.NewDecoder(bytes.NewReader(body))
	for {
		t, err := d.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // the end: the body has been decoded before
		}
		if p := string(d.StackPointer()); t.Kind() == 'n' && !removable(p) {
			return fault.At(p, "not_null", "null removes a contact value, and means nothing here")
		}
	}
}

// removable are /contact/MEMBER and /contacts/USE/MEMBER, and what stands in the
// changes of a registration, which are read by themselves.
func removable(pointer string) bool {
	parts := strings.Split(pointer, "/")
	return len(parts) > 2 && parts[1] == "changes" || len(parts) == 3 && parts[1] == "contact" || len(parts) == 4 && parts[1] == "contacts"
}

// misunderstood turns the decoder's error into ours: a pointer, and no word of
// what was there.
func misunderstood(err error) error {
	e, ok := errors.AsType[*json.SemanticError](err)
	if !ok {
		return errJSON
	}
	pointer := string(e.JSONPointer)
	if errors.Is(err, json.ErrUnknownName) {
		return errUnknown.Pointing(speakable(pointer))
	}
	if f, ok := errors.AsType[*fault.Error](e.Err); ok {
		return fault.At(pointer, f.Code, f.Detail)
	}
	return fault.At(pointer, "wrong_type", wanted(e.GoType))
}

// speakable keeps an unknown member's name only if it looks like one: a caller
// who mixed up names and values must not find a value in our answer.
func speakable(pointer string) string {
	at := strings.LastIndexByte(pointer, '/')
	name := pointer[at+1:]
	if at < 0 || len(name) > 24 || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz_") != "" {
		return pointer[:max(at, 0)]
	}
	return pointer
}

func wanted(t reflect.Type) string {
	if t == nil {
		return "this is of another type"
	}
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == reflect.TypeFor[masking.Text]() || t == reflect.TypeFor[moment]() || t.Kind() == reflect.String:
		return "this has to be a string"
	case t.Kind() == reflect.Bool:
		return "this has to be true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return "this has to be a whole number"
	case t.Kind() == reflect.Slice:
		return "this has to be an array"
	default:
		return "this has to be an object"
	}
}

// identify checks an id of the marketplace's own.
func identify(id, pointer string) error {
	switch {
	case masking.PersonalID(id):
		return errPersonal.Pointing(pointer)
	case !masking.ValidID(id):
		return fault.At(pointer, "malformed_id", "an id is 1 to 128 of A-Z, a-z, 0-9, dot, underscore, colon and hyphen")
	}
	return nil
}

// pathID is the id in a path, of which callers may have escaped what they like.
func (c *call) pathID() (string, error) {
	id, err := url.PathUnescape(c.Params("id"))
	if err != nil {
		return "", placed(fault.At("", "malformed_id", "the id in the path is not well escaped"), inPath)
	}
	return id, placed(identify(id, ""), inPath)
}

// query reads the parameters of a request, strictly: each once, none unknown.
func (c *call) query(known []string) error {
	raw := c.Request().URI().QueryString()
	if len(raw) == 0 {
		return nil
	}
	given, err := url.ParseQuery(string(raw))
	if err != nil {
		return errQuery
	}
	c.params = map[string]string{}
	for _, name := range known {
		if many := given[name]; len(many) > 1 {
			return atParameter("", "repeated", "the parameter "+name+" is there more than once")
		} else if len(many) == 1 {
			c.params[name] = many[0]
		}
		delete(given, name)
	}
	if len(given) > 0 && !c.mayBringMore() {
		return errParameter.Pointing("")
	}
	return nil
}

// mayBringMore: links to a party's pages are sent by programs that write marks of their own
// into them, and a client of OAuth ignores what it does not know (RFC 6749, 4.1.2).
func (c *call) mayBringMore() bool { return c.onOwnPage() || c.Path() == providerReturn }
