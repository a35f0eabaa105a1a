package ledger

import "errors"

// ErrBeyondHead says that the log has no tree of this size yet.
var ErrBeyondHead = errors.New("the log is not as large as that")

// Place is where an entry stands, and the head that covers it: the one that was
// signed in the commit that appended it.
type Place struct {
	Index int64
	Leaf  [32]byte // RFC 6962 leaf hash
	Size  int64    // of the tree that the head signs
	Root  [32]byte
}
