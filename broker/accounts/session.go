package accounts

import "time"

// How long a session is believed.
const (
	Idle    = 30 * time.Minute // after its last request
	Longest = 12 * time.Hour   // after it began
	// Freshness is for how long it counts that a person has just shown who he is.
	Freshness = 5 * time.Minute
	// Touched is how old the last request may be before another one is noted.
	Touched = time.Minute
)

// Session is a person who has signed in, with the account as it is now. Its
// token is not in it: a store that has sessions can't speak for anybody.
type Session struct {
	ID          []byte // the token's hash under the pepper
	Row         int64  // the account's, as the store numbers it
	Generation  int64  // of the account when the session began
	MadeAt      time.Time
	SeenAt      time.Time
	ConfirmedAt time.Time // when the person last showed who he is

	Account ID
	Role    Role
	Makers  []ID // of the account
	// ApprovesAt is from when the account may approve, WorksAt from when it may take
	// and propose.
	ApprovesAt, WorksAt time.Time
}

// EndsAt is when it is over unless a request comes before.
func (s *Session) EndsAt() time.Time {
	idle, longest := s.SeenAt.Add(Idle), s.MadeAt.Add(Longest)
	if idle.Before(longest) {
		return idle
	}
	return longest
}

// Live says whether it still is one, for the account as it is now.
func (s *Session) Live(now time.Time, a *Account) bool {
	return now.Before(s.EndsAt()) && a.EndedAt.IsZero() && s.Generation == a.Generation
}

// Unused says whether no request has come with it yet.
func (s *Session) Unused() bool { return s.SeenAt.Equal(s.MadeAt) }

// Fresh says whether the person has just shown who he is: what decisions and
// reveals ask for.
func (s *Session) Fresh(now time.Time) bool { return now.Before(s.ConfirmedAt.Add(Freshness)) }

// Takes is the account into a session.
func (s *Session) Takes(a *Account) {
	s.Account, s.Role, s.Makers, s.ApprovesAt, s.WorksAt = a.ID, a.Role, a.Makers, a.ApprovesAt, a.WorksAt()
}

// Maker is the session's person, as one who makes accounts; none is the operator.
func (s *Session) Maker() Maker {
	if s == nil {
		return Maker{}
	}
	return Maker{s.Account, s.Makers}
}

// MayWork says whether the account is old enough to take and to propose anything.
func (s *Session) MayWork(now time.Time) bool { return !now.Before(s.WorksAt) }

// MayApprove says whether the account is old enough for it.
func (s *Session) MayApprove(now time.Time) bool { return !now.Before(s.ApprovesAt) }
