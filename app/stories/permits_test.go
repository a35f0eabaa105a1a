package stories

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"bauta.dev/bauta/broker/necessity"
)

// ofBoth is what the set below gives: from the contacts of a transaction alone.
const ofBoth = `,"contacts":{"delivery":{"name":"Beatriz Dockmestre","email":"doca7@example.com","phone":"+5581933334444"},
"return":{"name":"Beatriz Dockmestre","email":"doca7@example.com","phone":"+5581933334444"}}`

// everything permits all there is, under every ground: only the floor is left.
func everything(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob("../../broker/necessity/testdata/everything/*.cedar")
	if err != nil || len(files) != len(necessity.Grounds()) {
		t.Fatal(files, err)
	}
	var all strings.Builder
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		all.Write(text)
	}
	return all.String()
}

// A policy that permits everything reveals nothing without a ground and without
// the requester's own performance: not when nothing is done, not by his own word,
// and not when it is the other side that has done all of its part.
func TestPermitsForEverythingRevealNothing(t *testing.T) {
	t.Parallel()
	h := newHouse(t, terms{policies: everything(t)})
	h.people(t)
	var wait sync.WaitGroup // together they share commits
	for kind := range performed {
		for _, who := range []string{"b-1", "s-1"} {
			wait.Go(func() { h.performs(t, kind, who) })
		}
	}
	wait.Wait()
}

// performs is one side's way to its own performance, asking all the time.
func (h *house) performs(t *testing.T, kind, who string) {
	t.Helper()
	id := kind + "-" + who
	own, others := parts(performed[kind], who == "b-1")
	h.agree(t, deal{id: id, kind: kind, more: slot + ofBoth})
	refused := func(when string) {
		t.Helper()
		for _, purpose := range necessity.Purposes() {
			r := h.disclose(t, id, who, string(purpose))
			if r.at("decision") != "refused" || r.at("ground") != "" || r.opens() != "" {
				t.Errorf("%s, %s asks to %s in %s: %s", when, who, purpose, kind, r.short())
			}
		}
	}
	refused("nothing is done")
	h.attest(t, id, others)
	refused("the other side has done its part")
	first, _, _ := strings.Cut(own, ", ")
	obligation, done, _ := strings.Cut(first, " ")
	claim := h.told(obligation, done, "claim")
	claim.by = who
	h.do(t, "market", "POST /v1/transactions/"+id+"/performances", claim.body()).want(t, 201)
	refused("he says that he has done his")
	h.attest(t, id, own)
	r := h.disclose(t, id, who, "deliver", "name").want(t, 201, "decision", "granted")
	if r.opened()["name"] != "Beatriz Dockmestre" {
		t.Errorf("%s has done his part in %s, and it opens %q", who, kind, r.opens())
	}
}

// parts are what one side does of all that is performed, and what the other does.
func parts(all string, ofBuyer bool) (own, others string) {
	var mine, theirs []string
	for one := range strings.SplitSeq(all, ", ") {
		obligation, _, _ := strings.Cut(one, " ")
		buyers := obligation == "pay" || obligation == "give_back" || obligation == "return"
		switch {
		case obligation == "return": // is due only when the seller has approved it
		case buyers == ofBuyer:
			mine = append(mine, one)
		default:
			theirs = append(theirs, one)
		}
	}
	return strings.Join(mine, ", "), strings.Join(theirs, ", ")
}
