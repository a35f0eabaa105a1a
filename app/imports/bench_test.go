package imports_test

import (
	"context"
	"testing"

	"bauta.dev/bauta/app/imports"
)

// BenchmarkImport imports a whole marketplace into an empty database; rows/s
// is to be compared with psql \copy of the same rows in clear (docs: make bench).
func BenchmarkImport(b *testing.B) {
	files := olist(b)
	rows := 0
	for range b.N {
		b.StopTimer()
		h := newHouse(b)
		b.StartTimer()
		r, err := imports.Run(context.Background(), h.Broker, files, imports.Options{})
		if err != nil || r.Rejected > 0 {
			b.Fatalf("%v, %s", err, r)
		}
		rows += r.Parties + r.Transactions + r.Performances
	}
	b.ReportMetric(float64(rows)/b.Elapsed().Seconds(), "rows/s")
}
