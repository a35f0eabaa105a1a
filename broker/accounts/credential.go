package accounts

import (
	"encoding/json"
	"errors"
	"strings"
	"time"

	"bauta.dev/bauta/masking"
)

// Credential is what a person shows who he is by. It is kept sealed.
type Credential struct {
	Password Password
	Secret   masking.Text // of the authenticator
	Handle   []byte       // by which authenticators know the account; none without a passkey
	Passkeys []Passkey
	BoundTo  string    // the provider of identities that opens it as well; empty: none
	BoundAt  time.Time // since when
}

var errCredential = errors.New("accounts: a credential can't be read") // the decoder's words could quote it

type credentialForm struct {
	Password Password      `json:"password"`
	Secret   string        `json:"secret"`
	Handle   []byte        `json:"handle,omitempty"`
	Passkeys []passkeyForm `json:"passkeys,omitempty"`
	BoundTo  string        `json:"bound_to,omitempty"`
	BoundAt  time.Time     `json:"bound_at,omitzero"`
}

type passkeyForm struct {
	ID        []byte    `json:"id"`
	PublicKey []byte    `json:"public_key"`
	Flags     byte      `json:"flags"`
	Counter   uint32    `json:"counter"`
	Name      string    `json:"name"`
	AddedAt   time.Time `json:"added_at"`
}

// Marshal gives the bytes that are sealed.
func (c Credential) Marshal() ([]byte, error) {
	f := credentialForm{Password: c.Password, Secret: c.Secret.Reveal(), Handle: c.Handle, BoundTo: c.BoundTo, BoundAt: c.BoundAt}
	for _, k := range c.Passkeys {
		f.Passkeys = append(f.Passkeys, passkeyForm{k.ID, k.PublicKey, k.Flags, k.Counter, k.Name.Reveal(), k.AddedAt})
	}
	b, err := json.Marshal(f)
	if err != nil {
		return nil, errCredential
	}
	return b, nil
}

// ParseCredential is the inverse of Marshal.
func ParseCredential(b []byte) (Credential, error) {
	var f credentialForm
	if err := json.Unmarshal(b, &f); err != nil {
		return Credential{}, errCredential
	}
	c := Credential{Password: f.Password, Secret: masking.NewText(f.Secret), Handle: f.Handle, BoundTo: f.BoundTo, BoundAt: f.BoundAt}
	for _, k := range f.Passkeys {
		c.Passkeys = append(c.Passkeys, Passkey{k.ID, k.PublicKey, k.Flags, k.Counter, masking.NewText(k.Name), k.AddedAt})
	}
	return c, nil
}

// A set-up code has 120 bits, in four groups that people can read to each other.
const (
	setUpBytes = 15
	setUpGroup = 6
)

// SetUpCode writes 15 bytes that nobody can guess as a code.
func SetUpCode(raw []byte) masking.Text {
	s := encoding.EncodeToString(raw[:setUpBytes])
	var groups []string
	for ; len(s) > setUpGroup; s = s[setUpGroup:] {
		groups = append(groups, s[:setUpGroup])
	}
	return masking.NewText(strings.Join(append(groups, s), "-"))
}

// Spell writes a set-up code out, for who hands it over; nothing else is spelt.
func Spell(code masking.Text) string { return PlainSetUpCode(code).Reveal() }

// SetUpBytes is how many bytes SetUpCode takes.
func SetUpBytes() int { return setUpBytes }

// PlainSetUpCode is what was typed as SetUpCode would have written it: spaces
// and case do not matter, and letters that look like digits are digits.
func PlainSetUpCode(typed masking.Text) masking.Text {
	s := strings.NewReplacer("o", "0", "i", "1", "l", "1", "-", "", " ", "", "\t", "", "\n", "", "\r", "").Replace(strings.ToLower(typed.Reveal()))
	raw, err := encoding.DecodeString(s)
	if err != nil || len(raw) != setUpBytes || encoding.EncodeToString(raw) != s {
		return masking.Text{}
	}
	return SetUpCode(raw)
}
