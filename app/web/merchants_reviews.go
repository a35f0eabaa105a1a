package web

import (
	"net/http"
	"slices"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// reviewMoves are the rows of the table of routes under /v1/reviews/{id}.
func reviewMoves() []staffMove {
	return []staffMove{
		{"taking", merchants.Take, false, "Take a registration: it is yours to look at"},
		{"release", merchants.Release, false, "Let go of it; a lead lets go of what somebody else has taken"},
		{"question", merchants.Ask, false, "Ask the merchant for more"},
		{"approval", merchants.Approve, true, "Approve it, where one person is enough; or what somebody else proposed, by its hash"},
		{"proposal", merchants.Propose, true, "Propose what a second person has to approve"},
		{"return", merchants.SendBack, true, "Send back what somebody else proposed"},
		{"rejection", merchants.Reject, true, "Reject it"},
		{"upholding", merchants.Uphold, true, "Uphold what was appealed"},
		{"overturning", merchants.Overturn, true, "Overturn what was appealed"},
		{"reverification", merchants.Reverify, true, "Have an active merchant verified anew"},
		{"suspension", merchants.Suspend, true, "Suspend it: nothing of it is public any more"},
		{"reinstatement", merchants.Reinstate, true, "Let a suspended merchant be active again"},
	}
}

// reviewers are the roles that look at registrations.
func reviewers() []accounts.Role { return []accounts.Role{accounts.MerchantReviewer, accounts.Lead} }

// reviewRoutes are those of the staff.
func (s *Server) reviewRoutes() []*route {
	readers := those(append(reviewers(), accounts.PrivacyOfficer, accounts.Auditor)...)
	list, one := doGetReviews(), doGetReview()
	list.people, one.people = readers, readers
	routes := []*route{
		{http.MethodGet, "/v1/reviews", nil, []string{"state", "jurisdiction", "taken", "limit", "after"}, s.getReviews, list},
		{http.MethodGet, "/v1/reviews/{id}", nil, nil, s.getReview, one},
		{http.MethodPost, "/v1/reviews/{id}/values", nil, nil, s.postReviewValues, doPostReviewValues()},
		{http.MethodGet, "/v1/reviews/{id}/documents/{n}", nil, nil, s.getReviewDocument, doGetReviewDocument()},
	}
	for _, m := range reviewMoves() {
		routes = append(routes, &route{http.MethodPost, "/v1/reviews/{id}/" + m.path, nil, nil, s.reviewMove(m.event), reviewOperation(m)})
	}
	return routes
}

// reviewAnswer is a registration as the staff see it, without any value.
type reviewAnswer struct {
	merchantAnswer

	Taken      string                  `json:"taken,omitempty" description:"the account that works on it"`
	Since      time.Time               `json:"since,omitzero" description:"when it came to where it is"`
	Two        bool                    `json:"second_needed" validate:"required" description:"whether a second person is needed"`
	Because    []string                `json:"second_for,omitempty" description:"why"`
	Cautions   []string                `json:"cautions,omitempty" description:"what is known of its party's safety: its flags, and fears_somebody where it holds off who asked for its data"`
	Duplicates []duplicateAnswer       `json:"duplicates,omitempty" description:"other registrations with one of the same numbers, or of the same party; the first of them"`
	More       int                     `json:"duplicates_more,omitzero" description:"how many more have, or had, the number that most have"`
	Proposal   *merchantProposalAnswer `json:"proposal,omitempty"`
	Hash       string                  `json:"hash,omitempty" description:"of what an approval would do now; a second person has to name it"`
	Owed       string                  `json:"owed,omitempty" description:"what is due by law"`
	History    []merchantEventAnswer   `json:"history" validate:"required"`
}

type duplicateAnswer struct {
	Merchant string   `json:"merchant" validate:"required"`
	Party    string   `json:"party" validate:"required" docs:"id"`
	State    string   `json:"state" validate:"required"`
	Marked   string   `json:"marked,omitempty" description:"suspended or rejected: it was, and that stands"`
	Reason   string   `json:"reason,omitempty" description:"of its last decision"`
	Pointers []string `json:"pointers" validate:"required" description:"of this registration's numbers; none: it is of the same party"`
}

type merchantProposalAnswer struct {
	By     string        `json:"by" validate:"required"`
	Hash   string        `json:"hash" validate:"required"`
	Reason string        `json:"reason" validate:"required"`
	Checks []checkAnswer `json:"checks" validate:"required"`
}

// checkAnswer is how one field was verified.
type checkAnswer struct {
	Pointer string    `json:"pointer,omitempty" description:"left out: all that no other check is about"`
	Source  string    `json:"source" validate:"required"`
	Method  string    `json:"method" validate:"required"`
	At      time.Time `json:"at" validate:"required"`
}

type merchantEventAnswer struct {
	Index    int64     `json:"index" validate:"required" description:"of the entry"`
	At       time.Time `json:"at" validate:"required"`
	Type     string    `json:"type" validate:"required" description:"of the entry; docs/entry-format.md lists them"`
	Event    string    `json:"event,omitempty"`
	From     string    `json:"from,omitempty"`
	To       string    `json:"to,omitempty"`
	By       string    `json:"by,omitempty"`
	Account  string    `json:"account,omitempty"`
	Role     string    `json:"role,omitempty" description:"of who opened something"`
	Purpose  string    `json:"purpose,omitempty" description:"what it was opened for"`
	Reason   string    `json:"reason,omitempty"`
	Version  int       `json:"version,omitzero"`
	Document int       `json:"document,omitzero"`
}

func showReview(v *broker.MerchantReview) reviewAnswer {
	a := reviewAnswer{
		merchantAnswer: *showMerchant(&v.MerchantView), Taken: v.Taken, Since: v.Since, Two: v.Two, Because: v.Because, Cautions: v.Cautions, More: v.More, Owed: v.Owed,
		History: each(v.History, showMerchantEvent),
	}
	for _, d := range v.Duplicates {
		a.Duplicates = append(a.Duplicates, duplicateAnswer{string(d.Merchant), string(d.Party), string(d.State), d.Marked, d.Reason, words(d.Pointers)})
	}
	if len(v.Hash) > 0 {
		a.Hash = planText(v.Hash)
	}
	if p := v.Proposal; p != nil {
		a.Proposal = &merchantProposalAnswer{p.By, planText(p.Hash), p.Reason, each(p.Checks, showCheck)}
	}
	return a
}

func showCheck(c *broker.FieldCheck) checkAnswer {
	return checkAnswer{string(c.Pointer), c.Source, c.Method, c.At}
}

func showMerchantEvent(e *broker.MerchantEvent) merchantEventAnswer {
	return merchantEventAnswer{
		e.Index, e.At, e.Type.String(), string(e.Event), string(e.From), string(e.To), string(e.By), e.Account, e.Role, e.Purpose, e.Reason, e.Version, e.Document,
	}
}

// getReviews answers GET /v1/reviews.
func (s *Server) getReviews(c *call) error {
	limit, after, err := paging(c.params)
	if err != nil {
		return err
	}
	f := broker.ReviewFilter{
		State: states.State(c.params["state"]), Jurisdiction: merchants.Jurisdiction(c.params["jurisdiction"]), After: after, Limit: limit,
	}
	if _, ok := c.params["state"]; ok && !slices.Contains(merchants.Life.States(), f.State) {
		return atParameter("", "not_one_of", "state is a state of a registration, see docs/states.md")
	}
	if _, ok := c.params["jurisdiction"]; ok && !slices.Contains(merchants.Jurisdictions(), f.Jurisdiction) {
		return atParameter("", "not_one_of", "jurisdiction is one of CN, EU, US and UK")
	}
	switch taken, ok := c.params["taken"]; {
	case ok && taken != "me":
		return atParameter("", "not_one_of", "taken is me, or left out")
	case ok:
		f.Taken = string(c.person.Account)
	}
	vs, next, err := s.Broker.Reviews(c.ctx, c.staff(), f)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, &page[reviewAnswer]{Data: each(vs, showReview), Next: cursor(next)})
}

// getReview answers GET /v1/reviews/{id}.
func (s *Server) getReview(c *call) error {
	id, err := c.merchantID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Review(c.ctx, c.staff(), id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showReview(&v))
}

// merchantValuesAnswer is a registration, opened.
type merchantValuesAnswer struct {
	ID             string          `json:"id" validate:"required"`
	Party          string          `json:"party" validate:"required" docs:"id"`
	Version        int             `json:"version" validate:"required"`
	Jurisdiction   string          `json:"jurisdiction" validate:"required"`
	Type           string          `json:"type" validate:"required"`
	Values         []merchantValue `json:"values" validate:"required"`
	Residential    bool            `json:"residential" validate:"required"`
	Certifications []string        `json:"certifications" validate:"required"`
	Notes          []merchantNote  `json:"notes" validate:"required" description:"what was written about it, oldest first"`
	Ledger         ledgerAnswer    `json:"ledger" validate:"required" description:"the place of the entry that says so; it was there before anything was opened"`
}

type merchantNote struct {
	Index int64       `json:"index" validate:"required" description:"of its entry"`
	At    time.Time   `json:"at" validate:"required"`
	Event string      `json:"event" validate:"required" description:"what it was said with"`
	By    string      `json:"by" validate:"required"`
	Text  valueAnswer `json:"text" validate:"required"`
}

type merchantValue struct {
	Pointer string      `json:"pointer" validate:"required"`
	Value   valueAnswer `json:"value" validate:"required"`
}

func showMerchantValues(v *broker.MerchantValues) merchantValuesAnswer {
	a := merchantValuesAnswer{
		ID: string(v.ID), Party: string(v.Party), Version: v.Version, Jurisdiction: string(v.Jurisdiction), Type: string(v.Type),
		Values: []merchantValue{}, Residential: v.Residential, Certifications: append([]string{}, v.Certifications...), Ledger: showPlace(&v.Place),
	}
	pointers := make([]merchants.Pointer, 0, len(v.Values))
	for at := range v.Values {
		pointers = append(pointers, at)
	}
	slices.Sort(pointers)
	a.Notes = each(v.Notes, func(n *broker.MerchantNote) merchantNote {
		return merchantNote{n.Index, n.At, string(n.Event), string(n.By), valueAnswer{masking.Value{Text: n.Text}}}
	})
	for _, at := range pointers {
		a.Values = append(a.Values, merchantValue{string(at), valueAnswer{masking.Value{Text: v.Values[at]}}})
	}
	return a
}

// reviewing is what staff open what a merchant gave for, in the metrics.
const reviewing = "review_merchant"

// lookBody is what one of the staff opens a registration for.
type lookBody struct {
	Purpose string `json:"purpose" validate:"required,max=64" description:"decide_registration, or decide_appeal of what was appealed"`
	Reason  string `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
}

func (b *lookBody) look() (broker.MerchantLook, error) {
	wrong := rules(b)
	if len(wrong) == 0 {
		reasonOf(b.Reason, broker.MerchantLookReasons(), &wrong)
	}
	return broker.MerchantLook{Purpose: b.Purpose, Reason: b.Reason}, wrong.err()
}

// postReviewValues answers POST /v1/reviews/{id}/values.
func (s *Server) postReviewValues(c *call) error {
	body, err := decode[lookBody](c)
	if err != nil {
		return err
	}
	in, err := body.look()
	if err != nil {
		return err
	}
	id, err := c.merchantID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.LookAtMerchant(c.ctx, c.staff(), id, in, once)
	if err != nil {
		return err
	}
	if !replayed {
		s.metrics.byStaff.WithLabelValues(reviewing).Inc()
	}
	return c.answerOnce(http.StatusOK, showMerchantValues(&v), replayed)
}

// reviewMoveBody is what the staff say of a registration. Which members a move
// takes, its operation says.
type reviewMoveBody struct {
	Reason string       `json:"reason" validate:"max=64" description:"one of a list, where the operation has one"`
	Note   masking.Text `json:"note" docs:"note" description:"free text, kept sealed; of a question, a rejection, a suspension or an upholding it is to the merchant, and needed where the reason is other"`
	Checks []checkBody  `json:"checks" validate:"max=256,dive" description:"of what is approved: how each field was verified"`
	Hash   string       `json:"hash" validate:"max=71" description:"of an approval by a second person: of what you have looked at"`
}

type checkBody struct {
	Pointer string  `json:"pointer" validate:"max=128" description:"of one field; left out: all that no other check is about"`
	Source  string  `json:"source" validate:"required,oneof=company_register tax_authority document gleif bank merchant other"`
	Method  string  `json:"method" validate:"required,oneof=looked_up compared contacted declared"`
	At      *moment `json:"at" validate:"required"`
}

func (s *Server) reviewed(b *reviewMoveBody, e states.Event) (broker.MerchantMove, error) {
	wrong := rules(b)
	m := broker.MerchantMove{Event: e, Reason: b.Reason, Note: note(b.Note, &wrong)}
	switch codes := broker.MerchantReasons(e); {
	case e == merchants.Approve && b.Hash != "" && b.Reason == "": // the hash says what is approved
	case codes != nil:
		reasonOf(b.Reason, codes, &wrong)
	case b.Reason != "":
		wrong.add("/reason", "not_wanted", "this needs no reason")
	}
	approves := e == merchants.Approve || e == merchants.Propose || e == merchants.Overturn
	if !approves && len(b.Checks) > 0 {
		wrong.add("/checks", "not_wanted", "this verifies nothing")
	}
	for i, x := range b.Checks {
		if x.Pointer != "" && !s.members.has(x.Pointer) {
			wrong.add("/checks/"+itoa(i)+"/pointer", "unknown_member", "a registration has no such member")
		}
		m.Checks = append(m.Checks, broker.FieldCheck{Pointer: merchants.Pointer(x.Pointer), Source: x.Source, Method: x.Method, At: x.At.time()})
	}
	if b.Hash != "" {
		hash, ok := planOf(b.Hash)
		switch {
		case e != merchants.Approve:
			wrong.add("/hash", "not_wanted", "this takes no hash")
		case !ok:
			wrong.add("/hash", "not_a_hash", "name the hash of what you approve: sha256: and 64 hexadecimal digits")
		}
		m.Hash = hash
	}
	return m, wrong.err()
}

// reviewMove answers POST /v1/reviews/{id}/… for one event.
func (s *Server) reviewMove(e states.Event) func(*call) error {
	return func(c *call) error {
		body, err := decode[reviewMoveBody](c)
		if err != nil {
			return err
		}
		m, err := s.reviewed(&body, e)
		if err != nil {
			return err
		}
		id, err := c.merchantID()
		if err != nil {
			return err
		}
		once, err := c.once(string(id))
		if err != nil {
			return err
		}
		v, replayed, err := s.Broker.MoveMerchant(c.ctx, c.staff(), id, m, once)
		if err != nil {
			return err
		}
		return c.answerOnce(http.StatusOK, showReview(&v), replayed)
	}
}
