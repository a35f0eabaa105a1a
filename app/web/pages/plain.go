package pages

import "strconv"

// Trouble is an error for somebody with a browser.
type Trouble struct {
	Shell
	Status   int
	Headline string
	Sentence string
	Request  string // its id, to report; empty when there is none
	Home     bool   // whether there is a way back to "/"
}

func (Trouble) template() string { return "trouble" }

// Code is the status as it is read out.
func (t Trouble) Code() string { return strconv.Itoa(t.Status) }

// NotFound is the page for what is not there, or not to be seen.
func NotFound(request string) Trouble {
	return Trouble{
		Shell: Shell{Title: "Not found"}, Status: 404, Headline: "There is nothing here",
		Sentence: "There is no such page, or it is not yours to see.", Request: request, Home: true,
	}
}

// Broken is the page for what went wrong on our side.
func Broken(request string) Trouble {
	return Trouble{
		Shell: Shell{Title: "Something went wrong"}, Status: 500, Headline: "Something went wrong on our side",
		Sentence: "Nothing was revealed. Try again in a moment; if it happens again, report the request below.", Request: request, Home: true,
	}
}

// About says what a broker is, at "/" of one that demonstrates nothing.
type About struct {
	Shell
	Version string
}

func (About) template() string { return "about" }

// Home is what is at the address of a broker itself.
type Home struct{ Shell }

func (Home) template() string { return "home" }

// NewHome is the page.
func NewHome() Home { return Home{Shell{Title: "A transaction privacy broker"}} }
