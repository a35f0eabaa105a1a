// Package broker decides the life of a transaction and of a disclosure: who has
// performed what, who may see what of whom because of it, and what is written
// down before anybody does. It imports no web and no SQL.
package broker

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/budget"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/disputes/letters"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// Deps is what a broker needs from outside; only the app package makes one.
type Deps struct {
	Store  Store
	Engine *necessity.Engine // the set that this broker was given, to be offered
	Now    func() time.Time  // the only clock
	Random io.Reader         // the only randomness; safe for concurrent use
	Origin string            // of the first log, whoever signs by now: part of every seal and commitment
	// Staff and Auditor are the deployment's own audience keys.
	Staff, Auditor masking.Key
	// Once keys the hashes under which idempotency keys are remembered.
	Once masking.Key
	// Budgets bound what is revealed in a time; nil is no limit.
	Budgets *budget.Limits
	// Passwords are hashed with these parameters; zero ones are today's.
	Passwords accounts.Parameters
	// PeerMasks shows the other side hints instead of nothing.
	PeerMasks bool
	// Packs are the laws of markets; without them there are no merchants.
	Packs *merchants.Packs
	// Office is when the people who decide cases are at work; nil: always.
	Office *disputes.Office
	// LargeCase is the amount, in any currency, from which a lead approves.
	LargeCase string
	// RevealLimit is how many reveals in cases one account has in a day; 0: no limit.
	RevealLimit int
	// Sound says why no value may be revealed now; nil is never. It answers from memory.
	Sound func() error
}

// Broker is safe for concurrent use, by any number of processes on one store.
type Broker struct {
	Deps
	flights flights
	hashing *accounts.Hashing
	inForce atomic.Pointer[force] // the policy set that it decides by, since Begin

	profiles profiles // of merchants, for a moment
	book     func() (*letters.Book, error)

	following sync.Mutex // held while that is exchanged
	compared  comparisons
}

// New makes a broker.
func New(d Deps) *Broker {
	return &Broker{Deps: d, hashing: accounts.NewHashing(d.Passwords), book: sync.OnceValues(letters.Load)}
}

// Caller is who calls: an API key, or the operator's own hand.
type Caller struct {
	Key    string // the key's id; "operator" for the command line
	Source string // an attest key's source
	Word   *Word  // of the party that the call acts for; nil where the platform says so
}

// ErrStale is between broker and store: what was read has moved, read again.
var ErrStale = errors.New("broker: the situation has moved")

// attempts bounds how often a request is decided anew before it is a conflict.
const attempts = 5

// again runs try until it is not stale any more.
func again[T any](ctx context.Context, try func(context.Context) (T, error)) (T, error) {
	for range attempts {
		v, err := try(ctx)
		if !errors.Is(err, ErrStale) {
			return v, err
		}
	}
	var none T
	return none, ErrConflict
}

// keys are the audiences' keys of one entry.
type keys struct{ parties, requester, subject masking.Key }

// record turns a statement into an entry: digests under fresh salts, and the
// statement itself sealed under keeper.
func (b *Broker) record(s ledger.Statement, keeper masking.Key, ks keys) (Record, error) {
	var nonce [16]byte
	if _, err := io.ReadFull(b.Random, nonce[:]); err != nil {
		return Record{}, fmt.Errorf("record %s: %w", s.Type, err)
	}
	entry, canonical, err := s.Record(nonce, func(a ledger.Audience) ([]byte, error) {
		k := b.audience(a, ks)
		if k.IsZero() {
			return nil, fmt.Errorf("no key for audience %s", a)
		}
		return k.Salt(a.String(), nonce[:]), nil
	})
	if err != nil {
		return Record{}, fmt.Errorf("record %s: %w", s.Type, err)
	}
	r := Record{Entry: entry.Marshal(), Type: s.Type, At: s.At}
	r.Statement, err = keeper.Seal(pack(canonical), r.Entry)
	return r, err
}

func (b *Broker) audience(a ledger.Audience, ks keys) masking.Key {
	switch a {
	case ledger.Parties:
		return ks.parties
	case ledger.Requester:
		return ks.requester
	case ledger.Subject:
		return ks.subject
	case ledger.Staff:
		return b.Staff
	case ledger.Auditor:
		return b.Auditor
	}
	return masking.Key{}
}

// OpenStatement opens what an entry says with the key that keeps it.
func OpenStatement(keeper masking.Key, entry, sealed []byte) (ledger.Statement, error) {
	canonical, err := OpenWritten(keeper, entry, sealed)
	if err != nil {
		return ledger.Statement{}, err
	}
	return ledger.ParseStatement(canonical)
}

// OpenWritten opens the bytes of a statement alone. The seal proves that they
// are what a broker wrote.
func OpenWritten(keeper masking.Key, entry, sealed []byte) ([]byte, error) {
	plain, err := keeper.Open(sealed, entry)
	if err != nil {
		return nil, err
	}
	return unpack(plain)
}

// newest binds a row to the entry that made it what it is.
func newest(r Record) []byte {
	h := sha256.Sum256(append([]byte{0}, r.Entry...)) // the leaf hash of RFC 6962
	return h[:]
}

// now in the precision that everything is stored and signed in.
func (b *Broker) now() time.Time { return b.Now().UTC().Truncate(time.Microsecond) }

// unknown turns the store's "not found" into a mistake of the caller's body.
func unknown(err error, pointer string) error {
	if errors.Is(err, ErrNotFound) {
		return ErrUnknownParty.Pointing(pointer)
	}
	return err
}

// validation says where in the body a refusal is about.
func validation(pointer string, e *fault.Error) error { return e.Pointing(pointer) }
