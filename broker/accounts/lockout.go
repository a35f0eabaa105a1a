package accounts

import "time"

// After LockedFrom failures in a row an address has to wait, and longer after
// each more: about a hundred guesses a day at most, whoever makes them, for
// passwords of which one in millions is right. The wait is bounded, so that
// nobody can shut a colleague out for long.
const (
	LockedFrom = 5
	// Remembered is how long a run of failures is.
	Remembered = 24 * time.Hour
)

// Delays are the waits after so many failures, the first after one; the last
// one is for all that come after.
func Delays() []time.Duration {
	return []time.Duration{0, 0, 0, 0, 30 * time.Second, time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 15 * time.Minute}
}
