//go:build jumping

package main

import (
	"os"
	"strings"
	"time"
)

// clock is one that can be set while the broker runs: it is off by what stands in
// the file that BAUTA_CLOCK names ("-3h20m"). It is in no released binary, only in
// one that is built for the torture with the tag jumping.
func clock() func() time.Time {
	path := os.Getenv("BAUTA_CLOCK")
	return func() time.Time {
		b, err := os.ReadFile(path)
		if err != nil {
			return time.Now()
		}
		off, err := time.ParseDuration(strings.TrimSpace(string(b)))
		if err != nil {
			return time.Now()
		}
		return time.Now().Add(off)
	}
}
