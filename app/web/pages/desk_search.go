package pages

// DeskSearch finds things by their ids.
type DeskSearch struct {
	Shell
	Inputs []Input
	Sought bool // something was looked for
	Rows   []CaseRow
	Asked  []AskedRow
	More   bool // than is shown
}

func (DeskSearch) template() string { return "desk_search" }

// NewDeskSearch is the page before anything was found, with what was wrong.
func NewDeskSearch(w Wrongs) DeskSearch {
	return DeskSearch{
		Shell: Shell{Title: w.Title("Find by an id")},
		Inputs: w.mark(Input{
			Name: "id", Label: "Id", Kind: "text", Fill: "off",
			Hint: "Of a case, a disclosure, a break-glass session, a registration, a transaction or a party: all of it, as it is written. Names, addresses and numbers are not searched.",
		}),
	}
}
