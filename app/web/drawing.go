package web

import (
	"bytes"
	"context"
	"sync"
	"time"

	"bauta.dev/bauta/broker/merchants/documents"
	"bauta.dev/bauta/masking/fault"
)

// atOnce is how many documents are drawn anew at a time: one takes up to some
// 120 MiB for a moment.
const atOnce = 1

// drawingTime is what one may take, so that the next one has its turn.
const drawingTime = 10 * time.Second

// Of one's own documents there are too many; or of everybody's.
var (
	errDocumentsAtOnce = fault.New(fault.Limited, "rate_limited", "too many documents of this one came at once; send them one after the other")
	errDocumentBusy    = fault.New(fault.Unavailable, "unavailable", "too many documents came at once; try again in a moment")
)

// turns lets no registration, and no side of a case, draw two documents at a time: of
// what waits to be drawn each has one, and they come one after the other. A few more wait
// behind their own.
type turns struct {
	mu sync.Mutex
	of map[string]*turn
}

// mostInTurn is how many of one can be here: what is drawn, and what waits behind it.
const mostInTurn = 3

type turn struct {
	place chan struct{}
	here  int
}

// take waits for the turn of one of them, until ctx is over; leave ends it.
func (t *turns) take(ctx context.Context, of string) (leave func(), err error) {
	x := t.enter(of)
	if x == nil {
		return nil, errDocumentsAtOnce.After(time.Second)
	}
	select {
	case x.place <- struct{}{}:
		return func() { <-x.place; t.leave(of, x) }, nil
	case <-ctx.Done():
		t.leave(of, x)
		return nil, errDocumentsAtOnce.After(time.Second)
	}
}

func (t *turns) enter(of string) *turn {
	t.mu.Lock()
	defer t.mu.Unlock()
	x := t.of[of]
	switch {
	case x == nil:
		if t.of == nil {
			t.of = map[string]*turn{}
		}
		x = &turn{place: make(chan struct{}, 1)}
		t.of[of] = x
	case x.here == mostInTurn:
		return nil
	}
	x.here++
	return x
}

func (t *turns) leave(of string, x *turn) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if x.here--; x.here == 0 {
		delete(t.of, of)
	}
}

// redraw makes what others may open of a document, when its turn comes: of the
// registration or the side of a case that it is of, and among all of them.
func (s *Server) redraw(ctx context.Context, of string, body []byte) (documents.Document, error) {
	leave, err := s.turns.take(ctx, of)
	if err != nil {
		return documents.Document{}, err
	}
	defer leave()
	select {
	case s.drawing <- struct{}{}:
		defer func() { <-s.drawing }()
	case <-ctx.Done():
		return documents.Document{}, errDocumentBusy.After(time.Second)
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), drawingTime) // waiting took a part of the first one
	defer cancel()
	return documents.NewWithin(ctx, bytes.Clone(body)) // the body is the next request's, once this one is over
}
