package web

import (
	"net/http"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

const noPlan = "name the hash of what you approve: sha256: and 64 hexadecimal digits"

var errNoPlan = fault.At("/plan", "required", noPlan)

// exclusionBody is what PUT …/exclusion takes.
type exclusionBody struct {
	Reason string       `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
	Note   masking.Text `json:"note" docs:"note" description:"the reasons in words, for the party, kept sealed"`
}

// exclusionAnswer is how a party stands.
type exclusionAnswer struct {
	ID         string     `json:"id" validate:"required"`
	Excluded   bool       `json:"excluded" validate:"required"`
	ExcludedAt *time.Time `json:"excluded_at" validate:"required" description:"null unless it is excluded"`
}

// standingOfParty is that to the staff.
type standingOfParty struct {
	exclusionAnswer

	Allowed  []string      `json:"allowed" validate:"required" description:"what the first person and the second one could do, as events of docs/states.md"`
	Proposal *liftProposal `json:"proposal,omitempty" description:"that it may ask again, until another person has looked"`
}

type liftProposal struct {
	By     string `json:"by" validate:"required"`
	Plan   string `json:"plan" validate:"required" description:"the hash that the second person names"`
	Reason string `json:"reason" validate:"required"`
}

// liftBody is what POST …/exclusion/proposal takes.
type liftBody struct {
	Reason string `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
}

// reinstatementBody is what POST …/reinstatement takes.
type reinstatementBody struct {
	Plan string `json:"plan" validate:"required,max=71" description:"the hash of what you have looked at"`
}

func showExclusion(v *broker.ExclusionView) *exclusionAnswer {
	a := &exclusionAnswer{ID: string(v.ID)}
	if !v.ExcludedAt.IsZero() {
		a.Excluded, a.ExcludedAt = true, &v.ExcludedAt
	}
	return a
}

// putExclusion answers PUT /v1/parties/{id}/exclusion.
func (s *Server) putExclusion(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	body, err := decode[exclusionBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	if len(wrong) == 0 {
		reasonOf(body.Reason, broker.ExclusionReasons(), &wrong)
	}
	in := broker.ExclusionInput{Reason: body.Reason, Statement: note(body.Note, &wrong)}
	if err = wrong.err(); err != nil {
		return err
	}
	v, err := s.Broker.Exclude(c.ctx, c.caller(privacy), broker.PartyID(id), in)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showExclusion(&v))
}

func showStandingOfParty(v *broker.ExclusionView) *standingOfParty {
	a := &standingOfParty{exclusionAnswer: *showExclusion(v), Allowed: words(v.Allowed())}
	if p := v.Lift; p != nil {
		a.Proposal = &liftProposal{By: p.By, Plan: planText(p.Hash), Reason: p.Reason}
	}
	return a
}

// getExclusion answers GET /v1/parties/{id}/exclusion.
func (s *Server) getExclusion(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	v, err := s.Broker.StandingOfParty(c.ctx, broker.PartyID(id))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showStandingOfParty(&v))
}

// rehear answers for what the staff do about an exclusion.
func (s *Server) rehear(c *call, do func(broker.PartyID, *broker.Outcome) (broker.ExclusionView, bool, error)) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	once, err := c.once(id)
	if err != nil {
		return err
	}
	v, replayed, err := do(broker.PartyID(id), once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showStandingOfParty(&v), replayed)
}

// postLift answers POST /v1/parties/{id}/exclusion/proposal.
func (s *Server) postLift(c *call) error {
	body, err := decode[liftBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	if len(wrong) == 0 {
		reasonOf(body.Reason, broker.ReinstatementReasons(), &wrong)
	}
	if err = wrong.err(); err != nil {
		return err
	}
	return s.rehear(c, func(id broker.PartyID, once *broker.Outcome) (broker.ExclusionView, bool, error) {
		return s.Broker.ProposeReinstatement(c.ctx, c.staff(), id, body.Reason, once)
	})
}

// postReinstatement answers POST /v1/parties/{id}/reinstatement.
func (s *Server) postReinstatement(c *call) error {
	body, err := decode[reinstatementBody](c)
	if err != nil {
		return err
	}
	hash, ok := planOf(body.Plan)
	if !ok {
		return errNoPlan
	}
	return s.rehear(c, func(id broker.PartyID, once *broker.Outcome) (broker.ExclusionView, bool, error) {
		return s.Broker.Reinstate(c.ctx, c.staff(), id, hash, once)
	})
}

// postLiftRejection answers POST /v1/parties/{id}/exclusion/rejection.
func (s *Server) postLiftRejection(c *call) error {
	if _, err := decode[emptyBody](c); err != nil {
		return err
	}
	return s.rehear(c, func(id broker.PartyID, once *broker.Outcome) (broker.ExclusionView, bool, error) {
		return s.Broker.RejectReinstatement(c.ctx, c.staff(), id, nil, once)
	})
}

const excludedExample = `{"id":"s-1","excluded":true,"excluded_at":"2017-01-06T10:00:00Z"}`

func doPutExclusion() operation {
	return operation{
		id: "putExclusion", tag: "parties", summary: "Exclude a party for misuse: all of its grants end, and it may ask for nothing more",
		description: "At once, whatever is under way. Every view is 410, and every request is refused with not_available. Reasons: " +
			strings.Join(broker.ExclusionReasons(), ", ") + ". Who is excluded already stays so, with the reason that was given first.",
		request: exclusionBody{}, example: `{"reason":"passed_on","note":"Addresses from this shop were offered for sale."}`, refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: exclusionAnswer{}, example: excludedExample}},
	}
}

const standingOfPartyExample = `{"id":"s-1","excluded":true,"excluded_at":"2017-01-06T10:00:00Z","allowed":["propose","reinstate","reject"],
"proposal":{"by":"acc_05wq0e9m2r6a1b7c3d4e5f6g7g","plan":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","reason":"mistake"}}`

func doStandingOfParty(id, summary string, who *people) operation {
	return operation{
		id: id, tag: "parties", summary: summary, people: who, refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: standingOfParty{}, example: standingOfPartyExample}},
	}
}

func doGetExclusion() operation {
	return doStandingOfParty("getExclusion", "Whether a party is excluded, and what is proposed", those(append(deciders(), accounts.Auditor)...))
}

func doPostLift() operation {
	o := doStandingOfParty("postExclusionProposal", "Propose that an excluded party may ask again", those(deciders()...).justConfirmed())
	o.description = "Another person has to do it. A proposal takes the place of an earlier one. Reasons: " + strings.Join(broker.ReinstatementReasons(), ", ") + "."
	o.request, o.example, o.refuses = liftBody{}, `{"reason":"mistake"}`, append(o.refuses, http.StatusConflict)
	return o
}

func doPostReinstatement() operation {
	o := doStandingOfParty("postPartyReinstatement", "Let an excluded party ask again, by the hash that somebody else proposed", those(accounts.Lead, accounts.PrivacyOfficer).justConfirmed())
	o.description = "A key excludes, and two people take that back, who are never of one hand. What the party held before stays ended. The account has to be older than 24 hours, or made on the broker's own machine."
	o.request, o.refuses = reinstatementBody{}, append(o.refuses, http.StatusConflict)
	o.example = `{"plan":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}`
	return o
}

func doPostLiftRejection() operation {
	o := doStandingOfParty("postExclusionRejection", "Leave a party excluded for which somebody else proposed that it may ask again", those(accounts.Lead, accounts.PrivacyOfficer).justConfirmed())
	o.description = "By another person than who proposed it, as it would be done."
	o.request, o.example, o.refuses = emptyBody{}, `{}`, append(o.refuses, http.StatusConflict)
	return o
}
