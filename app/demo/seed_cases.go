package demo

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/color"
	"image/draw"
	"image/png"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/disputes"
	"bauta.dev/bauta/masking"
)

// dispute is a case of the demonstration's, with what the two sides did in it so far.
type dispute struct {
	order  order
	reason disputes.Reason
	amount string
	says   string
	moves  []caseMove
}

// caseMove is one step of a side: what it does, or what it hands in.
type caseMove struct {
	by    necessity.Role
	event broker.CaseMove
	item  disputes.EvidenceType
	shows func(*image.RGBA)
	note  string
}

// cases are three, in three states: two who still talk, two who agreed, and one that waits
// for somebody who decides.
func cases() []dispute {
	sold := func(id broker.TransactionID, buyer, seller broker.PartyID, amount broker.Quantity, paid string, more ...step) order {
		return order{
			id: id, terms: broker.Transaction{Kind: necessity.ShippedGoods, Buyer: buyer, Seller: seller, Currency: "GBP", Amount: amount, Items: 1},
			history: append([]step{{broker.Pay, paid}, {broker.Accept, "1"}, {broker.Ship, "1"}}, more...),
			asks:    necessity.Deliver, asker: necessity.Seller, // so a bundle of the case has something to decide again
		}
	}
	said := func(text string) broker.CaseMove {
		return broker.CaseMove{Event: disputes.Message, Text: masking.NewText(text)}
	}
	return []dispute{
		{
			order: sold("parcel-71", "demo-buyer-3", "demo-shop-2", 6400, "64.00"), reason: disputes.NotReceived,
			says: "The tracking has said ‘out for delivery’ for nine days, and nothing has come.",
			moves: []caseMove{
				{by: necessity.Seller, event: said("We are sorry. The carrier looks for it; that can take a week.")},
				{by: necessity.Seller, item: disputes.Tracking, shows: drawTracking, note: "What the carrier shows us today."},
				{by: necessity.Seller, event: broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferPart, Amount: "32.00"}},
			},
		},
		{
			order: sold("parcel-72", "demo-buyer-2", "demo-shop-2", 4250, "42.50", step{broker.Deliver, "1"}), reason: disputes.WrongItem, amount: "42.50",
			says: "I ordered the blue lamp, and got a green one.",
			moves: []caseMove{
				{by: necessity.Buyer, item: disputes.PhotoItem, shows: drawLamp},
				{by: necessity.Seller, event: broker.CaseMove{Event: disputes.Offer, Offer: disputes.OfferRefund}},
				{by: necessity.Buyer, event: broker.CaseMove{Event: disputes.AcceptOffer, N: 1}},
			},
		},
		{
			order: sold("parcel-73", "demo-buyer-5", "demo-shop-2", 18900, "189.00", step{broker.Deliver, "1"}), reason: disputes.Damaged, amount: "120.00",
			says: "One corner of the frame is broken. The box had a dent there when it came.",
			moves: []caseMove{
				{by: necessity.Buyer, item: disputes.PhotoItem, shows: drawCorner, note: "The corner, from the front."},
				{by: necessity.Buyer, item: disputes.PhotoPackaging, shows: drawBox, note: "The dent in the box."},
				{by: necessity.Seller, event: said("It left us whole, in double board. We offer no more than the postage.")},
				{by: necessity.Buyer, event: broker.CaseMove{Event: disputes.Escalate}},
			},
		},
	}
}

// putCase opens a case once, and goes on with it as far as nobody else has.
func putCase(ctx context.Context, b *broker.Broker, d *dispute) error {
	found, _, err := b.Cases(ctx, broker.CaseFilter{Transaction: d.order.id, Limit: 1})
	if err != nil {
		return err
	}
	t := &d.order.terms
	var id broker.CaseID
	var moves int64
	if len(found) > 0 {
		id, moves = found[0].ID, found[0].Moves
	} else {
		v, _, err := b.OpenCase(ctx, caller(), broker.CaseInput{
			Transaction: d.order.id, By: t.Buyer, Reason: d.reason, Lines: []broker.Obligation{broker.Deliver}, Amount: d.amount, Statement: masking.NewText(d.says),
		}, nil)
		if err != nil {
			return err
		}
		id, moves = v.ID, v.Moves
	}
	for i := range d.moves {
		if moves != int64(i+1) {
			continue // done before, or overtaken
		}
		if err := d.moves[i].do(ctx, b, t, id); err != nil {
			return err
		}
		moves++
	}
	return nil
}

func (m *caseMove) do(ctx context.Context, b *broker.Broker, t *broker.Transaction, id broker.CaseID) error {
	by := t.Buyer
	if m.by == necessity.Seller {
		by = t.Seller
	}
	var err error
	if m.item == "" {
		_, _, err = b.MoveCase(ctx, caller(), by, id, m.event, nil)
	} else {
		err = m.handIn(ctx, b, by, id)
	}
	if errors.Is(err, broker.ErrInvalidTransition) {
		return nil // overtaken
	}
	return err
}

func (m *caseMove) handIn(ctx context.Context, b *broker.Broker, by broker.PartyID, id broker.CaseID) error {
	picture := image.NewRGBA(image.Rect(0, 0, 480, 320))
	fill(picture, picture.Bounds(), 0xee, 0xea, 0xe2)
	m.shows(picture)
	var out bytes.Buffer
	if err := png.Encode(&out, picture); err != nil {
		return err
	}
	_, _, err := b.AddEvidence(ctx, caller(), by, id, broker.EvidenceInput{
		Type: m.item, Note: masking.NewText(m.note), Media: "image/png", Original: out.Bytes(), Shows: "image/png", Derivative: out.Bytes(), // it is drawn here: nothing else is in it
	}, nil)
	return err
}

func fill(p *image.RGBA, r image.Rectangle, red, green, blue uint8) {
	draw.Draw(p, r, image.NewUniform(color.RGBA{red, green, blue, 0xff}), image.Point{}, draw.Src)
}

// drawTracking is the way of a parcel: four stops, the last not reached.
func drawTracking(p *image.RGBA) {
	fill(p, image.Rect(60, 158, 420, 162), 0x8a, 0x85, 0x77)
	for i := range 4 {
		stop := image.Rect(48+i*116, 148, 72+i*116, 172)
		fill(p, stop, 0x2f, 0x6f, 0x4f)
		if i == 3 {
			fill(p, stop.Inset(4), 0xee, 0xea, 0xe2)
		}
	}
}

func drawLamp(p *image.RGBA) {
	for i := range 90 {
		fill(p, image.Rect(190-i/2, 60+i, 290+i/2, 61+i), 0x3c, 0x8d, 0x50)
	}
	fill(p, image.Rect(234, 150, 246, 260), 0x55, 0x50, 0x48)
	fill(p, image.Rect(190, 260, 290, 272), 0x55, 0x50, 0x48)
}

// drawCorner is a frame without one of its corners.
func drawCorner(p *image.RGBA) {
	fill(p, image.Rect(110, 50, 370, 270), 0x6b, 0x46, 0x2a)
	fill(p, image.Rect(134, 74, 346, 246), 0xd8, 0xe2, 0xe6)
	for i := range 60 {
		fill(p, image.Rect(310+i, 50, 311+i, 50+i), 0xee, 0xea, 0xe2)
	}
}

// drawBox is a box with a dent at the same place.
func drawBox(p *image.RGBA) {
	fill(p, image.Rect(100, 70, 380, 260), 0xb8, 0x8a, 0x58)
	fill(p, image.Rect(232, 70, 248, 260), 0xd9, 0xc2, 0x8f)
	for i := range 50 {
		fill(p, image.Rect(330+i, 70, 331+i, 70+i/2), 0x8f, 0x66, 0x3c)
	}
}
