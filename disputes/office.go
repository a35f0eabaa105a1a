package disputes

import (
	"errors"
	"fmt"
	"time"
)

// Office is when the people who decide are at work: a zone, hours of each weekday, and
// days off. The zero Office is at work always.
type Office struct {
	Zone  *time.Location
	Hours [7]Hours        // by time.Weekday
	Off   map[string]bool // days on which nobody works, as 2006-01-02 in the zone
}

// Hours are from and until when, as minutes of the day; none where both are equal.
type Hours struct{ From, Until int }

// ErrOffice says that an office is never at work, or at hours that there are not.
var ErrOffice = errors.New("the office's hours are not right")

// Check says whether an office is at work at some time of most weeks.
func (o *Office) Check() error {
	if o.Zone == nil {
		return nil
	}
	works := false
	for day, h := range o.Hours {
		if h.From < 0 || h.Until > 24*60 || h.From > h.Until {
			return fmt.Errorf("%s: %w", time.Weekday(day), ErrOffice)
		}
		works = works || h.From < h.Until
	}
	if !works || len(o.Off) > mostOff {
		return ErrOffice
	}
	return nil
}

// mostOff bounds the days off that an office may list, mostDays how far ahead anything
// is looked for.
const (
	mostOff  = 4000
	mostDays = 5000
)

// day is when the office opens and shuts on the day of a time. Both are moments: of a
// day on which the clocks are changed the hours of work are as long as they really are.
func (o *Office) day(t time.Time, ahead int) (opens, shuts time.Time) {
	y, m, d := t.In(o.Zone).Date()
	noon := time.Date(y, m, d+ahead, 12, 0, 0, 0, o.Zone)
	y, m, d = noon.Date()
	h := o.Hours[noon.Weekday()]
	if o.Off[noon.Format(time.DateOnly)] {
		h = Hours{}
	}
	return time.Date(y, m, d, 0, h.From, 0, 0, o.Zone), time.Date(y, m, d, 0, h.Until, 0, 0, o.Zone)
}

// Add is when the office has been at work for so long after a time.
func (o *Office) Add(from time.Time, d time.Duration) time.Time {
	if o == nil || o.Zone == nil {
		return from.Add(d)
	}
	for ahead := range mostDays {
		opens, shuts := o.day(from, ahead)
		if opens.Before(from) {
			opens = from
		}
		if work := shuts.Sub(opens); work > 0 {
			if d <= work {
				return opens.Add(d).UTC()
			}
			d -= work
		}
	}
	return from.Add(d) // an office that never works: Check refuses it
}

// Between is how long the office is at work between two times.
func (o *Office) Between(from, until time.Time) time.Duration {
	if o == nil || o.Zone == nil {
		return max(until.Sub(from), 0)
	}
	var all time.Duration
	for ahead := range mostDays {
		opens, shuts := o.day(from, ahead)
		if opens.Before(from) {
			opens = from
		}
		if shuts.After(until) {
			shuts = until
		}
		all += max(shuts.Sub(opens), 0)
		if next, _ := o.day(from, ahead+1); !next.Before(until) {
			break
		}
	}
	return all
}
