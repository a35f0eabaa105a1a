package necessity

import (
	"bufio"
	"fmt"
	"io"
	"math/bits"
	"strings"

	"bauta.dev/bauta/masking"
)

// writeMarkdown gathers cells: a line has all the situations in which its
// conditions are as it says, whatever the others are. Lines never overlap, and
// together they are every cell.
func writeMarkdown(w io.Writer, e *Engine) error {
	out := bufio.NewWriter(w)
	_, _ = fmt.Fprintf(out, "# Necessary data, cell by cell\n\nPolicies: `%s`. `!` means that a condition does not hold; one that a line does not name makes no\ndifference there. A field that a section does not name is withheld as `not_necessary`, whatever the situation.\n", e.Version())
	var none []string
	for _, s := range e.sheets {
		if len(s.necessary) == 0 {
			none = append(none, fmt.Sprintf("%s %s %s", s.kind, s.role, s.purpose))
			continue
		}
		_, _ = fmt.Fprintf(out, "\n## %s: the %s asks to %s\n\n| field | situation | outcome | ground | rule or reason | missing |\n|---|---|---|---|---|---|\n", s.kind, s.role, s.purpose)
		for _, f := range s.necessary {
			s.writeField(out, e, f)
		}
	}
	_, _ = fmt.Fprintf(out, "\n## Nothing, ever\n\n%s.\n", strings.Join(none, ", "))
	return out.Flush()
}

// writeField writes the lines of one field.
func (s *sheet) writeField(out io.Writer, e *Engine, f masking.Field) {
	answers := map[Bits]string{}
	for b := range situations(s.mentioned) {
		d := e.Decide(s.kind, s.role, s.purpose, b).Field(f)
		said := d.Rule
		if d.Outcome == Withheld {
			said = string(d.Reason)
		}
		missing := make([]string, len(d.Missing))
		for i, c := range d.Missing {
			missing[i] = c.String()
		}
		answers[b] = fmt.Sprintf("%s | %s | %s | %s", d.Outcome, d.Ground, said, strings.Join(missing, " "))
	}
	gather(s.mentioned, 0, 0, answers, func(fixed, holding Bits, answer string) {
		var words []string
		for _, c := range fixed.Conditions() {
			if holding.Has(c) {
				words = append(words, c.String())
			} else {
				words = append(words, "!"+c.String())
			}
		}
		_, _ = fmt.Fprintf(out, "| %s | %s | %s |\n", f, strings.Join(words, " "), answer)
	})
}

// gather splits the situations in which the fixed conditions are as holding
// says, until each part has one answer.
func gather(free, fixed, holding Bits, answers map[Bits]string, write func(fixed, holding Bits, answer string)) {
	if uniform(free, holding, answers) {
		write(fixed, holding, answers[holding])
		return
	}
	c := split(free, holding, answers)
	gather(free&^c, fixed|c, holding|c, answers, write)
	gather(free&^c, fixed|c, holding, answers, write)
}

// uniform says that the free conditions make no difference.
func uniform(free, holding Bits, answers map[Bits]string) bool {
	for b := range situations(free) {
		if answers[b|holding] != answers[holding] {
			return false
		}
	}
	return true
}

// split chooses the condition to part by: one that settles half of the
// situations, else the one that makes a difference to most.
func split(free, holding Bits, answers map[Bits]string) Bits {
	var best Bits
	most := -1
	for rest := free; rest != 0; rest &= rest - 1 {
		c := Bits(1) << bits.TrailingZeros32(uint32(rest))
		differ := 0
		for b := range situations(free &^ c) {
			if answers[b|holding] != answers[b|holding|c] {
				differ++
			}
		}
		if uniform(free&^c, holding|c, answers) || uniform(free&^c, holding, answers) {
			differ += 1 << maxConditions
		}
		if differ > most {
			best, most = c, differ
		}
	}
	return best
}
