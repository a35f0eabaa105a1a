// Package anchor decides what is known of the log outside of its database: it
// has witnesses cosign checkpoints and keeps them in a file, once a second at
// most and never while a request waits, and it says what the log must hold.
package anchor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"math"
	"net/http"
	"slices"
	"sync"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// Log is the log as the database has it.
type Log interface {
	// Head is the newest checkpoint; the zero one of a log that has none.
	Head(ctx context.Context) (ledger.Checkpoint, error)
	// Empty is the signed checkpoint of a log without entries.
	Empty() (ledger.Checkpoint, error)
	// Consistency proves that the tree of one size is the beginning of another.
	Consistency(ctx context.Context, from, to int64) ([]tlog.Hash, error)
	// SignedAt is the checkpoint of a size; the zero one where no commit ended there.
	SignedAt(ctx context.Context, size int64) (ledger.Checkpoint, error)
	// Cosign keeps a cosignature of the checkpoint of a size.
	Cosign(ctx context.Context, size int64, w Witness, line string, at time.Time) error
	// Look compares the log with what Seen says; its error is why nothing is signed.
	Look(ctx context.Context) error
	// Refusal is why nothing is signed, as the log knows without looking; nil if all is well.
	Refusal() error
}

// Deps is what an anchor needs.
type Deps struct {
	Log       Log
	File      *File // nil: none is kept
	Witnesses []Witness
	Client    *http.Client // it follows no redirect, and has a time limit
	Now       func() time.Time
	Report    *slog.Logger
}

// How often, and how long a witness that does not answer is left alone.
const (
	interval = time.Second
	longest  = 5 * time.Minute
)

// ErrFork says that the log does not extend the newest checkpoint of the file.
var ErrFork = errors.New("the log does not extend the newest checkpoint of the file")

// Anchor is safe for concurrent use.
type Anchor struct {
	Deps

	mu      sync.Mutex
	asked   []asked // by witness
	size    int64   // of the newest checkpoint that a witness cosigned, as far as this broker knows
	at      time.Time
	refused bool // nothing was signed when the log was last looked at
	kept    Kept
}

// Kept is how the file stands to the log.
type Kept struct {
	Size     int64     // of its newest checkpoint, as far as this broker knows
	Since    time.Time // when the newest checkpoint of the log was first not put into it; zero while all is well
	Trouble  string    // why, without the file's name; empty while all is well
	Failures int64     // how often
}

// asked is what is known of one witness.
type asked struct {
	empty    bool  // it was asked about a log without entries
	known    int64 // the size that it has cosigned; 0 where that is not known
	holds    int64 // how large it says the log is, if that is more than there is; 0 if it objects to nothing
	failures int64
	inARow   int
	next     time.Time
}

// New makes an anchor; Start is called before anything is appended.
func New(d Deps) *Anchor { return &Anchor{Deps: d, asked: make([]asked, len(d.Witnesses))} }

// Resume tells of a cosignature that was kept before: its size, and when it came.
func (a *Anchor) Resume(size int64, at time.Time) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if size > a.size {
		a.size, a.at = size, at
	}
}

// Seen is what the log must hold (postgres.Outside). It answers from memory.
func (a *Anchor) Seen() (kept ledger.Checkpoint, claimed int64, err error) {
	if a.File != nil {
		if kept, err = a.File.Last(); err != nil {
			return kept, 0, err
		}
	}
	return kept, a.claimed(), nil
}

// claimed is the size that more than half of the witnesses say. Their word is not
// signed: were one of many enough, it could stop the broker by a lie.
func (a *Anchor) claimed() int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.asked) == 0 {
		return 0
	}
	held := make([]int64, len(a.asked))
	for i := range a.asked {
		held[i] = a.asked[i].holds
	}
	slices.Sort(held)
	return held[(len(held)-1)/2]
}

// Witnessed is the newest cosigned checkpoint that this broker knows of; false
// where there is none.
func (a *Anchor) Witnessed() (size int64, at time.Time, ok bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.size, a.at, a.size > 0
}

// Kept says how the file stands to the log; false where there is none.
func (a *Anchor) Kept() (Kept, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.kept, a.File != nil
}

// Age is how long ago the newest cosignature came: 0 while it is of the newest
// checkpoint, which is of head entries; false before the first.
func (a *Anchor) Age(head int64) (age time.Duration, ever bool) {
	size, at, ever := a.Witnessed()
	if !ever || size >= head {
		return 0, ever
	}
	return max(0, a.Now().Sub(at)), true
}

// Failures counts, by witness, how often it gave no cosignature.
func (a *Anchor) Failures() map[string]int64 {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := make(map[string]int64, len(a.asked))
	for i, w := range a.Witnesses {
		all[w.Name] = a.asked[i].failures
	}
	return all
}

// Start compares, asks everybody once, and compares again: a log that was rolled
// back, to nothing even, is noticed before anything is appended to it, and one that
// the file belies, or could not be compared with, is cosigned by nobody. Witnesses
// that are down end with ctx. Its error is why nothing is signed.
func (a *Anchor) Start(ctx context.Context) error {
	err := a.look(context.WithoutCancel(ctx))
	if len(a.Witnesses) == 0 {
		return err
	}
	doubtful := err != nil // it is looked at once more
	var wait sync.WaitGroup
	for i := range a.Witnesses {
		wait.Go(func() { a.askOne(ctx, i, doubtful) })
	}
	wait.Wait()
	return a.look(context.WithoutCancel(ctx))
}

// Run goes on until ctx ends. Each witness is asked on its own: a slow one holds
// up nobody.
func (a *Anchor) Run(ctx context.Context) {
	var wait sync.WaitGroup
	for i := range a.Witnesses {
		wait.Go(func() { every(ctx, func() { a.askOne(ctx, i, false) }) })
	}
	wait.Go(func() { every(ctx, func() { a.keep(ctx) }) })
	wait.Wait()
}

func every(ctx context.Context, do func()) {
	t := time.NewTicker(interval)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
			do()
		}
	}
}

// keep appends the newest checkpoint to the file, and has the log looked at
// while something is not right: whoever waits for it to be right again must not
// have to wait for a write.
func (a *Anchor) keep(ctx context.Context) {
	head, err := a.Log.Head(ctx)
	if err != nil {
		return // the database is away, which others say
	}
	trouble := a.claimed() > head.Size
	if a.File != nil {
		err := a.append(ctx, head)
		if ctx.Err() != nil {
			return
		}
		if a.stands(err); err != nil {
			a.Report.Error("the newest checkpoint is not in the checkpoint file", "size", head.Size, "error", err)
			trouble = true
		}
	}
	if trouble || a.isRefused() {
		_ = a.look(ctx) // the committer says why
	}
}

// stands keeps what came of appending to the file.
func (a *Anchor) stands(err error) {
	last, _ := a.File.Last()
	a.mu.Lock()
	defer a.mu.Unlock()
	a.kept.Size = last.Size
	if err == nil {
		a.kept.Since, a.kept.Trouble = time.Time{}, ""
		return
	}
	a.kept.Failures++
	if a.kept.Since.IsZero() {
		a.kept.Since = a.Now()
	}
	a.kept.Trouble = err.Error()
	if why, ok := errors.AsType[*fs.PathError](err); ok { // its text has the path
		a.kept.Trouble = "the checkpoint file cannot be written: " + why.Err.Error()
	}
}

func (a *Anchor) append(ctx context.Context, head ledger.Checkpoint) error {
	if err := a.File.Refresh(); err != nil {
		return err
	}
	last, err := a.File.Last()
	switch {
	case err != nil:
		return err
	case head.Size == last.Size && head.Root == last.Root:
		return nil
	case last.Size == 0:
		return a.File.Append(head)
	case head.Size < last.Size: // another broker of this file may have been faster
		if head, err = a.Log.Head(ctx); err != nil || head.Size < last.Size {
			return errors.Join(err, ErrFork)
		}
	}
	proof, err := a.Log.Consistency(ctx, last.Size, head.Size)
	if err != nil {
		return fmt.Errorf("prove consistency from %d: %w", last.Size, err)
	}
	if tlog.CheckTree(proof, head.Size, head.Root, last.Size, last.Root) != nil {
		return ErrFork
	}
	return a.File.Append(head)
}

func (a *Anchor) look(ctx context.Context) error {
	err := a.Log.Look(ctx)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.refused = err != nil
	return err
}

func (a *Anchor) isRefused() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return a.refused
}

// askOne asks a witness for a cosignature of the head, if it has not cosigned it
// and is not left alone for a while. While nothing is signed, or the log is doubtful,
// nobody is to vouch for it: only how large it was is asked, of everybody at a start,
// and then of those who object, for they may take it back. Of a log without entries it is
// asked as well, once: the empty tree begins every log, and a witness that has
// seen more of this one says so.
func (a *Anchor) askOne(ctx context.Context, i int, doubtful bool) {
	a.mu.Lock()
	before := a.asked[i]
	a.mu.Unlock()
	if a.Now().Before(before.next) || a.Log.Refusal() != nil && before.holds == 0 && !doubtful {
		return
	}
	head, err := a.Log.Head(ctx)
	if err != nil || before.known == head.Size && before.holds == 0 && (head.Size > 0 || before.empty) {
		return
	}
	if head.Size == 0 {
		if head, err = a.Log.Empty(); err != nil {
			return
		}
	}
	w := a.Witnesses[i]
	var line string
	var known int64
	if doubtful || a.Log.Refusal() != nil {
		line, known, err = w.sound(ctx, a.Client, a.Log, head)
	} else {
		line, known, err = w.ask(ctx, a.Client, a.Log, head, min(before.known, head.Size))
	}
	if err == nil && line != "" && head.Size > 0 {
		if err = a.Log.Cosign(ctx, head.Size, w, line, a.Now()); err != nil {
			known = 0 // it has to say it again
		}
	}
	if ctx.Err() != nil && err != nil {
		return
	}
	if o, ok := errors.AsType[*objection](err); ok && a.behind(ctx, o, head) {
		return // another broker appended and asked meanwhile
	}
	a.note(i, head, known, about(head, err))
}

// about is what an answer means: that no empty tree would do is no objection to
// this log, which has said nothing yet; it is a witness that takes no such trees.
func about(head ledger.Checkpoint, err error) error {
	if o, ok := errors.AsType[*objection](err); ok && head.Size == 0 && o.size == math.MaxInt64 {
		return errAnswer
	}
	return err
}

// behind says whether the log has by now what the witness has seen of it.
func (a *Anchor) behind(ctx context.Context, o *objection, head ledger.Checkpoint) bool {
	now, err := a.Log.Head(ctx)
	return err == nil && o.size != math.MaxInt64 && now.Size > head.Size && now.Size >= o.size
}

// note keeps what came of asking.
func (a *Anchor) note(i int, head ledger.Checkpoint, known int64, err error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now, w := a.Now(), &a.asked[i]
	w.known, w.empty = known, head.Size == 0
	if err == nil {
		w.holds, w.inARow, w.next = 0, 0, time.Time{}
		if known == head.Size && head.Size > a.size {
			a.size, a.at = head.Size, now
		}
		return
	}
	w.failures++
	w.next = now.Add(min(interval<<min(w.inARow, 10), longest))
	w.inARow++
	name := a.Witnesses[i].Name
	if o, ok := errors.AsType[*objection](err); ok {
		w.holds = o.size
		a.Report.Error("a witness objects to this log: it was rolled back, or there are two of it", "witness", name, "size", head.Size, "error", err)
		return
	}
	a.Report.Warn("a witness did not cosign", "witness", name, "size", head.Size, "error", err, "again_in", w.next.Sub(now))
}
