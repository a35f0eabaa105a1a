package masking

import (
	"errors"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/text/unicode/norm"

	"bauta.dev/bauta/masking/fault"
)

func TestNormalize(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field           Field
		in, region, out string
	}{
		{Name, "  Giovana Teixeira\n", "", "Giovana Teixeira"},
		{Name, "U\u0301rsula", "", "Úrsula"},
		{Name, "محمد\u200fعلي", "", "محمد\u200fعلي"},
		{FirstName, strings.Repeat("é", 200), "", strings.Repeat("é", 200)},
		{Instructions, "ring\r\ntwice\n", "", "ring\ntwice"},
		{Email, "John.Smith@GMAIL.com ", "", "John.Smith@gmail.com"},
		{Email, "张三@例子.测试", "", "张三@例子.测试"},
		{Email, "张三@例子。测试", "", "张三@例子.测试"},
		{Email, "a@ｇｍａｉｌ.com", "", "a@gmail.com"},
		{Email, "a@xn--fsqu00a.xn--0zwm56d", "", "a@xn--fsqu00a.xn--0zwm56d"},
		{Email, `"a@b"@x.com`, "", `"a@b"@x.com`},
		{Email, strings.Repeat("a", 64) + "@x.com", "", strings.Repeat("a", 64) + "@x.com"},
		{Phone, "+1 (415) 555-0132", "", "+14155550132"},
		{Phone, "+14155550132", "BR", "+14155550132"},
		{Phone, "138 0013 8000", "CN", "+8613800138000"},
		{Phone, "06 39 98 12 34", "FR", "+33639981234"},
		{Phone, "020 7946 0018 ext 24", "GB", "+442079460018"},
		{Phone, "(87) 99193-5795", "BR", "+5587991935795"},
		{Phone, "＋１４１５５５５０１３２", "", "+14155550132"},
		{Phone, "٠٢٠ ٧٩٤٦ ٠٠١٨", "GB", "+442079460018"},
		{Phone, "07700 900123", "GB", "+447700900123"},
		{Phone, "+39 06 1234 5678", "", "+390612345678"},
		{Phone, "+800 1234 5678", "", "+80012345678"},
	} {
		got, err := Normalize(c.field, NewText(c.in), c.region)
		if err != nil || got.Reveal() != c.out {
			t.Errorf("%s %q: %q, %v", c.field, c.in, got.Reveal(), err)
		}
		again, err := Normalize(c.field, got, c.region)
		if err != nil || again.Reveal() != c.out {
			t.Errorf("%s %q is not its own normal form: %q, %v", c.field, c.out, again.Reveal(), err)
		}
	}
}

var refusals = []struct {
	field Field
	in    string
	want  error
}{
	{Name, "", ErrBlank},
	{Name, " \t\n", ErrBlank},
	{Name, "\u200b\u3164\u2800\u0301", ErrBlank},
	{Name, "a\x00b", ErrControlCharacter},
	{Name, "a\nb", ErrControlCharacter},
	{Name, "a\u2028b", ErrControlCharacter},
	{Name, "a\u0085b", ErrControlCharacter},
	{Instructions, "a\x00b", ErrControlCharacter},
	{Instructions, "a\tb", ErrControlCharacter},
	{Name, "a\xffb", ErrNotUTF8},
	{Name, "a\u202eb", ErrBidiControl},
	{Name, "a\u2066b", ErrBidiControl},
	{Name, strings.Repeat("é", 201), ErrTooLong},
	{Name, strings.Repeat("a", 1<<20), ErrTooLong},
	{Instructions, strings.Repeat("a", 2001), ErrTooLong},
	{Email, "John <john@example.com>", ErrNotAnEmail},
	{Email, "<john@example.com>", ErrNotAnEmail},
	{Email, "john@example.com (home)", ErrNotAnEmail},
	{Email, "a@b.com,c@d.com", ErrNotAnEmail},
	{Email, "a@b", ErrNotAnEmail},
	{Email, "a@[127.0.0.1]", ErrNotAnEmail},
	{Email, "a@127.0.0.1", ErrNotAnEmail},
	{Email, "a@b..com", ErrNotAnEmail},
	{Email, "a@b.com.", ErrNotAnEmail},
	{Email, "a@-b.com", ErrNotAnEmail},
	{Email, "a b@c.com", ErrNotAnEmail},
	{Email, "@c.com", ErrNotAnEmail},
	{Email, "nobody", ErrNotAnEmail},
	{Email, strings.Repeat("a", 65) + "@x.com", ErrNotAnEmail},
	{Email, "a@" + strings.Repeat("b", 64) + ".com", ErrNotAnEmail},
	{Email, strings.Repeat("é", 32) + "@" + strings.Repeat("bbbbbbbbb.", 19) + "com", ErrTooLong}, // 254 characters, more bytes
	{Phone, "138 0013 8000", ErrNotAPhone},
	{Phone, "call me: +14155550132", ErrNotAPhone},
	{Phone, "+1", ErrNotAPhone},
	{Phone, "+999 1234567", ErrNotAPhone},
	{Phone, "+1415555013299999", ErrNotAPhone},
	{Phone, "none", ErrNotAPhone},
	{FullAddress, "1 Main St", errNotText},
	{"passport", "x", errNotText},
}

func TestNormalizeRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range refusals {
		got, err := Normalize(c.field, NewText(c.in), "")
		if !errors.Is(err, c.want) || !got.IsZero() {
			t.Errorf("%s %.20q: %q, %v, want %v", c.field, c.in, got.Reveal(), err, c.want)
		} else if f := fault.Of(err); f.Kind != fault.Invalid || f.Detail == "" {
			t.Errorf("%s %.20q: %+v", c.field, c.in, f)
		} else if len(c.in) > 2 && strings.Contains(err.Error(), c.in) {
			t.Errorf("%s: the error repeats %q", c.field, c.in)
		}
	}
}

func TestNormalizeAddress(t *testing.T) {
	t.Parallel()
	got, err := NormalizeAddress(place(" Estrada do Coco, 2138 ", "Sa\u0303o Paulo", "SP", "08290-465", "br").Address)
	if err != nil {
		t.Fatal(err)
	}
	want := place("Estrada do Coco, 2138", "São Paulo", "SP", "08290-465", "BR")
	if diff := cmp.Diff(string(want.Canonical()), string(Value{Address: got}.Canonical())); diff != "" {
		t.Error(diff)
	}
	if only, err := NormalizeAddress(Address{Country: "GB"}); err != nil || only != (Address{Country: "GB"}) {
		t.Errorf("a country alone: %v, %v", only, err)
	}
	if _, err := NormalizeAddress(Address{}); !errors.Is(err, ErrBlank) {
		t.Errorf("nothing: %v", err)
	}

	_, err = NormalizeAddress(place("a\x00", strings.Repeat("b", 301), "  ", "1\n2", "UK").Address)
	var codes []string
	for _, f := range fault.Of(err).Fields {
		codes = append(codes, f.Pointer+" "+f.Code)
	}
	all := []string{"/street control_character", "/city too_long", "/region blank", "/postal_code control_character", "/country not_a_country"}
	if diff := cmp.Diff(all, codes); diff != "" || fault.Of(err).Code != "validation_failed" {
		t.Errorf("%v: %s", err, diff)
	}
}

func TestNormalizeCountry(t *testing.T) {
	t.Parallel()
	for _, c := range []string{"UK", "XX", "EU", "ZZ", "SU", "XK", "AN", "", "B", "BRA", "B ", "É", "AD AE"} {
		if got, err := NormalizeCountry(c); !errors.Is(err, ErrNotACountry) {
			t.Errorf("%q: %q, %v", c, got, err)
		}
	}
	for in, want := range map[string]string{"BR": "BR", " gb ": "GB", "SS": "SS", "CW": "CW", "AD": "AD", "ZW": "ZW"} {
		if got, err := NormalizeCountry(in); err != nil || got != want {
			t.Errorf("%q: %q, %v", in, got, err)
		}
	}
	if n := len(strings.Fields(countries)); n != 249 {
		t.Errorf("%d countries", n)
	}
}

func TestIndexForm(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		field   Field
		in, out string
	}{
		{Email, "John.Smith@gmail.com", "john.smith@gmail.com"},
		{Email, "张三@例子.测试", "张三@xn--fsqu00a.xn--0zwm56d"},
		{Email, "张三@xn--fsqu00a.xn--0zwm56d", "张三@xn--fsqu00a.xn--0zwm56d"},
		{Email, "nobody", ""},
		{Email, "a@b", ""},
		{Phone, "+14155550132", "+14155550132"},
		{Phone, "+80012345678", "+80012345678"},
		{Phone, "4155550132", ""},
		{Name, "John Smith", ""},
		{FullAddress, "x", ""},
	} {
		if got, ok := IndexForm(c.field, text(c.in)); ok != (c.out != "") || ok && got != c.out {
			t.Errorf("%s %q: %q, %v", c.field, c.in, got, ok)
		}
	}
}

// What Normalize takes is valid, normal, bounded and its own normal form.
func FuzzNormalize(f *testing.F) {
	for _, s := range []string{"john@gmail.com", "+1 415 555 0132", "020 7946 0018 ext 24", "李明", "a\u0301", `"a@b"@x.com`, "a@例子。测试", "\u1100\u1161"} {
		f.Add(s, "GB")
	}
	f.Fuzz(func(t *testing.T, s, region string) {
		for _, field := range []Field{Name, FirstName, Email, Phone, Instructions} {
			got, err := Normalize(field, NewText(s), region)
			if err != nil {
				if fault.Of(err).Kind != fault.Invalid {
					t.Fatalf("%s: %v", field, err)
				}
				continue
			}
			out := got.Reveal()
			if !utf8.ValidString(out) || !norm.NFC.IsNormalString(out) || out != strings.TrimSpace(out) || utf8.RuneCountInString(out) > maxInstructions {
				t.Fatalf("%s: %q", field, out)
			}
			again, err := Normalize(field, got, region)
			if err != nil || again.Reveal() != out {
				t.Fatalf("%s: %q becomes %q, %v", field, out, again.Reveal(), err)
			}
			if _, ok := IndexForm(field, Value{Text: got}); ok != (field == Email || field == Phone) {
				t.Fatalf("%s %q: index form %v", field, out, ok)
			}
		}
	})
}

func BenchmarkNormalizePhone(b *testing.B) {
	v := NewText("+5587991935795")
	for b.Loop() {
		if _, err := Normalize(Phone, v, "BR"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkNormalizeEmail(b *testing.B) {
	v := NewText("giovana_teixeira790@example.com")
	for b.Loop() {
		if _, err := Normalize(Email, v, "BR"); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMask(b *testing.B) {
	for f, v := range map[Field]Value{
		Name: text("Giovana Teixeira"), Email: text("giovana_teixeira790@example.com"), Phone: text("+5587991935795"),
		FullAddress: place("Estrada do Coco, 2138", "Recife", "PE", "51190-321", "BR"),
	} {
		b.Run(string(f), func(b *testing.B) {
			for b.Loop() {
				Mask(f, v)
			}
		})
	}
}

func TestProse(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("é", 4000)
	if got, err := Prose(NewText(" two\r\nlines, " + long[:2*3000])); err != nil || !strings.HasPrefix(got.Reveal(), "two\nlines") {
		t.Error(err)
	}
	if _, err := Prose(NewText(long + "é")); !errors.Is(err, ErrTooLong) {
		t.Error(err)
	}
}
