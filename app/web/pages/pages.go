// Package pages decides how the broker looks in a browser: typed pages in,
// whole HTML documents out, and the one set of styles that all of them share.
// It knows no HTTP. A personal value is opened here, and only while the page
// that shows it is written.
package pages

import (
	"bytes"
	"embed"
	"fmt"
	"html/template"
	"io"
	"strings"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed assets/*
var assetFiles embed.FS

// templates are parsed once; a template that does not parse stops the program
// at its start, and not at the page that would have needed it.
var templates = parse() //nolint:gochecknoglobals // parsed templates, never changed

// Page is one of the pages of this package.
type Page interface{ template() string }

// Render writes the whole page or nothing: a page that fails half way never
// leaves as if it were one.
func Render(w io.Writer, p Page) error {
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, p.template(), p); err != nil {
		return fmt.Errorf("render %T: %w", p, err)
	}
	if _, err := w.Write(focused(p, b.Bytes())); err != nil {
		return fmt.Errorf("write %T: %w", p, err)
	}
	return nil
}

// Policy is the Content-Security-Policy of every page but few: no script at all,
// and nothing from anywhere else. See PolicyOf.
const Policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Shell is what every page has around its own part.
type Shell struct {
	Title string
	// Demonstration says that everybody on the page is invented.
	Demonstration bool
	// Jump is a second way past what is before the part that people come for.
	Jump Choice
	// Lang is the page's language, where it is not English alone.
	Lang string
	// Beside are the ways in which its forms ask who sends them, beside password and code.
	Beside OtherWays
}

func (s Shell) beside() OtherWays { return s.Beside }

// PolicyOf is the policy of one page. The pages with a script are where a link
// is spent: the code in its fragment never comes to a server by itself; and where a
// passkey is used, which browsers let nothing but a script do.
func PolicyOf(p Page) string {
	passkeys := false
	switch p := p.(type) {
	case SubjectDoor, RegisterDoor:
		return Policy + "; script-src 'self'"
	case SignIn:
		passkeys = p.Others.Passkeys
	case Desk:
		passkeys = p.Ways.Passkeys
	case interface{ beside() OtherWays }:
		passkeys = p.beside().Passkeys
	}
	if passkeys {
		return Policy + "; script-src 'self'; connect-src 'self'"
	}
	return Policy
}

// PolicyWithin is the policy of a page that pages of other sites may frame: those
// of the registration form, and of these origins. Without any there are none.
func PolicyWithin(p Page, origins []string) string {
	if len(origins) == 0 {
		return PolicyOf(p)
	}
	return strings.Replace(PolicyOf(p), "frame-ancestors 'none'", "frame-ancestors "+strings.Join(origins, " "), 1)
}

func parse() *template.Template {
	paths := map[string]string{"bauta.css": AssetPrefix + styles().Name, "mark.svg": AssetPrefix + mark().Name, "link.js": AssetPrefix + linkScript().Name, "passkey.js": AssetPrefix + passkeyScript().Name}
	return template.Must(template.New("pages").Funcs(template.FuncMap{
		"asset": func(name string) string { return paths[name] },
		"lines": lines, "moment": moment, "stamp": stamp, "day": day, "within": within,
		"inc": func(n int) int { return n + 1 },
	}).ParseFS(templateFiles, "templates/*.html"))
}

// within is a part of a page, with the page whose words it needs.
func within(page Page, field any) struct{ Page, Field any } {
	return struct{ Page, Field any }{page, field}
}
