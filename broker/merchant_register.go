package broker

import (
	"context"
	"errors"
	"slices"

	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// What a merchant does with its own registration. Each change of what it gave is a
// version with an entry; what a pack refuses is not kept at all.

// errNotAVersion: a registration that passed its pack, and still cannot be written down.
var errNotAVersion = fault.New(fault.Invalid, "validation_failed", "the registration cannot be kept")

// RegisterMerchant takes a registration: what is wrong with it is a refusal with a
// pointer and a code for each field, and nothing is kept then.
func (b *Broker) RegisterMerchant(ctx context.Context, c Caller, in MerchantInput, once *Outcome) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		return b.beginMerchant(ctx, c, in, merchants.Submit, once)
	})
}

// SaveMerchant keeps a draft, for the form: what is missing may be missing, and
// what cannot be is refused. Without an id it begins one.
func (b *Broker) SaveMerchant(ctx context.Context, c Caller, id MerchantID, in MerchantInput, once *Outcome) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		if id == "" {
			return b.beginMerchant(ctx, c, in, merchants.Save, once)
		}
		return b.rewrite(ctx, c, id, once, masking.Text{}, func(states.State) states.Event { return merchants.Save },
			func(*merchants.Registration) *merchants.Registration { return &in.Registration })
	})
}

// SubmitMerchant hands a draft in. Where something is due by law, or after a
// suspension, it says that all is as it was.
func (b *Broker) SubmitMerchant(ctx context.Context, c Caller, id MerchantID, once *Outcome) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		return b.rewrite(ctx, c, id, once, masking.Text{}, func(s states.State) states.Event {
			if s == merchants.Draft {
				return merchants.Submit
			}
			return merchants.Confirm
		}, func(r *merchants.Registration) *merchants.Registration { return r })
	})
}

// AmendMerchant makes a new version, which people look at anew; what was approved
// stays public meanwhile, less what the new one makes private. A patch that changes nothing is nothing.
func (b *Broker) AmendMerchant(ctx context.Context, c Caller, id MerchantID, in MerchantPatch, once *Outcome) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		return b.rewrite(ctx, c, id, once, masking.Text{}, func(s states.State) states.Event {
			if s == merchants.Draft {
				return merchants.Save
			}
			return merchants.Amend
		}, in.apply)
	})
}

// AnswerMerchant is what a merchant says when it is asked: a change, a note, or both.
func (b *Broker) AnswerMerchant(ctx context.Context, c Caller, id MerchantID, in MerchantPatch, note masking.Text, once *Outcome) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		return b.rewrite(ctx, c, id, once, note, func(states.State) states.Event { return merchants.Answer }, in.apply)
	})
}

// AppealMerchant asks for another reviewer.
func (b *Broker) AppealMerchant(ctx context.Context, c Caller, id MerchantID, m MerchantMove, once *Outcome) (MerchantView, bool, error) {
	m.Event = merchants.Appeal
	return b.byMerchant(ctx, c, id, once, func(*FoundMerchant) MerchantMove { return m })
}

// CloseMerchant ends a registration: one that was never active is withdrawn, and
// any other closes after its public notice.
func (b *Broker) CloseMerchant(ctx context.Context, c Caller, id MerchantID, m MerchantMove, once *Outcome) (MerchantView, bool, error) {
	return b.byMerchant(ctx, c, id, once, func(f *FoundMerchant) MerchantMove {
		if m.Event = merchants.Close; f.Approved == 0 {
			m.Event = merchants.Withdraw
		}
		return m
	})
}

func (in *MerchantPatch) apply(r *merchants.Registration) *merchants.Registration {
	next := r.Amend(in.Removed, in.Values)
	if in.Type != nil {
		next.Type = *in.Type
	}
	if in.Residential != nil {
		next.Residential = *in.Residential
	}
	if in.Certifications != nil {
		next.Certifications = *in.Certifications
	}
	return next
}

// registering does something once; told again, it is the registration as it stands.
func (b *Broker) registering(ctx context.Context, once *Outcome, do func(context.Context) (MerchantView, error)) (MerchantView, bool, error) {
	return replayable(ctx, b, once, func(ctx context.Context) (MerchantView, error) {
		return again(ctx, do)
	}, func(ctx context.Context, o *Outcome) (MerchantView, error) {
		v, err := b.Merchant(ctx, merchantOf(o))
		if err == nil {
			v.Place, err = b.Store.Place(ctx, o)
		}
		return v, err
	})
}

// beginMerchant makes a new registration, and its party where there is none yet.
func (b *Broker) beginMerchant(ctx context.Context, c Caller, in MerchantInput, event states.Event, once *Outcome) (MerchantView, error) {
	now := b.now()
	id, err := b.newMerchantID(now)
	if err != nil {
		return MerchantView{}, err
	}
	f := &FoundMerchant{MerchantRecord: MerchantRecord{ID: id, MerchantFacts: MerchantFacts{
		Jurisdiction: in.Jurisdiction, Type: in.Type, CreatedAt: now,
	}}}
	course, err := b.courseOf(f, MerchantMove{Event: event})
	if err != nil {
		return MerchantView{}, atJurisdiction(err)
	}
	assessed, err := course.assess(&in.Registration)
	if err != nil {
		return MerchantView{}, err
	}
	if in.Party == "" {
		in.Party = PartyID(id)
	}
	p, made, err := b.partyFor(ctx, c, in)
	if err != nil {
		return MerchantView{}, err
	}
	if f.Row, err = b.Store.NewRow(ctx); err != nil {
		return MerchantView{}, err
	}
	f.Of, f.Party = *p, p.Row
	course.r, course.party = f.MerchantRecord, made
	return course.submit(ctx, c, &in.Registration, assessed, once)
}

func atJurisdiction(err error) error {
	if errors.Is(err, merchants.ErrJurisdictionUnknown) {
		return merchants.ErrJurisdictionUnknown.Pointing(string(merchants.PointerJurisdiction))
	}
	return err
}

// partyFor is the party whose registration it is. One that is not there is made from
// it, by a write that goes with the registration's; one that is keeps what it has.
func (b *Broker) partyFor(ctx context.Context, c Caller, in MerchantInput) (*PartyRecord, *Write, error) {
	p, _, err := b.Store.Party(ctx, in.Party, MasksOnly)
	if !errors.Is(err, ErrNotFound) {
		return p, nil, err
	}
	if p, err = b.newParty(ctx, in.Party); err != nil {
		return nil, nil, err
	}
	w, err := b.writeParty(Caller{Key: c.Key}, p, nil, PartyInput{
		Kind: Merchant, Contact: Contact{Values: in.Contact()}, Source: Source{Kind: "registration"},
	})
	if err != nil {
		return nil, nil, err
	}
	return w.Party, w, nil
}

// rewrite makes the next version of a registration, of what it was before.
func (b *Broker) rewrite(ctx context.Context, c Caller, id MerchantID, once *Outcome, note masking.Text,
	event func(states.State) states.Event, change func(*merchants.Registration) *merchants.Registration,
) (MerchantView, error) {
	f, err := b.merchantNow(ctx, id)
	if err != nil {
		return MerchantView{}, err
	}
	course, err := b.courseOf(f, MerchantMove{Note: note})
	if err != nil {
		return MerchantView{}, err
	}
	if course.state == merchants.Erased {
		return MerchantView{}, ErrErased
	}
	course.move.Event = event(course.state)
	v, err := b.Store.MerchantVersion(ctx, &f.MerchantRecord, course.r.Current)
	if err != nil {
		return MerchantView{}, err
	}
	before, err := course.begins(ctx, v)
	if err != nil {
		return MerchantView{}, err
	}
	next := change(before)
	next.Jurisdiction = f.Jurisdiction // of another market is another registration
	same := next.Same(before)
	switch {
	case same && course.move.Event == merchants.Answer:
		return course.commit(ctx, c, once)
	case same && (course.move.Event == merchants.Amend || course.move.Event == merchants.Save):
		return b.viewMerchant(ctx, f)
	}
	assessed, err := course.assess(next)
	if err != nil {
		return MerchantView{}, err
	}
	if err := course.hide(ctx, next, assessed); err != nil {
		return MerchantView{}, err
	}
	return course.submit(ctx, c, next, assessed, once)
}

// assess asks the pack that is in force now. Of a draft something may be missing.
func (c *merchantCourse) assess(r *merchants.Registration) (merchants.Assessment, error) {
	r.Facts = c.r.Conditions
	a, err := c.pack.Assess(r)
	if err == nil || c.move.Event != merchants.Save {
		return a, err
	}
	refused, ok := errors.AsType[*fault.Error](err)
	if !ok {
		return a, err
	}
	wrong := *refused
	wrong.Fields = slices.DeleteFunc(slices.Clone(refused.Fields), func(x fault.Field) bool {
		return merchants.Missing(x.Code)
	})
	if len(wrong.Fields) > 0 {
		return a, &wrong
	}
	return a, nil
}

// submit seals a version, looks for others with its numbers, and commits both.
func (c *merchantCourse) submit(ctx context.Context, by Caller, r *merchants.Registration, a merchants.Assessment, once *Outcome) (MerchantView, error) {
	v := &MerchantVersion{Merchant: c.f.Row, Version: c.r.Given + 1, MerchantVersionFacts: MerchantVersionFacts{At: c.now, Assessed: a}}
	text, err := r.Keep()
	if err != nil {
		return MerchantView{}, errNotAVersion.Because(err)
	}
	sealed, err := masking.SealValue(c.f.Of.Key, c.b.registrationLabel(c.f.ID, v.Version), masking.Value{Text: text}, c.b.Random)
	if err != nil {
		return MerchantView{}, err
	}
	v.Value, v.Commitment = sealed.Value, sealed.Commitment
	if c.move.Event != merchants.Save {
		for _, n := range c.pack.Numbers(r) {
			v.Tags = append(v.Tags, NumberTag{Pointer: n.Pointer, Tag: c.b.Store.NumberTag(n)})
		}
	}
	if c.tagged, err = c.othersOf(ctx, v.Tags); err != nil {
		return MerchantView{}, err
	}
	c.version, c.r.Type = v, r.Type
	return c.commit(ctx, by, once)
}

// commit writes a move of the merchant's own.
func (c *merchantCourse) commit(ctx context.Context, by Caller, once *Outcome) (MerchantView, error) {
	c.actor, c.caller = merchants.ByMerchant, by
	w, err := c.write(ctx)
	if err != nil {
		return MerchantView{}, err
	}
	w.Once = once.ledMerchant(c.f.ID, string(c.move.Event), w)
	place, err := c.b.commitMerchant(ctx, w)
	if err != nil {
		return MerchantView{}, err
	}
	c.f.MerchantRecord = c.r
	v, err := c.b.viewMerchant(ctx, c.f)
	v.Place = place
	return v, err
}

// byMerchant is a move of the merchant's own that changes nothing of what it gave.
func (b *Broker) byMerchant(ctx context.Context, c Caller, id MerchantID, once *Outcome, move func(*FoundMerchant) MerchantMove) (MerchantView, bool, error) {
	return b.registering(ctx, once, func(ctx context.Context) (MerchantView, error) {
		f, err := b.merchantNow(ctx, id)
		if err != nil {
			return MerchantView{}, err
		}
		m := move(f)
		if err := m.reasoned(); err != nil {
			return MerchantView{}, err
		}
		course, err := b.courseOf(f, m)
		if err != nil {
			return MerchantView{}, err
		}
		return course.commit(ctx, c, once)
	})
}

// reasoned: an event that needs a reason has one of its list, any other none.
func (m *MerchantMove) reasoned() error {
	if codes := MerchantReasons(m.Event); len(codes) > 0 && !slices.Contains(codes, m.Reason) || len(codes) == 0 && m.Reason != "" {
		return ErrUnknownCode.Pointing("/reason")
	}
	return nil
}

// Merchant is a registration as its merchant sees it.
func (b *Broker) Merchant(ctx context.Context, id MerchantID) (MerchantView, error) {
	f, err := b.Store.MerchantByID(ctx, id)
	if err != nil {
		return MerchantView{}, err
	}
	return b.viewMerchant(ctx, f)
}

// viewMerchant is what the merchant may know of its registration.
func (b *Broker) viewMerchant(ctx context.Context, f *FoundMerchant) (MerchantView, error) {
	r := f.At(b.now())
	v := r.view(f.Of.ID)
	v.State = merchantState(r.State)
	v.Allowed, v.Fields, v.Reason = merchants.Life.Allowed(r.State, merchants.ByMerchant), r.toldFields(), merchantReason(r.Reason)
	if r.Current == r.Approved {
		hide(v.Fields, r.Hidden)
	}
	if !r.public(&f.Of.Party) {
		v.Published, v.Hidden = 0, nil
	}
	err := b.wordsTo(ctx, f, &r, &v)
	if err != nil {
		return v, err
	}
	v.Documents, err = b.Store.MerchantDocuments(ctx, &r)
	return v, err
}

func (r *MerchantRecord) view(of PartyID) MerchantView {
	v := MerchantView{
		ID: r.ID, Party: of, Jurisdiction: r.Jurisdiction, Type: r.Type, State: r.State, Version: r.Current, Pack: r.Assessed.Pack,
		Fields: r.Assessed.Fields, Question: r.Question, Reason: r.Reason, Deadline: r.Deadline, Timer: r.Timer, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt,
	}
	if r.Shown {
		v.Published, v.Hidden = r.Approved, r.Hidden
	}
	return v
}
