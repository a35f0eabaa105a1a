package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// disputing is the scope of cases on behalf of the parties (contract.md, section 2).
const disputing = "disputes"

// disputeRoutes are those of cases. Some are for a key and for a person's session
// alike: a key acts for a party, a person in his own name.
func (s *Server) disputeRoutes() []*route {
	k, one := []string{disputing}, "/v1/disputes/{id}"
	post := func(path string, do func(*call) error, does operation) *route {
		return &route{http.MethodPost, one + path, k, nil, do, does}
	}
	return append([]*route{
		{http.MethodPost, "/v1/disputes", k, nil, s.postDispute, doPostDispute()},
		{http.MethodGet, "/v1/disputes", k, []string{"transaction", "party", "state", "queue", "limit", "after"}, s.getDisputes, doGetDisputes()},
		{http.MethodGet, one, k, []string{"viewer"}, s.getDispute, doGetDispute()},
		post("/messages", s.postMessage, doPostMessage()),
		post("/offers", s.postOffer, doPostOffer()),
		post("/offers/{n}/acceptance", s.offerMove(disputes.AcceptOffer), doOfferMove(disputes.AcceptOffer)),
		post("/offers/{n}/retraction", s.offerMove(disputes.RetractOffer), doOfferMove(disputes.RetractOffer)),
		post("/escalation", s.disputeMove(disputes.Escalate), doDisputeMove(disputes.Escalate)),
		post("/withdrawal", s.disputeMove(disputes.Withdraw), doDisputeMove(disputes.Withdraw)),
		post("/appeal", s.postDisputeAppeal, doPostDisputeAppeal()),
		post("/evidence", s.postEvidence, doPostEvidence()),
		post("/evidence/completion", s.disputeMove(disputes.Rest), doDisputeMove(disputes.Rest)),
		{http.MethodGet, one + "/bundle", k, []string{"viewer", "recipient"}, s.getBundle, doGetBundle()},
		{http.MethodGet, one + "/letters", k, []string{"viewer", "language"}, s.getLetters, doGetLetters()},
		{http.MethodGet, one + "/evidence/{n}", k, []string{"viewer"}, s.getEvidence, doGetEvidence()},
	}, s.disputeStaffRoutes()...)
}

// disputeBody is what POST /v1/disputes takes.
type disputeBody struct {
	Transaction string       `json:"transaction" validate:"required" docs:"id"`
	OpenedBy    string       `json:"opened_by" validate:"required" docs:"id" description:"one of its two sides"`
	Reason      string       `json:"reason" validate:"required" docs:"dispute_reason"`
	Obligations []string     `json:"obligations" validate:"required,min=1,max=8" docs:"obligations" description:"that the other side owes"`
	Amount      string       `json:"amount" docs:"decimal" description:"that it is about; left out: that of the transaction"`
	Statement   masking.Text `json:"statement" docs:"prose" description:"what happened, for the other side and whoever decides; kept sealed"`
	Follows     string       `json:"follows" validate:"max=64" description:"of a line that there was a case about before: that case"`
}

func (b *disputeBody) input() (broker.CaseInput, error) {
	in := broker.CaseInput{
		Transaction: broker.TransactionID(b.Transaction), By: broker.PartyID(b.OpenedBy), Reason: disputes.Reason(b.Reason),
		Amount: b.Amount, Follows: broker.CaseID(b.Follows),
	}
	wrong := rules(b)
	in.Statement = prose(b.Statement, "/statement", false, &wrong)
	if len(wrong) == 0 && !slices.Contains(disputes.Reasons(), in.Reason) {
		return in, broker.ErrCaseReason.Pointing("/reason")
	}
	for _, l := range b.Obligations {
		in.Lines = append(in.Lines, broker.Obligation(l))
	}
	if err := wrong.err(); err != nil {
		return in, err
	}
	if err := identify(b.Transaction, "/transaction"); err != nil {
		return in, err
	}
	return in, identify(b.OpenedBy, "/opened_by")
}

// prose is what somebody writes about a case, which is kept sealed. A link in it is
// text like all the rest: nothing here ever follows one. Where the contact scan will
// stand, all texts come by.
func prose(raw masking.Text, pointer string, needed bool, wrong *mistakes) masking.Text {
	if raw.IsZero() {
		if needed {
			wrong.add(pointer, "required", "this is missing")
		}
		return raw
	}
	t, err := masking.Prose(raw)
	wrong.fold(pointer, err)
	return t
}

// mostProse is how long one can be, in characters; masking.Prose says so.
const mostProse = 4000

// postDispute answers POST /v1/disputes.
func (s *Server) postDispute(c *call) error {
	body, err := decode[disputeBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	if err = c.speaks(body.OpenedBy); err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.OpenCase(c.ctx, c.caller(disputing), in, once)
	if err != nil {
		return err
	}
	c.Set("Location", "/v1/disputes/"+url.PathEscape(string(v.ID)))
	return c.answerDispute(http.StatusCreated, &v, replayed)
}

// disputeID is the id in the path. One that can't be is not there.
func (c *call) disputeID() (broker.CaseID, error) {
	id := strings.Clone(c.Params("id"))
	if !broker.IsCaseID(id) {
		return "", broker.ErrNotFound
	}
	return broker.CaseID(id), nil
}

// number is the one of an offer or an item in the path.
func (c *call) number() (int, error) {
	text := c.Params("n")
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || strconv.Itoa(n) != text {
		return 0, broker.ErrNotFound
	}
	return n, nil
}

// answerDispute answers with a case; the tag is what a step on it has to name.
func (c *call) answerDispute(status int, v *broker.CaseView, replayed bool) error {
	c.Set("ETag", disputeTag(v.Moves))
	return c.answerOnce(status, showDispute(v), replayed)
}

func disputeTag(moves int64) string { return `"` + strconv.FormatInt(moves, 10) + `"` }

// getDispute answers GET /v1/disputes/{id}.
func (s *Server) getDispute(c *call) error {
	viewer, named := c.params["viewer"]
	if c.person != nil && named {
		return errPersonViews
	}
	if named {
		if err := placed(identify(viewer, "/viewer"), inQuery); err != nil {
			return err
		}
		if err := c.speaks(viewer); err != nil {
			return err
		}
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	var v broker.CaseView
	switch {
	case c.person != nil:
		v, err = s.Broker.StaffCase(c.ctx, c.staff(), id)
	case named:
		v, err = s.Broker.Case(c.ctx, broker.PartyID(viewer), id)
	default:
		v, err = s.Broker.CaseFacts(c.ctx, id)
	}
	if err != nil {
		return err
	}
	return c.answerDispute(http.StatusOK, &v, false)
}

var (
	errPersonViews = atParameter("", "not_wanted", "a person views in his own name: leave viewer out")
	errPersonActs  = fault.At("/by", "not_wanted", "a person acts in his own name: leave by out")
)

// getDisputes answers GET /v1/disputes.
func (s *Server) getDisputes(c *call) error {
	f, err := c.disputeFilter()
	if err != nil {
		return err
	}
	var lines []broker.CaseLine
	next, show := "", showDisputeLine
	if c.person != nil {
		lines, next, err = s.Broker.StaffCases(c.ctx, c.staff(), f)
		show = showQueueLine
	} else {
		lines, next, err = s.Broker.Cases(c.ctx, f)
	}
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, &page[disputeLine]{Data: each(lines, show), Next: cursor(next)})
}

func (c *call) disputeFilter() (f broker.CaseFilter, err error) {
	f.Transaction, f.Party = broker.TransactionID(c.params["transaction"]), broker.PartyID(c.params["party"])
	if f.Limit, f.After, err = paging(c.params); err != nil {
		return f, err
	}
	for _, name := range []string{"transaction", "party"} {
		if _, err := ask(c.params, name); err != nil {
			return f, err
		}
	}
	if state, ok := c.params["state"]; ok {
		f.States = []states.State{states.State(state)}
		if c.person == nil && len(disputes.ToldAs(f.States[0])) == 0 || !slices.Contains(disputes.Life.States(), f.States[0]) {
			return f, atParameter("", "not_one_of", "state is a state of a case, see docs/disputes.md")
		}
	}
	queue, ok := c.params["queue"]
	switch {
	case !ok:
	case c.person == nil:
		return f, atParameter("", "not_wanted", "queues are for the staff")
	case queue == "mine":
		f.Assigned = string(c.person.Account)
	case queue == "unassigned":
		f.Unassigned = true
	case queue == "second":
		f.Second = true
	case queue == "overdue":
		f.Overdue = true
	default:
		return f, atParameter("", "not_one_of", "queue is one of "+strings.Join(queues(), ", "))
	}
	return f, nil
}

func queues() []string { return []string{"mine", "unassigned", "second", "overdue"} }

// move lets a party do something with a case of its own.
func (c *call) move(status int, by string, m broker.CaseMove) error {
	if err := identify(by, "/by"); err != nil {
		return err
	}
	if err := c.speaks(by); err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	once, err := c.once(c.subject(id))
	if err != nil {
		return err
	}
	v, replayed, err := c.server.Broker.MoveCase(c.ctx, c.caller(disputing), broker.PartyID(by), id, m, once)
	if err != nil {
		return err
	}
	return c.answerDispute(status, &v, replayed)
}

// subject is what of a case the path names: one key may serve several of them.
func (c *call) subject(id broker.CaseID) string {
	if n := c.Params("n"); n != "" {
		return string(id) + "/" + strings.Clone(n)
	}
	return string(id)
}

// byBody says who does what the path says.
type byBody struct {
	By string `json:"by" validate:"required" docs:"id" description:"one of the two sides"`
}

// disputeMove answers POST /v1/disputes/{id}/… for one event that needs no words.
func (s *Server) disputeMove(e states.Event) func(*call) error {
	return func(c *call) error {
		body, err := decode[byBody](c)
		if err == nil {
			err = rules(&body).err()
		}
		if err != nil {
			return err
		}
		return c.move(http.StatusOK, body.By, broker.CaseMove{Event: e})
	}
}

// offerMove answers POST /v1/disputes/{id}/offers/{n}/… for one event.
func (s *Server) offerMove(e states.Event) func(*call) error {
	return func(c *call) error {
		body, err := decode[byBody](c)
		if err == nil {
			err = rules(&body).err()
		}
		if err != nil {
			return err
		}
		n, err := c.number()
		if err != nil {
			return err
		}
		return c.move(http.StatusOK, body.By, broker.CaseMove{Event: e, N: n})
	}
}

// messageBody is what somebody says in a case.
type messageBody struct {
	By   string       `json:"by" docs:"id" description:"of a key: for which of the two sides; of a person: left out"`
	Text masking.Text `json:"text" validate:"required" docs:"needed_prose" description:"for the other side and whoever decides; kept sealed"`
}

// postMessage answers POST /v1/disputes/{id}/messages.
func (s *Server) postMessage(c *call) error {
	body, err := decode[messageBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	m := broker.CaseMove{Event: disputes.Message, Text: prose(body.Text, "/text", true, &wrong)}
	if c.person == nil && body.By == "" {
		wrong.add("/by", "required", "this is missing")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	switch {
	case c.person == nil:
		return c.move(http.StatusCreated, body.By, m)
	case body.By != "":
		return errPersonActs
	}
	return c.step(http.StatusCreated, m)
}

// offerBody is what a side offers.
type offerBody struct {
	By     string `json:"by" validate:"required" docs:"id" description:"one of the two sides"`
	Kind   string `json:"kind" validate:"required" docs:"offer_kind"`
	Amount string `json:"amount" docs:"decimal" description:"of a part_refund; a refund is of all of it"`
}

// postOffer answers POST /v1/disputes/{id}/offers.
func (s *Server) postOffer(c *call) error {
	body, err := decode[offerBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	oneOf("/kind", body.Kind, disputes.OfferKinds(), &wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	return c.move(http.StatusCreated, body.By, broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferKind(body.Kind), Amount: body.Amount})
}

// appealBody is why somebody else should decide.
type appealBody struct {
	By      string       `json:"by" validate:"required" docs:"id" description:"the side that did not get all that it wanted"`
	Grounds string       `json:"grounds" validate:"required" docs:"appeal_grounds"`
	Text    masking.Text `json:"text" validate:"required" docs:"needed_prose" description:"what is new, or wrong; kept sealed"`
}

// postDisputeAppeal answers POST /v1/disputes/{id}/appeal.
func (s *Server) postDisputeAppeal(c *call) error {
	body, err := decode[appealBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	if body.By == "" {
		wrong.add("/by", "required", "this is missing")
	}
	oneOf("/grounds", body.Grounds, disputes.AppealGrounds(), &wrong)
	m := broker.CaseMove{Event: disputes.Appeal, Reason: body.Grounds, Text: prose(body.Text, "/text", true, &wrong)}
	if err := wrong.err(); err != nil {
		return err
	}
	return c.move(http.StatusOK, body.By, m)
}
