package merchants

import "bauta.dev/bauta/broker/states"

// Life is the life of a registration: states.md 3.7, with the events that people
// cause. A number that can't be one is refused before there is a version, so no
// state stands for it. The table in docs/states.md is generated from it.
//
// What was approved stays public while a new version is looked at, and the deadlines
// of the law run on meanwhile: a threshold that is passed or a reverification that
// falls due takes what is looked at back to its merchant, and what is not verified by
// the day that the law names is suspended, in whatever state it is. The reverification
// runs from the last approval, also where a row comes back to active without one.
var Life = &states.Machine{
	Name:   "merchant",
	Clock:  ByClock,
	Finals: from(Erased),
	Timers: map[states.Timer]states.Event{
		DraftTimer: Lapse, InformationTimer: Lapse, CollectionTimer: Overdue, VerificationTimer: Overdue,
		ReverifyTimer: Reverify, NoticeTimer: End, RetentionTimer: Erase, LeftoverTimer: Erase,
	},
	Rows: []states.Row{
		{From: from(states.Beginning), On: Save, By: whom(ByMerchant), To: Draft, Timer: DraftTimer},
		{From: from(Draft), On: Save, By: whom(ByMerchant)},
		{From: from(Draft), On: Lapse, By: whom(ByClock), To: Lapsed, Timer: LeftoverTimer},
		{From: from(states.Beginning, Draft), On: Submit, By: whom(ByMerchant), Guards: when(Assessed), To: InReview, Effects: with(TellMerchant)},
		{From: from(InReview), On: Take, By: whom(ByReviewer), Guards: when(NotNew, NotTaken, NewDecider, NewHands)},
		{From: from(InReview), On: Release, By: whom(ByReviewer), Guards: when(MayRelease)},
		{From: from(InReview), On: Ask, By: whom(ByReviewer), Guards: when(TakenByHim), To: NeedsInfo, Effects: with(TellMerchant), Timer: InformationTimer},
		{From: from(NeedsInfo), On: Answer, By: whom(ByMerchant), Guards: when(Assessed), To: InReview},
		{From: from(NeedsInfo), On: Lapse, By: whom(ByClock), Guards: when(IsPublished, NotDue), To: Active, Effects: with(DropNew, TellMerchant), Timer: ReverifyTimer},
		{From: from(NeedsInfo), On: Lapse, By: whom(ByClock), Guards: when(WasActive), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(NeedsInfo), On: Lapse, By: whom(ByClock), To: Lapsed, Effects: with(TellMerchant), Timer: LeftoverTimer},
		{From: from(InReview), On: Approve, By: whom(ByReviewer), Guards: when(NotNew, TakenByHim, Opened, Verified, OneIsEnough), To: Active, Effects: with(Publish, TellMerchant), Timer: ReverifyTimer},
		{From: from(InReview), On: Propose, By: whom(ByReviewer), Guards: when(NotNew, TakenByHim, Opened, Verified, TwoNeeded), To: Proposed},
		{From: from(Proposed), On: Approve, By: whom(BySecond), Guards: when(AnotherHand, MayApprove, OfTwoHands, Opened, SameHash, Verified), To: Active, Effects: with(Publish, TellMerchant), Timer: ReverifyTimer},
		{From: from(Proposed), On: SendBack, By: whom(BySecond), Guards: when(AnotherHand, MayApprove, OfTwoHands), To: InReview},
		{From: from(Proposed), On: Release, By: whom(ByReviewer), Guards: when(MayRelease), To: InReview},
		{From: from(InReview), On: Reject, By: whom(ByReviewer), Guards: when(TakenByHim, IsPublished, NotDue), To: Active, Effects: with(DropNew, TellMerchant), Timer: ReverifyTimer},
		{From: from(InReview), On: Reject, By: whom(ByReviewer), Guards: when(TakenByHim, WasActive), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(InReview), On: Reject, By: whom(ByReviewer), Guards: when(TakenByHim), To: Rejected, Effects: with(TellMerchant), Timer: LeftoverTimer},
		{From: from(InReview, NeedsInfo, Proposed), On: Overdue, By: whom(ByClock), Guards: when(IsPublished), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(InReview, NeedsInfo), On: Amend, By: whom(ByMerchant), Guards: when(Assessed), Effects: with(KeepOld, ReviewAnew)},
		{From: from(Proposed), On: Amend, By: whom(ByMerchant), Guards: when(Assessed), To: InReview, Effects: with(KeepOld, ReviewAnew)},
		{From: from(Active), On: Amend, By: whom(ByMerchant), Guards: when(Assessed), To: InReview, Effects: with(KeepOld)},
		{From: from(Rejected, Suspended), On: Amend, By: whom(ByMerchant), Guards: when(Assessed), To: InReview},
		{From: from(ThresholdDue, ReverifyDue), On: Amend, By: whom(ByMerchant), Guards: when(Assessed), To: InReview, Effects: with(KeepOld), Timer: VerificationTimer},
		{From: from(ThresholdDue, ReverifyDue), On: Confirm, By: whom(ByMerchant), Guards: when(Assessed), To: InReview, Effects: with(KeepOld), Timer: VerificationTimer},
		{From: from(Suspended), On: Confirm, By: whom(ByMerchant), Guards: when(Assessed), To: InReview},
		{From: from(Rejected, Suspended), On: Appeal, By: whom(ByMerchant), Guards: when(InTime, FirstAppeal), To: Appealed, Effects: with(TellMerchant)},
		{From: from(Appealed), On: Take, By: whom(ByReviewer), Guards: when(NotNew, NewDecider, NewHands, NotTaken)},
		{From: from(Appealed), On: Release, By: whom(ByReviewer), Guards: when(MayRelease)},
		{From: from(Appealed), On: Uphold, By: whom(ByReviewer), Guards: when(TakenByHim, NewDecider, NewHands, OfSuspension), To: Suspended, Effects: with(TellMerchant)},
		{From: from(Appealed), On: Uphold, By: whom(ByReviewer), Guards: when(TakenByHim, NewDecider, NewHands), To: Rejected, Effects: with(TellMerchant), Timer: LeftoverTimer},
		{From: from(Appealed), On: Overturn, By: whom(ByReviewer), Guards: when(TakenByHim, NewDecider, NewHands, OfSuspension, Cured, NothingNew), To: Active, Effects: with(Publish, TellMerchant), Timer: ReverifyTimer},
		{From: from(Appealed), On: Overturn, By: whom(ByReviewer), Guards: when(TakenByHim, NewDecider, NewHands, OfSuspension, Cured), To: InReview, Effects: with(Publish, ReviewAnew, TellMerchant)},
		{From: from(Appealed), On: Overturn, By: whom(ByReviewer), Guards: when(TakenByHim, NewDecider, NewHands), To: InReview, Effects: with(ReviewAnew, TellMerchant)},
		{From: from(Active), On: Threshold, By: whom(ByClock), Guards: when(OverLimit), To: ThresholdDue, Effects: with(TellMerchant), Timer: CollectionTimer},
		{From: from(InReview, NeedsInfo, Proposed, ReverifyDue), On: Threshold, By: whom(ByClock), Guards: when(OverLimit, IsPublished), To: ThresholdDue, Effects: with(KeepOld, ReviewAnew, TellMerchant), Timer: CollectionTimer},
		{From: from(Active), On: Reverify, By: whom(ByClock, ByReviewer), To: ReverifyDue, Effects: with(TellMerchant), Timer: CollectionTimer},
		{From: from(InReview, NeedsInfo, Proposed), On: Reverify, By: whom(ByClock), Guards: when(IsPublished), To: ReverifyDue, Effects: with(KeepOld, ReviewAnew, TellMerchant), Timer: CollectionTimer},
		{From: from(Closing), On: Reverify, By: whom(ByClock), Guards: when(IsPublished), To: Closing, Timer: VerificationTimer},
		{From: from(Closing), On: Overdue, By: whom(ByClock), Guards: when(IsPublished), Effects: with(Unpublish, TellMerchant)},
		{From: from(Active, InReview, NeedsInfo, Proposed, ThresholdDue, ReverifyDue, Closing), On: Ebb, By: whom(ByClock), Guards: when(UnderLimit)},
		{From: from(Active), On: LookAnew, By: whom(ByClock), Guards: when(Cautioned), To: InReview, Effects: with(KeepOld)},
		{From: from(ThresholdDue, ReverifyDue), On: Overdue, By: whom(ByClock), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(Active, ThresholdDue, ReverifyDue), On: Suspend, By: whom(ByReviewer), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(InReview, NeedsInfo, Proposed, Closing), On: Suspend, By: whom(ByReviewer), Guards: when(IsPublished), To: Suspended, Effects: with(Unpublish, TellMerchant)},
		{From: from(Suspended), On: Reinstate, By: whom(ByReviewer), Guards: when(NotNew, Cured, Unsuspected, NothingNew), To: Active, Effects: with(Publish, TellMerchant), Timer: ReverifyTimer},
		{From: from(Suspended), On: Reinstate, By: whom(ByReviewer), Guards: when(NotNew, Cured, Unsuspected), To: InReview, Effects: with(Publish, ReviewAnew, TellMerchant)},
		{From: from(Suspended), On: Reinstate, By: whom(ByReviewer), Guards: when(NotNew, Cured), To: InReview, Effects: with(ReviewAnew, TellMerchant)},
		{From: from(Active, ThresholdDue, ReverifyDue, Suspended), On: Close, By: whom(ByMerchant), To: Closing, Effects: with(PublicNotice, TellMerchant), Timer: NoticeTimer},
		{From: from(InReview, NeedsInfo, Proposed, Appealed), On: Close, By: whom(ByMerchant), Guards: when(WasActive), To: Closing, Effects: with(DropNew, PublicNotice, TellMerchant), Timer: NoticeTimer},
		{From: from(Draft, InReview, NeedsInfo, Proposed, Rejected, Appealed), On: Withdraw, By: whom(ByMerchant), Guards: when(NeverActive), To: Lapsed, Effects: with(TellMerchant), Timer: LeftoverTimer},
		{From: from(Closing), On: End, By: whom(ByClock), Guards: when(Settled), To: Closed, Effects: with(Unpublish, TellMerchant), Timer: RetentionTimer},
		{From: from(Closed, Lapsed, Rejected), On: Erase, By: whom(ByClock), Guards: when(NoDuty), To: Erased, Effects: with(EraseValues)},
	},
	Why: map[states.Guard]string{
		Assessed:     "the pack of its jurisdiction refuses nothing: what is required is there, no number is one that can't be, and no person's number stands in a public field",
		NotNew:       "his account was not made by another one in the last 24 hours",
		NotTaken:     "nobody else has taken it",
		TakenByHim:   "he has taken it, and nobody else has",
		MayRelease:   "he has taken it; or somebody has, and he is a lead: whoever took it may be gone",
		Opened:       "he has opened the version that he approves, and an entry says so",
		Verified:     "each field says by what source, how and when it was verified: not before that version was given, and not by a document where there is none",
		OneIsEnough:  "nothing in it needs a second person",
		TwoNeeded:    "a field is suspect, or nobody has checked it, or another merchant has the same number, or one with it or of the same party is or was suspended or rejected, or this one was rejected or people have suspended it, or part of a residential address would be public, or the party is a minor, at risk, restricted, or fears somebody",
		AnotherHand:  "another person than whoever proposed it, a lead",
		MayApprove:   "his account may approve: nobody but the operator has made it or given it another role in the last 24 hours",
		OfTwoHands:   "neither of the two accounts has made the other, nor has one account made both",
		SameHash:     "he names the hash of exactly what will be done",
		IsPublished:  "a version of it is public",
		NotDue:       "nothing is due by law: no threshold was passed, and the reverification is not due",
		WasActive:    "it was active before",
		NeverActive:  "it was never active",
		NewDecider:   "nobody who decided what was appealed",
		NewHands:     "his account and those who decided what was appealed have not made one another, nor has one account made both",
		InTime:       "within six months of the decision",
		FirstAppeal:  "this decision was not appealed yet",
		OfSuspension: "it was a suspension that was appealed",
		OverLimit:    "in any 12 of the last 24 months there were at least 200 sales and 5,000 dollars, and what the law then asks for is not there",
		UnderLimit:   "a threshold that it was over, it is over no longer",
		Cautioned:    "its party is a minor, at risk, restricted, or fears somebody, and whoever approved it did not know",
		Unsuspected:  "people have not suspended it for `fraud_suspected`: else two of them decide whether anything of it is public again",
		NothingNew:   "no version waits that nobody has approved",
		Cured:        "what it was suspended for is over, nothing is due, and nothing is known of its party that whoever approved it did not know",
		Settled:      "what it owes from its transactions is settled",
		NoDuty:       "no dispute, no hold and no duty to keep it is left",
	},
}

func from(s ...states.State) []states.State   { return s }
func whom(a ...states.Actor) []states.Actor   { return a }
func when(g ...states.Guard) []states.Guard   { return g }
func with(e ...states.Effect) []states.Effect { return e }
