package web

import (
	"net/http"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// deskSearch finds things by their ids, whole and exactly. Nothing else is compared: a
// search by a name, an address or a number would tell whoever may not see them that they
// are here.
const deskSearch = "/desk/search"

func (s *Server) searchRoutes() []*route {
	page := func(method string, handle func(*call) (sight, error)) *route {
		return &route{method, deskSearch, nil, nil, func(c *call) error { return c.page(handle) }, operation{desk: true, keeps: method == http.MethodPost}}
	}
	return []*route{page(http.MethodGet, s.showSearch), page(http.MethodPost, s.sendSearch)}
}

// showSearch answers GET /desk/search.
func (s *Server) showSearch(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	return seen(pages.NewDeskSearch(string(c.person.Account), masking.Text{}, nil))
}

// sendSearch answers POST /desk/search: what is looked for stands in no address, and so
// in no history and no log. What was typed is in its field again for whoever has typed it,
// if nothing was looked for.
func (s *Server) sendSearch(c *call) (sight, error) {
	return s.work(c, deskWork{
		at: deskSearch, who: caseReaders(), read: func(c *call) (*caseSent, error) { return c.sent([]string{"id", typedAs}) },
		asks: asksNobody, do: s.search, again: s.searchAgain,
	})
}

func (s *Server) searchAgain(c *call, f *caseSent, err error) (sight, error) {
	wrong, other := wrongOn(err)
	if other != nil {
		return sight{}, other
	}
	p := pages.NewDeskSearch(string(c.person.Account), f.given["id"], wrong)
	if err != nil {
		return c.refused(err, p)
	}
	p.Done = f.undone(true, false)
	return seen(p)
}

// search finds what has the id. What is not there and what is not for this person to see
// are one answer.
func (s *Server) search(c *call, f *caseSent) (sight, error) {
	id := strings.TrimSpace(f.text("id"))
	err := identify(id, "/id")
	if err != nil {
		return s.searchAgain(c, f, err)
	}
	switch {
	case broker.IsCaseID(id):
		if _, err = s.Broker.CaseFacts(c.ctx, broker.CaseID(id)); err == nil {
			return goTo(caseDesk + "/" + id)
		}
	case strings.HasPrefix(id, "dsc_"):
		if _, ok := broker.DisclosureID(id).Bytes(); ok {
			if _, err = s.Broker.RequestOf(c.ctx, c.staff(), broker.DisclosureID(id)); err == nil {
				return goTo(askedDesk + "/" + id)
			}
		}
	case broker.IsGlassID(id):
		if _, err = s.Broker.Glass(c.ctx, c.staff(), broker.GlassID(id)); err == nil {
			return goTo(glassDesk + "/" + id)
		}
	case broker.IsMerchantID(id) && reviewLookers().has(c.person.Role):
		if _, err = s.Broker.Review(c.ctx, c.staff(), broker.MerchantID(id)); err == nil {
			return goTo(reviewDesk + "/" + id)
		}
	}
	if err != nil && faultOf(err).Code != faultOf(broker.ErrNotFound).Code {
		return sight{}, err
	}
	return s.searched(c, id)
}

// searched are the cases and disclosures of a transaction, and of a party.
func (s *Server) searched(c *call, id string) (sight, error) {
	p := pages.NewDeskSearch(string(c.person.Account), masking.Text{}, nil)
	p.Sought = true
	for _, f := range []broker.CaseFilter{{Transaction: broker.TransactionID(id)}, {Party: broker.PartyID(id)}} {
		f.Limit = queueLength
		all, next, err := s.Broker.StaffCases(c.ctx, c.staff(), f)
		if err != nil {
			return sight{}, err
		}
		for i := range all {
			l := &all[i]
			p.Rows = append(p.Rows, s.caseRow(c, &l.CaseRecord, l.Transaction, l.Buyer, l.Seller))
		}
		p.More = p.More || next != ""
	}
	there := map[broker.DisclosureID]bool{} // a transaction can have the id of a party
	for _, f := range []broker.Filter{{Transaction: broker.TransactionID(id)}, {Requester: broker.PartyID(id)}, {Subject: broker.PartyID(id)}} {
		f.Limit = queueLength
		all, next, err := s.Broker.Disclosures(c.ctx, f)
		if err != nil {
			return sight{}, err
		}
		p.More = p.More || next != ""
		for i := range all {
			d := &all[i]
			if there[d.ID] {
				continue
			}
			there[d.ID] = true
			p.Asked = append(p.Asked, pages.AskedRow{
				ID: string(d.ID), Purpose: headWords(string(d.Purpose)), State: plainly(d.Decision), Transaction: string(d.Transaction),
				Requester: string(d.Requester), Subject: string(d.Subject),
			})
		}
	}
	return seen(p)
}
