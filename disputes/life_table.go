package disputes

import (
	"maps"
	"slices"

	"bauta.dev/bauta/broker/states"
)

// Life is the life of a case: states.md 3.3. The table in docs/states.md is generated
// from it.
//
// What is handed in after the set was frozen is kept as late, outside of it, until a
// handler admits it, or until an appeal takes it up. Two people decide, whatever it is
// about; what is large a lead approves. That a case is over elsewhere two people say, too,
// and nobody of them has decided it.
var Life = &states.Machine{
	Name:   "dispute",
	Clock:  ByClock,
	Finals: from(Closed, Withdrawn, Lapsed),
	Timers: map[states.Timer]states.Event{TalksTimer: Lapse, RemedyTimer: Close, EvidenceTimer: Freeze, AppealTimer: Close},
	Rows: append([]states.Row{
		{From: from(states.Beginning), On: Open, By: whom(ByOpener), Guards: when(InWindow, LinesFree), To: Negotiation, Effects: with(FreezeLines, TellBoth), Timer: TalksTimer},
		{From: open(), On: Message, By: whom(ByOpener, ByOther), Guards: when(FewTexts), Effects: with(TellOther)},
		{From: open(), On: Message, By: whom(ByHandler), Guards: when(NotNew, MayHandle), Effects: with(TellBoth)},

		{From: open(), On: CheckDetails, By: whom(ByClock), Guards: when(DetailsDue), Effects: with(TellBoth)},

		{From: from(Negotiation), On: Offer, By: whom(ByOpener, ByOther), Guards: when(FewOffers, Within), Effects: with(TellOther)},
		{From: from(Negotiation), On: RetractOffer, By: whom(ByOpener, ByOther), Guards: when(OfferLive, OwnOffer), Effects: with(TellOther)},
		{From: from(Negotiation), On: AcceptOffer, By: whom(ByOpener, ByOther), Guards: when(OfferLive, NotAuthor), To: Settled, Effects: with(OrderRemedy, TellBoth), Timer: RemedyTimer},
		{From: from(Negotiation), On: Escalate, By: whom(ByOpener, ByOther), Guards: when(MayEscalate), To: Claim, Effects: with(TellBoth)},
		{From: from(Negotiation), On: Withdraw, By: whom(ByOpener), To: Withdrawn, Effects: with(FreeLines, SealCase, TellBoth)},
		{From: from(Negotiation), On: Lapse, By: whom(ByClock), To: Lapsed, Effects: with(FreeLines, SealCase, TellBoth)},
		{From: from(Settled), On: Escalate, By: whom(ByOpener, ByOther), Guards: when(RemedyOverdue), To: Claim, Effects: with(TakeRemedy, TellBoth)},
		{From: from(Settled), On: Close, By: whom(ByClock), Guards: when(RemedyDone), To: Closed, Effects: with(TakeRemedy, FreeLines, SealCase, TellBoth)},

		{From: from(Negotiation, Claim, Evidence), On: AddEvidence, By: whom(ByOpener, ByOther), Guards: when(NewItem, NotRested, FewItems), Effects: with(TellOther)},
		{From: from(UnderReview, Proposed, AppealProposed), On: AddEvidence, By: whom(ByOpener, ByOther), Guards: when(NewItem, FewItems, IsLate), Effects: with(TellOther)},
		{From: from(Appealed), On: AddEvidence, By: whom(ByOpener, ByOther), Guards: when(NewItem, FewItems), Effects: with(TellOther)},
		{From: from(Evidence), On: Rest, By: whom(ByOpener, ByOther), Guards: when(NotRested, OtherRested), To: UnderReview, Effects: with(FreezeItems, RunClocks, TellBoth)},
		{From: from(Evidence), On: Rest, By: whom(ByOpener, ByOther), Guards: when(NotRested), Effects: with(TellOther)},
		{From: from(Evidence), On: Freeze, By: whom(ByClock), To: UnderReview, Effects: with(FreezeItems, RunClocks, TellBoth)},

		{From: from(Claim, Evidence, UnderReview), On: Assign, By: whom(ByHandler), Guards: when(NotNew, MayAssign)},
		{From: from(Appealed), On: Assign, By: whom(ByHandler), Guards: when(NotNew, MayAssign, Impartial)},
		{From: from(Claim, Evidence, UnderReview, Appealed), On: Release, By: whom(ByHandler), Guards: when(NotNew, MayRelease)},
		{From: from(Proposed), On: Release, By: whom(ByHandler), Guards: when(NotNew, MayRelease), To: UnderReview},
		{From: from(AppealProposed), On: Release, By: whom(ByHandler), Guards: when(NotNew, MayRelease), To: Appealed},
		{From: from(Claim), On: AskEvidence, By: whom(ByHandler), Guards: when(NotNew, Assigned, FarDue, FewRounds), To: Evidence, Effects: with(PauseClocks, TellBoth), Timer: EvidenceTimer},
		{From: from(UnderReview), On: AskEvidence, By: whom(ByHandler), Guards: when(NotNew, Assigned, FarDue, FewRounds), To: Evidence, Effects: with(PauseClocks, TellBoth), Timer: EvidenceTimer},
		{From: from(UnderReview), On: AdmitEvidence, By: whom(ByHandler), Guards: when(NotNew, Assigned, IsLate), Effects: with(FreezeItems, TellBoth)},
		{From: from(UnderReview), On: Propose, By: whom(ByHandler), Guards: when(NotNew, Assigned, Within, Told), To: Proposed},
		{From: from(Appealed), On: Propose, By: whom(ByHandler), Guards: when(NotNew, Assigned, NewDecider, NewHands, Within, Told), To: AppealProposed, Effects: with(FreezeItems)},
		{
			From: from(Proposed), On: Approve, By: whom(BySecond), Guards: when(AnotherHand, LeadIfLarge, MayApprove, OfTwoHands, SameHash, Within, Told), To: Decided,
			Effects: with(OrderRemedy, TellBoth), Timer: AppealTimer,
		},
		{
			From: from(AppealProposed), On: Approve, By: whom(BySecond), Guards: when(AnotherHand, LeadIfLarge, MayApprove, OfTwoHands, NewDecider, NewHands, SameHash, Within, Told), To: Final,
			Effects: with(OrderRemedy, TellBoth), Timer: RemedyTimer,
		},
		{From: from(Proposed), On: SendBack, By: whom(BySecond), Guards: when(AnotherHand, MayApprove, OfTwoHands), To: UnderReview},
		{From: from(AppealProposed), On: SendBack, By: whom(BySecond), Guards: when(AnotherHand, MayApprove, OfTwoHands, NewDecider, NewHands), To: Appealed},

		{From: from(Decided), On: Appeal, By: whom(ByOpener, ByOther), Guards: when(Lost, InTime), To: Appealed, Effects: with(TakeRemedy, TellBoth)},
		{From: from(Decided, Final), On: Close, By: whom(ByClock), Guards: when(RemedyDone), To: Closed, Effects: with(TakeRemedy, FreeLines, SealCase, TellBoth)},

		{From: inside(), On: GoOutside, By: whom(ByHandler), Guards: when(NotNew, MayHandle, NewDecider, NewHands), To: External, Effects: with(PauseClocks, LetRefunds, TellBoth)},
		{From: from(External), On: Conclude, By: whom(ByHandler), Guards: when(NotNew, MayHandle, NewDecider, NewHands, OutsideByAnother), To: Closed, Effects: with(TakeRemedy, FreeLines, SealCase, TellBoth)},
	}, back()...),
	Why: why(map[states.Guard]string{
		InWindow:         "not later than 90 days after the day by which the last of it was to be done",
		LinesFree:        "no other case is about any of these lines; of one that had a case before, it names that one",
		FewOffers:        "fewer than 20 offers were made",
		OfferLive:        "the offer stands: it was neither taken back nor followed by another one of the same side",
		OwnOffer:         "it is this side's own offer",
		NotAuthor:        "the other side has made it",
		MayEscalate:      "48 hours have passed, or the other side has answered",
		RemedyOverdue:    "what was agreed should have been done by now, and was not",
		NewItem:          "this side has not handed in the same file before",
		FewTexts:         "this side has written fewer than 200 messages",
		FewItems:         "this side has handed in fewer than 50 items",
		NotRested:        "this side has not said that it has no more",
		OtherRested:      "the other side has said that it has no more, or was asked for nothing",
		IsLate:           "it came after the evidence was frozen",
		Assigned:         "the case is assigned to him",
		MayAssign:        "nobody has it yet, or he has, or he is a lead or a privacy officer: whoever has it may be gone; and whom he names works on cases",
		Impartial:        "whom he names has not decided it before, nor has one account made both",
		DetailsDue:       "the merchant's name, address and contact were due to the consumer: they are overdue, or have come since that was told",
		MayRelease:       "it is assigned to him; or he is a lead or a privacy officer",
		OutsideByAnother: "another person, of another hand, has noted that it went outside",
		MayHandle:        "it is assigned to him, or he is a lead or a privacy officer",
		FarDue:           "each side that is asked has at least 48 hours",
		FewRounds:        "evidence was asked for fewer than twice",
		NotNew:           "his account was not made by another one in the last 24 hours",
		Told:             "what both sides had to be told so far was delivered",
		Within:           "it is not more than what the case is about",
		AnotherHand:      "another person than whoever proposed it",
		LeadIfLarge:      "a lead or a privacy officer, where the amount is large",
		MayApprove:       "his account may approve: nobody but the operator has made it or given it another role in the last 24 hours",
		OfTwoHands:       "neither of the two accounts has made the other, nor has one account made both",
		SameHash:         "he names the hash of exactly what will be decided",
		NewDecider:       "nobody who decided it before",
		NewHands:         "his account and those who decided it before have not made one another, nor has one account made both",
		Lost:             "this side did not get all that it wanted",
		InTime:           "within 30 days of the decision",
		RemedyDone:       "what was decided or agreed to be paid back is paid back, or there is nothing to pay back",
	}),
}

// why adds to the words for guards those of the ways back.
func why(words map[states.Guard]string) map[states.Guard]string {
	all := maps.Clone(words)
	for _, s := range inside() {
		all[WasIn(s)] = "it was there when it went outside"
	}
	return all
}

// back are the ways from outside to where a case was before, one for each.
func back() []states.Row {
	var rows []states.Row
	for _, s := range inside() {
		rows = append(rows, states.Row{
			From: from(External), On: ComeBack, By: whom(ByHandler), Guards: when(NotNew, MayHandle, WasIn(s)), To: s, Effects: with(RunClocks, HoldRefunds, TellBoth), Timer: timerOf(s),
		})
	}
	return rows
}

// timerOf is the timer that runs in a state; it goes on with what was left of it.
func timerOf(s states.State) states.Timer {
	switch s {
	case Negotiation:
		return TalksTimer
	case Settled, Final:
		return RemedyTimer
	case Evidence:
		return EvidenceTimer
	case Decided:
		return AppealTimer
	default:
		return ""
	}
}

// inside are the states in which the broker has the case.
func inside() []states.State {
	return from(Negotiation, Settled, Claim, Evidence, UnderReview, Proposed, Decided, Appealed, AppealProposed, Final)
}

// open are those that are not final.
func open() []states.State { return append(inside(), External) }

// ToldState is a state as both sides are told it: that somebody has proposed something is
// for nobody to count on.
func ToldState(s states.State) states.State {
	switch s {
	case Proposed:
		return UnderReview
	case AppealProposed:
		return Appealed
	default:
		return s
	}
}

// ToldAs are the states that are told as this one; none for one that nobody is told.
func ToldAs(s states.State) []states.State {
	var all []states.State
	for _, x := range Life.States() {
		if ToldState(x) == s {
			all = append(all, x)
		}
	}
	return all
}

// IsOpen says that a case is not over.
func IsOpen(s states.State) bool { return slices.Contains(open(), s) }

func from(s ...states.State) []states.State   { return s }
func whom(a ...states.Actor) []states.Actor   { return a }
func when(g ...states.Guard) []states.Guard   { return g }
func with(e ...states.Effect) []states.Effect { return e }
