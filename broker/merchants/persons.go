package merchants

import (
	"net/url"
	"regexp"
	"strings"

	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// personIn looks for the number of a person in a text that is to be public.
func personIn(countries []string, s string) identifiers.Likeness {
	return identifiers.InText(countries, norm.NFKC.String(s))
}

// personInURL: a link may have its characters encoded, and some lead to a telephone or an
// account, whose number is no person's.
func personInURL(countries []string, given string) identifiers.Likeness {
	if u, err := url.Parse(given); err == nil && chats(u) {
		u.Path, u.RawPath = "", ""
		given = u.String()
	}
	for range 3 {
		plain, err := url.QueryUnescape(given)
		if err != nil || plain == given {
			break
		}
		given = plain
	}
	return personIn(countries, given)
}

// account is how Messenger counts pages.
var account = regexp.MustCompile(`^[0-9]{5,15}$`)

// chats says that a link's path is the number that a message goes to, and nothing else.
func chats(u *url.URL) bool {
	to := strings.TrimPrefix(strings.Trim(u.Path, "/"), "+")
	switch strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") {
	case "wa.me":
		_, err := masking.Normalize(masking.Phone, masking.NewText("+"+to), "")
		return err == nil
	case "m.me":
		return account.MatchString(to)
	}
	return false
}

// personInEORI looks behind the country: a number that passes the check of that country's
// businesses is theirs, and the shape of a person's says nothing here.
func personInEORI(countries []string, given string) identifiers.Likeness {
	n := compacted(given)
	if len(n) < 2 || ownSum(n[:2], n[2:]) {
		return identifiers.Unlike
	}
	if found := identifiers.OfPerson(append([]string{n[:2]}, countries...), n[2:]); found != identifiers.Alike {
		return found
	}
	return identifiers.Unlike
}
