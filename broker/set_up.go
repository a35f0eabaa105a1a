package broker

import (
	"context"
	"errors"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Enrolment is what an authenticator takes in when an account is set up.
type Enrolment struct {
	Account accounts.ID
	Secret  masking.Text
	Address masking.Text // otpauth:…
}

func (b *Broker) hashSetUp(code masking.Text) []byte {
	return b.pepper().MAC("bauta/accounts/set_up_code/v1", masking.Value{Text: code}.Canonical())
}

// Enrol shows the authenticator's secret to who has the set-up code: the same
// one each time, for it is made from the code and kept nowhere until it is proven.
func (b *Broker) Enrol(ctx context.Context, typed masking.Text, k *Keyed) (Enrolment, bool, error) {
	once := b.outcomeOf(k, b.hashSetUp(accounts.PlainSetUpCode(typed)))
	return replayable(ctx, b, once, func(ctx context.Context) (Enrolment, error) {
		e, err := b.enrol(ctx, typed)
		if err == nil && once != nil {
			err = b.Store.Remember(ctx, once.led("enrolment", string(e.Account), b.now()))
		}
		return e, err
	}, func(ctx context.Context, _ *Outcome) (Enrolment, error) { return b.enrol(ctx, typed) })
}

func (b *Broker) enrol(ctx context.Context, typed masking.Text) (Enrolment, error) {
	r, code, err := b.invited(ctx, typed)
	if err != nil {
		return Enrolment{}, err
	}
	secret := b.enrolmentSecret(r.ID, code)
	return Enrolment{r.ID, secret, accounts.Enrolment(secret, r.ID)}, nil
}

func (b *Broker) enrolmentSecret(id accounts.ID, code masking.Text) masking.Text {
	return accounts.NewSecret(b.pepper().MAC("bauta/accounts/authenticator/v1", []byte(id), masking.Value{Text: code}.Canonical()))
}

func (b *Broker) invited(ctx context.Context, typed masking.Text) (*AccountRecord, masking.Text, error) {
	code := accounts.PlainSetUpCode(typed)
	r, err := b.Store.AccountBySetUp(ctx, b.hashSetUp(code))
	if errors.Is(err, ErrNotFound) || err == nil && (code.IsZero() || !b.now().Before(r.SetUpUntil)) {
		return nil, code, accounts.ErrSetUpCode
	}
	return r, code, err
}

// SetUp takes a person's password and second factor, and signs him in. The code
// is spent; where the second factor does not match it is not.
func (b *Broker) SetUp(ctx context.Context, typed, password, shown masking.Text, k *Keyed) (SignedIn, error) {
	once := b.outcomeOf(k, b.hashSetUp(accounts.PlainSetUpCode(typed)))
	in, replayed, err := replayable(ctx, b, once, func(ctx context.Context) (SignedIn, error) {
		return b.setUp(ctx, typed, password, shown, once)
	}, b.sessionAgain)
	in.Replayed = replayed
	return in, err
}

func (b *Broker) setUp(ctx context.Context, typed, password, shown masking.Text, once *Outcome) (SignedIn, error) {
	r, code, err := b.invited(ctx, typed)
	if err != nil {
		return SignedIn{}, err
	}
	if err := accounts.CheckPassword(password); err != nil {
		return SignedIn{}, err
	}
	c := accounts.Credential{Secret: b.enrolmentSecret(r.ID, code)}
	step, ok := accounts.Match(c.Secret, shown, b.now())
	if !ok {
		return SignedIn{}, accounts.ErrWrongCode
	}
	if c.Password, err = b.hashing.Hash(ctx, b.pepper(), r.ID, password, b.Random); err != nil {
		return SignedIn{}, err
	}
	hash := b.hashSetUp(code)
	next, err := b.changeAccount(ctx, r.ID, change{event: accounts.SetUp, by: string(r.ID), at: b.now()}, func(next *AccountRecord) error {
		if string(next.SetUp) != string(hash) {
			return accounts.ErrSetUpCode // somebody else was first
		}
		next.Account, next.SetUp = next.WithCredential(), nil
		return sealCredential(next, c)
	})
	if err != nil {
		return SignedIn{}, err
	}
	if _, err := b.Store.UseCode(ctx, next.Row, step); err != nil {
		return SignedIn{}, err
	}
	return b.openSession(ctx, next, once)
}
