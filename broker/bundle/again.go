package bundle

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking"
)

// Verdict is what came of deciding something again, by the policies that decided it
// and on the conditions that the entry says.
type Verdict string

// Verdicts.
const (
	Follows  Verdict = "follows"
	ByPerson Verdict = "a person decided within what the policies leave to one"
	Untold   Verdict = "not all that it rests on is this recipient's to know"
	Differs  Verdict = "differs"
)

// ErrDiffers is for who takes a verdict for an error.
var ErrDiffers = errors.New("a decision does not follow from the policies that decided it")

// decidedBy holds the policies of a bundle to the decisions in it: each set that
// decided is there, and no other. They are in the order of their versions.
func (s *story) decidedBy(policies []Policy) error {
	var want, have []string
	for i := range s.entries {
		if e := &s.entries[i]; decides(e.Type) {
			want = append(want, e.says.String("policy"))
		}
	}
	for _, p := range policies {
		have = append(have, p.Version)
	}
	slices.Sort(want)
	if want = slices.Compact(want); !slices.Equal(want, have) {
		return ErrPolicies
	}
	return nil
}

func decides(t ledger.Type) bool { return t == ledger.DisclosureDecided || t == ledger.DecisionMade }

// again decides everything again, and lists the entries in the order of the file.
func (s *story) again(policies []Policy, all ledger.Proven) (Proven, error) {
	engines := map[string]*necessity.Engine{}
	for _, p := range policies {
		e, err := necessity.Recall(p.Text, p.Floor)
		if err != nil {
			return Proven{}, fmt.Errorf("%w: %w", ErrPolicies, err)
		}
		if e.Version() != p.Version { // of no permits at all the floor is not kept
			return Proven{}, ErrPolicies
		}
		engines[p.Version] = e
	}
	out := Proven{Anchored: all.Anchored, Case: s.id, Recipient: s.to}
	for _, e := range all.Entries {
		x := Entry{ProvenEntry: e}
		if decides(e.Type) {
			is := merged(e.Says)
			c := s.claim(&x, is)
			x.Verdict, x.Beyond = c.verdict(engines[is.String("policy")]), c.beyond()
		}
		out.Entries = append(out.Entries, x)
	}
	return out, nil
}

// claim is what an entry says was decided.
type claim struct {
	kind     necessity.Kind
	role     necessity.Role
	purpose  necessity.Purpose
	person   bool
	decision string
	ground   necessity.Ground
	fields   []field
	expires  string
	views    int
	bits     necessity.Bits
	whole    bool // all conditions are said, and why else it came so
	excluded bool
	past     bool // past a budget
}

// field is what was decided of one.
type field struct {
	name    masking.Field
	outcome necessity.Outcome
	reason  necessity.Reason
	rule    string
}

func (s *story) claim(e *Entry, is ledger.Object) claim {
	c := claim{
		kind: necessity.Kind(s.kind), role: necessity.Buyer, purpose: necessity.Purpose(is.String("purpose")), person: e.Type == ledger.DecisionMade,
		decision: is.String("decision"), ground: necessity.Ground(is.String("ground")), expires: is.String("expires"), views: int(is.Int("views")),
		whole: slices.Contains(e.Said, ledger.Staff),
	}
	if is.String("requester") == s.seller {
		c.role = necessity.Seller
	}
	for _, o := range is.Objects("fields") {
		c.fields = append(c.fields, field{masking.Field(o.String("field")), necessity.Outcome(o.String("outcome")), necessity.Reason(o.String("reason")), o.String("rule")})
	}
	for _, name := range []string{"facts", "situation"} {
		v, _ := is.Lookup(name)
		held, _ := v.(ledger.Object)
		for _, condition := range necessity.Conditions() {
			if held.Bool(condition.String()) {
				c.bits |= condition.Bit()
			}
		}
	}
	reasons, _ := is.Lookup("reasons")
	codes, _ := reasons.([]string)
	for _, code := range codes {
		c.excluded = c.excluded || code == "requester_excluded"
		c.past = c.past || strings.HasPrefix(code, "past_budget:")
	}
	return c
}

// beyond are fields of which the entry says what no policy decides.
func (c *claim) beyond() []string {
	var all []string
	for _, f := range c.fields {
		if f.outcome == necessity.Withheld && beyondPolicies(f.reason) {
			all = append(all, string(f.name)+" ("+string(f.reason)+")")
		}
	}
	return all
}

func beyondPolicies(r necessity.Reason) bool {
	return r == necessity.NotHeld || r == necessity.TransactionClosed || r == necessity.AlreadyPublic
}

// world is what may have been beside what the entry says to the recipient.
type world struct {
	bits           necessity.Bits
	excluded, past bool
}

func (c *claim) verdict(by *necessity.Engine) Verdict {
	ok := Follows
	if c.person {
		ok = ByPerson
	}
	if c.holds(by, world{c.bits, c.excluded, c.past}) {
		return ok
	}
	if c.whole {
		return Differs
	}
	if slices.ContainsFunc(c.worlds(), func(w world) bool { return c.holds(by, w) }) {
		return Untold
	}
	return Differs
}

// worlds are all that a side may not have been told of. What both are told is none of
// it: an entry without facts is one of nothing that held.
func (c *claim) worlds() []world {
	hidden := []necessity.Condition{necessity.SubjectMinor, necessity.SubjectAtRisk, necessity.SubjectRestricted, necessity.Consent}
	var all []world
	for n := range 1 << len(hidden) {
		bits := c.bits
		for i, condition := range hidden {
			if n>>i&1 == 1 {
				bits |= condition.Bit()
			}
		}
		all = append(all, world{bits, false, false}, world{bits, false, true})
	}
	return append(all, world{c.bits, true, false})
}
