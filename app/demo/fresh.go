package demo

import (
	"context"
	"errors"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking/fault"
)

// Fresh orders are numbered without a gap, so the newest is found by halving.
// Their number is bounded: whoever presses the button for ever stops there.
const (
	freshPrefix = "order-"
	firstFresh  = 1001
	lastFresh   = 5000
)

var errUsedUp = fault.New(fault.Limited, "orders_used_up", "all orders of this demonstration are used; start it again with an empty data directory")

func freshID(n int) broker.TransactionID {
	return broker.TransactionID(freshPrefix + strconv.Itoa(n))
}

// isFresh says whether an id is one of the numbered orders.
func isFresh(id broker.TransactionID) bool {
	digits, ok := strings.CutPrefix(string(id), freshPrefix)
	n, err := strconv.Atoi(digits)
	return ok && err == nil && n >= firstFresh && n <= lastFresh && freshID(n) == id
}

// nextFresh is the first number that is not used.
func nextFresh(ctx context.Context, b *broker.Broker) (int, error) {
	var failed error
	n := sort.Search(lastFresh-firstFresh+1, func(i int) bool {
		_, err := b.Transaction(ctx, freshID(firstFresh+i), "")
		if err != nil && !errors.Is(err, broker.ErrNotFound) {
			failed = err
		}
		return err != nil
	})
	return firstFresh + n, failed
}

// newest is the order that a visitor without a wish is shown. Once found, it is
// only looked at whether there is a later one.
func (m *demo) newest(ctx context.Context) (broker.TransactionID, error) {
	n := int(m.last.Load())
	if n == 0 {
		next, err := nextFresh(ctx, m.Broker)
		if err != nil {
			return "", err
		}
		n = max(firstFresh, next-1)
	}
	for n < lastFresh {
		if _, err := m.Broker.Transaction(ctx, freshID(n+1), ""); errors.Is(err, broker.ErrNotFound) {
			break
		} else if err != nil {
			return "", err
		}
		n++
	}
	m.last.Store(int64(n))
	return freshID(n), nil
}

func makeFresh(ctx context.Context, b *broker.Broker, now time.Time) (broker.TransactionID, error) {
	for {
		n, err := nextFresh(ctx, b)
		if err != nil {
			return "", err
		}
		if n > lastFresh {
			return "", errUsedUp
		}
		_, created, err := b.PutTransaction(ctx, caller(), freshID(n), freshInput(now))
		if err != nil || created {
			return freshID(n), err
		}
	}
}

// leaveFresh makes an order unless the newest is untouched.
func leaveFresh(ctx context.Context, b *broker.Broker, now time.Time) error {
	n, err := nextFresh(ctx, b)
	if err != nil {
		return err
	}
	id := freshID(n - 1)
	if v, err := b.Transaction(ctx, id, ""); err == nil && v.State == "open" {
		found, _, err := b.Disclosures(ctx, broker.Filter{Transaction: id, Limit: 1})
		if err != nil || len(found) == 0 {
			return err
		}
	}
	if _, err = makeFresh(ctx, b, now); errors.Is(err, errUsedUp) {
		return nil // the last one is shown as it is
	}
	return err
}

// freshInput is the same story each time: books, prepaid, from a shop in Recife.
func freshInput(now time.Time) broker.TransactionInput {
	now = now.UTC().Truncate(time.Second)
	return broker.TransactionInput{Transaction: broker.Transaction{
		Kind: necessity.ShippedGoods, Buyer: "demo-buyer-1", Seller: "demo-shop-1", Currency: "BRL", Amount: 22165, Items: 1,
		CreatedAt: now, PromisedAt: now.AddDate(0, 0, 10), Payment: broker.Prepaid, Handover: broker.Post, Rental: broker.Stay,
	}}
}

// startOrder answers POST /demo/orders.
func (m *demo) startOrder(c *fiber.Ctx) (reply, error) {
	id, err := makeFresh(c.UserContext(), m.Broker, m.Now())
	if err != nil {
		return reply{}, err
	}
	to := "/?order=" + string(id)
	if head, err := m.Ledger.Head(c.UserContext()); err == nil {
		to += "&entry=" + strconv.FormatInt(head.Size-1, 10)
	}
	return seeOther(to), nil
}

// links are the newest order, or the numbered one that is looked at, and one of
// each other kind.
func links(newest, current broker.TransactionID) []pages.OrderLink {
	if isFresh(current) {
		newest = current
	}
	all := []pages.OrderLink{{ID: string(newest), Kind: kindWords(necessity.ShippedGoods), Current: newest == current}}
	for _, o := range orders() {
		all = append(all, pages.OrderLink{ID: string(o.id), Kind: o.title(), Current: o.id == current})
	}
	return all
}
