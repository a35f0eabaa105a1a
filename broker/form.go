package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/masking"
)

// A session with the registration form is kept here as well as in the browser: what is
// closed opens nothing any more, whoever has a copy of the cookie.

// mostForm is how long one lives, however often it sends something.
const mostForm = 12 * time.Hour

// BeginForm begins a session of a party with the form.
func (b *Broker) BeginForm(ctx context.Context, id PartyID) (masking.Text, error) {
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return masking.Text{}, err
	}
	secret, err := b.randomBytes(passBytes)
	if err != nil {
		return masking.Text{}, err
	}
	s := &Pass{ID: b.hashPass(FormPass, secret), Kind: FormPass, Party: p.Row, EndsAt: b.now().Add(mostForm)}
	return passToken(formPrefix, secret), b.Store.KeepPass(ctx, s)
}

// Form finds whose session a token is; ErrNoVisit for one that was closed.
func (b *Broker) Form(ctx context.Context, token string) (PartyID, error) {
	p, _, err := b.pass(ctx, FormPass, token)
	if errors.Is(err, ErrNotFound) {
		return "", ErrNoVisit
	}
	if err != nil {
		return "", err
	}
	return p.Name, nil
}

// EndForm closes one, if it is open.
func (b *Broker) EndForm(ctx context.Context, token string) error {
	p, _, err := b.pass(ctx, FormPass, token)
	if errors.Is(err, ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	return b.Store.DropPass(ctx, p.ID)
}
