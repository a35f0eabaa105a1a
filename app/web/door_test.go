package web

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/broker"
)

func TestUnknownPathsAndMethods(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, x := range []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/v1/giovana@example.com", 404, ""},
		{"GET", "/v1/parties/", 404, ""},
		{"GET", "/V1/parties/b-1", 404, ""},
		{"GET", "/v1/parties/b-1/", 404, ""},
		{"DELETE", "/v1/disclosures", 405, "GET, HEAD, POST"},
		{"PATCH", "/v1/parties/giovana", 405, "GET, HEAD, PUT"},
		{"POST", "/healthz", 405, "GET, HEAD"},
		{"GIOVANA", "/healthz", 405, ""},
		{"HEAD", "/healthz", 200, ""},
	} {
		r := d.send(t, x.method, x.path, "m", "")
		if r.status != x.status {
			t.Errorf("%s %s: %d", x.method, x.path, r.status)
		}
		if x.allow != "" && strings.Join(sorted(r.header.Values("Allow")), ", ") != x.allow {
			t.Errorf("%s %s: Allow %q", x.method, x.path, r.header.Values("Allow"))
		}
		if strings.Contains(strings.ToLower(string(r.body)), "giovana") {
			t.Errorf("%s %s: repeats the path: %s", x.method, x.path, r.body)
		}
	}
	if strings.Contains(strings.ToLower(d.log.String()), "giovana") {
		t.Errorf("the log repeats a path: %s", d.log)
	}
}

func sorted(values []string) []string {
	all := strings.Split(strings.ReplaceAll(strings.Join(values, ","), " ", ""), ",")
	for i := range all {
		for j := i; j > 0 && all[j] < all[j-1]; j-- {
			all[j], all[j-1] = all[j-1], all[j]
		}
	}
	return all
}

// Each route's scope, by walking the table: no key, every other key, the right one.
func TestScopes(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	keys := map[string]string{marketplace: "m", attest: "a", privacy: "p", audit: "o", registering: "r", disputing: "d"}
	for _, row := range d.routes() {
		if row.does.desk {
			continue // for browsers, and answered in HTML
		}
		path := strings.Replace(row.template, "{id}", "x-1", 1) + "?nonsense=1" // goes no further than the query
		if row.does.people != nil && len(row.scopes) > 0 {                      // a session that is none is no key either
			if r := d.send(t, row.method, path, "", "", "Authorization", "Bearer bst_none"); r.status != 401 || r.Code != "unauthenticated" {
				t.Errorf("%s %s with a session that is none: %d %s", row.method, path, r.status, r.Code)
			}
		} else if row.does.people != nil {
			if r := d.send(t, row.method, path, "", ""); r.status != 401 || r.Code != "unauthenticated" {
				t.Errorf("%s %s without a session: %d %s", row.method, path, r.status, r.Code)
			}
			for scope, key := range keys {
				if r := d.send(t, row.method, path, key, ""); r.status != 403 || r.Code != "session_required" {
					t.Errorf("%s %s with a key of scope %s: %d %s", row.method, path, scope, r.status, r.Code)
				}
			}
			continue
		}
		if len(row.scopes) == 0 {
			if r := d.send(t, row.method, path, "", ""); r.Code != "unknown_parameter" {
				t.Errorf("%s %s without a key: %d %s", row.method, path, r.status, r.Code)
			}
			continue
		}
		r := d.send(t, row.method, path, "", "")
		if r.status != 401 || r.Code != "unauthenticated" || r.header.Get("WWW-Authenticate") == "" {
			t.Errorf("%s %s without a key: %d %s", row.method, path, r.status, r.Code)
		}
		for scope, key := range keys {
			want := "scope_missing"
			for _, s := range row.scopes {
				if s == scope {
					want = "unknown_parameter"
				}
			}
			if r := d.send(t, row.method, path, key, ""); r.Code != want {
				t.Errorf("%s %s with %s: %d %s, want %s", row.method, path, scope, r.status, r.Code, want)
			}
		}
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	d := newDoor(t, nil)
	for _, header := range []string{
		"Bearer bauta_m_wrong", "Bearer bauta_nobody_secret", "Basic bauta_m_secret", "bauta_m_secret", "Bearer ",
		"Bearer bauta_m", "Bearer bauta__secret", "Bearer bauta_m_", "Bearer bauta_m_se cret", "Bearer " + strings.Repeat("x", 4000),
	} {
		if r := d.send(t, "GET", "/v1/parties/b-1", "", "", "Authorization", header); r.status != 401 {
			t.Errorf("%.30s: %d", header, r.status)
		}
	}
	d.keys.asked = 0
	for range 5 {
		d.send(t, "GET", "/v1/parties/@", "m", "")
	}
	if d.keys.asked != 1 {
		t.Errorf("asked %d times in one second", d.keys.asked)
	}
	d.keys.mu.Lock()
	delete(d.keys.keys, "m") // revoked
	d.keys.mu.Unlock()
	d.clock.forward(time.Second)
	if r := d.send(t, "GET", "/v1/parties/b-1", "m", ""); r.status != 401 {
		t.Errorf("a second after it was revoked: %d", r.status)
	}
	d.keys.err = errors.New("pq: giovana@example.com")
	if r := d.send(t, "GET", "/v1/parties/b-1", "p", ""); r.status != 500 || strings.Contains(string(r.body)+d.log.String(), "giovana") {
		t.Errorf("%d %s\n%s", r.status, r.body, d.log)
	}
	d.keys.err = broker.ErrUnavailable
	if r := d.send(t, "GET", "/v1/parties/b-1", "p", ""); r.status != 503 || r.header.Get("Retry-After") == "" {
		t.Errorf("%d %v", r.status, r.header)
	}
}

func TestKeyringIsBounded(t *testing.T) {
	t.Parallel()
	k := newKeyring(nil)
	for i := range 3 * mostKeysHeld {
		k.remember([32]byte{byte(i), byte(i >> 8), byte(i >> 16)}, &broker.APIKey{}, time.Time{})
	}
	if len(k.known) > mostKeysHeld {
		t.Errorf("%d keys held", len(k.known))
	}
	l := newLimiter(1)
	for i := range 2 * mostBuckets {
		l.take(itoa(i), time.Unix(1, 0))
	}
	if len(l.buckets) > mostBuckets {
		t.Errorf("%d buckets held", len(l.buckets))
	}
}

func TestRateLimit(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(deps *Deps) { deps.RateLimit = 3; deps.BehindProxy = true })
	try := func(key, from string) reply {
		return d.send(t, "GET", "/v1/parties/@", key, "", "X-Forwarded-For", "9.9.9.9, "+from)
	}
	for i := range 4 {
		r := try("m", "192.0.2.1")
		if limited := r.status == 429; limited != (i == 3) || limited && (r.Code != "rate_limited" || r.header.Get("Retry-After") != "1") {
			t.Errorf("request %d: %d %s %v", i, r.status, r.Code, r.header)
		}
	}
	if r := try("a", "192.0.2.1"); r.status != 403 {
		t.Errorf("another key: %d", r.status)
	}
	d.clock.forward(time.Second)
	if r := try("m", "192.0.2.1"); r.status != 422 {
		t.Errorf("a second later: %d", r.status)
	}
	for i := range 5 {
		if r := try("", "2001:db8:0:1::"+itoa(i+1)); (r.status == 429) != (i >= 3) { // one subscriber
			t.Errorf("stranger %d: %d", i, r.status)
		}
	}
	d.keys.asked = 0
	if r := try("nobody", "2001:db8:0:1::9"); r.status != 429 || d.keys.asked != 0 {
		t.Errorf("a guess more: %d, looked up %d times", r.status, d.keys.asked)
	}
	if r := try("", "2001:db8:0:2::1"); r.status != 401 {
		t.Errorf("another stranger: %d", r.status)
	}
	for range 10 {
		if r := d.send(t, "GET", "/healthz", "", "", "X-Forwarded-For", "2001:db8:0:1::1"); r.status != 200 {
			t.Errorf("healthz: %d", r.status)
		}
	}
}

type sqlError struct{}

func (sqlError) Error() string    { return "duplicate key giovana@example.com" }
func (sqlError) SQLState() string { return "23505" }

func TestErrorsTellNothing(t *testing.T) {
	t.Parallel()
	secret := "giovana@example.com"
	fail := map[string]error{
		"/sql":      errors.Join(sqlError{}, errors.New(secret)),
		"/fault":    broker.ErrUnavailable.Because(errors.New(secret)),
		"/deadline": context.DeadlineExceeded,
		"/stale":    broker.ErrStale,
		"/fiber":    fiber.NewError(418, secret),
		"/conflict": broker.ErrInvalidTransition.Offering([]string{"reversal"}),
	}
	d := newDoor(t, func(deps *Deps) {
		deps.Mount = func(app *fiber.App) {
			for path, err := range fail {
				app.Get(path, func(c *fiber.Ctx) error {
					if err := c.SendString("half an answer " + secret); err != nil {
						return err
					}
					return err
				})
			}
			app.Get("/panic", func(*fiber.Ctx) error { panic(secret) })
			app.Get("/index", func(c *fiber.Ctx) error { return c.SendString(string([]byte{}[len(c.Path())])) })
			app.Get("/slow", func(c *fiber.Ctx) error { <-c.UserContext().Done(); return c.UserContext().Err() })
		}
		deps.Deadline = 20 * time.Millisecond
	})
	d.holds = func(string, string, int, string, []byte, []byte) error { return nil } // these are in no document
	for path, status := range map[string]int{
		"/sql": 500, "/fault": 503, "/deadline": 503, "/stale": 409, "/fiber": 500, "/conflict": 409, "/panic": 500, "/index": 500, "/slow": 503,
	} {
		r := d.send(t, "GET", path, "", "")
		if r.status != status || r.Code == "" || r.header.Get("Content-Type") != mediaProblem || strings.Contains(string(r.body), "giovana") {
			t.Errorf("%s: %d %s", path, r.status, r.body)
		}
		if (r.status == 503) != (r.header.Get("Retry-After") != "") {
			t.Errorf("%s: Retry-After %q", path, r.header.Get("Retry-After"))
		}
	}
	log := d.log.String()
	if strings.Contains(log, "giovana") {
		t.Errorf("the log tells: %s", log)
	}
	for _, want := range []string{"sqlstate 23505", "panic: string at app/web", "index out of range"} {
		if !strings.Contains(log, want) {
			t.Errorf("the log does not say %q:\n%s", want, log)
		}
	}
}

func TestHeadersAndPublicPages(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(deps *Deps) {
		deps.Checkpoint = func(context.Context) ([]byte, error) { return []byte("origin\n1\nhash\n"), nil }
		deps.Ready = func(context.Context) []string { return []string{"fsync is off"} }
	})
	for path, media := range map[string]string{
		"/": "text/html; charset=utf-8", "/healthz": mediaJSON, "/openapi.json": mediaJSON, "/ledger/checkpoint": "text/plain; charset=utf-8",
	} {
		r := d.send(t, "GET", path, "", "")
		if r.status != 200 || r.header.Get("Content-Type") != media || r.header.Get("Server") != "" ||
			r.header.Get("X-Content-Type-Options") != "nosniff" || r.header.Get("Content-Encoding") != "" {
			t.Errorf("%s: %d %v", path, r.status, r.header)
		}
		if (path == "/") != (r.header.Get("Content-Security-Policy") != "") {
			t.Errorf("%s: CSP %q", path, r.header.Get("Content-Security-Policy"))
		}
	}
	if r := d.send(t, "GET", "/readyz", "", ""); r.status != 503 || len(r.Errors) != 0 || r.header.Get("Retry-After") == "" {
		t.Errorf("readyz: %d %s", r.status, r.body)
	}
	if r := d.send(t, "GET", "/readyz", "m", ""); r.status != 503 || len(r.Errors) != 0 {
		t.Errorf("readyz with another scope: %d %s", r.status, r.body)
	}
	if r := d.send(t, "GET", "/readyz", "o", ""); r.status != 503 || len(r.Errors) != 1 || r.Errors[0].Detail != "fsync is off" {
		t.Errorf("readyz for audit: %d %s", r.status, r.body)
	}
	d.send(t, "GET", "/v1/parties/giovana@example.com", "m", "")
	r := d.send(t, "GET", "/metrics", "o", "")
	if r.status != 200 || !strings.Contains(string(r.body), `bauta_http_requests_total{method="GET",route="/v1/parties/{id}",status="422"} 1`) ||
		!strings.Contains(string(r.body), "go_goroutines") || strings.Contains(string(r.body), "giovana") {
		t.Errorf("metrics: %d %s", r.status, r.body)
	}
	if r := d.send(t, "GET", "/v1/parties/@", "m", "", "Request-Id", "giovana"); r.header.Get("Cache-Control") != "no-store" ||
		r.header.Get("Request-Id") == "giovana" || r.header.Get("Request-Id") != r.RequestID {
		t.Errorf("%v", r.header)
	}
	if strings.Contains(d.log.String(), "giovana") {
		t.Error("the log tells")
	}
}

func TestMountReplacesHome(t *testing.T) {
	t.Parallel()
	d := newDoor(t, func(deps *Deps) {
		deps.Mount = func(app *fiber.App) {
			app.Get("/", func(c *fiber.Ctx) error { c.Type("html"); return c.SendString("demo") })
		}
	})
	if r := d.send(t, "GET", "/", "", ""); string(r.body) != "demo" || r.header.Get("Content-Security-Policy") == "" {
		t.Errorf("%s %v", r.body, r.header)
	}
	if r := d.send(t, http.MethodGet, "/healthz", "", ""); r.status != 200 {
		t.Errorf("healthz %d", r.status)
	}
}
