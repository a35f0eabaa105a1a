package merchants_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	. "bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

func chinesePack(tb testing.TB) string {
	tb.Helper()
	b, err := os.ReadFile("packs/CN-2026-01-01.json")
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// Each mistake that a pack can have is refused, and named where it is.
func TestParseRefuses(t *testing.T) {
	t.Parallel()
	field := func(f string) [2]string { return [2]string{`"fields": [`, `"fields": [` + f + `,`} }
	row := func(rest string) [2]string { return field(`{"pointer": "/x", "label": "x", ` + rest + `}`) }
	for name, test := range map[string]struct {
		change [2]string
		want   string
	}{
		"unknown member":              {row(`"visibility": "private", "check": "text", "hidden": true`), `unknown object member name "hidden"`},
		"duplicate member":            {[2]string{`"version"`, `"version": "2026-01-01", "version"`}, "duplicate"},
		"another type":                {row(`"visibility": 1, "check": "text"`), "unmarshal JSON"},
		"half a file":                 {[2]string{"\n}", ""}, "unexpected EOF"},
		"jurisdiction":                {[2]string{`"jurisdiction": "CN"`, `"jurisdiction": "XX"`}, `jurisdiction: unknown "XX"`},
		"version":                     {[2]string{`"version": "2026-01-01"`, `"version": "one"`}, "version: want a day"},
		"no effective date":           {[2]string{`"since": "2026-01-01",` + "\n", ``}, "since: no day"},
		"impossible effective date":   {[2]string{`"since": "2026-01-01",` + "\n", `"since": "2026-02-30",`}, "out of range"},
		"law twice":                   {[2]string{`"laws": [`, `"laws": [{"key": "ecl15", "cite": "x", "title": "x", "since": "2019-01-01"},`}, "two laws with one key"},
		"law without words":           {[2]string{`"laws": [`, `"laws": [{"key": "x", "since": "2019-01-01"},`}, "no words to cite it by"},
		"law without date":            {[2]string{`"laws": [`, `"laws": [{"key": "x", "cite": "x", "title": "x"},`}, "law x: no day"},
		"law without key":             {[2]string{`"laws": [`, `"laws": [{"cite": "x", "title": "x", "since": "2019-01-01"},`}, "want a key"},
		"unknown law":                 {row(`"visibility": "public", "check": "text", "law": "ecl99"`), `/x: unknown law "ecl99"`},
		"public without law":          {row(`"visibility": "public", "check": "text"`), "/x: no law is cited"},
		"conditional without law":     {row(`"visibility": "conditional", "public_if": ["exempt"], "check": "text"`), "/x: no law is cited"},
		"unknown visibility":          {row(`"visibility": "secret", "check": "text", "law": "ecl15"`), `unknown visibility "secret"`},
		"conditional without any":     {row(`"visibility": "conditional", "check": "text", "law": "ecl15"`), "has no condition"},
		"public with conditions":      {row(`"visibility": "public", "public_if": ["exempt"], "check": "text", "law": "ecl15"`), "public, and has conditions"},
		"unknown condition":           {row(`"visibility": "conditional", "public_if": ["!nice"], "check": "text", "law": "ecl15"`), `unknown condition "!nice"`},
		"condition that never holds":  {row(`"visibility": "conditional", "public_if": ["regulated"], "check": "text", "law": "ecl15"`), "no certification is called that"},
		"unknown check":               {row(`"visibility": "private", "check": "magic"`), `unknown check "magic"`},
		"no check":                    {row(`"visibility": "private"`), `unknown check ""`},
		"enum without values":         {row(`"visibility": "private", "check": "enum"`), "an enum has values"},
		"values without enum":         {row(`"visibility": "private", "check": "text", "values": ["a"]`), "an enum has values"},
		"number without kind":         {row(`"visibility": "private", "check": "numbered"`), "no field beside it says the kind"},
		"resident's number public":    {row(`"visibility": "public", "check": "ric", "law": "ecl15"`), "a person's number is never public"},
		"account public":              {row(`"visibility": "public", "check": "iban", "law": "ecl15"`), "a person's number is never public"},
		"person's tax id public":      {row(`"visibility": "public", "check": "vat", "law": "ecl15"`), "public if !natural_person only"},
		"person's tax id conditional": {row(`"visibility": "conditional", "public_if": ["vat_activity"], "check": "vat", "law": "ecl15"`), "public if !natural_person only"},
		"identity document public":    {[2]string{`"label": "id_number", "visibility": "private"`, `"label": "id_number", "visibility": "public"`}, "/representative/id/number: a person's number is never public"},
		"two fields with one pointer": {field(`{"pointer": "/lei", "label": "x", "visibility": "private", "check": "lei"}`), "/lei: two fields with one pointer"},
		"no pointer":                  {field(`{"pointer": "x", "label": "x", "visibility": "private", "check": "text"}`), "this is no pointer"},
		"two lists in a pointer":      {field(`{"pointer": "/a/*/b/*/c", "label": "x", "visibility": "private", "check": "text"}`), "this is no pointer"},
		"no label":                    {field(`{"pointer": "/x", "visibility": "private", "check": "text"}`), "no label"},
		"unknown type":                {row(`"types": ["club"], "visibility": "private", "check": "text"`), `unknown type "club"`},
		"required for nobody":         {row(`"types": ["company"], "visibility": "private", "required": {"types": ["exempt"]}, "check": "text"`), `required for type "exempt", which does not have it`},
		"required always and not":     {row(`"visibility": "private", "required": {"always": true, "types": ["exempt"]}, "check": "text"`), "required always, and also"},
		"required by unknown":         {row(`"visibility": "private", "required": {"if": ["nice"]}, "check": "text"`), `unknown condition "nice"`},
		"required unless nothing":     {row(`"visibility": "private", "required": {"always": true, "unless": ["/y"]}, "check": "text"`), "required unless /y, which is no field"},
		"required unless and never":   {row(`"visibility": "private", "required": {"unless": ["/lei"]}, "check": "text"`), "never required"},
		"certification twice":         {[2]string{`"certifications": [`, `"certifications": [{"code": "lawful_goods", "visibility": "private"},`}, "certification lawful_goods: no code"},
		"certification without law":   {[2]string{`"certifications": [`, `"certifications": [{"code": "x", "visibility": "public"},`}, "certification x: no law"},
		"certification on conditions": {[2]string{`"certifications": [`, `"certifications": [{"code": "x", "visibility": "conditional"},`}, `certification x: conditional, and has no condition`},
		"timer twice":                 {[2]string{`"timers": [`, `"timers": [{"timer": "draft", "days": 1, "law": "house"},`}, "timer draft: unknown, or twice"},
		"unknown timer":               {[2]string{`"timers": [`, `"timers": [{"timer": "tea", "days": 1, "law": "house"},`}, "timer tea: unknown, or twice"},
		"timer that takes no time":    {[2]string{`"timer": "information", "days": 10`, `"timer": "information", "days": 0`}, "timer information: it takes no time"},
		"timer without law":           {[2]string{`"timer": "information", "days": 10, "law": "house"`, `"timer": "information", "days": 10`}, "timer information: no law"},
		"timer that is missing":       {[2]string{`"timer": "information"`, `"timer": "reverification"`}, "timer information: missing"},
	} {
		text := strings.Replace(chinesePack(t), test.change[0], test.change[1], 1)
		if text == chinesePack(t) {
			t.Errorf("%s: nothing was changed", name)
		}
		if _, err := Parse([]byte(text)); !errors.Is(err, ErrPack) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
	if _, err := Parse([]byte(`{}`)); err == nil || !strings.Contains(err.Error(), "fields: none") {
		t.Errorf("nothing at all: %v", err)
	}
}

// A folder is refused as a whole, with every file that is wrong.
func TestLoadRefuses(t *testing.T) {
	t.Parallel()
	good := &fstest.MapFile{Data: []byte(chinesePack(t))}
	newer := &fstest.MapFile{Data: []byte(strings.ReplaceAll(chinesePack(t), `"version": "2026-01-01"`, `"version": "2026-01-02"`))}
	for name, test := range map[string]struct {
		files fstest.MapFS
		want  string
	}{
		"nothing":          {fstest.MapFS{}, "there are none"},
		"another name":     {fstest.MapFS{"p/EU-2026-01-01.json": good}, "EU-2026-01-01.json: it is pack CN/2026-01-01"},
		"one day":          {fstest.MapFS{"p/CN-2026-01-01.json": good, "p/CN-2026-01-02.json": newer}, "in force from one day"},
		"one of two wrong": {fstest.MapFS{"p/CN-2026-01-01.json": good, "p/US-2026-01-01.json": {Data: []byte("[]")}}, "US-2026-01-01.json: "},
	} {
		if _, err := LoadFrom(test.files, "p"); !errors.Is(err, ErrPack) || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %s", name, err, test.want)
		}
	}
}

// A new law is a new file: until its day the one before it is in force, and
// what was assessed by that one is still shown by it.
func TestPacksChangeOnTheirDay(t *testing.T) {
	t.Parallel()
	next := strings.NewReplacer(`"version": "2026-01-01"`, `"version": "2026-07-01"`, `"since": "2026-01-01",`+"\n  \"laws\"", `"since": "2026-07-01",`+"\n  \"laws\"").Replace(chinesePack(t))
	all, err := LoadFrom(fstest.MapFS{"CN-2026-01-01.json": {Data: []byte(chinesePack(t))}, "CN-2026-07-01.json": {Data: []byte(next)}}, ".")
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{"2026-01-01": "CN/2026-01-01", "2026-06-30": "CN/2026-01-01", "2026-07-01": "CN/2026-07-01", "2030-01-01": "CN/2026-07-01", "2025-12-31": ""} {
		at, err := time.Parse(time.DateOnly, day)
		if err != nil {
			t.Fatal(err)
		}
		p, err := all.For(CN, at)
		if want == "" {
			if !errors.Is(err, ErrJurisdictionUnknown) {
				t.Errorf("%s: %v", day, err)
			}
			continue
		}
		if err != nil || p.Name() != want {
			t.Errorf("%s: %v, want %s", day, err, want)
		}
	}
	if p, err := all.Named("CN/2026-01-01"); err != nil || p.Name() != "CN/2026-01-01" {
		t.Errorf("%v", err)
	}
	if _, err := all.Named("CN/2020-01-01"); !errors.Is(err, ErrPackUnknown) {
		t.Errorf("%v", err)
	}
	if _, err := all.For("FR", today); !errors.Is(err, ErrJurisdictionUnknown) || len(all.All()) != 2 {
		t.Errorf("%v", err)
	}
}

// The packs that are shipped: one for each market, and no law that nothing cites.
func TestShippedPacks(t *testing.T) {
	t.Parallel()
	all := packs(t).All()
	if len(all) != len(Jurisdictions()) {
		t.Errorf("%d packs", len(all))
	}
	for _, p := range all {
		cited := map[string]bool{}
		for _, f := range p.Fields {
			cited[f.Law] = true
		}
		for _, c := range p.Certifications {
			cited[c.Law] = true
		}
		for _, d := range p.Timers {
			cited[d.Law] = true
			if d.Timer == states.Timer("reverification") && p.Jurisdiction != CN && p.Jurisdiction != US {
				t.Errorf("%s reverifies", p.Name())
			}
		}
		for _, l := range p.Laws {
			if !cited[l.Key] {
				t.Errorf("%s: nothing cites %s", p.Name(), l.Key)
			}
		}
	}
}
