package stories

import (
	"fmt"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// keyedIn signs in with an idempotency key.
func (d *desk) keyedIn(t *testing.T, key, email, password, code string) reply {
	t.Helper()
	return d.do(t, "", "POST /v1/session", body("email", email, "password", password, "code", code), keyed(key)...)
}

// An answer that got lost is not a session that is lost: the retry gets the same one,
// though the code was used. When the token is in somebody's hands it is said no more.
func TestSignInIsRetried(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	two := h.second(t)
	h.clock.forward(time.Minute)
	code := p.shows(t, h.clock.now())
	first := h.keyedIn(t, "k-1", helena, phrase, code).want(t, 201, "account", p.id)
	h.clock.forward(3 * time.Minute) // the code is old by now
	for _, d := range []*desk{h.desk, two} {
		again := d.keyedIn(t, "k-1", helena, phrase, code).want(t, 201, "token", first.at("token"), "created_at", first.at("created_at"))
		if again.header.Get("Idempotent-Replayed") != "true" || first.header.Get("Idempotent-Replayed") != "" {
			t.Errorf("who is told that it is a replay: %v, %v", first.header, again.header)
		}
	}
	if got := h.ask(t, `SELECT concat_ws(' ', (SELECT count(*) FROM sessions), (SELECT count(*) FROM outcomes), (SELECT coalesce(sum(failures), 0) FROM sign_in_failures))`); got != "2 1 0" {
		t.Errorf("sessions, outcomes and failures: %s", got) // the set-up opened the other one
	}
	// Another request under the same key: told to who could sign in, and to nobody else.
	fresh := p.shows(t, h.clock.now())
	h.keyedIn(t, "k-1", helena, phrase, fresh).want(t, 409, "code", "idempotency_mismatch")
	wrong := h.keyedIn(t, "k-1", helena, phrase, "000000").want(t, 401, "code", "sign_in_failed")
	for what, r := range map[string]reply{
		"a wrong password":              h.keyedIn(t, "k-1", helena, "another phrase", fresh),
		"an address that nobody has":    h.keyedIn(t, "k-1", "nobody@example.com", phrase, code),
		"the old code, and another key": h.keyedIn(t, "k-2", helena, phrase, code),
	} {
		if r.unnumbered() != wrong.unnumbered() {
			t.Errorf("%s: %s", what, r.unnumbered())
		}
	}
	h.keyedIn(t, "k-3", helena, phrase, fresh).want(t, 201) // it was not used by the mismatch
	// The token arrives, and its first use ends that it is said again.
	h.keys["retried"] = first.at("token")
	two.do(t, "retried", "GET /v1/session", "").want(t, 200, "account", p.id)
	h.keyedIn(t, "k-1", helena, phrase, code).want(t, 201, "account", p.id, "token", "")
	h.do(t, "retried", "DELETE /v1/session", "").want(t, 200)
	h.keyedIn(t, "k-1", helena, phrase, code).want(t, 410, "code", "gone")
}

// A retry neither counts as a failure nor ends a run of them, and while an address
// waits it waits like any other.
func TestRetriesOfSignInOpenNoDoor(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	h.clock.forward(time.Minute)
	code := p.shows(t, h.clock.now())
	h.keyedIn(t, "k", helena, phrase, code).want(t, 201)
	for i := range 4 {
		h.keyedIn(t, "k", helena, phrase, fmt.Sprintf("%06d", i)).want(t, 401)
		h.keyedIn(t, "k", helena, phrase, code).want(t, 201)
	}
	if got := h.ask(t, `SELECT failures FROM sign_in_failures`); got != "4" {
		t.Errorf("%s failures", got)
	}
	h.keyedIn(t, "k", helena, phrase, "999999").want(t, 401)
	h.keyedIn(t, "k", helena, phrase, code).want(t, 401, "code", "sign_in_failed")
	h.clock.forward(10 * time.Minute)
	h.keyedIn(t, "k", helena, phrase, code).want(t, 201, "account", p.id, "token", "") // nobody has used it, but ten minutes are over
}

// Four at once at two brokers, under one key: one session, and one token.
func TestSignInAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	desks := []*desk{h.desk, h.second(t)}
	h.clock.forward(time.Minute)
	code := p.shows(t, h.clock.now())
	tokens := map[string]bool{}
	for _, r := range together(4, func(i int) reply { return desks[i%2].keyedIn(t, "one", helena, phrase, code) }) {
		if r.status == 201 {
			tokens[r.at("token")] = true
		} else if r.status != 401 { // past the attempts of an address
			t.Errorf("%s", r.short())
		}
	}
	if got := h.ask(t, `SELECT count(*) FROM sessions`); got != "2" || len(tokens) != 1 {
		t.Errorf("%s sessions, %d tokens", got, len(tokens))
	}
}

// The other requests about a session take a key as well.
func TestSessionRequestsAreRetried(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	id, code := h.invite(t, helena, accounts.Handler)
	again := func(r reply, pairs ...string) reply {
		t.Helper()
		if r.want(t, r.status, pairs...).header.Get("Idempotent-Replayed") != "true" {
			t.Errorf("%s: not said to be a replay: %s", r.request, r.short())
		}
		return r
	}
	enrol := func() reply {
		return h.do(t, "", "POST /v1/session/enrolment", body("set_up_code", code), keyed("k")...)
	}
	e := enrol().want(t, 200)
	p := &person{id: id, email: helena, secret: e.at("secret")}
	again(enrol(), "secret", p.secret)
	setUp := func(password string) reply {
		return h.do(t, "", "POST /v1/session/set-up", body("set_up_code", code, "password", password, "code", p.shows(t, noon)), keyed("k")...)
	}
	in := setUp(phrase).want(t, 201, "account", id)
	again(setUp(phrase), "token", in.at("token"))
	setUp("another phrase").want(t, 409, "code", "idempotency_mismatch")
	enrol().want(t, 422, "code", "set_up_code") // the account has its authenticator, and shows its secret no more
	h.keys["helena"] = in.at("token")
	h.clock.forward(10 * time.Minute)
	shown := p.shows(t, h.clock.now())
	confirm := func() reply {
		return h.do(t, "helena", "POST /v1/session/confirmation", body("code", shown), keyed("k")...)
	}
	confirm().want(t, 200, "fresh_until", "2026-03-04T12:15:00Z")
	h.clock.forward(time.Minute)
	again(confirm(), "fresh_until", "2026-03-04T12:15:00Z") // and not a minute more
	again(setUp(phrase), "token", "")
}
