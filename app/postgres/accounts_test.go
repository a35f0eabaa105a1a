package postgres_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base32"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

// authenticator is the telephone of somebody who has an account.
func authenticator(tb testing.TB, secret masking.Text, now time.Time) masking.Text {
	tb.Helper()
	key, err := base32.StdEncoding.WithPadding(base32.NoPadding).DecodeString(secret.Reveal())
	if err != nil {
		tb.Fatal(err)
	}
	var step [8]byte
	binary.BigEndian.PutUint64(step[:], uint64(now.Unix()/30))
	h := hmac.New(sha1.New, key)
	h.Write(step[:])
	sum := h.Sum(nil)
	at := sum[19] & 15
	return masking.NewText(fmt.Sprintf("%06d", (binary.BigEndian.Uint32(sum[at:at+4])&^(1<<31))%1000000))
}

const pass = "grey lagoon in the morning"

// person is somebody with an account that is set up, and his first session.
type person struct {
	broker.SignedIn
	email  masking.Text
	secret masking.Text
}

func (h *house) add(tb testing.TB, s *accounts.Session, email string, role accounts.Role) (person, broker.AccountView) {
	tb.Helper()
	ctx := context.Background()
	p := person{email: masking.NewText(email)}
	made, _, err := h.AddAccount(ctx, s, p.email, role, nil)
	if err != nil {
		tb.Fatal(err)
	}
	return p, made
}

func (h *house) employ(tb testing.TB, s *accounts.Session, email string, role accounts.Role) person {
	tb.Helper()
	ctx := context.Background()
	p, made := h.add(tb, s, email, role)
	e, _, err := h.Enrol(ctx, made.SetUpCode, nil)
	if err != nil {
		tb.Fatal(err)
	}
	p.secret = e.Secret
	if p.SignedIn, err = h.SetUp(ctx, made.SetUpCode, masking.NewText(pass), authenticator(tb, e.Secret, h.clock()), nil); err != nil {
		tb.Fatal(err)
	}
	return p
}

func (h *house) signIn(p person, password string, code masking.Text) (broker.SignedIn, error) {
	return h.SignIn(context.Background(), broker.SignIn{Email: p.email, Password: masking.NewText(password), Code: code}, nil)
}

// hire makes the accounts of a story in which everything happens.
func (a *adversary) hire(t *testing.T) {
	t.Helper()
	officer := a.employ(t, nil, "officer@example.com", accounts.PrivacyOfficer)
	lead := a.employ(t, officer.Session, "lead@example.com", accounts.Lead)
	a.add(t, officer.Session, "auditor@example.com", accounts.Auditor)
	if _, err := a.signIn(lead, "wrong", masking.Text{}); err == nil {
		t.Fatal("a wrong password signs in")
	}
	a.arm(t, officer)
	a.arm(t, lead)
	if _, err := a.signIn(officer, pass, authenticator(t, officer.secret, a.clock().Add(30*time.Second))); err != nil {
		t.Fatal(err)
	}
}

// promote changes one account, ends another and resets a third.
func (a *adversary) promote(t *testing.T) {
	t.Helper()
	ctx := context.Background()
	all, err := a.ListAccounts(ctx)
	if err != nil || len(all) != 3 {
		t.Fatal(len(all), err)
	}
	officer := &accounts.Session{Account: all[0].ID, Role: accounts.PrivacyOfficer, ApprovesAt: noon}
	for i := range 2 { // two outcomes of one kind
		if _, _, err = a.ChangeRole(ctx, officer, all[1].ID, []accounts.Role{accounts.Auditor, accounts.Lead}[i], a.NewOutcome(market, "role", fmt.Sprint(i), nil)); err != nil {
			t.Fatal(err)
		}
	}
	_, _, ended := a.EndAccount(ctx, officer, all[2].ID, "left", a.NewOutcome(market, "end", "1", nil))
	extra := a.employ(t, nil, "extra@example.com", accounts.Handler)
	_, reset := a.ResetAccount(ctx, extra.Account)
	_, _, again := a.ChangeRole(ctx, nil, all[0].ID, accounts.PrivacyOfficer, nil)
	if err := errors.Join(ended, reset, again); err != nil {
		t.Fatal(err)
	}
	a.employ(t, nil, "other@example.com", accounts.MerchantReviewer)
}

// However many guess at once, on two brokers, as many guesses get through as in a row.
func TestGuessesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	two := enter(t, h.db, h.keys)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	tag := h.store.EmailTag(masking.NewText("ana@example.com"))
	var mu sync.Mutex
	var wait sync.WaitGroup
	allowed := 0
	for i := range 64 {
		wait.Go(func() {
			store := h.store
			if i%2 == 1 {
				store = two.store
			}
			a, err := store.Attempt(context.Background(), tag)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if a.Allowed {
				allowed++
			}
			if a.Account == nil || a.Account.ID != p.Account {
				t.Error("the account is not found by its address")
			}
		})
	}
	wait.Wait()
	if allowed != accounts.LockedFrom {
		t.Errorf("%d guesses of 64 got through, want %d", allowed, accounts.LockedFrom)
	}
	h.checkLog(t)
}

// A code that two brokers are given at the same moment opens one session.
func TestCodeOpensOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	two := enter(t, h.db, h.keys)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	h.at(noon.Add(time.Minute))
	two.at(noon.Add(time.Minute))
	code := authenticator(t, p.secret, h.clock())
	var mu sync.Mutex
	var wait sync.WaitGroup
	opened := 0
	for i := range 4 {
		wait.Go(func() {
			b := []*house{h, two}[i%2]
			_, err := b.signIn(p, pass, code)
			mu.Lock()
			defer mu.Unlock()
			if err == nil {
				opened++
			} else if !errors.Is(err, accounts.ErrSignIn) {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if opened != 1 {
		t.Errorf("one code opened %d sessions", opened)
	}
}

// A session's times are written by several brokers at once, and its MAC stays right.
func TestSessionTimes(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	ctx := context.Background()
	var wait sync.WaitGroup
	for i := range 12 {
		h.at(noon.Add(time.Duration(i) * 2 * time.Minute))
		wait.Go(func() {
			if _, err := h.Session(ctx, p.Token.Reveal()); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if _, err := h.Session(ctx, p.Token.Reveal()); err != nil {
		t.Error(err)
	}
	h.checkLog(t)
}

// What an account's row says is what the broker wrote: whoever can write to the
// database makes nobody a lead, and no session of his own.
func TestForgedAccounts(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	ctx := context.Background()
	a := adversaryOf(t, h)
	if _, err := h.Session(ctx, p.Token.Reveal()); err != nil {
		t.Fatal(err)
	}
	a.keep(t, "kept")
	for what, q := range map[string]string{
		"another role":         `UPDATE accounts SET facts = convert_to(replace(convert_from(facts, 'UTF8'), '"handler"', '"lead"'), 'UTF8')`,
		"another's credential": `UPDATE accounts SET credential = email`,
		"a longer session":     `UPDATE sessions SET made_at = made_at + interval '1 hour'`,
		"somebody's handle":    `UPDATE accounts SET handle = sha256('x')`,
		"somebody's sign-in":   `UPDATE accounts SET bound = sha256('x')`,
		"a fresh session":      `UPDATE sessions SET confirmed_at = confirmed_at + interval '1 hour'`,
	} {
		a.sql(t, q)
		if _, err := h.Session(ctx, p.Token.Reveal()); err == nil {
			t.Errorf("%s is taken", what)
		}
		a.undo(t, "accounts")
		a.undo(t, "sessions")
	}
	if _, err := h.Session(ctx, p.Token.Reveal()); err != nil {
		t.Error(err)
	}
}

// A session of before a reset opens nothing, even when its row is put back.
func TestSessionPutBack(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	a := adversaryOf(t, h)
	a.sql(t, `CREATE TABLE were AS SELECT * FROM sessions`)
	if _, err := h.ResetAccount(context.Background(), p.Account); err != nil {
		t.Fatal(err)
	}
	if got := a.list(t, `SELECT count(*) FROM sessions`)[0][0]; got != "0" {
		t.Errorf("%s sessions after a reset", got)
	}
	a.sql(t, `INSERT INTO sessions SELECT * FROM were`)
	if _, err := h.Session(context.Background(), p.Token.Reveal()); !errors.Is(err, accounts.ErrNoSession) {
		t.Errorf("a session of before the reset: %v", err)
	}
}

// A hash with yesterday's parameters is made anew when its person signs in.
func TestHashIsRenewed(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	weak := h.Deps
	weak.Passwords = accounts.Parameters{Memory: 2 << 10, Time: 1, Threads: 1}
	today := h.Broker
	h.Broker = broker.New(weak)
	p := h.employ(t, nil, "ana@example.com", accounts.Handler)
	h.Broker = today
	for i, want := range []int64{3, 3} { // made, set up, renewed; and once only
		h.at(noon.Add(time.Duration(i+1) * time.Minute))
		if _, err := h.signIn(p, pass, authenticator(t, p.secret, h.clock())); err != nil {
			t.Fatal(err)
		}
		r, err := h.store.Account(t.Context(), p.Account)
		if err != nil || r.Version != want {
			t.Errorf("version %d of the account, want %d: %v", r.Version, want, err)
		}
	}
	h.checkLog(t)
}
