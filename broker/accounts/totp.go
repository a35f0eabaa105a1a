package accounts

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // RFC 6238 as every authenticator has it; HMAC-SHA-1 is not broken
	"crypto/subtle"
	"encoding/base32"
	"encoding/binary"
	"fmt"
	"net/url"
	"time"

	"bauta.dev/bauta/masking"
)

// RFC 6238 with the parameters that every authenticator takes.
const (
	period = 30 * time.Second
	skew   = 1 // steps that a clock may be off
	digits = 1_000_000
)

var secretEncoding = base32.NewEncoding("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").WithPadding(base32.NoPadding)

// NewSecret makes the secret that an authenticator shares, from at least 20
// bytes that nobody else can know.
func NewSecret(raw []byte) masking.Text {
	return masking.NewText(secretEncoding.EncodeToString(raw[:20]))
}

// Step numbers the 30 seconds that now is in.
func Step(now time.Time) int64 { return now.Unix() / int64(period/time.Second) }

// Code is what an authenticator shows in a step.
func Code(secret masking.Text, step int64) string {
	key, err := secretEncoding.DecodeString(secret.Reveal())
	if err != nil || len(key) == 0 {
		return ""
	}
	h := hmac.New(sha1.New, key)
	_ = binary.Write(h, binary.BigEndian, step) // a hash never fails
	sum := h.Sum(nil)
	n := binary.BigEndian.Uint32(sum[sum[len(sum)-1]&0x0f:]) & 0x7fff_ffff
	return fmt.Sprintf("%06d", n%digits)
}

// Match finds the step that a code is of, now or one to either side. That each
// step opens once is the store's to see.
func Match(secret, given masking.Text, now time.Time) (step int64, ok bool) {
	for i := int64(-skew); i <= skew; i++ {
		want := Code(secret, Step(now)+i)
		if subtle.ConstantTimeCompare([]byte(want), []byte(given.Reveal())) == 1 && want != "" {
			step, ok = Step(now)+i, true
		}
	}
	return step, ok
}

// Enrolment is the address that an authenticator takes a secret in by.
func Enrolment(secret masking.Text, id ID) masking.Text {
	q := url.Values{"secret": {secret.Reveal()}, "issuer": {"Bauta"}, "algorithm": {"SHA1"}, "digits": {"6"}, "period": {"30"}}
	return masking.NewText("otpauth://totp/Bauta:" + string(id) + "?" + q.Encode())
}
