package necessity

import (
	"iter"
	"math/bits"

	cedar "github.com/cedar-policy/cedar-go"
	"github.com/cedar-policy/cedar-go/types"
	"github.com/cedar-policy/cedar-go/x/exp/ast"

	"bauta.dev/bauta/masking"
)

// frame is what a context holds beside the conditions.
type frame struct {
	kind   Kind
	ground Ground
	auto   bool // nobody but the engine decides
	alias  bool // a relayed alias would be given
}

// context gives policies the frame, and those conditions that they mention. One
// that they don't mention is left out: it costs time, and a policy that reads
// it all the same errs, which denies.
func (f frame) context(mentioned, holding Bits) types.Record {
	decide := types.String("person")
	if f.auto {
		decide = "auto"
	}
	m := make(types.RecordMap, 4+bits.OnesCount32(uint32(mentioned)))
	m["kind"] = types.NewEntityUID("Kind", types.String(f.kind))
	m["ground"] = types.NewEntityUID("Ground", types.String(f.ground))
	m["decide"] = types.NewEntityUID("Decide", decide)
	m["alias"] = types.Boolean(f.alias)
	for rest := mentioned; rest != 0; rest &= rest - 1 {
		c := Condition(bits.TrailingZeros32(uint32(rest)))
		m[types.String(c.String())] = types.Boolean(holding.Has(c))
	}
	return types.NewRecord(m)
}

// rules are in the order of the set.
type rules []*rule

// All makes a single rule a cedar.PolicyIterator.
func (r *rule) All() iter.Seq2[cedar.PolicyID, *cedar.Policy] {
	return func(yield func(cedar.PolicyID, *cedar.Policy) bool) { yield(cedar.PolicyID(r.id), r.policy) }
}

// request asks for one field.
func request(r Role, p Purpose, field int, context types.Record) cedar.Request {
	return cedar.Request{
		Principal: types.NewEntityUID("Role", types.String(r)),
		Action:    types.NewEntityUID("Action", types.String(p)),
		Resource:  types.NewEntityUID("Field", types.String(fieldTable[field])),
		Context:   context,
	}
}

// matches asks Cedar whether a rule, alone, applies.
func (r *rule) matches(q cedar.Request) (bool, error) {
	_, diag := cedar.Authorize(r, nil, q)
	if len(diag.Errors) > 0 {
		return false, &evaluationError{diag.Errors[0].Message}
	}
	return len(diag.Reasons) > 0, nil
}

type evaluationError struct{ message string }

func (e *evaluationError) Error() string { return "evaluation fails: " + e.message }

// situations yields every set of the mentioned conditions.
func situations(mentioned Bits) iter.Seq[Bits] {
	return func(yield func(Bits) bool) {
		for b := Bits(0); ; b = (b - mentioned) & mentioned { // counts up within the mask
			if !yield(b) || b == mentioned {
				return
			}
		}
	}
}

// explore exhausts one permit: where it holds, whether it ever errs, and whether
// what it would give there can be given.
func (r *rule) explore() []Problem {
	if n := bits.OnesCount32(uint32(r.reads)); n > maxConditions {
		return []Problem{r.problem("mentions %d conditions, more than %d: %s", n, maxConditions, r.reads)}
	}
	modes := []bool{false}
	if r.modes && r.auto {
		modes = []bool{false, true}
	}
	r.reach, r.holds = make([]fieldSet, places()), map[spot]truth{}
	for _, kind := range kindTable {
		for _, auto := range modes {
			f := frame{kind, r.ground, auto, r.relay}
			n := 0
			for b := range situations(r.reads) {
				if err := r.reachIn(f, n, f.context(r.reads, b)); err != nil {
					return []Problem{r.problem("%v", err)}
				}
				n++
			}
		}
	}
	return r.bound()
}

// reachIn notes for which fields the rule holds in one context, that of the n-th
// situation.
func (r *rule) reachIn(f frame, n int, context types.Record) error {
	for _, role := range roleTable {
		for _, purpose := range purposeTable {
			if !r.inScope(role, purpose) {
				continue
			}
			for field := range fieldTable {
				ok, err := r.matches(request(role, purpose, field, context))
				if err != nil {
					return err
				}
				if !ok {
					continue
				}
				at := spot{place(f.kind, role, purpose), field, f.auto}
				if r.holds[at] == nil {
					r.holds[at] = newTruth(r.reads)
				}
				r.holds[at].set(n)
				r.reach[at.place] |= 1 << field
			}
		}
	}
	return nil
}

// inScope is a quick no for what the policy's scope leaves out; when in doubt
// it says yes, and evaluation tells.
func (r *rule) inScope(role Role, purpose Purpose) bool {
	tree := policyAST(r.policy)
	if s, ok := tree.Principal.(ast.ScopeTypeEq); ok && string(s.Entity.ID) != string(role) {
		return false
	}
	if s, ok := tree.Action.(ast.ScopeTypeEq); ok {
		return string(s.Entity.ID) == string(purpose)
	}
	if s, ok := tree.Action.(ast.ScopeTypeInSet); ok {
		for _, uid := range s.Entities {
			if string(uid.ID) == string(purpose) {
				return true
			}
		}
		return false
	}
	return true
}

// bound refuses a permit that nothing can come of, or that gives what is not
// the subject's to give.
func (r *rule) bound() []Problem {
	var problems []Problem
	var fields fieldSet
	asked := map[Role]bool{}
	for p, set := range r.reach {
		fields |= set
		_, role, _ := at(p)
		asked[role] = asked[role] || set != 0
	}
	if fields == 0 {
		return []Problem{r.problem("can never hold")}
	}
	for f, field := range fieldTable {
		if !fields.has(f) {
			continue
		}
		if r.relay && field != masking.Phone && field != masking.Email {
			problems = append(problems, r.problem("a relay gives no %s, only a phone or an email", field))
		}
		if field == masking.Email && !r.relay && r.contact == ContactOwn {
			problems = append(problems, r.problem("an email comes only from a transaction's contacts: @contact must name one"))
		}
	}
	for _, role := range roleTable {
		if asked[role] && !gives(role.Subject(), r.contact) {
			problems = append(problems, r.problem("@contact %q is not the %s's, whose data this is", r.contact, role.Subject()))
		}
	}
	return problems
}

// gives says whether a contact of the transaction is this side's.
func gives(subject Role, contact string) bool {
	switch contact {
	case ContactDelivery, ContactInvoice:
		return subject == Buyer
	case ContactPickup, ContactReturn:
		return subject == Seller
	default:
		return true
	}
}
