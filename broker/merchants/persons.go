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

// OfPerson says that the number of a person is at a pointer, whatever the field is for and
// whatever else is wrong with it: nobody is shown it again.
func (r *Registration) OfPerson(at Pointer) bool {
	return personInURL(r.countries(at), r.at(at)) == identifiers.Proved
}

// personInURL: a link may have its characters encoded, and some lead to a telephone or an
// account, whose number is no person's.
func personInURL(countries []string, given string) identifiers.Likeness {
	if u, err := url.Parse(given); err == nil && chats(u) {
		u.Path, u.RawPath = "", ""
		given = u.String()
	}
	for plain := decoded(given); plain != given; plain = decoded(given) {
		given = plain
	}
	return personIn(countries, given)
}

// encoded is one character of a link.
var encoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// decoded is a link with each of its characters decoded once; what is no code stays.
func decoded(s string) string {
	return encoded.ReplaceAllStringFunc(s, func(code string) string {
		plain, err := url.PathUnescape(code)
		if err != nil {
			return code
		}
		return plain
	})
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

// businessEORI are the countries of which a check of the numbers of businesses is known, or
// that give EORI numbers of their own. What others put behind their letters can be the
// number of a person: Czech and Romanian sole traders have theirs there.
const businessEORI = " AT BE DE DK ES FR GB IT NL PL SE XI "

// unproved says that an EORI can be a person's, whatever is known.
func unproved(eori string) bool {
	n := compacted(eori)
	return len(n) < 2 || !strings.Contains(businessEORI, " "+n[:2]+" ")
}
