package web

import (
	"net/http"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// handlerBody is what POST /v1/handlers takes.
type handlerBody struct {
	Email masking.Text `json:"email" docs:"required" description:"kept sealed"`
	Role  string       `json:"role" validate:"required,oneof=handler lead auditor merchant_reviewer privacy_officer"`
}

// handlerAnswer is an account as those who watch over accounts see it.
type handlerAnswer struct {
	ID             string    `json:"id" validate:"required"`
	Email          string    `json:"email" validate:"required" description:"a mask"`
	Role           string    `json:"role" validate:"required,oneof=handler lead auditor merchant_reviewer privacy_officer"`
	State          string    `json:"state" validate:"required,oneof=invited active ended" description:"invited: its person has not set it up yet"`
	CreatedBy      string    `json:"created_by" validate:"required" description:"an account, or operator"`
	CreatedAt      time.Time `json:"created_at" validate:"required"`
	EndedAt        time.Time `json:"ended_at,omitzero"`
	MayApproveFrom time.Time `json:"may_approve_from" validate:"required"`
	SetUpCode      string    `json:"set_up_code,omitempty" description:"for its person to set it up with; said once"`
	SetUpUntil     time.Time `json:"set_up_until,omitzero"`
}

func showHandler(v *broker.AccountView) handlerAnswer {
	a := handlerAnswer{
		ID: string(v.ID), Email: v.Email, Role: string(v.Role), State: "active", CreatedBy: v.MadeBy, CreatedAt: v.MadeAt, EndedAt: v.EndedAt,
		MayApproveFrom: v.ApprovesAt, SetUpCode: v.SetUpCode.Reveal(), SetUpUntil: v.SetUpUntil,
	}
	switch {
	case !v.EndedAt.IsZero():
		a.State = "ended"
	case !v.Ready:
		a.State = "invited"
	}
	return a
}

type handlersAnswer struct {
	Data []handlerAnswer `json:"data" validate:"required" description:"all there ever were, oldest first"`
}

// getHandlers answers GET /v1/handlers.
func (s *Server) getHandlers(c *call) error {
	all, err := s.Broker.ListAccounts(c.ctx)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, handlersAnswer{each(all, showHandler)})
}

// postHandler answers POST /v1/handlers.
func (s *Server) postHandler(c *call) error {
	body, err := decode[handlerBody](c)
	if err != nil {
		return err
	}
	wrong := rules(&body)
	email := normalEmail(body.Email, &wrong)
	if err := wrong.err(); err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.AddAccount(c.ctx, c.person, email, accounts.Role(body.Role), once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusCreated, showHandler(&v), replayed)
}

type roleBody struct {
	Role string `json:"role" validate:"required,oneof=handler lead auditor merchant_reviewer privacy_officer"`
}

// postRole answers POST /v1/handlers/{id}/role.
func (s *Server) postRole(c *call) error {
	body, err := decode[roleBody](c)
	if err == nil {
		err = rules(&body).err()
	}
	if err != nil {
		return err
	}
	id, once, err := c.handler()
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.ChangeRole(c.ctx, c.person, id, accounts.Role(body.Role), once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showHandler(&v), replayed)
}

type accountEndBody struct {
	Reason string `json:"reason" validate:"required,oneof=left misuse mistake other"`
}

// postEnd answers POST /v1/handlers/{id}/end.
func (s *Server) postEnd(c *call) error {
	body, err := decode[accountEndBody](c)
	if err == nil {
		err = rules(&body).err()
	}
	if err != nil {
		return err
	}
	id, once, err := c.handler()
	if err != nil {
		return err
	}
	v, replayed, err := s.Broker.EndAccount(c.ctx, c.person, id, body.Reason, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, showHandler(&v), replayed)
}

// handler is the account in a path; what is no account's id is nobody's.
func (c *call) handler() (accounts.ID, *broker.Outcome, error) {
	raw, err := c.pathID()
	if err != nil {
		return "", nil, err
	}
	id, ok := accounts.ParseID(raw)
	if !ok {
		return "", nil, broker.ErrNotFound
	}
	once, err := c.once(string(id))
	return id, once, err
}

// noticeAnswer is what one account did to another.
type noticeAnswer struct {
	Account string    `json:"account" validate:"required"`
	Event   string    `json:"event" validate:"required,oneof=made role_changed ended"`
	Role    string    `json:"role" validate:"required,oneof=handler lead auditor merchant_reviewer privacy_officer"`
	By      string    `json:"by" validate:"required"`
	At      time.Time `json:"at" validate:"required"`
	Index   int64     `json:"index" validate:"required" description:"of its entry in the ledger"`
}

type noticesAnswer struct {
	Data []noticeAnswer `json:"data" validate:"required" description:"the newest 50, newest first"`
}

// getNotices answers GET /v1/handlers/notices.
func (s *Server) getNotices(c *call) error {
	all, err := s.Broker.AccountNotices(c.ctx)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, noticesAnswer{each(all, func(n *broker.AccountNotice) noticeAnswer {
		return noticeAnswer{string(n.Account), string(n.Event), string(n.Role), string(n.By), n.At, n.Index}
	})})
}
