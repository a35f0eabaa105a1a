package broker

import (
	"context"
	"encoding/base64"
	"errors"
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

// repeat takes the token of a PUT or a DELETE that would change nothing, for what it
// says is so already. A token is bound to one call, method, path and body: if that
// very token has made it so, or has been told that it is, then this is a retry.
func (b *Broker) repeat(ctx context.Context, c Caller) error {
	w := c.spends()
	if w == nil {
		return nil
	}
	_, err := b.Store.SpendWord(ctx, w, &Outcome{Key: [16]byte(w.Token)})
	if !errors.Is(err, ErrTokenUsed) {
		return err
	}
	index, lookup := b.Store.TakenFor(ctx, w)
	if errors.Is(lookup, ErrNotFound) {
		return err
	}
	if lookup != nil {
		return lookup
	}
	st, lookup := b.Store.StatementAt(ctx, index)
	if lookup != nil || st.Members.String("asserted_by") == c.assertedBy() {
		return lookup
	}
	return err
}

// retried is again for a PUT or a DELETE that takes a token. Where that is found
// taken, the same call may have been under way: then what it says is so by now, and
// a second look finds that.
func retried[T any](ctx context.Context, do func(context.Context) (T, error)) (T, error) {
	v, err := again(ctx, do)
	if errors.Is(err, ErrTokenUsed) {
		return again(ctx, do)
	}
	return v, err
}
