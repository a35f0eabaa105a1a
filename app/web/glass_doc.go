package web

import (
	"net/http"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/disputes/letters"
)

// What the OpenAPI document says of break-glass sessions.

const glassMembers = `"id":"bgl_05wq0e9m2r6a1b7c3d4e5f6g7g","account":"hnd_06m9w3h8e0000000000000000g","role":"handler","transaction":"t-1",
"reason":"danger_to_life","opened_at":"2026-03-04T12:00:00Z","until":"2026-03-04T12:15:00Z"`

const glassExample = `{"state":"open","allowed":["reveal","end"],"reveals":0,"text":"The courier has threatened her; the police ask.",` + glassMembers + `}`

const glassOverExample = `{"state":"ended","allowed":[],"reveals":1,"ended_at":"2026-03-04T12:15:00Z","review_due_at":"2026-03-05T12:15:00Z",` + glassMembers + `}`

func glassAnswered(status int, example string) []answered {
	return []answered{{status: status, body: glassAnswer{}, example: example}}
}

func doPostGlass() operation {
	return operation{
		id: "postBreakGlass", tag: "break_glass", summary: "Open a break-glass session: see values in an emergency", once: true, people: those(deciders()...).justConfirmed(),
		description: "About one transaction, named by its id or by that of a case, for 15 minutes, one at a time. Those who lead are paged at once, and a lead or a privacy officer of another hand reviews it " +
			"within 24 hours of its end: until then (403 review_overdue), and for good where it was not justified (403 break_glass_not_justified), its opener opens no other one and reveals nothing. While the last one of its opener is not reviewed at all, the next is another person's (409 session_unreviewed); on a transaction that ended more than 180 days ago it is of a lead or a privacy officer (403 lead_needed).",
		request: glassBody{}, example: `{"transaction":"t-1","reason":"danger_to_life","text":"The courier has threatened her; the police ask."}`,
		refuses: []int{http.StatusNotFound, http.StatusConflict}, answers: glassAnswered(http.StatusCreated, glassExample),
	}
}

func doGetGlasses() operation {
	return operation{
		id: "getBreakGlasses", tag: "break_glass", summary: "Break-glass sessions", people: those(disputeReaders()...),
		description: "A handler's own; to those who lead and to auditors all, the newest first; of those that are not reviewed by what is due first.",
		answers:     []answered{{status: http.StatusOK, body: page[glassAnswer]{}, example: `{"data":[],"next":null}`}},
	}
}

func doGetGlass() operation {
	return operation{
		id: "getBreakGlass", tag: "break_glass", summary: "A break-glass session, with what was seen in it", people: those(disputeReaders()...),
		answers: glassAnswered(http.StatusOK, glassExample),
	}
}

func doPostGlassReveal() operation {
	return operation{
		id: "postBreakGlassReveal", tag: "break_glass", summary: "See values of a side in an open session of one's own", once: true, people: those(deciders()...).justConfirmed(),
		description: "Contact fields of one of the two sides, whoever works on a case, and whether or not there is one. Nothing of a minor, and nothing that is restricted (409 nothing_to_open). " +
			"The entry is durable before anything is opened; it counts in the budgets, and the person sees it with the purpose break_glass. A replay shows the values again for 10 minutes, while the session is open.",
		request: glassRevealBody{}, example: `{"subject":"b-1","fields":["phone","address"]}`,
		refuses: []int{http.StatusConflict, http.StatusGone},
		answers: []answered{{status: http.StatusOK, body: glassRevealAnswer{}, example: `{"break_glass":"bgl_05wq0e9m2r6a1b7c3d4e5f6g7g","subject":"b-1",
"fields":[{"field":"phone","value":"+5511912345678"}],"ledger":` + merchantLedgerExample + `}`}},
	}
}

func doPostGlassEnd() operation {
	return operation{
		id: "postBreakGlassEnd", tag: "break_glass", summary: "End a session: one's own, or, for those who lead, anybody's", once: true, people: those(deciders()...),
		request: emptyBody{}, example: `{}`, refuses: []int{http.StatusConflict}, answers: glassAnswered(http.StatusOK, glassOverExample),
	}
}

func doPostGlassReview() operation {
	return operation{
		id: "postBreakGlassReview", tag: "break_glass", summary: "Review a session of somebody else's", once: true, people: those(deciders()...).justConfirmed(),
		description: "A lead or a privacy officer, not its opener, and of another hand (403 not_independent). After not_justified the opener's account opens no session and reveals nothing any more.",
		request:     glassReviewBody{}, example: `{"outcome":"justified","text":"The police had no other way to reach her."}`,
		refuses: []int{http.StatusConflict}, answers: glassAnswered(http.StatusOK, glassOverExample),
	}
}

// glassWords are the lists that the document takes from the domain.
func glassWords(as string) []any {
	switch as {
	case "glass_reason":
		return anys(broker.GlassReasons())
	case "glass_outcome":
		return anys(broker.GlassOutcomes())
	case "letter_kind":
		return anys(letters.Kinds())
	case "look_purpose":
		return anys(append(broker.RevealPurposes(), broker.ForEmergency))
	}
	return nil
}
