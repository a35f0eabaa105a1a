package web

import (
	"net/http"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

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

// deleteExclusion answers DELETE /v1/parties/{id}/exclusion.
func (s *Server) deleteExclusion(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Reinstate(c.ctx, c.staff(), broker.PartyID(id))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showExclusion(&v))
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

func doDeleteExclusion() operation {
	return operation{
		id: "deleteExclusion", tag: "parties", summary: "Let an excluded party ask again",
		description: "A key excludes, a person takes that back. What it held before stays ended. The account has to be older than 24 hours, or made on the broker's own machine.", people: those(accounts.Lead, accounts.PrivacyOfficer).justConfirmed(), refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: exclusionAnswer{}}},
	}
}
