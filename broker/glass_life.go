package broker

import (
	"time"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/masking/fault"
)

// States of a break-glass session.
const (
	GlassOpen     states.State = "open"
	GlassOver     states.State = "ended"
	GlassOverdue  states.State = "overdue" // nobody has reviewed it in time
	GlassReviewed states.State = "reviewed"
)

// Events in the life of a session.
const (
	BreakGlass  states.Event = "break"
	GlassReveal states.Event = "reveal"
	EndGlass    states.Event = "end"
	GlassRunOut states.Event = "run_out"
	GlassDue    states.Event = "fall_due"
	ReviewGlass states.Event = "review"
)

// Actors. The opener is whoever of the staff has opened it; a reviewer is a lead or a
// privacy officer.
const (
	ByOpener   states.Actor = "opener"
	ByReviewer states.Actor = "reviewer"
)

const (
	mayHandle    states.Guard  = "may_handle"
	mayReview    states.Guard  = "may_review"
	noneOpen     states.Guard  = "none_open"
	noneUnseen   states.Guard  = "none_unreviewed"
	recentOrLead states.Guard  = "recent_or_lead"
	noneOverdue  states.Guard  = "none_overdue"
	noneWrong    states.Guard  = "none_not_justified"
	ownSession   states.Guard  = "own_session"
	aboveFloor   states.Guard  = "above_the_floor"
	pageLeads    states.Effect = "page_leads"
	askForReview states.Effect = "ask_for_review"
	glassTimer   states.Timer  = "session"
	reviewTimer  states.Timer  = "review"
)

// How long a session and its review may take.
const (
	GlassTerm = 15 * time.Minute
	// GlassReach is how long ago a transaction may have ended for a handler to break the
	// glass on it: longer than any purpose goes on after its end.
	GlassReach = 180 * 24 * time.Hour
	ReviewTerm = 24 * time.Hour
)

// GlassLife is the life of a break-glass session. The table in docs/states.md is
// generated from it. That a review is overdue, no entry says: it is compared at read.
var GlassLife = &states.Machine{
	Name:   "break_glass",
	Clock:  ByClock,
	Finals: from(GlassReviewed),
	Timers: map[states.Timer]states.Event{glassTimer: GlassRunOut, reviewTimer: GlassDue},
	Rows: []states.Row{
		{From: from(states.Beginning), On: BreakGlass, By: whom(ByOpener), Guards: when(mayHandle, notNew, noneWrong, noneOverdue, noneOpen, noneUnseen, recentOrLead), To: GlassOpen, Effects: with(pageLeads), Timer: glassTimer},
		{From: from(GlassOpen), On: GlassReveal, By: whom(ByOpener), Guards: when(ownSession, noneWrong, noneOverdue, aboveFloor), Effects: with(tellSubject)},
		{From: from(GlassOpen), On: EndGlass, By: whom(ByOpener), Guards: when(ownSession), To: GlassOver, Effects: with(askForReview), Timer: reviewTimer},
		{From: from(GlassOpen), On: EndGlass, By: whom(ByReviewer), Guards: when(mayReview), To: GlassOver, Effects: with(askForReview), Timer: reviewTimer},
		{From: from(GlassOpen), On: GlassRunOut, By: whom(ByClock), To: GlassOver, Effects: with(askForReview), Timer: reviewTimer},
		{From: from(GlassOver), On: GlassDue, By: whom(ByClock), To: GlassOverdue},
		{From: from(GlassOver, GlassOverdue), On: ReviewGlass, By: whom(ByReviewer), Guards: when(mayReview, mayApprove, anotherHand, ofTwoHands), To: GlassReviewed},
	},
	Why: map[states.Guard]string{
		mayHandle:    "he is a handler, a lead or a privacy officer",
		mayReview:    "he is a lead or a privacy officer",
		notNew:       "his account is old enough to take and to propose anything",
		noneOpen:     "he has no other session open",
		noneUnseen:   "none of his sessions waits for its review",
		recentOrLead: "the transaction ended in the last 180 days; or it goes on, and a case about it is open, or the last of it was to be done, or was done, no longer ago than that; or he is a lead or a privacy officer",
		noneOverdue:  "none of his sessions waits for its review past its time",
		noneWrong:    "none of his sessions was found not justified",
		ownSession:   "it is he who has opened it",
		aboveFloor:   "each value is there, of a side of the transaction that is no minor and whose data are not restricted; and is not at risk, unless a life is in danger",
		mayApprove:   "his account is old enough to approve what others propose",
		anotherHand:  "he is not who has opened it",
		ofTwoHands:   "his account and the opener's have not made one another, nor has one account made both",
	},
}

// Refusals of break-glass sessions.
var (
	ErrGlassOpen   = fault.New(fault.Conflict, "session_open", "you have a break-glass session open: end it first")
	ErrGlassUnseen = fault.New(fault.Conflict, "session_unreviewed", "nobody has reviewed your last break-glass session yet: you open another one when that is done; somebody else can open one now")
	ErrGlassOld    = fault.New(fault.Denied, "lead_needed", "the transaction ended, or was left, more than 180 days ago: a lead or a privacy officer breaks the glass on it")
	ErrReviewDue   = fault.New(fault.Denied, "review_overdue", "a break-glass session of yours was not reviewed in time: until it is, you open no other one, and reveal nothing")
	ErrGlassWrong  = fault.New(fault.Denied, "break_glass_not_justified", "a break-glass session of yours was found not justified: this account opens no other one, and reveals nothing any more")
	ErrGlassNotHis = fault.New(fault.Denied, "not_yours", "values are revealed to whoever has opened the session")
	ErrGlassAbout  = fault.New(fault.Invalid, "one_of_both", "name a transaction or a case")
	ErrGlassReason = fault.New(fault.Invalid, "unknown_reason", "the reason is one of a list")
	ErrGlassText   = fault.New(fault.Invalid, "required", "say it in words")
)

const dangerToLife = "danger_to_life"

// GlassReasons are why somebody may break the glass.
func GlassReasons() []string {
	return []string{dangerToLife, "ongoing_fraud", "authority_urgent", "data_breach"}
}

// What comes of a review.
const (
	Justified     = "justified"
	NotJustified  = "not_justified"
	NeedsFollowUp = "needs_follow_up"
)

// GlassOutcomes are what a review can come to.
func GlassOutcomes() []string { return []string{Justified, NotJustified, NeedsFollowUp} }
