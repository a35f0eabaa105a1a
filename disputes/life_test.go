package disputes_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/states"
	. "bauta.dev/bauta/disputes"
)

func TestLifeIsSound(t *testing.T) {
	t.Parallel()
	if err := Life.Check(); err != nil {
		t.Error(err)
	}
}

// ways are all that can happen, where all guards hold: from, event, actor and where it
// leads. It is written by hand, so that a change of the machine is one here as well.
const ways = `
 open opener negotiation
negotiation message opener negotiation; message other negotiation; message handler negotiation; offer opener negotiation; offer other negotiation; retract_offer opener negotiation; retract_offer other negotiation; accept_offer opener settled; accept_offer other settled; escalate opener claim; escalate other claim; withdraw opener withdrawn; lapse clock lapsed; add_evidence opener negotiation; add_evidence other negotiation; go_external handler external; check_details clock negotiation
settled message opener settled; message other settled; message handler settled; escalate opener claim; escalate other claim; close clock closed; go_external handler external; check_details clock settled
claim message opener claim; message other claim; message handler claim; add_evidence opener claim; add_evidence other claim; assign handler claim; release handler claim; request_evidence handler evidence; go_external handler external; check_details clock claim
evidence message opener evidence; message other evidence; message handler evidence; add_evidence opener evidence; add_evidence other evidence; rest opener under_review; rest other under_review; freeze clock under_review; assign handler evidence; release handler evidence; go_external handler external; check_details clock evidence
under_review message opener under_review; message other under_review; message handler under_review; add_evidence opener under_review; add_evidence other under_review; assign handler under_review; release handler under_review; request_evidence handler evidence; admit_evidence handler under_review; propose handler proposed; go_external handler external; check_details clock under_review
proposed add_evidence opener proposed; add_evidence other proposed; message opener proposed; message other proposed; message handler proposed; release handler under_review; approve second decided; send_back second under_review; go_external handler external; check_details clock proposed
decided message opener decided; message other decided; message handler decided; appeal opener appealed; appeal other appealed; close clock closed; go_external handler external; check_details clock decided
appealed message opener appealed; message other appealed; message handler appealed; add_evidence opener appealed; add_evidence other appealed; assign handler appealed; release handler appealed; propose handler appeal_proposed; go_external handler external; check_details clock appealed
appeal_proposed add_evidence opener appeal_proposed; add_evidence other appeal_proposed; message opener appeal_proposed; message other appeal_proposed; message handler appeal_proposed; release handler appealed; approve second final; send_back second appealed; go_external handler external; check_details clock appeal_proposed
final message opener final; message other final; message handler final; close clock closed; go_external handler external; check_details clock final
external message opener external; message other external; message handler external; conclude handler closed; resume handler negotiation; check_details clock external
closed
withdrawn
lapsed
`

// Every state, event and actor: what is listed happens, and nothing else.
func TestLifeHasNoOtherWay(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for line := range strings.Lines(strings.TrimPrefix(ways, "\n")) {
		from, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		for way := range strings.SplitSeq(rest, "; ") {
			if w := strings.Fields(way); len(w) == 3 {
				want[from+" "+w[0]+" "+w[1]] = w[2]
			}
		}
	}
	tried := 0
	for _, from := range append([]states.State{states.Beginning}, Life.States()...) {
		for _, on := range Life.Events() {
			for _, by := range Life.Actors() {
				tried++
				key := fmt.Sprintf("%s %s %s", from, on, by)
				row, err := Life.Next(from, on, by, func(states.Guard) bool { return true })
				switch to, listed := want[key]; {
				case listed && (err != nil || string(row.After(from)) != to):
					t.Errorf("%s: %v, want %s", key, err, to)
				case !listed && err == nil:
					t.Errorf("%s leads to %s", key, row.After(from))
				case !listed:
					if r, ok := errors.AsType[*states.RefusedError](err); !ok || r.Guard != "" || slices.Contains(r.Allowed, on) {
						t.Errorf("%s: %v", key, err)
					}
				}
				delete(want, key)
			}
		}
	}
	if len(want) > 0 || tried < 1000 {
		t.Errorf("%d tried; never: %v", tried, want)
	}
}

// What went outside comes back to where it was, and to nowhere else.
func TestComingBack(t *testing.T) {
	t.Parallel()
	inside := 0
	for _, s := range Life.States() {
		row, err := Life.Next(External, ComeBack, ByHandler, func(g states.Guard) bool { return g == NotNew || g == MayHandle || g == WasIn(s) })
		switch _, out := Life.Next(s, GoOutside, ByHandler, func(states.Guard) bool { return true }); {
		case out == nil && (err != nil || row.To != s):
			t.Errorf("what was in %s does not come back to it: %v", s, err)
		case out != nil && err == nil:
			t.Errorf("comes back to %s, from where nothing goes outside", s)
		case out == nil:
			inside++
		}
	}
	if inside != 10 {
		t.Errorf("%d states that a case can go outside from", inside)
	}
}

// The rules that no row may break, whatever it says of its own.
func TestEveryRowKeepsTheRules(t *testing.T) {
	t.Parallel()
	for i := range Life.Rows {
		r := &Life.Rows[i]
		has := func(g ...states.Guard) bool {
			return !slices.ContainsFunc(g, func(x states.Guard) bool { return !slices.Contains(r.Guards, x) })
		}
		switch {
		case r.To == Decided || r.To == Final:
			if ways := r.On == Approve && has(AnotherHand, LeadIfLarge, MayApprove, OfTwoHands, SameHash, Within, Told); !ways && r.On != ComeBack {
				t.Errorf("row %d decides without all that two people need", i+1)
			}
		case r.On == Propose && !has(NotNew, Assigned, Within, Told):
			t.Errorf("row %d proposes without what a proposal needs", i+1)
		case slices.Contains(Life.Finals, r.To) && (!r.Has(FreeLines) || !r.Has(SealCase)):
			t.Errorf("row %d ends a case, and leaves its lines in dispute, or the case unsealed", i+1)
		case r.Has(OrderRemedy) && r.On != Approve && r.On != AcceptOffer:
			t.Errorf("row %d lets money go back without a decision or the other side's yes", i+1)
		}
	}
}
