package broker

import (
	"errors"
	"testing"

	"bauta.dev/bauta/broker/states"
	"bauta.dev/bauta/disputes"
)

// A side writes 200 messages, hands in 50 items and opens 200, and no more; what the other one has
// done counts for that one.
func TestBoundsOfASide(t *testing.T) {
	t.Parallel()
	items := func(mine, others int) (all []disputes.Item) {
		for range mine {
			all = append(all, disputes.Item{By: disputes.Seller})
		}
		for range others {
			all = append(all, disputes.Item{By: disputes.Buyer})
		}
		return all
	}
	written := func(n int) map[disputes.Side]int {
		return map[disputes.Side]int{disputes.Seller: n, disputes.Buyer: 200}
	}
	for name, x := range map[string]struct {
		of    CaseFacts
		on    states.Event
		guard states.Guard // that does not hold; empty: all do
	}{
		"a first message":   {CaseFacts{}, disputes.Message, ""},
		"the 200th message": {CaseFacts{Written: written(199)}, disputes.Message, ""},
		"the 201st message": {CaseFacts{Written: written(200)}, disputes.Message, disputes.FewTexts},
		"the 50th item":     {CaseFacts{Items: items(49, 50)}, disputes.AddEvidence, ""},
		"the 51st item":     {CaseFacts{Items: items(50, 0)}, disputes.AddEvidence, disputes.FewItems},
	} {
		c := caseCourse{r: CaseRecord{CaseFacts: x.of}, side: disputes.Seller, item: &disputes.Item{Original: []byte("new")}}
		_, err := disputes.Life.Next(disputes.Negotiation, x.on, disputes.ByOther, c.holds)
		if x.guard == "" && err != nil || x.guard != "" && caseTransition(err) != ErrTooMany { //nolint:errorlint // it is that very one
			t.Errorf("%s: %v", name, err)
		}
	}
	files := map[disputes.Side]int{disputes.Seller: mostFiles, disputes.Buyer: mostFiles - 1}
	for side, most := range map[disputes.Side]error{disputes.Seller: ErrTooMany, disputes.Buyer: nil} {
		c := caseCourse{f: &FoundCase{CaseRecord: CaseRecord{CaseFacts: CaseFacts{Bundled: files}}}, side: side}
		if err := c.mayBundle(); !errors.Is(err, most) || mostFiles != 10 {
			t.Errorf("a bundle for the %s: %v", side, err)
		}
	}
	looked := map[disputes.Side]int{disputes.Seller: mostLooks, disputes.Buyer: 1}
	c := caseCourse{f: &FoundCase{CaseRecord: CaseRecord{CaseFacts: CaseFacts{Looked: looked}}}, side: disputes.Seller}
	if _, err := c.openEvidence(t.Context(), 1); !errors.Is(err, ErrTooMany) || mostLooks != 200 {
		t.Errorf("look 201: %v", err)
	}
}
