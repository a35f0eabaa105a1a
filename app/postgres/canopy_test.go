package postgres

import (
	"slices"
	"testing"

	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func leavesOf(n int) (flat []byte) {
	for i := range n {
		h := tlog.RecordHash([]byte{byte(i), byte(i >> 8)})
		flat = append(flat, h[:]...)
	}
	return flat
}

// However a tile grows, it has the hashes of the tree, and what was handed out
// before stays as it was.
func TestFoldedTileGrows(t *testing.T) {
	t.Parallel()
	flat := leavesOf(tileWidth)
	rapid.Check(t, func(t *rapid.T) {
		f := &folded{}
		var before []*folded
		for f.width() < tileWidth {
			width := int(f.width())
			to := rapid.IntRange(width+1, tileWidth).Draw(t, "to")
			before = append(before, f)
			f = f.with(flat[width*tlog.HashSize : to*tlog.HashSize])
			if int(f.width()) != to {
				t.Fatalf("%d hashes, want %d", f.width(), to)
			}
		}
		for height, row := range f {
			if len(row) != tileWidth>>height {
				t.Fatalf("%d hashes at height %d", len(row), height)
			}
			for n, h := range row[:len(row)/2] {
				if height < tileHeight && f[height+1][n] != tlog.NodeHash(row[2*n], row[2*n+1]) {
					t.Fatalf("hash %d at height %d (%v) is not above its two", n, height+1, h)
				}
			}
		}
		for _, b := range before {
			for height := range b {
				if !slices.Equal(b[height], f[height][:len(b[height])]) {
					t.Fatal("a tile that was handed out has changed")
				}
			}
		}
	})
}

func TestFoldedTileTakesHashesOnly(t *testing.T) {
	t.Parallel()
	flat := leavesOf(tileWidth + 1)
	for name, f := range map[string]*folded{
		"half a hash": (*folded)(nil).with(flat[:48]), "one too many": (*folded)(nil).with(flat), "one too many later": (*folded)(nil).with(flat[:64]).with(flat[32:]),
	} {
		if w := f.width(); w != 0 && (name != "one too many later" || w != 2) {
			t.Errorf("%s: %d hashes", name, w)
		}
	}
}

// A node lies in its tile where tlog's numbering says.
func TestNodeOf(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		level := rapid.IntRange(0, 40).Draw(t, "level")
		n := rapid.Int64Range(0, 1<<(54-level)).Draw(t, "n")
		got := nodeOf(tlog.StoredHashIndex(level, n))
		if got.tile.level*tileHeight+got.height != level || got.height < 0 || got.height >= tileHeight ||
			got.tile.index*int64(tileWidth>>got.height)+got.n != n || got.end() > tileWidth {
			t.Fatalf("hash %d of level %d is at %+v", n, level, got)
		}
	})
}

// What is remembered is bounded, and never goes backwards.
func TestCanopyIsBounded(t *testing.T) {
	t.Parallel()
	var c canopy
	full := (*folded)(nil).with(leavesOf(tileWidth))
	for i := range int64(3 * mostTiles) {
		c.remember(tileAt{1, i}, full)
		c.remember(tileAt{0, i}, full)
		if c.recall(tileAt{1, i}).width() != tileWidth || c.recall(tileAt{0, i}).width() != 0 {
			t.Fatalf("tile %d: the last one is not there, or the lowest level is", i)
		}
	}
	if len(c.full) != mostTiles {
		t.Errorf("%d tiles", len(c.full))
	}
	short, long := (*folded)(nil).with(leavesOf(3)), (*folded)(nil).with(leavesOf(5))
	for _, x := range []struct {
		at   tileAt
		tile *folded
		want int64
	}{{tileAt{0, 7}, long, 5}, {tileAt{0, 7}, short, 5}, {tileAt{0, 6}, short, 0}, {tileAt{0, 8}, short, 3}, {tileAt{0, 7}, long, 0}} {
		c.remember(x.at, x.tile)
		if got := c.recall(x.at).width(); got != x.want {
			t.Errorf("%+v: %d hashes, want %d", x.at, got, x.want)
		}
	}
	c.forget()
	if c.recall(tileAt{0, 8}).width() != 0 || c.recall(tileAt{1, 3*mostTiles - 1}).width() != 0 {
		t.Error("it was not forgotten")
	}
}
