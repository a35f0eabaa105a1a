package states

import (
	"fmt"
	"slices"
	"strings"
)

// Markdown writes the machine as a table, and what its guards mean below it:
// the documents have no second copy.
func (m *Machine) Markdown() string {
	var b strings.Builder
	b.WriteString("| from | on | by | if | to | with it | deadline |\n| --- | --- | --- | --- | --- | --- | --- |\n")
	for i := range m.Rows {
		r := &m.Rows[i]
		to := code(r.To)
		if r.To == Beginning {
			to = "stays"
		}
		deadline := ""
		if r.Timer != "" {
			deadline = fmt.Sprintf("%s, then %s", code(r.Timer), code(m.Timers[r.Timer]))
		}
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s | %s | %s |\n",
			codes(r.From), code(r.On), codes(r.By), codes(r.Guards), to, codes(r.Effects), deadline)
	}
	b.WriteString("\n| guard | what it asks |\n| --- | --- |\n")
	for _, g := range m.guards() {
		fmt.Fprintf(&b, "| %s | %s |\n", code(g), m.Why[g])
	}
	return b.String()
}

func (m *Machine) guards() []Guard {
	var all []Guard
	for i := range m.Rows {
		for _, g := range m.Rows[i].Guards {
			if !slices.Contains(all, g) {
				all = append(all, g)
			}
		}
	}
	return all
}

func code[T ~string](s T) string {
	if s == "" {
		return "(nothing yet)"
	}
	return "`" + string(s) + "`"
}

func codes[T ~string](all []T) string {
	words := make([]string, len(all))
	for i, s := range all {
		words[i] = code(s)
	}
	return strings.Join(words, ", ")
}
