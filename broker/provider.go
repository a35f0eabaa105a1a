package broker

import (
	"context"
	"encoding/base64"
	"errors"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Errand is one way to the provider of identities and back. Nonce and verifier are
// made from the state and its holder under the pepper, and kept nowhere.
type Errand struct {
	State    []byte
	Nonce    string
	Verifier string    // of the code that the provider gives (RFC 7636)
	BeganAt  time.Time // on the way back
}

func (b *Broker) errand(c Ceremony, holder, state []byte) Errand {
	secret := func(what string) string {
		return base64.RawURLEncoding.EncodeToString(b.pepper().MAC("bauta/accounts/errand/v1", []byte(what), []byte(c), holder, state))
	}
	return Errand{State: state, Nonce: secret("nonce"), Verifier: secret("verifier")}
}

// SendToProvider begins an errand.
func (b *Broker) SendToProvider(ctx context.Context, c Ceremony, holder []byte) (Errand, error) {
	state, err := b.Challenge(ctx, c, holder)
	return b.errand(c, holder, state), err
}

// BackFromProvider takes an errand's state: once, of the same holder, within 5 minutes.
func (b *Broker) BackFromProvider(ctx context.Context, c Ceremony, holder, state []byte) (Errand, error) {
	at, err := b.answered(ctx, c, holder, state, nil)
	e := b.errand(c, holder, state)
	e.BeganAt = at
	return e, err
}

func (b *Broker) identityTag(id *accounts.Identity) []byte {
	return b.pepper().MAC("bauta/accounts/identity/v1", []byte(id.Issuer), []byte(id.Subject))
}

// SignInByProvider opens a session of the account that a person has bound the identity
// to: an address alone opens nothing. It is as fresh as the provider says, which may
// not have asked the person anything for hours.
func (b *Broker) SignInByProvider(ctx context.Context, id *accounts.Identity) (SignedIn, error) {
	r, err := b.Store.AccountByBound(ctx, b.identityTag(id))
	if errors.Is(err, ErrNotFound) || err == nil && (!r.Ready || r.Living() != nil) {
		return SignedIn{}, accounts.ErrSignIn
	}
	if err != nil {
		return SignedIn{}, err
	}
	now := b.now()
	shown := now.Add(-accounts.Freshness)
	if id.ShownAt.After(shown) && !id.ShownAt.After(now) {
		shown = id.ShownAt
	}
	return b.openShown(ctx, r, nil, shown)
}

// sameMoment is what the provider's clock and ours may be apart.
const sameMoment = 10 * time.Second

// shownSince says whether the person has shown the provider who he is on this errand.
func shownSince(id *accounts.Identity, began time.Time) bool {
	return !id.ShownAt.IsZero() && id.ShownAt.After(began.Add(-sameMoment))
}

// ConfirmByProvider makes a session fresh, if the person has shown who he is since the
// errand began, and is who this account is bound to.
func (b *Broker) ConfirmByProvider(ctx context.Context, s *accounts.Session, id *accounts.Identity, began time.Time) (*accounts.Session, error) {
	r, _, err := b.own(ctx, s)
	if err != nil {
		return nil, err
	}
	if r.Bound == nil || string(r.Bound) != string(b.identityTag(id)) || !shownSince(id, began) {
		return nil, accounts.ErrConfirmation
	}
	return b.keepFresh(ctx, s)
}

// BindProvider lets an identity open the account of a session: whose person has just
// shown who he is to us, and now to the provider, which vouches for the account's own
// address.
func (b *Broker) BindProvider(ctx context.Context, s *accounts.Session, id *accounts.Identity, began time.Time) error {
	tag := b.identityTag(id)
	address := b.Store.EmailTag(index(masking.Email, masking.Value{Text: id.Email}))
	if id.Email.IsZero() || !shownSince(id, began) {
		return accounts.ErrIdentity
	}
	if other, err := b.Store.AccountByBound(ctx, tag); err == nil && other.ID != s.Account {
		return accounts.ErrIdentityTaken
	} else if err != nil && !errors.Is(err, ErrNotFound) {
		return err
	}
	return b.changeOwn(ctx, s, accounts.Bound, func(next *AccountRecord, c *accounts.Credential) error {
		switch {
		case string(next.Tag) != string(address):
			return accounts.ErrIdentity
		case next.Bound != nil:
			return accounts.ErrAlreadyBound
		}
		next.Bound, c.BoundTo, c.BoundAt = tag, id.Issuer, b.now()
		return nil
	})
}

// UnbindProvider takes that away again.
func (b *Broker) UnbindProvider(ctx context.Context, s *accounts.Session) error {
	return b.changeOwn(ctx, s, accounts.Unbound, func(next *AccountRecord, c *accounts.Credential) error {
		if next.Bound == nil {
			return ErrNotFound
		}
		next.Bound, c.BoundTo, c.BoundAt = nil, "", time.Time{}
		return nil
	})
}
