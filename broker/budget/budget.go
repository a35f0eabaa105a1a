// Package budget decides how much may be revealed in a time, so that whoever
// holds a stolen credential reaches few people with it. It knows counts and
// clock readings; where the counts are kept is the store's business.
package budget

import (
	"strconv"
	"time"
)

// Name of a budget. Names stand in the ledger and never change.
type Name string

// The budgets.
const (
	Requester     Name = "requester"
	Subject       Name = "subject"
	Key           Name = "key"
	Deployment    Name = "deployment"
	DeploymentDay Name = "deployment_day"
)

// Names are all budgets, the narrowest first.
func Names() []Name { return []Name{Requester, Subject, Key, Deployment, DeploymentDay} }

// Growth is how many times the people of the hour, or day, before may be reached
// in this one.
const Growth = 2

// Limits are the numbers that an operator may choose.
type Limits struct {
	Requests int // that one requester makes in a day
	Waiting  int // more of them in that day, which wait for a person
	Person   int // grants on one person in a day
	Floor    int // people reached in an hour, whatever the hour before was
	FloorDay int // people reached in a day, likewise
}

// Default limits.
func Default() Limits {
	return Limits{Requests: 500, Waiting: 50, Person: 20, Floor: 50, FloorDay: 500}
}

// requests that one requester may come to in a day, with those that wait or without.
func (l *Limits) requests(waits bool) int {
	if waits {
		return l.Requests + l.Waiting
	}
	return l.Requests
}

// WithFloor sets the floor of an hour, and ten times as much as that of a day.
func (l Limits) WithFloor(people int) Limits {
	l.Floor, l.FloorDay = people, 10*people
	return l
}

// Rule is one budget as data: what is counted for whom, in which time, up to
// what, and what happens then.
type Rule struct {
	Name                     Name
	Per, Counts, Window      string
	Limit, ThenAsked, Viewed string
}

// Rules are the budgets in words and numbers.
func (l Limits) Rules() []Rule {
	n := strconv.Itoa
	than := func(floor int, before string) string {
		return "twice the people of " + before + ", and no less than " + n(floor)
	}
	const pending, never, later = "`pending`", "not counted", "429"
	return []Rule{
		{Requester, "requester", "requests that are decided", "day (UTC)", n(l.Requests), pending + "; 429 after " + n(l.Waiting) + " more", never},
		{Subject, "person whom the data is about", "grants", "day (UTC)", n(l.Person), pending, never},
		{Key, "API key", "people reached with it", "hour", than(l.Floor, "the hour before"), pending, later},
		{Deployment, "deployment", "people reached", "hour", than(l.Floor, "the hour before"), pending, later},
		{DeploymentDay, "deployment", "people reached", "24 hours", than(l.FloorDay, "the 24 hours before"), pending, later},
	}
}

// Charge is what one write spends. The zero of a member spends nothing.
type Charge struct {
	At        time.Time
	Key       string // the API key that asks
	Requester int64
	Requests  int
	Subject   int64 // who is reached: values of theirs are granted or viewed
	Person    bool  // whether the subject is a person, whose grants in a day are few
	Grants    int
	// Again are people that count once more, for key and deployment: what was
	// revealed and then taken back. It reaches nobody; Grants count on the subject.
	Again int
	// Waits: the request is past a budget already, and waits for a person.
	Waits bool
	// Limits bound the charge; without any it counts, and is never refused.
	Limits *Limits
}

// Bound is one budget of one of those whom it bounds, in one of its times.
type Bound struct {
	Name  Name
	Who   string // a requester's or subject's number, a key's id; empty for the deployment
	Since int64  // Unix seconds at which the day, or the hour, began
}

// Over says that a charge would go past a bound.
type Over struct {
	Bound
	Count, Limit int       // spent so far, and what may be
	Until        time.Time // when it is worth asking again
}

// Time is counted in slots of five minutes: an hour is the twelve slots up to
// the one under way, the hour before the twelve before those.
const (
	slotSeconds = 300
	slotsAnHour = 12
	slotsADay   = 288
	daySeconds  = 86400
)

// SlotOf numbers the slot of a time.
func SlotOf(at time.Time) int64 { return at.Unix() / slotSeconds }

// DayOf numbers the day of a time.
func DayOf(at time.Time) int64 { return at.Unix() / daySeconds }

// Kept is how many slots before the one under way a decision looks at.
const Kept = 2 * slotsADay

func dayOver(name Name, who string, at time.Time, count, limit int) Over {
	since := DayOf(at) * daySeconds
	return Over{Bound{name, who, since}, count, limit, time.Unix(since+daySeconds, 0).UTC()}
}

// hourOver is noted once an hour of the clock, and worth another try with every slot.
func hourOver(name Name, who string, at time.Time, count, limit int) Over {
	since := at.Unix() / 3600 * 3600
	if name == DeploymentDay {
		since = DayOf(at) * daySeconds
	}
	return Over{Bound{name, who, since}, count, limit, time.Unix((SlotOf(at)+1)*slotSeconds, 0).UTC()}
}
