package ledger

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/tlog"
	"pgregory.net/rapid"
)

func TestCheckFindsNothingInARightLog(t *testing.T) {
	t.Parallel()
	for name, commits := range map[string][]int{
		"empty": {}, "one": {1}, "ones": {1, 1, 1, 1}, "tile": {256}, "past a batch": {4000, 200}, "many rows": onesAnd(600, 3000), "two levels": {60_000, 5536, 10},
	} {
		l := newLog(t, commits...)
		var last, total int64
		r, err := Check(context.Background(), l, UnderKey(l.verifier(t)), func(d, n int64) { last, total = d, n })
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		want := Report{Entries: l.edge.Size(), Tiles: int64(len(l.tiles)), Checkpoints: int64(len(l.rows))}
		if len(l.rows) > 0 {
			want.Head = Checkpoint{l.signer.Origin(), l.edge.Size(), l.edge.Root(), l.rows[len(l.rows)-1].Note}
		}
		if diff := cmp.Diff(want, r); diff != "" || last != want.Entries || total != want.Entries {
			t.Errorf("%s: progress %d of %d: %s", name, last, total, diff)
		}
	}
}

func onesAnd(n, rest int) []int {
	commits := make([]int, n)
	for i := range commits {
		commits[i] = 1
	}
	return append(commits, rest)
}

// tampering is one change to a stored log, made without the signing key, and
// the finding that it must lead to.
type tampering map[string]struct {
	change func(l *memoryLog)
	want   string
}

// find makes each change to a log with rows at 1, 2, 12, 300, 301, 1001, 70001
// and 70003, which has 273 full tiles and one of level 1.
func (cases tampering) find(t *testing.T) {
	t.Helper()
	whole := newLog(t, 1, 1, 10, 288, 1, 700, 69_000, 2)
	for name, c := range cases {
		l := whole.clone()
		c.change(l)
		_, err := Check(context.Background(), l, UnderKey(l.verifier(t)), nil)
		var f Finding
		if !errors.As(err, &f) || f.Error() != c.want {
			t.Errorf("%s: found %v; want %s", name, err, c.want)
		}
	}
}

func TestCheckFindsEntries(t *testing.T) {
	t.Parallel()
	tampering{
		"entry, alone in its row":       {func(l *memoryLog) { l.entries[1][7] ^= 1 }, "entry 1: is not what checkpoint 2 signs"},
		"entry, in a tile":              {func(l *memoryLog) { l.entries[17][7] ^= 1 }, "entry 17: is not what checkpoint 300 signs"},
		"entry, in a later tile":        {func(l *memoryLog) { l.entries[900][7] ^= 1 }, "entry 900: is not what checkpoint 1001 signs"},
		"entry, in the edge":            {func(l *memoryLog) { l.entries[70_002][7] ^= 1 }, "entry 70001: it, or one up to 70002, is not what checkpoint 70003 signs"},
		"entry, far from its row's end": {func(l *memoryLog) { l.entries[2000][49] ^= 1 }, "entry 2000: is not what checkpoint 70001 signs"},
		"entry and tile":                {func(l *memoryLog) { l.entries[17][7] ^= 1; retile(l, 17) }, "entry 12: it, or one up to 299, is not what checkpoint 300 signs"},
		"entry's version":               {func(l *memoryLog) { l.entries[17][0] = 2 }, "entry 17: the bytes are not an entry of version 1"},
		"entry's type":                  {func(l *memoryLog) { l.entries[17][1] = 47 }, "entry 17: the ledger has no such entry type"},
		"entry longer":                  {func(l *memoryLog) { l.entries[17] = append(l.entries[17], 0) }, "entry 17: the bytes are not an entry of version 1"},
		"entry missing":                 {func(l *memoryLog) { delete(l.entries, 17) }, "entry 17: missing"},
		"last entry missing":            {func(l *memoryLog) { delete(l.entries, 70_002) }, "entry 70002: missing"},
		"entries swapped":               {func(l *memoryLog) { l.entries[17], l.entries[18] = l.entries[18], l.entries[17] }, "entry 17: is not what checkpoint 300 signs"},
		"entry beyond":                  {func(l *memoryLog) { l.entries[70_003] = testEntry(70_003) }, "entry 70003: 1 entries are stored outside of the log"},
		"entry before":                  {func(l *memoryLog) { l.entries[-1] = testEntry(-1) }, "entry 70003: 1 entries are stored outside of the log"},
	}.find(t)
}

func TestCheckFindsTiles(t *testing.T) {
	t.Parallel()
	tampering{
		"tile":               {func(l *memoryLog) { l.tiles[tileKey{0, 3}][40*32] ^= 1 }, "tile 0/3: is not what the entries give, from hash 40 on"},
		"last tile":          {func(l *memoryLog) { l.tiles[tileKey{0, 272}][0] ^= 1 }, "tile 0/272: is not what the entries give, from hash 0 on"},
		"upper tile":         {func(l *memoryLog) { l.tiles[tileKey{1, 0}][8191] ^= 1 }, "tile 1/0: is not what the entries give, from hash 255 on"},
		"tile shorter":       {func(l *memoryLog) { k := tileKey{0, 0}; l.tiles[k] = l.tiles[k][:8191] }, "tile 0/0: is not what the entries give, from hash 255 on"},
		"tile longer":        {func(l *memoryLog) { k := tileKey{0, 0}; l.tiles[k] = append(l.tiles[k], 0) }, "tile 0/0: is not what the entries give, from hash 256 on"},
		"middle":             {func(l *memoryLog) { l.middles[tileKey{0, 3}][40] ^= 1 }, "tile 0/3: has beside it hashes that are not its own"},
		"upper middle":       {func(l *memoryLog) { l.middles[tileKey{1, 0}][511] ^= 1 }, "tile 1/0: has beside it hashes that are not its own"},
		"middle missing":     {func(l *memoryLog) { delete(l.middles, tileKey{0, 0}) }, "tile 0/0: has beside it hashes that are not its own"},
		"tile missing":       {func(l *memoryLog) { delete(l.tiles, tileKey{0, 3}) }, "tile 0/3: missing"},
		"upper tile missing": {func(l *memoryLog) { delete(l.tiles, tileKey{1, 0}) }, "tile 1/0: missing"},
		"tile beyond":        {func(l *memoryLog) { l.tiles[tileKey{0, 273}] = make([]byte, 8192) }, "tile 0/273: 1 tiles are stored outside of the log"},
		"upper tile beyond":  {func(l *memoryLog) { l.tiles[tileKey{2, 0}] = make([]byte, 8192) }, "tile 0/273: 1 tiles are stored outside of the log"},
	}.find(t)
}

func TestCheckFindsRows(t *testing.T) {
	t.Parallel()
	tampering{
		"row's root":                  {func(l *memoryLog) { l.rows[2].Root[0] ^= 1 }, "checkpoint 12: its root is not the signed one"},
		"row's frontier":              {func(l *memoryLog) { l.rows[2].Frontier[40] ^= 1 }, "checkpoint 12: its frontier does not give the signed root"},
		"row's frontier longer":       {func(l *memoryLog) { l.rows[2].Frontier = append(l.rows[2].Frontier, make([]byte, 32)...) }, "checkpoint 12: its frontier does not give the signed root"},
		"row's note":                  {func(l *memoryLog) { l.rows[2].Note[3] ^= 1 }, "checkpoint 12: its note is not signed by this log"},
		"row's note missing":          {func(l *memoryLog) { l.rows[2].Note = nil }, "checkpoint 12: its note is not signed by this log"},
		"row's note of another row":   {func(l *memoryLog) { l.rows[2].Note = l.rows[1].Note }, "checkpoint 12: its note is signed for 2"},
		"row's prev":                  {func(l *memoryLog) { l.rows[2].Prev = 1 }, "checkpoint 12: its prev is 1, and the row before has 2"},
		"row's size":                  {func(l *memoryLog) { l.rows[2].Size = 13 }, "checkpoint 13: its note is signed for 12"},
		"row missing":                 {func(l *memoryLog) { l.rows = append(l.rows[:2], l.rows[3:]...) }, "checkpoint 300: its prev is 12, and the row before has 2"},
		"first row missing":           {func(l *memoryLog) { l.rows = l.rows[1:] }, "checkpoint 2: its prev is 1, and the row before has 0"},
		"last row missing":            {func(l *memoryLog) { l.rows = l.rows[:7] }, "entry 70001: 2 entries are stored outside of the log"},
		"all rows missing":            {func(l *memoryLog) { l.rows = nil }, "entry 0: 70003 entries are stored outside of the log"},
		"head's note":                 {func(l *memoryLog) { l.rows[7].Note[70] ^= 1 }, "checkpoint 70003: its note is not signed by this log"},
		"row of no size":              {func(l *memoryLog) { l.rows = append([]CheckpointRow{{}}, l.rows...) }, "checkpoint 0: 1 rows have no size"},
		"row twice":                   {func(l *memoryLog) { l.rows = append(l.rows[:3], l.rows[2:]...) }, "checkpoint 12: its size is not above 12"},
		"row ahead, signed by no one": {func(l *memoryLog) { r := l.rows[7]; r.Size, r.Prev = 80_000, 70_003; l.rows = append(l.rows, r) }, "checkpoint 80000: its note is signed for 70003"},
	}.find(t)
}

// TestCheckWithoutTheKeyFolder: a row in the middle is no evidence of its own to
// whoever has no more than the log. With the chain mended, all that it says is
// still signed. The store finds it by the MAC of the row after it.
func TestCheckWithoutTheKeyFolder(t *testing.T) {
	t.Parallel()
	l := newLog(t, 1, 1, 10, 288)
	l.rows[2].Prev = 1
	l.rows = append(l.rows[:1], l.rows[2:]...)
	if _, err := Check(context.Background(), l, UnderKey(l.verifier(t)), nil); err != nil {
		t.Error(err)
	}
}

// retile makes the tile of an entry fit what the entry is now.
func retile(l *memoryLog, index int64) {
	h := tlog.RecordHash(l.entries[index])
	copy(l.tiles[tileKey{0, index / 256}][index%256*32:], h[:])
}

// TestCheckFindsAForgery: the entries, tiles, rows and frontiers all fit each
// other, and only the signatures do not.
func TestCheckFindsAForgery(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3, 300, 5)
	skey, _, err := GenerateKey(bytes.NewReader(bytes.Repeat([]byte{8}, 32)), l.signer.Origin())
	if err != nil {
		t.Fatal(err)
	}
	verifier := l.verifier(t)
	if l.signer, err = NewSigner(skey); err != nil {
		t.Fatal(err)
	}
	l.commit(t, 10)
	var f Finding
	if _, err := Check(context.Background(), l, UnderKey(verifier), nil); !errors.As(err, &f) || f.Part != PartCheckpoint || f.Index != 318 {
		t.Errorf("found %v", err)
	}
}

// TestCheckFindsAFork: a right signature under a root that the entries do not
// give, which only the log's own key can make.
func TestCheckFindsAFork(t *testing.T) {
	t.Parallel()
	l := newLog(t, 3, 300, 5)
	l.edge = NewEdge()
	l.rows = nil
	for i := range int64(308) {
		l.edge.Append(testEntry(i + 1))
	}
	l.sign(t, 0)
	var f Finding
	if _, err := Check(context.Background(), l, UnderKey(l.verifier(t)), nil); !errors.As(err, &f) || f.Part != PartEntry {
		t.Errorf("found %v", err)
	}
}

// TestCheckFindsAnyFlip: one bit anywhere in the store.
func TestCheckFindsAnyFlip(t *testing.T) {
	t.Parallel()
	whole := newLog(t, 1, 200, 1, 1, 140, 180)
	verifier := whole.verifier(t)
	rapid.Check(t, func(t *rapid.T) {
		l := whole.clone()
		var target []byte
		row := &l.rows[rapid.IntRange(0, len(l.rows)-1).Draw(t, "row")]
		switch rapid.IntRange(0, 4).Draw(t, "part") {
		case 0:
			target = l.entries[rapid.Int64Range(0, l.edge.Size()-1).Draw(t, "entry")]
		case 1:
			target = l.tiles[tileKey{0, rapid.Int64Range(0, 1).Draw(t, "tile")}]
		case 2:
			target = row.Root
		case 3:
			target = row.Frontier
		default:
			target = row.Note
		}
		target[rapid.IntRange(0, len(target)-1).Draw(t, "byte")] ^= 1 << rapid.IntRange(0, 7).Draw(t, "bit")
		var f Finding
		if _, err := Check(context.Background(), l, UnderKey(verifier), nil); !errors.As(err, &f) {
			t.Fatalf("found %v", err)
		}
	})
}

// growing appends while it is read, as a running broker does.
type growing struct {
	*memoryLog
	t *testing.T
}

func (g growing) Entries(ctx context.Context, from, to int64) ([][]byte, error) {
	g.commit(g.t, 300)
	return g.memoryLog.Entries(ctx, from, to)
}

func (g growing) Tiles(ctx context.Context, level int, from, to int64) ([][]byte, error) {
	g.commit(g.t, 1)
	return g.memoryLog.Tiles(ctx, level, from, to)
}

func TestCheckWhileTheBrokerRuns(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5000, 1, 3000)
	r, err := Check(context.Background(), growing{l, t}, UnderKey(l.verifier(t)), nil)
	if err != nil || r.Entries != 8001 || r.Checkpoints != 3 {
		t.Errorf("%+v, %v", r, err)
	}
}

// failing gives an error at one of its reads.
type failing struct {
	*memoryLog
	left int
}

var errDown = errors.New("the database is down")

func (f *failing) down() error {
	if f.left--; f.left < 0 {
		return errDown
	}
	return nil
}

func (f *failing) Head(ctx context.Context) (CheckpointRow, bool, error) {
	if err := f.down(); err != nil {
		return CheckpointRow{}, false, err
	}
	return f.memoryLog.Head(ctx)
}

func (f *failing) Entries(ctx context.Context, from, to int64) ([][]byte, error) {
	if err := f.down(); err != nil {
		return nil, err
	}
	return f.memoryLog.Entries(ctx, from, to)
}

func (f *failing) Tiles(ctx context.Context, level int, from, to int64) ([][]byte, error) {
	if err := f.down(); err != nil {
		return nil, err
	}
	return f.memoryLog.Tiles(ctx, level, from, to)
}

func (f *failing) Middles(ctx context.Context, level int, from, to int64) ([][]byte, error) {
	if err := f.down(); err != nil {
		return nil, err
	}
	return f.memoryLog.Middles(ctx, level, from, to)
}

func (f *failing) Checkpoints(ctx context.Context, after int64, limit int) ([]CheckpointRow, error) {
	if err := f.down(); err != nil {
		return nil, err
	}
	return f.memoryLog.Checkpoints(ctx, after, limit)
}

func (f *failing) Extra(ctx context.Context) (Strays, error) {
	if err := f.down(); err != nil {
		return Strays{}, err
	}
	return f.memoryLog.Extra(ctx)
}

// TestCheckThatFailsFindsNothing: a store that is down is no finding, and no ok.
func TestCheckThatFailsFindsNothing(t *testing.T) {
	t.Parallel()
	l := newLog(t, 5000, 300)
	for reads := range 100 {
		_, err := Check(context.Background(), &failing{l, reads}, UnderKey(l.verifier(t)), nil)
		if err == nil {
			if reads < 6 {
				t.Errorf("%d reads were enough", reads)
			}
			return
		}
		var f Finding
		if errors.As(err, &f) || !errors.Is(err, errDown) {
			t.Fatalf("after %d reads: %v", reads, err)
		}
	}
	t.Error("100 reads were not enough")
}

func TestCheckStops(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	l := newLog(t, 5000)
	if _, err := Check(ctx, l, UnderKey(l.verifier(t)), nil); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
