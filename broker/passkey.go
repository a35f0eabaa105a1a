package broker

import (
	"bytes"
	"context"
	"encoding/hex"
	"errors"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Attestation is what an authenticator says of a passkey that it has made.
type Attestation interface {
	Challenge() []byte
	// Verify gives the passkey, if all of it is as it was asked for by this handle.
	Verify(handle []byte) (accounts.Passkey, error)
}

// Assertion is what an authenticator has signed with a passkey.
type Assertion interface {
	Challenge() []byte
	Handle() []byte  // by which it knows the account; may be empty
	Passkey() []byte // by which it calls the passkey
	// Verify checks it, and gives the authenticator's counter.
	Verify(handle []byte, k *accounts.Passkey) (counter uint32, err error)
}

// What is wrong with a passkey, for the log.
const (
	errCounterWentBack = because("a passkey's counter went back: it was copied, and is removed")
	errNoPasskey       = because("the account has no such passkey")
)

func (b *Broker) handleTag(handle []byte) []byte {
	return b.pepper().MAC("bauta/accounts/handle/v1", handle)
}

func (b *Broker) passkeyTag(id []byte) []byte {
	return b.pepper().MAC("bauta/accounts/passkey/v1", id)
}

// newHandle is the handle of an account that has none yet: made from the challenge of
// its first passkey, so that it need not be kept before there is one.
func (b *Broker) newHandle(challenge []byte) []byte {
	return b.pepper().MAC("bauta/accounts/handle-of/v1", challenge)
}

// PasskeyView is a passkey as its person sees it.
type PasskeyView struct {
	ID      string // tells a person's passkeys apart; it opens nothing
	Name    masking.Text
	AddedAt time.Time
	Day     time.Time // of the last use; zero: none
}

func (b *Broker) passkeyName(id []byte) string { return hex.EncodeToString(b.passkeyTag(id)[:8]) }

// WaysToConfirm are those of the account of a session beside its password: whether it has
// a passkey, and the provider that opens it; empty: none.
func (b *Broker) WaysToConfirm(ctx context.Context, s *accounts.Session) (passkey bool, provider string, err error) {
	_, c, err := b.own(ctx, s)
	return len(c.Passkeys) > 0, c.BoundTo, err
}

// own is the account of a session, with its credential.
func (b *Broker) own(ctx context.Context, s *accounts.Session) (*AccountRecord, accounts.Credential, error) {
	r, err := b.Store.Account(ctx, s.Account)
	if err != nil {
		return nil, accounts.Credential{}, err
	}
	if !r.Ready || r.Generation != s.Generation {
		return nil, accounts.Credential{}, accounts.ErrNoSession
	}
	c, err := openCredential(r)
	return r, c, err
}

// SignInWays are those of an account beside its password.
type SignInWays struct {
	Passkeys []PasskeyView
	BoundTo  string // empty: no provider opens it
	BoundAt  time.Time
}

// OwnWays are those of the account that a session is of, oldest first.
func (b *Broker) OwnWays(ctx context.Context, s *accounts.Session) (SignInWays, error) {
	r, c, err := b.own(ctx, s)
	if err != nil {
		return SignInWays{}, err
	}
	uses, err := b.Store.PasskeyUses(ctx, r.Row)
	w := SignInWays{BoundTo: c.BoundTo, BoundAt: c.BoundAt}
	for _, k := range c.Passkeys {
		v := PasskeyView{ID: b.passkeyName(k.ID), Name: k.Name, AddedAt: k.AddedAt}
		if u := useOf(uses, b.passkeyTag(k.ID)); u != nil {
			v.Day = u.Day
		}
		w.Passkeys = append(w.Passkeys, v)
	}
	return w, err
}

func useOf(uses []accounts.PasskeyUse, tag []byte) *accounts.PasskeyUse {
	for i := range uses {
		if bytes.Equal(uses[i].ID, tag) {
			return &uses[i]
		}
	}
	return nil
}

// PasskeyAsked is what an authenticator is told.
type PasskeyAsked struct {
	Challenge []byte
	Account   accounts.ID
	Handle    []byte   // of the account
	Known     [][]byte // the account's passkeys
}

// AskToAdd begins with a passkey more.
func (b *Broker) AskToAdd(ctx context.Context, s *accounts.Session) (PasskeyAsked, error) {
	_, c, err := b.own(ctx, s)
	switch {
	case err != nil:
		return PasskeyAsked{}, err
	case len(c.Passkeys) >= accounts.MostPasskeys:
		return PasskeyAsked{}, accounts.ErrPasskeys
	}
	a := PasskeyAsked{Account: s.Account, Handle: c.Handle, Known: idsOf(c.Passkeys)}
	if a.Challenge, err = b.challengeAbout(ctx, PasskeyAdding, s.ID, c.Handle); err == nil && a.Handle == nil {
		a.Handle = b.newHandle(a.Challenge)
	}
	return a, err
}

// AskToConfirm begins with a confirmation by a passkey of the account's own.
func (b *Broker) AskToConfirm(ctx context.Context, s *accounts.Session) (PasskeyAsked, error) {
	_, c, err := b.own(ctx, s)
	switch {
	case err != nil:
		return PasskeyAsked{}, err
	case len(c.Passkeys) == 0:
		return PasskeyAsked{}, accounts.ErrNoPasskeys
	}
	a := PasskeyAsked{Account: s.Account, Known: idsOf(c.Passkeys)}
	a.Challenge, err = b.Challenge(ctx, PasskeyConfirmation, s.ID)
	return a, err
}

func idsOf(ks []accounts.Passkey) [][]byte {
	ids := make([][]byte, len(ks))
	for i := range ks {
		ids[i] = ks[i].ID
	}
	return ids
}

// AddPasskey adds one to the account of a session, under a name that
// accounts.CheckPasskeyName has nothing against.
func (b *Broker) AddPasskey(ctx context.Context, s *accounts.Session, name masking.Text, a Attestation) error {
	_, c, err := b.own(ctx, s)
	if err != nil {
		return err
	}
	if _, err := b.answered(ctx, PasskeyAdding, s.ID, a.Challenge(), c.Handle); errors.Is(err, ErrUnasked) {
		return accounts.ErrPasskey.Because(err)
	} else if err != nil {
		return err
	}
	handle := c.Handle
	if handle == nil {
		handle = b.newHandle(a.Challenge())
	}
	k, err := a.Verify(handle)
	if err != nil {
		return accounts.ErrPasskey.Because(err)
	}
	k.Name, k.AddedAt = name, b.now()
	return b.changeOwn(ctx, s, accounts.PasskeyAdded, func(next *AccountRecord, c *accounts.Credential) error {
		switch {
		case c.Handle != nil && !bytes.Equal(c.Handle, handle): // another one was the first meanwhile
			return accounts.ErrPasskey
		case c.Passkey(k.ID) != nil:
			return accounts.ErrPasskeyKnown
		case len(c.Passkeys) >= accounts.MostPasskeys:
			return accounts.ErrPasskeys
		}
		c.Handle, c.Passkeys = handle, append(c.Passkeys, k)
		next.Handle = b.handleTag(handle)
		return nil
	})
}

// RemovePasskey takes one away from the account of a session.
func (b *Broker) RemovePasskey(ctx context.Context, s *accounts.Session, name string) error {
	var gone []byte
	err := b.changeOwn(ctx, s, accounts.PasskeyRemoved, func(next *AccountRecord, c *accounts.Credential) error {
		for i := range c.Passkeys {
			if gone = c.Passkeys[i].ID; b.passkeyName(gone) == name {
				*c = c.Without(gone)
				return nil
			}
		}
		return ErrNotFound
	})
	if err != nil {
		return err
	}
	return b.Store.ForgetPasskeyUse(ctx, Row(s.Row), b.passkeyTag(gone))
}

// changeOwn changes what opens the account of a session, unless a reset or an end has
// been there first.
func (b *Broker) changeOwn(ctx context.Context, s *accounts.Session, e accounts.Event, alter func(*AccountRecord, *accounts.Credential) error) error {
	_, err := b.changeAccount(ctx, s.Account, change{event: e, by: string(s.Account), at: b.now()}, func(next *AccountRecord) error {
		if !next.Ready || next.Generation != s.Generation {
			return accounts.ErrNoSession
		}
		c, err := openCredential(next)
		if err != nil {
			return err
		}
		if err := alter(next, &c); err != nil {
			return err
		}
		return sealCredential(next, c)
	})
	return err
}

// SignInByPasskey opens a session for who has an account's passkey, which has verified
// the person: it is both factors. A lock-out of guesses at a password does not hold it
// up, and it ends none, for there is nothing to guess here.
func (b *Broker) SignInByPasskey(ctx context.Context, holder []byte, a Assertion) (SignedIn, error) {
	if _, err := b.answered(ctx, PasskeySignIn, holder, a.Challenge(), nil); errors.Is(err, ErrUnasked) {
		return SignedIn{}, accounts.ErrSignIn.Because(err)
	} else if err != nil {
		return SignedIn{}, err
	}
	r, err := b.Store.AccountByHandle(ctx, b.handleTag(a.Handle()))
	if errors.Is(err, ErrNotFound) {
		return SignedIn{}, accounts.ErrSignIn
	}
	if err != nil {
		return SignedIn{}, err
	}
	if wrong, err := b.passkeyOpens(ctx, r, a); err != nil {
		return SignedIn{}, err
	} else if wrong != nil {
		return SignedIn{}, accounts.ErrSignIn.Because(wrong)
	}
	return b.openSession(ctx, r, nil)
}

// ConfirmByPasskey makes a session fresh.
func (b *Broker) ConfirmByPasskey(ctx context.Context, s *accounts.Session, a Assertion) (*accounts.Session, error) {
	r, _, err := b.own(ctx, s)
	if err != nil {
		return nil, err
	}
	if _, err := b.answered(ctx, PasskeyConfirmation, s.ID, a.Challenge(), nil); errors.Is(err, ErrUnasked) {
		return nil, accounts.ErrConfirmation.Because(err)
	} else if err != nil {
		return nil, err
	}
	if wrong, err := b.passkeyOpens(ctx, r, a); err != nil {
		return nil, err
	} else if wrong != nil {
		return nil, accounts.ErrConfirmation.Because(wrong)
	}
	return b.keepFresh(ctx, s)
}

// passkeyOpens says what is wrong with an assertion for an account; nil is nothing.
func (b *Broker) passkeyOpens(ctx context.Context, r *AccountRecord, a Assertion) (wrong, err error) {
	if !r.Ready || r.Living() != nil {
		return errNoPasskey, nil
	}
	c, err := openCredential(r)
	if err != nil {
		return nil, err
	}
	k := c.Passkey(a.Passkey())
	if k == nil {
		return errNoPasskey, nil
	}
	counter, wrong := a.Verify(c.Handle, k)
	if wrong != nil {
		return wrong, nil
	}
	advances, err := b.usePasskey(ctx, r.Row, k, counter)
	if err != nil || advances {
		return nil, err
	}
	return errCounterWentBack, b.copied(ctx, r, k)
}

// usePasskey notes a use, and says whether the counter has advanced since the last one.
func (b *Broker) usePasskey(ctx context.Context, account Row, k *accounts.Passkey, counter uint32) (bool, error) {
	return again(ctx, func(ctx context.Context) (bool, error) {
		uses, err := b.Store.PasskeyUses(ctx, account)
		if err != nil {
			return false, err
		}
		next := accounts.PasskeyUse{ID: b.passkeyTag(k.ID), Row: int64(account), Counter: counter, Day: b.now().UTC().Truncate(24 * time.Hour)}
		last := useOf(uses, next.ID)
		if !k.Advances(last, counter) {
			return false, nil
		}
		return true, b.Store.KeepPasskeyUse(ctx, last, &next)
	})
}

// copied removes a passkey of which there are two: nobody knows who has the other one.
func (b *Broker) copied(ctx context.Context, r *AccountRecord, k *accounts.Passkey) error {
	_, err := b.changeAccount(ctx, r.ID, change{event: accounts.PasskeyRemoved, by: assertedByBroker, at: b.now(), reason: "copied"}, func(next *AccountRecord) error {
		if next.Generation != r.Generation || !next.Ready {
			return errTold
		}
		c, err := openCredential(next)
		if err != nil {
			return err
		}
		if c.Passkey(k.ID) == nil {
			return errTold
		}
		return sealCredential(next, c.Without(k.ID))
	})
	if errors.Is(err, errTold) {
		return nil
	}
	return err
}
