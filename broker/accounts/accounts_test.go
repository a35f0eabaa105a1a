package accounts_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/masking"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

func TestIDs(t *testing.T) {
	t.Parallel()
	id, err := accounts.NewID(noon, rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	if got, ok := accounts.ParseID(string(id)); !ok || got != id || !masking.ValidID(string(id)) || masking.PersonalID(string(id)) {
		t.Errorf("%s is not an id", id)
	}
	for _, s := range []string{"", "hnd_", "dsc_" + string(id)[4:], string(id) + "0", strings.ToUpper(string(id)), string(id)[:29] + "z"} {
		if _, ok := accounts.ParseID(s); ok {
			t.Errorf("%q is taken for an id", s)
		}
	}
}

// Every pair of roles: who governs whom.
func TestGoverns(t *testing.T) {
	t.Parallel()
	want := map[accounts.Role]string{
		accounts.Lead:           "handler merchant_reviewer",
		accounts.PrivacyOfficer: "handler lead auditor merchant_reviewer privacy_officer",
	}
	for _, r := range accounts.Roles() {
		var governed []string
		for _, other := range accounts.Roles() {
			if r.Governs(other) {
				governed = append(governed, string(other))
			}
		}
		if got := strings.Join(governed, " "); got != want[r] {
			t.Errorf("%s governs %q, want %q", r, got, want[r])
		}
	}
	if _, err := accounts.ParseRole("admin"); !errors.Is(err, accounts.ErrUnknownRole) {
		t.Errorf("the role admin: %v", err)
	}
}

func TestAccountsLife(t *testing.T) {
	t.Parallel()
	later := noon.Add(time.Hour)
	a := accounts.New("hnd_a", accounts.Handler, accounts.Maker{}, noon)
	if !a.ApprovesAt.Equal(noon) || a.Ready {
		t.Errorf("made by the operator: %+v", a)
	}
	s := accounts.Session{Generation: a.Generation, MadeAt: noon, SeenAt: noon}
	if b := accounts.New("hnd_b", accounts.Handler, accounts.Maker{Account: "hnd_a"}, noon); !b.ApprovesAt.Equal(noon.Add(24 * time.Hour)) {
		t.Errorf("made by another: %+v", b)
	}
	if b := a.WithRole(accounts.Lead, "hnd_b", later); !b.ApprovesAt.Equal(later.Add(24*time.Hour)) || b.Role != accounts.Lead || !s.Live(noon, &b) {
		t.Errorf("in another role: %+v", b)
	}
	if b := a.Forgotten(later); s.Live(noon, &b) || b.Ready || b.SetUpUntil.IsZero() {
		t.Errorf("reset: %+v", b)
	}
	if b := a.Over(later); s.Live(noon, &b) || !errors.Is(b.Living(), accounts.ErrEnded) || a.Living() != nil {
		t.Errorf("ended: %+v", b)
	}
	if b := a.WithCredential(); !b.Ready || !b.SetUpUntil.IsZero() {
		t.Errorf("set up: %+v", b)
	}
}

// A session at, before and after each of its ends.
func TestSessionEnds(t *testing.T) {
	t.Parallel()
	a := accounts.Account{Generation: 1}
	for _, x := range []struct {
		seen, at time.Duration
		live     bool
	}{
		{0, 0, true},
		{0, 30*time.Minute - 1, true},
		{0, 30 * time.Minute, false},
		{time.Hour, 90*time.Minute - 1, true},
		{time.Hour, 90 * time.Minute, false},
		{12*time.Hour - time.Minute, 12*time.Hour - 1, true},
		{12*time.Hour - time.Minute, 12 * time.Hour, false},
	} {
		s := accounts.Session{Generation: 1, MadeAt: noon, SeenAt: noon.Add(x.seen)}
		if got := s.Live(noon.Add(x.at), &a); got != x.live {
			t.Errorf("seen after %s, at %s: %t", x.seen, x.at, got)
		}
	}
	s := accounts.Session{ConfirmedAt: noon, ApprovesAt: noon}
	if !s.Fresh(noon.Add(5*time.Minute-1)) || s.Fresh(noon.Add(5*time.Minute)) {
		t.Error("fresh for other than 5 minutes")
	}
	if s.MayApprove(noon.Add(-1)) || !s.MayApprove(noon) {
		t.Error("may approve at another time than it says")
	}
}

// The vectors of RFC 6238, appendix B, for SHA-1, in six digits.
func TestCodes(t *testing.T) {
	t.Parallel()
	secret := accounts.NewSecret([]byte("12345678901234567890"))
	for seconds, want := range map[int64]string{
		59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 2000000000: "279037", 20000000000: "353130",
	} {
		now, given := time.Unix(seconds, 0), masking.NewText(want)
		step, ok := accounts.Match(secret, given, now)
		if !ok || step != seconds/30 {
			t.Errorf("at %d: %d %t", seconds, step, ok)
		}
		for shift, taken := range map[time.Duration]bool{-60 * time.Second: false, -30 * time.Second: true, 30 * time.Second: true, 60 * time.Second: false} {
			if now.Add(shift).Unix() < 0 {
				continue // no step is numbered before 1970
			}
			if s, ok := accounts.Match(secret, given, now.Add(shift)); ok != taken || ok && s != step {
				t.Errorf("%s from %d: %d %t", shift, seconds, s, ok)
			}
		}
	}
	for _, given := range []string{"", "0", "28708", "2870820", "９87082"} {
		if _, ok := accounts.Match(secret, masking.NewText(given), time.Unix(59, 0)); ok {
			t.Errorf("%q is taken", given)
		}
	}
	if _, ok := accounts.Match(masking.Text{}, masking.Text{}, noon); ok {
		t.Error("no code for no secret is taken")
	}
}

func TestSetUpCodes(t *testing.T) {
	t.Parallel()
	code := accounts.SetUpCode([]byte("0123456789abcde"))
	s := code.Reveal()
	if len(s) != 27 || strings.Count(s, "-") != 3 {
		t.Errorf("a code of %d characters", len(s))
	}
	for _, typed := range []string{s, strings.ToUpper(s), strings.ReplaceAll(s, "-", ""), " " + strings.ReplaceAll(s, "-", " ") + "\n", strings.ReplaceAll(s, "1", "l"), strings.ReplaceAll(s, "0", "O")} {
		if got := accounts.PlainSetUpCode(masking.NewText(typed)); got.Reveal() != s {
			t.Errorf("%q is not read", typed)
		}
	}
	for _, typed := range []string{"", s[:26], s + "0", strings.Replace(s, s[:1], "!", 1)} {
		if got := accounts.PlainSetUpCode(masking.NewText(typed)); !got.IsZero() {
			t.Errorf("%q is read", typed)
		}
	}
}

func TestPasswords(t *testing.T) {
	t.Parallel()
	for p, want := range map[string]error{
		"":                                 accounts.ErrPasswordShort,
		"eleven char":                      accounts.ErrPasswordShort,
		"一二三四五六七八九十一":                      accounts.ErrPasswordShort,
		strings.Repeat("long enough ", 11): accounts.ErrPasswordLong,
		"password1234":                     accounts.ErrPasswordCommon,
		"P@ssw0rd!2026":                    accounts.ErrPasswordCommon,
		"PasswordPassword":                 accounts.ErrPasswordCommon,
		"123456789012":                     accounts.ErrPasswordCommon,
		"210987654321":                     accounts.ErrPasswordCommon,
		"aaaaaaaaaaaaaa":                   accounts.ErrPasswordCommon,
		"ababababababab":                   accounts.ErrPasswordCommon,
		"abcdefghijkl":                     accounts.ErrPasswordCommon,
		"1q2w3e4r5t6y":                     accounts.ErrPasswordCommon,
		"qwertyuiop!!":                     accounts.ErrPasswordCommon,
		"correct horse battery staple":     accounts.ErrPasswordCommon,
		"Administrator1":                   accounts.ErrPasswordCommon,
		"grey lagoon in the morning":       nil,
		"twelve chars":                     nil,
		"пароль на сегодня":                nil,
		"一二三四五六七八九十百千":                     nil,
	} {
		if got := accounts.CheckPassword(masking.NewText(p)); !errors.Is(got, want) || want == nil && got != nil {
			t.Errorf("%q: %v, want %v", p, got, want)
		}
	}
}

// A hash opens for its password, its account and its pepper, and for no other.
func TestHash(t *testing.T) {
	t.Parallel()
	ctx, h := t.Context(), accounts.NewHashing(accounts.Parameters{})
	pepper, other := key(t), key(t)
	kept, err := h.Hash(ctx, pepper, "hnd_a", masking.NewText("caffè al mattino"), rand.Reader)
	if err != nil || h.Old(&kept) {
		t.Fatal(kept.Parameters, err)
	}
	for _, x := range []struct {
		pepper   masking.Key
		id       accounts.ID
		password string
		kept     *accounts.Password
		ok       bool
	}{
		{pepper, "hnd_a", "caffè al mattino", &kept, true},
		{pepper, "hnd_a", "caffe\u0300 al mattino", &kept, true}, // another keyboard
		{pepper, "hnd_a", "caffe al mattino", &kept, false},
		{other, "hnd_a", "caffè al mattino", &kept, false},
		{pepper, "hnd_b", "caffè al mattino", &kept, false},
		{pepper, "hnd_a", "caffè al mattino", nil, false},
	} {
		if ok, err := h.Check(ctx, x.pepper, x.id, masking.NewText(x.password), x.kept); ok != x.ok || err != nil {
			t.Errorf("%s %q: %t, %v", x.id, x.password, ok, err)
		}
	}
	kept.Time++
	if ok, _ := h.Check(ctx, pepper, "hnd_a", masking.NewText("caffè al mattino"), &kept); ok || !h.Old(&kept) {
		t.Error("other parameters make the same hash")
	}
}

// However many sign in at once, the memory is bounded, and whoever is too many is sent away.
func TestHashingIsBounded(t *testing.T) {
	t.Parallel()
	h, pepper := accounts.NewHashing(accounts.Parameters{}), key(t)
	var wait sync.WaitGroup
	var mu sync.Mutex
	busy, failed := 0, 0
	for range 64 {
		wait.Go(func() {
			_, err := h.Check(context.Background(), pepper, "hnd_a", masking.NewText("x"), nil)
			mu.Lock()
			defer mu.Unlock()
			if errors.Is(err, accounts.ErrBusy) {
				busy++
			} else if err != nil {
				failed++
			}
		})
	}
	wait.Wait()
	if busy < 16 || failed > 0 {
		t.Errorf("%d of 64 were sent away, %d failed", busy, failed)
	}
}

func TestCredentialDoesNotPrint(t *testing.T) {
	t.Parallel()
	c := accounts.Credential{Secret: accounts.NewSecret([]byte("12345678901234567890"))}
	b, err := c.Marshal()
	if err != nil || !strings.Contains(string(b), "GEZDGNBV") {
		t.Fatal(err, len(b))
	}
	back, err := accounts.ParseCredential(b)
	if err != nil || back.Secret.Reveal() != c.Secret.Reveal() {
		t.Errorf("read back: %v", err)
	}
	if printed := fmt.Sprintf("%v %+v %#v %q", c, c, c, c.Secret); strings.Contains(printed, "GEZDGNBV") {
		t.Errorf("it prints %s", printed)
	}
	if _, err := accounts.ParseCredential([]byte(`{"secret": "GEZDGNBV`)); err == nil || strings.Contains(err.Error(), "GEZDGNBV") {
		t.Errorf("cut short: %v", err)
	}
}

func key(t *testing.T) masking.Key {
	t.Helper()
	k, err := masking.NewKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func BenchmarkCheck(b *testing.B) {
	h := accounts.NewHashing(accounts.Parameters{})
	k, err := masking.NewKey(rand.Reader)
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := h.Check(b.Context(), k, "hnd_a", masking.NewText("grey lagoon"), nil); err != nil {
			b.Fatal(err)
		}
	}
}
