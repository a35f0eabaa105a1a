package ledger

import (
	"bytes"
	"context"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// How much Check reads at a time: what bounds its memory, whatever the log's size.
const (
	entryBatch      = 4096 // entries, some 700 kB
	tileBatch       = 16   // tiles of a level: as many as entryBatch completes
	checkpointBatch = 256
)

// CheckpointRow is a stored checkpoint: one for each commit.
type CheckpointRow struct {
	Size, Prev int64 // entries with it, and in the row before; 0 before the first
	Root       []byte
	Frontier   []byte
	Note       []byte // signed by the log, and by nobody else
}

// Strays counts what a store holds and the log does not, by a head that was read
// in the same snapshot as the rows: a broker that appends meanwhile adds no strays.
type Strays struct {
	Size        int64 // of the newest checkpoint row in that snapshot, 0 if there is none
	Entries     int64 // rows with an index below 0, or Size and above
	Tiles       int64 // rows with a level outside 0 to 7, or an index below 0, or Size>>(8*(level+1)) and above
	Checkpoints int64 // rows with a size below 1
}

// Source reads a stored log. Rows may be appended while it is read; a row
// once seen must stay.
type Source interface {
	EdgeSource
	// Head gives the newest row (the largest size); false if there is none.
	Head(ctx context.Context) (CheckpointRow, bool, error)
	// Checkpoints gives the rows with a size above afterSize, ascending, at
	// most limit of them.
	Checkpoints(ctx context.Context, afterSize int64, limit int) ([]CheckpointRow, error)
	// Middles gives what Tile.Middle gave of the full tiles [from, to) of a
	// level, as it is stored beside them; nothing at all for a source that
	// stores no such thing.
	Middles(ctx context.Context, level int, from, to int64) ([][]byte, error)
	// Extra counts what is stored outside of the log. A source that cannot hold
	// any (another broker over HTTP) gives the zero Strays.
	Extra(ctx context.Context) (Strays, error)
}

// Report is what a check went through.
type Report struct {
	Entries     int64
	Tiles       int64
	Checkpoints int64
	Head        Checkpoint // the zero Checkpoint for an empty log
}

// Check reads the log that src holds, in order, up to the head that it has at
// the beginning, and verifies every entry, tile and checkpoint row as
// docs/entry-format.md, section 7, says. The first thing that is wrong is a
// Finding; any other error means that the check could not be made. Memory is
// constant. It hashes some millions of entries a second and verifies some ten
// thousand signatures a second and core, so a log of single commits is bound by
// its signatures. progress may be nil.
//
// eras say who has signed which of its checkpoints; where one key took the place
// of another there must be an entry that says so, and nowhere else. A log that
// ends before such a place was put back.
//
// Nothing from outside is compared: a log that was cut off at an older
// checkpoint as a whole is right in itself. Compare Report.Head with a
// checkpoint that was kept elsewhere. Nor does it have the key folder, which says
// what each row's prev was: CheckpointRow.Prev is believed where the chain fits.
func Check(ctx context.Context, src Source, eras Eras, progress func(done, total int64)) (Report, error) {
	return CheckOn(ctx, src, eras, 0, progress, nil)
}

// CheckOn is Check from a size on that an earlier one has come to: reached, which
// may be nil, is told sizes up to which everything is right, tiles and rows too.
// What it begins from it compares with the checkpoint that was signed for that size;
// where there is none, or the tiles do not give it, it begins at the first entry, and
// so finds what is wrong. What is before that size is as it was when it was reached:
// whoever changes it afterwards is found by the next one that begins at 0.
func CheckOn(ctx context.Context, src Source, eras Eras, from int64, progress func(done, total int64), reached func(size int64)) (Report, error) {
	head, found, err := src.Head(ctx)
	if err != nil {
		return Report{}, fmt.Errorf("read head: %w", err)
	}
	if progress == nil {
		progress = func(int64, int64) {}
	}
	c := &checker{src: src, eras: eras, progress: progress, edge: NewEdge(), reached: reached}
	if found && from > 0 && from <= head.Size {
		if err := c.resume(ctx, from); err != nil {
			return c.report, err
		}
	}
	if found {
		if err := c.run(ctx, head); err != nil {
			return c.report, err
		}
	}
	if err := eras.whole(c.report.Entries); err != nil {
		return c.report, err
	}
	return c.report, c.strays(ctx)
}

// checker is one check under way. Entries up to edge.Size() have been hashed;
// those up to verified are under a signature that was checked.
type checker struct {
	src      Source
	eras     Eras // none: signatures are the caller's
	progress func(done, total int64)

	edge     *Edge
	total    int64         // the head's size
	verified int64         // the size of the last row that was right
	last     CheckpointRow // that row
	reached  func(size int64)
	told     int64 // the size that reached was told last
	ahead    [][]byte
	pending  [maxLevels][]Tile // complete by the entries, not yet compared
	suspect  error             // the first tile that differs; whose fault it is shows at the next root
	report   Report
}

func (c *checker) run(ctx context.Context, head CheckpointRow) error {
	opened, err := c.checkRow(head)
	if err != nil {
		return err
	}
	c.total = head.Size
	for c.verified < c.total {
		rows, err := c.src.Checkpoints(ctx, c.verified, checkpointBatch)
		if err != nil {
			return fmt.Errorf("read checkpoints after %d: %w", c.verified, err)
		}
		if len(rows) == 0 {
			return checkpointFinding(c.total, fmt.Sprintf("no rows lead to it from %d", c.verified))
		}
		// All signatures of the batch come first: from here on a root that
		// does not fit is the fault of the entries, not of the row.
		if err := c.checkRows(rows); err != nil {
			return err
		}
		for i := range rows {
			if rows[i].Size > c.total {
				return checkpointFinding(c.total, "the head is not in the chain of rows")
			}
			if err := c.advance(ctx, rows[i]); err != nil {
				return err
			}
			if c.last = rows[i]; c.verified == c.total {
				break
			}
		}
	}
	if !same(c.last, head) {
		return checkpointFinding(c.total, "the head is not the row of that size")
	}
	c.report.Head = opened
	return c.compareAll(ctx)
}

// advance hashes the entries up to a row whose signature was checked.
func (c *checker) advance(ctx context.Context, row CheckpointRow) error {
	if row.Prev != c.verified {
		return checkpointFinding(row.Size, fmt.Sprintf("its prev is %d, and the row before has %d", row.Prev, c.verified))
	}
	for c.edge.Size() < row.Size {
		entry, err := c.next(ctx)
		if err != nil {
			return err
		}
		_, full := c.edge.Append(entry)
		for _, t := range full {
			c.pending[t.Level] = append(c.pending[t.Level], t)
			if len(c.pending[t.Level]) == tileBatch {
				if err := c.compare(ctx, t.Level); err != nil {
					return err
				}
			}
		}
	}
	if c.edge.Root() != tlog.Hash(row.Root) {
		return c.blame(ctx, row)
	}
	if c.suspect != nil {
		return c.suspect
	}
	c.verified = row.Size
	c.report.Entries = row.Size
	c.report.Checkpoints++
	return c.tell(ctx)
}

// next gives the entry at the edge, reading ahead whatever the rows' sizes are.
func (c *checker) next(ctx context.Context) ([]byte, error) {
	at := c.edge.Size()
	if len(c.ahead) == 0 {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("check entries at %d: %w", at, err)
		}
		c.progress(at, c.total)
		to := min(at+entryBatch, c.total)
		var err error
		if c.ahead, err = c.src.Entries(ctx, at, to); err != nil {
			return nil, fmt.Errorf("read entries at %d: %w", at, err)
		}
		if len(c.ahead) == 0 {
			return nil, entryFinding(at, "missing")
		}
		if int64(len(c.ahead)) > to-at {
			return nil, entryFinding(at, "the store gave more entries than there are")
		}
	}
	entry := c.ahead[0]
	c.ahead = c.ahead[1:]
	if entry == nil {
		return nil, entryFinding(at, "missing")
	}
	if err := checkEntry(entry); err != nil {
		return nil, entryFinding(at, err.Error())
	}
	if reason := c.eras.misplaced(at, entry); reason != "" {
		return nil, entryFinding(at, reason)
	}
	return entry, nil
}

// compareAll compares what is left once the last entry is in.
func (c *checker) compareAll(ctx context.Context) error {
	if err := c.flush(ctx); err != nil {
		return err
	}
	c.progress(c.total, c.total)
	return nil
}

// flush compares whatever the entries have completed so far.
func (c *checker) flush(ctx context.Context) error {
	for level := range c.pending {
		if err := c.compare(ctx, level); err != nil {
			return err
		}
	}
	return c.suspect
}

// compare reads the tiles of a level that the entries have completed. One that
// differs is kept as a suspect: if the next root fits, it is the tile that is wrong.
func (c *checker) compare(ctx context.Context, level int) error {
	want := c.pending[level]
	if len(want) == 0 {
		return nil
	}
	from := want[0].Index
	got, err := c.src.Tiles(ctx, level, from, from+int64(len(want)))
	if err != nil {
		return fmt.Errorf("read tiles at %d/%d: %w", level, from, err)
	}
	middles, err := c.src.Middles(ctx, level, from, from+int64(len(want)))
	if err != nil {
		return fmt.Errorf("read middles of tiles at %d/%d: %w", level, from, err)
	}
	for i := range want {
		reason := ""
		if i >= len(got) || got[i] == nil {
			reason = "missing"
		} else if at := differs(got[i], want[i].Hashes); at >= 0 {
			reason = fmt.Sprintf("is not what the entries give, from hash %d on", at)
		} else if middles != nil && (i >= len(middles) || !bytes.Equal(middles[i], want[i].Middle())) {
			reason = "has beside it hashes that are not its own"
		}
		if reason != "" && c.suspect == nil {
			c.suspect = tileFinding(level, want[i].Index, reason)
		}
	}
	c.report.Tiles += int64(len(want))
	c.pending[level] = want[:0]
	return nil
}

// differs gives the first hash in which two tiles differ, or -1.
func differs(got, want []byte) int {
	for i := 0; i < len(want); i += hashSize {
		if i+hashSize > len(got) || string(got[i:i+hashSize]) != string(want[i:i+hashSize]) {
			return i / hashSize
		}
	}
	if len(got) != len(want) {
		return len(want) / hashSize
	}
	return -1
}

// strays looks for what is stored outside of the log.
func (c *checker) strays(ctx context.Context) error {
	s, err := c.src.Extra(ctx)
	if err != nil {
		return fmt.Errorf("read strays: %w", err)
	}
	size := max(s.Size, c.total)
	switch {
	case s.Checkpoints > 0:
		return checkpointFinding(0, fmt.Sprintf("%d rows have no size", s.Checkpoints))
	case s.Entries > 0:
		return entryFinding(size, fmt.Sprintf("%d entries are stored outside of the log", s.Entries))
	case s.Tiles > 0:
		return Finding{Part: PartTile, Index: size >> tileHeight, Reason: fmt.Sprintf("%d tiles are stored outside of the log", s.Tiles)}
	default:
		return nil
	}
}
