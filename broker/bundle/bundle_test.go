package bundle

import (
	"archive/zip"
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
	x.about(ledger.CaseOpened, "It never came.", is("opened_by", "buyer"), is("reason", "not_received"))
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

// Nor is it enough to make all sums anew, and to have it sealed again.
func TestSumsMadeAnew(t *testing.T) {
	t.Parallel()
	type members = []ledger.ArchiveMember
	content := func(name, from, to string) func(members) members {
		return func(all members) members {
			for i := range all {
				if strings.HasPrefix(all[i].Name, name) {
					if !strings.Contains(string(all[i].Content), from) {
						t.Errorf("%s has no %q", name, from)
					}
					all[i].Content = []byte(strings.Replace(string(all[i].Content), from, to, 1))
				}
			}
			return all
		}
	}
	for name, test := range map[string]struct {
		change func(members) members
		want   error
	}{
		"the same":            {func(all members) members { return all }, nil},
		"the report":          {content(reportName, "It never came", "It came late"), ErrDerived},
		"the record":          {content(recordName, "It never came", "It came late"), ErrDerived},
		"a policy":            {content(policyFolder, "permit", "forbid"), ErrPolicies},
		"no policy":           {func(all members) members { return slices.Delete(all, 2, 3) }, ErrPolicies},
		"no report":           {func(all members) members { return all[1:] }, ErrForm},
		"report after record": {func(all members) members { all[0], all[1] = all[1], all[0]; return all }, ErrForm},
		"something besides": {func(all members) members {
			return append(all, ledger.ArchiveMember{Name: "evidence/1.png", Content: []byte("x")})
		}, ErrForm},
		"a policy's name": {func(all members) members {
			all[2].Name = strings.Replace(all[2].Name, ".json", "0.json", 1)
			return all
		}, ErrPolicies},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExample(t)
			x.full()
			if _, err := Verify(x.remade(x.sealed(Buyer), test.change), x.trust()); !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// What a broker itself would have to answer for: leaving out, putting in, somebody
// else's part, another seal.
func TestBundleRefuses(t *testing.T) {
	t.Parallel()
	type change = func(x *example, c *Contents)
	drop := func(n int64) change {
		return func(_ *example, c *Contents) {
			c.Items = slices.DeleteFunc(c.Items, func(it Item) bool { return it.Proof.Index == n })
		}
	}
	for name, test := range map[string]struct {
		to     Recipient
		change change
		want   error
	}{
		"nothing":                     {Buyer, func(*example, *Contents) {}, nil},
		"order is made, not given":    {Buyer, func(_ *example, c *Contents) { slices.Reverse(c.Items) }, nil},
		"the opening left out":        {Buyer, drop(6), ErrChain},
		"a message left out":          {Seller, drop(7), ErrChain},
		"the decision left out":       {Court, drop(15), ErrChain},
		"a reveal left out to staff":  {Staff, drop(13), ErrChain},
		"a reveal left out to court":  {Court, drop(13), ErrChain},
		"the transaction left out":    {Buyer, drop(0), ErrForeign},
		"twice":                       {Buyer, func(_ *example, c *Contents) { c.Items = append(c.Items, c.Items[3]) }, ledger.ErrItemTwice},
		"nobody's":                    {"press", func(*example, *Contents) {}, ErrRecipient},
		"another case":                {Buyer, func(_ *example, c *Contents) { c.Case = "dsp_0" }, ErrForeign},
		"the staff's part":            {Buyer, with(15, Staff), ErrAudience},
		"the other side's part":       {Buyer, with(3, Seller), ErrAudience},
		"what the subject alone sees": {Seller, with(13, Buyer), ErrAudience},
		"no staff's part to staff":    {Staff, with(15, Buyer), ErrAudience},
		"a text of staff alone": {Buyer, func(x *example, c *Contents) {
			for i := range c.Items {
				if c.Items[i].Proof.Index == 14 {
					c.Items[i].Text = x.written[14].text
				}
			}
		}, ledger.ErrOpening},
		"policies that nobody used": {Buyer, func(_ *example, c *Contents) {
			e, _ := necessity.Nothing()
			c.Policies = append(c.Policies, Policy{e.Version(), e.Text(), e.Floor()})
		}, ErrPolicies},
		"no policies":     {Buyer, func(_ *example, c *Contents) { c.Policies = nil }, ErrPolicies},
		"another version": {Buyer, func(_ *example, c *Contents) { c.Policies[0].Version = "sha256:" + strings.Repeat("0", 64) }, ErrPolicies},
		"another's floor": {Buyer, func(_ *example, c *Contents) { c.Policies[0].Floor = "" }, ErrPolicies},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			x := newExample(t)
			x.full()
			c := x.contents(test.to)
			test.change(x, &c)
			d, err := Make(c)
			if err == nil {
				_, err = d.Seal(x.made(d, test.to))
			}
			if !errors.Is(err, test.want) {
				t.Errorf("%v, want %v", err, test.want)
			}
		})
	}
}

// with puts in an entry as another recipient would have it.
func with(n int64, to Recipient) func(*example, *Contents) {
	return func(x *example, c *Contents) {
		it, _ := x.item(&x.written[n], to, x.head())
		c.Items = slices.DeleteFunc(c.Items, func(it Item) bool { return it.Proof.Index == n })
		c.Items = append(c.Items, it)
	}
}

// What stands in the seal has to be this case, its last entry, this manifest, for this
// recipient.
func TestSealIsOfThisBundle(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		change ledger.Member
		want   error
	}{
		"manifest":  {is("manifest", base64.StdEncoding.EncodeToString(make([]byte, 32))), ErrSeal},
		"recipient": {is("recipient", "court"), ErrSeal},
		"members":   {is("members", 99), ErrSeal},
	} {
		x := newExample(t)
		x.full()
		d, err := Make(x.contents(Buyer))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.Seal(x.made(d, Buyer, test.change)); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	x := newExample(t)
	x.full()
	d, err := Make(x.contents(Buyer))
	if err != nil {
		t.Fatal(err)
	}
	x.about(ledger.CaseMoved, "and then", is("event", "message"), is("by", "buyer")) // after it was gathered
	if _, err = d.Seal(x.made(d, Buyer)); !errors.Is(err, ErrChain) {
		t.Errorf("an entry between: %v", err)
	}
	it, _ := x.item(&x.written[7], Buyer, x.head())
	if _, err = d.Seal(it.Item); !errors.Is(err, ErrSeal) {
		t.Errorf("another entry for a seal: %v", err)
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

// A bundle that was made once is verified for ever: its report and its record are made
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

// Zips that are no bundles: bombs, names that lead elsewhere, other forms.
func TestOtherZips(t *testing.T) {
	t.Parallel()
	for name, files := range map[string][]zip.FileHeader{
		"packed":     {{Name: ledger.CaseManifest, Method: zip.Deflate}},
		"leads away": {{Name: ledger.CaseManifest}, {Name: "../report.html"}},
		"drive":      {{Name: ledger.CaseManifest}, {Name: "C:report.html"}},
		"twice":      {{Name: ledger.CaseManifest}, {Name: "Manifest.json"}},
		"streamed":   {{Name: ledger.CaseManifest}, {Name: reportName}, {Name: recordName}, {Name: receiptName(0)}, {Name: sealName}},
	} {
		var b bytes.Buffer
		z := zip.NewWriter(&b)
		for _, h := range files {
			w, err := z.CreateHeader(&h)
			if err != nil {
				t.Fatal(err)
			}
			_, _ = w.Write(make([]byte, 1<<16))
		}
		_ = z.Close()
		if _, err := Verify(b.Bytes(), ledger.Trust{}); err == nil || !Is(b.Bytes()) {
			t.Errorf("%s: %v", name, err)
		}
		if _, err := ledger.VerifyArchive(b.Bytes(), ledger.Trust{}); err == nil {
			t.Errorf("%s is a bundle of receipts", name)
		}
	}
	x := newExample(t)
	x.full()
	file := x.sealed(Buyer)
	if _, err := ledger.VerifyArchive(file, x.trust()); !errors.Is(err, ledger.ErrArchiveCase) {
		t.Errorf("as a bundle of receipts: %v", err)
	}
	if Is([]byte("PK\x03\x04")) || !Is(file) {
		t.Error("a bundle is not known by how it begins")
	}
}

func FuzzVerify(f *testing.F) {
	x := newExample(f)
	x.full()
	good := x.sealed(Buyer)
	f.Add(good)
	f.Add(good[:len(good)/2])
	f.Add([]byte("PK\x05\x06" + strings.Repeat("\x00", 18)))
	f.Fuzz(func(t *testing.T, b []byte) {
		p, err := Verify(b, ledger.Trust{})
		if err == nil && len(p.Entries) < 2 {
			t.Error("a bundle without entries is ok")
		}
	})
}

// What is inside of the manifest, whatever it is, ends in an error and not otherwise.
func FuzzManifest(f *testing.F) {
	f.Add([]byte(`{"case":"dsp_1","members":[{"name":"report.html","sha256":"","size":1}],"recipient":"buyer","version":1}`))
	f.Fuzz(func(_ *testing.T, b []byte) {
		var b2 bytes.Buffer
		_ = ledger.WriteMembers(&b2, []ledger.ArchiveMember{{Name: ledger.CaseManifest, Content: b}, {Name: reportName}, {Name: recordName}, {Name: receiptName(0)}, {Name: sealName}})
		_, _ = Verify(b2.Bytes(), ledger.Trust{})
	})
}

// 500 entries, made and verified.
func BenchmarkBundle(b *testing.B) {
	x := newExample(b)
	x.full()
	for len(x.written) < 500 {
		x.about(ledger.CaseMoved, "one more word", is("event", "message"), is("by", "buyer"))
	}
	c := x.contents(Court)
	d, err := Make(c)
	if err != nil {
		b.Fatal(err)
	}
	seal := x.made(d, Court)
	file, err := d.Seal(seal)
	if err != nil {
		b.Fatal(err)
	}
	trust := x.trust()
	b.Run("make", func(b *testing.B) {
		for b.Loop() {
			d, err := Make(c)
			if err == nil {
				_, err = d.Seal(seal)
			}
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("verify", func(b *testing.B) {
		for b.Loop() {
			if _, err := Verify(file, trust); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(len(file)), "bytes")
	})
}

// A policy's witnesses have to have seen all that is older than the seal, and nobody
// can have seen that.
func TestWitnesses(t *testing.T) {
	t.Parallel()
	x := newExample(t)
	x.disclosed()
	x.about(ledger.CaseOpened, "It never came.", is("opened_by", "buyer"), is("reason", "not_received"))
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
