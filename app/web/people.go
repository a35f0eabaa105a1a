package web

import (
	"net/http"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// peopleRoutes are those by which people sign in, and by which some of them
// watch over the accounts of others.
func (s *Server) peopleRoutes() []*route {
	watching := those(accounts.Lead, accounts.PrivacyOfficer)
	reading := those(accounts.Lead, accounts.PrivacyOfficer, accounts.Auditor)
	return []*route{
		{http.MethodPost, "/v1/session", nil, nil, s.postSession, doPostSession()},
		{http.MethodGet, "/v1/session", nil, nil, s.getSession, doGetSession(anybody())},
		{http.MethodDelete, "/v1/session", nil, nil, s.deleteSession, doDeleteSession(anybody())},
		{http.MethodPost, "/v1/session/confirmation", nil, nil, s.postConfirmation, doPostConfirmation(anybody())},
		{http.MethodPost, "/v1/session/enrolment", nil, nil, s.postEnrolment, doPostEnrolment()},
		{http.MethodPost, "/v1/session/set-up", nil, nil, s.postSetUp, doPostSetUp()},
		{http.MethodGet, "/v1/handlers", nil, nil, s.getHandlers, doGetHandlers(reading)},
		{http.MethodPost, "/v1/handlers", nil, nil, s.postHandler, doPostHandler(watching.justConfirmed())},
		{http.MethodGet, "/v1/handlers/notices", nil, nil, s.getNotices, doGetNotices(those(accounts.PrivacyOfficer))},
		{http.MethodPost, "/v1/handlers/{id}/role", nil, nil, s.postRole, doPostRole(watching.justConfirmed())},
		{http.MethodPost, "/v1/handlers/{id}/end", nil, nil, s.postEnd, doPostHandlerEnd(watching.justConfirmed())},
	}
}

// signInBody is what POST /v1/session takes.
type signInBody struct {
	Email    masking.Text `json:"email" docs:"required" description:"the account's e-mail address"`
	Password masking.Text `json:"password" docs:"required"`
	Code     masking.Text `json:"code" docs:"required" description:"the six digits that the authenticator shows; each opens once"`
}

// need notes the texts that are missing; what is too long to be meant is, too.
func need(wrong *mistakes, pointer string, t masking.Text, most int) {
	if t.IsZero() {
		wrong.add(pointer, "required", "this is missing")
	}
	bound(wrong, pointer, t, most)
}

func bound(wrong *mistakes, pointer string, t masking.Text, most int) {
	if len(t.Reveal()) > most {
		wrong.add(pointer, "too_long", "this is too long")
	}
}

// What is longer is not hashed: it is none of ours.
const mostOfPassword, mostOfCode = 1024, 64

func (b *signInBody) input() (broker.SignIn, error) {
	var wrong mistakes
	need(&wrong, "/password", b.Password, mostOfPassword)
	need(&wrong, "/code", b.Code, mostOfCode)
	in := broker.SignIn{Email: normalEmail(b.Email, &wrong), Password: b.Password, Code: b.Code}
	return in, wrong.err()
}

func normalEmail(raw masking.Text, wrong *mistakes) masking.Text {
	if raw.IsZero() {
		wrong.add("/email", "required", "this is missing")
		return raw
	}
	t, err := masking.Normalize(masking.Email, raw, "")
	wrong.fold("/email", err)
	return t
}

// sessionAnswer is a session, to the person whose it is.
type sessionAnswer struct {
	Token          string    `json:"token,omitempty" description:"said once; send it as Authorization: Bearer TOKEN"`
	Account        string    `json:"account" validate:"required"`
	Role           string    `json:"role" validate:"required,oneof=handler lead auditor merchant_reviewer privacy_officer"`
	CreatedAt      time.Time `json:"created_at" validate:"required"`
	ExpiresAt      time.Time `json:"expires_at" validate:"required" description:"unless a request comes before: 30 minutes after the last one, at most 12 hours after the first"`
	FreshUntil     time.Time `json:"fresh_until" validate:"required" description:"decisions and reveals ask for a confirmation after that"`
	MayApproveFrom time.Time `json:"may_approve_from" validate:"required"`
}

func showSession(s *accounts.Session, token masking.Text) sessionAnswer {
	return sessionAnswer{
		Token: token.Reveal(), Account: string(s.Account), Role: string(s.Role), CreatedAt: s.MadeAt, ExpiresAt: s.EndsAt(),
		FreshUntil: s.ConfirmedAt.Add(accounts.Freshness), MayApproveFrom: s.ApprovesAt,
	}
}

// postSession answers POST /v1/session.
func (s *Server) postSession(c *call) error {
	body, err := decode[signInBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	keyed, err := c.keyed("")
	if err != nil {
		return err
	}
	opened, err := c.signIn(func() (broker.SignedIn, error) { return s.Broker.SignIn(c.ctx, in, keyed) })
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusCreated, showSession(opened.Session, opened.Token), opened.Replayed)
}

// getSession answers GET /v1/session.
func (s *Server) getSession(c *call) error {
	return c.answer(http.StatusOK, showSession(c.person, masking.Text{}))
}

type endedAnswer struct {
	State string `json:"state" validate:"required,oneof=ended"`
}

// deleteSession answers DELETE /v1/session: it is over.
func (s *Server) deleteSession(c *call) error {
	if err := s.Broker.SignOut(c.ctx, c.person, c.person.ID); err != nil {
		return err
	}
	return c.answer(http.StatusOK, endedAnswer{"ended"})
}

// confirmationBody is one of both.
type confirmationBody struct {
	Password masking.Text `json:"password" description:"the account's; or"`
	Code     masking.Text `json:"code" description:"a code of its authenticator that has not been used yet"`
}

func (b *confirmationBody) check() error {
	var wrong mistakes
	if b.Password.IsZero() == b.Code.IsZero() {
		wrong.add("/password", "one_of_both", "give the password or a code")
	}
	bound(&wrong, "/password", b.Password, mostOfPassword)
	bound(&wrong, "/code", b.Code, mostOfCode)
	return wrong.err()
}

// postConfirmation answers POST /v1/session/confirmation: the session is fresh again.
func (s *Server) postConfirmation(c *call) error {
	body, err := decode[confirmationBody](c)
	if err == nil {
		err = body.check()
	}
	if err != nil {
		return err
	}
	once, err := c.once(sessionName(c.person))
	if err != nil {
		return err
	}
	fresh, err := c.confirm(body.Password, body.Code, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showSession(fresh.Session, masking.Text{}), fresh.Replayed)
}

// enrolmentBody is a set-up code.
type enrolmentBody struct {
	SetUpCode masking.Text `json:"set_up_code" docs:"required" description:"from who made the account; it opens once, within a day"`
}

type enrolmentAnswer struct {
	Account string `json:"account" validate:"required"`
	Secret  string `json:"secret" validate:"required" description:"for an authenticator, base32"`
	Address string `json:"otpauth" validate:"required" description:"the same as an otpauth: address, RFC 6238 with SHA-1, 6 digits, 30 seconds"`
}

// postEnrolment answers POST /v1/session/enrolment.
func (s *Server) postEnrolment(c *call) error {
	body, err := decode[enrolmentBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	need(&wrong, "/set_up_code", body.SetUpCode, mostOfCode)
	if err := wrong.err(); err != nil {
		return err
	}
	keyed, err := c.keyed("")
	if err != nil {
		return err
	}
	e, replayed, err := c.enrol(body.SetUpCode, keyed)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, enrolmentAnswer{string(e.Account), e.Secret.Reveal(), e.Address.Reveal()}, replayed)
}

// enrol shows what an authenticator takes in, to who has a set-up code.
func (c *call) enrol(code masking.Text, k *broker.Keyed) (e broker.Enrolment, replayed bool, err error) {
	_, err = c.signIn(func() (broker.SignedIn, error) {
		e, replayed, err = c.server.Broker.Enrol(c.ctx, code, k)
		return broker.SignedIn{}, err
	})
	return e, replayed, err
}

// setUpBody is what a person sets an account up with.
type setUpBody struct {
	SetUpCode masking.Text `json:"set_up_code" docs:"required"`
	Password  masking.Text `json:"password" docs:"required" description:"12 to 128 characters; it need not be made up in any way, but must not be a common one"`
	Code      masking.Text `json:"code" docs:"required" description:"the six digits that the authenticator shows for the secret"`
}

// postSetUp answers POST /v1/session/set-up: the account is ready, and its person is in.
func (s *Server) postSetUp(c *call) error {
	body, err := decode[setUpBody](c)
	if err != nil {
		return err
	}
	var wrong mistakes
	need(&wrong, "/set_up_code", body.SetUpCode, mostOfCode)
	need(&wrong, "/password", body.Password, mostOfPassword)
	need(&wrong, "/code", body.Code, mostOfCode)
	if err := wrong.err(); err != nil {
		return err
	}
	keyed, err := c.keyed("")
	if err != nil {
		return err
	}
	in, err := c.signIn(func() (broker.SignedIn, error) {
		return s.Broker.SetUp(c.ctx, body.SetUpCode, body.Password, body.Code, keyed)
	})
	if err != nil {
		return pointingAt(err)
	}
	return c.answerOnce(http.StatusCreated, showSession(in.Session, in.Token), in.Replayed)
}

// pointingAt says which member of a set-up a refusal is about.
func pointingAt(err error) error {
	switch f := faultOf(err); f.Code {
	case accounts.ErrSetUpCode.Code:
		return f.Pointing("/set_up_code")
	case accounts.ErrWrongCode.Code:
		return f.Pointing("/code")
	case accounts.ErrPasswordShort.Code, accounts.ErrPasswordLong.Code, accounts.ErrPasswordCommon.Code:
		return f.Pointing("/password")
	}
	return err
}
