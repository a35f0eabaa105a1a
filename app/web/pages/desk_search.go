package pages

import "bauta.dev/bauta/masking"

// DeskSearch finds things by their ids.
type DeskSearch struct {
	Shell
	Account string // whose session it is
	Inputs  []Input
	Sought  bool // something was looked for
	Rows    []CaseRow
	Asked   []AskedRow
	More    bool // than is shown
	Again
}

func (DeskSearch) template() string { return "desk_search" }

// NewDeskSearch is the page before anything was found, with what was typed and what was
// wrong with that.
func NewDeskSearch(account string, typed masking.Text, w Wrongs) DeskSearch {
	return DeskSearch{
		Shell: Shell{Title: w.Title("Find by an id")}, Account: account, Again: Again{Wrong: w[""]},
		Inputs: w.mark(Input{
			Name: "id", Label: "Id", Kind: "text", Fill: "off", Typed: typed,
			Hint: "Of a case, a disclosure, a break-glass session, a registration, a transaction or a party: all of it, as it is written. Names, addresses and numbers are not searched.",
		}),
	}
}
