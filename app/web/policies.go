package web

import (
	"errors"
	"net/http"
	"strings"
	"time"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/necessity"
)

// policyRoutes are those of the privacy officers, who approve policy sets.
func (s *Server) policyRoutes() []*route {
	officers := those(accounts.PrivacyOfficer)
	return []*route{
		{http.MethodGet, "/v1/policies/proposals", nil, nil, s.getProposals, doGetProposals(officers)},
		{http.MethodPost, "/v1/policies/approvals", nil, nil, s.postPolicyApproval, doPostPolicyApproval(officers.justConfirmed())},
	}
}

// policyAnswer is a set that waits for approval, with all that it would change.
type policyAnswer struct {
	Policy      string               `json:"policy" validate:"required" description:"the version of the set"`
	Replaces    string               `json:"replaces" validate:"required" description:"the one in force"`
	ProposedAt  time.Time            `json:"proposed_at" validate:"required"`
	Diff        string               `json:"diff" validate:"required" description:"names just this comparison: what an approval has to name"`
	RevealsMore int                  `json:"reveals_more" validate:"required" description:"how many of the changes may reveal more"`
	Changes     []policyChangeAnswer `json:"changes" validate:"required"`
	Index       int64                `json:"index" validate:"required" description:"of the entry that proposed it"`
}

type policyChangeAnswer struct {
	Kind    string `json:"kind" validate:"required"`
	Role    string `json:"role" validate:"required,oneof=buyer seller"`
	Purpose string `json:"purpose" validate:"required" docs:"purpose"`
	Field   string `json:"field" validate:"required" docs:"field"`
	From    string `json:"from" validate:"required" description:"the outcome now, or its terms where the outcomes are equal"`
	To      string `json:"to" validate:"required"`
	Rule    string `json:"rule" validate:"required" description:"the permit that grants, before or after"`
	Cells   int    `json:"cells" validate:"required" description:"in how many situations"`
	Example string `json:"example" validate:"required" description:"the conditions that hold in the smallest of them"`
	Reveals bool   `json:"reveals_more" validate:"required"`
}

func showWaiting(w *broker.WaitingPolicy) policyAnswer {
	c := &w.Comparison
	return policyAnswer{
		Policy: c.To, Replaces: c.From, ProposedAt: w.Set.Change.Statement.At, Diff: c.Hash, RevealsMore: c.Reveals, Index: w.Set.Number,
		Changes: each(c.Changes, showPolicyChange),
	}
}

func showPolicyChange(x *necessity.Change) policyChangeAnswer {
	return policyChangeAnswer{
		string(x.Kind), string(x.Role), string(x.Purpose), string(x.Field), x.From, x.To, x.Rule, x.Cells, x.Example, x.Reveals,
	}
}

// getProposals answers GET /v1/policies/proposals. At most one set waits: the
// newest that was proposed.
func (s *Server) getProposals(c *call) error {
	p := page[policyAnswer]{Data: []policyAnswer{}}
	switch w, err := s.Broker.PolicyWaiting(c.ctx); {
	case err == nil:
		p.Data = append(p.Data, showWaiting(w))
	case !errors.Is(err, broker.ErrNotFound):
		return err
	}
	return c.answer(http.StatusOK, &p)
}

// approvalBody names what the approver has looked at.
type approvalBody struct {
	Diff string `json:"diff" validate:"required,max=71" description:"of the proposal: sha256: and 64 hexadecimal digits"`
}

func (b *approvalBody) check() error {
	wrong := rules(b)
	if _, ok := planOf(b.Diff); len(wrong) == 0 && !ok {
		wrong.add("/diff", "not_a_hash", "a comparison is named by sha256: and 64 hexadecimal digits")
	}
	return wrong.err()
}

// approvedAnswer is a set that is in force.
type approvedAnswer struct {
	Policy     string `json:"policy" validate:"required"`
	State      string `json:"state" validate:"required,oneof=in_force proposed withdrawn"`
	Diff       string `json:"diff" validate:"required"`
	ApprovedBy string `json:"approved_by" validate:"required" description:"the account, as the entry has it"`
	Index      int64  `json:"index" validate:"required" description:"of the entry"`
}

// approver is who is signed in, as one whose word puts a set into force.
func (c *call) approver() broker.Approver {
	s := c.staff()
	return broker.Approver{Account: s.Account, Role: s.Role, Approves: s.Approves}
}

// postPolicyApproval answers POST /v1/policies/approvals.
func (s *Server) postPolicyApproval(c *call) error {
	body, err := decode[approvalBody](c)
	if err == nil {
		err = body.check()
	}
	if err != nil {
		return err
	}
	once, err := c.once("")
	if err != nil {
		return err
	}
	p, replayed, err := s.Broker.ApproveDiff(c.ctx, c.approver(), body.Diff, once)
	if err != nil {
		return err
	}
	return c.answerOnce(http.StatusOK, approvedAnswer{p.Version, string(p.State), p.Diff, p.Change.ApprovedBy, p.Number}, replayed)
}

// showPolicy answers GET /desk/policy.
func (s *Server) showPolicy(c *call) (sight, error) {
	if err := c.admitPerson(those(accounts.PrivacyOfficer)); err != nil {
		return sight{}, err
	}
	p, err := s.policyPage(c, nil)
	if err != nil {
		return sight{}, err
	}
	if c.params["done"] == "approved" && p.Waiting == nil {
		p.Done = "The set is in force now. The entry in the ledger names your account."
	}
	return seen(p)
}

// policyPage is the set that waits, if one does, with the form that approves it.
func (s *Server) policyPage(c *call, w pages.Wrongs) (pages.PolicySet, error) {
	p := pages.PolicySet{
		Shell: pages.Shell{Title: w.Title("A policy set that waits")}, Account: string(c.person.Account), InForce: s.Broker.PolicyVersion(), Again: pages.Again{Wrong: w[""]},
	}
	var err error
	if p.Confirm, err = s.confirming(c, &p.Shell, w); err != nil {
		return p, err
	}
	if !c.person.MayApprove(s.Now()) {
		p.ApprovesFrom = &c.person.ApprovesAt
	}
	waiting, err := s.Broker.PolicyWaiting(c.ctx)
	if errors.Is(err, broker.ErrNotFound) {
		return p, nil
	}
	if err != nil {
		return p, err
	}
	d := &waiting.Comparison
	p.InForce = d.From
	p.Waiting = &pages.WaitingPolicy{Version: d.To, Diff: d.Hash, Proposed: waiting.Set.Change.Statement.At, Index: waiting.Set.Number}
	for _, x := range d.Changes {
		line := pages.PolicyChange{
			Kind: plainly(string(x.Kind)), Role: string(x.Role), Purpose: plainly(string(x.Purpose)), Field: plainly(string(x.Field)),
			From: plainly(x.From), To: plainly(x.To), Rule: x.Rule, Cells: x.Cells, Example: plainly(strings.ReplaceAll(x.Example, " ", ", ")),
		}
		if x.Reveals {
			p.Waiting.More = append(p.Waiting.More, line)
		} else {
			p.Waiting.Less = append(p.Waiting.Less, line)
		}
	}
	return p, nil
}

// sendPolicyApproval answers POST /desk/policy/approval. Whoever has not just shown
// who he is does so in the same form; what one account has looked at no other one approves.
func (s *Server) sendPolicyApproval(c *call) (sight, error) {
	return s.work(c, deskWork{
		at: "/desk/policy/approval", who: those(accounts.PrivacyOfficer), read: (*call).approvalSent,
		asks: func(string) bool { return true }, do: s.approveOnPage, again: s.policyAgain,
	})
}

func (c *call) approvalSent() (*caseSent, error) {
	f, err := c.sent([]string{"diff", typedAs})
	if err != nil {
		return nil, err
	}
	if b := (approvalBody{f.text("diff")}); b.check() != nil {
		return nil, errRequest // nobody types a hash
	}
	return f, nil
}

func (s *Server) approveOnPage(c *call, f *caseSent) (sight, error) {
	if _, _, err := s.Broker.ApproveDiff(c.ctx, c.approver(), f.text("diff"), nil); err != nil {
		return s.policyAgain(c, f, err)
	}
	return goTo("/desk/policy?done=approved")
}

func (s *Server) policyAgain(c *call, f *caseSent, err error) (sight, error) {
	wrong, other := wrongOn(err)
	if other != nil {
		return sight{}, other
	}
	p, broken := s.policyPage(c, wrong)
	if broken != nil {
		return sight{}, broken
	}
	if err != nil {
		return c.refused(err, p)
	}
	p.Done = f.undone(false, false)
	return seen(p)
}

const policyExample = `{"policy":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"replaces":"sha256:01ba4719c80b6fe911b091a7c05124b64eeece964e09c058ef8f9805daca546b","proposed_at":"2026-03-04T12:00:00Z",
"diff":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","reveals_more":1,"index":17,
"changes":[{"kind":"shipped_goods","role":"seller","purpose":"deliver","field":"email","from":"withheld","to":"granted",
"rule":"deliver-shipped-goods","cells":4,"example":"accepted held","reveals_more":true}]}`

func doGetProposals(p *people) operation {
	return operation{
		id: "getProposals", tag: "policies", summary: "Policy sets that wait for approval", people: p,
		description: "A set that newly reveals anything waits until somebody approves just that comparison with the set in force. There is at most one.",
		answers:     []answered{{status: http.StatusOK, body: page[policyAnswer]{}, example: `{"data":[` + policyExample + `],"next":null}`}},
	}
}

func doPostPolicyApproval(p *people) operation {
	return operation{
		id: "postPolicyApproval", tag: "policies", summary: "Put the set that waits into force", people: p, once: true,
		description: "The diff is the one that was looked at. If the set in force or the proposal has changed since, it is 409 other_diff or not_proposed, and nothing happens. Brokers follow without a restart.",
		request:     approvalBody{}, refuses: []int{http.StatusConflict},
		example: `{"diff":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"}`,
		answers: []answered{{status: http.StatusOK, body: approvedAnswer{}, example: `{"policy":"sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
"state":"in_force","diff":"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","approved_by":"hnd_06m9w3h8e0000000000000000g","index":18}`}},
	}
}
