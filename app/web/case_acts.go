package web

import (
	"slices"
	"strconv"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// sendCase answers POST /desk/cases/{id}: all that is done with a case.
func (s *Server) sendCase(c *call) (sight, error) {
	return s.work(c, s.caseWork(c))
}

func (s *Server) caseWork(c *call) deskWork {
	return deskWork{at: c.casePath(), who: those(deciders()...), read: (*call).caseSent, asks: asksWho, do: s.doInCase, again: s.caseAgain}
}

func (s *Server) doInCase(c *call, f *caseSent) (sight, error) {
	switch f.event {
	case openTexts:
		return s.openCaseTexts(c, f)
	case revealCase:
		return s.revealOnPage(c, f)
	case previewLetters:
		return s.previewOnPage(c, f)
	case takeBundle:
		return s.bundleOnPage(c, f)
	case takeOver:
		id, err := c.disputeID()
		if err != nil {
			return sight{}, err
		}
		return s.takeOver(c, string(id), f, s.caseWork(c))
	}
	if err := s.moveOnPage(c, f); err != nil {
		return s.caseAgain(c, f, err)
	}
	return goTo(c.casePath() + "?done=" + f.event)
}

func (c *call) casePath() string {
	id, err := c.disputeID()
	if err != nil {
		return dashboard
	}
	return caseDesk + "/" + string(id)
}

// asksWho: it asks for somebody who has just shown who he is.
func asksWho(event string) bool {
	if event == openTexts || event == revealCase || event == takeBundle {
		return true
	}
	i := slices.IndexFunc(caseActs(), func(a caseAct) bool { return string(a.event) == event })
	return i >= 0 && caseActs()[i].decides
}

// moveOnPage does what a form says, on the case as the person has seen it.
func (s *Server) moveOnPage(c *call, f *caseSent) error {
	m, err := s.caseMove(f)
	if err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	m.Match = &f.match
	_, _, err = s.Broker.MoveStaffCase(c.ctx, c.staff(), id, m, nil)
	return err
}

// caseMove reads a form; its codes are held against the lists.
func (s *Server) caseMove(f *caseSent) (broker.CaseMove, error) {
	var wrong mistakes
	m := broker.CaseMove{Event: states.Event(f.event)}
	switch m.Event {
	case disputes.Approve:
		var ok bool
		if m.Hash, ok = planOf(f.text("hash")); !ok {
			return m, errRequest
		}
	case disputes.SendBack, disputes.Conclude:
		m.Reason = f.text("reason")
		oneOf("/reason", m.Reason, broker.CaseReasons(m.Event), &wrong)
		m.Text = prose(f.given["text"], "/text", m.Event == disputes.Conclude, &wrong)
	case disputes.GoOutside:
		m.Reason = f.text("kind")
		oneOf("/kind", m.Reason, disputes.ExternalKinds(), &wrong)
		m.Text = prose(f.given["text"], "/text", true, &wrong)
	case disputes.Message:
		m.Text = prose(f.given["text"], "/text", true, &wrong)
	case disputes.Propose:
		proposalOf(f, &m, &wrong)
	case disputes.AskEvidence:
		s.wantedOf(f, &m, &wrong)
	case disputes.AdmitEvidence:
		var err error
		if m.N, err = strconv.Atoi(f.text("item")); err != nil {
			wrong.add("/item", "required", "choose one")
		}
	case disputes.Assign:
		m.To = f.text("account")
		if _, ok := accounts.ParseID(m.To); m.To != "" && !ok {
			return m, broker.ErrAssignee.Pointing("/account")
		}
	case disputes.Release, disputes.ComeBack:
	default:
		return m, errRequest
	}
	return m, wrong.err()
}

func proposalOf(f *caseSent, m *broker.CaseMove, wrong *mistakes) {
	oneOf("/outcome", f.text("outcome"), disputes.Outcomes(), wrong)
	oneOf("/reason_code", f.text("reason_code"), disputes.ReasonCodes(), wrong)
	if f.given["clause"].IsZero() {
		wrong.add("/clause", "required", "this is missing")
	}
	m.Outcome, m.Amount, m.Code, m.Clause = disputes.Outcome(f.text("outcome")), f.text("amount"), f.text("reason_code"), f.text("clause")
	m.Text = prose(f.given["findings"], "/findings", true, wrong)
}

// wantedOf is what is asked for, each of it once, and by when.
func (s *Server) wantedOf(f *caseSent, m *broker.CaseMove, wrong *mistakes) {
	for _, side := range []disputes.Side{disputes.Buyer, disputes.Seller} {
		more := disputes.EvidenceType(f.text("more_" + string(side)))
		for _, t := range disputes.EvidenceTypes() {
			if p := (disputes.Point{By: side, Type: t, Required: true}); f.text(wantedName(p)) != "" || more == t {
				m.Wanted = append(m.Wanted, p)
			}
		}
	}
	if len(m.Wanted) == 0 {
		wrong.add("/wanted", "required", "say what of whom is wanted")
	}
	m.Days = daysOf(f.text("days"), wrong)
}

// daysOf is one of the terms; the broker counts it from its own clock.
func daysOf(text string, wrong *mistakes) int {
	n, err := strconv.Atoi(text)
	if err != nil || !slices.Contains(termDays(), n) {
		wrong.add("/days", "not_one_of", "choose a term")
		return 0
	}
	return n
}

// inDays is the moment so many days from now; none for no days.
func (s *Server) inDays(text string, wrong *mistakes) time.Time {
	n := daysOf(text, wrong)
	if n == 0 {
		return time.Time{}
	}
	return s.Now().UTC().AddDate(0, 0, n)
}

// caseAgain shows the case as it stands by now, with what was typed still in its form
// and what was wrong beside it. Without an error it asks to look, and to send it again.
func (s *Server) caseAgain(c *call, f *caseSent, err error) (sight, error) {
	return c.workAgain(f, err, func(wrong pages.Wrongs) (pages.Work, error) { return s.casePage(c, f, wrong) })
}
