package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// Components is the page that shows what all others are made of, in every state that it can
// have. Everybody and everything on it is invented.
type Components struct {
	Shell
	Types    []TypeSample
	Spaces   []string
	Colours  []string
	Inputs   []Input
	Fields   []CaseField
	Answers  []Answer
	Chips    []string
	Tags     []string
	Moments  []CaseMoment
	Clocks   []CaseClock
	Rows     []CaseRow
	Pane     Pane
	Bars     Bars
	Terms    Terms
	Entry    *LedgerEntry
	Change   PermitChange
	Tabs     []DeskTab
	Wrong    string
	Revealed CaseValues
	Ruling   CaseRuling
	Noon     time.Time
}

func (Components) template() string { return "components" }

// TypeSample is one size of type.
type TypeSample struct{ Name, Use string }

// NewComponents is the page with a sample of everything.
func NewComponents() Components {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	p := Components{
		Shell: Shell{Title: "Components", Jump: Choice{Code: "forms", Text: "Skip to the forms"}}, Noon: noon,
		Types: []TypeSample{
			{"text-6", "The title of a page"}, {"text-5", "A heading"}, {"text-4", "What a page begins with"}, {"text-3", "Everything that is read"}, {"text-2", "Facts in a pane"}, {"text-1", "Chips, and the heads of tables"},
		},
		Spaces:  []string{"1", "2", "3", "4", "5", "6", "7"},
		Colours: []string{"paper", "surface", "sunken", "line", "edge", "ink", "soft", "accent", "accent-deep", "buyer", "seller", "good", "good-paper", "warn", "warn-paper", "bad", "bad-paper", "calm-paper", "cloak", "hat", "chart-1", "chart-2", "chart-3"},
		Chips:   []string{"open", "live", "fresh", "ready", "waiting", "withheld", "masked", "closed", "expired", "used_up", "suspended", "revoked"},
		Tags:    []string{"performed", "completed", "partly_performed", "cancelled", "open"},
		Wrong:   "Choose one of those that are listed.",
		Tabs:    []DeskTab{{Address: "#tables", Text: "Here", Count: "12", Here: true}, {Address: "#forms", Text: "Another", Count: "9+"}, {Address: "#charts", Text: "None there"}},
	}
	p.Inputs = []Input{
		{Name: "c-plain", Label: "A text", Kind: "text", Fill: "off"},
		{Name: "c-hint", Label: "With a hint", Kind: "text", Fill: "off", Hint: "What is meant, and in which form."},
		{Name: "c-code", Label: "Digits", Kind: "text", Fill: "off", Digits: true, Optional: true},
		{Name: "c-wrong", Label: "With what is wrong", Kind: "text", Fill: "off", Hint: "Like 3f.", Wrong: "This is missing."},
	}
	p.forms()
	p.states(noon)
	p.numbers(noon)
	return p
}

func (p *Components) forms() {
	field := func(name, label, kind string) CaseField {
		return CaseField{Form: "c", Name: name, Label: label, Kind: kind, Most: 80}
	}
	choice, area, checks := field("choice", "One of several", "select"), field("area", "A longer text", "area"), field("checks", "Several of several", "checks")
	choice.Options = []Choice{{Text: "Choose…"}, {Code: "refund", Text: "Refund"}}
	checks.Options, checks.Chosen = []Choice{{Code: "name", Text: "Name"}, {Code: "email", Text: "E-mail"}}, []string{"name"}
	area.Hint, area.Wrong = "At least 20 characters.", "This is too short."
	p.Fields = []CaseField{choice, area, checks}
	p.Answers = []Answer{
		{Tone: "granted", Headline: "It was granted", Sentence: "The address is open in this answer.", Entry: &EntryLink{Index: 17, Leaf: "0123456789abcdef"}},
		{Tone: "pending", Headline: "A person decides", Sentence: "It waits for somebody at the desk."},
		{Tone: "refused", Headline: "It was refused", Missing: []Missing{{Obligation: "Ship", Need: "2", Have: "1"}}},
		{Tone: "error", Headline: "That was not done", Reasons: []string{"More than what is due.", "It is over."}},
		{Tone: "done", Headline: "It is done", Sentence: "An entry in the ledger says so."},
	}
}

func (p *Components) states(noon time.Time) {
	said := masking.NewText("Nothing came.\nשלום, ליאה")
	for _, kind := range []string{"message", "money", "goods", "evidence", "decision", "disclosure", "view"} {
		p.Moments = append(p.Moments, CaseMoment{Index: 17, At: noon, Kind: kind, What: "Something about " + kind + " happened", Who: "by hnd_1"})
	}
	p.Moments[0].Text, p.Moments[1].More, p.Moments[2].Fresh = said, "100.00 BRL.", true
	clock := CaseClock{Name: "Decision, by law", Rule: "90 days.", State: "running", Chip: "chip-ready", Left: "3 days left", Due: noon}
	paused, over := clock, clock
	paused.State, paused.Chip, paused.Paused = "paused", "chip-masked", []CaseSpan{{From: noon}}
	over.State, over.Chip, over.Left = "overdue", "chip-revoked", ""
	p.Clocks = []CaseClock{clock, paused, over}
	row := CaseRow{ID: "dsp_1", Reason: "Not received", State: "under review", Chip: "chip-ready", Amount: "100.00 BRL", Transaction: "t-1", Buyer: "b-1", Seller: "ليلى-1", Opener: "buyer", Holder: "hnd_1", Mine: true, Due: &noon, Left: "3 days left"}
	soon, late, idle := row, row, row
	soon.Left, soon.Soon, soon.Mine = "5 h left", true, false
	late.Left, late.Late, late.Holder, late.Mine = "overdue by 3 h", true, "", false
	idle.Due, idle.Left = nil, ""
	p.Rows = []CaseRow{row, soon, late, idle}
	p.Pane = Pane{Role: "seller", Other: "buyer", Party: "s-1", OtherParty: "b-1", Who: "invented", Own: []Hint{{"Name", "L•••"}, {"Phone", "•••"}}}
	p.Pane.Fields = []Field{
		{Label: "Name", State: Masked},
		{Label: "Phone", State: Ready, Ground: "3b", Rule: "deliver-shipped-goods"},
		{Label: "E-mail", State: Withheld, Why: "Not necessary for this purpose."},
		{Label: "Locality", State: Waiting, Why: "A person decides."},
		{Label: "First name", State: Closed, Why: "Its grant has ended."},
		{Label: "Address", State: Open, Value: masking.Value{Text: masking.NewText("1 Example Street")}, Ground: "3b", Rule: "deliver-shipped-goods"},
		{Label: "Name", State: Open, Value: masking.Value{Text: masking.NewText("ليلى")}, Ground: "3b", Rule: "deliver-shipped-goods"},
	}
	p.Pane.Owes = []Obligation{
		{ID: "c-ship", Label: "Ship", Done: "1", Due: "2", Percent: 50, State: "part_performed", StateWords: "part performed"},
		{ID: "c-pay", Label: "Pay", Done: "221.65", Due: "221.65", Unit: "BRL", Percent: 100, State: "performed", StateWords: "performed"},
	}
	p.Pane.Purposes = []Purpose{
		{ID: "c-deliver", Label: "Deliver", Sentence: "to bring it", Opens: []string{"name", "address"}, Decision: "granted"},
		{ID: "c-delay", Label: "Delay", Sentence: "to say so", Decision: "refused", Missing: []Missing{{Obligation: "ship", Need: "1", Have: "0"}}},
	}
	p.Pane.Grants = []Grant{
		{Disclosure: "dsc_1", Purpose: "deliver", State: "live", StateWords: "Live", Fields: "Name", Expires: "1 May 2026", ViewsLeft: 19, Live: true},
		{Disclosure: "dsc_0", Purpose: "deliver", State: "used_up", StateWords: "Used up", Fields: "Name"},
	}
	p.Revealed = CaseValues{Fields: []CaseValue{{Label: "Name", Value: masking.Value{Text: masking.NewText("Somebody Invented")}}, {Label: "Name", Value: masking.Value{Text: masking.NewText("ليلى")}}}}
	p.Ruling = CaseRuling{By: "hnd_2", Outcome: "Refund all of it", Amount: "100.00 BRL", Reason: "Not delivered", Clause: "CPL 44", Evidence: []string{"item 1"}, Hash: "sha256:00", Findings: said, At: &noon, AppealBy: &noon}
}

func (p *Components) numbers(noon time.Time) {
	const day = 24 * time.Hour
	p.Bars = Bars{ID: "c-bars", Title: "Bars of three parts", Summary: "Two rows.", Head: "Row", Series: []string{"Granted", "Waiting", "Refused"}, Rows: []BarRow{{"One row", []int{60, 10, 30}}, {"Another", []int{5, 0, 20}}}}
	p.Terms = Terms{ID: "c-terms", Title: "Two lines over weeks", Summary: "One of the weeks has nothing.", Series: []string{"Half within", "Nine in ten within"}}
	for n, half := range []time.Duration{3 * day, 4 * day, 0, 2 * day, day} {
		x := TermPoint{Label: noon.AddDate(0, 0, 7*n).Format("2 Jan")}
		if half > 0 {
			x.Terms = []time.Duration{half, half * 2}
		}
		p.Terms.Points = append(p.Terms.Points, x)
	}
	const hash = "0f3a5c719be2d4860f3a5c719be2d4860f3a5c719be2d4860f3a5c719be2d486"
	p.Entry = &LedgerEntry{Index: 17, Size: 18, Type: "A sample", Hour: noon, At: &noon, Audience: "everybody", Leaf: hash, Root: hash, Holds: true, Steps: []LedgerStep{{hash, hash, true}, {hash, hash, false}}}
	p.Change = PermitChange{ID: "a-permit", What: "changed", Chip: "chip-ready", Lines: []PermitDiff{{"Ends", "delivered+14d", "delivered+30d", true}, {"Looks", "20", "20", false}}}
}
