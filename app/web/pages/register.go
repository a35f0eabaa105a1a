package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// RegisterShell is what the pages of the registration form have around their parts.
type RegisterShell struct {
	SubjectShell
	R RegisterWords
}

// NewRegisterShell is for a page in a language.
func NewRegisterShell(lang, title string) RegisterShell {
	return RegisterShell{NewSubjectShell(SubjectWordsIn(lang), title), RegisterWordsIn(lang)}
}

// Here is where the page is, in whatever language.
func (RegisterShell) Here() string { return "/merchants/register" }

// RegisterDoor is where a link to the form is spent.
type RegisterDoor struct {
	RegisterShell
	Wrong string
	Input Input
}

func (RegisterDoor) template() string { return "register_door" }

// NewRegisterDoor is the page in a language, with what was wrong in its words.
func NewRegisterDoor(lang, wrong string) RegisterDoor {
	w := RegisterWordsIn(lang)
	d := RegisterDoor{RegisterShell: NewRegisterShell(lang, w.DoorTitle), Wrong: wrong}
	if wrong != "" {
		d.Title = d.W.Error + ": " + d.Title
	}
	d.Input = Input{Name: "code", Label: d.W.Code, Hint: d.W.CodeHint, Kind: "text", Fill: "off"}
	return d
}

// RegisterChoice is where a merchant says which law it falls under, and what it is.
type RegisterChoice struct {
	RegisterShell
	Draft        bool // there is one, to go on with
	Market, Type Select
}

func (RegisterChoice) template() string { return "register_choice" }

// RegisterForm asks for exactly what a pack has, field by field.
type RegisterForm struct {
	RegisterShell
	Market, Type        Choice // what was chosen before
	Once                string // makes a form that is sent twice happen once
	Groups              []FormGroup
	Mistakes            []Mistake
	Trouble             string // with all of it, in words
	Laws                []FormLaw
	Saved               *SavedDraft
	TaxRows, PermitRows int
	HasDraft            bool
	Changes             string // the version that is changed; empty: nothing was handed in yet
}

func (RegisterForm) template() string { return "register_form" }

// SavedDraft is the link by which a draft is opened again.
type SavedDraft struct {
	Address masking.Text
	Ends    Dated
}

// Given is the link, for the page that shows it once.
func (d SavedDraft) Given() string { return d.Address.Reveal() }

// FormGroup are fields that belong together.
type FormGroup struct {
	ID, Legend, Note string
	Fields           []FormField
	More             string // the name of the button for another row; empty where there is none
}

// FormLaw is a law that fields cite.
type FormLaw struct {
	Cite, Title string
	Since       time.Time
}

// FormField is one field of a registration, with who sees it and what law asks for it.
type FormField struct {
	Name, Label, Hint string
	Kind              string // text, email, tel, date, url, select, check
	Fill              string // what a browser fills it with: autocomplete
	Options           []Choice
	Value             masking.Text
	Checked, Needed   bool
	Drops, Dropped    bool   // what was given and is not shown can be taken away; it is to be
	Seen              string // who sees it, in words
	Public, If        bool   // and for the eye
	Law               string // as cited
	Wrong             string
}

// Given is what was typed, for the form that is shown again to who typed it.
func (f FormField) Given() string { return f.Value.Reveal() }

// Drop is the name of the mark that takes it away.
func (f FormField) Drop() string { return "remove." + f.Name }

// DescribedBy names what describes it, for who hears the page.
func (f FormField) DescribedBy() string {
	ids := f.Name + "-seen"
	if f.Hint != "" {
		ids += " " + f.Name + "-hint"
	}
	if f.Wrong != "" {
		ids += " " + f.Name + "-error"
	}
	return ids
}

// Question is what the merchant is asked, in the words of who asks, for the page that
// is the merchant's own.
func (p RegisterDone) Question() string { return p.Asks.Reveal() }

// Decision is why it was decided so, in the words of who has.
func (p RegisterDone) Decision() string { return p.Reasons.Reveal() }

// RegisterDone says what became of a registration, and what its merchant can do.
type RegisterDone struct {
	RegisterShell
	ID, Code, State string
	Chip            string
	Asked           string       // what the merchant is asked for, in words
	Asks            masking.Text // and in the words of who asks
	Reason          string       // of the last decision
	Reasons         masking.Text // and in the words of who decided
	Deadline        *Dated
	Doubts          []FieldWords
	Profile         string // the address of its public page; empty where there is none
	Done            string // what has just been done
	Mistakes        []Mistake
	Documents       []GivenDocument
	Acts            []RegisterAct
	Once            string // makes a form that is sent twice happen once
	Changes, Closed bool   // what was given can be changed; nothing can happen any more
}

func (RegisterDone) template() string { return "register_done" }

// Lead is what there is to say of its state.
func (p RegisterDone) Lead() string { return p.R.Named("lead", p.Code) }

// RegisterAct is a form with which a merchant does something with its registration.
type RegisterAct struct {
	Name   string // of the address and of the words
	Fields []ActField
	Files  bool
	Main   bool // what is waited for
}

// ActField is one field of it.
type ActField struct {
	ID, Name, Label, Hint string
	Kind                  string // select, textarea, file, date
	Options               []Choice
	Value                 masking.Text
	Needed                bool
	Wrong                 string
}

// Given is what was typed, for the form that is shown again to who typed it.
func (f ActField) Given() string { return f.Value.Reveal() }

// DescribedBy names what describes it, for who hears the page.
func (f ActField) DescribedBy() string {
	return Input{Name: f.ID, Hint: f.Hint, Wrong: f.Wrong}.DescribedBy()
}

// GivenDocument is a document that the merchant has handed in.
type GivenDocument struct {
	Kind, Media, Size string
	At                Dated
	Expires           *Dated
}

// FieldWords is a field, and what was found of it, in words.
type FieldWords struct{ Label, Says string }

// MerchantProfile is what everybody may read of a merchant.
type MerchantProfile struct {
	RegisterShell
	ID, Name       string
	Market, Type   string
	Approved       Dated
	Entry          int64
	Closes         *Dated
	Report         string // where what is suspicious is reported; empty: nowhere
	Groups         []ProfileGroup
	Certifications []ProfileField
	here           string
}

func (MerchantProfile) template() string { return "merchant_profile" }

// Here is where the page is, in whatever language.
func (p MerchantProfile) Here() string { return p.here }

// At says where the page is.
func (p MerchantProfile) At(address string) MerchantProfile { p.here = address; return p }

// ProfileGroup are public fields that belong together.
type ProfileGroup struct {
	Legend string
	Fields []ProfileField
}

// ProfileField is a public field: its value, the law, and who says that it is so.
type ProfileField struct {
	Label    string
	Value    masking.Text
	Law      string
	Since    Dated
	Verified string
	On       Dated
}

// Shown is the value, which is public.
func (f ProfileField) Shown() string { return f.Value.Reveal() }
