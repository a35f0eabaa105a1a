package stories

import (
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
)

// A grant on a consent ends with it: a day before that, and then, it is told; and where
// a shorter consent has taken its place, by that one.
func TestEndWithAConsentIsTold(t *testing.T) {
	t.Parallel()
	for name, shorter := range map[string]time.Duration{"as it was given": 0, "a shorter one": 3 * 24 * time.Hour} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := shop(t, terms{signs: newProvider(t), policies: consenting})
			l := h.listen(t, broker.GrantExpiring, broker.GrantExpired)
			h.tell(t)
			ends := noon.Add(5 * 24 * time.Hour)
			h.give(t, "settle", 5*24*time.Hour, "phone").want(t, 201)
			h.askSigned(t, "settle", "phone").want(t, 201, "ground", "3a", "expires_at", ends.Format(time.RFC3339))
			if shorter > 0 {
				h.clock.forward(time.Hour)
				ends = h.clock.now().Add(shorter)
				h.give(t, "settle", shorter, "phone").want(t, 200)
			}
			h.caughtUp(t)
			h.await(t, `SELECT string_agg(to_char(due_at, 'MM-DD HH24:MI'), ' ' ORDER BY id) FROM outbox WHERE state = 0 AND endpoint > 0`,
				ends.Add(-24*time.Hour).Format("01-02 15:04")+" "+ends.Format("01-02 15:04"))
			h.clock.set(ends.Add(-24 * time.Hour))
			await(t, "a day before is told", func() bool { return l.kinds() == "grant.expiring" })
			h.caughtUp(t)
			h.clock.forward(24 * time.Hour)
			await(t, "its end is told", func() bool { return l.kinds() == "grant.expiring grant.expired" })
			h.clock.forward(90 * 24 * time.Hour)
			h.caughtUp(t)
			if got := l.kinds(); got != "grant.expiring grant.expired" {
				t.Errorf("told %q", got)
			}
		})
	}
}

// A grant that the facts suspended, and two people let live again, tells its end like
// any other.
func TestReinstatedGrantTellsItsEnd(t *testing.T) {
	t.Parallel()
	h := shop(t, terms{})
	h.employ(t, "hanna", helena, accounts.Handler)
	h.employ(t, "lena", rui, accounts.Lead)
	l := h.listen(t, broker.GrantExpiring, broker.GrantExpired, broker.GrantReinstated)
	h.tell(t)
	h.attest(t, "t-1", "pay 221.65, accept 1")
	id := h.grant(t, "t-1")
	h.reverse(t, "t-1", "pay", "221.65", "chargeback")
	h.caughtUp(t)
	h.clock.forward(time.Minute)
	h.attest(t, "t-1", "pay 221.65")
	h.caughtUp(t)
	h.revive(t, id)
	await(t, "it lives again", func() bool { return l.kinds() == "grant.reinstated" })
	h.clock.forward(43 * 24 * time.Hour)
	await(t, "a day before is told", func() bool { return l.kinds() == "grant.reinstated grant.expiring" })
	h.caughtUp(t)
	h.clock.forward(2 * 24 * time.Hour)
	await(t, "its end is told", func() bool { return l.kinds() == "grant.reinstated grant.expiring grant.expired" })
}
