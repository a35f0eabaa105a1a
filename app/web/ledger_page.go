package web

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/masking/fault"
)

// showLedger answers GET /desk/ledger: the head, who signed it, and an entry that is asked for.
func (s *Server) showLedger(c *call) (sight, error) {
	if err := c.admitPerson(caseReaders()); err != nil {
		return sight{}, err
	}
	if s.Ledger == nil {
		return sight{}, broker.ErrNotFound
	}
	p := pages.LedgerDesk{Shell: pages.Shell{Title: "The ledger"}, Places: c.places(ledgerDesk), Witnesses: s.Outside().Witnesses}
	var err error
	if p.Head, err = s.ledgerHead(c, s.Checkpoint); err != nil {
		return sight{}, err
	}
	if p.Witnessed, err = s.ledgerHead(c, s.Witnessed); err != nil {
		return sight{}, err
	}
	err = s.lookUp(c, &p)
	p.Inputs = []pages.NumberInput{c.numberInput("entry", "Entry", err)}
	p.Between = []pages.NumberInput{c.numberInput("from", "The log of so many entries", err), c.numberInput("to", "is the beginning of that of", err)}
	if err != nil && faultOf(err).Kind == fault.Invalid {
		p.Title = "Error: " + p.Title
		return c.refused(err, p)
	}
	if err != nil {
		return sight{}, err
	}
	return seen(p)
}

// lookUp finds what is asked for: an entry, or whether one tree is the beginning of another.
func (s *Server) lookUp(c *call, p *pages.LedgerDesk) error {
	_, entry := c.params["entry"]
	_, from := c.params["from"]
	_, to := c.params["to"]
	var wrong mistakes
	switch {
	case entry:
		index := number(c.params, "entry", &wrong)
		if err := wrong.err(); err != nil {
			return placed(err, inQuery)
		}
		var err error
		p.Entry, err = s.ledgerEntry(c, index)
		return err
	case from || to:
		x, y, err := twoNumbers(c.params, "from", "to")
		if err != nil {
			return err
		}
		hashes, err := s.Ledger.Consistency(c.ctx, x, y)
		switch {
		case errors.Is(err, ledger.ErrBeyondHead):
			return atParameter("/to", "size_beyond_head", "the log is not as large as that")
		case errors.Is(err, ledger.ErrProofSize):
			return atParameter("/from", "size_zero", "a tree without entries proves nothing")
		case errors.Is(err, ledger.ErrProofRange):
			return atParameter("/from", "from_beyond_to", "the older tree is not larger than the newer one")
		}
		p.Consistency = &pages.LedgerSpan{From: x, To: y, Hashes: len(hashes)}
		return err
	}
	return nil
}

// numberInput is a field of a form, with what was asked for, or with what is wrong with that.
func (c *call) numberInput(name, label string, err error) pages.NumberInput {
	in := pages.NumberInput{Name: name, Label: label, Value: c.params[name]}
	if err == nil {
		return in
	}
	for _, f := range faultOf(err).Fields {
		if f.Pointer == "/"+name {
			in.Value, in.Wrong = "", sentence(f.Detail)
		}
	}
	return in
}

// ledgerHead reads a head that was signed; none where there is none yet.
func (s *Server) ledgerHead(c *call, read noteReader) (*pages.LedgerHead, error) {
	signed, err := read(c.ctx)
	if errors.Is(err, broker.ErrNotFound) || err == nil && len(signed) == 0 {
		return nil, nil //nolint:nilnil // a log that nobody has written to has no head, and that is no mistake
	}
	if err != nil {
		return nil, err
	}
	head, err := ledger.ReadCheckpoint(signed)
	if err != nil {
		return nil, err
	}
	lines, err := ledger.SignatureLines(signed)
	if err != nil {
		return nil, err
	}
	h := &pages.LedgerHead{Origin: head.Origin, Root: hex.EncodeToString(head.Root[:]), Size: head.Size}
	for _, l := range lines {
		by := pages.SignedBy{Name: l.Name, Key: fmt.Sprintf("%08x", l.Key), Kind: l.Kind, Own: l.Name == head.Origin}
		if !l.At.IsZero() && !by.Own {
			by.At = &l.At
		}
		h.Signatures = append(h.Signatures, by)
	}
	if head.Size > 0 {
		_, e, err := s.entryAt(c, head.Size-1)
		if err != nil {
			return nil, err
		}
		until := hourOf(&e)
		h.Until = &until
	}
	return h, nil
}

func hourOf(e *ledger.Entry) time.Time { return time.Unix(int64(e.Hour)*3600, 0).UTC() }

// entryAt reads the bytes of an entry.
func (s *Server) entryAt(c *call, index int64) ([]byte, ledger.Entry, error) {
	rows, err := s.Ledger.Entries(c.ctx, index, index+1)
	if err != nil {
		return nil, ledger.Entry{}, err
	}
	if len(rows) != 1 {
		return nil, ledger.Entry{}, atParameter("/entry", "index_beyond_size", "the log has no such entry; they count from 0")
	}
	e, err := ledger.ParseEntry(rows[0])
	return rows[0], e, err
}

// ledgerEntry is an entry with its path to the newest head, and what it says to whoever looks.
// That it holds is worked out here, from the bytes of the entry up to the root that was signed.
func (s *Server) ledgerEntry(c *call, index int64) (*pages.LedgerEntry, error) {
	raw, e, err := s.entryAt(c, index)
	if err != nil {
		return nil, err
	}
	proof, err := s.Ledger.Proof(c.ctx, index, 0)
	if err != nil {
		return nil, err
	}
	head, err := ledger.ReadCheckpoint(proof.Checkpoint)
	if err != nil {
		return nil, err
	}
	leaf := tlog.RecordHash(raw)
	p := &pages.LedgerEntry{
		Index: index, Size: head.Size, Type: headWords(e.Type.String()), Hour: hourOf(&e), Leaf: hex.EncodeToString(leaf[:]), Root: hex.EncodeToString(head.Root[:]),
		Holds: ledger.CheckInclusion(proof.Hashes, index, leaf, head.Size, head.Root) == nil,
	}
	if steps, err := ledger.InclusionPath(proof.Hashes, index, leaf, head.Size); err == nil {
		for _, step := range steps {
			p.Steps = append(p.Steps, pages.LedgerStep{Sibling: hex.EncodeToString(step.Sibling[:]), Gives: hex.EncodeToString(step.Gives[:]), Left: step.Left})
		}
	}
	if !p.Holds {
		return p, nil // what it says now is nothing that anybody signed
	}
	return p, s.whatItSays(c, p, e.Type)
}

// whatItSays shows the part of an entry that whoever looks may see: the auditors theirs, and
// everybody else that of the staff, a handler only of what he reads elsewhere as well.
func (s *Server) whatItSays(c *call, p *pages.LedgerEntry, kind ledger.Type) error {
	audience := ledger.Staff
	p.Audience = "the operator’s people"
	if c.person.Role == accounts.Auditor {
		audience, p.Audience = ledger.Auditor, "auditors"
	}
	at, seen, err := s.Broker.EntryAt(c.ctx, c.staff(), p.Index, kind, audience)
	switch {
	case errors.Is(err, broker.ErrRole):
		p.Withheld = true
		return nil
	case errors.Is(err, broker.ErrNotFound):
		p.Gone = true
		return nil
	case err != nil:
		return fmt.Errorf("read what a %s says: %w", kind, err)
	}
	p.At, p.NoPart = &at, len(seen) == 0
	for _, m := range seen {
		p.Members = append(p.Members, pages.LedgerMember{Name: headWords(m.Name), Lines: memberLines(m.Value)})
	}
	return nil
}

// memberLines writes a value of a statement as lines.
func memberLines(value any) []string {
	switch v := value.(type) {
	case string:
		return []string{v}
	case bool:
		return []string{map[bool]string{true: "yes", false: "no"}[v]}
	case int, int64:
		return []string{fmt.Sprint(v)}
	case time.Time:
		return []string{v.UTC().Format("2 January 2006, 15:04:05 UTC")}
	case []string:
		return v
	case ledger.Object:
		var lines []string
		for _, m := range v {
			for _, line := range memberLines(m.Value) {
				lines = append(lines, plainly(m.Name)+": "+line)
			}
		}
		return lines
	case []ledger.Object:
		var lines []string
		for n, o := range v {
			for _, line := range memberLines(o) {
				lines = append(lines, strconv.Itoa(n+1)+". "+line)
			}
		}
		return lines
	default:
		return nil
	}
}
