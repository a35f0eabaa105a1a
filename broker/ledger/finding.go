package ledger

import "fmt"

// Part is the kind of row that a finding is about.
type Part string

// The parts of a stored log.
const (
	PartEntry      Part = "entry"      // Index: its place in the log, from 0
	PartTile       Part = "tile"       // Index: its place in its level
	PartCheckpoint Part = "checkpoint" // Index: its size, or -1 where it is not known
	PartRow        Part = "row"        // of another table than the log's. Index: the entry that speaks of it, or -1
)

// Finding is an error: the first thing that is wrong with a log. It holds places
// and reasons, never bytes that were read.
type Finding struct { //nolint:errname // what a check finds is called so in the contract of the package
	Part   Part
	Level  int    // of a tile
	Table  string // of a row
	Row    string // its number or id, never a value; empty where many or none are meant
	Index  int64
	Reason string
}

// Error gives "entry 17: …", "tile 0/3: …", "checkpoint 42: …" or
// "row 5 of parties, entry 17: …".
func (f Finding) Error() string {
	if f.Part == PartRow {
		return f.rowError()
	}
	if f.Part == PartCheckpoint && f.Index < 0 {
		return "a checkpoint: " + f.Reason
	}
	if f.Part == PartTile {
		return fmt.Sprintf("tile %d/%d: %s", f.Level, f.Index, f.Reason)
	}
	return fmt.Sprintf("%s %d: %s", f.Part, f.Index, f.Reason)
}

func (f Finding) rowError() string {
	where := "table " + f.Table
	if f.Row != "" {
		where = fmt.Sprintf("row %s of %s", f.Row, f.Table)
	}
	if f.Index >= 0 {
		where += fmt.Sprintf(", entry %d", f.Index)
	}
	return where + ": " + f.Reason
}

func entryFinding(index int64, reason string) error {
	return Finding{Part: PartEntry, Index: index, Reason: reason}
}

func tileFinding(level int, index int64, reason string) error {
	return Finding{Part: PartTile, Level: level, Index: index, Reason: reason}
}

func checkpointFinding(size int64, reason string) error {
	return Finding{Part: PartCheckpoint, Index: size, Reason: reason}
}
