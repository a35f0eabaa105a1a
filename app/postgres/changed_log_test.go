package postgres_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// asked are proofs, tiles and bundles, by a name each, with what says whether
// an answer is what the log has always had.
func (g *grown) asked(tb testing.TB) map[string]func() (right bool, err error) {
	tb.Helper()
	asked := map[string]func() (bool, error){}
	last := g.edge.Size()
	for _, x := range [][2]int64{{5, 600}, {200, 210}, {200, 600}, {255, 600}, {300, 600}, {514, 600}, {540, 600}, {290, 291}, {290, last}, {last - 9, last - 3}} {
		asked[fmt.Sprintf("%d in %d", x[0], x[1])] = func() (bool, error) {
			leaf, hashes, err := g.store.Inclusion(tb.Context(), x[0], x[1])
			want, _ := tlog.ProveRecord(x[1], x[0], g)
			return slices.Equal(hashes, want) && leaf == g.leaves[x[0]], err
		}
	}
	for _, x := range [][2]int64{{200, 600}, {210, 255}, {300, 600}, {20, 600}, {300, last}} {
		asked[fmt.Sprintf("%d to %d", x[0], x[1])] = func() (bool, error) {
			hashes, err := g.store.Consistency(tb.Context(), x[0], x[1])
			want, _ := tlog.ProveTree(x[1], x[0], g)
			return slices.Equal(hashes, want), err
		}
	}
	for _, name := range []string{
		"tile/0/000", "tile/0/000.p/1", "tile/0/000.p/201", "tile/0/001", "tile/0/001.p/40", "tile/0/002.p/88",
		"tile/1/000.p/1", "tile/1/000.p/2", "tile/1/000", "tile/2/000.p/1",
		"tile/entries/000", "tile/entries/000.p/3", "tile/entries/001", "tile/entries/001.p/40", "tile/entries/002.p/88",
	} {
		path := parsePath(tb, name)
		width := int64(max(path.Width, 1))
		if level := max(path.Level, 0); width<<(8*level) > last || path.Width == 0 && 256<<(8*level) > last {
			continue // not yet
		}
		asked[name] = func() (bool, error) {
			b, err := g.store.Tile(tb.Context(), path)
			return g.has(path, b), err
		}
	}
	return asked
}

// has says whether a tile or bundle is the one of the log.
func (g *grown) has(path ledger.TilePath, b []byte) bool {
	var hashes []tlog.Hash
	if path.Level == ledger.EntriesLevel {
		entries, err := ledger.ParseBundle(b)
		if err != nil {
			return false
		}
		for _, e := range entries {
			hashes = append(hashes, tlog.RecordHash(e))
		}
	} else {
		for ; len(b) >= tlog.HashSize; b = b[tlog.HashSize:] {
			hashes = append(hashes, tlog.Hash(b))
		}
	}
	width := path.Width
	if width == 0 {
		width = 256
	}
	for i, h := range hashes {
		if h != g.stored[tlog.StoredHashIndex(8*max(path.Level, 0), path.Index*256+int64(i))] {
			return false
		}
	}
	return len(hashes) == width
}

// Whatever is changed behind the broker's back, for whatever size one asks: what
// is handed out is what the log has always had. A cache would keep it for a year.
func TestNothingOfAChangedLogIsHandedOut(t *testing.T) {
	t.Parallel()
	for _, x := range []struct {
		size          int64
		table, column string
		byte          int
		row           string
		lost          []string // of these nothing can be had, at least
	}{
		{700, "ledger_tiles", "hashes", 200 * 32, "level = 0 AND idx = 0", []string{"200 to 600", "tile/0/000", "tile/0/000.p/201", "tile/entries/000"}},
		{700, "ledger_tiles", "hashes", 8191, "level = 0 AND idx = 0", []string{"255 in 600", "tile/0/000", "tile/1/000.p/1", "tile/entries/000"}},
		{700, "ledger_tiles", "hashes", 5, "level = 0 AND idx = 0", []string{"5 in 600", "tile/0/000", "tile/0/000.p/1", "tile/entries/000.p/3"}},
		{700, "ledger_tiles", "hashes", 5000, "level = 0 AND idx = 1", []string{"tile/0/001", "tile/0/001.p/40", "tile/1/000.p/2", "tile/entries/001"}},
		{700, "ledger_tiles", "middle", 12*32 + 1, "level = 0 AND idx = 0", []string{"5 in 600", "200 in 210"}},
		{1100, "ledger_tiles", "middle", 1, "level = 0 AND idx = 2", []string{"540 in 600"}},
		{66100, "ledger_tiles", "hashes", 9, "level = 1 AND idx = 0", []string{"5 in 600", "tile/0/001", "tile/1/000", "tile/1/000.p/1", "tile/2/000.p/1"}},
		{700, "ledger_entries", "entry", 20, "idx = 290", []string{"tile/entries/001", "tile/entries/001.p/40"}},
		{700, "ledger_entries", "entry", 20, "idx = 530", []string{"5 in 600", "540 in 600", "300 to 600", "tile/0/002.p/88", "tile/entries/002.p/88"}},
		{700, "ledger_checkpoints", "note", 60, "size = 700", []string{"5 in 600", "300 to 600", "tile/0/000", "tile/1/000.p/2", "tile/entries/000"}},
	} {
		t.Run(fmt.Sprintf("%s.%s %d of %s", x.table, x.column, x.byte, x.row), func(t *testing.T) {
			t.Parallel()
			g := grow(t, 20, x.size)
			restore := g.snapshot(t)
			g.exec(t, `ALTER TABLE `+x.table+` DISABLE TRIGGER USER`)
			g.exec(t, fmt.Sprintf(`UPDATE %s SET %s = set_byte(%[2]s, %d, get_byte(%[2]s, %[3]d) # 1) WHERE %s`, x.table, x.column, x.byte, x.row))
			asked := g.asked(t)
			for range 2 { // and what is remembered is none of it
				for name, ask := range asked {
					right, err := ask()
					if err == nil && !right {
						t.Errorf("%s is not what it was", name)
					}
					if err == nil && slices.Contains(x.lost, name) {
						t.Errorf("%s can be had", name)
					}
				}
			}
			for _, name := range x.lost {
				if asked[name] == nil {
					t.Errorf("nobody asks for %s", name)
				}
			}
			g.exec(t, `ALTER TABLE ledger_entries DISABLE TRIGGER USER; ALTER TABLE ledger_tiles DISABLE TRIGGER USER; ALTER TABLE ledger_checkpoints DISABLE TRIGGER USER`)
			restore()
			for name, ask := range asked {
				right, err := ask()
				if err != nil { // it has found what was remembered, and that is forgotten now
					right, err = ask()
				}
				if err != nil || !right {
					t.Errorf("mended, %s: %v, %t", name, err, right)
				}
			}
		})
	}
}

// One entry that was changed is named by its place, whoever comes upon it: the check,
// the newest entries' audit, and a caller whose tile or bundle is refused.
func TestOneChangedEntryIsNamed(t *testing.T) {
	t.Parallel()
	for index, path := range map[int64]string{290: "tile/entries/001", 530: "tile/0/002.p/19", 531: "tile/entries/002.p/8"} {
		t.Run(fmt.Sprint(index), func(t *testing.T) {
			t.Parallel()
			g := grow(t, 20, 290, 291, 520, 530, 531, 532, 533)
			g.exec(t, fmt.Sprintf(`ALTER TABLE ledger_entries DISABLE TRIGGER USER; UPDATE ledger_entries SET entry = set_byte(entry, 20, get_byte(entry, 20) # 1) WHERE idx = %d`, index))
			want := fmt.Sprintf("entry %d: ", index)
			_, err := g.store.Check(t.Context(), nil)
			isNamed(t, "the check", err, want)
			_, err = g.store.CheckTail(t.Context(), 500)
			isNamed(t, "the newest entries", err, want)
			_, err = g.store.Tile(t.Context(), parsePath(t, path))
			isNamed(t, path, err, want)
		})
	}
	g := grow(t, 20, 700)
	g.exec(t, `ALTER TABLE ledger_tiles DISABLE TRIGGER USER; UPDATE ledger_tiles SET hashes = set_byte(hashes, 5 * 32, get_byte(hashes, 5 * 32) # 1) WHERE level = 0 AND idx = 1`)
	_, err := g.store.Tile(t.Context(), parsePath(t, "tile/0/001"))
	isNamed(t, "a tile", err, "tile 0/1: it does not lead to what was signed: it has another hash than that of entry 261")
}

func isNamed(tb testing.TB, what string, err error, want string) {
	tb.Helper()
	f, ok := errors.AsType[ledger.Finding](err)
	if !ok || !strings.HasPrefix(f.Error(), want) {
		tb.Errorf("%s: %v, want %q", what, err, want)
	}
}
