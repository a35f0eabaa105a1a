package broker

import (
	"errors"
	"math"
	"testing"

	"bauta.dev/bauta/broker/ledger"
)

// When a log is succeeded, and how much is lost.
func TestSuccessionAllowed(t *testing.T) {
	t.Parallel()
	of := func(size int64) ledger.Checkpoint { return ledger.Checkpoint{Size: size} }
	for what, x := range map[string]struct {
		o      Outside
		reason SuccessionReason
		want   error
		gap    int64
	}{
		"nothing known":              {Outside{}, Restored, ErrNothingKnown, 0},
		"nothing known, compromised": {Outside{}, KeyCompromised, nil, 0},
		"whole":                      {Outside{Last: of(10), Held: true}, Restored, ErrNothingToSucceed, 0},
		"whole, older":               {Outside{Last: of(4), Held: true}, Restored, ErrNothingToSucceed, 0},
		"whole, compromised":         {Outside{Last: of(10), Held: true}, KeyCompromised, nil, 0},
		"kept":                       {Outside{Last: of(14)}, Restored, nil, 4},
		"another history":            {Outside{Last: of(10), Forked: true}, Restored, nil, 0},
		"claimed":                    {Outside{Claimed: 13}, Restored, nil, 3},
		"claimed more than kept":     {Outside{Last: of(12), Claimed: 13}, Restored, nil, 3},
		"claimed and held":           {Outside{Last: of(10), Held: true, Claimed: 9}, Restored, ErrNothingToSucceed, 0},
		"claimed another history":    {Outside{Claimed: math.MaxInt64}, Restored, nil, 0},
		"claimed beyond numbers":     {Outside{Claimed: 1 << 60, Last: of(11)}, Restored, nil, 1},
		"recorded":                   {Outside{Recorded: 11}, Restored, nil, 1},
		"recorded and there":         {Outside{Recorded: 9, Last: of(9), Held: true}, Restored, ErrNothingToSucceed, 0},
		"a later key":                {Outside{Superseded: true}, Restored, nil, 0},
	} {
		s := Succession{Head: of(10), Reason: x.reason, Outside: x.o}
		if err := s.Allowed(); !errors.Is(err, x.want) || s.Gap() != x.gap {
			t.Errorf("%s: %v, a gap of %d, want %d", what, err, s.Gap(), x.gap)
		}
	}
	lost := ledger.Statement{Members: ledger.Object{{Name: "size", Value: int64(10)}, {Name: "gap", Value: int64(3)}, {Name: "forked", Value: false}}}
	forked := ledger.Statement{Members: ledger.Object{{Name: "size", Value: int64(10)}, {Name: "gap", Value: int64(0)}, {Name: "forked", Value: true}}}
	for size, want := range map[int64][2]bool{9: {false, true}, 10: {false, true}, 11: {true, false}, 13: {true, false}, 14: {false, false}} {
		if got := [2]bool{Concedes(lost, size), Concedes(forked, size)}; got != want {
			t.Errorf("%d: %v, want %v", size, got, want)
		}
	}
}
