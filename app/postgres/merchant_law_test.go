package postgres_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
)

// What a law makes private is hidden on its day, whoever was approved before it, by
// whatever pack; what it makes public nobody has approved yet.
func TestNewLawHidesAtOnce(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	raw, err := os.ReadFile("../../broker/merchants/packs/CN-2026-01-01.json")
	if err != nil {
		t.Fatal(err)
	}
	old := string(raw)
	next := strings.NewReplacer(`"version": "2026-01-01"`, `"version": "2026-03-06"`, `"since": "2026-01-01",`+"\n  \"laws\"", `"since": "2026-03-06",`+"\n  \"laws\"",
		`"label": "street", "visibility": "public"`, `"label": "street", "visibility": "private"`,
		`"label": "email", "visibility": "conditional", "public_if": ["exempt"]`, `"label": "email", "visibility": "public"`).Replace(old)
	if strings.Count(next, `"private"`) != strings.Count(old, `"private"`)+1 || strings.Count(next, `"conditional"`) != strings.Count(old, `"conditional"`)-1 {
		t.Fatal("the new law is not what it is meant to be")
	}
	if h.Packs, err = merchants.LoadFrom(fstest.MapFS{"CN-2026-01-01.json": {Data: raw}, "CN-2026-03-06.json": {Data: []byte(next)}}, "."); err != nil {
		t.Fatal(err)
	}
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	h.approve(t, id)
	before := h.shown(t, id)
	h.at(time.Date(2026, 3, 5, 23, 59, 0, 0, time.UTC))
	if h.shown(t, id)["/address/street"] == "" {
		t.Error("it is hidden before the law is in force")
	}
	h.at(time.Date(2026, 3, 6, 0, 1, 0, 0, time.UTC))
	after := h.shown(t, id)
	if after["/address/street"] != "" || after["/contact/email"] != "" || len(after) != len(before)-1 || after["/legal_name"] == "" {
		t.Errorf("under the new law: %v", after)
	}
	patch := broker.MerchantPatch{Values: values{"/trade_name": "Green Lake"}.texts()}
	if _, _, err := h.AmendMerchant(t.Context(), market, id, patch, nil); err != nil {
		t.Fatal(err)
	}
	if now := h.shown(t, id); len(now) != len(after) || now["/trade_name"] != "Blue Lake" {
		t.Errorf("while an amendment waits: %v", now)
	}
}

// Of what the law of the day says, on which it was over, and the law of today, the
// longer time counts.
func TestLongerDutyWins(t *testing.T) {
	t.Parallel()
	raw, err := os.ReadFile("../../broker/merchants/packs/CN-2026-01-01.json")
	if err != nil {
		t.Fatal(err)
	}
	for months, kept := range map[string]int{"12": 12, "1": 6} {
		h := newHouse(t)
		next := strings.NewReplacer(`"version": "2026-01-01"`, `"version": "2026-06-01"`, `"since": "2026-01-01",`+"\n  \"laws\"", `"since": "2026-06-01",`+"\n  \"laws\"",
			`"timer": "leftover", "months": 6`, `"timer": "leftover", "months": `+months).Replace(string(raw))
		if h.Packs, err = merchants.LoadFrom(fstest.MapFS{"CN-2026-01-01.json": {Data: raw}, "CN-2026-06-01.json": {Data: []byte(next)}}, "."); err != nil {
			t.Fatal(err)
		}
		id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
		if _, _, err := h.CloseMerchant(t.Context(), market, id, broker.MerchantMove{Reason: "other"}, nil); err != nil {
			t.Fatal(err)
		}
		h.at(noon.AddDate(0, kept, 0).Add(-time.Hour))
		h.fire(t)
		h.stands(t, id, merchants.Lapsed)
		h.at(noon.AddDate(0, kept, 1))
		h.fire(t)
		h.stands(t, id, merchants.Erased)
		h.checkLog(t)
	}
}
