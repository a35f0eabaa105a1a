package web

import (
	"errors"
	"slices"
	"strconv"

	"bauta.dev/bauta/app/web/pages"
	"bauta.dev/bauta/broker"
	"bauta.dev/bauta/broker/accounts"
	"bauta.dev/bauta/broker/merchants"
)

// elsewhere is one place beside the queues of cases and requests where something waits for
// a second person, and how much of it there is for this one.
type elsewhere struct {
	address, text string
	of            func(*call) (int, error)
	who           []accounts.Role // that are the second person there
}

func (s *Server) elsewheres() []elsewhere {
	lead, officer := accounts.Lead, accounts.PrivacyOfficer
	return []elsewhere{
		{reviewDesk + "?state=" + string(merchants.Proposed), "Registrations to approve", s.registrationsToApprove, []accounts.Role{lead}},
		{glassDesk, "Break-glass sessions to review", s.sessionsToReview, []accounts.Role{lead, officer}},
		{liftDesk, "Excluded parties that may ask again", s.partiesToLift, []accounts.Role{lead, officer}},
		{"/desk/policy", "Policy sets to approve", s.setsToApprove, []accounts.Role{officer}},
	}
}

// elsewhere says where else a second person is waited for, of those places that are this
// person's, and how much of it there is, mostCounted of a place and one more.
func (s *Server) elsewhere(c *call) (all []pages.DeskTab, n int, err error) {
	for _, e := range s.elsewheres() {
		if !slices.Contains(e.who, c.person.Role) {
			continue
		}
		has, err := e.of(c)
		if err != nil {
			return nil, 0, err
		}
		tab := pages.DeskTab{Address: e.address, Text: e.text}
		if n += has; has > 0 {
			tab.Count = countWords(has, false)
		}
		all = append(all, tab)
	}
	return all, n, nil
}

// countWords is how much is counted of a queue: no more than is seen at a glance.
func countWords(n int, more bool) string {
	if more || n > mostCounted {
		return strconv.Itoa(mostCounted) + "+"
	}
	return strconv.Itoa(n)
}

// countParts is how much of a list is for this person, so far as is told. A list is read in
// parts, and there is another one where next is not empty.
func countParts(part func(after string) (n int, next string, err error)) (n int, err error) {
	after := ""
	for range mostParts {
		more, next, err := part(after)
		if n += more; err != nil || next == "" || n > mostCounted {
			return n, err
		}
		after = next
	}
	return n, nil
}

// his counts what is for one person.
func his[T any](found []T, is func(*T) bool) (n int) {
	for i := range found {
		if is(&found[i]) {
			n++
		}
	}
	return n
}

// mostParts of a list are looked at for what is this person's, each of partLength.
const mostParts, partLength = 50, 2 * mostCounted

func (s *Server) registrationsToApprove(c *call) (int, error) {
	staff := c.staff()
	return countParts(func(after string) (int, string, error) {
		found, next, err := s.Broker.Reviews(c.ctx, staff, broker.ReviewFilter{State: merchants.Proposed, After: after, Limit: partLength})
		return his(found, func(v *broker.MerchantReview) bool { return v.WaitsFor(&staff) }), next, err
	})
}

func (s *Server) sessionsToReview(c *call) (int, error) {
	return countParts(func(after string) (int, string, error) {
		found, next, err := s.Broker.Glasses(c.ctx, c.staff(), broker.GlassFilter{Unreviewed: true, After: after, Limit: partLength})
		return his(found, func(v *broker.GlassView) bool { return slices.Contains(v.Allowed, broker.ReviewGlass) }), next, err
	})
}

func (s *Server) partiesToLift(c *call) (int, error) {
	staff := c.staff()
	found, err := s.Broker.Lifts(c.ctx, staff, partLength) // those that wait for him come first
	return his(found, func(v *broker.ExclusionView) bool { return v.WaitsFor(&staff) }), err
}

func (s *Server) setsToApprove(c *call) (int, error) {
	_, err := s.Broker.PolicyWaiting(c.ctx)
	if errors.Is(err, broker.ErrNotFound) {
		return 0, nil
	}
	return 1, err
}
