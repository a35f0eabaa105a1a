package masking

import (
	"fmt"
	"io"
	"log/slog"
)

// Opening is a value together with the secret that ties its commitment to it:
// whoever is given both can check for himself what was committed to. It prints no
// more than a Value does.
type Opening struct {
	Label Label
	key   Key
	value Value
}

// OpenCommitment is OpenValue for somebody who is to be given the proof as well.
func OpenCommitment(k Key, l Label, s Sealed) (Opening, error) {
	v, key, err := OpenValue(k, l, s)
	if err != nil {
		return Opening{}, err
	}
	return Opening{Label: l, key: key, value: v}, nil
}

// Value is the value alone, for who is to be given no proof.
func (o Opening) Value() Value { return o.value }

// Reveal gives the secret and the canonical value in clear: on the way out to who
// may have both, and nowhere else.
func (o Opening) Reveal() (key, canonical []byte) {
	return append([]byte(nil), o.key.bytes()...), o.value.Canonical()
}

// Format prints no value, whatever the verb.
func (o Opening) Format(s fmt.State, _ rune) { _, _ = io.WriteString(s, Hidden) }

// LogValue is the same for logs.
func (o Opening) LogValue() slog.Value { return slog.StringValue(Hidden) }

// MarshalText is the same for encoders.
func (o Opening) MarshalText() ([]byte, error) { return []byte(Hidden), nil }
