package ledger

import (
	"cmp"
	"slices"
)

// shape is what a member may hold; docs/entry-format.md, section 8.
type shape uint8

const (
	text    shape = iota + 1 // a non-empty string
	number                   // an integer within ±(2^53-1)
	flag                     // true or false
	moment                   // a time with microseconds, UTC
	texts                    // non-empty list of text
	object                   // the parts named
	objects                  // non-empty list of such objects
	flags                    // an object of flags with any names
)

// audiences is a set of Audience, bit by number.
type audiences uint8

func (s audiences) has(a Audience) bool { return s>>a&1 == 1 }

// The sets that the table below uses, named by the letters of its members.
const (
	seenP   audiences = 1 << Parties
	seenR   audiences = 1 << Requester
	seenS   audiences = 1 << Subject
	seenT   audiences = 1 << Staff
	seenA   audiences = 1 << Auditor
	seenPA            = seenP | seenA
	seenSA            = seenS | seenA
	seenPT            = seenP | seenT
	seenST            = seenS | seenT
	seenTA            = seenT | seenA
	seenPTA           = seenP | seenT | seenA
	seenSTA           = seenS | seenT | seenA
	seenAll           = seenP | seenR | seenS | seenT | seenA
)

// spec is one member that a type, or an object inside it, may have.
type spec struct {
	name  string
	shape shape
	seen  audiences // only at the top: what is inside goes with the whole
	parts []spec    // of object and objects, sorted by name
}

// schema is everything that a type may say.
type schema struct {
	name      string
	audiences []Audience // ascending: those that see any member
	members   []spec     // sorted by name, with "at" and "type" among them
}

// maxMembers bounds the members of one object, so that placing them needs no
// allocation. A test compares it with the table.
const maxMembers = 32

const (
	nameAt   = "at"
	nameType = "type"
)

// schemas is the closed list of docs/entry-format.md, section 8, by number. It
// is the only place that says who may see what of an entry; the tables of the
// document are generated from it.
var schemas = [...]schema{
	LogStarted: define("log_started",
		one("origin", text, seenA), one("verifier", text, seenA)),
	PartyWritten: define("party_written",
		one("party", text, seenS), one("kind", text, seenS), list("fields", seenS, part("field", text), part("version", number), part("commitment", text)),
		one("removed", texts, seenS), one("source", text, seenS), one("partner", text, seenS),
		one("collected_at", moment, seenS), one("lawful_basis", text, seenS),
		one("count", number, seenA), one("key", text, seenA), one("asserted_by", text, seenSA)),
	PartyFlagged: define("party_flagged",
		one("party", text, seenT), one("flags", texts, seenT), one("suspended", texts, seenT), one("key", text, seenA)),
	TransactionWritten: define("transaction_written",
		append(agreement(), one("version", number, seenP),
			list("contacts", seenP, part("use", text), part("field", text), part("version", number), part("commitment", text)),
			one("suspended", texts, seenP), one("key", text, seenA), one("asserted_by", text, seenPA))...),
	PerformanceRecorded: define("performance_recorded",
		one("transaction", text, seenP), one("obligation", text, seenP), one("done", text, seenP), one("total", text, seenP),
		one("attested", text, seenP), one("attested_by", text, seenP), one("source", text, seenP), one("performed_at", moment, seenP),
		one("reference", text, seenP), one("suspended", texts, seenP), one("key", text, seenA), one("standing", text, seenA), one("asserted_by", text, seenPA)),
	PerformanceReversed: define("performance_reversed",
		one("transaction", text, seenP), one("obligation", text, seenP), one("undone", text, seenP), one("total", text, seenP),
		one("source", text, seenP), one("performed_at", moment, seenP), one("reference", text, seenP), one("suspended", texts, seenP),
		one("key", text, seenA)),
	TransactionCompleted: define("transaction_completed", ending()...),
	TransactionCancelled: define("transaction_cancelled", ending()...),
	DisclosureDecided: define("disclosure_decided",
		append(decision(), one("note", text, seenR), one("revealed", flag, seenP), one("reasons", texts, seenT), one("key", text, seenA))...),
	DisclosureViewed: define("disclosure_viewed",
		one("disclosure", text, seenP), one("transaction", text, seenP), one("view", number, seenP),
		list("fields", seenP, part("field", text), part("version", number)), one("superseded", texts, seenP),
		one("openings", flag, seenPA), one("asserted_by", text, seenPA), one("key", text, seenA)),
	GrantRevoked: define("grant_revoked",
		one("disclosure", text, seenP), one("transaction", text, seenP), one("reason", text, seenPA), one("cause", text, seenA),
		one("key", text, seenA)),
	APIKeyCreated: define("api_key_created",
		one("key", text, seenA), one("scopes", texts, seenA), one("source", text, seenA)),
	APIKeyRevoked: define("api_key_revoked", one("key", text, seenA)),
	PolicyChanged: define("policy_changed",
		one("policy", text, seenA), one("previous", text, seenA), one("state", text, seenA), one("diff", text, seenA),
		one("reveals_more", number, seenA), one("approved_by", text, seenA)),
	HistoryImported: define("history_imported",
		append(agreement(), one("state", text, seenP),
			list("performances", seenP, part("obligation", text), part("done", text), part("attested_by", text),
				part("performed_at", moment), part("reference", text)),
			one("count", number, seenA), one("key", text, seenA))...),
	PartyExcluded: define("party_excluded",
		one("party", text, seenST), one("standing", text, seenST|seenA), one("reason", text, seenST|seenA), one("note", text, seenS),
		one("account", text, seenTA), one("key", text, seenA)),
	AnomalyNoted: define("anomaly_noted",
		one("budget", text, seenTA), one("count", number, seenTA), one("limit", number, seenTA), one("since", moment, seenTA),
		one("key", text, seenTA), one("mark", text, seenA)),
	SubjectAccessed: define("subject_accessed",
		one("party", text, seenS), one("event", text, seenSA), one("until", moment, seenSA), one("key", text, seenA)),
	ConsentGiven: define("consent_given",
		one("party", text, seenS), one("recipient", text, seenS), one("purpose", text, seenSA), one("fields", texts, seenS),
		one("text", text, seenSA), one("locale", text, seenSA), one("expires", moment, seenSA), one("ended", texts, seenS),
		one("asserted_by", text, seenSA), one("key", text, seenA)),
	ConsentWithdrawn: define("consent_withdrawn",
		one("party", text, seenS), one("recipient", text, seenS), one("purpose", text, seenSA), one("ended", texts, seenS),
		one("asserted_by", text, seenSA), one("key", text, seenA)),
	AccountChanged: define("account_changed",
		one("account", text, seenTA), one("event", text, seenTA), one("role", text, seenTA), one("by", text, seenTA),
		one("approves_at", moment, seenTA), one("reason", text, seenTA)),
	MerchantWritten: define("merchant_written", append(registration(),
		append(step(), one("version", number, seenSTA), one("jurisdiction", text, seenSTA), one("kind", text, seenSTA), one("pack", text, seenSTA),
			list("fields", seenSTA, part("pointer", text), part("visibility", text), part("outcome", text), part("code", text)),
			one("commitment", text, seenSTA))...)...),
	MerchantMoved: define("merchant_moved", append(registration(),
		append(step(), one("version", number, seenSTA), one("told", text, seenSTA), one("reason", text, seenTA), one("plan", text, seenTA),
			list("checks", seenSTA, part("pointer", text), part("source", text), part("method", text), part("at", moment)),
			one("decider", text, seenTA))...)...),
	DocumentStored: define("merchant_document_stored", append(registration(),
		one("document", number, seenSTA), one("kind", text, seenSTA), one("media", text, seenSTA), one("bytes", number, seenSTA), one("original", text, seenSTA),
		one("derivative", text, seenSTA), one("expires", moment, seenSTA), one("asserted_by", text, seenSA), one("key", text, seenA))...),
	DocumentOpened: define("merchant_document_opened", append(registration(),
		one("document", number, seenSTA), one("derivative", text, seenSTA), one("role", text, seenSTA), one("account", text, seenTA))...),
	MerchantViewed: define("merchant_viewed", append(registration(),
		one("version", number, seenSTA), one("purpose", text, seenSTA), one("role", text, seenSTA), one("reason", text, seenTA), one("account", text, seenTA),
		one("asserted_by", text, seenSA), one("key", text, seenA))...),
	CaseRevealed: define("case_revealed",
		one("dispute", text, seenSTA), one("transaction", text, seenSTA), one("step", number, seenTA), one("subject", text, seenST),
		list("fields", seenSTA, part("field", text), part("version", number)), one("purpose", text, seenSTA), one("role", text, seenSTA),
		one("reason", text, seenTA), one("told_at", moment, seenTA), one("delay", text, seenTA), one("account", text, seenTA)),
	GlassBroken: define("glass_broken",
		one("session", text, seenTA), one("transaction", text, seenTA), one("case", text, seenTA), one("step", number, seenTA), one("reason", text, seenTA),
		one("until", moment, seenTA), one("note", text, seenTA), one("role", text, seenTA), one("account", text, seenTA)),
	GlassViewed: define("glass_viewed",
		one("session", text, seenSTA), one("transaction", text, seenSTA), one("step", number, seenTA), one("subject", text, seenST),
		list("fields", seenSTA, part("field", text), part("version", number)), one("purpose", text, seenSTA), one("role", text, seenSTA),
		one("reason", text, seenTA), one("told_at", moment, seenTA), one("delay", text, seenTA), one("account", text, seenTA)),
	GlassEnded: define("glass_ended",
		one("session", text, seenTA), one("transaction", text, seenTA), one("step", number, seenTA), one("by", text, seenTA), one("ended_at", moment, seenTA),
		one("due", moment, seenTA), one("reveals", number, seenTA), one("account", text, seenTA)),
	GlassReviewed: define("glass_reviewed",
		one("session", text, seenTA), one("transaction", text, seenTA), one("step", number, seenTA), one("outcome", text, seenTA), one("note", text, seenTA),
		one("account", text, seenTA)),
	CaseOpened: define("case_opened", append(caseStep(),
		one("opened_by", text, seenP), one("reason", text, seenPTA), one("lines", texts, seenP), one("amount", text, seenP), one("currency", text, seenP),
		one("follows", text, seenPTA), one("state", text, seenPTA), one("until", moment, seenPTA), clocks(), one("suspended", texts, seenP), one("note", text, seenP), one("text", number, seenPTA), one("asserted_by", text, seenPA),
		one("key", text, seenA))...),
	CaseMoved:  define("case_moved", append(caseStep(), caseMove()...)...),
	CaseTurned: define("case_turned", append(caseStep(), caseMove()...)...),
	CaseProposed: define("case_proposed",
		one("dispute", text, seenTA), one("transaction", text, seenTA), one("step", number, seenTA),
		one("event", text, seenTA), one("by", text, seenTA), one("outcome", text, seenTA), one("amount", text, seenT), one("reason", text, seenTA), one("clause", text, seenTA),
		one("plan", text, seenTA), one("second_for", texts, seenTA), one("note", text, seenT), one("account", text, seenTA)),
	CaseDecided: define("case_decided", append(caseStep(),
		one("event", text, seenPTA), one("outcome", text, seenPTA), one("amount", text, seenP), one("currency", text, seenP), one("lines", texts, seenP),
		one("reason", text, seenPTA), one("clause", text, seenPTA), one("frozen", text, seenPTA), one("until", moment, seenPTA), clocks(),
		one("letters", number, seenPTA), one("suspended", texts, seenP), one("note", text, seenPT), one("text", number, seenPTA), one("plan", text, seenTA), one("second_for", texts, seenTA), one("decider", text, seenTA), one("approver", text, seenTA))...),
	CaseClosed: define("case_closed", append(caseStep(),
		one("event", text, seenPTA), one("from", text, seenPTA), one("to", text, seenPTA), one("by", text, seenPTA), one("reason", text, seenPTA),
		one("outcome", text, seenPTA), one("seal", text, seenPTA), clocks(), one("note", text, seenPT), one("text", number, seenPTA), one("suspended", texts, seenP), one("account", text, seenTA),
		one("asserted_by", text, seenPA), one("key", text, seenA))...),
	BundleMade: define("case_bundle_made", append(caseStep(),
		one("recipient", text, seenPTA), one("made_for", text, seenTA), one("manifest", text, seenPTA), one("members", number, seenPTA), one("account", text, seenTA),
		one("asserted_by", text, seenPA), one("key", text, seenA))...),
	EvidenceStored: define("evidence_stored", append(caseStep(),
		one("item", number, seenPTA), one("by", text, seenPTA), one("kind", text, seenPTA), one("media", text, seenPTA), one("bytes", number, seenPTA),
		one("original", text, seenPTA), one("derivative", text, seenPTA), one("standing", text, seenPTA), one("note", text, seenP), one("text", number, seenPTA),
		one("asserted_by", text, seenPA), one("key", text, seenA))...),
	EvidenceOpened: define("evidence_opened", append(caseStep(),
		one("item", number, seenPTA), one("derivative", text, seenPTA), one("texts", number, seenPTA), one("by", text, seenPTA), one("role", text, seenTA), one("account", text, seenTA),
		one("asserted_by", text, seenPA), one("key", text, seenA))...),
	LogSucceeded: define("log_succeeded",
		one("origin", text, seenA), one("verifier", text, seenA), one("previous_origin", text, seenA), one("previous_verifier", text, seenA),
		one("size", number, seenA), one("root", text, seenA), one("last", text, seenA), one("last_size", number, seenA),
		one("claimed", number, seenA), one("gap", number, seenA), one("forked", flag, seenA), one("reason", text, seenA), one("by", text, seenA)),
	DisclosureObjected: define("disclosure_objected",
		one("disclosure", text, seenSTA), one("transaction", text, seenSTA), one("reason", text, seenSTA), one("asserted_by", text, seenSTA),
		one("held_off", flag, seenSTA), one("suspended", texts, seenSTA), one("note", text, seenT), one("key", text, seenA)),
	RequestMoved: define("request_moved",
		one("disclosure", text, seenPTA), one("transaction", text, seenPTA), one("event", text, seenPTA), one("from", text, seenPTA),
		one("to", text, seenPTA), one("by", text, seenPTA), one("reason", text, seenTA), one("told", text, seenPTA), one("until", moment, seenPTA),
		one("asserted_by", text, seenPA), one("let_back", flag, seenTA), one("held_off", flag, seenTA), one("suspended", texts, seenTA),
		one("note", text, seenT), one("account", text, seenTA), one("key", text, seenA)),
	DecisionProposed: define("decision_proposed",
		one("disclosure", text, seenTA), one("transaction", text, seenTA), one("event", text, seenTA), one("reason", text, seenTA),
		one("plan", text, seenTA), one("fields", texts, seenTA), one("second_for", texts, seenTA), one("account", text, seenTA)),
	DecisionMade: define("decision_made",
		append(decision(), one("requested_at", moment, seenP), one("reason", text, seenTA), one("told", text, seenPA), one("plan", text, seenTA),
			one("second_for", texts, seenTA), one("let_back", flag, seenTA), one("decider", text, seenTA), one("approver", text, seenTA))...),
	StaffViewed: define("staff_viewed",
		one("disclosure", text, seenPTA), one("transaction", text, seenPTA), one("view", number, seenPTA),
		list("fields", seenPTA, part("field", text), part("version", number)), one("notes", texts, seenPTA), one("purpose", text, seenPTA),
		one("role", text, seenPTA), one("told", text, seenPTA), one("reason", text, seenTA), one("account", text, seenTA)),
	DecisionAppealed: define("decision_appealed",
		one("disclosure", text, seenPTA), one("transaction", text, seenPTA), one("by", text, seenPTA), one("reason", text, seenPTA),
		one("asserted_by", text, seenPA), one("note", text, seenT), one("key", text, seenA)),
}

// decision is what a decision says, whoever made it.
func decision() []spec {
	return []spec{
		one("disclosure", text, seenP), one("transaction", text, seenP), one("requester", text, seenP), one("subject", text, seenP),
		one("purpose", text, seenPA), one("decision", text, seenPA), one("ground", text, seenPA),
		list("fields", seenP, part("field", text), part("outcome", text), part("reason", text), part("rule", text), part("contact", text),
			part("version", number), part("commitment", text)),
		one("rules", texts, seenA), one("policy", text, seenPA), one("expires", text, seenP), one("views", number, seenP),
		one("pieces", number, seenP), one("asserted_by", text, seenPA),
		one("citation", text, seenPA), one("consent", text, seenPA), one("until", moment, seenP), one("facts", flags, seenP), one("situation", flags, seenT),
		list("refused", seenP, part("code", text), list("missing", 0, part("obligation", text), part("need", text), part("have", text))),
	}
}

// registration says which one an entry is about, whose, and the how manieth entry
// about it this is.
func registration() []spec {
	return []spec{one("merchant", text, seenSTA), one("party", text, seenSTA), one("step", number, seenSTA)}
}

// step is what happened to a registration.
func step() []spec {
	return []spec{
		one("event", text, seenTA), one("from", text, seenTA), one("to", text, seenTA), one("state", text, seenSTA), one("by", text, seenSTA),
		one("until", moment, seenSTA), one("duplicates", texts, seenTA), one("asserted_by", text, seenSA), one("note", text, seenT), one("account", text, seenTA), one("key", text, seenA),
	}
}

// caseStep says which case an entry is about, the how manieth entry about it this
// is, and which entry that both sides have a part in came before it (its leaf hash):
// a chain, so that whoever shows a case cannot leave one of them out.
func caseStep() []spec {
	return []spec{one("dispute", text, seenPTA), one("transaction", text, seenPTA), one("step", number, seenTA), one("before", text, seenPTA)}
}

// caseMove is what happened to a case; one that turns it changes what may be refunded
// in its transaction as well.
func caseMove() []spec {
	return []spec{
		one("event", text, seenPTA), one("from", text, seenPTA), one("to", text, seenPTA), one("by", text, seenPTA), one("reason", text, seenPTA),
		one("until", moment, seenPTA), one("offer", number, seenP), one("kind", text, seenP), one("amount", text, seenP),
		list("wanted", seenP, part("by", text), part("type", text), part("due", moment)), clocks(), one("frozen", text, seenPTA), one("item", number, seenPTA), one("letters", number, seenPTA),
		one("suspended", texts, seenP), one("note", text, seenPT), one("text", number, seenPTA), one("assigned", text, seenTA), one("account", text, seenTA), one("asserted_by", text, seenPA), one("key", text, seenA),
	}
}

// clocks are the deadlines of a case as they then stand.
func clocks() spec {
	return list("clocks", seenPTA, part("name", text), part("kind", text), part("rule", text), part("due", moment), part("state", text))
}

// agreement is what was agreed in a transaction, the same when it is written
// and when it is imported.
func agreement() []spec {
	return []spec{
		one("transaction", text, seenP), one("kind", text, seenP), one("buyer", text, seenP), one("seller", text, seenP),
		one("amount", text, seenP), one("currency", text, seenP), one("items", number, seenP),
		{name: "terms", shape: object, seen: seenP, parts: sorted([]spec{
			part("payment", text), part("deposit", text), part("promised_at", moment),
			{name: "slot", shape: object, parts: sorted([]spec{part("start", moment), part("end", moment)})},
			part("created_at", moment), part("handover", text), part("rental", text), part("tax_invoice", flag), part("business_buyer", flag),
		})},
	}
}

// ending is what completion and cancellation both say.
func ending() []spec {
	return []spec{
		one("transaction", text, seenP), one("reason", text, seenPA), one("waived", texts, seenP), one("suspended", texts, seenP),
		one("note", text, seenP), one("key", text, seenA),
	}
}

func one(name string, s shape, seen audiences) spec { return spec{name: name, shape: s, seen: seen} }

func part(name string, s shape) spec { return spec{name: name, shape: s} }

func list(name string, seen audiences, parts ...spec) spec {
	return spec{name: name, shape: objects, seen: seen, parts: sorted(parts)}
}

// define completes a schema: who has a part in it follows from its members.
func define(name string, members ...spec) schema {
	var all audiences
	for _, m := range members {
		all |= m.seen
	}
	s := schema{name: name}
	for a := Parties; a <= Auditor; a++ {
		if all.has(a) {
			s.audiences = append(s.audiences, a)
		}
	}
	members = append(slices.Clip(members), one(nameAt, moment, seenAll), one(nameType, text, seenAll))
	s.members = sorted(members)
	return s
}

func sorted(specs []spec) []spec {
	slices.SortFunc(specs, func(x, y spec) int { return cmp.Compare(x.name, y.name) })
	return specs
}

// find gives the place of a name in sorted specs, or -1.
func find(specs []spec, name string) int {
	lo, hi := 0, len(specs)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch at := specs[mid].name; {
		case at == name:
			return mid
		case at < name:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return -1
}
