package broker

import (
	"slices"
	"time"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/broker/states"
)

// What a side is told of the other one, and of what the staff think of either, is
// decided in this file alone: entries, messages, answers, the export and the page
// all ask here. Staff and auditors read everything. The other side is never told
// that the subject objected, by words or by what follows from it.

// PublicReason is what both sides are told of a reason. What would say something of
// one side's safety, or that somebody is suspected, or that the subject objected,
// they are not told.
func PublicReason(code string) string {
	switch code {
	case "safety", "subject_objected", "abuse_suspected", "misuse_suspected":
		return string(necessity.NotAvailable)
	}
	return code
}

// reasonFor is what one side is told of a reason: the subject knows that it objected.
func reasonFor(side states.Actor, code string) string {
	if side == BySubject && code == "subject_objected" {
		return code
	}
	return PublicReason(code)
}

// tell leaves in a view what a side may know of it.
func (v *RequestView) tell(side states.Actor, now time.Time) {
	r := &v.Request
	r.Reason = reasonFor(side, r.Reason)
	if r.IsProposed() && !r.Contested { // what staff think of doing about a grant they tell nobody
		r.OpenedAt, r.Due, r.Statutory = time.Time{}, time.Time{}, time.Time{}
	}
	if side == BySubject {
		return
	}
	switch {
	case v.State == Pending && now.Before(r.HearingEnds), v.State == Second && now.Before(r.HearingEnds):
		// A hearing that ended before its time has ended by an objection, or was skipped.
		v.State, r.Timer, r.Deadline = Hearing, hearingTimer, r.HearingEnds
	case v.State == Second: // what needs a second person may be about somebody at risk
		v.State = Pending
	case v.State == Review:
		v.State = Appealed
	}
	if v.State == Appealed { // whether the subject is heard then says whether she was before, and how
		r.Timer, r.Deadline = "", time.Time{}
	}
	v.Allowed = Life.Allowed(v.State, side)
	r.Heard, r.Objection, r.Kept, r.Contested, r.Feared = "", "", "", false, false
	if !r.waits() { // since when, and by when, a person looks at what the subject says of a grant
		r.OpenedAt, r.Due, r.Statutory = time.Time{}, time.Time{}, time.Time{}
	}
}

// seenBy is what a side may know of what the staff opened; false: nothing. What they
// do about an objection to a grant, and that the subject has written something, is
// for the subject alone.
func (v StaffView) seenBy(side states.Actor) (StaffView, bool) {
	if side == BySubject {
		return v, true
	}
	v.Notes = slices.DeleteFunc(slices.Clone(v.Notes), func(n string) bool { return n == notesOfSubject })
	return v, v.Purpose != forObjection && len(v.Fields)+len(v.Notes) > 0
}

// causeKnown says whether both sides may know the entry that made something so, and
// its reason: not what is about one side alone. Why a grant is suspended they know
// where the facts of the transaction say so, and nowhere else: a flag, the subject's
// safety and a person's doubt are told alike.
func (k NoticeKind) causeKnown(st *ledger.Statement) bool {
	switch st.Type {
	case ledger.PartyFlagged, ledger.ConsentGiven, ledger.ConsentWithdrawn:
		return false
	case ledger.DisclosureObjected, ledger.RequestMoved:
		return k != GrantSuspended
	default:
		return true
	}
}

// addressees are the sides that a message can be passed on to.
func (m *MessageData) addressees(k NoticeKind, t *Transaction, st *ledger.Statement) []Addressee {
	both := []Addressee{{t.Buyer, necessity.Buyer}, {t.Seller, necessity.Seller}}
	alone := k.row().toSubject || states.Event(st.Members.String("event")) == Keep
	if s := m.Staff; s != nil {
		alone = s.Purpose == forObjection || slices.Contains(s.Notes, notesOfSubject)
	}
	if !alone {
		return both
	}
	return slices.DeleteFunc(both, func(a Addressee) bool { return a.Party != m.Subject })
}

// toldInCase says whether both sides of a case are shown an entry of its transaction: not
// what would tell one that the other has objected, nor what one person has proposed.
func toldInCase(st *ledger.Statement) bool {
	switch st.Type {
	case ledger.RequestMoved, ledger.DisclosureObjected, ledger.DecisionProposed, ledger.CaseProposed, ledger.GlassBroken, ledger.GlassEnded, ledger.GlassReviewed:
		return false
	case ledger.StaffViewed:
		_, told := parseStaffView(0, *st).seenBy(ByRequester)
		notes, _ := st.Members.Lookup("notes")
		of, _ := notes.([]string)
		return told && !slices.Contains(of, notesOfSubject)
	default:
		return true
	}
}

// toldText says whether what was written with an entry about a case is for both sides.
func toldText(st *ledger.Statement) bool {
	return st.Type != ledger.CaseProposed
}

// trustDoubted is what a merchant is told where more would say that it is suspected of
// something, or that another one has the same number. Both are what it says.
const trustDoubted = "trust_doubted"

// fraudSuspected is a reason of staff's alone.
const fraudSuspected = "fraud_suspected"

// amongStaff says of what happens to a registration that it leaves it where its merchant
// is told that it is: who works on it, and what one person proposes to another.
func amongStaff(e states.Event) bool {
	return slices.Contains([]states.Event{merchants.Take, merchants.Release, merchants.Propose, merchants.SendBack}, e)
}

// merchantActor is who a merchant is told has done something: a second person is one of
// the staff like any other.
func merchantActor(a states.Actor) states.Actor {
	if a == merchants.BySecond {
		return merchants.ByReviewer
	}
	return a
}

// merchantRole is who a merchant is told has opened something: that a lead has would say
// that a second person was needed.
func merchantRole(role string) string {
	if role == "" || role == string(merchants.ByMerchant) {
		return role
	}
	return "staff"
}

// merchantReason is what a merchant is told of a reason.
func merchantReason(code string) string {
	switch code {
	case fraudSuspected, "duplicate":
		return trustDoubted
	}
	return code
}

// merchantState is where a merchant is told that it stands: that a second person is
// needed may be about another registration.
func merchantState(s states.State) states.State {
	if s == merchants.Proposed {
		return merchants.InReview
	}
	return s
}

// NeedsReview is said of each number by which a business is found again, until people
// have approved it: whether another has the same number, nobody is told who could have
// made it up. No pack has this code.
const NeedsReview = "needs_review"

// MerchantDetail is a code of a registration's field as a sentence, for the merchant.
func MerchantDetail(code string) string {
	if code == NeedsReview {
		return "a person looks at this"
	}
	return merchants.Detail(code)
}

// toldFields are the outcomes as the merchant may know them.
func (r *MerchantRecord) toldFields() []merchants.FieldOutcome {
	fields := slices.Clone(r.Assessed.Fields)
	for i := range fields {
		if o := &fields[i]; o.Code == "" && o.Pointer.Identifying() && r.Approved < r.Current {
			o.Code = NeedsReview
		}
	}
	return fields
}
