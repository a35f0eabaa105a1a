package postgres

import (
	"context"
	"database/sql"
	"slices"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/ledger"
	"bauta.dev/bauta/broker/necessity"
)

// Policy sets: policies has those that came into force, policy_proposals the
// others. A row is believed for its entry's sake: the statement says which
// version in which state, and the version is the hash of the text.

// proposalStates are the codes of a proposal's state; they never change.
var proposalStates = []broker.PolicyState{broker.Proposed, broker.Withdrawn}

func policyRow(index int64, p *broker.PolicySet) (query string, args []any) {
	if p.State == broker.InForce {
		return `INSERT INTO policies (id, version, permits, floor) VALUES ($1, $2, $3, $4)`, []any{index, p.Version, p.Permits, p.Floor}
	}
	return `INSERT INTO policy_proposals (id, version, state, permits, floor, diff) VALUES ($1, $2, $3, $4, $5, $6)`,
		[]any{index, p.Version, slices.Index(proposalStates, p.State), p.Permits, p.Floor, p.Diff}
}

const (
	policyInForce  = `SELECT p.id, p.version, -1 AS state, p.permits, p.floor, '' AS diff FROM policies p`
	policyProposed = `SELECT p.id, p.version, p.state, p.permits, p.floor, p.diff FROM policy_proposals p`
)

// policyEntries puts each row of a query beside its entry, in order.
func policyEntries(q string) string {
	return `SELECT p.id, p.version, p.state, p.permits, p.floor, p.diff, e.entry, e.statement
		FROM (` + q + `) AS p LEFT JOIN ledger_entries e ON e.idx = p.id ORDER BY p.id`
}

// PolicyNumbers are those of the set in force and of the newest proposal.
func (s *Store) PolicyNumbers(ctx context.Context) (inForce, proposal int64, err error) {
	const q = `SELECT coalesce((SELECT max(id) FROM policies), 0), coalesce((SELECT max(id) FROM policy_proposals), 0)`
	err = s.db.QueryRowContext(ctx, q).Scan(&inForce, &proposal)
	return inForce, proposal, translate("find policies", err)
}

// PolicyInForce is the newest set that came into force.
func (s *Store) PolicyInForce(ctx context.Context) (*broker.PolicySet, error) {
	return s.policy(ctx, policyInForce+` ORDER BY p.id DESC LIMIT 1`)
}

// PolicyProposal is the newest proposal.
func (s *Store) PolicyProposal(ctx context.Context) (*broker.PolicySet, error) {
	return s.policy(ctx, policyProposed+` ORDER BY p.id DESC LIMIT 1`)
}

// PolicyByVersion finds the newest change of a set that has its text.
func (s *Store) PolicyByVersion(ctx context.Context, version string) (*broker.PolicySet, error) {
	return s.policy(ctx, `SELECT * FROM (`+policyInForce+` UNION ALL `+policyProposed+`) p WHERE p.version = $1 AND p.permits <> '' ORDER BY p.id DESC LIMIT 1`, version)
}

// PolicyHistory lists every change, oldest first.
func (s *Store) PolicyHistory(ctx context.Context) ([]broker.PolicySet, error) {
	sets, err := s.policySets(ctx, policyInForce+` UNION ALL `+policyProposed)
	for i := range sets {
		sets[i].Permits, sets[i].Floor = "", ""
	}
	return sets, err
}

func (s *Store) policy(ctx context.Context, q string, args ...any) (*broker.PolicySet, error) {
	sets, err := s.policySets(ctx, q, args...)
	if err != nil {
		return nil, err
	}
	if len(sets) == 0 {
		return nil, broker.ErrNotFound
	}
	return &sets[0], nil
}

func (s *Store) policySets(ctx context.Context, q string, args ...any) ([]broker.PolicySet, error) {
	rows, err := s.db.QueryContext(ctx, policyEntries(q), args...)
	if err != nil {
		return nil, translate("find policies", err)
	}
	defer func() { _ = rows.Close() }()
	var sets []broker.PolicySet
	for rows.Next() {
		r, err := scanPolicy(rows)
		if err != nil {
			return nil, translate("read policies", err)
		}
		p, err := s.policySet(r)
		if err != nil {
			return nil, err
		}
		sets = append(sets, p)
	}
	return sets, translate("find policies", rows.Err())
}

type policyScan struct {
	id               int64
	version, diff    string
	state            int
	permits, floor   sql.NullString
	entry, statement []byte
}

func scanPolicy(rows *sql.Rows) (*policyScan, error) {
	r := &policyScan{}
	return r, rows.Scan(&r.id, &r.version, &r.state, &r.permits, &r.floor, &r.diff, &r.entry, &r.statement)
}

// policySet holds a row against what its entry says.
func (s *Store) policySet(r *policyScan) (broker.PolicySet, error) {
	st, err := broker.OpenStatement(s.cfg.Keys.Auditor, r.entry, r.statement)
	if err != nil || r.differs(st) != "" {
		return broker.PolicySet{}, &forgedError{"policy"}
	}
	m := st.Members
	p := broker.PolicySet{
		Number: r.id, Version: r.version, State: broker.InForce, Permits: r.permits.String, Floor: r.floor.String, Diff: m.String("diff"),
		Change: broker.PolicyChange{Statement: st, ApprovedBy: m.String("approved_by"), Reveals: m.Int("reveals_more")},
	}
	if r.state >= 0 {
		p.State = proposalStates[r.state]
	}
	return p, nil
}

// differs says what of a row its entry does not bear out; nothing if all is well.
func (r *policyScan) differs(st ledger.Statement) string {
	m := st.Members
	said := m.String("state")
	state := string(broker.InForce)
	if r.state >= 0 && r.state < len(proposalStates) {
		state = string(proposalStates[r.state])
	}
	switch {
	case st.Type != ledger.PolicyChanged || m.String("policy") != r.version:
		return "another version than its entry says"
	case said == "" && !r.permits.Valid: // of a release that kept no text
		return ""
	case said != state:
		return "its state is not the one of its entry"
	case r.state >= 0 && m.String("diff") != r.diff:
		return "it names another comparison than its entry"
	}
	if v, err := necessity.VersionOf(r.permits.String, r.floor.String); err != nil || v != r.version {
		return "its text is not of the version that its entry says"
	}
	return ""
}
