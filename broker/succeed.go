package broker

import (
	"encoding/base64"
	"errors"
	"math"

	"bauta.dev/bauta/broker/ledger"
)

// SuccessionReason is why a log is succeeded.
type SuccessionReason string

// The reasons.
const (
	Restored       SuccessionReason = "restored"        // an older state took the place of the newest one
	KeyCompromised SuccessionReason = "key_compromised" // somebody else may sign in the log's name
)

// Why a log is not succeeded.
var (
	ErrNothingKnown     = errors.New("nothing is known of the log outside of its database, so nobody can say what is lost: give --checkpoint-file or --witnesses as the broker had them, or a signed checkpoint that somebody kept with --last")
	ErrNothingToSucceed = errors.New("nothing to succeed: the log in the database is all that is known of it outside, and the broker goes on with it; only a key that somebody else may have is a reason then, --reason key_compromised")
)

// Outside is what is known of a log outside of its database.
type Outside struct {
	Last       ledger.Checkpoint // what matters most of the checkpoints that were kept; the zero one where none was
	Held       bool              // the log in the database holds it
	Forked     bool              // one that was kept is of another history, and not only of a later time
	Claimed    int64             // entries by the unsigned word of witnesses; math.MaxInt64: another history; 0: they object to nothing
	Recorded   int64             // entries by what the key folder says, and by cosignatures that lie beside the log
	Superseded bool              // a later key than that of the head has signed
}

// Succession is how a log goes on under another name and another key, and what was
// lost before.
type Succession struct {
	Origin, Verifier                 string
	PreviousOrigin, PreviousVerifier string // whose signature the head carries
	Head                             ledger.Checkpoint
	Reason                           SuccessionReason
	Outside                          Outside
}

// Gap is how many entries are known to be lost.
func (s *Succession) Gap() int64 {
	return max(s.Outside.Last.Size, s.Outside.claimed(), s.Outside.Recorded, s.Head.Size) - s.Head.Size
}

// claimed is a size that a log can have, or 0.
func (o *Outside) claimed() int64 {
	if o.Claimed > ledger.MaxNumber {
		return 0
	}
	return o.Claimed
}

// Allowed says whether there is a reason to go on under another name: something is
// lost, or the key is not the log's alone any more. A log that its broker can go
// on with is never cut in two.
func (s *Succession) Allowed() error {
	o := &s.Outside
	lost := o.Last.Size > 0 && !o.Held || o.Forked || o.Claimed > s.Head.Size || o.Recorded > s.Head.Size || o.Superseded
	switch {
	case lost || s.Reason == KeyCompromised:
		return nil
	case o.Last.Size == 0:
		return ErrNothingKnown
	default:
		return ErrNothingToSucceed
	}
}

// Succession writes the first entry of the successor.
func (b *Broker) Succession(s Succession) (*Write, error) {
	members := ledger.Object{
		{Name: "origin", Value: s.Origin},
		{Name: "verifier", Value: s.Verifier},
		{Name: "previous_origin", Value: s.PreviousOrigin},
		{Name: "previous_verifier", Value: s.PreviousVerifier},
		{Name: "size", Value: s.Head.Size},
		{Name: "root", Value: base64.StdEncoding.EncodeToString(s.Head.Root[:])},
		{Name: "gap", Value: s.Gap()},
		{Name: "forked", Value: s.Outside.Forked || s.Outside.Claimed == math.MaxInt64},
		{Name: "reason", Value: string(s.Reason)},
		{Name: "by", Value: operator},
	}
	if last := s.Outside.Last; last.Size > 0 {
		members = append(members, ledger.Member{Name: "last", Value: string(last.Note)}, ledger.Member{Name: "last_size", Value: last.Size})
	}
	if claimed := s.Outside.claimed(); claimed > 0 {
		members = append(members, ledger.Member{Name: "claimed", Value: claimed})
	}
	record, err := b.record(ledger.Statement{Type: ledger.LogSucceeded, At: b.now(), Members: members}, b.Auditor, keys{})
	if err != nil {
		return nil, err
	}
	return &Write{Record: record}, nil
}

// Concedes says whether the entry of a succession admits that a checkpoint of this
// size, under a key from before it, is not in the log: it was lost, or the log had
// another history.
func Concedes(st ledger.Statement, size int64) bool {
	n := st.Members.Int("size")
	if size > n {
		return size <= n+st.Members.Int("gap")
	}
	return st.Members.Bool("forked")
}
