package accounts

import (
	"bytes"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Passkey is one of a person's own: a pair of keys, of which an authenticator has the
// private one and lets nobody use it but who shows it a finger, a face or a PIN.
type Passkey struct {
	ID        []byte // as the authenticator calls it
	PublicKey []byte // COSE
	Flags     byte   // of the authenticator's data when it was added
	Counter   uint32 // likewise
	Name      masking.Text
	AddedAt   time.Time
}

// Bounds of passkeys.
const (
	MostPasskeys = 5
	longestName  = 64
	// Asked is for how long a challenge can be answered.
	Asked = 5 * time.Minute
)

// PasskeyUse is how far a passkey's counter had come when it was last used.
type PasskeyUse struct {
	ID      []byte // the keyed hash of the passkey's
	Row     int64  // the account's, as the store numbers it
	Counter uint32
	Day     time.Time
}

// Advances says whether a counter is further than it was the last time: a copy of
// the authenticator is behind it, or leaves it behind. An authenticator that counts
// nothing always says 0.
func (k *Passkey) Advances(last *PasskeyUse, counter uint32) bool {
	before := k.Counter
	if last != nil {
		before = last.Counter
	}
	return counter > before || counter == 0 && before == 0
}

// CheckPasskeyName says what is wrong with what a person calls a passkey.
func CheckPasskeyName(name masking.Text) error {
	s := name.Reveal()
	switch {
	case strings.TrimSpace(s) == "":
		return fault.At("/name", "required", "this is missing")
	case utf8.RuneCountInString(s) > longestName || !utf8.ValidString(s) || strings.ContainsFunc(s, unicode.IsControl):
		return fault.At("/name", "passkey_name", "a name has at most 64 characters, on one line")
	}
	return nil
}

// Passkey finds one by what its authenticator calls it; nil without.
func (c *Credential) Passkey(id []byte) *Passkey {
	for i := range c.Passkeys {
		if bytes.Equal(c.Passkeys[i].ID, id) {
			return &c.Passkeys[i]
		}
	}
	return nil
}

// Without is the credential without one of its passkeys.
func (c Credential) Without(id []byte) Credential {
	var left []Passkey
	for _, k := range c.Passkeys {
		if !bytes.Equal(k.ID, id) {
			left = append(left, k)
		}
	}
	c.Passkeys = left
	return c
}

// Identity is who somebody is to a provider of identities that the operator trusts.
type Identity struct {
	Issuer, Subject string
	Email           masking.Text // which the provider has verified; zero without
	ShownAt         time.Time    // when the person last showed the provider who he is; zero: it does not say
}

// Refusals about passkeys and identities.
var (
	ErrPasskeys       = fault.New(fault.Conflict, "passkeys_full", "an account has at most 5 passkeys; remove one first")
	ErrPasskeyKnown   = fault.New(fault.Conflict, "passkey_exists", "this passkey is one of the account's already")
	ErrPasskey        = fault.New(fault.Invalid, "passkey_failed", "this passkey could not be added; begin again")
	ErrNoPasskeys     = fault.New(fault.NotFound, "not_found", "there is no such thing, or not for you")
	ErrIdentity       = fault.New(fault.Denied, "identity_mismatch", "the provider does not vouch for this account's own e-mail address, or for who you are just now; nothing was changed")
	ErrIdentityTaken  = fault.New(fault.Conflict, "identity_taken", "this sign-in opens another account already; take it away there first")
	ErrAlreadyBound   = fault.New(fault.Conflict, "already_bound", "this account is opened by another sign-in already; take that one away first")
	ErrProviderAbsent = fault.New(fault.Unavailable, "unavailable", "the provider does not answer now; sign in with your password and a code, or try again in a moment")
)
