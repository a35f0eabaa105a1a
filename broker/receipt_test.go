package broker

import (
	"slices"
	"testing"

	"bauta.dev/bauta/broker/ledger"
)

// A receipt stays small however often somebody looked: the newest views are in
// it, in their order, and not the decision a second time.
func TestViewedIsBounded(t *testing.T) {
	t.Parallel()
	f := Found{Place: ledger.Place{Index: 7}}
	for i := range int64(30) {
		f.Looks = append(f.Looks, Look{Index: 7 + i})
		got := f.viewed()
		want := min(i, mostViews)
		if int64(len(got)) != want || !slices.IsSorted(got) || want > 0 && (got[want-1] != 7+i || got[0] != 8+i-want) {
			t.Errorf("after %d views: %v", i, got)
		}
	}
}
