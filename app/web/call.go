package web

import (
	"context"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/go-json-experiment/json"
	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking/fault"
)

// call is one request on its way through the door.
type call struct {
	*fiber.Ctx
	ctx     context.Context //nolint:containedctx // it lives as long as the request, and is the request's
	server  *Server
	id      string
	began   time.Time
	route   *route            // nil until the table has matched
	key     *broker.APIKey    // nil without one
	person  *accounts.Session // who has signed in; nil on routes that ask for a key or for nobody
	word    *broker.Word      // of the party that the call acts for, checked; nil without one
	params  map[string]string // of the query: those that the route knows
	limited error             // this caller has to wait; the route says so on its page
	code    string            // of the refusal, for the log
	cause   string            // likewise; never a value
}

const callKey = "bauta.call"

var requestEncoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// newCall gives the request its id. None is taken from outside: what a caller
// could put there would stand in our log.
func (s *Server) newCall(c *fiber.Ctx) *call {
	var raw [10]byte
	id := "req_unnumbered"
	if _, err := io.ReadFull(s.Random, raw[:]); err == nil {
		id = "req_" + requestEncoding.EncodeToString(raw[:])
	}
	c.Set("Request-Id", id)
	return &call{Ctx: c, server: s, id: id, began: s.Now()}
}

// accompany goes with every request: deadline, panics, headers, one log line.
func (s *Server) accompany(c *fiber.Ctx) error {
	r := s.newCall(c)
	c.Locals(callKey, r)
	ctx := s.deadlines.in(s.Deadline)
	c.SetUserContext(ctx)
	r.ctx = ctx
	s.metrics.inFlight.Inc()
	defer s.metrics.inFlight.Dec()
	err := errSmuggled
	if smuggled(&c.Request().Header) {
		c.Response().SetConnectionClose()
	} else {
		err = r.next()
	}
	if err != nil {
		r.trouble(err)
	}
	r.guard()
	r.finish()
	return nil
}

var errSmuggled error = fault.New(fault.Malformed, "malformed", "a request has one length: Content-Length or Transfer-Encoding, not both")

// next turns a panic into an error that knows where, and nothing of what.
func (c *call) next() (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = &panicked{value: p, where: where()}
		}
	}()
	return c.Next()
}

// panicked says where; its value may hold anything, so it stays inside, but
// for the runtime's own words.
type panicked struct {
	value any
	where string
}

func (p *panicked) Error() string {
	if e, ok := p.value.(runtime.Error); ok {
		return "panic: " + e.Error() + " at " + p.where
	}
	return fmt.Sprintf("panic: %T at %s", p.value, p.where)
}

// where are the innermost frames of ours.
func where() string {
	pcs := make([]uintptr, 64)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(4, pcs)])
	var ours []string
	for {
		f, more := frames.Next()
		if strings.HasPrefix(f.Function, modulePath) && len(ours) < 6 {
			ours = append(ours, strings.TrimPrefix(f.Function, modulePath)+":"+strconv.Itoa(f.Line))
		}
		if !more {
			return strings.Join(ours, " < ")
		}
	}
}

const modulePath = "bauta.dev/bauta/"

// guard sets the headers that every answer has.
func (c *call) guard() {
	c.Set("X-Content-Type-Options", "nosniff")
	c.Set("Referrer-Policy", "no-referrer")
	if c.Context().IsTLS() {
		c.Set("Strict-Transport-Security", "max-age=31536000")
	}
	if c.route != nil && strings.HasPrefix(c.route.template, "/v1/") && !c.cacheable() {
		c.Set("Cache-Control", "no-store")
	}
	h := &c.Response().Header
	if strings.HasPrefix(string(h.ContentType()), "text/html") && len(h.Peek("Content-Security-Policy")) == 0 {
		c.Set("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
		c.Set("X-Frame-Options", "DENY")
	}
}

// cacheable: what everybody may read may be kept on the way, but no refusal.
func (c *call) cacheable() bool { return c.route.does.public && c.code == "" }

// template is how the log and the metrics call a path; what callers wrote
// stands in neither.
func (c *call) template() string {
	if c.route != nil {
		return c.route.template
	}
	if c.Route() == nil || c.Response().StatusCode() == http.StatusNotFound || c.Response().StatusCode() == http.StatusMethodNotAllowed {
		return "unknown"
	}
	return c.Route().Path
}

// finish writes the request's one line.
func (c *call) finish() {
	took := c.server.Now().Sub(c.began)
	status, template, method := c.Response().StatusCode(), c.template(), knownMethod(c.Ctx)
	c.server.metrics.observe(template, method, status, took)
	attrs := make([]slog.Attr, 0, 8)
	attrs = append(attrs,
		slog.String("method", method), slog.String("route", template), slog.Int("status", status),
		slog.Float64("ms", float64(took.Microseconds())/1000), slog.String("request_id", c.id))
	if c.key != nil {
		attrs = append(attrs, slog.String("key", c.key.ID))
	}
	if c.person != nil {
		attrs = append(attrs, slog.String("account", string(c.person.Account)))
	}
	if c.code != "" {
		attrs = append(attrs, slog.String("code", c.code))
	}
	level := slog.LevelInfo
	if c.cause != "" {
		attrs = append(attrs, slog.String("cause", c.cause))
	}
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	c.server.Log.LogAttrs(c.ctx, level, "request", attrs...)
}

// knownMethod: a method of the caller's own making is not repeated.
func knownMethod(c *fiber.Ctx) string {
	for _, m := range fiber.DefaultMethods {
		if c.Method() == m {
			return m
		}
	}
	return "OTHER"
}

// caller is who calls, for the broker. A source belongs to what is attested.
func (c *call) caller(scope string) broker.Caller {
	who := broker.Caller{Key: c.key.ID, Word: c.word}
	if scope == attest {
		who.Source = c.key.Source
	}
	return who
}

// answer encodes v as JSON. An answer that fails half way is never sent.
func (c *call) answer(status int, v any) error {
	c.Response().Header.SetContentType("application/json")
	if err := json.MarshalWrite(c.Response().BodyWriter(), v); err != nil {
		c.Response().ResetBody()
		return errEncode.Because(errors.Unwrap(err)) // its text could hold the value
	}
	c.Status(status)
	return nil
}

var errEncode = fault.New(fault.Internal, "internal", "something went wrong on our side; nothing was revealed")
