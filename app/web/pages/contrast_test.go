package pages_test

import (
	"fmt"
	"math"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// pair is a colour on another one. Text has to stand out 4.5 to 1, and what is drawn or
// bounds something that is used 3 to 1 (WCAG 2.2, 1.4.3 and 1.4.11).
type pair struct {
	on, under, use string
	least          float64
}

func pairs() []pair {
	const text, drawn = 4.5, 3
	var all []pair
	for _, under := range []string{"paper", "surface", "sunken", "calm-paper", "good-paper", "warn-paper", "bad-paper"} {
		all = append(all, pair{"ink", under, "what is read", text})
	}
	for _, under := range []string{"paper", "surface", "sunken", "calm-paper"} {
		all = append(all, pair{"soft", under, "what matters less", text})
	}
	for _, under := range []string{"paper", "surface", "calm-paper"} {
		all = append(all, pair{"accent", under, "links, and what can be done", text})
	}
	return append(all,
		pair{"accent-deep", "surface", "the same under the pointer", text},
		pair{"on-accent", "accent", "the main button", text}, pair{"on-accent", "accent-deep", "the same under the pointer", text},
		pair{"good", "good-paper", "what went well", text}, pair{"good", "surface", "what went well", text}, pair{"good", "calm-paper", "what a set has now", text},
		pair{"warn", "warn-paper", "what waits", text}, pair{"warn", "surface", "what waits", text},
		pair{"bad", "bad-paper", "what went wrong", text}, pair{"bad", "surface", "what went wrong", text}, pair{"bad", "calm-paper", "what a set had before", text},
		pair{"good-paper", "good", "a chip in a fresh row", text},
		pair{"buyer", "surface", "the buyer’s side", text}, pair{"seller", "surface", "the seller’s side", text},
		pair{"on-cloak", "cloak", "the head of every page", text}, pair{"on-cloak-soft", "cloak", "and what matters less there", text},
		pair{"hat", "cloak", "the focus in the head", drawn},
		pair{"accent", "paper", "the focus", drawn}, pair{"accent", "surface", "the focus, bars of progress", drawn},
		pair{"edge", "surface", "the border of a field", drawn}, pair{"edge", "paper", "the border of a button", drawn},
		pair{"chart-1", "surface", "the first part of a drawing", drawn}, pair{"chart-2", "surface", "the second", drawn}, pair{"chart-3", "surface", "the third", drawn},
	)
}

// tokens are the colours by day and by night.
func tokens(t *testing.T) (day, night map[string]string) {
	t.Helper()
	text, err := os.ReadFile("assets/tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, found := strings.Cut(string(text), "@media")
	if !found {
		t.Fatal("there is no night")
	}
	read := func(css string, into map[string]string) map[string]string {
		for _, m := range regexp.MustCompile(`--([\w-]+):\s*(#[0-9a-f]{3,6});`).FindAllStringSubmatch(css, -1) {
			into[m[1]] = m[2]
		}
		return into
	}
	day = read(first, map[string]string{})
	night = read(first, map[string]string{})
	return day, read(second, night)
}

// luminance is as WCAG has it.
func luminance(t *testing.T, colour string) float64 {
	t.Helper()
	if len(colour) == 4 {
		colour = "#" + strings.Repeat(colour[1:2], 2) + strings.Repeat(colour[2:3], 2) + strings.Repeat(colour[3:4], 2)
	}
	var sum float64
	for i, weight := range []float64{0.2126, 0.7152, 0.0722} {
		n, err := strconv.ParseUint(colour[1+2*i:3+2*i], 16, 8)
		if err != nil {
			t.Fatal(colour, err)
		}
		c := float64(n) / 255
		if c <= 0.04045 {
			c /= 12.92
		} else {
			c = math.Pow((c+0.055)/1.055, 2.4)
		}
		sum += weight * c
	}
	return sum
}

func contrast(t *testing.T, x, y string) float64 {
	t.Helper()
	a, b := luminance(t, x), luminance(t, y)
	return (max(a, b) + .05) / (min(a, b) + .05)
}

// Whatever is read or drawn stands out from what it is on, by day and by night, and the
// document says how far.
func TestContrast(t *testing.T) {
	t.Parallel()
	day, night := tokens(t)
	var table strings.Builder
	table.WriteString("| colour | on | for | at least | by day | by night |\n|---|---|---|---|---|---|\n")
	for _, p := range pairs() {
		line := fmt.Sprintf("| `%s` | `%s` | %s | %.1f |", p.on, p.under, p.use, p.least)
		for theme, colours := range map[string]map[string]string{"day": day, "night": night} {
			if colours[p.on] == "" || colours[p.under] == "" {
				t.Fatalf("%s on %s: no such colour by %s", p.on, p.under, theme)
			}
			if ratio := contrast(t, colours[p.on], colours[p.under]); ratio < p.least {
				t.Errorf("%s on %s by %s: %.2f, want %.1f", p.on, p.under, theme, ratio, p.least)
			}
		}
		fmt.Fprintf(&table, "%s %.1f | %.1f |\n", line, contrast(t, day[p.on], day[p.under]), contrast(t, night[p.on], night[p.under]))
	}
	const path, begin, end = "../../../docs/design-language.md", "<!-- contrast, by TestContrast -->\n", "<!-- end -->"
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(text), begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		t.Fatal("the document has no place for the table")
	}
	want := before + begin + table.String() + end + after
	if os.Getenv("UPDATE") != "" {
		if err := os.WriteFile(path, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want != string(text) {
		t.Error("the document has other ratios; UPDATE=1 takes these over")
	}
}
