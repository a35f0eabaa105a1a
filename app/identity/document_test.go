package identity

import (
	"crypto/ed25519"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

// TestDocumentExample works the example of docs/party-tokens.md, which others
// hold their own code against.
func TestDocumentExample(t *testing.T) {
	t.Parallel()
	private := ed25519.NewKeyFromSeed([]byte(strings.Repeat("\x07", 32)))
	public := b64(private.Public().(ed25519.PublicKey)) //nolint:forcetypeassert // made above
	set := fmt.Sprintf(`{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"2026-03","x":"%s"}]}`, public)
	r := Request{"POST", "/v1/disclosures", []byte(`{"transaction":"t-1","requester":"s-1","purpose":"deliver"}`)}
	claims := fmt.Sprintf(`{"bh":"%s","exp":%d,"iat":%d,"jti":"5f0c","sub":"s-1"}`, b64(r.hash()), noon.Add(2*time.Minute).Unix(), noon.Unix())
	var c jwt.MapClaims
	if err := json.Unmarshal([]byte(claims), &c); err != nil {
		t.Fatal(err)
	}
	token := signed(t, jwt.SigningMethodEdDSA, private, "2026-03", c)
	if _, err := parsed(t, set).verify(token, r, "", noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	example := fmt.Sprintf("The JWKS, of the Ed25519 seed of 32 times `07`:\n\n    %s\n\nWhat is hashed:\n\n    %s\n    %s\n    %s\n\nThe claims:\n\n    %s\n\nThe token, good from %s for two minutes:\n\n    %s\n",
		set, r.Method, r.Target, r.Body, claims, noon.Format(time.RFC3339), token)
	const file, from, to = "../../docs/party-tokens.md", "<!-- generated: example -->\n\n", "\n<!-- end -->"
	raw, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, begins := strings.Cut(string(raw), from)
	had, after, ends := strings.Cut(rest, to)
	if !begins || !ends {
		t.Fatal("the document has no place for the example")
	}
	if had == example {
		return
	}
	if os.Getenv("UPDATE") == "" {
		t.Fatalf("the example is another one; UPDATE=1 writes it:\n%s", example)
	}
	if err := os.WriteFile(file, []byte(before+from+example+to+after), 0o600); err != nil {
		t.Fatal(err)
	}
}
