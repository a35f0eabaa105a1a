package stories

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
)

// From the code that the operator has handed over to the end of the session.
func TestSignIn(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	id, code := h.invite(t, helena, accounts.Handler)
	for _, weak := range []string{"short", "password1234", strings.Repeat("x", 200)} {
		r := h.do(t, "", "POST /v1/session/set-up", body("set_up_code", code, "password", weak, "code", "000000"))
		r.want(t, 422, "errors.0.pointer", "/password")
	}
	e := h.do(t, "", "POST /v1/session/enrolment", body("set_up_code", strings.ToUpper(strings.ReplaceAll(code, "-", " ")))).want(t, 200, "account", id)
	if again := h.do(t, "", "POST /v1/session/enrolment", body("set_up_code", code)); again.at("secret") != e.at("secret") || !strings.Contains(e.at("otpauth"), "secret="+e.at("secret")) {
		t.Errorf("another secret for the same code: %s", again.short())
	}
	h.do(t, "", "POST /v1/session/set-up", body("set_up_code", code, "password", phrase, "code", "000000")).want(t, 422, "code", "wrong_code", "errors.0.pointer", "/code")
	p := h.setUp(t, "helena", helena, code)
	for _, request := range []string{"enrolment", "set-up"} {
		b := body("set_up_code", code)
		if request == "set-up" {
			b = body("set_up_code", code, "password", phrase, "code", p.shows(t, h.clock.now()))
		}
		h.do(t, "", "POST /v1/session/"+request, b).want(t, 422, "code", "set_up_code")
	}

	h.do(t, "helena", "GET /v1/session", "").want(t, 200, "account", id, "role", "handler", "expires_at", "2026-03-04T12:30:00Z",
		"fresh_until", "2026-03-04T12:05:00Z", "may_approve_from", "2026-03-04T12:00:00Z", "token", "")
	h.do(t, "helena", "DELETE /v1/session", "").want(t, 200, "state", "ended")
	h.do(t, "helena", "GET /v1/session", "").want(t, 401, "code", "unauthenticated")

	used := p.shows(t, h.clock.now())
	h.try(t, helena, phrase, used).want(t, 401, "code", "sign_in_failed") // it has opened the set-up
	first := h.signIn(t, p)
	h.try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 401)
	h.try(t, "Helena.Duarte51@EXAMPLE.com", phrase, p.shows(t, h.clock.now().Add(30*time.Second))).want(t, 201)
	h.do(t, "helena", "GET /v1/session", "").want(t, 200, "created_at", first.at("created_at"))
	if got := strings.Join(h.reported(t), "|"); got != "made handler operator 04 12:00 |set_up handler "+id+" 04 12:00 " {
		t.Errorf("the entries say %s", got)
	}
}

// What does not sign in says nothing of why: one answer, byte for byte.
func TestSignInTellsNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	h.invite(t, rui, accounts.Lead)
	gone := h.employ(t, "gone", "gone@example.net", accounts.Handler)
	if _, _, err := h.broker.EndAccount(t.Context(), nil, accounts.ID(gone.id), "left", nil); err != nil {
		t.Fatal(err)
	}
	h.clock.forward(time.Minute)
	now := func(p *person) string { return p.shows(t, h.clock.now()) }
	want := h.try(t, "nobody@example.com", phrase, "123456").want(t, 401, "code", "sign_in_failed")
	same := func(what string, r reply) {
		t.Helper()
		if r.unnumbered() != want.unnumbered() || len(r.header) != len(want.header) {
			t.Errorf("%s: %s", what, r.unnumbered())
		}
	}
	same("a wrong password", h.try(t, helena, "another phrase", now(p)))
	same("a wrong code", h.try(t, helena, phrase, "000000"))
	same("not set up yet", h.try(t, rui, phrase, "123456"))
	same("ended", h.try(t, "gone@example.net", phrase, now(gone)))
	for range 4 { // with the two above one too many
		h.try(t, helena, "another phrase", "000000")
		h.try(t, "nobody@example.com", phrase, "123456")
	}
	same("locked, with all that is right", h.try(t, helena, phrase, now(p)))
	same("an address that nobody has, just as often", h.try(t, "nobody@example.com", phrase, "123456"))
	if got := h.ask(t, `SELECT string_agg(failures::text, ' ' ORDER BY failures) FROM sign_in_failures`); got != "1 1 5 5" {
		t.Errorf("failures counted: %s", got)
	}
	h.clock.forward(30 * time.Second)
	h.signIn(t, p)
	if got := h.ask(t, `SELECT count(*) FROM sign_in_failures`); got != "3" {
		t.Errorf("%s runs of failures after she has signed in", got)
	}
}

// After five failures an address waits, longer each time, on every broker and
// after a restart; one entry tells of it.
func TestLockOut(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	two := h.second(t)
	h.clock.forward(time.Minute)
	for i := range 5 {
		[]*desk{h.desk, two}[i%2].try(t, helena, "another phrase", "000000").want(t, 401)
	}
	for _, wait := range []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute, 15 * time.Minute} {
		h.clock.forward(wait - time.Second)
		two.try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 401)
		if wait == 8*time.Minute { // a broker that was started meanwhile
			h.second(t).try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 401)
		}
		h.clock.forward(time.Second)
		h.try(t, helena, "another phrase", "000000").want(t, 401) // counts, and makes the next wait longer
	}
	for range 2 {
		if err := two.broker.TellLocks(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	h.clock.forward(15 * time.Minute)
	h.signIn(t, p)
	if got := h.reported(t); len(got) != 3 || got[2] != "locked handler broker 04 12:00 " {
		t.Errorf("the entries say %v", got)
	}
	// Nobody had told of this one when its person came in.
	for range 5 {
		h.try(t, helena, "another phrase", "000000")
	}
	h.clock.forward(30 * time.Second)
	h.signIn(t, p)
	if got := h.reported(t); len(got) != 4 || got[3] != "locked handler broker 04 12:00 " {
		t.Errorf("the entries say %v", got)
	}
}

// A session ends half an hour after its last request and twelve hours after its
// first, on every broker alike; signing out is felt by all at once.
func TestSessionsEnd(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	two := h.second(t)
	for range 25 { // 11 hours and 40 minutes
		h.clock.forward(28 * time.Minute)
		two.do(t, "helena", "GET /v1/session", "").want(t, 200)
	}
	h.do(t, "helena", "GET /v1/session", "").want(t, 200, "expires_at", "2026-03-05T00:00:00Z")
	h.clock.forward(20 * time.Minute)
	h.do(t, "helena", "GET /v1/session", "").want(t, 401)

	h.signIn(t, p)
	h.clock.forward(30*time.Minute - time.Microsecond)
	h.do(t, "helena", "GET /v1/session", "").want(t, 200)
	h.clock.forward(30 * time.Minute)
	two.do(t, "helena", "GET /v1/session", "").want(t, 401)

	h.signIn(t, p)
	two.do(t, "helena", "DELETE /v1/session", "").want(t, 200)
	h.do(t, "helena", "GET /v1/session", "").want(t, 401)

	h.signIn(t, p)
	if _, err := two.broker.ResetAccount(t.Context(), accounts.ID(p.id)); err != nil {
		t.Fatal(err)
	}
	h.do(t, "helena", "GET /v1/session", "").want(t, 401)
	h.clock.forward(time.Minute)
	h.try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 401)
	if err := h.store.Sweep(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// What asks for a fresh session is refused after five minutes, until its person
// has shown once more who he is, by password or code; a code opens once here, too.
func TestConfirmation(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.PrivacyOfficer)
	make1 := func() reply { return h.do(t, "helena", "POST /v1/handlers", body("email", rui, "role", "handler")) }
	h.clock.forward(5 * time.Minute)
	make1().want(t, 403, "code", "reauthentication_required")
	confirm := func(pairs ...string) reply { return h.do(t, "helena", "POST /v1/session/confirmation", body(pairs...)) }
	confirm("password", "another phrase").want(t, 403, "code", "confirmation_failed")
	confirm("code", "000000").want(t, 403, "code", "confirmation_failed")
	confirm("password", phrase, "code", "000000").want(t, 422, "errors.0.code", "one_of_both")
	confirm().want(t, 422)
	make1().want(t, 403, "code", "reauthentication_required")
	code := p.shows(t, h.clock.now())
	confirm("code", code).want(t, 200, "account", p.id, "role", "privacy_officer", "fresh_until", "2026-03-04T12:10:00Z")
	h.clock.forward(5 * time.Minute)
	confirm("code", code).want(t, 403)
	make1().want(t, 403)
	confirm("password", phrase).want(t, 200)
	make1().want(t, 201)
	for range 5 {
		confirm("password", "another phrase").want(t, 403)
	}
	confirm("password", phrase).want(t, 403, "code", "confirmation_failed")
	h.clock.forward(30 * time.Second)
	confirm("password", phrase).want(t, 200)
}

// An account that another one makes is told to the privacy officers, and can
// approve nothing for a day: it can not make a third one either.
func TestAccountsMadeByAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	officer := h.employ(t, "officer", helena, accounts.PrivacyOfficer)
	lead := h.employ(t, "lead", "lead@example.com", accounts.Lead)
	h.employ(t, "handler", "handler@example.com", accounts.Handler)
	h.employ(t, "auditor", "auditor@example.com", accounts.Auditor)

	add := func(who, email, role string, headers ...string) reply {
		return h.do(t, who, "POST /v1/handlers", body("email", email, "role", role), headers...)
	}
	for _, role := range []string{"lead", "auditor", "privacy_officer"} {
		add("lead", rui, role).want(t, 403, "code", "role_missing")
	}
	for _, who := range []string{"handler", "auditor"} {
		add(who, rui, "handler").want(t, 403, "code", "role_missing")
	}
	for _, key := range []string{"market", "disputes", "privacy", "audit"} {
		add(key, rui, "handler").want(t, 403, "code", "session_required")
		h.do(t, key, "GET /v1/session", "").want(t, 403, "code", "session_required")
	}
	add("officer", helena, "handler").want(t, 409, "code", "account_exists")
	add("officer", "no address", "handler").want(t, 422, "errors.0.pointer", "/email")
	add("officer", rui, "boss").want(t, 422, "errors.0.pointer", "/role")

	made := add("officer", rui, "privacy_officer", "Idempotency-Key", "one").want(t, 201, "state", "invited", "created_by", officer.id, "may_approve_from", "2026-03-05T12:00:00Z")
	again := add("officer", rui, "privacy_officer", "Idempotency-Key", "one").want(t, 201, "id", made.at("id"), "set_up_code", made.at("set_up_code"))
	if again.header.Get("Idempotent-Replayed") != "true" {
		t.Error("made twice")
	}
	add("officer", rui, "handler", "Idempotency-Key", "one").want(t, 409, "code", "idempotency_mismatch")
	second := h.setUp(t, "second", rui, made.at("set_up_code"))
	add("officer", rui, "privacy_officer", "Idempotency-Key", "one").want(t, 201, "set_up_code", "")
	add("second", "third@example.com", "handler").want(t, 403, "code", "approval_not_yet")
	h.do(t, "second", "POST /v1/handlers/"+lead.id+"/end", body("reason", "misuse")).want(t, 403, "code", "approval_not_yet")

	h.do(t, "second", "GET /v1/handlers/notices", "").want(t, 200, "data.0.event", "made", "data.0.account", second.id, "data.0.by", officer.id, "data.1", "")
	h.do(t, "lead", "GET /v1/handlers/notices", "").want(t, 403, "code", "role_missing")
	h.do(t, "auditor", "GET /v1/handlers", "").want(t, 200, "data.0.email", "h•••@•••.com", "data.0.created_by", "operator", "data.4.state", "active")

	h.clock.forward(24*time.Hour - time.Minute) // signing in takes one
	h.signIn(t, second)
	add("second", "third@example.com", "handler").want(t, 201, "may_approve_from", "2026-03-06T12:00:00Z")
	role := h.do(t, "second", "POST /v1/handlers/"+lead.id+"/role", body("role", "auditor"), "Idempotency-Key", "r").want(t, 200, "role", "auditor", "may_approve_from", "2026-03-06T12:00:00Z")
	h.do(t, "second", "POST /v1/handlers/"+lead.id+"/role", body("role", "auditor"), "Idempotency-Key", "r").want(t, 200, "role", role.at("role"))
	h.do(t, "second", "POST /v1/handlers/"+second.id+"/role", body("role", "auditor")).want(t, 403, "code", "own_account")
	h.do(t, "second", "POST /v1/handlers/"+second.id+"/end", body("reason", "left")).want(t, 403, "code", "own_account")
	h.do(t, "second", "POST /v1/handlers/"+officer.id+"/end", body("reason", "misuse")).want(t, 200, "state", "ended")
	h.do(t, "second", "POST /v1/handlers/"+officer.id+"/end", body("reason", "misuse")).want(t, 409, "code", "account_ended")
	for _, id := range []string{"x-1", "hnd_06m9w3h8e0000000000000000g"} {
		h.do(t, "second", "POST /v1/handlers/"+id+"/end", body("reason", "left")).want(t, 404)
	}
	h.do(t, "second", "GET /v1/handlers/notices", "").want(t, 200, "data.0.event", "ended", "data.1.event", "role_changed", "data.2.event", "made", "data.3.event", "made")
	got := h.reported(t)
	if want := "ended privacy_officer " + second.id + " 04 12:00 misuse"; got[len(got)-1] != want {
		t.Errorf("the last entry says %q, want %q", got[len(got)-1], want)
	}
	if want := "role_changed auditor " + second.id + " 06 12:00 "; got[len(got)-2] != want {
		t.Errorf("the entry before says %q, want %q", got[len(got)-2], want)
	}
	add("second", helena, "handler").want(t, 201) // her address is free again
}

// Who has all rows has no session: a token is in none of them, not even hashed as
// anybody could hash it.
func TestTablesOpenNoSession(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{})
	p := h.employ(t, "helena", helena, accounts.Handler)
	token := h.keys["helena"]
	raw, err := base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).DecodeString(strings.TrimPrefix(token, "bst_"))
	if err != nil || len(raw) != 32 {
		t.Fatal(len(raw), err)
	}
	id, err := hex.DecodeString(h.ask(t, `SELECT encode(id, 'hex') FROM sessions`))
	if err != nil || len(id) != 32 {
		t.Fatal(len(id), err)
	}
	dumps := h.dump(t)
	for name, dump := range dumps {
		for what, found := range map[string]string{
			"token": token, "token's bytes": hex.EncodeToString(raw), "token's hash": hashed(string(raw)), "written token's hash": hashed(token),
			"authenticator's secret": p.secret, "address's hash": hashed(helena), "password's hash": hashed(phrase),
		} {
			if strings.Contains(dump, found) {
				t.Errorf("table %s holds the %s", name, what)
			}
		}
	}
	h.keys["thief"] = "bst_" + base32.NewEncoding("0123456789abcdefghjkmnpqrstvwxyz").WithPadding(base32.NoPadding).EncodeToString(id)
	h.do(t, "thief", "GET /v1/session", "").want(t, 401)
	for _, nonsense := range []string{"bst_", "bst_0", token + "0", strings.ToUpper(token), "bst_" + base64.StdEncoding.EncodeToString(id)} {
		h.keys["thief"] = nonsense
		h.do(t, "thief", "GET /v1/session", "").want(t, 401)
	}
	if strings.Contains(h.log.String(), token) || strings.Contains(h.log.String(), p.secret) || !strings.Contains(h.log.String(), p.id) {
		t.Error("the log holds a token or a secret, or does not say whose request it was")
	}
}

func hashed(s string) string {
	sum := sha256.Sum256([]byte(s))
	return hex.EncodeToString(sum[:])
}

// An address from which many attempts have failed has to wait, whoever it tried
// to be. Others do not.
func TestSignInFailuresOfAnAddress(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{rate: 1000})
	p := h.employ(t, "helena", helena, accounts.Handler)
	h.clock.forward(time.Minute)
	for i := range 20 {
		h.try(t, fmt.Sprintf("nobody-%d@example.com", i), phrase, "000000").want(t, 401)
	}
	r := h.try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 429, "code", "rate_limited")
	if wait := r.header.Get("Retry-After"); wait != "15" {
		t.Errorf("Retry-After: %s", wait)
	}
	h.do(t, "helena", "GET /v1/session", "").want(t, 200)
	h.do(t, "", "POST /v1/session/enrolment", body("set_up_code", "000000-000000-000000-000000")).want(t, 429)
	h.clock.forward(15 * time.Second)
	h.try(t, helena, phrase, p.shows(t, h.clock.now())).want(t, 201)
}
