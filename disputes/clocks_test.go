package disputes_test

import (
	"errors"
	"math/rand/v2"
	"testing"
	"time"

	. "bauta.dev/bauta/disputes"
)

func zone(t *testing.T, name string) *time.Location {
	t.Helper()
	z, err := time.LoadLocation(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// berlin works from Monday to Friday from nine to five, on no holiday.
func berlin(t *testing.T) *Office {
	t.Helper()
	o := &Office{Zone: zone(t, "Europe/Berlin"), Off: map[string]bool{"2026-12-25": true, "2027-01-01": true}}
	for day := time.Monday; day <= time.Friday; day++ {
		o.Hours[day] = Hours{9 * 60, 17 * 60}
	}
	return o
}

func at(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return t
}

func TestOfficeHours(t *testing.T) {
	t.Parallel()
	office := berlin(t)
	night := &Office{Zone: office.Zone}
	night.Hours[time.Sunday] = Hours{0, 6 * 60} // the clocks are changed in these hours
	for name, x := range map[string]struct {
		office *Office
		from   string
		hours  int
		want   string
	}{
		"within a day":              {office, "2026-11-26T10:00:00+01:00", 2, "2026-11-26T12:00:00+01:00"},
		"over a night":              {office, "2026-11-26T16:00:00+01:00", 2, "2026-11-27T10:00:00+01:00"},
		"over a weekend":            {office, "2026-11-27T16:00:00+01:00", 2, "2026-11-30T10:00:00+01:00"},
		"from the night before":     {office, "2026-11-26T03:00:00+01:00", 1, "2026-11-26T10:00:00+01:00"},
		"from a Sunday":             {office, "2026-11-29T12:00:00+01:00", 8, "2026-11-30T17:00:00+01:00"},
		"over a holiday":            {office, "2026-12-24T16:00:00+01:00", 2, "2026-12-28T10:00:00+01:00"},
		"over the end of summer":    {office, "2026-10-23T16:00:00+02:00", 2, "2026-10-26T10:00:00+01:00"},
		"over the end of winter":    {office, "2026-03-27T16:00:00+01:00", 2, "2026-03-30T10:00:00+02:00"},
		"asked in another zone":     {office, "2026-11-26T21:00:00-05:00", 1, "2026-11-27T10:00:00+01:00"},
		"a night of seven hours":    {night, "2026-10-25T00:00:00+02:00", 7, "2026-10-25T06:00:00+01:00"},
		"a night of five hours":     {night, "2026-03-29T00:00:00+01:00", 5, "2026-03-29T06:00:00+02:00"},
		"the hour that comes twice": {night, "2026-10-25T00:00:00+02:00", 3, "2026-10-25T02:00:00+01:00"},
		"no office is always open":  {nil, "2026-11-29T03:00:00+01:00", 8, "2026-11-29T11:00:00+01:00"},
	} {
		got := x.office.Add(at(x.from), time.Duration(x.hours)*time.Hour)
		if !got.Equal(at(x.want)) {
			t.Errorf("%s: %s, want %s", name, got.In(office.Zone), x.want)
		}
		if back := x.office.Between(at(x.from), got); back != time.Duration(x.hours)*time.Hour {
			t.Errorf("%s: %s between them", name, back)
		}
	}
}

// Adding and measuring are each other's inverse, wherever one begins.
func TestOfficeAddsWhatItMeasures(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(6, 2026))
	office := berlin(t)
	start := at("2026-03-01T00:00:00Z")
	for range 2000 {
		from := start.Add(time.Duration(r.Int64N(int64(400 * Day))))
		d := time.Duration(1 + r.Int64N(int64(100*time.Hour)))
		until := office.Add(from, d)
		if got := office.Between(from, until); got != d {
			t.Fatalf("from %s: added %s, measured %s", from, d, got)
		}
		if half := from.Add(until.Sub(from) / 2); office.Between(from, half)+office.Between(half, until) != d {
			t.Fatalf("from %s to %s: the halves are not the whole", from, until)
		}
	}
}

func TestOfficeIsChecked(t *testing.T) {
	t.Parallel()
	good := berlin(t)
	if err := good.Check(); err != nil {
		t.Error(err)
	}
	for name, change := range map[string]func(*Office){
		"never open":            func(o *Office) { o.Hours = [7]Hours{} },
		"shuts before it opens": func(o *Office) { o.Hours[time.Monday] = Hours{600, 500} },
		"a day of 25 hours":     func(o *Office) { o.Hours[time.Monday] = Hours{0, 25 * 60} },
		"before midnight":       func(o *Office) { o.Hours[time.Monday] = Hours{-1, 60} },
	} {
		bad := *good
		change(&bad)
		if err := bad.Check(); !errors.Is(err, ErrOffice) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// What we mean to keep stands still while somebody else is waited for, and goes on with
// what was left; what the law gives does not.
func TestClocksPause(t *testing.T) {
	t.Parallel()
	office := berlin(t)
	began := at("2026-11-26T10:00:00+01:00")
	internal, law := Start(DecisionClock, began, office), Start(ResolveClock, began, office)
	if want := at("2026-12-10T10:00:00+01:00"); !internal.Due.Equal(want) { // ten days of eight hours
		t.Errorf("due %s, want %s", internal.Due, want)
	}
	due := law.Due
	pause, resume := at("2026-11-30T12:00:00+01:00"), at("2026-12-03T20:00:00+01:00")
	for _, c := range []*Clock{&internal, &law} {
		c.Pause(pause, office)
		c.Pause(pause.Add(time.Hour), office) // it stands still already
	}
	if internal.State(pause) != "paused" || law.State(pause) != "running" {
		t.Errorf("%s, %s", internal.State(pause), law.State(pause))
	}
	internal.Resume(resume, office)
	law.Resume(resume, office)
	// 18 hours were used by the time that it stood still: 62 are left from Friday morning.
	if want := at("2026-12-15T15:00:00+01:00"); !internal.Due.Equal(want) || !law.Due.Equal(due) || len(law.Paused) != 0 {
		t.Errorf("due %s, want %s; by law %s, want %s", internal.Due.In(office.Zone), want, law.Due, due)
	}
	if len(internal.Paused) != 1 || !internal.Paused[0].From.Equal(pause) || !internal.Paused[0].Until.Equal(resume) {
		t.Errorf("spans %v", internal.Paused)
	}
	internal.End(internal.Due.Add(-time.Second))
	law.End(law.Due.Add(time.Second))
	if internal.State(resume) != "met" || law.State(resume) != "missed" {
		t.Errorf("%s, %s", internal.State(resume), law.State(resume))
	}
	again := internal
	again.End(internal.Due.Add(Day))
	again.Pause(resume, office)
	if again.Overdue || len(again.Paused) != 1 {
		t.Error("what has ended goes on")
	}
}

// One that was overdue before it stood still is overdue when it goes on, and when it ends.
func TestOverdueStaysOverdue(t *testing.T) {
	t.Parallel()
	c := Start(FirstClock, at("2026-11-26T10:00:00Z"), nil)
	late := c.Due.Add(time.Hour)
	c.Pause(late, nil)
	c.Resume(late.Add(Day), nil)
	if c.State(late.Add(Day)) != "overdue" {
		t.Error(c.State(late.Add(Day)))
	}
	c.Pause(late.Add(2*Day), nil)
	c.End(late.Add(3 * Day))
	if c.State(late) != "missed" {
		t.Error(c.State(late))
	}
}
