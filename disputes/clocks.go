package disputes

import (
	"slices"
	"time"
)

// Two kinds of clocks run in a case, and are kept apart. What a law, or the procedure
// that both sides rely on, gives is a moment, and nothing stops it; what we mean to
// keep ourselves counts in the hours of an office, and stands still while somebody else
// is waited for. Each is stored as an instant, with the rule that made it: a change of
// the rules, of a zone, or of the calendar moves no clock that runs.

// ClockKind says which of the two a clock is.
type ClockKind string

// Kinds of clocks.
const (
	Statutory ClockKind = "statutory"
	Procedure ClockKind = "procedure"
	Internal  ClockKind = "internal"
)

// Names of clocks.
const (
	TalksClock    = "negotiation"
	EvidenceClock = "evidence"
	RemedyClock   = "remedy"
	AppealClock   = "appeal"
	ResolveClock  = "resolution"
	DetailsClock  = "merchant_details"
	FirstClock    = "first_step"
	DecisionClock = "decision"
)

// Terms.
const (
	Day          = 24 * time.Hour
	WindowTerm   = 90 * Day       // after the latest day of delivery: until then a case can be opened
	TalksTerm    = 20 * Day       // of negotiation
	EscalateTerm = 48 * time.Hour // without an answer
	LeastTerm    = 48 * time.Hour // to hand in evidence
	MostTerm     = 30 * Day
	RemedyTerm   = 14 * Day
	AppealTerm   = 30 * Day
	ResolveTerm  = 90 * Day
	DetailsTerm  = 72 * time.Hour
	FirstHours   = 8 * time.Hour  // of the office
	DecideHours  = 80 * time.Hour // of the office
)

// Span is a time during which a clock stood still; Until is zero while it does.
type Span struct {
	From  time.Time `json:"from"`
	Until time.Time `json:"until,omitzero"`
}

// Clock is one deadline.
type Clock struct {
	Name    string        `json:"name"`
	Kind    ClockKind     `json:"kind"`
	Rule    string        `json:"rule"` // that made it, in words
	Started time.Time     `json:"started"`
	Due     time.Time     `json:"due"`
	Paused  []Span        `json:"paused,omitempty"`
	Left    time.Duration `json:"left,omitzero"` // of the office's time, where it stands still
	Ended   time.Time     `json:"ended,omitzero"`
	Overdue bool          `json:"overdue,omitzero"` // it was, when it ended
	Told    time.Time     `json:"told,omitzero"`    // when both sides were told that it is overdue
}

// rules are how long each clock runs, and by what rule.
var rules = map[string]struct {
	kind ClockKind
	rule string
	term time.Duration // of the office's time where the clock is internal
}{
	TalksClock:    {Procedure, "20 days to agree, then the case lapses", TalksTerm},
	EvidenceClock: {Procedure, "as long as the handler gives, 48 hours at least", 0},
	RemedyClock:   {Procedure, "14 days to do what was agreed or decided", RemedyTerm},
	AppealClock:   {Procedure, "30 days after the decision", AppealTerm},
	ResolveClock:  {Statutory, "90 days from the claim (Directive 2013/11/EU art. 8(e))", ResolveTerm},
	DetailsClock:  {Statutory, "CPL 44: name, address and working contact of the merchant are due to the consumer; within 72 hours", DetailsTerm},
	FirstClock:    {Internal, "8 hours of the office until somebody has it", FirstHours},
	DecisionClock: {Internal, "80 hours of the office until it is decided", DecideHours},
}

// Start begins a clock. An internal one counts the office's hours.
func Start(name string, now time.Time, o *Office) Clock {
	r := rules[name]
	c := Clock{Name: name, Kind: r.kind, Rule: r.rule, Started: now, Due: now.Add(r.term)}
	if r.kind == Internal {
		c.Due = o.Add(now, r.term)
	}
	return c
}

// Until begins a clock that runs as long as somebody says.
func Until(name string, now, due time.Time) Clock {
	r := rules[name]
	return Clock{Name: name, Kind: r.kind, Rule: r.rule, Started: now, Due: due}
}

// State is how a clock stands at a time.
func (c *Clock) State(now time.Time) string {
	switch {
	case !c.Ended.IsZero() && c.Overdue:
		return "missed"
	case !c.Ended.IsZero():
		return "met"
	case c.stands():
		return "paused"
	case !now.Before(c.Due):
		return "overdue"
	}
	return "running"
}

func (c *Clock) stands() bool {
	return len(c.Paused) > 0 && c.Paused[len(c.Paused)-1].Until.IsZero()
}

// Pause lets a clock stand still; a statutory one, and one that has ended, goes on.
func (c *Clock) Pause(now time.Time, o *Office) {
	if c.Kind == Statutory || !c.Ended.IsZero() || c.stands() {
		return
	}
	c.Paused = append(slices.Clone(c.Paused), Span{From: now})
	if c.Left = c.Due.Sub(now); c.Kind == Internal {
		c.Left = o.Between(now, c.Due)
	}
	c.Left = max(c.Left, 0)
}

// Resume lets it go on, with what was left of it.
func (c *Clock) Resume(now time.Time, o *Office) {
	if !c.stands() {
		return
	}
	c.Paused = slices.Clone(c.Paused)
	last := &c.Paused[len(c.Paused)-1]
	if last.Until = now; now.Before(last.From) { // a clock that was ahead was set back
		last.Until = last.From
	}
	if c.Due.Before(c.Paused[len(c.Paused)-1].From) { // it was overdue before it stood still
		return
	}
	if c.Due = now.Add(c.Left); c.Kind == Internal {
		c.Due = o.Add(now, c.Left)
	}
	c.Left = 0
}

// End stops it for good, and says whether it was overdue by then.
func (c *Clock) End(now time.Time) {
	if !c.Ended.IsZero() {
		return
	}
	c.Overdue = now.After(c.Due)
	if c.stands() {
		first := c.Paused[len(c.Paused)-1].From
		c.Paused = slices.Clone(c.Paused)
		c.Paused[len(c.Paused)-1].Until = now
		c.Overdue = first.After(c.Due)
	}
	c.Ended = now
}
