package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// OtherWays are those to sign in by beside the password.
type OtherWays struct {
	Passkeys bool   // browsers make them for this address
	Provider string // how people know the provider; empty: none
}

// Ways are those of the person's own account beside its password.
type Ways struct {
	OtherWays
	Account string // whose session it is
	Fresh   bool   // they may be changed
	Own     []OwnPasskey
	Full    bool // there are as many as there may be
	Name    Input
	Bound   *time.Time // since when the provider opens the account; nil: it does not
	Other   string     // the provider that it is bound to, where that is another one than the broker's
}

// MayAdd says whether the form for another passkey is there.
func (w Ways) MayAdd() bool { return w.Fresh && !w.Full && w.Passkeys }

// OwnPasskey is one of the person's own.
type OwnPasskey struct {
	ID    string
	Name  masking.Text
	Added time.Time
	Used  time.Time // the day; zero: never
}

// Called is the name as its person has written it.
func (k OwnPasskey) Called() string { return k.Name.Reveal() }

// NameInput is what a person calls a passkey.
func NameInput(w Wrongs) Input {
	in := Input{Name: "name", Label: "Name", Hint: "By which you will know it again, like “telephone” or “blue key”.", Kind: "text", Fill: "off"}
	return w.mark(in)[0]
}

// passkeyScript asks the browser for a passkey, and puts what it says into a form.
func passkeyScript() Asset {
	return named("passkey.js", "text/javascript; charset=utf-8", embedded("passkey.js"))
}

// day is a day as people read it.
func day(t time.Time) string { return t.UTC().Format("2 January 2006") }
