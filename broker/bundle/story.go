package bundle

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker/ledger"
)

// told is an entry of a bundle.
type told struct {
	ledger.ProvenEntry

	says ledger.Object // to any audience of the recipient
}

// story is what the entries of a bundle say, in the order in which it happened.
type story struct {
	id, transaction string
	to              Recipient
	buyer, seller   string
	kind            string
	entries         []told
	askers          map[string]sides // by disclosure
}

// sides are the two of a disclosure.
type sides struct{ requester, subject string }

// chained are the types of entries about a case that both sides have a part in, each
// of which names the one before it.
func chained(t ledger.Type) bool { return t.Says("dispute") && t.Says("before") }

// ofCase are they and what one person has proposed, which is for the staff alone.
func ofCase(t ledger.Type) bool { return t.Says("dispute") && t != ledger.CaseRevealed }

// belongs are the types that a bundle may hold.
func belongs(t ledger.Type) bool {
	switch t {
	case ledger.TransactionWritten, ledger.PerformanceRecorded, ledger.PerformanceReversed, ledger.TransactionCompleted, ledger.TransactionCancelled,
		ledger.HistoryImported, ledger.DisclosureDecided, ledger.DisclosureViewed, ledger.GrantRevoked, ledger.DisclosureObjected, ledger.RequestMoved,
		ledger.DecisionProposed, ledger.DecisionMade, ledger.StaffViewed, ledger.DecisionAppealed, ledger.CaseRevealed, ledger.CaseProposed,
		ledger.GlassBroken, ledger.GlassViewed, ledger.GlassEnded, ledger.GlassReviewed:
		return true
	default:
		return chained(t)
	}
}

// tell makes a story of entries that are proven, each of which has to belong to it
// and to say to the recipient what is his to know, and nothing else.
func tell(id string, to Recipient, entries []ledger.ProvenEntry) (*story, error) {
	if !slices.Contains(Recipients(), to) {
		return nil, ErrRecipient
	}
	s := &story{id: id, to: to, askers: map[string]sides{}}
	for i, e := range entries {
		if i > 0 && cmp.Or(cmp.Compare(entries[i-1].Origin, e.Origin), cmp.Compare(entries[i-1].Index, e.Index)) >= 0 {
			return nil, ledger.ErrItemOrder
		}
		s.entries = append(s.entries, told{ProvenEntry: e, says: merged(e.Says)})
	}
	slices.SortStableFunc(s.entries, func(a, b told) int {
		return cmp.Or(a.Says[0].At.Compare(b.Says[0].At), cmp.Compare(a.Origin, b.Origin), cmp.Compare(a.Index, b.Index))
	})
	for i := range s.entries {
		s.learn(&s.entries[i])
	}
	for i := range s.entries {
		if err := s.belongs(&s.entries[i]); err != nil {
			return nil, err
		}
	}
	if s.buyer == "" || s.seller == "" {
		return nil, ErrForeign
	}
	return s, s.steps()
}

// merged is what is said to any of several audiences.
func merged(says []ledger.Statement) ledger.Object {
	var all ledger.Object
	for _, st := range says {
		for _, m := range st.Members {
			if _, known := all.Lookup(m.Name); !known {
				all = append(all, m)
			}
		}
	}
	return all
}

// learn takes from an entry who is who.
func (s *story) learn(e *told) {
	switch e.Type {
	case ledger.TransactionWritten, ledger.HistoryImported:
		if s.transaction == "" {
			s.transaction, s.buyer, s.seller, s.kind = e.says.String("transaction"), e.says.String("buyer"), e.says.String("seller"), e.says.String("kind")
		}
	case ledger.DisclosureDecided, ledger.DecisionMade:
		s.askers[e.says.String("disclosure")] = sides{e.says.String("requester"), e.says.String("subject")}
	default:
	}
}

func (s *story) belongs(e *told) error {
	if !belongs(e.Type) || e.says.String("transaction") != s.transaction || ofCase(e.Type) && e.says.String("dispute") != s.id {
		return ErrForeign
	}
	switch e.Type {
	case ledger.TransactionWritten, ledger.HistoryImported:
		if e.says.String("buyer") != s.buyer || e.says.String("seller") != s.seller || e.says.String("kind") != s.kind {
			return ErrForeign
		}
	case ledger.CaseRevealed:
		if e.says.String("dispute") != s.id {
			return ErrForeign
		}
	case ledger.DisclosureViewed, ledger.GrantRevoked, ledger.DisclosureObjected, ledger.RequestMoved, ledger.DecisionProposed, ledger.StaffViewed, ledger.DecisionAppealed:
		if _, known := s.askers[e.says.String("disclosure")]; !known {
			return ErrForeign
		}
	default:
	}
	if len(e.Opened) > 0 && (!ofCase(e.Type) || len(e.Opened) > 1 || !utf8.Valid(e.Opened[0].Value)) {
		return ErrOpened
	}
	return s.audiences(e)
}

// audiences: both sides' part is there where the entry has one, and the staff's where
// the recipient is to have it; besides, one side's own part, and a court's of both.
func (s *story) audiences(e *told) error {
	for _, a := range e.Type.Audiences() {
		said := slices.Contains(e.Said, a)
		if may, must := s.may(e, a); said && !may || must && !said {
			return ErrAudience
		}
	}
	return nil
}

// may says whether an audience's part is the recipient's, and whether it has to be
// there: a side's key may be gone, that of both sides and the staff's is not.
func (s *story) may(e *told, a ledger.Audience) (may, must bool) {
	switch a {
	case ledger.Parties:
		return true, true
	case ledger.Staff:
		is := s.to == Staff || s.to == Court
		return is, is
	case ledger.Requester:
		return s.to == Court || s.own() != "" && s.own() == s.sides(e).requester, false
	case ledger.Subject:
		return s.to == Court || s.own() != "" && s.own() == s.sides(e).subject, false
	default:
		return false, false
	}
}

// own is the recipient's side; empty for staff and courts.
func (s *story) own() string {
	switch s.to {
	case Buyer:
		return s.buyer
	case Seller:
		return s.seller
	default:
		return ""
	}
}

// sides are those of the disclosure that an entry is about; a reveal by staff in a
// case, or in an emergency, names its subject to nobody else.
func (s *story) sides(e *told) sides {
	if e.Type == ledger.CaseRevealed || e.Type == ledger.GlassViewed {
		return sides{subject: e.says.String("subject")}
	}
	return s.askers[e.says.String("disclosure")]
}

// chain follows the entries about the case back from the one that seals it: all are
// met, each once, and the first one opened it.
func (s *story) chain(seal *ledger.ProvenEntry) error {
	links := map[string]*told{}
	for i := range s.entries {
		if e := &s.entries[i]; chained(e.Type) {
			links[encoded(e.Leaf)] = e
		}
	}
	said, _ := seal.Of(ledger.Parties)
	before := said.Members.String("before")
	for len(links) > 0 {
		e, found := links[before]
		if !found || (e.Type == ledger.CaseOpened) != (len(links) == 1) {
			return ErrChain
		}
		delete(links, before)
		before = e.says.String("before")
	}
	if before != "" {
		return ErrChain
	}
	return s.last(seal)
}

// last: whoever sees how the entries about the case are numbered sees that the seal is
// the next one.
func (s *story) last(seal *ledger.ProvenEntry) error {
	if said, ok := seal.Of(ledger.Staff); ok && said.Members.Int("step") != int64(len(s.numbered()))+1 {
		return ErrChain
	}
	return nil
}

// steps: the numbers of the entries about the case, where the recipient sees them,
// leave none out. So not even what one side alone has a part in is left out to a court.
func (s *story) steps() error {
	if s.to != Staff && s.to != Court {
		return nil
	}
	for i, n := range s.numbered() {
		if n != int64(i)+1 {
			return ErrChain
		}
	}
	return nil
}

func (s *story) numbered() []int64 {
	var all []int64
	for i := range s.entries {
		if e := &s.entries[i]; chained(e.Type) || e.Type == ledger.CaseRevealed || e.Type == ledger.CaseProposed {
			all = append(all, e.says.Int("step"))
		}
	}
	slices.Sort(all)
	return all
}

func encoded(h tlog.Hash) string { return base64.StdEncoding.EncodeToString(h[:]) }

func sumOf(m manifest) []byte {
	h := sha256.Sum256(m.marshal())
	return h[:]
}
