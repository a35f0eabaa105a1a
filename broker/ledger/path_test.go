package ledger

import (
	"errors"
	"math"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
)

func TestTilePaths(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]TilePath{
		"tile/0/000":                                    {0, 0, 0},
		"tile/0/x001/067":                               {0, 1067, 0},
		"tile/3/x001/x234/067":                          {3, 1234067, 0},
		"tile/63/999.p/255":                             {63, 999, 255},
		"tile/1/x001/000.p/1":                           {1, 1000, 1},
		"tile/entries/x001/x234/067.p/8":                {EntriesLevel, 1234067, 8},
		"tile/0/x009/x223/x372/x036/x854/x775/807":      {0, math.MaxInt64, 0},
		"tile/entries/x009/x223/x372/x036/x854/x775/80": {},
	} {
		got, err := ParseTilePath(path)
		if want == (TilePath{}) && path != "tile/0/000" {
			if !errors.Is(err, ErrTilePath) {
				t.Errorf("%s: %+v, %v", path, got, err)
			}
			continue
		}
		if err != nil || got != want || want.String() != path {
			t.Errorf("%s is read as %+v, %v, and written %s", path, got, err, want)
		}
	}
	for _, path := range []string{
		"", "tile", "tile/", "tile/0", "tile/0/", "/tile/0/000", "tile/0/0", "tile/0/0000", "tile/0/x000/001", "tile/0/001/x002", "tile/0/001/002",
		"tile/00/000", "tile/+0/000", "tile/-1/000", "tile/64/000", "tile/0/-01", "tile/0/000.p/0", "tile/0/000.p/256", "tile/0/000.p/01",
		"tile/0/000.p/", "tile/0/000.p/1/", "tile/0/000.p/1.p/1", "tile/0/x1/067", "tile/0/xx01/067", "tile/data/000", "tile/8/0/000", "tile/0/000/",
		"tile/0/x010/x000/x000/x000/x000/x000/000",
	} {
		if got, err := ParseTilePath(path); !errors.Is(err, ErrTilePath) {
			t.Errorf("%q is read as %+v, %v", path, got, err)
		}
	}
}

// TestTilePathsAreThoseOfTlog: C2SP's are the Go team's without the height.
func TestTilePathsAreThoseOfTlog(t *testing.T) {
	t.Parallel()
	for _, n := range []int64{0, 1, 999, 1000, 1001, 999_999, 1_000_000, 123_456_789, math.MaxInt64} {
		theirs := tlog.Tile{H: 8, L: 2, N: n, W: 17}.Path()
		if ours := (TilePath{2, n, 17}).String(); "tile/8/"+ours[len("tile/"):] != theirs {
			t.Errorf("%s and %s", ours, theirs)
		}
	}
}

func TestBundles(t *testing.T) {
	t.Parallel()
	want := [][]byte{testEntry(1), testEntry(2), {}}
	var bundle []byte
	for _, e := range want {
		bundle = AppendBundle(bundle, e)
	}
	got, err := ParseBundle(bundle)
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v %s", err, diff)
	}
	for _, bad := range [][]byte{bundle[:len(bundle)-1], {0}, {0, 1}, make([]byte, 2*257)} {
		if got, err := ParseBundle(bad); !errors.Is(err, ErrBundle) {
			t.Errorf("%d bytes give %d entries, %v", len(bad), len(got), err)
		}
	}
}
