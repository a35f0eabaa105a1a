package broker

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Whatever a row says, and whatever a person wants, a grant under 3g ends within
// thirty days of the decision; under another ground it is as the row and he say.
func TestCitationEndsWithinThirtyDays(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	at := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, x := range []struct {
		ground necessity.Ground
		row    time.Duration
		days   int
		want   time.Duration
	}{
		{necessity.Ground3g, 90 * day, 0, 30 * day},
		{necessity.Ground3g, 90 * day, 90, 30 * day},
		{necessity.Ground3g, 90 * day, 30, 30 * day},
		{necessity.Ground3g, 90 * day, 10, 10 * day},
		{necessity.Ground3g, 20 * day, 0, 20 * day},
		{necessity.Ground3b, 90 * day, 0, 90 * day},
		{necessity.Ground3b, 90 * day, 60, 60 * day},
	} {
		p := &Plan{Decided: Decided{At: at, Ground: x.ground, Decision: "granted", Fields: []FieldOutcome{{Field: masking.Name, Outcome: necessity.Granted}}}, Permitted: true}
		terms := conclusion{expires: []necessity.Expiry{{Event: necessity.EventRequest, After: x.row}}, views: 2}
		s := &Situation{}
		p.finish(s, &Request{}, Choice{Event: Grants, Reason: "legal_duty", Days: x.days}, terms)
		if got := s.Transaction.Ends(p.Expires, p.Purpose, at).Sub(at); got != x.want || !p.Permitted || p.Two != (x.ground == necessity.Ground3g) {
			t.Errorf("%s, a row of %s and %d days: ends after %s, want %s; permitted %v, two %v", x.ground, x.row, x.days, got, x.want, p.Permitted, p.Two)
		}
	}
}
