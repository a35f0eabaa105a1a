// Package demo decides what a visitor of the demonstration marketplace sees and
// may do: one order from both sides, every button of the platform, and the
// ledger under it. It asks for no key, so it is mounted only where the operator
// asked for a demonstration, and it shows only parties that it made itself.
package demo

import (
	"bytes"
	"context"
	"log/slog"
	"net/http"
	"net/url"
	"sync/atomic"
	"time"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

// Ledger is the log as everybody may see it; postgres.Store is one.
type Ledger interface {
	// Head is the newest checkpoint, verified.
	Head(ctx context.Context) (ledger.Checkpoint, error)
	// Entries are the leaves [from, to).
	Entries(ctx context.Context, from, to int64) ([][]byte, error)
}

// Deps is what the demonstration needs from outside.
type Deps struct {
	Broker *broker.Broker
	Ledger Ledger
	Now    func() time.Time
	Log    *slog.Logger
}

type demo struct {
	Deps
	origin *http.CrossOriginProtection
	last   atomic.Int64 // a fresh order that is there; the newest may be later
}

// Mount adds the demonstration to an app. Its forms are plain POSTs, so they
// are refused when they come from another site.
func Mount(app *fiber.App, d Deps) {
	m := &demo{Deps: d, origin: http.NewCrossOriginProtection()}
	app.Get("/", m.html(m.showOrder))
	app.Post("/demo/orders", m.html(m.startOrder))
	app.Post("/demo/perform", m.html(m.perform))
	app.Post("/demo/reverse", m.html(m.reverse))
	app.Post("/demo/ask", m.html(m.ask))
	app.Post("/demo/view", m.html(m.view))
	app.Post("/demo/revoke", m.html(m.revoke))
	app.Get(pages.AssetPrefix+":name", sendAsset)
}

// caller is the demonstration's own platform: what it attests may carry a grant.
func caller() broker.Caller { return broker.Caller{Key: "demonstration", Source: "demonstration"} }

// reply is what a handler leads to: a page with its status, or another address.
type reply struct {
	page   pages.Page
	status int
	to     string
}

func see(p pages.Page) reply              { return reply{page: p, status: http.StatusOK} }
func seeOther(to string) reply            { return reply{to: to, status: http.StatusSeeOther} }
func with(status int, p pages.Page) reply { return reply{page: p, status: status} }

// html turns what a handler says into an answer for a browser. Whatever fails
// becomes a page too; its cause goes to the log and not to the page.
func (m *demo) html(handle func(*fiber.Ctx) (reply, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		c.Set("Cache-Control", "no-store")
		r, err := reply{}, m.sameOrigin(c)
		if err == nil {
			r, err = handle(c)
		}
		if err != nil {
			r = m.trouble(c, err)
		}
		if r.to != "" {
			return c.Redirect(r.to, r.status)
		}
		var b bytes.Buffer
		if err := pages.Render(&b, r.page); err != nil {
			r = m.trouble(c, err)
			b.Reset()
			if err := pages.Render(&b, r.page); err != nil {
				return err
			}
		}
		c.Set("Content-Security-Policy", pages.Policy)
		c.Set("Content-Type", "text/html; charset=utf-8")
		return c.Status(r.status).Send(b.Bytes())
	}
}

var errForeign = fault.New(fault.Denied, "foreign_form", "this form came from another site, so nothing was done")

// sameOrigin asks net/http's own protection, on the four things that it looks at.
func (m *demo) sameOrigin(c *fiber.Ctx) error {
	header := http.Header{}
	for _, name := range []string{"Origin", "Sec-Fetch-Site"} {
		if v := c.Get(name); v != "" {
			header.Set(name, v)
		}
	}
	host := string(c.Request().Host())
	r := &http.Request{Method: c.Method(), Header: header, Host: host, URL: &url.URL{Path: c.Path()}}
	if m.origin.Check(r) != nil {
		return errForeign
	}
	return nil
}

// trouble is the page for an error that belongs to no order.
func (m *demo) trouble(c *fiber.Ctx, err error) reply {
	f, request := fault.Of(err), c.GetRespHeader("Request-Id")
	switch status := statusOf(f); status {
	case http.StatusNotFound:
		return with(status, pages.NotFound(request))
	case http.StatusInternalServerError:
		m.Log.ErrorContext(c.UserContext(), "demonstration", slog.String("code", f.Code), slog.Any("cause", f.Unwrap()))
		return with(status, pages.Broken(request))
	default:
		return with(status, pages.Trouble{
			Shell: pages.Shell{Title: "Not done", Demonstration: true}, Status: status,
			Headline: "That was not done", Sentence: sentence(f.Detail), Request: request, Home: true,
		})
	}
}

func statusOf(f *fault.Error) int {
	switch f.Kind {
	case fault.NotFound:
		return http.StatusNotFound
	case fault.Denied:
		return http.StatusForbidden
	case fault.Conflict:
		return http.StatusConflict
	case fault.Gone:
		return http.StatusGone
	case fault.Invalid, fault.Malformed:
		return http.StatusUnprocessableEntity
	case fault.Limited:
		return http.StatusTooManyRequests
	case fault.Unavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

func sendAsset(c *fiber.Ctx) error {
	a, ok := pages.FindAsset(c.Params("name"))
	if !ok {
		c.Set("Cache-Control", "no-store")
		return c.SendStatus(http.StatusNotFound)
	}
	c.Set("Content-Type", a.Type)
	c.Set("Cache-Control", pages.AssetCaching)
	return c.Send(a.Content)
}
