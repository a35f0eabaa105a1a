package web

import (
	"errors"
	"net/http"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
)

// liftDesk is where a second person lets excluded parties ask again, or does not.
const liftDesk = "/desk/exclusions"

func (s *Server) liftPageRoutes() []*route {
	page := func(method string, handle func(*call) (sight, error)) *route {
		return &route{method, liftDesk, nil, nil, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{
		page(http.MethodGet, s.showLifts),
		page(http.MethodPost, s.sendLift),
	}
}

// showLifts answers GET /desk/exclusions.
func (s *Server) showLifts(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	p, err := s.liftsPage(c, nil, nil)
	if err != nil {
		return sight{}, err
	}
	return seen(p)
}

// liftsPage are the first parties that wait, with what this person can do about them.
func (s *Server) liftsPage(c *call, sent *caseSent, wrong pages.Wrongs) (pages.Work, error) {
	found, err := s.Broker.Lifts(c.ctx, c.staff(), queueLength+1)
	if err != nil {
		return nil, err
	}
	p := &pages.Lifts{Shell: pages.Shell{Title: wrong.Title("Excluded parties")}, Account: string(c.person.Account)}
	if p.Confirm, err = s.confirming(c, &p.Shell, wrong); err != nil {
		return nil, err
	}
	if p.More = len(found) > queueLength; p.More {
		found = found[:queueLength]
	}
	for i := range found {
		p.Rows = append(p.Rows, liftRow(c, &found[i], p.Confirm, itoa(i)))
		if sent == nil || sent.text("about") != string(found[i].ID) {
			continue
		}
		for j := range p.Rows[i].Forms {
			sent.into(&p.Rows[i].Forms[j], wrong)
		}
	}
	return p, nil
}

func liftRow(c *call, v *broker.ExclusionView, confirm []pages.Input, n string) pages.LiftRow {
	staff := c.staff()
	x := pages.LiftRow{Party: string(v.ID), By: v.Lift.By, Reason: headWords(v.Lift.Reason), Since: v.ExcludedAt, Own: v.Lift.By == staff.Account}
	switch {
	case v.WaitsFor(&staff):
		hidden := []pages.Choice{{Code: "about", Text: string(v.ID)}, {Code: "hash", Text: planText(v.Lift.Hash)}}
		x.Forms = []pages.CaseForm{
			{
				Event: string(broker.Reinstate), Name: "lift-again-" + n, Path: liftDesk, Label: "Let it ask again", Do: "Let it ask again", Main: true, Hidden: hidden, Confirm: confirm,
				Note: "An entry in the ledger names your account. It is just this proposal, by its hash.",
			},
			{
				Event: string(broker.Reject), Name: "lift-reject-" + n, Path: liftDesk, Label: "Leave it excluded", Do: "Reject what is proposed", Hidden: hidden, Confirm: confirm,
				Note: "It is just this proposal, by its hash.",
			},
		}
	case x.Own:
		x.Why = "A second person looks at it: not you, whatever your role is."
	default:
		x.Why = "A lead or a privacy officer does that, of another hand than who proposed it, whose account may approve."
	}
	return x
}

// sendLift answers POST /desk/exclusions.
func (s *Server) sendLift(c *call) (sight, error) {
	w := s.glassWork(liftDesk, s.doLift, s.liftsPage)
	w.who, w.asks = those(accounts.Lead, accounts.PrivacyOfficer), func(string) bool { return true }
	return s.work(c, w)
}

func (s *Server) doLift(c *call, f *caseSent) (sight, error) {
	id := broker.PartyID(f.text("about"))
	hash, ok := planOf(f.text("hash"))
	if !ok {
		return sight{}, errRequest
	}
	var err error
	switch states.Event(f.event) {
	case broker.Reinstate:
		_, _, err = s.Broker.Reinstate(c.ctx, c.staff(), id, hash, nil)
	case broker.Reject:
		_, _, err = s.Broker.RejectReinstatement(c.ctx, c.staff(), id, hash, nil)
	default:
		return sight{}, errRequest
	}
	if errors.Is(err, broker.ErrNotFound) {
		return sight{}, errRequest // nobody types an id here
	}
	return sight{to: liftDesk}, err
}
