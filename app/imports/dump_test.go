package imports_test

import (
	"context"
	"encoding/hex"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"bauta.dev/bauta/app/imports"
)

// A dump of everything, keys and all, as the owner makes it, holds not one name,
// e-mail, phone or street of a marketplace, neither as text nor as bytes (I5).
func TestDumpHoldsNoValue(t *testing.T) {
	t.Parallel()
	h, files := newHouse(t), olist(t)
	if _, err := imports.Run(context.Background(), h.Broker, files, imports.Options{}); err != nil {
		t.Fatal(err)
	}
	dump := pgDump(t, h.db.URL("bauta_owner"))
	if len(dump) < 1<<20 {
		t.Fatalf("the dump has %d bytes: it is not of what was imported", len(dump))
	}
	w := words{}
	for _, p := range read(t, files.Parties) {
		for _, column := range []string{"name", "email", "phone", "street"} {
			w.add(p[column])
		}
	}
	if found := w.in(dump); found > 0 {
		t.Errorf("the dump holds %d of %d values", found, w.count())
	}
	w.add("COPY public.ledger_entries") // the search itself has to be able to find
	if w.in(dump) == 0 {
		t.Error("the search finds nothing, not even what is there")
	}
}

func pgDump(t *testing.T, url string) string {
	t.Helper()
	name, err := exec.LookPath("pg_dump")
	if err != nil {
		found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/pg_dump") // the pattern is well formed
		if len(found) == 0 {
			t.Fatal("pg_dump is missing: it comes with PostgreSQL")
		}
		name = found[len(found)-1]
	}
	out, err := exec.CommandContext(t.Context(), name, url).Output()
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

// words finds many words in one pass, by their first bytes. Words shorter than
// those would be in any dump by chance.
type words map[[wordHead]byte][]string

const wordHead = 6

func (w words) add(s string) {
	for _, form := range []string{s, strings.ToLower(s), hex.EncodeToString([]byte(s))} {
		if len(form) >= wordHead {
			head := [wordHead]byte([]byte(form[:wordHead]))
			w[head] = append(w[head], form)
		}
	}
}

func (w words) count() (n int) {
	for _, forms := range w {
		n += len(forms)
	}
	return n
}

func (w words) in(text string) int {
	found := map[string]bool{}
	for i := 0; i+wordHead <= len(text); i++ {
		for _, word := range w[[wordHead]byte([]byte(text[i:i+wordHead]))] {
			if strings.HasPrefix(text[i:], word) {
				found[word] = true
			}
		}
	}
	return len(found)
}
