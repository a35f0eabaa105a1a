package pages_test

import (
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/masking"
)

// glassPages are those of break-glass sessions, with everything that one can show.
func glassPages() map[string]pages.Page {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	row := pages.GlassRow{
		ID: "bgl_1", Reason: "A fraud is under way", State: "open", Chip: "chip-waiting", Transaction: "t-1", Dispute: "dsp_1", Opener: "hnd_1", Role: "Handler", Mine: true,
		Reveals: 1, Opened: noon, Due: &noon, Left: "12 min left", Soon: true,
	}
	past := row
	past.ID, past.State, past.Chip, past.Outcome, past.Due, past.Left, past.Mine, past.Reveals = "bgl_0", "reviewed", "chip-live", "It was justified", nil, "", false, 2
	confirm := pages.ConfirmInputs(nil)
	text := masking.NewText("<script>alert(1)</script> שלום")
	form := pages.CaseForm{
		Event: "break", Name: "open", Path: "/desk/break-glass", Do: "Break the glass", Note: "The ledger will say.", Main: true, Confirm: confirm,
		Fields: []pages.CaseField{
			{Form: "open", Name: "about", Label: "Transaction or case", Kind: "text", Required: true, Most: 128, Typed: text},
			{Form: "open", Name: "text", Label: "What has happened", Kind: "area", Required: true, Wrong: "Say more.", Typed: text},
		},
	}
	review, reveal := form, form
	review.Fields, reveal.Fields = []pages.CaseField{form.Fields[1]}, []pages.CaseField{form.Fields[0]}
	review.Fields[0].Form, reveal.Fields[0].Form = "review", "reveal-buyer"
	review.Event, review.Name, review.Label, review.Confirm = "review", "review", "Review it", nil
	reveal.Event, reveal.Name, reveal.Label, reveal.Main, reveal.Wrong = "reveal", "reveal-buyer", "Reveal…", false, "No."
	side := pages.CaseSide{Role: "buyer", Party: "b-1", Fields: []pages.Choice{{Code: "phone", Text: "Phone"}}, Form: &reveal}
	notes := []pages.GlassNote{
		{Text: "1 break-glass session to review, due in 23 h.", Address: "/desk/break-glass/bgl_1", Link: "Review it"}, {Text: "Not reviewed in time.", Late: true},
	}
	seen := pages.GlassSeen{Party: "b-1", What: "phone", At: noon, Index: 17}
	later := seen
	later.Told = &noon
	return map[string]pages.Page{
		"glass_desk": pages.GlassDesk{
			Shell: pages.Shell{Title: "Break glass"}, Account: "hnd_1", Notes: notes, Form: &form, Rows: []pages.GlassRow{row, past}, Next: "/desk/break-glass?after=1",
			First: "/desk/break-glass", Confirm: confirm, Again: pages.Again{Wrong: "Look at the fields that are marked."},
		},
		"glass_desk_bare": pages.GlassDesk{NoForm: "You read sessions, and open none.", Empty: "There was none yet."},
		"glass": pages.Glass{
			Shell: pages.Shell{Title: "A fraud is under way"}, GlassRow: row, Account: "hnd_1", Text: text, Review: text, Ended: &noon, Reviewed: &noon, EndedBy: "hnd_2", By: "hnd_2",
			Seen: []pages.GlassSeen{seen, later}, Sides: []pages.CaseSide{side}, Forms: []pages.CaseForm{review}, Confirm: confirm, Again: pages.Again{Wrong: "No.", Done: "It is open."},
		},
		"glass_bare": pages.Glass{
			GlassRow: past, Ended: &noon, NoForm: "Nothing, as it stands.", Again: pages.Again{Done: "Nothing was done yet.", Kept: []pages.KeptField{{Name: "text", Label: "Text", Typed: text}}},
		},
		"lifts": pages.Lifts{
			Shell: pages.Shell{Title: "Excluded parties"}, Account: "hnd_1", Confirm: confirm, Again: pages.Again{Wrong: "No."}, More: true, Rows: []pages.LiftRow{
				{Party: "ש-1<b>", By: "hnd_2", Reason: "Mistake", Since: noon, Forms: []pages.CaseForm{form, review}}, {Party: "s-2", By: "hnd_1", Reason: "Remedied", Since: noon, Own: true, Why: "Not you."},
			},
		},
		"lifts_none": pages.Lifts{},
		"glass_values": pages.GlassValues{
			Session: "bgl_1", Role: "buyer", Party: "b-1", Reason: "a fraud is under way", Index: 17, Told: &noon, Seconds: 60,
			Fields: []pages.CaseValue{{Label: "Phone", Value: masking.Value{Text: masking.NewText(`<b>"+55 87"</b>`)}}},
		},
	}
}
