package pages_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/masking"
)

// firstSight has every state that a pane can show, and names that would break
// out of a page that trusts them.
func firstSight() pages.FirstSight {
	address := masking.Value{Address: masking.Address{
		Street: masking.NewText("Estrada do Coco, 2138"), City: masking.NewText("Recife"), Region: masking.NewText("PE"),
		PostalCode: masking.NewText("51190-321"), Country: "BR",
	}}
	seller := pages.Pane{
		Role: "seller", Other: "buyer", Party: "demo-shop-1", OtherParty: "demo-buyer-1", Who: "a merchant in Brazil",
		Order: "order-1001", Once: "00ff",
		Answer: &pages.Answer{
			Tone: "granted", Headline: "Granted to deliver, under ground 3b", Sentence: "Address is open in this answer.",
			Entry: &pages.EntryLink{Index: 17, Leaf: "0123456789abcdef0123456789abcdef"},
		},
		Fields: []pages.Field{
			{Label: "Name", State: pages.Open, Value: masking.Value{Text: masking.NewText(`<b>"Giovana"</b> ليلى`)}, Ground: "3b", Rule: "deliver-shipped-goods"},
			{Label: "E-mail", State: pages.Withheld, Why: "Deliver: Not necessary for this purpose."},
			{Label: "Phone", State: pages.Ready, Ground: "3b", Rule: "deliver-shipped-goods"},
			{Label: "Locality", State: pages.Waiting, Why: "A person decides."},
			{Label: "First name", State: pages.Closed, Why: "Its grant is suspended."},
			{Label: "Address", State: pages.Open, Value: address, Ground: "3b", Rule: "deliver-shipped-goods"},
		},
		Owes: []pages.Obligation{
			{ID: "ship", Label: "Ship", Done: "1", Due: "2", Percent: 50, State: "part_performed", StateWords: "part performed", Perform: []pages.Step{{Part: "all", Label: "Ship all"}}, Reverse: "Take back"},
		},
		Purposes: []pages.Purpose{
			{ID: "deliver", Label: "Deliver", Sentence: "to bring it", Opens: []string{"name", "address"}, Decision: "granted"},
			{ID: "delay", Label: "Delay", Sentence: "to say so", Decision: "refused", Missing: []pages.Missing{{Obligation: "ship", Need: "1", Have: "0"}}},
			{ID: "collect", Label: "Collect", Decision: "pending"},
			{ID: "settle", Label: "Settle", Decision: "refused", Why: "Opens only while a dispute is open."},
		},
		Grants: []pages.Grant{
			{Disclosure: "dsc_1", Purpose: "deliver", Ground: "3b", State: "live", StateWords: "Live", Fields: "Name, address", Expires: "1 May 2026", ViewsLeft: 19, Live: true},
			{Disclosure: "dsc_0", Purpose: "deliver", Ground: "3b", State: "suspended", StateWords: "Suspended", Fields: "Name"},
		},
		Own: []pages.Hint{{Label: "Name", Mask: "L•••"}},
	}
	return pages.FirstSight{
		Shell:  pages.Shell{Title: "One order, seen from both sides", Demonstration: true},
		Orders: []pages.OrderLink{{ID: "order-1001", Kind: "Shipped goods", Current: true}, {ID: "stay-12", Kind: "Rental"}},
		Order:  pages.Order{ID: "order-1001", Kind: "Shipped goods", Amount: "221.65 BRL", Items: "1 item", Payment: "prepaid", State: "open", StateWords: "open", Story: "Nobody has performed."},
		Buyer: pages.Pane{
			Role: "buyer", Other: "seller", Party: "demo-buyer-1", OtherParty: "demo-shop-1", Who: "a person in Brazil", Order: "order-1001", Once: "00ff",
			Fields: []pages.Field{{Label: "Name", State: pages.Masked}},
			Owes:   []pages.Obligation{{ID: "pay", Label: "Pay", Done: "0.00", Due: "221.65", Unit: "BRL", State: "due", StateWords: "due", Perform: []pages.Step{{Part: "5", Label: "Pay 5 %"}}}},
		},
		Seller: seller,
		Ledger: pages.Ledger{
			Size: 18, Root: "fedcba9876543210",
			Entries: []pages.Entry{{Index: 17, Type: "A disclosure was decided", Hour: "4 Mar 2026, 12 h UTC", Leaf: "0123456789abcdef", Audiences: []string{"parties", "auditor"}, Fresh: true}},
		},
		Notice: &pages.Answer{Tone: "error", Headline: "That was not done", Reasons: []string{"More than what is due."}},
	}
}

// desk has everything that one can show.
func desk() pages.Desk {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	return pages.Desk{
		Shell: pages.Shell{Title: "Your account"}, Account: "hnd_1", Role: "Privacy officer", ApprovesFrom: &noon, FreshUntil: &noon, EndsAt: noon,
		Confirm: pages.ConfirmInputs(pages.Wrongs{"code": "Not this one."}), Again: pages.Again{Wrong: "That was not you."},
		Sessions: []pages.OwnSession{{ID: "00", Began: noon, Seen: noon, This: true}, {ID: "01", Began: noon, Seen: noon}},
		Watches:  true, Works: true, Notices: []pages.AccountNotice{{Account: "hnd_2", What: "Made: handler", By: "hnd_1", At: noon, Index: 17}},
	}
}

// signInWays is signing in by all ways that there are.
func signInWays() pages.SignIn {
	p := pages.NewSignIn(nil)
	p.Others = pages.OtherWays{Passkeys: true, Provider: `id.example.com"<b>`}
	return p
}

// deskWays is the account of somebody who has some.
func deskWays() pages.Desk {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	return pages.Desk{
		Shell: pages.Shell{Title: "Your account"}, Account: "hnd_1", Role: "Handler", FreshUntil: &noon, EndsAt: noon, Confirm: pages.ConfirmInputs(nil),
		Ways: pages.Ways{
			OtherWays: signInWays().Others, Account: "hnd_1", Fresh: true, Bound: &noon, Name: pages.NameInput(pages.Wrongs{"name": "This is missing."}),
			Own: []pages.OwnPasskey{{ID: "00", Name: masking.NewText(`key "<b>`), Added: noon, Used: noon}, {ID: "01", Name: masking.NewText("telephone"), Added: noon}},
		},
	}
}

// policies is a set that waits, with a form that asks who one is.
func policies() pages.PolicySet {
	noon := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	change := pages.PolicyChange{
		Kind: "shipped goods", Role: "seller", Purpose: "deliver", Field: "email", From: "withheld", To: "granted", Rule: `a"<b>`, Cells: 4, Example: "accepted, held",
	}
	one := change
	one.Cells, one.Example = 1, ""
	other := one
	other.Field = "phone"
	return pages.PolicySet{
		Shell: pages.Shell{Title: "A policy set that waits"}, Account: "hnd_1", InForce: "sha256:00", Again: pages.Again{Wrong: "Read the new one."},
		Waiting: &pages.WaitingPolicy{Version: "sha256:01", Diff: "sha256:02", Proposed: noon, Index: 17, More: pages.PolicyChanges{change, one}, Less: slices.Repeat(pages.PolicyChanges{change, other}, 7)},
		Confirm: pages.ConfirmInputs(pages.Wrongs{"password": "This is missing."}),
	}
}

func all() map[string]pages.Page {
	every := merchantPages()
	maps.Copy(every, casePages())
	maps.Copy(every, glassPages())
	maps.Copy(every, figurePages())
	maps.Copy(every, map[string]pages.Page{
		"first_sight":  firstSight(),
		"empty":        pages.FirstSight{Shell: pages.Shell{Title: "Empty"}, Buyer: pages.Pane{Role: "buyer", Other: "seller"}, Seller: pages.Pane{Role: "seller", Other: "buyer"}},
		"not_found":    pages.NotFound(""),
		"broken":       pages.Broken("req_0123"),
		"sign_in_ways": signInWays(), "desk_ways": deskWays(),
		"sign_in": pages.NewSignIn(pages.Wrongs{"": "That is no account.", "email": "This is missing."}),
		"set_up":  pages.NewSetUp(nil),
		"enrol": pages.SetUp{
			Account: "hnd_1", Code: masking.NewText("abcdef-abcdef"), Secret: masking.NewText("GEZDGNBVGY3TQOJQGE"), Address: masking.NewText("otpauth://totp/Bauta:hnd_1?secret=GEZD"),
		}.Enrol(pages.Wrongs{"password": "Too short."}),
		"desk":           desk(),
		"policy":         policies(),
		"policy_not_yet": pages.PolicySet{InForce: "sha256:00", Waiting: &pages.WaitingPolicy{}, ApprovesFrom: &time.Time{}},
		"policy_none":    pages.PolicySet{InForce: "sha256:00", Again: pages.Again{Done: "The set is in force now."}},
		"home":           pages.NewHome(),
		"components":     pages.NewComponents(),
		"about":          pages.About{Shell: pages.Shell{Title: "What this is"}, Version: "v0.1.0"},
	})
	return every
}

func render(t *testing.T, p pages.Page) string {
	t.Helper()
	var b bytes.Buffer
	if err := pages.Render(&b, p); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A name with a hash changes with every style; the pages around it do not.
var hash = regexp.MustCompile(`/assets/(\w+)\.[0-9a-f]{12}\.(\w+)`)

func TestRender(t *testing.T) {
	t.Parallel()
	for name, p := range all() {
		got := hash.ReplaceAllString(render(t, p), "/assets/$1.HASH.$2")
		if len(got) > 150_000 {
			t.Errorf("%s has %d bytes", name, len(got))
		}
		path := filepath.Join("testdata", name+".html")
		if os.Getenv("UPDATE") != "" {
			if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("%s is not what it was; UPDATE=1 takes it over:\n%s", name, got)
		}
	}
}

// The policy of every page refuses all of these, so a page that has one is broken.
func TestNothingInline(t *testing.T) {
	t.Parallel()
	inline := regexp.MustCompile(`(?i)<script|<style|\sstyle=|\son\w+=|javascript:|https?://`)
	for name, p := range all() {
		page := render(t, p)
		if strings.Contains(pages.PolicyOf(p), "script-src 'self'") {
			page = strings.ReplaceAll(page, `<script src="/assets/`, "")
		}
		if found := inline.FindString(page); found != "" {
			t.Errorf("%s has %q", name, found)
		}
	}
}

// A page has a script where a passkey can be used, and may ask nobody but the broker.
func TestPolicyOfPasskeys(t *testing.T) {
	t.Parallel()
	for _, p := range []pages.Page{pages.NewSignIn(nil), desk(), pages.Desk{Ways: pages.Ways{Own: deskWays().Ways.Own}}} {
		if got := pages.PolicyOf(p); got != pages.Policy || strings.Contains(render(t, p), "<script") {
			t.Errorf("%T has a script: %s", p, got)
		}
	}
	beside := pages.Shell{Beside: pages.OtherWays{Passkeys: true}}
	for _, p := range []pages.Page{signInWays(), deskWays(), pages.Case{Shell: beside}, &pages.Case{Shell: beside}, pages.NewCaseSignIn("/", nil, beside.Beside, nil)} {
		if got := pages.PolicyOf(p); got != pages.Policy+"; script-src 'self'; connect-src 'self'" || !strings.Contains(render(t, p), `<script src="/assets/passkey.`) {
			t.Errorf("%T: %s", p, got)
		}
	}
}

// Only open fields carry a value, and only as text.
func TestValues(t *testing.T) {
	t.Parallel()
	page := render(t, firstSight())
	for _, want := range []string{"&lt;b&gt;&#34;Giovana&#34;&lt;/b&gt;", "Estrada do Coco, 2138", "51190-321 Recife"} {
		if !strings.Contains(page, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	p := firstSight()
	for i := range p.Seller.Fields {
		p.Seller.Fields[i].State = pages.Withheld
	}
	if page := render(t, p); strings.Contains(page, "Giovana") || strings.Contains(page, "Estrada") {
		t.Error("a field that is withheld shows its value")
	}
}

// One scale: colours are named in one file, and sizes of type with them.
func TestScales(t *testing.T) {
	t.Parallel()
	own := regexp.MustCompile(`#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(|font-size:\s*[\d.]`)
	files, err := filepath.Glob("assets/*.css")
	if err != nil || len(files) == 0 {
		t.Fatal("no styles found", err)
	}
	for _, f := range files {
		if filepath.Base(f) == "tokens.css" {
			continue
		}
		css, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		for _, found := range own.FindAllString(string(css), -1) {
			t.Errorf("%s names %q of its own", f, found)
		}
	}
}

func TestAssets(t *testing.T) {
	t.Parallel()
	page := render(t, pages.About{})
	for _, path := range regexp.MustCompile(`/assets/[^"]+`).FindAllString(page, -1) {
		a, ok := pages.FindAsset(strings.TrimPrefix(path, pages.AssetPrefix))
		if !ok || len(a.Content) == 0 || a.Type == "" {
			t.Errorf("%s is not there", path)
		}
	}
	if _, ok := pages.FindAsset("../pages.go"); ok {
		t.Error("an asset outside of the assets")
	}
}
