package bundle

import (
	"archive/zip"
	"bytes"
	"encoding/base64"
	"errors"
	"slices"
	"strings"
	"testing"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

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
				if c.Items[i].Proof.Index == 15 {
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
