package ledger

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
)

// WellFormed says whether each signature line of a note is written in its one
// form: base64 has spare bits, and a signature that verifies does not yet mean
// that nobody touched its line.
func WellFormed(signed []byte) bool {
	_, lines, found := bytes.Cut(signed, []byte("\n\n"))
	if !found || !bytes.HasSuffix(lines, []byte("\n")) {
		return false
	}
	all := strings.Split(strings.TrimSuffix(string(lines), "\n"), "\n")
	return !slices.ContainsFunc(all, func(line string) bool {
		rest, isSignature := strings.CutPrefix(line, "— ")
		_, encoded, hasName := strings.Cut(rest, " ")
		raw, err := base64.StdEncoding.DecodeString(encoded)
		return !isSignature || !hasName || err != nil || base64.StdEncoding.EncodeToString(raw) != encoded
	})
}

// signatureLine is one line of signature of a note that is WellFormed.
type signatureLine struct{ name, key, text string }

// signatureLines are those of a note that is WellFormed, in the order in which they stand.
func signatureLines(signed []byte) []signatureLine {
	_, lines, _ := bytes.Cut(signed, []byte("\n\n"))
	var all []signatureLine
	for text := range strings.Lines(string(lines)) {
		name, encoded, _ := strings.Cut(strings.TrimPrefix(text, "— "), " ")
		raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(encoded, "\n"))
		if err != nil || len(raw) < keyHashSize {
			raw = make([]byte, keyHashSize)
		}
		all = append(all, signatureLine{name: name, key: name + " " + string(raw[:keyHashSize]), text: text})
	}
	return all
}

const keyHashSize = 4

// ordered says whether a note that is WellFormed has its lines of signature in the
// order in which Gather writes them, each key's once: the log's own, then those of
// others; of each the shortest first, and what is as long in the order of its bytes.
func ordered(signed []byte) bool {
	origin, _, _ := strings.Cut(string(signed), "\n")
	all, keys := signatureLines(signed), map[string]bool{}
	for i, line := range all {
		if keys[line.key] || i > 0 && compareLines(origin, all[i-1], line) >= 0 {
			return false
		}
		keys[line.key] = true
	}
	return true
}

// compareLines is the order of lines under a checkpoint of origin.
func compareLines(origin string, x, y signatureLine) int {
	others := func(l signatureLine) int {
		if l.name == origin {
			return 0
		}
		return 1
	}
	return cmp.Or(cmp.Compare(others(x), others(y)), cmp.Compare(len(x.text), len(y.text)), cmp.Compare(x.text, y.text))
}
