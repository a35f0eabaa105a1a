package stories

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/necessity"
)

// Every row of necessary-data.md: before its conditions, at
// them, and after.
func TestRowsOfTheMatrix(t *testing.T) {
	t.Parallel()
	kinds := map[string][]*cell{}
	for _, cells := range [][]cell{goodsCells, otherCells, disputeCells} {
		for i := range cells {
			kinds[cells[i].deal.kind] = append(kinds[cells[i].deal.kind], &cells[i])
		}
	}
	for kind, cells := range kinds {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			h := newHouse(t, terms{})
			h.people(t)
			people := staffed{
				handler: h.employ(t, "helena", helena, accounts.Handler),
				lead:    h.employ(t, "rui", rui, accounts.Lead),
			}
			for _, c := range cells {
				t.Run(c.title(), func(t *testing.T) { c.run(t, h, people) })
			}
		})
	}
}

// possible is what the shipped policies can give of a row: each field with its rule,
// those for which a relay would be needed without, and whether anything of it does
// without a dispute.
type possible struct {
	given      map[string]bool
	undisputed bool
}

func everyRow(t *testing.T) map[string]*possible {
	t.Helper()
	e, err := shipped()
	if err != nil {
		t.Fatal(err)
	}
	rows := map[string]*possible{}
	e.Table(func(c necessity.Cell) bool {
		sign, rule := "=", c.Rule
		switch {
		case c.Outcome == necessity.Pending:
			sign = "?"
		case c.Outcome == necessity.Withheld && c.Reason == necessity.RelayUnavailable:
			sign, rule = "!", string(c.Reason)
		case c.Outcome == necessity.Withheld:
			return true
		}
		if c.Situation["subject_minor"] || c.Situation["subject_at_risk"] {
			return true // TestFlags: all of it is a person's then
		}
		name := string(c.Kind) + " " + string(c.Role) + " " + string(c.Purpose)
		if rows[name] == nil {
			rows[name] = &possible{given: map[string]bool{}}
		}
		rows[name].given[string(c.Field)+sign+rule] = true
		rows[name].undisputed = rows[name].undisputed || !c.Situation["dispute_open"]
		return true
	})
	return rows
}

// No row of the policies is without a story, nor any field that one can give.
func TestEveryRowHasAStory(t *testing.T) {
	t.Parallel()
	told := map[string]string{}
	for _, c := range slices.Concat(goodsCells, otherCells, disputeCells) {
		row := strings.TrimSuffix(c.title(), " "+c.name)
		told[row] += " " + c.at.says
		for _, s := range c.before {
			told[row] += " " + s.says
		}
		if c.opens() && (c.ends.name == "" || c.term == 0 || c.closing == "" || len(c.before) == 0 && c.name == "") {
			t.Errorf("%s: it is not told how it begins and how it ends", c.title())
		}
		if strings.Contains(c.at.says, "?") && c.person == nil {
			t.Errorf("%s: people decide, and it is not told how", c.title())
		}
	}
	rows := everyRow(t)
	if len(rows) < 40 {
		t.Fatalf("only %d rows were found", len(rows))
	}
	for row, p := range rows {
		for given := range p.given {
			if !tells(told[row], given) {
				t.Errorf("%s: no story of %s", row, given)
			}
		}
	}
}

// tells says whether a story has a field from a rule: a smaller field is told of by
// the one that it is listed within, and one of a relay by the refusal.
func tells(story, given string) bool {
	if strings.HasSuffix(given, "!relay_unavailable") {
		return strings.Contains(story, given) || strings.Contains(story, "relay_unavailable:")
	}
	return slices.Contains(strings.Fields(story), given)
}

// What is in no row is never given, whatever has been performed, and the row that
// says "nothing" (the platform delivers digital goods) gives nothing; what needs a
// dispute is not given without one. Before anything is performed nothing is given at all.
func TestOutsideTheMatrix(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	h.people(t)
	rows := everyRow(t)
	var wait sync.WaitGroup // together they share commits
	for kind := range performed {
		wait.Go(func() { h.outside(t, kind, rows) })
	}
	wait.Wait()
	for _, purpose := range []string{"marketing", "review", "social_contact", "credit_scoring", "other"} {
		h.do(t, "market", "POST /v1/disclosures", request("shipped_goods", "s-1", purpose)).want(t, 422, "code", "unknown_purpose")
	}
	h.do(t, "market", "POST /v1/disclosures", request("shipped_goods", "s-2", "deliver")).want(t, 404, "code", "not_found") // no party
	if kinds := slices.Sorted(maps.Keys(performed)); len(kinds) != len(necessity.Kinds()) {
		t.Errorf("only of %v", kinds)
	}
}

// outside asks for everything of one kind, from both sides.
func (h *house) outside(t *testing.T, kind string, rows map[string]*possible) {
	t.Helper()
	h.agree(t, deal{id: kind + "-new", kind: kind, more: slot})
	h.agree(t, deal{id: kind, kind: kind, more: slot})
	h.attest(t, kind, performed[kind])
	for who, role := range map[string]string{"b-1": "buyer", "s-1": "seller"} {
		for _, purpose := range necessity.Purposes() {
			r := h.disclose(t, kind+"-new", who, string(purpose)).want(t, 201, "decision", "refused", "ground", "")
			if r.opens() != "" {
				t.Errorf("%s: nothing is performed, and it opens %s", kind, r.opens())
			}
			if p := rows[kind+" "+role+" "+string(purpose)]; p != nil && p.undisputed {
				continue
			}
			r = h.disclose(t, kind, who, string(purpose)).want(t, 201, "decision", "refused")
			if got := r.because(); got != "not_necessary" || r.opens() != "" {
				t.Errorf("%s: %s asks to %s, and gets %s", kind, role, purpose, r.short())
			}
		}
	}
}

// performed is all that can be, of each kind.
var performed = map[string]string{
	"shipped_goods":   "pay 221.65, accept 1, ship 1, deliver 1, approve_return 1, return 1",
	"local_pickup":    "pay 221.65, accept 1, hand_over 1, approve_return 1, return 1",
	"digital_goods":   "pay 221.65, accept 1, deliver 1",
	"service_at_home": "pay 221.65, accept 1, serve 1",
	"rental":          "pay 221.65, accept 1, grant_access 1, give_back 1",
	"used_goods":      "pay 221.65, accept 1, ship 1, deliver 1, approve_return 1, return 1",
	"business_supply": "pay 221.65, accept 1, ship 1, deliver 1, approve_return 1, return 1",
}
