package postgres

import (
	"cmp"
	"slices"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking"
)

// guard is one thing that must still be so when a commit happens.
type guard struct {
	what    int16
	id      int64
	version int64
	key     []byte
	at      place // what it watches, as footprints name it
	seen    int64 // size of the log when that was read; 0: not known
}

// What guards watch; how is in watches.
const (
	watchParty int16 = iota + 1
	watchTransaction
	watchGrant
	watchNoParty
	watchNoTransaction
	watchGrants
	watchPolicy
	watchOutcome
	watchBudget
	watchAPIKey
	watchRequest
	watchRequests
	watchAccount
	watchNoAccount
	watchToken
	watchGrantsOf
	watchAnomaly
	watchProposal
	watchMerchant
	watchTagged
	watchCase
	watchGlass
	watchGlassOf
	watchIdle
)

// footprint names what a write reads or changes. Writes share a commit unless
// one of them changes what another touches.
type footprint struct {
	place
	write bool
}

// job is a write on its way, with everything computed that does not depend on
// where in the log it lands.
type job struct {
	w           *broker.Write
	leaf        tlog.Hash
	guards      []guard
	footprints  []footprint
	party       *partyRow
	partyOldest int64
	transaction *transactionRow
	cards       []cardRow
	tags        []int64
	grants      []grantRow // that change; a new one is in its disclosure
	disclosure  *disclosureRow
	key         *apiKeyRow
	request     *requestRow
	decides     int16    // code of the decision that a person made
	decided     grantRow // the grant that it carries, if any
	account     *accountRow
	merchant    *merchantRows
	dispute     *caseRows
	glass       *glassRow
	outcomeMAC  []byte
	token       *tokenRow
	said        *said // nil: nobody listens, and there is no timer
	references  [][]byte
	over        *broker.OverBudgetError // why the budgets do not allow it, since it was last tried
	noted       []*job                  // anomalies that go with it
	first       *job                    // that is just before it in the batch; stale or refused are both or neither
	done        chan result
}

type cardRow struct {
	owner   int64
	side    int16
	version int64
	sealed  []byte
}

type grantRow struct {
	id          []byte
	state, left int16
	version     int64
	mac         []byte
}

type disclosureRow struct {
	id                              []byte
	transaction, requester, subject int64
	decision                        int16
	grant                           grantRow
}

// noGrant stands for the columns that a disclosure without a grant leaves empty.
func noGrant() grantRow { return grantRow{state: -1, left: -1} }

type apiKeyRow struct {
	key broker.APIKey
	mac []byte
}

// prepare does on the caller's time what the committer need not do.
func (s *Store) prepare(w *broker.Write) (*job, error) {
	j := &job{w: w, leaf: tlog.RecordHash(w.Record.Entry), done: make(chan result, 1)}
	s.expect(j)
	if err := s.expectWord(j); err != nil {
		return nil, err
	}
	if err := s.prepareFacts(j); err != nil {
		return nil, err
	}
	for i := range w.Cards {
		if err := s.prepareCard(j, &w.Cards[i]); err != nil {
			return nil, err
		}
	}
	for _, p := range w.Performed {
		j.references = append(j.references, s.hashReference(int64(p.Transaction), p.Reference))
	}
	if err := s.prepareGrants(j); err != nil {
		return nil, err
	}
	for _, lay := range []func(*job) error{s.prepareRequest, s.prepareMerchant, s.prepareCase, s.prepareGlass} {
		if err := lay(j); err != nil {
			return nil, err
		}
	}
	j.said = s.prepareSaid(w)
	if err := s.prepareOthers(j); err != nil {
		return nil, err
	}
	if w.Key != nil {
		j.key = &apiKeyRow{*w.Key, s.macKey(w.Key)}
		j.touch(watchAPIKey, w.Key.ID, true)
	}
	if w.Account != nil {
		j.expectAccount(w.Account)
		var err error
		if j.account, err = s.newAccountRow(w.Account); err != nil {
			return nil, err
		}
	}
	return j, nil
}

// prepareOthers prepares what goes with a write, before it or after.
func (s *Store) prepareOthers(j *job) (err error) {
	if w := j.w.First; w != nil {
		if j.first, err = s.prepare(w); err != nil {
			return err
		}
		j.footprints = append(j.footprints, j.first.footprints...)
	}
	for _, n := range j.w.Noted {
		noted, err := s.prepare(n)
		if err != nil {
			return err
		}
		j.noted = append(j.noted, noted)
	}
	return nil
}

func (j *job) touch(what int16, id string, write bool) {
	j.footprints = append(j.footprints, footprint{place{what, id}, write})
}

// expect turns the write's expectations into guards and footprints.
func (s *Store) expect(j *job) {
	w, seen := j.w, int64(0)
	if w.Of != nil {
		seen = w.Of.Head
	}
	for _, p := range w.ExpectParties {
		if p.Version == 0 {
			j.guards = append(j.guards, guard{what: watchNoParty, key: []byte(p.ID)})
			j.touch(watchNoParty, string(p.ID), true)
			continue
		}
		j.guards = append(j.guards, guard{
			what: watchParty, id: int64(p.Row), version: p.Version, at: place{watchParty, string(p.ID)}, seen: seen,
		})
		j.touch(watchParty, string(p.ID), w.Party != nil || w.Side != nil && w.Side.Row == p.Row)
	}
	if t := w.ExpectTransaction; t != nil {
		if t.Version == 0 {
			j.guards = append(j.guards, guard{what: watchNoTransaction, key: []byte(t.ID)})
		} else {
			j.guards = append(j.guards, guard{
				what: watchTransaction, id: int64(t.Row), version: t.Version, at: place{watchTransaction, string(t.ID)}, seen: seen,
			})
		}
		j.touch(watchTransaction, string(t.ID), w.Transaction != nil)
		if w.ExpectGrants != nil {
			j.guards = append(j.guards, guard{what: watchGrants, id: int64(t.Row), version: int64(*w.ExpectGrants)})
		}
	}
	for _, g := range w.Grants {
		if g.Version > 1 { // a change of what was version-1
			id, _ := g.Disclosure.Bytes()
			j.guards = append(j.guards, guard{what: watchGrant, version: g.Version - 1, key: id})
		}
	}
	j.expectPolicies(seen)
	if o := w.Once; o != nil {
		j.guards = append(j.guards, guard{what: watchOutcome, id: o.At.Add(-24 * time.Hour).UnixMicro(), key: o.Key[:]})
		j.touch(watchOutcome, string(o.Key[:]), true)
		j.outcomeMAC = s.macOutcome(o)
	}
	s.expectRequest(j)
	j.expectBudgets()
}

func (j *job) expectPolicies(seen int64) {
	w := j.w
	if w.ExpectPolicy != 0 {
		j.guards = append(j.guards, guard{what: watchPolicy, version: w.ExpectPolicy, at: place{watchPolicy, ""}, seen: seen})
		j.touch(watchPolicy, "", false)
	}
	if n := w.ExpectProposal; n != nil {
		j.guards = append(j.guards, guard{what: watchProposal, version: *n})
	}
	if p := w.Policy; p != nil {
		j.touch(watchProposal, "", true)
		j.touch(watchPolicy, "", p.State == broker.InForce)
	}
}

func (s *Store) prepareFacts(j *job) (err error) {
	w := j.w
	if p := cmp.Or(w.Party, w.Side); p != nil {
		if j.party, err = s.newPartyRow(p); err != nil {
			return err
		}
		j.partyOldest = oldest(p.Values)
	}
	if t := w.Transaction; t != nil {
		j.transaction, err = s.newTransactionRow(t, w.Of.Buyer.Row, w.Of.Seller.Row)
	}
	return err
}

func (s *Store) prepareCard(j *job, c *broker.Card) error {
	sealed, err := packCard(c)
	if err != nil {
		return err
	}
	j.cards = append(j.cards, cardRow{int64(c.Owner), int16(c.Side), int64(c.Version), sealed})
	for _, v := range c.Values {
		if !v.Index.IsZero() && c.Side == broker.PartysOwn && (v.Label.Field == masking.Email || v.Label.Field == masking.Phone) {
			j.tags = append(j.tags, s.indexTag(v.Label.Field, v.Index))
		}
	}
	return nil
}

// prepareGrants lays the disclosure of a write and its grants: a new one into
// the disclosure's row, changed ones beside it.
func (s *Store) prepareGrants(j *job) error {
	if j.w.Disclosure != nil {
		if err := j.prepareDisclosure(); err != nil {
			return err
		}
	}
	j.decided = noGrant()
	for i := range j.w.Grants {
		g := &j.w.Grants[i]
		id, _ := g.Disclosure.Bytes()
		state, err := code(grantStates, g.State)
		if err != nil {
			return err
		}
		row := grantRow{id, int16(state), int16(g.ViewsLeft), g.Version, s.macGrant(g, id, state)} //nolint:gosec // views are at most 100
		if j.w.Decides != nil {
			j.decided = row
			j.touch(watchGrant, string(id), true)
			continue
		}
		if g.Version == 1 {
			j.disclosure.grant = row
			continue
		}
		j.grants = append(j.grants, row)
		j.touch(watchGrant, string(id), true)
	}
	return nil
}

func (j *job) prepareDisclosure() error {
	d, x := j.w.Disclosure, j.w.Of
	id, _ := d.ID.Bytes()
	decision, err := code(decisions, d.Decision)
	if err != nil {
		return err
	}
	row := &disclosureRow{id: id, transaction: int64(x.Transaction.Row), requester: int64(x.Buyer.Row), subject: int64(x.Seller.Row), decision: int16(decision), grant: noGrant()}
	if d.Requester != x.Buyer.ID {
		row.requester, row.subject = row.subject, row.requester
	}
	j.disclosure = row
	return nil
}

// spread puts what goes with a job before it.
func spread(jobs []*job) []*job {
	all := make([]*job, 0, len(jobs))
	for _, j := range jobs {
		if j.first != nil {
			all = append(all, j.first)
		}
		all = append(all, j)
	}
	return all
}

// alone cuts a batch into what can be committed by itself.
func alone(batch []*job) (each [][]*job) {
	from := 0
	for i := range batch {
		if i+1 == len(batch) || batch[i+1].first != batch[i] {
			each = append(each, batch[from:i+1])
			from = i + 1
		}
	}
	return each
}

// together has both of two be stale that only go together.
func together(batch []*job, stale map[int]int16) {
	for i, j := range batch {
		if j.first == nil {
			continue
		}
		first, of := stale[i] // its ordinal is one less
		what, is := stale[i+1]
		switch {
		case of && !is:
			stale[i+1] = first
		case is && !of:
			stale[i] = what
		}
	}
}

// admit takes jobs that can share a commit, in the order in which they came;
// the rest wait for the next one.
func admit(waiting []*job, most int) (batch, rest []*job) {
	written := map[place]bool{}
	for _, j := range waiting {
		clash := len(batch) >= most || slices.ContainsFunc(j.footprints, func(f footprint) bool {
			write, touched := written[f.place]
			return touched && (write || f.write)
		})
		// A job that waits still claims its places: nothing overtakes it.
		for _, f := range j.footprints {
			written[f.place] = written[f.place] || f.write
		}
		if clash {
			rest = append(rest, j)
		} else {
			batch = append(batch, j)
		}
	}
	return batch, rest
}
