package web

import (
	"net/http"
	"slices"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// What the OpenAPI document says of cases.

const disputeMembers = `"id":"dsp_05wq0e9m2r6a1b7c3d4e5f6g7g","transaction":"t-1","buyer":"b-1","seller":"s-1","reason":"not_received",
"obligations":["deliver"],"amount":{"currency":"BRL","value":"100.00"},"opened_by":"b-1","opened_at":"2026-03-04T12:00:00Z","updated_at":"2026-03-04T12:00:00Z",
"clocks":[{"name":"negotiation","kind":"procedure","rule":"20 days to agree, then the case lapses","started_at":"2026-03-04T12:00:00Z","due_at":"2026-03-24T12:00:00Z","state":"running","paused":[]}],
"offers":[{"n":1,"by":"seller","kind":"part_refund","amount":"40.00","state":"live"}],
"checklist":[{"by":"seller","type":"carrier_tracking","required":true,"state":"missing","items":[]}],
"evidence":[{"n":1,"by":"buyer","type":"photo_item","state":"staged","media":"image/jpeg","bytes":183204,"original_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"derivative_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","derivative_media":"image/jpeg","at":"2026-03-04T13:00:00Z"}],
"texts":1,"timeline":[{"index":17,"at":"2026-03-04T12:00:00Z","type":"case_opened","said":{"opened_by":"b-1","reason":"not_received","lines":["deliver"]}}]`

const disputeExample = `{"state":"negotiation","allowed":["message","offer","accept_offer","add_evidence","withdraw"],"ends_at":"2026-03-24T12:00:00Z",
"messages":[{"index":17,"at":"2026-03-04T12:00:00Z","event":"open","by":"buyer","text":"Nothing has come."}],"ledger":` + merchantLedgerExample + `,` + disputeMembers + `}`

const staffDisputeExample = `{"state":"proposed","allowed":["approve","send_back"],"assigned":"acc_05wq0e9m2r6a1b7c3d4e5f6g7g",
"proposal":{"by":"acc_05wq0e9m2r6a1b7c3d4e5f6g7g","outcome":"part_refund","amount":"40.00","reason_code":"damaged_in_transit","clause":"3f",
"payload_hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},` + disputeMembers + `}`

func disputeAnswered(status int) []answered {
	return []answered{{status: status, body: disputeAnswer{}, example: disputeExample}}
}

func doPostDispute() operation {
	return operation{
		id: "postDispute", acts: "`opened_by`", tag: "disputes", summary: "Open a case", once: true, refuses: []int{http.StatusNotFound},
		description: "Until 90 days after the last of it was to be done, about what the other side owes and no open case is about. From then on nothing is paid back past it (409 disputed), " +
			"but what both sides agree on in it, or it decides. What each reason needs, docs/disputes.md says.",
		request: disputeBody{}, answers: disputeAnswered(http.StatusCreated),
		example: `{"transaction":"t-1","opened_by":"b-1","reason":"not_received","obligations":["deliver"],"amount":"100.00","statement":"Nothing has come."}`,
	}
}

func doGetDisputes() operation {
	return operation{
		id: "getDisputes", tag: "disputes", summary: "Cases, without what was written", people: those(disputeReaders()...),
		description: "Of a transaction or a party the newest first; else by what is due first. The staff's queues are mine, unassigned, second (a proposal waits for another person) and overdue.",
		answers:     []answered{{status: http.StatusOK, body: page[disputeLine]{}, example: `{"data":[],"next":null}`}},
	}
}

func doGetDispute() operation {
	return operation{
		id: "getDispute", acts: "`viewer`", tag: "disputes", summary: "A case", people: those(disputeReaders()...),
		description: "For a side, which a query names: all of it. Without a viewer: where it stands, and nothing that anybody wrote, handed in or did. " +
			"For the staff: all but what was written, which they open by an entry of its own. The answer's ETag is what a step of theirs has to name.",
		answers: []answered{{status: http.StatusOK, body: disputeAnswer{}, example: disputeExample}},
	}
}

func doPostMessage() operation {
	return operation{
		id: "postMessage", acts: "`by`", tag: "disputes", summary: "Say something in a case", once: true, people: those(deciders()...), optionalMatch: true,
		description: "To the other side and whoever decides; staff to both sides, with If-Match.",
		request:     messageBody{}, example: `{"by":"b-1","text":"It has not come to this day."}`, answers: disputeAnswered(http.StatusCreated),
		refuses: []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}
}

func doPostOffer() operation {
	return operation{
		id: "postOffer", acts: "`by`", tag: "disputes", summary: "Offer the other side something", once: true,
		description: "It stands until it is taken back, another one of the same side follows it, or the talks end.",
		request:     offerBody{}, example: `{"by":"s-1","kind":"part_refund","amount":"40.00"}`, answers: disputeAnswered(http.StatusCreated),
	}
}

func doOfferMove(e states.Event) operation {
	o := operation{
		id: "postOfferAcceptance", acts: "`by`", tag: "disputes", summary: "Accept what the other side offers", once: true,
		description: "What it gives back may then be paid back, for 14 days.", request: byBody{}, example: `{"by":"b-1"}`, answers: disputeAnswered(http.StatusOK),
	}
	if e == disputes.RetractOffer {
		o.id, o.summary, o.description, o.example = "postOfferRetraction", "Take an offer back", "", `{"by":"s-1"}`
	}
	return o
}

func doDisputeMove(e states.Event) operation {
	o := operation{acts: "`by`", tag: "disputes", once: true, request: byBody{}, example: `{"by":"b-1"}`, answers: disputeAnswered(http.StatusOK)}
	switch e {
	case disputes.Escalate:
		o.id, o.summary = "postEscalation", "Ask for a decision"
		o.description = "Either side, 48 hours after the case was opened, or once the other side has answered; after an agreement, when it was not kept."
	case disputes.Withdraw:
		o.id, o.summary = "postDisputeWithdrawal", "Withdraw a case"
		o.description = "Its opener, while the two sides still talk."
	case disputes.Rest:
		o.id, o.summary = "postEvidenceCompletion", "Say that this is all one has to show"
		o.description = "When neither side has more, the evidence is frozen before its time has run out."
	}
	return o
}

func doPostDisputeAppeal() operation {
	return operation{
		id: "postDisputeAppeal", acts: "`by`", tag: "disputes", summary: "Appeal a decision", once: true,
		description: "Once, within 30 days, by a side that did not get all that it wanted. Other people decide. Grounds: " + strings.Join(disputes.AppealGrounds(), ", ") + ".",
		request:     appealBody{}, example: `{"by":"s-1","grounds":"new_facts","text":"The carrier has found the parcel."}`, answers: disputeAnswered(http.StatusOK),
	}
}

func doPostEvidence() operation {
	return operation{
		id: "postEvidence", acts: "`by`", tag: "disputes", summary: "Hand in evidence", once: true, media: mediaForm,
		description: "A form with the parts by, type, file and, where there is something to say of it, note. The file is a JPEG, a PNG or a PDF of at most 20 MiB, whatever it is called. It is hashed and sealed as it came; " +
			"what others open is drawn anew from it, and has a hash of its own. What comes after the evidence was frozen is late: a handler says whether it counts.",
		answers: disputeAnswered(http.StatusCreated),
	}
}

// evidenceSchema is that of the form.
func evidenceSchema() map[string]any {
	return map[string]any{
		"type": "object", "required": []string{"by", "type", "file"}, "additionalProperties": false,
		"properties": map[string]any{
			"by": idSchema(), "type": map[string]any{"type": "string", "enum": disputes.EvidenceTypes()},
			"note": map[string]any{"type": "string", "maxLength": mostProse}, "file": map[string]any{"type": "string", "format": "binary"},
		},
	}
}

func doGetEvidence() operation {
	o := operation{
		id: "getEvidence", acts: "`viewer`", tag: "disputes", summary: "Open an item of evidence", people: those(deciders()...).justConfirmed(), opens: true,
		description: "It was drawn anew from what was handed in. Each time is an entry, which is durable before anything is opened and says who: so there is no HEAD. It is to be saved, not shown: a browser runs nothing of it. " +
			"For a side, which a query names, or for whoever of the staff has the case.",
		refuses: []int{http.StatusConflict},
	}
	for _, media := range []string{"image/jpeg", "image/png", "application/pdf"} {
		o.answers = append(o.answers, answered{status: http.StatusOK, media: media})
	}
	return o
}

func doGetBundle() operation {
	return operation{
		id: "getBundle", acts: "`viewer`", tag: "disputes", summary: "The bundle of a case: all that the ledger says of it, to be proved anywhere", people: those(deciders()...).justConfirmed(), opens: true,
		description: "A zip with a readable report, the entries, their proofs and what the recipient may open of them, which `bauta verify` checks with no broker at hand. For a side, which a query names: its own. " +
			"For whoever of the staff has the case, or a lead: that of the recipient named. That it was made is an entry, and closes no case.",
		refuses: []int{http.StatusConflict}, answers: []answered{{status: http.StatusOK, media: mediaZip}},
	}
}

// operation describes one step of the staff.
func (x *disputeStep) operation() operation {
	name := strings.ReplaceAll(strings.ReplaceAll(x.path, "evidence/{n}/admission", "evidenceAdmission"), "evidence-requests", "evidenceRequest")
	o := operation{
		id: "postDispute" + strings.ToUpper(name[:1]) + name[1:], tag: "disputes", summary: x.summary, once: true, people: those(deciders()...), matches: true,
		description: x.says, request: x.body, example: x.example, answers: []answered{{status: http.StatusOK, body: disputeAnswer{}, example: staffDisputeExample}},
		refuses: []int{http.StatusPreconditionFailed, http.StatusPreconditionRequired},
	}
	if x.decides {
		o.people = o.people.justConfirmed()
	}
	switch codes := broker.CaseReasons(x.event); {
	case x.event == disputes.GoOutside:
	case len(codes) > 0:
		o.description = strings.TrimSpace(o.description + " Reasons: " + strings.Join(codes, ", ") + ".")
	}
	return o
}

func doPostDisputeTexts() operation {
	return operation{
		id: "postDisputeTexts", tag: "disputes", summary: "Open what was written in a case that one works on", once: true, people: those(deciders()...).justConfirmed(),
		description: "For whoever has the case, and for a second person while something is proposed. The entry is durable before anything is opened.",
		request:     emptyBody{}, example: `{}`, refuses: []int{http.StatusGone},
		answers: []answered{{status: http.StatusOK, body: disputeTextsAnswer{}, example: `{"dispute":"dsp_05wq0e9m2r6a1b7c3d4e5f6g7g",
"messages":[{"index":17,"at":"2026-03-04T12:00:00Z","event":"open","by":"buyer","text":"Nothing has come."}],"ledger":` + merchantLedgerExample + `}`}},
	}
}

func doPostDisputeReveal() operation {
	return operation{
		id: "postDisputeReveal", tag: "disputes", summary: "Open fields of a side of a case that one works on", once: true, people: those(deciders()...).justConfirmed(), matches: true,
		description: "Only in a case that a party has opened and that somebody of another hand has assigned, so many a day and account, and only what the policies would let the other side have to settle it, or leave to a person. " +
			"The entry names the fields, the purpose and the reason; it is durable before anything is opened. The person is told at once, or when a reason for telling later, which stands in the entry, has ended. " +
			"Reasons: " + strings.Join(broker.ReasonsFor(broker.LookInto), ", ") + ".",
		request: caseRevealBody{}, example: `{"subject":"b-1","fields":["address"],"purpose":"decide_case","reason":"` + broker.ReasonsFor(broker.LookInto)[0] + `"}`,
		refuses: []int{http.StatusGone, http.StatusPreconditionFailed, http.StatusPreconditionRequired},
		answers: []answered{{status: http.StatusOK, body: caseRevealAnswer{}, example: `{"dispute":"dsp_05wq0e9m2r6a1b7c3d4e5f6g7g","subject":"b-1","purpose":"decide_case","reason":"` + broker.ReasonsFor(broker.LookInto)[0] + `",
"fields":[{"field":"name","value":"Ada Hartwell"}],"ledger":` + merchantLedgerExample + `}`}},
	}
}

// disputeWords are the lists that the document takes from the domain.
func disputeWords(as string) []any {
	switch as {
	case "dispute_reason":
		return anys(disputes.Reasons())
	case "offer_kind":
		return anys(disputes.OfferKinds())
	case "evidence_type":
		return anys(disputes.EvidenceTypes())
	case "outcome":
		return anys(disputes.Outcomes())
	case "ruling_reason":
		return anys(disputes.ReasonCodes())
	case "appeal_grounds":
		return anys(disputes.AppealGrounds())
	case "external_kind":
		return anys(disputes.ExternalKinds())
	case "reveal_purpose":
		return anys(broker.RevealPurposes())
	case "reveal_delay":
		return anys(broker.RevealDelays())
	}
	return nil
}

// disputeParameters are those of cases.
func (r *route) disputeParameters(add addParameter) {
	if r.does.matches || r.does.optionalMatch {
		description := "the ETag of the case as it was looked at"
		if r.does.optionalMatch {
			description += ": with a person's session"
		}
		add("If-Match", inHeaders, r.does.matches, description, map[string]any{"type": "string", "pattern": `^"[0-9]+"$`})
	}
	if slices.Contains(r.queries, "recipient") && r.does.tag == "disputes" {
		add("recipient", inQueries, false, "with a person's session: for whom it is", map[string]any{"type": "string", "enum": words(bundle.Recipients())})
	}
	if slices.Contains(r.queries, "queue") {
		add("queue", inQueries, false, "with a person's session: one of the staff's queues", map[string]any{"type": "string", "enum": queues()})
		add("state", inQueries, false, "only in this one", map[string]any{"type": "string", "enum": disputes.Life.States()})
	}
}
