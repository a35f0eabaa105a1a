package merchants

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What a merchant makes private stays so: what a later version hides of one that was
// approved, and what of it the next version begins with.

// Hides are those of a version's public fields that a later one makes private: the pack
// says so of what stands there now; or of what is not given any more, where it rested on
// the merchant's own wish or would be private if it were. What it says in other words,
// or leaves out, is not hidden.
func (p *Pack) Hides(later *Registration, a Assessment, of *Registration, fields []PublicField) []Pointer {
	all := *later
	all.Facts = facts // what is not known yet hides nothing
	var hidden []Pointer
	for _, x := range fields {
		if p.hides(&all, &a, of, x.Pointer) {
			hidden = append(hidden, x.Pointer)
		}
	}
	return hidden
}

func (p *Pack) hides(later *Registration, a *Assessment, of *Registration, at Pointer) bool {
	pattern, place := at.split()
	if pattern == PointerCertifications+"/*" {
		now := slices.Index(later.Certifications, of.Certifications[place])
		return len(p.publicCertification(later, at, now)) == 0
	}
	f := p.fields[pattern]
	switch {
	case f == nil || !f.has(later.Type):
		return true
	case at == pointerRegion && later.Residential && !of.Residential && of.regionTells():
		return true
	}
	i := slices.IndexFunc(a.Fields, func(o FieldOutcome) bool { return o.Pointer == at })
	if i < 0 || later.value(at).IsZero() {
		return later.visibility(f, at) == Private || slices.ContainsFunc(f.PublicIf, wished)
	}
	return a.Fields[i].Visibility == Private
}

// wished are the conditions that hold because a merchant wants something to be shown.
func wished(c Condition) bool { return c == "publish_phone" || c == "publish_identifiers" }

// Keeping is a registration with what a later version of it has made private: one that
// was not approved. It is what the next version begins with, so that nobody shows again
// what he has hidden by saying something else.
func (r *Registration) Keeping(later *Registration) *Registration {
	next := *r
	next.Residential = r.Residential || later.Residential
	next.Certifications = slices.DeleteFunc(slices.Clone(r.Certifications), func(c string) bool { return !slices.Contains(later.Certifications, c) })
	for _, c := range later.Certifications {
		hides := c == "personal_phone_only" || c == noBusinessAddress && later.Residential
		if hides && r.Type == later.Type && !slices.Contains(next.Certifications, c) {
			next.Certifications = append(next.Certifications, c)
		}
	}
	return &next
}

const pointerRegion Pointer = "/address/region"

// regionTells says of a region that it says more than in which part of the country a home
// is: there are digits in it, or the street or city that were given. Postal codes have
// digits.
func (r *Registration) regionTells() bool {
	region := r.at(pointerRegion)
	if strings.ContainsFunc(region, unicode.IsNumber) {
		return true
	}
	said := wordsOf(region)
	return within(said, wordsOf(r.at("/address/street"))) || within(said, wordsOf(r.at("/address/city")))
}

// wordsOf are those of a part of an address in small letters, without numbers and the
// single letters of houses.
func wordsOf(s string) []string {
	words := strings.FieldsFunc(strings.ToLower(s), func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsMark(c) })
	return slices.DeleteFunc(words, func(w string) bool { return utf8.RuneCountInString(w) < 2 })
}

// within says whether words stand among others, one after the other; or one of them
// anywhere, where a script leaves no blanks.
func within(all, words []string) bool {
	if len(words) == 0 {
		return false
	}
	for i := range len(all) - len(words) + 1 {
		if slices.Equal(all[i:i+len(words)], words) {
			return true
		}
	}
	joined := strings.Join(all, "")
	return slices.ContainsFunc(words, func(w string) bool { return strings.ContainsFunc(w, unblanked) && strings.Contains(joined, w) })
}

func unblanked(c rune) bool {
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}
