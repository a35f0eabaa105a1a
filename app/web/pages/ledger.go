package pages

import (
	"strconv"
	"time"
)

// LedgerDesk is the ledger as the people at the desk look at it.
type LedgerDesk struct {
	Shell
	Places      []DeskTab
	Head        *LedgerHead // nil: nothing is written yet
	Witnesses   int         // that the settings name
	Witnessed   *LedgerHead // the newest that one of them cosigned
	Inputs      []NumberInput
	Between     []NumberInput
	Entry       *LedgerEntry
	Consistency *LedgerSpan
	Wrong       string
}

func (LedgerDesk) template() string { return "ledger_desk" }

// LedgerHead is a signed head, with who signed it.
type LedgerHead struct {
	Origin, Root string
	Size         int64
	Until        *time.Time // the hour of the newest entry
	Signatures   []SignedBy
}

// SignedBy is one signature under a head.
type SignedBy struct {
	Name, Key, Kind string
	At              *time.Time
	Own             bool // the log's own
}

// NumberInput is a field for a number.
type NumberInput struct {
	Name, Label, Value, Wrong string
}

// LedgerEntry is one entry, and where it stands.
type LedgerEntry struct {
	Index, Size int64
	Type        string
	Hour        time.Time
	At          *time.Time // nil: what it says is not to be read
	Audience    string     // whose part is shown
	NoPart      bool       // it says nothing to them
	Withheld    bool       // what it says is not for who looks
	Gone        bool       // the key that it is kept under is destroyed
	Members     []LedgerMember
	Leaf, Root  string
	Steps       []LedgerStep // from the leaf up
	Holds       bool
}

// LedgerMember is one thing that an entry says.
type LedgerMember struct {
	Name  string
	Lines []string
}

// LedgerStep is one step of a path.
type LedgerStep struct {
	Sibling, Gives string
	Left           bool
}

// LedgerSpan is whether one log is the beginning of another.
type LedgerSpan struct {
	From, To int64
	Hashes   int
}

// Of the drawn path, in pixels: from one level to the next, and half of a node.
const pathPitch, pathHalf, pathSide = 58, 38, 80

// PathHeight is how high the drawing is.
func (e *LedgerEntry) PathHeight() int { return len(e.Steps)*pathPitch + 2*pathMargin }

const pathMargin = 34

// DrawnNode is a node of the path, or one beside it.
type DrawnNode struct {
	X, Y, TextY, Left, Width int
	Short, Class, Says       string
	LineX, LineY, LineTo     int // to the one above; LineTo 0: there is none
}

// Nodes are the path as it is drawn: the root above, the entry below, and at each level what
// stands beside it.
func (e *LedgerEntry) Nodes() (all []DrawnNode) {
	at := func(x, level int, hash, class, says string) DrawnNode {
		y := pathMargin + level*pathPitch
		n := DrawnNode{X: x, Y: y - 13, TextY: y + 5, Left: x - pathHalf, Width: 2 * pathHalf, Short: hash[:min(8, len(hash))], Class: class, Says: says}
		if level > 0 {
			n.LineX, n.LineY, n.LineTo = x, y-13, y-pathPitch+13
		}
		return n
	}
	levels := len(e.Steps)
	for i, s := range e.Steps {
		level := levels - i
		side := pathSide
		if s.Left {
			side = -side
		}
		all = append(all, at(side, level, s.Sibling, "beside", ""))
		if i > 0 {
			all = append(all, at(0, level, e.Steps[i-1].Gives, "along", ""))
		}
	}
	if levels > 0 {
		all = append(all, at(0, levels, e.Leaf, "leaf", ""))
	}
	return append(all, at(0, 0, e.Root, "root", ""))
}

// LeafY and RootY are where the two ends are named.
func (e *LedgerEntry) LeafY() int { return pathMargin + len(e.Steps)*pathPitch + 28 }

// Summary says of the drawing what it shows.
func (e *LedgerEntry) Summary() string {
	return "A path of " + strconv.Itoa(len(e.Steps)) + " steps from the entry at the bottom to the root at the top; at each step one hash stands beside it."
}

// PermitTable is the policy set in force, as a table, and what two sets do not have alike.
type PermitTable struct {
	Shell
	Places   []DeskTab
	InForce  string
	Count    int
	Fields   []string
	Matrix   []PermitLine
	Kinds    []PermitKind
	From, To Select
	Compared bool
	Same     bool
	Changes  []PermitChange
	Unknown  string
}

func (PermitTable) template() string { return "permit_table" }

// PermitLine is a purpose, and what may go out for it.
type PermitLine struct {
	Purpose string
	Cells   []PermitCell
}

// PermitCell is a field for a purpose: how many permits give it by the engine, and how many
// only if a person decides.
type PermitCell struct{ Auto, Person int }

// PermitKind are the permits for a kind of order.
type PermitKind struct {
	Name string
	Rows []PermitRow
}

// PermitRow is one permit in words.
type PermitRow struct {
	ID, Why, Who, Purposes, Fields, Ends, Decides, Source, When string
	Views                                                       int
}

// PermitChange is one permit that the two do not have alike.
type PermitChange struct {
	ID, What, Chip string // added, removed, changed
	Lines          []PermitDiff
}

// PermitDiff is one line of it, before and after.
type PermitDiff struct {
	Name, Was, Is string
	Changed       bool
}
