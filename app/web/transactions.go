package web

import (
	"net/http"
	"slices"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
	"bauta.dev/bauta/masking/fault"
)

// transactionBody is what PUT /v1/transactions/{id} takes. A term that is left
// out means its default.
type transactionBody struct {
	Kind          string       `json:"kind" validate:"required,oneof=shipped_goods business_supply local_pickup digital_goods service_at_home rental used_goods"`
	Buyer         string       `json:"buyer" validate:"required" docs:"id"`
	Seller        string       `json:"seller" validate:"required" docs:"id"`
	Amount        amountBody   `json:"amount" docs:"required"`
	Items         int          `json:"items" validate:"required,min=1,max=1000000"`
	CreatedAt     *moment      `json:"created_at" validate:"required"`
	PromisedAt    *moment      `json:"promised_at"`
	Slot          *slotBody    `json:"slot" description:"pick-up, visit or stay"`
	Payment       string       `json:"payment" validate:"omitempty,oneof=prepaid deposit on_delivery on_invoice" default:"prepaid"`
	Deposit       string       `json:"deposit" validate:"max=32" docs:"decimal" description:"of the amount's currency; required with payment deposit"`
	TaxInvoice    bool         `json:"tax_invoice"`
	BusinessBuyer bool         `json:"business_buyer"`
	Handover      string       `json:"handover" validate:"omitempty,oneof=post meet" default:"post"`
	Rental        string       `json:"rental" validate:"omitempty,oneof=stay item" default:"stay"`
	Contacts      contactsBody `json:"contacts" description:"this transaction's own; absent ones are the party's"`
}

type amountBody struct {
	Currency string `json:"currency" validate:"required,iso4217" description:"ISO 4217"`
	Value    string `json:"value" validate:"required,max=32" docs:"decimal"`
}

type slotBody struct {
	Start *moment `json:"start" validate:"required"`
	End   *moment `json:"end" validate:"required"`
}

type contactsBody struct {
	Delivery *useBody `json:"delivery" description:"the buyer's: goods, visit, site"`
	Pickup   *useBody `json:"pickup" description:"the seller's: pick-up, stay, meeting"`
	Return   *useBody `json:"return" description:"the seller's"`
	Invoice  *useBody `json:"invoice" description:"the buyer's"`
}

func (b *transactionBody) input() (broker.TransactionInput, error) {
	wrong := rules(b)
	in := broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.Kind(b.Kind), Buyer: broker.PartyID(b.Buyer), Seller: broker.PartyID(b.Seller),
		Currency: broker.Currency(b.Amount.Currency), Items: b.Items,
		CreatedAt: b.CreatedAt.time(), PromisedAt: b.PromisedAt.time(),
		Payment: broker.Payment(or(b.Payment, string(broker.Prepaid))), TaxInvoice: b.TaxInvoice, BusinessBuyer: b.BusinessBuyer,
		Handover: broker.Handover(or(b.Handover, string(broker.Post))), Rental: broker.RentalOf(or(b.Rental, string(broker.Stay))),
	}}
	if b.Slot != nil {
		in.Slot = broker.Slot{Start: b.Slot.Start.time(), End: b.Slot.End.time()}
		if b.Slot.Start != nil && b.Slot.End != nil && !in.Slot.End.After(in.Slot.Start) {
			wrong.add("/slot/end", "out_of_range", "the end has to be after the start")
		}
	}
	b.money(&in, &wrong)
	in.Contacts = b.Contacts.normal(&wrong)
	if err := wrong.err(); err != nil {
		return in, err
	}
	if err := identify(b.Buyer, "/buyer"); err != nil {
		return in, err
	}
	return in, identify(b.Seller, "/seller")
}

func or(s, otherwise string) string {
	if s == "" {
		return otherwise
	}
	return s
}

// money reads amount and deposit; what the tags have refused already is not
// refused twice.
func (b *transactionBody) money(in *broker.TransactionInput, wrong *mistakes) {
	digits := in.Currency.Digits()
	var err error
	if b.Amount.Value != "" && len(b.Amount.Value) <= 32 {
		in.Amount, err = broker.ParseQuantity(b.Amount.Value, digits)
		wrong.fold("/amount/value", err)
	}
	if b.Deposit != "" && len(b.Deposit) <= 32 {
		in.Deposit, err = broker.ParseQuantity(b.Deposit, digits)
		wrong.fold("/deposit", err)
	}
	switch {
	case b.Deposit == "" && in.Payment == broker.Deposit:
		wrong.add("/deposit", "required", "a payment by deposit needs the deposit")
	case in.Amount > 0 && in.Deposit > in.Amount:
		wrong.add("/deposit", "out_of_range", "the deposit is more than the amount")
	}
}

func (b *contactsBody) normal(wrong *mistakes) map[broker.Use]broker.Contact {
	contacts := map[broker.Use]broker.Contact{}
	for _, x := range []struct {
		use  broker.Use
		body *useBody
	}{
		{broker.UseDelivery, b.Delivery}, {broker.UsePickup, b.Pickup}, {broker.UseReturn, b.Return}, {broker.UseInvoice, b.Invoice},
	} {
		if x.body == nil {
			continue
		}
		pointer := "/contacts/" + string(x.use)
		contact := x.body.contact().normal(pointer, "", wrong)
		takeText(&contact, masking.Instructions, x.body.Instructions, pointer, "", wrong)
		contacts[x.use] = contact
	}
	return contacts
}

// putTransaction answers PUT /v1/transactions/{id}.
func (s *Server) putTransaction(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	body, err := decode[transactionBody](c)
	if err != nil {
		return err
	}
	in, err := body.input()
	if err != nil {
		return err
	}
	v, created, err := s.Broker.PutTransaction(c.ctx, c.caller(marketplace), broker.TransactionID(id), in)
	if err != nil {
		return err
	}
	return c.answer(made(created), showTransaction(&v))
}

// getTransaction answers GET /v1/transactions/{id}.
func (s *Server) getTransaction(c *call) error {
	id, err := c.pathID()
	if err != nil {
		return err
	}
	viewer, err := c.viewer()
	if err != nil {
		return err
	}
	v, err := s.Broker.Transaction(c.ctx, broker.TransactionID(id), viewer)
	if err != nil {
		return err
	}
	return c.answer(http.StatusOK, showTransaction(&v))
}

// performanceBody is what POST …/performances and …/reversals take.
type performanceBody struct {
	Obligation  string  `json:"obligation" validate:"required,max=32" docs:"obligation" description:"one that this kind of transaction has"`
	Done        string  `json:"done" validate:"required,max=32" docs:"decimal" description:"money for pay and refund, a count for the rest"`
	PerformedAt *moment `json:"performed_at" validate:"required"`
	Reference   string  `json:"reference" validate:"required,max=128" description:"unique per transaction, obligation and direction"`
	By          *string `json:"by" docs:"id" description:"whose word it is; never with an attest key"`
}

func (b *performanceBody) input() (broker.PerformanceInput, error) {
	wrong := rules(b)
	in := broker.PerformanceInput{
		Obligation: broker.Obligation(b.Obligation), Done: b.Done, PerformedAt: b.PerformedAt.time(),
		Reference: line(b.Reference, "/reference", &wrong),
	}
	if len(wrong) == 0 {
		if !slices.Contains(obligations(), in.Obligation) {
			wrong.fold("/obligation", broker.ErrUnknownObligation)
		}
		_, err := broker.ParseQuantity(b.Done, mostDigits) // the transaction says how many it may have
		wrong.fold("/done", err)
	}
	if err := wrong.err(); err != nil {
		return in, err
	}
	if b.By != nil {
		in.By = broker.PartyID(*b.By)
		return in, identify(*b.By, "/by")
	}
	return in, nil
}

// mostDigits after the point of any currency.
const mostDigits = 4

// obligations are all that there are; which of them a transaction has is the
// broker's to say.
func obligations() []broker.Obligation {
	return []broker.Obligation{
		broker.Pay, broker.Accept, broker.Ship, broker.Deliver, broker.HandOver, broker.Serve,
		broker.GrantAccess, broker.GiveBack, broker.ApproveReturn, broker.Return, broker.Refund,
	}
}

var errNotBy = fault.At("/by", "not_allowed", "an attest key speaks for the platform; leave by out")

// postPerformance answers POST /v1/transactions/{id}/performances. An attest
// key speaks for the platform; with a marketplace key it is a party's word.
func (s *Server) postPerformance(c *call) error {
	id, in, err := c.performed()
	if err != nil {
		return err
	}
	scope := marketplace
	switch {
	case c.has(attest) && in.By != "":
		return errNotBy
	case c.has(attest):
		scope = attest
	case in.By == "":
		return errScope
	default:
		if err = c.speaks(string(in.By)); err != nil {
			return err
		}
	}
	once, err := c.once(id)
	if err != nil {
		return err
	}
	v, repetition, err := s.Broker.Perform(c.ctx, c.caller(scope), broker.TransactionID(id), in, once)
	if err != nil {
		return err
	}
	return c.answerPerformed(&v, repetition)
}

// postReversal answers POST /v1/transactions/{id}/reversals.
func (s *Server) postReversal(c *call) error {
	id, in, err := c.performed()
	if err != nil {
		return err
	}
	if in.By != "" {
		return errNotBy
	}
	once, err := c.once(id)
	if err != nil {
		return err
	}
	v, repetition, err := s.Broker.Reverse(c.ctx, c.caller(attest), broker.TransactionID(id), in, once)
	if err != nil {
		return err
	}
	return c.answerPerformed(&v, repetition)
}

func (c *call) performed() (string, broker.PerformanceInput, error) {
	id, err := c.pathID()
	if err != nil {
		return "", broker.PerformanceInput{}, err
	}
	body, err := decode[performanceBody](c)
	if err != nil {
		return "", broker.PerformanceInput{}, err
	}
	in, err := body.input()
	return id, in, err
}

// answerPerformed: the same reference again is 200; the same request again, by
// its idempotency key, is the first answer again.
func (c *call) answerPerformed(v *broker.ObligationView, r broker.Repetition) error {
	return c.answerOnce(made(r != broker.SameReference), showObligation(v), r == broker.Replayed)
}

// closeBody is what POST …/completion and …/cancellation take.
type closeBody struct {
	Reason string       `json:"reason" validate:"required,max=64" description:"one of a list; see the operation"`
	Note   masking.Text `json:"note" docs:"note" description:"free text, kept sealed"`
}

// end answers POST …/completion and …/cancellation.
func (s *Server) end(cancel bool) func(c *call) error {
	do := s.Broker.Complete
	if cancel {
		do = s.Broker.Cancel
	}
	return func(c *call) error {
		id, err := c.pathID()
		if err != nil {
			return err
		}
		body, err := decode[closeBody](c)
		if err != nil {
			return err
		}
		in, err := body.input(broker.Reasons(cancel))
		if err != nil {
			return err
		}
		once, err := c.once(id)
		if err != nil {
			return err
		}
		v, replayed, err := do(c.ctx, c.caller(marketplace), broker.TransactionID(id), in, once)
		if err != nil {
			return err
		}
		return c.answerOnce(http.StatusOK, showTransaction(&v), replayed)
	}
}

func (b *closeBody) input(reasons []string) (broker.CloseInput, error) {
	wrong := rules(b)
	if len(wrong) == 0 {
		reasonOf(b.Reason, reasons, &wrong)
	}
	in := broker.CloseInput{Reason: b.Reason, Note: note(b.Note, &wrong)}
	return in, wrong.err()
}
