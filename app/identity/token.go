package identity

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"bauta.dev/bauta/broker"
)

// Request is what a token is bound to: the request as it arrived.
type Request struct {
	Method string
	Target string // path and query, as in the request line
	Body   []byte
}

// hash is the value of bh, before base64.
func (r Request) hash() []byte {
	h := sha256.New()
	h.Write([]byte(r.Method + "\n" + r.Target + "\n"))
	h.Write(r.Body)
	return h.Sum(nil)
}

// Bounds of a token.
const (
	longestToken = 4096
	mostLife     = 5 * time.Minute
	mostAhead    = time.Minute // of the provider's clock before ours
)

// Why a token is not taken; for the log, callers learn no more than that.
var (
	errLong     = errors.New("it is longer than 4 KiB")
	errCritical = errors.New("its header has crit, of which nothing is known here")
	errClaims   = errors.New("sub, iat, exp, jti and bh are needed, each of its form")
	errLife     = errors.New("it lives longer than 5 minutes, or ends before it begins")
	errAhead    = errors.New("it is issued more than a minute ahead")
	errOther    = errors.New("it is bound to another request")
	errAudience = errors.New("it is meant for another broker")
	errSigned   = errors.New("its form, signature or time is wrong")
)

type claims struct {
	jwt.RegisteredClaims
	Bound string `json:"bh"`
}

// verify reads a token in compact form. What is right with it is the party's
// word; what is wrong is ErrPartyTokenInvalid, whatever it is.
func (ks *Keys) verify(token string, r Request, audience string, now time.Time) (*broker.Word, error) {
	c, err := ks.read(token, now)
	if err == nil {
		err = c.fit(r, audience, now)
	}
	if err != nil {
		return nil, broker.ErrPartyTokenInvalid.Because(err)
	}
	digest := sha256.Sum256([]byte(token))
	return &broker.Word{
		Party: broker.PartyID(c.Subject), Token: digest[:], ID: c.ID, Expires: c.ExpiresAt.UTC(),
	}, nil
}

func (ks *Keys) read(token string, now time.Time) (*claims, error) {
	if len(token) > longestToken {
		return nil, errLong
	}
	c := &claims{}
	t, err := jwt.NewParser(
		jwt.WithValidMethods([]string{algEdDSA, algES256}), jwt.WithExpirationRequired(), jwt.WithStrictDecoding(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, c, ks.find)
	if err != nil {
		return nil, fmt.Errorf("%w (%s)", errSigned, kindOf(err)) // its own words could quote the token
	}
	if _, critical := t.Header["crit"]; critical {
		return nil, errCritical
	}
	return c, nil
}

// kindOf names the library's sentinel and nothing more.
func kindOf(err error) string {
	for name, kind := range map[string]error{
		"expired": jwt.ErrTokenExpired, "signature": jwt.ErrTokenSignatureInvalid, "malformed": jwt.ErrTokenMalformed,
		"key": jwt.ErrTokenUnverifiable, "not yet": jwt.ErrTokenNotValidYet,
	} {
		if errors.Is(err, kind) {
			return name
		}
	}
	return "claims"
}

// fit holds the claims against the request and the clock.
func (c *claims) fit(r Request, audience string, now time.Time) error {
	if c.Subject == "" || c.IssuedAt == nil || !printable(c.ID) {
		return errClaims
	}
	bound, err := base64.RawURLEncoding.Strict().DecodeString(c.Bound)
	if err != nil || len(bound) != sha256.Size {
		return errClaims
	}
	life := c.ExpiresAt.Sub(c.IssuedAt.Time)
	switch {
	case life <= 0 || life > mostLife:
		return errLife
	case c.IssuedAt.After(now.Add(mostAhead)):
		return errAhead
	case len(c.Audience) > 0 && !slices.Contains(c.Audience, audience):
		return errAudience
	case !hmac.Equal(bound, r.hash()):
		return errOther
	}
	return nil
}

// printable is a jti: 1 to 128 visible characters of ASCII.
func printable(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for _, c := range []byte(id) {
		if c <= ' ' || c > '~' {
			return false
		}
	}
	return true
}
