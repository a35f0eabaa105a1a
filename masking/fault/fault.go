// Package fault is the one error that may cross the door: what a caller may
// read, kept apart from what only the log may.
package fault

import (
	"errors"
	"slices"
	"time"
)

// Kind says what a caller can do about a fault; the door maps it to a status.
// The zero Kind is Internal: an error that nobody thought about tells nothing.
type Kind uint8

// Kinds, with the HTTP status that the door gives them.
const (
	Internal        Kind = iota // 500: nothing to do but report the request id
	Malformed                   // 400: the bytes are not what was announced
	Unauthenticated             // 401
	Denied                      // 403
	NotFound                    // 404: also what somebody else's thing looks like
	Method                      // 405
	Conflict                    // 409: what is there already says otherwise
	Gone                        // 410: it was, and has ended
	Precondition                // 412: it is not as it was when the caller looked
	Unconditional               // 428: the caller has to say what it looked at
	TooLarge                    // 413
	Media                       // 415
	Invalid                     // 422: well formed, and wrong
	Limited                     // 429: later
	Unavailable                 // 503: later, and nothing happened
)

// Error is a refusal that may cross the door. Its text never holds a value
// that was read from a request or a record.
type Error struct {
	Kind       Kind
	Code       string        // stable, snake_case, part of the public API
	Detail     string        // for people
	Fields     []Field       // where in the body, when validation failed
	Allowed    []string      // what would have been possible instead, for a transition
	RetryAfter time.Duration // for Limited and Unavailable
	cause      error         // for the log alone
}

// Field points at one wrong member of a body.
type Field struct {
	Pointer string `json:"pointer"` // RFC 6901
	Code    string `json:"code"`
	Detail  string `json:"detail"`
}

// New makes a sentinel.
func New(kind Kind, code, detail string) *Error {
	return &Error{Kind: kind, Code: code, Detail: detail}
}

// At makes a validation failure of one member.
func At(pointer, code, detail string) *Error {
	return &Error{
		Kind: Invalid, Code: "validation_failed", Detail: "the body has a member that cannot be taken",
		Fields: []Field{{Pointer: pointer, Code: code, Detail: detail}},
	}
}

func (e *Error) Error() string { return e.Code + ": " + e.Detail }

// Unwrap gives the cause, which is for the log alone.
func (e *Error) Unwrap() error { return e.cause }

// Is matches by code, so a fault with a cause still is its sentinel.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// Because gives a copy that remembers its cause.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// Pointing gives a copy that names a member of the body.
func (e *Error) Pointing(pointer string) *Error {
	c := *e
	c.Fields = append(slices.Clone(e.Fields), Field{Pointer: pointer, Code: e.Code, Detail: e.Detail})
	return &c
}

// Naming adds a code to what is wrong, for programs; it points at nothing that was sent.
func (e *Error) Naming(code, detail string) *Error {
	c := *e
	c.Fields = append(slices.Clone(e.Fields), Field{Code: code, Detail: detail})
	return &c
}

// After gives a copy that says when to try again.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Offering gives a copy that lists what would have been possible.
func (e *Error) Offering(allowed []string) *Error {
	c := *e
	c.Allowed = allowed
	return &c
}

// Of finds the fault in a chain, or makes an internal one of what it is given.
func Of(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return New(Internal, "internal", "something went wrong on our side; nothing was revealed").Because(err)
}
