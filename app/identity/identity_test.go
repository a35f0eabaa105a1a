package identity

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta.dev/bauta/broker"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

var b64 = base64.RawURLEncoding.EncodeToString

// signers are an identity provider's private keys, by kid.
type signers struct {
	ed *ecdsaOrEd
	ec *ecdsaOrEd
}

type ecdsaOrEd struct {
	method  jwt.SigningMethod
	private crypto.PrivateKey
	jwk     string // without kid
}

func newSigners(tb testing.TB) signers {
	tb.Helper()
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	point, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	raw, err := point.PublicKey.Bytes()
	if err != nil {
		tb.Fatal(err)
	}
	return signers{
		ed: &ecdsaOrEd{jwt.SigningMethodEdDSA, private, fmt.Sprintf(`"kty":"OKP","crv":"Ed25519","x":"%s"`, b64(public))},
		ec: &ecdsaOrEd{jwt.SigningMethodES256, point, fmt.Sprintf(`"kty":"EC","crv":"P-256","x":"%s","y":"%s"`, b64(raw[1:33]), b64(raw[33:]))},
	}
}

func (s signers) set() string {
	return `{"keys":[{"kid":"ed",` + s.ed.jwk + `},{"kid":"ec","use":"sig","alg":"ES256",` + s.ec.jwk + `},{"kid":"rsa","kty":"RSA","n":"AQAB","e":"AQAB"}]}`
}

var asked = Request{"POST", "/v1/disclosures?proof=1", []byte(`{"requester":"s-1"}`)}

func good() jwt.MapClaims {
	return jwt.MapClaims{
		"sub": "s-1", "iat": noon.Unix(), "exp": noon.Add(time.Minute).Unix(), "jti": "one", "bh": b64(asked.hash()),
	}
}

func (s *ecdsaOrEd) sign(tb testing.TB, kid string, c jwt.MapClaims) string {
	tb.Helper()
	return signed(tb, s.method, s.private, kid, c)
}

func signed(tb testing.TB, m jwt.SigningMethod, private any, kid string, c jwt.MapClaims) string {
	tb.Helper()
	t := jwt.NewWithClaims(m, c)
	if kid != "" {
		t.Header["kid"] = kid
	}
	text, err := t.SignedString(private)
	if err != nil {
		tb.Fatal(err)
	}
	return text
}

func with(name string, value any) jwt.MapClaims {
	c := good()
	if c[name] = value; value == nil {
		delete(c, name)
	}
	return c
}

func parsed(tb testing.TB, set string) *Keys {
	tb.Helper()
	keys, err := ParseKeys([]byte(set))
	if err != nil {
		tb.Fatal(err)
	}
	return keys
}

// What is right is the party's word, by either kind of key.
func TestGoodTokens(t *testing.T) {
	t.Parallel()
	s := newSigners(t)
	keys := parsed(t, s.set())
	for name, token := range map[string]string{
		"Ed25519":          s.ed.sign(t, "ed", good()),
		"P-256":            s.ec.sign(t, "ec", good()),
		"five minutes":     s.ed.sign(t, "ed", with("exp", noon.Add(5*time.Minute).Unix())),
		"a fast clock":     s.ed.sign(t, "ed", with("iat", noon.Add(59*time.Second).Unix())),
		"for this broker":  s.ed.sign(t, "ed", with("aud", []string{"another", "bauta.example/log"})),
		"claims of others": s.ed.sign(t, "ed", with("scope", "openid")),
	} {
		w, err := keys.verify(token, asked, "bauta.example/log", noon)
		if err != nil {
			t.Errorf("%s: %v: %v", name, err, errors.Unwrap(err))
			continue
		}
		digest := sha256.Sum256([]byte(token))
		if w.Party != "s-1" || w.ID != "one" || string(w.Token) != string(digest[:]) || w.Expires.Before(noon) {
			t.Errorf("%s: %+v", name, w)
		}
	}
	only := parsed(t, `{"keys":[{`+s.ed.jwk+`}]}`)
	for _, kid := range []string{"", "whatever"} {
		if _, err := only.verify(s.ed.sign(t, kid, good()), asked, "", noon); err != nil {
			t.Errorf("the only key has no kid, and the token says %q: %v", kid, errors.Unwrap(err))
		}
	}
}

// Whatever is wrong with a token is one answer.
func TestBadTokens(t *testing.T) {
	t.Parallel()
	s, strange := newSigners(t), newSigners(t)
	keys := parsed(t, s.set())
	pair, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	whole := s.ed.sign(t, "ed", good())
	head, rest, _ := strings.Cut(whole, ".")
	critical := jwt.NewWithClaims(s.ed.method, good())
	critical.Header["kid"], critical.Header["crit"] = "ed", []string{"x"}
	crit, err := critical.SignedString(s.ed.private)
	if err != nil {
		t.Fatal(err)
	}
	number := jwt.NewWithClaims(s.ed.method, good())
	number.Header["kid"] = 7
	numbered, err := number.SignedString(s.ed.private)
	if err != nil {
		t.Fatal(err)
	}
	public := s.ed.private.(ed25519.PrivateKey).Public().(ed25519.PublicKey) //nolint:forcetypeassert // made above
	for name, token := range map[string]string{
		"nothing": "", "no token": "Bearer", "two parts": head + "." + "e30", "four parts": whole + ".x",
		"none":                       signed(t, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, "ed", good()),
		"none, in the header alone":  b64([]byte(`{"alg":"none","kid":"ed"}`)) + "." + rest,
		"HS256 under the public key": signed(t, jwt.SigningMethodHS256, []byte(public), "ed", good()),
		"RS256":                      signed(t, jwt.SigningMethodRS256, pair, "rsa", good()),
		"PS256":                      signed(t, jwt.SigningMethodPS256, pair, "ed", good()),
		"ES256 by another's kid":     s.ec.sign(t, "ed", good()),
		"EdDSA by another's kid":     s.ed.sign(t, "ec", good()),
		"a stranger's key":           strange.ed.sign(t, "ed", good()),
		"an unknown kid":             s.ed.sign(t, "old", good()),
		"no kid, of several":         s.ed.sign(t, "", good()),
		"a kid that is a number":     numbered,
		"crit":                       crit,
		"a changed signature":        whole[:len(whole)-4] + "AAAA",
		"padding":                    whole + "=",
		"too long":                   s.ed.sign(t, "ed", with("x", strings.Repeat("x", 5000))),
		"expired":                    s.ed.sign(t, "ed", with("exp", noon.Unix())),
		"no exp":                     s.ed.sign(t, "ed", with("exp", nil)),
		"no iat":                     s.ed.sign(t, "ed", with("iat", nil)),
		"issued ahead":               s.ed.sign(t, "ed", jwt.MapClaims{"sub": "s-1", "jti": "one", "bh": b64(asked.hash()), "iat": noon.Add(61 * time.Second).Unix(), "exp": noon.Add(2 * time.Minute).Unix()}),
		"six minutes":                s.ed.sign(t, "ed", with("exp", noon.Add(301*time.Second).Unix())),
		"long ago, and still alive":  s.ed.sign(t, "ed", with("iat", noon.Add(-time.Hour).Unix())),
		"ends before it begins":      s.ed.sign(t, "ed", with("iat", noon.Add(59*time.Second).Unix()+2)),
		"not yet":                    s.ed.sign(t, "ed", with("nbf", noon.Add(time.Minute).Unix())),
		"no sub":                     s.ed.sign(t, "ed", with("sub", nil)),
		"no jti":                     s.ed.sign(t, "ed", with("jti", nil)),
		"a long jti":                 s.ed.sign(t, "ed", with("jti", strings.Repeat("x", 129))),
		"a jti with a space":         s.ed.sign(t, "ed", with("jti", "a b")),
		"no bh":                      s.ed.sign(t, "ed", with("bh", nil)),
		"a bh in hexadecimal":        s.ed.sign(t, "ed", with("bh", fmt.Sprintf("%x", asked.hash()))),
		"a bh with padding":          s.ed.sign(t, "ed", with("bh", base64.URLEncoding.EncodeToString(asked.hash()))),
		"a bh of another body":       s.ed.sign(t, "ed", with("bh", b64(Request{asked.Method, asked.Target, nil}.hash()))),
		"for another broker":         s.ed.sign(t, "ed", with("aud", "another")),
	} {
		w, err := keys.verify(token, asked, "bauta.example/log", noon)
		if w != nil || !errors.Is(err, broker.ErrPartyTokenInvalid) || err.Error() != broker.ErrPartyTokenInvalid.Error() {
			t.Errorf("%s: %v, %v", name, w, err)
		}
		if why := errors.Unwrap(err); why == nil || strings.Contains(why.Error(), "s-1") {
			t.Errorf("%s: the log is told %v", name, why)
		}
	}
}

// A token is bound to method, path, query and body, each byte of them.
func TestBoundToTheRequest(t *testing.T) {
	t.Parallel()
	s := newSigners(t)
	keys := parsed(t, s.set())
	token := s.ec.sign(t, "ec", good())
	for _, r := range []Request{
		{"PUT", asked.Target, asked.Body},
		{asked.Method, "/v1/disclosures", asked.Body},
		{asked.Method, asked.Target, append([]byte(" "), asked.Body...)},
		{asked.Method, asked.Target + "\n", asked.Body[1:]},
	} {
		if _, err := keys.verify(token, r, "", noon); !errors.Is(err, broker.ErrPartyTokenInvalid) {
			t.Errorf("%v: %v", r, err)
		}
	}
}

func TestKeySets(t *testing.T) {
	t.Parallel()
	s := newSigners(t)
	var many strings.Builder
	for i := range 33 {
		fmt.Fprintf(&many, `,{"kid":"%d",%s}`, i, s.ed.jwk)
	}
	for name, x := range map[string]struct {
		set  string
		want error
	}{
		"not JSON":           {`keys`, errNoJSON},
		"no keys":            {`{}`, errNoJSON},
		"a list":             {`[]`, errNoJSON},
		"a member twice":     {`{"keys":[],"keys":[]}`, errNoJSON},
		"a key twice":        {`{"keys":[{"kid":"a","kid":"b",` + s.ed.jwk + `}]}`, errNoJSON},
		"nothing of ours":    {`{"keys":[{"kty":"RSA","n":"AQAB","e":"AQAB"},{"kty":"EC","crv":"P-384"},{"kty":"OKP","crv":"X25519"}]}`, errNone},
		"for encryption":     {`{"keys":[{"use":"enc",` + s.ed.jwk + `}]}`, errNone},
		"to sign with":       {`{"keys":[{"key_ops":["sign"],` + s.ed.jwk + `}]}`, errNone},
		"empty":              {`{"keys":[]}`, errNone},
		"private":            {`{"keys":[{"d":"AAAA",` + s.ed.jwk + `}]}`, errPrivate},
		"private, of RSA":    {`{"keys":[{"kty":"RSA","d":"AAAA"},{` + s.ed.jwk + `}]}`, errPrivate},
		"a secret":           {`{"keys":[{"kty":"oct","k":"AAAA"},{` + s.ed.jwk + `}]}`, errPrivate},
		"two without a kid":  {`{"keys":[{` + s.ed.jwk + `},{` + s.ec.jwk + `}]}`, errNoID},
		"one without a kid":  {`{"keys":[{` + s.ed.jwk + `},{"kid":"b",` + s.ec.jwk + `}]}`, errNoID},
		"one kid twice":      {`{"keys":[{"kid":"a",` + s.ed.jwk + `},{"kid":"a",` + s.ec.jwk + `}]}`, errTwice},
		"a long kid":         {`{"keys":[{"kid":"` + strings.Repeat("a", 257) + `",` + s.ed.jwk + `}]}`, errLongID},
		"33 keys":            {`{"keys":[` + many.String()[1:] + `]}`, errMany},
		"another alg":        {`{"keys":[{"alg":"ES256",` + s.ed.jwk + `}]}`, errOtherAlg},
		"31 bytes":           {`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"` + b64(make([]byte, 31)) + `"}]}`, errPoint},
		"not on the curve":   {`{"keys":[{"kty":"EC","crv":"P-256","x":"` + b64(make([]byte, 32)) + `","y":"` + b64(make([]byte, 32)) + `"}]}`, errPoint},
		"half a point":       {`{"keys":[{"kty":"EC","crv":"P-256","x":"` + b64(make([]byte, 32)) + `"}]}`, errPoint},
		"base64 of another":  {`{"keys":[{"kty":"OKP","crv":"Ed25519","x":"` + strings.Repeat("+", 43) + `"}]}`, errPoint},
		"a kid that is none": {`{"keys":[{"kid":7,` + s.ed.jwk + `}]}`, errNoJSON},
	} {
		if _, err := ParseKeys([]byte(x.set)); !errors.Is(err, x.want) || !errors.Is(err, ErrKeySet) {
			t.Errorf("%s: %v, want %v", name, err, x.want)
		}
	}
}

// The file is what counts, at each request: a key that was taken out signs
// nothing, and a file that cannot be used lets nobody act.
func TestTheFileChanges(t *testing.T) {
	t.Parallel()
	s := newSigners(t)
	file := filepath.Join(t.TempDir(), "jwks.json")
	written := time.Now()
	write := func(set string) {
		t.Helper()
		written = written.Add(time.Second) // a file system may count in seconds
		if err := errors.Join(os.WriteFile(file, []byte(set), 0o600), os.Chtimes(file, written, written)); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Open(file, "", time.Now); err == nil {
		t.Error("there is no file, and it was opened")
	}
	write(s.set())
	p, err := Open(file, "", func() time.Time { return noon })
	if err != nil {
		t.Fatal(err)
	}
	check := func() error {
		_, err := p.Check(s.ed.sign(t, "ed", good()), asked.Method, asked.Target, asked.Body)
		return err
	}
	for _, x := range []struct {
		set  string
		want error
	}{
		{s.set(), nil},
		{`{"keys":[{"kid":"ec",` + s.ec.jwk + `}]}`, broker.ErrPartyTokenInvalid},
		{s.set(), nil},
		{`{"keys":[`, broker.ErrUnavailable},
		{strings.Repeat(" ", mostBytes) + s.set(), broker.ErrUnavailable},
		{s.set(), nil},
	} {
		if write(x.set); !errors.Is(check(), x.want) {
			t.Errorf("with %.40s: %v, want %v", x.set, check(), x.want)
		}
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := check(); !errors.Is(err, broker.ErrUnavailable) {
		t.Errorf("the file is gone: %v", err)
	}
	write(s.set())
	if err := check(); err != nil {
		t.Errorf("the file is back: %v", err)
	}
}

// No set of keys, however made, is taken and then useless or private.
func FuzzParseKeys(f *testing.F) {
	s := newSigners(f)
	f.Add([]byte(s.set()))
	f.Add([]byte(`{"keys":[{"kty":"OKP","crv":"Ed25519","d":"x"}]}`))
	f.Fuzz(func(t *testing.T, set []byte) {
		keys, err := ParseKeys(set)
		if (keys == nil) != (err != nil) {
			t.Fatal(keys, err)
		}
		if err != nil {
			return
		}
		for id, k := range keys.byID {
			if k.public == nil || len(keys.byID) > 1 && id == "" {
				t.Fatalf("%q: %v", id, k)
			}
		}
	})
}

// No bytes but the ones that were signed are a token.
func FuzzToken(f *testing.F) {
	s := newSigners(f)
	keys := parsed(f, s.set())
	whole := s.ed.sign(f, "ed", good())
	f.Add(whole)
	f.Add(s.ec.sign(f, "ec", with("sub", "b-1")))
	f.Add(b64([]byte(`{"alg":"none"}`)) + ".e30.")
	f.Fuzz(func(t *testing.T, token string) {
		w, err := keys.verify(token, asked, "", noon)
		if (w == nil) != (err != nil) {
			t.Fatal(w, err)
		}
		if err == nil && w.Party != "s-1" && w.Party != "b-1" {
			t.Fatalf("%q speaks for %q", token, w.Party)
		}
	})
}

// BenchmarkCheck is what a token costs at the door: a look at the file, and a
// signature.
func BenchmarkCheck(b *testing.B) {
	s := newSigners(b)
	file := filepath.Join(b.TempDir(), "jwks.json")
	if err := os.WriteFile(file, []byte(s.set()), 0o600); err != nil {
		b.Fatal(err)
	}
	p, err := Open(file, "", func() time.Time { return noon })
	if err != nil {
		b.Fatal(err)
	}
	for name, token := range map[string]string{"Ed25519": s.ed.sign(b, "ed", good()), "P-256": s.ec.sign(b, "ec", good())} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := p.Check(token, asked.Method, asked.Target, asked.Body); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
