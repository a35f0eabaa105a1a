package outbox

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"bauta.dev/bauta/broker"
)

// secretPrefix begins a secret as Standard Webhooks has it written.
const secretPrefix = "whsec_"

// FormatSecret is a secret as it is handed over, once.
func FormatSecret(s broker.Secret) string {
	return secretPrefix + base64.StdEncoding.EncodeToString(s)
}

// sign is the header webhook-signature: one signature for each secret, so that
// whoever has the old or the new one can verify.
func sign(secrets []broker.Secret, id string, at time.Time, body []byte) string {
	signed := append([]byte(id+"."+strconv.FormatInt(at.Unix(), 10)+"."), body...)
	signatures := make([]string, len(secrets))
	for i, s := range secrets {
		h := hmac.New(sha256.New, s)
		h.Write(signed)
		signatures[i] = "v1," + base64.StdEncoding.EncodeToString(h.Sum(nil))
	}
	return strings.Join(signatures, " ")
}
