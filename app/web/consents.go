package web

import (
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

// consentBody is what PUT /v1/parties/{id}/consents/{purpose} takes.
type consentBody struct {
	Recipient string   `json:"recipient" validate:"required" docs:"id" description:"the one party who may be given it"`
	Fields    []string `json:"fields" validate:"required" docs:"fields" description:"each by its name"`
	Text      string   `json:"text_sha256" validate:"required" docs:"sha256" description:"of the text that the party was shown, in hexadecimal"`
	Locale    string   `json:"locale" validate:"required,max=35,bcp47_strict_language_tag" description:"that it was shown in, BCP 47"`
	ExpiresAt *moment  `json:"expires_at" validate:"required" description:"within a year"`
}

// everything is what a consent never names.
const everything = "*"

var lowerHex = regexp.MustCompile(`^[0-9a-f]{64}$`)

func (b *consentBody) input() (in broker.Consent, err error) {
	if b.Recipient == everything {
		return in, broker.ErrBlanketConsent.Pointing("/recipient")
	}
	if i := slices.Index(b.Fields, everything); i >= 0 {
		return in, broker.ErrBlanketConsent.Pointing("/fields/" + itoa(i))
	}
	wrong := rules(b)
	if b.Text != "" && !lowerHex.MatchString(b.Text) {
		wrong.add("/text_sha256", "not_a_hash", "give the SHA-256 of the text as 64 digits of 0-9 and a-f")
	}
	if err = wrong.err(); err != nil {
		return in, err
	}
	if err = identify(b.Recipient, "/recipient"); err != nil {
		return in, err
	}
	in = broker.Consent{Recipient: broker.PartyID(b.Recipient), Locale: b.Locale, ExpiresAt: b.ExpiresAt.time()}
	if in.Fields, err = fieldsOf(b.Fields); err != nil {
		return in, err
	}
	text, err := hex.DecodeString(b.Text)
	if err == nil {
		in.Text = [sha256.Size]byte(text)
	}
	return in, err
}

// consentAnswer is a consent that is in force.
type consentAnswer struct {
	Purpose   string    `json:"purpose" validate:"required" docs:"purpose"`
	Recipient string    `json:"recipient" validate:"required" docs:"id"`
	Fields    []string  `json:"fields" validate:"required" docs:"fields"`
	Text      string    `json:"text_sha256" validate:"required" docs:"sha256"`
	Locale    string    `json:"locale" validate:"required"`
	GivenAt   time.Time `json:"given_at" validate:"required"`
	ExpiresAt time.Time `json:"expires_at" validate:"required"`
	Entry     []byte    `json:"leaf_hash" validate:"required" docs:"hash" description:"of the ledger entry that says so"`
}

func showConsent(c *broker.Consent) consentAnswer {
	return consentAnswer{
		Purpose: string(c.Purpose), Recipient: string(c.Recipient), Fields: words(c.Fields), Text: hex.EncodeToString(c.Text[:]),
		Locale: c.Locale, GivenAt: c.GivenAt, ExpiresAt: c.ExpiresAt, Entry: c.Entry,
	}
}

// consentsAnswer lists all that are in force: there are never more than a page.
type consentsAnswer struct {
	Data []consentAnswer `json:"data" validate:"required"`
	Next *string         `json:"next" validate:"required"`
}

// withdrawnAnswer says that a consent is no longer in force.
type withdrawnAnswer struct {
	Purpose   string `json:"purpose" validate:"required" docs:"purpose"`
	Recipient string `json:"recipient" validate:"required" docs:"id"`
	InForce   bool   `json:"in_force" validate:"required"`
}

// consented reads whose consent a path is about, and for what.
func (c *call) consented() (party string, purpose necessity.Purpose, err error) {
	if party, err = c.pathID(); err != nil {
		return "", "", err
	}
	purpose = necessity.Purpose(strings.Clone(c.Params("purpose")))
	switch {
	case purpose == everything || purpose == "%2A" || purpose == "%2a":
		return "", "", broker.ErrBlanketConsent.Pointing("")
	case !slices.Contains(necessity.Purposes(), purpose):
		return "", "", broker.ErrUnknownPurpose.Pointing("")
	}
	return party, purpose, nil
}

// putConsent answers PUT /v1/parties/{id}/consents/{purpose}.
func (s *Server) putConsent(c *call) error {
	party, purpose, err := c.consented()
	if err != nil {
		return err
	}
	body, err := decode[consentBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	if err = c.speaks(party); err != nil {
		return err
	}
	in.Purpose = purpose
	given, created, err := s.Broker.GiveConsent(c.ctx, c.caller(privacy), broker.PartyID(party), in)
	if err != nil {
		return err
	}
	return c.answer(made(created), showConsent(&given))
}

var errNoRecipient = atParameter("/recipient", "required", "say whose consent it is to be: recipient is the party who may no longer be given anything")

// deleteConsent answers DELETE /v1/parties/{id}/consents/{purpose}.
func (s *Server) deleteConsent(c *call) error {
	party, purpose, err := c.consented()
	if err != nil {
		return err
	}
	recipient, named := c.params["recipient"]
	if !named {
		return errNoRecipient
	}
	if err = placed(identify(recipient, "/recipient"), inQuery); err != nil {
		return err
	}
	if err = c.speaks(party); err != nil {
		return err
	}
	if err = s.Broker.WithdrawConsent(c.ctx, c.caller(privacy), broker.PartyID(party), purpose, broker.PartyID(recipient)); err != nil {
		return err
	}
	return c.answer(http.StatusOK, withdrawnAnswer{Purpose: string(purpose), Recipient: recipient})
}

// getConsents answers GET /v1/parties/{id}/consents.
func (s *Server) getConsents(c *call) error {
	party, err := c.pathID()
	if err != nil {
		return err
	}
	in, err := s.Broker.Consents(c.ctx, broker.PartyID(party))
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, consentsAnswer{Data: each(in, showConsent)})
}

// What the OpenAPI document says of consents.

const consentExample = `{"recipient":"s-1","fields":["name","phone"],"text_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"locale":"pt-BR","expires_at":"2017-06-30T00:00:00Z"}`

const consentAnswerExample = `{"purpose":"deliver","recipient":"s-1","fields":["name","phone"],
"text_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","locale":"pt-BR","given_at":"2017-01-05T16:34:00Z",
"expires_at":"2017-06-30T00:00:00Z","leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`

func doPutConsent() operation {
	return operation{
		id: "putConsent", acts: "`id`", tag: "parties", summary: "A party permits one recipient something, for one purpose (clause 3a)",
		description: "It takes the party's own token in Bauta-Party; without --party-keys it is 403 consent_unattested. It takes the place of an earlier one for the same " +
			"recipient and purpose; grants that rested on more end at once. The same call again, with the same token, is a retry: 200, and nothing is written.",
		request: consentBody{}, example: consentExample, refuses: []int{http.StatusNotFound},
		answers: []answered{
			{status: http.StatusCreated, body: consentAnswer{}, example: consentAnswerExample},
			{status: http.StatusOK, body: consentAnswer{}, example: consentAnswerExample},
		},
	}
}

func doDeleteConsent() operation {
	return operation{
		id: "deleteConsent", acts: "`id`", tag: "parties", summary: "A party withdraws a consent, and every grant on it ends at once",
		description: "The same again is 200 again, with the same token too. Without --party-keys it is the platform's word.",
		refuses:     []int{http.StatusNotFound},
		answers: []answered{{
			status: http.StatusOK, body: withdrawnAnswer{}, example: `{"purpose":"deliver","recipient":"s-1","in_force":false}`,
		}},
	}
}

func doGetConsents() operation {
	return operation{
		id: "getConsents", tag: "parties", summary: "The consents of a party that are in force, newest first",
		answers: []answered{{status: http.StatusOK, body: consentsAnswer{}, example: `{"data":[` + consentAnswerExample + `],"next":null}`}},
	}
}
