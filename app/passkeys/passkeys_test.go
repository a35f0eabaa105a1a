package passkeys_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"bauta.dev/bauta/app/passkeys"
	"bauta.dev/bauta/app/passkeys/passkeytest"
	"bauta.dev/bauta/broker/accounts"
)

const origin = "https://broker.example.com"

var challenge, handle = bytes.Repeat([]byte{7}, 32), bytes.Repeat([]byte{8}, 32)

func site(t *testing.T, url string) *passkeys.Site {
	t.Helper()
	s, err := passkeys.At(url)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func asked(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// made is a passkey that was added.
func made(t *testing.T, s *passkeys.Site, a *passkeytest.Authenticator) accounts.Passkey {
	t.Helper()
	answer, err := s.ReadAttestation([]byte(a.Make(t, asked(t, s.AskToMake(challenge, handle, "hnd_1", nil)))))
	if err != nil || !bytes.Equal(answer.Challenge(), challenge) {
		t.Fatal(err)
	}
	k, err := answer.Verify(handle)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// Browsers make passkeys for a name over TLS, and for localhost.
func TestSites(t *testing.T) {
	t.Parallel()
	for url, want := range map[string]bool{
		origin: true, origin + ":8443/desk": true, "http://localhost:8080": true, "https://localhost": true,
		"http://broker.example.com": false, "http://127.0.0.1:8080": false, "https://192.0.2.1": false, "https://[2001:db8::1]": false, "": false, "https://": false, "nonsense": false,
	} {
		if _, err := passkeys.At(url); (err == nil) != want {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// What an authenticator says is taken for the site, the challenge, the handle and the
// key that it is for, of a verified person, and for nothing else.
func TestAnswers(t *testing.T) {
	t.Parallel()
	s, a := site(t, origin), passkeytest.New(origin)
	k := made(t, s, a)
	sign := func(by *passkeytest.Authenticator, at *passkeys.Site) *passkeys.Assertion {
		t.Helper()
		answer, err := at.ReadAssertion([]byte(by.Sign(t, asked(t, s.AskFor(challenge, [][]byte{k.ID})))))
		if err != nil || !bytes.Equal(answer.Challenge(), challenge) || !bytes.Equal(answer.Handle(), handle) || !bytes.Equal(answer.Passkey(), k.ID) {
			t.Fatalf("%v", err)
		}
		return answer
	}
	for want := uint32(2); want < 4; want++ {
		if counter, err := sign(a, s).Verify(handle, &k); err != nil || counter != want {
			t.Errorf("it counts %d, want %d: %v", counter, want, err)
		}
	}
	elsewhere, careless := a.Copy(), a.Copy()
	elsewhere.Origin, careless.Unverified = "https://broker.example.com.evil.example", true
	other := made(t, s, passkeytest.New(origin))
	other.ID = k.ID
	synced := k
	synced.Flags |= 1 << 3 // it may be copied to other devices, which it said it may not
	for what, x := range map[string]struct {
		answer *passkeys.Assertion
		handle []byte
		key    accounts.Passkey
	}{
		"a page of another site":       {sign(elsewhere, s), handle, k},
		"another site's passkey":       {sign(a, site(t, "https://other.example.com")), handle, k},
		"nobody was verified":          {sign(careless, s), handle, k},
		"another account's handle":     {sign(a, s), challenge, k},
		"another key":                  {sign(a, s), handle, other},
		"a passkey of another nature":  {sign(a, s), handle, synced},
		"no public key that there is":  {sign(a, s), handle, accounts.Passkey{ID: k.ID}},
		"a passkey of another's names": {sign(a, s), handle, accounts.Passkey{ID: handle, PublicKey: k.PublicKey, Flags: k.Flags}},
	} {
		if _, err := x.answer.Verify(x.handle, &x.key); err == nil {
			t.Errorf("%s: it is taken", what)
		}
	}
}

// A passkey is added for this site, by a page of it, by a verified person.
func TestNewPasskeys(t *testing.T) {
	t.Parallel()
	s := site(t, origin)
	for what, x := range map[string]struct {
		by *passkeytest.Authenticator
		at *passkeys.Site
	}{
		"a page of another site": {passkeytest.New("https://other.example.com"), s},
		"another site's":         {passkeytest.New(origin), site(t, "https://other.example.com")},
		"nobody was verified":    {&passkeytest.Authenticator{Origin: origin, Unverified: true}, s},
	} {
		by := passkeytest.New(x.by.Origin)
		by.Unverified = x.by.Unverified
		answer, err := x.at.ReadAttestation([]byte(by.Make(t, asked(t, s.AskToMake(challenge, handle, "hnd_1", nil)))))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := answer.Verify(handle); err == nil {
			t.Errorf("%s: it is taken", what)
		}
	}
}

// What can't be read is refused, in words of our own.
func TestUnreadable(t *testing.T) {
	t.Parallel()
	s, a := site(t, origin), passkeytest.New(origin)
	attestation := a.Make(t, asked(t, s.AskToMake(challenge, handle, "hnd_1", nil)))
	assertion := a.Sign(t, asked(t, s.AskFor(challenge, nil)))
	for _, body := range []string{"", "{}", "[]", "null", `{"id":"segredo"}`, attestation[:len(attestation)/2], strings.Repeat("[", 1<<14), assertion[:40]} {
		if _, err := s.ReadAttestation([]byte(body)); err == nil || strings.Contains(err.Error(), "segredo") {
			t.Errorf("an attestation: %v", err)
		}
		if _, err := s.ReadAssertion([]byte(body)); err == nil || strings.Contains(err.Error(), "segredo") {
			t.Errorf("an assertion: %v", err)
		}
	}
	if _, err := s.ReadAttestation([]byte(assertion)); err == nil {
		t.Error("an assertion is read as an attestation")
	}
}
