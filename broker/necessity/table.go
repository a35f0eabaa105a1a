package necessity

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"bauta.dev/bauta/masking"
)

// ErrFormatUnknown says that a table can't be written in a format.
var ErrFormatUnknown = errors.New("format unknown")

// Need is what is missing of an obligation: at least one item ("1"), or of a
// payment the "floor", what must be "held", or all that is "due".
type Need struct {
	Obligation string `json:"obligation"`
	Need       string `json:"need"`
	Have       string `json:"have"`
}

// Cell is one field in one situation, as `bauta policy table` prints it.
// Situation and Missing are shared between cells, and for reading only.
type Cell struct {
	Kind      Kind            `json:"kind"`
	Role      Role            `json:"role"`
	Purpose   Purpose         `json:"purpose"`
	Situation map[string]bool `json:"situation"`
	Field     masking.Field   `json:"field"`
	Outcome   Outcome         `json:"outcome"`
	Ground    Ground          `json:"ground"`
	Rule      string          `json:"rule"`
	Missing   []Need          `json:"missing"`
	Reason    Reason          `json:"reason,omitempty"`
}

// Table decides every cell, in the order of kinds, roles, purposes, situations
// and fields. A cell's situation holds just the conditions that the policies
// of its kind, role and purpose mention, the floor's that can apply there
// among them. That a channel needs the relay is no mention: the table is of
// today, and today there is none.
func (e *Engine) Table(yield func(Cell) bool) {
	for _, s := range e.sheets {
		for b := range situations(s.mentioned) {
			if !s.cells(e.Decide(s.kind, s.role, s.purpose, b), b, yield) {
				return
			}
		}
	}
}

// cells yields a situation's.
func (s *sheet) cells(d *Decision, b Bits, yield func(Cell) bool) bool {
	situation := make(map[string]bool, len(s.told))
	for _, c := range s.mentioned.Conditions() {
		situation[c.String()] = b.Has(c)
	}
	for _, field := range fieldTable {
		f := d.Field(field)
		if !yield(Cell{
			Kind: s.kind, Role: s.role, Purpose: s.purpose, Situation: situation, Field: field,
			Outcome: f.Outcome, Ground: f.Ground, Rule: f.Rule, Missing: Needs(f.Missing, s.kind, b), Reason: f.Reason,
		}) {
			return false
		}
	}
	return true
}

// Needs are the obligations that missing conditions stand for in a situation,
// one for each obligation; never nil. Of two needs of a payment the larger
// stays: what is due covers what is held, and that the floor.
func Needs(missing []Condition, k Kind, b Bits) []Need {
	needs := []Need{}
	for _, c := range missing { // Paid before PaidInFull, and Held before both
		id, need, ok := c.Obligation(k, b)
		if !ok {
			continue
		}
		i := slices.IndexFunc(needs, func(n Need) bool { return n.Obligation == id })
		if i < 0 {
			needs = append(needs, Need{id, need, "0"})
		} else if need == "due" {
			needs[i].Need = need
		}
	}
	return needs
}

// WriteTable writes an engine's table: "json" and "csv" have every cell, "md"
// has them gathered, a line for all the situations with the same answer. Any
// other format is ErrFormatUnknown.
func WriteTable(w io.Writer, e *Engine, format string) error {
	write, ok := map[string]func(io.Writer, *Engine) error{
		"md": writeMarkdown, "csv": writeCSV, "json": writeJSON,
	}[format]
	if !ok {
		return fmt.Errorf("write table as %q: want md, csv or json: %w", format, ErrFormatUnknown)
	}
	if err := write(w, e); err != nil {
		return fmt.Errorf("write table: %w", err)
	}
	return nil
}

// writeJSON writes an array, a line for each cell.
func writeJSON(w io.Writer, e *Engine) error {
	separator := "[\n"
	var failed error
	e.Table(func(c Cell) bool {
		line, err := json.Marshal(c)
		if err == nil {
			_, err = io.WriteString(w, separator+string(line))
		}
		separator, failed = ",\n", err
		return err == nil
	})
	if failed != nil {
		return failed
	}
	_, err := io.WriteString(w, "\n]\n")
	return err
}

// writeCSV writes a situation as its conditions, those that do not hold with a
// "!" before them.
func writeCSV(w io.Writer, e *Engine) error {
	out := csv.NewWriter(w)
	failed := out.Write([]string{"kind", "role", "purpose", "situation", "field", "outcome", "ground", "rule", "reason", "missing"})
	e.Table(func(c Cell) bool {
		missing := make([]string, len(c.Missing))
		for i, n := range c.Missing {
			missing[i] = n.Obligation + ":" + n.Need
		}
		if failed == nil {
			failed = out.Write([]string{
				string(c.Kind), string(c.Role), string(c.Purpose), literals(c.Situation), string(c.Field), string(c.Outcome),
				string(c.Ground), c.Rule, string(c.Reason), strings.Join(missing, " "),
			})
		}
		return failed == nil
	})
	out.Flush()
	return errors.Join(failed, out.Error())
}

// literals writes a situation in the order of the conditions.
func literals(situation map[string]bool) string {
	var words []string
	for c := range conditionCount {
		holds, ok := situation[c.String()]
		switch {
		case ok && holds:
			words = append(words, c.String())
		case ok:
			words = append(words, "!"+c.String())
		}
	}
	return strings.Join(words, " ")
}
