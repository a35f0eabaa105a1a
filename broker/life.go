package broker

import (
	"errors"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/states"
)

// States of a disclosure. A request that the engine decided, and about which
// nobody has said anything since, has no record: its state follows from its row.
const (
	Submitted  states.State = "submitted"
	AutoDenied states.State = "auto_denied"
	Pending    states.State = "pending"
	InfoNeeded states.State = "info_needed"
	Hearing    states.State = "objection" // the subject may object
	Second     states.State = "second"    // a second person looks at what was proposed
	Granted    states.State = "granted"
	Denied     states.State = "denied"
	Held       states.State = "suspended"
	Ended      states.State = "expired"
	Recalled   states.State = "revoked"
	Appealed   states.State = "appealed"
	Review     states.State = "appeal_second"
	Upheld     states.State = "upheld"
	Overturned states.State = "overturned"
	TakenBack  states.State = "withdrawn"
)

// Events in the life of a disclosure.
const (
	Submit    states.Event = "submit"
	Evaluate  states.Event = "evaluate"
	Hear      states.Event = "hear"
	Object    states.Event = "object"
	Skip      states.Event = "skip_hearing"
	Silence   states.Event = "silence"
	Take      states.Event = "take"
	Release   states.Event = "release"
	Ask       states.Event = "ask"
	Answer    states.Event = "answer"
	Lapse     states.Event = "lapse"
	Propose   states.Event = "propose"
	Approve   states.Event = "approve"
	Reject    states.Event = "reject"
	Grants    states.Event = "grant"
	Deny      states.Event = "deny"
	See       states.Event = "view"
	Suspend   states.Event = "suspend"
	Reinstate states.Event = "reinstate"
	Expire    states.Event = "expire"
	Recall    states.Event = "revoke"
	ToRecall  states.Event = "propose_revocation"
	Attest    states.Event = "attest_deletion"
	Appeal    states.Event = "appeal"
	Uphold    states.Event = "uphold"
	Overturn  states.Event = "overturn"
	Withdraw  states.Event = "withdraw"
	Keep      states.Event = "keep"      // a grant that was objected to lives on
	LookInto  states.Event = "look"      // what is sealed is opened for who works on it
	Bar       states.Event = "bar"       // its requester may not ask any more
	CallBack  states.Event = "call_back" // what was seen of a grant that was revoked
	Close     states.Event = "close"     // the grant that was objected to, or about which something was proposed, has ended
)

// Actors. A handler is whoever of the staff works on the request; the second is
// another person, a lead or a privacy officer, who has not.
const (
	ByRequester states.Actor = "requester"
	BySubject   states.Actor = "subject"
	ByClock     states.Actor = "clock"
	ByPolicy    states.Actor = "policy"
	ByHandler   states.Actor = "handler"
	BySecond    states.Actor = "second"
	// ByMarketplace: with its own key, for neither side.
	ByMarketplace states.Actor = "marketplace"
)

// Guards.
const (
	isParty      states.Guard = "party"
	fewPending   states.Guard = "few_pending"
	refusedByLaw states.Guard = "engine_refuses"
	givenByRow   states.Guard = "engine_grants"
	leftToPeople states.Guard = "engine_leaves_it"
	takenByHim   states.Guard = "taken_by_him"
	notTaken     states.Guard = "not_taken"
	mayRelease   states.Guard = "may_release"
	heard        states.Guard = "heard"
	notHeard     states.Guard = "not_heard"
	permitted    states.Guard = "permitted"
	oneIsEnough  states.Guard = "one_is_enough"
	twoNeeded    states.Guard = "two_needed"
	anotherHand  states.Guard = "another_person"
	ofTwoHands   states.Guard = "of_two_hands"
	mayApprove   states.Guard = "may_approve"
	notNew       states.Guard = "not_new"
	sameHash     states.Guard = "same_hash"
	lookedAt     states.Guard = "looked_at"
	onlySafety   states.Guard = "for_safety"
	newObjection states.Guard = "new_objection"
	stillHolds   states.Guard = "still_holds"
	inTime       states.Guard = "in_time"
	firstAppeal  states.Guard = "first_appeal"
	newDecider   states.Guard = "new_decider"
	newHands     states.Guard = "new_hands"
	notAttested  states.Guard = "not_attested"
	contested    states.Guard = "contested"
	thatPurpose  states.Guard = "that_purpose"
	openable     states.Guard = "openable"
	barred       states.Guard = "barred"
	mayAsk       states.Guard = "may_ask"
	seen         states.Guard = "seen"
	calledBack   states.Guard = "called_back"
	revoked      states.Guard = "revoked"
	inTheRight   states.Guard = "subject_in_the_right"
	proposed     states.Guard = "proposed"
	fewHeldOff   states.Guard = "few_held_off"
	notHeldOff   states.Guard = "not_held_off"
)

// Effects.
const (
	openWindow   states.Effect = "open_hearing"
	tellSubject  states.Effect = "tell_subject"
	tellBoth     states.Effect = "tell_both"
	pauseClock   states.Effect = "pause_clock"
	resumeClock  states.Effect = "resume_clock"
	makeGrant    states.Effect = "make_grant"
	holdGrant    states.Effect = "suspend_grant"
	freeGrant    states.Effect = "reinstate_grant"
	endGrant     states.Effect = "end_grant"
	recallNotice states.Effect = "recall_notice"
	holdOff      states.Effect = "hold_requester_off" // whatever it asks about the subject, two people decide
	letBack      states.Effect = "let_requester_back"
)

// Timers.
const (
	hearingTimer states.Timer = "hearing"
	infoTimer    states.Timer = "information"
)

// How long each deadline is. Those of the hearing and of the answer are our
// proposals (states.md 3.2), not law.
const (
	hearingTime    = 24 * time.Hour
	infoTime       = 5 * 24 * time.Hour
	appealTime     = 30 * 24 * time.Hour
	recallTime     = 7 * 24 * time.Hour
	dueDelivery    = 24 * time.Hour
	dueOther       = 72 * time.Hour
	statutoryTime  = 30 * 24 * time.Hour // GDPR 12(3): without undue delay, and within a month
	mostPending    = 3                   // requests of one transaction that wait for a person at a time
	mostHeldOff    = 5                   // requesters that one party holds off at a time by its own word
	citationExpiry = 30 * 24 * time.Hour // of anything given under 3g
)

// Life is the life of a disclosure: states.md 3.2, with the events that people
// cause. The table in docs/states.md is generated from it.
var Life = &states.Machine{
	Name:   "disclosure",
	Clock:  ByClock,
	Finals: from(Ended, Upheld, TakenBack),
	Timers: map[states.Timer]states.Event{hearingTimer: Silence, infoTimer: Lapse},
	Rows: []states.Row{
		{From: from(states.Beginning), On: Submit, By: whom(ByRequester), Guards: when(isParty, fewPending), To: Submitted},
		{From: from(Submitted), On: Evaluate, By: whom(ByPolicy), Guards: when(refusedByLaw), To: AutoDenied, Effects: with(tellBoth)},
		{From: from(Submitted), On: Evaluate, By: whom(ByPolicy), Guards: when(givenByRow), To: Granted, Effects: with(makeGrant, tellBoth)},
		{From: from(Submitted), On: Evaluate, By: whom(ByPolicy), Guards: when(leftToPeople), To: Pending},
		{From: from(Pending), On: Hear, By: whom(ByClock), Guards: when(notHeard), To: Hearing, Effects: with(openWindow, tellSubject), Timer: hearingTimer},
		{From: from(Hearing), On: Object, By: whom(BySubject), Guards: when(onlySafety, fewHeldOff), To: Pending, Effects: with(holdOff, tellSubject)},
		{From: from(Hearing), On: Object, By: whom(BySubject), To: Pending, Effects: with(tellSubject)},
		{From: from(Hearing), On: Skip, By: whom(ByHandler), Guards: when(takenByHim), To: Pending},
		{From: from(Hearing), On: Silence, By: whom(ByClock), To: Pending},
		{From: from(Pending, Hearing), On: Take, By: whom(ByHandler), Guards: when(notNew, notTaken)},
		{From: from(Pending, Hearing), On: Release, By: whom(ByHandler), Guards: when(mayRelease)},
		{From: from(Pending, Hearing), On: Ask, By: whom(ByHandler), Guards: when(takenByHim), To: InfoNeeded, Effects: with(pauseClock, tellBoth), Timer: infoTimer},
		{From: from(InfoNeeded), On: Answer, By: whom(ByRequester), Guards: when(heard), To: Pending, Effects: with(resumeClock)},
		{From: from(InfoNeeded), On: Answer, By: whom(ByRequester), Guards: when(notHeard), To: Hearing, Effects: with(resumeClock, openWindow), Timer: hearingTimer},
		{From: from(InfoNeeded), On: Lapse, By: whom(ByClock), To: TakenBack, Effects: with(tellBoth)},
		{From: from(Pending), On: Propose, By: whom(ByHandler), Guards: when(notNew, takenByHim, heard, permitted, twoNeeded), To: Second},
		{From: from(Pending), On: Grants, By: whom(ByHandler), Guards: when(takenByHim, heard, permitted, oneIsEnough), To: Granted, Effects: with(makeGrant, letBack, tellBoth)},
		{From: from(Pending, Hearing), On: Deny, By: whom(ByHandler), Guards: when(takenByHim), To: Denied, Effects: with(tellBoth)},
		{From: from(Second), On: Approve, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, sameHash, permitted), To: Granted, Effects: with(makeGrant, letBack, tellBoth)},
		{From: from(Second), On: Reject, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands), To: Pending},
		{From: from(Second), On: Release, By: whom(ByHandler), Guards: when(mayRelease), To: Pending},
		{From: from(Pending, Hearing, InfoNeeded, Second), On: Withdraw, By: whom(ByRequester), To: TakenBack, Effects: with(tellBoth)},
		{From: from(Granted, Overturned), On: See, By: whom(ByRequester)},
		{From: from(Granted, Overturned), On: Object, By: whom(BySubject), Guards: when(onlySafety, fewHeldOff), To: Held, Effects: with(holdGrant, holdOff, tellBoth)},
		{From: from(Granted, Overturned), On: Object, By: whom(BySubject), Guards: when(onlySafety), To: Held, Effects: with(holdGrant, tellBoth)},
		{From: from(Held), On: Object, By: whom(BySubject), Guards: when(onlySafety, newObjection, fewHeldOff), Effects: with(holdOff, tellSubject)},
		{From: from(Granted, Overturned, Held), On: Object, By: whom(BySubject), Guards: when(newObjection), Effects: with(tellSubject)},
		{From: from(Granted, Overturned, Held), On: Take, By: whom(ByHandler), Guards: when(notNew, contested, notTaken)},
		{From: from(Granted, Overturned, Held), On: Release, By: whom(ByHandler), Guards: when(mayRelease)},
		{From: from(Granted, Overturned), On: Keep, By: whom(ByHandler), Guards: when(contested, takenByHim, newDecider, newHands), Effects: with(letBack, tellSubject)},
		{From: from(Granted, Overturned), On: Suspend, By: whom(ByHandler), Guards: when(onlySafety), To: Held, Effects: with(holdGrant, holdOff, tellBoth)},
		{From: from(Granted, Overturned), On: Suspend, By: whom(ByHandler), To: Held, Effects: with(holdGrant, tellBoth)},
		{From: from(Held), On: Suspend, By: whom(ByHandler), Guards: when(onlySafety, notHeldOff), Effects: with(holdOff)},
		{From: from(Held), On: Propose, By: whom(ByHandler), Guards: when(notNew, stillHolds)},
		{From: from(Held), On: Reinstate, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, sameHash, stillHolds), To: Granted, Effects: with(freeGrant, letBack, tellBoth)},
		{From: from(Granted, Overturned, Held), On: ToRecall, By: whom(ByHandler), Guards: when(notNew)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, sameHash, seen), To: Recalled, Effects: with(endGrant, recallNotice, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, sameHash), To: Recalled, Effects: with(endGrant, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(ByHandler), Guards: when(inTheRight, takenByHim, seen), To: Recalled, Effects: with(endGrant, recallNotice, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(ByHandler), Guards: when(inTheRight, takenByHim), To: Recalled, Effects: with(endGrant, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(ByMarketplace), To: Recalled, Effects: with(endGrant, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(ByClock), Guards: when(barred, seen), To: Recalled, Effects: with(endGrant, recallNotice, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Recall, By: whom(ByClock), Guards: when(barred), To: Recalled, Effects: with(endGrant, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Expire, By: whom(ByClock), To: Ended, Effects: with(tellBoth)},
		{From: from(Recalled, Appealed, Review, Upheld, TakenBack), On: CallBack, By: whom(ByClock), Guards: when(revoked, seen), Effects: with(recallNotice, tellBoth)},
		{From: from(Granted, Overturned, Held), On: Reject, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands)},
		{From: from(Recalled, Ended), On: Close, By: whom(ByClock), Guards: when(contested)},
		{From: from(Recalled, Ended), On: Close, By: whom(ByClock), Guards: when(proposed)},
		{From: from(Appealed, Review), On: Bar, By: whom(ByClock), Guards: when(barred, revoked, seen), To: TakenBack, Effects: with(recallNotice, tellBoth)},
		{From: from(Pending, Hearing, InfoNeeded, Second, Appealed, Review), On: Bar, By: whom(ByClock), Guards: when(barred), To: TakenBack, Effects: with(tellBoth)},
		{From: from(Recalled), On: Attest, By: whom(ByRequester), Guards: when(notAttested)},
		{From: from(Appealed, Review, Upheld, TakenBack), On: Attest, By: whom(ByRequester), Guards: when(calledBack, notAttested)},
		{From: from(Denied, AutoDenied, Recalled, Upheld), On: Appeal, By: whom(ByRequester), Guards: when(mayAsk, inTime, firstAppeal, fewPending, notHeard), To: Appealed, Effects: with(openWindow, tellBoth), Timer: hearingTimer},
		{From: from(Denied, AutoDenied, Recalled, Upheld), On: Appeal, By: whom(ByRequester), Guards: when(mayAsk, inTime, firstAppeal, fewPending), To: Appealed, Effects: with(tellBoth)},
		{From: from(Denied, AutoDenied, Recalled), On: Appeal, By: whom(BySubject), Guards: when(mayAsk, inTime, firstAppeal), To: Appealed, Effects: with(tellBoth)},
		{From: from(Appealed), On: Object, By: whom(BySubject), Guards: when(notHeard, onlySafety, fewHeldOff), Effects: with(holdOff, tellSubject)},
		{From: from(Appealed), On: Object, By: whom(BySubject), Guards: when(notHeard), Effects: with(tellSubject)},
		{From: from(Appealed), On: Skip, By: whom(ByHandler), Guards: when(notHeard, takenByHim, newDecider, newHands)},
		{From: from(Appealed), On: Silence, By: whom(ByClock)},
		{From: from(Appealed), On: Take, By: whom(ByHandler), Guards: when(notNew, newDecider, newHands, notTaken)},
		{From: from(Appealed), On: Release, By: whom(ByHandler), Guards: when(mayRelease)},
		{From: from(Appealed), On: Uphold, By: whom(ByHandler), Guards: when(takenByHim, newDecider, newHands), To: Upheld, Effects: with(tellBoth)},
		{From: from(Appealed), On: Overturn, By: whom(ByHandler), Guards: when(takenByHim, newDecider, newHands, heard, permitted, oneIsEnough), To: Overturned, Effects: with(makeGrant, letBack, tellBoth)},
		{From: from(Appealed), On: Propose, By: whom(ByHandler), Guards: when(notNew, takenByHim, newDecider, newHands, heard, permitted, twoNeeded), To: Review},
		{From: from(Review), On: Approve, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands, newDecider, newHands, sameHash, permitted), To: Overturned, Effects: with(makeGrant, letBack, tellBoth)},
		{From: from(Review), On: Reject, By: whom(BySecond), Guards: when(anotherHand, mayApprove, ofTwoHands), To: Appealed},
		{From: from(Pending, Hearing), On: LookInto, By: whom(ByHandler), Guards: when(takenByHim, thatPurpose, openable), Effects: with(tellBoth)},
		{From: from(Granted, Overturned, Held), On: LookInto, By: whom(ByHandler), Guards: when(contested, takenByHim, thatPurpose, openable), Effects: with(tellBoth)},
		{From: from(Appealed), On: LookInto, By: whom(ByHandler), Guards: when(takenByHim, newDecider, newHands, thatPurpose, openable), Effects: with(tellBoth)},
	},
	Why: map[states.Guard]string{
		isParty:      "the requester is a party of the transaction",
		fewPending:   "fewer than 3 of the requester's requests and appeals about the transaction wait for a decision",
		refusedByLaw: "no row of the policies gives anything that was asked for, or the floor forbids it",
		givenByRow:   "a row of the policies gives it by itself",
		leftToPeople: "a row gives it, and leaves the decision to a person",
		takenByHim:   "he has taken the request, and nobody else has",
		notTaken:     "nobody else has taken it",
		mayRelease:   "he has taken it; or somebody has, and he is a lead or a privacy officer: whoever took it may be gone",
		heard:        "the subject has objected within a hearing, or had the time to, or the hearing was skipped with a reason; or it is she who appeals",
		notHeard:     "the subject has not had the time to object yet; where the requester appeals: nor was she heard about this before, and a hearing that was skipped is no hearing",
		permitted:    "the engine gives each field, or leaves it to a person, on the facts as they are now",
		oneIsEnough:  "nothing in it needs a second person",
		twoNeeded:    "it gives a real phone or a home address, or is about a minor or somebody at risk, or the two sides live in different countries, or the subject objected, or it rests on a citation (3g), or gives again what was revoked",
		anotherHand:  "another person than whoever proposed it, a lead or a privacy officer; for a citation a privacy officer",
		ofTwoHands:   "neither of the two accounts has made the other, nor has one account made both",
		mayApprove:   "his account may approve: nobody but the operator has made it or given it another role in the last 24 hours",
		notNew:       "his account was not made by another one in the last 24 hours",
		sameHash:     "he names the hash of exactly what will be done",
		lookedAt:     "where he names the hash of what he has looked at, it is what is proposed now",
		onlySafety:   "the reason that is given is safety",
		fewHeldOff:   "the subject holds off fewer than 5 other requesters: a sixth one only a person, who suspends for safety",
		notHeldOff:   "the requester is not held off because of this grant",
		newObjection: "nobody has yet to look at an objection of the subject's, or it is about safety now and was not before",
		stillHolds:   "on the facts as they are now the engine would grant it, or leave it to a person",
		inTime:       "within 30 days of the decision",
		firstAppeal:  "this side has not appealed yet",
		newDecider:   "nobody who decided it before",
		newHands:     "his account and those who decided it before have not made one another, nor has one account made both",
		notAttested:  "it was not attested before",
		contested:    "the subject has objected to the grant, and nobody has looked at that yet",
		proposed:     "that the grant ends, or lives again, was proposed, and no second person has looked at that yet",
		barred:       "its requester was excluded since it asked",
		mayAsk:       "its requester was not excluded since it asked",
		seen:         "its requester has looked, and nobody has asked yet that what was seen be deleted",
		calledBack:   "somebody has asked that what was seen be deleted",
		revoked:      "there was a grant, and it is revoked",
		inTheRight:   "the subject has objected to the grant, and he who looks at that finds it right; for any other reason two people revoke",
		thatPurpose:  "the purpose that he names is the one for which the request is before a person now",
		openable:     "each field was asked for, and the engine gives it or leaves it to a person; each side that is named has written something",
	},
}

func from(s ...states.State) []states.State   { return s }
func whom(a ...states.Actor) []states.Actor   { return a }
func when(g ...states.Guard) []states.Guard   { return g }
func with(e ...states.Effect) []states.Effect { return e }

// transition turns the engine's refusal into what a caller reads: what would have
// been possible, or what does not hold.
func transition(err error) error {
	r, ok := errors.AsType[*states.RefusedError](err)
	if !ok {
		return err
	}
	allowed := make([]string, len(r.Allowed))
	for i, e := range r.Allowed {
		allowed[i] = string(e)
	}
	if r.Guard == "" {
		return ErrInvalidTransition.Offering(allowed)
	}
	return guardFault(r.Guard)
}

// guardFaults are what a caller reads when a guard does not hold.
var guardFaults = map[states.Guard]error{
	isParty: ErrNotFound, fewPending: ErrTooManyPending, takenByHim: ErrNotTaken, mayRelease: ErrNotTaken, notTaken: ErrTaken, heard: ErrNotHeard,
	permitted: ErrNotPermitted, stillHolds: ErrNotPermitted, oneIsEnough: ErrSecondNeeded, twoNeeded: ErrOneIsEnough, anotherHand: ErrOwnWork,
	ofTwoHands: ErrOneHand, newHands: ErrOneHand, mayApprove: accounts.ErrNotYet, notNew: accounts.ErrNotYet,
	sameHash: ErrHashDiffers, lookedAt: ErrHashDiffers, inTime: ErrTooLate, firstAppeal: ErrAppealedBefore, newDecider: ErrDecidedBefore, notAttested: ErrInvalidTransition, contested: ErrInvalidTransition,
	onlySafety: ErrInvalidTransition, fewHeldOff: ErrInvalidTransition, notHeldOff: ErrInvalidTransition, inTheRight: ErrSecondNeeded, thatPurpose: ErrOtherPurpose, openable: ErrNothingToOpen,
	mayHandle: ErrRole, mayReview: ErrRole, noneOpen: ErrGlassOpen, noneUnseen: ErrGlassUnseen, recentOrLead: ErrGlassOld, noneOverdue: ErrReviewDue, noneWrong: ErrGlassWrong, ownSession: ErrGlassNotHis, aboveFloor: ErrNothingToOpen,
	newObjection: ErrInvalidTransition, proposed: ErrInvalidTransition, barred: ErrInvalidTransition, mayAsk: ErrInvalidTransition, seen: ErrInvalidTransition, calledBack: ErrInvalidTransition, revoked: ErrInvalidTransition,
}

func guardFault(g states.Guard) error {
	if err, ok := guardFaults[g]; ok {
		return err
	}
	return ErrInvalidTransition
}
