package accounts

import (
	"encoding/json"
	"errors"
	"strings"

	"bauta.dev/bauta/masking"
)

// Credential is what a person shows who he is by. It is kept sealed.
type Credential struct {
	Password Password
	Secret   masking.Text // of the authenticator
}

var errCredential = errors.New("accounts: a credential can't be read") // the decoder's words could quote it

type credentialForm struct {
	Password Password `json:"password"`
	Secret   string   `json:"secret"`
}

// Marshal gives the bytes that are sealed.
func (c Credential) Marshal() ([]byte, error) {
	b, err := json.Marshal(credentialForm{c.Password, c.Secret.Reveal()})
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
	return Credential{f.Password, masking.NewText(f.Secret)}, nil
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
