package web

import (
	"encoding/hex"
	"net/http"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// standingAnswer is where a disclosure stands that a person decides, or has
// decided, as one of its sides sees it: never who decides.
type standingAnswer struct {
	Disclosure   string       `json:"disclosure" validate:"required"`
	Transaction  string       `json:"transaction" validate:"required"`
	Requester    string       `json:"requester" validate:"required"`
	Subject      string       `json:"subject" validate:"required"`
	Purpose      string       `json:"purpose" validate:"required" docs:"purpose"`
	State        string       `json:"state" validate:"required" description:"docs/states.md lists them"`
	Allowed      []string     `json:"allowed" validate:"required" description:"what this caller could do now, as events of docs/states.md"`
	OpenedAt     time.Time    `json:"opened_at,omitzero" description:"when a person was asked for; once it is appealed: when that was"`
	DueAt        time.Time    `json:"due_at,omitzero" description:"by when we mean to have decided; it stands still while the requester is asked something"`
	StatutoryDue time.Time    `json:"statutory_due_at,omitzero" description:"by when the law wants a decision"`
	EndsAt       time.Time    `json:"ends_at,omitzero" description:"when this state ends by itself"`
	Question     string       `json:"question,omitempty" description:"what the requester is asked for, a code"`
	Hearing      string       `json:"hearing,omitempty" validate:"omitempty,oneof=objected silent skipped" description:"to the subject: how the hearing ended"`
	Decision     string       `json:"decision" validate:"required,oneof=granted pending refused"`
	Kept         string       `json:"kept,omitempty" description:"to the subject: why a grant that it objected to lives on, a code"`
	DecidedAt    time.Time    `json:"decided_at,omitzero"`
	Reason       string       `json:"reason,omitempty" description:"of the last decision, a code"`
	Appealed     bool         `json:"appealed,omitzero"`
	DeleteBy     time.Time    `json:"delete_by,omitzero" description:"of a revoked grant: by when the requester attests that the data is deleted"`
	DeletedAt    time.Time    `json:"deleted_at,omitzero"`
	Ledger       ledgerAnswer `json:"ledger" validate:"required" description:"the place of the entry that counts"`
}

func showStanding(v *broker.RequestView) standingAnswer {
	d, r := &v.Disclosure, &v.Request
	a := standingAnswer{
		Disclosure: string(d.ID), Transaction: string(d.Transaction), Requester: string(d.Requester), Subject: string(d.Subject),
		Purpose: string(d.Purpose), State: string(v.State), Allowed: words(v.Allowed), Decision: d.Decision, Ledger: showPlace(&d.Place),
	}
	if r.Version == 0 {
		return a
	}
	a.OpenedAt, a.DueAt, a.StatutoryDue, a.EndsAt = r.OpenedAt, r.Due, r.Statutory, r.Deadline
	a.Question, a.DecidedAt, a.Reason, a.Appealed = r.Question, r.DecidedAt, r.Reason, r.Appealed || r.Opposed
	a.DeleteBy, a.DeletedAt = r.RecallBy, r.Attested
	a.Hearing, a.Kept = r.Heard, r.Kept
	return a
}

// partyMoveBody is what a party says of a disclosure.
type partyMoveBody struct {
	Party  string       `json:"party" validate:"required" docs:"id"`
	Reason string       `json:"reason" validate:"max=64" description:"one of a list, where the operation has one"`
	Note   masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
}

// partyMove answers POST /v1/disclosures/{id}/… for one event.
func (s *Server) partyMove(e states.Event) func(*call) error {
	return func(c *call) error {
		body, err := decode[partyMoveBody](c)
		if err != nil {
			return err
		}
		wrong := rules(&body)
		m := broker.Move{Event: e, Reason: body.Reason, Note: note(body.Note, &wrong)}
		reasoned(e, body.Reason, &wrong)
		if err := wrong.err(); err != nil {
			return err
		}
		if err := identify(body.Party, "/party"); err != nil {
			return err
		}
		if err := c.speaks(body.Party); err != nil {
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
		v, replayed, err := s.Broker.PartyMove(c.ctx, c.caller(marketplace), broker.PartyID(body.Party), id, m, once)
		if err != nil {
			return err
		}
		return c.answerOnce(http.StatusOK, showStanding(&v), replayed)
	}
}

// reasoned demands a reason of an event's list, and none where there is no list.
func reasoned(e states.Event, reason string, wrong *mistakes) {
	codes := broker.ReasonsFor(e)
	switch {
	case codes != nil:
		reasonOf(reason, codes, wrong)
	case reason != "":
		wrong.add("/reason", "not_wanted", "this needs no reason")
	}
}

// getStanding answers GET /v1/disclosures/{id}/request.
func (s *Server) getStanding(c *call) error {
	id, viewer, err := c.viewed()
	if err != nil {
		return err
	}
	v, err := s.Broker.StandingOf(c.ctx, id, viewer)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showStanding(&v))
}

// planText writes a plan's hash, and planOf reads it.
func planText(hash []byte) string { return "sha256:" + hex.EncodeToString(hash) }

func planOf(text string) ([]byte, bool) {
	digits, ok := strings.CutPrefix(text, "sha256:")
	hash, err := hex.DecodeString(digits)
	return hash, ok && err == nil && len(hash) == 32 && planText(hash) == text
}

const standingExample = `{"disclosure":"dsc_05wq0e9m2r6a1b7c3d4e5f6g7g","transaction":"t-1","requester":"s-1","subject":"b-1","purpose":"deliver",
"state":"objection","allowed":["withdraw"],"opened_at":"2017-01-06T10:00:00Z","due_at":"2017-01-07T10:00:00Z","statutory_due_at":"2017-02-05T10:00:00Z",
"ends_at":"2017-01-07T10:00:00Z","decision":"pending",
"ledger":{"index":17,"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","tree_size":18,"root_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`

func doGetStanding() operation {
	return operation{
		id: "getStanding", acts: "`viewer`", tag: "disclosures", summary: "Where a request stands that a person decides",
		description: "The viewer, who has to be named, is the requester or the subject. Nobody is told who decides.",
		answers:     []answered{{status: http.StatusOK, body: standingAnswer{}, example: standingExample}},
	}
}

// doPartyMove describes one event of a party.
func doPartyMove(e states.Event) operation {
	o := operation{
		tag: "disclosures", once: true, acts: "`party`", request: partyMoveBody{}, example: `{"party":"s-1"}`, refuses: []int{http.StatusConflict},
		answers: []answered{{status: http.StatusOK, body: standingAnswer{}, example: standingExample}},
	}
	switch e {
	case broker.Object:
		o.id, o.summary = "postObjection", "The subject objects"
		o.description = "To a request, within the hearing; to a grant at any time: one that is said to be about safety suspends at once every grant of that requester on that subject, and what it asks next people decide; any other is looked at by a person."
	case broker.Answer:
		o.id, o.summary = "postAnswer", "The requester answers what he was asked for"
	case broker.Withdraw:
		o.id, o.summary = "postWithdrawal", "The requester withdraws"
	case broker.Appeal:
		o.id, o.summary = "postAppeal", "Either side appeals a refusal or a revocation"
		o.description = "Once, within 30 days; somebody who has not decided it before looks at it."
	case broker.Attest:
		o.id, o.summary = "postDeletion", "The requester attests that what was revoked is deleted"
	}
	if codes := broker.ReasonsFor(e); codes != nil {
		o.description = strings.TrimSpace(o.description + " Reasons: " + strings.Join(codes, ", ") + ".")
		o.example = `{"party":"b-1","reason":"` + codes[0] + `"}`
	}
	return o
}
