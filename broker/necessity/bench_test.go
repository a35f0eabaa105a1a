package necessity

import (
	"fmt"
	"strings"
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

func BenchmarkDecide(b *testing.B) {
	for name, e := range map[string]*Engine{"defaults": shipped(b), "200": crowded(b)} {
		b.Run("hit/"+name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				e.Decide(ShippedGoods, Seller, Deliver, Of(Accepted, Held)).Field(masking.Name)
			}
		})
		for what, bits := range map[string]Bits{"granted": Of(Accepted, Held), "refused": Of(Meet)} {
			b.Run("miss/"+name+"/"+what, func(b *testing.B) {
				b.ReportAllocs()
				s := e.sheets[place(ShippedGoods, Seller, Deliver)]
				for b.Loop() {
					s.shared.Clear()
					s.makeRoom()
					e.Decide(ShippedGoods, Seller, Deliver, bits)
				}
			})
		}
	}
}

func BenchmarkDefault(b *testing.B) {
	for b.Loop() {
		shipped(b)
	}
}

func BenchmarkTable(b *testing.B) {
	for b.Loop() {
		shipped(b).Table(func(Cell) bool { return true })
	}
}

// BenchmarkCompare is what a changed set costs a running broker, once.
func BenchmarkCompare(b *testing.B) {
	for b.Loop() {
		shipped(b).Compare(crowded(b))
	}
}
