// Package passkeytest is an authenticator for tests, in software, with the browser
// before it (WebAuthn Level 2, attestation "none", ES256). It answers what it is asked;
// what is wrong with its answers, a test says.
package passkeytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"maps"
	"slices"
	"testing"
)

// Authenticator is one, with the passkeys that it has made.
type Authenticator struct {
	Origin     string // of the page that asks
	Unverified bool   // it lets anybody use them
	Counts     bool   // it has a counter

	keys    map[string]*passkey
	counter uint32
}

type passkey struct {
	id, handle []byte
	private    *ecdsa.PrivateKey
	site       string
}

// options are what both ceremonies say that we look at.
type options struct {
	Challenge string `json:"challenge"`
	RP        struct {
		ID string `json:"id"`
	} `json:"rp"`
	RPID string `json:"rpId"`
	User struct {
		ID string `json:"id"`
	} `json:"user"`
	Allow []struct {
		ID string `json:"id"`
	} `json:"allowCredentials"`
}

// New is one behind a browser that shows a page of this origin.
func New(origin string) *Authenticator {
	return &Authenticator{Origin: origin, Counts: true, keys: map[string]*passkey{}}
}

// Copy is what a thief has made of it.
func (a *Authenticator) Copy() *Authenticator {
	c := *a
	c.keys = maps.Clone(a.keys)
	return &c
}

func read(t *testing.T, asked string) (o options) {
	t.Helper()
	if err := json.Unmarshal([]byte(asked), &o); err != nil {
		t.Fatal(err)
	}
	return o
}

func plain(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

func bytes(t *testing.T, s string) []byte {
	t.Helper()
	b, err := base64.RawURLEncoding.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func answer(t *testing.T, id []byte, response map[string]string) string {
	t.Helper()
	b, err := json.Marshal(map[string]any{
		"id": plain(id), "rawId": plain(id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{},
	})
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func (a *Authenticator) client(t *testing.T, kind, challenge string) []byte {
	t.Helper()
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": a.Origin, "crossOrigin": false})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// Flags of the authenticator's data.
const present, verified, attested = 1, 1 << 2, 1 << 6

// says is the authenticator's data.
func (a *Authenticator) says(site string, more byte) []byte {
	hash := sha256.Sum256([]byte(site))
	flags := present | more
	if !a.Unverified {
		flags |= verified
	}
	if a.Counts {
		a.counter++
	}
	return binary.BigEndian.AppendUint32(append(hash[:], flags), a.counter)
}

// Make makes a passkey, and answers as a browser does.
func (a *Authenticator) Make(t *testing.T, asked string) string {
	t.Helper()
	o := read(t, asked)
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := &passkey{id: []byte(rand.Text()), handle: bytes(t, o.User.ID), private: private, site: o.RP.ID}
	a.keys[string(k.id)] = k
	point, err := private.PublicKey.Bytes()
	if err != nil {
		t.Fatal(err)
	}
	cose := slices.Concat([]byte{0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32}, point[1:33], []byte{0x22, 0x58, 32}, point[33:])
	data := append(a.says(k.site, attested), make([]byte, 16)...)
	data = append(binary.BigEndian.AppendUint16(data, uint16(len(k.id))), k.id...) //nolint:gosec // 26
	data = append(data, cose...)
	object := slices.Concat([]byte("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58"), []byte{byte(len(data))}, data)
	return answer(t, k.id, map[string]string{
		"clientDataJSON": plain(a.client(t, "webauthn.create", o.Challenge)), "attestationObject": plain(object),
	})
}

// Sign signs with the passkey that is asked for, or with the only one.
func (a *Authenticator) Sign(t *testing.T, asked string) string {
	t.Helper()
	o := read(t, asked)
	var k *passkey
	for _, k = range a.keys {
		if len(o.Allow) == 0 || plain(k.id) == o.Allow[0].ID {
			break
		}
	}
	client := a.client(t, "webauthn.get", o.Challenge)
	data, hash := a.says(k.site, 0), sha256.Sum256(client)
	digest := sha256.Sum256(append(slices.Clone(data), hash[:]...))
	signature, err := ecdsa.SignASN1(rand.Reader, k.private, digest[:])
	if err != nil {
		t.Fatal(err)
	}
	return answer(t, k.id, map[string]string{
		"clientDataJSON": plain(client), "authenticatorData": plain(data), "signature": plain(signature), "userHandle": plain(k.handle),
	})
}
