package necessity

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// ErrExpiryInvalid says that a text is no EVENT+DURATION.
var ErrExpiryInvalid = errors.New("expiry invalid")

// Event is what the term of a grant counts from.
type Event string

// The events of design.md.
const (
	EventRequest   Event = "request"
	EventPromised  Event = "promised"
	EventPaid      Event = "paid"
	EventDelivered Event = "delivered"
	EventReturned  Event = "returned"
	EventSlotEnd   Event = "slot_end"
	EventClosed    Event = "closed"
)

// Events are all of them.
func Events() []Event {
	return []Event{EventRequest, EventPromised, EventPaid, EventDelivered, EventReturned, EventSlotEnd, EventClosed}
}

const (
	day      = 24 * time.Hour
	maxAfter = 400 * day
	maxViews = 100

	mostCited = 30 * day // of a grant under 3g
)

// Expiry is the end of a grant: a term after an event.
type Expiry struct {
	Event Event
	After time.Duration
}

// String is the form that ParseExpiry reads: "delivered+14d", "slot_end+24h".
// The zero Expiry is the empty string.
func (e Expiry) String() string {
	switch {
	case e == Expiry{}:
		return ""
	case e.After%day == 0 && e.After > 2*day: // a day or two read better in hours
		return fmt.Sprintf("%s+%dd", e.Event, e.After/day)
	default:
		return fmt.Sprintf("%s+%dh", e.Event, e.After/time.Hour)
	}
}

// ParseExpiry reads EVENT+DURATION, the duration a whole number of days or
// hours, at least one hour and at most 400 days; else ErrExpiryInvalid.
func ParseExpiry(s string) (Expiry, error) {
	event, term, ok := strings.Cut(s, "+")
	if !ok || !slices.Contains(Events(), Event(event)) {
		return Expiry{}, fmt.Errorf("parse expiry %q: want one of %v, + and a duration: %w", s, Events(), ErrExpiryInvalid)
	}
	var unit time.Duration
	switch {
	case strings.HasSuffix(term, "d"):
		unit = day
	case strings.HasSuffix(term, "h"):
		unit = time.Hour
	default:
		return Expiry{}, fmt.Errorf("parse expiry %q: a duration is like 14d or 24h: %w", s, ErrExpiryInvalid)
	}
	n, err := strconv.ParseUint(term[:len(term)-1], 10, 16)
	if err != nil || n == 0 {
		return Expiry{}, fmt.Errorf("parse expiry %q: a duration is like 14d or 24h: %w", s, ErrExpiryInvalid)
	}
	if after := time.Duration(n) * unit; after <= maxAfter {
		return Expiry{Event(event), after}, nil
	}
	return Expiry{}, fmt.Errorf("parse expiry %q: longer than 400 days: %w", s, ErrExpiryInvalid)
}
