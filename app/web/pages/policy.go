package pages

import "time"

// PolicySet is where a privacy officer looks at a policy set that waits, and
// approves it.
type PolicySet struct {
	Shell
	Account      string
	InForce      string // version
	Waiting      *WaitingPolicy
	Confirm      []Input    // nil: he has just shown who he is
	ApprovesFrom *time.Time // nil: now already
	Wrong, Done  string
}

func (PolicySet) template() string { return "policy" }

// WaitingPolicy is a set that waits for approval, and what it would change.
type WaitingPolicy struct {
	Version, Diff string
	Proposed      time.Time
	Index         int64
	More, Less    []PolicyChange
}

// PolicyChange is one thing that the set answers differently, in words.
type PolicyChange struct {
	Kind, Role, Purpose, Field, From, To, Rule, Example string
	Cells                                               int
}
