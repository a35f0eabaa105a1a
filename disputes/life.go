package disputes

import "bauta.dev/bauta/broker/states"

// States of a case.
const (
	Negotiation    states.State = "negotiation" // the two sides, between themselves
	Settled        states.State = "settled"     // they agreed; what they agreed on is to be done
	Claim          states.State = "claim"       // one side has asked for a decision
	Evidence       states.State = "evidence"
	UnderReview    states.State = "under_review"
	Proposed       states.State = "proposed" // a second person looks at what the first would decide
	Decided        states.State = "decided"
	Appealed       states.State = "appealed" // under review for the second and last time
	AppealProposed states.State = "appeal_proposed"
	Final          states.State = "final"    // decided, and appealed
	External       states.State = "external" // a court, an ADR body or a bank has it
	Closed         states.State = "closed"
	Withdrawn      states.State = "withdrawn"
	Lapsed         states.State = "lapsed"
)

// Events in its life.
const (
	Open          states.Event = "open"
	Message       states.Event = "message"
	Offer         states.Event = "offer"
	RetractOffer  states.Event = "retract_offer"
	AcceptOffer   states.Event = "accept_offer"
	Escalate      states.Event = "escalate"
	Withdraw      states.Event = "withdraw"
	Lapse         states.Event = "lapse"
	AddEvidence   states.Event = "add_evidence"
	Rest          states.Event = "rest" // "that is all I have"
	Freeze        states.Event = "freeze"
	Assign        states.Event = "assign"
	Release       states.Event = "release"
	AskEvidence   states.Event = "request_evidence"
	AdmitEvidence states.Event = "admit_evidence" // that came late
	Propose       states.Event = "propose"
	Approve       states.Event = "approve"
	SendBack      states.Event = "send_back"
	Appeal        states.Event = "appeal"
	GoOutside     states.Event = "go_external"
	ComeBack      states.Event = "resume"
	Conclude      states.Event = "conclude" // what was outside is over there
	Close         states.Event = "close"
	CheckDetails  states.Event = "check_details" // whether the consumer has the merchant's, in time
)

// Actors. The opener and the other side are both parties; a handler is whoever of the
// staff works on it, the second another person who has not.
const (
	ByOpener  states.Actor = "opener"
	ByOther   states.Actor = "other"
	ByHandler states.Actor = "handler"
	BySecond  states.Actor = "second"
	ByClock   states.Actor = "clock"
)

// Guards.
const (
	InWindow         states.Guard = "in_window"
	LinesFree        states.Guard = "lines_free"
	FewOffers        states.Guard = "few_offers"
	OfferLive        states.Guard = "offer_live"
	NotAuthor        states.Guard = "not_author"
	OwnOffer         states.Guard = "own_offer"
	MayEscalate      states.Guard = "may_escalate"
	FewItems         states.Guard = "few_items"
	FewTexts         states.Guard = "few_texts"
	OutsideByAnother states.Guard = "outside_by_another"
	NewItem          states.Guard = "new_item"
	NotRested        states.Guard = "not_rested"
	OtherRested      states.Guard = "other_rested"
	IsLate           states.Guard = "is_late"
	Assigned         states.Guard = "assigned_to_him"
	MayAssign        states.Guard = "may_assign"
	NotNew           states.Guard = "not_new"
	Impartial        states.Guard = "impartial"
	FarDue           states.Guard = "far_due"
	FewRounds        states.Guard = "few_rounds"
	Told             states.Guard = "told"
	Within           states.Guard = "within_amount"
	AnotherHand      states.Guard = "another_person"
	LeadIfLarge      states.Guard = "lead_if_large"
	MayApprove       states.Guard = "may_approve"
	OfTwoHands       states.Guard = "of_two_hands"
	SameHash         states.Guard = "same_hash"
	NewDecider       states.Guard = "new_decider"
	NewHands         states.Guard = "new_hands"
	Lost             states.Guard = "lost"
	InTime           states.Guard = "in_time"
	RemedyDone       states.Guard = "remedy_done"
	RemedyOverdue    states.Guard = "remedy_overdue"
	MayRelease       states.Guard = "may_release"
	DetailsDue       states.Guard = "details_due"
	MayHandle        states.Guard = "may_handle"
	WasThere         states.Guard = "was_there" // with a state behind it: WasIn
)

// WasIn is the guard that asks whether a case was in a state when it went outside.
func WasIn(s states.State) states.Guard { return WasThere + states.Guard("/"+s) }

// Effects.
const (
	FreezeLines states.Effect = "freeze_lines" // of the transaction: no refund but by agreement or decision
	FreeLines   states.Effect = "free_lines"
	FreezeItems states.Effect = "freeze_items" // the evidence that counts, by its hash
	OrderRemedy states.Effect = "order_remedy" // what may be refunded from now on
	TakeRemedy  states.Effect = "take_remedy"  // and no longer may
	LetRefunds  states.Effect = "let_refunds"  // they are not ours to hold back
	HoldRefunds states.Effect = "hold_refunds"
	PauseClocks states.Effect = "pause_clocks"
	RunClocks   states.Effect = "run_clocks"
	SealCase    states.Effect = "seal"
	TellBoth    states.Effect = "tell_both"
	TellOther   states.Effect = "tell_other"
)

// Timers.
const (
	TalksTimer    states.Timer = "negotiation"
	RemedyTimer   states.Timer = "remedy"
	EvidenceTimer states.Timer = "evidence"
	AppealTimer   states.Timer = "appeal"
)
