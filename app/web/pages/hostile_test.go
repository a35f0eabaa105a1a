package pages_test

import (
	"html/template"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/masking"
)

// hostile is what whoever fills a field could write: it would break out of an attribute and
// of a text, has a word that is written from right to left, and one that is long.
var hostile = `"'><script>alert(1)</script><img src=x onerror=alert(2)> javascript:alert(3) ` + mark + ` ` + strings.Repeat("Donaudampfschifffahrt", 5)

const mark = "ליאה־כהן"

// place is a string of a page, by its name, with what writes into it.
type place struct {
	name     string
	set      func(s string)
	personal bool // a value of somebody's
}

// places are all strings of a value, of whatever kind, however deep.
func places(name string, v reflect.Value) (all []place) {
	switch v.Interface().(type) {
	case masking.Text:
		return []place{{name, func(s string) { v.Set(reflect.ValueOf(masking.NewText(s))) }, true}}
	case template.HTML:
		return nil // of our own making: see below
	}
	switch kind := v.Kind(); {
	case kind == reflect.String:
		return []place{{name, v.SetString, false}}
	case kind == reflect.Pointer && !v.IsNil():
		fresh := reflect.New(v.Type().Elem())
		fresh.Elem().Set(v.Elem())
		v.Set(fresh)
		return places(name, v.Elem())
	case kind == reflect.Struct:
		for i := range v.NumField() {
			if f := v.Type().Field(i); f.IsExported() {
				all = append(all, places(f.Name, v.Field(i))...)
			}
		}
	case kind == reflect.Slice:
		fresh := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(fresh, v)
		v.Set(fresh)
		for i := range v.Len() {
			all = append(all, places(name, v.Index(i))...)
		}
	}
	return all
}

// named are the fields that hold what people and marketplaces call somebody.
var named = []string{"Party", "OtherParty", "Buyer", "Seller", "Transaction", "Requester", "Subject", "Recipient"}

// Every string of every page is written as a text, whatever it is: one after the other is
// replaced, the page made, and read as a browser reads it.
func TestHostileStrings(t *testing.T) {
	t.Parallel()
	for name, page := range all() {
		if name == "components" {
			continue // nobody writes anything there
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			was := countActive(tree(t, render(t, page)))
			v := reflect.New(reflect.TypeOf(page)).Elem()
			v.Set(reflect.ValueOf(page))
			for i := range places("", v) {
				v.Set(reflect.ValueOf(page))
				at := places("", v)[i]
				at.set(hostile)
				p, ok := v.Interface().(pages.Page)
				if !ok {
					t.Fatal("it is no page any more")
				}
				var b strings.Builder
				if err := pages.Render(&b, p); err != nil {
					continue // it says no to what it does not know, and shows nothing
				}
				root := tree(t, b.String())
				if is := countActive(root); is != was {
					t.Errorf("%s breaks out: %d things that act, were %d", at.name, is, was)
				}
				if at.personal || slices.Contains(named, at.name) {
					isolated(t, root, at.name)
				}
			}
		})
	}
}

// countActive counts what a browser would do something for: scripts, pictures, handlers, and
// addresses that are programs.
func countActive(root *html.Node) (n int) {
	for x := range root.Descendants() {
		if x.Type != html.ElementNode {
			continue
		}
		if isA(atom.Script, atom.Img, atom.Iframe, atom.Object, atom.Style, atom.Embed)(x) {
			n++
		}
		for _, a := range x.Attr {
			value := strings.TrimSpace(strings.ToLower(a.Val))
			if strings.HasPrefix(a.Key, "on") || a.Key == "style" || strings.HasPrefix(value, "javascript:") || strings.HasPrefix(value, "data:") {
				n++
			}
		}
	}
	return n
}

// isolated: a name that is written from right to left turns nothing around it.
func isolated(t *testing.T, root *html.Node, name string) {
	t.Helper()
	for x := range root.Descendants() {
		if x.Type != html.TextNode || !strings.Contains(x.Data, mark) || isWithin(x, isA(atom.Title, atom.Option)) {
			continue
		}
		if !isWithin(x, func(n *html.Node) bool {
			return n.DataAtom == atom.Bdi || attributeIs(n, "dir", "auto") || hasClass(n, "visually-hidden")
		}) {
			t.Errorf("%s is written into the line: %.60q in <%s>", name, x.Data, x.Parent.Data)
		}
	}
}

func attributeIs(n *html.Node, name, value string) bool {
	v, ok := attribute(n, name)
	return ok && v == value
}
