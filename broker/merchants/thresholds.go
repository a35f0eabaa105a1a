package merchants

import "time"

// The thresholds of 15 USC 45f(f)(3) and (b)(1): what makes a seller one of
// high volume, and what makes it known.
const (
	windowMonths    = 12
	lookBackMonths  = 24
	highVolumeSales = 200
	highVolumeCents = 5_000_00
	disclosureCents = 20_000_00
)

// Month is what a merchant sold in one month to consumers in the United States.
type Month struct {
	Year  int
	Month time.Month
	Sales int64
	Cents int64 // gross, of dollars
}

// number counts months from the year 0.
func (m Month) number() int { return m.Year*12 + int(m.Month) - 1 }

// Thresholds are the facts that follow from the months before a day: high volume
// if any twelve that follow each other, of the last twenty-four, have at least 200
// sales and 5,000 dollars; and of such a seller 20,000 dollars in the last twelve.
// The month of the day counts as far as it has gone. Months may come in any order,
// and one more than once; what is not there is nothing.
func Thresholds(months []Month, day time.Time) []Condition {
	last := Month{Year: day.UTC().Year(), Month: day.UTC().Month()}.number()
	var sales, cents [lookBackMonths]int64
	for _, m := range months {
		if at := last - m.number(); at >= 0 && at < lookBackMonths {
			sales[at] += m.Sales
			cents[at] += m.Cents
		}
	}
	high := false
	for first := 0; first+windowMonths <= lookBackMonths; first++ {
		s, c := sum(sales[first:first+windowMonths]), sum(cents[first:first+windowMonths])
		high = high || s >= highVolumeSales && c >= highVolumeCents
	}
	switch {
	case !high:
		return nil
	case sum(cents[:windowMonths]) >= disclosureCents:
		return []Condition{HighVolume, Turnover20k}
	}
	return []Condition{HighVolume}
}

func sum(all []int64) (total int64) {
	for _, n := range all {
		total += n
	}
	return total
}
