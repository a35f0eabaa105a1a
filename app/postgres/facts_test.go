package postgres

import (
	"crypto/sha256"
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"bauta.dev/bauta/broker"
)

// What is written is read again, and bytes that are cut short are refused.
func TestPartyFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		micros := rapid.Int64Range(0, 4e15)
		p := broker.Party{
			Kind:   rapid.SampledFrom(kindCodes).Draw(t, "kind"),
			Locale: rapid.String().Draw(t, "locale"), Residency: rapid.String().Draw(t, "residency"),
			Newest: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "newest"), Values: broker.Versions{},
			Masked:    rapid.IntRange(0, 1e6).Draw(t, "masked"),
			CreatedAt: time.UnixMicro(micros.Draw(t, "created")).UTC(), UpdatedAt: time.UnixMicro(micros.Draw(t, "updated")).UTC(),
		}
		if rapid.Bool().Draw(t, "excluded before") {
			p.ReinstatedAt = time.UnixMicro(micros.Draw(t, "reinstated") + 1).UTC()
		}
		if rapid.Bool().Draw(t, "excluded") {
			p.ExcludedAt = time.UnixMicro(micros.Draw(t, "excluded at") + 1).UTC()
		}
		for _, f := range fieldCodes {
			if n := rapid.IntRange(0, 1e6).Draw(t, string(f)); n > 0 {
				p.Values[f] = n
			}
		}
		for _, f := range flagCodes {
			if rapid.Bool().Draw(t, string(f)) {
				p.Flags = append(p.Flags, f)
			}
		}
		for range rapid.SampledFrom([]int{0, 0, 1, 3, broker.MostConsents}).Draw(t, "consents") {
			p.Consents = append(p.Consents, broker.Consent{
				Purpose: rapid.SampledFrom(purposeCodes).Draw(t, "purpose"), Recipient: broker.PartyID(rapid.StringMatching(`[a-z]{1,8}`).Draw(t, "recipient")),
				Fields: fieldCodes[:rapid.IntRange(1, 6).Draw(t, "fields")], Locale: "pt-BR",
				Text: sha256.Sum256([]byte(rapid.String().Draw(t, "text"))), Entry: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "entry"),
				GivenAt: time.UnixMicro(micros.Draw(t, "given")).UTC(), ExpiresAt: time.UnixMicro(micros.Draw(t, "expires")).UTC(),
			})
		}
		for range rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "fears") {
			p.Fears = append(p.Fears, broker.Fear{
				Requester:  broker.Row(rapid.Int64Range(1, 1e12).Draw(t, "feared")),
				Disclosure: broker.DisclosureOf(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "objected to")),
			})
		}
		if rapid.Bool().Draw(t, "to be lifted") {
			p.Lift = &broker.Proposal{
				By: rapid.String().Draw(t, "by"), Reason: "mistake", Event: broker.Reinstate, Hash: rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "hash"),
				Hands: rapid.SliceOfN(rapid.String(), 1, 4).Draw(t, "hands"),
			}
		}
		b, err := encodeParty(&p)
		if err != nil {
			t.Fatal(err)
		}
		var got broker.Party
		if err := decodeParty(b, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, got); diff != "" {
			t.Fatal(diff)
		}
		if err := decodeParty(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")], &got); err == nil {
			t.Fatal("cut short, and read")
		}
	})
}

// What is written of a transaction is read again, JSON from before is still
// read, and bytes that are cut short are refused.
func TestTransactionFacts(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x := drawTransaction(t)
		b, err := encodeTransaction(&x)
		if err != nil {
			t.Fatal(err)
		}
		if x.Dispute == nil && b[0] == disputedForm {
			t.Fatal("it has room for what there never was")
		}
		old, err := json.Marshal(&x)
		if err != nil {
			t.Fatal(err)
		}
		for _, form := range [][]byte{b, old} {
			var got broker.Transaction
			if err := decodeTransaction(form, &got); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(x, got, cmpopts.EquateEmpty()); diff != "" {
				t.Fatal(diff)
			}
		}
		var got broker.Transaction
		if err := decodeTransaction(b[:rapid.IntRange(0, len(b)-1).Draw(t, "cut")], &got); err == nil {
			t.Fatal("cut short, and read")
		}
	})
}

func drawTransaction(t *rapid.T) broker.Transaction {
	at := func(label string) time.Time {
		if rapid.Bool().Draw(t, label+" is set") {
			return time.UnixMicro(rapid.Int64Range(-4e15, 4e15).Draw(t, label)).UTC()
		}
		return time.Time{}
	}
	quantity := func(label string) broker.Quantity {
		return broker.Quantity(rapid.Int64Range(0, 1e15).Draw(t, label))
	}
	x := broker.Transaction{
		Kind: rapid.SampledFrom(transactionKinds).Draw(t, "kind"), Payment: rapid.SampledFrom(payments).Draw(t, "payment"),
		Handover: rapid.SampledFrom(handovers).Draw(t, "handover"), Rental: rapid.SampledFrom(rentals).Draw(t, "rental"),
		Currency: broker.Currency(rapid.StringMatching(`[A-Z]{3}`).Draw(t, "currency")), Reason: rapid.StringMatching(`[a-z_]*`).Draw(t, "reason"),
		Amount: quantity("amount"), Highest: quantity("highest"), Deposit: quantity("deposit"), Items: rapid.IntRange(0, 1e6).Draw(t, "items"),
		CreatedAt: at("created"), PromisedAt: at("promised"), Slot: broker.Slot{Start: at("start"), End: at("end")},
		CompletedAt: at("completed"), CancelledAt: at("cancelled"),
		TaxInvoice: rapid.Bool().Draw(t, "tax invoice"), BusinessBuyer: rapid.Bool().Draw(t, "business buyer"),
		Newest:   rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "newest"),
		Contacts: map[broker.Use]broker.Versions{}, Totals: map[broker.Obligation]broker.Total{},
	}
	for _, use := range rapid.SliceOfDistinct(rapid.SampledFrom(useCodes), rapid.ID).Draw(t, "uses") {
		x.Contacts[use] = broker.Versions{rapid.SampledFrom(fieldCodes).Draw(t, "field"): rapid.IntRange(1, 1e6).Draw(t, "version")}
	}
	for _, o := range rapid.SliceOfDistinct(rapid.SampledFrom(obligations), rapid.ID).Draw(t, "obligations") {
		x.Totals[o] = broker.Total{
			Done: quantity("done"), Attested: quantity("attested"), Claimed: quantity("claimed"),
			Signed: broker.Quantity(rapid.SampledFrom([]int64{0, 0, 1, 1e15}).Draw(t, "signed")),
			Waived: rapid.Bool().Draw(t, "waived"), LastAt: at("last"),
		}
	}
	if rapid.Bool().Draw(t, "disputed") {
		x.Dispute = &broker.Dispute{
			Lines: map[broker.Obligation]broker.CaseID{}, Before: map[broker.Obligation]broker.CaseID{}, OpenedAt: at("opened"), EndedAt: at("ended"),
			Ordered: map[broker.CaseID]broker.Quantity{}, Refundable: map[broker.CaseID]broker.Quantity{}, Refunded: map[broker.CaseID]broker.Quantity{},
			External: map[broker.CaseID]broker.Quantity{}, Confirmed: map[broker.CaseID]broker.Quantity{},
		}
		for _, o := range rapid.SliceOfDistinct(rapid.SampledFrom(obligations), rapid.ID).Draw(t, "lines") {
			x.Dispute.Lines[o], x.Dispute.Before[o] = "dsp_one", "dsp_two"
			x.Dispute.Refundable["dsp_one"], x.Dispute.Refunded["dsp_two"] = quantity("refundable"), quantity("refunded")
			x.Dispute.Ordered["dsp_two"] = quantity("ordered")
			x.Dispute.External["dsp_one"], x.Dispute.Confirmed["dsp_two"] = quantity("outside"), quantity("confirmed")
			x.Dispute.Cases++
		}
	}
	return x
}
