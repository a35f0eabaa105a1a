package broker

import (
	"bytes"
	"context"
	"errors"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// AccountView is an account as those who watch over accounts see it.
type AccountView struct {
	accounts.Account
	Email string // its mask
	// SetUpCode is shown to who made the account, and to nobody after.
	SetUpCode masking.Text
}

func (b *Broker) viewAccount(r *AccountRecord, code masking.Text) (AccountView, error) {
	hint, err := b.emailHint(r)
	return AccountView{Account: r.Account, Email: hint, SetUpCode: code}, err
}

// mayGovern fails unless a session may make, change and end accounts of all
// these roles. The operator's own hand may.
func (b *Broker) mayGovern(s *accounts.Session, roles ...accounts.Role) error {
	if s == nil {
		return nil
	}
	for _, r := range roles {
		if !s.Role.Governs(r) {
			return accounts.ErrRoleMissing
		}
	}
	if !s.MayApprove(b.now()) {
		return accounts.ErrNotYet
	}
	return nil
}

// AddAccount makes an account without a password, and a code with which its
// person sets it up. email is as masking.Normalize leaves it.
func (b *Broker) AddAccount(ctx context.Context, s *accounts.Session, email masking.Text, role accounts.Role, once *Outcome) (AccountView, bool, error) {
	if err := b.mayGovern(s, role); err != nil {
		return AccountView{}, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (AccountView, error) {
		return again(ctx, func(ctx context.Context) (AccountView, error) { return b.addAccount(ctx, s, email, role, once) })
	}, b.replayAccount)
}

func (b *Broker) addAccount(ctx context.Context, s *accounts.Session, email masking.Text, role accounts.Role, once *Outcome) (AccountView, error) {
	value, now := masking.Value{Text: email}, b.now()
	tag := b.Store.EmailTag(index(masking.Email, value))
	if _, err := b.Store.AccountByTag(ctx, tag); err == nil {
		return AccountView{}, accounts.ErrKnownEmail
	} else if !errors.Is(err, ErrNotFound) {
		return AccountView{}, err
	}
	id, err := accounts.NewID(now, b.Random)
	if err != nil {
		return AccountView{}, err
	}
	r := &AccountRecord{Account: accounts.New(id, role, s.Maker(), now), Tag: tag}
	if r.Row, err = b.Store.NewRow(ctx); err != nil {
		return AccountView{}, err
	}
	if r.Key, err = masking.NewKey(b.Random); err != nil {
		return AccountView{}, err
	}
	if err := b.sealEmail(r, value); err != nil {
		return AccountView{}, err
	}
	code, err := b.setUpCode(id, once)
	if err != nil {
		return AccountView{}, err
	}
	r.SetUp = b.hashSetUp(code)
	if err := b.writeAccount(ctx, r, change{event: accounts.Made, by: by(s), at: now, once: once}); err != nil {
		return AccountView{}, err
	}
	return b.viewAccount(r, code)
}

func (b *Broker) sealEmail(r *AccountRecord, v masking.Value) error {
	l := masking.Label{Origin: b.Origin, Owner: AccountLabel(r.ID), Field: masking.Email, Version: 1}
	sealed, err := masking.SealValue(r.Key, l, v, b.Random)
	if err != nil {
		return err
	}
	r.Email = append(bytes.Clone(sealed.Commitment), sealed.Value...)
	r.Mask, err = masking.SealMasks(r.Key, maskLabel(b.Origin, AccountLabel(r.ID), 1), map[masking.Field]string{masking.Email: masking.Mask(masking.Email, v)})
	return err
}

// setUpCode makes a code from chance, or from an idempotency key, so that a
// retry is told the same one.
func (b *Broker) setUpCode(id accounts.ID, once *Outcome) (masking.Text, error) {
	if once != nil {
		return accounts.SetUpCode(b.pepper().MAC("bauta/accounts/set_up/v1", once.Key[:], []byte(id))), nil
	}
	raw, err := b.randomBytes(accounts.SetUpBytes())
	if err != nil {
		return masking.Text{}, err
	}
	return accounts.SetUpCode(raw), nil
}

// replayAccount shows the code again for as long as values are, if it is still out.
func (b *Broker) replayAccount(ctx context.Context, o *Outcome) (AccountView, error) {
	r, err := b.Store.Account(ctx, accounts.ID(o.ID))
	if err != nil {
		return AccountView{}, err
	}
	code, err := b.setUpCode(r.ID, o)
	if err != nil || b.now().After(o.At.Add(replayWindow)) || !bytes.Equal(b.hashSetUp(code), r.SetUp) {
		code = masking.Text{}
	}
	return b.viewAccount(r, code)
}

// ResetAccount takes password, second factor, passkeys and a provider's sign-in away,
// ends all sessions and makes a new set-up code: the way back for who has lost either. It is the
// operator's alone, for whoever resets an account can then be it.
func (b *Broker) ResetAccount(ctx context.Context, id accounts.ID) (AccountView, error) {
	code, err := b.setUpCode(id, nil)
	if err != nil {
		return AccountView{}, err
	}
	now := b.now()
	r, err := b.changeAccount(ctx, id, change{event: accounts.Reset, by: accounts.Operator, at: now}, func(next *AccountRecord) error {
		next.Account, next.Credential, next.SetUp = next.Forgotten(now), nil, b.hashSetUp(code)
		next.Handle, next.Bound = nil, nil
		return next.Living()
	})
	if err != nil {
		return AccountView{}, err
	}
	return b.viewAccount(r, code)
}

// AccountReasons are the codes that an account can be ended for.
func AccountReasons() []string { return []string{"left", "misuse", "mistake", "other"} }

// EndAccount ends an account for good, with all its sessions.
func (b *Broker) EndAccount(ctx context.Context, s *accounts.Session, id accounts.ID, reason string, once *Outcome) (AccountView, bool, error) {
	return b.govern(ctx, s, id, change{event: accounts.Ended, by: by(s), reason: reason, once: once}, func(next *AccountRecord) {
		next.Account, next.Tag, next.SetUp, next.Credential = next.Over(b.now()), nil, nil, nil
		next.Handle, next.Bound = nil, nil
	})
}

// ChangeRole gives an account another role.
func (b *Broker) ChangeRole(ctx context.Context, s *accounts.Session, id accounts.ID, role accounts.Role, once *Outcome) (AccountView, bool, error) {
	if err := b.mayGovern(s, role); err != nil {
		return AccountView{}, false, err
	}
	return b.govern(ctx, s, id, change{event: accounts.RoleChanged, by: by(s), once: once}, func(next *AccountRecord) {
		next.Account = next.WithRole(role, by(s), b.now())
	})
}

// govern is what one person does to another's account.
func (b *Broker) govern(ctx context.Context, s *accounts.Session, id accounts.ID, c change, alter func(*AccountRecord)) (AccountView, bool, error) {
	if s != nil && s.Account == id {
		return AccountView{}, false, accounts.ErrOwnAccount
	}
	return replayable(ctx, b, c.once, func(ctx context.Context) (AccountView, error) {
		c.at = b.now()
		r, err := b.changeAccount(ctx, id, c, func(next *AccountRecord) error {
			if err := b.mayGovern(s, next.Role); err != nil {
				return err
			}
			if err := next.Living(); err != nil {
				return err
			}
			alter(next)
			return nil
		})
		if err != nil {
			return AccountView{}, err
		}
		return b.viewAccount(r, masking.Text{})
	}, b.replayAccount)
}

// FindAccount finds an account by its id or, for the operator, by its address.
func (b *Broker) FindAccount(ctx context.Context, id accounts.ID, email masking.Text) (AccountView, error) {
	var r *AccountRecord
	var err error
	if id != "" {
		r, err = b.Store.Account(ctx, id)
	} else {
		r, err = b.Store.AccountByTag(ctx, b.Store.EmailTag(index(masking.Email, masking.Value{Text: email})))
	}
	if err != nil {
		return AccountView{}, err
	}
	return b.viewAccount(r, masking.Text{})
}

// ListAccounts lists all there ever were, oldest first.
func (b *Broker) ListAccounts(ctx context.Context) ([]AccountView, error) {
	rs, err := b.Store.Accounts(ctx)
	if err != nil {
		return nil, err
	}
	views := make([]AccountView, len(rs))
	for i, r := range rs {
		if views[i], err = b.viewAccount(r, masking.Text{}); err != nil {
			return nil, err
		}
	}
	return views, nil
}

// mostNotices are shown.
const mostNotices = 50

// AccountNotices are what one account did to another, newest first.
func (b *Broker) AccountNotices(ctx context.Context) ([]AccountNotice, error) {
	return b.Store.Notices(ctx, mostNotices)
}
