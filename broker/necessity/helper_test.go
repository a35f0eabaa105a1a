package necessity

import (
	"os"
	"testing"
	"testing/fstest"

	"bauta.dev/bauta/masking"
)

// shipped is the engine as it ships.
func shipped(tb testing.TB) *Engine {
	tb.Helper()
	e, err := Default()
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

// everything is the floor under permits for all there is, on one ground: all
// eight together are the same, and take minutes to exhaust.
func everything(tb testing.TB, g Ground) *Engine {
	tb.Helper()
	text, err := os.ReadFile("testdata/everything/" + string(g) + ".cedar")
	if err != nil {
		tb.Fatal(err)
	}
	return written(tb, map[string]string{"everything.cedar": string(text)})
}

// written is an engine with these files.
func written(tb testing.TB, files map[string]string) *Engine {
	tb.Helper()
	e, err := Load(folder(files))
	if err != nil {
		tb.Fatal(err)
	}
	return e
}

func folder(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return fsys
}

// permit is a policy in whole, from its annotations beside the usual ones, its
// scope and its condition.
func permit(id, notes, scope, when string) string {
	return `@id("` + id + `") @why("test") ` + notes + "\npermit (" + scope + ") when { " + when + " };\n"
}

const (
	usual = `@ground("3b") @expires("closed+30d") @views("20") @decide("auto") @contact("delivery")`
	names = `principal == Role::"seller", action == Action::"deliver", resource == Field::"name"`
)

// answers visits every field, ground and situation of an engine, those with a
// relay too, and the subject's flags and cancellation whatever the policies
// mention.
func answers(e *Engine, visit func(d *Decision, b Bits, f *FieldDecision)) {
	for _, s := range e.sheets {
		for b := range situations(Of(s.told...) | Of(Cancelled, SubjectRestricted, SubjectMinor, SubjectAtRisk)) {
			d := e.Decide(s.kind, s.role, s.purpose, b)
			for _, field := range masking.Fields() {
				visit(d, b, d.Field(field))
				for _, g := range Grounds() {
					visit(d, b, d.Under(g, field))
				}
			}
		}
	}
}
