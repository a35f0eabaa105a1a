package web

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// askedAct is one thing that can be done with a request, in words.
type askedAct struct {
	event           states.Event
	label, do, done string
	note            string
	gives           bool // fields, looks and days can be chosen
	signs           bool // it names the hash of what was proposed
	writes          bool // a note can come with it
}

// askedActs are in the order of the page: the first of those that can be done is open.
func askedActs() []askedAct {
	return []askedAct{
		{
			event: broker.Approve, label: "Approve just this", do: "Approve what is proposed", done: "It is decided, and both sides are told.", signs: true,
			note: "What is sent is the hash of what you see: if anything of it changes before, nothing is given.",
		},
		{event: broker.Reinstate, label: "Let the grant live again", do: "Let it live again", done: "The grant lives again.", signs: true, note: "Exactly this grant, by its hash."},
		{event: broker.Recall, label: "End the grant for good", do: "End it", done: "The grant has ended. Whoever looked is asked to delete it.", note: "What was seen has to be deleted, and that attested, within 7 days."},
		{event: broker.Reject, label: "Reject what is proposed", do: "Reject it", done: "What was proposed is rejected.", writes: true},
		{event: broker.Take, label: "Take it", do: "Take it", done: "It is yours."},
		{event: broker.Grants, label: "Give it", do: "Give this", done: "It is given, and both sides are told.", gives: true},
		{event: broker.Propose, label: "Propose it", do: "Propose this", done: "It is proposed. A second person looks at it.", gives: true, note: "A second person approves exactly this, or rejects it."},
		{event: broker.Overturn, label: "Give it after all", do: "Overturn the refusal", done: "It is given, and both sides are told.", gives: true},
		{event: broker.Deny, label: "Refuse it", do: "Refuse it", done: "It is refused. Either side can appeal for 30 days."},
		{event: broker.Uphold, label: "Uphold the refusal", do: "Uphold it", done: "The refusal stands.", writes: true},
		{event: broker.Keep, label: "Let the grant live on", do: "Keep it", done: "The grant lives on.", writes: true},
		{event: broker.Ask, label: "Ask the requester for more", do: "Ask", done: "The requester is asked, and has 5 days.", writes: true, note: "Our own clock stands still meanwhile; that of the law does not."},
		{event: broker.Skip, label: "Skip the hearing", do: "Skip it", done: "The hearing was skipped.", writes: true},
		{event: broker.Suspend, label: "Suspend the grant", do: "Suspend it", done: "Nobody looks at it any more.", writes: true},
		{event: broker.ToRecall, label: "Propose to end the grant for good", do: "Propose that", done: "It is proposed. A second person looks at it."},
		{event: broker.Release, label: "Let go of it", do: "Let go of it", done: "Nobody has it now."},
	}
}

func askedDone(e states.Event) string {
	i := slices.IndexFunc(askedActs(), func(a askedAct) bool { return a.event == e })
	if i < 0 {
		return ""
	}
	return askedActs()[i].done
}

// asksWhoOf: decisions are for somebody who has just shown who he is, as in the API.
func asksWhoOf(event string) bool {
	return event == revealCase || slices.ContainsFunc(staffMoves(), func(m staffMove) bool { return string(m.event) == event && m.decides })
}

// askedRail puts onto the page what this person can do now.
func (s *Server) askedRail(p *pages.Asked, v *broker.StaffRequest, sent *caseSent, wrong pages.Wrongs) {
	if p.Reads {
		return
	}
	for _, a := range askedActs() {
		if !slices.Contains(v.Allowed, a.event) || !askedFits(a.event, v) {
			continue
		}
		f := pages.CaseForm{Event: string(a.event), Name: string(a.event), Label: a.label, Note: a.note, Do: a.do, Main: len(p.Forms) == 0, Fields: s.askedFields(&a, v)}
		if p := v.Request.Proposal; a.signs || a.event == broker.Recall && p != nil {
			f.Hidden, f.Fields = []pages.Choice{{Code: "hash", Text: planText(p.Hash)}}, nil
		}
		if asksWhoOf(string(a.event)) {
			f.Confirm = p.Confirm
		}
		p.Forms = append(p.Forms, f)
	}
	for i := range p.Forms {
		sent.into(&p.Forms[i], wrong)
	}
	for i := range p.Sides {
		side := &p.Sides[i]
		if side.Party == string(v.Disclosure.Subject) && slices.Contains(v.Allowed, broker.LookInto) {
			side.Form = askedReveal(v, p)
			sent.into(side.Form, wrong)
		}
	}
	if !slices.Contains(v.Allowed, broker.LookInto) && v.Request.IsUndecided() {
		p.NoReveal = "Values, and what the sides wrote, are opened by whoever has taken the request."
	}
	if p.Confirm != nil {
		p.Forms = append(p.Forms, pages.CaseForm{
			Event: confirmCase, Name: confirmCase, Label: "Confirm that it is you", Do: "Confirm", Confirm: p.Confirm, Open: sent != nil && sent.event == confirmCase,
			Note: "Decisions and reveals ask for it.",
		})
	}
}

// askedFits leaves out what is on the page already: who has it, and how many people all of it takes.
func askedFits(e states.Event, v *broker.StaffRequest) bool {
	several := v.Plan != nil && len(givable(v.Plan)) > 1
	switch e {
	case broker.Take:
		return v.Request.Taken == ""
	case broker.Propose:
		return v.Plan == nil || v.State == broker.Held || v.Plan.Two
	case broker.Grants, broker.Overturn:
		return !v.Plan.Two || several // less of it may take one person alone
	}
	return true
}

// givable are the fields that a person may give.
func givable(p *broker.Plan) (all []broker.FieldOutcome) {
	for i := range p.Fields {
		if p.Fields[i].Outcome == necessity.Granted {
			all = append(all, p.Fields[i])
		}
	}
	return all
}

func (s *Server) askedFields(a *askedAct, v *broker.StaffRequest) (all []pages.CaseField) {
	if a.gives && v.State != broker.Held && v.Plan != nil {
		boxes := pages.CaseField{Name: "fields", Label: "Fields", Kind: "checks"}
		for _, f := range givable(v.Plan) {
			code := "field_" + string(f.Field)
			boxes.Options, boxes.Chosen = append(boxes.Options, pages.Choice{Code: code, Text: fieldWords(f.Field)}), append(boxes.Chosen, code)
		}
		all = append(all, boxes)
	}
	if codes := broker.ReasonsFor(a.event); codes != nil {
		all = append(all, one("reason", "Reason", choices(codes, choose)))
	}
	if a.gives && v.State != broker.Held && v.Plan != nil {
		days := daysField(s, "For how long", false)
		days.Options = append([]pages.Choice{{Text: "As long as the policy says"}}, days.Options...)
		views := pages.CaseField{Name: "views", Label: "Looks", Kind: "text", Most: 3, Hint: fmt.Sprintf("%d, if it stays empty, or fewer.", v.Plan.Views)}
		all = append(all, days, views)
	}
	if a.writes {
		said := area("text", "Note", "Kept sealed.", false)
		said.Most = mostNote
		all = append(all, said)
	}
	return all
}

// sendAsked answers POST /desk/requests/{id}: all that is done with a request.
func (s *Server) sendAsked(c *call) (sight, error) {
	return s.work(c, s.askedWork(c))
}

func (s *Server) askedWork(c *call) deskWork {
	return deskWork{at: c.askedPath(), who: those(deciders()...), read: (*call).caseSent, asks: asksWhoOf, do: s.doInAsked, again: s.askedAgain}
}

func (s *Server) doInAsked(c *call, f *caseSent) (sight, error) {
	if f.event == revealCase {
		return s.lookOnPage(c, f)
	}
	id, err := c.disclosureID()
	if err != nil {
		return sight{}, err
	}
	if f.event == takeOver {
		return s.takeOver(c, string(id), f, s.askedWork(c))
	}
	m, err := askedMove(f)
	if err == nil {
		m.Match = &f.match
		_, _, err = s.Broker.StaffMove(c.ctx, c.staff(), id, m, nil)
	}
	if errors.Is(err, broker.ErrNotPermitted) && m.Choice.Fields != nil && len(m.Choice.Fields) == 0 {
		err = broker.ErrNotPermitted.Naming("not_permitted", "choose what is given").Pointing("/fields")
	}
	if err != nil {
		return s.askedAgain(c, f, err)
	}
	return goTo(c.askedPath() + "?done=" + f.event)
}

// askedMove reads a form; its codes are held against the lists.
func askedMove(f *caseSent) (broker.Move, error) {
	i := slices.IndexFunc(askedActs(), func(a askedAct) bool { return string(a.event) == f.event })
	if i < 0 {
		return broker.Move{}, errRequest
	}
	a := &askedActs()[i]
	var wrong mistakes
	m := broker.Move{Event: a.event, Reason: f.text("reason"), Note: noteAt("/text", f.given["text"], &wrong)}
	if hash := f.text("hash"); a.signs || hash != "" {
		var ok bool
		if m.Hash, ok = planOf(hash); !ok {
			return m, errRequest
		}
	}
	if m.Hash == nil {
		reasoned(a.event, m.Reason, &wrong)
	}
	if a.gives {
		choiceOf(f, &m.Choice, &wrong)
	}
	return m, wrong.err()
}

// choiceOf is what of it is given, how often and for how long. A form without boxes gives
// nothing that could be chosen.
func choiceOf(f *caseSent, c *broker.Choice, wrong *mistakes) {
	c.Fields = append([]masking.Field{}, f.fields()...) // of no box none, and not all that may be
	if days := f.text("days"); days != "" {
		n, err := strconv.Atoi(days)
		if err != nil || !slices.Contains(termDays(), n) {
			wrong.add("/days", "not_one_of", "choose a term")
		}
		c.Days = n
	}
	if views := f.text("views"); views != "" {
		n, err := strconv.Atoi(views)
		if err != nil || n < 1 || n > 100 {
			wrong.add("/views", "out_of_range", "a number from 1 to 100")
		}
		c.Views = n
	}
}

// askedAgain shows the request as it stands by now, with what was typed still in its form.
func (s *Server) askedAgain(c *call, f *caseSent, err error) (sight, error) {
	return c.workAgain(f, err, func(wrong pages.Wrongs) (pages.Work, error) { return s.askedPage(c, f, wrong) })
}
