package pages_test

import (
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// A page of the desk that is shown again has the focus on the first field that is wrong and
// that is not folded away; no page has it anywhere else.
func TestFocusIsOnTheFirstWrong(t *testing.T) {
	t.Parallel()
	focus := map[string]string{}
	for name, p := range all() {
		for n := range tree(t, render(t, p)).Descendants() {
			if _, here := attribute(n, "autofocus"); !here {
				continue
			}
			id, _ := attribute(n, "id")
			if focus[name] != "" {
				t.Errorf("%s has the focus at %s and at %s", name, focus[name], id)
			}
			focus[name] = id
			shut := func(x *html.Node) bool {
				_, open := attribute(x, "open")
				return x.DataAtom == atom.Details && !open
			}
			if _, wrong := attribute(n, "aria-invalid"); !wrong || isWithin(n, shut) {
				t.Errorf("%s has the focus at %s, which is not wrong or not to be seen", name, id)
			}
		}
	}
	for name, want := range map[string]string{"case": "propose-outcome", "case_sign_in": "code", "desk_search": "id", "register_form": "", "components": "", "sign_in": focus["sign_in"]} {
		if focus[name] != want {
			t.Errorf("%s has the focus at %q, want %q", name, focus[name], want)
		}
	}
}
