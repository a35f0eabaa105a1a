package postgres_test

import (
	"testing"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// What a merchant shows to everybody a buyer is told where to read, and is given no
// grant for; a value that is another one is decided as ever, and so is everything
// once the profile is gone.
func TestPublicDataNeedsNoRequest(t *testing.T) {
	t.Parallel()
	h := newHouse(t)
	id := h.register(t, lake.of("s-1", merchants.CN, merchants.Company)).ID
	buyer := giovana()
	if _, _, err := h.PutParty(t.Context(), market, "b-1", buyer); err != nil {
		t.Fatal(err)
	}
	_, _, err := h.PutTransaction(t.Context(), market, "t-1", broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: "b-1", Seller: "s-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: noon, Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}})
	if err != nil {
		t.Fatal(err)
	}
	h.perform(t, "t-1", broker.Pay, "221.65", "card/1")
	ask := func() (broker.DisclosureView, necessity.Reason, necessity.Reason) {
		t.Helper()
		v, _, err := h.Disclose(t.Context(), market, broker.DisclosureInput{
			Transaction: "t-1", Requester: "b-1", Purpose: necessity.Settle, Fields: []masking.Field{masking.Name, masking.Email, masking.FullAddress}, Reveal: true,
		}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return v, v.Fields[0].Reason, v.Fields[1].Reason
	}
	if v, name, _ := ask(); name == necessity.AlreadyPublic || len(v.Public) != 0 {
		t.Errorf("nobody has approved it, and it is %s", name)
	}
	h.approve(t, id)
	v, name, email := ask()
	if name != necessity.AlreadyPublic || email == necessity.AlreadyPublic || len(v.Public) != 1 || v.Public[0].Merchant != id || len(v.Values[masking.Name].Text.Reveal()) > 0 {
		t.Errorf("%s, %s, %+v", name, email, v.Public)
	}
	again, err := h.Disclosure(t.Context(), v.ID, "b-1")
	if err != nil || len(again.Public) != 1 || again.Fields[0].Reason != necessity.AlreadyPublic {
		t.Errorf("%+v, %v", again.Public, err)
	}
	if v.Fields[2].Reason != necessity.AlreadyPublic || len(v.Public[0].Fields) != 2 {
		t.Errorf("the address: %+v, %+v", v.Fields[2], v.Public)
	}
	h.amend(t, id, atHome(true))
	if v, _, _ := ask(); v.Fields[2].Reason == necessity.AlreadyPublic || len(v.Public) != 1 || len(v.Public[0].Fields) != 1 {
		t.Errorf("it is a home by now: %+v, %+v", v.Fields[2], v.Public)
	}
	if again, err := h.Disclosure(t.Context(), v.ID, "b-1"); err != nil || len(again.Public) != 1 || len(again.Public[0].Fields) != 1 {
		t.Errorf("what was answered before: %+v, %v", again.Public, err)
	}
	if _, _, err := h.PutParty(t.Context(), market, "s-1", broker.PartyInput{Contact: broker.Contact{Values: map[masking.Field]masking.Value{
		masking.Name: {Text: masking.NewText("Wang Xiaoming")},
	}}}); err != nil {
		t.Fatal(err)
	}
	if _, name, _ := ask(); name == necessity.AlreadyPublic {
		t.Error("the name that the marketplace has is another one than the public one")
	}
	h.checkLog(t)
}
