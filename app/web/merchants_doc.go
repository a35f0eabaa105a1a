package web

import (
	"net/http"
	"strings"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

// What the OpenAPI document says of merchants. The numbers are made up.

const registrationExample = `{"party":"s-1","jurisdiction":"CN","type":"company","legal_name":"杭州示例贸易有限公司",
"registration":{"kind":"uscc","number":"91330100MA00000740"},
"representative":{"name":"张三"},"contact":{"email":"shop@example.com","phone":"+862155550000"},
"address":{"street":"示例路1号","city":"杭州","region":"浙江","postal_code":"310000","country":"CN","residential":false},
"payout":{"iban":"NL91ABNA0417164300"},"certifications":["lawful_goods"]}`

const merchantLedgerExample = `{"index":17,"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","tree_size":18,"root_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}`

const merchantMembers = `"id":"mer_05wq0e9m2r6a1b7c3d4e5f6g7g","party":"s-1","jurisdiction":"CN","type":"company","state":"in_review",
"version":1,"pack":"CN/2026-01-01","fields":[{"pointer":"/registration/number","visibility":"public","outcome":"valid","law":"ECL 15"}],
"documents":[],"created_at":"2026-03-04T12:00:00Z","updated_at":"2026-03-04T12:00:00Z","ledger":` + merchantLedgerExample

const merchantExample = `{"allowed":["amend","withdraw"],` + merchantMembers + `}`

const documentExample = `{"n":1,"kind":"licence","media":"image/jpeg","bytes":183204,
"original_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"derivative_sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855","derivative_media":"image/jpeg",
"expires":"2027-12-31","at":"2026-03-04T12:00:00Z"}`

func merchantAnswered(status int) []answered {
	return []answered{{status: status, body: merchantAnswer{}, example: merchantExample}}
}

func (s *Server) doPostMerchant() operation {
	return operation{
		id: "postMerchant", acts: "`party`", tag: "merchants", summary: "Register a merchant", once: true,
		description: "What has to be given, what of it the law makes public and how it is checked, the pack of the jurisdiction says: docs/merchants.md. " +
			"What cannot be is refused, with a pointer and a code for each field, and nothing is kept; a person's number in a public field is 422 personal_id_in_public_field. " +
			"The rest waits for people. The answer repeats no value.",
		request: registrationSchema{members: s.members}, example: registrationExample, answers: merchantAnswered(http.StatusCreated),
	}
}

func doGetMerchant() operation {
	return operation{
		id: "getMerchant", tag: "merchants", summary: "Where a registration stands, without its values",
		description: "One that is erased has neither fields nor documents.", answers: merchantAnswered(http.StatusOK),
	}
}

func (s *Server) doPatchMerchant() operation {
	return operation{
		id: "patchMerchant", acts: "the registration's party", tag: "merchants", summary: "Change a registration", once: true,
		description: "A JSON merge patch (RFC 7396): members that are left out stay, null takes away, a list is replaced as a whole. It makes a new version, which people look at anew; " +
			"what was approved stays public meanwhile, less what the new version makes private: that is hidden at once (`hidden`). Party and jurisdiction never change. The media type may be application/json as well.",
		request: registrationChange{registrationSchema{members: s.members, change: true}}, patch: true,
		example: `{"trade_name":"Example Trading","address":{"region":null}}`, answers: merchantAnswered(http.StatusOK), refuses: []int{http.StatusGone},
	}
}

func doPostSubmission() operation {
	return operation{
		id: "postSubmission", acts: "the registration's party", tag: "merchants", summary: "Hand a draft in, or say that all is as it was", once: true,
		description: "The latter where something is due by law, or after a suspension.",
		request:     emptyBody{}, example: `{}`, answers: merchantAnswered(http.StatusOK), refuses: []int{http.StatusGone},
	}
}

func (s *Server) doPostInformation() operation {
	return operation{
		id: "postInformation", acts: "the registration's party", tag: "merchants", summary: "Answer what the merchant was asked for", once: true,
		description: "With changes, a note, or both; documents have an operation of their own.",
		request:     informationBody{}, example: `{"changes":{"registration":{"number":"91330100MA00000740"}},"note":"A digit was wrong."}`,
		answers: merchantAnswered(http.StatusOK), refuses: []int{http.StatusGone},
	}
}

func doMerchantMove(e states.Event) operation {
	codes := broker.MerchantReasons(e)
	o := operation{
		id: "postMerchantAppeal", acts: "the registration's party", tag: "merchants", summary: "Ask for another reviewer", once: true,
		description: "Once for each decision, within six months.", request: merchantMoveBody{}, example: `{"reason":"` + codes[0] + `"}`,
		answers: merchantAnswered(http.StatusOK),
	}
	if e == merchants.Close {
		o.id, o.summary = "postClosing", "Close a registration"
		o.description = "One that was never active is withdrawn; any other closes after its public notice."
	}
	o.description += " Reasons: " + strings.Join(codes, ", ") + "."
	return o
}

func doPostDocument() operation {
	return operation{
		id: "postDocument", acts: "the registration's party", tag: "merchants", summary: "Hand in a document", once: true, media: "application/octet-stream", example: "the document",
		description: "The body is the document itself: a JPEG, a PNG or a PDF of at most 20 MiB, whatever the Content-Type says. It is hashed and sealed as it came; " +
			"what a reviewer opens is drawn anew from it, and has a hash of its own.",
		answers: []answered{{status: http.StatusCreated, body: documentAnswer{}, example: documentExample}},
	}
}

const profileExample = `{"@context":["https://schema.org",{"merchant":null,"fields":null}],"@type":"Organization",
"@id":"https://bauta.example/v1/public/merchants/mer_05wq0e9m2r6a1b7c3d4e5f6g7g","legalName":"杭州示例贸易有限公司","name":"杭州示例贸易有限公司",
"merchant":"mer_05wq0e9m2r6a1b7c3d4e5f6g7g","jurisdiction":"CN","merchant_type":"company","version":1,
"approved_at":"2026-03-05T09:00:00Z","updated_at":"2026-03-05T09:00:00Z","entry":21,
"fields":[{"pointer":"/legal_name","label":"legal_name","value":"杭州示例贸易有限公司","law":"ECL 15","since":"2019-01-01",
"verified_by":"company_register","method":"looked_up","verified_at":"2026-03-05T09:00:00Z","entry":21}]}`

func doGetPublicMerchant() operation {
	return operation{
		id: "getPublicMerchant", tag: "merchants", summary: "What everybody may read of a merchant", public: true,
		description: "An Organization of schema.org. Beside it each public field by itself: the law that makes it public and since when, who verified it, how and when, and the index of the ledger's entry that says so. " +
			"It may be kept for a minute; If-None-Match is honoured (304). What is not public now is 404, whatever it is instead.",
		answers: []answered{{status: http.StatusOK, media: mediaLD, body: profileSchema{}, example: profileExample}, {status: http.StatusNotModified}},
	}
}

const reviewMembers = merchantMembers + `,"second_needed":false,"hash":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"history":[{"index":17,"at":"2026-03-04T12:00:00Z","type":"merchant_written","version":1}]`

const reviewExample = `{"allowed":["take"],` + reviewMembers + `}`

func doGetReviews() operation {
	return operation{
		id: "getReviews", tag: "reviews", summary: "What waits for a reviewer, what waits longest first", description: "Filters: state, jurisdiction, taken=me.",
		answers: []answered{{status: http.StatusOK, body: page[reviewAnswer]{}, example: `{"data":[],"next":null}`}},
	}
}

func doGetReview() operation {
	return operation{
		id: "getReview", tag: "reviews", summary: "A registration with its history, without its values",
		answers: []answered{{status: http.StatusOK, body: reviewAnswer{}, example: reviewExample}},
	}
}

func doPostReviewValues() operation {
	return operation{
		id: "postReviewValues", tag: "reviews", summary: "Open the values of a registration that one works on, and what was written about it", once: true,
		description: "The entry names the purpose and the reason; it is durable before anything is opened. The merchant can see it, by role and purpose. " +
			"A replay shows the values again for 10 minutes, while the same could be opened anew. Reasons: " + strings.Join(broker.MerchantLookReasons(), ", ") + ".",
		people: those(reviewers()...).justConfirmed(), refuses: []int{http.StatusConflict, http.StatusGone},
		request: lookBody{}, example: `{"purpose":"decide_registration","reason":"fields_to_verify"}`,
		answers: []answered{{status: http.StatusOK, body: merchantValuesAnswer{}, example: `{"id":"mer_05wq0e9m2r6a1b7c3d4e5f6g7g","party":"s-1","version":1,
"jurisdiction":"CN","type":"company","values":[{"pointer":"/registration/number","value":"91330100MA00000740"}],"residential":false,
"certifications":["lawful_goods"],"notes":[],"ledger":` + merchantLedgerExample + `}`}},
	}
}

func doGetReviewDocument() operation {
	o := operation{
		id: "getReviewDocument", tag: "reviews", summary: "Open a document of a registration that one works on",
		description: "It was drawn anew from what the merchant gave. Each time is an entry, which is durable before anything is opened. It is to be saved, not shown: a browser runs nothing of it.",
		people:      those(reviewers()...).justConfirmed(), refuses: []int{http.StatusConflict}, opens: true,
	}
	for _, media := range []string{"image/jpeg", "image/png", "application/pdf"} {
		o.answers = append(o.answers, answered{status: http.StatusOK, media: media})
	}
	return o
}

// reviewOperation describes one event of a reviewer.
func reviewOperation(m staffMove) operation {
	o := operation{
		id: "postReview" + strings.ToUpper(m.path[:1]) + m.path[1:], tag: "reviews", summary: m.summary, once: true, people: those(reviewers()...),
		request: reviewMoveBody{}, example: `{}`, answers: []answered{{status: http.StatusOK, body: reviewAnswer{}, example: reviewExample}},
	}
	if m.decides {
		o.people = o.people.justConfirmed()
	}
	codes := broker.MerchantReasons(m.event)
	if codes == nil {
		return o
	}
	o.description, o.example = "Reasons: "+strings.Join(codes, ", ")+".", `{"reason":"`+codes[0]+`"}`
	if m.event == merchants.Approve || m.event == merchants.Propose || m.event == merchants.Overturn {
		o.description += " Checks say how each field was verified: by source (" + strings.Join(broker.CheckSources(), ", ") + ") and method (" + strings.Join(broker.CheckMethods(), ", ") + ")."
		o.example = `{"reason":"verified","checks":[{"source":"company_register","method":"looked_up","at":"2026-03-05T09:00:00Z"}]}`
	}
	return o
}
