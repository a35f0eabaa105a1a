package postgres_test

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/bundle"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// judged is a case with all that a bundle tells: disclosures both ways, views, texts,
// evidence, reveals by staff, a decision by two.
func (h *house) judged(t *testing.T) broker.CaseID {
	t.Helper()
	id := h.reviewed(t, "t-1")
	granted := h.ask(t, "t-1", "s-1", necessity.Deliver)
	if granted.Decision != "granted" {
		t.Fatalf("deliver: %s", granted.Decision)
	}
	if _, _, err := h.View(t.Context(), market, granted.ID, "s-1", nil); err != nil {
		t.Fatal(err)
	}
	h.ask(t, "t-1", "b-1", necessity.Settle)
	h.flags(t, "b-1", broker.Restricted)
	h.ask(t, "t-1", "s-1", necessity.Deliver)
	h.flags(t, "b-1")
	worker := h.account(t, "lead")
	h.handles(t, hanna, id, broker.CaseMove{Event: disputes.Release})
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Assign, To: worker.Account})
	for _, r := range []broker.CaseReveal{
		{Subject: "b-1", Fields: []masking.Field{masking.Name}, Purpose: "decide_case", Reason: "identity_unclear"},
		{Subject: "b-1", Fields: []masking.Field{masking.Name}, Purpose: "decide_case", Reason: "identity_unclear", Delay: "fraud_suspected", Until: h.clock().Add(2 * day)},
	} {
		if _, _, err := h.RevealInCase(t.Context(), worker, id, r, nil); err != nil {
			t.Fatal(err)
		}
	}
	v := h.handles(t, worker, id, half)
	h.handles(t, lena, id, broker.CaseMove{Event: disputes.Approve, Hash: v.Hash})
	return id
}

func (h *house) flags(t *testing.T, id broker.PartyID, flags ...broker.Flag) {
	t.Helper()
	if err := h.SetFlags(t.Context(), market, id, flags); err != nil {
		t.Fatal(err)
	}
}

func (h *house) trusted(tb testing.TB) ledger.Trust {
	tb.Helper()
	vkey, _ := h.store.Verifier()
	trust, err := ledger.TrustKeys(vkey)
	if err != nil {
		tb.Fatal(err)
	}
	return trust
}

// verdicts are what came of deciding again, one for each decision.
func verdicts(p bundle.Proven) (all []bundle.Verdict) {
	for _, e := range p.Entries {
		if e.Verdict != "" {
			all = append(all, e.Verdict)
		}
	}
	return all
}

// Each recipient's bundle proves all that it may know of the case, and no more.
func TestCaseBundle(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.judged(t)
	for _, test := range []struct {
		to       bundle.Recipient
		make     func() ([]byte, error)
		verdicts []bundle.Verdict
		reveals  int // that it is told of
		has, not []string
	}{
		{
			bundle.Buyer, func() ([]byte, error) { return h.CaseBundle(t.Context(), market, "b-1", id) },
			[]bundle.Verdict{bundle.Follows, bundle.Follows, bundle.Untold},
			1,
			[]string{"the box was empty", "shows a torn box"},
			[]string{`"staff":{`, hanna.Account, "fraud_suspected"},
		},
		{
			bundle.Seller, func() ([]byte, error) { return h.CaseBundle(t.Context(), market, "s-1", id) },
			[]bundle.Verdict{bundle.Follows, bundle.Follows, bundle.Untold},
			0,
			[]string{"the box was empty", "shows a torn box"},
			[]string{`"staff":{`, hanna.Account, "case_revealed"},
		},
		{
			bundle.Staff, func() ([]byte, error) { return h.StaffBundle(t.Context(), lena, id, bundle.Staff) },
			[]bundle.Verdict{bundle.Follows, bundle.Follows, bundle.Follows},
			2,
			[]string{"the box was empty", hanna.Account, "subject_restricted"},
			[]string{`"requester":{`},
		},
		{
			bundle.Court, func() ([]byte, error) { return h.StaffBundle(t.Context(), lena, id, bundle.Court) },
			[]bundle.Verdict{bundle.Follows, bundle.Follows, bundle.Follows},
			2,
			[]string{"the box was empty", hanna.Account, "subject_restricted", `"requester":{`, `"subject":{`},
			nil,
		},
	} {
		file, err := test.make()
		if err != nil {
			t.Fatalf("%s: %v", test.to, err)
		}
		p, err := bundle.Verify(file, h.trusted(t))
		if err != nil || !p.Anchored || p.Recipient != test.to || p.Case != string(id) || !slices.Equal(verdicts(p), test.verdicts) {
			t.Fatalf("%s: %v, %v", test.to, verdicts(p), err)
		}
		reveals := 0
		for _, e := range p.Entries {
			if e.Type == ledger.CaseRevealed {
				reveals++
			}
		}
		if reveals != test.reveals {
			t.Errorf("%s is told of %d reveals", test.to, reveals)
		}
		for _, want := range test.has {
			if !bytes.Contains(file, []byte(want)) {
				t.Errorf("the bundle for %s lacks %q", test.to, want)
			}
		}
		for _, wrong := range append(test.not, `"auditor":{`, "Giovana Teixeira", "87991935795", "Estrada do Coco") {
			if bytes.Contains(file, []byte(wrong)) {
				t.Errorf("the bundle for %s holds %q", test.to, wrong)
			}
		}
	}
	h.checkLog(t)
}

// To strangers there is no case; staff need to work on it, or to lead.
func TestCaseBundleIsForFew(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	for name, test := range map[string]struct {
		make func() ([]byte, error)
		want error
	}{
		"a stranger":      {func() ([]byte, error) { return h.CaseBundle(t.Context(), market, "b-9", id) }, broker.ErrNotFound},
		"nobody":          {func() ([]byte, error) { return h.CaseBundle(t.Context(), market, "", id) }, broker.ErrNotFound},
		"no case":         {func() ([]byte, error) { return h.CaseBundle(t.Context(), market, "b-1", "dsp_0") }, broker.ErrNotFound},
		"another handler": {func() ([]byte, error) { return h.StaffBundle(t.Context(), heidi, id, bundle.Court) }, broker.ErrNotAssigned},
		"an auditor": {func() ([]byte, error) {
			return h.StaffBundle(t.Context(), broker.Staff{Account: "a", Role: "auditor"}, id, bundle.Court)
		}, broker.ErrRole},
		"another recipient": {func() ([]byte, error) { return h.StaffBundle(t.Context(), hanna, id, "press") }, broker.ErrUnknownCode},
	} {
		if _, err := test.make(); !errors.Is(err, test.want) {
			t.Errorf("%s: %v, want %v", name, err, test.want)
		}
	}
	f, err := h.store.CaseByID(t.Context(), id)
	if err != nil || f.Chain == nil {
		t.Fatal(err)
	}
}

// Whoever asks at once gets bundles that follow one another: each has those before it
// in its chain.
func TestBundlesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.reviewed(t, "t-1")
	before, err := h.store.CaseByID(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for _, who := range []broker.PartyID{"b-1", "s-1", "b-1", "s-1"} {
		all.Go(func() {
			file, err := h.CaseBundle(t.Context(), market, who, id)
			if err == nil {
				_, err = bundle.Verify(file, h.trusted(t))
			}
			if err != nil {
				t.Errorf("%s: %v", who, err)
			}
		})
	}
	all.Wait()
	after, err := h.store.CaseByID(t.Context(), id)
	if err != nil || after.Version != before.Version+4 || after.Moves != before.Moves {
		t.Errorf("version %d after %d: %v", after.Version, before.Version, err)
	}
	h.checkLog(t)
}

// BenchmarkCaseBundle makes bundles of a case with 500 entries.
func BenchmarkCaseBundle(b *testing.B) {
	h := newHouse(b)
	h.received(b, "t-1")
	id := h.dispute(b, "t-1", disputes.Damaged, "100.00").ID
	for n := range 490 {
		h.moves(b, "b-1", id, broker.CaseMove{Event: disputes.Message, Text: masking.NewText(strings.Repeat("word ", 20+n%7))})
	}
	size := 0
	for b.Loop() {
		file, err := h.CaseBundle(context.Background(), market, "b-1", id)
		if err != nil {
			b.Fatal(err)
		}
		size = len(file)
	}
	b.ReportMetric(float64(size), "bytes")
}
