package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math"
	"strings"

	"bauta.dev/bauta/app/anchor"
	"bauta.dev/bauta/app/postgres"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
)

// ledgerSucceedCommand is the lawful way on for a log of which something is lost.
type ledgerSucceedCommand struct {
	Last   []string `sep:"none" placeholder:"FILE" help:"A signed checkpoint of the log that somebody kept, as GET /ledger/checkpoint gives it; may be given again."`
	Reason string   `enum:"restored,key_compromised" default:"restored" placeholder:"restored|key_compromised" help:"Why (${default}). Only key_compromised cuts a log that lost nothing."`
	Yes    bool     `help:"Do it. Without this it says what it would do, and exits with 1."`
}

// Help of ledger succeed.
func (*ledgerSucceedCommand) Help() string {
	return `A database that was restored to an older state is not the one in which the log was continued: the broker refuses to sign. This goes on
from there, lawfully. The next entry says which checkpoint was the last one known, and how many entries are lost; it and all that follows are
signed by a new key under a new name. To who verifies, the successor is a log of its own. Receipts from before keep their old key.

What was known comes from --checkpoint-file and --witnesses, as the broker has them, and from --last. The new name is --origin NAME, and
without it the old one with /2, /3 and so on behind it. End the brokers before, start them anew after, publish the new bauta ledger key, and
back up the key folder.

    bauta ledger succeed --checkpoint-file /mnt/checkpoints
    bauta ledger succeed --checkpoint-file /mnt/checkpoints --yes`
}

// Run succeeds the log, or says what it would do.
func (c *ledgerSucceedCommand) Run(ctx context.Context, p *program) error {
	name := p.Origin
	settings := *p.settings
	settings.Origin = "" // it is the successor's
	q := *p
	q.settings = &settings
	return q.visit(ctx, looking, func(h *house) error {
		st, err := h.store.Standing(ctx)
		if err != nil {
			return err
		}
		s, err := c.plan(ctx, &q, h, st, name)
		if err != nil {
			return err
		}
		if err := s.Allowed(); err != nil {
			return err
		}
		q.tellSuccession(s)
		if !c.Yes {
			return errors.New("nothing was changed: say it again with --yes to do it")
		}
		return q.succeed(ctx, h, st, s)
	})
}

// plan is the succession as it would be.
func (c *ledgerSucceedCommand) plan(ctx context.Context, p *program, h *house, st *postgres.Standing, name string) (s *broker.Succession, err error) {
	all := h.store.Eras().All()
	s = &broker.Succession{
		Reason: broker.SuccessionReason(c.Reason), Head: st.Head, PreviousOrigin: all[st.Era].Origin(), PreviousVerifier: all[st.Era].VKey,
	}
	begun, err := h.store.Successor()
	if err != nil {
		return nil, err
	}
	if s.Origin = name; name == "" {
		if s.Origin = begun; begun == "" {
			s.Origin = nextOrigin(all)
		}
	}
	for _, era := range all {
		if era.Origin() == s.Origin {
			return nil, fmt.Errorf("the log has had the name %q: give its successor another --origin, or none (is BAUTA_ORIGIN set?)", s.Origin)
		}
	}
	s.Outside, err = c.outside(ctx, p, h, st)
	return s, err
}

// nextOrigin counts behind the name that the log goes by, once more.
func nextOrigin(all []ledger.Era) string {
	taken := map[string]bool{}
	for _, era := range all {
		taken[era.Origin()] = true
	}
	base := all[len(all)-1].Origin()
	if i := strings.LastIndexByte(base, '/'); i > 0 && taken[base[:i]] {
		base = base[:i]
	}
	for n := 2; ; n++ {
		if name := fmt.Sprintf("%s/%d", base, n); !taken[name] {
			return name
		}
	}
}

// outside asks everybody who may know more of the log than its database.
func (c *ledgerSucceedCommand) outside(ctx context.Context, p *program, h *house, st *postgres.Standing) (o broker.Outside, err error) {
	if o.Claimed, err = p.claimed(ctx, h); err != nil {
		return o, err
	}
	eras := h.store.Eras()
	if from := eras.From(); st.Era < len(eras.All())-1 {
		o.Superseded = true
		if st.Head.Size <= from {
			o.Recorded = from + 1 // the entry that said so
		}
	}
	size, err := h.store.CosignedSize(ctx)
	if err != nil {
		return o, err
	}
	o.Recorded = max(o.Recorded, size)
	kept, err := c.kept(ctx, h, st)
	if err != nil {
		return o, err
	}
	for _, k := range kept {
		held, err := st.Holds(ctx, k)
		if err != nil {
			return o, err
		}
		o.Forked = o.Forked || !held && k.Size <= st.Head.Size
		if o.Last.Size == 0 || outweighs(k, held, o) {
			o.Last, o.Held = k, held
		}
	}
	return o, nil
}

// outweighs orders what is known: what was lost before what is there, then the
// larger, then what more have signed.
func outweighs(c ledger.Checkpoint, held bool, o broker.Outside) bool {
	if held != o.Held {
		return !held
	}
	if c.Size != o.Last.Size {
		return c.Size > o.Last.Size
	}
	return bytes.Count(c.Note, []byte("\n")) > bytes.Count(o.Last.Note, []byte("\n"))
}

// kept are the signed checkpoints that somebody has: each of --last, those of the
// file, and the newest that a witness has cosigned.
func (c *ledgerSucceedCommand) kept(ctx context.Context, h *house, st *postgres.Standing) (kept []ledger.Checkpoint, err error) {
	eras := h.store.Eras()
	for _, path := range c.Last {
		b, err := readAtMost(path, mostKept)
		if err != nil {
			return nil, fmt.Errorf("read --last: %w", err)
		}
		k, _, err := eras.Signed(b)
		if err != nil || len(b) > mostKept || !ledger.WellFormed(b) {
			return nil, fmt.Errorf("--last %s is not a checkpoint that this log has signed", path)
		}
		kept = append(kept, k)
	}
	if signed, err := h.store.Witnessed(ctx); err == nil {
		if k, _, err := eras.Signed(signed); err == nil {
			kept = append(kept, k)
		}
	} else if !errors.Is(err, broker.ErrNotFound) {
		return nil, err
	}
	if h.anchor.File == nil {
		return kept, nil
	}
	filed, err := newestOf(h.anchor.File, eras, st)
	return append(kept, filed...), err
}

// newestOf are the largest checkpoint of the file, and the largest that the log as
// it stands could hold: of one file each record extends the one before. What older
// keys than that of the head have signed was compared, or admitted, when they were
// succeeded.
func newestOf(f *anchor.File, eras ledger.Eras, st *postgres.Standing) (found []ledger.Checkpoint, err error) {
	places := map[string]int{}
	for i, era := range eras.All() {
		places[era.Origin()] = i
	}
	var within, largest ledger.Checkpoint
	err = f.Each(func(c ledger.Checkpoint) error {
		if places[c.Origin] < st.Era {
			return nil
		}
		if c.Size <= st.Head.Size && c.Size > within.Size {
			within = c
		}
		if c.Size > largest.Size {
			largest = c
		}
		return nil
	})
	for _, c := range []ledger.Checkpoint{within, largest} {
		if c.Size > 0 {
			found = append(found, c)
		}
	}
	return found, err
}

// mostKept bounds a checkpoint with its cosignatures.
const mostKept = 64 << 10

// claimed asks the witnesses once.
func (p *program) claimed(ctx context.Context, h *house) (int64, error) {
	d := h.anchor.Deps
	d.File = nil
	var err error
	if d.Witnesses, err = p.witnesses(); err != nil || len(d.Witnesses) == 0 {
		return 0, err
	}
	a := anchor.New(d)
	brief, cancel := context.WithTimeout(ctx, oneWitness)
	defer cancel()
	_ = a.Start(brief) // why nothing is signed is known, or asked of the store
	_, claimed, _ := a.Seen()
	return claimed, nil
}

// tellSuccession says what is, and what would be.
func (p *program) tellSuccession(s *broker.Succession) {
	say := func(format string, args ...any) { _, _ = fmt.Fprintf(p.stdout, format+"\n", args...) }
	say("the database has %d entries of the log %s", s.Head.Size, s.PreviousOrigin)
	switch o := s.Outside; {
	case o.Last.Size == 0:
		say("no checkpoint of it was kept")
	case o.Held:
		say("the last one known outside is of %d entries, under the name %s, and is held", o.Last.Size, o.Last.Origin)
	default:
		say("the last one known outside is of %d entries, under the name %s, and is not held", o.Last.Size, o.Last.Origin)
	}
	if c := s.Outside.Claimed; c == math.MaxInt64 {
		say("witnesses have cosigned another history")
	} else if c > 0 {
		say("witnesses have cosigned %d entries", c)
	}
	if s.Outside.Forked {
		say("some of what was kept is of another history")
	}
	say("lost: %d entries", s.Gap())
	say("the successor: %s, from entry %d on", s.Origin, s.Head.Size)
}

// succeed does it. What comes after the commit is made good by whoever comes next,
// if it fails here.
func (p *program) succeed(ctx context.Context, h *house, st *postgres.Standing, s *broker.Succession) error {
	var head ledger.Checkpoint
	err := h.store.Alone(ctx, func(ctx context.Context) (err error) {
		if s.Verifier, err = h.store.BeginSuccession(s.Origin); err != nil {
			return err
		}
		w, err := h.broker(p, nil, terms{}).Succession(*s)
		if err != nil {
			return err
		}
		head, err = h.store.Succeed(ctx, st, w)
		return err
	})
	if err != nil {
		return fmt.Errorf("succeed the log: %w", err)
	}
	if p.CheckpointFile != "" {
		if err := p.keepFirst(h, head); err != nil {
			return fmt.Errorf("the log was succeeded, but its first checkpoint is not in --checkpoint-file: %w", err)
		}
	}
	_, err = fmt.Fprintf(p.stdout, "succeeded: the log goes on as %s\nits key: %s\n", s.Origin, s.Verifier)
	return err
}

// keepFirst appends the successor's first checkpoint to the file.
func (p *program) keepFirst(h *house, head ledger.Checkpoint) error {
	_, eras, err := postgres.Signing(h.keys)
	if err != nil {
		return err
	}
	f, err := anchor.OpenFile(p.CheckpointFile, eras, true)
	if err != nil {
		return err
	}
	return f.Append(head)
}
