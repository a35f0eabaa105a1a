package merchants

import "bauta.dev/bauta/broker/states"

// States of a registration.
const (
	Draft        states.State = "draft"
	InReview     states.State = "in_review"
	NeedsInfo    states.State = "needs_info"
	Lapsed       states.State = "lapsed"
	Proposed     states.State = "proposed" // a lead looks at what a reviewer would approve
	Active       states.State = "active"
	Rejected     states.State = "rejected"
	Appealed     states.State = "appealed"
	ThresholdDue states.State = "threshold_due" // a threshold of the law was passed: more has to be shown
	ReverifyDue  states.State = "reverify_due"
	Suspended    states.State = "suspended"
	Closing      states.State = "closing"
	Closed       states.State = "closed"
	Erased       states.State = "erased"
)

// Events in its life.
const (
	Save      states.Event = "save"     // a draft
	Withdraw  states.Event = "withdraw" // before it was ever active
	Submit    states.Event = "submit"
	Amend     states.Event = "amend" // a new version
	Take      states.Event = "take"
	Release   states.Event = "release"
	Ask       states.Event = "ask"
	Answer    states.Event = "answer"
	Lapse     states.Event = "lapse"
	Approve   states.Event = "approve"
	Propose   states.Event = "propose"
	SendBack  states.Event = "send_back" // what was proposed
	Reject    states.Event = "reject"
	Appeal    states.Event = "appeal"
	Uphold    states.Event = "uphold"
	Overturn  states.Event = "overturn"
	Threshold states.Event = "threshold"
	Reverify  states.Event = "reverify"
	Confirm   states.Event = "confirm" // that all is as it was
	Overdue   states.Event = "overdue"
	Suspend   states.Event = "suspend"
	Reinstate states.Event = "reinstate"
	Ebb       states.Event = "ebb"       // its sales are below a threshold again
	LookAnew  states.Event = "look_anew" // for its party's safety
	Close     states.Event = "close"
	End       states.Event = "end"
	Erase     states.Event = "erase"
)

// Actors. A reviewer is whoever of the staff works on it; the second is another
// person, a lead, who has not.
const (
	ByMerchant states.Actor = "merchant"
	ByReviewer states.Actor = "reviewer"
	BySecond   states.Actor = "second"
	ByClock    states.Actor = "clock"
)

// Guards.
const (
	Assessed     states.Guard = "assessed"
	NotNew       states.Guard = "not_new"
	NotTaken     states.Guard = "not_taken"
	TakenByHim   states.Guard = "taken_by_him"
	MayRelease   states.Guard = "may_release"
	Opened       states.Guard = "opened"
	Verified     states.Guard = "verified"
	OneIsEnough  states.Guard = "one_is_enough"
	TwoNeeded    states.Guard = "two_needed"
	AnotherHand  states.Guard = "another_person"
	MayApprove   states.Guard = "may_approve"
	OfTwoHands   states.Guard = "of_two_hands"
	SameHash     states.Guard = "same_hash"
	IsPublished  states.Guard = "published"
	NotDue       states.Guard = "not_due"
	WasActive    states.Guard = "was_active"
	NeverActive  states.Guard = "never_active"
	NewDecider   states.Guard = "new_decider"
	NewHands     states.Guard = "new_hands"
	InTime       states.Guard = "in_time"
	FirstAppeal  states.Guard = "first_appeal"
	OfSuspension states.Guard = "of_suspension"
	OverLimit    states.Guard = "over_threshold"
	UnderLimit   states.Guard = "under_threshold"
	Cautioned    states.Guard = "cautioned"
	Unsuspected  states.Guard = "unsuspected"
	NothingNew   states.Guard = "nothing_new"
	Cured        states.Guard = "cured"
	Settled      states.Guard = "settled"
	NoDuty       states.Guard = "no_duty"
)

// Effects.
const (
	Publish      states.Effect = "publish"   // the version that was approved
	Unpublish    states.Effect = "unpublish" // nothing is public
	KeepOld      states.Effect = "keep_published"
	ReviewAnew   states.Effect = "review_anew" // nobody has taken it any more
	DropNew      states.Effect = "drop_amendment"
	PublicNotice states.Effect = "public_notice" // that it is closing
	TellMerchant states.Effect = "tell_merchant" // with reasons, where there are any
	EraseValues  states.Effect = "erase_values"
)

// Timers. How long each runs, a pack says.
const (
	DraftTimer        states.Timer = "draft"
	InformationTimer  states.Timer = "information"
	CollectionTimer   states.Timer = "collection"
	VerificationTimer states.Timer = "verification"
	ReverifyTimer     states.Timer = "reverification"
	NoticeTimer       states.Timer = "public_notice"
	RetentionTimer    states.Timer = "retention"
	LeftoverTimer     states.Timer = "leftover" // of what never became active
)
