package web

import (
	"net/http"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/masking/fault"
)

// route is one row of the table. What is not in the table does not answer.
type route struct {
	method   string
	template string
	scopes   []string // any of them opens it; none: no key is asked for. With people beside it, a session does as well
	queries  []string
	handle   func(*call) error
	does     operation
}

// path is the template as the framework writes it.
// A tile's number has slashes in it.
func (r *route) path() string {
	return strings.NewReplacer("{tile}", "+", "{", ":", "}", "").Replace(r.template)
}

// routes is the whole door.
func (s *Server) routes() []*route {
	m, o, list := []string{marketplace}, []string{audit}, []string{"limit", "after"}
	return slices.Concat([]*route{
		{http.MethodPut, "/v1/parties/{id}", m, nil, s.putParty, doPutParty()},
		{http.MethodGet, "/v1/parties/{id}", m, nil, s.getParty, doGetParty()},
		{http.MethodPut, "/v1/parties/{id}/flags", []string{privacy}, nil, s.putFlags, doPutFlags()},
		{http.MethodGet, "/v1/parties/{id}/consents", []string{privacy}, nil, s.getConsents, doGetConsents()},
		{http.MethodPut, "/v1/parties/{id}/consents/{purpose}", []string{privacy}, nil, s.putConsent, doPutConsent()},
		{http.MethodDelete, "/v1/parties/{id}/consents/{purpose}", []string{privacy}, []string{"recipient"}, s.deleteConsent, doDeleteConsent()},
		{http.MethodPut, "/v1/parties/{id}/exclusion", []string{privacy}, nil, s.putExclusion, doPutExclusion()},
		{http.MethodGet, "/v1/parties/{id}/exclusion", nil, nil, s.getExclusion, doGetExclusion()},
		{http.MethodPost, "/v1/parties/{id}/exclusion/proposal", nil, nil, s.postLift, doPostLift()},
		{http.MethodPost, "/v1/parties/{id}/exclusion/rejection", nil, nil, s.postLiftRejection, doPostLiftRejection()},
		{http.MethodPost, "/v1/parties/{id}/reinstatement", nil, nil, s.postReinstatement, doPostReinstatement()},
		{http.MethodPost, "/v1/parties/{id}/access-link", []string{privacy}, nil, s.postAccessLink, doPostAccessLink()},
		{http.MethodGet, "/v1/parties/{id}/export", []string{privacy}, nil, s.getExport, doGetExport()},
		{http.MethodGet, "/v1/parties/{id}/disclosures", m, list, s.getPartyDisclosures, doGetPartyDisclosures()},
		{http.MethodPut, "/v1/transactions/{id}", m, nil, s.putTransaction, doPutTransaction()},
		{http.MethodGet, "/v1/transactions/{id}", m, []string{"viewer"}, s.getTransaction, doGetTransaction()},
		{http.MethodPost, "/v1/transactions/{id}/performances", []string{attest, marketplace}, nil, s.postPerformance, doPostPerformance()},
		{http.MethodPost, "/v1/transactions/{id}/reversals", []string{attest}, nil, s.postReversal, doPostReversal()},
		{http.MethodPost, "/v1/transactions/{id}/completion", m, nil, s.end(false), doEnd(false)},
		{http.MethodPost, "/v1/transactions/{id}/cancellation", m, nil, s.end(true), doEnd(true)},
		{http.MethodPost, "/v1/disclosures", m, []string{"proof", "explain"}, s.postDisclosure, doPostDisclosure()},
		{http.MethodGet, "/v1/disclosures", m, append(filters(), list...), s.getDisclosures, doGetDisclosures()},
		{http.MethodGet, "/v1/disclosures/{id}", m, []string{"viewer", "proof", "explain"}, s.getDisclosure, doGetDisclosure()},
		{http.MethodGet, "/v1/disclosures/{id}/receipt", m, []string{"viewer"}, s.getReceipt, doGetReceipt()},
		{http.MethodPost, "/v1/disclosures/{id}/openings", m, nil, s.postOpenings, doPostOpenings()},
		{http.MethodPost, "/v1/disclosures/{id}/views", m, []string{"explain"}, s.postView, doPostView()},
		{http.MethodPost, "/v1/disclosures/{id}/revocation", m, nil, s.postRevocation, doPostRevocation()},
		{http.MethodGet, "/v1/disclosures/{id}/request", m, []string{"viewer"}, s.getStanding, doGetStanding()},
		{http.MethodPost, "/v1/disclosures/{id}/objection", m, nil, s.partyMove(broker.Object), doPartyMove(broker.Object)},
		{http.MethodPost, "/v1/disclosures/{id}/answer", m, nil, s.partyMove(broker.Answer), doPartyMove(broker.Answer)},
		{http.MethodPost, "/v1/disclosures/{id}/withdrawal", m, nil, s.partyMove(broker.Withdraw), doPartyMove(broker.Withdraw)},
		{http.MethodPost, "/v1/disclosures/{id}/appeal", m, nil, s.partyMove(broker.Appeal), doPartyMove(broker.Appeal)},
		{http.MethodPost, "/v1/disclosures/{id}/deletion", m, nil, s.partyMove(broker.Attest), doPartyMove(broker.Attest)},
		{http.MethodGet, "/ledger/checkpoint", nil, nil, s.getCheckpoint, doGetCheckpoint()},
		{http.MethodGet, "/ledger/checkpoint/witnessed", nil, nil, s.getWitnessed, doGetWitnessed()},
		{http.MethodGet, "/ledger/tile/entries/{tile}", o, nil, s.getTile, doGetEntries()},
		{http.MethodGet, "/ledger/tile/{level}/{tile}", s.whoReadsHashes(), nil, s.getTile, doGetTile()},
		{http.MethodGet, "/v1/ledger/proof", o, []string{"index", "size"}, s.getInclusion, doGetInclusion()},
		{http.MethodGet, "/v1/ledger/consistency", o, []string{"from", "to"}, s.getConsistency, doGetConsistency()},
		{http.MethodGet, "/healthz", nil, nil, s.getHealth, doGetHealth()},
		{http.MethodGet, "/readyz", nil, nil, s.getReady, doGetReady()},
		{http.MethodGet, "/metrics", []string{audit}, nil, s.getMetrics, doGetMetrics()},
		{http.MethodGet, "/openapi.json", nil, nil, s.getDocument, doGetDocument()},
		{http.MethodGet, "/", nil, nil, s.getHome, doGetHome()},
	}, s.disputeRoutes(), s.merchantRoutes(), s.reviewRoutes(), s.peopleRoutes(), s.requestRoutes(), s.policyRoutes(), s.deskRoutes(), s.subjectRoutes(),
		s.registerRoutes(), s.reviewPageRoutes(), s.casePageRoutes(), s.askedPageRoutes(), s.searchRoutes(), s.overviewRoutes(), s.glassRoutes(), s.glassPageRoutes(), s.liftPageRoutes(), s.profileRoutes(),
		s.passkeyRoutes(), s.providerRoutes())
}

// whoReadsHashes: auditors, or everybody. A hash says nothing of its entry, but
// how many entries there are at which time is told by the checkpoint alone.
func (s *Server) whoReadsHashes() []string {
	if s.PublicLedger {
		return nil
	}
	return []string{audit}
}

func filters() []string { return []string{"transaction", "requester", "subject", "decision"} }

// enter is the door itself: who, how often, whether he may, and only then what.
func (s *Server) enter(r *route) fiber.Handler {
	return func(fc *fiber.Ctx) error {
		c, ok := fc.Locals(callKey).(*call)
		if !ok {
			return errEncode // it came past accompany, which can't be
		}
		c.route = r
		if err := c.admitted(); err != nil {
			if !r.does.keeps || faultOf(err).Kind != fault.Limited {
				return err
			}
			c.limited = err
		}
		if err := c.query(r.queries); err != nil {
			return err
		}
		if err := c.unchecked(); err != nil {
			return err
		}
		return r.handle(c)
	}
}

func (c *call) admitted() error {
	if p := c.route.does.people; p != nil && (len(c.route.scopes) == 0 || c.bringsSession()) {
		return c.admitPerson(p)
	}
	if len(c.route.scopes) == 0 {
		// The process answers its supervisor however busy his address is.
		if c.server.RateLimit <= 0 || c.route.template == "/healthz" {
			return nil
		}
		if wait := c.server.visitors.take(c.address(), c.began); wait > 0 {
			return errRateLimit.After(wait)
		}
		return nil
	}
	if err := c.authenticate(); err != nil {
		return err
	}
	if !c.has(c.route.scopes...) {
		return errScope
	}
	return nil
}
