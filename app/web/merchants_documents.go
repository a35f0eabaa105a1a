package web

import (
	"context"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants/documents"
	"bauta.dev/bauta/masking/fault"
)

// A document may be larger than any other body, and take longer to arrive.
const (
	maxDocument  = documents.MaxBytes
	documentTime = 2 * time.Minute
)

var errDocumentBody = fault.New(fault.Media, "unsupported_media_type", "the body is the document itself, as it is: not a form, and not encoded any further")

// A body that is too large is read on for a while, and nothing of it is kept.
const (
	mostDrained  = 64 << 20
	drainedFor   = 10 * time.Second
	drainedPause = time.Second
)

// drain takes what is still being sent, so that the refusal arrives: a connection
// that is closed on a sender takes along what it has not read yet. It ends with
// the first pause.
func drain(conn net.Conn) {
	stop := func() { _ = conn.SetReadDeadline(time.Unix(1, 0)) } // long ago: whoever reads stops
	idle, all := time.AfterFunc(drainedPause, stop), time.AfterFunc(drainedFor, stop)
	defer idle.Stop()
	defer all.Stop()
	buf := make([]byte, 64<<10)
	for left := mostDrained; left > 0; {
		n, err := conn.Read(buf)
		if err != nil {
			return
		}
		left -= n
		idle.Reset(drainedPause)
	}
}

// postDocument answers POST /v1/merchants/{id}/documents.
func (s *Server) postDocument(c *call) error {
	in, err := c.documentInput()
	if err != nil {
		return err
	}
	id, once, err := c.merchant()
	if err != nil {
		return err
	}
	if err = s.Broker.TakesDocument(c.ctx, id, once); err != nil {
		return err // before anything is drawn
	}
	d, err := s.redraw(c.ctx, string(id), c.Request().Body())
	if err != nil {
		return err
	}
	in.Media, in.Original = string(d.Kind), d.Original.Reveal()
	in.Shows, in.Derivative = string(d.Kind), d.Derivative.Reveal()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(c.ctx), s.Deadline) // drawing took a part of the first one
	defer cancel()
	kept, replayed, err := s.Broker.StoreDocument(ctx, c.caller(registering), id, in, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusCreated, showDocument(&kept), replayed)
}

// documentInput is what query and headers say of a document.
func (c *call) documentInput() (in broker.DocumentInput, err error) {
	kind := string(c.Request().Header.ContentType())
	if len(c.Request().Header.ContentEncoding()) > 0 || strings.HasPrefix(kind, "multipart/") || strings.HasPrefix(kind, "application/x-www-form-urlencoded") {
		return in, errDocumentBody
	}
	in.Kind = c.params["kind"]
	if !slices.Contains(broker.DocumentKinds(), in.Kind) {
		return in, atParameter("", "not_one_of", "kind has to be one of: "+strings.Join(broker.DocumentKinds(), ", "))
	}
	if day, said := c.params["expires"]; said {
		if in.Expires, err = time.Parse(time.DateOnly, day); err != nil || in.Expires.Year() < firstYear || in.Expires.Year() > lastYear {
			return in, atParameter("", "not_a_date", "expires is a day, like 2026-03-04")
		}
	}
	return in, nil
}

// The page that a browser would make of a document may do nothing at all.
const documentPolicy = "default-src 'none'; sandbox; frame-ancestors 'none'"

// getReviewDocument answers GET /v1/reviews/{id}/documents/{n}. It writes an
// entry, so no other site may send a browser here.
func (s *Server) getReviewDocument(c *call) error {
	if from := c.Get("Sec-Fetch-Site"); from == "cross-site" || from == "same-site" {
		return errForeign
	}
	id, err := c.merchantID()
	if err != nil {
		return err
	}
	n, err := c.number()
	if err != nil {
		return err
	}
	d, err := s.Broker.OpenDocument(c.ctx, c.staff(), id, n)
	if err != nil {
		return err
	}
	s.metrics.byStaff.WithLabelValues(reviewing).Inc()
	return c.handOver(string(id), d.N, d.Shows, d.Content)
}
