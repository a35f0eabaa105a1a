package web

import (
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// filled is a form as somebody has filled it in, and what is wrong with it.
type filled struct {
	*merchants.Registration

	pack   *merchants.Pack
	do     string // what the button says that was pressed
	once   string
	rows   map[string]int // of each list
	wrongs map[string]fault.Field
	also   []fault.Field // about no field
	saved  *pages.SavedDraft

	changes string // the version that is changed; empty: nothing was handed in yet
	// kept is what was given and is not public: the form does not show it again, and
	// what is left empty of it stays.
	kept map[merchants.Pointer]bool
	// gone is what of that is to be taken away.
	gone map[merchants.Pointer]bool
}

// Bounds of the form. A registration in Chinese, escaped, is long.
const (
	maxForm  = 64 << 10
	mostRows = 6 // of a list; more of them take the API
)

// nameOf is a pointer as a form has it, for which a slash would be no name.
func nameOf(p merchants.Pointer) string { return strings.ReplaceAll(string(p[1:]), "/", ".") }

// rowOf is a pointer of a pack in one row of its list.
func rowOf(p merchants.Pointer, row int) merchants.Pointer {
	return merchants.Pointer(strings.Replace(string(p), "*", strconv.Itoa(row), 1))
}

// listOf is the list that a pointer of a pack is in: tax, certificates.
func listOf(p merchants.Pointer) string {
	list, _, in := strings.Cut(string(p[1:]), "/*/")
	if !in {
		return ""
	}
	return list
}

// inputs are all pointers that a form of a pack can have, by their names.
func inputs(p *merchants.Pack) map[string]merchants.Pointer {
	all := map[string]merchants.Pointer{}
	for i := range p.Fields {
		at := p.Fields[i].Pointer
		if at == merchants.PointerType {
			continue
		}
		n := 1
		if listOf(at) != "" {
			n = mostRows
		}
		for row := range n {
			x := rowOf(at, row)
			all[nameOf(x)] = x
		}
	}
	return all
}

const (
	residentialName = "address.residential"
	certifyPrefix   = "certify."
	removePrefix    = "remove."
)

// readRegister reads what was filled in. What it names is held against the pack.
func (s *Server) readRegister(c *call) (*filled, error) {
	pack, err := s.packFor(merchants.Jurisdiction(c.Request().PostArgs().Peek("market"))) // which form it is
	if err != nil {
		return nil, errRequest
	}
	known := inputs(pack)
	names := []string{"market", "kind", "once", "do", "version", "rows_tax", "rows_certificates", residentialName}
	for name := range known {
		names = append(names, name, removePrefix+name)
	}
	for i := range pack.Certifications {
		names = append(names, certifyPrefix+pack.Certifications[i].Code)
	}
	given, err := c.formWithin(maxForm, names...)
	if err != nil {
		return nil, err
	}
	f := &filled{pack: pack, do: given["do"].Reveal(), once: given["once"].Reveal(), changes: given["version"].Reveal(), wrongs: map[string]fault.Field{}, gone: map[merchants.Pointer]bool{}, rows: map[string]int{
		"tax": rowsOf(given["rows_tax"]), "certificates": rowsOf(given["rows_certificates"]),
	}}
	f.Registration = &merchants.Registration{Jurisdiction: pack.Jurisdiction, Type: merchants.Type(given["kind"].Reveal()), Values: map[merchants.Pointer]masking.Text{}}
	if !slices.Contains(merchants.Types(), f.Type) {
		return nil, errRequest
	}
	for name, at := range known {
		if v := strings.TrimSpace(given[name].Reveal()); v != "" {
			f.Values[at] = masking.NewText(v)
		}
		_, f.gone[at] = given[removePrefix+name]
	}
	_, f.Residential = given[residentialName]
	for i := range pack.Certifications {
		if _, yes := given[certifyPrefix+pack.Certifications[i].Code]; yes {
			f.Certifications = append(f.Certifications, pack.Certifications[i].Code)
		}
	}
	return f, nil
}

func rowsOf(t masking.Text) int {
	n, err := strconv.Atoi(t.Reveal())
	if err != nil {
		return 1
	}
	return min(max(n, 1), mostRows)
}

// sendRegister answers POST /merchants/register/form, whichever button was pressed.
func (s *Server) sendRegister(c *call) (sight, error) {
	return s.onForm(c, func(x speech, p *formPass) (sight, error) {
		f, err := s.readRegister(c)
		if err != nil {
			return sight{}, err
		}
		if p.Jurisdiction != "" && p.Jurisdiction != f.Jurisdiction {
			return sight{}, errRequest
		}
		if err := c.keepFormVisit(p); err != nil {
			return sight{}, err
		}
		if p.Merchant != "" {
			v, err := s.Broker.Merchant(c.ctx, p.Merchant)
			if err != nil {
				return sight{}, err
			}
			if v.State != merchants.Draft && f.changes == "" { // it was handed in already
				return goTo(registerHome(x))
			}
			f.kept = keptOf(&v)
			if f.changes != "" && (f.do == "submit" || f.do == "save") {
				return s.changeForm(c, x, p, f, &v)
			}
		}
		switch f.do {
		case "submit":
			return s.submitForm(c, x, p, f)
		case "save":
			return s.saveForm(c, x, p, f)
		case "tax", "certificates":
			f.rows[f.do] = min(f.rows[f.do]+1, mostRows)
		case "en", "pt", "zh":
			x.lang = f.do
			c.Set("Content-Language", x.lang)
		default:
			return sight{}, errRequest
		}
		f.forget()
		return s.showForm(x, p, f.pack, f)
	})
}

// submitForm hands a registration in. All that is wrong with it is said at once.
func (s *Server) submitForm(c *call, x speech, p *formPass, f *filled) (sight, error) {
	_, err := f.pack.Assess(f.Registration)
	by := broker.OnPage(p.Party)
	var v broker.MerchantView
	switch {
	case err != nil:
	case p.Merchant == "":
		once := s.Broker.NewOutcome(broker.Caller{Key: "form " + string(p.Party)}, c.route.template, f.once, c.Request().Body())
		v, _, err = s.Broker.RegisterMerchant(c.ctx, by, broker.MerchantInput{Party: p.Party, Registration: *f.Registration}, once)
	default:
		if _, _, err = s.Broker.SaveMerchant(c.ctx, by, p.Merchant, broker.MerchantInput{Party: p.Party, Registration: *f.Registration}, nil); err == nil {
			v, _, err = s.Broker.SubmitMerchant(c.ctx, by, p.Merchant, nil)
		}
	}
	if err != nil {
		return s.formRefused(c, x, p, f, err)
	}
	p.Merchant = v.ID
	if err := c.keepFormVisit(p); err != nil {
		return sight{}, err
	}
	return goTo(registerHome(x))
}

// saveForm keeps a draft, and gives the link by which it is opened again.
func (s *Server) saveForm(c *call, x speech, p *formPass, f *filled) (sight, error) {
	in := broker.MerchantInput{Party: p.Party, Registration: *f.Registration}
	var once *broker.Outcome
	if p.Merchant == "" { // a session begins one draft, however often an old cookie of it comes
		once = s.Broker.NewOutcome(broker.Caller{Key: "form " + string(p.Party)}, c.route.template, p.Visit, nil)
	}
	v, replayed, err := s.Broker.SaveMerchant(c.ctx, broker.OnPage(p.Party), p.Merchant, in, once)
	if err == nil && replayed {
		v, _, err = s.Broker.SaveMerchant(c.ctx, broker.OnPage(p.Party), v.ID, in, nil)
	}
	if err != nil {
		return s.formRefused(c, x, p, f, err)
	}
	p.Merchant = v.ID
	if err := c.keepFormVisit(p); err != nil {
		return sight{}, err
	}
	link := &formPass{Party: p.Party, Merchant: v.ID, Version: v.Version, Ends: s.Now().Add(draftTime)}
	if !v.Deadline.IsZero() && v.Deadline.Before(link.Ends) {
		link.Ends = v.Deadline
	}
	code, err := s.sealPass(forDraft, link)
	if err != nil {
		return sight{}, err
	}
	f.saved = &pages.SavedDraft{Address: masking.NewText(s.registerAddress(x.lang) + "#" + code.Reveal()), Ends: x.dated(link.Ends)}
	return s.showForm(x, p, f.pack, f)
}

// formRefused shows the form again with what is wrong: beside each field, and
// above all of it.
func (s *Server) formRefused(c *call, x speech, p *formPass, f *filled, err error) (sight, error) {
	e := faultOf(err)
	if e.Kind != fault.Invalid && e.Kind != fault.Conflict {
		return sight{}, err
	}
	f.note(e)
	f.forget()
	page, broken := s.registerForm(x, p, f.pack, f)
	if broken != nil {
		return sight{}, broken
	}
	if len(e.Fields) == 0 {
		page.Trouble = page.R.Conflict
		if e.Kind == fault.Invalid {
			page.Trouble = page.R.Says(e.Code, sentence(e.Detail))
		}
	}
	return c.refused(err, page)
}

// secret are fields whose value is not written into a page again once it was refused. So
// is what is a person's number, though it was refused for something else: as no telephone.
func secret(at merchants.Pointer, code string) bool {
	return strings.HasPrefix(code, "personal_id") || at == "/representative/id/number"
}

// note sorts what is wrong by the fields of the form; what may not be shown again
// is gone from it.
func (f *filled) note(e *fault.Error) {
	for _, x := range e.Fields {
		at := merchants.Pointer(x.Pointer)
		name := ""
		switch at {
		case merchants.PointerCertifications:
			_, code, _ := strings.Cut(x.Detail, ": ")
			name = certifyPrefix + code
		case merchants.PointerType, merchants.PointerJurisdiction, "":
		default:
			name = nameOf(at)
		}
		if name == "" {
			f.also = append(f.also, x)
			continue
		}
		f.wrongs[name] = x
		if secret(at, x.Code) || f.OfPerson(at) {
			delete(f.Values, at)
		}
	}
}

// forget drops what may not be shown again though nobody has refused it yet: the form
// is sent for another language or one more row, or what stands against it is something else.
func (f *filled) forget() {
	_, err := f.pack.Assess(f.Registration)
	if err == nil {
		return
	}
	e := *fault.Of(err)
	e.Fields = slices.DeleteFunc(slices.Clone(e.Fields), func(x fault.Field) bool {
		at := merchants.Pointer(x.Pointer)
		_, given := f.Values[at]
		return !given || !secret(at, x.Code) && !f.OfPerson(at)
	})
	f.note(&e)
}

// onceKey is chance, for a form.
func (s *Server) onceKey() (string, error) {
	var raw [16]byte
	if _, err := io.ReadFull(s.Random, raw[:]); err != nil {
		return "", errors.Join(errEncode, err)
	}
	return hex.EncodeToString(raw[:]), nil
}
