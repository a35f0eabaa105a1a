package merchants_test

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	. "bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/merchants/identifiers"
	"bauta.dev/bauta/masking"
)

// Whatever a file has in it, it is refused or can be used.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("packs/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b)
	}
	f.Add([]byte(`{"jurisdiction": "CN", "fields": [{"pointer": "/a/*"}]}`))
	f.Fuzz(func(_ *testing.T, text []byte) {
		p, err := Parse(text)
		if err != nil {
			return
		}
		r := registration(p.Jurisdiction, Company, chinese)
		a, _ := p.Assess(r)
		p.Public(r, a)
		p.Numbers(r)
	})
}

// Whatever is given at whatever place: nothing panics, what is public is what
// the pack lets be public, and no number of a person is among it.
func FuzzAssess(f *testing.F) {
	for at, v := range chinese {
		f.Add(uint8(0), uint8(0), false, string(at), v)
	}
	for at, v := range german {
		f.Add(uint8(1), uint8(1), true, string(at), v)
	}
	f.Add(uint8(2), uint8(2), true, "/tax/99/number", "１１０１０１１９９００３０７００２X")
	f.Add(uint8(3), uint8(3), true, "/legal_name", "Joe 078-05-1120 110101 19900307 002X")
	var all []*Pack
	for _, j := range Jurisdictions() {
		all = append(all, pack(f, j))
	}
	f.Fuzz(func(t *testing.T, which, kind uint8, residential bool, at, value string) {
		p := all[int(which)%len(all)]
		v := map[Jurisdiction]values{CN: chinese, EU: german, US: american, UK: british}[p.Jurisdiction].but(values{Pointer(at): value})
		r := registration(p.Jurisdiction, append(Types(), "club")[int(kind)%4], v, "lawful_goods", "no_business_address")
		r.Residential, r.Facts = residential, []Condition{HighVolume, Turnover20k}
		a, err := p.Assess(r)
		if err != nil && len(refusals(err)) < 2 && refusals(err)[""] == "" {
			t.Fatal("refused without a reason")
		}
		p.Numbers(r)
		for _, shown := range p.Public(r, a) {
			s := shown.Value.Reveal()
			if identifiers.Check(identifiers.RIC, "", s).Outcome == identifiers.Valid {
				t.Errorf("a resident's number is public at %s", shown.Pointer)
			}
			if residential && strings.HasPrefix(string(shown.Pointer), "/address/") && shown.Pointer != "/address/country" && shown.Pointer != "/address/region" {
				t.Errorf("a home is public at %s", shown.Pointer)
			}
			if shown.Law == "" || strings.HasPrefix(string(shown.Pointer), "/payout") || strings.HasPrefix(string(shown.Pointer), "/representative/id") {
				t.Errorf("%s is public", shown.Pointer)
			}
		}
	})
}

// processor reports cpu-ns/op: what others do on the machine hardly changes it.
func processor(b *testing.B) func() {
	b.Helper()
	spent := func() int64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkAssess is an ordinary registration, judged; one with every field; and what is
// public of it.
func BenchmarkAssess(b *testing.B) {
	full := chinese.but(values{
		"/eori": "GB350983637000", "/gln": "9501101530003", "/tax/1/kind": "vat", "/tax/1/country": "ES", "/tax/1/number": "A58818501",
		"/certificates/0/kind": "食品经营许可证", "/certificates/0/number": "JY13301000000000", "/certificates/0/expires": "2030-01-01",
	})
	ordinary := german.but(values{"/lei": "5493001KJTIIGC8Y1R12"})
	b.Run("ordinary", func(b *testing.B) {
		p, r := pack(b, EU), registration(EU, Company, ordinary, "lawful_goods")
		b.ReportAllocs()
		defer processor(b)()
		for b.Loop() {
			if _, err := p.Assess(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	p, r := pack(b, CN), registration(CN, Company, full, "lawful_goods", "publish_identifiers")
	b.Run("assess", func(b *testing.B) {
		b.ReportAllocs()
		defer processor(b)()
		for b.Loop() {
			if _, err := p.Assess(r); err != nil {
				b.Fatal(err)
			}
		}
	})
	a, err := p.Assess(r)
	if err != nil {
		b.Fatal(err)
	}
	b.Run("public", func(b *testing.B) {
		b.ReportAllocs()
		defer processor(b)()
		for b.Loop() {
			p.Public(r, a)
		}
	})
	b.Run("load", func(b *testing.B) {
		for b.Loop() {
			if _, err := Load(); err != nil {
				b.Fatal(err)
			}
		}
	})
}

// A text of any length costs what its bound allows.
func TestLongTextsAreRefused(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("1", 1<<20)
	r := registration(CN, Company, chinese)
	for at := range r.Values {
		r.Values[at] = masking.NewText(long)
	}
	if _, err := pack(t, CN).Assess(r); err == nil {
		t.Error("taken")
	}
}
