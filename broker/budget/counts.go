package budget

import (
	"cmp"
	"slices"
	"strconv"
)

// Day of a requester.
type Day struct {
	Requester int64
	Day       int64
}

// Reached is what is known of a subject: when, with which key, and how often in
// a day. A person counts once an hour; another key reaches them anew.
type Reached struct {
	Day    int64 // that Grants are of
	Grants int
	Slot   int64 // in which the person was counted last; 0: never
	Key    string
}

// Stretch is a slot of one key, or of the deployment, whose key is empty.
type Stretch struct {
	Slot int64
	Key  string
}

// Counts are what has been spent, as far as it is known. They are exact for as
// long as nobody else spends; who does not know that asks for them anew. They
// belong to one goroutine.
type Counts struct {
	requests map[Day]int
	subjects map[int64]Reached
	reach    map[string]*series // nil: not known
}

// mostKnown bounds what Counts remember: about 100 bytes each.
const mostKnown = 1 << 16

// Forget everything.
func (c *Counts) Forget() { *c = Counts{} }

// Unknown is what charges rest on and Counts do not know; reach says that people
// reached are to be read for all keys.
func (c *Counts) Unknown(charges []*Charge) (days []Day, subjects []int64, reach bool) {
	if len(c.requests)+len(c.subjects) > mostKnown {
		c.requests, c.subjects = nil, nil
	}
	for _, x := range charges {
		d := Day{x.Requester, DayOf(x.At)}
		if _, known := c.requests[d]; !known && x.Requests > 0 && !slices.Contains(days, d) {
			days = append(days, d)
		}
		if _, known := c.subjects[x.Subject]; !known && x.Subject > 0 && !slices.Contains(subjects, x.Subject) {
			subjects = append(subjects, x.Subject)
		}
		reach = reach || c.reach == nil && (x.Subject > 0 || x.Again > 0)
	}
	return days, subjects, reach
}

// ForgetRequests of a day: somebody has counted elsewhere.
func (c *Counts) ForgetRequests(d Day) { delete(c.requests, d) }

// LearnRequests of a day.
func (c *Counts) LearnRequests(d Day, n int) {
	if c.requests == nil {
		c.requests = map[Day]int{}
	}
	c.requests[d] = n
}

// LearnSubject, the zero Reached if nobody has reached it.
func (c *Counts) LearnSubject(id int64, r Reached) {
	if c.subjects == nil {
		c.subjects = map[int64]Reached{}
	}
	c.subjects[id] = r
}

// LearnReach of all stretches of Kept slots.
func (c *Counts) LearnReach(people map[Stretch]int) {
	c.reach = map[string]*series{}
	for s, n := range people {
		c.of(s.Key).add(s.Slot, n)
	}
}

func (c *Counts) of(key string) *series {
	if c.reach == nil {
		c.reach = map[string]*series{}
	}
	s, ok := c.reach[key]
	if !ok {
		s = &series{people: map[int64]int{}, at: -1}
		c.reach[key] = s
	}
	return s
}

// Spent is what one commit spends, to be written with it. Until it is kept, it
// can be taken back.
type Spent struct {
	counts   *Counts
	Requests map[Day]int // more of them
	Subjects map[int64]Reached
	Reach    map[Stretch]int // more people
	// Most that a requester's day may come to with this; 0 where it may be any.
	Most   map[Day]int
	before map[int64]Reached
}

// Spend begins a commit.
func (c *Counts) Spend() *Spent {
	return &Spent{counts: c, Requests: map[Day]int{}, Subjects: map[int64]Reached{}, Reach: map[Stretch]int{}, Most: map[Day]int{}, before: map[int64]Reached{}}
}

// Charge spends, or says which budgets are used up and spends nothing. Of the
// charges of one commit each sees those before it. What it rests on is known.
func (s *Spent) Charge(x *Charge) []Over {
	after, anew, anewForKey := s.counts.subjects[x.Subject].charge(x)
	if x.Limits != nil {
		if over := s.over(x, anew, anewForKey); len(over) > 0 {
			return over
		}
	}
	if x.Requests > 0 {
		d := Day{x.Requester, DayOf(x.At)}
		s.counts.LearnRequests(d, s.counts.requests[d]+x.Requests)
		s.bound(d, x)
		s.Requests[d] += x.Requests
	}
	if before := s.counts.subjects[x.Subject]; x.Subject > 0 && after != before {
		if _, ok := s.before[x.Subject]; !ok {
			s.before[x.Subject] = before
		}
		s.counts.LearnSubject(x.Subject, after)
		s.Subjects[x.Subject] = after
	}
	s.add("", x, anew)
	if x.Key != "" {
		s.add(x.Key, x, anewForKey)
	}
	return nil
}

// bound: the largest bound of the commit's charges holds for their sum, and none
// where one of them has none.
func (s *Spent) bound(d Day, x *Charge) {
	most, counted := s.Most[d]
	if l := x.Limits; l == nil {
		s.Most[d] = 0
	} else if !counted || most > 0 {
		s.Most[d] = max(most, l.requests(x.Waits))
	}
}

func (s *Spent) add(key string, x *Charge, anew bool) {
	n := x.Again
	if anew {
		n++
	}
	if n == 0 {
		return
	}
	slot := SlotOf(x.At)
	s.counts.of(key).add(slot, n)
	s.Reach[Stretch{slot, key}] += n
}

func (s *Spent) over(x *Charge, anew, anewForKey bool) (over []Over) {
	l := x.Limits
	most := l.requests(x.Waits)
	if n := s.counts.requests[Day{x.Requester, DayOf(x.At)}]; x.Requests > 0 && n+x.Requests > most {
		over = append(over, dayOver(Requester, strconv.FormatInt(x.Requester, 10), x.At, n, most))
	}
	if r := s.counts.subjects[x.Subject]; x.Person && x.Grants > 0 && r.Day == DayOf(x.At) && r.Grants+x.Grants > l.Person {
		over = append(over, dayOver(Subject, strconv.FormatInt(x.Subject, 10), x.At, r.Grants, l.Person))
	}
	if anewForKey && x.Key != "" {
		of := s.counts.of(x.Key)
		of.look(SlotOf(x.At))
		if most := max(l.Floor, Growth*of.hourBefore); of.hour >= most {
			over = append(over, hourOver(Key, x.Key, x.At, of.hour, most))
		}
	}
	if anew {
		all := s.counts.of("")
		all.look(SlotOf(x.At))
		if most := max(l.Floor, Growth*all.hourBefore); all.hour >= most {
			over = append(over, hourOver(Deployment, "", x.At, all.hour, most))
		}
		if most := max(l.FloorDay, Growth*all.dayBefore); all.day >= most {
			over = append(over, hourOver(DeploymentDay, "", x.At, all.day, most))
		}
	}
	return over
}

// Undo takes back what was spent: the commit did not happen.
func (s *Spent) Undo() {
	for d, n := range s.Requests {
		s.counts.requests[d] -= n
	}
	for id, r := range s.before {
		s.counts.subjects[id] = r
	}
	for at, n := range s.Reach {
		s.counts.of(at.Key).add(at.Slot, -n)
	}
}

// charge is what a charge makes of a subject, and whether it reaches a person who
// has not been counted in this hour.
func (r Reached) charge(x *Charge) (after Reached, anew, anewForKey bool) {
	if x.Subject == 0 {
		return r, false, false
	}
	slot, day := SlotOf(x.At), DayOf(x.At)
	if x.Again > 0 { // nobody is reached by what is taken back
		if r.Day != day {
			r.Day, r.Grants = day, 0
		}
		r.Grants += x.Grants
		return r, false, false
	}
	// A clock that is set back does not make everybody new.
	anew = r.Slot == 0 || r.Slot <= slot-slotsAnHour || r.Slot > slot+1
	anewForKey = anew || r.Key != x.Key
	if r.Day != day && x.Grants > 0 {
		r.Day, r.Grants = day, 0
	}
	r.Grants += x.Grants
	if anew {
		r.Slot = slot
	}
	r.Key = x.Key
	return r, anew, anewForKey
}

// SortedDays, SortedSubjects and SortedReach give what was spent in an order, so
// that two commits that touch the same rows take them in the same one.
func (s *Spent) SortedDays() []Day {
	return sorted(s.Requests, func(a, b Day) int { return cmp.Or(cmp.Compare(a.Day, b.Day), cmp.Compare(a.Requester, b.Requester)) })
}

// SortedSubjects likewise.
func (s *Spent) SortedSubjects() []int64 { return sorted(s.Subjects, cmp.Compare[int64]) }

// SortedReach likewise.
func (s *Spent) SortedReach() []Stretch {
	return sorted(s.Reach, func(a, b Stretch) int { return cmp.Or(cmp.Compare(a.Slot, b.Slot), cmp.Compare(a.Key, b.Key)) })
}

func sorted[K comparable, V any](m map[K]V, by func(a, b K) int) []K {
	keys := make([]K, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, by)
	return keys
}

// series are the people reached by one key, or by all, slot by slot, with the
// sums of the times that decisions ask for.
type series struct {
	people                           map[int64]int
	at                               int64 // the slot that the sums are for
	hour, hourBefore, day, dayBefore int
}

func (s *series) add(slot int64, n int) {
	s.people[slot] += n
	if slot == s.at {
		s.hour += n
		s.day += n
	} else {
		s.at = -1
	}
}

// look makes the sums those of a slot. One slot ahead counts too: clocks differ.
func (s *series) look(slot int64) {
	if s.at == slot {
		return
	}
	s.at, s.hour, s.hourBefore, s.day, s.dayBefore = slot, 0, 0, 0, 0
	for when, n := range s.people {
		age := slot - when
		switch {
		case age < -1:
		case age < slotsAnHour:
			s.hour += n
			s.day += n
		case age < 2*slotsAnHour:
			s.hourBefore += n
			s.day += n
		case age < slotsADay:
			s.day += n
		case age < Kept:
			s.dayBefore += n
		case len(s.people) > 2*Kept:
			delete(s.people, when)
		}
	}
}
