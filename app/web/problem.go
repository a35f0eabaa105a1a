package web

import (
	"context"
	"errors"
	"math"
	"net/http"
	"reflect"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// problem is an error as callers see it (RFC 9457).
type problem struct {
	Type      string        `json:"type" validate:"required" description:"urn:bauta:problem: and the code"`
	Title     string        `json:"title" validate:"required" description:"what kind of refusal this is"`
	Status    int           `json:"status" validate:"required"`
	Detail    string        `json:"detail" validate:"required" description:"for people; it never repeats what was sent or found"`
	Code      string        `json:"code" validate:"required" description:"stable, for programs"`
	RequestID string        `json:"request_id" validate:"required" description:"for us, when you ask about it"`
	Errors    []fault.Field `json:"errors,omitempty" description:"where in the body, by RFC 6901"`
	Allowed   []string      `json:"allowed,omitzero" description:"what would have been possible instead"`
}

// Faults of the door itself.
var (
	errNoRoute   = fault.New(fault.NotFound, "not_found", "there is no such thing, or it is not yours to see")
	errMethod    = fault.New(fault.Method, "method_not_allowed", "this can't be done here; see Allow for what can")
	errTooLarge  = fault.New(fault.TooLarge, "too_large", "a body has at most 1 MiB, and a document 20")
	errHeaders   = fault.New(fault.Malformed, "malformed", "the headers are too large")
	errRequest   = fault.New(fault.Malformed, "malformed", "this is not a request that can be read")
	errSlow      = fault.New(fault.Malformed, "malformed", "the request did not arrive in time")
	errDeadline  = fault.New(fault.Unavailable, "unavailable", "this took too long; try again in a moment")
	errRateLimit = fault.New(fault.Limited, "rate_limited", "too many requests; slow down")
)

// standing is the status of a kind and its title.
func standing(k fault.Kind) (int, string) {
	switch k {
	case fault.Malformed:
		return http.StatusBadRequest, "The request can't be read"
	case fault.Unauthenticated:
		return http.StatusUnauthorized, "No key, or not a valid one"
	case fault.Denied:
		return http.StatusForbidden, "Not allowed"
	case fault.NotFound:
		return http.StatusNotFound, "Not found"
	case fault.Method:
		return http.StatusMethodNotAllowed, "Method not allowed"
	case fault.Conflict:
		return http.StatusConflict, "Conflict"
	case fault.Gone:
		return http.StatusGone, "Gone"
	case fault.Precondition:
		return http.StatusPreconditionFailed, "Changed since"
	case fault.Unconditional:
		return http.StatusPreconditionRequired, "Say what you looked at"
	case fault.TooLarge:
		return http.StatusRequestEntityTooLarge, "Too large"
	case fault.Media:
		return http.StatusUnsupportedMediaType, "Unsupported media type"
	case fault.Invalid:
		return http.StatusUnprocessableEntity, "The request can't be taken"
	case fault.Limited:
		return http.StatusTooManyRequests, "Too many requests"
	case fault.Unavailable:
		return http.StatusServiceUnavailable, "Unavailable"
	case fault.Internal:
	}
	return http.StatusInternalServerError, "Internal error"
}

// met looks at what a request came upon. If that was tampered with it fails closed,
// on a page as well: whoever runs the broker is told where, and the caller only that.
func (c *call) met(err error) error {
	found, ok := broker.Tampering(err)
	if !ok {
		return err
	}
	c.server.Found(found)
	return broker.ErrTampered.Because(errors.Join(found, err)).After(time.Minute)
}

// refuse is where every error becomes an answer. Only a fault's own words go
// out; of everything else the log gets the type.
func (c *call) refuse(err error) {
	err = c.met(err)
	f := faultOf(err)
	status, title := standing(f.Kind)
	if f.Code != codeOf(err) || f.Unwrap() != nil || f.Kind == fault.Internal {
		c.cause = cause(err)
	}
	c.code = f.Code
	if over, ok := errors.AsType[*broker.OverBudgetError](err); ok {
		c.server.metrics.wentPast(over.Names())
	}
	// An answer that was begun is thrown away, body and headers, but for the id and Allow.
	c.Response().ResetBody()
	switch f.Kind {
	case fault.Unauthenticated:
		c.Set(fiber.HeaderWWWAuthenticate, `Bearer realm="bauta"`)
	case fault.Limited, fault.Unavailable:
		c.retryAfter(f)
	default:
	}
	body, encodeErr := json.Marshal(problem{
		Type: "urn:bauta:problem:" + f.Code, Title: title, Status: status, Detail: f.Detail, Code: f.Code,
		RequestID: c.id, Errors: f.Fields, Allowed: f.Allowed,
	})
	if encodeErr != nil { // only a broken UTF-8 in our own texts
		body = []byte(`{"type":"urn:bauta:problem:internal","title":"Internal error","status":500,"detail":"","code":"internal","request_id":""}`)
		status = http.StatusInternalServerError
	}
	c.Response().SetBodyRaw(body)
	c.Response().Header.SetContentType("application/problem+json")
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.Status(status)
}

func (c *call) retryAfter(f *fault.Error) {
	c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(max(1, math.Ceil(f.RetryAfter.Seconds())))))
}

// refuseEarly answers what never reached a route: the framework's own errors.
func (s *Server) refuseEarly(c *fiber.Ctx, err error) error {
	r := s.newCall(c)
	r.ctx = context.Background()
	why := s.rooms.leave(&c.Context().Request.Header)
	if errors.Is(faultOf(err), errTooLarge) {
		drain(c.Context().Conn())
		if why != nil {
			err = why
		}
	}
	r.trouble(err)
	r.guard()
	r.finish()
	return nil
}

// faultOf finds what a caller may read of an error.
func faultOf(err error) *fault.Error {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return errDeadline.Because(err).After(time.Second)
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok { // its text can hold the path
		switch e.Code {
		case http.StatusNotFound:
			return errNoRoute
		case http.StatusMethodNotAllowed:
			return errMethod
		case http.StatusRequestEntityTooLarge:
			return errTooLarge
		case http.StatusRequestHeaderFieldsTooLarge:
			return errHeaders
		case http.StatusRequestTimeout:
			return errSlow
		case http.StatusBadRequest:
			return errRequest
		}
	}
	if errors.Is(err, broker.ErrStale) {
		return broker.ErrConflict.Because(err)
	}
	return fault.Of(err)
}

func codeOf(err error) string {
	if f, ok := errors.AsType[*fault.Error](err); ok {
		return f.Code
	}
	if e, ok := errors.AsType[*fiber.Error](err); ok {
		return faultOf(e).Code
	}
	return ""
}

// cause is what the log learns: codes and types of the whole chain, SQL states,
// and the words of our own errors; a driver's words can hold a row.
func cause(err error) string {
	var words []string
	for depth := 0; err != nil && depth < 16; depth++ {
		words = append(words, word(err))
		if many, ok := err.(interface{ Unwrap() []error }); ok {
			for _, e := range many.Unwrap() {
				words = append(words, "("+cause(e)+")")
			}
			break
		}
		err = errors.Unwrap(err)
	}
	return strings.Join(words, " < ")
}

func word(err error) string {
	if s, ok := err.(interface{ SQLState() string }); ok {
		return "sqlstate " + s.SQLState()
	}
	if f, ok := err.(*fault.Error); ok { //nolint:errorlint // this link alone
		return f.Code
	}
	if err == context.DeadlineExceeded || err == context.Canceled { //nolint:errorlint // this link alone
		return err.Error()
	}
	t := reflect.TypeOf(err)
	named := t
	if named.Kind() == reflect.Pointer {
		named = named.Elem()
	}
	if strings.HasPrefix(named.PkgPath()+"/", modulePath) && errors.Unwrap(err) == nil {
		return err.Error()
	}
	return t.String()
}
