package pages

import (
	"fmt"
	"strconv"
)

// Columns are numbers by week, each column of parts one upon the other.
type Columns struct {
	ID, Title, Summary string
	Head               string   // what the columns are
	Series             []string // what the parts are
	Rows               []BarRow // from left to right
}

// Any says whether there is anything to draw.
func (c Columns) Any() bool { return c.most() > 0 }

func (c Columns) most() (most int) {
	for _, r := range c.Rows {
		most = max(most, r.All())
	}
	return most
}

// Of columns, in pixels.
const columnTop, columnHigh, columnFoot = 20, 96, 26

// Height of the drawing.
func (Columns) Height() int { return columnTop + columnHigh + columnFoot }

// GroundY is what the columns stand on.
func (Columns) GroundY() int { return columnTop + columnHigh }

// DrawnColumn is one column as it is drawn.
type DrawnColumn struct {
	X, Width, Middle string
	Label, Value     string // no value on an empty one
	LabelY, ValueY   int
	Odd              bool
	Parts            []DrawnPiece
}

// DrawnPiece is a part of it.
type DrawnPiece struct{ N, Y, H int } // N: of the series, from 1

// Drawn is where everything is; the highest column takes all the height there is.
func (c Columns) Drawn() (all []DrawnColumn) {
	most, width := max(c.most(), 1), 100/float64(len(c.Rows))
	for i, r := range c.Rows {
		left := float64(i) * width
		d := DrawnColumn{
			X: fmt.Sprintf("%.2f%%", left+width*.18), Width: fmt.Sprintf("%.2f%%", width*.64), Middle: fmt.Sprintf("%.2f%%", left+width/2),
			Label: r.Label, LabelY: c.GroundY() + 19, Odd: i%2 == 1,
		}
		below := 0
		for n, p := range r.Parts {
			y := c.GroundY() - (below+p)*columnHigh/most
			if p > 0 {
				d.Parts = append(d.Parts, DrawnPiece{n + 1, y, c.GroundY() - below*columnHigh/most - y})
				d.Value, d.ValueY = strconv.Itoa(below+p), y-6
			}
			below += p
		}
		all = append(all, d)
	}
	return all
}
