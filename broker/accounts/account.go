// Package accounts decides who of the operator's own people somebody is, what
// that person's role may do, and for how long both are believed. It knows no
// web and no SQL; clock and randomness are handed in.
package accounts

import (
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/masking/fault"
)

// ID names an account; it stands in entries and logs, and says nothing of the person.
type ID string

const prefix = "hnd_"

var encoding = base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding)

// NewID begins with the time and ends with chance.
func NewID(now time.Time, random io.Reader) (ID, error) {
	var raw [16]byte
	if _, err := io.ReadFull(random, raw[6:]); err != nil {
		return "", fmt.Errorf("make account id: %w", err)
	}
	var ms [8]byte
	binary.BigEndian.PutUint64(ms[:], uint64(now.UnixMilli())) //nolint:gosec // after 1970
	copy(raw[:6], ms[2:])
	return ID(prefix + encoding.EncodeToString(raw[:])), nil
}

// ParseID takes the ids that NewID makes, and no others.
func ParseID(s string) (ID, bool) {
	rest, ok := strings.CutPrefix(s, prefix)
	raw, err := encoding.DecodeString(rest)
	return ID(s), ok && err == nil && len(raw) == 16 && encoding.EncodeToString(raw) == rest
}

// Operator is who acts on the broker's own machine.
const Operator = "operator"

// Role is what an account is for. The list is closed.
type Role string

// The roles of contract.md.
const (
	Handler          Role = "handler"
	Lead             Role = "lead"
	Auditor          Role = "auditor"
	MerchantReviewer Role = "merchant_reviewer"
	PrivacyOfficer   Role = "privacy_officer"
)

// Roles lists them all.
func Roles() []Role { return []Role{Handler, Lead, Auditor, MerchantReviewer, PrivacyOfficer} }

// ParseRole takes a role by its name.
func ParseRole(s string) (Role, error) {
	if r := Role(s); slices.Contains(Roles(), r) {
		return r, nil
	}
	return "", ErrUnknownRole
}

// Governs says whether somebody in role r may make, change and end accounts of
// another role: a lead those of the people whom he leads, a privacy officer all.
// So nobody makes an account that may do more than he may himself.
func (r Role) Governs(other Role) bool {
	switch r {
	case PrivacyOfficer:
		return true
	case Lead:
		return other == Handler || other == MerchantReviewer
	default:
		return false
	}
}

// Settling is how long an account that another account has made, or whose role
// it has changed, can approve nothing: long enough for a privacy officer to hear of it.
const Settling = 24 * time.Hour

// Account is one of the operator's people.
type Account struct {
	ID         ID
	Role       Role
	MadeBy     string // Operator, or the account that made it
	Makers     []ID   // MadeBy, who made that one, and so on up to the operator; for good
	MadeAt     time.Time
	ApprovesAt time.Time // from when it may approve
	EndedAt    time.Time // zero while it lives
	SetUpUntil time.Time // of the set-up code that is out; zero without one
	LockedAt   time.Time // when the last run of failures began that an entry tells of
	Generation int64     // a session of an older one is over
	Ready      bool      // has a password and a second factor
}

// Event says what became of an account; it stands in the ledger.
type Event string

// The events of an account's life.
const (
	Made           Event = "made"
	SetUp          Event = "set_up"
	Reset          Event = "reset"
	RoleChanged    Event = "role_changed"
	Ended          Event = "ended"
	Locked         Event = "locked"
	HashRenewed    Event = "hash_renewed" // the password's hash was made anew with today's parameters
	PasskeyAdded   Event = "passkey_added"
	PasskeyRemoved Event = "passkey_removed" // by its person or, where it was copied, by the broker
	Bound          Event = "bound"           // a provider of identities opens it as well
	Unbound        Event = "unbound"         // and does not any more
	setUpCodeFor         = 24 * time.Hour
)

// Told says whether privacy officers are told of what somebody did to an
// account: whatever another account does.
func (id ID) Told(by string) bool {
	other, ok := ParseID(by)
	return ok && other != id
}

// Maker is who makes an account: the operator's own hand, or another account,
// with those that have made that one.
type Maker struct {
	Account ID // none: the operator
	Makers  []ID
}

// New is an account that has no password yet. What the operator's own hand
// makes may approve at once.
func New(id ID, role Role, by Maker, now time.Time) Account {
	a := Account{ID: id, Role: role, MadeBy: Operator, MadeAt: now, SetUpUntil: now.Add(setUpCodeFor), Generation: 1}
	if by.Account != "" {
		a.MadeBy, a.Makers = string(by.Account), append([]ID{by.Account}, by.Makers...)
	}
	a.settle(a.MadeBy, now)
	return a
}

// settle says from when the account may approve what it is now allowed to.
func (a *Account) settle(by string, now time.Time) {
	a.ApprovesAt = now
	if by != Operator {
		a.ApprovesAt = now.Add(Settling)
	}
}

// Living fails for an account that has ended.
func (a *Account) Living() error {
	if !a.EndedAt.IsZero() {
		return ErrEnded
	}
	return nil
}

// WorksAt is from when an account may take and propose anything: another
// account's work only once privacy officers have had the time to hear of it.
func (a *Account) WorksAt() time.Time {
	if a.MadeBy == Operator {
		return a.MadeAt
	}
	return a.MadeAt.Add(Settling)
}

// WithRole is the account in another role.
func (a Account) WithRole(r Role, by string, now time.Time) Account {
	a.Role = r
	a.settle(by, now)
	return a
}

// Forgotten is the account without password and second factor: every session
// is over, and a set-up code is out again.
func (a Account) Forgotten(now time.Time) Account {
	a.Ready, a.SetUpUntil = false, now.Add(setUpCodeFor)
	a.Generation++
	return a
}

// WithCredential is the account after its person has set it up.
func (a Account) WithCredential() Account {
	a.Ready, a.SetUpUntil = true, time.Time{}
	return a
}

// Over is the account at its end, for good.
func (a Account) Over(now time.Time) Account {
	a.Ready, a.SetUpUntil, a.EndedAt = false, time.Time{}, now
	a.Generation++
	return a
}

// Refusals, beside the code that the API gives them.
var (
	ErrUnknownRole     = fault.New(fault.Invalid, "unknown_role", "the roles are handler, lead, auditor, merchant_reviewer and privacy_officer")
	ErrKnownEmail      = fault.New(fault.Conflict, "account_exists", "there is an account with this e-mail address")
	ErrEnded           = fault.New(fault.Conflict, "account_ended", "this account has ended, and does not come back; make a new one")
	ErrSignIn          = fault.New(fault.Unauthenticated, "sign_in_failed", "what was given does not open an account now; after several failures wait some minutes")
	ErrNoSession       = fault.New(fault.Unauthenticated, "unauthenticated", "this needs a session: sign in")
	ErrSessionRequired = fault.New(fault.Denied, "session_required", "this is for a person who has signed in; no key may do it")
	ErrRoleMissing     = fault.New(fault.Denied, "role_missing", "your role may not do that")
	ErrConfirm         = fault.New(fault.Denied, "reauthentication_required", "confirm that it is you, with your password or a new code, and do it again within 5 minutes")
	ErrConfirmation    = fault.New(fault.Denied, "confirmation_failed", "this does not confirm that it is you; after several failures wait some minutes")
	ErrNotYet          = fault.New(fault.Denied, "approval_not_yet", "this account was made or changed by another one less than 24 hours ago, and cannot do that yet")
	ErrOwnAccount      = fault.New(fault.Denied, "own_account", "nobody changes his own account; somebody else has to")
	ErrSetUpCode       = fault.New(fault.Invalid, "set_up_code", "this code was used, is too old, or never was one; ask for a new one")
	ErrWrongCode       = fault.New(fault.Invalid, "wrong_code", "this is not the code that the authenticator shows for this account now")
	ErrBusy            = fault.New(fault.Unavailable, "unavailable", "too many people are signing in; try again in a moment")
)
