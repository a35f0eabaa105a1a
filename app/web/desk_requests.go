package web

import (
	"net/http"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// requestAnswer is a request as the staff see it: where it stands, and what would
// be given. No value is in it.
type requestAnswer struct {
	standingAnswer

	Taken     string          `json:"taken,omitempty" description:"the account that works on it"`
	Objection string          `json:"objection,omitempty" description:"why the subject objected, a code"`
	Contested bool            `json:"contested,omitzero" description:"the subject objected to the grant, and nobody has looked yet"`
	Internal  string          `json:"internal_reason,omitempty" description:"of the last decision, as it was given"`
	Proposal  *proposalAnswer `json:"proposal,omitempty"`
	Plan      *planAnswer     `json:"plan,omitempty" description:"what was proposed, or else all that may be given, on the facts of this moment; of a suspended grant: that grant, as it would live again"`
}

type proposalAnswer struct {
	By     string   `json:"by" validate:"required"`
	Plan   string   `json:"plan" validate:"required" description:"the hash that was proposed"`
	Event  string   `json:"event" validate:"required,oneof=grant overturn reinstate revoke"`
	Reason string   `json:"reason" validate:"required"`
	Fields []string `json:"fields,omitempty"`
	Views  int      `json:"views,omitzero"`
	Days   int      `json:"days,omitzero"`
}

// planAnswer is exactly what would be done.
type planAnswer struct {
	Hash      string          `json:"hash" validate:"required" description:"what an approval has to name"`
	Decision  string          `json:"decision" validate:"required,oneof=granted refused"`
	Ground    string          `json:"ground,omitempty"`
	Fields    []plannedAnswer `json:"fields" validate:"required"`
	Views     int             `json:"views,omitzero"`
	EndsAt    time.Time       `json:"ends_at,omitzero" description:"of the grant, if it were given now"`
	Permitted bool            `json:"permitted" description:"whether the policies let people give this now"`
	SecondFor []string        `json:"second_for,omitempty" description:"why a second person is needed; none: nobody is"`
}

// plannedAnswer is a field without any value: who decides sees none.
type plannedAnswer struct {
	Field   string `json:"field" validate:"required" docs:"field"`
	Outcome string `json:"outcome" validate:"required,oneof=granted pending withheld"`
	Rule    string `json:"rule,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

func showRequest(v *broker.RequestView) requestAnswer {
	r := &v.Request
	a := requestAnswer{
		standingAnswer: showStanding(v), Taken: r.Taken, Objection: r.Objection, Contested: r.Contested, Internal: r.Reason,
	}
	a.Reason = broker.PublicReason(r.Reason) // as both sides are told it
	if p := r.Proposal; p != nil {
		a.Proposal = &proposalAnswer{
			By: p.By, Plan: planText(p.Hash), Event: string(p.Event), Reason: p.Reason, Fields: words(p.Fields), Views: p.Views, Days: p.Days,
		}
	}
	if p := v.Plan; p != nil {
		a.Plan = &planAnswer{
			Hash: planText(p.Hash), Decision: p.Decision, Ground: string(p.Ground), Views: p.Views, EndsAt: p.EndsAt,
			Permitted: p.Permitted, SecondFor: p.Because, Fields: each(p.Fields, showPlanned),
		}
	}
	return a
}

func showPlanned(f *broker.FieldOutcome) plannedAnswer {
	return plannedAnswer{Field: string(f.Field), Outcome: string(f.Outcome), Rule: f.Rule, Reason: string(f.Reason)}
}

// staff is who is signed in, for the broker.
func (c *call) staff() broker.Staff {
	p, now := c.person, c.server.Now()
	return broker.Staff{
		Account: string(p.Account), Role: string(p.Role), Approves: p.MayApprove(now), New: !p.MayWork(now), Makers: words(p.Makers),
	}
}

// staffMove is one thing that the staff can do: its path, its event, and whether
// it is a decision, for which the session has to be fresh.
type staffMove struct {
	path    string
	event   states.Event
	decides bool
	summary string
}

// staffMoves are the rows of the table of routes under /v1/requests/{id}.
func staffMoves() []staffMove {
	return []staffMove{
		{"taking", broker.Take, false, "Take a request: it is yours to work on"},
		{"release", broker.Release, false, "Let go of it; a lead or a privacy officer lets go of what somebody else has taken"},
		{"question", broker.Ask, false, "Ask the requester for more"},
		{"hearing", broker.Skip, false, "Skip the hearing of the subject, with a reason"},
		{"proposal", broker.Propose, true, "Propose what a second person has to approve"},
		{"approval", broker.Approve, true, "Approve what somebody else proposed, by its hash"},
		{"rejection", broker.Reject, true, "Reject what somebody else proposed"},
		{"grant", broker.Grants, true, "Grant it, where one person is enough"},
		{"denial", broker.Deny, true, "Deny it"},
		{"upholding", broker.Uphold, true, "Uphold what was appealed"},
		{"overturning", broker.Overturn, true, "Overturn what was appealed, where one person is enough"},
		{"suspension", broker.Suspend, true, "Suspend a grant"},
		{"reinstatement", broker.Reinstate, true, "Let a suspended grant live again, by the hash that somebody else proposed"},
		{"revocation/proposal", broker.ToRecall, true, "Propose to end a grant for good"},
		{"revocation", broker.Recall, true, "End a grant for good, and have its data deleted"},
		{"keeping", broker.Keep, true, "Let a grant live on that the subject objected to"},
	}
}

// handlers are the roles that decide.
func deciders() []accounts.Role {
	return []accounts.Role{accounts.Handler, accounts.Lead, accounts.PrivacyOfficer}
}

// requestRoutes are those of the staff.
func (s *Server) requestRoutes() []*route {
	readers := those(append(deciders(), accounts.Auditor)...)
	list := doGetRequests()
	list.people = readers
	one := doGetRequest()
	one.people = readers
	routes := []*route{
		{http.MethodGet, "/v1/requests", nil, []string{"state", "taken", "overdue", "limit", "after"}, s.getRequests, list},
		{http.MethodGet, "/v1/requests/{id}", nil, nil, s.getRequest, one},
	}
	for _, m := range staffMoves() {
		routes = append(routes, &route{http.MethodPost, "/v1/requests/{id}/" + m.path, nil, nil, s.staffMove(m), m.operation()})
	}
	return append(routes, &route{http.MethodPost, "/v1/requests/{id}/reveals", nil, nil, s.postReveal, doPostReveal()})
}

// staffMoveBody is what the staff say of a request. Which members a move takes,
// its operation says.
type staffMoveBody struct {
	Reason string       `json:"reason" validate:"max=64" description:"one of a list, where the operation has one"`
	Note   masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
	Plan   string       `json:"plan" validate:"max=71" description:"of an approval: the hash of what you have looked at"`
	Fields *[]string    `json:"fields" docs:"fields" description:"that are given; left out: all that may be"`
	Views  int          `json:"views" validate:"min=0,max=100" description:"0: as many as the policy says"`
	Days   int          `json:"days" validate:"min=0,max=3650" description:"from now; 0: as long as the policy says"`
}

func (b *staffMoveBody) move(e states.Event) (broker.Move, error) {
	wrong := rules(b)
	m := broker.Move{Event: e, Reason: b.Reason, Note: note(b.Note, &wrong), Choice: broker.Choice{Views: b.Views, Days: b.Days}}
	ends := e == broker.Recall && b.Plan != "" // the reason is the proposal's
	signs := e == broker.Approve || e == broker.Reinstate || ends
	if ends && b.Reason != "" {
		wrong.add("/reason", "not_wanted", "the reason is that of the proposal")
	} else if !ends {
		reasoned(e, b.Reason, &wrong)
	}
	hash, ok := planOf(b.Plan)
	switch {
	case signs && !ok:
		wrong.add("/plan", "required", noPlan)
	case !signs && b.Plan != "":
		wrong.add("/plan", "not_wanted", "this takes no plan")
	}
	m.Hash = hash
	gives := e == broker.Propose || e == broker.Grants || e == broker.Overturn
	if !gives && (b.Fields != nil || b.Views != 0 || b.Days != 0) {
		wrong.add("/fields", "not_wanted", "this gives nothing")
	}
	if err := wrong.err(); err != nil || b.Fields == nil {
		return m, err
	}
	var err error
	m.Choice.Fields, err = fieldsOf(*b.Fields)
	return m, err
}

func (s *Server) staffMove(m staffMove) func(*call) error {
	return func(c *call) error {
		body, err := decode[staffMoveBody](c)
		if err != nil {
			return err
		}
		move, err := body.move(m.event)
		if err != nil {
			return err
		}
		id, err := c.disclosureID()
		if err != nil {
			return err
		}
		once, err := c.once(string(id))
		if err != nil {
			return err
		}
		v, replayed, err := s.Broker.StaffMove(c.ctx, c.staff(), id, move, once)
		if err != nil {
			return err
		}
		return c.answerOnce(http.StatusOK, showRequest(&v), replayed)
	}
}

// getRequests answers GET /v1/requests.
func (s *Server) getRequests(c *call) error {
	limit, after, err := paging(c.params)
	if err != nil {
		return err
	}
	f := broker.RequestFilter{State: states.State(c.params["state"]), Limit: limit, After: after}
	switch taken, ok := c.params["taken"]; {
	case ok && taken != "me":
		return atParameter("", "not_one_of", "taken is me, or left out")
	case ok:
		f.Taken = string(c.person.Account)
	}
	if f.Overdue, err = c.chosen("overdue", ""); err != nil {
		return err
	}
	vs, next, err := s.Broker.OpenRequests(c.ctx, c.staff(), f)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, &page[requestAnswer]{Data: each(vs, showRequest), Next: cursor(next)})
}

// getRequest answers GET /v1/requests/{id}.
func (s *Server) getRequest(c *call) error {
	id, err := c.disclosureID()
	if err != nil {
		return err
	}
	v, err := s.Broker.RequestOf(c.ctx, c.staff(), id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showRequest(&v))
}

const requestExample = `{"disclosure":"dsc_05wq0e9m2r6a1b7c3d4e5f6g7g","transaction":"t-1","requester":"s-1","subject":"b-1","purpose":"deliver",
"state":"pending","allowed":["take"],"opened_at":"2017-01-06T10:00:00Z","due_at":"2017-01-07T10:00:00Z","statutory_due_at":"2017-02-05T10:00:00Z",
"hearing":"silent","decision":"pending",
"ledger":{"index":17,"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","tree_size":18,"root_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},
"plan":{"hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","decision":"granted","ground":"3b","fields":
[{"field":"name","outcome":"granted","rule":"deliver-shipped-goods"}],"views":20,"ends_at":"2017-02-05T10:00:00Z","permitted":true,"second_for":["at_risk"]}}`

func doGetRequests() operation {
	return operation{
		id: "getRequests", tag: "requests", summary: "What waits for a person, the most urgent first",
		description: "Filters: state, taken=me, overdue=1.",
		answers:     []answered{{status: http.StatusOK, body: page[requestAnswer]{}, example: `{"data":[],"next":null}`}},
	}
}

func doGetRequest() operation {
	return operation{
		id: "getRequest", tag: "requests", summary: "A request, and what would be given",
		description: "The plan's hash is what a second person signs.",
		answers:     []answered{{status: http.StatusOK, body: requestAnswer{}, example: requestExample}},
	}
}

func (m staffMove) operation() operation {
	o := operation{
		id: "post" + strings.ToUpper(m.path[:1]) + m.path[1:], tag: "requests", summary: m.summary, once: true, people: those(deciders()...),
		request: staffMoveBody{}, example: `{}`, refuses: []int{http.StatusConflict},
		answers: []answered{{status: http.StatusOK, body: requestAnswer{}, example: requestExample}},
	}
	switch m.path {
	case "revocation": // the marketplace's own has that name
		o.id = "postRecall"
	case "revocation/proposal":
		o.id = "postRecallProposal"
	}
	if m.decides {
		o.people = o.people.justConfirmed()
	}
	if codes := broker.ReasonsFor(m.event); codes != nil {
		o.description, o.example = "Reasons: "+strings.Join(codes, ", ")+".", `{"reason":"`+codes[0]+`"}`
	}
	if m.event == broker.Recall {
		o.description = "With the plan of what somebody else proposed; or, where the subject has objected and you have taken it, alone with a reason. " + o.description
	}
	if m.event == broker.Approve || m.event == broker.Reinstate {
		o.example = `{"plan":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`
	}
	return o
}
