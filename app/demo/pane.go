package demo

import (
	"slices"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// side is one party's place in an order, with all that its pane is made of.
type side struct {
	role        necessity.Role
	view        broker.TransactionView
	party       broker.PartyView
	disclosures []broker.DisclosureView // its own requests, newest first, without values
	opened      *broker.DisclosureView  // what this very request opened
	once        string
	answer      *pages.Answer
}

func other(r necessity.Role) necessity.Role {
	if r == necessity.Buyer {
		return necessity.Seller
	}
	return necessity.Buyer
}

func partyOf(v broker.TransactionView, r necessity.Role) broker.SideView {
	if r == necessity.Buyer {
		return v.Buyer
	}
	return v.Seller
}

func (s side) pane() pages.Pane {
	p := pages.Pane{
		Role: string(s.role), Other: string(other(s.role)), Order: string(s.view.ID),
		Party: string(s.party.ID), OtherParty: string(partyOf(s.view, other(s.role)).ID),
		Who: partyWords(s.party), Once: s.once, Answer: s.answer,
		Fields: s.fields(), Grants: s.grants(),
	}
	for _, o := range s.view.Obligations {
		if o.Debtor == s.role && (o.Due != "0" && zero(o.Due) == "" || o.ID == broker.ApproveReturn) {
			p.Owes = append(p.Owes, owed(s.view, o))
		}
	}
	for _, d := range s.view.Disclosable {
		p.Purposes = append(p.Purposes, purpose(d, s.view))
	}
	own := partyOf(s.view, s.role).Contact
	for _, f := range ownFields() {
		if hint, ok := own[f]; ok {
			p.Own = append(p.Own, pages.Hint{Label: fieldWords(f), Mask: hint})
		}
	}
	return p
}

func ownFields() []masking.Field {
	return []masking.Field{masking.FirstName, masking.Name, masking.Email, masking.Phone, masking.FullAddress}
}

// fields are those of the other side: always the same four, and a part of one
// of them where only the part was given.
func (s side) fields() []pages.Field {
	var fields []pages.Field
	for _, f := range masking.Fields() {
		row := s.field(f)
		part := f == masking.FirstName || f == masking.Locality
		if part && (row.State == pages.Masked || row.State == pages.Withheld) {
			continue
		}
		fields = append(fields, row)
	}
	return fields
}

// field looks for what is known of a field: what was opened just now, then a
// live grant, then the newest decision about it.
func (s side) field(f masking.Field) pages.Field {
	row := pages.Field{Label: fieldWords(f), State: pages.Masked}
	if s.opened != nil {
		if v, ok := s.opened.Values[f]; ok {
			o, _ := outcomeOf(*s.opened, f)
			return pages.Field{Label: row.Label, State: pages.Open, Value: v, Ground: string(s.opened.Ground), Rule: o.Rule}
		}
	}
	for _, d := range s.disclosures {
		if o, ok := outcomeOf(d, f); ok && o.Outcome == necessity.Granted && d.State == string(broker.Live) {
			row.State, row.Ground, row.Rule = pages.Ready, string(d.Ground), o.Rule
			return row
		}
	}
	for _, d := range s.disclosures {
		o, ok := outcomeOf(d, f)
		if !ok {
			continue
		}
		label, _ := purposeWords(d.Purpose)
		switch o.Outcome {
		case necessity.Granted:
			row.State, row.Why = pages.Closed, "Its grant is "+strings.ToLower(grantWords(d.State))+"."
		case necessity.Pending:
			row.State, row.Why = pages.Waiting, "A person decides."
		case necessity.Withheld:
			row.State, row.Why = pages.Withheld, label+": "+reasonWords(o.Reason)
		}
		return row
	}
	return row
}

func outcomeOf(d broker.DisclosureView, f masking.Field) (broker.FieldOutcome, bool) {
	i := slices.IndexFunc(d.Fields, func(o broker.FieldOutcome) bool { return o.Field == f })
	if i < 0 {
		return broker.FieldOutcome{}, false
	}
	return d.Fields[i], true
}

// shownGrants bounds what a pane shows of a long history.
const shownGrants = 4

func (s side) grants() []pages.Grant {
	var grants []pages.Grant
	for _, d := range s.disclosures {
		if d.State == "" || len(grants) == shownGrants {
			continue
		}
		var fields []masking.Field
		for _, o := range d.Fields {
			if o.Outcome == necessity.Granted {
				fields = append(fields, o.Field)
			}
		}
		label, _ := purposeWords(d.Purpose)
		grants = append(grants, pages.Grant{
			Disclosure: string(d.ID), Purpose: strings.ToLower(label), Ground: string(d.Ground),
			State: d.State, StateWords: grantWords(d.State), Fields: upper(strings.Join(fieldList(fields), ", ")),
			Expires: moment(d.ExpiresAt), ViewsLeft: d.ViewsLeft, Live: d.State == string(broker.Live),
		})
	}
	return grants
}

func purpose(d broker.Disclosable, v broker.TransactionView) pages.Purpose {
	label, why := purposeWords(d.Purpose)
	p := pages.Purpose{
		ID: string(d.Purpose), Label: label, Sentence: why, Opens: fieldList(d.Fields), Decision: d.Decision,
		Missing: missing(d.Missing),
	}
	switch {
	case v.State == "cancelled":
		p.Missing, p.Why = nil, "The transaction was cancelled."
	case d.Purpose == necessity.Settle:
		p.Why = "Opens only while a dispute is open."
	default:
		p.Why = "As things stand nothing would open. Ask, and the answer says why."
	}
	return p
}

func missing(ms []broker.Missing) []pages.Missing {
	var lacking []pages.Missing
	for _, m := range ms {
		lacking = append(lacking, pages.Missing{Obligation: plain(string(m.Obligation)), Need: m.Need, Have: m.Have})
	}
	return lacking
}
