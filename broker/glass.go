package broker

import (
	"context"
	"slices"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking"
)

// A break-glass session is how one of the staff sees values in an emergency, about one
// transaction, though no case of it was assigned to him, or there is none. It is short,
// the leads are paged when it begins, and somebody else reviews it after that. The floor
// holds: what no policy could lift, no emergency does.

// GlassID is "bgl_" and 26 characters, made like those of disclosures.
type GlassID string

const glassPrefix = "bgl_"

// IsGlassID says whether a text has the form of such an id.
func IsGlassID(s string) bool {
	_, ok := idBytes(s, glassPrefix)
	return ok
}

func (b *Broker) newGlassID(now time.Time) (GlassID, error) {
	id, err := b.newID(now)
	return GlassID(glassPrefix + strings.TrimPrefix(string(id), disclosurePrefix)), err
}

// GlassRecord is a session as the store holds it: checked against its MAC, and without
// any text.
type GlassRecord struct {
	Row         Row
	ID          GlassID
	Transaction Row
	Account     string // who has opened it
	Version     int64  // as many as entries about it
	GlassFacts
}

// GlassFacts are what the next step depends on. The state is that of the last entry; what
// time has made of it since, At says.
type GlassFacts struct {
	State     states.State  `json:"state"`
	Of        TransactionID `json:"of"`
	Dispute   CaseID        `json:"dispute,omitempty"` // that it was opened on
	Reason    string        `json:"reason"`            // of GlassReasons
	Role      string        `json:"role"`
	Hands     []string      `json:"hands"` // the opener's account, and all that have made it
	OpenedAt  time.Time     `json:"opened_at"`
	UpdatedAt time.Time     `json:"updated_at"`
	Until     time.Time     `json:"until"` // it ends by itself then
	EndedAt   time.Time     `json:"ended_at,omitzero"`
	EndedBy   string        `json:"ended_by,omitempty"` // an account; empty: time
	Due       time.Time     `json:"due,omitzero"`       // of its review
	Timer     states.Timer  `json:"timer,omitempty"`
	Deadline  time.Time     `json:"deadline,omitzero"` // when the state ends by itself
	Reveals   int           `json:"reveals,omitzero"`
	Outcome   string        `json:"outcome,omitempty"` // of GlassOutcomes
	Reviewer  string        `json:"reviewer,omitempty"`
	Reviewed  time.Time     `json:"reviewed_at,omitzero"`
	Newest    []byte        `json:"newest"` // leaf hash of the newest entry about it
}

// At is the session as time has made it: an end that has come has happened, whether or
// not anybody has written that down yet.
func (r *GlassRecord) At(now time.Time) GlassRecord {
	x := *r
	for x.Timer != "" && !now.Before(x.Deadline) {
		row, err := GlassLife.Next(x.State, GlassLife.Timers[x.Timer], ByClock, func(states.Guard) bool { return true })
		if err != nil {
			break
		}
		x.move(row, x.Deadline)
	}
	return x
}

// over says that the time of an open session has passed; or that the clock was set back
// behind what was last done in it, and nobody can say how much of its time is left.
func (r *GlassRecord) over(now time.Time) bool {
	return r.State == GlassOpen && (!now.Before(r.Deadline) || now.Before(r.UpdatedAt.Add(-clockSlack)))
}

// clockSlack is how far a clock is set right now and then without anybody's doing.
const clockSlack = time.Minute

// move takes a row, at a moment.
func (r *GlassRecord) move(row *states.Row, at time.Time) {
	to := row.After(r.State)
	if to == r.State {
		return
	}
	r.State, r.Timer, r.Deadline = to, row.Timer, time.Time{}
	switch row.Timer {
	case glassTimer:
		r.Until = at.Add(GlassTerm)
		r.Deadline = r.Until
	case reviewTimer:
		r.EndedAt, r.Due = at, at.Add(ReviewTerm)
		r.Deadline = r.Due
	}
}

// Holds says that whoever has opened it has to be asked about it before he sees anything
// else: nobody has reviewed it, or it was found not justified.
func (r *GlassRecord) Holds() bool { return r.State != GlassReviewed || r.Outcome == NotJustified }

// GlassFilter selects sessions; empty members select nothing. Those that are not reviewed
// come by what is due first, else the newest come first.
type GlassFilter struct {
	Account    string
	Unreviewed bool
	After      string
	Limit      int
}

// GlassOf counts the sessions that an account has ever opened.
type GlassOf struct {
	Account string
	Count   int
}

// GlassStore is what break-glass sessions need of a store.
type GlassStore interface {
	// GlassByID and GlassByRow find a session.
	GlassByID(ctx context.Context, id GlassID) (*GlassRecord, error)
	GlassByRow(ctx context.Context, r Row) (*GlassRecord, error)
	// Glasses lists those that a filter selects.
	Glasses(ctx context.Context, f GlassFilter) (found []GlassRecord, next string, err error)
	// GlassesHeld are those of an account that hold, and how many it has ever opened.
	GlassesHeld(ctx context.Context, account string) (held []GlassRecord, all int, err error)
	// GlassesOf are those about transactions of a party in which something was revealed.
	GlassesOf(ctx context.Context, party Row) ([]GlassRecord, error)
	// GlassEntries are the entries about a session, in the order of the log.
	GlassEntries(ctx context.Context, r *GlassRecord, keeper masking.Key) ([]Recorded, error)
}

// GlassSeen is a moment at which values were revealed in a session.
type GlassSeen struct {
	Index   int64
	At      time.Time
	Subject PartyID
	Fields  []masking.Field
	Told    time.Time // when the person is told; zero: at once
}

// GlassView is a session as one of the staff may see it.
type GlassView struct {
	GlassRecord

	Buyer, Seller PartyID // where one session is looked at
	Now           time.Time
	Allowed       []states.Event
	Text, Review  masking.Text // why it was opened, and what came of its review
	Seen          []GlassSeen
	Place         ledger.Place // of the entry that was just written; zero for a read
}

// Glasses lists sessions: a handler's own, and to those who lead and to auditors all.
func (b *Broker) Glasses(ctx context.Context, s Staff, f GlassFilter) ([]GlassView, string, error) {
	if !s.reads() {
		return nil, "", ErrRole
	}
	if s.Role == roleHandler {
		f.Account = s.Account
	}
	found, next, err := b.Store.Glasses(ctx, f)
	if err != nil {
		return nil, "", err
	}
	all := make([]GlassView, len(found))
	for i := range found {
		all[i] = b.glassCourse(&s, &found[i]).view()
	}
	return all, next, nil
}

// Glass is one session with what was written and revealed in it. To a handler who has
// not opened it there is no such session; auditors read no text.
func (b *Broker) Glass(ctx context.Context, s Staff, id GlassID) (GlassView, error) {
	if !s.reads() {
		return GlassView{}, ErrRole
	}
	r, err := b.Store.GlassByID(ctx, id)
	if err != nil {
		return GlassView{}, err
	}
	return b.showGlass(ctx, &s, r)
}

func (b *Broker) showGlass(ctx context.Context, s *Staff, r *GlassRecord) (GlassView, error) {
	if s.Role == roleHandler && r.Account != s.Account {
		return GlassView{}, ErrNotFound
	}
	c := b.glassCourse(s, r)
	v := c.view()
	situation, err := b.Store.Situation(ctx, r.Of, "", Counterpartys)
	if err != nil {
		return v, err
	}
	v.Buyer, v.Seller = situation.Buyer.ID, situation.Seller.ID
	entries, err := b.Store.GlassEntries(ctx, r, situation.Transaction.Key)
	if err != nil {
		return v, err
	}
	for i := range entries {
		if e := &entries[i]; e.Statement.Type == ledger.GlassViewed {
			v.Seen = append(v.Seen, parseGlassSeen(e))
		}
	}
	if s.leads() || r.Account == s.Account {
		err = b.glassTexts(ctx, &v, situation.Transaction.Key, entries)
	}
	return v, err
}

func parseGlassSeen(e *Recorded) GlassSeen {
	x := parseCaseLook(e.Index, &e.Statement)
	return GlassSeen{e.Index, x.At, PartyID(e.Statement.Members.String("subject")), x.Fields, timeIn(&e.Statement, "told_at")}
}

// glassTexts opens what the staff have written about a session for those who review it.
func (b *Broker) glassTexts(ctx context.Context, v *GlassView, keeper masking.Key, entries []Recorded) error {
	noted := slices.DeleteFunc(slices.Clone(entries), func(e Recorded) bool { return e.Statement.Members.String("note") == "" })
	indexes := make([]int64, len(noted))
	for i := range noted {
		indexes[i] = noted[i].Index
	}
	sealed, err := b.Store.Statements(ctx, indexes)
	if err != nil {
		return err
	}
	for i := range noted {
		e := &noted[i]
		text, err := b.openCommitted(keeper, b.glassLabel(v.ID, e.Statement.Members.Int("step")), e, sealed[e.Index])
		if err != nil {
			return err
		}
		if e.Statement.Type == ledger.GlassReviewed {
			v.Review = text
		} else {
			v.Text = text
		}
	}
	return nil
}

func (b *Broker) glassLabel(id GlassID, step int64) masking.Label {
	return masking.Label{Origin: b.Origin, Owner: "break_glass/" + string(id), Field: "note", Version: int(step)}
}
