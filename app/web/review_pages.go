package web

import (
	"net/http"
	"net/url"
	"slices"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
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
	if err := s.Broker.LeaveDesk(c.ctx, c.staff(), ""); err != nil {
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
	if p.Rows, err = s.reviewRows(c, found); err != nil {
		return sight{}, err
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

// reviewRows are registrations in the queue, with before whom they lie open.
func (s *Server) reviewRows(c *call, found []broker.MerchantReview) (all []pages.ReviewRow, err error) {
	open, err := s.Broker.AtDesk(c.ctx, c.staff())
	for i := range found {
		row := s.reviewRow(c, &found[i])
		row.Open = open[row.ID]
		all = append(all, row)
	}
	return all, err
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
	p, err := s.reviewPage(c, &v, nil, nil)
	if err != nil {
		return sight{}, err
	}
	if n := len(v.History); n > 0 && v.History[n-1].Account == string(c.person.Account) && string(v.History[n-1].Event) == c.params["done"] {
		p.Done = doneWords(v.History[n-1].Event)
	}
	return seen(p)
}
