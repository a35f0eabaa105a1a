package broker

import (
	"context"
	"io"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// AccountRecord is an account as the store holds it: checked against its MAC,
// its key unwrapped, what is personal in it still sealed.
type AccountRecord struct {
	Row     Row
	Version int64
	Key     masking.Key
	accounts.Account
	Tag        []byte // of the e-mail address, to find it by; none once the account has ended
	Handle     []byte // of the credential's handle, likewise; none without a passkey
	Bound      []byte // of whom a provider of identities calls this person, likewise; none without
	SetUp      []byte // of the set-up code that is out
	Email      []byte // sealed, behind its commitment
	Mask       []byte // sealed
	Credential []byte // sealed; none until it is set up
}

// AccountNotice tells privacy officers what one account did to another.
type AccountNotice struct {
	Index   int64 // of its entry; the committer knows it
	Account accounts.ID
	Event   accounts.Event
	Role    accounts.Role
	By      accounts.ID
	At      time.Time
}

// Attempt is somebody who tries to get in by an e-mail address.
type Attempt struct {
	Allowed  bool
	Failures int            // in a row, this attempt among them
	Since    time.Time      // when the first of them was
	Account  *AccountRecord // nil: there is none
}

// AccountStore keeps accounts and sessions. An account changes by Commit alone;
// sessions and failures are no history, and have no entries.
type AccountStore interface {
	// EmailTag is the keyed hash that an address is found by.
	EmailTag(form masking.Text) []byte
	// Account finds one by its id, AccountBy by its address or its set-up code.
	Account(ctx context.Context, id accounts.ID) (*AccountRecord, error)
	AccountByTag(ctx context.Context, tag []byte) (*AccountRecord, error)
	AccountBySetUp(ctx context.Context, hash []byte) (*AccountRecord, error)
	AccountByHandle(ctx context.Context, tag []byte) (*AccountRecord, error)
	AccountByBound(ctx context.Context, tag []byte) (*AccountRecord, error)
	// Accounts lists all, oldest first; Notices the newest ones, newest first.
	Accounts(ctx context.Context) ([]*AccountRecord, error)
	Notices(ctx context.Context, limit int) ([]AccountNotice, error)
	// Attempt counts an attempt as a failure before it is made, so that however
	// many are made at once no more get through, and finds the account. It is one
	// round trip, and the same one for an address that nobody has.
	Attempt(ctx context.Context, tag []byte) (*Attempt, error)
	// Uncount takes back what Attempt has counted.
	Uncount(ctx context.Context, tag []byte, a *Attempt) error
	// Forgive ends a run of failures.
	Forgive(ctx context.Context, tag []byte) error
	// LockedOut lists the accounts that failures keep locked, with their runs.
	LockedOut(ctx context.Context) ([]*Attempt, error)
	// UseCode says whether a step's code is used for the first time.
	UseCode(ctx context.Context, account Row, step int64) (bool, error)
	// KeepChallenge keeps that something was asked, by a keyed hash of what; TakeChallenge
	// says until when it could be answered, and lets nobody have it again.
	KeepChallenge(ctx context.Context, id []byte, until time.Time) error
	TakeChallenge(ctx context.Context, id []byte) (until time.Time, err error)
	// PasskeyUses are the last uses of an account's passkeys. KeepPasskeyUse writes a
	// passkey's next one, unless it is not as before any more: ErrStale. ForgetPasskeyUse
	// is for a passkey that is no more.
	PasskeyUses(ctx context.Context, account Row) ([]accounts.PasskeyUse, error)
	KeepPasskeyUse(ctx context.Context, before, after *accounts.PasskeyUse) error
	ForgetPasskeyUse(ctx context.Context, account Row, id []byte) error
	// OpenSession keeps a new session, and with it, if not nil, what an idempotency key
	// has led to; Session finds one with its account as it is now.
	OpenSession(ctx context.Context, s *accounts.Session, once *Outcome) error
	Session(ctx context.Context, id []byte) (*accounts.Session, *accounts.Account, error)
	// Sessions lists those of an account, oldest first.
	Sessions(ctx context.Context, account Row) ([]accounts.Session, error)
	// KeepSession writes a session's later times, unless it is not as before any more: ErrStale.
	KeepSession(ctx context.Context, before, after *accounts.Session) error
	// CloseSession ends one of an account's sessions.
	CloseSession(ctx context.Context, account Row, id []byte) error
}

// AccountLabel owns what is sealed of an account.
func AccountLabel(id accounts.ID) string { return "account/" + string(id) }

// pepper is what hashes of passwords, tokens and codes are made under: a key
// of the key folder's, so that no copy of the database is enough to test guesses.
func (b *Broker) pepper() masking.Key {
	k, err := masking.KeyOf(b.Once.MAC("bauta/accounts/pepper/v1"))
	if err != nil { // a MAC has the size of a key
		panic(err)
	}
	return k
}

func (b *Broker) randomBytes(n int) ([]byte, error) {
	raw := make([]byte, n)
	_, err := io.ReadFull(b.Random, raw)
	return raw, err
}

// by is who does something to an account: a session, or the operator's hand.
func by(s *accounts.Session) string {
	if s == nil {
		return accounts.Operator
	}
	return string(s.Account)
}

// change is what becomes of an account, for its entry.
type change struct {
	event  accounts.Event
	by     string
	at     time.Time
	reason string
	once   *Outcome
}

// writeAccount writes an account's next version with its entry. What another
// account did is told to the privacy officers in the same commit.
func (b *Broker) writeAccount(ctx context.Context, next *AccountRecord, c change) error {
	next.Version++
	members := ledger.Object{
		{Name: "account", Value: string(next.ID)},
		{Name: "event", Value: string(c.event)},
		{Name: "role", Value: string(next.Role)},
		{Name: "by", Value: c.by},
		{Name: "approves_at", Value: next.ApprovesAt},
		{Name: "reason", Value: c.reason},
	}
	r, err := b.record(ledger.Statement{Type: ledger.AccountChanged, At: c.at, Members: members}, b.Auditor, keys{})
	if err != nil {
		return err
	}
	w := &Write{Record: r, Account: next, Once: c.once.led("account", string(next.ID), c.at)}
	if next.ID.Told(c.by) {
		w.Notice = &AccountNotice{Account: next.ID, Event: c.event, Role: next.Role, By: accounts.ID(c.by), At: c.at}
	}
	_, err = b.Store.Commit(ctx, w)
	return err
}

// changeAccount changes an account as it is at the moment of the commit; alter
// may refuse, and says what the account is to be.
func (b *Broker) changeAccount(ctx context.Context, id accounts.ID, c change, alter func(*AccountRecord) error) (*AccountRecord, error) {
	return again(ctx, func(ctx context.Context) (*AccountRecord, error) {
		now, err := b.Store.Account(ctx, id)
		if err != nil {
			return nil, err
		}
		next := *now
		if err := alter(&next); err != nil {
			return nil, err
		}
		return &next, b.writeAccount(ctx, &next, c)
	})
}

// emailHint is the mask by which people recognise an account's address.
func (b *Broker) emailHint(r *AccountRecord) (string, error) {
	masks, err := masking.OpenMasks(r.Key, maskLabel(b.Origin, AccountLabel(r.ID), 1), r.Mask)
	return masks[masking.Email], err
}
