package pages

import (
	"time"

	"bauta.dev/bauta/masking"
)

// CaseLetter is a letter to a side, on the page of its case.
type CaseLetter struct {
	Party, Role, What, Lang string
	Version                 int
	At                      time.Time
	Text                    masking.Text
}

// Said is the letter, for the page that shows it.
func (l CaseLetter) Said() string { return l.Text.Reveal() }
