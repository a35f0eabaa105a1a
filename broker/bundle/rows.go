package bundle

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// row is an entry as one line of what happened.
func (s *story) row(e *told) row {
	r := row{Entry: e.Index, At: moment(e.at()), Text: e.text()}
	if ofCase(e.Type) {
		r.Sealed = r.Text == "" && e.says.String("note") != ""
		s.ofCase(e, &r)
	} else {
		s.ofTransaction(e, &r)
	}
	r.detail("suspended what was granted:", strings.Join(texts(e.says, "suspended"), ", "))
	return r
}

// detail adds what is not empty.
func (r *row) detail(name, value string) {
	if value != "" {
		r.Details = append(r.Details, name+" "+value)
	}
}

func (s *story) ofTransaction(e *told, r *row) {
	is := e.says
	switch e.Type {
	case ledger.TransactionWritten, ledger.HistoryImported:
		r.Sort, r.Says = "goods", fmt.Sprintf("The two sides agreed on %s: %s, %d pieces", word(is.String("kind")), money(is), is.Int("items"))
		r.detail("version", number(is, "version"))
		r.detail("state", word(is.String("state")))
	case ledger.PerformanceRecorded, ledger.PerformanceReversed:
		s.performed(e, r)
	case ledger.TransactionCompleted, ledger.TransactionCancelled:
		r.Sort, r.Says = "goods", capital(word(e.Type.String()))
		r.detail("because:", word(is.String("reason")))
		r.detail("waived:", list(is, "waived"))
	case ledger.CaseRevealed:
		r.Sort, r.Says = "view", "The staff opened contact details of "+is.String("subject")+": "+fieldNames(is)
		r.detail("for", word(is.String("purpose")))
		r.detail("as", word(is.String("role")))
		r.detail("because:", word(is.String("reason")))
		r.detail("account", is.String("account"))
	case ledger.GlassBroken, ledger.GlassViewed, ledger.GlassEnded, ledger.GlassReviewed:
		ofGlass(e, r)
	default:
		s.ofDisclosure(e, r)
	}
	r.detail("asserted by", is.String("asserted_by"))
}

// ofGlass is what the staff did in an emergency.
func ofGlass(e *told, r *row) {
	is := e.says
	r.Sort = "view"
	switch e.Type {
	case ledger.GlassBroken:
		r.Says = "The staff opened a break-glass session: " + word(is.String("reason"))
		r.detail("until", until(is))
	case ledger.GlassViewed:
		r.Says = "The staff opened contact details of " + is.String("subject") + " in an emergency: " + fieldNames(is)
		r.detail("because:", word(is.String("reason")))
	case ledger.GlassEnded:
		r.Says = "The break-glass session ended, by " + word(is.String("by"))
	case ledger.GlassReviewed:
		r.Says = "The break-glass session was reviewed: " + word(is.String("outcome"))
	default:
	}
	r.detail("as", word(is.String("role")))
	r.detail("session", is.String("session"))
	r.detail("account", is.String("account"))
}

func (s *story) performed(e *told, r *row) {
	is := e.says
	r.Sort = "goods"
	if o := is.String("obligation"); o == "pay" || o == "refund" {
		r.Sort = "money"
	}
	what, done := "performed", is.String("done")
	if e.Type == ledger.PerformanceReversed {
		what, done = "taken back", is.String("undone")
	}
	r.Says = capital(fmt.Sprintf("%s: %s %s", word(is.String("obligation")), done, what))
	r.detail("on", timeOf(is, "performed_at"))
	r.detail("by the word of", word(is.String("attested_by")))
	r.detail("source", word(is.String("source")))
	r.detail("reference", is.String("reference"))
	r.detail("in all", is.String("total"))
}

func (s *story) ofDisclosure(e *told, r *row) {
	is := e.says
	pair := s.askers[is.String("disclosure")]
	switch e.Type {
	case ledger.DisclosureDecided:
		r.Sort, r.Says = "disclosure", fmt.Sprintf("%s asked for contact details of %s, for %s: %s", pair.requester, pair.subject, word(is.String("purpose")), is.String("decision"))
	case ledger.DecisionMade:
		r.Sort, r.Says = "decision", fmt.Sprintf("A person decided what %s may learn of %s: %s", pair.requester, pair.subject, is.String("decision"))
		r.detail("told:", word(is.String("made_for")))
	case ledger.DisclosureViewed:
		r.Sort, r.Says = "view", pair.requester+" looked at "+fieldNames(is)
		r.detail("view", number(is, "view"))
		if is.Bool("openings") {
			r.detail("with", "what proves the values to others")
		}
	case ledger.StaffViewed:
		r.Sort, r.Says = "view", "The staff looked at "+strings.Trim(fieldNames(is)+", "+list(is, "notes"), ", ")
		r.detail("for", word(is.String("purpose")))
		r.detail("as", word(is.String("role")))
	case ledger.GrantRevoked:
		r.Sort, r.Says = "disclosure", "What "+pair.requester+" was granted ended"
	case ledger.DisclosureObjected:
		r.Sort, r.Says = "disclosure", pair.subject+" objected"
	case ledger.RequestMoved:
		r.Sort, r.Says = "disclosure", capital(word(is.String("by")))+": "+word(is.String("event"))+" ("+word(is.String("from"))+" to "+word(is.String("to"))+")"
		r.detail("told:", word(is.String("made_for")))
		r.detail("until", until(is))
	case ledger.DecisionProposed:
		r.Sort, r.Says = "decision", "A decision was proposed: "+word(is.String("event"))
		r.detail("fields:", list(is, "fields"))
		r.detail("a second person because of", list(is, "second_for"))
	case ledger.DecisionAppealed:
		r.Sort, r.Says = "decision", capital(word(is.String("by")))+" appealed"
	default:
	}
	r.detail("because:", word(is.String("reason")))
	r.detail("account", is.String("account"))
	r.detail("disclosure", is.String("disclosure"))
}

func (s *story) ofCase(e *told, r *row) {
	is := e.says
	r.Sort = "case"
	switch e.Type {
	case ledger.CaseOpened:
		r.Says = capital(s.who(is.String("opened_by"))) + " opened the case: " + word(is.String("reason"))
		r.detail("about", list(is, "lines"))
		r.detail("amount", money(is))
	case ledger.CaseProposed:
		r.Sort, r.Says = "decision", "A decision was proposed; a second person looks at it"
		if on := is.String("event"); on != "propose" {
			r.Says = capital(word(is.String("by"))) + " " + happened(on)
		}
		r.detail("outcome:", word(is.String("outcome")))
		r.detail("amount", is.String("amount"))
	case ledger.CaseDecided:
		r.Sort, r.Says = "decision", strings.TrimSpace("The case was decided: "+word(is.String("outcome"))+" "+money(is))
		r.detail("about", list(is, "lines"))
		r.detail("by", is.String("decider"))
		r.detail("approved by", is.String("approver"))
	case ledger.CaseClosed:
		r.Sort, r.Says = "decision", "The case ended: "+word(is.String("to"))+", by "+word(is.String("by"))
		r.detail("outcome:", word(is.String("outcome")))
	case ledger.BundleMade:
		r.Says = "A bundle of the case was made"
		if to := cmp.Or(is.String("recipient"), is.String("made_for")); to != "" {
			r.Says += ", for " + word(to)
		}
		r.detail("manifest", is.String("manifest"))
	case ledger.EvidenceStored:
		r.Sort, r.Says = "evidence", fmt.Sprintf("%s handed in %s, item %d", capital(word(is.String("by"))), word(is.String("kind")), is.Int("item"))
		r.detail("standing:", word(is.String("standing")))
		r.detail("original SHA-256", is.String("original"))
	case ledger.EvidenceOpened:
		r.Sort, r.Says = "view", fmt.Sprintf("Item %d was opened", is.Int("item"))
		if is.Int("item") == 0 {
			r.Says = "What the sides have written was opened"
		}
		r.detail("by", word(is.String("by")))
		r.detail("as", word(is.String("role")))
	default: // case_moved, case_turned
		s.moved(is, r)
	}
	if e.Type != ledger.CaseOpened {
		r.detail("because:", word(is.String("reason")))
	}
	r.detail("clause", is.String("clause"))
	r.detail("evidence frozen as", is.String("frozen"))
	r.detail("until", until(is))
	r.detail("account", is.String("account"))
	r.detail("asserted by", is.String("asserted_by"))
}

func (s *story) moved(is ledger.Object, r *row) {
	event := is.String("event")
	if event == "message" {
		r.Sort = "message"
	}
	r.Says = capital(word(is.String("by"))) + " " + happened(event)
	if from, to := is.String("from"), is.String("to"); from != to {
		r.detail("", word(from)+" to "+word(to))
	}
	if is.Int("offer") > 0 {
		r.detail("offer", strings.TrimSpace(number(is, "offer")+": "+word(is.String("kind"))+" "+is.String("amount")))
	}
	if is.Int("item") > 0 {
		r.detail("item", number(is, "item"))
	}
	for _, w := range is.Objects("wanted") {
		r.detail("wanted:", word(w.String("type"))+" of "+word(w.String("by"))+" until "+timeOf(w, "due"))
	}
	r.detail("assigned to", is.String("assigned"))
}

func number(is ledger.Object, name string) string {
	if n := is.Int(name); n != 0 {
		return strconv.FormatInt(n, 10)
	}
	return ""
}

func fieldNames(is ledger.Object) string {
	fields := is.Objects("fields")
	names := make([]string, len(fields))
	for i, o := range fields {
		names[i] = o.String("field")
	}
	return spoken(names)
}

// disclosures are all that one side asked of the other, with what came of it.
func (s *story) disclosures() []disclosure {
	var all []*disclosure
	by := map[string]*disclosure{}
	for i := range s.entries {
		e := &s.entries[i]
		id := e.says.String("disclosure")
		d := by[id]
		switch e.Type {
		case ledger.DisclosureDecided, ledger.DecisionMade:
			if d == nil {
				d = &disclosure{ID: id, Asker: s.askers[id].requester, Subject: s.askers[id].subject, Purpose: e.says.String("purpose")}
				by[id], all = d, append(all, d)
			}
			d.decide(e)
		case ledger.DisclosureViewed:
			if d != nil {
				d.Views++
			}
		case ledger.StaffViewed:
			if d != nil {
				d.Staff++
			}
		case ledger.GrantRevoked:
			if d != nil {
				d.End = "ended " + moment(e.at()) + ": " + word(e.says.String("reason"))
			}
		default:
		}
	}
	out := make([]disclosure, len(all))
	for i, d := range all {
		out[i] = *d
	}
	return out
}

func (d *disclosure) decide(e *told) {
	is := e.says
	d.Ground, d.Policy = is.String("ground"), is.String("policy")
	x := decided{Entry: e.Index, At: moment(e.at()), By: "policies", Decision: is.String("decision"), Until: is.String("expires")}
	if e.Type == ledger.DecisionMade {
		x.By = "a person"
	}
	if is.Bool("revealed") {
		d.Views++
	}
	for _, o := range is.Objects("fields") {
		says := o.String("outcome")
		if why := o.String("reason"); why != "" {
			says += ": " + reason(why)
		} else if rule := o.String("rule"); rule != "" {
			says += " by " + rule
		}
		x.Fields = append(x.Fields, pair{word(o.String("field")), says})
	}
	for _, name := range []string{"facts", "situation"} {
		v, _ := is.Lookup(name)
		held, _ := v.(ledger.Object)
		for _, c := range necessity.Conditions() {
			if held.Bool(c.String()) {
				x.Facts = append(x.Facts, word(c.String()))
			}
		}
	}
	d.Decisions = append(d.Decisions, x)
}
