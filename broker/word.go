package broker

import (
	"context"
	"encoding/base64"
	"time"
)

// Word is a party's own word, as it came with a call: a token that the
// marketplace's identity provider signed for it, or the party's own page. Whoever
// makes one has checked it.
type Word struct {
	Party   PartyID
	Token   []byte    // SHA-256 of the token; nil on the party's own page
	ID      string    // of the token, which is taken once
	Expires time.Time // of the token
}

// What an entry says of whose word it is, if it is no party's.
const (
	assertedByPlatform = "platform"
	assertedOnPage     = "page"
	assertedByToken    = "token:" // and the token's digest
)

// assertedBy is what entries say.
func (c Caller) assertedBy() string {
	switch {
	case c.Word == nil:
		return assertedByPlatform
	case c.Word.Token == nil:
		return assertedOnPage
	default:
		return assertedByToken + base64.StdEncoding.EncodeToString(c.Word.Token)
	}
}

// assertedByParty is what an entry says of a performance: nothing new of one
// that is the platform's own word.
func (c Caller) assertedByParty(by PartyID) string {
	if by == "" {
		return ""
	}
	return c.assertedBy()
}

// speaksFor says whether a call came with the party's own word.
func (c Caller) speaksFor(p PartyID) bool { return c.Word != nil && c.Word.Party == p }

// spends is the word whose token a write takes; nil where there is none.
func (c Caller) spends() *Word {
	if c.Word == nil || c.Word.Token == nil {
		return nil
	}
	return c.Word
}

// spendWord takes the token of a call that leaves no entry, for what is told again or,
// without that, once and for all: a token does its work once, whatever its work is.
func (b *Broker) spendWord(ctx context.Context, w *Word, again *Outcome) error {
	if w == nil || w.Token == nil {
		return nil
	}
	_, err := b.Store.SpendWord(ctx, w, again)
	return err
}
