package pages

import (
	"html/template"
	"time"

	"bauta.dev/bauta/masking"
)

// Input is one field of a form; what is wrong with it stands beside it. What was typed is
// in it again only where that is an id or the name of a thing: never a password, a code or
// an address.
type Input struct {
	Name, Label, Hint string
	Kind              string // text, email or password
	Fill              string // what a browser fills it with: autocomplete
	Digits            bool   // a keyboard of digits will do
	Optional          bool
	Wrong             string
	Typed             masking.Text
}

// Value is what was typed before.
func (i Input) Value() string { return i.Typed.Reveal() }

// DescribedBy names what describes it, for who hears the page.
func (i Input) DescribedBy() string {
	switch {
	case i.Hint != "" && i.Wrong != "":
		return i.Name + "-hint " + i.Name + "-error"
	case i.Wrong != "":
		return i.Name + "-error"
	case i.Hint != "":
		return i.Name + "-hint"
	}
	return ""
}

// Inputs of the forms here, by what is typed into them.
func emailInput() Input {
	return Input{Name: "email", Label: "E-mail address", Kind: "email", Fill: "username"}
}

func passwordInput() Input {
	return Input{Name: "password", Label: "Password", Kind: "password", Fill: "current-password"}
}

func codeInput() Input {
	return Input{Name: "code", Label: "Code", Hint: "The six digits that your authenticator shows now.", Kind: "text", Fill: "one-time-code", Digits: true}
}

// Wrongs are what is wrong, by the name of the field; "" is for the whole form.
type Wrongs map[string]string

func (w Wrongs) mark(inputs ...Input) []Input {
	for i := range inputs {
		inputs[i].Wrong = w[inputs[i].Name]
	}
	return inputs
}

// Title says it in the window's title, too, which is heard first.
func (w Wrongs) Title(s string) string {
	if len(w) > 0 {
		return "Error: " + s
	}
	return s
}

// SignIn is the page by which people come in.
type SignIn struct {
	Shell
	Wrong  string
	Inputs []Input
	Others OtherWays
}

func (SignIn) template() string { return "sign_in" }

// NewSignIn is the page with what was wrong.
func NewSignIn(w Wrongs) SignIn {
	return SignIn{Shell: Shell{Title: w.Title("Sign in")}, Wrong: w[""], Inputs: w.mark(emailInput(), passwordInput(), codeInput())}
}

// SetUp is the page by which a person sets an account up: first the code, and
// then the password and the authenticator.
type SetUp struct {
	Shell
	Wrong   string
	Inputs  []Input
	Account string
	Code    masking.Text // zero: it is still to be given
	Secret  masking.Text
	Address masking.Text
}

func (SetUp) template() string { return "set_up" }

// Groups is the secret as people type it.
func (s SetUp) Groups() []string {
	var groups []string
	for rest := s.Secret.Reveal(); rest != ""; {
		n := min(4, len(rest))
		groups, rest = append(groups, rest[:n]), rest[n:]
	}
	return groups
}

// Given is the code again, for the second form.
func (s SetUp) Given() string { return s.Code.Reveal() }

// Otpauth is the secret as an address, for an authenticator on the same device.
// html/template knows no such scheme, and this one is of our own making.
func (s SetUp) Otpauth() template.URL { return template.URL(s.Address.Reveal()) } //nolint:gosec // see above

// NewSetUp asks for the code.
func NewSetUp(w Wrongs) SetUp {
	return SetUp{
		Shell: Shell{Title: w.Title("Set up your account")}, Wrong: w[""],
		Inputs: w.mark(Input{Name: "set_up_code", Label: "Set-up code", Hint: "From whoever made your account. It opens once, within a day.", Kind: "text", Fill: "off"}),
	}
}

// Enrol asks for the rest.
func (s SetUp) Enrol(w Wrongs) SetUp {
	s.Title, s.Wrong = w.Title("Set up your account"), w[""]
	password := passwordInput()
	password.Label, password.Fill, password.Hint = "New password", "new-password", "At least 12 characters. Several words are easy to keep in mind."
	s.Inputs = w.mark(password, codeInput())
	return s
}

// Desk is where a person is who has signed in.
type Desk struct {
	Shell
	Account, Role string
	ApprovesFrom  *time.Time // nil: now already
	FreshUntil    *time.Time // nil: not fresh
	EndsAt        time.Time
	Confirm       []Input
	Again
	Ways        Ways
	Sessions    []OwnSession
	Watches     bool // is told what one account does to another
	Notices     []AccountNotice
	PolicyWaits bool // a policy set waits for approval
	Reviews     bool // sees the registrations of merchants
	Works       bool // sees cases
}

func (Desk) template() string { return "desk" }

// OwnSession is one of the person's own.
type OwnSession struct {
	ID          string
	Began, Seen time.Time
	This        bool
}

// AccountNotice is what one account did to another, in words.
type AccountNotice struct {
	Account, What, By string
	At                time.Time
	Index             int64
}

// ConfirmInputs are the two ways of confirming, one of which is enough.
func ConfirmInputs(w Wrongs) []Input {
	password, code := passwordInput(), codeInput()
	password.Optional, code.Optional = true, true
	code.Label, code.Hint = "Or a new code", "The six digits that your authenticator shows now, if you have not used them yet."
	return w.mark(password, code)
}

// moment is a time as people read it.
func moment(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") }

// stamp is the same for programs.
func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
