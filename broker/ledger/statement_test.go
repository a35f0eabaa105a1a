package ledger

import (
	"encoding/json"
	"errors"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// anyStatement draws statements of every type, every shape and every kind of text.
func anyStatement() *rapid.Generator[Statement] {
	return rapid.Custom(func(t *rapid.T) Statement {
		s := Statement{Type: rapid.SampledFrom(Types()).Draw(t, "type"), At: anyTime(t)}
		for _, m := range rapid.Permutation(schemas[s.Type].members).Draw(t, "order") {
			if m.name != nameAt && m.name != nameType && rapid.Bool().Draw(t, "present") {
				s.Members = append(s.Members, Member{m.name, anyValue(t, m)})
			}
		}
		return s
	})
}

func anyTime(t *rapid.T) time.Time {
	micro := rapid.Int64Range(1, 253_402_300_799_999_999).Draw(t, "time")
	return time.UnixMicro(micro).In(time.FixedZone("", 3600*rapid.IntRange(-12, 14).Draw(t, "zone")))
}

func anyText(t *rapid.T) string {
	return rapid.StringN(1, 20, -1).Filter(func(s string) bool { return strings.ToValidUTF8(s, "") == s }).Draw(t, "text")
}

func anyValue(t *rapid.T, s spec) any {
	switch s.shape {
	case text:
		return anyText(t)
	case number:
		return rapid.Int64Range(-MaxNumber, MaxNumber).Draw(t, "number")
	case flag:
		return rapid.Bool().Draw(t, "flag")
	case moment:
		return anyTime(t)
	case texts:
		list := make([]string, rapid.IntRange(1, 3).Draw(t, "length"))
		for i := range list {
			list[i] = anyText(t)
		}
		return list
	case object:
		return anyObject(t, s.parts)
	case objects:
		list := make([]Object, rapid.IntRange(1, 3).Draw(t, "length"))
		for i := range list {
			list[i] = anyObject(t, s.parts)
		}
		return list
	default:
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z][a-z0-9_]{0,8}`), 1, 5, rapid.ID).Draw(t, "names")
		var o Object
		for _, n := range names {
			o = append(o, Member{n, rapid.Bool().Draw(t, "flag")})
		}
		return o
	}
}

func anyObject(t *rapid.T, specs []spec) Object {
	var o Object
	for i, s := range specs {
		if i == 0 || rapid.Bool().Draw(t, "present") {
			o = append(o, Member{s.name, anyValue(t, s)})
		}
	}
	return o
}

func TestStatementRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyStatement().Draw(t, "statement")
		b, err := s.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(b) {
			t.Fatalf("no JSON: %q", b)
		}
		back, err := ParseStatement(b)
		if err != nil {
			t.Fatalf("%q: %v", b, err)
		}
		again, err := back.Canonical()
		if err != nil || string(again) != string(b) {
			t.Fatalf("%q became %q, %v", b, again, err)
		}
		if back.Type != s.Type || !back.At.Equal(s.At) || len(back.Members) != len(s.Members) {
			t.Fatalf("%+v became %+v", s, back)
		}
		for _, m := range s.Members {
			got, _ := back.Members.Lookup(m.Name)
			if diff := cmp.Diff(m.Value, got, cmp.Transformer("sort", asMap)); diff != "" {
				t.Fatalf("%s: %s", m.Name, diff)
			}
		}
	})
}

func asMap(o Object) map[string]any {
	m := make(map[string]any)
	for i := range o {
		m[o[i].Name] = o[i].Value
	}
	return m
}

// TestContentIsWhatTheAudienceMaySee compares each part with the whole, member
// by member, through a JSON reader that is not ours.
func TestContentIsWhatTheAudienceMaySee(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		s := anyStatement().Draw(t, "statement")
		b, err := s.Canonical()
		if err != nil {
			t.Fatal(err)
		}
		var whole map[string]json.RawMessage
		if err := json.Unmarshal(b, &whole); err != nil {
			t.Fatal(err)
		}
		for a := Parties; a <= Auditor; a++ {
			content, err := s.Content(a)
			if schemas[s.Type].index(a) < 0 {
				if !errors.Is(err, ErrAudienceUnknown) {
					t.Fatalf("%s has a part for %s: %v", s.Type, a, err)
				}
				continue
			}
			if err != nil {
				t.Fatal(err)
			}
			want := map[string]json.RawMessage{nameAt: whole[nameAt], nameType: whole[nameType]}
			for _, m := range schemas[s.Type].members {
				if v, ok := whole[m.name]; ok && m.seen.has(a) {
					want[m.name] = v
				}
			}
			var got map[string]json.RawMessage
			if err := json.Unmarshal(content, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Fatalf("%s for %s: %s", s.Type, a, diff)
			}
			if _, err := ParseContent(a, content); err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestStatementRefuses(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	viewed := func(m ...Member) Statement { return Statement{DisclosureViewed, at, m} }
	cases := map[string]struct {
		statement Statement
		want      error
	}{
		"no type":              {Statement{At: at}, ErrTypeUnknown},
		"kept type":            {Statement{Type: 47, At: at}, ErrTypeUnknown},
		"no time":              {Statement{Type: PolicyChanged}, ErrValue},
		"before the epoch":     {Statement{Type: PolicyChanged, At: time.Unix(-1, 0)}, ErrValue},
		"year 10000":           {Statement{Type: PolicyChanged, At: time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)}, ErrValue},
		"unknown":              {viewed(Member{"colour", "red"}), ErrMemberUnknown},
		"unknown and absent":   {viewed(Member{"colour", nil}), ErrMemberUnknown},
		"of another type":      {viewed(Member{"situation", Object{{"a", true}}}), ErrMemberUnknown},
		"twice":                {viewed(Member{"view", 1}, Member{"view", 1}), ErrMemberDuplicate},
		"twice, once absent":   {viewed(Member{"view", 1}, Member{"view", nil}), ErrMemberDuplicate},
		"own type":             {viewed(Member{"type", "x"}), ErrMemberDuplicate},
		"own time":             {viewed(Member{"at", at}), ErrMemberDuplicate},
		"wrong shape":          {viewed(Member{"view", "1"}), ErrValue},
		"unlisted Go type":     {viewed(Member{"view", int32(1)}), ErrValue},
		"fraction":             {viewed(Member{"view", 1.0}), ErrValue},
		"too large":            {viewed(Member{"view", int64(MaxNumber + 1)}), ErrValue},
		"too small":            {viewed(Member{"view", int64(math.MinInt64)}), ErrValue},
		"not UTF-8":            {viewed(Member{"disclosure", "a\xffb"}), ErrValue},
		"surrogate":            {viewed(Member{"disclosure", "\xed\xa0\x80"}), ErrValue},
		"empty in a list":      {viewed(Member{"superseded", []string{"a", ""}}), ErrValue},
		"empty object in list": {viewed(Member{"fields", []Object{{}}}), ErrValue},
		"unknown inside":       {viewed(Member{"fields", []Object{{{"value", "x"}}}}), ErrMemberUnknown},
		"twice inside":         {viewed(Member{"fields", []Object{{{"field", "x"}, {"field", "x"}}}}), ErrMemberDuplicate},
		"flag not bool":        {Statement{DisclosureDecided, at, Object{{"situation", Object{{"a", "x"}}}}}, ErrValue},
		"flag twice":           {Statement{DisclosureDecided, at, Object{{"situation", Object{{"a", true}, {"a", true}}}}}, ErrMemberDuplicate},
		"flag with odd name":   {Statement{DisclosureDecided, at, Object{{"situation", Object{{"A b", true}}}}}, ErrValue},
	}
	for name, c := range cases {
		if b, err := c.statement.Canonical(); !errors.Is(err, c.want) {
			t.Errorf("%s: %q, %v; want %v", name, b, err, c.want)
		}
	}
}

func TestStatementWritesAsRFC8785(t *testing.T) {
	t.Parallel()
	s := Statement{
		Type: GrantRevoked, At: time.Date(2026, 1, 2, 4, 4, 5, 6999, time.FixedZone("", 3600)),
		Members: Object{
			{"reason", "\x00\x07\b\t\n\v\f\r\x1f\"\\/\x7f€\u2028😀"},
			{"key", ""},
			{"disclosure", nil},
		},
	}
	want := `{"at":"2026-01-02T03:04:05.000006Z","reason":"\u0000\u0007\b\t\n\u000b\f\r\u001f\"\\/` + "\x7f€\u2028😀" + `","type":"grant_revoked"}`
	got, err := s.Canonical()
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Error(diff)
	}
}

const goodStatement = `{"at":"2026-01-02T03:04:05.000006Z","superseded":["a"],"type":"disclosure_viewed","view":1}`

func TestParseStatementRefuses(t *testing.T) {
	t.Parallel()
	const good = goodStatement
	if _, err := ParseStatement([]byte(good)); err != nil {
		t.Fatal(err)
	}
	for name, e := range spoilt() {
		bad := strings.Replace(good, e[0], e[1], 1)
		if bad == good {
			t.Errorf("%s: nothing was changed", name)
		}
		if s, err := ParseStatement([]byte(bad)); err == nil {
			t.Errorf("%s: %q was read as %+v", name, bad, s)
		}
	}
}

// spoilt are changes to the statement of TestParseStatementRefuses, old for new.
func spoilt() map[string][2]string {
	const good = goodStatement
	return map[string][2]string{
		"space":           {`":1`, `": 1`},
		"leading space":   {`{"at"`, ` {"at"`},
		"trailing":        {`1}`, `1}x`},
		"newline":         {`1}`, "1}\n"},
		"order":           {`"type":"disclosure_viewed","view":1`, `"view":1,"type":"disclosure_viewed"`},
		"twice":           {`"view":1`, `"view":1,"view":1`},
		"escape":          {`"a"`, `"\u0061"`},
		"solidus":         {`"a"`, `"\/"`},
		"upper-case hex":  {`"a"`, `"\u001F"`},
		"long escape":     {`"a"`, `"\u000a"`},
		"raw control":     {`"a"`, "\"\n\""},
		"surrogate":       {`"a"`, `"\ud83d\ude00"`},
		"empty text":      {`"a"`, `""`},
		"empty list":      {`["a"]`, `[]`},
		"mixed list":      {`["a"]`, `["a",{"b":1}]`},
		"numbers":         {`["a"]`, `[1]`},
		"null":            {`["a"]`, `null`},
		"zero":            {`:1}`, `:01}`},
		"minus zero":      {`:1}`, `:-0}`},
		"plus":            {`:1}`, `:+1}`},
		"fraction":        {`:1}`, `:1.0}`},
		"exponent":        {`:1}`, `:1e0}`},
		"beyond 2^53":     {`:1}`, `:9007199254740992}`},
		"beyond int64":    {`:1}`, `:99999999999999999999}`},
		"milliseconds":    {`.000006Z`, `.006Z`},
		"zone":            {`.000006Z`, `.000006+00:00`},
		"comma":           {`.000006Z`, `,000006Z`},
		"unknown type":    {`disclosure_viewed`, `disclosure_seen`},
		"no type":         {`"type":"disclosure_viewed",`, ``},
		"no time":         {`"at":"2026-01-02T03:04:05.000006Z",`, ``},
		"unknown member":  {`"view"`, `"colour"`},
		"not an object":   {good, `["a"]`},
		"nothing":         {good, ``},
		"deep":            {`["a"]`, strings.Repeat("[", 100_000)},
		"end in a string": {`"view":1}`, `"vi`},
		"end in escape":   {`"a"],"type":"disclosure_viewed","view":1}`, `"\u0`},
	}
}

func TestErrorsTellNoForeignNames(t *testing.T) {
	t.Parallel()
	_, err := ParseStatement([]byte(`{"at":"2026-01-02T03:04:05.000006Z","giovana@example.com":"x","type":"policy_changed"}`))
	if err == nil || strings.Contains(err.Error(), "giovana") {
		t.Errorf("the error is %v", err)
	}
}
