package web

import (
	"errors"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// reviewDesk is where registrations wait for a person.
const reviewDesk = "/desk/merchants"

// reviewPageRoutes are the pages of those who look at registrations.
func (s *Server) reviewPageRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, queries, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{
		page(http.MethodGet, reviewDesk, s.showQueue, "state", "jurisdiction", "taken", "after"),
		page(http.MethodGet, reviewDesk+"/{id}", s.showReviewPage, "done"),
		page(http.MethodPost, reviewDesk+"/{id}", s.sendReview),
		page(http.MethodPost, reviewDesk+"/{id}/values", s.sendReviewValues),
		{http.MethodPost, reviewDesk + "/{id}/documents/{n}", nil, nil, s.sendReviewDocument, operation{desk: true}},
	}
}

// reviewLookers are those who see registrations; of them reviewDeciders decide.
func reviewLookers() *people {
	return those(append(reviewers(), accounts.PrivacyOfficer, accounts.Auditor)...)
}

func reviewDeciders() *people { return those(reviewers()...) }

// queueLength is how much of the queue one page has.
const queueLength = 25

// openStates are those in which a registration can wait here.
func openStates() []states.State {
	return []states.State{
		merchants.InReview, merchants.NeedsInfo, merchants.Proposed, merchants.Appealed, merchants.ThresholdDue, merchants.ReverifyDue, merchants.Suspended,
	}
}

// showQueue answers GET /desk/merchants.
func (s *Server) showQueue(c *call) (sight, error) {
	if err := c.admitPerson(reviewLookers()); err != nil {
		return sight{}, err
	}
	f := broker.ReviewFilter{
		State: states.State(c.params["state"]), Jurisdiction: merchants.Jurisdiction(c.params["jurisdiction"]), After: c.params["after"], Limit: queueLength,
	}
	if f.State != "" && !slices.Contains(openStates(), f.State) || f.Jurisdiction != "" && !slices.Contains(merchants.Jurisdictions(), f.Jurisdiction) {
		return sight{}, errRequest
	}
	if c.params["taken"] == "me" {
		f.Taken = string(c.person.Account)
	}
	found, next, err := s.Broker.Reviews(c.ctx, c.staff(), f)
	if err != nil {
		return sight{}, err
	}
	p := pages.ReviewQueue{
		Shell: pages.Shell{Title: "Merchants to look at"}, Mine: f.Taken != "", First: f.After == "",
		Filtered: f.Taken != "" || f.State != "" || f.Jurisdiction != "",
		Markets:  pages.Select{Name: "jurisdiction", Label: "Market", Chosen: string(f.Jurisdiction), Options: []pages.Choice{{Text: "All"}}},
		States:   pages.Select{Name: "state", Label: "State", Chosen: string(f.State), Options: []pages.Choice{{Text: "All"}}},
	}
	w := pages.RegisterWordsIn("en")
	for _, j := range merchants.Jurisdictions() {
		p.Markets.Options = append(p.Markets.Options, pages.Choice{Code: string(j), Text: w.Named("market", string(j))})
	}
	for _, x := range openStates() {
		p.States.Options = append(p.States.Options, pages.Choice{Code: string(x), Text: plainly(string(x))})
	}
	for i := range found {
		p.Rows = append(p.Rows, s.reviewRow(c, &found[i]))
	}
	if next != "" {
		q := url.Values{"after": {next}}
		for _, name := range []string{"state", "jurisdiction", "taken"} {
			if v := c.params[name]; v != "" {
				q.Set(name, v)
			}
		}
		p.Next = reviewDesk + "?" + q.Encode()
	}
	return seen(p)
}

// reviewRow is a registration in the queue.
func (s *Server) reviewRow(c *call, v *broker.MerchantReview) pages.ReviewRow {
	w := pages.RegisterWordsIn("en")
	r := pages.ReviewRow{
		ID: string(v.ID), Market: w.Named("market", string(v.Jurisdiction)), Type: w.Named("type", string(v.Type)),
		State: plainly(string(v.State)), Chip: merchantChip(v.State), Since: v.Since, Taken: v.Taken, Mine: v.Taken != "" && v.Taken == string(c.person.Account),
	}
	if !v.Deadline.IsZero() {
		r.Deadline = &v.Deadline
	}
	for _, b := range v.Because {
		r.Two = append(r.Two, becauseWords(b))
	}
	return r
}

// becauseWords say why a second person is needed.
func becauseWords(code string) string {
	switch code {
	case "suspect":
		return "a field is doubtful"
	case "unsupported":
		return "nobody checks a number of this kind"
	case "duplicate":
		return "another registration has the same number"
	case "suspended_before":
		return "it was suspended before, or one with the same number or of the same party was"
	case "rejected_before":
		return "it was rejected before, or one with the same number or of the same party was"
	case "ends_elsewhere":
		return "one with the same number, or of the same party, closes or has appealed"
	case "residential_public":
		return "part of somebody’s home address would be public"
	case "minor":
		return "the party is a minor: nothing of it is published while that is so"
	case "restricted":
		return "the party’s data is restricted: nothing of it is published while that is so"
	case "at_risk":
		return "the party is at risk: how to reach it is not published"
	case "fears_somebody":
		return "the party holds off somebody who asked for its data: how to reach it is not published"
	}
	return plainly(code)
}

// reviewOf is the registration in the path.
func (s *Server) reviewOf(c *call) (broker.MerchantReview, error) {
	id, err := c.merchantID()
	if err != nil {
		return broker.MerchantReview{}, err
	}
	return s.Broker.Review(c.ctx, c.staff(), id)
}

// showReviewPage answers GET /desk/merchants/{id}.
func (s *Server) showReviewPage(c *call) (sight, error) {
	if err := c.admitPerson(reviewLookers()); err != nil {
		return sight{}, err
	}
	v, err := s.reviewOf(c)
	if err != nil {
		return sight{}, err
	}
	p := s.reviewPage(c, &v, nil, nil)
	if n := len(v.History); n > 0 && v.History[n-1].Account == string(c.person.Account) && string(v.History[n-1].Event) == c.params["done"] {
		p.Done = doneWords(v.History[n-1].Event)
	}
	return seen(p)
}

// sendReviewValues answers POST /desk/merchants/{id}/values: the entry first, and
// then the page with the values.
func (s *Server) sendReviewValues(c *call) (sight, error) {
	if err := c.admitPerson(reviewDeciders()); err != nil {
		return sight{}, err
	}
	f, err := c.form("username", "password", "code")
	if err != nil {
		return sight{}, err
	}
	v, err := s.reviewOf(c)
	if err != nil {
		return sight{}, err
	}
	var opened broker.MerchantValues
	if err = s.confirmOnPage(c, confirmationBody{f["password"], f["code"]}); err == nil {
		opened, _, err = s.Broker.LookAtMerchant(c.ctx, c.staff(), v.ID, nil)
	}
	if err != nil {
		return s.reviewAgain(c, nil, err)
	}
	s.metrics.byStaff.WithLabelValues(reviewing).Inc()
	p := s.reviewPage(c, &v, nil, nil)
	p.Acts = nil // what is written is not lost when the values are masked again
	p.Opened = &pages.OpenedNote{Index: opened.Place.Index, Seconds: remaskAfter}
	for _, n := range opened.Notes {
		p.Opened.Notes = append(p.Opened.Notes, pages.ReviewNote{
			What: strings.TrimSuffix(sentence(plainly(string(n.Event))), "."), By: "by the " + plainly(string(n.By)), At: n.At, Index: n.Index, Text: n.Text,
		})
	}
	w := pages.RegisterWordsIn("en")
	for i := range p.Fields {
		p.Fields[i].Value = openedValue(w, &opened, merchants.Pointer(p.Fields[i].Pointer))
	}
	c.Set("Refresh", strconv.Itoa(remaskAfter)+"; url="+c.reviewPath())
	return seen(p)
}

// openedValue is what stands at a pointer: codes in words, all else as it was given.
func openedValue(w pages.RegisterWords, v *broker.MerchantValues, at merchants.Pointer) masking.Text {
	switch rest, certified := strings.CutPrefix(string(at), string(merchants.PointerCertifications)+"/"); {
	case at == merchants.PointerType:
		return masking.NewText(w.Named("type", string(v.Type)))
	case at == merchants.PointerResidential:
		return masking.NewText(w.Label("residential"))
	case certified:
		if n, err := strconv.Atoi(rest); err == nil && n < len(v.Certifications) {
			return masking.NewText(w.Named("certify", v.Certifications[n]))
		}
	}
	return v.Values[at]
}

// sendReviewDocument answers POST /desk/merchants/{id}/documents/{n} with a file. A
// form and no link, for it leaves an entry; to be saved, and never shown by us.
func (s *Server) sendReviewDocument(c *call) error {
	err := c.sameOrigin()
	if err == nil {
		err = c.admitPerson(reviewDeciders().justConfirmed())
	}
	var d broker.OpenedDocument
	if err == nil {
		d, err = s.reviewDocument(c)
	}
	if err != nil {
		return c.page(func(c *call) (sight, error) { return s.documentRefused(c, err) })
	}
	c.Set(fiber.HeaderCacheControl, "no-store")
	c.server.metrics.byStaff.WithLabelValues(reviewing).Inc()
	return c.handOver(strings.Clone(c.Params("id")), d.N, d.Shows, d.Content)
}

func (s *Server) reviewDocument(c *call) (broker.OpenedDocument, error) {
	id, err := c.merchantID()
	if err != nil {
		return broker.OpenedDocument{}, err
	}
	n, err := strconv.Atoi(c.Params("n"))
	if err != nil || n < 1 {
		return broker.OpenedDocument{}, broker.ErrNotFound
	}
	return s.Broker.OpenDocument(c.ctx, c.staff(), id, n)
}

// documentRefused leads back to the page, where who it is can be confirmed.
func (s *Server) documentRefused(c *call, err error) (sight, error) {
	if c.person == nil || !errors.Is(err, accounts.ErrConfirm) {
		return sight{}, err
	}
	return s.reviewAgain(c, nil, err)
}
