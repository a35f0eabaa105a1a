package bundle

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	cosignature "github.com/transparency-dev/formats/note"
	"golang.org/x/mod/sumdb/note"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// A bundle proves to each recipient what is its to know, and nothing else.
func TestBundleIsProven(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.full()
	for _, test := range []struct {
		to       Recipient
		has, not []string
	}{
		{Buyer, []string{"It never came", "We sent it", "case_revealed"}, []string{"second pair", `"staff":{`, "acc_2", "subject_restricted"}},
		{Seller, []string{"It never came", "We sent it"}, []string{"second pair", `"staff":{`, "case_revealed", "acc_2", "subject_restricted"}},
		{Staff, []string{"second pair", "acc_2", "subject_restricted", "case_revealed"}, []string{`"requester":{`, `"subject":{`, `"auditor"`}},
		{Court, []string{"second pair", "acc_2", "subject_restricted", `"requester":{`, `"subject":{`}, []string{`"auditor"`}},
	} {
		file := x.sealed(test.to)
		p, err := Verify(file, x.trust())
		if err != nil || !p.Anchored || p.Differs() || p.Recipient != test.to || p.Case != testCase {
			t.Fatalf("%s: %v\n%s", test.to, err, lines(p))
		}
		if p, err := Verify(file, ledger.Trust{}); err != nil || p.Anchored {
			t.Errorf("%s, trusting nobody: %v", test.to, err)
		}
		machine := member(t, file, recordName)
		for _, want := range test.has {
			if !strings.Contains(machine, want) {
				t.Errorf("the record for %s lacks %q", test.to, want)
			}
		}
		for _, wrong := range test.not {
			if strings.Contains(machine, wrong) || strings.Contains(member(t, file, reportName), wrong) {
				t.Errorf("the bundle for %s has %q", test.to, wrong)
			}
		}
	}
}

func member(t *testing.T, file []byte, name string) string {
	t.Helper()
	members, err := ledger.ReadMembers(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range members {
		if m.Name == name {
			return string(m.Content)
		}
	}
	t.Fatalf("no %s", name)
	return ""
}

// No byte of a bundle can be another one, none can be missing or be one more.
func TestEveryByteOfABundle(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	var err error
	if x.engine, err = necessity.Nothing(); err != nil { // a small set
		t.Fatal(err)
	}
	x.disclosed()
	x.about(ledger.CaseOpened, "It never came.", is("opened_by", "b-1"), is("reason", "not_received"))
	good, trust := x.sealed(Buyer), x.trust()
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 1 << (i % 8)
		if _, err := Verify(bad, trust); err == nil {
			t.Fatalf("byte %d of %d changed, and nobody noticed", i, len(good))
		}
	}
	for i := 0; i < len(good); i += 97 {
		if _, err := Verify(good[:i], trust); err == nil {
			t.Fatalf("cut after %d bytes, and nobody noticed", i)
		}
	}
	if _, err := Verify(append(bytes.Clone(good), 0), trust); err == nil {
		t.Error("a byte more, and nobody noticed")
	}
}

// Where one receipt would be too large there are several, divided in one way.
func TestSeveralReceipts(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.full()
	const most = 8000
	d, err := build(x.contents(Buyer), most)
	if err != nil {
		t.Fatal(err)
	}
	file := x.seal(d, Buyer)
	n := strings.Count(string(d.manifest.marshal()), "receipts/")
	if _, err := verify(file, x.trust(), most); err != nil || n < 3 {
		t.Errorf("%d receipts: %v", n, err)
	}
	if _, err := Verify(file, x.trust()); !errors.Is(err, ErrForm) {
		t.Errorf("divided in another way: %v", err)
	}
	if _, err := verify(x.sealed(Buyer), x.trust(), most); !errors.Is(err, ErrForm) {
		t.Errorf("not divided: %v", err)
	}
}

// The page loads nothing and runs nothing, and its style is the one that its policy names.
func TestReportIsSelfContained(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.full()
	page := member(t, x.sealed(Court), reportName)
	style := regexp.MustCompile(`(?s)<style>(.*)</style>`).FindStringSubmatch(page)[1]
	sum := sha256.Sum256([]byte(style))
	// the template writes + as a reference, which a browser reads as it is
	if !strings.Contains(strings.ReplaceAll(page, "&#43;", "+"), "'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"'") || !strings.Contains(page, "default-src 'none'") {
		t.Error("the policy does not name the style")
	}
	if found := regexp.MustCompile(`(?i)<script|javascript:|https?://|src=|url\(|@import|<img|<link|<iframe|<form|\son[a-z]+=`).FindString(page); found != "" {
		t.Errorf("the page has %q", found)
	}
	if strings.Contains(page, "<b>I want") || !strings.Contains(page, "&lt;b&gt;I want") {
		t.Error("what somebody wrote is taken for HTML")
	}
}

// A bundle that was made by a release is verified for ever: its report and its record are made
// again byte for byte, and its decisions come out as they did. Whatever this finds is a
// reason for a version 2, and none for another file.
func TestVersionOne(t *testing.T) {
	t.Parallel()
	path, key := filepath.Join("testdata", "case.zip"), filepath.Join("testdata", "log.vkey")
	if os.Getenv("UPDATE") == "version 1" {
		x := newExample(t)
		x.full()
		if os.WriteFile(path, x.sealed(Court), 0o600) != nil || os.WriteFile(key, []byte(x.vkey+"\n"), 0o600) != nil {
			t.Fatal("not written")
		}
	}
	file, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	vkey, err := os.ReadFile(key)
	if err != nil {
		t.Fatal(err)
	}
	trust, err := ledger.TrustKeys(strings.TrimSpace(string(vkey)))
	if err != nil {
		t.Fatal(err)
	}
	p, err := Verify(file, trust)
	if err != nil || !p.Anchored || p.Differs() || strings.Count(lines(p), ": follows") != 3 {
		t.Errorf("%v\n%s", err, lines(p))
	}
}

// A policy's witnesses have to have seen all that is older than the seal, and nobody
// can have seen that.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.disclosed()
	x.about(ledger.CaseOpened, "It never came.", is("opened_by", "b-1"), is("reason", "not_received"))
	skey, vkey, err := note.GenerateKey(x.random, "witness.example")
	if err != nil {
		t.Fatal(err)
	}
	witness, err := cosignature.NewSignerForCosignatureV1(skey)
	if err != nil {
		t.Fatal(err)
	}
	if vkey, err = cosignature.VKeyToCosignatureV1(vkey); err != nil {
		t.Fatal(err)
	}
	policy, err := ledger.ParsePolicy([]byte("log " + x.vkey + "\nwitness w " + vkey + "\nquorum w\n"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Verify(x.sealed(Buyer), policy); !errors.Is(err, ledger.ErrQuorum) {
		t.Errorf("seen by no witness: %v", err)
	}
	x.witness = witness
	d, err := Make(x.contents(Buyer))
	if err != nil {
		t.Fatal(err)
	}
	x.witness = nil
	if p, err := Verify(x.seal(d, Buyer), policy); err != nil || !p.Anchored {
		t.Errorf("all but the seal were seen: %v", err)
	}
}

// Every type of entry about a case, whichever there are, has a place in its bundle.
func TestTypesOfCases(t *testing.T) {
	t.Parallel()
	for _, of := range ledger.Types() {
		if of.Says("dispute") && !belongs(of) {
			t.Errorf("%s is about a case, and can be in no bundle", of)
		}
		if of.Says("dispute") && of.Says("before") != slices.Contains(of.Audiences(), ledger.Parties) {
			t.Errorf("%s is in no chain, or in one that not both sides see", of)
		}
	}
}
