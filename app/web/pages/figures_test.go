package pages_test

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/web/pages"
)

// figurePages are those with numbers, and the ledger, with everything that one can show.
func figurePages() map[string]pages.Page {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	places := []pages.DeskTab{{Address: "/dashboard", Text: "Cases and requests"}, {Address: "/desk/overview", Text: "Overview", Here: true}, {Address: "/desk/ledger", Text: "Ledger", Count: "3"}}
	root := strings.Repeat("0123456789abcdef", 4)
	head := &pages.LedgerHead{Origin: "bauta.example/log", Root: root, Size: 18, Until: &noon, Signatures: []pages.SignedBy{
		{Name: "bauta.example/log", Key: "0badcafe", Kind: "Ed25519", Own: true}, {Name: `witness"<b>.example`, Key: "00c0ffee", Kind: "ML-DSA-44", At: &noon},
	}}
	entry := &pages.LedgerEntry{
		Index: 17, Size: 18, Type: "Party flagged", Hour: noon, At: &noon, Audience: "the operator’s people", Leaf: root, Root: root, Holds: true,
		Members: []pages.LedgerMember{{Name: "Party", Lines: []string{`b-1 "<i>ליאה`}}, {Name: "Flags", Lines: []string{"at_risk", "minor"}}},
		Steps:   []pages.LedgerStep{{Sibling: root, Gives: root, Left: true}, {Sibling: root, Gives: root}, {Sibling: root, Gives: root, Left: true}},
	}
	forged := &pages.LedgerEntry{Index: 3, Size: 18, Type: "Log started", Hour: noon, Leaf: root, Root: root, Gone: true}
	silent := &pages.LedgerEntry{Index: 0, Size: 1, Type: "Log started", Hour: noon, At: &noon, NoPart: true, Audience: "auditors", Leaf: root, Root: root, Holds: true}
	withheld := &pages.LedgerEntry{Index: 3, Size: 18, Type: "Party flagged", Hour: noon, Withheld: true, Leaf: root, Root: root, Holds: true}
	number := []pages.NumberInput{{Name: "entry", Label: "Entry", Value: "17"}}
	between := []pages.NumberInput{{Name: "from", Label: "The log of so many entries", Wrong: "This is missing."}, {Name: "to", Label: "is the beginning of that of"}}
	return map[string]pages.Page{
		"overview": fullOverview(noon, places),
		"overview_empty": pages.Overview{
			At: noon, Places: places, Figures: []pages.Figure{{Label: "Open cases", Value: "0"}},
			Time: pages.Terms{ID: "terms", Title: "Time", Summary: "Nothing.", Series: []string{"Half"}, Points: []pages.TermPoint{{Label: "2 Mar"}}},
		},
		"ledger_desk":          pages.LedgerDesk{Shell: pages.Shell{Title: "The ledger"}, Places: places, Head: head, Witnesses: 2, Witnessed: head, Inputs: number, Between: between, Entry: entry, Consistency: &pages.LedgerSpan{From: 4, To: 18, Hashes: 5}},
		"ledger_desk_forged":   pages.LedgerDesk{Witnesses: 2, Inputs: number, Between: between, Entry: forged, Consistency: &pages.LedgerSpan{From: 18, To: 18}},
		"ledger_desk_withheld": pages.LedgerDesk{Head: head, Inputs: number, Between: between, Entry: withheld},
		"ledger_desk_silent":   pages.LedgerDesk{Head: head, Inputs: number, Between: between, Entry: silent},
		"permit_table":         permitTable(places),
		"permit_table_same":    pages.PermitTable{InForce: "sha256:00", Compared: true, From: pages.Select{Name: "from", Label: "From"}, To: pages.Select{Name: "to", Label: "to"}},
		"permit_table_wrong":   pages.PermitTable{InForce: "sha256:00", Unknown: "There is no such set.", From: pages.Select{Name: "from", Label: "From"}, To: pages.Select{Name: "to", Label: "to"}},
	}
}

func fullOverview(noon time.Time, places []pages.DeskTab) pages.Overview {
	const day = 24 * time.Hour
	terms := pages.Terms{
		ID: "terms", Title: "Time to decision by week", Summary: "Two lines.", Series: []string{"Half were decided within", "Nine in ten within"},
		Columns: []string{"Decided", "Heard on appeal", "Overturned"},
	}
	for n, half := range []time.Duration{3 * day, 4 * day, 0, 0, 5 * day, 9 * day / 2, 4 * day, 7 * day, 0, 3 * day, 5 * day / 2, 2 * day} {
		p := pages.TermPoint{Label: noon.AddDate(0, 0, 7*(n-12)).Format("2 Jan"), More: []string{"0", "0", "0"}}
		if half > 0 {
			p.Terms, p.More = []time.Duration{half, 2*half + time.Duration(n)*8*time.Hour}, []string{"41", "3", "1"}
		}
		terms.Points = append(terms.Points, p)
	}
	weeks := func(series int) (rows []pages.BarRow) {
		for n, p := range terms.Points {
			rows = append(rows, pages.BarRow{Label: p.Label, Parts: []int{n * 5 % 7, n % 3, n / 11}[:series]})
		}
		return rows
	}
	return pages.Overview{
		Heard: pages.Columns{ID: "appeals", Title: "Decisions heard on appeal, by week", Summary: "12 columns.", Head: "Week from", Series: []string{"Upheld", "Overturned"}, Rows: weeks(2)},
		Glass: pages.Columns{ID: "sessions", Title: "Break-glass sessions by week", Summary: "12 columns.", Head: "Week from", Series: []string{"Reviewed", "Not reviewed", "Open now"}, Rows: weeks(3)},
		Shell: pages.Shell{Title: "Overview"}, Places: places, At: noon, Part: "the newest 5000 of them", Time: terms,
		Figures: []pages.Figure{
			{Label: "Open cases", Value: "124", Address: "/dashboard?queue=waiting"},
			{Label: "Overdue", Value: "9", Note: "7 % of those that are open", Address: "/dashboard?queue=overdue", Bad: true},
			{Label: "Decided", Value: "311", Note: "in 12 weeks"},
			{Label: "Overturned on appeal", Value: "14 %", Note: "3 of the 22 that were heard"},
			{Label: "Notices not taken yet", Value: "2", Note: "by the endpoints that are told"},
		},
		Asked: pages.Bars{ID: "purposes", Title: "Disclosures by purpose and outcome", Summary: "Deliver first.", Head: "Purpose", Series: []string{"Granted", "Waiting for a person", "Refused"}, Rows: []pages.BarRow{
			{Label: "Deliver", Parts: []int{2310, 12, 340}}, {Label: "Collect", Parts: []int{120, 80, 402}}, {Label: "Settle", Parts: []int{90, 0, 11}}, {Label: `"<b>Long`, Parts: []int{0, 0, 3}},
		}},
		Open: pages.Bars{ID: "states", Title: "Open cases by state", Summary: "Negotiation first.", Head: "State", Series: []string{"In time", "Overdue"}, Rows: []pages.BarRow{
			{Label: "Negotiation", Parts: []int{60, 1}}, {Label: "Under review", Parts: []int{40, 8}}, {Label: "Proposed", Parts: []int{15, 0}},
		}},
		Denied: pages.Bars{ID: "reasons", Title: "Refusals by rule", Summary: "One row.", Head: "Rule", Series: []string{"Refused"}, Rows: []pages.BarRow{
			{Label: "Nobody has performed what this takes", Parts: []int{512}}, {Label: "It is not necessary for the purpose", Parts: []int{244}},
		}},
	}
}

func permitTable(places []pages.DeskTab) pages.PermitTable {
	row := pages.PermitRow{ID: "deliver-shipped-goods", Why: "the carrier has to find it", Who: "seller", Purposes: "deliver", Fields: "name, address", Ends: "delivered+14d", Decides: "the engine", Source: "the order’s delivery contact", When: `when { context.kind == Kind::"shipped_goods" }`, Views: 20}
	choices := []pages.Choice{{Code: "sha256:01", Text: "4 Mar 2026, in force, 01"}, {Code: "sha256:00", Text: "1 Mar 2026, in force, 00"}}
	return pages.PermitTable{
		Shell: pages.Shell{Title: "The policy table"}, Places: places, InForce: "sha256:01", Count: 1, Fields: []string{"Name", "E-mail", "Address"},
		Matrix: []pages.PermitLine{{Purpose: "Deliver", Cells: []pages.PermitCell{{Auto: 1}, {}, {Auto: 2, Person: 1}}}, {Purpose: "Collect", Cells: []pages.PermitCell{{}, {Person: 1}, {}}}},
		Kinds:  []pages.PermitKind{{Name: "Shipped goods", Rows: []pages.PermitRow{row}}, {Name: "Rental"}},
		From:   pages.Select{Name: "from", Label: "What changed from", Options: choices, Chosen: "sha256:00"}, To: pages.Select{Name: "to", Label: "to", Options: choices, Chosen: "sha256:01"},
		Compared: true, Changes: []pages.PermitChange{
			{ID: "deliver-shipped-goods", What: "changed", Chip: "chip-ready", Lines: []pages.PermitDiff{{Name: "Ends", Was: "delivered+14d", Is: "delivered+30d", Changed: true}, {Name: "Looks", Was: "20", Is: "20"}}},
			{ID: "new-one", What: "added", Chip: "chip-waiting", Lines: []pages.PermitDiff{{Name: "Fields", Is: "phone", Changed: true}}},
			{ID: "old-one", What: "removed", Chip: "chip-masked", Lines: []pages.PermitDiff{{Name: "Fields", Was: `"<i>`, Changed: true}}},
		},
	}
}

// What is drawn stays within its drawing, and a week without a decision interrupts the line.
func TestDrawnWithin(t *testing.T) {
	t.Parallel()
	o := fullOverview(time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC), nil)
	for _, m := range append(o.Time.Dots(), o.Time.Grid()...) {
		if m.Y < 0 || m.Y > o.Time.Height() {
			t.Errorf("%+v is outside", m)
		}
	}
	if n := len(o.Time.Lines()); n != 6 {
		t.Errorf("%d lines, want three of each of the two", n)
	}
	if n := len(o.Time.Grid()); n < 2 || n > 6 {
		t.Errorf("%d lines of the grid", n)
	}
	for _, b := range []pages.Bars{o.Asked, o.Open, o.Denied} {
		for i, d := range b.Drawn() {
			if d.Y+d.H > b.Height() || len(d.Parts) > len(b.Series) {
				t.Errorf("row %d of %s: %+v", i, b.ID, d)
			}
		}
	}
	if d := o.Asked.Drawn()[0]; d.Parts[0].X != "0.00%" || d.Value != "2662" {
		t.Errorf("%+v", d)
	}
}
