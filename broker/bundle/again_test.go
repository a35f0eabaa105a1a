package bundle

import (
	"testing"
	"testing/fstest"

	"pgregory.net/rapid"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// claimed is what an entry with these members claims, to both sides or to staff as well.
func (x *example) claimed(w *written, staff bool) claim {
	says := []ledger.Statement{part(x, w, ledger.Parties)}
	e := Entry{ProvenEntry: ledger.ProvenEntry{Type: w.st.Type, Said: []ledger.Audience{ledger.Parties}, Says: says}}
	if staff {
		e.Said, e.Says = append(e.Said, ledger.Staff), append(e.Says, part(x, w, ledger.Staff))
	}
	s := story{kind: "shipped_goods", buyer: "b-1", seller: "s-1"}
	return s.claim(&e, merged(e.Says))
}

func part(x *example, w *written, a ledger.Audience) ledger.Statement {
	content, err := w.st.Content(a)
	if err != nil {
		x.tb.Fatal(err)
	}
	st, err := ledger.ParseContent(a, content)
	if err != nil {
		x.tb.Fatal(err)
	}
	return st
}

// Whatever the situation is, what the engine decides follows for whoever has all of
// it; a side is told no less than that it could be so. And what the engine does not
// decide differs.
func TestWhatTheEngineDecidesFollows(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	rapid.Check(t, func(r *rapid.T) {
		var bits necessity.Bits
		for _, c := range necessity.Conditions() {
			if c != necessity.Consent {
				bits = bits.If(c, rapid.Bool().Draw(r, c.String()))
			}
		}
		asker := rapid.SampledFrom([]string{"b-1", "s-1"}).Draw(r, "who")
		w := x.decided("dsc_1", asker, rapid.SampledFrom(necessity.Purposes()).Draw(r, "purpose"), bits)
		whole := x.claimed(w, true)
		if v := whole.verdict(x.engine); v != Follows {
			r.Fatalf("%s: %s", v, part(x, w, ledger.Parties))
		}
		half := x.claimed(w, false)
		if v := half.verdict(x.engine); v == Differs || v == Untold && bits == bits.Told() {
			r.Fatalf("to a side: %s", v)
		}
		for i := range whole.fields {
			changed := whole
			changed.fields = append([]field(nil), whole.fields...)
			f := &changed.fields[i]
			if f.outcome == necessity.Granted {
				*f = field{name: f.name, outcome: necessity.Withheld, reason: necessity.NotNecessary}
			} else {
				*f = field{name: f.name, outcome: necessity.Granted, rule: "deliver-shipped-goods"}
				changed.decision = "granted"
			}
			if v := changed.verdict(x.engine); v != Differs {
				r.Fatalf("%s changed, and it is %s", f.name, v)
			}
		}
	})
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	paid := necessity.Of(necessity.Accepted, necessity.Held, necessity.Paid, necessity.PaidInFull)
	withheld := func(why string) ledger.Member {
		return is("fields", []ledger.Object{{is("field", "name"), is("outcome", "withheld"), is("reason", why)}, {is("field", "address"), is("outcome", "withheld"), is("reason", why)}})
	}
	granted := is("fields", []ledger.Object{{is("field", "name"), is("outcome", "granted"), is("rule", "deliver-shipped-goods")}})
	pending := is("fields", []ledger.Object{{is("field", "name"), is("outcome", "pending"), is("rule", "deliver-shipped-goods")}})
	refused, none := is("decision", "refused"), is("ground", nil)
	for name, test := range map[string]struct {
		bits          necessity.Bits
		change        []ledger.Member
		staff, toSide Verdict
	}{
		"as it was":               {paid, nil, Follows, Follows},
		"fewer fields":            {paid, []ledger.Member{granted}, Follows, Follows},
		"on nothing":              {0, []ledger.Member{granted, is("decision", "granted"), is("ground", "3b"), is("views", 20), is("expires", "delivered+14d")}, Differs, Differs},
		"on nothing, a lot":       {0, []ledger.Member{is("fields", []ledger.Object{{is("field", "name"), is("outcome", "granted"), is("rule", "there-is-none")}}), is("decision", "granted"), is("ground", "3b"), is("views", 9999), is("expires", "never")}, Differs, Differs},
		"nothing, on nothing":     {0, nil, Follows, Follows},
		"nothing, of a minor":     {necessity.SubjectMinor.Bit(), nil, Follows, Follows},
		"excluded, on nothing":    {0, []ledger.Member{withheld("not_available"), is("reasons", []string{"requester_excluded"})}, Follows, Untold},
		"too little":              {necessity.Of(necessity.Accepted), []ledger.Member{granted, is("decision", "granted"), is("ground", "3b"), is("views", 20), is("expires", "delivered+14d")}, Differs, Differs},
		"longer":                  {paid, []ledger.Member{is("expires", "delivered+900d")}, Differs, Differs},
		"more often":              {paid, []ledger.Member{is("views", 21)}, Differs, Differs},
		"another ground":          {paid, []ledger.Member{is("ground", "3f")}, Differs, Differs},
		"another rule":            {paid, []ledger.Member{is("fields", []ledger.Object{{is("field", "name"), is("outcome", "granted"), is("rule", "other")}})}, Differs, Differs},
		"refused for nothing":     {paid, []ledger.Member{withheld("not_necessary"), refused, none, is("views", nil), is("expires", nil)}, Differs, Differs},
		"a minor":                 {paid | necessity.SubjectRestricted.Bit(), nil, Follows, Untold},
		"excluded":                {paid, []ledger.Member{withheld("not_available"), refused, none, is("views", nil), is("expires", nil), is("reasons", []string{"requester_excluded"})}, Follows, Untold},
		"excluded, it says":       {paid, []ledger.Member{withheld("not_necessary"), refused, none, is("views", nil), is("reasons", []string{"requester_excluded"})}, Differs, Differs},
		"past a budget":           {paid, []ledger.Member{pending, is("decision", "pending"), is("views", nil), is("expires", nil), is("reasons", []string{"past_budget:requester"})}, Follows, Untold},
		"pending for nothing":     {paid, []ledger.Member{pending, is("decision", "pending"), is("views", nil), is("expires", nil)}, Differs, Untold},
		"past a budget, granted":  {paid, []ledger.Member{is("reasons", []string{"past_budget:requester"})}, Differs, Follows},
		"nobody had given it":     {paid, []ledger.Member{withheld("not_held"), refused, none, is("views", nil), is("expires", nil)}, Follows, Follows},
		"not held, and not given": {necessity.Of(necessity.Accepted), []ledger.Member{withheld("not_held"), refused, none}, Differs, Differs},
		"says granted, is not":    {paid, []ledger.Member{withheld("not_held"), is("decision", "granted")}, Differs, Differs},
		"an unknown purpose":      {paid, []ledger.Member{is("purpose", "marketing")}, Differs, Differs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExample(t)
			w := x.decided("dsc_1", "s-1", necessity.Deliver, test.bits, test.change...)
			all, half := x.claimed(w, true), x.claimed(w, false)
			if v := all.verdict(x.engine); v != test.staff {
				t.Errorf("to staff: %s, want %s", v, test.staff)
			}
			if v := half.verdict(x.engine); v != test.toSide {
				t.Errorf("to a side: %s, want %s", v, test.toSide)
			}
		})
	}
}

// separate give one side three things for one purpose, each for its own time.
const separate = `
@id("a-name") @ground("3f") @expires("closed+30d") @views("20") @decide("auto") @why("to settle")
permit (principal == Role::"buyer", action == Action::"settle", resource == Field::"name")
when { context.kind == Kind::"shipped_goods" && context.paid && context.dispute_open };
@id("a-first-name") @ground("3f") @expires("closed+3d") @views("3") @decide("auto") @why("to settle")
permit (principal == Role::"buyer", action == Action::"settle", resource == Field::"first_name")
when { context.kind == Kind::"shipped_goods" && context.paid && context.dispute_open };
@id("an-address") @ground("3f") @expires("closed+7d") @views("5") @decide("auto") @why("to settle")
permit (principal == Role::"buyer", action == Action::"settle", resource == Field::"address")
when { context.kind == Kind::"shipped_goods" && context.paid && context.dispute_open };
`

// What is public is withheld last: the grant may end with it, and is no longer and no
// more often for it.
func TestBesideWhatIsPublic(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	var err error
	if x.engine, err = necessity.Load(fstest.MapFS{"separate.cedar": {Data: []byte(separate)}}); err != nil {
		t.Fatal(err)
	}
	name := ledger.Object{is("field", "name"), is("outcome", "granted"), is("rule", "a-name")}
	address := ledger.Object{is("field", "address"), is("outcome", "granted"), is("rule", "an-address")}
	public := func(f string) ledger.Object {
		return ledger.Object{is("field", f), is("outcome", "withheld"), is("reason", "public")}
	}
	merchant := necessity.Of(necessity.Paid, necessity.DisputeOpen, necessity.SubjectBusiness)
	for why, test := range map[string]struct {
		fields  []ledger.Object
		views   int
		expires string
		want    Verdict
	}{
		"the address was given before":      {[]ledger.Object{name, public("address")}, 5, "closed+7d", Follows},
		"it was not held":                   {[]ledger.Object{name, public("address")}, 20, "closed+30d", Follows},
		"not held, and ends with it":        {[]ledger.Object{name, public("address")}, 20, "closed+7d", Differs},
		"between the two":                   {[]ledger.Object{name, public("address")}, 6, "closed+7d", Differs},
		"more than either":                  {[]ledger.Object{name, public("address")}, 9999, "closed+7d", Differs},
		"longer than either":                {[]ledger.Object{name, public("address")}, 5, "never", Differs},
		"with the first name, which was in": {[]ledger.Object{public("name"), address}, 3, "closed+3d", Follows},
		"the looser one was public":         {[]ledger.Object{public("name"), address}, 5, "closed+7d", Follows},
		"as the looser one":                 {[]ledger.Object{public("name"), address}, 20, "closed+30d", Differs},
		"what no policy names":              {[]ledger.Object{name, public("iban")}, 20, "closed+30d", Follows},
		"and for ever":                      {[]ledger.Object{name, public("iban")}, 9999, "never", Differs},
	} {
		w := x.decided("dsc_1", "b-1", necessity.Settle, merchant,
			is("fields", test.fields), is("views", test.views), is("expires", test.expires))
		for _, staff := range []bool{true, false} {
			c := x.claimed(w, staff)
			if v := c.verdict(x.engine); v != test.want || len(c.beyond()) != 1 {
				t.Errorf("%s (staff: %t): %s %v, want %s", why, staff, v, c.beyond(), test.want)
			}
		}
	}
	all := x.claimed(x.decided("dsc_2", "b-1", necessity.Settle, merchant,
		is("fields", []ledger.Object{public("name"), public("address")}), is("decision", "refused"), is("ground", nil), is("views", nil), is("expires", nil)), false)
	if v := all.verdict(x.engine); v != Follows {
		t.Errorf("all is public: %s", v)
	}
}

// A person can give what the policies give or leave to one, for less; never more.
func TestPersonDecides(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	bits := necessity.Of(necessity.Accepted, necessity.Held, necessity.Paid, necessity.PaidInFull)
	c := x.claimed(x.decided("dsc_1", "s-1", necessity.Deliver, bits), true)
	c.person = true
	if v := c.verdict(x.engine); v != ByPerson {
		t.Errorf("what the policies give: %s", v)
	}
	less := c
	less.views, less.expires = 1, c.expires+",requested+3d"
	if v := less.verdict(x.engine); v != ByPerson {
		t.Errorf("less: %s", v)
	}
	denied := c
	denied.decision, denied.ground, denied.fields = "refused", "", nil
	for _, f := range c.fields {
		if f.outcome == necessity.Granted {
			denied.fields = append(denied.fields, field{name: f.name, outcome: necessity.Withheld, reason: necessity.DeniedByPerson})
		}
	}
	if v := denied.verdict(x.engine); v != ByPerson {
		t.Errorf("nothing: %s", v)
	}
	more := c
	more.views = 21
	if v := more.verdict(x.engine); v != Differs {
		t.Errorf("more: %s", v)
	}
	never := c
	never.bits = 0
	if v := never.verdict(x.engine); v != Differs {
		t.Errorf("what the policies withhold: %s", v)
	}
}

// A decision that differs is found in the bundle, and is no error of the file.
func TestBundleTellsWhatDiffers(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.disclosed()
	x.decided("dsc_9", "s-1", necessity.Deliver, necessity.Of(necessity.Accepted), is("decision", "granted"), is("ground", "3b"), is("views", 20), is("expires", "delivered+14d"),
		is("fields", []ledger.Object{{is("field", "name"), is("outcome", "granted"), is("rule", "deliver-shipped-goods")}}))
	x.about(ledger.CaseOpened, "", is("opened_by", "b-1"), is("reason", "not_received"))
	p, err := Verify(x.sealed(Buyer), x.trust())
	if err != nil || !p.Differs() {
		t.Errorf("%v\n%s", err, lines(p))
	}
}
