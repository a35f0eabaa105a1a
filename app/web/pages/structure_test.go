package pages_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// tree reads a page as a browser does.
func tree(t *testing.T, page string) *html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	return root
}

func attribute(n *html.Node, name string) (string, bool) {
	for _, a := range n.Attr {
		if a.Key == name {
			return a.Val, true
		}
	}
	return "", false
}

// within says whether a node is in one that has something.
func isWithin(n *html.Node, has func(*html.Node) bool) bool {
	for ; n != nil; n = n.Parent {
		if n.Type == html.ElementNode && has(n) {
			return true
		}
	}
	return false
}

func isA(kinds ...atom.Atom) func(*html.Node) bool {
	return func(n *html.Node) bool { return slices.Contains(kinds, n.DataAtom) }
}

func hasClass(n *html.Node, class string) bool {
	all, _ := attribute(n, "class")
	return slices.Contains(strings.Fields(all), class)
}

// outline is what a reader of the screen goes by.
type outline struct {
	ids, labelled map[string]bool
	levels        []int
	mains         int
	fields        []*html.Node
	refers        []string // ids that others name
}

func (o *outline) note(n *html.Node) {
	if id, ok := attribute(n, "id"); ok {
		o.ids[id] = true
	}
	for _, by := range []string{"aria-labelledby", "aria-describedby"} {
		if ids, ok := attribute(n, by); ok {
			o.refers = append(o.refers, strings.Fields(ids)...)
		}
	}
	switch {
	case len(n.Data) == 2 && n.Data[0] == 'h' && n.Data[1] >= '1' && n.Data[1] <= '6':
		o.levels = append(o.levels, int(n.Data[1]-'0'))
	case n.DataAtom == atom.Main:
		o.mains++
	case n.DataAtom == atom.Label:
		if of, ok := attribute(n, "for"); ok {
			o.labelled[of] = true
			o.refers = append(o.refers, of)
		}
	case isA(atom.Input, atom.Select, atom.Textarea)(n):
		if kind, _ := attribute(n, "type"); kind != "hidden" {
			o.fields = append(o.fields, n)
		}
	}
}

// What hears a page: one title, no level left out, one main part to which the first link
// leads, a label for each field, and each id once.
func TestStructure(t *testing.T) {
	t.Parallel()
	for name, p := range all() {
		root := tree(t, render(t, p))
		o := outline{ids: map[string]bool{}, labelled: map[string]bool{}}
		var first string
		for n := range root.Descendants() {
			if n.Type != html.ElementNode {
				continue
			}
			if id, ok := attribute(n, "id"); ok && o.ids[id] {
				t.Errorf("%s has the id %s twice", name, id)
			}
			if n.DataAtom == atom.A && first == "" {
				first, _ = attribute(n, "href")
			}
			o.note(n)
			if tab, ok := attribute(n, "tabindex"); ok && tab != "0" && tab != "-1" {
				t.Errorf("%s: something has an order of its own", name)
			}
		}
		if len(o.levels) == 0 || o.levels[0] != 1 || slices.Contains(o.levels[1:], 1) || o.mains != 1 || first != "#main" || !o.ids["main"] {
			t.Errorf("%s: headings %v, %d main parts, the first link leads to %s", name, o.levels, o.mains, first)
		}
		for i := 1; i < len(o.levels); i++ {
			if o.levels[i] > o.levels[i-1]+1 {
				t.Errorf("%s: a heading of level %d follows one of %d", name, o.levels[i], o.levels[i-1])
			}
		}
		for _, id := range o.refers {
			if !o.ids[id] {
				t.Errorf("%s: something is said to be called by %s, which is not there", name, id)
			}
		}
		for _, f := range o.fields {
			id, _ := attribute(f, "id")
			_, named := attribute(f, "aria-label")
			_, hidden := attribute(f, "aria-hidden")
			if !o.labelled[id] && !named && !hidden && !isWithin(f, isA(atom.Label)) {
				t.Errorf("%s: the field %s has no label", name, id)
			}
		}
	}
}
