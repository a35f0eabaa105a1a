package broker

import (
	"context"
	"errors"
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// Message is what an endpoint is told. Everything in it may be known to the sides
// that it is for: it is no more than what the entry says to the audience of both
// parties, and of that no commitment and no version. Nobody's contact, note or flag
// is in it.
type Message struct {
	Type      string      `json:"type"`
	Timestamp time.Time   `json:"timestamp"`
	Data      MessageData `json:"data"`
}

// MessageData is what a message is about.
type MessageData struct {
	Disclosure  DisclosureID       `json:"disclosure,omitzero"`
	Dispute     CaseID             `json:"dispute,omitzero"`
	BreakGlass  GlassID            `json:"break_glass,omitzero"`
	Event       string             `json:"event,omitempty"`   // what happened in a case
	Outcome     string             `json:"outcome,omitempty"` // of a decision on it
	Transaction TransactionID      `json:"transaction,omitzero"`
	Requester   PartyID            `json:"requester,omitzero"`
	Subject     PartyID            `json:"subject,omitzero"`
	Party       PartyID            `json:"party,omitzero"`    // where it is about one, and about no disclosure
	Merchant    MerchantID         `json:"merchant,omitzero"` // a registration of that party
	For         []Addressee        `json:"for"`
	State       states.State       `json:"state,omitzero"` // of the registration or the case
	Purpose     necessity.Purpose  `json:"purpose,omitzero"`
	Decision    string             `json:"decision,omitzero"`
	Ground      necessity.Ground   `json:"ground,omitempty"`
	Fields      []MessageField     `json:"fields,omitzero"`
	Reasons     []necessity.Reason `json:"reasons,omitempty"`
	Reason      string             `json:"reason,omitempty"`
	ExpiresAt   time.Time          `json:"expires_at,omitzero"`
	Staff       *MessageStaff      `json:"staff,omitempty"`
	Ledger      MessagePlace       `json:"ledger"`
}

// MessageStaff is what one of the staff opened, by names: whose role, never who.
type MessageStaff struct {
	Role    string          `json:"role"`
	Purpose string          `json:"purpose"`
	Fields  []masking.Field `json:"fields"`
	Notes   []string        `json:"notes"`
}

// Addressee is a party that the marketplace may pass a message on to.
type Addressee struct {
	Party PartyID        `json:"party"`
	Role  necessity.Role `json:"role,omitzero"`
}

// MessageField is a field by its name.
type MessageField struct {
	Field   masking.Field     `json:"field"`
	Outcome necessity.Outcome `json:"outcome"`
	Reason  necessity.Reason  `json:"reason,omitempty"`
}

// MessagePlace is the entry that a message is about.
type MessagePlace struct {
	Index int64 `json:"index"`
}

// Telling is what there is to say of a due notice: a message, or none. Then
// Again is when there may be one, and zero if never.
type Telling struct {
	Message *Message
	Again   time.Time
}

// Tell reads what a notice says from the ledger, as things are now: what has
// ended meanwhile is not said to be ending. A notice that its entry does not bear
// out says nothing, so no row of an outbox can make this broker say what did not happen.
func (b *Broker) Tell(ctx context.Context, n DueNotice) (Telling, error) {
	kind := n.Kind.row()
	if len(kind.of) == 0 {
		return Telling{}, nil
	}
	if len(kind.events) > 0 {
		return b.tellOfParty(ctx, n, kind)
	}
	if kind.ofCase {
		return b.tellOfCase(ctx, n, kind)
	}
	if kind.ofGlass {
		return b.tellOfGlass(ctx, n, kind)
	}
	f, err := b.Store.Disclosure(ctx, n.Disclosure)
	if errors.Is(err, ErrNotFound) {
		return Telling{}, nil
	}
	if err != nil {
		return Telling{}, err
	}
	st, err := b.said(ctx, n.Entry, f)
	if errors.Is(err, ErrNotFound) {
		return Telling{}, nil
	}
	if err != nil {
		return Telling{}, err
	}
	fits := kind.anyDecision || st.Type == ledger.DecisionAppealed || kind.decision == st.Members.String("decision")
	if !slices.Contains(kind.of, st.Type) || !fits || !n.Kind.happened(st) || !concerns(st, f.ID) {
		return Telling{}, nil
	}
	v := b.viewDecided(&f.Situation, &f.Decided, f.Grant, f.Place)
	if kind.due != nil {
		if f.Grant == nil { // the row is half of what it was
			return Telling{}, nil
		}
		at := kind.due(f.At, v.ExpiresAt)
		if f.Grant.State != Revoked && at.After(b.now()) {
			return Telling{Again: at}, nil // the facts have moved its end, or may yet; a suspended one may live again
		}
		if v.State != kind.state {
			return Telling{}, nil
		}
	}
	return Telling{Message: message(n, &v, &f.Situation.Transaction.Transaction, st)}, nil
}

// tellOfParty says what happened to a party, to the party alone: when, and until
// when it matters. How a link reads is in no entry, and of a registration only its
// state is said and the reason that the merchant may read.
func (b *Broker) tellOfParty(ctx context.Context, n DueNotice, kind noticeKind) (Telling, error) {
	p, st, err := b.aboutParty(ctx, n)
	if errors.Is(err, ErrNotFound) {
		return Telling{}, nil
	}
	if err != nil || !slices.Contains(kind.of, st.Type) || !slices.Contains(kind.events, states.Event(st.Members.String("event"))) {
		return Telling{}, err
	}
	return Telling{Message: partyMessage(n, p, st)}, nil
}

// aboutParty opens the entry of a notice with the key of the party that it names:
// of another party's entry nothing is said.
func (b *Broker) aboutParty(ctx context.Context, n DueNotice) (PartyID, ledger.Statement, error) {
	id, err := b.Store.PartyAt(ctx, n.Of)
	if err != nil {
		return "", ledger.Statement{}, err
	}
	p, _, err := b.Store.Party(ctx, id, MasksOnly)
	if err != nil {
		return "", ledger.Statement{}, err
	}
	st, err := b.Store.Statement(ctx, n.Entry, p.Key)
	return id, st, err
}

func partyMessage(n DueNotice, id PartyID, st ledger.Statement) *Message {
	m := &Message{Type: n.Kind.String(), Timestamp: st.At.UTC(), Data: MessageData{
		Party: id, For: []Addressee{{Party: id}}, ExpiresAt: timeIn(&st, "until"), Ledger: MessagePlace{n.Entry},
	}}
	if st.Type == ledger.MerchantMoved || st.Type == ledger.MerchantWritten {
		m.Data.Merchant, m.Data.State = MerchantID(st.Members.String("merchant")), states.State(st.Members.String("state"))
		m.Data.Reason = st.Members.String("told")
	}
	return m
}

// said is what an entry says that is about a disclosure: kept with its transaction,
// with its subject where a flag or a consent is the cause, or with another
// transaction of the two where an objection there is.
func (b *Broker) said(ctx context.Context, index int64, f *Found) (ledger.Statement, error) {
	if index == f.Place.Index {
		return f.Statement, nil
	}
	st, err := b.Store.Statement(ctx, index, f.Situation.Transaction.Key)
	if errors.Is(err, ErrNotFound) {
		role, _ := f.Situation.Transaction.Role(f.Subject)
		st, err = b.Store.Statement(ctx, index, f.Situation.Party(role).Key)
	}
	if errors.Is(err, ErrNotFound) {
		st, err = b.Store.StatementAt(ctx, index)
	}
	return st, err
}

// happened says whether an entry about a request is of the event that the notice
// tells of.
func (k NoticeKind) happened(st ledger.Statement) bool {
	if st.Type != ledger.RequestMoved {
		return true
	}
	events := map[NoticeKind][]states.Event{
		GrantSuspended: {Suspend}, GrantRevoked: {Recall}, InformationNeeded: {Ask}, RequestWithdrawn: {Withdraw, Lapse, Bar},
		GrantReinstated: {Reinstate}, RecallRequested: {Recall, CallBack, Bar}, DisclosureDecidedByPerson: {Uphold, Keep},
	}
	return slices.Contains(events[k], states.Event(st.Members.String("event")))
}

// concerns says whether an entry speaks of a disclosure.
func concerns(st ledger.Statement, id DisclosureID) bool {
	if st.Members.String("disclosure") == string(id) {
		return true
	}
	for _, list := range []string{"suspended", "ended"} {
		ended, _ := st.Members.Lookup(list)
		if ids, _ := ended.([]string); slices.Contains(ids, string(id)) {
			return true
		}
	}
	return false
}

func message(n DueNotice, v *DisclosureView, t *Transaction, st ledger.Statement) *Message {
	m := &Message{Type: n.Kind.String(), Timestamp: st.At.UTC(), Data: MessageData{
		Disclosure: v.ID, Transaction: t.ID, Requester: v.Requester, Subject: v.Subject,
		Purpose: v.Purpose, Decision: v.Decision, Ground: v.Ground, Fields: make([]MessageField, 0, len(v.Fields)),
		ExpiresAt: v.ExpiresAt, Ledger: MessagePlace{n.Entry},
	}}
	if n.Kind.Later() {
		m.Timestamp = n.DueAt.UTC()
	}
	for _, f := range v.Fields {
		m.Data.Fields = append(m.Data.Fields, MessageField{f.Field, f.Outcome, f.Reason})
	}
	for _, r := range v.Reasons {
		m.Data.Reasons = append(m.Data.Reasons, r.Code)
	}
	switch st.Type {
	case ledger.RequestMoved, ledger.DecisionMade:
		m.Data.Reason = st.Members.String("told")
	case ledger.StaffViewed:
		v := parseStaffView(n.Entry, st)
		m.Data.Reason = v.Reason
		m.Data.Staff = &MessageStaff{v.Role, v.Purpose, append([]masking.Field{}, v.Fields...), append([]string{}, v.Notes...)}
	case ledger.GrantRevoked, ledger.DecisionAppealed:
		m.Data.Reason = PublicReason(st.Members.String("reason"))
	default: // has no reason that whoever listens may read
	}
	if !n.Kind.causeKnown(&st) {
		// Whoever may read the log sees what type an entry has, and that two messages are of one.
		m.Data.Reason, m.Data.Ledger.Index = "", v.Place.Index
	}
	m.Data.For = m.Data.addressees(n.Kind, t, &st)
	return m
}
