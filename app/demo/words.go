package demo

import (
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/language"
	"golang.org/x/text/language/display"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// plain turns a code into words; what is not listed elsewhere reads well so.
func plain(code string) string { return strings.ReplaceAll(code, "_", " ") }

func upper(s string) string {
	r, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToUpper(r)) + s[size:]
}

// sentence makes one of a fault's detail.
func sentence(detail string) string { return upper(detail) + "." }

func kindWords(k necessity.Kind) string {
	if k == necessity.ServiceAtHome {
		return "Service at home"
	}
	return upper(plain(string(k)))
}

func paymentWords(p broker.Payment) string {
	switch p {
	case broker.Prepaid:
		return "prepaid"
	case broker.Deposit:
		return "deposit first"
	case broker.OnDelivery:
		return "paid on delivery"
	case broker.OnInvoice:
		return "paid on invoice"
	}
	return string(p)
}

func partyWords(p broker.PartyView) string {
	words := "a " + string(p.Kind)
	if region, err := language.ParseRegion(p.Residency); err == nil {
		words += " in " + country(region)
	}
	return words
}

func country(r language.Region) string {
	name := display.English.Regions().Name(r)
	if r.String() == "GB" || r.String() == "US" {
		return "the " + name
	}
	return name
}

func obligationWords(o broker.Obligation) string {
	switch o {
	case broker.Accept:
		return "Accept the order"
	case broker.ApproveReturn:
		return "Approve a return"
	default:
		return upper(plain(string(o)))
	}
}

func obligationState(v broker.ObligationView) string {
	if v.ID == broker.ApproveReturn && v.State == "due" {
		return "at any time"
	}
	return plain(v.State)
}

// verb is what a button says.
func verb(o broker.Obligation) string {
	switch o {
	case broker.ApproveReturn:
		return "Approve"
	default:
		return upper(plain(string(o)))
	}
}

func purposeWords(p necessity.Purpose) (label, why string) {
	switch p {
	case necessity.Deliver:
		return "Deliver", "to bring it, or to come"
	case necessity.Delay:
		return "Delay", "to say that it will be late"
	case necessity.Return:
		return "Return", "to send it back, or get it back"
	case necessity.Collect:
		return "Collect", "to claim what is unpaid"
	case necessity.Invoice:
		return "Invoice", "to write the invoice"
	case necessity.HandOver:
		return "Hand over", "to meet and pass it on"
	case necessity.Settle:
		return "Settle", "to settle a dispute"
	}
	return plain(string(p)), ""
}

func fieldWords(f masking.Field) string {
	switch f {
	case masking.FirstName:
		return "First name"
	case masking.Email:
		return "E-mail"
	default:
		return upper(plain(string(f)))
	}
}

func fieldList(fields []masking.Field) []string {
	words := make([]string, len(fields))
	for i, f := range fields {
		words[i] = strings.ToLower(fieldWords(f))
	}
	return words
}

// reasonWords says why a field stays masked.
func reasonWords(r necessity.Reason) string {
	switch r {
	case necessity.NoPerformance:
		return "What this needs first has not been performed."
	case necessity.PerformanceUnattested:
		return "Performance is claimed, but not attested."
	case necessity.BelowFloor:
		return "What has been performed is less than this needs."
	case necessity.NotNecessary:
		return "Not necessary for this purpose."
	case necessity.TransactionCancelled:
		return "The transaction was cancelled."
	case necessity.TransactionClosed:
		return "The time in which it was needed is over."
	case necessity.RelayUnavailable:
		return "Would go through a relay, and there is none."
	case necessity.AlreadyPublic:
		return "The other side shows it to everybody."
	case necessity.NotHeld:
		return "The other side has not given it."
	default:
		return "Not available."
	}
}

// groundWords says what a ground is. The demonstration has rows of two.
func groundWords(g necessity.Ground) string {
	switch g {
	case necessity.Ground3b:
		return "Ground 3b: it is needed to start performing, and the commitment is attested."
	case necessity.Ground3f:
		return "Ground 3f: the requester has performed, and that is attested."
	default:
		return "Ground " + string(g) + "."
	}
}

func grantWords(state string) string {
	switch state {
	case string(broker.Live):
		return "Live"
	case "used_up":
		return "Used up"
	default:
		return upper(plain(state))
	}
}

// titles are what entries are called; one that is missing here is called by its type.
var titles = map[ledger.Type]string{
	ledger.LogStarted:           "The log begins",
	ledger.PartyWritten:         "A party’s data was written",
	ledger.PartyFlagged:         "A party’s flags were set",
	ledger.TransactionWritten:   "A transaction was agreed",
	ledger.PerformanceRecorded:  "A performance was recorded",
	ledger.PerformanceReversed:  "A performance was reversed",
	ledger.TransactionCompleted: "A transaction was completed",
	ledger.TransactionCancelled: "A transaction was cancelled",
	ledger.DisclosureDecided:    "A disclosure was decided",
	ledger.DisclosureViewed:     "A grant was viewed",
	ledger.StaffViewed:          "Staff looked at something",
	ledger.GrantRevoked:         "A grant was revoked",
	ledger.APIKeyCreated:        "An API key was created",
	ledger.APIKeyRevoked:        "An API key was revoked",
	ledger.PolicyChanged:        "A policy came into force",
	ledger.HistoryImported:      "History was imported",
	ledger.LogSucceeded:         "The log was succeeded",
	ledger.AccountChanged:       "An account was made or changed",
	ledger.ConsentGiven:         "A consent was given",
	ledger.ConsentWithdrawn:     "A consent was withdrawn",
	ledger.DisclosureObjected:   "A party objected",
	ledger.RequestMoved:         "A request went on",
	ledger.DecisionProposed:     "A decision was proposed",
	ledger.DecisionMade:         "A person decided",
	ledger.DecisionAppealed:     "A decision was appealed",
	ledger.PartyExcluded:        "A party was excluded",
	ledger.SubjectAccessed:      "A party looked at its own page",
	ledger.AnomalyNoted:         "An anomaly was noted",
}

func entryWords(t ledger.Type) string {
	if title, ok := titles[t]; ok {
		return title
	}
	return upper(plain(t.String()))
}

// moment is a time as a person in no particular place reads it.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }
