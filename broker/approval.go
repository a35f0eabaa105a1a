package broker

import (
	"context"
	"sync"

	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/necessity"
	"bauta.dev/bauta/masking/fault"
)

// Approver is whose word puts a set into force: a privacy officer's at the
// desk, or the operator's own hand.
type Approver struct {
	Account, Role string
	Approves      bool // the account is old enough to approve anything
}

// PrivacyOfficer is the role that may approve a policy set.
const PrivacyOfficer = "privacy_officer"

// Operator is the operator's own hand.
func Operator() Approver { return Approver{Account: "operator", Role: "operator", Approves: true} }

func (a Approver) may() error {
	switch {
	case a.Account == "" || a.Role != PrivacyOfficer && a != Operator():
		return ErrNotApprover
	case !a.Approves:
		return accounts.ErrNotYet
	}
	return nil
}

// Refusals of an approval.
var (
	ErrNotApprover  = fault.New(fault.Denied, "not_an_approver", "only a privacy officer, or the operator's own hand, approves a policy set")
	ErrNotProposed  = fault.New(fault.Conflict, "not_proposed", "this set is not the one that is proposed")
	ErrOtherDiff    = fault.New(fault.Conflict, "other_diff", "this is not the comparison of what is proposed with what is in force; read the new one")
	ErrOtherRelease = fault.New(fault.Conflict, "other_release", "this set was proposed by a release with another floor; offer it to this one anew")
)

// WaitingPolicy is a set that waits for approval, and all that it would change.
type WaitingPolicy struct {
	Set        *PolicySet
	Comparison necessity.Comparison // with the set in force; its hash is what an approval names
}

// comparisons keep the last one: it takes a second of one core, and follows
// from the two versions alone.
type comparisons struct {
	mu   sync.Mutex
	last necessity.Comparison
}

// PolicyWaiting is the set that waits for approval, or ErrNotFound.
func (b *Broker) PolicyWaiting(ctx context.Context) (*WaitingPolicy, error) {
	p, err := b.policies(ctx)
	if err == nil && !p.open() {
		err = ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	b.compared.mu.Lock()
	defer b.compared.mu.Unlock()
	w := &WaitingPolicy{Set: p.proposal, Comparison: b.compared.last}
	if w.Comparison.From == p.inForce.Version && w.Comparison.To == p.proposal.Version {
		return w, nil
	}
	if _, w.Comparison, err = p.compared(); err == nil {
		b.compared.last = w.Comparison
	}
	return w, err
}

// compared is the proposed set, held against the one in force.
func (p policies) compared() (*necessity.Engine, necessity.Comparison, error) {
	e, err := restored(p.proposal)
	if undecided(err) {
		err = ErrOtherRelease.Because(err)
	}
	if err != nil {
		return nil, necessity.Comparison{}, err
	}
	c, err := p.compare(e)
	return e, c, err
}

// ApproveDiff puts the proposed set into force, whichever it is, for just the
// comparison that the approver has looked at.
func (b *Broker) ApproveDiff(ctx context.Context, by Approver, diff string, once *Outcome) (*PolicySet, bool, error) {
	if err := by.may(); err != nil {
		return nil, false, err
	}
	return replayable(ctx, b, once, func(ctx context.Context) (*PolicySet, error) {
		return again(ctx, func(ctx context.Context) (*PolicySet, error) {
			p, err := b.policies(ctx)
			if err != nil {
				return nil, err
			}
			p.once = once
			if err := b.approve(ctx, p, by, diff); err != nil {
				return nil, err
			}
			_ = b.Follow(ctx) // or it does so at the next decision, as the others do
			return b.Store.PolicyByVersion(ctx, p.proposal.Version)
		})
	}, func(ctx context.Context, o *Outcome) (*PolicySet, error) { return b.Store.PolicyByVersion(ctx, o.ID) })
}

// ApprovePolicy puts the proposed set into force, for just that comparison with
// the set in force that diff names. If that has changed meanwhile, it is refused.
func (b *Broker) ApprovePolicy(ctx context.Context, by Approver, version, diff string) error {
	if err := by.may(); err != nil {
		return err
	}
	_, err := again(ctx, func(ctx context.Context) (struct{}, error) {
		p, err := b.policies(ctx)
		if err == nil && p.proposal.Version != version {
			err = ErrNotProposed
		}
		if err == nil {
			err = b.approve(ctx, p, by, diff)
		}
		return struct{}{}, err
	})
	return err
}

func (b *Broker) approve(ctx context.Context, p policies, by Approver, diff string) error {
	switch {
	case p.proposal.State != Proposed || p.inForce.Version == p.proposal.Version:
		return ErrNotProposed
	case !p.fresh() || p.proposal.Diff != diff:
		return ErrOtherDiff
	}
	e, c, err := p.compared()
	if err != nil {
		return err
	}
	if c.Hash != diff {
		return ErrOtherDiff
	}
	return b.changePolicy(ctx, p, &PolicySet{State: InForce}, e, c, by.Account)
}
