package postgres

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"bauta.dev/bauta/broker"
)

// admit shares a commit among jobs that do not touch what another changes, and
// lets nothing overtake a job that waits.
func TestAdmit(t *testing.T) {
	t.Parallel()
	reads := func(id string) footprint { return footprint{place{watchTransaction, id}, false} }
	writes := func(id string) footprint { return footprint{place{watchTransaction, id}, true} }
	for _, test := range []struct {
		name  string
		jobs  [][]footprint
		most  int
		batch []int
	}{
		{"reads share", [][]footprint{{reads("a")}, {reads("a")}}, 9, []int{0, 1}},
		{"writes of one thing take turns", [][]footprint{{writes("a")}, {writes("a")}}, 9, []int{0}},
		{"a read waits for a write before it", [][]footprint{{writes("a")}, {reads("a")}}, 9, []int{0}},
		{"a write waits for a read before it", [][]footprint{{reads("a")}, {writes("a")}}, 9, []int{0}},
		{"others go on", [][]footprint{{writes("a")}, {writes("a")}, {writes("b")}}, 9, []int{0, 2}},
		{"nothing overtakes", [][]footprint{{writes("a")}, {writes("a"), writes("b")}, {reads("b")}}, 9, []int{0}},
		{"at most so many", [][]footprint{{reads("a")}, {reads("b")}, {reads("c")}}, 2, []int{0, 1}},
	} {
		jobs := make([]*job, len(test.jobs))
		place := map[*job]int{}
		for i, f := range test.jobs {
			jobs[i] = &job{footprints: f}
			place[jobs[i]] = i
		}
		batch, rest := admit(jobs, test.most)
		var got []int
		for _, j := range batch {
			got = append(got, place[j])
		}
		if diff := cmp.Diff(test.batch, got); diff != "" || len(batch)+len(rest) != len(jobs) {
			t.Errorf("%s: %s (%d wait)", test.name, diff, len(rest))
		}
	}
}

// One policy guard answers for all of its version, and for no other.
func TestPolicyGuards(t *testing.T) {
	t.Parallel()
	watching := func(version int64) *job {
		return &job{w: &broker.Write{}, guards: []guard{{what: watchPolicy, version: version, at: place{watchPolicy, ""}, seen: 3}}}
	}
	known := recent{since: 5}
	c := lay([]*job{watching(9), watching(5), watching(9), watching(5)}, 0, nil, &known, nil)
	if diff := cmp.Diff([]int64{9, 5}, c.gVn); diff != "" {
		t.Error(diff)
	}
}

// Memory answers a guard only if nobody else and nothing of ours came after it.
func TestRecentHolds(t *testing.T) {
	t.Parallel()
	at := place{watchParty, "b-1"}
	r := recent{since: 10, wrote: map[place]int64{at: 20}}
	for seen, want := range map[int64]bool{0: false, 9: false, 10: false, 19: false, 20: true, 21: true} {
		if got := r.holds(&guard{at: at, seen: seen}); got != want {
			t.Errorf("read at %d: %v", seen, got)
		}
	}
	other := &guard{at: place{watchParty, "b-2"}, seen: 10}
	if !r.holds(other) {
		t.Error("nobody wrote there, and memory does not say so")
	}
	r.forget(30)
	if r.holds(other) || r.holds(&guard{at: at, seen: 29}) {
		t.Error("others have written, and memory answers")
	}
	for i := range mostRecent + 1 {
		r.note([]*job{{footprints: []footprint{{place{watchParty, strconv.Itoa(i)}, true}}}}, 31)
	}
	if len(r.wrote) > mostRecent {
		t.Errorf("memory holds %d places", len(r.wrote))
	}
}
