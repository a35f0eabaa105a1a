package pages

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Charts are drawn here, as SVG without a style of its own: what is along the page is in
// per cent, so that letters stay as large as everywhere, and what is down it in pixels. Each
// has its numbers in a table beside it, and none says anything by colour alone.

// Bars are rows, each of parts one after the other.
type Bars struct {
	ID, Title, Summary string
	Head               string   // what the rows are
	Series             []string // what the parts are
	Rows               []BarRow
}

// BarRow is one of them.
type BarRow struct {
	Label string
	Parts []int
}

// All is how much there is in the row.
func (r BarRow) All() (n int) {
	for _, p := range r.Parts {
		n += p
	}
	return n
}

// Of bars, in pixels.
const barPitch, barLine, barTop, barHigh = 46, 15, 22, 12

// Height of the drawing.
func (b Bars) Height() int { return len(b.Rows) * barPitch }

// Stacked says whether the parts need a legend.
func (b Bars) Stacked() bool { return len(b.Series) > 1 }

// DrawnBar is one row as it is drawn.
type DrawnBar struct {
	Label, Value string
	TextY, Y, H  int
	Parts        []DrawnPart
}

// DrawnPart is a part of it.
type DrawnPart struct {
	N        int // of the series, from 1
	X, Width string
}

// Drawn is where everything is; the longest row takes all the width there is.
func (b Bars) Drawn() []DrawnBar {
	most := 1
	for _, r := range b.Rows {
		most = max(most, r.All())
	}
	var all []DrawnBar
	for i, r := range b.Rows {
		d := DrawnBar{Label: r.Label, Value: strconv.Itoa(r.All()), TextY: i*barPitch + barLine, Y: i*barPitch + barTop, H: barHigh}
		before := 0
		for n, p := range r.Parts {
			if p > 0 {
				d.Parts = append(d.Parts, DrawnPart{n + 1, percent(before, most), percent(p, most)})
			}
			before += p
		}
		all = append(all, d)
	}
	return all
}

func percent(n, of int) string { return fmt.Sprintf("%.2f%%", 100*float64(n)/float64(of)) }

// Terms are lines of how long something took, by week.
type Terms struct {
	ID, Title, Summary string
	Series             []string
	Columns            []string // of the table, after the series
	Points             []TermPoint
}

// TermPoint is one week. Of one without Terms there is nothing to draw.
type TermPoint struct {
	Label string
	Terms []time.Duration
	More  []string // for the table
}

// Words are the terms for the table.
func (p TermPoint) Words(series []string) []string {
	words := make([]string, len(series))
	for i := range words {
		if words[i] = "–"; i < len(p.Terms) {
			words[i] = termWords(p.Terms[i])
		}
	}
	return append(words, p.More...)
}

// Of lines, in pixels; and how wide the drawing of the lines thinks that it is.
const termTop, termHigh, termWide, termFoot = 14, 168, 1000, 30

// Height of the drawing.
func (Terms) Height() int { return termTop + termHigh + termFoot }

// PlotY and PlotHeight are where the lines are.
func (Terms) PlotY() int { return termTop }

// PlotHeight is how high they are.
func (Terms) PlotHeight() int { return termHigh }

// Box is the measure of the lines' own drawing.
func (Terms) Box() string { return fmt.Sprintf("0 0 %d %d", termWide, termHigh) }

// FootY is where the weeks are written.
func (Terms) FootY() int { return termTop + termHigh + 20 }

func (t Terms) most() time.Duration {
	most := time.Hour
	for _, p := range t.Points {
		for _, d := range p.Terms {
			most = max(most, d)
		}
	}
	step := t.step(most)
	return (most + step - 1) / step * step
}

// step is between two lines of the grid: so that there are at most four.
func (Terms) step(most time.Duration) time.Duration {
	const day = 24 * time.Hour
	for _, s := range []time.Duration{time.Hour, 2 * time.Hour, 4 * time.Hour, 12 * time.Hour, day, 2 * day, 5 * day, 10 * day, 20 * day, 30 * day} {
		if most <= 4*s {
			return s
		}
	}
	return (most/4/(30*day) + 1) * 30 * day
}

// Mark is something at a height, or at a place along the width.
type Mark struct {
	Y    int
	X    string
	Text string
	N    int // of the series, from 1
	Odd  bool
}

// Grid are the lines behind.
func (t Terms) Grid() (all []Mark) {
	most := t.most()
	for d := time.Duration(0); d <= most; d += t.step(most) {
		all = append(all, Mark{Y: termTop + t.y(d), Text: termWords(d)})
	}
	return all
}

func (t Terms) y(d time.Duration) int {
	return termHigh - int(float64(termHigh)*float64(d)/float64(t.most()))
}

func (t Terms) x(i int) float64 { return (float64(i) + .5) / float64(len(t.Points)) }

// Weeks are the labels below.
func (t Terms) Weeks() (all []Mark) {
	for i, p := range t.Points {
		all = append(all, Mark{X: fmt.Sprintf("%.2f%%", 100*t.x(i)), Text: p.Label, Odd: i%2 == 1})
	}
	return all
}

// Dots are the points.
func (t Terms) Dots() (all []Mark) {
	for i, p := range t.Points {
		for n, d := range p.Terms {
			all = append(all, Mark{X: fmt.Sprintf("%.2f%%", 100*t.x(i)), Y: termTop + t.y(d), N: n + 1})
		}
	}
	return all
}

// DrawnLine is a line through points that follow each other.
type DrawnLine struct {
	N      int
	Points string
}

// Lines go from point to point; a week without one interrupts them.
func (t Terms) Lines() (all []DrawnLine) {
	for n := range t.Series {
		var points []string
		end := func() {
			if len(points) > 1 {
				all = append(all, DrawnLine{n + 1, strings.Join(points, " ")})
			}
			points = nil
		}
		for i, p := range t.Points {
			if n >= len(p.Terms) {
				end()
				continue
			}
			points = append(points, fmt.Sprintf("%.1f,%d", termWide*t.x(i), t.y(p.Terms[n])))
		}
		end()
	}
	return all
}

// termWords is a term as people say it.
func termWords(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d == 0:
		return "0"
	case d >= 2*day && d%day == 0 || d >= 10*day:
		return strconv.Itoa(int(d.Round(day)/day)) + " days"
	case d >= 2*day:
		return fmt.Sprintf("%.1f days", d.Hours()/24)
	case d >= time.Hour:
		return strconv.Itoa(int(d.Round(time.Hour)/time.Hour)) + " h"
	default:
		return strconv.Itoa(int(d/time.Minute)) + " min"
	}
}

// Overview is how the work stands.
type Overview struct {
	Shell
	Places              []DeskTab
	At                  time.Time
	Figures             []Figure
	Time                Terms
	Open, Asked, Denied Bars
	Heard, Glass        Columns
	Part                string // which part of the requests was counted, if it is not all
}

func (Overview) template() string { return "overview" }

// Figure is one number that matters.
type Figure struct {
	Label, Value, Note string
	Address            string // where what it counts is
	Bad                bool
}
