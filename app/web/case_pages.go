package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// Where the desk begins, and where its cases are.
const (
	dashboard = "/dashboard"
	caseDesk  = "/desk/cases"
)

// casePageRoutes are the pages of those who work on cases.
func (s *Server) casePageRoutes() []*route {
	page := func(method, template string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, template, nil, queries, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{
		page(http.MethodGet, dashboard, s.showDashboard, "queue", "after", "asked"),
		page(http.MethodGet, caseDesk+"/{id}", s.showCase, "done", "before"),
		page(http.MethodPost, caseDesk+"/{id}", s.sendCase),
		page(http.MethodGet, caseDesk+"/{id}/bundle", backToCase), // opened by hand, or by a reload
		page(http.MethodGet, caseDesk+"/{id}/evidence/{n}", backToCase),
		page(http.MethodPost, caseDesk+"/{id}/bundle", s.sendCase),
		{http.MethodPost, caseDesk + "/{id}/evidence/{n}", nil, nil, s.sendCaseEvidence, operation{desk: true}},
	}
}

func backToCase(c *call) (sight, error) { return goTo(c.casePath()) }

// caseReaders see cases; of them deciders work on them.
func caseReaders() *people { return those(disputeReaders()...) }

// caseQueues are the queues of the desk, in its order.
func caseQueues() []pages.Choice {
	return []pages.Choice{
		{Code: "mine", Text: "Mine"},
		{Code: "unassigned", Text: "Unassigned"},
		{Code: "second", Text: "Second approval"},
		{Code: "overdue", Text: "Overdue"},
		{Code: "waiting", Text: "All that wait"},
	}
}

// askedQueue is that of the disclosures that a person decides.
const askedQueue = "requests"

// ofQueue is the filter of a queue, for a person.
func ofQueue(queue string, p *accounts.Session) (f broker.CaseFilter) {
	switch queue {
	case "mine":
		f.Assigned = string(p.Account)
	case "unassigned":
		f.Unassigned = true
	case "second":
		f.Second = true
	case "overdue":
		f.Overdue = true
	default:
		f.Waiting = true
	}
	return f
}

// askedOfQueue is the same for requests.
func askedOfQueue(queue string, p *accounts.Session) (f broker.RequestFilter) {
	switch queue {
	case "mine":
		f.Taken = string(p.Account)
	case "unassigned":
		f.Free = true
	case "second":
		f.Second = true
	case "overdue":
		f.Overdue = true
	}
	return f
}

// showDashboard answers GET /dashboard: where the desk begins.
func (s *Server) showDashboard(c *call) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	if !caseReaders().has(c.person.Role) {
		return goTo(reviewDesk) // the queue of whoever looks at merchants
	}
	if err := s.Broker.LeaveDesk(c.ctx, c.staff(), ""); err != nil {
		return sight{}, err
	}
	p := pages.CaseQueue{Shell: pages.Shell{Title: "Your desk"}, Account: string(c.person.Account), Role: roleWords(c.person.Role)}
	others, also, err := s.elsewhere(c)
	if err != nil {
		return sight{}, err
	}
	counts, err := s.countQueues(c, also)
	if err != nil {
		return sight{}, err
	}
	queue := c.params["queue"]
	if queue == "" { // the first of them where something waits
		queue = "waiting"
		if i := slices.IndexFunc(caseQueues(), func(q pages.Choice) bool { return counts[q.Code] != "" }); i >= 0 {
			queue = caseQueues()[i].Code
		}
	}
	p.Tabs, p.Name = queueTabs(counts, queue)
	if p.Name == "" {
		return sight{}, errRequest
	}
	p.Places = c.places(dashboard)
	for i := range p.Places {
		if p.Places[i].Address == reviewDesk {
			p.Places[i].Count = counts["merchants"]
		}
	}
	p.Places = append(p.Places, pages.DeskTab{Address: glassDesk, Text: "Break glass"})
	if queue == "second" {
		p.Elsewhere = others
	}
	if p.Glass, err = s.glassNotes(c); err != nil {
		return sight{}, err
	}
	if err := s.fillQueue(c, &p, queue); err != nil {
		return sight{}, err
	}
	return seen(p)
}

// queueTabs are the queues with what waits in them, and what the one is called that is shown.
func queueTabs(counts map[string]string, queue string) (tabs []pages.DeskTab, name string) {
	for _, q := range append(caseQueues(), pages.Choice{Code: askedQueue, Text: "Disclosure requests"}) {
		t := pages.DeskTab{Address: dashboard + "?queue=" + q.Code, Text: q.Text, Count: counts[q.Code], Here: q.Code == queue}
		if t.Here {
			name = q.Text
		}
		tabs = append(tabs, t)
	}
	return tabs, name
}

// fillQueue puts a part of one queue onto the page: cases, and then requests. A later part
// is of one of the two.
func (s *Server) fillQueue(c *call, p *pages.CaseQueue, queue string) error {
	here := dashboard + "?queue=" + queue
	open, err := s.Broker.AtDesk(c.ctx, c.staff())
	if err != nil {
		return err
	}
	after, asked := c.params["after"], c.params["asked"]
	if p.Requests = queue == askedQueue || asked != ""; !p.Requests {
		f := ofQueue(queue, c.person)
		f.After, f.Limit = after, queueLength
		if p.Next, err = s.fillCases(c, p, f, open, here); err != nil {
			return err
		}
	}
	if after == "" {
		f := askedOfQueue(queue, c.person)
		f.After, f.Limit = asked, queueLength
		if p.MoreAsked, err = s.fillAsked(c, p, f, open, here); err != nil {
			return err
		}
	}
	if after != "" || asked != "" {
		p.First = here
	}
	switch p.Empty = "Nothing waits here."; {
	case len(p.Rows) > 0:
		p.Jump = pages.Choice{Code: "first", Text: "Skip to the first case"}
	case len(p.Asked) > 0:
		p.Jump, p.Empty = pages.Choice{Code: "first", Text: "Skip to the first request"}, "No case waits here."
	}
	return nil
}

// fillCases says where the next part is, if there is one.
func (s *Server) fillCases(c *call, p *pages.CaseQueue, f broker.CaseFilter, open map[string]string, here string) (string, error) {
	all, next, err := s.Broker.StaffCases(c.ctx, c.staff(), f)
	for i := range all {
		l := &all[i]
		row := s.caseRow(c, &l.CaseRecord, l.Transaction, l.Buyer, l.Seller)
		row.Open = open[row.ID]
		p.Rows = append(p.Rows, row)
	}
	if next != "" {
		next = here + "&" + url.Values{"after": {next}}.Encode()
	}
	return next, err
}

func (s *Server) fillAsked(c *call, p *pages.CaseQueue, f broker.RequestFilter, open map[string]string, here string) (string, error) {
	all, next, err := s.Broker.OpenRequests(c.ctx, c.staff(), f)
	for i := range all {
		row := s.askedRow(c, &all[i])
		row.Open = open[row.ID]
		p.Asked = append(p.Asked, row)
	}
	if next != "" {
		next = here + "&" + url.Values{"asked": {next}}.Encode()
	}
	return next, err
}

// mostCounted is how far a queue is counted for its tab: what there is to do today is
// seen without counting all of it.
const mostCounted = 9

// countQueues says how much waits in each queue; none for nothing. Elsewhere more waits for
// this person as a second one.
func (s *Server) countQueues(c *call, elsewhere int) (map[string]string, error) {
	counts := map[string]string{}
	note := func(name string, n int, next string) {
		if next != "" || n > 0 {
			counts[name] = countWords(n, next != "")
		}
	}
	asked, err := s.Broker.CountRequests(c.ctx, c.staff())
	if err != nil {
		return nil, err
	}
	requests := map[string]int{"mine": asked.Taken, "unassigned": asked.Free, "second": asked.Second + elsewhere, "overdue": asked.Overdue, "waiting": asked.All}
	for _, q := range caseQueues() {
		f := ofQueue(q.Code, c.person)
		f.Limit = mostCounted + 1
		n, err := countParts(func(after string) (int, string, error) {
			f.After = after
			all, next, err := s.Broker.StaffCases(c.ctx, c.staff(), f)
			return len(all), next, err
		})
		if err != nil {
			return nil, err
		}
		note(q.Code, n+requests[q.Code], "")
	}
	note(askedQueue, asked.All, "")
	if !reviewLookers().has(c.person.Role) {
		return counts, nil
	}
	merchants, next, err := s.Broker.Reviews(c.ctx, c.staff(), broker.ReviewFilter{Limit: mostCounted})
	note("merchants", len(merchants), next)
	return counts, err
}

// caseRow is a case in the queue.
func (s *Server) caseRow(c *call, r *broker.CaseRecord, transaction broker.TransactionID, buyer, seller broker.PartyID) pages.CaseRow {
	x := pages.CaseRow{
		ID: string(r.ID), Reason: headWords(string(r.Reason)), State: plainly(string(r.State)), Chip: caseChip(r.State), Amount: caseMoney(r.Amount, r.Currency),
		Transaction: string(transaction), Buyer: string(buyer), Seller: string(seller), Opener: string(r.Opener), Holder: r.Assigned,
		Mine: r.Assigned != "" && r.Assigned == string(c.person.Account), Proposed: r.Proposal != nil,
	}
	if due := r.DueAt(); !due.IsZero() && r.IsOpen() {
		x.Due = &due
		x.Left, x.Late, x.Soon = leftUntil(due, s.Now())
	}
	return x
}

func (s *Server) askedRow(c *call, v *broker.RequestView) pages.AskedRow {
	d, r := &v.Disclosure, &v.Request
	x := pages.AskedRow{
		ID: string(d.ID), Purpose: headWords(string(d.Purpose)), State: plainly(string(v.State)), Transaction: string(d.Transaction),
		Requester: string(d.Requester), Subject: string(d.Subject), Taken: r.Taken, Mine: r.Taken != "" && r.Taken == string(c.person.Account),
	}
	if p := r.Proposal; r.IsProposed() {
		x.Wants = "Proposed: to " + askedWords(p.Event)
	}
	switch {
	case !r.Due.IsZero():
		x.Due = &r.Due
		x.Left, x.Late, _ = leftUntil(r.Due, s.Now())
	case r.IsOpen(): // proposed before such proposals had a time
		x.Left, x.Late = "overdue", true
	}
	return x
}

// leftUntil is the time until something is due, as people say it.
func leftUntil(due, now time.Time) (words string, late, soon bool) {
	left := due.Sub(now)
	if left <= 0 {
		return "overdue by " + spanWords(-left), true, false
	}
	return spanWords(left) + " left", false, left < disputes.Day
}

func spanWords(d time.Duration) string {
	switch {
	case d >= 2*disputes.Day:
		return strconv.Itoa(int(d/disputes.Day)) + " days"
	case d >= time.Hour:
		return strconv.Itoa(int(d/time.Hour)) + " h"
	default:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
}

func caseMoney(q broker.Quantity, of broker.Currency) string {
	return q.Format(of.Digits()) + " " + string(of)
}

// caseChip is how a state looks.
func caseChip(s states.State) string {
	switch s {
	case disputes.Claim, disputes.Proposed, disputes.Appealed, disputes.AppealProposed:
		return "chip-waiting"
	case disputes.UnderReview, disputes.Evidence:
		return "chip-ready"
	case disputes.Decided, disputes.Settled, disputes.Final:
		return "chip-live"
	default:
		return "chip-masked"
	}
}

// showCase answers GET /desk/cases/{id}.
func (s *Server) showCase(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	p, err := s.casePage(c, nil, nil)
	if err != nil {
		return sight{}, err
	}
	p.Done = caseDone(states.Event(p.Newly))
	return seen(*p)
}
