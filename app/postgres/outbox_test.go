package postgres

import (
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
)

// While nobody listens, a disclosure's commit is the statement that it was
// before there was an outbox; and who listens to something else costs it nothing either.
func TestNobodyListensCostsNothing(t *testing.T) {
	t.Parallel()
	w := &broker.Write{Notices: []broker.Notice{{Kind: broker.DisclosureGranted}, {Kind: broker.GrantExpiring}}, Transaction: &broker.TransactionRecord{}}
	w.Transaction.Version, w.Transaction.Row = 2, 7
	for name, x := range map[string]struct {
		endpoints []broker.Endpoint
		timers    int
		parts     string
	}{
		"nobody":                      {nil, 0, ""},
		"one that is told the rest":   {[]broker.Endpoint{{ID: 1, Kinds: []broker.NoticeKind{broker.GrantRevoked}}}, 0, ""},
		"one that is gone":            {[]broker.Endpoint{{ID: 1, DisabledAt: time.Unix(1, 0)}}, 0, ""},
		"one that is told one kind":   {[]broker.Endpoint{{ID: 1, Kinds: []broker.NoticeKind{broker.DisclosureGranted}}}, 0, "said"},
		"one that is told all":        {[]broker.Endpoint{{ID: 1}}, 0, "said moved"},
		"a timer, and nobody listens": {nil, 1, "timed"},
	} {
		s := &Store{}
		s.heed(x.endpoints)
		w.Timers = make([]broker.Timer, x.timers)
		c := lay([]*job{{w: w, said: s.prepareSaid(w)}}, 0, nil, &recent{}, nil)
		q, _ := c.query(linked{}, nil)
		var parts []string
		for _, part := range []string{"said", "timed", "moved"} {
			if strings.Contains(q, part+" AS (") {
				parts = append(parts, part)
			}
		}
		if got := strings.Join(parts, " "); got != x.parts || x.parts == "" && strings.Contains(q, "outbox") {
			t.Errorf("%s: the statement has %q, want %q", name, got, x.parts)
		}
	}
}
