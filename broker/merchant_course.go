package broker

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"slices"
	"strconv"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// Refusals of what people want to do with a registration.
var (
	ErrNotVerified  = fault.New(fault.Conflict, "not_verified", "say of each field by what source, how and when it was verified: since it was given, and by a document only where there is one")
	ErrNotOpened    = fault.New(fault.Conflict, "not_opened", "open what was given before you approve it")
	ErrNoMerchants  = errors.New("broker: this broker was given no packs")
	ErrUnknownCheck = fault.New(fault.Invalid, "unknown_check", "source and method are each one of a list, and the time is not ahead")
	// As with requests, in the words of registrations.
	errUntaken    = fault.New(fault.Conflict, ErrNotTaken.Code, "take the registration first")
	errTakenBy    = fault.New(fault.Conflict, ErrTaken.Code, "somebody else has taken this registration")
	errOwnWork    = fault.New(fault.Denied, ErrOwnWork.Code, "another person has to do this: a lead, and not who proposed it")
	errAppealed   = fault.New(fault.Conflict, ErrAppealedBefore.Code, "a decision can be appealed once, and this one was")
	errTransition = fault.New(fault.Conflict, ErrInvalidTransition.Code, "this cannot happen in the state that the registration is in")

	ErrUnknownCode = fault.New(fault.Invalid, "unknown_reason", "the reason is one of a list")
	ErrNoteNeeded  = fault.New(fault.Invalid, "note_needed", "other says nothing: write what the merchant is to read as the reason")
	ErrNotCured    = fault.New(fault.Conflict, "not_cured", "what it was suspended for is not over, or something is due by law")
)

// merchantCourse is one move of a registration under way.
type merchantCourse struct {
	b      *Broker
	f      *FoundMerchant
	r      MerchantRecord // as it is to be
	state  states.State
	actor  states.Actor
	caller Caller
	staff  *Staff // nil: the merchant, or the clock
	move   MerchantMove
	pack   *merchants.Pack
	now    time.Time

	party   *Write              // makes its party, just before; nil: it was there
	version *MerchantVersion    // that is written with it; nil: none
	hidden  []merchants.Pointer // of the approved version, once that is given
	current *MerchantVersion    // the one that counts, before
	dropped *MerchantVersion    // what counts again, where an amendment is dropped
	others  []MerchantDuplicate
	more    int   // that are not among them
	tagged  []int // of each tag of the version, how many others have it
	settled bool
	erases  *MerchantErasure      // nil: not known that nobody has to keep it
	notes   int                   // that go then
	over    []merchants.Condition // what holds now of the thresholds
}

// courseOf begins a move on a registration as it stands now.
func (b *Broker) courseOf(f *FoundMerchant, m MerchantMove) (*merchantCourse, error) {
	if b.Packs == nil {
		return nil, ErrNoMerchants
	}
	now := b.now()
	c := &merchantCourse{b: b, f: f, r: f.At(now), move: m, now: now}
	c.state = c.r.State
	var err error
	if c.pack, err = b.Packs.For(f.Jurisdiction, now); err != nil {
		return nil, err
	}
	return c, nil
}

// holds answers the machine's questions.
func (c *merchantCourse) holds(g states.Guard) bool {
	if is, known := c.r.holds(g, c.now); known {
		return is
	}
	switch r := &c.r; g {
	case merchants.Assessed:
		return c.version != nil || c.move.Event == merchants.Answer // a refusal came before; a note changes nothing
	case merchants.NotNew:
		return !c.staff.New
	case merchants.NotTaken:
		return r.Taken == "" || r.Taken == c.staff.Account
	case merchants.TakenByHim:
		return r.Taken == c.staff.Account
	case merchants.MayRelease:
		return r.Taken != "" && (r.Taken == c.staff.Account || c.staff.Role == roleLead)
	case merchants.Verified:
		return c.verified()
	case merchants.OneIsEnough, merchants.TwoNeeded:
		return (len(c.because()) > 0) == (g == merchants.TwoNeeded)
	case merchants.NewDecider:
		return !slices.Contains(r.Barred, c.staff.Account)
	case merchants.NewHands:
		return apart(c.staff.hands(), r.Barred)
	case merchants.Cured:
		return r.notDue(c.now) && !c.f.Of.excluded() && r.knows(&c.f.Of.Party)
	case merchants.Cautioned:
		return !r.knows(&c.f.Of.Party)
	case merchants.Settled:
		return c.settled
	case merchants.NoDuty:
		return c.erases != nil
	case merchants.OverLimit:
		return len(c.over) > 0
	case merchants.UnderLimit:
		return len(both(r.Conditions, c.over)) < len(r.Conditions)
	case merchants.Opened:
		return slices.Contains(r.Opened, c.staff.Account)
	}
	return c.secondHolds(g)
}

// secondHolds answers those about the second person.
func (c *merchantCourse) secondHolds(g states.Guard) bool {
	p := c.r.Proposal
	if p == nil || c.staff == nil {
		return false
	}
	switch g {
	case merchants.AnotherHand:
		return p.By != c.staff.Account && c.staff.Role == roleLead
	case merchants.MayApprove:
		return c.staff.Approves
	case merchants.OfTwoHands:
		return len(p.Hands) > 0 && apart(c.staff.hands(), p.Hands)
	case merchants.SameHash:
		return bytes.Equal(p.Hash, c.move.Hash) && bytes.Equal(c.hash(), c.move.Hash)
	}
	return false // what is not known does not hold
}

// checks are those that an approval rests on: the proposer's, once there is one.
func (c *merchantCourse) checks() []FieldCheck {
	if p := c.r.Proposal; p != nil && c.state == merchants.Proposed {
		return p.Checks
	}
	return c.move.Checks
}

// verified: each field says by what source, how and when, and nothing else does: what
// a check points at stands in its entry. A check is not from before the day on which the
// version was given, nor of a document where there is none.
func (c *merchantCourse) verified() bool {
	checks := c.checks()
	for _, x := range checks {
		of := func(o merchants.FieldOutcome) bool { return o.Pointer == x.Pointer }
		if x.Pointer != "" && !slices.ContainsFunc(c.r.Assessed.Fields, of) {
			return false
		}
		if c.current == nil || x.At.Before(c.current.At.UTC().Truncate(day)) || x.Source == "document" && c.r.Documents == 0 {
			return false
		}
	}
	for _, o := range c.r.Assessed.Fields {
		if !slices.ContainsFunc(checks, func(x FieldCheck) bool { return x.Pointer == o.Pointer || x.Pointer == "" }) {
			return false
		}
	}
	return len(checks) > 0
}

// day is how fine a check says when it was made.
const day = 24 * time.Hour

// hash is of everything that an approval lets happen: this version, as the pack
// judges it and people have checked it, with its documents and with what a second
// person is needed for. Which others have its numbers is not in it: whoever registers
// could change that as often as he likes.
func (c *merchantCourse) hash() []byte {
	if c.current == nil {
		return nil
	}
	what := ledger.Statement{Type: ledger.MerchantMoved, At: time.Unix(0, 0), Members: ledger.Object{
		{Name: "merchant", Value: string(c.f.ID)},
		{Name: "version", Value: c.r.Current},
		{Name: "plan", Value: encode(c.current.Commitment)},
		{Name: "checks", Value: checkObjects(c.checks())},
		{Name: "duplicates", Value: c.because()},
	}}
	content, err := what.Canonical()
	judged := ledger.Statement{Type: ledger.MerchantWritten, At: time.Unix(0, 0), Members: ledger.Object{
		{Name: "pack", Value: c.r.Assessed.Pack}, {Name: "fields", Value: outcomeObjects(c.r.Assessed.Fields)},
	}}
	fields, errFields := judged.Canonical()
	if err != nil || errFields != nil {
		return nil
	}
	documents := []byte(strconv.Itoa(c.r.Documents))
	h := sha256.Sum256(slices.Concat([]byte("bauta/merchant/approval/v2\n"), content, []byte("\n"), fields, []byte("\n"), documents))
	return h[:]
}

func checkObjects(checks []FieldCheck) []ledger.Object {
	var all []ledger.Object
	for _, x := range checks {
		all = append(all, ledger.Object{
			{Name: "pointer", Value: string(x.Pointer)}, {Name: "source", Value: x.Source}, {Name: "method", Value: x.Method}, {Name: "at", Value: x.At},
		})
	}
	return all
}

func outcomeObjects(fields []merchants.FieldOutcome) []ledger.Object {
	var all []ledger.Object
	for _, o := range fields {
		all = append(all, ledger.Object{
			{Name: "pointer", Value: string(o.Pointer)},
			{Name: "visibility", Value: string(o.Visibility)},
			{Name: "outcome", Value: string(o.Outcome)},
			{Name: "code", Value: o.Code},
		})
	}
	return all
}

// write asks the machine, and turns its row into what is written.
func (c *merchantCourse) write(ctx context.Context) (*Write, error) {
	row, err := merchants.Life.Next(c.state, c.move.Event, c.actor, c.holds)
	if err != nil {
		return nil, merchantTransition(err)
	}
	if row.Has(merchants.DropNew) && c.r.Current != c.r.Approved {
		if c.dropped, err = c.b.Store.MerchantVersion(ctx, &c.f.MerchantRecord, c.r.Approved); err != nil {
			return nil, err
		}
	}
	if c.r.Version, c.r.State = c.f.Version+1, row.After(c.state); !amongStaff(c.move.Event) {
		c.r.UpdatedAt = c.now
	}
	c.clock(row)
	c.record(row)
	w := &Write{First: c.party, About: &c.f.Of, Merchant: &c.r, Registered: c.version, ExpectTagged: c.tagged, Word: c.caller.spends()}
	if c.party == nil {
		w.ExpectParties = []*PartyRecord{&c.f.Of}
	}
	if row.Has(merchants.EraseValues) {
		w.Erases = c.erases
	}
	st := c.statement()
	if err := c.b.merchantNote(w, &st, c); err != nil {
		return nil, err
	}
	if w.Record, err = c.b.record(st, c.f.Of.Key, keys{subject: c.f.Of.Key}); err != nil {
		return nil, err
	}
	c.r.Newest = newest(w.Record)
	w.Timers = c.r.timers(&c.f.MerchantRecord, c.now)
	if row.Has(merchants.TellMerchant) {
		w.Notices = []Notice{{Kind: merchantNotice(c.move.Event), Transaction: c.f.Party}}
	}
	return w, nil
}

// merchantFaults are what a caller reads when a guard does not hold.
var merchantFaults = map[states.Guard]error{
	merchants.NotNew: accounts.ErrNotYet, merchants.NotTaken: errTakenBy, merchants.TakenByHim: errUntaken, merchants.MayRelease: errUntaken,
	merchants.Opened: ErrNotOpened, merchants.Verified: ErrNotVerified, merchants.OneIsEnough: ErrSecondNeeded, merchants.TwoNeeded: ErrOneIsEnough,
	merchants.AnotherHand: errOwnWork, merchants.MayApprove: accounts.ErrNotYet, merchants.OfTwoHands: ErrOneHand, merchants.SameHash: ErrHashDiffers,
	merchants.NewDecider: ErrDecidedBefore, merchants.NewHands: ErrOneHand, merchants.InTime: ErrTooLate, merchants.FirstAppeal: errAppealed,
	merchants.Cured: ErrNotCured,
}

func merchantTransition(err error) error {
	r, ok := errors.AsType[*states.RefusedError](err)
	if !ok {
		return err
	}
	if r.Guard == "" {
		allowed := make([]string, len(r.Allowed))
		for i, e := range r.Allowed {
			allowed[i] = string(e)
		}
		return errTransition.Offering(allowed)
	}
	if err, ok := merchantFaults[r.Guard]; ok {
		return err
	}
	return errTransition
}
