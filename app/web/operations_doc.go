package web

import (
	"net/http"
	"strings"

	"bauta.dev/bauta/broker"
)

// What the OpenAPI document says of each route, in the order of the table.

const partyExample = `{"kind":"person","locale":"pt-BR","residency":"BR","contact":{"name":"Ana Exemplo","email":"ana@example.com","phone":"+5511999990000",
"address":{"street":"Rua Exemplo, 1","city":"Recife","region":"PE","postal_code":"50000-000","country":"BR"}},"source":{"kind":"registration"}}`

const partyAnswerExample = `{"id":"b-1","kind":"person","locale":"pt-BR","residency":"BR","contact":{"name":"A•••","email":"a•••@example.com"},
"created_at":"2017-01-05T16:34:00Z","updated_at":"2017-01-05T16:34:00Z"}`

func doPutParty() operation {
	return operation{
		id: "putParty", tag: "parties", summary: "Register a party, or change one",
		description: "A changed value is a new version; a grant opens only the versions that it was decided on.",
		request:     partyBody{}, example: partyExample,
		answers: []answered{
			{status: http.StatusCreated, body: partyAnswer{}, example: partyAnswerExample},
			{status: http.StatusOK, body: partyAnswer{}, example: partyAnswerExample},
		},
	}
}

func doGetParty() operation {
	return operation{
		id: "getParty", tag: "parties", summary: "A party as its owner sees it, masked",
		answers: []answered{{status: http.StatusOK, body: partyAnswer{}, example: partyAnswerExample}},
	}
}

func doPutFlags() operation {
	return operation{
		id: "putFlags", tag: "parties", summary: "Set a party's safety flags",
		description: "Grants on the party's data that no longer hold are suspended in the same commit. Who had them is told of that, and not of the flag.",
		request:     []flagWord{}, example: `["minor","at_risk","restricted"]`, refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: flagsAnswer{}, example: `{"id":"b-1","flags":["minor"]}`}},
	}
}

func doGetPartyDisclosures() operation {
	return operation{
		id: "getPartyDisclosures", tag: "parties", summary: "Who got or saw what of this party, when, why and on which ground",
		answers: []answered{{status: http.StatusOK, body: partyDisclosures{}, example: `{"data":[],"next":null}`}},
	}
}

const transactionExample = `{"kind":"shipped_goods","buyer":"b-1","seller":"s-1","amount":{"currency":"BRL","value":"221.65"},"items":1,
"created_at":"2017-01-05T13:34:00-03:00"}`

const transactionAnswerExample = `{"id":"t-1","kind":"shipped_goods","state":"open","disputed":false,"buyer":{"id":"b-1"},"seller":{"id":"s-1"},
"amount":{"currency":"BRL","value":"221.65"},"items":1,"created_at":"2017-01-05T16:34:00Z",
"obligations":[{"id":"pay","debtor":"buyer","due":"221.65","done":"0.00","state":"due"}]}`

func doPutTransaction() operation {
	return operation{
		id: "putTransaction", tag: "transactions", summary: "Register a transaction, or change its terms",
		description: "Kind, parties and currency never change. A term that is left out means its default.",
		request:     transactionBody{}, example: transactionExample,
		answers: []answered{
			{status: http.StatusCreated, body: transactionAnswer{}, example: transactionAnswerExample},
			{status: http.StatusOK, body: transactionAnswer{}, example: transactionAnswerExample},
		},
	}
}

func doGetTransaction() operation {
	return operation{
		id: "getTransaction", acts: "`viewer`, where one is named", tag: "transactions", summary: "A transaction, and what its viewer could ask for",
		description: "Without a viewer: the facts, and no contact at all.",
		answers:     []answered{{status: http.StatusOK, body: transactionAnswer{}, example: transactionAnswerExample}},
	}
}

const performanceExample = `{"obligation":"pay","done":"100.00","performed_at":"2017-01-05T13:40:00-03:00","reference":"psp-1"}`

const obligationExample = `{"id":"pay","debtor":"buyer","due":"221.65","done":"100.00","state":"part_performed"}`

func performed(id, summary, description string) operation {
	return operation{
		id: id, tag: "transactions", summary: summary, description: description, once: true,
		request: performanceBody{}, example: performanceExample,
		answers: []answered{
			{status: http.StatusCreated, body: obligationAnswer{}, example: obligationExample},
			{status: http.StatusOK, body: obligationAnswer{}, example: obligationExample},
		},
	}
}

func doPostPerformance() operation {
	o := performed("postPerformance", "Attest a part of an obligation",
		"An attest key speaks for the platform. With a marketplace key and by it is that party's word: the debtor's is a claim, the creditor's moves the obligation, and carries a disclosure only with the creditor's own Bauta-Party token. "+
			"The same reference with equal members again is 200.")
	o.acts = "`by`, where there is one"
	return o
}

func doPostReversal() operation {
	return performed("postReversal", "Take performance back", "Every live grant of the transaction is decided again, and suspended where its row no longer holds.")
}

func doEnd(cancel bool) operation {
	reasons := broker.Reasons(cancel)
	o := operation{
		id: "postCompletion", tag: "transactions", summary: "Complete a transaction", once: true,
		request: closeBody{}, example: `{"reason":"` + reasons[0] + `"}`,
		description: "What is still open is waived. Reasons: " + strings.Join(reasons, ", ") + ".",
		answers:     []answered{{status: http.StatusOK, body: transactionAnswer{}, example: transactionAnswerExample}},
	}
	if cancel {
		o.id, o.summary = "postCancellation", "Cancel a transaction"
	}
	return o
}

const disclosureExample = `{"id":"dsc_05wq0e9m2r6a1b7c3d4e5f6g7g","transaction":"t-1","requester":"s-1","subject":"b-1","purpose":"deliver",
"created_at":"2017-01-06T10:00:00Z","decision":"granted","ground":"3b","state":"live",
"fields":[{"field":"name","outcome":"granted","value":"Ana Exemplo","rule":"deliver-shipped-goods"},
{"field":"email","outcome":"withheld","reason":"not_necessary"}],
"expires_at":"2017-02-05T10:00:00Z","views_left":19,"policy_version":"sha256:ab12","asserted_by":"platform",
"ledger":{"index":17,"leaf_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","tree_size":18,"root_hash":"47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="}}`

func doPostDisclosure() operation {
	return operation{
		id: "postDisclosure", acts: "`requester`", tag: "disclosures", summary: "Ask for contact fields of the other side", once: true,
		description: "201 also when it is refused: the decision is a record. What there is no grant for has null in ground, state, expires_at and views_left. " +
			"200 is the answer to a dry run: how it would be decided now, without a look at which values are held. It leaves no record, " +
			"but counts in the requester's day. Its Idempotency-Key is not remembered. Citations are of list " + itoa(broker.CitationList) + ".",
		request: disclosureBody{}, refuses: []int{http.StatusNotFound},
		example: `{"transaction":"t-1","requester":"s-1","purpose":"deliver","fields":["name","address"],"reveal":true}`,
		answers: []answered{
			{status: http.StatusCreated, body: disclosureAnswer{}, example: disclosureExample},
			{status: http.StatusOK, body: foreseenAnswer{}, example: foreseenExample},
		},
	}
}

func doGetDisclosures() operation {
	return operation{
		id: "getDisclosures", tag: "disclosures", summary: "Disclosures without fields, newest first",
		answers: []answered{{status: http.StatusOK, body: page[disclosureAnswer]{}, example: `{"data":[],"next":null}`}},
	}
}

func doGetDisclosure() operation {
	return operation{
		id: "getDisclosure", acts: "`viewer`, where one is named", tag: "disclosures", summary: "A disclosure without values",
		description: "Without a viewer: decision, grant state and ledger place, no fields.",
		answers:     []answered{{status: http.StatusOK, body: disclosureAnswer{}}},
	}
}

const receiptExample = "bauta.dev/receipt@v1\n\nentry AQk…\nproof YzJz…\nsaid parties DnUz… {\"at\":…}\n\nsha256 o0Jw…\n"

func doGetReceipt() operation {
	return operation{
		id: "getReceipt", acts: "`viewer`", tag: "disclosures", summary: "What one side may show to anybody: the entry, its place, and what it says to this side",
		description: "The viewer, who has to be named, is the requester or the subject; each gets the salts of their own part and of the common one, and no contact value. " +
			"docs/receipt-format.md has the format; bauta verify checks it, offline.",
		answers: []answered{{status: http.StatusOK, media: mediaReceipt, example: receiptExample}},
	}
}

func doPostOpenings() operation {
	return operation{
		id: "postOpenings", acts: "`viewer`", tag: "disclosures", summary: "The requester's receipt, with what proves the values themselves", once: true,
		description: "It holds the values, so it is a view of the grant: an entry of its own, and one view less.",
		request:     viewBody{}, example: `{"viewer":"s-1"}`, refuses: []int{http.StatusGone},
		answers: []answered{{status: http.StatusOK, media: mediaReceipt, example: receiptExample}},
	}
}

func doPostView() operation {
	return operation{
		id: "postView", acts: "`viewer`", tag: "disclosures", summary: "Open the values of a live grant once more", once: true,
		request: viewBody{}, example: `{"viewer":"s-1"}`, refuses: []int{http.StatusGone},
		answers: []answered{{status: http.StatusOK, body: disclosureAnswer{}, example: disclosureExample}},
	}
}

func doPostRevocation() operation {
	return operation{
		id: "postRevocation", tag: "disclosures", summary: "End a grant for good", once: true,
		description: "Reasons: " + strings.Join(broker.RevocationReasons(), ", ") + ".",
		request:     revocationBody{}, example: `{"reason":"no_longer_needed"}`, refuses: []int{http.StatusGone},
		answers: []answered{{status: http.StatusOK, body: disclosureAnswer{}}},
	}
}

func doGetCheckpoint() operation {
	return operation{
		id: "getCheckpoint", tag: "ledger", summary: "The newest checkpoint of the ledger, a signed note",
		answers: []answered{{status: http.StatusOK, media: "text/plain", example: "bauta.example/ledger\n18\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}},
	}
}

func doGetWitnessed() operation {
	return operation{
		id: "getWitnessed", tag: "ledger", summary: "The newest checkpoint that a witness cosigned, with its cosignatures",
		description: "A signed note, C2SP tlog-cosignature. It is older than the newest checkpoint by what was appended since.",
		refuses:     []int{http.StatusNotFound},
		answers:     []answered{{status: http.StatusOK, media: "text/plain", example: "bauta.example/ledger\n18\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n"}},
	}
}

func doGetHealth() operation {
	return operation{
		id: "getHealth", tag: "operations", summary: "Whether the process is there",
		answers: []answered{{status: http.StatusOK, body: statusAnswer{}, example: `{"status":"ok"}`}},
	}
}

func doGetReady() operation {
	return operation{
		id: "getReady", tag: "operations", summary: "Whether it should get requests", description: "With a key of scope audit, errors says why not, and witnessed how old the newest cosigned checkpoint is.",
		answers: []answered{{status: http.StatusOK, body: readyAnswer{}, example: `{"status":"ready","witnessed":{"size":18,"age_seconds":2}}`}},
	}
}

func doGetMetrics() operation {
	return operation{
		id: "getMetrics", tag: "operations", summary: "Metrics, in the text format of Prometheus",
		answers: []answered{{status: http.StatusOK, media: "text/plain", example: "bauta_http_requests_in_flight 1\n"}},
	}
}

func doGetDocument() operation {
	return operation{
		id: "getDocument", tag: "operations", summary: "This document",
		answers: []answered{{status: http.StatusOK, body: map[string]any{}}},
	}
}

func doGetHome() operation {
	return operation{
		id: "getHome", tag: "operations", summary: "What this is, in HTML",
		answers: []answered{{status: http.StatusOK, media: "text/html"}},
	}
}
