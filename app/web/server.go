// Package web decides who comes in at the door, and with what: one table of
// routes with their scopes, strict decoding, and one place where errors become
// answers. It knows nothing of what a request means; the broker does.
package web

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/valyala/fasthttp"

	"bauta.dev/bauta/app/oidc"
	"bauta.dev/bauta/app/passkeys"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/plain"
)

// KeyFinder finds the API key that an id and a secret open. A wrong secret, an
// unknown id and a revoked key are the same fault, of Kind Unauthenticated.
type KeyFinder interface {
	Key(ctx context.Context, id, secret string) (*broker.APIKey, error)
}

// Deps is what the door needs from outside.
type Deps struct {
	Broker *broker.Broker
	Keys   KeyFinder
	// PartyTokens checks what parties sign; nil where they do not sign for themselves.
	PartyTokens PartyTokens
	// Ready gives the reasons why this process should get no requests.
	Ready func(ctx context.Context) []string
	// Checkpoint is the newest signed note of the ledger.
	Checkpoint func(ctx context.Context) ([]byte, error)
	// Witnessed is the newest that a witness cosigned.
	Witnessed func(ctx context.Context) ([]byte, error)
	// Outside is what is known of the log outside of its database.
	Outside func() Outside
	// Found is told when a request came upon what is not as it was signed.
	Found func(ledger.Finding)
	// Ledger is the log for auditors.
	Ledger Ledger
	// PublicLedger opens the hash tiles to everybody.
	PublicLedger bool
	Now          func() time.Time
	Random       io.Reader // safe for concurrent use
	Log          *slog.Logger
	Registry     *prometheus.Registry
	// RateLimit is requests a second and key, and as many a second and address
	// for those who have no key; 0 is no limit.
	RateLimit int
	// Deadline of one request; 0 means 10 seconds.
	Deadline time.Duration
	// BehindProxy takes a caller's address from the proxy's X-Forwarded-For.
	BehindProxy bool
	// PublicURL is where people find the broker, without a slash at its end. Links that
	// open something are built from it and from nothing that a request says; where it is
	// empty there are none.
	PublicURL string
	// Passkeys are for the place where people find the broker; nil where browsers make none.
	Passkeys *passkeys.Site
	// Provider vouches for the operator's people as well; nil without one.
	Provider *oidc.Provider
	// EmbedOrigins are the sites that may show the registration form in a frame.
	EmbedOrigins []string
	// ReportURL is where what is suspicious about a merchant is reported; empty: nowhere.
	ReportURL string
	Version   string
	// Mount adds pages before the table's own routes, so it may replace "/".
	// Its routes share the log, the deadline and the headers, not the keys.
	Mount func(app *fiber.App)
}

// Server is the door. It is safe for concurrent use.
type Server struct {
	Deps
	app       *fiber.App
	keys      *keyring
	visitors  *limiter // by key id, by account, or by address
	strangers *limiter // failures to sign in, by address
	origin    *http.CrossOriginProtection
	deadlines deadlines
	metrics   *metrics
	document  func() ([]byte, error)
	plain     func() (*plain.Explainer, error)
	home      func() ([]byte, error)
	members   *member       // of the body of a registration
	profiles  profiles      // of merchants, that everybody may read
	drawing   chan struct{} // holds as many as documents are drawn anew
	turns     turns         // of those whose documents they are
	rooms     rooms         // for bodies that are being read
	counted   counted       // of the overview
}

// Bounds of a request. What is a little over maxBody is read and refused; what is longer
// than maxRead is read on and not kept, so that its refusal arrives. A document has bounds
// of its own: room.go.
const (
	maxBody    = 1 << 20
	maxRead    = maxBody + shortBody
	maxHeaders = 16 << 10
	maxClients = 16 << 10
	readTime   = 30 * time.Second
)

// New makes a server; Serve lets it listen.
func New(d Deps) *Server {
	if d.Deadline == 0 {
		d.Deadline = 10 * time.Second
	}
	d.complete()
	s := &Server{
		Deps: d, keys: newKeyring(d.Keys), visitors: newLimiter(d.RateLimit), strangers: newSlowLimiter(d.RateLimit),
		origin: http.NewCrossOriginProtection(), metrics: newMetrics(d.Registry),
		members: newMembers(), drawing: make(chan struct{}, atOnce),
	}
	s.app = fiber.New(fiber.Config{
		Immutable:                    true, // what a handler keeps must not become the next request's
		CaseSensitive:                true,
		StrictRouting:                true,
		BodyLimit:                    maxRead,
		ReadBufferSize:               maxHeaders,
		Concurrency:                  maxClients,
		ReadTimeout:                  readTime,
		WriteTimeout:                 30 * time.Second,
		IdleTimeout:                  60 * time.Second,
		DisableStartupMessage:        true,
		DisablePreParseMultipartForm: true,
		ErrorHandler:                 s.refuseEarly,
	})
	s.app.Server().HeaderReceived = s.roomFor
	table := s.routes()
	s.document = sync.OnceValues(func() ([]byte, error) { return document(table, d.Version) })
	s.plain = sync.OnceValues(plain.New)
	s.home = sync.OnceValues(home)
	s.refuseUnknownMethods()
	s.app.Use(s.accompany)
	if d.Mount != nil {
		d.Mount(s.app)
	}
	for _, r := range table {
		s.app.Add(r.method, r.path(), s.enter(r))
		if r.method == http.MethodGet && !r.does.opens {
			s.app.Add(http.MethodHead, r.path(), s.enter(r))
		}
	}
	return s
}

// refuseUnknownMethods: the framework would answer them itself, in plain text.
func (s *Server) refuseUnknownMethods() {
	server := s.app.Server()
	known := server.Handler
	server.CloseOnShutdown = true
	server.Handler = func(rc *fasthttp.RequestCtx) {
		defer func() { _ = s.rooms.leave(&rc.Request.Header) }() // it is not turned away any more
		for _, m := range fiber.DefaultMethods {
			if string(rc.Method()) == m {
				known(rc)
				return
			}
		}
		c := s.app.AcquireCtx(rc)
		defer s.app.ReleaseCtx(c)
		if err := s.refuseEarly(c, errMethod); err != nil {
			rc.SetStatusCode(http.StatusMethodNotAllowed)
		}
	}
}

// App is the application, for tests and for pages that are mounted later.
func (s *Server) App() *fiber.App { return s.app }

// Serve answers on l until Shutdown; with a certificate and its key, over TLS.
func (s *Server) Serve(l net.Listener, certFile, keyFile string) error {
	if certFile != "" || keyFile != "" {
		cert, err := tls.LoadX509KeyPair(certFile, keyFile)
		if err != nil {
			return fmt.Errorf("load certificate: %w", err)
		}
		l = tls.NewListener(l, &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{cert}, NextProtos: []string{"http/1.1"},
		})
	}
	if err := s.app.Listener(l); err != nil {
		return fmt.Errorf("serve: %w", err)
	}
	return nil
}

// Shutdown takes no more requests and waits for those that are under way, as
// long as ctx lets it.
func (s *Server) Shutdown(ctx context.Context) error {
	if err := s.app.ShutdownWithContext(ctx); err != nil {
		return fmt.Errorf("drain: %w", err)
	}
	return nil
}

// smuggled says whether a request gives its length in two ways: who stands
// before us may have read another one than we did (RFC 9112, 6.1).
func smuggled(h *fasthttp.RequestHeader) bool {
	if h.ContentLength() >= 0 {
		return false
	}
	for line := range bytes.SplitSeq(h.RawHeaders(), []byte("\n")) {
		name, _, _ := bytes.Cut(line, []byte(":"))
		if bytes.EqualFold(bytes.TrimSpace(name), []byte("Content-Length")) {
			return true
		}
	}
	return false
}
