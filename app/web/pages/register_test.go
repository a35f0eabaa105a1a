package pages_test

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/masking"
)

// merchantPages are those of registration, with all that they can show.
func merchantPages() map[string]pages.Page {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	dated := pages.Dated{At: noon, Text: "4 March 2026"}
	shell := pages.NewRegisterShell("en", "Register")
	form := pages.RegisterForm{
		RegisterShell: shell, Market: pages.Choice{Code: "EU", Text: "European Union"}, Type: pages.Choice{Code: "company", Text: "A company"}, Once: "00ff", TaxRows: 1, PermitRows: 1,
		Mistakes: []pages.Mistake{{At: "legal_name", Text: "Legal name: missing"}, {Text: "of all"}}, Trouble: "It has changed.",
		Laws:  []pages.FormLaw{{Cite: "DSA 30(7)", Title: "Regulation"}},
		Saved: &pages.SavedDraft{Address: masking.NewText("b.example/#bmf_1"), Ends: dated},
		Groups: []pages.FormGroup{{ID: "business", Legend: "The business", Note: "A note.", More: "tax", Fields: []pages.FormField{
			{Name: "legal_name", Label: "Legal name", Kind: "text", Fill: "organization", Needed: true, Public: true, Law: "DSA 30(7)", Wrong: "Missing.", Value: masking.NewText(`"><b>x`)},
			{Name: "tax.0.number", Label: "Tax number", Kind: "text", Fill: "off", If: true, Seen: "a VAT number is given", Hint: "A hint."},
			{Name: "tax.0.kind", Label: "Kind", Kind: "select", Options: []pages.Choice{{Text: "Not given"}, {Code: "vat", Text: "VAT"}}, Value: masking.NewText("vat"), Wrong: "No."},
			{Name: "certify.lawful_goods", Label: "Lawful", Kind: "check", Checked: true, Needed: true, Wrong: "Missing."},
		}}},
	}
	change := form
	change.Changes, change.HasDraft, change.Saved = "2", true, nil
	change.Groups = append(change.Groups, pages.FormGroup{ID: "payout", Legend: "Payments", Fields: []pages.FormField{{Name: "payout.iban", Label: "IBAN", Kind: "text", Hint: "You gave this.", Drops: true, Dropped: true}}})
	row := pages.ReviewRow{ID: "mer_1", Market: "China", Type: "A company", State: "in review", Chip: "chip-waiting", Since: noon, Deadline: &noon, Taken: "hnd_2", Two: []string{"a field is doubtful"}}
	bank := []pages.Choice{{Text: "Choose…"}, {Code: "bank", Text: "bank"}}
	source := pages.CaseField{Form: "review", Name: "source", Label: "By what", Kind: "select", Required: true, Options: bank, Wrong: "Choose one."}
	reason := pages.CaseField{Form: "review", Name: "reason_approve", Label: "Reason", Kind: "select", Required: true, Options: bank, Typed: masking.NewText("bank")}
	look := pages.CaseField{Form: "values", Name: "reason", Label: "Reason", Kind: "select", Required: true, Options: bank, Wrong: "Choose one."}
	locked, kept := row, []pages.KeptField{{Name: "note", Label: "Note", Typed: masking.NewText("A note <b>")}}
	locked.Taken, locked.Open = "", "hnd_3"
	return map[string]pages.Page{
		"register_choice":      pages.RegisterChoice{RegisterShell: shell, Market: pages.Select{Name: "jurisdiction", Label: "Market", Hint: "Which."}, Type: pages.Select{Name: "type", Label: "Type"}},
		"register_choice_held": pages.RegisterChoice{RegisterShell: shell, Draft: true},
		"register_form":        form,
		"register_done": pages.RegisterDone{
			RegisterShell: shell, ID: "mer_1", Code: "needs_info", State: "waits for information", Chip: "chip-waiting", Asked: "a document", Reason: "overdue", Deadline: &dated, Profile: "/merchants/mer_1",
			Doubts: []pages.FieldWords{{Label: "Tax number", Says: "Nobody checks it."}}, Done: "document", Once: "00ff", Changes: true,
			Mistakes:  []pages.Mistake{{At: "answer-note", Text: "Note: missing"}, {Text: "of all"}},
			Documents: []pages.GivenDocument{{Kind: "Permit", Media: "image/png", Size: "3 kB", At: dated, Expires: &dated}},
			Acts: []pages.RegisterAct{
				{Name: "answer", Main: true, Fields: []pages.ActField{{ID: "answer-note", Name: "note", Label: "Note", Hint: "A hint.", Kind: "textarea", Needed: true, Wrong: "Missing.", Value: masking.NewText("</textarea><b>x")}}},
				{Name: "document", Files: true, Fields: []pages.ActField{
					{ID: "document-document", Name: "document", Label: "File", Kind: "file", Needed: true},
					{ID: "document-kind", Name: "kind", Label: "Kind", Kind: "select", Options: []pages.Choice{{Text: "Choose"}, {Code: "tax", Text: "Tax"}}, Value: masking.NewText("tax"), Wrong: "No."},
					{ID: "document-expires", Name: "expires", Label: "Expires", Kind: "date", Value: masking.NewText("2026-03-04")},
				}},
			},
		},
		"register_change": change,
		"merchant_profile": pages.MerchantProfile{
			RegisterShell: pages.NewRegisterShell("pt", "Wachsstube"), ID: "mer_1", Name: "Wachsstube <b>", Market: "UE", Type: "Uma empresa", Approved: dated, Entry: 21, Closes: &dated, Report: "/report?merchant=mer_1",
			Groups: []pages.ProfileGroup{{Legend: "O negócio", Fields: []pages.ProfileField{{Label: "Nome", Value: masking.NewText("<i>Nordlicht"), Law: "DSA 30(7)", Since: dated, Verified: "Verificado", On: dated}}}},
		}.At("/merchants/mer_1"),
		"review_queue": pages.ReviewQueue{Shell: pages.Shell{Title: "Merchants"}, Rows: []pages.ReviewRow{row, {Mine: true, Taken: "hnd_1"}, {ID: "mer_3", Type: "Company", Market: "China", Open: "hnd_3"}}, Next: "/desk/merchants?after=1", Markets: pages.Select{Name: "jurisdiction", Options: []pages.Choice{{Text: "All"}}}, States: pages.Select{Name: "state"}},
		"review": pages.Review{
			Shell: pages.Shell{Title: "A company"}, ReviewRow: row, Account: "hnd_1", Party: "s-1", Pack: "CN/2026-01-01", Version: 2, Published: 1, Reason: "verified", Owed: "threshold", Asked: "a document",
			Fields:     []pages.ReviewField{{Label: "Legal name", Pointer: "/legal_name", Seen: "public", SeenChip: "chip-ready", Outcome: "suspect", Chip: "chip-waiting", Says: "Compare it.", Law: "ECL 15", Value: masking.NewText("<u>杭州")}},
			Opened:     &pages.OpenedNote{Index: 17, Purpose: "decide registration", Reason: "fields to verify", Seconds: 60, Notes: []pages.ReviewNote{{What: "Ask", By: "by the reviewer", At: noon, Index: 9, Text: masking.NewText("Where is <b>it")}}},
			Duplicates: []pages.ReviewDuplicate{{ID: "mer_2", Party: "s-2", State: "active", Chip: "chip-live", Numbers: "Registration number"}},
			Documents:  []pages.ReviewDocument{{N: 1, Kind: "licence", Media: "image/png", Size: "3 kB", Hash: "sha256:00", At: noon, Expires: &noon}},
			Proposal:   &pages.ReviewProposal{By: "hnd_2", Reason: "verified", Checks: []string{"All fields: looked up"}}, Hash: "sha256:01",
			History: []pages.ReviewEvent{{Index: 3, At: noon, What: "Take", By: "by the reviewer", Of: "hnd_2", Reason: "other"}},
			Acts:    []pages.ReviewAct{{Event: "approve", Label: "Approve", Note: "All of it.", Reason: &reason, Checked: true, Main: true}, {Event: "release", Label: "Let go of it"}},
			MayOpen: true, Confirm: pages.ConfirmInputs(pages.Wrongs{"password": "Not this one."}), Note: masking.NewText("A note <b>"), NoteWrong: "Too long.",
			Again:  pages.Again{Wrong: "That was not you.", Done: "Done."},
			Checks: []pages.CaseField{source}, Unchecked: [][]pages.Select{{{Name: "source.3", Label: "Legal name: by what", Chosen: "bank", Options: bank}}}, NeedsChecks: true, Decides: true,
			Look: &pages.CaseForm{Event: "reveal", Name: "values", Do: "Open the values, and log it", Note: "The ledger will say who, and why.", Fields: []pages.CaseField{look}},
		},
		"review_locked": pages.Review{
			Shell: pages.Shell{Title: "A company"}, ReviewRow: locked, Account: "hnd_1", Party: "s-1", Pack: "CN/2026-01-01", Version: 2,
			Again: pages.Again{Wrong: "Look again.", Was: "take", Carried: kept, Kept: kept},
		},
	}
}

// What people have written never becomes a part of a page.
func TestMerchantPagesEscape(t *testing.T) {
	t.Parallel()
	for name, p := range merchantPages() {
		page := render(t, p)
		for _, raw := range []string{`"><b>x`, "</textarea><b>x", "<i>Nordlicht", "<u>杭州", "Wachsstube <b>", "A note <b>"} {
			if strings.Contains(page, raw) {
				t.Errorf("%s has %s as it is", name, raw)
			}
		}
	}
}

// Only the form can be framed, and by nobody unless somebody is named.
func TestPolicyWithin(t *testing.T) {
	t.Parallel()
	door := pages.NewRegisterDoor("en", "")
	if got := pages.PolicyWithin(door, nil); got != pages.PolicyOf(door) || !strings.Contains(got, "frame-ancestors 'none'") || !strings.HasSuffix(got, "script-src 'self'") {
		t.Error(got)
	}
	if got := pages.PolicyWithin(door, []string{"https://a.example", "https://b.example"}); !strings.Contains(got, "frame-ancestors https://a.example https://b.example;") || strings.Contains(got, "'none'; script") {
		t.Error(got)
	}
}
