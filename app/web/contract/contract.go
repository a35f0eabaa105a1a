// Package contract decides whether a real answer is one that the OpenAPI
// document promises. It is for tests: its errors quote what they have seen.
package contract

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
)

// Validator reads an OpenAPI 3.1 document and gives a function that holds one
// exchange against it: the answer always, the request when it was taken. path
// is with its query. What the document does not have may only be refused.
func Validator(doc []byte) (func(method, path string, status int, contentType string, reqBody, respBody []byte) error, error) {
	loader := openapi3.NewLoader()
	spec, err := loader.LoadFromData(doc)
	if err != nil {
		return nil, fmt.Errorf("read document: %w", err)
	}
	if err = spec.Validate(loader.Context); err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	router, err := gorillamux.NewRouter(spec)
	if err != nil {
		return nil, fmt.Errorf("route document: %w", err)
	}
	bodies, err := newBodies(doc)
	if err != nil {
		return nil, fmt.Errorf("document: %w", err)
	}
	return func(method, path string, status int, contentType string, reqBody, respBody []byte) error {
		return check(router, bodies, method, path, status, contentType, reqBody, respBody)
	}, nil
}

func check(router routers.Router, bodies *bodies, method, path string, status int, contentType string, reqBody, respBody []byte) error {
	ctx := context.Background()
	req, err := http.NewRequestWithContext(ctx, method, path, bytes.NewReader(reqBody))
	if err != nil {
		return fmt.Errorf("request: %w", err)
	}
	if len(reqBody) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	route, params, err := router.FindRoute(req)
	unknown := errors.Is(err, routers.ErrPathNotFound) && status == http.StatusNotFound ||
		errors.Is(err, routers.ErrMethodNotAllowed) && status == http.StatusMethodNotAllowed
	if unknown && contentType == "application/problem+json" {
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s %s answered %d: %w", method, path, status, err)
	}
	if body := route.Operation.RequestBody; body != nil && len(reqBody) > 0 && body.Value.Content["application/json"] == nil {
		for media := range body.Value.Content { // a body that is no JSON: it has one media type
			req.Header.Set("Content-Type", media)
		}
	}
	req.Header.Set("If-Match", `"0"`) // which headers there were is not known here
	in := &openapi3filter.RequestValidationInput{
		Request: req, PathParams: params, Route: route,
		Options: &openapi3filter.Options{
			AuthenticationFunc: openapi3filter.NoopAuthenticationFunc, IncludeResponseStatus: true, MultiError: true,
			ExcludeRequestBody: true, ExcludeResponseBody: true, // bodies has them
		},
	}
	if status < http.StatusMultipleChoices {
		if err = errors.Join(openapi3filter.ValidateRequest(ctx, in), bodies.request(route, req.Header.Get("Content-Type"), reqBody)); err != nil {
			return fmt.Errorf("%s %s: the request that was taken: %w", method, path, err)
		}
	}
	if media, _, _ := strings.Cut(contentType, ";"); media != "application/json" && media != "application/problem+json" {
		answer := route.Operation.Responses.Status(status)
		if answer != nil && status == http.StatusNotModified && len(respBody) == 0 {
			return nil
		}
		if answer == nil || answer.Value.Content.Get(media) == nil {
			return fmt.Errorf("%s %s: no answer %d in %s is documented", method, path, status, media)
		}
		return nil // a text, of which the document says no more
	}
	out := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: in, Status: status, Header: http.Header{"Content-Type": {contentType}},
		Body: io.NopCloser(bytes.NewReader(respBody)), Options: in.Options,
	}
	if err = errors.Join(openapi3filter.ValidateResponse(ctx, out), bodies.response(route, status, contentType, respBody)); err != nil {
		return fmt.Errorf("%s %s: the answer %d: %w", method, path, status, err)
	}
	return nil
}
