// Package letters decides how a decision on a case, and a question in one, are told to
// each side: from versioned templates in its language, with every slot filled from what
// the case's entries say. The same entry and the same version give the same letter.
package letters

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"bauta.dev/bauta/masking"
)

//go:embed templates/*.txt
var files embed.FS

// Kind is what a letter tells.
type Kind string

// Kinds of letters: of a decision one for each outcome.
const (
	DecisionPrefix Kind = "decision_"
	AppealDecided  Kind = "appeal_decided"
	Evidence       Kind = "evidence_requested"
)

// Newest is the version that new letters are written by. A version that was ever
// released is never edited: what was told can be told again.
const Newest = 1

// Slots of the templates.
const (
	slotFindings = "findings"
)

// slots are what the templates of a kind have to have, each of them.
var slots = map[Kind][]string{
	"decision_refund":      append(everyDecision(), "amount"),
	"decision_part_refund": append(everyDecision(), "amount"),
	"decision_release":     everyDecision(),
	"decision_none":        everyDecision(),
	AppealDecided:          append(everyDecision(), "outcome"),
	Evidence:               append(everyLetter(), "wanted"),
}

func everyLetter() []string { return []string{"case", "transaction", "date", "recipient"} }

func everyDecision() []string {
	return append(everyLetter(), "lines", "reason", slotFindings, "clause", "remedy", "fields", "appeal")
}

// Kinds are all of them.
func Kinds() []Kind {
	var all []Kind
	for k := range slots {
		all = append(all, k)
	}
	slices.Sort(all)
	return all
}

// Languages are those that there are letters in; the first is for everybody else.
func Languages() []string { return []string{"en", "zh", "pt"} }

// Language is the one for a locale, like pt-BR.
func Language(locale string) string {
	tag, _, _ := strings.Cut(strings.ToLower(locale), "-")
	if slices.Contains(Languages(), tag) {
		return tag
	}
	return Languages()[0]
}

type key struct {
	kind    Kind
	version int
	lang    string
}

// Book are the templates.
type Book struct{ texts map[key]string }

// Load reads the templates that were built in. Its error means that the binary was built
// wrong.
func Load() (*Book, error) { return load(files) }

var errTemplate = errors.New("a template of a letter is not right")

// load refuses a template that has a slot which its kind does not know, or lacks one, and
// a version that is not there in every language and of every kind.
func load(from fs.FS) (*Book, error) {
	names, err := fs.Glob(from, "templates/*.txt")
	if err != nil {
		return nil, err
	}
	b := &Book{texts: map[key]string{}}
	for _, name := range names {
		k, err := parseName(path.Base(name))
		if err != nil {
			return nil, err
		}
		text, err := fs.ReadFile(from, name)
		if err != nil {
			return nil, err
		}
		if err := checkSlots(k.kind, string(text)); err != nil {
			return nil, fmt.Errorf("%w: %s: %w", errTemplate, name, err)
		}
		b.texts[k] = string(text)
	}
	for version := 1; version <= Newest; version++ {
		for kind := range slots {
			for _, lang := range Languages() {
				if b.texts[key{kind, version, lang}] == "" {
					return nil, fmt.Errorf("%w: there is no %s.v%d.%s", errTemplate, kind, version, lang)
				}
			}
		}
	}
	return b, nil
}

func parseName(name string) (key, error) {
	parts := strings.Split(name, ".")
	if len(parts) != 4 {
		return key{}, fmt.Errorf("%w: %s is not KIND.vN.LANGUAGE.txt", errTemplate, name)
	}
	version, err := strconv.Atoi(strings.TrimPrefix(parts[1], "v"))
	_, known := slots[Kind(parts[0])]
	if err != nil || !known || version < 1 || version > Newest || !slices.Contains(Languages(), parts[2]) {
		return key{}, fmt.Errorf("%w: %s is of no kind, version or language that there is", errTemplate, name)
	}
	return key{Kind(parts[0]), version, parts[2]}, nil
}

// quote marks each line of somebody's words, so that none of them looks like ours.
func quote(words string) string {
	lines := lineEnd.Split(strings.TrimSpace(words), -1)
	return "> " + strings.Join(lines, "\n> ")
}

// lineEnd is all that somewhere is shown as the end of a line.
var lineEnd = regexp.MustCompile("\r\n|[\n\v\f\r\u0085\u2028\u2029]")

var slot = regexp.MustCompile(`\{\{([a-z_]*)\}\}`)

func checkSlots(kind Kind, text string) error {
	var has []string
	for _, m := range slot.FindAllStringSubmatch(text, -1) {
		if !slices.Contains(slots[kind], m[1]) {
			return fmt.Errorf("%s is no slot of %s", m[1], kind)
		}
		has = append(has, m[1])
	}
	for _, name := range slots[kind] {
		if !slices.Contains(has, name) {
			return fmt.Errorf("%s is missing", name)
		}
	}
	if strings.ContainsAny(slot.ReplaceAllString(text, ""), "{}") {
		return errors.New("a brace is left over")
	}
	return nil
}

// Render fills a template. What was found is somebody's words, and stays as closed as
// they are; a zero text leaves their place masked. What a slot says is never looked at for
// slots again.
func (b *Book) Render(kind Kind, version int, lang string, said map[string]string, findings masking.Text) (masking.Text, error) {
	text, there := b.texts[key{kind, version, lang}]
	if !there {
		return masking.Text{}, fmt.Errorf("%w: there is no %s.v%d.%s", errTemplate, kind, version, lang)
	}
	missing := ""
	out := slot.ReplaceAllStringFunc(text, func(m string) string {
		name := strings.Trim(m, "{}")
		if name == slotFindings {
			if findings.IsZero() {
				return "•••"
			}
			return quote(findings.Reveal())
		}
		if said[name] == "" {
			missing = name
		}
		return said[name]
	})
	if missing != "" {
		return masking.Text{}, fmt.Errorf("%w: %s: nothing was said for %s", errTemplate, kind, missing)
	}
	return masking.NewText(out), nil
}
