package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/note"
)

// ErrEras says that keys cannot have signed one log one after the other.
var ErrEras = errors.New("the keys of the log are not one after the other, each under a name of its own")

// Era is the time in which one key signed a log's checkpoints.
type Era struct {
	// Until is the size of the last checkpoint under the key; 0 where none of them
	// is left, and of the key that goes on.
	Until int64
	VKey  string // whose name is the log's origin in that time

	verifier note.Verifier
}

// Eras say whose signature the checkpoint of a size has to carry. A log that was
// succeeded is one tree with several keys; to who verifies it from outside, each
// is a log of its own. The zero Eras know no key.
type Eras struct {
	past []Era
	now  Era
	from int64 // checkpoints above this size are under the key that goes on
}

// UnderKey are those of a log that was never succeeded.
func UnderKey(v note.Verifier) Eras { return Eras{now: Era{verifier: v}} }

// NewEras takes the key that goes on, and those before it in the order of time.
// Two keys of one name, and sizes that do not grow, are ErrEras.
func NewEras(current string, past ...Era) (Eras, error) {
	e := Eras{now: Era{VKey: current}}
	names := map[string]bool{}
	read := func(era *Era) error {
		v, err := note.NewVerifier(era.VKey)
		if err != nil {
			return fmt.Errorf("read key of log: %w", ErrKey)
		}
		if names[v.Name()] {
			return fmt.Errorf("read keys of log: %w", ErrEras)
		}
		names[v.Name()], era.verifier = true, v
		return nil
	}
	for _, era := range past {
		if err := read(&era); err != nil {
			return Eras{}, err
		}
		if era.Until < 0 || era.Until > 0 && era.Until <= e.from {
			return Eras{}, fmt.Errorf("read keys of log: %w", ErrEras)
		}
		e.past, e.from = append(e.past, era), max(e.from, era.Until)
	}
	return e, read(&e.now)
}

// Current is the key that goes on.
func (e Eras) Current() note.Verifier { return e.now.verifier }

// From is the size up to which others have signed: the index of the first entry
// of the log that goes on, as it is known outside.
func (e Eras) From() int64 { return e.from }

// All are in the order of time; the last one goes on.
func (e Eras) All() []Era { return append(append([]Era(nil), e.past...), e.now) }

// Origin is the log's name in that time.
func (e Era) Origin() string { return e.verifier.Name() }

// At is whose signature the checkpoint of a size has to carry.
func (e Eras) At(size int64) note.Verifier {
	if size > e.from {
		return e.now.verifier
	}
	for i := range e.past {
		if until := e.past[i].Until; until > 0 && size <= until {
			return e.past[i].verifier
		}
	}
	return e.now.verifier
}

// Open is OpenCheckpoint by the key that its size asks for.
func (e Eras) Open(signed []byte) (Checkpoint, error) {
	if e.from == 0 {
		return OpenCheckpoint(e.now.verifier, signed)
	}
	c, err := ReadCheckpoint(signed)
	if err != nil {
		return Checkpoint{}, err
	}
	return OpenCheckpoint(e.At(c.Size), signed)
}

// Signed reads a checkpoint that one of the keys has signed, whatever its size,
// and says which by its place in All. What was signed and is not in the log any
// more is read so.
func (e Eras) Signed(signed []byte) (c Checkpoint, era int, err error) {
	name, _, _ := bytes.Cut(signed, []byte("\n"))
	all := e.All()
	for i := range all {
		if all[i].Origin() == string(name) {
			c, err = OpenCheckpoint(all[i].verifier, signed)
			return c, i, err
		}
	}
	return Checkpoint{}, 0, fmt.Errorf("open checkpoint: %w", ErrCheckpoint)
}

// Succession gives the keys before and after the entry with an index, if that is
// where one took the place of the other. Keys that have no checkpoint left in
// the log are passed over.
func (e Eras) Succession(index int64) (before, after Era, is bool) {
	if index <= 0 || index > e.from {
		return Era{}, Era{}, false
	}
	for i := range e.past {
		if e.past[i].Until != index {
			continue
		}
		for _, later := range e.past[i+1:] {
			if later.Until > 0 {
				return e.past[i], later, true
			}
		}
		return e.past[i], e.now, true
	}
	return Era{}, Era{}, false
}

// misplaced is what is wrong with the kind of the entry at a place: the first
// entry of a successor, and no other, says that the log was succeeded. Without a
// key nothing is known of that.
func (e Eras) misplaced(index int64, entry []byte) string {
	says := Type(entry[1]) == LogSucceeded // checkEntry has seen that there are so many bytes
	if !says && len(e.past) == 0 || e.now.verifier == nil {
		return ""
	}
	switch _, _, is := e.Succession(index); {
	case is && !says:
		return "the log was succeeded there, and it does not say so"
	case says && !is:
		return "it says that the log was succeeded there, and the key folder does not"
	}
	return ""
}

// whole says whether a log of a size holds every succession that is known.
func (e Eras) whole(size int64) error {
	if e.from == 0 || size > e.from {
		return nil
	}
	return checkpointFinding(size, fmt.Sprintf("it is the newest, and the log was succeeded after %d entries", e.from))
}
