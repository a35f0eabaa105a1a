package necessity

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/masking"
)

// breach says which promise of the floor an answer breaks, written without a
// look at floor.cedar.
func breach(d *Decision, b Bits, f *FieldDecision) string {
	if f.Outcome == Withheld {
		return ""
	}
	grounded := map[Ground]bool{
		Ground3a: b.Has(Consent),
		Ground3g: b.Has(Citation),
		Ground3b: d.Role == Seller && b.Has(Accepted),
		Ground3f: d.Role == Seller && (b.Has(Shipped) || b.Has(Provided)) || d.Role == Buyer && (b.Has(Paid) || b.Has(GivenBack)),
	}
	exempt := d.Purpose == Deliver || d.Purpose == HandOver || d.Purpose == Invoice
	switch {
	case !grounded[f.Ground]:
		return fmt.Sprintf("ground %s is not open (I3)", f.Ground)
	case b.Has(Cancelled):
		return "cancelled"
	case b.Has(SubjectRestricted):
		return "restricted"
	case f.Field == masking.Email && f.Channel == "" && d.Kind != BusinessSupply:
		return "an email outside business supply"
	case f.Field == masking.Email && f.Channel == "" && (!f.Only || f.Contact == ContactOwn):
		return "an email that is not the transaction's"
	case f.Channel != "" && !b.Has(Relay):
		return "a relay that is not there"
	case f.Outcome == Granted && b.Has(SubjectMinor):
		return "a minor without a person"
	case f.Outcome == Granted && b.Has(SubjectAtRisk):
		return "a safety flag without a person"
	case f.Outcome == Granted && f.Field == masking.FullAddress && !b.Has(SubjectBusiness) && !exempt:
		return "a home address without a person"
	case f.Outcome == Granted && f.Ground == Ground3g:
		return "a citation without a person"
	case f.Ground == Ground3g && (f.Expires.Event != EventRequest || f.Expires.After > 30*24*time.Hour):
		return "a citation for more than 30 days"
	case f.Expires.After <= 0 || f.Expires.After > maxAfter || f.Views < 1 || f.Views > maxViews:
		return "terms out of bounds"
	}
	return ""
}

func breaches(e *Engine) (found map[string]int, open map[Ground]int) {
	found, open = map[string]int{}, map[Ground]int{}
	answers(e, func(d *Decision, b Bits, f *FieldDecision) {
		if what := breach(d, b, f); what != "" {
			found[what]++
		} else if f.Outcome != Withheld {
			open[f.Ground]++
		}
	})
	return found, open
}

// I3, over every answer of the engine as it ships.
func TestShippedPoliciesKeepTheFloor(t *testing.T) {
	found, open := breaches(shipped(t))
	if len(found) > 0 {
		t.Errorf("breaches: %v", found)
	}
	if open[Ground3b] == 0 || open[Ground3f] == 0 || len(open) != 2 {
		t.Errorf("open by ground: %v, want 3b and 3f", open)
	}
}

// No operator can lift the floor: permits for everything, under any ground,
// open nothing that breaks it.
func TestPermitsForEverythingKeepTheFloor(t *testing.T) {
	t.Parallel()
	for _, g := range Grounds() {
		t.Run(string(g), func(t *testing.T) {
			t.Parallel()
			e := everything(t, g)
			found, open := breaches(e)
			if len(found) > 0 {
				t.Errorf("breaches: %v", found)
			}
			if what := givenForNothing(e); what != "" {
				t.Error(what)
			}
			opens := g == Ground3a || g == Ground3b || g == Ground3f || g == Ground3g
			if (open[g] > 0) != opens {
				t.Errorf("%d answers are open, which proves nothing", open[g])
			}
		})
	}
	if _, err := Load(os.DirFS("testdata/everything")); err != nil {
		t.Errorf("all grounds together: %v", err)
	}
}

// Nothing in the floor is idle: without any one of its policies, permits for
// everything break what it keeps. Purposes and fields are closed by the schema
// already: those two stand behind a door that is shut.
func TestEachPolicyOfTheFloorIsNeeded(t *testing.T) {
	floor, problems := readFloor(floorText)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	for i, r := range floor {
		found := map[string]int{}
		for _, g := range Grounds() {
			permits, _ := readFolder(os.DirFS("testdata/everything"), ".")
			permits = slices.DeleteFunc(permits, func(r *rule) bool { return !strings.Contains(r.id, string(g)) })
			for _, r := range permits {
				if p := append(r.annotate(), r.explore()...); len(p) > 0 {
					t.Fatal(p)
				}
				for p := range r.reach { // one kind, two purposes: what differs is there
					if k, _, purpose := at(p); k != ShippedGoods || purpose != Deliver && purpose != Settle {
						r.reach[p] = 0
					}
				}
			}
			e, problems := newEngine(slices.Delete(slices.Clone(floor), i, i+1), permits)
			if len(problems) > 0 {
				t.Fatal(problems)
			}
			f, _ := breaches(e)
			maps.Copy(found, f)
		}
		if shut := r.id == "floor-purpose" || r.id == "floor-field"; (len(found) == 0) != shut {
			t.Errorf("without %s: breaches %v", r.id, found)
		}
	}
}

// A floor that errs is no floor: Cedar would skip the policy. (Of permits,
// TestRefusals has it.)
func TestAFloorThatErrsIsRefused(t *testing.T) {
	s := shipped(t).sheets[place(ShippedGoods, Seller, Deliver)]
	bad, problems := parse("bad.cedar", []byte(`@id("bad") forbid (principal, action, resource) when { context.unknown };`))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if _, problems := newEngine(bad, s.permits); len(problems) == 0 {
		t.Error("a floor that errs was taken")
	}
}

type row struct {
	Kind
	Role
	Purpose
}

// listed is what necessary-data.md lists, written here by hand.
var listed = map[row][]masking.Field{
	{ShippedGoods, Seller, Deliver}:   {masking.Name, masking.FullAddress, masking.Phone},
	{ShippedGoods, Seller, Delay}:     {masking.Phone, masking.Email},
	{ShippedGoods, Buyer, Delay}:      {masking.Phone, masking.Email},
	{ShippedGoods, Buyer, Return}:     {masking.Name, masking.FullAddress},
	{ShippedGoods, Seller, Collect}:   {masking.Name, masking.Phone, masking.FullAddress},
	{ShippedGoods, Seller, Invoice}:   {masking.Name, masking.FullAddress},
	{ShippedGoods, Buyer, Settle}:     {masking.Name, masking.FullAddress, masking.Phone},
	{ShippedGoods, Seller, Settle}:    {masking.Name, masking.Phone, masking.FullAddress},
	{LocalPickup, Buyer, HandOver}:    {masking.Locality, masking.FullAddress, masking.Phone},
	{LocalPickup, Seller, HandOver}:   {masking.FirstName, masking.Phone},
	{LocalPickup, Seller, Delay}:      {masking.FirstName, masking.Phone},
	{LocalPickup, Buyer, Return}:      {masking.FullAddress, masking.Phone},
	{LocalPickup, Buyer, Settle}:      {masking.FullAddress, masking.Phone},
	{DigitalGoods, Seller, Invoice}:   {masking.Name},
	{DigitalGoods, Seller, Settle}:    {masking.Phone},
	{DigitalGoods, Buyer, Settle}:     {masking.Phone},
	{ServiceAtHome, Seller, Deliver}:  {masking.FirstName, masking.FullAddress, masking.Phone},
	{ServiceAtHome, Seller, Delay}:    {masking.FirstName, masking.FullAddress, masking.Phone},
	{ServiceAtHome, Buyer, Deliver}:   {masking.FirstName, masking.Phone, masking.Name},
	{ServiceAtHome, Buyer, Delay}:     {masking.FirstName, masking.Phone, masking.Name},
	{ServiceAtHome, Seller, Collect}:  {masking.Name, masking.FullAddress},
	{ServiceAtHome, Seller, Invoice}:  {masking.Name, masking.FullAddress},
	{ServiceAtHome, Seller, Settle}:   {masking.Name, masking.FullAddress},
	{ServiceAtHome, Buyer, Settle}:    {masking.Name, masking.FullAddress},
	{Rental, Buyer, Deliver}:          {masking.FullAddress, masking.FirstName, masking.Phone},
	{Rental, Seller, Deliver}:         {masking.FirstName},
	{Rental, Seller, Collect}:         {masking.Name, masking.Phone, masking.FullAddress},
	{Rental, Seller, Return}:          {masking.Name, masking.Phone, masking.FullAddress},
	{UsedGoods, Seller, Deliver}:      {masking.Name, masking.FullAddress},
	{UsedGoods, Seller, HandOver}:     {masking.FirstName, masking.Phone},
	{UsedGoods, Buyer, HandOver}:      {masking.FullAddress, masking.FirstName, masking.Phone},
	{UsedGoods, Seller, Collect}:      {masking.Phone, masking.Name},
	{UsedGoods, Buyer, Collect}:       {masking.Phone, masking.Name},
	{UsedGoods, Seller, Settle}:       {masking.Phone, masking.Name},
	{UsedGoods, Buyer, Settle}:        {masking.Phone, masking.Name},
	{BusinessSupply, Seller, Deliver}: {masking.Name, masking.FullAddress, masking.Phone, masking.Email},
	{BusinessSupply, Seller, Collect}: {masking.Name, masking.FullAddress, masking.Email},
	{BusinessSupply, Seller, Invoice}: {masking.Name, masking.FullAddress, masking.Email},
	{BusinessSupply, Seller, Return}:  {masking.Phone, masking.Email},
	{BusinessSupply, Seller, Delay}:   {masking.Phone, masking.Email},
	{BusinessSupply, Buyer, Return}:   {masking.Phone, masking.Email, masking.FullAddress},
	{BusinessSupply, Buyer, Delay}:    {masking.Phone, masking.Email},
	{BusinessSupply, Seller, Settle}:  {masking.Name, masking.FullAddress},
	{BusinessSupply, Buyer, Settle}:   {masking.Name, masking.FullAddress},
}

// I4: nothing goes out but what is listed.
func TestOnlyNecessaryFields(t *testing.T) {
	e := shipped(t)
	e.Table(func(c Cell) bool {
		if c.Outcome != Withheld && !slices.Contains(listed[row{c.Kind, c.Role, c.Purpose}], c.Field) {
			t.Errorf("%+v: not listed", c)
			return false
		}
		return true
	})
	for i := range places() {
		k, r, p := at(i)
		var want []masking.Field
		for _, f := range masking.Fields() {
			if slices.Contains(listed[row{k, r, p}], f) {
				want = append(want, f)
			}
		}
		if got := e.Decide(k, r, p, 0).Necessary; !slices.Equal(got, want) {
			t.Errorf("%s %s %s: necessary %v, want %v", k, r, p, got, want)
		}
	}
}

// The schema speaks of just the words that the code has.
func TestSchemaHasTheWordsOfTheCode(t *testing.T) {
	known, err := vocabulary()
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"Role": texts(Roles()), "Field": texts(masking.Fields()), "Kind": texts(Kinds()), "Ground": texts(Grounds()), "Decide": {"auto", "person"}}
	for name, enum := range known.Enums {
		var got []string
		for _, uid := range enum.Values {
			got = append(got, string(uid.ID))
		}
		if !slices.Equal(got, want[string(name)]) {
			t.Errorf("%s: %v, want %v", name, got, want[string(name)])
		}
	}
	if len(known.Enums) != len(want) || len(known.Actions) != len(Purposes()) {
		t.Errorf("%d enumerations and %d actions, want %d and %d", len(known.Enums), len(known.Actions), len(want), len(Purposes()))
	}
	for uid := range known.Actions {
		if !slices.Contains(texts(Purposes()), string(uid.ID)) {
			t.Errorf("action %s is no purpose", uid)
		}
	}
	for _, c := range Conditions() {
		if c.Sentence() == "" || !bytes.Contains(schemaText, []byte("    "+c.String()+": Bool,")) {
			t.Errorf("condition %s is not in the schema, or has no sentence", c)
		}
	}
	if n := strings.Count(string(schemaText), ": Bool,"); n != len(Conditions())+1 { // alias
		t.Errorf("the schema has %d booleans, the code %d", n, len(Conditions())+1)
	}
}

func texts[T ~string](list []T) []string {
	var s []string
	for _, v := range list {
		s = append(s, string(v))
	}
	return s
}
