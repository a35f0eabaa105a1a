package web

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// disputeStep is one thing that the staff can do with a case.
type disputeStep struct {
	staffMove

	read    func(*call) (broker.CaseMove, error)
	body    any
	example string
	says    string
}

// disputeSteps are the rows of the table of routes under /v1/disputes/{id}.
func disputeSteps() []disputeStep {
	return []disputeStep{
		{
			staffMove{"assignment", disputes.Assign, false, "Assign a case"},
			readAssignment,
			assignmentBody{},
			`{"account":"acc_05wq0e9m2r6a1b7c3d4e5f6g7g"}`,
			"A handler takes what nobody has; what somebody has, a lead or a privacy officer assigns anew. Values are revealed only to somebody to whom another hand has assigned it.",
		},
		{staffMove{"release", disputes.Release, false, "Let go of it"}, readNothing, emptyBody{}, `{}`, "A lead or a privacy officer lets go of what somebody else has."},
		{
			staffMove{"evidence-requests", disputes.AskEvidence, false, "Ask the sides for evidence"},
			readWanted,
			wantedBody{},
			`{"wanted":[{"by":"seller","type":"carrier_tracking"}],"due":"2026-03-08T12:00:00Z"}`, "Twice at most. Each side has at least 48 hours, and at most 30 days.",
		},
		{staffMove{"evidence/{n}/admission", disputes.AdmitEvidence, false, "Let count what came late"}, readItem, emptyBody{}, `{}`, "The evidence is frozen anew, with it."},
		{
			staffMove{"proposal", disputes.Propose, true, "Propose a decision, which a second person has to approve"},
			readProposal,
			caseProposalBody{},
			`{"outcome":"part_refund","amount":"40.00","reason_code":"damaged_in_transit","clause":"3f","findings":"The photos show a broken corner."}`,
			"A refund names no amount, or all of it; a part_refund less; the others none. Nothing is decided while something that both sides are to be told was not delivered.",
		},
		{
			staffMove{"approval", disputes.Approve, true, "Approve what somebody else proposed, by its hash"},
			readApproval,
			caseApprovalBody{},
			`{"payload_hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`,
			"Always somebody else than who proposed it, and of another hand; where the amount is large, a lead or a privacy officer.",
		},
		{staffMove{"return", disputes.SendBack, true, "Send back what somebody else proposed"}, readReason(disputes.SendBack, false), caseReasonBody{}, `{"reason":"evidence_missing"}`, ""},
		{
			staffMove{"external", disputes.GoOutside, true, "Note that a court, an ADR body or a bank has the case"},
			readExternal,
			externalBody{},
			`{"kind":"chargeback","text":"Notice of the bank."}`,
			"What is paid back meanwhile is not held up. All clocks but those of the law stand still.",
		},
		{staffMove{"resumption", disputes.ComeBack, false, "Go on with a case that comes back from there"}, readNothing, emptyBody{}, `{}`, "It goes on where it was, with what was left of its time."},
		{staffMove{"conclusion", disputes.Conclude, true, "Close a case that was decided there"}, readReason(disputes.Conclude, true), caseReasonBody{}, `{"reason":"court_decided","text":"Judgment of 3 March."}`, ""},
	}
}

func (s *Server) disputeStaffRoutes() []*route {
	one := "/v1/disputes/{id}/"
	var routes []*route
	for _, x := range disputeSteps() {
		routes = append(routes, &route{http.MethodPost, one + x.path, nil, nil, s.disputeStep(x), x.operation()})
	}
	return append(routes,
		&route{http.MethodPost, one + "texts", nil, nil, s.postDisputeTexts, doPostDisputeTexts()},
		&route{http.MethodPost, one + "reveals", nil, nil, s.postDisputeReveal, doPostDisputeReveal()},
	)
}

// disputeReaders are the roles that read cases.
func disputeReaders() []accounts.Role { return append(deciders(), accounts.Auditor) }

var errNoMatch = fault.New(fault.Unconditional, "precondition_required", `say what you looked at: If-Match with the ETag of the case, like "7"`)

// match is what one of the staff looked at before he acted. An If-Match that takes
// anything says nothing of that.
func (c *call) match() (*int64, error) {
	tags := c.Request().Header.PeekAll("If-Match")
	if len(tags) != 1 || strings.TrimSpace(string(tags[0])) == "*" {
		return nil, errNoMatch
	}
	tag := strings.TrimSpace(string(tags[0]))
	moves, err := strconv.ParseInt(strings.Trim(tag, `"`), 10, 64)
	if err != nil || disputeTag(moves) != tag {
		return nil, broker.ErrMatch // no case has such a tag
	}
	return &moves, nil
}

// step lets one of the staff do something with a case, as it was when he looked.
func (c *call) step(status int, m broker.CaseMove) error {
	var err error
	if m.Match, err = c.match(); err != nil {
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
	v, replayed, err := c.server.Broker.MoveStaffCase(c.ctx, c.staff(), id, m, once)
	if err != nil {
		return err
	}
	return c.answerDispute(status, &v, replayed)
}

func (s *Server) disputeStep(x disputeStep) func(*call) error {
	return func(c *call) error {
		m, err := x.read(c)
		if err != nil {
			return err
		}
		m.Event = x.event
		return c.step(http.StatusOK, m)
	}
}

func readNothing(c *call) (broker.CaseMove, error) {
	_, err := decode[emptyBody](c)
	return broker.CaseMove{}, err
}

func readItem(c *call) (m broker.CaseMove, err error) {
	if m, err = readNothing(c); err == nil {
		m.N, err = c.number()
	}
	return m, err
}

type assignmentBody struct {
	Account string `json:"account" validate:"max=64" description:"to whom; left out: to yourself"`
}

func readAssignment(c *call) (broker.CaseMove, error) {
	body, err := decode[assignmentBody](c)
	if err == nil {
		err = rules(&body).err()
	}
	if _, ok := accounts.ParseID(body.Account); err == nil && body.Account != "" && !ok {
		err = broker.ErrAssignee.Pointing("/account")
	}
	return broker.CaseMove{To: body.Account}, err
}

type wantedBody struct {
	Wanted []wantedItem `json:"wanted" validate:"required,min=1,max=20,dive"`
	Due    *moment      `json:"due" description:"by when; needed where an item names no time of its own"`
}

type wantedItem struct {
	By   string `json:"by" validate:"required,oneof=buyer seller"`
	Type string `json:"type" validate:"required" docs:"evidence_type"`

	Due *moment `json:"due" description:"by when this item; left out: the due of all"`
}

func readWanted(c *call) (broker.CaseMove, error) {
	body, err := decode[wantedBody](c)
	if err != nil {
		return broker.CaseMove{}, err
	}
	wrong := rules(&body)
	m := broker.CaseMove{Due: body.Due.time()}
	for i, w := range body.Wanted {
		oneOf("/wanted/"+itoa(i)+"/type", w.Type, disputes.EvidenceTypes(), &wrong)
		p := disputes.Point{By: disputes.Side(w.By), Type: disputes.EvidenceType(w.Type), Required: true, Due: w.Due.time()}
		if w.Due == nil && body.Due == nil && len(wrong) == 0 {
			wrong.add("/due", "required", "this is missing")
		}
		if slices.ContainsFunc(m.Wanted, func(x disputes.Point) bool { return x.By == p.By && x.Type == p.Type }) {
			wrong.add("/wanted/"+itoa(i), "repeated", "each of them once")
		}
		m.Wanted = append(m.Wanted, p)
	}
	return m, wrong.err()
}

type caseProposalBody struct {
	Outcome    string       `json:"outcome" validate:"required" docs:"outcome"`
	Amount     string       `json:"amount" docs:"decimal" description:"to be paid back"`
	ReasonCode string       `json:"reason_code" validate:"required" docs:"ruling_reason"`
	Clause     string       `json:"clause" validate:"required,max=32" description:"of the policy, the terms or the law, like 3f or CPL 44"`
	Findings   masking.Text `json:"findings" validate:"required" docs:"needed_prose" description:"the facts as they were found, for both sides; kept sealed"`
}

func readProposal(c *call) (broker.CaseMove, error) {
	body, err := decode[caseProposalBody](c)
	if err != nil {
		return broker.CaseMove{}, err
	}
	var wrong mistakes
	oneOf("/outcome", body.Outcome, disputes.Outcomes(), &wrong)
	oneOf("/reason_code", body.ReasonCode, disputes.ReasonCodes(), &wrong)
	if body.Clause == "" {
		wrong.add("/clause", "required", "this is missing")
	}
	m := broker.CaseMove{
		Outcome: disputes.Outcome(body.Outcome), Amount: body.Amount, Code: body.ReasonCode, Clause: body.Clause,
		Text: prose(body.Findings, "/findings", true, &wrong),
	}
	return m, wrong.err()
}

type caseApprovalBody struct {
	Hash string `json:"payload_hash" validate:"required,max=71" description:"of what you have looked at"`
}

func readApproval(c *call) (broker.CaseMove, error) {
	body, err := decode[caseApprovalBody](c)
	if err != nil {
		return broker.CaseMove{}, err
	}
	wrong := rules(&body)
	hash, ok := planOf(body.Hash)
	if len(wrong) == 0 && !ok {
		wrong.add("/payload_hash", "not_a_hash", "name the hash of what you approve: sha256: and 64 hexadecimal digits")
	}
	return broker.CaseMove{Hash: hash}, wrong.err()
}

type caseReasonBody struct {
	Reason string       `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
	Text   masking.Text `json:"text" docs:"prose" description:"kept sealed"`
}

// readReason reads a reason of an event's list; what both sides have to understand,
// it wants in words as well.
func readReason(e states.Event, inWords bool) func(*call) (broker.CaseMove, error) {
	return func(c *call) (broker.CaseMove, error) {
		body, err := decode[caseReasonBody](c)
		if err != nil {
			return broker.CaseMove{}, err
		}
		var wrong mistakes
		oneOf("/reason", body.Reason, broker.CaseReasons(e), &wrong)
		m := broker.CaseMove{Reason: body.Reason, Text: prose(body.Text, "/text", inWords, &wrong)}
		return m, wrong.err()
	}
}

type externalBody struct {
	Kind string       `json:"kind" validate:"required" docs:"external_kind"`
	Text masking.Text `json:"text" validate:"required" docs:"needed_prose" description:"what came, and when; kept sealed"`
}

func readExternal(c *call) (broker.CaseMove, error) {
	body, err := decode[externalBody](c)
	if err != nil {
		return broker.CaseMove{}, err
	}
	var wrong mistakes
	oneOf("/kind", body.Kind, disputes.ExternalKinds(), &wrong)
	m := broker.CaseMove{Reason: body.Kind, Text: prose(body.Text, "/text", true, &wrong)}
	return m, wrong.err()
}

// disputeTextsAnswer is what was written in a case, opened.
type disputeTextsAnswer struct {
	Dispute  string          `json:"dispute" validate:"required"`
	Messages []messageAnswer `json:"messages" validate:"required" description:"oldest first"`
	Ledger   ledgerAnswer    `json:"ledger" validate:"required" description:"the place of the entry that says so; it was there before anything was opened"`
}

// opensCase is what staff open texts and evidence of a case for, in the metrics.
const opensCase = "read_case"

// postDisputeTexts answers POST /v1/disputes/{id}/texts.
func (s *Server) postDisputeTexts(c *call) error {
	if _, err := decode[emptyBody](c); err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	texts, place, err := s.Broker.TextsOfCase(c.ctx, c.staff(), id, once)
	if err != nil {
		return err
	}
	s.metrics.byStaff.WithLabelValues(opensCase).Inc()
	return c.answer(http.StatusOK, disputeTextsAnswer{string(id), each(texts, showCaseText), showPlace(&place)})
}

// caseRevealBody is what of a side one of the staff wants to see.
type caseRevealBody struct {
	Subject string    `json:"subject" validate:"required" docs:"id" description:"one of the two sides"`
	Fields  *[]string `json:"fields" validate:"required" docs:"fields" description:"each by its name"`
	Purpose string    `json:"purpose" validate:"required" docs:"reveal_purpose"`
	Reason  string    `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
	Delay   string    `json:"delay" docs:"reveal_delay" description:"why the person is told later; left out: it is told at once"`
	Until   *moment   `json:"until" description:"of a delay: then it is told; within 30 days"`
}

func (b *caseRevealBody) reveal() (broker.CaseReveal, error) {
	wrong := rules(b)
	in := broker.CaseReveal{Subject: broker.PartyID(b.Subject), Purpose: b.Purpose, Reason: b.Reason, Delay: b.Delay, Until: b.Until.time()}
	oneOf("/purpose", b.Purpose, broker.RevealPurposes(), &wrong)
	oneOf("/reason", b.Reason, broker.ReasonsFor(broker.LookInto), &wrong)
	switch {
	case b.Delay != "":
		oneOf("/delay", b.Delay, broker.RevealDelays(), &wrong)
		if b.Until == nil {
			wrong.add("/until", "required", "say when the person is told")
		}
	case b.Until != nil:
		wrong.add("/until", "not_wanted", "without a reason for a delay the person is told at once")
	}
	if err := wrong.err(); err != nil {
		return in, err
	}
	if err := identify(b.Subject, "/subject"); err != nil {
		return in, err
	}
	var err error
	in.Fields, err = fieldsOf(*b.Fields)
	return in, err
}

// caseRevealAnswer is what was opened.
type caseRevealAnswer struct {
	Dispute string           `json:"dispute" validate:"required"`
	Subject string           `json:"subject" validate:"required" docs:"id"`
	Purpose string           `json:"purpose" validate:"required" docs:"reveal_purpose"`
	Reason  string           `json:"reason" validate:"required"`
	Fields  []revealedAnswer `json:"fields" validate:"required"`
	Delay   string           `json:"delay,omitempty" docs:"reveal_delay"`
	ToldAt  time.Time        `json:"told_at,omitzero" description:"when the person is told; left out: at once"`
	Ledger  ledgerAnswer     `json:"ledger" validate:"required" description:"the place of the entry that says so; it was there before anything was opened"`
}

func showCaseRevealed(r *broker.CaseRevealed) caseRevealAnswer {
	a := caseRevealAnswer{
		Dispute: string(r.Dispute), Subject: string(r.Subject), Purpose: r.Purpose, Reason: r.Reason, Fields: []revealedAnswer{}, Delay: r.Delay,
		ToldAt: r.Until, Ledger: showPlace(&r.Place),
	}
	for _, f := range masking.Fields() {
		if v, ok := r.Values[f]; ok {
			a.Fields = append(a.Fields, revealedAnswer{string(f), valueAnswer{v}})
		}
	}
	return a
}

// postDisputeReveal answers POST /v1/disputes/{id}/reveals.
func (s *Server) postDisputeReveal(c *call) error {
	body, err := decode[caseRevealBody](c)
	if err != nil {
		return err
	}
	in, err := body.reveal()
	if err != nil {
		return err
	}
	if in.Match, err = c.match(); err != nil {
		return err
	}
	id, err := c.disputeID()
	if err != nil {
		return err
	}
	once, err := c.once(string(id))
	if err != nil {
		return err
	}
	r, replayed, err := s.Broker.RevealInCase(c.ctx, c.staff(), id, in, once)
	if err != nil {
		return err
	}
	if !replayed {
		s.metrics.byStaff.WithLabelValues(in.Purpose).Inc()
	}
	return c.answerOnce(http.StatusOK, showCaseRevealed(&r), replayed)
}
