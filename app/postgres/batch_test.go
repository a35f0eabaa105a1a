package postgres

import (
	"testing"

	"github.com/google/go-cmp/cmp"
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
