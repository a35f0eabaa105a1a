package necessity

import (
	"fmt"
	"strings"
)

// A set is kept as the canonical text of its policies, so that any broker can
// load the set in force, and compare another one with it later, when the binary
// may have another floor.

// Text is the set's permits in canonical form, in the order of their ids:
// comments and the division into files are left out.
func (e *Engine) Text() string { return e.text }

// Floor is the floor under them, in the same form.
func (e *Engine) Floor() string { return e.floor }

// Restore is the inverse of Text, over this binary's floor: where that is the
// one that the text was kept with, the Engine has the same Version.
func Restore(text string) (*Engine, error) { return load(textOf(text)) }

// Recall is an engine as it was, over a floor that was kept with it. It is for
// comparing alone: nobody decides by a floor that is not this binary's.
func Recall(text, floor string) (*Engine, error) {
	if text == "" {
		return Nothing()
	}
	e, problems := build([]byte(floor), textOf(text))
	if len(problems) > 0 {
		return nil, fmt.Errorf("recall policies: %w", &InvalidError{problems})
	}
	return e, nil
}

// VersionOf is the version of a kept set, with the floor that it was kept with.
func VersionOf(text, floor string) (string, error) {
	var sets [2][]*rule
	for i, t := range []string{floor, text} {
		rules, problems := parse("kept.cedar", []byte(t))
		if len(problems) > 0 {
			return "", fmt.Errorf("read kept policies: %w", &InvalidError{problems})
		}
		sets[i] = rules
	}
	return version(sets[:]...), nil
}

// Nothing is the floor without any permit: what a first set is compared with.
func Nothing() (*Engine, error) {
	floor, problems := readFloor(floorText)
	if len(problems) == 0 {
		var e *Engine
		if e, problems = newEngine(floor, nil); len(problems) == 0 {
			return e, nil
		}
	}
	return nil, fmt.Errorf("load floor: %w", &InvalidError{problems})
}

func canonical(set []*rule) string {
	var text strings.Builder
	for _, r := range byID(set) {
		text.Write(r.policy.MarshalCedar())
		text.WriteString("\n\n")
	}
	return text.String()
}

func textOf(text string) reader {
	return func() ([]*rule, []Problem) { return parse("kept.cedar", []byte(text)) }
}
