package merchants_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	. "bauta.dev/bauta/broker/merchants"
	"bauta.dev/bauta/broker/states"
)

func TestLifeIsSound(t *testing.T) {
	t.Parallel()
	if err := Life.Check(); err != nil {
		t.Error(err)
	}
}

// ways are all that can happen, where all guards hold: from, event, actor and
// where it leads. It is written by hand, so that a change of the machine is one
// here as well.
const ways = `
 save merchant draft; submit merchant in_review
draft save merchant draft; submit merchant in_review; lapse clock lapsed; withdraw merchant lapsed
in_review take reviewer in_review; release reviewer in_review; ask reviewer needs_info; approve reviewer active; propose reviewer proposed; reject reviewer active; overdue clock suspended; threshold clock threshold_due; reverify clock reverify_due; ebb clock in_review; amend merchant in_review; suspend reviewer suspended; close merchant closing; withdraw merchant lapsed
needs_info answer merchant in_review; lapse clock active; overdue clock suspended; threshold clock threshold_due; reverify clock reverify_due; ebb clock needs_info; amend merchant needs_info; suspend reviewer suspended; close merchant closing; withdraw merchant lapsed
proposed approve second active; send_back second in_review; release reviewer in_review; overdue clock suspended; threshold clock threshold_due; reverify clock reverify_due; ebb clock proposed; amend merchant in_review; suspend reviewer suspended; close merchant closing; withdraw merchant lapsed
active amend merchant in_review; threshold clock threshold_due; ebb clock active; look_anew clock in_review; reverify clock reverify_due; reverify reviewer reverify_due; suspend reviewer suspended; close merchant closing
threshold_due amend merchant in_review; confirm merchant in_review; overdue clock suspended; ebb clock threshold_due; suspend reviewer suspended; close merchant closing
reverify_due amend merchant in_review; confirm merchant in_review; threshold clock threshold_due; overdue clock suspended; ebb clock reverify_due; suspend reviewer suspended; close merchant closing
suspended amend merchant in_review; confirm merchant in_review; appeal merchant appealed; reinstate reviewer active; close merchant closing
rejected amend merchant in_review; appeal merchant appealed; withdraw merchant lapsed; erase clock erased
appealed take reviewer appealed; release reviewer appealed; uphold reviewer suspended; overturn reviewer active; close merchant closing; withdraw merchant lapsed
closing end clock closed; reverify clock closing; overdue clock closing; ebb clock closing; suspend reviewer suspended
closed erase clock erased
lapsed erase clock erased
erased
`

// Every state, event and actor: what is listed happens, and nothing else.
func TestLifeHasNoOtherWay(t *testing.T) {
	t.Parallel()
	want := map[string]string{}
	for line := range strings.Lines(strings.TrimPrefix(ways, "\n")) {
		from, rest, _ := strings.Cut(strings.TrimRight(line, "\n"), " ")
		for way := range strings.SplitSeq(rest, "; ") {
			if w := strings.Fields(way); len(w) == 3 {
				want[from+" "+w[0]+" "+w[1]] = w[2]
			}
		}
	}
	all := append([]states.State{states.Beginning}, Life.States()...)
	tried := 0
	for _, from := range all {
		for _, on := range Life.Events() {
			for _, by := range Life.Actors() {
				tried++
				key := fmt.Sprintf("%s %s %s", from, on, by)
				row, err := Life.Next(from, on, by, func(states.Guard) bool { return true })
				switch to, listed := want[key]; {
				case listed && (err != nil || string(row.After(from)) != to):
					t.Errorf("%s: %v, want %s", key, err, to)
				case !listed && err == nil:
					t.Errorf("%s leads to %s", key, row.After(from))
				case !listed:
					if r, ok := errors.AsType[*states.RefusedError](err); !ok || r.Guard != "" || slices.Contains(r.Allowed, on) {
						t.Errorf("%s: %v", key, err)
					}
				}
				delete(want, key)
			}
		}
	}
	if len(want) > 0 || tried < 1000 {
		t.Errorf("%d tried; never: %v", tried, want)
	}
}

// Each guard of each row bars it: without it the row is not taken.
func TestLifeAsksItsGuards(t *testing.T) {
	t.Parallel()
	for i := range Life.Rows {
		row := &Life.Rows[i]
		for _, g := range row.Guards {
			for _, from := range row.From {
				for _, by := range row.By {
					got, err := Life.Next(from, row.On, by, func(x states.Guard) bool { return x != g })
					if err == nil && slices.Contains(got.Guards, g) || err == nil && got == row {
						t.Errorf("row %d: %s in %q without %s", i+1, row.On, from, g)
					}
				}
			}
		}
	}
}

// What becomes of a new version depends on what was before it.
func TestLifeOfAnAmendment(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		from  states.State
		on    states.Event
		by    states.Actor
		holds []states.Guard
		to    states.State
	}{
		{NeedsInfo, Lapse, ByClock, nil, Lapsed},
		{NeedsInfo, Lapse, ByClock, []states.Guard{WasActive}, Suspended},
		{NeedsInfo, Lapse, ByClock, []states.Guard{WasActive, IsPublished}, Suspended},
		{NeedsInfo, Lapse, ByClock, []states.Guard{WasActive, IsPublished, NotDue}, Active},
		{InReview, Reject, ByReviewer, []states.Guard{TakenByHim}, Rejected},
		{InReview, Reject, ByReviewer, []states.Guard{TakenByHim, WasActive}, Suspended},
		{InReview, Reject, ByReviewer, []states.Guard{TakenByHim, WasActive, IsPublished, NotDue}, Active},
		{Appealed, Uphold, ByReviewer, []states.Guard{TakenByHim, NewDecider, NewHands}, Rejected},
		{Appealed, Overturn, ByReviewer, []states.Guard{TakenByHim, NewDecider, NewHands}, InReview},
		{Appealed, Overturn, ByReviewer, []states.Guard{TakenByHim, NewDecider, NewHands, OfSuspension}, InReview},
		{Appealed, Overturn, ByReviewer, []states.Guard{TakenByHim, NewDecider, NewHands, OfSuspension, Cured}, InReview},
		{Suspended, Reinstate, ByReviewer, []states.Guard{NotNew, Cured, Unsuspected, NothingNew}, Active},
		{Suspended, Reinstate, ByReviewer, []states.Guard{NotNew, Cured, Unsuspected}, InReview},
		{Suspended, Reinstate, ByReviewer, []states.Guard{NotNew, Cured, NothingNew}, InReview},
	} {
		row, err := Life.Next(test.from, test.on, test.by, func(g states.Guard) bool { return slices.Contains(test.holds, g) })
		if err != nil || row.After(test.from) != test.to {
			t.Errorf("%s in %s with %v: %v, want %s", test.on, test.from, test.holds, err, test.to)
		}
	}
}

// Nothing that is not verified becomes active, and nothing suspect by one hand.
func TestLifeVerifies(t *testing.T) {
	t.Parallel()
	for i := range Life.Rows {
		row := &Life.Rows[i]
		if row.On == Approve && !slices.Contains(row.Guards, Verified) {
			t.Errorf("row %d approves what is not verified", i+1)
		}
		shown := row.To == Active && !row.Has(DropNew)
		if row.To == InReview && (row.On == Reinstate && slices.Contains(row.Guards, Unsuspected) || row.On == Overturn && slices.Contains(row.Guards, OfSuspension)) {
			shown = true // what was approved before, while a newer version waits
		}
		if row.Has(Publish) != shown {
			t.Errorf("row %d: active and public are not one", i+1)
		}
		if row.On == Approve && !slices.Contains(row.Guards, Opened) {
			t.Errorf("row %d approves what nobody has opened", i+1)
		}
		if row.To == Suspended && row.On != Uphold && !row.Has(Unpublish) {
			t.Errorf("row %d leaves public what is suspended", i+1)
		}
	}
}

func TestDeadlines(t *testing.T) {
	t.Parallel()
	began := time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)
	for _, test := range []struct {
		j     Jurisdiction
		timer states.Timer
		ends  time.Time
	}{
		{CN, InformationTimer, began.AddDate(0, 0, 10)},
		{US, InformationTimer, began.AddDate(0, 0, 10)},
		{US, CollectionTimer, began.AddDate(0, 0, 10)},
		{US, VerificationTimer, began.AddDate(0, 0, 10)},
		{US, ReverifyTimer, began.AddDate(1, 0, 0)},
		{CN, ReverifyTimer, began.AddDate(0, 6, 0)},
		{EU, ReverifyTimer, time.Time{}},
		{UK, ReverifyTimer, time.Time{}},
		{CN, NoticeTimer, began.AddDate(0, 0, 30)},
		{EU, NoticeTimer, began},
		{EU, RetentionTimer, began.AddDate(0, 6, 0)},
		{CN, RetentionTimer, began.AddDate(3, 0, 0)},
	} {
		ends, ok := pack(t, test.j).Ends(test.timer, began)
		if ok == test.ends.IsZero() || !ends.Equal(test.ends) {
			t.Errorf("%s %s: %v %t, want %v", test.j, test.timer, ends, ok, test.ends)
		}
	}
}

func TestThresholds(t *testing.T) {
	t.Parallel()
	months := func(n int, sales, dollars int64, back int) []Month {
		var all []Month
		for i := range n {
			day := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC).AddDate(0, -i-back, 0)
			all = append(all, Month{day.Year(), day.Month(), sales, dollars * 100})
		}
		return all
	}
	for _, test := range []struct {
		name   string
		months []Month
		want   []Condition
	}{
		{"nothing", nil, nil},
		{"199 sales", months(1, 199, 9000, 0), nil},
		{"200 sales and 4,999 dollars", months(1, 200, 4999, 0), nil},
		{"200 sales and 5,000 dollars", months(1, 200, 5000, 0), []Condition{HighVolume}},
		{"over twelve months", months(12, 17, 420, 0), []Condition{HighVolume}},
		{"over thirteen, so in no twelve", months(13, 16, 400, 0), nil},
		{"23 months ago", months(1, 200, 5000, 23), []Condition{HighVolume}},
		{"24 months ago", months(1, 200, 5000, 24), nil},
		{"half a year and half a year, 13 apart", append(months(1, 100, 2500, 0), months(1, 100, 2500, 12)...), nil},
		{"and 12 apart", append(months(1, 100, 2500, 0), months(1, 100, 2500, 11)...), []Condition{HighVolume}},
		{"in the older twelve", append(months(1, 100, 2500, 12), months(1, 100, 2500, 23)...), []Condition{HighVolume}},
		{"20,000 dollars of few sales", months(1, 199, 20000, 0), nil},
		{"20,000 dollars of many", months(1, 200, 20000, 11), []Condition{HighVolume, Turnover20k}},
		{"a year ago", months(1, 200, 20000, 12), []Condition{HighVolume}},
		{"19,999 dollars", months(1, 200, 19999, 0), []Condition{HighVolume}},
		{"both", months(12, 20, 2000, 0), []Condition{HighVolume, Turnover20k}},
		{"a month in two parts", append(months(1, 100, 2500, 3), months(1, 100, 2500, 3)...), []Condition{HighVolume}},
		{"next month", months(1, 200, 20000, -1), nil},
	} {
		if got := Thresholds(test.months, today); !slices.Equal(got, test.want) {
			t.Errorf("%s: %v, want %v", test.name, got, test.want)
		}
	}
}
