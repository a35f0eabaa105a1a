package broker

import (
	"context"
	"errors"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// Keyed names a POST by its idempotency key where no key or session says who sends
// it: whoever shows the same credential again is the same.
type Keyed struct {
	Route, Key string
	Body       []byte
}

// outcomeOf is the outcome of a keyed POST of who shows a credential, named by its
// keyed hash; nil without a key.
func (b *Broker) outcomeOf(k *Keyed, credential []byte) *Outcome {
	if k == nil {
		return nil
	}
	return b.NewOutcome(Caller{Key: string(credential)}, k.Route, k.Key, k.Body)
}

// before finds what an idempotency key led to; nil where there is none, or it led
// to nothing.
func (b *Broker) before(ctx context.Context, once *Outcome) (*Outcome, error) {
	if once == nil {
		return nil, nil //nolint:nilnil // no key is no error
	}
	first, err := b.Store.Outcome(ctx, once.Key)
	if errors.Is(err, ErrNotFound) {
		return nil, nil //nolint:nilnil // likewise
	}
	return first, err
}

// repeats says whether an outcome is that of the very same request.
func (o *Outcome) repeats(first *Outcome) bool {
	return o != nil && first != nil && o.Body == first.Body
}

// turn waits for whoever is at the same idempotency key.
func (b *Broker) turn(ctx context.Context, once *Outcome) (leave func(), err error) {
	if once == nil {
		return func() {}, nil
	}
	return b.flights.enter(ctx, once.Key)
}

// sessionAgain is the session that a sign-in has opened. Its token is made from the
// idempotency key and kept nowhere. It is said again only as long as nobody has used
// it, which is what a lost answer leaves: a request that somebody got hold of later
// opens nothing.
func (b *Broker) sessionAgain(ctx context.Context, first *Outcome) (SignedIn, error) {
	raw := b.tokenOf(first)
	s, a, err := b.Store.Session(ctx, b.hashToken(raw))
	if errors.Is(err, ErrNotFound) || err == nil && !s.Live(b.now(), a) {
		return SignedIn{}, ErrGone
	}
	if err != nil {
		return SignedIn{}, err
	}
	in := SignedIn{Session: s, Replayed: true}
	if s.Unused() && b.now().Sub(first.At) < replayWindow {
		in.Token = tokenText(raw)
	}
	return in, nil
}

func (b *Broker) tokenOf(once *Outcome) []byte {
	return b.pepper().MAC("bauta/accounts/session-once/v2", once.Key[:], once.Body[:], once.moment())[:tokenBytes]
}

func tokenText(raw []byte) masking.Text {
	return masking.NewText(tokenPrefix + idEncoding.EncodeToString(raw))
}

// openSession is a session of who has shown just now who he is.
func (b *Broker) openSession(ctx context.Context, r *AccountRecord, once *Outcome) (SignedIn, error) {
	return b.openShown(ctx, r, once, b.now())
}

// openShown: the token is 256 bits of chance, or made from an idempotency key; what
// is kept is its hash, and in the same statement what the key led to. shown is when
// the person has shown who he is.
func (b *Broker) openShown(ctx context.Context, r *AccountRecord, once *Outcome, shown time.Time) (SignedIn, error) {
	raw, err := b.randomBytes(tokenBytes)
	if err != nil {
		return SignedIn{}, err
	}
	now := b.now()
	if once = once.led("session", string(r.ID), now); once != nil {
		raw = b.tokenOf(once)
	}
	s := &accounts.Session{
		ID: b.hashToken(raw), Row: int64(r.Row), Generation: r.Generation, MadeAt: now, SeenAt: now, ConfirmedAt: shown,
	}
	s.Takes(&r.Account)
	return SignedIn{Session: s, Token: tokenText(raw)}, b.Store.OpenSession(ctx, s, once)
}

// touch notes that a session was used: the first time, and then once a minute.
func (b *Broker) touch(ctx context.Context, s *accounts.Session) (*accounts.Session, error) {
	now, seen := b.now(), *s
	switch {
	case s.Unused() && !now.After(s.MadeAt):
		seen.SeenAt = s.MadeAt.Add(time.Microsecond)
	case s.Unused(), now.Sub(s.SeenAt) >= accounts.Touched:
		seen.SeenAt = now
	default:
		return s, nil
	}
	err := b.Store.KeepSession(ctx, s, &seen)
	if errors.Is(err, ErrStale) || err == nil && seen.SeenAt.After(now) { // another request has noted it, or has ended the session: the next one will see
		return s, nil
	}
	return &seen, err
}
