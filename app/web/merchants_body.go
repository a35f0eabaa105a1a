package web

import (
	"bytes"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// member is a place in the body of a registration. What there is, the packs
// say: a member that no pack has a row for does not exist.
type member struct {
	kind  memberKind
	parts map[string]*member // of an object; of a list its items, under ""
}

type memberKind uint8

const (
	aText memberKind = iota
	aFlag
	anObject
	aList
)

// mostItems of a list in a registration.
const mostItems = 16

// The members that packs have no rows for.
const (
	pointerParty          merchants.Pointer = "/party"
	pointerCertifications                   = merchants.PointerCertifications
)

// newMembers is the body as all packs together have it.
func newMembers() *member {
	packs, err := merchants.Load()
	if err != nil { // they are in the binary, and tests read them
		panic("web: packs: " + err.Error())
	}
	root := &member{kind: anObject, parts: map[string]*member{}}
	root.put(pointerParty, aText)
	root.put(merchants.PointerJurisdiction, aText)
	root.put(merchants.PointerResidential, aFlag)
	root.put(pointerCertifications+"/*", aText)
	for _, p := range packs.All() {
		for i := range p.Fields {
			root.put(p.Fields[i].Pointer, aText)
		}
	}
	return root
}

// put adds a member by its pointer in a pack, where * is a place in a list.
func (m *member) put(at merchants.Pointer, kind memberKind) {
	parts := strings.Split(string(at), "/")[1:]
	for i, name := range parts {
		k := anObject
		switch {
		case i+1 == len(parts):
			k = kind
		case parts[i+1] == "*":
			k = aList
		}
		if name == "*" {
			name = ""
		}
		next := m.parts[name]
		if next == nil {
			next = &member{kind: k, parts: map[string]*member{}}
			m.parts[name] = next
		}
		m = next
	}
}

// has says whether a text, a flag or a list item can stand at a pointer.
func (m *member) has(at string) bool {
	if !strings.HasPrefix(at, "/") {
		return false
	}
	for name := range strings.SplitSeq(at[1:], "/") {
		if m.kind == aList {
			if len(name) > 2 || name == "" || strings.Trim(name, "0123456789") != "" {
				return false
			}
			name = ""
		}
		if m = m.parts[name]; m == nil {
			return false
		}
	}
	return m.kind == aText || m.kind == aFlag
}

// registrationBody is what the body of a registration says: what it gives and, in
// a change, what it takes away.
type registrationBody struct {
	texts   map[merchants.Pointer]masking.Text
	removed []merchants.Pointer
	home    *bool
}

// registrationReader reads one; a change may say null.
type registrationReader struct {
	*jsontext.Decoder

	change bool
	body   registrationBody
	wrong  mistakes
}

// readRegistration reads what a body says, strictly.
func (m *member) readRegistration(body []byte, change bool) (*registrationBody, error) {
	if _, err := scan(body); err != nil {
		return nil, err
	}
	r := &registrationReader{
		Decoder: jsontext.NewDecoder(bytes.NewReader(body)), change: change,
		body: registrationBody{texts: map[merchants.Pointer]masking.Text{}},
	}
	err := r.read(m, "")
	if err == nil {
		if _, more := r.ReadToken(); !errors.Is(more, io.EOF) {
			err = errJSON
		}
	}
	if err == nil {
		err = r.wrong.err()
	}
	return &r.body, err
}

// read takes the value at a pointer.
func (r *registrationReader) read(m *member, at string) error {
	next := r.PeekKind()
	switch {
	case next == 'n' && r.change && at != "":
		r.take(m, at)
		return r.skip()
	case next == 'n':
		r.wrong.add(at, "not_null", "null takes something away in a change, and means nothing here")
		return r.skip()
	case m.kind == anObject && next == '{':
		return r.object(m, at)
	case m.kind == aList && next == '[':
		return r.list(m.parts[""], at)
	case m.kind == aText && next == '"', m.kind == aFlag && (next == 't' || next == 'f'):
		return r.value(at)
	}
	r.wrong.add(at, "wrong_type", "this has to be "+m.kind.String())
	return r.skip()
}

func (k memberKind) String() string {
	return [...]string{"a string", "true or false", "an object", "an array"}[k]
}

func (r *registrationReader) skip() error {
	if err := r.SkipValue(); err != nil {
		return errJSON // its own words would quote the body
	}
	return nil
}

func (r *registrationReader) value(at string) error {
	t, err := r.ReadToken()
	if err != nil {
		return errJSON
	}
	if t.Kind() != '"' {
		home := t.Bool()
		r.body.home = &home
		return nil
	}
	text := masking.NewText(t.String())
	if text.IsZero() {
		r.wrong.fold(at, masking.ErrBlank)
	}
	r.body.texts[merchants.Pointer(at)] = text
	return nil
}

// take notes what a change takes away.
func (r *registrationReader) take(m *member, at string) {
	if m.kind == aFlag {
		no := false
		r.body.home = &no
		return
	}
	if m.parts["residential"] != nil {
		r.take(m.parts["residential"], at)
	}
	r.body.removed = append(r.body.removed, merchants.Pointer(at))
}

func (r *registrationReader) object(m *member, at string) error {
	if _, err := r.ReadToken(); err != nil {
		return errJSON
	}
	for r.PeekKind() != '}' {
		name, err := r.ReadToken()
		if err != nil {
			return errJSON
		}
		word := name.String()
		next := m.parts[word]
		if next == nil {
			return r.unknown(at, word)
		}
		if err := r.read(next, at+"/"+word); err != nil {
			return err
		}
	}
	_, err := r.ReadToken()
	return asJSON(err)
}

// unknown refuses a member, unless the rest of the body is no JSON at all.
func (r *registrationReader) unknown(at, word string) error {
	for r.StackDepth() > 0 {
		if _, err := r.ReadToken(); err != nil {
			return errJSON
		}
	}
	return errUnknown.Pointing(speakable(at + "/" + word))
}

// list replaces what was there before.
func (r *registrationReader) list(items *member, at string) error {
	if _, err := r.ReadToken(); err != nil {
		return errJSON
	}
	if r.change {
		r.body.removed = append(r.body.removed, merchants.Pointer(at))
	}
	change := r.change
	r.change = false // nothing can be taken away of what has just been replaced
	for i := 0; r.PeekKind() != ']'; i++ {
		if i >= mostItems {
			if i == mostItems {
				r.wrong.add(at, "too_many", "at most "+itoa(mostItems))
			}
			if err := r.skip(); err != nil {
				return err
			}
			continue
		}
		if err := r.read(items, at+"/"+itoa(i)); err != nil {
			return err
		}
	}
	r.change = change
	_, err := r.ReadToken()
	return asJSON(err)
}

func asJSON(err error) error {
	if err != nil {
		return errJSON
	}
	return nil
}

// word takes a text out that is no value: an id, a code.
func (b *registrationBody) word(at merchants.Pointer) (string, bool) {
	t, is := b.texts[at]
	delete(b.texts, at)
	return t.Reveal(), is
}

// certifications takes their codes out.
func (b *registrationBody) certifications() (codes []string, said bool) {
	for i := range mostItems {
		code, is := b.word(pointerCertifications + merchants.Pointer("/"+itoa(i)))
		if !is {
			break
		}
		codes = append(codes, code)
	}
	if i := slices.Index(b.removed, pointerCertifications); i >= 0 {
		b.removed, said = slices.Delete(b.removed, i, i+1), true
	}
	return codes, said || codes != nil
}

// input is a registration.
func (b *registrationBody) input() (broker.MerchantInput, error) {
	var wrong mistakes
	var in broker.MerchantInput
	party, named := b.word(pointerParty)
	jurisdiction, _ := b.word(merchants.PointerJurisdiction)
	kind, _ := b.word(merchants.PointerType)
	in.Party = broker.PartyID(party)
	in.Jurisdiction, in.Type = merchants.Jurisdiction(jurisdiction), merchants.Type(kind)
	oneOf(merchants.PointerJurisdiction, in.Jurisdiction, merchants.Jurisdictions(), &wrong)
	oneOf(merchants.PointerType, in.Type, merchants.Types(), &wrong)
	in.Certifications, _ = b.certifications()
	in.Values, in.Residential = b.texts, b.home != nil && *b.home
	if err := wrong.err(); err != nil || !named {
		return in, err
	}
	return in, identify(party, string(pointerParty))
}

// oneOf checks a word against a list, unless it is known to be wrong.
func oneOf[P, V, W ~string](at P, word V, all []W, wrong *mistakes) {
	switch {
	case slices.ContainsFunc(*wrong, func(f fault.Field) bool { return f.Pointer == string(at) }):
	case word == "":
		wrong.add(string(at), "required", "this is missing")
	case !slices.Contains(all, W(word)):
		wrong.add(string(at), "not_one_of", "this has to be one of: "+strings.Join(words(all), ", "))
	}
}

var errMerchantImmutable = fault.New(fault.Conflict, "immutable", "party and jurisdiction of a registration never change: register anew")

// patch is a change of one.
func (b *registrationBody) patch() (broker.MerchantPatch, error) {
	var p broker.MerchantPatch
	for _, fixed := range []merchants.Pointer{pointerParty, merchants.PointerJurisdiction} {
		if _, said := b.texts[fixed]; said || slices.Contains(b.removed, fixed) {
			return p, errMerchantImmutable.Pointing(string(fixed))
		}
	}
	var wrong mistakes
	if word, said := b.word(merchants.PointerType); said {
		kind := merchants.Type(word)
		oneOf(merchants.PointerType, kind, merchants.Types(), &wrong)
		p.Type = &kind
	}
	if slices.Contains(b.removed, merchants.PointerType) {
		wrong.add(string(merchants.PointerType), "required", "a merchant has a type")
	}
	if codes, said := b.certifications(); said {
		p.Certifications = &codes
	}
	p.Values, p.Removed, p.Residential = b.texts, b.removed, b.home
	return p, wrong.err()
}
