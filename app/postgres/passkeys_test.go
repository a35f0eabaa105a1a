package postgres_test

import (
	"context"
	"encoding/json"
	"errors"
	"sync"
	"testing"

	"bauta.dev/bauta/app/passkeys"
	"bauta.dev/bauta/app/passkeys/passkeytest"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

const site = "https://broker.example.com"

func siteOf(tb testing.TB) *passkeys.Site {
	tb.Helper()
	s, err := passkeys.At(site)
	if err != nil {
		tb.Fatal(err)
	}
	return s
}

func said(tb testing.TB, v any) string {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return string(b)
}

// passkey gives somebody one.
func (h *house) passkey(t *testing.T, p person) *passkeytest.Authenticator {
	t.Helper()
	s, a, ctx := siteOf(t), passkeytest.New(site), context.Background()
	asked, err := h.AskToAdd(ctx, p.Session)
	if err != nil {
		t.Fatal(err)
	}
	made, err := s.ReadAttestation([]byte(a.Make(t, said(t, s.AskToMake(asked.Challenge, asked.Handle, string(asked.Account), asked.Known)))))
	if err == nil {
		err = h.AddPasskey(ctx, p.Session, masking.NewText("telephone"), made)
	}
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// signed is an answer to a challenge of a sign-in, by who holds something.
func (h *house) answers(t *testing.T, a *passkeytest.Authenticator, holder []byte) *passkeys.Assertion {
	t.Helper()
	s := siteOf(t)
	challenge, err := h.Challenge(context.Background(), broker.PasskeySignIn, holder)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := s.ReadAssertion([]byte(a.Sign(t, said(t, s.AskFor(challenge, nil)))))
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

// arm gives somebody a passkey that was used, a provider's sign-in, and a challenge
// that nobody has answered.
func (a *adversary) arm(t *testing.T, p person) {
	t.Helper()
	ctx, holder := context.Background(), []byte("a browser")
	_, in := a.SignInByPasskey(ctx, holder, a.answers(t, a.passkey(t, p), holder))
	_, asked := a.Challenge(ctx, broker.PasskeySignIn, holder)
	id := &accounts.Identity{Issuer: "https://id.example.com", Subject: string(p.Account), Email: p.email, ShownAt: a.clock()}
	if err := errors.Join(in, asked, a.BindProvider(ctx, p.Session, id, a.clock())); err != nil {
		t.Fatal(err)
	}
}

// An answer opens one session, however many come with it at once; and rows that the
// broker did not write open none.
func TestAnswerOpensOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	ctx, holder := context.Background(), []byte("a browser")
	key := h.passkey(t, h.employ(t, nil, "ana@example.com", accounts.Handler))
	answer := h.answers(t, key, holder)
	var wait sync.WaitGroup
	var mu sync.Mutex
	opened := 0
	for range 16 {
		wait.Go(func() {
			_, err := h.SignInByPasskey(ctx, holder, answer)
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
		t.Errorf("one answer opened %d sessions", opened)
	}
	a := adversaryOf(t, h)
	a.keep(t, "kept")
	for what, q := range map[string]string{
		"a counter that was put back": `UPDATE passkey_uses SET counter = 0`,
		"another's counter":           `UPDATE passkey_uses SET account = account + 1`,
		"another's handle":            `UPDATE accounts SET handle = sha256(handle)`,
	} {
		answer := h.answers(t, key, holder)
		a.sql(t, q)
		if _, err := h.SignInByPasskey(ctx, holder, answer); err == nil {
			t.Errorf("%s is taken", what)
		}
		a.undo(t, "passkey_uses")
		a.undo(t, "accounts")
	}
	late := h.answers(t, key, holder)
	a.sql(t, `UPDATE challenges SET until = until + interval '1 hour'`)
	if _, err := h.SignInByPasskey(ctx, holder, late); err == nil {
		t.Error("a challenge that somebody made longer is taken")
	}
}
