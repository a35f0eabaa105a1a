package web

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/plain"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// askedDesk is where the disclosures are that a person decides.
const askedDesk = "/desk/requests"

func (s *Server) askedPageRoutes() []*route {
	page := func(method string, handle func(*call) (sight, error), queries ...string) *route {
		return &route{method, askedDesk + "/{id}", nil, queries, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{
		page(http.MethodGet, s.showAsked, "done", "before"),
		page(http.MethodPost, s.sendAsked),
	}
}

func (c *call) askedPath() string {
	id, err := c.disclosureID()
	if err != nil {
		return dashboard
	}
	return askedDesk + "/" + string(id)
}

// showAsked answers GET /desk/requests/{id}.
func (s *Server) showAsked(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	p, err := s.askedPage(c, nil, nil)
	if err != nil {
		return sight{}, err
	}
	p.Done = askedDone(states.Event(p.Newly))
	return seen(*p)
}

// askedPage is the request in the path, with what this person can do. What was sent, and
// what was wrong with it, is on it again.
func (s *Server) askedPage(c *call, sent *caseSent, wrong pages.Wrongs) (*pages.Asked, error) {
	id, err := c.disclosureID()
	if err != nil {
		return nil, err
	}
	v, err := s.Broker.StaffRequest(c.ctx, c.staff(), id)
	if err != nil {
		return nil, err
	}
	d, r := &v.Disclosure, &v.Request
	t, err := s.Broker.Transaction(c.ctx, d.Transaction, "")
	if err != nil {
		return nil, err
	}
	row := s.askedRow(c, &v.RequestView)
	p := &pages.Asked{
		Shell:    pages.Shell{Title: wrong.Title(row.Purpose + ", " + row.State), Jump: pages.Choice{Code: "acts", Text: "Skip to what you can do"}},
		AskedRow: row, Account: string(c.person.Account), Moves: r.Version, Role: string(d.Role), Chip: askedChip(v.State),
		Question: headWords(r.Question), Hearing: s.hearing(&v), Objection: headWords(r.Objection), Reason: headWords(r.Reason),
		Lines: caseLines(nil, &t), Clocks: s.askedClocks(&v), Plan: askedPlan(&v), Proposal: askedProposal(&v, string(c.person.Account)),
		Reads: !those(deciders()...).has(c.person.Role),
	}
	if !r.OpenedAt.IsZero() {
		p.Opened = &r.OpenedAt
	}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return nil, err
	}
	around := &broker.CaseView{Transaction: d.Transaction, Buyer: v.Buyer, Seller: v.Seller, Timeline: v.Timeline}
	around.Currency = t.Amount.Currency
	if p.Moments, err = c.moments(around, p.Address(), sent); err != nil {
		return nil, err
	}
	p.Sides = caseSides(around, p.Account)
	if p.Open, err = s.openBefore(c, p.ID, askedContested(&v, p.Account)); err != nil || p.Open != "" {
		return p, err
	}
	s.askedRail(p, &v, sent, wrong)
	return p, nil
}

// askedContested says whether several could do the same now, this person among them: take
// what waits and nobody has, or look at what somebody else has proposed.
func askedContested(v *broker.StaffRequest, me string) bool {
	may := func(e states.Event) bool { return slices.Contains(v.Allowed, e) }
	p := v.Request.Proposal
	return v.Request.Taken == "" && may(broker.Take) || may(broker.Approve) || may(broker.Reject) || p != nil && p.By != me && (may(broker.Reinstate) || may(broker.Recall))
}

// hearing is how the subject was heard, or is.
func (s *Server) hearing(v *broker.StaffRequest) string {
	r := &v.Request
	switch {
	case r.Heard == "objected":
		return "The subject objected"
	case r.Heard == "silent":
		return "The subject said nothing in its time"
	case r.Heard != "":
		return "It was skipped"
	case r.HearingEnds.After(s.Now()):
		return "The subject can object until " + r.HearingEnds.UTC().Format("2 January 2006, 15:04 UTC")
	case v.State == broker.Hearing:
		return "The subject can object until " + r.Deadline.UTC().Format("2 January 2006, 15:04 UTC")
	}
	return ""
}

func (s *Server) askedClocks(v *broker.StaffRequest) (all []pages.CaseClock) {
	if !v.Request.IsOpen() {
		return nil
	}
	add := func(name, rule string, due time.Time, paused time.Time) {
		if due.IsZero() {
			return
		}
		x := pages.CaseClock{Name: name, Rule: rule, Due: due, State: "running", Chip: "chip-ready"}
		if x.Left, _, _ = leftUntil(due, s.Now()); due.Before(s.Now()) {
			x.State, x.Chip = "overdue", "chip-suspended"
		}
		if !paused.IsZero() {
			x.State, x.Chip, x.Paused = "paused", "chip-masked", []pages.CaseSpan{{From: paused}}
		}
		all = append(all, x)
	}
	r := &v.Request
	if !r.IsUndecided() {
		add("A second person looks (ours)", "From when it was proposed on: nothing happens by itself when it is over.", r.Due, time.Time{})
		return all
	}
	add("Decision, by law", "GDPR 12(3): a month; nothing stops it.", r.Statutory, time.Time{})
	add("Decision (ours)", "It stands still while the requester is asked.", r.Due, r.PausedAt)
	add("This state", "Then it ends by itself.", r.Deadline, time.Time{})
	return all
}

// askedChip is how a state looks.
func askedChip(s states.State) string {
	switch s {
	case broker.Granted, broker.Overturned:
		return "chip-live"
	case broker.Held, broker.Recalled:
		return "chip-suspended"
	case broker.Pending, broker.Hearing, broker.Second, broker.Appealed, broker.Review, broker.InfoNeeded:
		return "chip-waiting"
	default:
		return "chip-masked"
	}
}

// askedPlan is what would be given, or what was.
func askedPlan(v *broker.StaffRequest) *pages.AskedPlan {
	if v.Plan == nil {
		return nil
	}
	p := v.Plan
	x := &pages.AskedPlan{Head: "All that may be given", Ground: string(p.Ground), Views: p.Views, Permitted: p.Permitted, SecondFor: plainly(strings.Join(p.Because, ", "))}
	switch {
	case v.Request.Proposal != nil:
		x.Head, x.Hash = "What an approval would give", planText(p.Hash)
	case v.State == broker.Held:
		x.Head = "The grant, as it would live again"
	}
	if !p.EndsAt.IsZero() {
		x.Ends = &p.EndsAt
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		y := pages.AskedField{Label: fieldWords(f.Field), Outcome: string(f.Outcome), Chip: "chip-masked", Why: sentence(plain.Detail(f.Reason))}
		if f.Outcome == necessity.Granted {
			y.Outcome, y.Chip, y.Why = "may be given", "chip-ready", "By the permit "+f.Rule+"."
		}
		x.Fields = append(x.Fields, y)
	}
	return x
}

func askedProposal(v *broker.StaffRequest, me string) *pages.AskedProposal {
	p := v.Request.Proposal
	if p == nil {
		return nil
	}
	return &pages.AskedProposal{By: p.By, Own: p.By == me, What: askedWords(p.Event), Reason: headWords(p.Reason)}
}

// askedWords are what a proposal leads to.
func askedWords(e states.Event) string {
	return map[states.Event]string{
		broker.Grants: "give it", broker.Overturn: "give it, on appeal", broker.Reinstate: "let the grant live again", broker.Recall: "end the grant for good",
	}[e]
}

// requestWords say what happened to a disclosure that people decide.
func requestWords(m *pages.CaseMoment, e *broker.CaseEvent) {
	o := e.Said
	m.Kind = "disclosure"
	switch e.Type {
	case ledger.DisclosureObjected:
		m.What, m.More = "The subject objected", reasonWords(o)
	case ledger.DecisionAppealed:
		m.What, m.More = sideOf(o.String("by"))+" appealed", reasonWords(o)
	case ledger.DecisionProposed:
		m.Kind, m.What, m.More = "decision", "A second person was asked to look", reasonWords(o)
	case ledger.RequestMoved:
		m.What, m.More = movedWords(states.Event(o.String("event")), sideOf(o.String("by"))), reasonWords(o)
	default:
		m.What = headWords(e.Type.String())
	}
}

func sideOf(by string) string {
	if by == string(broker.ByClock) {
		return "Time"
	}
	if slices.Contains([]string{string(broker.ByRequester), string(broker.BySubject)}, by) {
		return "The " + by
	}
	return "Staff"
}

// movedWords are the moves of a request that decide nothing.
func movedWords(on states.Event, who string) string {
	switch on {
	case broker.Take:
		return "Somebody took the request"
	case broker.Release:
		return "Nobody has the request any more"
	case broker.Ask:
		return "The requester was asked for more"
	case broker.Answer:
		return who + " answered"
	case broker.Skip:
		return "The hearing was skipped"
	case broker.Silence:
		return "The time for an objection is over"
	case broker.Withdraw:
		return who + " withdrew the request"
	case broker.Lapse:
		return "The request lapsed: nobody answered"
	case broker.Reject:
		return "What was proposed was rejected"
	case broker.Suspend:
		return "The grant was suspended"
	case broker.Reinstate:
		return "The grant lives again"
	case broker.Keep:
		return "The grant lives on"
	}
	return who + ": " + plainly(string(on))
}

// askedReveal is the form that opens fields of the subject, and what the sides wrote.
func askedReveal(v *broker.StaffRequest, p *pages.Asked) *pages.CaseForm {
	boxes := pages.CaseField{Name: "fields", Label: "What", Kind: "checks"}
	for i := range v.Disclosure.Fields {
		f := v.Disclosure.Fields[i].Field
		boxes.Options = append(boxes.Options, pages.Choice{Code: "field_" + string(f), Text: fieldWords(f)})
	}
	for _, side := range v.Notes {
		boxes.Options = append(boxes.Options, pages.Choice{Code: notesName(side), Text: "What the " + side + " wrote"})
	}
	purpose := one("purpose", "Purpose", choices(broker.StaffPurposes(), choose))
	purpose.Options = slices.DeleteFunc(purpose.Options, func(o pages.Choice) bool { return o.Code != "" && o.Code != broker.StaffPurpose(v.State) })
	return &pages.CaseForm{
		Event: revealCase, Name: revealCase, Label: "Reveal…", Do: "Reveal, and log it", Confirm: p.Confirm,
		Note: "The ledger will say: your account and role, what you opened, the purpose, the reason and the time. Both sides are told that staff looked, and what for.",
		Fields: []pages.CaseField{
			boxes, purpose, one("reason", "Reason", choices(broker.ReasonsFor(broker.LookInto), choose)),
		},
	}
}

// notesName is the name of the box for what a side wrote.
func notesName(side string) string { return "notes_" + side }

// lookOnPage shows what was opened of a request, once, on a page of its own.
func (s *Server) lookOnPage(c *call, f *caseSent) (sight, error) {
	id, err := c.disclosureID()
	if err != nil {
		return sight{}, err
	}
	g, err := glanceOf(f)
	if err != nil {
		return s.askedAgain(c, f, err)
	}
	opened, _, err := s.Broker.Look(c.ctx, c.staff(), id, g, nil)
	if err != nil {
		return s.askedAgain(c, f, err)
	}
	s.metrics.byStaff.WithLabelValues(g.Purpose).Inc()
	v, err := s.Broker.RequestOf(c.ctx, c.staff(), id)
	if err != nil {
		return sight{}, err
	}
	p := pages.AskedValues{
		Shell: pages.Shell{Title: "What you opened"}, Request: string(id), Subject: string(v.Disclosure.Subject),
		Purpose: plainly(g.Purpose), Reason: plainly(g.Reason), Index: opened.Place.Index, Seconds: remaskAfter,
	}
	for _, x := range masking.Fields() {
		if value, ok := opened.Values[x]; ok {
			p.Fields = append(p.Fields, pages.CaseValue{Label: fieldWords(x), Value: value})
		}
	}
	for _, n := range opened.Notes {
		p.Notes = append(p.Notes, pages.AskedNote{From: n.From, On: plainly(string(n.On)), At: n.At, Text: n.Text})
	}
	c.Set("Refresh", itoa(remaskAfter)+"; url="+askedDesk+"/"+string(id))
	return seen(p)
}

func glanceOf(f *caseSent) (broker.Glance, error) {
	var wrong mistakes
	g := broker.Glance{Purpose: f.text("purpose"), Reason: f.text("reason")}
	oneOf("/purpose", g.Purpose, broker.StaffPurposes(), &wrong)
	oneOf("/reason", g.Reason, broker.ReasonsFor(broker.LookInto), &wrong)
	g.Fields = f.fields()
	for _, side := range broker.NoteSides() {
		if f.text(notesName(side)) != "" {
			g.Notes = append(g.Notes, side)
		}
	}
	if len(g.Fields)+len(g.Notes) == 0 {
		wrong.add("/fields", "required", "choose what you need to see")
	}
	return g, wrong.err()
}

// fields are the boxes of fields that were ticked.
func (s *caseSent) fields() (all []masking.Field) {
	for _, x := range masking.Fields() {
		if s.text("field_"+string(x)) != "" {
			all = append(all, x)
		}
	}
	return all
}
