package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/necessity"
)

type policyApproveCommand struct {
	Set  string `arg:"" name:"path|version" help:"A folder, or the version of the set that is proposed."`
	Diff string `placeholder:"HASH" help:"Only if the comparison with the set in force is still this one, as bauta policy diff and list print it."`
}

// Help of policy approve.
func (*policyApproveCommand) Help() string {
	return `The operator's own hand: the set comes into force, with an entry that names the comparison which is printed. A folder is proposed first,
unless it is the very set that is proposed already. Running brokers follow within a second. If another set comes into force meanwhile, nothing is approved.

    bauta policy diff default ./policies        # what it would newly reveal
    bauta policy approve ./policies
    bauta policy approve sha256:1f0c… --diff sha256:77ab…`
}

// Run approves a set.
func (c *policyApproveCommand) Run(ctx context.Context, p *program) error {
	given, err := c.given()
	if err != nil {
		return err
	}
	return p.visit(ctx, working, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		e := given
		if e == nil {
			if e, err = proposedAs(ctx, b, c.Set); err != nil {
				return err
			}
		}
		return c.approve(ctx, p, b, e)
	})
}

// given is the set of a folder; nil where a version is named.
func (c *policyApproveCommand) given() (*necessity.Engine, error) {
	if isVersion(c.Set) {
		return nil, nil //nolint:nilnil // a version is no folder
	}
	return namedPolicies(c.Set)
}

func isVersion(s string) bool { return strings.HasPrefix(s, "sha256:") }

var errNotProposed = errors.New("no set of this version is proposed; bauta policy list shows what is")

// proposal is the set that is proposed, if its version begins like that.
func proposal(ctx context.Context, b *broker.Broker, version string) (*broker.PolicySet, error) {
	open, err := b.OpenProposal(ctx)
	if errors.Is(err, broker.ErrNotFound) || err == nil && !strings.HasPrefix(open.Version, version) {
		return nil, errNotProposed
	}
	return open, err
}

func proposedAs(ctx context.Context, b *broker.Broker, version string) (*necessity.Engine, error) {
	open, err := proposal(ctx, b, version)
	if err != nil {
		return nil, err
	}
	e, err := necessity.Restore(open.Permits)
	if err == nil && e.Version() != open.Version {
		err = errors.New("this set was proposed by a release with another floor; approve its folder with this one")
	}
	return e, err
}

func (c *policyApproveCommand) approve(ctx context.Context, p *program, b *broker.Broker, e *necessity.Engine) error {
	compared, err := b.ComparePolicy(ctx, e)
	if err != nil {
		return err
	}
	if err := printComparison(p.stdout, compared); err != nil {
		return err
	}
	if c.Diff != "" && c.Diff != compared.Hash {
		return errors.New("this is not the comparison that --diff names; nothing has changed")
	}
	state, err := b.Propose(ctx, e)
	if err == nil && state == broker.Proposed {
		err = b.ApprovePolicy(ctx, broker.Operator(), e.Version(), compared.Hash)
	}
	if err != nil {
		return fmt.Errorf("approve policies: %w", err)
	}
	_, err = fmt.Fprintf(p.stdout, "in force %s\n", e.Version())
	return err
}

// printComparison ends with how many changes there are, and how many of them
// may reveal more.
func printComparison(to io.Writer, c necessity.Comparison) error {
	w := bufio.NewWriter(to)
	for _, x := range c.Changes {
		_, _ = fmt.Fprintln(w, x)
	}
	if len(c.Changes) == 0 {
		_, _ = fmt.Fprintln(w, "no disclosure changes")
	} else {
		_, _ = fmt.Fprintf(w, "diff %s\n%d changes, %d of them may reveal more\n", c.Hash, len(c.Changes), c.Reveals)
	}
	return w.Flush()
}

type policyWithdrawCommand struct {
	Version string `arg:"" help:"Of the set that is proposed."`
}

// Run ends a proposal.
func (c *policyWithdrawCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, working, func(h *house) error {
		b, err := h.operator(ctx, p)
		if err != nil {
			return err
		}
		open, err := proposal(ctx, b, c.Version)
		if err != nil {
			return err
		}
		if err := b.WithdrawPolicy(ctx, broker.Operator(), open.Version); err != nil {
			return fmt.Errorf("withdraw policies: %w", err)
		}
		_, err = fmt.Fprintf(p.stdout, "withdrawn %s\n", open.Version)
		return err
	})
}

type policyListCommand struct{}

// Help of policy list.
func (*policyListCommand) Help() string {
	return `Every change, oldest first: the entry that made it, and the comparison that was approved. The set in force is the newest with state in_force;
a newer one with state proposed waits for bauta policy approve.`
}

// Run lists the changes.
func (*policyListCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		sets, err := h.store.PolicyHistory(ctx)
		if err != nil {
			return fmt.Errorf("list policies: %w", err)
		}
		t := tabwriter.NewWriter(p.stdout, 0, 8, 2, ' ', 0)
		_, _ = fmt.Fprintln(t, "ENTRY\tAT\tSTATE\tREVEALS MORE\tAPPROVED BY\tVERSION\tDIFF")
		for i := range sets {
			s := &sets[i]
			_, _ = fmt.Fprintf(t, "%d\t%s\t%s\t%d\t%s\t%s\t%s\n", s.Number, date(s.Change.Statement.At), s.State, s.Change.Reveals,
				dash(s.Change.ApprovedBy), s.Version, dash(s.Diff))
		}
		return t.Flush()
	})
}

type policyShowCommand struct {
	Version string `arg:"" optional:"" help:"Of a set that is or was in force, or proposed; left out: the one in force."`
}

// Run prints a set as it is kept.
func (c *policyShowCommand) Run(ctx context.Context, p *program) error {
	return p.visit(ctx, looking, func(h *house) error {
		var set *broker.PolicySet
		var err error
		if c.Version == "" {
			set, err = h.store.PolicyInForce(ctx)
		} else {
			set, err = h.store.PolicyByVersion(ctx, c.Version)
		}
		if errors.Is(err, broker.ErrNotFound) {
			return errors.New("there is no such set; bauta policy list shows those that there are")
		}
		if err != nil {
			return fmt.Errorf("show policies: %w", err)
		}
		_, err = fmt.Fprintf(p.stdout, "// %s\n// %s\n\n%s", set.Version, set.State, set.Permits)
		return err
	})
}
