package web

import (
	"fmt"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking"
)

// mediaReceipt is the media type of docs/receipt-format.md.
const mediaReceipt = "application/vnd.bauta.receipt"

var errNoViewer = atParameter("/viewer", "required", "say who looks: viewer is the requester or the subject")

// viewer is the side that reads, where a query names one, and may speak for it.
func (c *call) viewer() (broker.PartyID, error) {
	name, err := ask(c.params, "viewer")
	if err == nil && name != "" {
		err = c.speaks(name)
	}
	return broker.PartyID(name), err
}

// viewed is a disclosure and the side that reads it, which a query names and may speak for.
func (c *call) viewed() (id broker.DisclosureID, viewer broker.PartyID, err error) {
	name, named := c.params["viewer"]
	if !named {
		return "", "", errNoViewer
	}
	if err := identify(name, "/viewer"); err != nil {
		return "", "", err
	}
	if err := c.speaks(name); err != nil {
		return "", "", err
	}
	id, err = c.disclosureID()
	return id, broker.PartyID(name), err
}

// getReceipt answers GET /v1/disclosures/{id}/receipt.
func (s *Server) getReceipt(c *call) error {
	id, viewer, err := c.viewed()
	if err != nil {
		return err
	}
	r, err := s.Broker.Receipt(c.ctx, id, viewer)
	if err != nil {
		return err
	}
	return c.hand(r)
}

// postOpenings answers POST /v1/disclosures/{id}/openings.
func (s *Server) postOpenings(c *call) error {
	id, viewer, once, err := c.viewing()
	if err != nil {
		return err
	}
	r, opened, replayed, err := s.Broker.Openings(c.ctx, c.caller(marketplace), id, viewer, once)
	if err != nil {
		return err
	}
	if replayed {
		c.Set("Idempotent-Replayed", "true")
	}
	for _, o := range opened {
		r.Items[0].Openings = append(r.Items[0].Openings, showOpening(o))
	}
	return c.hand(r)
}

func showOpening(o masking.Opening) ledger.Opening {
	key, value := o.Reveal()
	return ledger.Opening{
		Origin: o.Label.Origin, Field: string(o.Label.Field), Version: int64(o.Label.Version), Key: key, Value: value,
	}
}

// hand answers with a receipt that has been checked: one that proves nothing is
// an error of ours, and nobody is given it.
func (c *call) hand(r ledger.Receipt) error {
	file := r.Marshal()
	if _, err := ledger.Verify(file, ledger.Trust{}); err != nil {
		return fmt.Errorf("write receipt: %w", err)
	}
	c.Response().Header.SetContentType(mediaReceipt)
	return c.Send(file)
}
