// Package passkeys decides whether what an authenticator says of a passkey, or has
// signed with one, is what it was asked for: by this broker's own pages, for this
// challenge, with the person verified. It keeps nothing, and knows nobody.
package passkeys

import (
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/protocol/webauthncose"
	"github.com/go-webauthn/webauthn/webauthn"

	"bauta.dev/bauta/broker/accounts"
)

// Site is the place that passkeys are for: a name, which browsers hold them to.
type Site struct {
	library *webauthn.WebAuthn
}

// ErrNoSite is an address at which browsers make no passkeys.
var ErrNoSite = errors.New("passkeys: browsers make them for a name and over TLS, or for localhost; this address is neither")

// At is the site at a URL.
func At(publicURL string) (*Site, error) {
	u, err := url.Parse(publicURL)
	if err != nil || u.Hostname() == "" || net.ParseIP(u.Hostname()) != nil || u.Scheme != "https" && u.Hostname() != "localhost" {
		return nil, ErrNoSite
	}
	library, err := webauthn.New(&webauthn.Config{
		RPID: u.Hostname(), RPDisplayName: "Bauta", RPOrigins: []string{u.Scheme + "://" + u.Host},
		AttestationPreference: protocol.PreferNoAttestation,
		// What an authenticator adds unasked is not read.
		ExtensionsUnsolicitedOutputPolicy: protocol.UnsolicitedOutputPolicyIgnore,
	})
	if err != nil {
		return nil, fmt.Errorf("passkeys: %w", err)
	}
	return &Site{library}, nil
}

// answerableFor is how long a browser waits for its person, in milliseconds.
const answerableFor = int(accounts.Asked / 1e6)

// Descriptor names a passkey to a browser.
type Descriptor struct {
	Type string `json:"type"`
	ID   string `json:"id"`
}

// Creation is what a browser is asked for a new passkey with. Bytes are base64url.
type Creation struct {
	Challenge string `json:"challenge"`
	RP        struct {
		ID   string `json:"id"`
		Name string `json:"name"`
	} `json:"rp"`
	User struct {
		ID          string `json:"id"`
		Name        string `json:"name"`
		DisplayName string `json:"displayName"`
	} `json:"user"`
	Parameters []Parameter  `json:"pubKeyCredParams"`
	Exclude    []Descriptor `json:"excludeCredentials"`
	Selection  struct {
		ResidentKey      string `json:"residentKey"`
		RequireResident  bool   `json:"requireResidentKey"`
		UserVerification string `json:"userVerification"`
	} `json:"authenticatorSelection"`
	Attestation string `json:"attestation"`
	Timeout     int    `json:"timeout"`
}

// Parameter is a kind of key that we can check.
type Parameter struct {
	Type      string `json:"type"`
	Algorithm int    `json:"alg"`
}

// algorithms: ES256, EdDSA and RS256, which all authenticators have one of.
func algorithms() []int { return []int{-7, -8, -257} }

// AskToMake asks for a passkey that finds the account by itself and verifies its
// person. The account is called by its id: the address is nobody's business there.
func (s *Site) AskToMake(challenge, handle []byte, account string, known [][]byte) Creation {
	c := Creation{Challenge: plain(challenge), Exclude: describe(known), Attestation: "none", Timeout: answerableFor}
	c.RP.ID, c.RP.Name = s.library.Config.RPID, s.library.Config.RPDisplayName
	c.User.ID, c.User.Name, c.User.DisplayName = plain(handle), account, account
	c.Selection.ResidentKey, c.Selection.RequireResident, c.Selection.UserVerification = "required", true, "required"
	for _, a := range algorithms() {
		c.Parameters = append(c.Parameters, Parameter{"public-key", a})
	}
	return c
}

// Request is what a browser is asked for a passkey with that there is.
type Request struct {
	Challenge        string       `json:"challenge"`
	RP               string       `json:"rpId"`
	Allow            []Descriptor `json:"allowCredentials"`
	UserVerification string       `json:"userVerification"`
	Timeout          int          `json:"timeout"`
}

// AskFor asks for one of some passkeys; without any, for whichever the person has.
func (s *Site) AskFor(challenge []byte, known [][]byte) Request {
	return Request{plain(challenge), s.library.Config.RPID, describe(known), "required", answerableFor}
}

func plain(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func describe(ids [][]byte) []Descriptor {
	all := []Descriptor{}
	for _, id := range ids {
		all = append(all, Descriptor{"public-key", plain(id)})
	}
	return all
}

// What is wrong, for the log. The library's words could quote what a browser sent.
const (
	errUnreadable = trouble("an authenticator's answer can't be read")
	errRefused    = trouble("an authenticator's answer is not what it was asked for")
)

type trouble string

func (t trouble) Error() string { return string(t) }

// asked is what the library compares an answer with: the challenge of the answer
// itself, of which who calls Verify has made sure that it was asked.
func asked(challenge string, handle []byte) webauthn.SessionData {
	d := webauthn.SessionData{Challenge: challenge, UserID: handle, UserVerification: protocol.VerificationRequired}
	for _, a := range algorithms() {
		d.CredParams = append(d.CredParams, protocol.CredentialParameter{Type: protocol.PublicKeyCredentialType, Algorithm: webauthncose.COSEAlgorithmIdentifier(a)})
	}
	return d
}

// user is an account as the library knows it.
type user struct {
	handle      []byte
	credentials []webauthn.Credential
}

func (u *user) WebAuthnID() []byte                         { return u.handle }
func (u *user) WebAuthnName() string                       { return "" }
func (u *user) WebAuthnDisplayName() string                { return "" }
func (u *user) WebAuthnCredentials() []webauthn.Credential { return u.credentials }

func challengeOf(c *protocol.CollectedClientData) []byte {
	raw, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(c.Challenge, "="))
	if err != nil {
		return nil // which nobody was asked
	}
	return raw
}

// Attestation is an answer to AskToMake.
type Attestation struct {
	site   *Site
	parsed *protocol.ParsedCredentialCreationData
}

// ReadAttestation reads what a browser sends, as JSON.
func (s *Site) ReadAttestation(body []byte) (*Attestation, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(body)
	if err != nil {
		return nil, errUnreadable
	}
	return &Attestation{s, parsed}, nil
}

// Challenge is what it answers.
func (a *Attestation) Challenge() []byte { return challengeOf(&a.parsed.Response.CollectedClientData) }

// Verify gives the passkey.
func (a *Attestation) Verify(handle []byte) (accounts.Passkey, error) {
	c, err := a.site.library.CreateCredential(&user{handle: handle}, asked(a.parsed.Response.CollectedClientData.Challenge, handle), a.parsed)
	if err != nil {
		return accounts.Passkey{}, errRefused
	}
	return accounts.Passkey{ID: c.ID, PublicKey: c.PublicKey, Flags: byte(c.Flags.ProtocolValue()), Counter: c.Authenticator.SignCount}, nil
}

// Assertion is an answer to AskFor.
type Assertion struct {
	site   *Site
	parsed *protocol.ParsedCredentialAssertionData
}

// ReadAssertion reads what a browser sends, as JSON.
func (s *Site) ReadAssertion(body []byte) (*Assertion, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(body)
	if err != nil {
		return nil, errUnreadable
	}
	return &Assertion{s, parsed}, nil
}

// Challenge is what it answers.
func (a *Assertion) Challenge() []byte { return challengeOf(&a.parsed.Response.CollectedClientData) }

// Handle is by which the authenticator knows the account.
func (a *Assertion) Handle() []byte { return a.parsed.Response.UserHandle }

// Passkey is by which it calls the passkey.
func (a *Assertion) Passkey() []byte { return a.parsed.RawID }

// Verify checks what was signed, and gives the counter.
func (a *Assertion) Verify(handle []byte, k *accounts.Passkey) (uint32, error) {
	u := &user{handle: handle, credentials: []webauthn.Credential{{
		ID: k.ID, PublicKey: k.PublicKey, Flags: webauthn.NewCredentialFlags(protocol.AuthenticatorFlags(k.Flags)),
	}}}
	if _, err := a.site.library.ValidateLogin(u, asked(a.parsed.Response.CollectedClientData.Challenge, handle), a.parsed); err != nil {
		return 0, errRefused
	}
	return a.parsed.Response.AuthenticatorData.Counter, nil
}
