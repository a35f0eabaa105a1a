package accounts_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// A counter only grows; where there is none it stays.
func TestPasskeyCounters(t *testing.T) {
	t.Parallel()
	used := func(n uint32) *accounts.PasskeyUse { return &accounts.PasskeyUse{Counter: n} }
	for _, x := range []struct {
		added uint32
		last  *accounts.PasskeyUse
		says  uint32
		want  bool
	}{
		{0, nil, 0, true},
		{0, used(0), 0, true},
		{0, nil, 1, true},
		{7, nil, 7, false},
		{7, nil, 8, true},
		{7, used(9), 8, false},
		{7, used(9), 9, false},
		{7, used(9), 10, true},
		{7, used(9), 0, false},
		{0, used(1), 0, false},
		{7, used(1<<32 - 1), 0, false},
	} {
		k := accounts.Passkey{Counter: x.added}
		if got := k.Advances(x.last, x.says); got != x.want {
			t.Errorf("%d after %v of %d: %t", x.says, x.last, x.added, got)
		}
	}
}

func TestPasskeyNames(t *testing.T) {
	t.Parallel()
	for name, code := range map[string]string{
		"": "required", " \t": "required", "telephone": "", "Ana’s מפתח": "", strings.Repeat("é", 64): "", strings.Repeat("é", 65): "passkey_name", "two\nlines": "passkey_name", "\xff": "passkey_name",
	} {
		err := accounts.CheckPasskeyName(masking.NewText(name))
		got := ""
		if f, ok := errors.AsType[*fault.Error](err); ok && len(f.Fields) == 1 && f.Fields[0].Pointer == "/name" {
			got = f.Fields[0].Code
		}
		if got != code || (err == nil) != (code == "") {
			t.Errorf("%q: %v, want %q", name, err, code)
		}
	}
}

// A credential keeps what it has, and prints no name of a passkey.
func TestCredentialKeepsPasskeys(t *testing.T) {
	t.Parallel()
	c := accounts.Credential{Handle: []byte{1}, BoundTo: "https://id.example.com", BoundAt: noon, Passkeys: []accounts.Passkey{
		{ID: []byte{2}, PublicKey: []byte{3}, Flags: 29, Counter: 4, Name: masking.NewText("segredo"), AddedAt: noon},
		{ID: []byte{5}},
	}}
	b, err := c.Marshal()
	if err != nil {
		t.Fatal(err)
	}
	back, err := accounts.ParseCredential(b)
	if err != nil || back.BoundTo != c.BoundTo || !back.BoundAt.Equal(noon) || len(back.Handle) != 1 || len(back.Passkeys) != 2 {
		t.Fatalf("read back: %v", err)
	}
	k := back.Passkey([]byte{2})
	if k == nil || k.Name.Reveal() != "segredo" || k.Flags != 29 || k.Counter != 4 || !k.AddedAt.Equal(noon) || k.PublicKey[0] != 3 {
		t.Errorf("the passkey is another one")
	}
	if left := back.Without([]byte{2}); len(left.Passkeys) != 1 || left.Passkey([]byte{2}) != nil || len(back.Passkeys) != 2 {
		t.Error("another one is removed")
	}
	if printed := fmt.Sprintf("%v %+v", back, k); strings.Contains(printed, "segredo") {
		t.Errorf("it prints %s", printed)
	}
	if old, err := accounts.ParseCredential([]byte(`{"password":{},"secret":"x"}`)); err != nil || old.Handle != nil || old.Passkeys != nil || old.BoundTo != "" {
		t.Errorf("one of before there was any: %v", err)
	}
}
