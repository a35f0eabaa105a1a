package web

import (
	"errors"
	"html"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// What of a case is opened at the desk: texts, evidence and values, each by an entry.

// openCaseTexts writes the entry first, and then shows the page with what was written. It
// is masked again by itself; nothing can be written beside it, so nothing is lost with that.
func (s *Server) openCaseTexts(c *call, f *caseSent) (sight, error) {
	id, err := c.disputeID()
	if err != nil {
		return sight{}, err
	}
	texts, place, err := s.Broker.TextsOfCase(c.ctx, c.staff(), id, nil)
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	f.seen = 0 // nothing is new to whoever opens
	p, err := s.casePage(c, f, nil)
	if err != nil {
		return sight{}, err
	}
	p.TextsOpened, p.Minutes = &place.Index, remaskTexts/60
	p.Forms, p.Confirm, p.NoReveal = nil, nil, ""
	for i := range p.Sides {
		p.Sides[i].Form = nil
	}
	putTexts(p, texts)
	for i := range texts {
		x := &texts[i]
		if x.Event == disputes.Propose && p.Proposal != nil {
			p.Proposal.Findings = x.Text // the last one is what is proposed
		}
		if x.Event == disputes.Approve && p.Decision != nil {
			p.Decision.Findings = x.Text
		}
	}
	c.Set("Refresh", strconv.Itoa(remaskTexts)+"; url="+p.Masked())
	return seen(*p)
}

// mostOfTexts is how much of what was written one page has, in bytes of the page.
const mostOfTexts = 24 << 10

// putTexts puts what was written beside what it was written with. What is too much for
// one page is on the next.
func putTexts(p *pages.Case, texts []broker.CaseText) {
	left := mostOfTexts
	for i := range p.Timeline {
		m := &p.Timeline[i]
		at := slices.IndexFunc(texts, func(x broker.CaseText) bool { return x.Index == m.Index })
		if at < 0 {
			continue
		}
		m.Text = texts[at].Text
		if left -= len(html.EscapeString(m.Text.Reveal())); left < 0 && i > 0 {
			p.Timeline, p.Older = p.Timeline[:i], caseDesk+"/"+p.ID+"?before="+strconv.FormatInt(p.Timeline[i-1].Index, 10)
			return
		}
	}
}

// How long a page with values stays, and one with what was written, in seconds: a value is
// seen at once, and a statement is read.
const remaskAfter, remaskTexts = 60, 300

// revealOnPage shows values of a side, once, on a page of their own.
func (s *Server) revealOnPage(c *call, f *caseSent) (sight, error) {
	in, err := s.caseReveal(f)
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	id, err := c.disputeID()
	if err != nil {
		return sight{}, err
	}
	r, _, err := s.Broker.RevealInCase(c.ctx, c.staff(), id, in, nil)
	if errors.Is(err, broker.ErrNothingToOpen) {
		err = broker.ErrNothingToOpen.Pointing("/fields")
	}
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	s.metrics.byStaff.WithLabelValues(in.Purpose).Inc()
	v, err := s.Broker.CaseFacts(c.ctx, id)
	if err != nil {
		return sight{}, err
	}
	p := pages.CaseValues{
		Shell: pages.Shell{Title: "What you revealed"}, Case: string(id), Role: string(disputes.Seller), Party: string(in.Subject),
		Purpose: plainly(in.Purpose), Reason: plainly(in.Reason), Index: r.Place.Index, Seconds: remaskAfter,
	}
	if in.Subject == v.Buyer {
		p.Role = string(disputes.Buyer)
	}
	if !in.Until.IsZero() {
		p.Told = &in.Until
	}
	for _, x := range masking.Fields() {
		if value, ok := r.Values[x]; ok {
			p.Fields = append(p.Fields, pages.CaseValue{Label: fieldWords(x), Value: value})
		}
	}
	c.Set("Refresh", strconv.Itoa(remaskAfter)+"; url="+caseDesk+"/"+string(id))
	return seen(p)
}

func (s *Server) caseReveal(f *caseSent) (broker.CaseReveal, error) {
	var wrong mistakes
	in := broker.CaseReveal{Subject: broker.PartyID(f.text("subject")), Purpose: f.text("purpose"), Reason: f.text("reason"), Delay: f.text("delay"), Match: &f.match}
	oneOf("/purpose", in.Purpose, broker.RevealPurposes(), &wrong)
	oneOf("/reason", in.Reason, broker.ReasonsFor(broker.LookInto), &wrong)
	for _, x := range masking.Fields() {
		if f.text("field_"+string(x)) != "" {
			in.Fields = append(in.Fields, x)
		}
	}
	if len(in.Fields) == 0 {
		wrong.add("/fields", "required", "choose what you need to see")
	}
	switch days := f.text("days"); {
	case in.Delay != "":
		oneOf("/delay", in.Delay, broker.RevealDelays(), &wrong)
		in.Until = s.inDays(days, &wrong)
	case days != "":
		wrong.add("/days", "not_wanted", "without a reason for a delay the person is told at once")
	}
	return in, wrong.err()
}

// sendCaseEvidence answers POST /desk/cases/{id}/evidence/{n} with a file. A form and no
// link, for it leaves an entry; to be saved, and never shown by us.
func (s *Server) sendCaseEvidence(c *call) error {
	err := c.sameOrigin()
	if err == nil {
		err = c.admitPerson(those(deciders()...).justConfirmed())
	}
	var d broker.OpenedEvidence
	if err == nil {
		d, err = s.caseItem(c)
	}
	if err != nil {
		return c.page(func(c *call) (sight, error) {
			if c.person == nil || !errors.Is(err, accounts.ErrConfirm) && !showAgainCase(err) {
				return sight{}, err
			}
			return s.caseAgain(c, &caseSent{event: confirmCase}, err)
		})
	}
	c.Set("Cache-Control", "no-store")
	s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	return c.handOver(string(id), d.N, d.Shows, d.Content)
}

func (s *Server) caseItem(c *call) (broker.OpenedEvidence, error) {
	id, err := c.disputeID()
	if err != nil {
		return broker.OpenedEvidence{}, err
	}
	n, err := c.number()
	if err != nil {
		return broker.OpenedEvidence{}, err
	}
	return s.Broker.OpenStaffEvidence(c.ctx, c.staff(), id, n)
}

// bundleOnPage makes the bundle that is saved.
func (s *Server) bundleOnPage(c *call, f *caseSent) (sight, error) {
	id, err := c.disputeID()
	if err != nil {
		return sight{}, err
	}
	var wrong mistakes
	oneOf("/recipient", f.text("recipient"), bundle.Recipients(), &wrong)
	if err := wrong.err(); err != nil {
		return s.caseAgain(c, f, err)
	}
	content, err := s.Broker.StaffBundle(c.ctx, c.staff(), id, bundle.Recipient(f.text("recipient")))
	if err != nil {
		return s.caseAgain(c, f, err)
	}
	s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	return sight{saved: &savedFile{string(id) + ".zip", mediaZip, content}}, nil
}

// savedFile is never shown by us.
type savedFile struct {
	name, media string
	content     []byte
}

func (c *call) save(f *savedFile) error {
	c.Set("Content-Disposition", `attachment; filename="`+f.name+`"`)
	c.Set("Content-Security-Policy", documentPolicy)
	c.Set("Cross-Origin-Resource-Policy", "same-origin")
	c.Response().Header.SetContentType(f.media)
	return c.Send(f.content)
}
