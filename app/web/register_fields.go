package web

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
)

// part is a part of the form: its heading, and where its fields begin.
type part struct {
	id    string // of the label
	under []merchants.Pointer
}

// parts are in the order of the page.
func parts() []part {
	return []part{
		{"business", []merchants.Pointer{"/type", "/legal_name", "/trade_name"}},
		{"registration", []merchants.Pointer{"/registration/"}},
		{"representative_of", []merchants.Pointer{"/representative/"}},
		{"contact", []merchants.Pointer{"/contact/"}},
		{"address", []merchants.Pointer{"/address/"}},
		{"payout", []merchants.Pointer{"/payout/"}},
		{"tax", []merchants.Pointer{"/tax/"}},
		{"numbers", []merchants.Pointer{"/lei", "/eori", "/gln"}},
		{"certificates", []merchants.Pointer{"/certificates/"}},
	}
}

func (p part) has(at merchants.Pointer) bool {
	return slices.ContainsFunc(p.under, func(u merchants.Pointer) bool { return strings.HasPrefix(string(at), string(u)) })
}

// showForm answers with the form.
func (s *Server) showForm(x speech, p *formPass, pack *merchants.Pack, f *filled) (sight, error) {
	page, err := s.registerForm(x, p, pack, f)
	if err != nil {
		return sight{}, err
	}
	return seen(page)
}

// former makes the form of one pack for one merchant.
type former struct {
	x    speech
	w    pages.RegisterWords
	pack *merchants.Pack
	f    *filled
	cite []string // the laws that were named, in their order
	// given are the places of all that is filled in, or kept.
	given map[merchants.Pointer]bool
}

// registerForm is the form with what was filled in, and what is wrong with it.
func (s *Server) registerForm(x speech, p *formPass, pack *merchants.Pack, f *filled) (pages.RegisterForm, error) {
	w := pages.RegisterWordsIn(x.lang)
	m := &former{x: x, w: w, pack: pack, f: f, given: map[merchants.Pointer]bool{}}
	for at := range f.Values {
		m.given[at] = true
	}
	maps.Copy(m.given, f.kept)
	once, err := s.onceKey()
	page := pages.RegisterForm{
		RegisterShell: pages.NewRegisterShell(x.lang, w.Title), Once: once, HasDraft: p.Merchant != "",
		Market: pages.Choice{Code: string(f.Jurisdiction), Text: w.Named("market", string(f.Jurisdiction))},
		Type:   pages.Choice{Code: string(f.Type), Text: w.Named("type", string(f.Type))},
		Saved:  f.saved, Changes: f.changes,
	}
	if f.changes != "" {
		page.Title, page.HasDraft = w.Named("on", "change"), true
	}
	for _, part := range parts() {
		if g := m.group(part); len(g.Fields) > 0 {
			page.Groups = append(page.Groups, g)
		}
	}
	page.Groups = append(page.Groups, m.certify())
	page.TaxRows, page.PermitRows = m.rows("tax"), m.rows("certificates")
	page.Mistakes = m.mistakes(page.Groups)
	if len(page.Mistakes) > 0 {
		page.Title = page.W.Error + ": " + page.Title
	}
	for _, cite := range m.cite {
		i := slices.IndexFunc(pack.Laws, func(l merchants.Law) bool { return l.Cite == cite })
		page.Laws = append(page.Laws, pages.FormLaw{Cite: cite, Title: pack.Laws[i].Title})
	}
	return page, err
}

// rows are how many rows a list has: all that are filled in, and at least as many
// as were there before.
func (m *former) rows(list string) int {
	n := max(1, m.f.rows[list])
	for at := range m.given {
		rest, in := strings.CutPrefix(string(at), "/"+list+"/")
		row, _, _ := strings.Cut(rest, "/")
		if k, err := strconv.Atoi(row); in && err == nil {
			n = max(n, k+1)
		}
	}
	return min(n, mostRows)
}

func (m *former) group(p part) pages.FormGroup {
	g := pages.FormGroup{ID: p.id, Legend: m.w.Label(p.id)}
	rows, list := 1, ""
	for i := range m.pack.Fields {
		if f := &m.pack.Fields[i]; p.has(f.Pointer) && listOf(f.Pointer) != "" {
			list = listOf(f.Pointer)
		}
	}
	if list != "" {
		if rows = m.rows(list); rows < mostRows {
			g.More = list
		}
	}
	for row := range rows {
		for i := range m.pack.Fields {
			if f := &m.pack.Fields[i]; p.has(f.Pointer) && m.asks(f) {
				x := m.field(f, rowOf(f.Pointer, row))
				if rows > 1 {
					x.Label += " (" + strconv.Itoa(row+1) + ")"
				}
				g.Fields = append(g.Fields, x)
			}
		}
	}
	if p.id == "address" {
		g.Fields = append(g.Fields, m.mark(pages.FormField{
			Name: residentialName, Label: m.w.Label("residential"), Kind: "check", Checked: m.f.Residential, Seen: m.w.Private,
		}))
	}
	return g
}

// asks says whether merchants of the type are asked for a field.
func (m *former) asks(f *merchants.Field) bool {
	return f.Pointer != merchants.PointerType && (len(f.Types) == 0 || slices.Contains(f.Types, m.f.Type))
}

func (m *former) field(f *merchants.Field, at merchants.Pointer) pages.FormField {
	x := pages.FormField{Name: nameOf(at), Label: m.w.Label(f.Label), Value: m.f.Values[at], Kind: kindOf(f), Fill: fills(f.Label)}
	x.Public, x.If, x.Seen = m.seen(f)
	x.Law = m.law(f.Law)
	x.Needed, x.Hint = m.needed(&f.Required)
	if m.f.kept[at] {
		x.Drops, x.Dropped = !x.Needed || len(f.Required.Unless) > 0, m.f.gone[at] // where another one will do, it can go
		x.Needed, x.Hint = false, m.w.Named("on", "kept")
	}
	if f.Check == "country" {
		x.Hint = strings.TrimSpace(x.Hint + m.x.gap() + m.w.Label("country_hint"))
		if m.f.Values == nil {
			x.Value = homeOf(m.f.Jurisdiction, f.Label)
		}
	}
	if x.Kind == "select" {
		x.Options = []pages.Choice{{Text: m.w.NotGiven}}
		if m.f.kept[at] {
			x.Options[0].Text = m.w.Named("on", "as_it_is")
		}
		for _, v := range f.Values {
			x.Options = append(x.Options, pages.Choice{Code: v, Text: m.w.Named(f.Label, v)})
		}
	}
	return m.mark(x)
}

// mark says what is wrong with a field.
func (m *former) mark(x pages.FormField) pages.FormField {
	wrong, is := m.f.wrongs[x.Name]
	if !is {
		return x
	}
	x.Wrong = codeWords(m.w, wrong.Code)
	if secret(merchants.Pointer("/"+strings.ReplaceAll(x.Name, ".", "/")), wrong.Code) {
		x.Wrong += m.x.gap() + m.w.NotEchoed
	}
	return x
}

func (x speech) gap() string {
	if x.lang == "zh" {
		return ""
	}
	return " "
}

func (x speech) comma() string { return pages.SubjectWordsIn(x.lang).Comma }

// day is a date without an hour.
func (x speech) day(t time.Time) pages.Dated {
	return pages.Dated{At: t, Text: t.UTC().Format(time.DateOnly)}
}

// law cites one, and remembers that it was named.
func (m *former) law(key string) string {
	l := m.pack.LawOf(key)
	if l.Cite != "" && !slices.Contains(m.cite, l.Cite) {
		m.cite = append(m.cite, l.Cite)
	}
	return l.Cite
}

// seen says who sees a field: what depends on the type alone is settled here.
func (m *former) seen(f *merchants.Field) (public, depends bool, words string) {
	if f.Visibility == merchants.Public {
		return true, false, m.w.Public
	}
	if f.Visibility == merchants.Private {
		return false, false, m.w.Private
	}
	person := m.f.Type != merchants.Company
	var left []merchants.Condition
	for _, c := range f.PublicIf {
		switch c {
		case "natural_person":
			if !person {
				return false, false, m.w.Private
			}
		case "!natural_person":
			if person {
				return false, false, m.w.Private
			}
		default:
			left = append(left, c)
		}
	}
	return len(left) == 0, len(left) > 0, m.conditions(left)
}

func (m *former) conditions(all []merchants.Condition) string {
	said := make([]string, len(all))
	for i, c := range all {
		said[i] = m.w.Condition(string(c))
	}
	return strings.Join(said, " "+m.w.And+" ")
}

// needed says whether a field has to be there, or on what that depends.
func (m *former) needed(r *merchants.Requirement) (bool, string) {
	asked := r.Always || slices.Contains(r.Types, m.f.Type)
	switch {
	case (asked || len(r.If) > 0) && len(r.Unless) > 0:
		var others []string
		for _, at := range r.Unless {
			if i := slices.IndexFunc(m.pack.Fields, func(f merchants.Field) bool { return f.Pointer == at }); i >= 0 {
				others = append(others, m.w.Label(m.pack.Fields[i].Label))
			}
		}
		return asked, m.w.OneOf + m.x.gap() + strings.Join(others, ", ")
	case asked:
		return true, ""
	case len(r.If) > 0:
		return false, m.w.NeededIf + m.x.gap() + m.conditions(r.If) + "."
	}
	return false, ""
}

// certify are what the merchant states of itself.
func (m *former) certify() pages.FormGroup {
	g := pages.FormGroup{ID: "certifications", Legend: m.w.Label("certifications")}
	for i := range m.pack.Certifications {
		c := &m.pack.Certifications[i]
		if len(c.Types) > 0 && !slices.Contains(c.Types, m.f.Type) {
			continue
		}
		x := pages.FormField{Name: certifyPrefix + c.Code, Label: m.w.Named("certify", c.Code), Kind: "check", Checked: slices.Contains(m.f.Certifications, c.Code)}
		x.Public, x.If, x.Seen = m.seen(&merchants.Field{Visibility: c.Visibility, PublicIf: c.PublicIf})
		x.Law = m.law(c.Law)
		x.Needed, x.Hint = m.needed(&c.Required)
		g.Fields = append(g.Fields, m.mark(x))
	}
	return g
}

// mistakes are what is wrong, in the order of the page.
func (m *former) mistakes(groups []pages.FormGroup) (all []pages.Mistake) {
	for _, x := range m.f.also {
		all = append(all, pages.Mistake{Text: codeWords(m.w, x.Code)})
	}
	shown := map[string]bool{}
	for _, g := range groups {
		for _, x := range g.Fields {
			if x.Wrong != "" {
				all, shown[x.Name] = append(all, pages.Mistake{At: x.Name, Text: x.Label + ": " + x.Wrong}), true
			}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.f.wrongs)) {
		if x := m.f.wrongs[name]; !shown[name] { // of no field that this form has
			all = append(all, pages.Mistake{Text: codeWords(m.w, x.Code)})
		}
	}
	return all
}

// kindOf is how a field is typed in.
func kindOf(f *merchants.Field) string {
	switch f.Check {
	case "enum":
		return "select"
	case "email", "date", "url":
		return f.Check
	case "phone":
		return "tel"
	}
	return "text"
}

// fills is what a browser fills a field with.
func fills(label string) string {
	if is := map[string]string{
		"legal_name": "organization", "email": "email", "phone": "tel", "street": "address-line1", "city": "address-level2",
		"region": "address-level1", "postal_code": "postal-code", "country": "country",
	}[label]; is != "" {
		return is
	}
	return "off"
}

// homeOf is the country that a form begins with, where its market is one.
func homeOf(j merchants.Jurisdiction, label string) masking.Text {
	if label != "country" && label != "registration_country" {
		return masking.Text{}
	}
	return masking.NewText(map[merchants.Jurisdiction]string{merchants.CN: "CN", merchants.US: "US", merchants.UK: "GB"}[j])
}

// labelOf is what a field of a pack is called, wherever in its list it stands.
func (s *Server) labelOf(w pages.RegisterWords, pack string, at merchants.Pointer) string {
	if at == merchants.PointerResidential {
		return w.Label("residential")
	}
	if strings.HasPrefix(string(at), string(merchants.PointerCertifications)) {
		return w.Label("certification")
	}
	if s.Broker.Packs == nil {
		return string(at)
	}
	p, err := s.Broker.Packs.Named(pack)
	if err != nil {
		return string(at)
	}
	for i := range p.Fields {
		f := &p.Fields[i]
		for row := range 16 {
			if f.Pointer == at || listOf(f.Pointer) != "" && rowOf(f.Pointer, row) == at {
				if row > 0 {
					return w.Label(f.Label) + " (" + strconv.Itoa(row+1) + ")"
				}
				return w.Label(f.Label)
			}
		}
	}
	return string(at)
}
