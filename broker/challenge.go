package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// Ceremony is what somebody is asked to show who he is for. A challenge of one is
// none of another.
type Ceremony string

// The ceremonies.
const (
	PasskeySignIn        Ceremony = "passkey/sign_in"
	PasskeyConfirmation  Ceremony = "passkey/confirmation"
	PasskeyAdding        Ceremony = "passkey/adding"
	ProviderSignIn       Ceremony = "provider/sign_in"
	ProviderConfirmation Ceremony = "provider/confirmation"
	ProviderBinding      Ceremony = "provider/binding"
)

const challengeBytes = 32

// ErrUnasked is an answer to what was not asked, not of this browser, too long ago, or
// was answered before: one refusal for all of them.
var ErrUnasked error = because("nobody was asked this: not this browser, too long ago, or it was answered already")

// because is why somebody was refused, for the log alone.
type because string

func (b because) Error() string { return string(b) }

// challengeID names a challenge of who holds something that nobody else does: a
// session, or a cookie. So it says nothing in a table, and is no other browser's.
func (b *Broker) challengeID(c Ceremony, holder, challenge, about []byte) []byte {
	return b.pepper().MAC("bauta/accounts/challenge/v1", []byte(c), holder, challenge, about)
}

// Challenge asks: it can be answered once, by the same holder, within 5 minutes.
func (b *Broker) Challenge(ctx context.Context, c Ceremony, holder []byte) ([]byte, error) {
	return b.challengeAbout(ctx, c, holder, nil)
}

func (b *Broker) challengeAbout(ctx context.Context, c Ceremony, holder, about []byte) ([]byte, error) {
	challenge, err := b.randomBytes(challengeBytes)
	if err != nil {
		return nil, err
	}
	return challenge, b.Store.KeepChallenge(ctx, b.challengeID(c, holder, challenge, about), b.now().Add(accounts.Asked))
}

// answered takes a challenge, and says when it was asked. What was answered, or was
// tried to be, can't be answered again.
func (b *Broker) answered(ctx context.Context, c Ceremony, holder, challenge, about []byte) (asked time.Time, err error) {
	if len(holder) == 0 || len(challenge) != challengeBytes {
		return asked, ErrUnasked
	}
	until, err := b.Store.TakeChallenge(ctx, b.challengeID(c, holder, challenge, about))
	switch {
	case errors.Is(err, ErrNotFound), err == nil && !b.now().Before(until):
		return asked, ErrUnasked
	case err != nil:
		return asked, err
	}
	return until.Add(-accounts.Asked), nil
}
