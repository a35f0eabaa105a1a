package stories

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// The operator's people. What they are called and know may turn up nowhere either.
const (
	helena = "helena.duarte51@example.com"
	rui    = "rui.mascarenhas8@example.org"
	phrase = "lagoa cinzenta ao amanhecer"
)

// person has an account, a password and an authenticator.
type person struct {
	name, id, email, secret string
}

// shows is the code that an authenticator shows at a time.
func (p *person) shows(t *testing.T, now time.Time) string {
	t.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(p.secret)
	if err != nil {
		t.Fatal(err)
	}
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(now.Unix()/30))
	h := hmac.New(sha1.New, key)
	h.Write(step[:])
	sum := h.Sum(nil)
	at := sum[19] & 15
	return fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&^(1<<31))%1000000)
}

func body(pairs ...string) string {
	m := map[string]string{}
	for i := 0; i+1 < len(pairs); i += 2 {
		m[pairs[i]] = pairs[i+1]
	}
	b, _ := json.Marshal(m) // of strings
	return string(b)
}

// invite is bauta handler add.
func (h *house) invite(t *testing.T, email string, role accounts.Role) (id, code string) {
	t.Helper()
	v, _, err := h.broker.AddAccount(t.Context(), nil, masking.NewText(email), role, nil)
	if err != nil {
		t.Fatal(err)
	}
	return string(v.ID), v.SetUpCode.Reveal()
}

// setUp does what a person does with a set-up code; from then on the name stands
// for her session, as it does for a key.
func (h *house) setUp(t *testing.T, name, email, code string) *person {
	t.Helper()
	p := &person{name: name, email: email}
	e := h.do(t, "", "POST /v1/session/enrolment", body("set_up_code", code)).want(t, 200)
	p.id, p.secret = e.at("account"), e.at("secret")
	in := h.do(t, "", "POST /v1/session/set-up", body("set_up_code", code, "password", phrase, "code", p.shows(t, h.clock.now()))).want(t, 201, "account", p.id)
	h.keys[name] = in.at("token")
	return p
}

func (h *house) employ(t *testing.T, name, email string, role accounts.Role) *person {
	t.Helper()
	_, code := h.invite(t, email, role)
	return h.setUp(t, name, email, code)
}

// try is one attempt to sign in.
func (d *desk) try(t *testing.T, email, password, code string) reply {
	t.Helper()
	return d.do(t, "", "POST /v1/session", body("email", email, "password", password, "code", code))
}

// signIn is a good one, a minute later, for each code opens once.
func (h *house) signIn(t *testing.T, p *person) reply {
	t.Helper()
	h.clock.forward(time.Minute)
	r := h.try(t, p.email, phrase, p.shows(t, h.clock.now())).want(t, 201)
	h.keys[p.name] = r.at("token")
	return r
}

// reported are the entries of accounts, as their auditor reads them.
func (h *house) reported(t *testing.T) (lines []string) {
	t.Helper()
	folder, err := masking.OpenFolder(h.folder, rand.Reader, false)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Fields(h.ask(t, `SELECT string_agg(encode(entry, 'hex') || '/' || encode(statement, 'hex'), ' ' ORDER BY idx)
		FROM ledger_entries WHERE get_byte(entry, 1) = 60`)) {
		e, s, _ := strings.Cut(line, "/")
		entry, err1 := hex.DecodeString(e)
		sealed, err2 := hex.DecodeString(s)
		if err1 != nil || err2 != nil {
			t.Fatal(err1, err2)
		}
		st, err := broker.OpenStatement(folder.Auditor, entry, sealed)
		if err != nil || st.Type != ledger.AccountChanged {
			t.Fatal(st.Type, err)
		}
		m := st.Members
		at, _ := m.Lookup("approves_at")
		when, _ := at.(time.Time)
		lines = append(lines, strings.Join([]string{m.String("event"), m.String("role"), m.String("by"), when.Format("02 15:04"), m.String("reason")}, " "))
	}
	return lines
}
