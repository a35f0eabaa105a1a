package pages

import (
	"bytes"
	"regexp"
)

// wrongMark is at a field that is wrong. What people write can't look like it: quotes in it
// are escaped.
const wrongMark = `aria-invalid="true"`

var foldsAndWrongs = regexp.MustCompile(`<details[^>]*>|</details>|` + wrongMark)

// focused puts the focus onto the first field of a page of the desk that is wrong and not
// folded away: whoever hears the page, or has no pointer, begins there. The parties' pages
// may lie in a frame of another site, which must take no focus; and samples are no mistakes.
func focused(p Page, page []byte) []byte {
	switch p.(type) {
	case interface{ Languages() []Language }, Components:
		return page
	}
	folded, shut := []bool{}, 0
	for _, at := range foldsAndWrongs.FindAllIndex(page, -1) {
		switch found := page[at[0]:at[1]]; {
		case string(found) == wrongMark && shut == 0:
			return append(append(append([]byte{}, page[:at[1]]...), " autofocus"...), page[at[1]:]...)
		case string(found) == wrongMark:
		case found[1] != '/':
			isShut := !bytes.HasSuffix(found, []byte(" open>"))
			if folded = append(folded, isShut); isShut {
				shut++
			}
		case len(folded) > 0:
			if folded[len(folded)-1] {
				shut--
			}
			folded = folded[:len(folded)-1]
		}
	}
	return page
}
