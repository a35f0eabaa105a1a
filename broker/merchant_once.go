package broker

import (
	"context"
	"strings"

	"bauta.dev/bauta/broker/ledger"
)

// ledMerchant says which registration a request led to, and by what.
func (o *Outcome) ledMerchant(id MerchantID, what string, w *Write) *Outcome {
	return o.led("merchant", string(id)+"/"+what, w.Record.At)
}

// merchantOf is the registration that an outcome is about.
func merchantOf(o *Outcome) MerchantID {
	id, _, _ := strings.Cut(o.ID, "/")
	return MerchantID(id)
}

// commitMerchant commits, and lets nothing be shown any longer that it ended.
func (b *Broker) commitMerchant(ctx context.Context, w *Write) (ledger.Place, error) {
	defer b.profiles.forget()
	return b.Store.Commit(ctx, w)
}
