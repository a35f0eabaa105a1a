package broker

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// operator is who imports: nobody's key, the command line itself.
const operator = "operator"

// imported is the source of everything that an import writes.
const imported = "import"

var (
	errUnknownTransaction = fault.New(fault.Invalid, "unknown_transaction", "there is no such transaction")
	errClosed             = fault.New(fault.Invalid, "invalid_transition", "the transaction is closed, so its terms stay as they are")
	errClosedOtherwise    = fault.New(fault.Invalid, "invalid_transition", "the transaction was closed, and otherwise than this")
	errUnknownState       = fault.New(fault.Invalid, "not_one_of", "this has to be one of: open, partly_performed, performed, completed, cancelled")
	errUnknownAttester    = fault.New(fault.Invalid, "not_one_of", "this has to be one of: platform, creditor, debtor")
)

// Import takes history in, by the operator's own hand: without transition
// guards and in any order, but with the same bounds, the same sealing and the
// same ledger as what comes through the door.
//
// Each call is one party or one transaction, and is durable when it returns;
// callers make as many at once as they like, because calls that wait share
// commits. What is there already is not written again, so an import that was
// interrupted is finished by doing it again. Calls about one and the same
// party or transaction must not overlap: which would win is not defined.
type Import struct {
	b   *Broker
	dry bool

	sealing chan struct{} // sealing is work, so no more at once than there are processors
	rows    rowNumbers
	known   knownParties

	// Whether the last one was there. A first import finds nothing, so it writes
	// without looking; the commit itself refuses what exists.
	partiesThere, transactionsThere atomic.Bool
}

// NewImport starts an import. A dry one decides everything and writes nothing;
// it takes the parties that it was shown for registered.
func (b *Broker) NewImport(dry bool) *Import {
	i := &Import{b: b, dry: dry, sealing: make(chan struct{}, runtime.GOMAXPROCS(0))}
	i.rows.store = b.Store
	i.known.unbounded = dry
	return i
}

func (i *Import) caller() Caller { return Caller{Key: operator, Source: imported} }

// Party registers a party or changes it, like PutParty with the source "import".
func (i *Import) Party(ctx context.Context, id PartyID, in PartyInput) error {
	in.Source = Source{Kind: imported}
	if i.dry {
		i.known.put(id, knownParty{version: 1})
		return nil
	}
	return settled(func(first bool) error { return i.party(ctx, id, in, first) })
}

// settled is again for what an import writes: only the first try may guess.
func settled(try func(first bool) error) error {
	for n := range attempts {
		if err := try(n == 0); !errors.Is(err, ErrStale) {
			return err
		}
	}
	return ErrConflict
}

func (i *Import) party(ctx context.Context, id PartyID, in PartyInput, first bool) error {
	guessed := first && !i.partiesThere.Load()
	p, cards, err := i.partyRecord(ctx, id, guessed)
	if err != nil {
		return err
	}
	w, err := i.seal(func() (*Write, error) { return i.b.writeParty(i.caller(), p, cards, in) })
	if err != nil {
		return err
	}
	if w != nil {
		if _, err := i.b.Store.Commit(ctx, w); err != nil {
			if guessed && errors.Is(err, ErrStale) {
				i.partiesThere.Store(true)
			}
			return err
		}
		p = w.Party
	}
	i.known.put(id, knownParty{p.Row, p.Version})
	return nil
}

// partyRecord is a party as it is, or a new one.
func (i *Import) partyRecord(ctx context.Context, id PartyID, guessed bool) (*PartyRecord, []Card, error) {
	if !guessed {
		p, cards, err := i.b.Store.Party(ctx, id, Complete)
		i.partiesThere.Store(err == nil)
		if !errors.Is(err, ErrNotFound) {
			return p, cards, err
		}
	}
	row, err := i.rows.next(ctx)
	if err != nil {
		return nil, nil, err
	}
	key, err := masking.NewKey(i.b.Random)
	return &PartyRecord{Row: row, Key: key, Party: Party{ID: id, CreatedAt: i.b.now()}}, nil, err
}

// seal runs what computes. Without a bound, a thousand of them would stand
// between the committer and its processor.
func (i *Import) seal(write func() (*Write, error)) (*Write, error) {
	i.sealing <- struct{}{}
	defer func() { <-i.sealing }()
	return write()
}

// rowNumbers fetches many numbers at once; those left over at the end are
// never used, which is no harm.
type rowNumbers struct {
	store Store
	mu    sync.Mutex
	left  []Row
}

const rowsAtOnce = 500

func (r *rowNumbers) next(ctx context.Context) (Row, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.left) == 0 {
		var err error
		if r.left, err = r.store.NewRows(ctx, rowsAtOnce); err != nil {
			return 0, err
		}
	}
	row := r.left[0]
	r.left = r.left[1:]
	return row, nil
}

// knownParties remembers where parties are, so that the transactions of an
// import need not look for those of its own. It is a guess that the commit
// checks, and bounded: a dry run alone has nothing else to go by.
type knownParties struct {
	unbounded bool
	mu        sync.Mutex
	at        map[PartyID]knownParty
}

type knownParty struct {
	row     Row
	version int64
}

const mostKnown = 1 << 17

func (k *knownParties) put(id PartyID, p knownParty) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at == nil || len(k.at) >= mostKnown && !k.unbounded {
		k.at = map[PartyID]knownParty{}
	}
	k.at[id] = p
}

func (k *knownParties) get(id PartyID) (knownParty, bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	p, ok := k.at[id]
	return p, ok
}
