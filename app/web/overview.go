package web

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/plain"
)

// Places of the desk beside its cases.
const (
	overviewDesk = "/desk/overview"
	ledgerDesk   = "/desk/ledger"
	permitsDesk  = "/desk/ledger/policies"
)

// overviewRoutes are the pages that say how the work stands, and what it is recorded in.
func (s *Server) overviewRoutes() []*route {
	page := func(template string, handle func(*call) (sight, error)) *route {
		return &route{http.MethodGet, template, nil, nil, func(c *call) error { return c.page(handle) }, operation{desk: true}}
	}
	return slices.Concat(
		s.lookRoutes(ledgerDesk, s.showLedger, "entry", "from", "to"), s.lookRoutes(permitsDesk, s.showPermits, "from", "to"),
		[]*route{page(overviewDesk, s.showOverview), page("/desk/components", s.showComponents)},
	)
}

// showComponents answers GET /desk/components, for whoever has signed in: who runs a broker
// looks at it after an upgrade, and there is nothing on it but samples.
func (s *Server) showComponents(c *call) (sight, error) {
	if err := c.admitPerson(anybody()); err != nil {
		return sight{}, err
	}
	return seen(pages.NewComponents())
}

// places are what else there is at the desk, for whoever has signed in.
func (c *call) places(here string) []pages.DeskTab {
	all := []pages.DeskTab{}
	if here != dashboard {
		all = append(all, pages.DeskTab{Address: dashboard, Text: "Cases and requests"})
	}
	all = append(all, pages.DeskTab{Address: overviewDesk, Text: "Overview"}, pages.DeskTab{Address: ledgerDesk, Text: "Ledger"}, pages.DeskTab{Address: permitsDesk, Text: "Policy table"},
		pages.DeskTab{Address: deskSearch, Text: "Find by an id"})
	if reviewLookers().has(c.person.Role) {
		all = append(all, pages.DeskTab{Address: reviewDesk, Text: "Merchants"})
	}
	if c.person.Role == accounts.PrivacyOfficer {
		all = append(all, pages.DeskTab{Address: "/desk/policy", Text: "Policies"})
	}
	for i := range all {
		all[i].Here = all[i].Address == here
	}
	return all
}

// counted is the last overview: it costs half a second where there is much to count, so it
// is counted once a minute, by one call while the others wait for it.
type counted struct {
	mu   sync.Mutex
	last *broker.Overview
}

// mostCountedAge is how old an overview may be.
const mostCountedAge = time.Minute

func (o *counted) of(ctx context.Context, now time.Time, count func(context.Context) (*broker.Overview, error)) (*broker.Overview, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.last != nil && !now.Before(o.last.At) && now.Sub(o.last.At) < mostCountedAge {
		return o.last, nil
	}
	counted, err := count(ctx)
	if err == nil {
		o.last = counted
	}
	return counted, err
}

// showOverview answers GET /desk/overview.
func (s *Server) showOverview(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	o, err := s.counted.of(c.ctx, s.Now(), func(ctx context.Context) (*broker.Overview, error) { return s.Broker.Overview(ctx, c.staff()) })
	if err != nil {
		return sight{}, err
	}
	p := pages.Overview{Shell: pages.Shell{Title: "Overview"}, Places: c.places(overviewDesk), At: o.At, Figures: figures(o), Time: termsOf(o), Open: openBars(o), Heard: heardColumns(o), Glass: glassColumns(o), Asked: askedBars(o), Denied: deniedBars(o)}
	if o.Incomplete {
		p.Part = fmt.Sprintf("the newest %d of them", o.Counted)
	}
	return seen(p)
}

// figures are what matters first.
func figures(o *broker.Overview) []pages.Figure {
	open, overdue, decided, heard, overturned := 0, 0, 0, 0, 0
	for _, c := range o.Open {
		open, overdue = open+c.All, overdue+c.Overdue
	}
	for _, w := range o.Weeks {
		decided, heard, overturned = decided+w.Decided, heard+w.Heard, overturned+w.Overturned
	}
	all := []pages.Figure{
		{Label: "Open cases", Value: strconv.Itoa(open), Address: dashboard + "?queue=waiting"},
		{Label: "Overdue", Value: strconv.Itoa(overdue), Note: share(overdue, open, "of those that are open"), Address: dashboard + "?queue=overdue", Bad: overdue > 0},
		askedFigure(&o.Requests),
		{Label: "Decided", Value: strconv.Itoa(decided), Note: fmt.Sprintf("in %d weeks", broker.OverviewWeeks)},
		{Label: "Overturned on appeal", Value: share(overturned, heard, ""), Note: fmt.Sprintf("%d of the %d that were heard", overturned, heard)},
		{Label: "Notices not taken yet", Value: strconv.FormatInt(o.Waiting, 10), Note: "by the endpoints that are told"},
	}
	all = append(all, pages.Figure{Label: "Break glass", Value: strconv.Itoa(o.Glass), Note: fmt.Sprintf("in 30 days; %d of all there were not reviewed", o.Unreviewed), Address: glassDesk, Bad: o.Unreviewed > 0})
	if o.GivenUp > 0 {
		all[5].Note, all[5].Bad = fmt.Sprintf("and %d given up", o.GivenUp), true
	}
	return all
}

// askedFigure is what of requests waits, grants among them about which something is proposed.
func askedFigure(n *broker.RequestCounts) pages.Figure {
	f := pages.Figure{
		Label: "Requests that wait", Value: strconv.Itoa(n.All), Address: dashboard + "?queue=" + askedQueue, Bad: n.Overdue > 0,
		Note: fmt.Sprintf("%d overdue; %d for a second person", n.Overdue, n.Second),
	}
	if n.All >= broker.MostAskedCounted {
		f.Value += " and more"
	}
	return f
}

// share is a part in per cent.
func share(n, of int, words string) string {
	if of == 0 {
		return "–"
	}
	return strings.TrimSpace(fmt.Sprintf("%d %% %s", (200*n+of)/(2*of), words))
}

func termsOf(o *broker.Overview) pages.Terms {
	t := pages.Terms{
		ID: "terms", Title: "Time to decision by week", Series: []string{"Half were decided within", "Nine in ten within"},
		Columns: []string{"Decided", "Heard on appeal", "Overturned"}, Summary: "No case was decided in these weeks.",
	}
	for _, w := range o.Weeks {
		p := pages.TermPoint{Label: w.From.Format("2 Jan"), More: []string{strconv.Itoa(w.Decided), strconv.Itoa(w.Heard), strconv.Itoa(w.Overturned)}}
		if w.Decided > 0 {
			p.Terms = []time.Duration{w.Median, w.P90}
			t.Summary = fmt.Sprintf("Two lines over %d weeks. In the week from %s, the last one with a decision, half of %d were decided within %s.", len(o.Weeks), p.Label, w.Decided, spanWords(w.Median))
		}
		t.Points = append(t.Points, p)
	}
	return t
}

func openBars(o *broker.Overview) pages.Bars {
	b := pages.Bars{ID: "states", Title: "Open cases by state", Head: "State", Series: []string{"In time", "Overdue"}}
	for _, c := range o.Open {
		b.Rows = append(b.Rows, pages.BarRow{Label: headWords(c.State), Parts: []int{c.All - c.Overdue, c.Overdue}})
	}
	b.Summary = summary(b.Rows)
	return b
}

func askedBars(o *broker.Overview) pages.Bars {
	b := pages.Bars{ID: "purposes", Title: "Disclosures by purpose and outcome", Head: "Purpose", Series: []string{"Granted", "Waiting for a person", "Refused"}}
	for i := range o.Asked {
		x := &o.Asked[i]
		b.Rows = append(b.Rows, pages.BarRow{Label: headWords(string(x.Purpose)), Parts: []int{x.Granted, x.Pending, x.Refused}})
	}
	b.Summary = summary(b.Rows)
	return b
}

func deniedBars(o *broker.Overview) pages.Bars {
	b := pages.Bars{ID: "reasons", Title: "Refusals by rule", Head: "Rule", Series: []string{"Refused"}}
	for _, r := range o.Denied {
		b.Rows = append(b.Rows, pages.BarRow{Label: strings.TrimSuffix(sentence(plain.Detail(r.Reason)), "."), Parts: []int{r.N}})
	}
	b.Summary = summary(b.Rows)
	return b
}

func heardColumns(o *broker.Overview) pages.Columns {
	x := pages.Columns{ID: "appeals", Title: "Decisions heard on appeal, by week", Head: "Week from", Series: []string{"Upheld", "Overturned"}}
	heard, overturned := 0, 0
	for _, w := range o.Weeks {
		heard, overturned = heard+w.Heard, overturned+w.Overturned
		x.Rows = append(x.Rows, pages.BarRow{Label: w.From.Format("2 Jan"), Parts: []int{w.Heard - w.Overturned, w.Overturned}})
	}
	x.Summary = fmt.Sprintf("%d columns, a week each. In all, %d decisions were heard on appeal, and %d of them overturned.", len(o.Weeks), heard, overturned)
	return x
}

func glassColumns(o *broker.Overview) pages.Columns {
	x := pages.Columns{ID: "sessions", Title: "Break-glass sessions by week", Head: "Week from", Series: []string{"Reviewed", "Not reviewed", "Open now"}}
	all, wait := 0, 0
	for _, w := range o.GlassWeeks {
		all, wait = all+w.Reviewed+w.Unreviewed+w.Open, wait+w.Unreviewed
		x.Rows = append(x.Rows, pages.BarRow{Label: w.From.Format("2 Jan"), Parts: []int{w.Reviewed, w.Unreviewed, w.Open}})
	}
	x.Summary = fmt.Sprintf("%d columns, a week each. In all, %d sessions were opened, of which %d are over and not reviewed.", len(o.GlassWeeks), all, wait)
	return x
}

// summary says of bars what a look at them says.
func summary(rows []pages.BarRow) string {
	if len(rows) == 0 {
		return "Nothing."
	}
	n := 0
	for _, r := range rows {
		n += r.All()
	}
	return fmt.Sprintf("%d in all, in %d rows, the longest first: %s with %d.", n, len(rows), rows[0].Label, rows[0].All())
}
