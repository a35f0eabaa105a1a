package broker

import (
	"cmp"
	"context"
	"errors"
	"strings"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// SignIn is what a person shows who he is by.
type SignIn struct {
	Email    masking.Text // as masking.Normalize leaves it
	Password masking.Text
	Code     masking.Text // of the authenticator
}

// SignedIn is a session with its token, which is said once and kept nowhere.
type SignedIn struct {
	*accounts.Session
	Token    masking.Text
	Replayed bool // it is that of the first answer to the same idempotency key
}

// SignIn opens a session. An address that nobody has, a wrong password, a wrong
// or used code and an account that is locked, ended or not set up are one
// refusal, after the same two round trips and one hash; with an idempotency key one
// trip more, for all of them. A retry of what signed in before needs the password as
// well, and neither counts as an attempt nor ends a run of failures.
func (b *Broker) SignIn(ctx context.Context, in SignIn, k *Keyed) (SignedIn, error) {
	tag := b.Store.EmailTag(index(masking.Email, masking.Value{Text: in.Email}))
	once := b.outcomeOf(k, tag)
	leave, err := b.turn(ctx, once)
	if err != nil {
		return SignedIn{}, err
	}
	defer leave()
	a, err := b.Store.Attempt(ctx, tag)
	if err != nil {
		return SignedIn{}, err
	}
	first, err := b.before(ctx, once)
	if err != nil {
		return SignedIn{}, err
	}
	p, err := b.prove(ctx, a.Account, in.Password, in.Code)
	switch {
	case err != nil:
		return SignedIn{}, err
	case !p.password || !a.Allowed:
		return SignedIn{}, accounts.ErrSignIn
	case once.repeats(first):
		return b.signInAgain(ctx, tag, a, first)
	case !p.code:
		return SignedIn{}, accounts.ErrSignIn
	case first != nil: // told to nobody who could not sign in
		return SignedIn{}, errors.Join(b.Store.Uncount(ctx, tag, a), ErrMismatch)
	}
	if unused, err := b.Store.UseCode(ctx, a.Account.Row, p.step); err != nil {
		return SignedIn{}, err
	} else if !unused {
		if first, err = b.before(ctx, once); err == nil && once.repeats(first) { // at another broker, just now
			return b.signInAgain(ctx, tag, a, first)
		}
		return SignedIn{}, cmp.Or(err, error(accounts.ErrSignIn))
	}
	if err := b.settleAttempt(ctx, a, tag, in.Password); err != nil {
		return SignedIn{}, err
	}
	return b.openSession(ctx, a.Account, once)
}

func (b *Broker) signInAgain(ctx context.Context, tag []byte, a *Attempt, first *Outcome) (SignedIn, error) {
	if err := b.Store.Uncount(ctx, tag, a); err != nil {
		return SignedIn{}, err
	}
	return b.sessionAgain(ctx, first)
}

// proof is what of a sign-in is right.
type proof struct {
	password, code bool
	step           int64 // that the code is of
}

// prove compares password and code with those of an account, for the price of
// a password whether there is one or not.
func (b *Broker) prove(ctx context.Context, r *AccountRecord, password, code masking.Text) (p proof, err error) {
	var id accounts.ID
	var c accounts.Credential
	var kept *accounts.Password
	if r != nil && r.Ready && r.Living() == nil {
		if c, err = openCredential(r); err != nil {
			return p, err
		}
		id, kept = r.ID, &c.Password
	}
	if p.password, err = b.hashing.Check(ctx, b.pepper(), id, password, kept); err == nil {
		p.step, p.code = accounts.Match(c.Secret, code, b.now())
	}
	return p, err
}

func openCredential(r *AccountRecord) (accounts.Credential, error) {
	plain, err := r.Key.Open(r.Credential, []byte("credential/"+r.ID))
	if err != nil {
		return accounts.Credential{}, err
	}
	return accounts.ParseCredential(plain)
}

func sealCredential(r *AccountRecord, c accounts.Credential) (err error) {
	plain, err := c.Marshal()
	if err != nil {
		return err
	}
	r.Credential, err = r.Key.Seal(plain, []byte("credential/"+r.ID))
	return err
}

// settleAttempt is what a success has to put in order: a lock-out that no entry
// tells of yet, the run of failures, a hash with yesterday's parameters.
func (b *Broker) settleAttempt(ctx context.Context, a *Attempt, tag []byte, password masking.Text) error {
	if a.Failures > accounts.LockedFrom {
		if err := b.tellLock(ctx, a); err != nil {
			return err
		}
	}
	if err := b.Store.Forgive(ctx, tag); err != nil {
		return err
	}
	c, err := openCredential(a.Account)
	if err != nil || password.IsZero() || !b.hashing.Old(&c.Password) {
		return err
	}
	if c.Password, err = b.hashing.Hash(ctx, b.pepper(), a.Account.ID, password, b.Random); err != nil {
		return err
	}
	_, err = b.changeAccount(ctx, a.Account.ID, change{event: accounts.HashRenewed, by: string(a.Account.ID), at: b.now()}, func(next *AccountRecord) error {
		if next.Generation != a.Account.Generation {
			return accounts.ErrSignIn
		}
		return sealCredential(next, c)
	})
	return err
}

// TellLocks writes an entry for each account that failures keep locked and that
// no entry tells of yet. It is done beside, not in the sign-in that failed: for
// an address that nobody has there would be nothing to write, and the time of the
// answer would say so.
func (b *Broker) TellLocks(ctx context.Context) error {
	locked, err := b.Store.LockedOut(ctx)
	if err != nil {
		return err
	}
	for _, a := range locked {
		err = errors.Join(err, b.tellLock(ctx, a))
	}
	return err
}

func (b *Broker) tellLock(ctx context.Context, a *Attempt) error {
	_, err := b.changeAccount(ctx, a.Account.ID, change{event: accounts.Locked, by: assertedByBroker, at: b.now()}, func(next *AccountRecord) error {
		if !a.Since.After(next.LockedAt) || next.Living() != nil {
			return errTold
		}
		next.LockedAt = a.Since
		return nil
	})
	if errors.Is(err, errTold) {
		return nil
	}
	return err
}

// assertedByBroker is who locks an account: nobody in person.
const assertedByBroker = "broker"

var errTold = errors.New("broker: an entry tells of it already")

const tokenPrefix = "bst_"

const tokenBytes = 32

func (b *Broker) hashToken(raw []byte) []byte {
	return b.pepper().MAC("bauta/accounts/session/v1", raw)
}

// IsSessionToken says whether a credential looks like a session's, and so like no key's.
func IsSessionToken(presented string) bool { return strings.HasPrefix(presented, tokenPrefix) }

// Session finds the session that a token opens, with its account as it is now.
func (b *Broker) Session(ctx context.Context, presented string) (*accounts.Session, error) {
	raw, err := idEncoding.DecodeString(strings.TrimPrefix(presented, tokenPrefix))
	if err != nil || !IsSessionToken(presented) || len(raw) != tokenBytes {
		return nil, accounts.ErrNoSession
	}
	s, a, err := b.Store.Session(ctx, b.hashToken(raw))
	if errors.Is(err, ErrNotFound) {
		return nil, accounts.ErrNoSession
	}
	if err != nil {
		return nil, err
	}
	if !s.Live(b.now(), a) {
		return nil, accounts.ErrNoSession
	}
	return b.touch(ctx, s)
}

// Confirm makes a session fresh, by the account's password or a code of its
// authenticator. Failures count as those of signing in do. A retry shows the session
// as it is, and makes nothing fresh.
func (b *Broker) Confirm(ctx context.Context, s *accounts.Session, password, code masking.Text, once *Outcome) (SignedIn, error) {
	fresh, replayed, err := replayable(ctx, b, once, func(ctx context.Context) (*accounts.Session, error) {
		fresh, err := b.confirm(ctx, s, password, code)
		if err == nil && once != nil {
			err = b.Store.Remember(ctx, once.led("confirmation", string(s.Account), b.now()))
		}
		return fresh, err
	}, func(context.Context, *Outcome) (*accounts.Session, error) { return s, nil })
	return SignedIn{Session: fresh, Replayed: replayed}, err
}

func (b *Broker) confirm(ctx context.Context, s *accounts.Session, password, code masking.Text) (*accounts.Session, error) {
	r, err := b.Store.Account(ctx, s.Account)
	if err != nil {
		return nil, err
	}
	a, err := b.Store.Attempt(ctx, r.Tag)
	if err != nil {
		return nil, err
	}
	ok, err := b.confirms(ctx, r, password, code)
	if err != nil {
		return nil, err
	}
	if !ok || !a.Allowed {
		return nil, accounts.ErrConfirmation
	}
	a.Account = r
	if err := b.settleAttempt(ctx, a, r.Tag, password); err != nil {
		return nil, err
	}
	return b.keepFresh(ctx, s)
}

func (b *Broker) confirms(ctx context.Context, r *AccountRecord, password, code masking.Text) (bool, error) {
	c, err := openCredential(r)
	if err != nil {
		return false, err
	}
	if !password.IsZero() {
		return b.hashing.Check(ctx, b.pepper(), r.ID, password, &c.Password)
	}
	step, ok := accounts.Match(c.Secret, code, b.now())
	if !ok {
		return false, nil
	}
	return b.Store.UseCode(ctx, r.Row, step)
}

func (b *Broker) keepFresh(ctx context.Context, s *accounts.Session) (*accounts.Session, error) {
	return again(ctx, func(ctx context.Context) (*accounts.Session, error) {
		now, _, err := b.Store.Session(ctx, s.ID)
		if errors.Is(err, ErrNotFound) {
			return nil, accounts.ErrNoSession
		}
		if err != nil {
			return nil, err
		}
		fresh := *now
		fresh.ConfirmedAt, fresh.SeenAt = b.now(), b.now()
		return &fresh, b.Store.KeepSession(ctx, now, &fresh)
	})
}

// SignOut ends one of the sessions of the account that s is of; s itself, as a rule.
func (b *Broker) SignOut(ctx context.Context, s *accounts.Session, id []byte) error {
	return b.Store.CloseSession(ctx, Row(s.Row), id)
}

// OwnSessions are those of the account that s is of, which still live.
func (b *Broker) OwnSessions(ctx context.Context, s *accounts.Session) ([]accounts.Session, error) {
	all, err := b.Store.Sessions(ctx, Row(s.Row))
	live := make([]accounts.Session, 0, len(all))
	for i := range all {
		if b.now().Before(all[i].EndsAt()) && all[i].Generation == s.Generation {
			live = append(live, all[i])
		}
	}
	return live, err
}
