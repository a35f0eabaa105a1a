package web

import (
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// PartyTokens checks what a party signed: a token, and the request that it is
// bound to. What is wrong with a token is broker.ErrPartyTokenInvalid, whatever it is.
type PartyTokens interface {
	Check(token, method, target string, body []byte) (*broker.Word, error)
}

// headerParty carries a party's own signed token.
const headerParty = "Bauta-Party"

var (
	errPartyTokenRequired = fault.New(fault.Unauthenticated, "party_token_required", "this acts for a party: send that party's own token in the header Bauta-Party")
	errPartyMismatch      = fault.New(fault.Denied, "party_mismatch", "the token in Bauta-Party is another party's than the one that this acts for")
	errPartyTokensOff     = fault.New(fault.Invalid, "party_tokens_off", "this broker does not check Bauta-Party, and takes no call with it: it was started without --party-keys")
)

// unchecked refuses a token that nobody would look at: what was signed must not
// be taken for something that was checked.
func (c *call) unchecked() error {
	if c.server.PartyTokens == nil && len(c.Request().Header.Peek(headerParty)) > 0 {
		return errPartyTokensOff
	}
	return nil
}

// speaks makes sure that the party for whom a call acts has signed it, where
// parties sign for themselves. It comes before anything is looked up, so it
// tells nothing of what there is.
func (c *call) speaks(party string) error {
	if c.server.PartyTokens == nil {
		return nil
	}
	tokens := c.Request().Header.PeekAll(headerParty)
	if len(tokens) == 0 {
		return errPartyTokenRequired
	}
	if len(tokens) > 1 {
		return broker.ErrPartyTokenInvalid
	}
	target := string(c.Request().Header.RequestURI())
	word, err := c.server.PartyTokens.Check(string(tokens[0]), strings.Clone(c.Method()), target, c.Request().Body())
	if err != nil {
		return err
	}
	if string(word.Party) != party {
		return errPartyMismatch
	}
	c.word = word
	return nil
}
