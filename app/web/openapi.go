package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/swaggest/openapi-go"
	"github.com/swaggest/openapi-go/openapi31"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes/letters"
)

// operation is what the OpenAPI document says of a route.
type operation struct {
	id, tag, summary, description string

	request       any    // the body's type; nil without one
	example       string // of the body
	answers       []answered
	refuses       []int   // besides those that follow from scopes, body and id
	once          bool    // takes an Idempotency-Key
	people        *people // whose session it asks for; nil: none's
	public        bool    // everybody may read it, and keep it for a while
	media         string  // of the body, where it is no JSON
	patch         bool    // the body may be a merge patch by its media type as well
	opens         bool    // a GET that leaves an entry: a HEAD would show nothing, and leave one as well
	desk          bool    // a page for people, which is no part of the API
	keeps         bool    // it says itself that a caller has to wait, with what he wrote; it admits a person first
	matches       bool    // takes an If-Match, and is refused without
	optionalMatch bool    // takes one from a person
	acts          string  // for a party, who may have to sign for it: where that party is named; empty: for nobody
}

// answered is one way of answering well.
type answered struct {
	status  int
	body    any // nil: a text of the given media type
	media   string
	example string
}

const (
	mediaJSON    = "application/json"
	mediaProblem = "application/problem+json"
	security     = "key"

	sessionSecurity = "session"
)

// document is the OpenAPI document of the table.
func document(table []*route, version string) ([]byte, error) {
	r := newReflector()
	r.Spec.Info.WithTitle("Bauta").WithVersion(or(version, "0")).WithDescription(
		"A transaction privacy broker. Times are RFC 3339 with zone, amounts decimal strings. " +
			"No answer but a disclosure holds a contact value, and no error repeats what was sent.")
	r.Spec.SetHTTPBearerTokenSecurity(security, "bauta_ID_SECRET", "An API key. Its scopes say what it may do.")
	r.Spec.SetHTTPBearerTokenSecurity(sessionSecurity, "bst_TOKEN", "The session of a person who has signed in at POST /v1/session. In a browser it is a cookie.")
	for _, row := range table {
		if row.does.desk {
			continue
		}
		if err := row.describe(r); err != nil {
			return nil, fmt.Errorf("describe %s %s: %w", row.method, row.template, err)
		}
	}
	doc, err := json.Marshal(r.Spec)
	if err != nil {
		return nil, fmt.Errorf("write openapi document: %w", err)
	}
	return doc, nil
}

func (r *route) describe(to *openapi31.Reflector) error {
	oc, err := to.NewOperationContext(r.method, r.template)
	if err != nil {
		return err
	}
	oc.SetID(r.does.id)
	oc.SetTags(r.does.tag)
	oc.SetSummary(r.does.summary)
	oc.SetDescription(r.description())
	if len(r.scopes) > 0 {
		oc.AddSecurity(security)
	}
	if r.does.people != nil {
		oc.AddSecurity(sessionSecurity)
	}
	if x, ok := oc.(openapi31.OperationExposer); ok {
		x.Operation().Parameters = r.parameters()
	}
	schema, own, err := r.ownSchema()
	if err != nil {
		return err
	}
	if own {
		r.addBody(oc, schema)
	} else if r.does.request != nil {
		oc.AddReqStructure(r.does.request, openapi.WithContentType(mediaJSON), openapi.WithCustomize(func(cor openapi.ContentOrReference) {
			if body, ok := cor.(*openapi31.RequestBodyOrReference); ok {
				body.RequestBodyEns().WithRequired(true)
				exemplify(body.RequestBody.Content, mediaJSON, r.does.example)
			}
		}))
	}
	for _, a := range r.does.answers {
		r.addAnswer(oc, a)
	}
	for _, status := range r.refusals() {
		addProblem(oc, status)
	}
	return to.AddOperation(oc)
}

// ownSchema is that of a body that says itself what it is, or that is no JSON.
func (r *route) ownSchema() (schema map[string]any, own bool, err error) {
	switch r.does.media {
	case "":
	case mediaForm:
		return evidenceSchema(), true, nil
	default:
		return map[string]any{"type": "string", "format": "binary"}, true, nil
	}
	body, own := r.does.request.(interface{ JSONSchemaBytes() ([]byte, error) })
	if !own {
		return nil, false, nil
	}
	text, err := body.JSONSchemaBytes()
	if err == nil {
		err = json.Unmarshal(text, &schema)
	}
	return schema, true, err
}

func (r *route) addBody(oc openapi.OperationContext, schema map[string]any) {
	x, ok := oc.(openapi31.OperationExposer)
	if !ok {
		return
	}
	body := x.Operation().RequestBodyEns().RequestBodyEns().WithRequired(true)
	if r.does.media != "" {
		body.WithContentItem(r.does.media, openapi31.MediaType{Schema: schema})
		return
	}
	body.WithContentItem(mediaJSON, openapi31.MediaType{Schema: schema})
	exemplify(body.Content, mediaJSON, r.does.example)
	if r.does.patch {
		body.WithContentItem(mediaPatch, body.Content[mediaJSON])
	}
}

func (r *route) description() string {
	if r.does.people != nil && len(r.scopes) > 0 {
		return strings.TrimSpace(r.does.description + "\n\nScope: " + strings.Join(r.scopes, " or ") + ". Or: " + r.does.people.String())
	}
	if r.does.people != nil {
		return strings.TrimSpace(r.does.description + "\n\n" + r.does.people.String())
	}
	if len(r.scopes) == 0 {
		return r.does.description
	}
	return strings.TrimSpace(r.does.description + "\n\nScope: " + strings.Join(r.scopes, " or ") + ".")
}

func (r *route) addAnswer(oc openapi.OperationContext, a answered) {
	media := or(a.media, mediaJSON)
	oc.AddRespStructure(a.body, openapi.WithContentType(media), openapi.WithHTTPStatus(a.status), openapi.WithCustomize(func(cor openapi.ContentOrReference) {
		response, ok := cor.(*openapi31.ResponseOrReference)
		if !ok {
			return
		}
		if a.status == http.StatusNotModified {
			response.ResponseEns().WithDescription("It is what the caller has.")
			response.Response.Content = nil
			return
		}
		if a.body == nil {
			response.ResponseEns().WithContentItem(media, openapi31.MediaType{Schema: map[string]any{"type": "string"}})
		}
		exemplify(response.ResponseEns().Content, media, a.example)
		if _, ok := a.body.(disputeAnswer); ok {
			addHeader(response, "ETag", "what a step of the staff's names in If-Match")
		}
		if r.does.once {
			addHeader(response, "Idempotent-Replayed", "true when this is the first answer to the same Idempotency-Key, again")
		}
	}))
}

func addProblem(oc openapi.OperationContext, status int) {
	oc.AddRespStructure(problem{}, openapi.WithContentType(mediaProblem), openapi.WithHTTPStatus(status), openapi.WithCustomize(func(cor openapi.ContentOrReference) {
		response, ok := cor.(*openapi31.ResponseOrReference)
		if !ok {
			return
		}
		response.ResponseEns().WithDescription(http.StatusText(status))
		if status == http.StatusTooManyRequests || status == http.StatusServiceUnavailable {
			addHeader(response, "Retry-After", "seconds")
		}
		exemplify(response.Response.Content, mediaProblem, problemExample(status))
	}))
}

func addHeader(r *openapi31.ResponseOrReference, name, description string) {
	h := openapi31.Header{Schema: map[string]any{"type": "string"}}
	h.WithDescription(description)
	r.ResponseEns().WithHeadersItem(name, openapi31.HeaderOrReference{Header: &h})
}

// exemplify puts an example to a media type. An example that is no JSON is a
// text of its media type.
func exemplify(content map[string]openapi31.MediaType, media, example string) {
	m, ok := content[media]
	if !ok || example == "" {
		return
	}
	var v any
	if err := json.Unmarshal([]byte(example), &v); err != nil {
		v = example
	}
	m.WithExample(v)
	content[media] = m
}

// refusals are the statuses that a route may refuse with.
func (r *route) refusals() []int {
	statuses := append([]int{http.StatusBadRequest, http.StatusTooManyRequests, http.StatusInternalServerError, http.StatusServiceUnavailable, http.StatusUnprocessableEntity}, r.does.refuses...)
	if len(r.scopes) > 0 || r.does.people != nil {
		statuses = append(statuses, http.StatusUnauthorized, http.StatusForbidden)
	}
	if r.does.request != nil || r.does.media != "" {
		statuses = append(statuses, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType)
	}
	if r.method != http.MethodGet {
		statuses = append(statuses, http.StatusConflict)
	}
	if strings.Contains(r.template, "{id}") && r.does.tag != "parties" || r.method == http.MethodGet {
		statuses = append(statuses, http.StatusNotFound)
	}
	slices.Sort(statuses)
	return slices.Compact(statuses)
}

// parameters are those of path, query and header.
func (r *route) parameters() []openapi31.ParameterOrReference {
	var ps []openapi31.ParameterOrReference
	add := func(name string, in openapi31.ParameterIn, required bool, description string, schema map[string]any) {
		p := openapi31.Parameter{Name: name, In: in, Schema: schema}
		p.WithDescription(description).WithRequired(required)
		ps = append(ps, openapi31.ParameterOrReference{Parameter: &p})
	}
	if strings.Contains(r.template, "{id}") {
		schema := idSchema()
		if r.does.tag == "disclosures" {
			schema = map[string]any{"type": "string"}
		}
		add("id", openapi31.ParameterInPath, true, "the marketplace's own id, or one that the broker made", schema)
	}
	r.documentParameters(add)
	r.disputeParameters(add)
	if strings.Contains(r.template, "{purpose}") {
		add("purpose", openapi31.ParameterInPath, true, "what it is for", map[string]any{"type": "string", "enum": necessity.Purposes()})
	}
	if r.does.acts != "" {
		add(headerParty, openapi31.ParameterInHeader, false, "the token that the party signed for whom this acts, where the broker runs with --party-keys",
			map[string]any{"type": "string", "maxLength": 4096})
	}
	ps = append(ps, r.tileParameters()...)
	for _, name := range r.queries {
		r.queryParameter(add, name)
	}
	if r.does.once {
		add("Idempotency-Key", openapi31.ParameterInHeader, false, "the same key and body within 24 hours gives the first answer again",
			map[string]any{"type": "string", "minLength": 1, "maxLength": 255, "pattern": `^[!-~]+$`})
	}
	return ps
}

// queryParameter is one of a query.
func (r *route) queryParameter(add addParameter, name string) {
	switch name {
	case "index", "size", "from", "to":
		add(name, openapi31.ParameterInQuery, true, "counted from the beginning of the log", numberSchema())
	case "recipient":
		if r.does.tag == "disputes" { // see disputeParameters
			return
		}
		add(name, openapi31.ParameterInQuery, true, "who may no longer be given anything", idSchema())
	case "proof":
		add(name, openapi31.ParameterInQuery, false, "1 adds ledger.proof", map[string]any{"type": "string", "enum": []string{"1"}})
	case "explain":
		add(name, openapi31.ParameterInQuery, false, "1 adds explanation, in sentences", map[string]any{"type": "string", "enum": []string{"1"}})
		add("Accept-Language", openapi31.ParameterInHeader, false, "of the explanation: English, Portuguese or Chinese", map[string]any{"type": "string"})
	case "limit":
		add(name, openapi31.ParameterInQuery, false, "how many", map[string]any{"type": "integer", "minimum": 1, "maximum": mostLimit, "default": defaultLimit})
	case "after":
		add(name, openapi31.ParameterInQuery, false, "what next said", map[string]any{"type": "string"})
	case "kind", "expires": // see documentParameters
	case "queue": // see disputeParameters
	case "state":
		if !slices.Contains(r.queries, "queue") {
			add(name, openapi31.ParameterInQuery, false, "only of this one, or for this one to see", idSchema())
		}
	case "language":
		add(name, openapi31.ParameterInQuery, false, "of the letters; left out: the side's own", map[string]any{"type": "string", "enum": letters.Languages()})
	case "unreviewed":
		add(name, openapi31.ParameterInQuery, false, "1: only those that nobody has reviewed", map[string]any{"type": "string", "enum": []string{"1"}})
	case "decision":
		add(name, openapi31.ParameterInQuery, false, "only these", map[string]any{"type": "string", "enum": decisions()})
	default:
		add(name, openapi31.ParameterInQuery, false, "only of this one, or for this one to see", idSchema())
	}
}

// addParameter adds one to the document.
type addParameter func(name string, in openapi31.ParameterIn, required bool, description string, schema map[string]any)

const (
	inQueries = openapi31.ParameterInQuery
	inHeaders = openapi31.ParameterInHeader
)

// documentParameters are those of what has a number.
func (r *route) documentParameters(add addParameter) {
	if strings.Contains(r.template, "{n}") {
		add("n", openapi31.ParameterInPath, true, "its number, from 1", map[string]any{"type": "integer", "minimum": 1})
	}
	if slices.Contains(r.queries, "kind") {
		add("kind", openapi31.ParameterInQuery, true, "of the document", map[string]any{"type": "string", "enum": broker.DocumentKinds()})
		add("expires", openapi31.ParameterInQuery, false, "the last day on which it is good", map[string]any{"type": "string", "format": "date"})
	}
}

func decisions() []string { return []string{"granted", "pending", "refused"} }

func problemExample(status int) string {
	code := map[int]string{
		400: "malformed", 401: "unauthenticated", 403: "scope_missing", 404: "not_found", 409: "conflict", 410: "gone",
		412: "changed", 413: "too_large", 415: "unsupported_media_type", 422: "validation_failed", 428: "precondition_required", 429: "rate_limited", 500: "internal", 503: "unavailable",
	}[status]
	errs := ""
	if status == http.StatusUnprocessableEntity {
		errs = `,"errors":[{"pointer":"/items","code":"required","detail":"this is missing"}]`
	}
	return fmt.Sprintf(`{"type":"urn:bauta:problem:%s","title":%q,"status":%d,"detail":"what to do about it","code":"%s","request_id":"req_0s9kq3v2m1x8d7ha"%s}`,
		code, http.StatusText(status), status, code, errs)
}
