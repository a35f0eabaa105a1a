package web

import (
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode/utf8"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// glassRoutes are those of break-glass sessions. They are for people alone: no key
// breaks the glass.
func (s *Server) glassRoutes() []*route {
	const all, one = "/v1/break-glass", "/v1/break-glass/{id}"
	return []*route{
		{http.MethodPost, all, nil, nil, s.postGlass, doPostGlass()},
		{http.MethodGet, all, nil, []string{"unreviewed", "limit", "after"}, s.getGlasses, doGetGlasses()},
		{http.MethodGet, one, nil, nil, s.getGlass, doGetGlass()},
		{http.MethodPost, one + "/reveals", nil, nil, s.postGlassReveal, doPostGlassReveal()},
		{http.MethodPost, one + "/end", nil, nil, s.postGlassEnd, doPostGlassEnd()},
		{http.MethodPost, one + "/review", nil, nil, s.postGlassReview, doPostGlassReview()},
	}
}

// leastGlassText is how much somebody has to say, in characters.
const leastGlassText = 20

// glassBody is what POST /v1/break-glass takes.
type glassBody struct {
	Transaction string       `json:"transaction" docs:"id" description:"it is about this one; or"`
	Dispute     string       `json:"dispute" validate:"max=64" description:"about the one of this case"`
	Reason      string       `json:"reason" validate:"required" docs:"glass_reason"`
	Text        masking.Text `json:"text" validate:"required" docs:"glass_text" description:"what has happened, and why nothing else will do: at least 20 characters, for whoever reviews it; kept sealed"`
}

// glassText is what somebody has to say of a session.
func glassText(raw masking.Text, wrong *mistakes) masking.Text {
	t := prose(raw, "/text", true, wrong)
	if !t.IsZero() && utf8.RuneCountInString(strings.TrimSpace(t.Reveal())) < leastGlassText {
		wrong.add("/text", "too_short", "say it in at least "+itoa(leastGlassText)+" characters")
	}
	return t
}

func (b *glassBody) input() (broker.GlassInput, error) {
	wrong := rules(b)
	oneOf("/reason", b.Reason, broker.GlassReasons(), &wrong)
	in := broker.GlassInput{Transaction: broker.TransactionID(b.Transaction), Dispute: broker.CaseID(b.Dispute), Reason: b.Reason, Text: glassText(b.Text, &wrong)}
	if (b.Transaction == "") == (b.Dispute == "") {
		wrong.add("/transaction", "one_of_both", "name a transaction or a case")
	}
	if err := wrong.err(); err != nil {
		return in, err
	}
	if in.Dispute != "" && !broker.IsCaseID(b.Dispute) {
		return in, broker.ErrNotFound
	}
	if in.Transaction != "" {
		return in, identify(b.Transaction, "/transaction")
	}
	return in, nil
}

// glassAnswer is a session, to one of the staff.
type glassAnswer struct {
	ID          string            `json:"id" validate:"required"`
	State       string            `json:"state" validate:"required,oneof=open ended overdue reviewed"`
	Allowed     []string          `json:"allowed" validate:"required" description:"what you can do: reveal, end, review"`
	Account     string            `json:"account" validate:"required" description:"whose session it is"`
	Role        string            `json:"role" validate:"required"`
	Transaction string            `json:"transaction" validate:"required" docs:"id"`
	Dispute     string            `json:"dispute,omitempty"`
	Reason      string            `json:"reason" validate:"required" docs:"glass_reason"`
	OpenedAt    time.Time         `json:"opened_at" validate:"required"`
	Until       time.Time         `json:"until" validate:"required" description:"it ends by itself then"`
	EndedAt     time.Time         `json:"ended_at,omitzero"`
	EndedBy     string            `json:"ended_by,omitempty" description:"an account; left out: time"`
	ReviewDue   time.Time         `json:"review_due_at,omitzero"`
	Reveals     int               `json:"reveals" validate:"required"`
	Outcome     string            `json:"outcome,omitempty" docs:"glass_outcome"`
	Reviewer    string            `json:"reviewer,omitempty"`
	ReviewedAt  time.Time         `json:"reviewed_at,omitzero"`
	Text        *valueAnswer      `json:"text,omitempty" description:"of one session, to its opener and those who lead"`
	Review      *valueAnswer      `json:"review,omitempty" description:"likewise: what the reviewer wrote"`
	Seen        []glassSeenAnswer `json:"seen,omitempty" description:"of one session: what was revealed in it"`
	Ledger      *ledgerAnswer     `json:"ledger,omitempty"`
}

type glassSeenAnswer struct {
	At      time.Time `json:"at" validate:"required"`
	Index   int64     `json:"index" validate:"required" description:"of the entry"`
	Subject string    `json:"subject" validate:"required" docs:"id"`
	Fields  []string  `json:"fields" validate:"required"`
	ToldAt  time.Time `json:"told_at,omitzero" description:"when the person is told; left out: at once"`
}

func showGlass(v *broker.GlassView) glassAnswer {
	a := glassAnswer{
		ID: string(v.ID), State: string(v.State), Allowed: words(v.Allowed), Account: v.Account, Role: v.Role, Transaction: string(v.Of), Dispute: string(v.Dispute),
		Reason: v.Reason, OpenedAt: v.OpenedAt, Until: v.Until, EndedAt: v.EndedAt, EndedBy: v.EndedBy, ReviewDue: v.Due, Reveals: v.Reveals,
		Outcome: v.Outcome, Reviewer: v.Reviewer, ReviewedAt: v.Reviewed,
	}
	for i := range v.Seen {
		x := &v.Seen[i]
		a.Seen = append(a.Seen, glassSeenAnswer{x.At, x.Index, string(x.Subject), words(x.Fields), x.Told})
	}
	if !v.Text.IsZero() {
		a.Text = &valueAnswer{masking.Value{Text: v.Text}}
	}
	if !v.Review.IsZero() {
		a.Review = &valueAnswer{masking.Value{Text: v.Review}}
	}
	if v.Place.Size > 0 {
		place := showPlace(&v.Place)
		a.Ledger = &place
	}
	return a
}

// glassID is the id in the path. One that can't be is not there.
func (c *call) glassID() (broker.GlassID, error) {
	id := strings.Clone(c.Params("id"))
	if !broker.IsGlassID(id) {
		return "", broker.ErrNotFound
	}
	return broker.GlassID(id), nil
}

// postGlass answers POST /v1/break-glass.
func (s *Server) postGlass(c *call) error {
	body, err := decode[glassBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.BreakGlass(c.ctx, c.staff(), in, once)
	if err != nil {
		return err
	}
	c.Set("Location", "/v1/break-glass/"+url.PathEscape(string(v.ID)))
	return c.answerOnce(http.StatusCreated, showGlass(&v), replayed)
}

// getGlasses answers GET /v1/break-glass.
func (s *Server) getGlasses(c *call) error {
	limit, after, err := paging(c.params)
	if err != nil {
		return err
	}
	f := broker.GlassFilter{Limit: limit, After: after}
	if f.Unreviewed, err = c.chosen("unreviewed", ""); err != nil {
		return err
	}
	vs, next, err := s.Broker.Glasses(c.ctx, c.staff(), f)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, &page[glassAnswer]{Data: each(vs, showGlass), Next: cursor(next)})
}

// getGlass answers GET /v1/break-glass/{id}.
func (s *Server) getGlass(c *call) error {
	id, err := c.glassID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Glass(c.ctx, c.staff(), id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showGlass(&v))
}

// glassRevealBody is what of a side somebody wants to see.
type glassRevealBody struct {
	Subject string    `json:"subject" validate:"required" docs:"id" description:"one of the two sides"`
	Fields  *[]string `json:"fields" validate:"required" docs:"fields" description:"each by its name"`
	Delay   string    `json:"delay" docs:"reveal_delay" description:"why the person is told later, for those who lead; left out: it is told at once"`
	Until   *moment   `json:"until" description:"of a delay: then it is told; within 30 days"`
}

func (b *glassRevealBody) look() (broker.GlassLook, error) {
	x := caseRevealBody{b.Subject, b.Fields, broker.RevealPurposes()[0], broker.ReasonsFor(broker.LookInto)[0], b.Delay, b.Until}
	in, err := x.reveal()
	return broker.GlassLook{Subject: in.Subject, Fields: in.Fields, Delay: in.Delay, Until: in.Until}, err
}

// glassRevealAnswer is what was opened.
type glassRevealAnswer struct {
	BreakGlass string           `json:"break_glass" validate:"required" description:"the session"`
	Subject    string           `json:"subject" validate:"required" docs:"id"`
	Fields     []revealedAnswer `json:"fields" validate:"required"`
	Delay      string           `json:"delay,omitempty" docs:"reveal_delay"`
	ToldAt     time.Time        `json:"told_at,omitzero" description:"when the person is told; left out: at once"`
	Ledger     ledgerAnswer     `json:"ledger" validate:"required" description:"the place of the entry that says so; it was there before anything was opened"`
}

// postGlassReveal answers POST /v1/break-glass/{id}/reveals.
func (s *Server) postGlassReveal(c *call) error {
	body, err := decode[glassRevealBody](c)
	if err != nil {
		return err
	}
	in, err := body.look()
	if err != nil {
		return err
	}
	id, err := c.glassID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	r, replayed, err := s.Broker.RevealGlass(c.ctx, c.staff(), id, in, once)
	if err != nil {
		return err
	}
	if !replayed {
		s.metrics.byStaff.WithLabelValues(broker.ForEmergency).Inc()
	}
	a := glassRevealAnswer{BreakGlass: string(id), Subject: string(r.Subject), Fields: []revealedAnswer{}, Delay: r.Delay, ToldAt: r.Until, Ledger: showPlace(&r.Place)}
	for _, f := range masking.Fields() {
		if v, ok := r.Values[f]; ok {
			a.Fields = append(a.Fields, revealedAnswer{string(f), valueAnswer{v}})
		}
	}
	return c.answerOnce(http.StatusOK, a, replayed)
}

// postGlassEnd answers POST /v1/break-glass/{id}/end.
func (s *Server) postGlassEnd(c *call) error {
	if _, err := decode[emptyBody](c); err != nil {
		return err
	}
	return c.glassStep(func(id broker.GlassID, once *broker.Outcome) (broker.GlassView, bool, error) {
		return s.Broker.EndGlass(c.ctx, c.staff(), id, once)
	})
}

func (c *call) glassStep(do func(broker.GlassID, *broker.Outcome) (broker.GlassView, bool, error)) error {
	id, err := c.glassID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	v, replayed, err := do(id, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showGlass(&v), replayed)
}

// glassReviewBody is what another person thinks of a session.
type glassReviewBody struct {
	Outcome string       `json:"outcome" validate:"required" docs:"glass_outcome"`
	Text    masking.Text `json:"text" validate:"required" docs:"needed_prose" description:"why; kept sealed"`
}

// postGlassReview answers POST /v1/break-glass/{id}/review.
func (s *Server) postGlassReview(c *call) error {
	body, err := decode[glassReviewBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	oneOf("/outcome", body.Outcome, broker.GlassOutcomes(), &wrong)
	text := prose(body.Text, "/text", true, &wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	return c.glassStep(func(id broker.GlassID, once *broker.Outcome) (broker.GlassView, bool, error) {
		return s.Broker.ReviewGlass(c.ctx, c.staff(), id, body.Outcome, text, once)
	})
}
