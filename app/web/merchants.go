package web

import (
	"errors"
	"net/http"
	"net/url"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// registering is the scope of merchant registration (contract.md, section 2).
const registering = "merchants"

// merchantRoutes are those of merchants, and the one of everybody.
func (s *Server) merchantRoutes() []*route {
	m := []string{registering}
	return []*route{
		{http.MethodPost, "/v1/merchants", m, nil, s.postMerchant, s.doPostMerchant()},
		{http.MethodGet, "/v1/merchants/{id}", m, nil, s.getMerchant, doGetMerchant()},
		{http.MethodPatch, "/v1/merchants/{id}", m, nil, s.patchMerchant, s.doPatchMerchant()},
		{http.MethodPost, "/v1/merchants/{id}/submission", m, nil, s.postSubmission, doPostSubmission()},
		{http.MethodPost, "/v1/merchants/{id}/information", m, nil, s.postInformation, s.doPostInformation()},
		{http.MethodPost, "/v1/merchants/{id}/appeal", m, nil, s.merchantMove(merchants.Appeal), doMerchantMove(merchants.Appeal)},
		{http.MethodPost, "/v1/merchants/{id}/closing", m, nil, s.merchantMove(merchants.Close), doMerchantMove(merchants.Close)},
		{http.MethodPost, "/v1/merchants/{id}/documents", m, []string{"kind", "expires"}, s.postDocument, doPostDocument()},
		{http.MethodGet, "/v1/public/merchants/{id}", nil, nil, s.getPublicMerchant, doGetPublicMerchant()},
	}
}

// mediaPatch is RFC 7396.
const mediaPatch = "application/merge-patch+json"

// postMerchant answers POST /v1/merchants.
func (s *Server) postMerchant(c *call) error {
	body := c.Request().Body()
	if err := c.acceptable(body); err != nil {
		return err
	}
	given, err := s.members.readRegistration(body, false)
	if err != nil {
		return err
	}
	in, err := given.input()
	if err != nil {
		return err
	}
	if err = c.speaksAsMerchant(in.Party); err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.RegisterMerchant(c.ctx, c.caller(registering), in, once)
	if err != nil {
		return err
	}
	c.Set("Location", "/v1/merchants/"+url.PathEscape(string(v.ID)))
	return c.answerOnce(http.StatusCreated, showMerchant(&v), replayed)
}

// speaksAsMerchant makes sure that the party has signed, where parties sign for
// themselves: then there has to be one.
func (c *call) speaksAsMerchant(party broker.PartyID) error {
	if c.server.PartyTokens != nil && party == "" {
		var wrong mistakes
		wrong.add(string(pointerParty), "required", "say whose registration it is: parties sign for themselves here")
		return wrong.err()
	}
	return c.speaks(string(party))
}

// merchantID is the id in the path. One that can't be is not there.
func (c *call) merchantID() (broker.MerchantID, error) {
	id := strings.Clone(c.Params("id"))
	if !broker.IsMerchantID(id) {
		return "", broker.ErrNotFound
	}
	return broker.MerchantID(id), nil
}

// merchant is the registration in the path, whose party has signed the call where
// parties sign for themselves.
func (c *call) merchant() (broker.MerchantID, *broker.Outcome, error) {
	id, err := c.merchantID()
	if c.server.PartyTokens != nil {
		if err := c.speaksForMerchant(id); err != nil {
			return "", nil, err
		}
	}
	if err != nil {
		return "", nil, err
	}
	once, err := c.once(string(id))
	return id, once, err
}

// speaksForMerchant makes sure that a registration's party has signed. To any other
// one's token what is not there is somebody else's.
func (c *call) speaksForMerchant(id broker.MerchantID) error {
	if len(c.Request().Header.Peek(headerParty)) == 0 {
		return errPartyTokenRequired // before anything is looked up
	}
	v, err := c.server.Broker.Merchant(c.ctx, id)
	if err != nil && !errors.Is(err, broker.ErrNotFound) {
		return err
	}
	return c.speaks(string(v.Party)) // nobody's token is of no party
}

// getMerchant answers GET /v1/merchants/{id}.
func (s *Server) getMerchant(c *call) error {
	id, err := c.merchantID()
	if err != nil {
		return err
	}
	v, err := s.Broker.Merchant(c.ctx, id)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showMerchant(&v))
}

// patchMerchant answers PATCH /v1/merchants/{id}.
func (s *Server) patchMerchant(c *call) error {
	body := c.Request().Body()
	if err := c.acceptable(body, mediaPatch); err != nil {
		return err
	}
	change, err := s.members.readRegistration(body, true)
	if err != nil {
		return err
	}
	p, err := change.patch()
	if err != nil {
		return err
	}
	id, once, err := c.merchant()
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.AmendMerchant(c.ctx, c.caller(registering), id, p, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showMerchant(&v), replayed)
}

// emptyBody is what says nothing more than its path.
type emptyBody struct{}

// postSubmission answers POST /v1/merchants/{id}/submission.
func (s *Server) postSubmission(c *call) error {
	if _, err := decode[emptyBody](c); err != nil {
		return err
	}
	id, once, err := c.merchant()
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.SubmitMerchant(c.ctx, c.caller(registering), id, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showMerchant(&v), replayed)
}

// informationBody is what a merchant says when it is asked.
type informationBody struct {
	Changes rawBody      `json:"changes" description:"as in PATCH; left out: everything stays"`
	Note    masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
}

// postInformation answers POST /v1/merchants/{id}/information.
func (s *Server) postInformation(c *call) error {
	body, err := decode[informationBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	var p broker.MerchantPatch
	said := note(body.Note, &wrong)
	if len(body.Changes.json) > 0 {
		if p, err = s.changes(body.Changes.json); err != nil {
			return under("/changes", err)
		}
	} else if said.IsZero() {
		wrong.add("/note", "required", "give changes, a note, or both")
	}
	if err := wrong.err(); err != nil {
		return err
	}
	id, once, err := c.merchant()
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.AnswerMerchant(c.ctx, c.caller(registering), id, p, said, once)
	if err != nil {
		return under("/changes", err)
	}
	return c.answerOnce(http.StatusOK, showMerchant(&v), replayed)
}

func (s *Server) changes(body []byte) (broker.MerchantPatch, error) {
	change, err := s.members.readRegistration(body, true)
	if err != nil {
		return broker.MerchantPatch{}, err
	}
	return change.patch()
}

// merchantMoveBody is what a merchant says of its registration.
type merchantMoveBody struct {
	Reason string       `json:"reason" validate:"max=64" description:"one of a list; see the operation"`
	Note   masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
}

// merchantMove answers POST /v1/merchants/{id}/… for one event.
func (s *Server) merchantMove(e states.Event) func(*call) error {
	do := s.Broker.CloseMerchant
	if e == merchants.Appeal {
		do = s.Broker.AppealMerchant
	}
	return func(c *call) error {
		body, err := decode[merchantMoveBody](c)
		if err != nil {
			return err
		}
		wrong := rules(&body)
		m := broker.MerchantMove{Event: e, Reason: body.Reason, Note: note(body.Note, &wrong)}
		reasonOf(body.Reason, broker.MerchantReasons(e), &wrong)
		if err := wrong.err(); err != nil {
			return err
		}
		id, once, err := c.merchant()
		if err != nil {
			return err
		}
		v, replayed, err := do(c.ctx, c.caller(registering), id, m, once)
		if err != nil {
			return err
		}
		return c.answerOnce(http.StatusOK, showMerchant(&v), replayed)
	}
}
