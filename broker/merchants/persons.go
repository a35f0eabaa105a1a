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
func personIn(whose identifiers.Whose, s string) identifiers.Likeness {
	return identifiers.InText(whose, norm.NFKC.String(s))
}

// longestText is that of any field but a link, in bytes: 300 characters of any script.
const longestText = 1200

// OfPerson says that the number of a person is at a pointer, whatever the field is for and
// whatever else is wrong with it: nobody is shown it again. What would say of which country
// it is can be that field, so all are asked. What is too long for any field is not looked
// at, and not shown either.
func (r *Registration) OfPerson(at Pointer) bool {
	given := r.at(at)
	if len(given) > longest || len(given) > longestText && !strings.HasSuffix(string(at), "_url") {
		return true
	}
	plain, whole := decoded(withoutNumber(given))
	return !whole || personIn(identifiers.Everywhere(), plain) == identifiers.Proved
}

// personInURL: a link may have its characters encoded, and some lead to a telephone, whose
// number is no person's. What is encoded again and again is for people.
func personInURL(whose identifiers.Whose, given string) identifiers.Likeness {
	plain, whole := decoded(withoutNumber(given))
	found := identifiers.InLink(whose, norm.NFKC.String(plain))
	if !whole {
		return max(found, identifiers.Alike)
	}
	return found
}

// withoutNumber is a link without the telephone that it leads to.
func withoutNumber(given string) string {
	u, err := url.Parse(given)
	switch {
	case err != nil:
		return given
	case calls(u):
		u.Path, u.RawPath = "", ""
	case host(u) == "api.whatsapp.com" && telephone(u.Query().Get("phone")):
		rest := u.Query()
		rest.Del("phone")
		u.RawQuery = rest.Encode()
	default:
		return given
	}
	return u.String()
}

func host(u *url.URL) string { return strings.TrimPrefix(strings.ToLower(u.Hostname()), "www.") }

func telephone(s string) bool {
	_, err := masking.Normalize(masking.Phone, masking.NewText("+"+strings.TrimLeft(s, "+ ")), "")
	return err == nil
}

// encoded is one character of a link.
var encoded = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)

// mostRounds is how often anything encodes a link that somebody follows.
const mostRounds = 5

// decoded is a link with its characters decoded until there are none; what is no code stays.
// It is not the whole of it where that takes too long.
func decoded(s string) (plain string, whole bool) {
	for range mostRounds {
		next := s
		if strings.Contains(s, "%") {
			next = encoded.ReplaceAllStringFunc(s, func(code string) string {
				plain, err := url.PathUnescape(code)
				if err != nil {
					return code
				}
				return plain
			})
		}
		if next == s {
			return s, true
		}
		s = next
	}
	return s, !encoded.MatchString(s)
}

// calls says that a link's path is the telephone that a message goes to, and nothing else.
func calls(u *url.URL) bool {
	to := strings.Trim(u.Path, "/")
	switch host(u) {
	case "wa.me":
		return telephone(to)
	case "t.me":
		return strings.HasPrefix(to, "+") && telephone(to)
	}
	return false
}

// personInEORI looks behind the country: a number that is written as that country's
// businesses have it is theirs, and the shape of a person's says nothing here.
func personInEORI(whose identifiers.Whose, given string) identifiers.Likeness {
	n := compacted(given)
	if len(n) < 2 || identifiers.BusinessEORI(n) {
		return identifiers.Unlike
	}
	whose.Countries = append([]string{n[:2]}, whose.Countries...)
	own := identifiers.OwnPerson(n[:2], n)
	if found := identifiers.PersonInEORI(whose, n); found != identifiers.Alike {
		return max(found, own)
	}
	return own
}

// personInGLN: chance makes some of the longer numbers, and nobody could say otherwise.
func personInGLN(whose identifiers.Whose, given string) identifiers.Likeness {
	return min(identifiers.OfPerson(whose, given), identifiers.Elsewhere)
}

// personInPhone: what nobody would dial as it is written can be another number.
func personInPhone(whose identifiers.Whose, given string) identifiers.Likeness {
	written := norm.NFKC.String(given)
	if masking.Dialled(written, whose.Countries[0]) && !identifiers.AsWritten(whose, written) {
		return identifiers.Unlike
	}
	return personIn(whose, written)
}
