// Package identity decides whether a request was signed for the party that it
// speaks for, by the keys of the marketplace's identity provider.
package identity

import (
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"

	"github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"github.com/golang-jwt/jwt/v5"
)

// Keys are the public keys of a JWKS (RFC 7517) that party tokens may be signed
// with: Ed25519 and P-256. They never change.
type Keys struct{ byID map[string]key }

type key struct {
	alg    string
	public any
}

const (
	algEdDSA  = "EdDSA"
	algES256  = "ES256"
	mostKeys  = 32
	longestID = 256
)

// What is wrong with a set; no text repeats a key.
var (
	ErrKeySet   = errors.New("this is no JWKS that can be used")
	errNoJSON   = errors.New("it is not JSON with a member keys, each member once")
	errMany     = fmt.Errorf("it has more than %d keys", mostKeys)
	errNone     = errors.New("it has no key of Ed25519 or P-256 to verify with")
	errPrivate  = errors.New("it holds a private or secret key: only public ones belong here, and this one has to be replaced")
	errNoID     = errors.New("with several keys, each needs a kid")
	errLongID   = fmt.Errorf("a kid has more than %d bytes", longestID)
	errTwice    = errors.New("two keys have one kid")
	errPoint    = errors.New("it is no point of its curve")
	errOtherAlg = errors.New("its alg is not the one of its kind: EdDSA for Ed25519, ES256 for P-256")
)

// jwk are the members of RFC 7517 and 8037 that matter here; others may be there.
type jwk struct {
	Kind   string   `json:"kty"`
	Curve  string   `json:"crv"`
	X      string   `json:"x"`
	Y      string   `json:"y"`
	ID     string   `json:"kid"`
	Alg    string   `json:"alg"`
	Use    string   `json:"use"`
	Does   []string `json:"key_ops"`
	D      any      `json:"d"` // of all private keys
	Secret any      `json:"k"` // of symmetric ones
}

// ParseKeys reads a JWKS. Keys of other kinds are passed over, as providers
// publish those beside ours; a private one is refused, whatever its kind.
func ParseKeys(jwks []byte) (*Keys, error) {
	var set struct {
		Keys []jsontext.Value `json:"keys"`
	}
	if err := json.Unmarshal(jwks, &set); err != nil || set.Keys == nil {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, errNoJSON) // the decoder's words could quote a key
	}
	if len(set.Keys) > mostKeys {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, errMany)
	}
	keys := &Keys{byID: map[string]key{}}
	for i, raw := range set.Keys {
		if err := keys.add(raw); err != nil {
			return nil, fmt.Errorf("%w: keys[%d]: %w", ErrKeySet, i, err)
		}
	}
	if _, nameless := keys.byID[""]; nameless && len(keys.byID) > 1 {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, errNoID)
	}
	if len(keys.byID) == 0 {
		return nil, fmt.Errorf("%w: %w", ErrKeySet, errNone)
	}
	return keys, nil
}

func (ks *Keys) add(raw []byte) error {
	var j jwk
	if err := json.Unmarshal(raw, &j); err != nil {
		return errNoJSON
	}
	if j.D != nil || j.Secret != nil {
		return errPrivate
	}
	k, err := j.public()
	if err != nil || k.public == nil {
		return err
	}
	if len(j.ID) > longestID {
		return errLongID
	}
	if _, twice := ks.byID[j.ID]; twice && j.ID == "" {
		return errNoID
	} else if twice {
		return errTwice
	}
	ks.byID[j.ID] = k
	return nil
}

// public is the key, or none for one that signs nothing that is taken here.
func (j *jwk) public() (k key, err error) {
	if j.Use != "" && j.Use != "sig" || j.Does != nil && !slices.Contains(j.Does, "verify") {
		return key{}, nil
	}
	switch {
	case j.Kind == "OKP" && j.Curve == "Ed25519":
		x, err := coordinate(j.X)
		if err != nil {
			return key{}, err
		}
		k = key{algEdDSA, ed25519.PublicKey(x)}
	case j.Kind == "EC" && j.Curve == "P-256":
		x, err := coordinate(j.X)
		if err != nil {
			return key{}, err
		}
		y, err := coordinate(j.Y)
		if err != nil {
			return key{}, err
		}
		point, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), slices.Concat([]byte{4}, x, y))
		if err != nil {
			return key{}, errPoint
		}
		k = key{algES256, point}
	default:
		return key{}, nil
	}
	if j.Alg != "" && j.Alg != k.alg {
		return key{}, errOtherAlg
	}
	return k, nil
}

// coordinate is 32 bytes in base64url, on both curves.
func coordinate(s string) ([]byte, error) {
	b, err := base64.RawURLEncoding.Strict().DecodeString(s)
	if err != nil || len(b) != 32 {
		return nil, errPoint
	}
	return b, nil
}

var errNoSuchKey = errors.New("it is signed with a key that the set does not have")

// find gives the key that a token's header names. A header without a kid means
// the only key that there is.
func (ks *Keys) find(t *jwt.Token) (any, error) {
	id, named := t.Header["kid"].(string)
	if _, there := t.Header["kid"]; there && !named {
		return nil, errNoSuchKey
	}
	k, ok := ks.byID[id]
	if !ok && len(ks.byID) == 1 {
		for only, x := range ks.byID {
			if ok = !named || only == ""; ok {
				k = x
			}
		}
	}
	if !ok || k.alg != t.Method.Alg() {
		return nil, errNoSuchKey
	}
	return k.public, nil
}
