package necessity

import (
	"fmt"
	"strings"
	"syscall"
	"testing"

	"bauta.dev/bauta/masking"
)

// crowded is an engine with 200 permits of an operator, all for one cell.
func crowded(tb testing.TB) *Engine {
	tb.Helper()
	var text strings.Builder
	conditions := []Condition{Accepted, Held, Shipped, Paid, PaidInFull}
	for i := range 200 {
		text.WriteString(permit(fmt.Sprintf("row-%d", i), usual, names,
			fmt.Sprintf(`context.kind == Kind::"shipped_goods" && context.%s && context.%s`, conditions[i%5], conditions[i/5%5])))
	}
	return written(tb, map[string]string{"many.cedar": text.String()})
}

// everywhere is an engine with 200 permits of an operator, each for several
// fields, of all the grounds that can open one cell.
func everywhere(tb testing.TB) *Engine {
	tb.Helper()
	var text strings.Builder
	conditions := []Condition{Accepted, Provided, ReturnApproved, Overdue48h}
	for i := range 200 {
		text.WriteString(permit(fmt.Sprintf("row-%d", i), strings.Replace(usual, "3b", []string{"3b", "3f"}[i%2], 1),
			`principal == Role::"seller", action == Action::"deliver", resource`,
			fmt.Sprintf(`resource != Field::"email" && context.kind == Kind::"shipped_goods" && (context.%s || context.%s)`, conditions[i%4], conditions[i/4%4])))
	}
	return written(tb, map[string]string{"many.cedar": text.String()})
}

// few is crowded with five permits.
func few(tb testing.TB) *Engine {
	tb.Helper()
	var text strings.Builder
	for i, c := range []Condition{Accepted, Held, Shipped, Paid, PaidInFull} {
		text.WriteString(permit(fmt.Sprintf("row-%d", i), usual, names, fmt.Sprintf(`context.kind == Kind::"shipped_goods" && context.%s`, c)))
	}
	return written(tb, map[string]string{"few.cedar": text.String()})
}

// sets are what deciding is measured with.
func sets(tb testing.TB) map[string]*Engine {
	tb.Helper()
	return map[string]*Engine{"defaults": shipped(tb), "5": few(tb), "200": crowded(tb), "200-everywhere": everywhere(tb)}
}

// processor reports cpu-ns/op: what others do on the machine hardly changes it.
func processor(b *testing.B) func() {
	b.Helper()
	spent := func() int64 {
		var u syscall.Rusage
		_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
		return u.Utime.Nano() + u.Stime.Nano()
	}
	before := spent()
	return func() { b.ReportMetric(float64(spent()-before)/float64(b.N), "cpu-ns/op") }
}

// BenchmarkDecide is a decision that was made before.
func BenchmarkDecide(b *testing.B) {
	for name, e := range sets(b) {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			defer processor(b)()
			for b.Loop() {
				e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held)).Field(masking.Name)
			}
		})
	}
}

// BenchmarkDecideFirst is the first decision of a situation: nothing of it is
// remembered. It goes through all situations of the cell that the sets crowd.
func BenchmarkDecideFirst(b *testing.B) {
	for name, e := range sets(b) {
		s := e.sheets[place(ShippedGoods, Seller, Deliver)]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			defer processor(b)()
			for n := 0; b.Loop(); n++ {
				if n %= len(s.decisions); n == 0 {
					clear(s.decisions)
				}
				e.Decide(ShippedGoods, Seller, Deliver, s.bits(n))
			}
		})
	}
}

// BenchmarkLoad is what a set costs before its first decision, once.
func BenchmarkLoad(b *testing.B) {
	for name, load := range map[string]func(testing.TB) *Engine{"defaults": shipped, "200": crowded, "200-everywhere": everywhere} {
		b.Run(name, func(b *testing.B) {
			defer processor(b)()
			for b.Loop() {
				load(b)
			}
		})
	}
}

// BenchmarkTable is the table of all cells, loading included.
func BenchmarkTable(b *testing.B) {
	for name, load := range map[string]func(testing.TB) *Engine{"defaults": shipped, "200": crowded, "200-everywhere": everywhere} {
		b.Run(name, func(b *testing.B) {
			defer processor(b)()
			for b.Loop() {
				load(b).Table(func(Cell) bool { return true })
			}
		})
	}
}

// BenchmarkCompare is what a changed set costs a running broker, once.
func BenchmarkCompare(b *testing.B) {
	for b.Loop() {
		shipped(b).Compare(crowded(b))
	}
}
