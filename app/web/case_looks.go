package web

import (
	"slices"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// mostLooks is how much of who saw what a page has of each side.
const mostLooks = 25

// caseSides are both sides, with who saw what of each.
func caseSides(v *broker.CaseView, me string) []pages.CaseSide {
	sides := []pages.CaseSide{{Role: string(disputes.Buyer), Party: string(v.Buyer)}, {Role: string(disputes.Seller), Party: string(v.Seller)}}
	looks := looksOf(v)
	for i := range sides {
		for _, f := range masking.Fields() {
			sides[i].Fields = append(sides[i].Fields, pages.Choice{Code: string(f), Text: fieldWords(f)})
		}
		all := looks[sides[i].Party]
		slices.Reverse(all)
		for j := range all {
			all[j].Who = strings.ReplaceAll(all[j].Who, me, "(you)")
		}
		if len(all) > mostLooks {
			sides[i].More, all = len(all)-mostLooks, all[:mostLooks]
		}
		sides[i].Looks = all
	}
	return sides
}

// openedOf is what staff opened of a disclosure: fields, and what sides wrote.
func openedOf(o ledger.Object) string {
	var all []string
	if len(o.Objects("fields")) > 0 {
		all = append(all, fieldList(o, ""))
	}
	if notes, ok := o.Lookup("notes"); ok {
		if sides, ok := notes.([]string); ok && len(sides) > 0 {
			all = append(all, "what the "+strings.Join(sides, " and the ")+" wrote")
		}
	}
	return strings.Join(all, "; ")
}

// granted is a disclosure whose fields somebody may look at.
type granted struct {
	subject string
	by      string // a side, in words
	purpose string
	place   int // in the subject's looks
}

// looksOf are the moments at which somebody could see, or saw, something of a party,
// by party, oldest first. What was granted and not looked at stands out.
func looksOf(v *broker.CaseView) map[string][]pages.Glance {
	looks, grants := map[string][]pages.Glance{}, map[string]*granted{}
	for i := range v.Timeline {
		e := &v.Timeline[i]
		o := e.Said
		look := pages.Glance{At: e.At, Index: e.Index, What: fieldList(o, "")}
		switch e.Type {
		case ledger.DisclosureDecided, ledger.DecisionMade:
			g := &granted{subject: o.String("subject"), by: partyWords(v, o.String("requester")), purpose: plainly(o.String("purpose")), place: len(looks[o.String("subject")])}
			grants[o.String("disclosure")] = g
			if o.String("decision") != "granted" {
				continue // staff can have looked all the same
			}
			look.Who, look.What, look.For, look.Unseen = g.by, fieldList(o, "granted"), "granted to "+g.purpose, !o.Bool("revealed")
			looks[g.subject] = append(looks[g.subject], look)
		case ledger.DisclosureViewed, ledger.StaffViewed:
			g := grants[o.String("disclosure")]
			if g == nil {
				continue
			}
			if look.Who, look.For = g.by, "looked again, to "+g.purpose; e.Type == ledger.StaffViewed {
				look.Who, look.What, look.For = staffWords(o), openedOf(o), plainly(o.String("purpose"))+", "+plainly(o.String("reason"))
			} else {
				looks[g.subject][g.place].Unseen = false
			}
			looks[g.subject] = append(looks[g.subject], look)
		case ledger.GlassViewed:
			look.Who, look.For = staffWords(o), "break glass: "+plainly(o.String("reason"))
			looks[o.String("subject")] = append(looks[o.String("subject")], look)
		case ledger.CaseRevealed:
			look.Who, look.For = staffWords(o), plainly(o.String("purpose"))+", "+plainly(o.String("reason"))
			looks[o.String("subject")] = append(looks[o.String("subject")], look)
		default:
		}
	}
	return looks
}

func partyWords(v *broker.CaseView, id string) string {
	switch broker.PartyID(id) {
	case v.Buyer:
		return "The buyer"
	case v.Seller:
		return "The seller"
	}
	return id
}

func staffWords(o ledger.Object) string {
	return headWords(o.String("role")) + " " + o.String("account")
}

// itemLooks are who has opened each item of evidence.
func itemLooks(v *broker.CaseView) map[int][]pages.Glance {
	all := map[int][]pages.Glance{}
	for i := range v.Timeline {
		e := &v.Timeline[i]
		n := int(e.Said.Int("item"))
		if e.Type != ledger.EvidenceOpened || n == 0 {
			continue
		}
		who := sideWords(e.Said.String("by"))
		if a := e.Said.String("account"); a != "" {
			who = staffWords(e.Said)
		}
		all[n] = append(all[n], pages.Glance{Who: who, At: e.At, Index: e.Index})
	}
	return all
}
