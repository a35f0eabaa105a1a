package ledger

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"
)

// testWitness is one that has cosigned what it is shown: its vkey and signer.
func testWitness(tb testing.TB, n byte) (string, note.Signer) {
	tb.Helper()
	skey, vkey, err := note.GenerateKey(bytes.NewReader(bytes.Repeat([]byte{n}, 32)), fmt.Sprintf("witness%d.example", n))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		tb.Fatal(err)
	}
	vkey, err = cosignature.VKeyToCosignatureV1(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return vkey, s
}

// cosign adds the cosignatures of witnesses to a checkpoint.
func cosign(tb testing.TB, signed []byte, witnesses ...byte) []byte {
	tb.Helper()
	v, err := note.NewVerifier(exampleSigner(tb).Verifier())
	if err != nil {
		tb.Fatal(err)
	}
	n, err := note.Open(signed, note.VerifierList(v))
	if err != nil {
		tb.Fatal(err)
	}
	var signers []note.Signer
	for _, w := range witnesses {
		_, s := testWitness(tb, w)
		signers = append(signers, s)
	}
	b, err := note.Sign(n, signers...)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}

// policyOf writes @log, @1, @2 … as vkeys.
func policyOf(tb testing.TB, text string) []byte {
	tb.Helper()
	pairs := []string{"@log", exampleSigner(tb).Verifier()}
	for n := range byte(6) {
		vkey, _ := testWitness(tb, n+1)
		pairs = append(pairs, fmt.Sprintf("@%d", n+1), vkey)
	}
	return []byte(strings.NewReplacer(pairs...).Replace(text))
}

const twoOrganisations = `# two organisations
log @log

witness X1 @1
witness X2 @2 https://witness.example/x2
	witness	X3   @3
group X 2 X1 X2 X3
witness Y1 @4
witness Y2 @5
group Y any Y1 Y2
 # both of them
group both all X Y
quorum both
`

func TestQuorum(t *testing.T) {
	t.Parallel()
	trust, err := ParsePolicy(policyOf(t, twoOrganisations))
	if err != nil || !trust.Anchored() {
		t.Fatal(err)
	}
	head := newLog(t, 5).rows[0].Note
	for _, x := range []struct {
		by []byte
		ok bool
	}{
		{nil, false},
		{[]byte{1, 2}, false},
		{[]byte{1, 4, 5}, false},
		{[]byte{4, 5}, false},
		{[]byte{1, 3, 5}, true},
		{[]byte{1, 2, 3, 4, 5}, true},
		{[]byte{1, 6, 4}, false},
	} {
		c, err := trust.Open(cosign(t, head, x.by...))
		if x.ok && (err != nil || c.Size != 5) || !x.ok && !errors.Is(err, ErrQuorum) {
			t.Errorf("cosigned by %v: %v", x.by, err)
		}
	}
	forged := bytes.Replace(cosign(t, head, 1, 3, 5), []byte("\n5\n"), []byte("\n6\n"), 1)
	if _, err := trust.Open(forged); !errors.Is(err, ErrUntrusted) {
		t.Errorf("another size: %v", err)
	}
	// A cosignature that does not verify counts as none.
	other := cosign(t, newLog(t, 6).rows[0].Note, 1, 3, 5)
	_, lines, _ := bytes.Cut(other, []byte("— witness1.example"))
	if _, err := trust.Open(append(bytes.Clone(head), append([]byte("— witness1.example"), lines...)...)); !errors.Is(err, ErrQuorum) {
		t.Errorf("cosignatures of another head: %v", err)
	}
}

func TestPolicyOfOne(t *testing.T) {
	t.Parallel()
	head := newLog(t, 5).rows[0].Note
	for text, by := range map[string][]byte{
		"log @log\nquorum none\n":                                           nil,
		"log @log\nwitness a @1\nquorum none\n":                             nil,
		"log @log\nwitness all @1\nquorum all\n":                            {1},
		"log @log https://x.example\nwitness a @1\ngroup g 1 a\nquorum a\n": {1},
	} {
		trust, err := ParsePolicy(policyOf(t, text))
		if err != nil {
			t.Errorf("%q: %v", text, err)
			continue
		}
		if _, err := trust.Open(cosign(t, head, by...)); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		if _, err := trust.Open(head); len(by) > 0 && !errors.Is(err, ErrQuorum) {
			t.Errorf("%q, by nobody: %v", text, err)
		}
	}
}

func TestPolicyRefuses(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"",
		"log @log\n",
		"quorum none\n",
		"log @log\nquorum none",
		"log @log\nquorum none\nquorum none\n",
		"log @log\nlog @log\nquorum none\n",
		"log @1\nquorum none\n",
		"log\nquorum none\n",
		"log @log https://x.example more\nquorum none\n",
		"log @log # comment after it\nquorum none\n",
		"log @log\nwitness a @log\nquorum a\n",
		"log @log\nwitness a @1\nwitness b @1\nquorum a\n",
		"log @log\nwitness a @1\nwitness a @2\nquorum a\n",
		"log @log\nwitness none @1\nquorum none\n",
		"log @log\nwitness a @1\nquorum b\n",
		"log @log\nquorum a\nwitness a @1\n",
		"log @log\nwitness a @1\ngroup g 0 a\nquorum g\n",
		"log @log\nwitness a @1\ngroup g 2 a\nquorum g\n",
		"log @log\nwitness a @1\ngroup g 01 a\nquorum g\n",
		"log @log\nwitness a @1\ngroup g all\nquorum g\n",
		"log @log\nwitness a @1\ngroup g all a a\nquorum g\n",
		"log @log\nwitness a @1\ngroup g all a\ngroup h all a\nquorum h\n",
		"log @log\nwitness a @1\ngroup g all none\nquorum g\n",
		"log @log\nwitness a @1\ngroup a all a\nquorum a\n",
		"log @log\nwitness a @1\nquorum a b\n",
		"log @log\r\nquorum none\r\n",
		"log @log\nquorum none\n\x00\n",
		"witnesses @log\nquorum none\n",
		"log @log\nwitness a witness1.example+00000000+@1\nquorum a\n",
	} {
		if trust, err := ParsePolicy(policyOf(t, text)); !errors.Is(err, ErrPolicy) || trust.Anchored() {
			t.Errorf("%q: %v", text, err)
		}
	}
	vkey, _ := testWitness(t, 1)
	parts := strings.SplitN(vkey, "+", 3)
	parts[1] = "00000000"
	text := policyOf(t, "log @log\nwitness a "+strings.Join(parts, "+")+"\nquorum a\n")
	if _, err := ParsePolicy(text); !errors.Is(err, ErrPolicy) {
		t.Errorf("a key hash of another key: %v", err)
	}
	if _, err := ParsePolicy(slices.Concat(bytes.Repeat([]byte("\n"), MaxPolicySize), []byte("\n"))); !errors.Is(err, ErrPolicy) {
		t.Errorf("too large: %v", err)
	}
}

func TestTrustKeys(t *testing.T) {
	t.Parallel()
	vkey := exampleSigner(t).Verifier()
	witness, _ := testWitness(t, 1)
	for _, keys := range [][]string{nil, {""}, {"x"}, {vkey, vkey}, {witness}, {vkey, ""}, {vkey + " "}} {
		if trust, err := TrustKeys(keys...); !errors.Is(err, ErrKey) || trust.Anchored() {
			t.Errorf("%q: %v", keys, err)
		}
	}
	if _, err := (Trust{}).Open(newLog(t, 5).rows[0].Note); !errors.Is(err, ErrUntrusted) {
		t.Errorf("nobody is trusted: %v", err)
	}
}

// A receipt under a checkpoint that is cosigned is proven by a policy, and by the
// key alone as well.
func TestReceiptUnderPolicy(t *testing.T) {
	t.Parallel()
	r, _ := exampleReceipt(t)
	trust, err := ParsePolicy(policyOf(t, twoOrganisations))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(r.Marshal(), trust); !errors.Is(err, ErrQuorum) {
		t.Errorf("without witnesses: %v", err)
	}
	r.Items[0].Proof.Checkpoint = cosign(t, r.Items[0].Proof.Checkpoint, 2, 3, 4)
	for _, trust := range []Trust{trust, exampleTrust(t)} {
		if p, err := Verify(r.Marshal(), trust); err != nil || !p.Anchored {
			t.Errorf("cosigned: %+v, %v", p, err)
		}
	}
	spare := []byte(strings.TrimSuffix(string(r.Items[0].Proof.Checkpoint), "\n") + " \n")
	r.Items[0].Proof.Checkpoint = spare
	if _, err := Verify(r.Marshal(), trust); !errors.Is(err, ErrCheckpoint) {
		t.Errorf("a line that is not in its form: %v", err)
	}
}
