package pages_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/masking"
)

// casePages are the desk's pages about cases, with everything that one can show, and
// with texts that would break out of a page that trusts them.
func casePages() map[string]pages.Page {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	row := pages.CaseRow{
		ID: "dsp_1", Reason: "Not received", State: "under review", Chip: "chip-ready", Amount: "100.00 BRL", Transaction: "t-1", Buyer: "b-1", Seller: "s-1",
		Opener: "buyer", Holder: "hnd_1", Mine: true, Due: &noon, Left: "overdue by 3 h", Late: true, Open: "hnd_3",
	}
	other := row
	other.ID, other.Holder, other.Mine, other.Due, other.Left, other.Late = "dsp_2", "", false, nil, "", false
	asked := pages.AskedRow{ID: "dsc_1", Purpose: "Deliver", State: "pending", Transaction: "t-1", Requester: "s-1", Subject: "b-1", Taken: "hnd_2", Due: &noon, Left: "5 h left"}
	ends := asked // proposed before such proposals had a time
	ends.State, ends.Wants, ends.Due, ends.Left, ends.Late = "granted", "Proposed: to end the grant for good", nil, "overdue", true
	tabs := []pages.DeskTab{{Address: "/dashboard?queue=mine", Text: "Mine", Count: "1", Here: true}, {Address: "/dashboard?queue=overdue", Text: "Overdue"}}
	kept := []pages.KeptField{{Name: "findings", Label: "Findings", Typed: masking.NewText(`<i>"typed"</i>`)}}
	return map[string]pages.Page{
		"case_queue": pages.CaseQueue{
			Shell: pages.Shell{Title: "Your desk", Jump: pages.Choice{Code: "first", Text: "Skip to the first case"}}, Account: "hnd_1", Role: "Handler", Tabs: tabs,
			Places: tabs[1:], Glass: []pages.GlassNote{{Text: "1 break-glass session to review.", Address: "/desk/break-glass", Link: "Review it"}}, Name: "Mine", Rows: []pages.CaseRow{row, other}, Next: "/dashboard?after=1", First: "/dashboard",
		},
		"case_queue_empty": pages.CaseQueue{Tabs: tabs, Name: "Mine", Empty: "Nothing waits here."},
		"case_queue_asked": pages.CaseQueue{Tabs: tabs, Name: "Disclosure requests", Requests: true, Asked: []pages.AskedRow{asked, ends}, Elsewhere: tabs},
		"case":             wholeCase(&row, noon, kept),
		"case_opened":      pages.Case{CaseRow: other, TextsOpened: new(int64), Minutes: 5, MayOpen: true, Texts: 1, Moments: pages.Moments{Before: "30"}},
		"case_bare":        pages.Case{CaseRow: other, Reads: true, NoReveal: "Not yours."},
		"asked":            wholeAsked(&asked, noon, kept),
		"asked_bare":       pages.Asked{AskedRow: asked, Reads: true, NoReveal: "Not yours."},
		"asked_values": pages.AskedValues{
			Request: "dsc_1", Subject: "b-1", Purpose: "decide request", Reason: "identity unclear", Index: 17, Seconds: 60,
			Fields: []pages.CaseValue{{Label: "Name", Value: masking.Value{Text: masking.NewText(`<b>"Giovana"</b> ליאה`)}}},
			Notes:  []pages.AskedNote{{From: "requester", On: "submit", At: noon, Text: masking.NewText(`<script>1</script> שלום`)}},
		},
		"desk_search":        pages.NewDeskSearch("hnd_1", masking.NewText(`"><b>Bom dia`), pages.Wrongs{"id": "An id is 1 to 128 characters."}),
		"desk_search_nobody": pages.DeskSearch{Sought: true},
		"desk_search_found":  pages.DeskSearch{Sought: true, Rows: []pages.CaseRow{row}, Asked: []pages.AskedRow{asked}, More: true},
		"case_sign_in":       pages.NewCaseSignIn("/desk/cases/dsp_1", kept, pages.OtherWays{Passkeys: true, Provider: "Ours"}, pages.Wrongs{"": "Not this one.", "code": "Missing."}),
		"kept":               pages.Kept{Headline: "That was not done", Sentence: "Too many.", Request: "req_1", Wrote: kept, Address: "/desk/cases/dsp_1", Kept: kept},
		"kept_broken":        pages.Kept{Headline: "Something went wrong on our side", Sentence: "Report the request below.", Request: "req_1", Wrote: kept, Broken: true},
		"kept_over":          pages.Kept{Headline: "That was not done", Sentence: "Not your role.", Request: "req_1", Wrote: kept},
		"case_values": pages.CaseValues{
			Case: "dsp_1", Role: "buyer", Party: "b-1", Purpose: "decide case", Reason: "data disputed", Index: 17, Told: &noon, Seconds: 60,
			Fields: []pages.CaseValue{{Label: "Name", Value: masking.Value{Text: masking.NewText(`<b>"Giovana"</b> ליאה`)}}},
		},
	}
}

func wholeCase(row *pages.CaseRow, noon time.Time, kept []pages.KeptField) pages.Case {
	entry := int64(17)
	text := masking.NewText("<script>alert(1)</script>\nשלום \"x\"")
	moment := pages.CaseMoment{Index: 17, At: noon, Kind: "message", What: "The buyer wrote", Who: "by hnd_1", More: "More.", Fresh: true, Text: text}
	field := pages.CaseField{Form: "propose", Name: "clause", Label: "Clause", Hint: "Like 3f.", Kind: "text", Required: true, Wrong: "This is missing.", Typed: text, Most: 32}
	choice, long, boxes := field, field, field
	choice.Name, choice.Kind, choice.Options = "outcome", "select", []pages.Choice{{Text: "Choose…"}, {Code: "refund", Text: "Refund"}}
	choice.Typed = masking.NewText("refund")
	long.Name, long.Kind, long.Required = "findings", "area", false
	boxes.Name, boxes.Kind, boxes.Options, boxes.Chosen = "fields", "checks", []pages.Choice{{Code: "field_name", Text: "Name"}, {Code: "field_email", Text: "E-mail"}}, []string{"field_name"}
	confirm := pages.ConfirmInputs(pages.Wrongs{"code": "Not this one."})
	ruling := pages.CaseRuling{
		By: "hnd_2", Outcome: "Refund all of it", Amount: "100.00 BRL", Reason: "Not delivered", Clause: "CPL 44", Evidence: []string{"item 1", "item 2"},
		Hash: "sha256:00", Findings: text, At: &noon, AppealBy: &noon,
	}
	own := ruling
	own.Own, own.At, own.AppealBy = true, nil, nil
	look := pages.Glance{Who: "Handler hnd_06ebhe0y039qny2y15ardrdm0w", What: "name", For: "granted to deliver", At: noon, Index: 9, Unseen: true}
	form := pages.CaseForm{
		Event: "propose", Name: "propose", Label: "Propose a decision", Note: "A second person approves.", Do: "Propose this", Main: true, Wrong: "No.",
		Hidden: []pages.Choice{{Code: "hash", Text: "sha256:00"}}, Fields: []pages.CaseField{choice, field, long}, Confirm: confirm,
	}
	reveal := form
	reveal.Event, reveal.Name, reveal.Label, reveal.Main, reveal.Open, reveal.Fields = "reveal", "reveal-buyer", "Reveal…", false, true, []pages.CaseField{boxes}
	reveal.Fields[0].Form = "reveal-buyer"
	folded := reveal
	folded.Event, folded.Name, folded.Label, folded.Fields = "assign", "assign", "Assign…", []pages.CaseField{choice}
	folded.Fields[0].Form = "assign"
	clock := pages.CaseClock{Name: "Decision, by law", Rule: "90 days.", State: "paused", Chip: "chip-masked", Left: "3 days left", Due: noon, Ended: &noon, Paused: []pages.CaseSpan{{From: noon, Until: &noon}, {From: noon}}}
	return pages.Case{
		Shell: pages.Shell{Title: "Not received", Jump: pages.Choice{Code: "acts", Text: "Skip to what you can do"}}, CaseRow: *row, Account: "hnd_1", Moves: 3,
		Opened: noon, Updated: noon, Follows: "dsp_0", External: "A court", SecondFor: "the amount is large",
		Lines:  []pages.CaseLine{{Label: "Deliver", Debtor: "seller", Done: "1", Due: "2", State: "part performed", Percent: 50, Disputed: true}},
		Clocks: []pages.CaseClock{clock}, Others: []pages.CaseClock{clock}, Ended: []pages.CaseClock{clock},
		Checklist: []pages.CaseCheck{{By: "seller", What: "Carrier tracking", State: "late", Chip: "chip-suspended", Required: true, Items: []int{1}}},
		Evidence:  []pages.CaseItem{{N: 1, By: "seller", What: "Carrier tracking", State: "late", Chip: "chip-suspended", Media: "image/png", Size: "3 kB", Hash: "sha256:00", At: noon, OpenedBy: []pages.Glance{look}}},
		Offers:    []string{"1. Refund by the seller: live"}, Decision: &ruling, Proposal: &own,
		Moments: pages.Moments{Timeline: []pages.CaseMoment{moment}, Older: "/desk/cases/dsp_1?before=3", Newest: "/desk/cases/dsp_1", Before: "30", Seen: 17}, Texts: 2, TextsOpened: &entry, Minutes: 5, MayOpen: true, Forms: []pages.CaseForm{form, folded},
		Sides:   []pages.CaseSide{{Role: "buyer", Party: "b-1", Fields: []pages.Choice{{Code: "name", Text: "Name"}}, Looks: []pages.Glance{look}, More: 3, Form: &reveal}, {Role: "seller", Party: "s-1"}},
		Confirm: confirm, Glass: "/desk/break-glass?case=dsp_1", Letters: []pages.CaseLetter{{Party: "b-1", Role: "buyer", What: "Decision refund", Lang: "pt", Version: 1, At: noon, Text: text}}, Preview: true, Again: pages.Again{Wrong: "That was not you.", Done: "Done.", Faster: true, Changed: []pages.CaseMoment{moment}, Kept: kept, Was: "propose", Carried: kept},
	}
}

func wholeAsked(row *pages.AskedRow, noon time.Time, kept []pages.KeptField) pages.Asked {
	c := wholeCase(&pages.CaseRow{}, noon, kept)
	return pages.Asked{
		Shell: pages.Shell{Title: "Deliver", Jump: pages.Choice{Code: "acts", Text: "Skip to what you can do"}, Beside: pages.OtherWays{Passkeys: true, Provider: "Ours"}}, AskedRow: *row, Account: "hnd_1", Moves: 3,
		Role: "seller", Chip: "chip-waiting", Opened: &noon, Question: "Purpose unclear", Hearing: "The subject objected", Objection: "Other way", Reason: "Necessary",
		Lines: c.Lines, Clocks: c.Clocks, Moments: c.Moments, Sides: c.Sides, Forms: c.Forms, NoReveal: "Not yours.", Confirm: c.Confirm, Again: c.Again,
		Plan: &pages.AskedPlan{
			Head: "All that may be given", Fields: []pages.AskedField{{Label: "Phone", Outcome: "may be given", Chip: "chip-ready", Why: "By the permit deliver-shipped-goods."}},
			Ground: "3b", Views: 20, Ends: &noon, SecondFor: "phone, home address", Hash: "sha256:00",
		},
		Proposal: &pages.AskedProposal{By: "hnd_2", What: "give it", Reason: "Necessary"},
	}
}

// A case with as much as there can be of everything is no heavier than a page may be.
func TestCaseWeight(t *testing.T) {
	t.Parallel()
	p, ok := casePages()["case"].(pages.Case)
	if !ok {
		t.Fatal("no case")
	}
	many := p.Timeline[0]
	many.Text = masking.Text{}
	p.Timeline, p.Evidence = slices.Repeat([]pages.CaseMoment{many}, 60), slices.Repeat(p.Evidence, 100)
	p.Timeline[0].Text = masking.NewText(strings.Repeat("x", 24<<10))
	for i := range p.Sides {
		p.Sides[i].Looks = slices.Repeat(p.Sides[0].Looks[:1], 25)
	}
	if n := len(render(t, p)); n > 150_000 {
		t.Errorf("%d bytes", n)
	}
}

// What parties write is text on the desk, whatever it is made of.
func TestCaseTexts(t *testing.T) {
	t.Parallel()
	page := render(t, casePages()["case"])
	if strings.Contains(page, "<script") || strings.Count(page, "&lt;script&gt;") < 3 || !strings.Contains(page, `<blockquote class="said" dir="auto">`) {
		t.Error("a text is more than a text, or lost its direction")
	}
}
