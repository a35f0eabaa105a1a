package bundle

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker/ledger"
)

//go:embed report.html
var reportSource string

//go:embed report.css
var reportStyle string

// reportTemplate has the style in it, which its own policy names by its hash: nothing
// else is let in, no script runs, and nothing is loaded.
var reportTemplate = func() *template.Template { //nolint:gochecknoglobals // parsed once
	style := strings.ReplaceAll(reportStyle, "\r\n", "\n")
	sum := sha256.Sum256([]byte(style))
	source := strings.NewReplacer("STYLE-HASH", base64.StdEncoding.EncodeToString(sum[:]), "STYLE", style).Replace(strings.ReplaceAll(reportSource, "\r\n", "\n"))
	return template.Must(template.New("report").Funcs(template.FuncMap{"word": word}).Parse(source))
}()

// page is what the report says.
type page struct {
	Case, To        string
	Transaction     string
	Kind            string
	Buyer, Seller   string
	Amount          string
	Items           string
	About           []pair
	Decision        []pair
	Findings        string
	Owed            []owed
	Rows            []row
	Disclosures     []disclosure
	Evidence        []evidence
	Clocks          []clock
	Entries         int
	Logs            []string
	First, Last     string
	SeesStaff, Both bool
}

type pair struct{ Name, Value string }

// owed is how far one line has got.
type owed struct{ Line, Debtor, Due, Done, Attested, At, Waived string }

// row is one line of what happened.
type row struct {
	Entry   int64
	At      string
	Sort    string // money, goods, message, evidence, decision, disclosure, view, case
	Says    string
	Details []string
	Text    string
	Sealed  bool // a text came with it that is not opened here
}

type disclosure struct {
	ID, Asker, Subject, Purpose, Ground, Policy string
	Decisions                                   []decided
	Views                                       int
	Staff                                       int // of the staff
	End                                         string
}

type decided struct {
	Entry                   int64
	At, By, Decision, Until string
	Fields                  []pair
	Facts                   []string
}

type evidence struct {
	N                                                     int64
	By, Kind, Media, Standing, Original, Derivative, Text string
	Bytes, Entry                                          int64
}

type clock struct{ Name, Kind, Rule, Due, State string }

func (s *story) report() ([]byte, error) {
	p := page{
		Case: s.id, To: string(s.to), Transaction: s.transaction, Kind: s.kind, Buyer: s.buyer, Seller: s.seller, Entries: len(s.entries),
		SeesStaff: s.to == Staff || s.to == Court, Both: s.to == Court,
	}
	p.Logs = s.origins()
	if n := len(s.entries); n > 0 {
		p.First, p.Last = moment(s.entries[0].at()), moment(s.entries[n-1].at())
	}
	p.Owed = s.owed(&p)
	for i := range s.entries {
		e := &s.entries[i]
		p.Rows = append(p.Rows, s.row(e))
		p.take(e, s.who)
	}
	p.Disclosures = s.disclosures()
	var b bytes.Buffer
	if err := reportTemplate.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("write report: %w", err)
	}
	return b.Bytes(), nil
}

// who is a party as the report calls it.
func (s *story) who(id string) string {
	switch id {
	case s.buyer:
		return word("buyer")
	case s.seller:
		return word("seller")
	}
	return id
}

func (e *told) at() time.Time { return e.Says[0].At }

func moment(t time.Time) string { return t.UTC().Format("2006-01-02 15:04:05 UTC") }

func (s *story) origins() []string {
	var all []string
	for i := range s.entries {
		if o := s.entries[i].Origin; len(all) == 0 || all[len(all)-1] != o {
			all = append(all, o)
		}
	}
	return all
}

// take adds to the page what an entry says of the case as a whole.
func (p *page) take(e *told, who func(string) string) {
	is := e.says
	switch e.Type {
	case ledger.CaseOpened:
		p.About = append(p.About, pair{"Opened", moment(e.at()) + " by " + who(is.String("opened_by"))}, pair{"Because", word(is.String("reason"))},
			pair{"About", list(is, "lines")}, pair{"Amount in dispute", money(is)}, pair{"Follows the case", is.String("follows")})
	case ledger.CaseDecided:
		p.Decision = []pair{
			{"Outcome", word(is.String("outcome"))},
			{"Amount", money(is)},
			{"Reason", word(is.String("reason"))},
			{"By the clause", is.String("clause")},
			{"Decided", moment(e.at())},
			{"On the evidence frozen as", is.String("frozen")},
			{"Decided by the account", is.String("decider")},
			{"Approved by the account", is.String("approver")},
			{"To be done, or appealed, until", until(is)},
		}
		p.Findings = e.text()
	case ledger.CaseClosed:
		p.Decision = append(p.Decision, pair{"Ended", moment(e.at()) + ", " + word(is.String("to")) + ", by " + word(is.String("by"))}, pair{"Outcome in the end", word(is.String("outcome"))})
	case ledger.EvidenceStored:
		p.Evidence = append(p.Evidence, evidence{
			N: is.Int("item"), By: word(is.String("by")), Kind: word(is.String("kind")), Media: is.String("media"), Bytes: is.Int("bytes"),
			Standing: word(is.String("standing")), Original: is.String("original"), Derivative: is.String("derivative"), Text: e.text(), Entry: e.Index,
		})
	default:
	}
	if cs := is.Objects("clocks"); len(cs) > 0 {
		p.Clocks = nil
		for _, c := range cs {
			due, _ := c.Lookup("due")
			at, _ := due.(time.Time)
			p.Clocks = append(p.Clocks, clock{word(c.String("name")), word(c.String("kind")), c.String("rule"), moment(at), word(c.String("state"))})
		}
	}
}

// owed is what each side owed, and how far it got, by the newest entries that say so.
func (s *story) owed(p *page) []owed {
	got := map[string]*owed{}
	line := func(name string) *owed {
		if got[name] == nil {
			got[name] = &owed{}
		}
		return got[name]
	}
	handover := ""
	approved := false
	for i := range s.entries {
		e := &s.entries[i]
		is := e.says
		switch e.Type {
		case ledger.TransactionWritten, ledger.HistoryImported:
			p.Amount, p.Items = money(is), strconv.FormatInt(is.Int("items"), 10)
			terms, _ := is.Lookup("terms")
			agreed, _ := terms.(ledger.Object)
			handover = agreed.String("handover")
			for _, o := range is.Objects("performances") {
				x := line(o.String("obligation"))
				x.Done, x.Attested, x.At = o.String("done"), "", timeOf(o, "performed_at")
			}
		case ledger.PerformanceRecorded, ledger.PerformanceReversed:
			x := line(is.String("obligation"))
			x.Done, x.At = is.String("total"), timeOf(is, "performed_at")
			x.Attested = is.String("attested") // of what goes back no entry says which part was
			approved = approved || is.String("obligation") == "approve_return" && e.Type == ledger.PerformanceRecorded
		case ledger.TransactionCompleted, ledger.TransactionCancelled:
			for _, name := range texts(is, "waived") {
				line(name).Waived = "waived"
			}
		default:
		}
	}
	var all []owed
	for _, d := range duties(s.kind, handover) {
		x := *line(d.line)
		x.Line, x.Debtor, x.Due = d.line, d.debtor, p.due(d.unit, approved)
		all = append(all, x)
	}
	return all
}

func (p *page) due(unit string, approved bool) string {
	switch {
	case unit == "amount" || unit == "refunded" && approved:
		return p.Amount
	case unit == "items" || unit == "returned" && approved:
		return p.Items
	case unit == "once":
		return "1"
	case unit == "optional":
		return "may be given"
	}
	return "once a return is approved"
}

func money(is ledger.Object) string {
	return strings.TrimSpace(is.String("amount") + " " + is.String("currency"))
}

func until(is ledger.Object) string { return timeOf(is, "until") }

func timeOf(is ledger.Object, name string) string {
	v, _ := is.Lookup(name)
	if t, ok := v.(time.Time); ok {
		return moment(t)
	}
	return ""
}

func texts(is ledger.Object, name string) []string {
	v, _ := is.Lookup(name)
	all, _ := v.([]string)
	return all
}

func list(is ledger.Object, name string) string { return spoken(texts(is, name)) }

func spoken(codes []string) string {
	all := make([]string, len(codes))
	for i, c := range codes {
		all[i] = word(c)
	}
	return strings.Join(all, ", ")
}
