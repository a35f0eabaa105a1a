package web

import "net/http"

// What the OpenAPI document says of people, their sessions and their accounts.

const sessionMembers = `"account":"hnd_06m9w3h8e0000000000000000g","role":"handler","created_at":"2026-03-04T12:00:00Z",
"expires_at":"2026-03-04T12:30:00Z","fresh_until":"2026-03-04T12:05:00Z","may_approve_from":"2026-03-01T09:00:00Z"}`

const handlerExample = `{"id":"hnd_06m9w3h8e0000000000000000g","email":"a•••@•••.com","role":"handler","state":"active","created_by":"operator",
"created_at":"2026-03-01T09:00:00Z","may_approve_from":"2026-03-01T09:00:00Z"}`

func doPostSession() operation {
	return operation{
		id: "postSession", tag: "people", summary: "Sign in", once: true,
		description: "An address that nobody has, a wrong password, a wrong or used code and an account that is locked are one refusal. " +
			"After 5 failures in a row an address has to wait, longer after each more, 15 minutes at most. " +
			"A retry with the same Idempotency-Key, and the same body, gives the same session: with its token until it is used, and for 10 minutes at most; 410 when it is over.",
		request: signInBody{}, example: `{"email":"ana@example.com","password":"grey lagoon in the morning","code":"287082"}`,
		refuses: []int{http.StatusUnauthorized, http.StatusGone},
		answers: []answered{{status: http.StatusCreated, body: sessionAnswer{}, example: `{"token":"bst_0",` + sessionMembers}},
	}
}

func doGetSession(p *people) operation {
	return operation{
		id: "getSession", tag: "people", summary: "Who is signed in, and until when", people: p,
		answers: []answered{{status: http.StatusOK, body: sessionAnswer{}, example: `{` + sessionMembers}},
	}
}

func doDeleteSession(p *people) operation {
	return operation{
		id: "deleteSession", tag: "people", summary: "Sign out", people: p, refuses: []int{http.StatusNotFound},
		answers: []answered{{status: http.StatusOK, body: endedAnswer{}, example: `{"state":"ended"}`}},
	}
}

func doPostConfirmation(p *people) operation {
	return operation{
		id: "postConfirmation", tag: "people", summary: "Show once more who one is", people: p, once: true,
		description: "Makes the session fresh for 5 minutes, which decisions and reveals ask for. Failures count as those of signing in do.",
		request:     confirmationBody{}, example: `{"code":"287082"}`,
		answers: []answered{{status: http.StatusOK, body: sessionAnswer{}, example: `{` + sessionMembers}},
	}
}

func doPostEnrolment() operation {
	return operation{
		id: "postEnrolment", tag: "people", summary: "What an authenticator takes in, for a set-up code", once: true,
		request: enrolmentBody{}, example: `{"set_up_code":"3c1g60-r30c1g-60r30c-1g60r3"}`,
		answers: []answered{{status: http.StatusOK, body: enrolmentAnswer{}, example: `{"account":"hnd_06m9w3h8e0000000000000000g",
"secret":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","otpauth":"otpauth://totp/Bauta:hnd_06m9w3h8e0000000000000000g?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"}`}},
	}
}

func doPostSetUp() operation {
	return operation{
		id: "postSetUp", tag: "people", summary: "Set an account up with a password and an authenticator, and sign in", once: true,
		refuses: []int{http.StatusGone},
		request: setUpBody{}, example: `{"set_up_code":"3c1g60-r30c1g-60r30c-1g60r3","password":"grey lagoon in the morning","code":"287082"}`,
		answers: []answered{{status: http.StatusCreated, body: sessionAnswer{}, example: `{"token":"bst_0",` + sessionMembers}},
	}
}

func doGetHandlers(p *people) operation {
	return operation{
		id: "getHandlers", tag: "people", summary: "The accounts of the operator's people", people: p,
		answers: []answered{{status: http.StatusOK, body: handlersAnswer{}, example: `{"data":[` + handlerExample + `]}`}},
	}
}

func doPostHandler(p *people) operation {
	return operation{
		id: "postHandler", tag: "people", summary: "Make an account", people: p, once: true,
		description: "It is told to all privacy officers, and takes, proposes and approves nothing for 24 hours; it is never the second person to who has made it, nor the other way round. A lead makes handlers and merchant reviewers, a privacy officer all roles. " +
			"The set-up code is in this answer and nowhere else; a replay shows it for 10 minutes.",
		request: handlerBody{}, example: `{"email":"ana@example.com","role":"handler"}`,
		answers: []answered{{status: http.StatusCreated, body: handlerAnswer{}, example: handlerExample}},
	}
}

func doGetNotices(p *people) operation {
	return operation{
		id: "getNotices", tag: "people", summary: "What one account did to another", people: p,
		answers: []answered{{status: http.StatusOK, body: noticesAnswer{}, example: `{"data":[{"account":"hnd_06m9w3h8e0000000000000000g","event":"made",
"role":"handler","by":"hnd_06m9w3h8e00000000000000010","at":"2026-03-04T12:00:00Z","index":17}]}`}},
	}
}

func doPostRole(p *people) operation {
	return operation{
		id: "postHandlerRole", tag: "people", summary: "Give an account another role", people: p, once: true,
		description: "Nobody changes his own. It is told to all privacy officers, and the account can approve nothing for 24 hours.",
		request:     roleBody{}, example: `{"role":"lead"}`,
		answers: []answered{{status: http.StatusOK, body: handlerAnswer{}, example: handlerExample}},
	}
}

func doPostHandlerEnd(p *people) operation {
	return operation{
		id: "postHandlerEnd", tag: "people", summary: "End an account for good, with all its sessions", people: p, once: true,
		description: "Nobody ends his own. It is told to all privacy officers.",
		request:     accountEndBody{}, example: `{"reason":"left"}`,
		answers: []answered{{status: http.StatusOK, body: handlerAnswer{}, example: handlerExample}},
	}
}
