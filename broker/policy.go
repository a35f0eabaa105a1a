package broker

import (
	"context"
	"errors"
	"fmt"

	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// PolicyState is where a policy set stands.
type PolicyState string

// A set that reveals nothing new comes into force by itself; any other is
// proposed, until it is approved or withdrawn.
const (
	Proposed  PolicyState = "proposed"
	InForce   PolicyState = "in_force"
	Withdrawn PolicyState = "withdrawn"
)

// PolicySet is a set as the store keeps it: each change of state is one.
type PolicySet struct {
	Number  int64 // the index of its entry; 0: there is none
	Version string
	State   PolicyState
	Permits string // canonical text; empty where a release before wrote the row
	Floor   string // that it was kept with
	Diff    string // names the comparison with the set in force, where there was one
	// Of its entry, for people.
	Change PolicyChange
}

// PolicyChange is what an entry says of a change beside the set.
type PolicyChange struct {
	Statement  ledger.Statement
	ApprovedBy string
	Reveals    int64
}

// PolicyStore keeps policy sets. A row that its entry does not bear out is an
// internal error.
type PolicyStore interface {
	// PolicyNumbers are the numbers of the set in force and of the newest
	// proposal; 0 where there is none.
	PolicyNumbers(ctx context.Context) (inForce, proposal int64, err error)
	// PolicyInForce is the set in force, or ErrNotFound before the first.
	PolicyInForce(ctx context.Context) (*PolicySet, error)
	// PolicyProposal is the newest proposal, open or not, or ErrNotFound.
	PolicyProposal(ctx context.Context) (*PolicySet, error)
	// PolicyByVersion finds the newest change of a set, or ErrNotFound.
	PolicyByVersion(ctx context.Context, version string) (*PolicySet, error)
	// PolicyHistory lists every change, oldest first, without texts.
	PolicyHistory(ctx context.Context) ([]PolicySet, error)
}

// policies are the set in force and the newest proposal.
type policies struct {
	inForce, proposal *PolicySet
	once              *Outcome // of the request that is about to change them
}

func (b *Broker) policies(ctx context.Context) (p policies, err error) {
	if p.inForce, err = b.Store.PolicyInForce(ctx); err != nil {
		return p, err
	}
	p.proposal, err = b.Store.PolicyProposal(ctx)
	if errors.Is(err, ErrNotFound) {
		p.proposal, err = &PolicySet{}, nil
	}
	return p, err
}

// fresh says that the newest proposal was made against the set in force.
func (p policies) fresh() bool { return p.proposal.Number > p.inForce.Number }

func (p policies) open() bool { return p.fresh() && p.proposal.State == Proposed }

// OpenProposal is the set that waits for approval, or ErrNotFound.
func (b *Broker) OpenProposal(ctx context.Context) (*PolicySet, error) {
	p, err := b.policies(ctx)
	if err == nil && !p.open() {
		err = ErrNotFound
	}
	return p.proposal, err
}

// Offer hands in a set: one that reveals nothing new comes into force, any
// other is proposed. It says where the set then stands. One that is there
// already, or was withdrawn since the last change, leaves everything as it is.
func (b *Broker) Offer(ctx context.Context, e *necessity.Engine) (PolicyState, error) {
	return again(ctx, func(ctx context.Context) (PolicyState, error) { return b.offer(ctx, e, false) })
}

// Propose is Offer for somebody who means it, withdrawn before or not.
func (b *Broker) Propose(ctx context.Context, e *necessity.Engine) (PolicyState, error) {
	return again(ctx, func(ctx context.Context) (PolicyState, error) { return b.offer(ctx, e, true) })
}

func (b *Broker) offer(ctx context.Context, e *necessity.Engine, anew bool) (PolicyState, error) {
	p, err := b.policies(ctx)
	if err != nil {
		return "", err
	}
	if p.inForce.Version == e.Version() {
		return InForce, nil
	}
	if p.fresh() && p.proposal.Version == e.Version() && (!anew || p.open()) {
		return p.proposal.State, nil
	}
	c, err := p.compare(e)
	if err != nil {
		return "", err
	}
	set := &PolicySet{State: InForce}
	if c.Reveals > 0 {
		set.State = Proposed
	}
	return set.State, b.changePolicy(ctx, p, set, e, c, "")
}

// ComparePolicy holds a set against the one in force.
func (b *Broker) ComparePolicy(ctx context.Context, e *necessity.Engine) (necessity.Comparison, error) {
	p, err := b.policies(ctx)
	if err != nil {
		return necessity.Comparison{}, err
	}
	return p.compare(e)
}

func (p policies) compare(e *necessity.Engine) (necessity.Comparison, error) {
	before, err := necessity.Recall(p.inForce.Permits, p.inForce.Floor)
	if err != nil {
		return necessity.Comparison{}, fmt.Errorf("compare with the set in force: %w", err)
	}
	return before.Compare(e), nil
}

// WithdrawPolicy ends a proposal.
func (b *Broker) WithdrawPolicy(ctx context.Context, by Approver, version string) error {
	if err := by.may(); err != nil {
		return err
	}
	_, err := again(ctx, func(ctx context.Context) (struct{}, error) {
		p, err := b.policies(ctx)
		if err != nil {
			return struct{}{}, err
		}
		if !p.open() || p.proposal.Version != version {
			return struct{}{}, ErrNotProposed
		}
		set := *p.proposal
		set.State = Withdrawn
		return struct{}{}, b.writePolicy(ctx, p, &set, ledger.Object{{Name: "approved_by", Value: by.Account}})
	})
	return err
}

func (b *Broker) changePolicy(ctx context.Context, p policies, set *PolicySet, e *necessity.Engine, c necessity.Comparison, by string) error {
	set.Version, set.Permits, set.Floor, set.Diff = e.Version(), e.Text(), e.Floor(), c.Hash
	return b.writePolicy(ctx, p, set, ledger.Object{
		{Name: "reveals_more", Value: c.Reveals}, {Name: "approved_by", Value: by},
	})
}

// writePolicy fails as stale when another set has come into force, or another
// proposal has been made, since p was read.
func (b *Broker) writePolicy(ctx context.Context, p policies, set *PolicySet, more ledger.Object) error {
	w := &Write{Policy: set, Once: p.once.led("policy", set.Version, b.now())}
	previous := ""
	if p.inForce != nil {
		w.ExpectPolicy, w.ExpectProposal, previous = p.inForce.Number, &p.proposal.Number, p.inForce.Version
	}
	return b.deploymentEntry(ctx, ledger.PolicyChanged, w, append(ledger.Object{
		{Name: "policy", Value: set.Version},
		{Name: "previous", Value: previous},
		{Name: "state", Value: string(set.State)},
		{Name: "diff", Value: set.Diff},
	}, more...))
}

// restored is the engine of a kept set, over this binary's floor.
func restored(s *PolicySet) (*necessity.Engine, error) {
	if s.Permits == "" {
		return nil, errNoText
	}
	e, err := necessity.Restore(s.Permits)
	if err != nil {
		return nil, fmt.Errorf("restore policies: %w", err)
	}
	if e.Version() != s.Version {
		return nil, errOtherFloor
	}
	return e, nil
}

var (
	errNoText     = errors.New("the policy set in force was written by a release before, which kept no text of it: approve one with bauta policy approve")
	errOtherFloor = errors.New("the policy set was made over another floor than this release has")
)
